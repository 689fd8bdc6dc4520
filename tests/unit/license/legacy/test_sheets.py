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

from egov_sdk.errors import InputError, LimitExceeded, MissingExtra, ParseError
from egov_sdk.license.legacy.cells import guard_formula, has_control, looks_like_formula, unguard_formula
from egov_sdk.license.legacy.limits import SheetLimits
from egov_sdk.license.legacy.output import write_sheet
from egov_sdk.license.legacy.sheets import SheetOptions, file_digest, open_sheet, serial_day
from tests.unit.license.legacy.world import GOOD, HEADER, csv_bytes, many

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
        (b"", "sheet_empty"),
        (b"\n\n , ,\n", "sheet_empty"),
        (b'a,b\n1,"2\n3,4\n', "sheet_quotes"),
        (b'a,b\n1,"2"x\n', "sheet_quotes"),
        (b"\xef\xbb\xbfa,\xff\n", "sheet_encoding"),
        (b"\xef\xbb\xbf\xed\xa0\x80,b\n", "sheet_encoding"),
        (b"\xff\xfea\0,\0\x00\xd8,\0", "sheet_encoding"),
        (b"a,\xff\xff\n", "sheet_encoding"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "sheet_old"),
        (b"PK\x03\x04 and no more", "sheet_damaged"),
    ],
)
def test_what_is_no_sheet_is_named(put: Put, content: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        open_sheet(put(content))
    assert caught.value.code == f"egov.license.{code}"
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


def test_text_that_looks_like_a_formula_is_text_in_excel(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with write_sheet(path) as writer:
        writer.row(["=1+1", "+x", "plain"])
    (row,) = open_sheet(path).rows()
    assert row == (1, ("=1+1", "+x", "plain"), ())


def test_merged_cells_are_marked_in_every_row_that_they_reach(tmp_path: Path) -> None:
    made = workbook([["t", "", ""], ["a", "b", "c"], ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]])
    sheet = made.active
    assert sheet is not None
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B3:C4")
    rows = list(open_sheet(saved(made, tmp_path / "a.xlsx")).rows())
    assert [[place for place, _ in row.marks] for row in rows] == [[0, 1, 2], [], [1, 2], [1, 2], []]


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
    with pytest.raises(MissingExtra, match="catalog"):
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
    assert caught.value.code.removeprefix("egov.license.sheet_") in {"kind", "damaged", "missing"}


@pytest.mark.parametrize(
    ("text", "from_1904", "day"),
    [
        ("45050", False, date(2023, 5, 4)),
        ("43588", True, date(2023, 5, 4)),
        ("61", False, date(1900, 3, 1)),
        ("45050.0", False, date(2023, 5, 4)),
        ("60", False, None),
        ("45050.5", False, None),
        ("2958466", False, None),
        ("9999999999999999999999", False, None),
        ("四万", False, None),
        ("", False, None),
        ("0", True, None),
    ],
)
def test_numbers_of_excels_calendar_are_days(text: str, from_1904: bool, day: date | None) -> None:
    assert serial_day(text, from_1904=from_1904) == day


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@given(rows=st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=5))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_holds_no_formula(tmp_path: Path, suffix: str, rows: list[list[str]]) -> None:
    path = tmp_path / f"out{suffix}"
    with write_sheet(path) as writer:
        for row in rows:
            writer.row(row)
    if suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        assert all(cell.data_type not in ("f", "e", "d") for row in sheet.iter_rows() for cell in row)
        return
    text = path.read_bytes().decode("utf-8-sig")
    cells = [cell.strip('"') for line in text.split("\r\n") for cell in line.split(",")]
    assert not any(cell.startswith(("=", "@")) for cell in cells if len(rows) == 1 and "," not in "".join(rows[0]))


@given(st.text())
def test_a_guard_is_taken_away_again(text: str) -> None:
    assert unguard_formula(guard_formula(text)) == text
    assert not guard_formula(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


@pytest.mark.parametrize("text", ["=1", "@x", "\tx", "+a", "-a1", "＝1", "=", "-1+1|cmd"])
def test_formulas_are_told(text: str) -> None:
    assert looks_like_formula(text)


@pytest.mark.parametrize("text", ["", "-", "——", "-1", "+86 10-6655", "-3.5%", "a=b", "张三"])
def test_what_is_none_is_left_alone(text: str) -> None:
    assert not looks_like_formula(text)


def test_what_cannot_be_seen_is_found() -> None:
    assert not has_control("张三 A1")
    assert all(has_control(text) for text in ("a\nb", "a\0", "\u202ea", "a\u200b", "\ud800"))


@given(st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        list(open_sheet(path).rows())


def test_the_digest_is_that_of_the_whole_file(put: Put) -> None:
    from egov_sdk.crypto import sm3

    content = csv_bytes(many(3)) * 9000
    assert file_digest(put(content)) == sm3(content).hex()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_sheet_that_is_broken_off_is_not_there_at_all(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"before")

    def break_off() -> None:
        with write_sheet(path) as writer:
            writer.row(["a"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_without_openpyxl_a_workbook_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match="catalog"), write_sheet(tmp_path / "a.xlsx"):
        pass
    assert list(tmp_path.iterdir()) == []
