"""What platforms call the states of a licence and the steps of its life, as data: one profile for each list of codes.

A code that a profile does not have means UNKNOWN, which never counts as valid; the word of the platform is kept with
it. A row whose meaning no source states outright is marked ``verified=False``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Generic, TypeVar

from egov_sdk.license.states import CheckAnswer, LicenseAction, LicenseState

__all__ = [
    "ACTION_CODES",
    "ANSWER_CODES",
    "MOHURD_PROFILES",
    "STATE_CODES",
    "CodeProfile",
    "CodeRow",
    "PlatformWord",
    "read_answer",
    "read_state",
]

_T = TypeVar("_T", LicenseState, LicenseAction, CheckAnswer)


@dataclass(frozen=True)
class CodeRow(Generic[_T]):
    """One code of a platform.

    Attributes:
        code: As the platform writes it.
        text: The platform's words for it.
        meaning: What it is read as; None where this library has no word for it.
        also: What else is written with this code, where the platform tells less apart.
        verified: Whether a source states the meaning outright.
    """

    code: str
    text: str
    meaning: _T | None
    also: tuple[_T, ...] = ()
    verified: bool = True


@dataclass(frozen=True)
class PlatformWord(Generic[_T]):
    """What a platform said, and what it means here (平台代码): ``raw`` is the code as it came.

    ``meaning`` is None for a code that is not known and for one that this library has no word for; ``text`` is empty
    only for the first.
    """

    raw: str
    meaning: _T | None
    text: str = ""
    verified: bool = False


@dataclass(frozen=True)
class CodeProfile(Generic[_T]):
    """A platform's list of codes, to be read and to be written (代码表)."""

    name: str
    title: str
    rows: tuple[CodeRow[_T], ...]
    note: str = ""

    @cached_property
    def _by_code(self) -> Mapping[str, CodeRow[_T]]:
        return {row.code: row for row in self.rows}

    @cached_property
    def _by_meaning(self) -> Mapping[_T, str]:
        written: dict[_T, str] = {}
        for row in self.rows:
            for meaning in (() if row.meaning is None else (row.meaning,)) + row.also:
                written.setdefault(meaning, row.code)
        return written

    def read(self, code: str | int) -> PlatformWord[_T]:
        """What a code means. Nothing is made up for: ``1`` is not ``01``."""
        raw = str(code)
        row = self._by_code.get(raw)
        if row is None:
            return PlatformWord(raw, None)
        return PlatformWord(raw, row.meaning, row.text, row.verified)

    def code_of(self, meaning: _T) -> str | None:
        """The code for a meaning; None where the platform has none: nothing near it is taken instead."""
        return self._by_meaning.get(meaning)


def read_state(profile: CodeProfile[LicenseState], code: str | int) -> LicenseState:
    """The state of a platform's code; UNKNOWN for any that is not known or has no counterpart."""
    return profile.read(code).meaning or LicenseState.UNKNOWN


def read_answer(profile: CodeProfile[CheckAnswer], code: str | int) -> CheckAnswer:
    """The answer of a platform's code; UNKNOWN for any that is not known."""
    return profile.read(code).meaning or CheckAnswer.UNKNOWN


_S, _A, _Q = LicenseState, LicenseAction, CheckAnswer
_Row = CodeRow[LicenseState]
_Step = CodeRow[LicenseAction]
_Said = CodeRow[CheckAnswer]
_ENDS = (_S.REVOKED, _S.WITHDRAWN, _S.SUPERSEDED)

_STATES: tuple[CodeProfile[LicenseState], ...] = (
    CodeProfile(
        "gbt36906", "GB/T 36906 接口状态代码（与证照状态有关者）",
        (
            _Row("0", "接口调用成功", _S.VALID),
            _Row("21", "该电子证照已废止或注销", _S.CANCELLED, _ENDS),
            _Row("22", "该电子证照已过期", _S.LAPSED),
            _Row("23", "该电子证照已受限使用", _S.SUSPENDED, (_S.INACTIVE,)),
        ),
        note="the other codes of the list are about the call and say nothing of a licence",
    ),
    CodeProfile(
        "linewell", "制证状态（山东、福建等地所用平台）",
        (
            _Row("0", "创建", None),
            _Row("-1", "退回", None),
            _Row("1", "送审核", None),
            _Row("2", "数据生成中", None),
            _Row("6", "签章中", None),
            _Row("7", "签章失败", None),
            _Row("4", "生成失败", None),
            _Row("11", "完成", _S.VALID),
            _Row("5", "待签章", _S.VALID, verified=False),
            _Row("-2", "已注销", _S.CANCELLED),
            _Row("-3", "已吊销", _S.REVOKED),
            _Row("-4", "已过期", _S.LAPSED),
            _Row("-5", "变更作废", _S.SUPERSEDED),
            _Row("-8", "年检作废", _S.SUPERSEDED),
            _Row("-6", "变更中", None),
            _Row("-7", "年检中", None),
            _Row("-9", "证明申请不通过", None),
            _Row("-10", "签注中", None),
            _Row("12", "未激活", _S.INACTIVE),
            _Row("13", "冻结", _S.SUSPENDED),
        ),
        note="5 is answered as valid by the interface although no seal is on the file yet; why is not known",
    ),
    CodeProfile(
        "natural_resources", "不动产电子证照状态 zzzt",
        (
            _Row("1", "现势", _S.VALID),
            _Row("2", "注销", _S.CANCELLED, _ENDS),
        ),
        note="why it was cancelled stands in another item: natural_resources_reason",
    ),
    CodeProfile(
        "natural_resources_reason", "不动产电子证照注销原因",
        (
            _Row("1", "正常业务注销", _S.CANCELLED, (_S.SUPERSEDED,)),
            _Row("2", "签发错误注销", _S.WITHDRAWN),
        ),
    ),
    CodeProfile(
        "mohurd_safety_officer", "安管人员考核合格证书 certState",
        (
            _Row("01", "有效", _S.VALID),
            _Row("02", "暂扣", _S.SUSPENDED),
            _Row("03", "撤销", _S.WITHDRAWN),
            _Row("04", "注销", _S.CANCELLED),
            _Row("05", "失效", _S.LAPSED),
            _Row("06", "办理转出", None),
            _Row("07", "吊销", _S.REVOKED),
            _Row("99", "其他", None),
        ),
        note="99 needs words in certStatusDescription",
    ),
    CodeProfile(
        "mohurd_special_worker", "特种作业操作资格证书 certState",
        (
            _Row("01", "有效", _S.VALID),
            _Row("02", "暂扣", _S.SUSPENDED),
            _Row("03", "吊销", _S.REVOKED),
            _Row("04", "撤销", _S.WITHDRAWN),
            _Row("05", "注销", _S.CANCELLED),
            _Row("06", "失效", _S.LAPSED),
            _Row("99", "其他", None),
        ),
        note="99 needs words in certStatusDescription",
    ),
    CodeProfile(
        "guangdong", "用证服务 license-app/v1 证照状态",
        (
            _Row("created", "已制证", _S.INACTIVE, verified=False),
            _Row("issued", "已签发", _S.VALID, verified=False),
            _Row("abolished", "已废止", _S.CANCELLED, _ENDS, verified=False),
        ),
        note="the steps are known, the codes of license_status are not",
    ),
)  # fmt: skip

