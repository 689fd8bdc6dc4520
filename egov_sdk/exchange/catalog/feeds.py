"""Where a harvest comes from: another catalogue's DCAT document, or CKAN's search, over the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from egov_sdk.errors import ParseError, PlatformError
from egov_sdk.exchange.catalog._ckan_reading import read_ckan
from egov_sdk.exchange.catalog.dcat import DcatForm, read_dcat
from egov_sdk.exchange.catalog.fields import CatalogFile
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits

if TYPE_CHECKING:
    from egov_sdk.gateway import GatewayClient

__all__ = ["CKAN_PATH", "CkanFeed", "DcatFeed", "Feed", "FeedPage"]

#: Where CKAN has its search.
CKAN_PATH: Final = "/api/3/action/package_search"
_NOT_MODIFIED: Final = 304
_MOST_VALIDATOR: Final = 512


@dataclass(frozen=True, slots=True)
class FeedPage:
    """What one look at a feed brought.

    Attributes:
        file: the entries; None when nothing has changed since the watermark.
        cursor: where to go on; empty behind the last page.
        watermark: what the next harvest begins behind, once this one has come to its end.
    """

    file: CatalogFile | None
    cursor: str = ""
    watermark: str = ""


class Feed(Protocol):
    """A catalogue elsewhere, read page by page. It keeps nothing: cursor and watermark say where it stands."""

    @property
    def tells_changes(self) -> bool:
        """Whether it can be asked for what has changed; if not, every harvest reads all of it."""

    def fetch(self, *, watermark: str, cursor: str, full: bool) -> FeedPage:
        """One page.

        Args:
            watermark: of the last harvest that came to its end; empty if there was none.
            full: all of it, not only what has changed since.
        Raises:
            InputError: what came cannot be read, or is too much.
            PlatformError: nothing came.
        """


class DcatFeed:
    """DCAT-AP as one document, or in pages with ``page=2`` and so on as ckanext-dcat gives it (never tried with one).

    One document that says which version it is (ETag or Last-Modified) is asked for only if that has changed.

    Args:
        gateway: how the other side is reached.
    """

    tells_changes = False

    def __init__(
        self,
        gateway: GatewayClient,
        path: str,
        *,
        form: DcatForm,
        paged: bool = False,
        limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
    ) -> None:
        self._gateway, self._path, self._form, self._paged, self._limits = gateway, path, form, paged, limits

    def fetch(self, *, watermark: str, cursor: str, full: bool) -> FeedPage:
        """One page; see Feed."""
        from egov_sdk.gateway import Request

        page = int(cursor) if cursor else 1
        request = Request(
            "GET",
            self._path,
            query=(("page", str(page)),) if self._paged else (),
            headers=_conditions(watermark) if not self._paged else {},
            check_answer=False,
            max_answer_bytes=self._limits.rdf_bytes,
        )
        try:
            answer = self._gateway.request(request)
        except PlatformError as error:
            if getattr(error, "status", None) == _NOT_MODIFIED and watermark:
                return FeedPage(None, watermark=watermark)
            raise
        try:
            file = read_dcat(answer.body, self._form, limits=self._limits)
        except ParseError as error:
            if page == 1 or not error.code.endswith("rdf.empty"):
                raise
            return FeedPage(CatalogFile(()))
        if self._paged:
            return FeedPage(file, str(page + 1))
        return FeedPage(file, watermark=_validator(answer.header("ETag"), answer.header("Last-Modified")))


def _validator(tag: str, modified: str) -> str:
    found = f"tag {tag}" if tag else f"date {modified}" if modified else ""
    return found if len(found) <= _MOST_VALIDATOR and found.isprintable() and found.isascii() else ""


def _conditions(watermark: str) -> dict[str, str]:
    kind, _, value = watermark.partition(" ")
    return {"tag": {"If-None-Match": value}, "date": {"If-Modified-Since": value}}.get(kind, {})


class CkanFeed:
    """CKAN's ``package_search``, in the order of change: what has changed since is asked for alone.

    A feed that does not say when packages changed is read whole each time.

    Args:
        gateway: how the other side is reached.
        rows: packages on one page; CKAN itself gives at most 1,000.
    """

    tells_changes = True

    def __init__(
        self,
        gateway: GatewayClient,
        path: str = CKAN_PATH,
        *,
        rows: int = 200,
        limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
    ) -> None:
        if not 1 <= rows <= 1_000:
            raise ValueError("rows is between 1 and 1,000")
        self._gateway, self._path, self._rows, self._limits = gateway, path, rows, limits

    def fetch(self, *, watermark: str, cursor: str, full: bool) -> FeedPage:
        """One page; see Feed."""
        from egov_sdk.gateway import Request

        since, _, skipped = cursor.partition(" ") if cursor else ("" if full else watermark, "", "0")
        start = int(skipped)
        query = [("sort", "metadata_modified asc, id asc"), ("start", str(start)), ("rows", str(self._rows))]
        if since:
            query.append(("fq", f"metadata_modified:[{since}Z TO *]"))
        answer = self._gateway.request(
            Request("GET", self._path, query=query, check_answer=False, max_answer_bytes=self._limits.json_bytes)
        )
        page = read_ckan(answer.body, limits=self._limits)
        last = page.last or since
        if not page.size or start + page.size >= page.count:
            return FeedPage(page.file, watermark=last)
        # what changes meanwhile moves to the end: going on behind a moment leaves nothing out, as an offset would
        return FeedPage(page.file, f"{last} 0" if last > since else f"{since} {start + page.size}")
