"""Tables that are written: no formula, whole or not at all, the same bytes for the same rows."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov_sdk.errors import MissingExtra
from egov_sdk.sheets import SheetOptions, open_sheet, sheet_bytes, write_sheet

TABLE = [("名称", "说明"), ("=1+1", "'quoted"), ("", "-"), ('a,b"c', "两\n行")]


def test_text_that_looks_like_a_formula_is_text_in_excel(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with write_sheet(path) as writer:
        writer.row(["=1+1", "+x", "plain"])
    (row,) = open_sheet(path).rows()
    assert row == (1, ("=1+1", "+x", "plain"), ())


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
    with pytest.raises(MissingExtra, match="sheets"), write_sheet(tmp_path / "a.xlsx"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_bytes_are_read_back_as_they_were_and_are_the_same_each_time(form: str) -> None:
    made = sheet_bytes(TABLE, form=form)  # type: ignore[arg-type]
    assert made == sheet_bytes(iter(TABLE), form=form)  # type: ignore[arg-type]
    rows = list(open_sheet(made, options=SheetOptions(guarded_is_text=True)).rows())
    assert [row.cells for row in rows] == [*TABLE]
    assert [row.marks for row in rows] == [()] * len(TABLE)


def test_empty_cells_keep_their_places(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with write_sheet(path) as writer:
        writer.row(["", "b", "", "d", ""])
    assert next(iter(open_sheet(path).rows())).cells == ("", "b", "", "d", "")


def test_headings_are_bold_and_what_looks_like_a_formula_stays_text_when_it_is_edited() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(sheet_bytes(TABLE, form="xlsx"))).active
    assert sheet is not None
    assert [bool(row[0].font.b) for row in sheet.iter_rows()] == [True, False, False, False]
    assert [bool(row[0].quotePrefix) for row in sheet.iter_rows()] == [False, True, False, False]


def test_csv_is_written_in_gb18030_where_that_is_asked_for() -> None:
    assert sheet_bytes([["企业"]], form="csv", encoding="gb18030") == "企业\r\n".encode("gb18030")
    with pytest.raises(ValueError, match="surrogates"):
        sheet_bytes([["\ud800"]], form="csv")


def test_a_text_too_long_for_excel_is_refused_as_bytes_and_cut_in_a_file(tmp_path: Path) -> None:
    long = "长" * 32_768
    with pytest.raises(ValueError, match="32767 characters, got 32768"):
        sheet_bytes([[long]], form="xlsx")
    path = tmp_path / "a.xlsx"
    with write_sheet(path) as writer:
        writer.row([long, long[1:]])
    (row,) = open_sheet(path).rows()
    assert row.cells == ("长" * 32_766 + "…", long[1:])


def test_what_xml_cannot_hold_is_written_as_excel_does(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with write_sheet(path) as writer:
        writer.row(["a\x00b", "\ud800"])
    (row,) = open_sheet(path).rows()
    assert row.cells == ("a_x0000_b", "\ufffd")
