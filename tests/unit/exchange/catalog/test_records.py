"""Records and data elements out of files."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from openpyxl import Workbook

from egov_sdk.codes import CodeKind
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog.elements import DataElement, Representation, Spoilt, ValueRange, check_record
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.quality import Dimension, assess
from egov_sdk.exchange.catalog.records import read_elements, read_records
from tests.unit.exchange.catalog.world import AT, code_of

NAME = DataElement(name="企业名称", identifier="mc", format=Representation.parse("an..20"), required=True)
SINCE = DataElement(name="成立日期", identifier="rq", format=Representation.parse("d8"))
ELEMENTS = (NAME, SINCE)


def sheet(rows: Sequence[Sequence[object]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(out)
    return out.getvalue()


def lines(*values: object) -> bytes:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in values).encode()


EXPECTED = [{"mc": "甲", "rq": "20260101"}, {"mc": "乙", "rq": ""}]
FORMS = {
    "csv": "mc,rq\n甲,20260101\n乙,\n".encode(),
    "names": "*企业名称 ,成立日期\r\n甲,20260101\r\n乙,\r\n".encode("gb18030"),
    "semicolons": "\n企业名称;rq\n甲;20260101\n\n乙;\n".encode("utf-8-sig"),
    "workbook": sheet([["企业名称", "rq"], ["甲", "20260101"], ["乙", None]]),
    "json": json.dumps([{"企业名称": "甲", "rq": "20260101"}, {"mc": "乙", "成立日期": ""}]).encode(),
    "lines": b"\n" + lines(*EXPECTED) + b"\n\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_records_by_identifiers(form: str) -> None:
    assert list(read_records(FORMS[form], ELEMENTS)) == EXPECTED


@pytest.mark.parametrize(
    ("form", "rows"),
    [("csv", [2, 3]), ("semicolons", [3, 5]), ("workbook", [2, 3]), ("json", [1, 2]), ("lines", [2, 3])],
)
def test_a_record_knows_where_it_stands(form: str, rows: list[int]) -> None:
    assert [one.row for one in read_records(FORMS[form], ELEMENTS)] == rows


def test_values_of_json_are_checked_as_their_texts() -> None:
    count = DataElement(name="数", identifier="n", format=Representation.parse("n..3"))
    yes = DataElement(name="是", identifier="y", format=Representation.parse("bl"))
    found = [
        check_record(one, (count, yes))
        for one in read_records(lines({"n": 12, "y": True}, {"n": None}, {"n": 1.5}), (count, yes))
    ]
    assert [len(one) for one in found] == [0, 0, 1]


def test_what_stands_beyond_the_headings_or_under_two_names_is_not_known() -> None:
    assert [dict(one) for one in read_records("mc,,rq\n甲,x,,y\n".encode(), ELEMENTS)] == [
        {"mc": "甲", "B": "x", "rq": "", "D": "y"}
    ]
    [both] = read_records(lines({"mc": "甲", "企业名称": "乙"}), ELEMENTS)
    assert both == {"mc": "甲", "企业名称": "乙"}


def test_cells_that_are_no_values_are_told_and_not_shown() -> None:
    data = sheet([["mc", "rq", "x"], ["=SECRET()", "#N/A", "-5"], ["-乙", 20260101, 1234567890123456789]])
    first, second = read_records(data, ELEMENTS)
    assert isinstance(first["mc"], Spoilt)
    assert [(one.problem, one.about) for one in check_record(first, ELEMENTS)][:2] == [
        ("catalog.sheet.formula", "mc"), ("catalog.sheet.error_value", "rq"),
    ]  # fmt: skip
    assert "SECRET" not in " ".join(str(one) for one in check_record(first, ELEMENTS))
    assert (second["mc"], second["rq"], second["x"]) == ("-乙", "20260101", Spoilt("catalog.sheet.rounded"))
    report = assess([first], ELEMENTS, at=AT)
    assert (report.score(Dimension.EXACT), report.score(Dimension.COMPLETE)) == (0, 1)


def test_an_unknown_column_is_told_once_and_leaves_room_for_what_is_wrong() -> None:
    data = b"mc,zz\n" + b"a,1\n" * 50 + b",1\n"
    report = assess(read_records(data, ELEMENTS), ELEMENTS, at=AT)
    assert [(one.problem, one.place.row) for one in report.findings] == [
        ("catalog.record.unknown", 2), ("catalog.record.missing", 52),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "catalog.format"),
        (b"%PDF-1.7", "catalog.format"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "egov.sheets.old"),
        (b"PK\x03\x04broken", "egov.sheets.damaged"),
        (b"<records/>", "catalog.record.form"),
        (sheet([]), "catalog.record.heads"),
        (b"mc,mc\n1,2\n", "catalog.sheet.header_twice"),
        (b"mc, mc*\n1,2\n", "catalog.sheet.header_twice"),
        (b'mc,rq\n"1,2\n', "egov.sheets.quotes"),
        (b"\xff\xff\xff", "egov.sheets.encoding"),
        (b"[", "catalog.json.malformed"),
        (b"[NaN]", "catalog.json.malformed"),
        (b"[1]", "catalog.json.type"),
        (b"[[]]", "catalog.json.type"),
        (b'[{"a":{}}]', "catalog.json.type"),
        (b'[{"a":1,"a":2}]', "catalog.json.twice"),
        (b'{"a":[1]}', "catalog.json.type"),
        (b'{"a":1}\n{"a":', "catalog.json.malformed"),
        (b'{"a":1}\n[1]', "catalog.json.type"),
        (b'{"a":1,"a":1}', "catalog.json.twice"),
        (b'{\n"a":1}', "catalog.json.malformed"),
        (b'{"a":"\xff"}', "catalog.encoding"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: list(read_records(data, ELEMENTS))) == code


def test_a_broken_line_of_json_is_named() -> None:
    from egov_sdk.errors import ParseError

    with pytest.raises(ParseError, match="line 3, JSON") as caught:
        list(read_records(b'{"a":1}\n\n{"a":}\n', ELEMENTS))
    assert caught.value.detail["row"] == 3
    with pytest.raises(LimitExceeded):
        list(read_records(b'[{"a":1}]', ELEMENTS, limits=CatalogLimits(json_bytes=3)))


# ---------------------------------------------------------------------- data elements

TABLE = """标识符,名称,表示格式,必填,值域,号码类型,说明
mc,企业名称,an..20,是,,,
zt,状态,n1,否,1、2、3,,存续等
nl,年龄,n..3,,0..150,,
hm,证件号码,an18,必填,,citizen_number,
"""
READ = (
    NAME,
    DataElement(
        name="状态", identifier="zt", format=Representation.parse("n1"), domain=frozenset("123"), definition="存续等"
    ),
    DataElement(
        name="年龄", identifier="nl", format=Representation.parse("n..3"),
        domain=ValueRange(Decimal(0), Decimal(150)),
    ),
    DataElement(
        name="证件号码", identifier="hm", format=Representation.parse("an18"), kind=CodeKind.CITIZEN_NUMBER,
        required=True,
    ),
)  # fmt: skip


def test_data_elements_are_read_from_a_sheet_and_from_json() -> None:
    assert read_elements(TABLE.encode("gb18030")) == READ
    members = [
        {"identifier": "mc", "name": "企业名称", "format": "an..20", "required": True},
        {"identifier": "zt", "name": "状态", "format": "n1", "domain": "1,2;3", "definition": "存续等"},
        {"identifier": "nl", "name": "年龄", "format": "n..3", "domain": "0 … 150", "required": None},
        {"identifier": "hm", "name": "证件号码", "format": "an18", "kind": "citizen_number", "required": "true"},
    ]
    assert read_elements(json.dumps(members).encode()) == READ
    assert read_elements(lines(*members)) == READ
    assert read_elements(b"identifier,format\na,d8\n")[0].name == "a"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("identifier,format\n", "element.none"),
        ("[]", "element.none"),
        ("identifier,format\na,d8\na,d8\n", "element.twice"),
        ("identifier,format,requierd\na,d8,1\n", "element.column"),
        ("identifier,标识符,format\na,a,d8\n", "element.column"),
        ("identifier,format\na,d8,extra\n", "element.column"),
        ("identifier,name\na,b\n", "value.missing"),
        ("identifier,format\n,d8\n", "value.missing"),
        ("identifier,format\na,\n", "value.missing"),
        ("identifier,format\na,x9\n", "element.format"),
        ("identifier,format,required\na,d8,maybe\n", "value.term"),
        ("identifier,format,kind\na,d8,shoe_size\n", "value.term"),
        ("identifier,format,domain\na,n3,150..0\n", "value.number"),
        ("identifier,format\na,=A1\n", "sheet.formula"),
    ],
)
def test_what_is_no_table_of_data_elements_is_refused(table: str, code: str) -> None:
    assert code_of(lambda: read_elements(table.encode())) == f"catalog.{code}"
