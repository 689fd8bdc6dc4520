"""Codes of platforms: read and written, and never read as valid when they are not known."""

from __future__ import annotations

import pytest

from egov_sdk.license.state_codes import (
    ACTION_CODES,
    ANSWER_CODES,
    MOHURD_PROFILES,
    STATE_CODES,
    read_answer,
    read_state,
)
from egov_sdk.license.states import CheckAnswer, LicenseAction, LicenseState

CODES_AND_WORDS = {
    profile.title: [(row.code, row.text) for row in profile.rows]
    for table in (STATE_CODES, ACTION_CODES, ANSWER_CODES)
    for profile in table.values()
}
STRANGE = ["", " ", "00", "1 ", " 11", "-0", "999", "VALID", "valid", "有效", "１", "None", "x" * 10_000]


@pytest.mark.parametrize("title", CODES_AND_WORDS)
def test_a_profile_has_each_code_once_and_words_for_it(title: str) -> None:
    codes = [code for code, _ in CODES_AND_WORDS[title]]
    assert len(codes) == len(set(codes)) > 1
    assert all(words for _, words in CODES_AND_WORDS[title])


@pytest.mark.parametrize("name", STATE_CODES)
def test_what_is_written_is_read_as_the_same_or_as_what_the_platform_tells_no_better(name: str) -> None:
    codes = STATE_CODES[name]
    for state in LicenseState:
        code = codes.code_of(state)
        if code is not None:
            row = next(row for row in codes.rows if row.code == code)
            assert state in (row.meaning, *row.also)
            assert (read_state(codes, code) is LicenseState.VALID) == (state is LicenseState.VALID)


@pytest.mark.parametrize("name", STATE_CODES)
@pytest.mark.parametrize("code", STRANGE)
def test_a_code_that_is_not_known_is_kept_and_never_valid(name: str, code: str) -> None:
    word = STATE_CODES[name].read(code)
    assert (word.raw, word.meaning, word.text, word.verified) == (code, None, "", False)
    assert read_state(STATE_CODES[name], code) is LicenseState.UNKNOWN


@pytest.mark.parametrize("name", ANSWER_CODES)
@pytest.mark.parametrize("code", STRANGE)
def test_an_answer_that_is_not_known_is_never_valid(name: str, code: str) -> None:
    assert read_answer(ANSWER_CODES[name], code) is CheckAnswer.UNKNOWN


def test_there_is_one_code_of_a_valid_licence_or_the_second_is_marked() -> None:
    for profile in STATE_CODES.values():
        sure = [row for row in profile.rows if row.meaning is LicenseState.VALID and row.verified]
        assert len(sure) <= 1
    assert STATE_CODES["linewell"].read(5).verified is False
    assert not any(row.verified for row in STATE_CODES["guangdong"].rows)


@pytest.mark.parametrize(
    ("made", "shown"),
    [(5, "0"), (11, "0"), (-2, "21"), (-3, "21"), (-5, "21"), (-8, "21"), (-4, "22"), (12, "23"), (13, "23")],
)
def test_states_of_production_become_codes_of_the_interface(made: int, shown: str) -> None:
    state = read_state(STATE_CODES["linewell"], made)
    assert STATE_CODES["gbt36906"].code_of(state) == shown


@pytest.mark.parametrize("code", [0, 1, 2, 4, 6, 7, -1, -6, -7, -9, -10])
def test_what_is_being_made_or_changed_is_not_valid(code: int) -> None:
    word = STATE_CODES["linewell"].read(code)
    assert word.text
    assert word.meaning is None
    assert read_state(STATE_CODES["linewell"], code) is LicenseState.UNKNOWN


@pytest.mark.parametrize(
    ("code", "officer", "worker"),
    [
        ("01", LicenseState.VALID, LicenseState.VALID),
        ("02", LicenseState.SUSPENDED, LicenseState.SUSPENDED),
        ("03", LicenseState.WITHDRAWN, LicenseState.REVOKED),
        ("04", LicenseState.CANCELLED, LicenseState.WITHDRAWN),
        ("05", LicenseState.LAPSED, LicenseState.CANCELLED),
        ("06", LicenseState.UNKNOWN, LicenseState.LAPSED),
        ("07", LicenseState.REVOKED, LicenseState.UNKNOWN),
        ("99", LicenseState.UNKNOWN, LicenseState.UNKNOWN),
        ("1", LicenseState.UNKNOWN, LicenseState.UNKNOWN),
    ],
)
def test_one_code_means_two_things_for_two_types(code: str, officer: LicenseState, worker: LicenseState) -> None:
    profiles = [STATE_CODES[MOHURD_PROFILES[f"11100000000013338W{number}"]] for number in ("011", "032")]
    assert [read_state(profile, code) for profile in profiles] == [officer, worker]


def test_steps_are_read_and_written() -> None:
    officer, worker = (ACTION_CODES[name] for name in ("mohurd_safety_officer", "mohurd_special_worker"))
    assert officer.read("08").meaning is None
    assert officer.read("08").text == "转入"
    assert worker.read("08").meaning is LicenseAction.CHANGE
    assert (officer.code_of(LicenseAction.CHANGE), worker.code_of(LicenseAction.CHANGE)) == ("09", "08")
    assert worker.read("09").meaning is None
    assert {officer.code_of(action) for action in (LicenseAction.CANCEL, LicenseAction.REVOKE)} == {"05"}
    assert officer.code_of(LicenseAction.ACTIVATE) is None
    assert ACTION_CODES["linewell"].read("挂失").verified is False


def test_answers_are_read_and_written() -> None:
    national, shandong = ANSWER_CODES["gbt36906"], ANSWER_CODES["shandong"]
    assert [read_answer(national, number).value for number in range(7)] == [
        "valid", "inactive", "suspended", "ended", "incomplete", "not_found", "unknown",
    ]  # fmt: skip
    assert national.code_of(CheckAnswer.MISMATCH) is None
    assert shandong.code_of(CheckAnswer.MISMATCH) == "7"
    assert read_answer(shandong, 6) is CheckAnswer.NOTHING_GIVEN
    assert read_answer(ANSWER_CODES["natural_resources"], "6") is CheckAnswer.MISMATCH
    assert all(profile.code_of(CheckAnswer.UNKNOWN) is None for profile in ANSWER_CODES.values())


def test_why_something_was_cancelled_is_told_apart() -> None:
    reasons = STATE_CODES["natural_resources_reason"]
    assert reasons.code_of(LicenseState.WITHDRAWN) == "2"
    assert STATE_CODES["natural_resources"].code_of(LicenseState.SUSPENDED) is None
