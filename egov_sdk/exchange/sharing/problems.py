"""Why sharing says no: every reason with its words, and the error that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.exchange.sharing.words import BOUND_WORDS, SHARING_WORDS, STATE_WORDS, STEP_WORDS
from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "ROOT", "TABLE", "SharingRejected", "refuse", "unreadable"]

#: The full code is ``egov.exchange.`` and the key. No value of a record is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        # what is read
        "sharing.calendar": Text("the calendar cannot be: {name}: {found}", "日历不合规：{name}：{found}"),
        "sharing.step": Text("not a signed step: {name}: {found}", "不是已签名的步骤：{name}：{found}"),
        "sharing.not_canonical": Text(
            "what was signed is not written in the one canonical form", "签名内容未按唯一的规范形式书写"
        ),
        "sharing.evidence": Text("not the evidence of a case: {name}: {found}", "不是案卷证据：{name}：{found}"),
        # steps
        "sharing.case_unknown": Text("there is no case {found}", "没有案卷 {found}"),
        "sharing.case_taken": Text("the case {found} is open already", "案卷 {found} 已存在"),
        "sharing.signature": Text("the signature does not hold: {check}: {found}", "签名不成立：{check}：{found}"),
        "sharing.clock": Text(
            "the step was signed at {found}, which is not close to {expected}",
            "步骤签署时间为 {found}，与 {expected} 相差过大",
        ),
        "sharing.stale": Text(
            "the step follows step {found} of the case, which is at {expected} by now; look at it again",
            "该步骤接在第 {found} 步之后，而案卷已到第 {expected} 步，请重新查看",
        ),
        "sharing.other_platform": Text(
            "it was signed for the platform {found}, and this is {expected}",
            "签名针对的平台为 {found}，而本平台为 {expected}",
        ),
        "sharing.other_case": Text("the step belongs to the case {found}", "该步骤属于案卷 {found}"),
        "sharing.order": Text(
            "the step was signed at {found}, before the one that it follows", "步骤签署时间 {found} 早于其前一步"
        ),
        "sharing.state": Text(
            "{action} cannot be done to a case that is {state}", "状态为“{state}”的案卷不能执行“{action}”"
        ),
        "sharing.not_yours": Text(
            "{action} is for the {expected} to do, and {found} is not",
            "“{action}”应由{expected}执行，{found} 无权执行",
        ),
        "sharing.full": Text("a case has at most {expected} steps", "一个案卷最多 {expected} 个步骤"),
        # request and grant
        "sharing.resource_unknown": Text(
            "no resource {found} is published in the catalogue", "目录中没有已发布的资源 {found}"
        ),
        "sharing.own_resource": Text("{found} has this resource itself", "{found} 即该资源的提供方"),
        "sharing.field": Text("{found} is not among the {expected}", "“{found}”不在{expected}之中"),
        "sharing.purpose": Text(
            "the purpose {found} is not among those that were {expected}", "用途“{found}”不在{expected}的用途之中"
        ),
        "sharing.until": Text(
            "ends at {found}, expected between {first} and {last}",
            "截止时间为 {found}，应在 {first} 与 {last} 之间",
        ),
        "sharing.quota": Text(
            "{name} is {found}, at most {expected} were asked for", "{name} 为 {found}，申请上限为 {expected}"
        ),
        "sharing.not_shared": Text(
            "the resource is not shared; the basis is told with the refusal", "该资源不予共享，依据见答复"
        ),
        "sharing.by_rule": Text(
            "{action} by rule does not fit a resource that is {sharing}",
            "对“{sharing}”的资源不能按规则执行“{action}”",
        ),
        # use
        "sharing.caller": Text("the grant is not one for {found}", "该授权不属于 {found}"),
        "sharing.not_granted": Text(
            "the state of the case is {state}: nothing can be used", "案卷状态为“{state}”，不能使用数据"
        ),
        "sharing.narrowed": Text(
            "the resource was {before} when it was granted and is {sharing} by now: ask for it anew",
            "授权时该资源为“{before}”，现已改为“{sharing}”，须重新申请",
        ),
        "sharing.other_provider": Text(
            "the resource is {found}'s by now, and {expected} has granted it: ask for it anew",
            "该资源现由 {found} 提供，而授权方为 {expected}，须重新申请",
        ),
        "sharing.expired": Text("the grant ended at {found}", "授权已于 {found} 到期"),
        "sharing.rate": Text("{expected} calls in {seconds} s are granted", "授权频率为每 {seconds} 秒 {expected} 次"),
        "sharing.records": Text(
            "{found} records were asked for, {expected} at a time are granted",
            "请求 {found} 条记录，授权每次 {expected} 条",
        ),
        "sharing.hidden_field": Text(
            "{found} is given masked or coarsened, so that nobody may search by it",
            "{found} 经脱敏或概括后提供，不得用作查询条件",
        ),
        "sharing.replayed": Text("this use was asked for before", "该使用请求已提交过"),
        "sharing.no_source": Text("nothing here serves the resource {found}", "此处没有提供资源 {found} 的数据源"),
        "sharing.key_missing": Text("a record has no {found}, which it is known by", "记录缺少用于识别的 {found}"),
        # objections
        "sharing.never_used": Text("no such record was used under this case", "本案卷下从未使用过该记录"),
        "sharing.objection_unknown": Text("the case has no open objection {found}", "案卷中没有未决的异议 {found}"),
        "sharing.objection_open": Text(
            "the objection {found} to this record is open already", "对该记录的异议 {found} 尚未办结"
        ),
        "sharing.notice_unknown": Text("the case has no open notice {found}", "案卷中没有未签收的通知 {found}"),
    }
)


_LAST: Mapping[str, Text] = MappingProxyType({"later": Text("later", "之后")})


#: The whole of what was read, where a member would be named.
ROOT: Final = Text("root", "整体")


class SharingRejected(Rejected):
    """Sharing does not go this way; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.exchange.sharing.rejected"


TABLE = ProblemTable(
    "exchange",
    PROBLEMS,
    SharingRejected,
    {
        "action": STEP_WORDS,
        "state": STATE_WORDS,
        "expected": BOUND_WORDS,
        "sharing": SHARING_WORDS,
        "before": SHARING_WORDS,
        "last": _LAST,
    },
)
refuse = TABLE.refuse
unreadable = TABLE.unreadable
