"""The import sheet: what people do to it, and every wrong cell told by its row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Literal

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.exchange.catalog.check import check_catalog
from egov_sdk.exchange.catalog.columns import EXTENDED, NATIONAL, NATIONAL_25, SHEETS
from egov_sdk.exchange.catalog.fields import read_date
from egov_sdk.exchange.catalog.files import form_of, read_catalog, write_catalog
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.sheet import read_csv, read_workbook, write_csv, write_workbook
from egov_sdk.exchange.catalog.terms import TWO_DIGITS, SharingType, UpdateCycle
from egov_sdk.sheets import SheetLimits
from egov_sdk.sheets.cells import column_letters, guard_formula
from tests.unit.exchange.catalog.world import BUREAU, PREFIX, code_of, entry, full_entry, rezipped, rows, workbook

LETTER = {column.heading: column_letters(index) for index, column in enumerate(NATIONAL.columns)}


def active(book: Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def told(data: bytes, **options: object) -> list[tuple[str, int | None, str]]:
    read = read_catalog(data, provider=BUREAU, **options)  # type: ignore[arg-type]
    return [(one.problem.removeprefix("catalog."), one.place.row, one.place.column) for one in read.findings]


def test_the_national_sheet_has_26_columns_one_of_which_is_assumed_and_says_so() -> None:
    assert len(NATIONAL.columns) == 26
    assert len(NATIONAL_25.columns) == 25
    assert NATIONAL_25.assumed == ()
    assert NATIONAL.assumed == ("共享条件", "不予共享依据")
    assert "推定" in read_catalog(workbook(rows({})), provider=BUREAU).notes[0].zh


def test_a_good_sheet_gives_an_entry_that_may_be_published() -> None:
    read = read_catalog(workbook(rows({})), provider=BUREAU)
    assert check_catalog(read, today=date(2026, 3, 1)) == ()
    [one] = read.entries
    assert (one.name, one.sharing.type, one.cycle) == ("企业基本信息", SharingType.CONDITIONAL, UpdateCycle.DAILY)
    assert one.category == ("部门信息资源", "市场监管", "企业登记")
    assert one.published_on == date(2016, 1, 5)


def test_the_rows_of_one_resource_are_its_items_whether_they_repeat_it_or_leave_it_blank() -> None:
    blank = dict.fromkeys(LETTER, "") | {"信息项名称": "成立日期", "数据类型": "D", "数据长度": ""}
    again = {"信息项名称": "注册资本", "数据类型": "货币型"}
    other = {"信息资源名称": "处罚", "信息资源代码": f"{PREFIX}/000002"}
    read = read_catalog(workbook(rows({}, blank, again, other)), provider=BUREAU)
    assert read.findings == ()
    assert [[item.name for item in one.items] for one in read.entries] == [
        ["企业名称", "成立日期", "注册资本"], ["企业名称"],
    ]  # fmt: skip


def test_a_row_that_says_otherwise_of_the_same_resource_is_told() -> None:
    data = workbook(rows({}, {"信息项名称": "乙", "更新周期": "每周"}))
    assert told(data) == [("sheet.disagrees", 3, LETTER["更新周期"])]


def test_titles_above_the_heading_stars_and_line_breaks_in_it_do_no_harm() -> None:
    table = rows({})
    table[0] = [f"*{heading}\n" for heading in table[0]]
    data = workbook([["政务信息资源目录导入表"], [], *table])
    assert read_catalog(data, provider=BUREAU).entries[0].name == "企业基本信息"


def test_the_sheet_with_the_headings_is_found_among_others() -> None:
    def add(book: Workbook) -> None:
        book.create_sheet("说明", 0).append(["请先阅读"])

    data = workbook(rows({}), prepare=add)
    assert len(read_catalog(data, provider=BUREAU).entries) == 1
    assert code_of(lambda: read_workbook(data, sheet="没有")) == "catalog.workbook.sheet"
    assert code_of(lambda: read_workbook(data, sheet="说明")) == "catalog.sheet.header_missing"


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read_in_the_place_of_the_one_that_people_see(
    state: Literal["hidden", "veryHidden"],
) -> None:
    def hide(book: Workbook) -> None:
        old = book.copy_worksheet(active(book))
        old.title, old.sheet_state = "旧", state
        old["G2"] = "旧名"
        book.move_sheet(old, -1)

    data = workbook(rows({"信息资源名称": "新名"}), prepare=hide)
    assert [one.name for one in read_catalog(data, provider=BUREAU).entries] == ["新名"]
    assert code_of(lambda: read_workbook(data, sheet="旧")) == "catalog.workbook.sheet"


@pytest.mark.parametrize("name", SHEETS)
def test_each_kind_of_sheet_is_read_back(name: str) -> None:
    sheet = SHEETS[name]
    plain = entry()
    for data in (write_workbook([plain], sheet=sheet), write_csv([plain], sheet=sheet)):
        read = read_catalog(data, provider=BUREAU)
        assert read.entries == (plain,)
        assert read.findings == ()


@pytest.mark.parametrize("form", ["xlsx", "csv", "xml", "json"])
def test_a_full_entry_survives_every_form(form: str) -> None:
    entries = (full_entry(), entry(8))
    data = write_catalog(entries, form)  # type: ignore[arg-type]
    assert form_of(data) == form
    assert read_catalog(data).entries == entries


def test_the_column_for_both_condition_and_basis_goes_where_the_sharing_type_says() -> None:
    refused = {"共享类型": "不予共享", "共享条件/不予共享依据": "《统计法》"}
    read = read_catalog(workbook(rows(refused, sheet=NATIONAL_25)), provider=BUREAU)
    assert (read.entries[0].sharing.basis, read.entries[0].sharing.condition) == ("《统计法》", "")
    coded = read_catalog(workbook(rows(refused | {"共享类型": "03"}, sheet=NATIONAL_25)), profile=TWO_DIGITS)
    assert coded.entries[0].sharing == read.entries[0].sharing
    again = read_catalog(write_workbook(read.entries, sheet=NATIONAL_25), provider=BUREAU)
    assert again.entries == read.entries


def test_the_same_entries_make_the_same_bytes() -> None:
    assert write_workbook([full_entry()]) == write_workbook([full_entry()])


def test_the_codes_of_a_platform_are_read_with_its_profile() -> None:
    data = workbook(rows({"共享类型": "01", "更新周期": "06"}))
    assert [problem for problem, _, _ in told(data)] == ["value.term", "value.term"]
    one = read_catalog(data, provider=BUREAU, profile=TWO_DIGITS).entries[0]
    assert (one.sharing.type, one.cycle) == (SharingType.CONDITIONAL, UpdateCycle.HALF_YEARLY)


# What people do to sheets.


@pytest.mark.parametrize(
    ("heading", "value", "problem"),
    [
        ("信息资源名称", None, "value.missing"),
        ("信息资源名称", "=A1&B1", "sheet.formula"),
        ("摘要", '=HYPERLINK("http://x.example","x")', "sheet.formula"),
        ("信息资源代码", "307011", "value.code"),
        ("信息资源代码", 3.07011e11, "value.code"),
        ("信息资源代码", 3070110247010001, "sheet.rounded"),
        ("摘要", "长" * 9000, "value.too_long"),
        ("格式分类", "磁带", "value.term"),
        ("数据类型", "字符串", "value.term"),
        ("数据长度", "很长", "value.number"),
        ("数据长度", -5, "value.number"),
        ("数据长度", 1.5, "value.number"),
        ("共享类型", "公开", "value.term"),
        ("是否向社会开放", "也许", "value.term"),
        ("更新周期", "隔日", "value.term"),
        ("发布日期", "2026-13-01", "value.date"),
        ("发布日期", "昨天", "value.date"),
        ("发布日期", 45292, "sheet.date_serial"),
        ("发布日期", "45292", "sheet.date_serial"),
        ("发布日期", 46027.5, "sheet.date_serial"),
        ("信息项名称", None, "value.missing"),
    ],
)
def test_a_wrong_cell_is_told_with_row_and_column(heading: str, value: object, problem: str) -> None:
    table = rows({"信息资源代码": f"{PREFIX}/000009"}, {})
    table[2][[column.heading for column in NATIONAL.columns].index(heading)] = value
    assert (problem, 3, LETTER[heading]) in told(workbook(table))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"开放条件": "=A1"}, None),
        ({"开放条件": "#REF!"}, None),
        ({}, {"是否向社会开放": "否"}),
        ({}, {"开放条件": "=A1"}),
        ({}, dict.fromkeys(LETTER, "") | {"开放条件": "=A1"}),
    ],
)
def test_a_resource_with_a_wrong_cell_is_left_out_and_not_opened_further(
    first: dict[str, str], second: dict[str, str] | None
) -> None:
    wide = {"是否向社会开放": "是", "开放条件": ""}
    before, after = ({"信息资源代码": f"{PREFIX}/00000{number}", "信息资源名称": f"资源{number}"} for number in (7, 8))
    changed = [wide | first, *([wide | second] if second is not None else [])]
    read = read_catalog(workbook(rows(before, *changed, after)), provider=BUREAU)
    assert [one.name for one in read.entries] == ["资源7", "资源8"]
    assert len(read.findings) == 1


@pytest.mark.parametrize("code", ["=A1", "", "307011024701-000009", "#REF!"])
@pytest.mark.parametrize("wrong_first", [True, False])
def test_a_resource_one_of_whose_codes_is_wrong_does_not_lose_the_items_beside_it(code: str, wrong_first: bool) -> None:
    good = {"信息资源代码": f"{PREFIX}/000009", "信息资源名称": "资源9", "信息项名称": "甲"}
    wrong = good | {"信息资源代码": code, "信息项名称": "乙"}
    read = read_catalog(workbook(rows(*((wrong, good) if wrong_first else (good, wrong)), {})), provider=BUREAU)
    whole = [("资源9", 2)] if not code else []
    assert [(one.name, len(one.items)) for one in read.entries] == [*whole, ("企业基本信息", 1)]
    assert bool(read.findings) is bool(code)


def test_a_level_of_the_classification_without_the_one_above_it_is_told_and_moved_nowhere() -> None:
    read = read_catalog(workbook(rows({"项": ""}, {"信息资源代码": f"{PREFIX}/000009"})), provider=BUREAU)
    assert [(one.code, one.place.row, one.place.column) for one in read.findings] == [
        ("egov.exchange.catalog.rule.category_gap", 2, "C")
    ]
    assert [one.code for one in read.entries] == [f"{PREFIX}/000009"]


def test_a_link_may_hold_what_stands_between_links() -> None:
    links = ("https://data.example/a,b;c", "https://data.example/d")
    for data in (write_workbook([entry(links=links)], sheet=EXTENDED), write_csv([entry(links=links)], sheet=EXTENDED)):
        assert [one.links for one in read_catalog(data).entries] == [links]
    split = write_csv([entry(links=links)], sheet=EXTENDED).replace("、https".encode(), b"; https")
    assert [one.links for one in read_catalog(split).entries] == [links]


def test_the_row_of_a_limit_is_told_where_there_is_no_file_name() -> None:
    def prepare(book: Workbook) -> None:
        active(book)["ZZ9"] = "x"

    with pytest.raises(LimitExceeded) as caught:
        read_catalog(workbook(rows({}), prepare=prepare), provider=BUREAU)
    assert str(caught.value).startswith("row 9: columns is limited")


def test_a_date_serial_is_shown_as_the_date_that_it_may_be() -> None:
    [one] = read_catalog(workbook(rows({"发布日期": "45292"})), provider=BUREAU).findings
    assert one.facts["expected"] == "2024-01-01"
    assert str(one).startswith(f"row 2, {LETTER['发布日期']} (发布日期): is the number 45292")
    assert one.in_("zh").startswith(f"第 2 行 {LETTER['发布日期']} 列")


@pytest.mark.parametrize(
    "value", [datetime.fromisoformat("2016-01-05"), date(2016, 1, 5), "2016/1/5", "2016年1月5日", 20160105]
)
def test_dates_are_read_as_people_write_them(value: object) -> None:
    table = rows({})
    table[1][[column.heading for column in NATIONAL.columns].index("发布日期")] = value
    assert read_catalog(workbook(table), provider=BUREAU).entries[0].published_on == date(2016, 1, 5)


@pytest.mark.parametrize(
    "text", ["2026-1-5-1", "26-01-05", "2026-0105", "2026年01-05", "2026/1-5", "二〇二六年", "202611"]
)
def test_other_texts_are_no_dates(text: str) -> None:
    assert read_date(text) is None


def test_an_error_value_is_told() -> None:
    def prepare(book: Workbook) -> None:
        cell = active(book)["J2"]
        cell.value = "#REF!"
        cell.data_type = "e"

    assert told(workbook(rows({}), prepare=prepare)) == [("sheet.error_value", 2, "J")]


def test_merged_cells_are_told_and_those_above_the_heading_are_not() -> None:
    def prepare(book: Workbook) -> None:
        active(book).merge_cells("A1:Z1")
        active(book).merge_cells("G3:G4")

    data = workbook([["标题"], *rows({}, {"信息项名称": "乙"})], prepare=prepare)
    assert told(data) == [("sheet.merged", 3, "G")]


def test_cells_beyond_the_last_column_are_told() -> None:
    table = rows({})
    table[1].append("多余")
    assert told(workbook(table)) == [("sheet.extra", 2, "AA")]


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        (lambda table: table[0].insert(0, table[0].pop(6)), "catalog.sheet.header_order", "A"),
        (lambda table: table[0].__setitem__(7, "信息资源名称"), "catalog.sheet.header_twice", "H"),
        (lambda table: table[0].__setitem__(9, "价格"), "catalog.sheet.header_order", "J"),
        (lambda table: table[0].__setitem__(9, None), "catalog.sheet.header_order", "J"),
        (lambda table: table[0].pop(), "catalog.sheet.header_order", "Z"),
        (lambda table: table[0].append("备注"), "catalog.sheet.header_order", "AA"),
    ],
)
def test_headings_in_another_order_are_refused_with_the_first_that_differs(
    change: Callable[[list[list[object]]], object], code: str, column: str
) -> None:
    table = rows({})
    change(table)
    with pytest.raises(ParseError) as caught:
        read_catalog(workbook(table))
    assert caught.value.code == f"egov.exchange.{code}"
    assert (caught.value.detail["row"], caught.value.detail["column"]) == (1, column)
    assert "message_zh" in caught.value.detail


# Hostile workbooks.


def test_an_archive_that_inflates_to_too_much_is_refused() -> None:
    bomb = rezipped(workbook(rows({})), lambda _, content: content, more={"xl/media/a.bin": b"\0" * (40 << 20)})
    with pytest.raises(LimitExceeded) as caught:
        read_catalog(bomb)
    assert caught.value.limit == "ratio"
    with pytest.raises(LimitExceeded) as caught:
        read_catalog(bomb, limits=CatalogLimits(sheets=SheetLimits(total_bytes=1 << 20)))
    assert caught.value.limit == "total_bytes"


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (CatalogLimits(sheets=SheetLimits(cells=100)), "cells"),
        (CatalogLimits(sheets=SheetLimits(rows=2)), "rows"),
        (CatalogLimits(entries=2), "entries"),
        (CatalogLimits(sheets=SheetLimits(entries=3)), "entries"),
        (CatalogLimits(file_bytes=100), "file_bytes"),
    ],
)
def test_limits_hold(limits: CatalogLimits, name: str) -> None:
    data = workbook(rows(*({"信息资源代码": f"{PREFIX}/{number:06d}"} for number in range(1, 10))))
    with pytest.raises(LimitExceeded) as caught:
        read_catalog(data, limits=limits)
    assert caught.value.limit == name


def test_a_sheet_of_ten_million_cells_is_refused_before_it_is_read() -> None:
    def grow(name: str, content: bytes) -> bytes:
        cells = b'<row r="9">' + b"<c/>" * 10_000_000 + b"</row></sheetData>"
        return content.replace(b"</sheetData>", cells) if name.endswith("sheet1.xml") else content

    with pytest.raises(LimitExceeded) as caught:
        read_catalog(rezipped(workbook(rows({})), grow))
    assert caught.value.limit in {"columns", "ratio"}


def test_one_row_far_below_is_met_by_the_limit_of_rows_and_a_false_size_is_not_believed() -> None:
    def far(name: str, content: bytes) -> bytes:
        far_row = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
        content = content.replace(b'ref="A1:Z2"', b'ref="A1:XFD1048576"')
        return content.replace(b"</sheetData>", far_row) if name.endswith("sheet1.xml") else content

    with pytest.raises(LimitExceeded) as caught:
        read_catalog(rezipped(workbook(rows({})), far))
    assert caught.value.limit == "rows"


@pytest.mark.parametrize(
    "part",
    [
        "xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/o.bin", "xl/activeX/a.xml",
        "xl/connections.xml",
    ],
)  # fmt: skip
def test_macros_links_and_objects_are_refused(part: str) -> None:
    data = rezipped(workbook(rows({})), lambda _, content: content, more={part: b"<a/>"})
    assert code_of(lambda: read_catalog(data)) == "egov.sheets.active"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_entities_in_any_part_are_refused(part: str) -> None:
    def put(name: str, content: bytes) -> bytes:
        doctype = b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
        return doctype + content.partition(b"?>")[2] if name == part and b"?>" in content else (
            doctype + content if name == part else content
        )  # fmt: skip

    assert code_of(lambda: read_catalog(rezipped(workbook(rows({})), put))) == "egov.sheets.entity"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\0" * 100,
        workbook(rows({}))[:-30],
        rezipped(workbook(rows({})), lambda name, content: None if name == "xl/workbook.xml" else content),
        rezipped(workbook(rows({})), lambda name, content: content[:80] if name.endswith("sheet1.xml") else content),
        rezipped(workbook(rows({})), lambda name, content: b"<a/>" if name == "xl/workbook.xml" else content),
        rezipped(workbook(rows({})), lambda name, content: content, more={"XL/workbook.xml": b"<a/>"}),
    ],
)
def test_a_damaged_workbook_is_refused(data: bytes) -> None:
    assert code_of(lambda: read_catalog(data)) in {
        "egov.sheets.damaged",
        "egov.sheets.kind",
        "catalog.sheet.header_missing",
    }


@pytest.mark.parametrize("data", [b"", b"  ", b"%PDF-1.7", b"PK\x05\x06"])
def test_what_is_none_of_the_forms_is_named(data: bytes) -> None:
    assert code_of(lambda: read_catalog(data)) == "catalog.format"


def test_an_old_workbook_or_one_with_a_password_is_told_as_such() -> None:
    with pytest.raises(ParseError) as caught:
        read_catalog(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert (caught.value.code, "save it as .xlsx" in str(caught.value)) == ("egov.sheets.old", True)


def test_an_empty_workbook_has_no_headings() -> None:
    assert code_of(lambda: read_catalog(workbook([]))) == "catalog.sheet.header_missing"


# CSV.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_that_are_met(encoding: str) -> None:
    text = write_csv([entry()]).decode("utf-8-sig")
    assert read_csv(text.encode(encoding), provider=BUREAU).entries == (entry(),)


def test_csv_is_written_in_gb18030_where_that_is_asked_for() -> None:
    data = write_csv([entry()], encoding="gb18030")
    assert "企业".encode("gb18030") in data
    assert read_csv(data, provider=BUREAU).entries == (entry(),)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("信息".encode("utf-16"), "catalog.sheet.header_missing"),
        ("信息".encode("utf-16-le"), "catalog.sheet.header_missing"),
        (b"\xff\xff\xff", "egov.sheets.encoding"),
        (write_csv([entry()]) + b"\0", "catalog.characters"),
        (b'"a', "egov.sheets.quotes"),
        (b'"a"b,c', "egov.sheets.quotes"),
        (b"x" * 200_000, "egov.input.limit_exceeded"),
        (b"a,b,c\n1,2,3\n", "catalog.sheet.header_missing"),
    ],
)
def test_what_is_no_csv_of_a_catalogue_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: read_csv(data)) == code


@pytest.mark.parametrize(
    "limits",
    [
        CatalogLimits(sheets=SheetLimits(rows=1)),
        CatalogLimits(sheets=SheetLimits(cells=30)),
        CatalogLimits(file_bytes=9),
    ],
)
def test_limits_hold_for_csv(limits: CatalogLimits) -> None:
    assert code_of(lambda: read_csv(write_csv([entry()]), limits=limits)) == "egov.input.limit_exceeded"


def test_a_formula_in_csv_is_told() -> None:
    data = write_csv([entry()]).replace("各类市场主体的登记信息".encode(), b"=1+1")
    assert told(data)[0] == ("sheet.formula", 2, "J")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@SUM(A1)", "\t=1", "＝1", "'=1", "''+1", "=cmd|'/c calc'!A0"])
def test_nothing_that_is_written_begins_as_a_formula_does(text: str) -> None:
    one = entry(name=text.strip(), abstract=text.strip())
    written = write_csv([one]).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert [cell for cell in cells if cell[:1] in "=+-@＝" and cell] == []
    assert read_csv(write_csv([one]), provider=BUREAU).entries == (one,)
    book = load_workbook(io.BytesIO(write_workbook([one])))
    cells_of_book = [cell for row in active(book).iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells_of_book} == {"s"}
    assert all(cell.quotePrefix for cell in cells_of_book if guard_formula(str(cell.value)) != cell.value)
    assert read_workbook(write_workbook([one]), provider=BUREAU).entries == (one,)


def test_the_wider_sheet_begins_with_the_national_one() -> None:
    assert EXTENDED.columns[:26] == NATIONAL.columns
