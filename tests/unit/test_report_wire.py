"""Reports that go from one program to another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import ParseError
from egov_sdk.report import CheckTable, CheckText, Outcome, Report, Text
from egov_sdk.report_wire import dump_report, load_report

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
TABLE = CheckTable(
    {
        "integrity.file": CheckText(
            Text("Is it whole?", "是否完整？"),
            "GB/T 1, 2",
            {"same": Text("it is", "完整"), "changed": Text("{name} was changed", "{name} 被改动")},
        )
    }
)


def report(*names: str) -> Report:
    checks = [TABLE.check("integrity.file", Outcome.FAILED, "changed", subject="1", name=name) for name in names]
    return Report("a.ofd", AT, "standard/1", tuple(checks), frozenset({"integrity.file"}))


@given(st.lists(st.text(max_size=20), max_size=4))
def test_a_report_arrives_with_every_sentence_and_every_answer(names: list[str]) -> None:
    sent = report(*names)
    got = load_report(dump_report(sent))
    assert [check.message for check in got.checks] == [check.message for check in sent.checks]
    assert got.to_dict("zh") == sent.to_dict("zh")
    assert got.outcome is sent.outcome


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("form", 2),
        ("checks", {}),
        ("checks", [1]),
        ("checks", [{"id": "other.check"}]),
        ("required", "integrity.file"),
        ("required", ["other.check"]),
        ("verified_at", "yesterday"),
        ("verified_at", "2026-03-02T08:00:00"),
        ("subject", None),
        ("policy", 5),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(name: str, value: object) -> None:
    with pytest.raises(ParseError) as caught:
        load_report(dump_report(report("x")) | {name: value})
    assert caught.value.code == "egov.report.malformed"
    assert caught.value.where.startswith("report")


@pytest.mark.parametrize(
    ("name", "value"),
    [("outcome", "maybe"), ("id", "file"), ("reason", 1), ("en", None), ("evidence", []), ("subject", 4)],
)
def test_a_check_that_is_none_is_refused(name: str, value: object) -> None:
    whole = dump_report(report("x"))
    checks = whole["checks"]
    assert isinstance(checks, list)
    with pytest.raises(ParseError):
        load_report(whole | {"checks": [checks[0] | {name: value}]})


@pytest.mark.parametrize("value", [None, [], "report", 7])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(ParseError):
        load_report(value)
