"""A room's refusals say what happened in both languages, facts and all."""

from __future__ import annotations

from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

_TABLE = ProblemTable(
    "room",
    {"short": Text("it has {found}, expected {expected}", "含有 {found}，应为 {expected}")},
    Rejected,
    {"found": {"nothing": Text("nothing", "无")}},
)


def test_facts_that_are_words_of_ours_are_said_in_both_languages() -> None:
    error = _TABLE.refuse("short", found=Text("two dots", "两个点"), expected=Text("one", "一个"))
    assert error.text == Text("it has two dots, expected one", "含有 两个点，应为 一个")
    assert error.detail == {"found": "two dots", "expected": "one"}
    assert _TABLE.unreadable("short", where="a", found="nothing", expected=1).text == Text(
        "a: it has nothing, expected 1", "a：含有 无，应为 1"
    )


def test_what_a_stranger_says_stays_as_it_is_in_both() -> None:
    text = _TABLE.refuse("short", found="two\ndots", expected=Text("one\n", "一\n个")).text
    assert text == Text("it has two\\ndots, expected one\\n", "含有 two\\ndots，应为 \\u4e00\\n\\u4e2a")
