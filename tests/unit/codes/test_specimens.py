"""Numbers for tests: good by every rule, never two alike, and of an origin that never issued any."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import Sex, detect_kinds, parse_code
from egov_sdk.codes.organizations import KNOWN_PREFIXES
from egov_sdk.codes.residents import Area
from egov_sdk.codes.specimens import (
    specimen_citizen_number,
    specimen_credit_code,
    specimen_permanent_resident_card,
    specimen_residence_permit,
)
from tests.unit.codes.plain import citizen_is_good, credit_is_good, mod11_2

#: Every number that GB/T 2260 has given to a province, 83 being in use on permits only.
PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46}
    | {50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83}
)
births = st.dates(date(1850, 1, 1), date(2199, 12, 31))
sexes = st.sampled_from(Sex)


@settings(deadline=None)
@given(st.integers(0, 4_999_999), births, sexes)
def test_citizen_numbers(index: int, born: date, sex: Sex) -> None:
    number = specimen_citizen_number(index, birth_date=born, sex=sex)
    assert (number.birth_date, number.sex, number.is_specimen) == (born, sex, True)
    assert citizen_is_good(number.number)
    assert int(number.number[:2]) not in PROVINCES
    assert number == specimen_citizen_number(index, birth_date=born, sex=sex)


@settings(deadline=None)
@given(st.integers(0, 1_825_999), st.sampled_from(["hong_kong", "macao", "taiwan"]), sexes)
def test_residence_permits(index: int, area: Area, sex: Sex) -> None:
    permit = specimen_residence_permit(index, area=area, sex=sex)
    assert (permit.area, permit.sex, permit.is_specimen) == (area, sex, True)
    assert 1850 <= permit.birth_date.year <= 1859
    assert mod11_2(permit.number[:17]) == permit.number[17]


@settings(deadline=None)
@given(st.integers(0, 499), st.integers(0, 999), births, sexes)
def test_permanent_residence_cards(index: int, nationality: int, born: date, sex: Sex) -> None:
    card = specimen_permanent_resident_card(index, nationality=f"{nationality:03d}", birth_date=born, sex=sex)
    assert (card.birth_date, card.sex, card.is_specimen) == (born, sex, True)
    assert int(card.number[1:3]) not in PROVINCES


@settings(deadline=None)
@given(st.integers(0, 10**10 - 1), st.sampled_from(sorted(KNOWN_PREFIXES)))
def test_credit_codes(index: int, prefix: str) -> None:
    code = specimen_credit_code(index, prefix=prefix)
    assert code.is_specimen
    assert code.prefix == prefix
    assert credit_is_good(code.number)
    assert int(code.number[2:4]) not in PROVINCES


def test_no_two_indices_give_the_same_number() -> None:
    indices = [*range(1200), 4_999_999, 499, 500, 501]
    assert len({specimen_citizen_number(index) for index in indices}) == len(set(indices))
    assert len({specimen_residence_permit(index) for index in range(1200)}) == 1200
    assert len({specimen_permanent_resident_card(index) for index in range(500)}) == 500
    assert len({specimen_credit_code(index) for index in (*range(900), 10**6, 10**10 - 1)}) == 902


def test_a_specimen_is_detected_as_what_it_stands_for() -> None:
    for value in (
        specimen_citizen_number(7),
        specimen_residence_permit(7),
        specimen_permanent_resident_card(7),
        specimen_credit_code(7),
    ):
        assert detect_kinds(value.number)[0] is value.kind
        assert parse_code(value.number) == value


@pytest.mark.parametrize(
    "make",
    [
        lambda: specimen_citizen_number(-1),
        lambda: specimen_citizen_number(5_000_000),
        lambda: specimen_citizen_number(0, birth_date=date(1849, 12, 31)),
        lambda: specimen_citizen_number(0, birth_date=date(2200, 1, 1)),
        lambda: specimen_residence_permit(-1),
        lambda: specimen_residence_permit(1_826_000),
        lambda: specimen_permanent_resident_card(500),
        lambda: specimen_permanent_resident_card(0, birth_date=date(1, 1, 1)),
        lambda: specimen_permanent_resident_card(0, nationality="68"),
        lambda: specimen_permanent_resident_card(0, nationality="6８2"),
        lambda: specimen_credit_code(-1),
        lambda: specimen_credit_code(10**10),
        lambda: specimen_credit_code(0, prefix="9"),
        lambda: specimen_credit_code(0, prefix="9I"),
    ],
)
def test_what_cannot_be_made_is_a_mistake_of_the_caller(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=r"must be|index"):
        make()


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_a_real_number_is_no_specimen(number: str) -> None:
    value = parse_code(number)
    assert not getattr(value, "is_specimen", True)
