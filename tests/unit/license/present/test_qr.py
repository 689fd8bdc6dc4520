"""QR codes: what fits which version, and that the picture holds the modules."""

from __future__ import annotations

import io
import re

import pytest
import qrcode  # type: ignore[import-untyped]  # qrcode has no types
from PIL import Image

from egov_sdk.license.present.qr import QrFormat, draw_qr
from egov_sdk.license.problems import LicenseRejected
from tests.presentation_world import FIELDS, Scene, scene

#: ISO/IEC 18004, table 7: what a code of version 15 holds at level M in alphanumeric mode.
CAPACITY_15_M = 600


@pytest.fixture(scope="module")
def stage() -> Scene:
    return scene()


def best_version(text: str) -> int:
    """As the library chooses it, by itself."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    return int(code.version)


def shown_texts(stage: Scene) -> dict[str, str]:
    usual = ("holder_name", "number")
    return {
        "issuer, type only": stage.token(fields={}),
        "issuer, usual items": stage.token(fields={name: FIELDS[name] for name in ("identifier", *usual)}),
        "issuer, everything": stage.token(),
        "holder, type only": stage.shown(nonce=None),
        "holder, one item": stage.shown("holder_name", nonce=None),
        "holder, usual items": stage.shown(*usual, nonce=None),
    }


def test_presentations_fit_version_15_at_level_m(stage: Scene) -> None:
    for name, text in shown_texts(stage).items():
        assert len(text) <= CAPACITY_15_M, name
        assert best_version(text) <= 15, name
        assert draw_qr(text, largest_version=15).version == best_version(text), name


def test_version_15_is_as_large_as_the_standard_says() -> None:
    assert best_version("A" * CAPACITY_15_M) == 15
    assert best_version("A" * (CAPACITY_15_M + 1)) == 16


def test_this_text_is_smaller_than_base64_in_byte_mode(stage: Scene) -> None:
    import base64

    from egov_sdk.license.present import _base45 as base45

    text = stage.shown("holder_name", "number", nonce=None)
    octets = base45.decode(text.removeprefix("EGL1:"), what="test")
    assert best_version(text) < best_version(base64.urlsafe_b64encode(octets).decode())


def test_a_presentation_of_everything_still_fits_a_code(stage: Scene) -> None:
    assert draw_qr(stage.shown(*FIELDS)).version <= 25


def modules_of_png(octets: bytes, pixels: int) -> list[list[bool]]:
    image = Image.open(io.BytesIO(octets)).convert("L")
    side = image.width // pixels
    middle = pixels // 2
    return [[image.getpixel((x * pixels + middle, y * pixels + middle)) == 0 for x in range(side)] for y in range(side)]


def modules_of_svg(octets: bytes) -> list[list[bool]]:
    text = octets.decode()
    match = re.search(r'viewBox="0 0 (\d+) \1"', text)
    assert match is not None
    side = int(match[1])
    rows = [[False] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", text):
        for place in range(int(x), int(x) + int(width)):
            rows[int(y)][place] = True
    return rows


def test_both_forms_hold_the_same_modules_inside_a_quiet_zone(stage: Scene) -> None:
    text = stage.token()
    png, svg = draw_qr(text, form="png"), draw_qr(text)
    pixels = 6  # half a millimetre at 300 dots per inch
    modules = modules_of_png(png.octets, pixels)
    assert modules == modules_of_svg(svg.octets)
    assert len(modules) == 17 + 4 * svg.version + 8 == svg.modules
    assert not any(any(row) for row in (*modules[:4], *modules[-4:]))
    assert modules[4][4:11] == [True] * 7  # the upper edge of the first finder pattern


def test_the_modules_are_those_of_the_library(stage: Scene) -> None:
    text = stage.shown("holder_name")
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0, mask_pattern=2)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    drawn = modules_of_svg(draw_qr(text, quiet_modules=0).octets)
    assert drawn == [[bool(module) for module in row] for row in code.modules]


def test_sizes_are_what_was_asked_for(stage: Scene) -> None:
    svg = draw_qr(stage.token(), module_mm=0.4, quiet_modules=2)
    assert svg.size_mm == round(svg.modules * 0.4, 3)
    assert f'width="{svg.size_mm:g}mm"'.encode() in svg.octets
    png = draw_qr(stage.token(), form="png", module_mm=0.5, dpi=300)
    assert png.size_mm == pytest.approx(png.modules * 6 * 25.4 / 300, abs=0.01)
    assert Image.open(io.BytesIO(png.octets)).info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert (svg.media_type, png.media_type) == ("image/svg+xml", "image/png")


def test_one_text_has_one_picture() -> None:
    assert draw_qr("A1", form="png") == draw_qr("A1", form="png")
    assert draw_qr("A1").octets != draw_qr("A2").octets


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_text_that_does_not_fit_is_refused(form: QrFormat) -> None:
    with pytest.raises(LicenseRejected) as caught:
        draw_qr("A" * 601, form=form, largest_version=15)
    assert caught.value.code == "egov.license.qr_too_large"
    with pytest.raises(LicenseRejected):
        draw_qr("A" * 4_000, form=form)


@pytest.mark.parametrize(
    "changes",
    [
        {"form": "gif"},
        {"level": "X"},
        {"module_mm": 0},
        {"module_mm": float("nan")},
        {"quiet_modules": -1},
        {"largest_version": 41},
        {"form": "png", "dpi": 1},
        {"form": "png", "dpi": 100_000},
    ],
)
def test_sizes_that_cannot_be_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be|pixels"):
        draw_qr("A", **changes)  # type: ignore[arg-type]  # wrong ones are the point
