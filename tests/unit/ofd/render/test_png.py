"""PNG of a drawing: the size that was asked for, the same each time, and a clear word where resvg is missing."""

from __future__ import annotations

import importlib
import io

import pytest
from PIL import Image

from egov_sdk.errors import LimitExceeded, MissingExtra
from egov_sdk.ofd.render import RenderedPage, rasterize
from tests.unit.ofd.render.drawn import SQUARE, draw, page_parts, picture_file, png

PAGE = page_parts(
    '<ofd:PathObject Boundary="10 10 10 10" Fill="true" Stroke="false"><ofd:FillColor Value="200 0 0"/>'
    f"{SQUARE}</ofd:PathObject>"
)


def _pixels(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB")


def test_a_drawing_becomes_a_picture_of_the_resolution_asked_for() -> None:
    picture = _pixels(rasterize(draw(PAGE), dpi=254))
    assert picture.size == (1000, 500)
    assert picture.getpixel((150, 150)) == (200, 0, 0)
    assert picture.getpixel((50, 50)) == (255, 255, 255)


def test_the_same_drawing_gives_the_same_picture() -> None:
    assert rasterize(draw(PAGE)) == rasterize(draw(PAGE))


def test_a_picture_inside_the_page_is_drawn() -> None:
    assert _pixels(rasterize(draw(picture_file(png(4, 4))), dpi=127)).getpixel((100, 130)) == (0, 0, 0)


@pytest.mark.parametrize("dpi", [0, -1, 17, 1201, 10**9])
def test_a_resolution_out_of_range_is_a_value_error(dpi: int) -> None:
    with pytest.raises(ValueError, match="18 to 1200"):
        rasterize(draw(PAGE), dpi=dpi)


def test_a_picture_too_large_is_refused_before_it_is_drawn() -> None:
    with pytest.raises(LimitExceeded, match="pixels"):
        rasterize(RenderedPage("", 5000, 5000, ()), dpi=600)


def test_a_missing_extra_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(MissingExtra) as caught:
        rasterize(draw(PAGE))
    assert caught.value.hint == "pip install 'egov-sdk[render]'"
