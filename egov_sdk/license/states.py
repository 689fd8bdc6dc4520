"""The life of a licence (证照状态): its states, and what may be done in each."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from egov_sdk.report import Text

__all__ = [
    "ACTION_WORDS",
    "FINAL_STATES",
    "STANDING_WORDS",
    "STATE_WORDS",
    "CheckAnswer",
    "LicenseAction",
    "LicenseState",
    "StatusEntry",
    "check_answer",
    "next_state",
]

_ENTRY: Final = re.compile(r"(0|[1-9][0-9]{0,9}):(0|[1-9][0-9]{0,9})", re.ASCII)
_MOST: Final = (1 << 32) - 1


class LicenseState(enum.StrEnum):
    """Whether a licence may be relied on (证照状态), by meaning. The values are stable and may be stored.

    That its term is over follows from its dates: see ``standing`` of a record. LAPSED is for platforms that say so.
    """

    INACTIVE = "inactive"  # 未激活: issued, not in force yet
    VALID = "valid"  # 有效
    SUSPENDED = "suspended"  # 暂扣、冻结: held for a while
    LAPSED = "lapsed"  # 失效、过期: a platform's word that the term is over; our own register tells it from the dates
    SUPERSEDED = "superseded"  # 变更作废: a newer version took its place
    CANCELLED = "cancelled"  # 注销: given up, or ended in the ordinary course
    REVOKED = "revoked"  # 吊销: taken away as a sanction
    WITHDRAWN = "withdrawn"  # 撤销: should not have been issued
    UNKNOWN = "unknown"  # a platform's word that means nothing here; never counts as valid


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """Where a status list says how a licence is doing (状态索引): the list's id, and a place in it drawn by lot."""

    list_id: int
    index: int

    def __str__(self) -> str:
        return f"{self.list_id}:{self.index}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``LIST:INDEX``, two numbers below 2 to the power of 32.

        Raises:
            ValueError: it is written in another way.
        """
        found = _ENTRY.fullmatch(text)
        entry = cls(*map(int, found.groups())) if found else None
        if entry is None or max(entry.list_id, entry.index) > _MOST:
            raise ValueError("a place in a status list is two numbers, LIST:INDEX")
        return entry


class LicenseAction(enum.StrEnum):
    """What is done to a licence (证照操作)."""

    ISSUE = "issue"  # 签发
    IMPORT = "import"  # 存量入库
    ACTIVATE = "activate"  # 激活
    CHANGE = "change"  # 变更
    RENEW = "renew"  # 延续
    SUSPEND = "suspend"  # 暂扣、冻结
    RESUME = "resume"  # 暂扣发还、解冻
    SUPERSEDE = "supersede"  # 变更作废, of the version before
    CANCEL = "cancel"  # 注销
    REVOKE = "revoke"  # 吊销
    WITHDRAW = "withdraw"  # 撤销


#: What people call the states, the actions and, by its value, each Standing of a record.
STATE_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        LicenseState.INACTIVE: Text("not activated", "未激活"),
        LicenseState.VALID: Text("valid", "有效"),
        LicenseState.SUSPENDED: Text("suspended", "暂扣"),
        LicenseState.LAPSED: Text("lapsed", "失效"),
        LicenseState.SUPERSEDED: Text("superseded", "变更作废"),
        LicenseState.CANCELLED: Text("cancelled", "注销"),
        LicenseState.REVOKED: Text("revoked", "吊销"),
        LicenseState.WITHDRAWN: Text("withdrawn", "撤销"),
        LicenseState.UNKNOWN: Text("unknown", "未知"),
    }
)
ACTION_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        LicenseAction.ISSUE: Text("issued", "签发"),
        LicenseAction.IMPORT: Text("imported", "存量入库"),
        LicenseAction.ACTIVATE: Text("activated", "激活"),
        LicenseAction.CHANGE: Text("changed", "变更"),
        LicenseAction.RENEW: Text("renewed", "延续"),
        LicenseAction.SUSPEND: Text("suspended", "暂扣"),
        LicenseAction.RESUME: Text("resumed", "暂扣发还"),
        LicenseAction.SUPERSEDE: Text("superseded", "变更作废"),
        LicenseAction.CANCEL: Text("cancelled", "注销"),
        LicenseAction.REVOKE: Text("revoked", "吊销"),
        LicenseAction.WITHDRAW: Text("withdrawn", "撤销"),
    }
)
STANDING_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "in_force": Text("in force", "生效中"),
        "not_yet": Text("not yet in force", "尚未生效"),
        "suspended": Text("suspended", "暂扣中"),
        "expired": Text("expired", "已过期"),
        "ended": Text("ended", "已终止"),
        "unknown": Text("unknown", "未知"),
    }
)

#: States that nothing leads out of.
FINAL_STATES = frozenset(
    {LicenseState.LAPSED, LicenseState.SUPERSEDED, LicenseState.CANCELLED, LicenseState.REVOKED, LicenseState.WITHDRAWN}
)

_LIVING = frozenset({LicenseState.INACTIVE, LicenseState.VALID, LicenseState.SUSPENDED})
_MOVES: Mapping[LicenseAction, tuple[frozenset[LicenseState], LicenseState | None]] = MappingProxyType(
    {
        LicenseAction.ACTIVATE: (frozenset({LicenseState.INACTIVE}), LicenseState.VALID),
        LicenseAction.CHANGE: (frozenset({LicenseState.VALID, LicenseState.INACTIVE}), None),
        LicenseAction.RENEW: (frozenset({LicenseState.VALID}), None),
        LicenseAction.SUSPEND: (frozenset({LicenseState.VALID}), LicenseState.SUSPENDED),
        LicenseAction.RESUME: (frozenset({LicenseState.SUSPENDED}), LicenseState.VALID),
        LicenseAction.SUPERSEDE: (_LIVING, LicenseState.SUPERSEDED),
        LicenseAction.CANCEL: (_LIVING, LicenseState.CANCELLED),
        LicenseAction.REVOKE: (_LIVING, LicenseState.REVOKED),
        LicenseAction.WITHDRAW: (_LIVING, LicenseState.WITHDRAWN),
    }
)


def next_state(state: LicenseState, action: LicenseAction) -> LicenseState | None:
    """The state that an action leads to; None when it may not be done in this state.

    CHANGE and RENEW leave the state as it is, in a new version.
    """
    allowed, target = _MOVES.get(action, (frozenset(), None))
    if state not in allowed:
        return None
    return target or state


class CheckAnswer(enum.StrEnum):
    """What checking somebody's data against a register gave (查验结果), by meaning. The values are stable."""

    VALID = "valid"  # 信息正确且有效
    INACTIVE = "inactive"  # 信息正确且未激活
    SUSPENDED = "suspended"  # 信息正确且证照暂时失效
    ENDED = "ended"  # 信息正确且证照已失效
    INCOMPLETE = "incomplete"  # 信息不全，无法验证; also where more than one licence matches
    NOT_FOUND = "not_found"  # 查无此信息
    MISMATCH = "mismatch"  # 信息错误，参数不一致
    PARTLY_WRONG = "partly_wrong"  # 部分信息有误或不完整
    NOTHING_GIVEN = "nothing_given"  # 查验数据为空
    UNKNOWN = "unknown"  # a platform's word that means nothing here; never counts as valid


_ANSWERS: Mapping[LicenseState, CheckAnswer] = MappingProxyType(
    {
        LicenseState.VALID: CheckAnswer.VALID,
        LicenseState.INACTIVE: CheckAnswer.INACTIVE,
        LicenseState.SUSPENDED: CheckAnswer.SUSPENDED,
        LicenseState.UNKNOWN: CheckAnswer.UNKNOWN,
    }
)


def check_answer(state: LicenseState, *, in_term: bool) -> CheckAnswer:
    """The answer for data that agrees with a licence: by its state, and whether the day lies within its term."""
    answer = _ANSWERS.get(state, CheckAnswer.ENDED)
    return CheckAnswer.ENDED if answer is CheckAnswer.VALID and not in_term else answer
