"""Words with items in braces, as they are printed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from egov_sdk.license.face.phrases import DATE_STYLES, FACE_ITEMS, face_items, parse_phrase, print_date, sole_item
from tests.unit.license.face.world import COMPANY, PERSON, metadata_of


@pytest.mark.parametrize(("style", "printed"), DATE_STYLES.items())
def test_each_style_prints_a_day_as_the_table_says(style: str, printed: str) -> None:
    assert print_date(date(2026, 6, 1), style) == printed


def test_no_last_day_is_a_licence_without_an_end() -> None:
    assert print_date(None) == "长期"


def test_every_item_of_a_licence_prints_something() -> None:
    items = face_items(metadata_of(area_code="220100", item_name="事项", item_code="000100"))
    assert all(items.item(name) for name in FACE_ITEMS)


@pytest.mark.parametrize(
    ("changes", "term"),
    [
        ({}, "2026年6月1日至2031年5月31日"),
        ({"valid_from": None}, "至2031年5月31日"),
        ({"valid_until": None}, "2026年6月1日起长期有效"),
        ({"valid_from": None, "valid_until": None}, "长期"),
    ],
)
def test_the_term_is_printed_with_the_ends_that_it_has(changes: dict[str, Any], term: str) -> None:
    assert face_items(metadata_of(**changes)).item("term") == term


def test_several_holders_are_printed_side_by_side() -> None:
    items = face_items(metadata_of(holders=(PERSON, COMPANY)))
    assert items.item("holder") == f"{PERSON.name}、{COMPANY.name}"
    assert items.item("holder_type") == "公民身份号码、统一社会信用代码"


def test_a_field_that_the_licence_has_not_prints_nothing() -> None:
    items = face_items(metadata_of())
    assert items.item("field.无此项") == ""
    assert items.phrase("共{field.无此项}台") == ""


def test_words_around_several_items_stand_when_one_of_them_has_a_value() -> None:
    items = face_items(metadata_of())
    assert items.phrase("{number}{field.无此项}号") == "JY12200000000017号"
    assert items.phrase("{{{number}}}") == "{JY12200000000017}"
    assert items.phrase("固定文字") == "固定文字"


def test_a_phrase_of_one_item_alone_is_told_from_others() -> None:
    assert sole_item("{holder}") == "holder"
    assert sole_item("{issued_on:-}") == "issued_on"
    assert sole_item("持证人{holder}") == ""
    assert sole_item("{holder}先生") == ""
    assert sole_item("固定文字") == ""


@pytest.mark.parametrize(
    "text", ["{nobody}", "{field.}", "{field.a b}", "{holder:-}", "{issued_on:%Y}", "{holder!s}", "{0}", "}"]
)
def test_what_no_licence_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_phrase(text)
