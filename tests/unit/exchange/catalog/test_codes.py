"""Codes of resources."""

from __future__ import annotations

import pytest

from egov_sdk.exchange.catalog.codes import (
    CoreIdentifier,
    ResourceCode,
    is_metadata_identifier,
)
from egov_sdk.exchange.catalog.terms import ResourceClass
from tests.unit.exchange.catalog.world import code_of


def test_a_code_comes_apart_into_class_item_catalogue_detail_and_sequence() -> None:
    code = ResourceCode.parse("307011024701/000001")
    assert code.resource_class is ResourceClass.DEPARTMENTAL
    assert (code.item, code.catalogue, code.detail, code.sequence) == ("07", "011", "024701", "000001")
    assert code.prefix == "307011024701"
    assert str(code) == "307011024701/000001"


def test_the_detail_may_be_empty_and_the_sequence_may_hold_letters() -> None:
    code = ResourceCode.parse("101001/A1")
    assert (code.resource_class, code.detail, code.sequence) == (ResourceClass.BASIC, "", "A1")


@pytest.mark.parametrize(
    "text",
    [
        "", "307011024701", "307011024701/", "/000001", "407011/1", "007011/1", "30701/1", "3070111/1/2", "307011 /1",
        "307011/一", "３07011/1", "307011/1\n", "307011/-1", "307011/" + "1" * 130,
    ],
)  # fmt: skip
def test_what_is_no_code_is_refused(text: str) -> None:
    assert code_of(lambda: ResourceCode.parse(text)) == "catalog.value.code"


@pytest.mark.parametrize("text", ["29001/A00034", "11000/A00034VG345", "120000/x/y"])
def test_an_identifier_of_the_older_kind_is_read(text: str) -> None:
    assert CoreIdentifier.parse(text).province == text[:2]
    assert CoreIdentifier.parse(text).prefix == text.partition("/")[0]


@pytest.mark.parametrize("text", ["", "2900/A", "29001", "29001/", "29001/有", "2900a/A", "1234567/A"])
def test_what_is_no_identifier_is_refused(text: str) -> None:
    assert code_of(lambda: CoreIdentifier.parse(text)) == "catalog.value.identifier"


@pytest.mark.parametrize(
    ("text", "good"), [("metadata_9660512", True), ("a-b./, 1", True), ("", False), ("元", False), ("a" * 200, False)]
)
def test_metadata_is_named_in_letters_digits_and_a_few_marks(text: str, good: bool) -> None:
    assert is_metadata_identifier(text) is good
