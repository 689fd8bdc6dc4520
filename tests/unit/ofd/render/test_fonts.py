"""Fonts of strangers: sound ones are drawn, all others end as a note, and none takes long."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.ofd.fonts import FontFace, bundled_font
from egov_sdk.ofd.render import machine_fonts, render_page
from egov_sdk.ofd.render._cff import CffOutlines
from egov_sdk.ofd.render._truetype import TrueTypeOutlines
from egov_sdk.ofd.render.fonts import FontProgram, bundled_program, has_latin_widths, is_heavy, normalised
from egov_sdk.ofd.render.sfnt import FontProblem, Sfnt, character_map
from tests.unit.ofd.render.drawn import codes, draw, elements, font, notes, page_parts, resources
from tests.unit.ofd.samples import package_of

TEXT = (
    '<ofd:TextObject Boundary="0 0 9 9" Font="3" Size="3"><ofd:TextCode X="0" Y="3" DeltaX="3">AB</ofd:TextCode>'
    "</ofd:TextObject>"
)
EMBEDDED = '<ofd:Fonts><ofd:Font ID="3" FontName="Test"><ofd:FontFile>f</ofd:FontFile></ofd:Font></ofd:Fonts>'
TRUETYPE, OPENTYPE = font(), font(cff=True)


def sfnt(**tables: bytes) -> bytes:
    """A font file of these tables; an underscore stands for a blank."""
    at, rows, body = 12 + 16 * len(tables), b"", b""
    for name, content in tables.items():
        rows += struct.pack(">4sIII", name.replace("_", " ").encode(), 0, at + len(body), len(content))
        body += content
    return b"\0\1\0\0" + struct.pack(">HHHH", len(tables), 0, 0, 0) + rows + body


HEAD = b"\0" * 18 + struct.pack(">H", 1000) + b"\0" * 30 + struct.pack(">h", 1) + b"\0\0"


def glyphs(*programs: bytes, **tables: bytes) -> bytes:
    """A TrueType font of these glyphs and no cmap."""
    offsets = [sum(map(len, programs[:place])) for place in range(len(programs) + 1)]
    loca = struct.pack(f">{len(offsets)}I", *offsets)
    return sfnt(head=HEAD, loca=loca, glyf=b"".join(programs), **tables)


def test_both_kinds_of_outlines_are_read() -> None:
    assert FontProgram(TRUETYPE).outline(1).path() == "M0 0L500 0L500 500L0 500L0 0Z"
    assert FontProgram(OPENTYPE).outline(1).path() == "M0 0L500 0L500 500L0 500Z"


def test_the_bundled_face_has_the_characters_that_it_promises() -> None:
    program = bundled_program()
    assert all(program.outline(program.glyph_of(character)) for character in "证照样章示例Aa1，")
    assert program.glyph_of("\ua9c1") == 0
    assert program.advance(program.glyph_of("国")) == 1.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"OTTO",
        b"ttcf",
        b"wOFF" + b"\0" * 60,
        b"wOF2" + b"\0" * 60,
        b"\1\0",
        b"\1\0\4\1" + b"\xff" * 64,
        b"\1\0\4\1" + b"\0" * 64,
        TRUETYPE[:100],
        sfnt(),
        sfnt(head=HEAD),
        sfnt(head=HEAD[:19]),
        sfnt(head=b"\0" * 54),
        b"ttcf" + struct.pack(">III", 0x10000, 0xFFFFFFFF, 0xFFFFFFFF),
        b"<svg/>",
        b"%!PS-AdobeFont",
        sfnt(head=HEAD, CFF_=b""),
    ],
)
def test_what_is_no_font_is_told_and_the_bundled_face_stands_in(data: bytes) -> None:
    with pytest.raises(FontProblem):
        FontProgram(data)
    page = draw(page_parts(TEXT, extra=resources(EMBEDDED, f=data)))
    assert notes(page) == ["font_unreadable", "font_substituted"]
    assert len(elements(page, "use")) == 2


def _simple(points: int) -> bytes:
    """A glyph of one contour whose flags repeat: a few bytes for many points."""
    flags = b"".join(bytes((0x31 | 8, min(255, points - at - 1))) for at in range(0, points, 256))
    return struct.pack(">hhhhhHH", 1, 0, 0, 0, 0, points - 1, 0) + flags


def _composed(*parts: int) -> bytes:
    body = b"".join(
        struct.pack(">HHbb", 2 | (32 if place < len(parts) - 1 else 0), glyph, 0, 0)
        for place, glyph in enumerate(parts)
    )
    return struct.pack(">hhhhh", -1, 0, 0, 0, 0) + body


def _part(glyph: int, marks: int, *numbers: int) -> bytes:
    placed = struct.pack(">hh", 10, 20) if marks & 1 else struct.pack(">bb", 10, 20)
    return struct.pack(">hhhhhHH", -1, 0, 0, 0, 0, marks, glyph) + placed + struct.pack(f">{len(numbers)}h", *numbers)


@pytest.mark.parametrize(
    ("part", "path"),
    [
        (_part(0, 2), "M10 20L110 20L110 120Z"),
        (_part(0, 3), "M10 20L110 20L110 120Z"),
        (_part(0, 0), "M0 0L100 0L100 100Z"),
        (_part(0, 2 | 8, 8192), "M10 20L60 20L60 70Z"),
        (_part(0, 2 | 64, 16384, -16384), "M10 20L110 20L110 -80Z"),
        (_part(0, 2 | 128, 0, 16384, -16384, 0), "M10 20L10 120L-90 120Z"),
    ],
)
def test_a_glyph_is_composed_of_others_moved_scaled_and_turned(part: bytes, path: str) -> None:
    triangle = struct.pack(">hhhhhHHBBBbbb", 1, 0, 0, 0, 0, 2, 0, 0x31, 0x33, 0x35, 0, 0, 0)[:-3] + bytes((100, 100))
    program = FontProgram(glyphs(triangle, part))
    assert program.outline(0).path().replace("L0 0Z", "Z") == "M0 0L100 0L100 100Z"
    closed = program.outline(1).path()
    start = path.partition("L")[0].removeprefix("M")
    assert closed.replace(f"L{start}Z", "Z") == path


def test_a_contour_may_consist_of_control_points_alone() -> None:
    flags = bytes((0x36, 0x36 & ~0x10 | 0x10, 0x36, 0x26))
    data = struct.pack(">hhhhhHH", 1, 0, 0, 0, 0, 3, 0) + flags + bytes((0, 100, 0, 100)) + bytes((0, 0, 100, 0))
    outline = FontProgram(glyphs(data)).outline(0)
    assert next(name for name, _ in outline.steps) == "M"
    assert "Q" in {name for name, _ in outline.steps}


def test_short_offsets_and_a_font_without_widths_are_read() -> None:
    head = HEAD[:50] + b"\0\0" + b"\0\0"
    simple = _simple(4)
    loca = struct.pack(">2H", 0, len(simple) // 2)
    program = FontProgram(sfnt(head=head, loca=loca, glyf=simple))
    assert program.outline(0)
    assert program.advance(0) is None
    assert FontProgram(sfnt(head=head, loca=loca, glyf=simple, hhea=b"", hmtx=b"")).advance(0) is None
    with pytest.raises(FontProblem, match="too short"):
        FontProgram(sfnt(head=HEAD[:40], loca=loca, glyf=simple))


def test_a_glyph_made_of_itself_ends() -> None:
    with pytest.raises(FontProblem, match="too many parts"):
        FontProgram(glyphs(_composed(0))).outline(0)


def test_glyphs_that_multiply_end() -> None:
    bomb = [_composed(*[place + 1] * 60) for place in range(6)] + [_simple(4)]
    program, began = FontProgram(glyphs(*bomb)), time.process_time()
    with pytest.raises(FontProblem, match="too many parts"):
        program.outline(0)
    assert time.process_time() - began < 5


def test_a_glyph_of_too_many_points_ends() -> None:
    with pytest.raises(FontProblem, match="too many points"):
        FontProgram(glyphs(_simple(60_000))).outline(0)
    assert FontProgram(glyphs(_simple(1_000))).outline(0).points > 1_000


@pytest.mark.parametrize("cut", [11, 13, 15])
def test_a_glyph_that_ends_early_is_a_problem_of_that_glyph_alone(cut: int) -> None:
    good = _simple(8)
    program = FontProgram(glyphs(good[:cut], good))
    with pytest.raises(FontProblem):
        program.outline(0)
    assert program.outline(1)
    with pytest.raises(FontProblem):
        program.outline(0)  # remembered, and told again


def test_an_index_beyond_the_font_is_blank() -> None:
    for data in (TRUETYPE, OPENTYPE):
        assert not FontProgram(data).outline(60_000)


def test_offsets_that_run_backward_or_out_of_the_table_are_blank() -> None:
    loca = struct.pack(">4I", 500, 20, 10, 99_999)
    program = TrueTypeOutlines(Sfnt(sfnt(head=HEAD, loca=loca, glyf=b"\0" * 40)))
    assert [program.outline(glyph).steps for glyph in range(3)] == [(), (), ()]


def _cmap(*subtables: tuple[int, int, bytes]) -> bytes:
    at, rows, body = 4 + 8 * len(subtables), b"", b""
    for platform, encoding, content in subtables:
        rows += struct.pack(">HHI", platform, encoding, at + len(body))
        body += content
    return struct.pack(">HH", 0, len(subtables)) + rows + body


def test_every_form_of_character_map_is_read() -> None:
    zero = struct.pack(">HHH", 0, 262, 0) + bytes(range(256))
    six = struct.pack(">HHHHH", 6, 14, 0, 0x4E2D, 2) + struct.pack(">HH", 7, 8)
    twelve = struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, 0x1F600, 0x1F601, 9)
    four = struct.pack(
        ">HHHHHHH2HH2H2h2H", 4, 32, 0, 4, 0, 0, 0, 0x4E2D, 0xFFFF, 0, 0x4E2D, 0xFFFF, 3 - 0x4E2D, 1, 0, 0
    )
    for key, table, code, glyph in (
        ((1, 0), zero, 65, 65),
        ((3, 1), six, 0x4E2E, 8),
        ((3, 10), twelve, 0x1F601, 10),
        ((3, 1), four, 0x4E2D, 3),
        ((3, 0), six.replace(b"\x4e\x2d", b"\xf0\x41"), 0x41, 7),
    ):
        lookup = character_map(Sfnt(sfnt(head=HEAD, cmap=_cmap((*key, table)))))
        assert lookup(code) == glyph
        assert lookup(0x3041) == 0
        assert lookup(0x10FFFF) == 0


@pytest.mark.parametrize(
    "table",
    [
        struct.pack(">HHIII", 12, 0, 28, 0, 0xFFFFFFFF) + struct.pack(">III", 0, 0xFFFFFFFF, 0) * 3,
        struct.pack(">HHHHHHH", 4, 32, 0, 0xFFFF, 0, 0, 0),
        struct.pack(">HHH", 6, 0, 0),
        b"\0\4",
        b"",
        struct.pack(">H", 99),
    ],
)
def test_a_character_map_that_promises_too_much_costs_nothing(table: bytes) -> None:
    began = time.process_time()
    lookup = character_map(Sfnt(sfnt(head=HEAD, cmap=_cmap((3, 10, table), (3, 1, table)))))
    assert lookup(0x4E2D) >= 0
    assert time.process_time() - began < 5


def test_a_symbol_font_and_one_without_a_map_are_no_error() -> None:
    assert character_map(Sfnt(sfnt(head=HEAD)))(65) == 0
    assert character_map(Sfnt(sfnt(head=HEAD, cmap=b"\0")))(65) == 0


# ---- CFF


def _index(*items: bytes) -> bytes:
    if not items:
        return b"\0\0"
    offsets = [1 + sum(map(len, items[:place])) for place in range(len(items) + 1)]
    return struct.pack(">HB", len(items), 4) + struct.pack(f">{len(offsets)}I", *offsets) + b"".join(items)


def _cff(charstrings: list[bytes], subrs: list[bytes]) -> bytes:
    def top(at: int) -> bytes:
        return b"\x1d" + struct.pack(">i", at) + b"\x11"  # CharStrings

    head = b"\1\0\4\1" + _index(b"F") + _index(top(0)) + _index() + _index(*subrs)
    return b"\1\0\4\1" + _index(b"F") + _index(top(len(head))) + _index() + _index(*subrs) + _index(*charstrings)


def _call(number: int) -> bytes:
    return bytes((number + 139 - 107, 29))


def test_a_bare_cff_program_is_read() -> None:
    square = bytes((139, 139, 21, 239, 6, 239, 7, 39, 6, 14))
    assert FontProgram(_cff([b"\x0e", square], [])).outline(1).path() == "M0 0L100 0L100 100L0 100Z"


SQUARE = bytes((139, 139, 21, 239, 6, 239, 7, 39, 6, 14))


def _number(value: int) -> bytes:
    return b"\x1d" + struct.pack(">i", value)


def _cid_keyed(charset: bytes, fd_select: bytes, *, private: bytes = b"", subrs: bytes = b"") -> bytes:
    """A CID-keyed program of three glyphs, of which the last two are a square; its matrix has 500 units to the em."""

    def top(*offsets: int) -> bytes:
        keys = (b"\x0f", b"\x11", b"\x0c\x25", b"\x0c\x24")  # charset, CharStrings, FDSelect, FDArray
        ros = _number(391) + _number(392) + _number(0) + b"\x0c\x1e"
        matrix = b"\x1e\xa0\x02\xff" + (_number(0) * 2 + b"\x1e\xa0\x02\xff" + _number(0) * 2) + b"\x0c\x07"
        return ros + matrix + b"".join(_number(at) + key for at, key in zip(offsets, keys, strict=True))

    head = b"\1\0\4\1" + _index(b"F") + _index(top(0, 0, 0, 0)) + _index(b"Adobe", b"Identity") + _index()
    called = _local(0) + b"\x0e" if subrs else SQUARE
    programs = _index(b"\x0e", called, called)
    at = len(head)
    after = at + len(programs) + len(charset) + len(fd_select)
    fonts = _index(_number(len(private)) + _number(0) + b"\x12")
    fonts = _index(_number(len(private)) + _number(after + len(fonts)) + b"\x12")
    offsets = (at + len(programs), at, at + len(programs) + len(charset), after)
    head = b"\1\0\4\1" + _index(b"F") + _index(top(*offsets)) + _index(b"Adobe", b"Identity") + _index()
    return head + programs + charset + fd_select + fonts + private + subrs


def _local(number: int) -> bytes:
    return bytes((number + 139 - 107, 10))


@pytest.mark.parametrize(
    ("charset", "cids"),
    [
        (b"\0" + struct.pack(">HH", 77, 99), (77, 99)),
        (b"\1" + struct.pack(">HB", 300, 1), (300, 301)),
        (b"\2" + struct.pack(">HH", 4000, 9000), (4000, 4001)),
    ],
)
@pytest.mark.parametrize("fd_select", [b"\0\0\0\0", b"\3" + struct.pack(">HHBHBH", 2, 0, 0, 2, 0, 3)])
def test_a_bare_cid_keyed_program_is_drawn_by_cid(charset: bytes, cids: tuple[int, int], fd_select: bytes) -> None:
    private = _number(6) + b"\x13"  # subroutines behind it
    program = FontProgram(_cid_keyed(charset, fd_select, private=private, subrs=_index(SQUARE[:-1] + b"\x0b")))
    assert program.units_per_em == 500
    assert [bool(program.outline(cid)) for cid in (*cids, 1, 5)] == [True, True, False, False]
    assert program.outline(cids[0]).path() == "M0 0L100 0L100 100L0 100Z"
    assert program.advance(1) is None


def test_a_charset_without_end_and_a_private_part_outside_the_file_are_told_or_ignored() -> None:
    endless = CffOutlines(memoryview(_cid_keyed(b"\2" + struct.pack(">HH", 60_000, 60_000), b"\0\0\0\0")))
    assert endless.glyph_of_cid(65_535) > 0
    assert CffOutlines(memoryview(_cid_keyed(b"\7", b"\0\0\0\0"))).glyph_of_cid(9) == 0
    cut = _cid_keyed(b"\0" + struct.pack(">HH", 7, 9), b"\0\0\0\0", private=b"\x8b" * 40)[:-20]
    with pytest.raises(FontProblem, match="private"):
        FontProgram(cut).outline(7)


def test_operands_of_every_length_are_read() -> None:
    wide = b"\x1c\x01\x00" + b"\x14" + b"\xf7\x00" + b"\x15" + b"\xfb\x00" + b"\x06" + b"\x0e"
    head = b"\1\0\4\1" + _index(b"F")
    for filler in (
        b"\x1c\x7f\xff\x02",
        b"\xf7\x09\x03",
        b"\xfb\x09\x04",
        b"\x1e\x1a\x5b\x2c\x3f\x0c\x08",
        b"\x1e\xd0\xff\x0d",
    ):
        at = len(head + _index(filler + _number(0) + b"\x11") + _index() + _index())
        data = head + _index(filler + _number(at) + b"\x11") + _index() + _index() + _index(wide)
        assert FontProgram(data).units_per_em == 1000


def test_subroutines_that_multiply_end() -> None:
    subrs = [_call(place + 1) * 20 + b"\x0b" for place in range(8)] + [b"\x0b"]
    program, began = FontProgram(_cff([_call(0) + b"\x0e"], subrs)), time.process_time()
    with pytest.raises(FontProblem, match="too long"):
        program.outline(0)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (_call(0), "too long"),
        (_call(99), "damaged"),
        (b"\x0a", "damaged"),
        (b"\x8b" * 5_000, "numbers"),
        (b"\x8b\x8b\x08", "damaged"),
        (b"\x0c\x22", "damaged"),
        (bytes((139, 139, 139, 139, 14)), "damaged"),
    ],
)
def test_a_damaged_program_is_a_problem_of_its_glyph(program: bytes, reason: str) -> None:
    with pytest.raises(FontProblem, match=reason):
        FontProgram(_cff([program], [_call(0)])).outline(0)


def _with_bytes(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, value in changes:
        changed[place % len(changed)] = value
    return bytes(changed)


@settings(max_examples=150, deadline=None)
@given(
    data=st.sampled_from([TRUETYPE, OPENTYPE, _cff([b"\x0e", _call(0)], [b"\x0b"])]),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_font_with_any_bytes_changed_is_drawn_or_told(data: bytes, changes: list[tuple[int, int]]) -> None:
    try:
        program = FontProgram(_with_bytes(data, changes))
    except FontProblem:
        return
    for character in "AB":
        try:
            program.outline(program.glyph_of(character))
        except FontProblem:
            continue


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_behind_a_cff_header_are_read_or_told(data: bytes) -> None:
    try:
        font_program = CffOutlines(memoryview(b"\1\0\4\1" + data))
        font_program.outline(0)
        font_program.glyph_of_cid(3)
    except FontProblem:
        pass


def test_a_font_too_large_or_too_many_are_told() -> None:
    fonts = "".join(
        f'<ofd:Font ID="{number}" FontName="T{number}"><ofd:FontFile>f</ofd:FontFile></ofd:Font>'
        for number in range(70)
    )
    text = "".join(TEXT.replace('Font="3"', f'Font="{number}"') for number in range(70))
    page = draw(page_parts(text, extra=resources(f"<ofd:Fonts>{fonts}</ofd:Fonts>", f=TRUETYPE)))
    assert notes(page).count("font_unreadable") == 6


# ---- names


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("ABCDEF+SimSun", "simsun"),
        ("KaiTi_GB2312", "kaiti"),
        ("楷体_GB2312", "楷体"),
        ("方正小标宋简体", "方正小标宋"),
        ("Times New Roman,Bold", "timesnewroman"),
        ("Courier-New", "couriernew"),
        ("/usr/x/simsun.ttc", "simsun"),
    ],
)
def test_names_lose_what_makers_add(name: str, plain: str) -> None:
    assert normalised(name) == plain


def test_heavy_and_latin_faces_are_known_by_name() -> None:
    assert [is_heavy(name) for name in ("黑体", "SimHei", "方正小标宋简体", "Arial,Bold", "宋体", "楷体")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    assert [has_latin_widths(name) for name in ("Times New Roman", "Courier New", "宋体")] == [True, True, False]


def test_a_machine_font_is_found_by_the_name_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    for name in ("simkai.ttf", "SimSun.ttc", "other.ttf", "notes.txt"):
        (tmp_path / "fonts" / name).write_bytes(TRUETYPE)
    find = machine_fonts(folders=[tmp_path])
    assert find("楷体") == FontFace(tmp_path / "fonts" / "simkai.ttf", 0)
    assert find("KaiTi_GB2312") == find("楷体")
    assert find("宋体") == FontFace(tmp_path / "fonts" / "SimSun.ttc", 0)
    assert find("仿宋") is None
    assert find("Wingdings") is None


def test_a_face_handed_in_is_drawn_and_a_broken_one_is_passed_over() -> None:
    named = resources('<ofd:Fonts><ofd:Font ID="3" FontName="楷体"/></ofd:Fonts>')
    document = package_of(page_parts(TEXT, extra=named)).documents[0]
    found = render_page(document, find_font=lambda name: FontFace(TRUETYPE) if name == "楷体" else None)
    assert (notes(found), len(elements(found, "path"))) == ([], 2)
    assert elements(found, "path")[0].get("d") == "M0 0L500 0L500 500L0 500L0 0Z"
    for broken in (FontFace(b"no font"), FontFace(Path("nowhere.ttf"))):
        assert codes(render_page(document, find_font={"楷体": broken}.get)) == {"font_substituted"}


def test_a_face_of_a_collection_is_chosen_by_its_number() -> None:
    shifted = struct.pack(">4sIII", b"ttcf", 0x10000, 1, 16) + TRUETYPE[:12]
    rows = [
        struct.unpack_from(">4sIII", TRUETYPE, 12 + 16 * row) for row in range(struct.unpack_from(">H", TRUETYPE, 4)[0])
    ]
    shifted += b"".join(struct.pack(">4sIII", tag, total, at + 16, size) for tag, total, at, size in rows)
    collection = shifted + TRUETYPE[12 + 16 * len(rows) :]
    assert FontProgram(collection, face=0).outline(1)
    with pytest.raises(FontProblem, match="no face 1"):
        FontProgram(collection, face=1)


def test_the_bundled_face_can_be_named_by_its_bytes() -> None:
    assert FontProgram(bundled_font()).units_per_em == 1000
