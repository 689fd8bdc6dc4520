"""Sheets made to do harm: each is refused in bounded time and memory, with a code, before anything is stored."""

from __future__ import annotations

import contextlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import openpyxl
import pytest

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.license.legacy.importing import Importer
from egov_sdk.license.legacy.ledger import RowState
from egov_sdk.sheets import SheetLimits, open_sheet
from tests.unit.license.legacy.world import HEADER, NOW, SimpleTarget, csv_bytes, many, plan, row

SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
MB = 1 << 20


@pytest.fixture
def importer(tmp_path: Path) -> Iterator[Importer]:
    target = SimpleTarget.at(tmp_path / "register.db")
    yield Importer(target, clock=lambda: NOW)
    target.store.close()


def forged(path: Path, parts: Mapping[str, bytes | Callable[[], Iterator[bytes]]], *, extra: int = 0) -> Path:
    """A workbook whose parts were exchanged."""
    whole = io.BytesIO()
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for cells in (HEADER, *many(2)):
        sheet.append(list(cells))
    made.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            content = parts[name] if name in parts else old.read(name)
            with new.open(name, "w", force_zip64=True) as part:
                for block in [content] if isinstance(content, bytes) else content():
                    part.write(block)
        for number in range(extra):
            new.writestr(f"x/{number}", b"")
    return path