_COMMON_STEPS = (
    _Step("01", "新发", _A.ISSUE, (_A.IMPORT,)),
    _Step("02", "延续", _A.RENEW),
    _Step("03", "暂扣", _A.SUSPEND),
    _Step("04", "过期失效", None),
    _Step("05", "注销（撤销、吊销、转出）", _A.CANCEL, (_A.WITHDRAW, _A.REVOKE)),
    _Step("06", "暂扣发还", _A.RESUME),
    _Step("07", "其他", None),
)

_ACTIONS: tuple[CodeProfile[LicenseAction], ...] = (
    CodeProfile(
        "mohurd_safety_officer", "安管人员考核合格证书 operateType",
        (
            *_COMMON_STEPS,
            _Step("08", "转入", None),
            _Step("09", "变更", _A.CHANGE),
            _Step("10", "取消转出", None),
        ),
    ),
    CodeProfile(
        "mohurd_special_worker", "特种作业操作资格证书 operateType",
        (*_COMMON_STEPS, _Step("08", "变更", _A.CHANGE)),
    ),
    CodeProfile(
        "linewell", "证照业务操作",
        (
            _Step("变更", "变更", _A.CHANGE),
            _Step("年检", "年检", _A.RENEW, verified=False),
            _Step("吊销", "吊销", _A.REVOKE),
            _Step("注销", "注销", _A.CANCEL),
            _Step("挂失", "挂失", _A.SUSPEND, verified=False),
            _Step("取消挂失", "取消挂失", _A.RESUME, verified=False),
        ),
        note="words; the codes behind them are not known",
    ),
)  # fmt: skip

_SIX = (
    _Said("0", "信息正确且有效", _Q.VALID),
    _Said("1", "信息正确且未激活", _Q.INACTIVE),
    _Said("2", "信息正确且证照暂时失效", _Q.SUSPENDED),
    _Said("3", "信息正确且证照已失效", _Q.ENDED),
    _Said("4", "信息不全，无法验证", _Q.INCOMPLETE),
    _Said("5", "查无此信息", _Q.NOT_FOUND),
)

_ANSWERS: tuple[CodeProfile[CheckAnswer], ...] = (
    CodeProfile(
        "gbt36906", "证照查验结果", _SIX,
        note="two systems agree on them; whether they stand in GB/T 36906 itself is not known",
    ),
    CodeProfile(
        "natural_resources", "不动产电子证照信息验证结果",
        (*_SIX, _Said("6", "信息错误，参数不一致", _Q.MISMATCH, (_Q.PARTLY_WRONG,))),
    ),
    CodeProfile(
        "shandong", "山东证照共享服务信息验证结果",
        (
            *_SIX,
            _Said("6", "查验数据为空", _Q.NOTHING_GIVEN),
            _Said("7", "部分信息有误或不完整", _Q.PARTLY_WRONG, (_Q.MISMATCH,)),
        ),
        note="4 is also the answer when more than one licence matches",
    ),
)  # fmt: skip


def _named(profiles: Iterable[CodeProfile[_T]]) -> Mapping[str, CodeProfile[_T]]:
    return MappingProxyType({profile.name: profile for profile in profiles})


#: Codes of states, by the name of the profile.
STATE_CODES: Mapping[str, CodeProfile[LicenseState]] = _named(_STATES)
#: Codes of what is done to a licence.
ACTION_CODES: Mapping[str, CodeProfile[LicenseAction]] = _named(_ACTIONS)
#: Codes of what checking a licence's data gave (查验结果).
ANSWER_CODES: Mapping[str, CodeProfile[CheckAnswer]] = _named(_ANSWERS)
#: At the ministry of housing the same code means another thing for another type of licence.
MOHURD_PROFILES: Mapping[str, str] = MappingProxyType(
    {"11100000000013338W011": "mohurd_safety_officer", "11100000000013338W032": "mohurd_special_worker"}
)
