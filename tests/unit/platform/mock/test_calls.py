"""What was seen, and the words for what was not."""

from __future__ import annotations

import pytest

from egov_sdk.platform.mock.calls import Call, CallLog, Seen
from egov_sdk.testing.clock import START


def call(operation: str = "license.issue", *, caller: str = "office", status: int = 200, **question: object) -> Call:
    return Call(
        operation=operation, method="POST", path="/x", caller=caller, status=status, at=START, question=question
    )


@pytest.fixture
def log() -> CallLog:
    found = CallLog()
    found.add(call(draft={"number": "A1", "fields": {"住所": "x" * 100}}))
    found.add(call(caller="hall", status=403, draft={"number": "A2"}))
    found.add(call("license.verify"))
    return found


def test_counts_hold_or_are_told(log: CallLog) -> None:
    seen = Seen("license.issue", log.all)
    assert seen.times(2)
    assert seen.at_least(1)
    assert seen.by("office").answered(200).once()
    assert seen.asking({"draft.number": "A2"}).by("hall").once()
    assert seen.asking({"draft.number": "A3"}).never()
    assert seen.where(lambda one: one.status == 403).last.caller == "hall"
    assert (len(seen), len(list(seen)), bool(seen), bool(seen.by("nobody"))) == (2, 2, True, False)
    assert Seen("seal.stamp", log.all).never()


def test_a_mismatch_shows_what_there_was_instead(log: CallLog) -> None:
    with pytest.raises(AssertionError) as caught:
        Seen("license.issue", log.all).by("hall").asking({"draft.number": "A1"}).once()
    text = str(caught.value)
    assert text.splitlines()[0] == (
        "the province was to see license.issue by hall asking draft.number='A1' once, and saw it 0 times"
    )
    assert "3. license.verify  POST /x  by office  -> 200" in text
    assert "draft.number = 'A2'" in text
    assert "(102 characters)" in text
    assert "x" * 80 not in text


def test_what_stands_in_a_list_is_asked_by_its_place_and_told() -> None:
    log = CallLog()
    log.add(call(draft={"holders": [{"code": "c1"}, {"code": "c2"}], "tags": []}))
    seen = Seen("license.issue", log.all)
    assert seen.asking({"draft.holders.1.code": "c2", "draft.tags": []}).once()
    assert seen.asking({"draft.holders.2.code": None, "draft.holders.-1.code": None}).once()
    assert log.all()[0].mentions("c2")
    with pytest.raises(AssertionError, match=r"draft\.holders\.1\.code = 'c2'"):
        seen.asking({"draft.holders.0.code": "c2"}).once()


def test_those_that_fit_are_marked(log: CallLog) -> None:
    with pytest.raises(AssertionError) as caught:
        Seen("license.issue", log.all).once()
    assert [line[0] for line in str(caught.value).splitlines()[2:]] == ["*", "*", " "]
    assert "saw it 2 times" in str(caught.value)


@pytest.mark.parametrize("times", [1, 3])
def test_nothing_at_all_is_told(times: int) -> None:
    with pytest.raises(AssertionError, match="no calls at all"):
        Seen("license.issue", CallLog().all).times(times)
    with pytest.raises(AssertionError, match="at least 1 times"):
        _ = Seen("license.issue", CallLog().all).last


def test_what_was_called_too_often_is_told(log: CallLog) -> None:
    with pytest.raises(AssertionError, match="0 times, and saw it 2 times"):
        Seen("license.issue", log.all).never()


def test_items_of_a_question_are_found_by_their_way() -> None:
    one = call(draft={"holders": [1], "fields": {"a": 1}})
    assert (one.asked("draft.fields.a"), one.asked("draft.fields.b"), one.asked("draft.holders.x")) == (1, None, None)


def test_a_log_forgets(log: CallLog) -> None:
    log.clear()
    assert log.all() == ()


def test_a_star_is_every_call(log: CallLog) -> None:
    assert Seen("*", log.all).times(3)
    assert Seen("*", log.all).by("office").times(2)
    with pytest.raises(AssertionError, match="0 times, and saw it 3 times"):
        Seen("*", log.all).never()
