"""A stranger's seal picture is judged by its own bytes, before anything decodes it."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_PICTURE_LIMITS
from egov_sdk.seal._gbt38540 import parse_seal
from egov_sdk.seal.picture import LENIENCIES, inspect_picture
from tests.interop_data import interop
from tests.unit.seal.pictures import (
    bmp,
    chunk,
    embedded,
    frame_header,
    gif,
    gif_frame,
    ihdr,
    jpeg,
    painted,
    png,
    segment,
    svg,
)

PALETTE = b"\xff" * 6
KNOWN_VERDICTS = rf"egov\.(seal\.picture\.\w+|input\.limit_exceeded)|(({'|'.join(LENIENCIES)}) ?)*"


def _ofd() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("OFD.xml", "<OFD/>")
    return out.getvalue()


SAMPLES: dict[str, Callable[[], bytes]] = {
    "PNG": png,
    "GIF": gif,
    "BMP": bmp,
    "JPG": jpeg,
    "SVG": svg,
    "OFD": _ofd,
}


def _code(data: bytes) -> str:
    with pytest.raises(ParseError) as caught:
        inspect_picture(data, where="seal.picture")
    assert "seal.picture" in caught.value.where
    return caught.value.code.removeprefix("egov.seal.picture.")


def _verdict(data: bytes, *, declared: str = "") -> str:
    """The code of the refusal, or the codes of what was noted. Any other exception is the test's failure."""
    try:
        return " ".join(note.code for note in inspect_picture(data, declared=declared).leniencies)
    except InputError as refused:
        return refused.code


def _limit(data: bytes, **fields: int) -> tuple[str, object]:
    with pytest.raises(LimitExceeded) as caught:
        inspect_picture(data, limits=replace(DEFAULT_PICTURE_LIMITS, **fields))
    return caught.value.limit, caught.value.found


@pytest.mark.parametrize("form", SAMPLES)
def test_every_format_is_known_by_its_bytes(form: str) -> None:
    found = inspect_picture(SAMPLES[form](), declared=form)
    assert found.format == form
    assert (found.width_px, found.height_px) == ((None, None) if form in ("SVG", "OFD") else (12, 9))
    assert [note.code for note in found.leniencies] == (["picture_type_ofd"] if form == "OFD" else [])


@pytest.mark.parametrize(("form", "named"), [("PNG", "PNG"), ("GIF", "GIF"), ("BMP", "BMP"), ("JPEG", "JPG")])
def test_pictures_of_another_maker_are_read(form: str, named: str) -> None:
    found = inspect_picture(painted(form, width=31, height=7))  # type: ignore[arg-type]  # a parameter is a plain str
    assert (found.format, found.width_px, found.height_px, found.leniencies) == (named, 31, 7, ())


@pytest.mark.parametrize(
    ("declared", "data", "codes"),
    [
        ("", png(), []),
        ("PNG", png(), []),
        ("png", png(), ["picture_type_spelling"]),
        ("Gif", gif(), ["picture_type_spelling"]),
        ("JPEG", jpeg(), ["picture_type_spelling"]),
        ("jpg", jpeg(), ["picture_type_spelling"]),
        ("ofd", _ofd(), ["picture_type_ofd"]),
        ("GIF", png(), ["picture_type_differs"]),
        ("gif", png(), ["picture_type_spelling", "picture_type_differs"]),
        ("OFD", png(), ["picture_type_ofd", "picture_type_differs"]),
        ("image/png", png(), ["picture_type_differs"]),
        ("PNG", _ofd(), ["picture_type_differs"]),
    ],
)
def test_the_declared_type_is_only_a_claim(declared: str, data: bytes, codes: list[str]) -> None:
    found = inspect_picture(data, declared=declared)
    assert [note.code for note in found.leniencies] == codes
    assert found.declared == declared


def test_every_deviation_is_explained_in_both_languages() -> None:
    met = {note.code for data in (png(tail=b"x"), gif(tail=b"")) for note in inspect_picture(data).leniencies}
    met |= {note.code for declared in ("png", "ofd") for note in inspect_picture(png(), declared=declared).leniencies}
    assert met == LENIENCIES.keys()
    assert all(text.en != text.zh for text in LENIENCIES.values())


