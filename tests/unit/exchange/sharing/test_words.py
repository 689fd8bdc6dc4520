"""The words of sharing: there is one for everything that a refusal or the screen names, in both languages."""

from __future__ import annotations

import typing

import pytest

from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.exchange.sharing.deadlines import Matter
from egov_sdk.exchange.sharing.model import CaseState, ObjectionState, Role
from egov_sdk.exchange.sharing.problems import refuse
from egov_sdk.exchange.sharing.rules import TRANSITIONS
from egov_sdk.exchange.sharing.words import (
    BOUND_WORDS,
    MATTER_WORDS,
    OUTCOME_WORDS,
    SHARING_WORDS,
    STATE_WORDS,
    STEP_WORDS,
)


def test_there_is_a_word_for_everything() -> None:
    assert {*CaseState, "not open"} == set(STATE_WORDS)
    assert {*TRANSITIONS, "request"} == set(STEP_WORDS)
    roles = {" / ".join(sorted(one.roles)) for one in TRANSITIONS.values()}
    assert roles | {*Role} <= set(BOUND_WORDS)
    assert {*SharingType} == set(SHARING_WORDS)
    assert {*Matter} == set(MATTER_WORDS)
    assert set(typing.get_args(ObjectionState.model_fields["outcome"].annotation)) == set(OUTCOME_WORDS)


@pytest.mark.parametrize(
    ("problem", "facts", "zh"),
    [
        ("state", {"action": "approval", "state": "revoked"}, "状态为“已收回”的案卷不能执行“同意共享”"),
        ("not_granted", {"state": "review"}, "案卷状态为“审核中”，不能使用数据"),
        (
            "not_yours",
            {"action": "approval", "expected": "platform / provider", "found": "11"},
            "“同意共享”应由平台或提供方执行，11 无权执行",
        ),
        ("purpose", {"found": "评价", "expected": "granted"}, "用途“评价”不在授权的用途之中"),
        ("field", {"found": "姓名", "expected": "fields that were granted"}, "“姓名”不在授权的字段之中"),
        ("by_rule", {"action": "refusal", "sharing": "conditional"}, "对“有条件共享”的资源不能按规则执行“不同意共享”"),
    ],
)
def test_a_refusal_in_chinese_holds_no_english(problem: str, facts: dict[str, str], zh: str) -> None:
    assert refuse(f"sharing.{problem}", **facts).text.zh == zh
