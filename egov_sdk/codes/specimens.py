"""Numbers for tests that can belong to nobody (测试号码), with every check character right.

How they are known to belong to nobody:

* Citizen numbers, permanent residence cards and credit codes name the province 89. GB/T 2260 has never given that
  number to a province (of the eighties only 81, 82 and, on permits, 83 are in use), so no office can have issued them.
* Residence permits have no place for a province: theirs is fixed. Those made here state a birth from 1850 to 1859, and
  nobody lives that long.

Each value knows that it is one (``is_specimen``). A number of another kind has nothing in it that could rule out its
having been issued, so none are made.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from egov_sdk.codes.check_digits import (
    CREDIT_ALPHABET,
    citizen_check_digit,
    credit_check_character,
    organization_check_digit,
)
from egov_sdk.codes.citizen import SPECIMEN_PROVINCE, CitizenNumber
from egov_sdk.codes.kinds import Sex
from egov_sdk.codes.organizations import CreditCode
from egov_sdk.codes.residents import SPECIMEN_YEARS, Area, PermanentResidentCard, ResidencePermit

__all__ = [
    "specimen_citizen_number",
    "specimen_credit_code",
    "specimen_permanent_resident_card",
    "specimen_residence_permit",
]

_BIRTH: Final = date(1990, 1, 1)
_AREA_CODES: Final[dict[Area, str]] = {"hong_kong": "810000", "macao": "820000", "taiwan": "830000"}
_SEQUENCES = 500  # of three digits, for one sex
_FIRST_DAY = date(SPECIMEN_YEARS[0], 1, 1)
_DAYS = (date(SPECIMEN_YEARS[-1] + 1, 1, 1) - _FIRST_DAY).days


def _split(index: int, many: int) -> tuple[int, int]:
    """Which block of sequences, and which of them."""
    if not 0 <= index < many * _SEQUENCES:
        raise ValueError(f"index must be in [0, {many * _SEQUENCES}), got {index}")
    return divmod(index, _SEQUENCES)


def _finished(head: str, born: date, sequence: int, sex: Sex) -> str:
    first = f"{head}{born:%Y%m%d}{2 * sequence + (sex is Sex.MALE):03d}"
    return first + citizen_check_digit(first)


def specimen_citizen_number(index: int, *, birth_date: date = _BIRTH, sex: Sex = Sex.FEMALE) -> CitizenNumber:
    """The specimen citizen number of that index: 5,000,000 for each day and sex.

    Raises:
        ValueError: the index is out of range, or the year is not 1850 to 2199.
    """
    division, sequence = _split(index, 10_000)
    return CitizenNumber(_finished(f"{SPECIMEN_PROVINCE}{division:04d}", _in_range(birth_date), sequence, sex))


def specimen_residence_permit(index: int, *, area: Area = "hong_kong", sex: Sex = Sex.FEMALE) -> ResidencePermit:
    """The specimen residence permit of that index: 1,826,000 for each area and sex; the birth is from 1850 to 1859.

    Raises:
        ValueError: the index is out of range.
    """
    day, sequence = _split(index, _DAYS)
    return ResidencePermit(_finished(_AREA_CODES[area], _FIRST_DAY + timedelta(days=day), sequence, sex))


def specimen_permanent_resident_card(
    index: int, *, nationality: str = "682", birth_date: date = _BIRTH, sex: Sex = Sex.FEMALE
) -> PermanentResidentCard:
    """The specimen permanent residence card of that index, new form: 500 for each nationality, day and sex.

    Args:
        nationality: three digits as in ISO 3166-1 numeric.
    Raises:
        ValueError: the index is out of range, or the nationality is not three digits.
    """
    if len(nationality) != 3 or not (nationality.isascii() and nationality.isdigit()):
        raise ValueError("nationality must be three digits")
    _, sequence = _split(index, 1)
    head = f"9{SPECIMEN_PROVINCE}{nationality}"
    return PermanentResidentCard(_finished(head, _in_range(birth_date), sequence, sex))


def _in_range(born: date) -> date:
    if not 1850 <= born.year <= 2199:
        raise ValueError(f"the year of birth must be 1850 to 2199, got {born.year}")
    return born


def specimen_credit_code(index: int, *, prefix: str = "91") -> CreditCode:
    """The specimen unified social credit code of that index: 10,000,000,000 for each prefix.

    Args:
        prefix: registrar and category, two characters, such as 11 for an organ of state.
    Raises:
        ValueError: the index is out of range, or the prefix is not two characters of CREDIT_ALPHABET.
    """
    if len(prefix) != 2 or any(character not in CREDIT_ALPHABET for character in prefix):
        raise ValueError(f"prefix must be two characters of {CREDIT_ALPHABET}")
    if not 0 <= index < 10**10:
        raise ValueError(f"index must be in [0, 10000000000), got {index}")
    division, body = divmod(index, 10**6)
    first_8 = f"MT{body:06d}"
    first = f"{prefix}{SPECIMEN_PROVINCE}{division:04d}{first_8}{organization_check_digit(first_8)}"
    return CreditCode(first + credit_check_character(first))
