"""A catalogue from a file and into one, whichever of the four forms it has: workbook, CSV, XML, JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from egov_sdk.exchange.catalog.columns import EXTENDED, SHEETS
from egov_sdk.exchange.catalog.fields import CatalogFile
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry, Provider
from egov_sdk.exchange.catalog.problems import unreadable
from egov_sdk.exchange.catalog.terms import CodeProfile
from egov_sdk.report import Text
from egov_sdk.sheets.problems import unreadable as unreadable_sheet

__all__ = ["FORMS", "Form", "form_of", "read_catalog", "write_catalog"]

#: The forms that a catalogue comes in.
Form = Literal["xlsx", "csv", "xml", "json"]
FORMS: Final[tuple[Form, ...]] = ("xlsx", "csv", "xml", "json")
_ZIP: Final = b"PK\x03\x04"
_BLANKS: Final = b" \t\r\n"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"


def form_of(data: bytes) -> Form:
    """The form that a file has, by how it begins.

    Raises:
        ParseError: catalog.format: none of them, a PDF say; ``egov.sheets.old``: an old workbook (xls), or one with a
            password.
    """
    if data.startswith(_ZIP):
        return "xlsx"
    head = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip(_BLANKS)
    if head.startswith(b"<") or data.startswith((b"\xff\xfe<", b"\xfe\xff\0<")):
        return "xml"
    if head.startswith((b"{", b"[")):
        return "json"
    if head.startswith(_OLD_WORKBOOK):
        raise unreadable_sheet("old")
    if not head or head.startswith((b"%PDF", b"PK", b"\x89PNG")):
        raise unreadable("catalog.format", found=head[:8].hex(" ") or Text("nothing", "空"))
    return "csv"


def read_catalog(
    data: bytes,
    *,
    provider: Provider | None = None,
    profile: CodeProfile | None = None,
    form: Form | None = None,
    limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
) -> CatalogFile:
    """Read a catalogue from the bytes of a file.

    What is wrong with single values is in ``findings``, each with its place; the entries without such are read.
    ``check_catalog`` goes on to the rules.

    Args:
        provider: who has the resources, for entries that do not say; the national import sheet never does.
        profile: lets terms stand as the codes of a platform too.
        form: what it is, where it is known.
    Raises:
        ParseError: it is none of the forms, or broken as a whole.
        LimitExceeded: it is larger than the limits allow.
        MissingExtra: a workbook, and openpyxl is not installed.
    """
    form = form or form_of(data)
    if form == "xml":
        from egov_sdk.exchange.catalog.xmlform import read_xml

        return read_xml(data, provider=provider, profile=profile, limits=limits)
    if form == "json":
        from egov_sdk.exchange.catalog.jsonform import read_json

        return read_json(data, provider=provider, profile=profile, limits=limits)
    from egov_sdk.exchange.catalog.sheet import read_csv, read_workbook

    if form == "xlsx":
        return read_workbook(data, provider=provider, profile=profile, limits=limits)
    return read_csv(data, provider=provider, profile=profile, limits=limits)


def write_catalog(entries: Iterable[CatalogEntry], form: Form, *, columns: str = EXTENDED.name) -> bytes:
    """Write a catalogue so that ``read_catalog`` reads the same entries.

    Args:
        columns: of a sheet, a name of SHEETS: ``extended`` holds everything, ``national`` is the import sheet with its
            26 columns, which has none for the provider.
    Raises:
        ValueError: there is no such sheet.
    """
    if columns not in SHEETS:
        raise ValueError(f"columns is one of {', '.join(SHEETS)}, got {columns!r}")
    if form == "xml":
        from egov_sdk.exchange.catalog.xmlform import write_xml

        return write_xml(entries)
    if form == "json":
        from egov_sdk.exchange.catalog.jsonform import write_json

        return write_json(entries)
    from egov_sdk.exchange.catalog.sheet import write_csv, write_workbook

    return (write_workbook if form == "xlsx" else write_csv)(entries, sheet=SHEETS[columns])
