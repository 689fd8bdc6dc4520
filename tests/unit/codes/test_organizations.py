"""Credit codes and organisation codes: real ones are good, changed ones are not, and codes issued wrongly are named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import CreditCode, DivisionTable
from egov_sdk.codes.check_digits import CREDIT_ALPHABET, credit_check_character, organization_check_digit
from egov_sdk.codes.organizations import (
    KNOWN_PREFIXES,
    OrganizationCode,
    check_credit_code,
    check_organization_code,
)
from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.errors import ParseError
from tests.unit.codes.plain import credit_is_good, mod31, organization_check

#: Published codes of bodies of state and of companies.
PUBLISHED = (
    "11100000000013338W",
    "11110000000021135M",
    "11220000013544541J",
    "11430000006122244L",
    "11330105002500287C",
    "11100000MB0341032Y",
    "11100000MB03271699",
    "11100000MB0143028R",
    "11100000000013127D",
    "113700000045030270",
    "111000000000131433",
    "12110000400777687U",
    "91110000600037341L",
    "91110302MA01NP925M",
    "92420100MA4JMP6D4P",
    "91460100MA5THWMM2J",
    "91370406L24894136J",
    "914600007477761066",
)
#: Issued with a check character that the rule does not give; the organisation code inside is right.
ISSUED_WRONGLY = "91350211M0000XUF46"


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_codes_are_good(text: str) -> None:
    code = CreditCode.parse(text)
    assert str(code) == text
    assert code.has_known_prefix
    assert code.leniencies == ()
    assert not code.is_specimen
    assert CreditCode.check(text).ok
    assert check_organization_code(text[8:17]).ok


def test_the_facts_of_a_code_are_read() -> None:
    code = CreditCode.parse("91110302MA01NP925M")
    assert code.registrar is not None
    assert code.registrar.zh == "工商（市场监管）部门"
    assert code.division is not None
    assert code.division.number == "110302"
    assert (code.prefix, code.organization_code.hyphenated) == ("91", "MA01NP92-5")
    nation = CreditCode.parse("11100000000013338W").division
    assert nation is not None
    assert nation.level == "nation"


def made(prefix: str, division: str, body: str) -> str:
    first = f"{prefix}{division}{body}{organization_check(body)}"
    return first + mod31(first)


def test_a_prefix_or_division_that_nobody_knows_is_no_fault() -> None:
    code = CreditCode.parse(made("ZZ".replace("Z", "W"), "000000", "MA000000"))
    assert not code.has_known_prefix
    assert code.registrar is None
    assert code.division is None
    assert "WW" not in KNOWN_PREFIXES


REFUSED = {
    "empty": ("", "length"),
    "17 characters": ("1110000000001333W", "length"),
    "19 characters": ("11100000000013338W0", "length"),
    "a line end behind": ("11100000000013338W\n", "length"),
    "a line end as the last character": ("11100000000013338\n", "character"),
    "the letter I": ("1I100000000013338W", "character"),
    "the letter O in the division": ("1110000O000013338W", "character"),
    "the letter S": ("11100000S00013338W", "character"),
    "the letter Z at the end": ("11100000000013338Z", "character"),
    "a letter in the division": ("11A00000000013338W", "character"),
    "a hyphen": ("11100000-00013338W", "character"),
    "full-width": ("１１100000000013338W", "character"),
    "lower case": ("11100000000013338w", "letter_case"),
    "lower case inside": ("91110302ma01NP925M", "letter_case"),
    "check character": ("A1110000600037341L", "check_digit"),
    "check character, issued so": (ISSUED_WRONGLY, "check_digit"),
    "organisation code inside": ("91310115MA1H8R7C6D", "organization_check"),
    "organisation check X wrongly": (made("91", "110302", "MA01NP92")[:16] + "X0", "organization_check"),
    "two characters exchanged": ("91110302AM01NP925M", "organization_check"),
    "a citizen number": ("11010519491231002X", "organization_check"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_broken_rule_is_named(case: str) -> None:
    text, rule = REFUSED[case]
    assert check_credit_code(text).rule == rule
    with pytest.raises(ParseError) as caught:
        CreditCode.parse(text)
    assert caught.value.code == f"egov.codes.{rule}"
    assert caught.value.detail["message_zh"] == check_credit_code(text).message.zh


@pytest.mark.parametrize("case", REFUSED)
def test_lenient_reading_accepts_a_wrong_last_character_only_and_names_it(case: str) -> None:
    text, rule = REFUSED[case]
    if rule == "check_digit":
        code = CreditCode.parse(text, lenient=True)
        assert (code.number, code.leniencies) == (text, ("credit_check_character",))
    else:
        with pytest.raises(ParseError) as caught:
            CreditCode.parse(text, lenient=True)
        assert caught.value.code == f"egov.codes.{rule}"


def test_a_good_code_has_no_leniency_even_when_read_leniently() -> None:
    assert CreditCode.parse(PUBLISHED[0], lenient=True) == CreditCode.parse(PUBLISHED[0])
    assert CreditCode(PUBLISHED[0], ("credit_check_character",)).leniencies == ()
    with pytest.raises(ParseError):
        CreditCode(ISSUED_WRONGLY, ("another",))


def test_a_table_of_divisions_is_asked_when_given() -> None:
    table = DivisionTable.from_rows([("110302", "北京经济技术开发区")])
    assert check_credit_code("91110302MA01NP925M", divisions=table).ok
    check = check_credit_code(PUBLISHED[0], divisions=table)
    assert (check.rule, check.found.en) == ("division_unknown", "100000")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "length"),
        ("00001333", "length"),
        ("0000133388", "length"),
        ("00001333--8", "length"),
        ("0000133-8", "character"),
        ("00001333a", "character"),
        ("ma01np925", "letter_case"),
        ("00001333x", "letter_case"),
        ("0000133３8", "character"),
        ("00001333A", "character"),
        ("000013339", "check_digit"),
        ("00001333-9", "check_digit"),
    ],
)
def test_a_broken_rule_of_an_organisation_code_is_named(text: str, rule: str) -> None:
    assert check_organization_code(text).rule == rule
    with pytest.raises(ParseError) as caught:
        OrganizationCode.parse(text)
    assert caught.value.code == f"egov.codes.{rule}"


def test_an_organisation_code_is_the_same_with_its_hyphen() -> None:
    assert OrganizationCode.parse("00001333-8") == OrganizationCode.parse("000013338")
    assert str(OrganizationCode.parse("00001333-8")) == "000013338"
    assert OrganizationCode.check("00001333-8").ok


@pytest.mark.parametrize("text", ["", "0000133", "000013338", "0000133a", "0000133３"])
def test_an_organisation_check_is_only_made_for_eight_characters(text: str) -> None:
    with pytest.raises(ValueError, match="8 characters"):
        organization_check_digit(text)
    with pytest.raises(ValueError, match="17 characters"):
        credit_check_character(text)


credit_17 = st.text(CREDIT_ALPHABET, min_size=17, max_size=17)


@settings(deadline=None)
@given(credit_17, st.sampled_from(CREDIT_ALPHABET))
def test_the_checks_are_those_of_the_plain_rules(first: str, last: str) -> None:
    assert credit_check_character(first) == mod31(first)
    assert organization_check_digit(first[:8]) == organization_check(first[:8])
    assert check_credit_code(first + last).ok == credit_is_good(first + last)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(KNOWN_PREFIXES)),
    st.integers(0, 999_999),
    st.text(CREDIT_ALPHABET, min_size=8, max_size=8),
)
def test_made_codes_are_good(prefix: str, division: int, body: str) -> None:
    text = made(prefix, f"{division:06d}", body)
    assert check_credit_code(text).ok
    assert OrganizationCode.parse(text[8:17]) == CreditCode.parse(text).organization_code


@settings(deadline=None)
@given(st.integers(0, 10**10 - 1), st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_one_changed_character_is_always_noticed(index: int, place: int, other: str) -> None:
    text = specimen_credit_code(index).number
    changed = text[:place] + other + text[place + 1 :]
    assert changed == text or not check_credit_code(changed).ok


@settings(deadline=None)
@given(st.one_of(st.text(max_size=24), st.text(CREDIT_ALPHABET + "ioz-", min_size=17, max_size=19)))
def test_any_text_is_answered_as_the_plain_rules_do(text: str) -> None:
    assert check_credit_code(text).ok == credit_is_good(text)
    assert check_organization_code(text).message.zh
