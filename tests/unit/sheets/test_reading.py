"""Sheets that are read: encodings, separators, Excel's own ways, and what is refused before a row is read."""

from __future__ import annotations

import contextlib
import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from egov_sdk import sheets
from egov_sdk.errors import InputError, LimitExceeded, MissingExtra, ParseError
from egov_sdk.sheets import SheetLimits, SheetOptions, open_csv, open_sheet, open_workbook
from tests.unit.license.legacy.world import GOOD, HEADER, csv_bytes

Put = Callable[[bytes], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(content: bytes) -> Path:
        path = tmp_path / "sheet"
        path.write_bytes(content)
        return path

    return write


def read(path: Path, **options: object) -> list[tuple[str, ...]]:
    sheet = open_sheet(path, options=SheetOptions(**options))  # type: ignore[arg-type]  # whichever are given
    return [row.cells for row in sheet.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_is_read_in_the_encodings_and_separators_of_departments(put: Put, encoding: str, delimiter: str) -> None:
    path = put(csv_bytes([GOOD], encoding=encoding, delimiter=delimiter))
    assert read(path) == [HEADER, GOOD]


def test_a_rare_character_of_gb18030_is_read(put: Put) -> None:
    path = put(csv_bytes([("𠮷野", *GOOD[1:])], encoding="gb18030"))
    assert read(path)[1][0] == "𠮷野"


def test_what_is_told_goes_before_what_is_found(put: Put) -> None:
    path = put("é,a;b\n".encode())
    assert read(path, delimiter=";", encoding="utf-8") == [("é,a", "b")]
    assert read(path, delimiter=",", encoding="gb18030")[0][1] == "a;b"


@pytest.mark.parametrize("wrong", [{"encoding": "latin-1"}, {"delimiter": "::"}])
def test_options_that_mean_nothing_are_the_callers_mistake(put: Put, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"one character|encoding is"):
        read(put(b"a,b\n"), **wrong)


def test_rows_are_numbered_as_programs_do_and_empty_ones_are_left_out(put: Put) -> None:
    sheet = open_sheet(put(b"a,b\n\n1,2\n , \n3,4"))
    assert [(row.number, row.cells) for row in sheet.rows()] == [(1, ("a", "b")), (3, ("1", "2")), (5, ("3", "4"))]
    assert sheet.rows_at_most == 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n , ,\n", "empty"),
        (b'a,b\n1,"2\n3,4\n', "quotes"),
        (b'a,b\n1,"2"x\n', "quotes"),
        (b"\xef\xbb\xbfa,\xff\n", "encoding"),
        (b"\xef\xbb\xbf\xed\xa0\x80,b\n", "encoding"),
        (b"\xff\xfea\0,\0\x00\xd8,\0", "encoding"),
        (b"a,\xff\xff\n", "encoding"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "old"),
        (b"PK\x03\x04 and no more", "damaged"),
    ],
)
def test_what_is_no_sheet_is_named(put: Put, content: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        open_sheet(put(content))
    assert caught.value.code == f"egov.sheets.{code}"
    assert caught.value.where.startswith("sheet")


def test_an_open_quote_names_its_row_and_nothing_is_read_past_it(put: Put) -> None:
    with pytest.raises(ParseError) as caught:
        open_sheet(put(b'a,b\n1,2\n3,"4\n5,6\n7,8\n'))
    assert caught.value.where == "sheet: 3"
    assert caught.value.detail["line"] == "5"


@pytest.mark.parametrize(
    ("limits", "content", "limit"),
    [
        (SheetLimits(rows=3), b"a\n" * 4, "rows"),
        (SheetLimits(columns=4), b"a" + b"," * 4, "columns"),
        (SheetLimits(cell_chars=10), b"a,b\n1," + b"x" * 11, "cell_chars"),
        (SheetLimits(), b"a,b\n1," + b"x" * 140_000, "cell_chars"),
        (SheetLimits(line_chars=100), b"a\n" + b"," * 101, "line_chars"),
        (SheetLimits(file_bytes=10), b"a\n" * 6, "file_bytes"),
    ],
)
def test_more_than_the_limits_allow_is_refused(put: Put, limits: SheetLimits, content: bytes, limit: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        open_sheet(put(content), limits=limits)
    assert caught.value.limit == limit


def test_formulas_in_csv_are_marked_and_numbers_are_none(put: Put) -> None:
    sheet = open_sheet(put(b"=1+1,-5,+86 10-1234,-,@x,'=guarded,+cmd|x\n"))
    (row,) = sheet.rows()
    assert [place for place, _ in row.marks] == [0, 4, 5, 6]
    assert row.cells[5] == "=guarded"
    assert {mark for _, mark in row.marks} == {"cell_formula"}


_NO_ZONE = datetime.fromisoformat("2023-05-04T13:30:00")  # a sheet knows none


def workbook(rows: Sequence[Sequence[object]], *, mac: bool = False) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    if mac:
        made.epoch = CALENDAR_MAC_1904
    sheet = made.active
    assert sheet is not None
    for one in rows:
        sheet.append(list(one))
    return made


def saved(made: openpyxl.Workbook, path: Path) -> Path:
    made.save(path)
    return path


@pytest.mark.parametrize("mac", [False, True])
def test_excel_dates_are_days_in_both_calendars(tmp_path: Path, mac: bool) -> None:
    made = workbook([["a", "b"], [date(2023, 5, 4), _NO_ZONE]], mac=mac)
    sheet = open_sheet(saved(made, tmp_path / "a.xlsx"))
    assert sheet.from_1904 is mac
    assert [row.cells for row in sheet.rows()][1] == ("2023-05-04", "2023-05-04 13:30:00")


def test_cells_of_excel_become_text_and_what_is_wrong_with_them_is_marked(tmp_path: Path) -> None:
    made = workbook([["h"] * 8, [1.0, 2.5, True, "=A1+1", 110105194912310020, " x ", None, "#N/A"]])
    rows = list(open_sheet(saved(made, tmp_path / "a.xlsx")).rows())
    assert rows[1].cells == ("1", "2.5", "TRUE", "=A1+1", "1.1010519491231e+17", "x", "", "#N/A")
    assert rows[1].marks == ((3, "cell_formula"), (4, "cell_rounded"), (7, "cell_error"))


def test_merged_cells_are_marked_in_every_row_that_they_reach(tmp_path: Path) -> None:
    made = workbook([["t", "", ""], ["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]])
    sheet = made.active
    assert sheet is not None
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B3:C4")
    rows = list(open_sheet(saved(made, tmp_path / "a.xlsx")).rows())
    assert [[place for place, _ in row.marks] for row in rows] == [[0, 1, 2], [], [1, 2], [1, 2], []]
    (one,) = open_workbook(tmp_path / "a.xlsx")
    assert one.merged == ((1, 1, 0, 2), (3, 4, 1, 2))


def test_gaps_between_rows_count(tmp_path: Path) -> None:
    made = workbook([["a"]])
    sheet = made.active
    assert sheet is not None
    sheet["A7"] = "x"
    assert [row.number for row in open_sheet(saved(made, tmp_path / "a.xlsx")).rows()] == [1, 7]


def test_the_first_visible_worksheet_is_read_unless_another_is_named(tmp_path: Path) -> None:
    made = workbook([["hidden"]])
    assert made.active is not None
    made.active.sheet_state = "hidden"
    made.create_sheet("one").append(["first"])
    made.create_sheet("two").append(["second"])
    path = saved(made, tmp_path / "a.xlsx")
    assert read(path) == [("first",)]
    assert read(path, worksheet="two") == [("second",)]
    for name in ("Sheet", "three"):
        with pytest.raises(ParseError, match="no visible worksheet") as caught:
            read(path, worksheet=name)
        assert caught.value.detail["found"] == "one, two"


def test_without_openpyxl_the_error_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(workbook([["a"]]), tmp_path / "a.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match="sheets"):
        open_sheet(path)


@pytest.mark.parametrize("missing", ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_without_one_of_its_parts_is_refused(tmp_path: Path, missing: str) -> None:
    whole = io.BytesIO()
    workbook([["a"]]).save(whole)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for entry in old.infolist():
            if entry.filename != missing:
                new.writestr(entry, old.read(entry))
    with pytest.raises(ParseError) as caught:
        open_sheet(path)
    assert caught.value.code.removeprefix("egov.sheets.") in {"kind", "damaged", "missing"}


@given(st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        list(open_sheet(path).rows())


def test_all_worksheets_are_given_with_their_names_whether_they_are_shown_or_not(tmp_path: Path) -> None:
    made = workbook([["hidden"]])
    assert made.active is not None
    made.active.sheet_state = "hidden"
    made.create_sheet("one").append(["first"])
    found = open_workbook(saved(made, tmp_path / "a.xlsx").read_bytes())
    assert [(one.title, one.is_visible, [row.cells for row in one.rows()]) for one in found] == [
        ("Sheet", False, [("hidden",)]),
        ("one", True, [("first",)]),
    ]


def test_bytes_are_read_as_a_file_is(tmp_path: Path) -> None:
    path = saved(workbook([["a", "b"], [1, 2]]), tmp_path / "a.xlsx")
    for content in (path.read_bytes(), b"a,b\n1,2\n"):
        assert [row.cells for row in open_sheet(content).rows()] == [("a", "b"), ("1", "2")]
    with pytest.raises(ParseError) as caught:
        open_sheet(b'a,b\n1,"2')
    assert (caught.value.where, caught.value.code) == ("2", "egov.sheets.quotes")


@pytest.mark.parametrize(
    ("content", "code"), [(b"a,b", "kind"), (b"", "empty"), (bytes.fromhex("d0cf11e0a1b11ae1"), "old")]
)
def test_what_is_no_workbook_is_none(content: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        open_workbook(content)
    assert caught.value.code == f"egov.sheets.{code}"


def test_csv_may_begin_as_an_archive_does_where_it_is_asked_for_as_csv() -> None:
    assert [row.cells for row in open_csv(b"PK,1\n").rows()] == [("PK", "1")]


def test_what_was_guarded_is_text_where_that_is_asked_for() -> None:
    (row,) = open_csv(b"'=1+1,=1+1\n", options=SheetOptions(guarded_is_text=True)).rows()
    assert row == (1, ("=1+1", "=1+1"), ((1, "cell_formula"),))


def with_parts(**parts: bytes) -> bytes:
    """A workbook with other parts beside its own."""
    whole = io.BytesIO()
    workbook([["a"]]).save(whole)
    with zipfile.ZipFile(whole, "a") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return whole.getvalue()


@pytest.mark.parametrize(
    "part",
    [
        "xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/o.bin", "xl/activeX/a.xml",
        "XL/Connections.xml", "xl/macrosheets/a.xml", "xl/dialogsheets/a.xml", "xl/ctrlProps/a.xml",
    ],
)  # fmt: skip
def test_macros_links_and_objects_are_passed_over_or_refused(part: str) -> None:
    content = with_parts(**{part: b"<a/>"})
    assert [row.cells for row in open_sheet(content).rows()] == [("a",)]
    with pytest.raises(ParseError) as caught:
        open_sheet(content, options=SheetOptions(refuse_active=True))
    assert (caught.value.code, caught.value.detail["found"]) == ("egov.sheets.active", part)


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.raises(ParseError) as caught:
        open_sheet(with_parts(**{"XL/workbook.xml": b"<a/>"}))
    assert (caught.value.code, caught.value.detail["found"]) == ("egov.sheets.damaged", "two parts of one name")


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(with_parts())
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    with pytest.raises(ParseError) as caught:
        open_sheet(bytes(data))
    assert caught.value.detail["found"] == "an encrypted part"


@pytest.mark.parametrize("content", ["xlsx", "csv"])
def test_the_cells_of_a_sheet_have_a_limit_together(content: str) -> None:
    table = [["a", "b"]] * 10
    made = io.BytesIO()
    workbook(table).save(made)
    data = made.getvalue() if content == "xlsx" else b"a,b\n" * 10
    assert len(list(open_sheet(data, limits=SheetLimits(cells=20)).rows())) == 10
    with pytest.raises(LimitExceeded) as caught:
        list(open_sheet(data, limits=SheetLimits(cells=19)).rows())
    assert caught.value.limit == "cells"


def test_a_refusal_has_words_in_both_languages() -> None:
    with pytest.raises(ParseError) as caught:
        open_csv(b"a,\xff\xff\n")
    assert str(caught.value) == "is no UTF-8 / GB18030 text: the octet at 2 does not belong there"
    assert caught.value.text is not None
    assert caught.value.text.zh == "不是 UTF-8 / GB18030 文本：第 2 字节处有误"


def test_every_name_of_the_face_is_there_and_no_other() -> None:
    assert [name for name in sheets.__all__ if getattr(sheets, name) is None] == []
    with pytest.raises(AttributeError, match="no attribute"):
        sheets.nothing  # type: ignore[attr-defined]  # noqa: B018
