"""A report is not a yes or no: what counts as passed, and what blocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import VerificationError
from egov_sdk.report import ANSWERS, Check, CheckTable, CheckText, Outcome, Report, Text, worst

AT = datetime(2026, 1, 2, tzinfo=UTC)
WORDS = Text("words", "词")


def check(check_id: str, outcome: Outcome, subject: str = "") -> Check:
    return Check(check_id, outcome, "reason", WORDS, subject=subject)


def report(*checks: Check, required: set[str] | None = None) -> Report:
    wanted = {c.id for c in checks} if required is None else required
    return Report("file.ofd", AT, "test/1", checks, frozenset(wanted))


def test_a_report_refuses_to_be_a_bool() -> None:
    with pytest.raises(TypeError, match="outcome"):
        bool(report(check("trust.a", Outcome.PASSED)))
    with pytest.raises(TypeError):
        assert not report()


def test_everything_required_passed_is_passed_and_require_returns_the_report() -> None:
    good = report(check("trust.a", Outcome.PASSED), check("integrity.b", Outcome.PASSED))
    assert good.outcome is Outcome.PASSED
    assert good.require() is good
    assert good.blocking == ()


def test_nothing_required_is_unknown() -> None:
    empty = report(check("trust.a", Outcome.PASSED), required=set())
    assert empty.outcome is Outcome.UNKNOWN
    with pytest.raises(VerificationError) as caught:
        empty.require()
    assert caught.value.code == "egov.verify.undecided"


def test_a_required_check_that_never_ran_is_unknown_and_blocks() -> None:
    lacking = report(check("trust.a", Outcome.PASSED), required={"trust.a", "integrity.never"})
    assert lacking.outcome is Outcome.UNKNOWN
    assert [(c.id, c.reason) for c in lacking.blocking] == [("integrity.never", "never_ran")]


def test_one_bad_subject_spoils_an_id_that_passed_for_another() -> None:
    mixed = report(check("integrity.a", Outcome.PASSED, "s001"), check("integrity.a", Outcome.FAILED, "s002"))
    assert mixed.outcome is Outcome.FAILED
    assert [c.subject for c in mixed.blocking] == ["s002"]
    assert len(mixed.of("integrity.a")) == 2
    assert [c.outcome for c in mixed.of("integrity.a", subject="s001")] == [Outcome.PASSED]


def test_what_is_not_required_does_not_block() -> None:
    advisory = report(check("trust.a", Outcome.PASSED), check("coverage.note", Outcome.FAILED), required={"trust.a"})
    assert advisory.outcome is Outcome.PASSED
    assert advisory.answer("coverage") is Outcome.UNKNOWN


def test_failures_come_before_unknowns_in_what_blocks_and_in_the_error() -> None:
    bad = report(check("trust.a", Outcome.UNKNOWN), check("integrity.b", Outcome.FAILED, "s001"))
    assert [c.id for c in bad.blocking] == ["integrity.b", "trust.a"]
    with pytest.raises(VerificationError) as caught:
        bad.require()
    assert caught.value.report is bad
    assert caught.value.detail == {"check": "integrity.b", "reason": "reason"}
    assert caught.value.code == "egov.verify.rejected"


def test_an_answer_that_does_not_exist_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="integrity"):
        report().answer("truth")


def test_the_plain_form_carries_the_schema_version_and_both_languages() -> None:
    plain = report(check("trust.a", Outcome.PASSED)).to_dict("zh")
    assert plain["schema_version"] == 1
    assert plain["answers"] == {"integrity": "unknown", "binding": "unknown", "trust": "passed", "coverage": "unknown"}
    assert plain["checks"] == [
        {
            "id": "trust.a",
            "outcome": "passed",
            "reason": "reason",
            "message": "词",
            "clause": "",
            "subject": "",
            "evidence": {},
        }
    ]


@given(st.lists(st.sampled_from(list(Outcome)), min_size=1))
def test_passed_needs_every_required_check_passed_or_not_applicable(outcomes: list[Outcome]) -> None:
    found = report(*(check(f"{ANSWERS[n % 4]}.c{n}", outcome) for n, outcome in enumerate(outcomes)))
    spoilt = Outcome.FAILED in outcomes or Outcome.UNKNOWN in outcomes
    assert (found.outcome is Outcome.PASSED) == (not spoilt and Outcome.PASSED in outcomes)
    assert bool(found.blocking) == spoilt


def test_the_worst_of_nothing_is_unknown() -> None:
    assert worst([]) is Outcome.UNKNOWN
    assert worst([Outcome.SKIPPED]) is Outcome.SKIPPED
    assert worst([Outcome.SKIPPED, Outcome.PASSED]) is Outcome.PASSED
    assert worst([Outcome.PASSED, Outcome.UNKNOWN]) is Outcome.UNKNOWN


def test_the_table_is_the_only_home_of_words() -> None:
    table = CheckTable({"integrity.x": CheckText(WORDS, "clause 1", {"bad": Text("{file} is bad", "{file} 有误")})})
    made = table.check("integrity.x", Outcome.FAILED, "bad", subject="s1", file="a.xml")
    assert (made.message.en, made.message.zh, made.clause) == ("a.xml is bad", "a.xml 有误", "clause 1")
    with pytest.raises(KeyError):
        table.check("integrity.x", Outcome.FAILED, "unheard")
    with pytest.raises(KeyError):
        table.check("integrity.y", Outcome.FAILED, "bad")


def test_facts_from_a_file_are_never_taken_for_a_template() -> None:
    table = CheckTable({"integrity.x": CheckText(WORDS, "", {"bad": Text("{file}", "{file}")})})
    assert table.check("integrity.x", Outcome.FAILED, "bad", file="{evil.__class__}").message.en == "{evil.__class__}"


def test_an_id_outside_the_four_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="begin with"):
        CheckTable({"beauty.x": CheckText(WORDS, "", {})})