@pytest.mark.parametrize(
    "start", [b"", b"\0" * 64, b"II*\0", b"\x1f\x8b\x08", b"%PDF-1.7", b"PK\x03\x04rest", b"RIFF....WEBP"]
)
def test_anything_else_is_refused(start: bytes) -> None:
    assert _code(start) == "unknown_format"


@pytest.mark.parametrize(
    ("data", "limit"),
    [
        (png(100_000, 100_000), "side_px"),
        (png(16_000, 16_000), "pixels"),
        (png(2**31 - 1, 1), "side_px"),
        (gif(65_535, 65_535), "side_px"),
        (gif(12, 9, blocks=gif_frame(60_000, 9)), "side_px"),
        (gif(12, 9, blocks=gif_frame(9, 9, left=60_000)), "side_px"),
        (bmp(100_000, 100_000), "side_px"),
        (bmp(9, -(2**31)), "side_px"),
        (jpeg(65_535, 65_535), "side_px"),
        (jpeg(16_000, 16_000), "pixels"),
        (svg(embedded(png(100_000, 100_000))), "side_px"),
    ],
)
def test_a_picture_larger_than_the_limits_is_refused_before_it_is_decoded(data: bytes, limit: str) -> None:
    assert len(data) < 8192
    assert _limit(data)[0] == limit


def test_the_limits_are_those_that_were_given() -> None:
    assert _limit(png(12, 9), side_px=11) == ("side_px", 12)
    assert _limit(png(12, 9), pixels=107) == ("pixels", 108)
    assert _limit(png(12, 9), data_bytes=20) == ("data_bytes", len(png()))
    assert inspect_picture(png(12, 9), limits=replace(DEFAULT_PICTURE_LIMITS, side_px=12, pixels=108)).width_px == 12
    assert _limit(png(12, 9), pixels=107) == ("pixels", 108)  # also when it was good under others


def test_pictures_inside_an_svg_are_counted_together() -> None:
    assert _limit(svg(embedded(png(12, 9)) * 3), pixels=323) == ("pixels", 324)


@pytest.mark.parametrize("wrong", [0, -1, -(2**40)])
def test_a_printed_size_of_nothing_is_refused(wrong: int) -> None:
    for width, height in ((wrong, 42), (42, wrong)):
        with pytest.raises(ParseError, match="printed size") as caught:
            inspect_picture(png(), width_mm=width, height_mm=height)
        assert caught.value.code == "egov.seal.picture.size"


def test_a_printed_size_beyond_the_limit_is_refused() -> None:
    assert inspect_picture(png(), width_mm=42, height_mm=300).format == "PNG"
    for width, height in ((301, 42), (42, 301)):
        with pytest.raises(LimitExceeded) as caught:
            inspect_picture(png(), width_mm=width, height_mm=height)
        assert (caught.value.limit, caught.value.found) == ("side_mm", 301)


@pytest.mark.parametrize(
    "data",
    [
        png(12, 9, chunk(b"acTL", b"\0\0\0\2\0\0\0\0")),
        png(12, 9, chunk(b"fcTL", b"\0" * 26)),
        png(12, 9, chunk(b"fdAT", b"\0" * 8)),
        gif(blocks=gif_frame() * 2),
        gif(blocks=gif_frame() + b"\x21\xf9\x04\0\0\0\0\0" + gif_frame()),
        gif(12, 9, blocks=gif_frame() * 100_000),
    ],
)
def test_a_picture_that_changes_is_refused(data: bytes) -> None:
    assert _code(data) == "animated"


SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "data",
    [
        png(0, 9),
        png(12, 0),
        SIGNATURE,
        SIGNATURE + chunk(b"IEND"),
        SIGNATURE + chunk(b"IDAT", b"x" * 13) + ihdr(12, 9) + chunk(b"IEND"),
        SIGNATURE + ihdr(12, 9)[:-1] + b"\0" + chunk(b"IDAT") + chunk(b"IEND"),
        SIGNATURE + ihdr(12, 9) + chunk(b"IEND"),
        SIGNATURE + ihdr(12, 9) + chunk(b"IDAT"),
        SIGNATURE + ihdr(12, 9) + chunk(b"IDAT") + ihdr(9, 9) + chunk(b"IEND"),
        SIGNATURE + ihdr(12, 9) + b"\xff\xff\xff\xffIDAT",
        SIGNATURE + ihdr(12, 9, depth=4) + chunk(b"IDAT") + chunk(b"IEND"),
        SIGNATURE + ihdr(12, 9, colour=5) + chunk(b"IDAT") + chunk(b"IEND"),
        SIGNATURE + ihdr(12, 9, interlace=2) + chunk(b"IDAT") + chunk(b"IEND"),
        gif(0, 9),
        gif(blocks=b""),
        gif(blocks=b"\x99"),
        gif(blocks=gif_frame(0, 9)),
        gif(blocks=gif_frame(flags=0x87)),
        gif(tail=b"\x2c"),
        b"GIF89a\x01\0",
        bmp(0, 9),
        bmp(-12, 9),
        bmp(-(2**31) + 1, 1),
        bmp(planes=2),
        bmp(depth=7),
        bmp(compression=4),
        bmp(compression=5),
        bmp(4000, 4000),
        bmp()[:14] + b"\x29\0\0\0" + bmp()[18:],
        bmp()[:10] + b"\x20\0\0\0" + bmp()[14:],
        bmp()[:-1],
        jpeg(0, 9),
        jpeg(12, 0),
        jpeg(frames=b""),
        jpeg(frames=frame_header(12, 9) * 2),
        jpeg(frames=frame_header(12, 9) + frame_header(9, 9, marker=0xC2)),
        jpeg(frames=segment(0xC0, b"\x08\x00")),
        jpeg(frames=b"\x00"),
        jpeg(frames=b"\xff\xd9"),
        jpeg(scan=b"\x12" + frame_header(60_000, 60_000) + b"\xff\xd9"),
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\xff\xff",
        b"\xff\xd8" + b"\xff" * 100,
        b"\xff\xd8" + segment(0xE1, b"") * 10_001,
        b"<svg",
        b"<!DOCTYPE svg><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg xmlns='http://www.w3.org/2000/svg'>&b;</svg>",
        b"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>",
        svg("&undefined;"),
        svg(embedded(b"GIF89a")),
        svg("<image href='data:image/png;base64,###'/>"),
    ],
)
def test_a_broken_picture_is_refused(data: bytes) -> None:
    assert _code(data) == "malformed"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png(tail=b"more"), "picture_trailing_data"),
        (gif(tail=b"\x3bmore"), "picture_trailing_data"),
        (gif(tail=b""), "picture_end_missing"),
        (jpeg(scan=b"\x12\x34"), "picture_end_missing"),
    ],
)
def test_what_decoders_overlook_is_named(data: bytes, code: str) -> None:
    assert [note.code for note in inspect_picture(data).leniencies] == [code]


@pytest.mark.parametrize(
    "data",
    [
        gif(blocks=b"\x21\xf9\x04\0\0\0\0\0" + gif_frame()),
        gif(blocks=gif_frame(flags=0x80).replace(b"\x02\x02\x44", PALETTE + b"\x02\x02\x44")),
        b"GIF87a" + gif()[6:],
        bmp(12, -9),
        bmp(compression=1, depth=8),
        b"BM" + b"\0" * 8 + b"\x1a\0\0\0" + b"\x0c\0\0\0\x0c\0\x09\0\x01\0\x18\0" + b"\0" * 324,
        jpeg(frames=b"\xff" * 5 + frame_header(12, 9, marker=0xC2)[1:]),
        jpeg(frames=b"\xff\x01" + frame_header(12, 9)),
        png(12, 9, chunk(b"tEXt", b"Author\0someone")),
    ],
)
def test_lawful_variants_are_read(data: bytes) -> None:
    found = inspect_picture(data)
    assert (found.width_px, found.height_px, found.leniencies) == (12, 9, ())


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>",
        "<p xmlns='http://www.w3.org/1999/xhtml'>x</p>",
        "<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
        "<metadata><script>1</script></metadata>",
        "<animate attributeName='href' to='x'/>",
        "<set attributeName='x' to='y'/>",
        "<a href='#x'><rect/></a>",
        "<iframe/>",
        "<filter id='f'/>",
        "<rect onload='x()'/>",
        "<rect ONCLICK='x()'/>",
        "<rect xlink:onbegin='x()'/>",
        "<g xml:base='https://example.org/'/>",
        "<?php x ?>",
        "<style>@import 'x.css';</style>",
        "<style>.a{fill:url(#a)}</style>",
        "<style>.a{background:u\\72l(x)}</style>",
        "<style><![CDATA[@font-face{src:local(x)}]]></style>",
        "<rect style='behavior: x'/>",
        "<rect style='width:expression(1)'/>",
        "<rect fill='\\75rl(x)'/>",
    ],
)
def test_svg_that_does_more_than_draw_is_refused(body: str) -> None:
    assert _code(svg(body)) == "active_content"


