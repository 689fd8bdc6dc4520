"""Residence permits of Hong Kong, Macao and Taiwan residents, and permanent residence cards."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import Sex
from egov_sdk.codes.residents import (
    PermanentResidentCard,
    ResidencePermit,
    check_permanent_resident_card,
    check_residence_permit,
)
from egov_sdk.errors import ParseError
from tests.unit.codes.plain import mod11_2


def finished(first_17: str) -> str:
    return first_17 + mod11_2(first_17)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("810000199408230021", "hong_kong"),
        ("830000199201300022", "taiwan"),
        (finished("82000019920130002"), "macao"),
    ],
)
def test_permits_are_read(text: str, area: str) -> None:
    permit = ResidencePermit.parse(text)
    assert permit.area == area
    assert permit.sex is Sex.FEMALE
    assert permit.birth_date == date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    assert permit.sequence == "002"
    assert not permit.is_specimen
    assert text[1:17] not in repr(permit) + str(permit)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "length"),
        ("810000940823002", "length"),
        ("81000019940823002", "length"),
        ("810000199408230021 ", "length"),
        ("81000019940823002a", "character"),
        ("８10000199408230021", "character"),
        ("81000019940823002x", "letter_case"),
        ("810000199408230022", "check_digit"),
        (finished("81000019940832002"), "birth_date"),
        (finished("81000019000229002"), "birth_date"),
        ("11010519491231002X", "area"),
        (finished("84000019940823002"), "area"),
        (finished("81000119940823002"), "area"),
        ("932682198501010017", "division"),
    ],
)
def test_a_broken_rule_of_a_permit_is_named(text: str, rule: str) -> None:
    assert check_residence_permit(text).rule == rule
    with pytest.raises(ParseError) as caught:
        ResidencePermit.parse(text)
    assert caught.value.code == f"egov.codes.{rule}"


def test_a_permit_of_somebody_not_yet_born_is_refused() -> None:
    at = datetime(1994, 8, 22, tzinfo=UTC)
    assert check_residence_permit("810000199408230021", at=at).rule == "birth_date_future"
    assert check_residence_permit("810000199408230021", at=datetime(2026, 1, 1, tzinfo=UTC)).ok
    assert check_permanent_resident_card("932682198501010017", at=at).ok
    assert (
        check_permanent_resident_card("932682198501010017", at=datetime(1980, 1, 1, tzinfo=UTC)).rule
        == "birth_date_future"
    )


def test_a_new_card_is_read() -> None:
    card = PermanentResidentCard.parse("932682198501010017")
    assert (card.nationality, card.birth_date, card.sex) == ("682", date(1985, 1, 1), Sex.MALE)
    assert card.province is not None
    assert card.province.number == "320000"
    assert (card.is_old, card.letters, card.is_specimen) == (False, None, False)
    assert "198501" not in repr(card) + str(card)


def test_an_old_card_is_read_as_far_as_its_rules_are_known() -> None:
    card = PermanentResidentCard.parse("KAZ110090123105")
    assert card.is_old
    assert card.letters == "KAZ"
    assert (card.birth_date, card.sex, card.province, card.nationality) == (None, None, None, None)
    assert not card.is_specimen
    assert str(card) == "K*************5"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "length"),
        ("93268219850101001", "length"),
        ("9326821985010100177", "length"),
        ("KAZ11009012310", "length"),
        ("932682198501010018", "check_digit"),
        (finished("93268219850132001"), "birth_date"),
        (finished("93268218490101001"), "birth_date"),
        (finished("90268219850101001"), "area"),
        (finished("99268219850101001"), "area"),
        ("11010519491231002X", "area"),
        ("932682198501010O17", "character"),
        (finished("93268219850101000")[:17] + "x", "letter_case"),
        ("kaz110090123105", "letter_case"),
        ("KA1110090123105", "character"),
        ("KAZ11009012310X", "character"),
        ("КAZ110090123105", "character"),
        ("KAZ１10090123105", "character"),
        ("110105491231002", "character"),
    ],
)
def test_a_broken_rule_of_a_card_is_named(text: str, rule: str) -> None:
    assert check_permanent_resident_card(text).rule == rule
    with pytest.raises(ParseError) as caught:
        PermanentResidentCard.parse(text)
    assert caught.value.code == f"egov.codes.{rule}"


@settings(deadline=None)
@given(st.text("0123456789XxKAZ８", max_size=20))
def test_any_text_is_answered(text: str) -> None:
    for check in (check_permanent_resident_card(text), check_residence_permit(text)):
        assert check.message.zh
        assert check.ok or check.code


@settings(deadline=None)
@given(st.from_regex(r"[A-Z]{3}[0-9]{12}", fullmatch=True))
def test_every_text_of_the_old_shape_is_a_card(text: str) -> None:
    assert PermanentResidentCard.parse(text).number == text
