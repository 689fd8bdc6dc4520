"""Showing online: begin, confirm, fetch once; every other order is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from egov_sdk.license.present.online import (
    VERIFY_STATUS,
    Grant,
    HolderCode,
    OnlineShowing,
    ShowingState,
    begin,
    confirm,
    digest_of,
    fetch,
    new_holder_code,
    refuse_showing,
    status_for,
)
from egov_sdk.license.problems import LicenseRejected
from tests.presentation_world import NOW, OTHER_TYPE, TYPE, seeded

SOON = NOW + timedelta(seconds=5)
GRANT = Grant(identifier="1.2.156.3005.2.x", type_code=TYPE, items=("number",))


def started(at: datetime = NOW) -> tuple[str, HolderCode, OnlineShowing]:
    _, code = new_holder_code("person-1", at=at, random=seeded("code"))
    return begin(code, verifier="bank-1", type_codes=(TYPE,), purpose="开户", at=at, random=seeded("transaction"))


def waiting() -> OnlineShowing:
    return started()[2]


def confirmed() -> OnlineShowing:
    return confirm(waiting(), holder="person-1", granted=(GRANT,), at=SOON)


def refused() -> OnlineShowing:
    return refuse_showing(waiting(), holder="person-1", at=SOON)


def fetched() -> OnlineShowing:
    return fetch(confirmed(), verifier="bank-1", at=SOON)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(LicenseRejected) as caught:
        act()
    return caught.value.code.removeprefix("egov.license.")


def test_the_whole_way() -> None:
    secret, code = new_holder_code("person-1", at=NOW)
    assert code.digest == digest_of(secret)
    transaction, used, showing = begin(code, verifier="bank-1", type_codes=(TYPE,), purpose="开户", at=SOON)
    assert used.used_at == SOON
    assert showing.digest == digest_of(transaction)
    assert status_for(showing, verifier="bank-1", at=SOON) is ShowingState.WAITING
    agreed = confirm(showing, holder="person-1", granted=(GRANT,), at=SOON)
    assert status_for(agreed, verifier="bank-1", at=SOON) is ShowingState.CONFIRMED
    taken = fetch(agreed, verifier="bank-1", at=SOON)
    assert taken.granted == (GRANT,)
    assert taken.fetched_at == SOON
    assert status_for(taken, verifier="bank-1", at=SOON + timedelta(days=1)) is ShowingState.FETCHED


def test_secrets_are_long_and_stand_in_no_record() -> None:
    secret, code = new_holder_code("person-1", at=NOW)
    transaction, used, showing = begin(code, verifier="bank-1", type_codes=(TYPE,), purpose="x", at=NOW)
    assert len({secret, transaction, *(new_holder_code("p", at=NOW)[0] for _ in range(20))}) == 22
    assert all(len(each) == 32 for each in (secret, transaction))
    for record in (code, used, showing):
        assert secret not in record.model_dump_json()
        assert transaction not in record.model_dump_json()


@pytest.mark.parametrize("octet", range(0, 256, 5))
def test_secrets_are_capitals_and_digits_so_that_none_is_taken_for_an_option_of_a_command(octet: int) -> None:
    secret, code = new_holder_code("person-1", at=NOW, random=lambda number: bytes([octet]) * number)
    transaction, _, _ = begin(code, verifier="bank-1", type_codes=(TYPE,), purpose="开户", at=NOW)
    for one in (secret, transaction):
        assert re.fullmatch("[A-Z2-7]{32}", one)


def test_records_keep_their_words_in_json() -> None:
    for record in (waiting(), confirmed(), refused(), fetched()):
        assert OnlineShowing.model_validate_json(record.model_dump_json()) == record


def test_a_code_begins_once_and_for_a_minute() -> None:
    _, code = new_holder_code("person-1", at=NOW)
    _, used, _ = begin(code, verifier="bank-1", type_codes=(TYPE,), purpose="x", at=SOON)

    def again(found: HolderCode, at: datetime) -> str:
        return code_of(lambda: begin(found, verifier="bank-1", type_codes=(TYPE,), purpose="x", at=at))

    assert again(used, SOON) == "showing_code_used"
    assert again(code, NOW + timedelta(seconds=60)) == "showing_code_expired"


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (waiting, "showing_waiting"),
        (refused, "showing_refused"),
        (fetched, "showing_fetched"),
    ],
)
def test_nothing_is_fetched_but_what_was_confirmed_and_that_once(
    make: Callable[[], OnlineShowing], expected: str
) -> None:
    assert code_of(lambda: fetch(make(), verifier="bank-1", at=SOON)) == expected


@pytest.mark.parametrize("make", [waiting, confirmed, refused, fetched])
def test_another_verifier_learns_nothing(make: Callable[[], OnlineShowing]) -> None:
    assert code_of(lambda: fetch(make(), verifier="bank-2", at=SOON)) == "showing_verifier"
    assert code_of(lambda: status_for(make(), verifier="bank-2", at=SOON)) == "showing_verifier"


@pytest.mark.parametrize("make", [confirmed, refused, fetched])
def test_a_decision_is_made_once(make: Callable[[], OnlineShowing]) -> None:
    late = make()
    assert code_of(lambda: confirm(late, holder="person-1", granted=(GRANT,), at=SOON)) == "showing_decided"
    assert code_of(lambda: refuse_showing(late, holder="person-1", at=SOON)) == "showing_decided"


def test_somebody_else_does_not_decide() -> None:
    assert code_of(lambda: confirm(waiting(), holder="person-2", granted=(GRANT,), at=SOON)) == "showing_holder"
    assert code_of(lambda: refuse_showing(waiting(), holder="person-2", at=SOON)) == "showing_holder"


@pytest.mark.parametrize(
    "granted",
    [(), (Grant(identifier="x", type_code=OTHER_TYPE),), (GRANT, GRANT, Grant(identifier="x", type_code="y"))],
)
def test_a_holder_grants_something_and_nothing_that_was_not_asked_for(granted: tuple[Grant, ...]) -> None:
    assert code_of(lambda: confirm(waiting(), holder="person-1", granted=granted, at=SOON)) == "showing_granted"


def test_what_waits_too_long_is_over_and_so_is_what_nobody_fetches() -> None:
    end = waiting().expires_at
    assert code_of(lambda: confirm(waiting(), holder="person-1", granted=(GRANT,), at=end)) == "showing_expired"
    assert code_of(lambda: refuse_showing(waiting(), holder="person-1", at=end)) == "showing_expired"
    assert status_for(waiting(), verifier="bank-1", at=end) is ShowingState.EXPIRED
    agreed = confirmed()
    assert agreed.expires_at == SOON + timedelta(minutes=5)
    assert code_of(lambda: fetch(agreed, verifier="bank-1", at=agreed.expires_at)) == "showing_expired"
    assert refused().state_at(end) is ShowingState.REFUSED


def test_what_cannot_be_is_refused() -> None:
    naive = datetime(2026, 6, 1)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="aware"):
        new_holder_code("p", at=naive)
    with pytest.raises(ValueError, match="aware"):
        fetch(confirmed(), verifier="bank-1", at=naive)
    with pytest.raises(ValueError, match="a second to an hour"):
        new_holder_code("p", at=NOW, lifetime=timedelta(hours=2))
    _, code = new_holder_code("p", at=NOW)
    wrong: tuple[dict[str, object], ...] = (
        {"type_codes": ()},
        {"purpose": ""},
        {"verifier": ""},
        {"type_codes": ("x",) * 17},
    )
    for changes in wrong:
        arguments: dict[str, object] = {"verifier": "v", "type_codes": (TYPE,), "purpose": "x"} | changes
        with pytest.raises(ValidationError):
            begin(code, at=NOW, **arguments)  # type: ignore[arg-type]  # wrong ones are the point


def test_a_record_that_contradicts_itself_is_refused() -> None:
    for state in (ShowingState.WAITING, ShowingState.REFUSED):
        with pytest.raises(ValidationError):
            OnlineShowing.model_validate(confirmed().model_dump() | {"state": state})
    with pytest.raises(ValidationError):
        OnlineShowing.model_validate(confirmed().model_dump() | {"granted": ()})


def test_only_one_state_tells_the_verifier_to_fetch() -> None:
    assert set(VERIFY_STATUS) == set(ShowingState)
    assert [state for state, code in VERIFY_STATUS.items() if code == "2"] == [ShowingState.CONFIRMED]
    assert [state for state, code in VERIFY_STATUS.items() if code == "1"] == [ShowingState.WAITING]
