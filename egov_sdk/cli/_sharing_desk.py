"""Desk files: who takes steps of sharing and with which key, and where the platform is: elsewhere, or here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from egov_sdk.cli._command import option
from egov_sdk.cli._inputs import now, one_certificate, open_database, open_key, read_certificates, read_file
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.cli._sharing_file import Elsewhere, Here, SourceFile
    from egov_sdk.exchange.sharing.guard import Source
    from egov_sdk.exchange.sharing.service import SharingService
    from egov_sdk.exchange.sharing.signing import Desk
    from egov_sdk.storage import Store

__all__ = ["DeskName", "OpenDesk", "open_desk"]

_MOST_BYTES = 1 << 20
_MOST_RECORDS_BYTES = 64 << 20

DeskName = Annotated[
    Path,
    option(
        "--desk",
        "A desk file (JSON): party, key, certificate, and the platform; see the page on sharing.",
        "经办单位配置文件（JSON）：单位、密钥、证书及平台，见数据共享文档。",
        metavar="FILE",
    ),
]


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """The service, and the desk that takes steps there."""

    service: SharingService
    party: str
    _desk: Desk | None

    @property
    def desk(self) -> Desk:
        """Who signs.

        Raises:
            UsageError: the file names no key.
        """
        if self._desk is None:
            raise UsageError(
                Text("this desk file says nobody's key", "该席位文件未给出密钥"),
                hint=Text("give party, key and certificate in it", "请在其中给出 party、key 和 certificate"),
            )
        return self._desk


@contextmanager
def open_desk(path: Path, *, password_env: str | None = None) -> Iterator[OpenDesk]:
    """What a desk file says, open.

    Raises:
        UsageError: it says something else, or names what is not there.
    """
    from pydantic import ValidationError

    from egov_sdk.cli._sharing_file import DeskFile
    from egov_sdk.frozen import first_misfit

    try:
        settings = DeskFile.model_validate_json(read_file(path, max_bytes=_MOST_BYTES))
    except ValidationError as error:
        first = first_misfit(error)
        raise UsageError(
            Text(
                f"{path}: {first.place or 'its root'}: {first.text}", f"{path}：{first.place or '根元素'}：{first.text}"
            ),
            hint=Text("see the page on sharing for its form", "格式见文档“共享”页"),
        ) from None
    folder = path.parent
    desk = None
    if settings.key:
        own = (settings.party, settings.key, settings.certificate)
        desk = _desk(folder, *own, password_env, platform=settings.platform.party)
    with _service(folder, settings.platform, password_env) as service:
        yield OpenDesk(service, settings.party, desk)


def _desk(folder: Path, party: str, key: str, certificate: str, password_env: str | None, *, platform: str) -> Desk:
    from egov_sdk.exchange.sharing.signing import Desk

    if not party or not certificate:
        raise UsageError(
            Text("a desk with a key has a party and a certificate too", "席位文件给出密钥的，还须给出机构代码和证书")
        )
    signer = open_key(key if ":" in key else str(folder / key), password_env=password_env)
    return Desk(party, signer, one_certificate(folder / certificate), platform=platform)


@contextmanager
def _service(folder: Path, place: Elsewhere | Here, password_env: str | None) -> Iterator[SharingService]:
    from egov_sdk.cli._sharing_file import Elsewhere

    if isinstance(place, Elsewhere):
        from egov_sdk.exchange.sharing.client import SharingClient
        from egov_sdk.gateway import GatewayClient

        with GatewayClient(place.url) as gateway:
            yield SharingClient(gateway, prefix=place.prefix)
        return
    with open_database(place.database if "://" in place.database else str(folder / place.database)) as store:
        yield _local(folder, place, store, password_env)


def _local(folder: Path, place: Here, store: Store, password_env: str | None) -> SharingService:
    from egov_sdk.exchange.catalog import LocalCatalog
    from egov_sdk.exchange.envelope.policy import ExchangePolicy
    from egov_sdk.exchange.sharing.calendar import WEEKENDS_ONLY, read_calendar
    from egov_sdk.exchange.sharing.keys import SharingKeys
    from egov_sdk.exchange.sharing.local import LocalSharingService
    from egov_sdk.pki import TrustStore

    try:
        keys = SharingKeys(read_file(folder / place.secret, max_bytes=_MOST_BYTES))
    except ValueError as error:
        raise UsageError(Text(f"{place.secret}: {error}", f"{place.secret} 不能用作共享密钥：{error}")) from None
    return LocalSharingService(
        store,
        catalog=LocalCatalog(store, clock=now),
        platform=_desk(folder, place.party, place.key, place.certificate, password_env, platform=place.party),
        policy=ExchangePolicy(
            trust=TrustStore(read_certificates(folder / one for one in place.trust)),
            parties={code: [one_certificate(folder / name)] for code, name in place.parties.items()},
        ),
        keys=keys,
        clock=now,
        calendar=read_calendar(read_file(folder / place.calendar)) if place.calendar else WEEKENDS_ONLY,
        sources={code: _source(folder, one) for code, one in place.sources.items()},
    )


def _source(folder: Path, given: SourceFile) -> Source:
    from egov_sdk.exchange.sharing.guard import Source

    def fetch(_permit: object) -> list[Mapping[str, Any]]:
        try:
            found = json.loads(read_file(folder / given.file, max_bytes=_MOST_RECORDS_BYTES))
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise UsageError(
                Text(f"{given.file} is no list of records in JSON", f"{given.file} 不是 JSON 格式的记录列表")
            )
        return found

    return Source(fetch, given.key)
