"""Items and the numbers that stand for them."""

from __future__ import annotations

from datetime import date

import pytest

from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseHolder, LicenseMetadata
from egov_sdk.license.present import items_of, read_presentation
from egov_sdk.license.present.fields import ITEM_NUMBERS, packed_item, unpacked_item
from tests.presentation_world import FIELDS, TYPE, scene

#: What was given out once stays: a code that was printed must be readable for as long as it counts.
GIVEN_OUT = {"identifier": 1, "number": 2, "name": 3, "holder_name": 5, "item_code": 15, "holder2_name": 16}


def metadata(*, holders: int = 1, fields: dict[str, str] | None = None) -> LicenseMetadata:
    return LicenseMetadata(
        identifier=LicenseIdentifier.build(type_code=TYPE, issuer_code="11430000006122244L", serial="20230000403"),
        name="考核合格证书",
        type_name="建筑施工企业安全生产管理人员考核合格证书",
        number="湘建安C(2023)0000403",
        issuer=Authority(name="示例省住房和城乡建设厅", code="11430000006122244L"),
        issued_on=date(2026, 6, 1),
        holders=tuple(
            LicenseHolder(name=f"持证人{n}", code="890000199001010152", type_code="111") for n in range(holders)
        ),
        fields=fields or {},
    )


def test_numbers_are_given_once_and_stay() -> None:
    assert len(set(ITEM_NUMBERS.values())) == len(ITEM_NUMBERS)
    assert GIVEN_OUT.items() <= ITEM_NUMBERS.items()
    assert max(ITEM_NUMBERS.values()) < 64


def test_items_of_a_licence_are_named_and_empty_ones_left_out() -> None:
    found = items_of(metadata(fields={"工种": "电工", "备注": ""}))
    assert found["holder_name"] == "持证人0"
    assert found["identifier"].endswith(".001.U")
    assert found["issued_on"] == "2026-06-01"
    assert found["KZ_工种"] == "电工"
    assert not {"valid_until", "area_code", "KZ_备注"} & found.keys()


def test_each_of_several_holders_can_be_shown_alone() -> None:
    found = items_of(metadata(holders=2))
    assert found["holder_name"] == "持证人0"
    assert found["holder2_name"] == "持证人1"
    assert {"holder2_code", "holder2_type"} <= found.keys()


def test_everything_of_a_licence_can_be_shown() -> None:
    found = items_of(metadata(holders=4, fields={"工种": "电工"}))
    assert dict(read_presentation(scene().token(fields=found)).fields) == found


def test_of_a_licence_with_many_items_some_can_still_be_shown() -> None:
    found = items_of(metadata(holders=6, fields={f"项{n}": "x" for n in range(60)}))
    assert len(found) > 64
    assert "holder5_name" not in found
    assert read_presentation(scene().token(fields={"number": found["number"]})).fields["number"] == found["number"]


def test_an_identifier_is_packed_to_what_the_type_does_not_say() -> None:
    key, packed = packed_item("identifier", FIELDS["identifier"], type_code=TYPE)
    assert (key, packed) == (1, "11430000006122244L.20230000403.001")
    assert unpacked_item(key, packed, type_code=TYPE) == ("identifier", FIELDS["identifier"])


@pytest.mark.parametrize(
    "identifier",
    [
        FIELDS["identifier"][:-1] + "V",  # a wrong check character is shown as it is
        FIELDS["identifier"].replace("W011", "W032"),
        "1.2.156.3003.2.062301.1101101102.01.X",
        "",
        "12345",
        f"1.2.156.3005.2.{TYPE}.a.b.c.d",
    ],
)
def test_an_identifier_that_breaks_the_rule_is_shown_as_it_is(identifier: str) -> None:
    key, packed = packed_item("identifier", identifier, type_code=TYPE)
    assert packed == identifier
    assert unpacked_item(key, packed, type_code=TYPE) == ("identifier", identifier)