@pytest.mark.parametrize("before", ["<?xml-stylesheet href='x.css'?>", "<!-- a --><?x y?>"])
def test_an_instruction_beside_the_svg_is_refused(before: str) -> None:
    assert _code(svg(before=before)) == "active_content"
    assert _code(svg() + b"<?x y?>") == "active_content"


@pytest.mark.parametrize(
    "body",
    [
        "<image href='https://example.org/a.png'/>",
        "<image href='file:///etc/passwd'/>",
        "<image xlink:href='a.png'/>",
        "<image href='#a' xlink:href='a.png'/>",
        "<image href='data:image/svg+xml;base64,PHN2Zy8+'/>",
        "<image href='data:text/html;base64,PHN2Zy8+'/>",
        "<image href='data:image/png,raw'/>",
        "<use href='other.svg#a'/>",
        "<use href='data:image/png;base64,AAAA'/>",
        "<use href=' javascript:x()'/>",
        "<rect href=''/>",
        "<rect fill='url(https://example.org/#a)'/>",
        '<rect style="fill: URL( &quot;a.svg#b&quot; )"/>',
        "<rect fill='&#x75;rl(x)'/>",
        "<rect fill='url('/>",
    ],
)
def test_svg_that_leads_outside_is_refused(body: str) -> None:
    assert _code(svg(body)) == "external_reference"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html/>", "unknown_format"),
        (b"<svg/>", "unknown_format"),
        (b"<svg xmlns='http://example.org/'/>", "unknown_format"),
        (svg("<image href='data:image/png;base64,QUJD'/>"), "unknown_format"),
        (svg(embedded(gif(blocks=gif_frame() * 2), "gif")), "animated"),
    ],
)
def test_svg_in_name_only_is_refused(data: bytes, code: str) -> None:
    assert _code(data) == code


def _levels(count: int, times: int, last: str = "<rect/>") -> str:
    uses = [f"<g id='l{n}'>" + f"<use href='#l{n + 1}'/>" * times + "</g>" for n in range(count)]
    return "".join(uses) + f"<g id='l{count}'>{last}</g>"


@pytest.mark.parametrize(
    "body",
    [
        _levels(12, 10),
        _levels(6, 10),
        _levels(20, 1),
        "<rect " + " ".join(f"a{n}=''" for n in range(257)) + "/>",
        "<g id='a'><use href='#a'/></g>",
        "<g id='a'><use href='#b'/></g><g id='b'><use xlink:href='#a'/></g>",
        "<pattern id='a'><rect fill='url(#a)'/></pattern>",
        "".join(
            f"<pattern id='p{n}'>" + f"<rect style='fill:url(\"#p{n + 1}\")'/>" * 10 + "</pattern>" for n in range(8)
        ),
        "<g id='a'/><g id='a'>" + "<rect/>" * 500 + "</g>" + "<use href='#a'/>" * 500,
    ],
)
def test_svg_that_multiplies_itself_is_refused(body: str) -> None:
    assert _code(svg(body)) == "too_complex"


def test_svg_deeper_or_larger_than_any_seal_is_refused() -> None:
    assert _limit(svg("<g>" * 70 + "</g>" * 70))[0] == "xml_depth"
    assert _limit(svg("<g/>" * 200_001))[0] == "xml_elements"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + svg(before="<?xml version='1.0' encoding='UTF-8'?>\n<!-- seal -->\n"),
        svg("<!-- a --><defs><linearGradient id='g'><stop offset='0'/></linearGradient></defs><rect fill='url(#g)'/>"),
        svg("<style>.a{fill:#dc1414}</style><path class='a' d='M0 0L1 1'/>"),
        svg("<defs><path id='p' d='M0 0'/></defs><text><textPath href='#p'>示例</textPath></text><use href='#none'/>"),
        svg(embedded(png())),
        svg(embedded(jpeg(), "jpeg") + embedded(gif(), "gif")),
        svg(_levels(4, 10)),
    ],
)
def test_svg_that_only_draws_is_taken(data: bytes) -> None:
    assert inspect_picture(data).format == "SVG"


