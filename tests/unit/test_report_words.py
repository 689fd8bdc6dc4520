"""The words of reports: strangers' texts made harmless, verdicts of one signature among several."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import ParseError
from egov_sdk.report import ANSWERS, Check, Outcome, Report, Text
from egov_sdk.report_words import CONCLUSIONS, OUTCOMES, TITLES, harmless, is_note, message_of, safe, verdict_of

AT = datetime(2026, 3, 2, tzinfo=UTC)
PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED


def report(*checks: tuple[str, Outcome, str], required: frozenset[str] = frozenset({"integrity.a"})) -> Report:
    made = (Check(name, outcome, "x", Text("", ""), subject=subject) for name, outcome, subject in checks)
    return Report("x", AT, "p", tuple(made), required)


@given(st.text())
def test_what_is_shown_cannot_steer_the_reading(text: str) -> None:
    shown = safe(text)
    assert all(map(harmless, shown))
    assert safe(shown) == shown
    assert shown == text or not all(map(harmless, text))


def test_spaces_of_all_kinds_may_stand_and_turns_of_direction_may_not() -> None:
    assert safe("a\u3000b\u00a0c") == "a\u3000b\u00a0c"
    assert safe("a\u202eb\nc\x1b[2J\ud800") == "a\\u202eb\\nc\\x1b[2J\\ud800"


def test_every_answer_and_outcome_has_words() -> None:
    assert TITLES.keys() == set(ANSWERS)
    assert OUTCOMES.keys() == CONCLUSIONS.keys() == set(Outcome)


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([("integrity.a", PASSED, "s1"), ("integrity.a", FAILED, "s2")], PASSED),
        ([("integrity.a", FAILED, "s1"), ("integrity.a", PASSED, "s2")], FAILED),
        ([("integrity.a", PASSED, "s1"), ("integrity.a", FAILED, "")], FAILED),
        ([("integrity.a", UNKNOWN, "s1")], UNKNOWN),
        ([("integrity.a", PASSED, "s2")], UNKNOWN),
        ([("trust.b", FAILED, "s1"), ("integrity.a", PASSED, "s1")], PASSED),
        ([], UNKNOWN),
    ],
)
def test_a_signature_is_judged_by_its_own_checks_and_those_of_the_whole(
    checks: list[tuple[str, Outcome, str]], expected: Outcome
) -> None:
    assert verdict_of(report(*checks), "s1", subjects=["s1", "s2"]) is expected


def test_a_check_that_is_not_required_is_a_note_when_it_did_not_pass() -> None:
    made = report(
        ("trust.b", FAILED, ""), ("trust.b", PASSED, ""), ("integrity.a", FAILED, ""), ("trust.b", SKIPPED, "")
    )
    assert [is_note(check, made) for check in made.checks] == [True, False, False, False]


def test_a_message_is_chinese_where_the_room_has_a_chinese_sentence() -> None:
    error = ParseError("it is wrong", where="a", code="egov.x.y")
    english = message_of(error, "en")
    assert message_of(error, "zh") == english
    error.text = Text(error.message, "不对")  # as a room gives it
    assert (message_of(error, "zh"), message_of(error, "en")) == ("不对", english)
