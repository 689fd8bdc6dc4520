"""The table of names: every item by any of its names."""

from __future__ import annotations

import pytest

from egov_sdk.license.elements import ELEMENTS, Naming, Obligation, element_named


def test_no_two_items_have_one_name() -> None:
    names = [
        name.casefold()
        for row in ELEMENTS.values()
        for name in (row.chinese, row.pinyin, row.english, *row.aliases)
        if name
    ]
    assert len(names) == len(set(names))
    assert all(key == row.key for key, row in ELEMENTS.items())


@pytest.mark.parametrize("row", ELEMENTS.values(), ids=lambda row: row.key)
def test_an_item_is_found_by_each_of_its_names(row: object) -> None:
    element = next(one for one in ELEMENTS.values() if one is row)
    for naming in Naming:
        assert element.name_in(naming)
        assert element_named(element.name_in(naming)) is element
        assert element_named(element.name_in(naming).lower()) is element
    assert list(element.widths) == sorted(element.widths)


def test_what_is_known_of_single_items() -> None:
    assert element_named("ZZBS") is ELEMENTS["identifier"]
    assert element_named("certificateHolderType") is ELEMENTS["holder_type_code"]
    assert element_named("zzyxqjzrq") is ELEMENTS["valid_until"]
    assert ELEMENTS["area_code"].name_in(Naming.PINYIN) == "CertificateAreaCode"
    assert ELEMENTS["seal_name"].name_in(Naming.ENGLISH) == "ZZQZMC"
    assert (ELEMENTS["number"].width, ELEMENTS["issued_on"].width) == (128, 0)
    copies = [row.key for row in ELEMENTS.values() if row.obligation is Obligation.COPY]
    assert copies == ["copy_made_at", "copy_maker", "copy_cause", "copy_valid_until"]


@pytest.mark.parametrize("name", ["", "ZZ", "KZ_ZZMC", "证照", "Certificate Name", "ZZMC ", "x" * 10_000])
def test_no_other_name_is_known(name: str) -> None:
    assert element_named(name) is None
