"""States of a licence: what may be done in each, and what a check answers."""

from __future__ import annotations

import pytest

from egov_sdk.license.states import (
    FINAL_STATES,
    CheckAnswer,
    LicenseAction,
    LicenseState,
    check_answer,
    next_state,
)

MAKING = {LicenseAction.ISSUE, LicenseAction.IMPORT}


def test_nothing_leads_out_of_a_final_state() -> None:
    assert FINAL_STATES | {
        LicenseState.INACTIVE,
        LicenseState.VALID,
        LicenseState.SUSPENDED,
        LicenseState.UNKNOWN,
    } == set(LicenseState)
    for state in FINAL_STATES | {LicenseState.UNKNOWN}:
        assert [action for action in LicenseAction if next_state(state, action) is not None] == []


@pytest.mark.parametrize("state", LicenseState)
def test_a_licence_is_made_once(state: LicenseState) -> None:
    assert all(next_state(state, action) is None for action in MAKING)


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        (LicenseState.INACTIVE, LicenseAction.ACTIVATE, LicenseState.VALID),
        (LicenseState.VALID, LicenseAction.ACTIVATE, None),
        (LicenseState.VALID, LicenseAction.CHANGE, LicenseState.VALID),
        (LicenseState.INACTIVE, LicenseAction.CHANGE, LicenseState.INACTIVE),
        (LicenseState.SUSPENDED, LicenseAction.CHANGE, None),
        (LicenseState.SUSPENDED, LicenseAction.RENEW, None),
        (LicenseState.VALID, LicenseAction.SUSPEND, LicenseState.SUSPENDED),
        (LicenseState.SUSPENDED, LicenseAction.SUSPEND, None),
        (LicenseState.SUSPENDED, LicenseAction.RESUME, LicenseState.VALID),
        (LicenseState.VALID, LicenseAction.RESUME, None),
        (LicenseState.SUSPENDED, LicenseAction.REVOKE, LicenseState.REVOKED),
        (LicenseState.INACTIVE, LicenseAction.CANCEL, LicenseState.CANCELLED),
        (LicenseState.VALID, LicenseAction.WITHDRAW, LicenseState.WITHDRAWN),
        (LicenseState.VALID, LicenseAction.SUPERSEDE, LicenseState.SUPERSEDED),
    ],
)
def test_a_step_leads_where_it_should(state: LicenseState, action: LicenseAction, after: LicenseState | None) -> None:
    assert next_state(state, action) is after


def test_no_step_makes_a_licence_valid_but_activation_and_resumption() -> None:
    awakening = {
        action
        for state in LicenseState
        for action in LicenseAction
        if state is not LicenseState.VALID and next_state(state, action) is LicenseState.VALID
    }
    assert awakening == {LicenseAction.ACTIVATE, LicenseAction.RESUME}


@pytest.mark.parametrize("state", LicenseState)
@pytest.mark.parametrize("in_term", [True, False])
def test_only_a_valid_licence_within_its_term_is_answered_valid(state: LicenseState, in_term: bool) -> None:
    answer = check_answer(state, in_term=in_term)
    assert (answer is CheckAnswer.VALID) == (state is LicenseState.VALID and in_term)
    if state in FINAL_STATES:
        assert answer is CheckAnswer.ENDED
    if state is LicenseState.UNKNOWN:
        assert answer is CheckAnswer.UNKNOWN


def test_a_suspended_licence_stays_suspended_after_its_term() -> None:
    assert check_answer(LicenseState.SUSPENDED, in_term=False) is CheckAnswer.SUSPENDED
    assert check_answer(LicenseState.INACTIVE, in_term=True) is CheckAnswer.INACTIVE
    assert check_answer(LicenseState.VALID, in_term=False) is CheckAnswer.ENDED