@pytest.mark.parametrize("name", ["UserV1.esl", "UserV4.esl", "UserV5.esl"])
def test_pictures_of_seals_made_by_others_are_taken(name: str) -> None:
    picture = parse_seal(interop("ofd", name).read_bytes()).picture
    found = inspect_picture(
        picture.data, declared=picture.format, width_mm=picture.width_mm, height_mm=picture.height_mm
    )
    assert (found.format, found.width_px, found.height_px, found.leniencies) == ("PNG", 400, 400, ())


def test_a_tax_seal_carries_a_whole_ofd_package() -> None:
    with zipfile.ZipFile(interop("ofd", "draw_param_ref.ofd")) as package:
        seal = next(name for name in package.namelist() if name.endswith("Seal.esl"))
        picture = parse_seal(package.read(seal)).picture
    found = inspect_picture(picture.data, declared=picture.format)
    assert (found.format, [note.code for note in found.leniencies]) == ("OFD", ["picture_type_ofd"])


@pytest.mark.parametrize("form", SAMPLES)
@settings(deadline=None)
@given(data=st.data())
def test_damaged_pictures_raise_only_input_errors(form: str, data: st.DataObject) -> None:
    whole = bytearray(SAMPLES[form]())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))]) + data.draw(st.binary(max_size=20))
    assert re.fullmatch(KNOWN_VERDICTS, _verdict(damaged, declared=data.draw(st.text(max_size=5))))


@settings(deadline=None)
@given(
    start=st.sampled_from([SIGNATURE, SIGNATURE + ihdr(9, 9), b"GIF89a", b"BM", b"\xff\xd8\xff", b"PK\x03\x04", b"<"]),
    rest=st.binary(max_size=300),
)
def test_random_bytes_raise_only_input_errors(start: bytes, rest: bytes) -> None:
    assert re.fullmatch(KNOWN_VERDICTS, _verdict(start + rest))


@pytest.mark.parametrize("form", ["PNG", "GIF", "BMP", "SVG"])
def test_every_shortened_picture_is_refused_or_noted(form: str) -> None:
    whole = SAMPLES[form]()
    expected = {"egov.seal.picture.malformed", "egov.seal.picture.unknown_format", "picture_end_missing"}
    assert {_verdict(whole[:length]) for length in range(len(whole))} <= expected


HEAVY: dict[str, Callable[[int], bytes]] = {
    "PNG": lambda size: SIGNATURE + ihdr(9, 9) + chunk(b"tEXt") * (size // 12),
    "GIF": lambda size: gif(blocks=gif_frame()[:-1] + b"\x01\x00" * 0 + b"\x01\x07" * (size // 2)),
    "JPG": lambda size: b"\xff\xd8\xff\xe0\0\2" + b"\xff\xe1\0\2" * (size // 4),
    "SVG elements": lambda _: svg("<g id='a'>" * 60 + "<use href='#b'/>" * 99_000 + "</g>" * 60),
    "SVG attributes": lambda _: svg("<rect " + " ".join(f"a{n}=''" for n in range(190_000)) + "/>"),
    "SVG nested names": lambda _: svg(
        "".join(f"<g id='i{n}'>" for n in range(60))
        + "<g/>" * 99_000
        + "</g>" * 60
        + "".join(f"<use href='#i{n}'/>" for n in range(60))
    ),
    "SVG references": lambda size: svg("<rect d='" + "url(#)" * (size // 6) + "'/>"),
}


@pytest.mark.parametrize("form", HEAVY)
def test_a_picture_of_the_greatest_size_is_judged_quickly(form: str) -> None:
    data = HEAVY[form](DEFAULT_PICTURE_LIMITS.data_bytes - 4096)
    started = time.process_time()
    _verdict(data)
    assert time.process_time() - started < 8
