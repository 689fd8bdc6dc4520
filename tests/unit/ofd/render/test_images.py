"""Pictures: told by their bytes, sized by their header, stripped of all that is not their pixels."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from egov_sdk.ofd.render.images import PictureProblem, open_picture
from tests.unit.ofd.render.drawn import draw, elements, notes, page_parts, picture_file, png, resources


def _file(form: str, size: tuple[int, int] = (6, 4), *, frames: int = 1) -> bytes:
    picture = Image.new("RGB", size, (200, 10, 10))
    file = io.BytesIO()
    others = [Image.new("RGB", size, (0, 0, 9 * number)) for number in range(1, frames)]
    picture.save(file, form, **({"save_all": True, "append_images": others} if others else {}))
    return file.getvalue()


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/png"), ("BMP", "image/png"), ("TIFF", "image/png")],
)
def test_every_usual_form_is_read(form: str, media_type: str) -> None:
    found = open_picture(_file(form))
    assert (found.media_type, found.width, found.height) == (media_type, 6, 4)
    with Image.open(io.BytesIO(found.data)) as shown:
        red, green, _ = shown.convert("RGB").resize((1, 1)).tobytes()
    assert red > 180
    assert green < 40


def test_a_png_keeps_its_pixels_and_nothing_else() -> None:
    told = ((b"tEXt", b"a\0secret"), (b"acTL", b"\0" * 8), (b"iCCP", b"x" * 40), (b"eXIf", b"y"))
    assert open_picture(png(5, 5, chunks=told) + b"trailing").data == png(5, 5)


def test_of_several_frames_the_first_is_shown() -> None:
    found = open_picture(_file("GIF", frames=3))
    with Image.open(io.BytesIO(found.data)) as shown:
        assert getattr(shown, "n_frames", 1) == 1
        assert shown.convert("RGB").getpixel((0, 0)) == (200, 10, 10)


HUGE = png(4, 4).replace(struct.pack(">II", 4, 4), struct.pack(">II", 4, 99_999))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"\x89PNG\r\n\x1a\n",
        png(4, 4)[:30],
        png(4, 4)[:-3],
        HUGE,
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\0\4ab\xff\xda\0\2",
        _file("JPEG")[:20],
        b"GIF89a",
        _file("GIF")[:12],
        b"BM",
        _file("BMP")[:30],
        b"II*\0",
        b"\x97JB2\r\n\x1a\n" + b"\0" * 20,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        _file("JPEG")[:-2] + _file("JPEG"),
    ],
)
def test_what_cannot_be_drawn_is_told_and_the_page_goes_on(data: bytes) -> None:
    with pytest.raises(PictureProblem):
        open_picture(data)
    page = draw(picture_file(data))
    assert notes(page) == ["image_unreadable"]
    assert elements(page, "image") == []


def test_a_picture_too_large_to_be_redrawn_is_refused_by_its_header() -> None:
    header = struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 0, 0, 0, 54, 40, 15_000, 15_000, 1, 24, 0, 0, 0, 0, 0, 0)
    with pytest.raises(PictureProblem, match="15000 by 15000"):
        open_picture(header + b"\0" * 100)


@settings(max_examples=150, deadline=None)
@given(
    data=st.sampled_from([_file(form) for form in ("PNG", "JPEG", "GIF", "BMP", "TIFF")]),
    changes=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_picture_with_any_bytes_changed_is_read_or_told(data: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(data)
    for place, value in changes:
        changed[place % len(changed)] = value
    try:
        found = open_picture(bytes(changed))
    except PictureProblem:
        return
    assert found.pixels > 0


def test_a_picture_fills_the_unit_square_of_its_object() -> None:
    page = draw(picture_file(png(5, 5)))
    assert elements(page, "use")[0].get("transform") == "matrix(30 0 0 15 10 20)"
    image = elements(page, "image")[0]
    assert [image.get(name) for name in ("width", "height", "preserveAspectRatio")] == ["1", "1", "none"]


def test_a_picture_without_a_matrix_fills_its_boundary() -> None:
    parts = picture_file(png(5, 5))
    parts["Doc_0/P.xml"] = str(parts["Doc_0/P.xml"]).replace('CTM="30 0 0 15 0 0"', "")
    assert elements(draw(parts), "use")[0].get("transform") == "matrix(30 0 0 15 10 20)"


def test_a_picture_that_comes_again_is_held_once() -> None:
    page = draw(picture_file(png(5, 5), objects=4))
    assert (len(elements(page, "image")), len(elements(page, "use"))) == (1, 4)


def test_a_picture_may_be_transparent_masked_and_framed() -> None:
    media = "".join(
        f'<ofd:MultiMedia ID="{number}" Type="Image"><ofd:MediaFile>{name}</ofd:MediaFile></ofd:MultiMedia>'
        for number, name in ((7, "i"), (8, "m"))
    )
    content = (
        '<ofd:ImageObject ResourceID="7" ImageMask="8" Alpha="51" Boundary="1 2 3 4" CTM="3 0 0 4 0 0"><ofd:Border '
        'LineWidth="0.5"><ofd:BorderColor Value="9 0 0"/></ofd:Border></ofd:ImageObject>'
    )
    page = draw(
        page_parts(content, extra=resources(f"<ofd:MultiMedias>{media}</ofd:MultiMedias>", i=png(3, 3), m=png(3, 3)))
    )
    use = elements(page, "use")[-1]
    assert use.get("opacity") == "0.2"
    assert use.get("mask") == f"url(#{elements(page, 'mask')[0].get('id')})"
    border = elements(page, "path")[0]
    assert (border.get("d"), border.get("stroke"), border.get("stroke-width")) == (
        "M1 2L4 2L4 6L1 6Z",
        "#090000",
        "0.5",
    )


def test_the_case_of_a_name_matters_and_a_path_may_not_leave_the_package() -> None:
    media = (
        '<ofd:MultiMedias><ofd:MultiMedia ID="7" Type="Image"><ofd:MediaFile>{loc}</ofd:MediaFile></ofd:MultiMedia>'
        "</ofd:MultiMedias>"
    )
    content = '<ofd:ImageObject ResourceID="7" Boundary="1 2 3 4"/>'
    for loc in ("I", "../../../etc/passwd", "C:/i", ""):
        page = draw(page_parts(content, extra=resources(media.format(loc=loc), i=png(3, 3))))
        assert elements(page, "image") == []
        assert "resource_missing" in notes(page)