def refused(path: Path, limits: SheetLimits | None = None) -> InputError:
    """The error that it is refused with; the memory that it took stays small."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            for _ in open_sheet(path, limits=limits or SheetLimits()).rows():
                pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * MB
    return caught.value


def test_a_bomb_of_zeros_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    def zeros() -> Iterator[bytes]:
        yield HEAD
        for _ in range(64):
            yield b" " * MB
        yield TAIL

    error = refused(forged(tmp_path / "a.xlsx", {SHEET: zeros}))
    assert isinstance(error, LimitExceeded)
    assert error.limit == "ratio"


def test_a_bomb_in_a_part_that_nobody_reads_is_refused_too(tmp_path: Path) -> None:
    bomb = forged(tmp_path / "a.xlsx", {"xl/media/image1.png": bytes(64 * MB)})
    error = refused(bomb)
    assert isinstance(error, LimitExceeded)


@pytest.mark.parametrize(
    ("limits", "limit"),
    [(SheetLimits(part_bytes=MB, ratio=1e9), "part_bytes"), (SheetLimits(total_bytes=MB, ratio=1e9), "total_bytes")],
)
def test_parts_are_counted_as_they_unpack(tmp_path: Path, limits: SheetLimits, limit: str) -> None:
    error = refused(forged(tmp_path / "a.xlsx", {"xl/media/image1.png": bytes(2 * MB)}), limits)
    assert isinstance(error, LimitExceeded)
    assert error.limit == limit


def test_thousands_of_entries_are_refused(tmp_path: Path) -> None:
    error = refused(forged(tmp_path / "a.xlsx", {}, extra=5000))
    assert isinstance(error, LimitExceeded)
    assert error.limit == "entries"


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10))


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml"])
@pytest.mark.parametrize(
    "prolog",
    [
        b'<!DOCTYPE a [<!ENTITY l0 "lol">' + LAUGHS + b"]>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd">',
    ],
)
def test_entities_are_refused_in_every_part(tmp_path: Path, part: str, prolog: bytes) -> None:
    error = refused(forged(tmp_path / "a.xlsx", {part: b'<?xml version="1.0"?>' + prolog + b"<a>&l9;</a>"}))
    assert error.code == "egov.sheets.entity"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-7"])
def test_a_doctype_does_not_hide_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    assert isinstance(refused(forged(tmp_path / "a.xlsx", {SHEET: text.encode(encoding)})), ParseError)


@pytest.mark.parametrize(
    "content",
    [
        HEAD + b"<row><c><v>1",
        b"\0" * 100,
        HEAD + b'<row r="1"><c r="A1" t="s"><v>99999</v></c></row>' + TAIL,
        HEAD + b'<row r="1"><c r="A1" t="s"><v>-x</v></c></row>' + TAIL,
        HEAD + b'<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>' + TAIL,
        HEAD + b'<row r="one"><c><v>1</v></c></row>' + TAIL,
        HEAD + b'<row r="1"><c r="A1"><v>&#xD800;</v></c></row>' + TAIL,
        HEAD + b'<row r="1"><c r="A1" s="9999999"><v>1</v></c></row>' + TAIL,
        HEAD + b'<row r="1"><c r="A1"><v>' + b"9" * 5000 + b"</v></c></row>" + TAIL,
        b"<a>" * 100_000,
    ],
)
def test_what_openpyxl_stumbles_over_is_the_files_fault(tmp_path: Path, content: bytes) -> None:
    with contextlib.suppress(InputError):
        list(open_sheet(forged(tmp_path / "a.xlsx", {SHEET: content})).rows())


def test_a_row_number_beyond_all_sheets_is_refused(tmp_path: Path) -> None:
    content = HEAD + b'<row r="1"><c><v>1</v></c></row><row r="99999999999"><c><v>1</v></c></row>' + TAIL
    error = refused(forged(tmp_path / "a.xlsx", {SHEET: content}), SheetLimits(rows=50_000))
    assert isinstance(error, LimitExceeded)
    assert error.limit == "rows"


def test_a_million_empty_rows_cost_no_memory(tmp_path: Path, importer: Importer) -> None:
    def rows() -> Iterator[bytes]:
        yield HEAD
        for _ in range(100):
            yield b"<row/>" * 10_000
        yield TAIL

    path = forged(tmp_path / "a.xlsx", {SHEET: rows})
    with pytest.raises(ParseError) as caught:
        importer.import_file(path, plan(limits=SheetLimits(ratio=1e9)))
    assert caught.value.code == "egov.license.header_missing"


@pytest.mark.parametrize("columns", [600, 16_384])
def test_too_many_columns_are_refused_in_a_workbook(tmp_path: Path, columns: int) -> None:
    from openpyxl.utils import get_column_letter

    cell = f'<c r="{get_column_letter(columns)}1"><v>1</v></c>'.encode()
    error = refused(forged(tmp_path / "a.xlsx", {SHEET: HEAD + b'<row r="1">' + cell + b"</row>" + TAIL}))
    assert isinstance(error, LimitExceeded)
    assert (error.limit, error.found) == ("columns", columns)


def test_ten_million_columns_of_csv_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"," * 10_000_000)
    error = refused(path)
    assert isinstance(error, LimitExceeded)
    assert error.limit in {"line_chars", "columns"}


def test_a_million_rows_of_csv_are_more_than_a_smaller_limit_allows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2\n" * 1_000_000)
    with pytest.raises(LimitExceeded) as caught:
        open_sheet(path, limits=SheetLimits(rows=999_999))
    assert caught.value.limit == "rows"


def test_a_text_of_a_hundred_megabytes_in_quotes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'a,b\n1,"' + b"x\n" * (20 * MB))
    error = refused(path)
    assert isinstance(error, LimitExceeded)
    assert error.limit == "cell_chars"


def test_merges_over_the_whole_sheet_mark_every_row_and_cost_little(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (number, number) for number in range(1, 2001))
    merges = b'<mergeCells count="3000">' + b'<mergeCell ref="A1:XFD1048576"/>' * 3000 + b"</mergeCells>"
    content = HEAD + rows + b"</sheetData>" + merges + b"</worksheet>"
    path = forged(tmp_path / "a.xlsx", {SHEET: content})
    found = list(open_sheet(path).rows())
    assert len(found) == 2000
    assert all(len(row.marks) == SheetLimits().columns for row in found)
    with pytest.raises(LimitExceeded):
        open_sheet(path, limits=SheetLimits(merged=100))


BAD_CELLS = {
    "a NUL": "张\0三",
    "an escape": "张\x1b[2J三",
    "a change of direction": "张\u202e三",
    "a line end": "张\n三",
    "a formula": "=cmd|' /C calc'!A0",
    "a formula in full width": "＝1+1",
    "a long one": "张" * 30_000,
}


@pytest.mark.parametrize("what", BAD_CELLS)
def test_bad_cells_are_named_and_their_neighbours_stored(importer: Importer, tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_bytes([row("1"), row("2", 持证主体=BAD_CELLS[what]), row("3")]))
    batch = importer.import_file(path, plan())
    assert (batch.stored, batch.failed) == (2, 1)
    (failed,) = importer.ledger.rows(batch.id, RowState.FAILED)
    assert failed.number == 3
    assert failed.problems[0].place == HEADER.index("持证主体")


@pytest.mark.parametrize(
    "content",
    [
        csv_bytes(many(2)).decode().encode("gb18030") + "张三".encode() + b"\xff\n",
        b"\xef\xbb\xbf" + csv_bytes(many(2), encoding="gb18030"),
        csv_bytes(many(2), encoding="utf-16-le"),
        csv_bytes([], encoding="utf-32"),
        csv_bytes(many(2)) + b'"never closed\n' + csv_bytes(many(2)),
        csv_bytes(many(2), header=[*HEADER, HEADER[1]]),
        csv_bytes(many(2), header=[f"{text}?" for text in HEADER]),
    ],
)
def test_what_cannot_be_read_for_sure_is_not_begun(importer: Importer, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(InputError):
        importer.import_file(path, plan())
    assert importer.ledger.batches() == ()
