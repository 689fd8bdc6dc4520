"""Citizen numbers: what is accepted, which rule is named for what is not, and that nothing of a number is shown."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import CitizenNumber, DivisionTable, Sex, check_code, normalize
from egov_sdk.codes.check_digits import citizen_check_digit
from egov_sdk.codes.citizen import check_citizen_number
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.errors import ParseError
from tests.unit.codes.plain import citizen_is_good, mod11_2

#: The examples printed in GB 11643-1999.
PRINTED = ("11010519491231002X", "440524188001010014", "34052419800101001X")
SPECIMEN = specimen_citizen_number(0).number


def finished(first_17: str) -> str:
    return first_17 + mod11_2(first_17)


@pytest.mark.parametrize("text", PRINTED)
def test_the_printed_examples_are_good(text: str) -> None:
    check = check_citizen_number(text)
    assert check.ok
    assert check.code == ""
    assert CitizenNumber.parse(text).number == text


def test_the_facts_of_a_number_are_read() -> None:
    number = CitizenNumber.parse("11010519491231002X")
    assert (number.birth_date, number.sex, number.sequence) == (date(1949, 12, 31), Sex.FEMALE, "002")
    assert number.division.number == "110105"
    assert CitizenNumber.parse("440524188001010014").sex is Sex.MALE
    assert not number.is_short
    assert number.to_18() is number
    assert not number.is_specimen


def test_a_short_number_becomes_the_long_one() -> None:
    short = CitizenNumber.parse("110105491231002")
    assert short.is_short
    assert (short.birth_date, short.sex, short.sequence) == (date(1949, 12, 31), Sex.FEMALE, "002")
    assert short.to_18() == CitizenNumber.parse("11010519491231002X")
    assert short.division.number == "110105"


REFUSED = {
    "empty": ("", "length"),
    "17 characters": ("11010519491231002", "length"),
    "19 characters": ("11010519491231002X0", "length"),
    "16 characters": ("1101051949123100", "length"),
    "a space in front": (" 11010519491231002X", "length"),
    "a line end behind": ("11010519491231002X\n", "length"),
    "a letter O for a zero": ("11O10519491231002X", "character"),
    "full-width digits": ("１１０１０５１９４９１２３１００２Ｘ", "character"),
    "Arabic-Indic digits": ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "character"),
    "a superscript digit": ("110105194912310²2X", "character"),
    "a sign": ("-1010519491231002X", "character"),
    "X in the middle": ("110105194912310X21", "character"),
    "a space inside": ("110105 9491231002X", "character"),
    "another letter at the end": ("11010519491231002A", "character"),
    "a line end as the last character": ("11010519491231002\n", "character"),
    "a lower-case x": ("11010519491231002x", "letter_case"),
    "month 13": (finished("11010519491331002"), "birth_date"),
    "month 0": (finished("11010519490031002"), "birth_date"),
    "day 0": (finished("11010519491200002"), "birth_date"),
    "day 32": (finished("11010519491232002"), "birth_date"),
    "31 April": (finished("11010519490431002"), "birth_date"),
    "29 February of no leap year": (finished("11010519490229002"), "birth_date"),
    "29 February 1900": (finished("11010519000229002"), "birth_date"),
    "year 1849": (finished("11010518491231002"), "birth_date"),
    "year 2200": (finished("11010522001231002"), "birth_date"),
    "year 0": (finished("11010500001231002"), "birth_date"),
    "a division that begins with 0": (finished("01010519491231002"), "division"),
    "a division that begins with 9": (finished("91010519491231002"), "division"),
    "another check character": ("110105194912310021", "check_digit"),
    "two digits exchanged": ("11015019491231002X", "check_digit"),
    "a residence permit of Hong Kong": ("810000199408230021", "other_kind"),
    "a residence permit of Taiwan": ("830000199201300022", "other_kind"),
    "a residence permit of Macao": (finished("82000019920130002"), "other_kind"),
    "a new permanent residence card": ("932682198501010017", "division"),
    "15: a letter": ("11010549123100X", "character"),
    "15: full-width": ("１１０１０５４９１２３１００２", "character"),
    "15: 31 February": ("110105490231002", "birth_date"),
    "15: 29 February 1949": ("110105490229002", "birth_date"),
    "15: 29 February 1900": ("110105000229002", "birth_date"),
    "15: month 13": ("110105491331002", "birth_date"),
    "15: a division that begins with 0": ("010105491231002", "division"),
    "15: a division that begins with 9": ("910105491231002", "division"),
    "15: Hong Kong": ("810000940823002", "other_kind"),
    "15: an old permanent residence card": ("KAZ110090123105", "character"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_broken_rule_is_named(case: str) -> None:
    text, rule = REFUSED[case]
    check = check_citizen_number(text)
    assert check.rule == rule
    with pytest.raises(ParseError) as caught:
        CitizenNumber.parse(text)
    assert caught.value.code == f"egov.codes.{rule}" == check.code
    assert caught.value.where == check.where


def test_leap_days_that_exist_are_accepted() -> None:
    for year in ("1952", "2000", "2024"):
        assert check_citizen_number(finished(f"110105{year}0229002")).ok
    assert check_citizen_number("110105520229002").ok


def test_a_birth_after_the_day_given_is_refused_and_the_day_is_the_one_in_china() -> None:
    text = finished("11010520240102002")
    before = datetime(2024, 1, 1, 15, 59, 59, tzinfo=UTC)
    assert check_citizen_number(text, at=before).rule == "birth_date_future"
    assert check_citizen_number(text, at=before + timedelta(seconds=1)).ok
    assert check_citizen_number(text, at=datetime(2024, 1, 2, tzinfo=timezone(timedelta(hours=8)))).ok
    assert check_citizen_number("110105491231002", at=datetime(1949, 1, 1, tzinfo=UTC)).rule == "birth_date_future"


def test_a_moment_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        check_citizen_number(PRINTED[0], at=datetime(2024, 1, 1))  # noqa: DTZ001 - that is the mistake


def test_a_table_of_divisions_is_asked_when_given() -> None:
    table = DivisionTable.from_rows([("110105", "朝阳区")])
    assert check_citizen_number(PRINTED[0], divisions=table).ok
    assert check_citizen_number("110105491231002", divisions=frozenset({"110105"})).ok
    for text in (PRINTED[1], "440524491231002", SPECIMEN):
        check = check_citizen_number(text, divisions=table)
        assert check.rule == "division_unknown"
        assert text[:6] not in str(check)
    future = check_citizen_number(PRINTED[1], divisions=table, at=datetime(1800, 1, 1, tzinfo=UTC))
    assert future.rule == "division_unknown"


@pytest.mark.parametrize("case", REFUSED)
def test_no_message_shows_more_of_a_number_than_one_wrong_character(case: str) -> None:
    text, _ = REFUSED[case]
    check = check_citizen_number(text)
    with pytest.raises(ParseError) as caught:
        CitizenNumber.parse(text)
    told = " ".join(
        [str(caught.value), repr(caught.value), str(caught.value.to_dict()), str(check.to_dict("zh")), repr(check)]
    )
    assert not [text[start : start + 5] for start in range(len(text) - 4) if text[start : start + 5] in told]


def test_a_value_shows_itself_masked() -> None:
    number = CitizenNumber.parse(PRINTED[0])
    assert str(number) == number.masked == "1****************X"
    assert repr(number) == "<CitizenNumber 1****************X>"
    assert f"{number}" == number.masked
    assert "110105" not in repr([number, {number: number}])


def test_values_are_equal_by_number_and_cross_processes() -> None:
    number = CitizenNumber.parse(PRINTED[0])
    assert number == CitizenNumber(PRINTED[0])
    assert number != CitizenNumber(PRINTED[1])
    assert pickle.loads(pickle.dumps(number)) == number
    assert len({number, CitizenNumber(PRINTED[0])}) == 1


def test_both_languages_say_what_is_wrong() -> None:
    check = check_citizen_number("11010519491231002A")
    assert check.message.zh == "公民身份号码：第 18 位为 A，应为数字或 X"
    assert check.message.en == "citizen number: character 18 is A, expected a digit or X"
    assert check.to_dict("zh")["message"] == check.message.zh
    assert check_citizen_number(PRINTED[0]).message.zh == "公民身份号码格式正确"


def test_a_result_is_not_a_yes_or_no() -> None:
    with pytest.raises(TypeError, match="ok"):
        bool(check_citizen_number(PRINTED[0]))
    with pytest.raises(ValueError, match="breaks no rule"):
        check_citizen_number(PRINTED[0]).to_error()
    check_citizen_number(PRINTED[0]).require()


@pytest.mark.parametrize("first", ["", "1101051949123100", "1101051949123100X", "110105194912310021", "１" * 17])
def test_a_check_digit_is_only_made_for_17_digits(first: str) -> None:
    with pytest.raises(ValueError, match="17 characters"):
        citizen_check_digit(first)


def test_what_people_type_can_be_made_fit() -> None:
    assert check_citizen_number(normalize(" １１０１０５ 19491231　002ｘ ")).ok
    assert normalize("①Ａ") == "①A"


digits_17 = st.text("0123456789", min_size=17, max_size=17)
likely = st.builds(
    "{}{:04d}{:02d}{:02d}{}".format,
    st.text("0123456789", min_size=6, max_size=6),
    st.integers(1840, 2210),
    st.integers(0, 13),
    st.integers(0, 32),
    st.text("0123456789", min_size=3, max_size=3),
)


@settings(deadline=None)
@given(first=st.one_of(likely, digits_17), last=st.sampled_from("0123456789Xx"))
def test_every_answer_is_the_one_of_the_plain_rules(first: str, last: str) -> None:
    assert check_citizen_number(finished(first)).ok == citizen_is_good(finished(first))
    assert check_citizen_number(first + last).ok == citizen_is_good(first + last)
    assert citizen_check_digit(first) == mod11_2(first)


@settings(deadline=None)
@given(text=st.one_of(st.text(max_size=30), st.text("0123456789Xx ", min_size=14, max_size=19)))
def test_any_text_is_answered_and_never_raises_but_its_own_error(text: str) -> None:
    check = check_code(text, CodeKind.CITIZEN_NUMBER)
    if check.ok:
        assert CitizenNumber.parse(text).birth_date.year >= 1850
        return
    assert check.message.en
    assert check.message.zh
    with pytest.raises(ParseError) as caught:
        CitizenNumber.parse(text)
    assert caught.value.code == check.code


@settings(deadline=None)
@given(index=st.integers(0, 4_999_999), place=st.integers(0, 17), other=st.sampled_from("0123456789X"))
def test_one_changed_character_is_always_noticed(index: int, place: int, other: str) -> None:
    text = specimen_citizen_number(index).number
    changed = text[:place] + other + text[place + 1 :]
    assert changed == text or not check_citizen_number(changed).ok


@settings(deadline=None)
@given(index=st.integers(0, 4_999_999), place=st.integers(0, 16))
def test_two_neighbours_exchanged_are_always_noticed(index: int, place: int) -> None:
    text = specimen_citizen_number(index).number
    changed = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert changed == text or not check_citizen_number(changed).ok
