"""Templates are data: what they may say, what is refused, and where each role seals."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from egov_sdk.errors import ConfigError
from egov_sdk.license.face.samples import SAMPLES, SampleName, sample_template
from egov_sdk.license.face.template import (
    Column,
    Continuation,
    FacePage,
    FaceTemplate,
    FieldBox,
    Frame,
    PictureBox,
    SealPlace,
    SealSeam,
    TableBox,
)
from egov_sdk.seal import Placement, Seam

PAGE = FacePage()


def _field(**changes: Any) -> FieldBox:
    given: dict[str, Any] = {"text": "{holder}", "x_mm": 20, "y_mm": 20, "width_mm": 60, "height_mm": 10}
    return FieldBox(**given | changes)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_template_is_marked_as_a_specimen_and_has_a_place_for_the_issuer(name: SampleName) -> None:
    template = sample_template(name)
    assert template.sample == "样证"
    assert template.roles == ("issuer",)


def test_there_is_no_sample_of_another_name() -> None:
    with pytest.raises(ValueError, match="there is no sample template"):
        sample_template("passport")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_template_written_as_json_is_the_same_template(name: SampleName) -> None:
    template = sample_template(name)
    assert FaceTemplate.from_json(template.model_dump_json()) == template


def test_a_template_is_read_from_toml() -> None:
    template = FaceTemplate.from_toml('name = "x"\n[[pages]]\ntexts = [{ text = "证", x_mm = 1, y_mm = 2 }]\n')
    assert template.pages[0].texts[0].text == "证"


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("name = ", ""),
        ('name = "x"', "pages"),
        ('name = "x"\npages = []', "pages"),
        ('name = "x"\ncolour = "#000000"\n[[pages]]', "colour"),
        ('name = "x"\ncolor = "red"\n[[pages]]', "color"),
        ('name = "x"\n[[pages]]\nwidth_mm = nan', "pages.0.width_mm"),
        ('name = "x"\n[[pages]]\nfields = [{text = "{holdr}", x_mm=1, y_mm=1, width_mm=9, height_mm=9}]', "text"),
        ('name = "x"\n[[pages]]\nfields = [{text = "{holder", x_mm=1, y_mm=1, width_mm=9, height_mm=9}]', "text"),
        ('name = "x"\n[[pages]]\nfields = [{text = "{holder:-}", x_mm=1, y_mm=1, width_mm=9, height_mm=9}]', "text"),
        ('name = "x"\n[[pages]]\nfields = [{text = "{issued_on!r}", x_mm=1, y_mm=1, width_mm=9, height_mm=9}]', "text"),
        ('name = "x"\n[[pages]]\nfields = [{text = "{}", x_mm=1, y_mm=1, width_mm=9, height_mm=9}]', "text"),
        ('name = "x"\n[[pages]]\ntexts = [{text = "a\\u0007", x_mm=1, y_mm=1}]', "text"),
        ('name = "x"\n[[pages]]\nframes = [{x_mm=200, y_mm=1, width_mm=11, height_mm=9}]', "pages.0"),
    ],
)
def test_a_template_that_cannot_be_used_names_the_setting(text: str, setting: str) -> None:
    with pytest.raises(ConfigError) as caught:
        FaceTemplate.from_toml(text)
    assert caught.value.code == "egov.license.template"
    assert setting in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"name": "x", "pages": [{"width_mm": -1}]}', "\x00"])
def test_json_that_is_no_template_is_a_config_error(text: str) -> None:
    with pytest.raises(ConfigError):
        FaceTemplate.from_json(text)


def test_a_frame_without_line_and_filling_is_refused() -> None:
    with pytest.raises(ValidationError, match="stroke colour"):
        Frame(x_mm=1, y_mm=1, width_mm=1, height_mm=1, stroke=None)


def test_a_table_of_an_item_that_no_licence_has_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is no item"):
        TableBox(item="设备", x_mm=1, y_mm=1, height_mm=9, columns=(Column(width_mm=9),))


def test_a_box_that_goes_on_overleaf_needs_a_page_overleaf() -> None:
    pages = (FacePage(fields=(_field(overflow="continue"),)),)
    with pytest.raises(ValidationError, match="overleaf"):
        FaceTemplate(name="x", pages=pages)
    assert FaceTemplate(name="x", pages=pages, continuation=Continuation())


def test_a_page_overleaf_cannot_itself_go_on() -> None:
    with pytest.raises(ValidationError, match="overleaf"):
        Continuation(fields=(_field(overflow="continue"),))


def test_the_flow_stays_on_its_page() -> None:
    with pytest.raises(ValidationError, match="flow"):
        Continuation(flow_width_mm=200)


def test_one_picture_has_one_box() -> None:
    box = PictureBox(item="照片", x_mm=1, y_mm=1, width_mm=9, height_mm=9)
    with pytest.raises(ValidationError, match="two boxes"):
        FaceTemplate(name="x", pages=(FacePage(pictures=(box, box)),))


def test_a_seal_stands_on_a_page_that_is_there() -> None:
    with pytest.raises(ValidationError, match="page 2"):
        FaceTemplate(name="x", pages=(PAGE,), seals=(SealPlace(page=2, x_mm=1, y_mm=1),))
    with pytest.raises(ValidationError, match="count from 1"):
        SealPlace(page=0, x_mm=1, y_mm=1)


def test_pages_of_seals_may_be_counted_from_the_end() -> None:
    template = FaceTemplate(
        name="x",
        pages=(PAGE,),
        continuation=Continuation(),
        seals=(SealPlace(page=-1, x_mm=10, y_mm=20, width_mm=30), SealPlace(role="maker", x_mm=1, y_mm=2)),
        seams=(SealSeam(role="issuer", side="left"),),
    )
    assert template.roles == ("issuer", "maker")
    assert template.placements("issuer", pages=3) == (
        Placement(page=3, x_mm=10, y_mm=20, width_mm=30),
        Seam(side="left"),
    )
    assert template.placements("maker", pages=3) == (Placement(page=1, x_mm=1, y_mm=2),)


def test_a_single_page_has_no_seam() -> None:
    template = FaceTemplate(name="x", pages=(PAGE,), seams=(SealSeam(),))
    assert template.placements("issuer", pages=1) == ()
