"""Why the register says no, in the words of both languages; nothing of one stands in the other's sentence."""

from __future__ import annotations

import pytest

from egov_sdk.license.model import Standing
from egov_sdk.license.problems import refuse
from egov_sdk.license.states import ACTION_WORDS, STANDING_WORDS, STATE_WORDS, LicenseAction, LicenseState


def test_every_state_action_and_standing_has_a_name() -> None:
    assert list(STATE_WORDS) == list(LicenseState)
    assert list(ACTION_WORDS) == list(LicenseAction)
    assert list(STANDING_WORDS) == list(Standing)


@pytest.mark.parametrize(
    ("problem", "facts", "zh"),
    [
        ("not_in_force", {"standing": "suspended"}, "该证照当前不具效力：暂扣中"),
        ("action_refused", {"action": "change", "state": "revoked"}, "证照处于“吊销”状态，不能变更"),
        ("reason_missing", {"action": "revoke"}, "吊销须说明理由"),
        ("type_state", {"found": "T", "state": "in_review"}, "证照类型 T 处于“送审核”状态，不能如此操作"),
        ("showing_decided", {"state": "fetched"}, "该核验已处于“已取用”状态"),
        ("key_missing", {"kind": "signer"}, "登记库未配置此操作所需的签名密钥及证书"),
    ],
)
def test_a_chinese_refusal_names_states_and_actions_in_chinese(problem: str, facts: dict[str, str], zh: str) -> None:
    error = refuse(problem, **facts)
    assert error.text.zh == zh
    assert facts.items() <= error.detail.items()  # programs read the values as they are


def test_a_value_without_a_name_stays_as_it_is() -> None:
    assert refuse("not_in_force", standing="？").text.zh == "该证照当前不具效力：？"
