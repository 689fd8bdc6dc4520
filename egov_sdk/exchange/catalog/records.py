"""Records of a resource, and the data elements that describe them, from tables: workbook, CSV, JSON, lines of JSON.

A table begins with its headings. In JSON it is a list of objects, or an object on each line, whose members are texts,
numbers, true, false or null.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from egov_sdk.codes import CodeKind
from egov_sdk.errors import ParseError
from egov_sdk.exchange.catalog.elements import DataElement, Record, Representation, Spoilt, ValueRange
from egov_sdk.exchange.catalog.fields import split_list
from egov_sdk.exchange.catalog.files import form_of
from egov_sdk.exchange.catalog.jsonform import load_json
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.problems import AN_OBJECT, Place, json_kind, unreadable
from egov_sdk.exchange.catalog.sheet import cell_problem
from egov_sdk.report import Text
from egov_sdk.sheets import SheetOptions, open_sheet
from egov_sdk.sheets.cells import column_letters
from egov_sdk.sheets.limits import DEFAULT_SHEET_LIMITS

__all__ = ["ELEMENT_COLUMNS", "read_elements", "read_records"]

#: What a table of data elements may say, and how its headings are written.
ELEMENT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "identifier": ("标识符", "数据元标识符", "字段名"),
    "name": ("名称", "数据元名称", "中文名称"),
    "format": ("表示格式", "格式", "数据格式"),
    "required": ("必填", "是否必填"),
    "domain": ("值域",),
    "kind": ("号码类型",),
    "definition": ("定义", "说明"),
}
_FIELDS: Final = {heading: name for name, others in ELEMENT_COLUMNS.items() for heading in (name, *others)}
_REQUIRED: Final = ("identifier", "format")
_YES: Final = frozenset({"是", "必填", "true", "yes", "y", "1"})
_NO: Final = frozenset({"", "否", "选填", "false", "no", "n", "0"})
_RANGE: Final = re.compile(r"([+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?)\s*(?:\.\.|…)\s*([+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?)")
_OPTIONS: Final = SheetOptions(guarded_is_text=True, refuse_active=True)
_SCALARS: Final = Text("a text, a number, true, false or null", "文本、数字、true、false 或 null")


def read_records(
    data: bytes, elements: Sequence[DataElement], *, limits: CatalogLimits = DEFAULT_CATALOG_LIMITS
) -> Iterator[Record]:
    """The records of a table, under the identifiers of the elements; a heading may be an element's name as well.

    Cells that are no value, such as a formula, come as Spoilt. The file is read as records are asked for.

    Raises:
        ParseError: it is no table, a heading stands twice, or JSON that is no list of plain records.
        LimitExceeded: it is larger than the limits allow.
        MissingExtra: a workbook, and openpyxl is not installed.
    """
    identifiers = {one.identifier for one in elements}
    named = {one.name: one.identifier for one in elements}
    for record in _table(data, limits):
        renamed = {_called(key, record, identifiers, named): value for key, value in record.items()}
        yield Record(renamed, row=record.row)


def _called(key: str, record: Record, identifiers: set[str], named: Mapping[str, str]) -> str:
    other = key if key in identifiers else named.get(key, key)
    return key if other in record else other


def read_elements(data: bytes, *, limits: CatalogLimits = DEFAULT_CATALOG_LIMITS) -> tuple[DataElement, ...]:
    """The data elements of a table with the columns ELEMENT_COLUMNS, of which identifier and format are needed.

    ``domain`` is codes with 、 or a comma between them, or a range such as ``0..150``; ``kind`` one of CodeKind.

    Raises:
        ParseError, LimitExceeded, MissingExtra: as read_records; or a row says of no data element what it should.
    """
    found: dict[str, DataElement] = {}
    for record in _table(data, limits):
        element = _element(record)
        if element.identifier in found:
            place = Place(path="identifier", row=record.row)
            raise unreadable("catalog.element.twice", place=place, found=element.identifier)
        found[element.identifier] = element
    if not found:
        raise unreadable("catalog.element.none")
    return tuple(found.values())


# ---------------------------------------------------------------------- tables


def _table(data: bytes, limits: CatalogLimits) -> Iterator[Record]:
    form = form_of(data)
    if form == "xml":
        raise unreadable("catalog.record.form", found="XML")
    if form != "json":
        return _of_sheet(data)
    return _of_lines(data, limits) if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else _of_list(data, limits)


def _of_sheet(data: bytes) -> Iterator[Record]:
    rows = open_sheet(data, options=_OPTIONS, limits=DEFAULT_SHEET_LIMITS).rows()
    header = next(rows, None)
    if header is None:
        raise unreadable("catalog.record.heads")
    names = _headings(header.cells, header.number)
    for row in rows:
        marks, values = dict(row.marks), dict[str, object](dict.fromkeys(names, ""))
        for index, text in enumerate(row.cells):
            problem = cell_problem(text, marks.get(index))
            name = names[index] if index < len(names) else column_letters(index)
            if text or index < len(names):
                values[name] = Spoilt(problem) if problem else text
        yield Record(values, row=row.number)


def _headings(cells: Iterable[str], row: int) -> list[str]:
    names: list[str] = []
    for index, text in enumerate(cells):
        name = text.strip().strip("*＊").strip() or column_letters(index)
        if name in names:
            place = Place(row=row, column=column_letters(index), name=name)
            raise unreadable("catalog.sheet.header_twice", place=place, found=name)
        names.append(name)
    return names


def _of_list(data: bytes, limits: CatalogLimits) -> Iterator[Record]:
    listed = load_json(data, limits=limits)
    if not isinstance(listed, list):
        raise unreadable("catalog.json.type", found=json_kind(listed), expected=Text("a list of objects", "对象列表"))
    for number, value in enumerate(listed, 1):
        yield _plain(value, f"[{number}]", number)


def _of_lines(data: bytes, limits: CatalogLimits) -> Iterator[Record]:
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = load_json(line, limits=limits)
        except ParseError as error:  # it speaks of the one line that it was given
            facts = {name: error.detail.get(name, "") for name in ("found", "expected")}
            problem = error.code.removeprefix("egov.exchange.")
            raise unreadable(problem, place=Place(path="JSON", row=number), **facts) from None
        yield _plain(value, "JSON", number)


def _plain(value: object, path: str, number: int) -> Record:
    if not isinstance(value, dict):
        place = Place(path=path, row=number)
        raise unreadable("catalog.json.type", place=place, found=json_kind(value), expected=AN_OBJECT)
    for name, one in value.items():
        if isinstance(one, (list, dict)):
            place = Place(path=f"{path}.{name}", row=number)
            raise unreadable("catalog.json.type", place=place, found=json_kind(one), expected=_SCALARS)
    return Record(value, row=number)


# ---------------------------------------------------------------------- data elements


def _element(record: Record) -> DataElement:
    texts: dict[str, str] = {}
    for heading, value in record.items():
        field = _FIELDS.get("".join(heading.split()))
        place = Place(path=heading, row=record.row)
        if field is None or field in texts:
            expected = ", ".join(ELEMENT_COLUMNS)
            raise unreadable("catalog.element.column", place=place, found=heading, expected=expected)
        if isinstance(value, Spoilt):
            raise unreadable(value.problem, place=place, found="…")
        texts[field] = "" if value is None else str(value).strip()
    for field in _REQUIRED:
        if not texts.get(field):
            raise unreadable("catalog.value.missing", place=Place(path=field, row=record.row), name=field)
    return DataElement(
        name=texts.get("name") or texts["identifier"],
        identifier=texts["identifier"],
        format=_format(texts["format"], record.row),
        domain=_domain(texts.get("domain", ""), record.row),
        kind=_kind(texts.get("kind", ""), record.row),
        required=_is_required(texts.get("required", ""), record.row),
        definition=texts.get("definition", ""),
    )


def _format(text: str, row: int) -> Representation:
    try:
        return Representation.parse(text)
    except ParseError:
        raise unreadable("catalog.element.format", place=Place(path="format", row=row), found=text) from None


def _domain(text: str, row: int) -> frozenset[str] | ValueRange | None:
    if not text:
        return None
    match = _RANGE.fullmatch(text)
    if match is None:
        return frozenset(split_list(text))
    lowest, highest = Decimal(match[1]), Decimal(match[2])
    if lowest > highest:
        place = Place(path="domain", row=row)
        raise unreadable("catalog.value.number", place=place, found=text, expected=f"{highest}..{lowest}")
    return ValueRange(lowest, highest)


def _kind(text: str, row: int) -> CodeKind | None:
    if not text:
        return None
    try:
        return CodeKind(text)
    except ValueError:
        expected = ", ".join(CodeKind)
        raise unreadable(
            "catalog.value.term", place=Place(path="kind", row=row), found=text, expected=expected
        ) from None


def _is_required(text: str, row: int) -> bool:
    plain = text.lower()
    if plain not in _YES | _NO:
        raise unreadable(
            "catalog.value.term",
            place=Place(path="required", row=row),
            found=text,
            expected=Text("是, 否, true, false", "是、否、true 或 false"),
        )
    return plain in _YES
