"""Rows of a worksheet as its XML comes: kinds of cells, gaps, prefixes, and what cannot be."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.sheets._xlsx_rows import Cell, CellReading, WorksheetRows
from egov_sdk.sheets.limits import SheetLimits

READING = CellReading(("甲", " 乙 "), frozenset({3}), lambda value: date.fromordinal(int(value)))


def read(xml: str, limits: SheetLimits | None = None) -> list[tuple[int, list[Cell]]]:
    rows = WorksheetRows(READING, limits=limits or SheetLimits(), where="sheet")
    return list(rows.read(io.BytesIO(f"<worksheet><sheetData>{xml}</sheetData></worksheet>".encode())))


def cells(xml: str) -> list[Cell]:
    ((_, found),) = read(f"<row>{xml}</row>")
    return found


@pytest.mark.parametrize(
    ("xml", "cell"),
    [
        ('<c t="s"><v>1</v></c>', ("乙", "")),
        ('<c t="s"><v>2</v></c>', ("2", "cell_error")),
        ('<c t="s"><v>-1</v></c>', ("-1", "cell_error")),
        ('<c t="s"><v/></c>', ("", "")),
        ("<c/>", ("", "")),
        ("<c><v>12.0</v></c>", ("12", "")),
        ("<c><v>0.1</v></c>", ("0.1", "")),
        ("<c><v>x</v></c>", ("x", "cell_error")),
        ("<c><v>nan</v></c>", ("nan", "cell_rounded")),
        ("<c><v>1e999</v></c>", ("1e999", "cell_rounded")),
        ("<c><v>110105194912310020</v></c>", ("110105194912310020", "cell_rounded")),
        ('<c s="3"><v>738000</v></c>', ("2021-07-29", "")),
        ('<c s="3"><v>-5</v></c>', ("-5", "cell_error")),
        ('<c t="b"><v>1</v></c>', ("TRUE", "")),
        ('<c t="b"><v>0</v></c>', ("FALSE", "")),
        ('<c t="e"><v>#REF!</v></c>', ("#REF!", "cell_error")),
        ('<c t="str"><v> a </v></c>', ("a", "")),
        ('<c t="inlineStr"><is><t>a</t></is></c>', ("a", "")),
        ('<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>sound</t></rPh></is></c>', ("ab", "")),
        ("<c><f>A1+1</f><v>7</v></c>", ("=A1+1", "cell_formula")),
        ('<c><f t="shared" si="0"/><v>7</v></c>', ("=", "cell_formula")),
        ('<x:c xmlns:x="u" t="str"><x:v>a</x:v></x:c>', ("a", "")),
        ('<c t="str"><v>a&amp;b&#x5f20;</v></c>', ("a&b张", "")),
    ],
)
def test_a_cell_becomes_text(xml: str, cell: Cell) -> None:
    assert cells(xml) == [cell]


def test_gaps_are_filled_and_numbers_follow() -> None:
    found = read('<row r="3"><c r="B3"><v>1</v></c><c r="D3"><v>2</v></c></row><row><c><v>3</v></c></row>')
    assert found == [(3, [("", ""), ("1", ""), ("", ""), ("2", "")]), (4, [("3", "")])]


@pytest.mark.parametrize(
    "xml",
    [
        '<row r="3"/><row r="3"/>',
        '<row r="3"/><row r="2"/>',
        '<row r="0"/>',
        '<row r="x"/>',
        '<row><c r="B1"/><c r="A1"/></row>',
        '<row><c r="A1"/><c r="A1"/></row>',
        '<row><c r="AAAA1"/></row>',
        '<row><c r="1"/></row>',
        '<row><c r="a1"/></row>',
        '<row><c s="x"><v>1</v></c></row>',
        "<row><c></row>",
        "&undeclared;",
    ],
)
def test_what_no_program_writes_is_damage(xml: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(xml)
    assert caught.value.code == "egov.sheets.damaged"


@pytest.mark.parametrize(
    ("xml", "limit"),
    [
        ('<row r="9"/>', "rows"),
        ('<row><c r="F1"/></row>', "columns"),
        ("<row>" + "<c/>" * 6 + "</row>", "columns"),
        ('<row><c t="str"><v>' + "x" * 101 + "</v></c></row>", "cell_chars"),
    ],
)
def test_limits_hold_while_reading(xml: str, limit: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        read(xml, SheetLimits(rows=8, columns=5, cell_chars=100))
    assert caught.value.limit == limit


@given(st.text(alphabet="<>/crvtf \"='&;A1029row", max_size=60))
def test_any_xml_is_read_or_refused(xml: str) -> None:
    try:
        found = read(xml)
    except InputError:
        return
    assert [number for number, _ in found] == sorted({number for number, _ in found})
