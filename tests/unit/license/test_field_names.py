"""The words of single platforms, made those of the standard."""

from __future__ import annotations

import pytest

from egov_sdk.codes.holders import HOLDER_TYPES
from egov_sdk.license.elements import ELEMENTS, element_named
from egov_sdk.license.field_names import (
    FIELD_NAMES,
    HOLDER_TYPE_CODES,
    UNVERIFIED_HOLDER_TYPES,
    holder_type_from,
    holder_type_to,
    renamed,
)
from egov_sdk.license.pairs import metadata_pairs, read_metadata_pairs
from tests.unit.license.words import PERSON, metadata


def test_the_lists_speak_of_items_and_types_that_there_are() -> None:
    for names in FIELD_NAMES.values():
        assert names.keys() <= ELEMENTS.keys()
        told = [name for row in names.values() for name in row]
        assert len(told) == len(set(told))
    for codes in HOLDER_TYPE_CODES.values():
        assert set(codes.values()) <= HOLDER_TYPES.keys()
    assert HOLDER_TYPE_CODES.keys() >= UNVERIFIED_HOLDER_TYPES


@pytest.mark.parametrize("platform", ["national", "epoint"])
def test_what_a_platform_sends_is_read_under_its_own_names(platform: str) -> None:
    licence = metadata(area_code="", item_name="", item_code="", fields={}, name="证", type_name="证")
    values = {element.key: value for name, value in metadata_pairs(licence) if (element := element_named(name))}
    sent = [(names[0], values[key]) for key, names in FIELD_NAMES[platform].items()]
    sent = [(name, "22" if name == "certownercerttype" else value) for name, value in sent]
    reading = read_metadata_pairs([("ZZMC", "证"), *renamed(sent, platform=platform)])
    assert reading.unknown == ()
    assert reading.findings == ()
    assert reading.metadata == licence


def test_names_that_a_platform_is_not_known_to_use_stay() -> None:
    assert renamed([("foo", "1"), ("license_code", "2")], platform="license_app") == (
        ("foo", "1"),
        ("license_code", "2"),
    )
    assert renamed([("holder_identity_type", "10")], platform="license_app") == (("CertificateHolderTypeCode", "111"),)
    with pytest.raises(KeyError):
        renamed([], platform="nowhere")


def test_types_of_holders_are_translated_both_ways() -> None:
    assert holder_type_from("70", platform="license_app") == "001"
    assert holder_type_to("001", platform="license_app") == "70"
    assert holder_type_to("414", platform="license_app") is None
    assert holder_type_from("99", platform="epoint") == "99"
    assert holder_type_from("111", platform="national") == holder_type_to("111", platform="national") == "111"
    assert [holder_type_to(code, platform="fujian") for code in ("111", "516", "999")] == ["51", "58", "55"]
    assert PERSON.type_code == holder_type_from("51", platform="fujian")
