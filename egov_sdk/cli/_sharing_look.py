"""``egov sharing``: looking at cases: lists, one case, what is late, notices, numbers, and evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    parse_time,
    read_certificates,
    read_file,
    read_parties,
    refuse_existing,
    time_or_now,
    write_result,
)
from egov_sdk.cli._options import AsAtTime, AtTime, Force, OutFile, TrustFiles
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._report import show_verdict
from egov_sdk.cli._sharing_desk import DeskName, open_desk
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.exchange.sharing.model import SharingCase

__all__ = ["CaseId", "evidence", "list_", "notices", "overdue", "show", "show_case", "statistics", "verify"]

_MOST_BYTES = 256 << 20
_PROVISIONAL = Text("provisional: the calendar does not know this year", "暂定：工作日历未含该年")
_State = Literal["filed", "review", "returned", "granted", "active", "refused", "withdrawn", "revoked", "relinquished"]
CaseId = Annotated[str, argument("CASE", "The id of a case.", "案卷编号。")]


def show_case(voice: Voice, case: SharingCase) -> ExitCode:
    """A case, as every command that changes one shows it."""
    from egov_sdk.exchange.sharing.words import OUTCOME_WORDS, STATE_WORDS

    if voice.as_json:
        voice.document(case.model_dump(mode="json"))
        return ExitCode.DONE
    voice.line(case.case_id, style="bold")
    terms = case.terms
    voice.facts(
        [
            (Text("state", "状态"), voice.say(STATE_WORDS[case.state.value])),
            (Text("resource", "信息资源"), case.request.resource),
            (Text("requester", "申请方"), case.requester),
            (Text("provider", "提供方"), case.provider),
            (Text("purposes", "使用目的"), case.request.purposes),
            (Text("basis", "依据"), case.request.basis),
            (
                Text("granted", "授权"),
                tuple(f"{one.name}={one.treatment.value}" for one in terms.fields) if terms else "",
            ),
            (Text("until", "截止"), terms.until.isoformat(timespec="seconds") if terms else ""),
            (Text("reason", "理由"), case.reason),
            (Text("steps", "步骤数"), case.steps),
        ]
    )
    for one in case.objections:
        about = f"{', '.join(one.fields)}: {one.claim}"
        outcome = OUTCOME_WORDS[one.outcome]
        voice.line(
            Text(f"  objection {one.number} ({outcome.en}): {about}", f"  异议 {one.number}（{outcome.zh}）：{about}")
        )
    for note in case.notices:
        if not note.is_acknowledged:
            voice.line(Text(f"  notice {note.number}: {note.note}", f"  更正通知 {note.number}：{note.note}"))
    return ExitCode.DONE


@command(groups.sharing, "list", "Cases, by their ids.", "列出案卷。")
def list_(
    voice: Voice,
    desk: DeskName,
    party: Annotated[
        str, option("--party", "Whose: requester or provider.", "只看该单位（申请方或提供方）。", metavar="CODE")
    ] = "",
    resource: Annotated[str, option("--resource", "Of this resource.", "只看该资源。", metavar="CODE")] = "",
    state: Annotated[_State | None, option("--state", "In this state.", "只看该状态。")] = None,
    after: Annotated[str, option("--after", "Behind this id.", "从该编号之后。", metavar="CASE")] = "",
    limit: Annotated[int, option("--limit", "At most so many, up to 1,000.", "最多条数，不超过 1000。")] = 100,
) -> ExitCode:
    """Cases that are asked for."""
    from egov_sdk.exchange.sharing.model import CaseState
    from egov_sdk.exchange.sharing.words import STATE_WORDS

    with open_desk(desk) as opened:
        found = opened.service.cases(
            party=party, resource=resource, state=CaseState(state) if state else None, after=after, limit=limit
        )
    if voice.as_json:
        voice.document({"cases": [one.model_dump(mode="json") for one in found]})
        return ExitCode.DONE
    rows = [
        (one.case_id, voice.say(STATE_WORDS[one.state.value]), one.request.resource, one.requester, one.provider)
        for one in found
    ]
    if rows:
        voice.table(rows, indent="")
    else:
        voice.line(Text("no cases", "没有案卷"))
    return ExitCode.DONE


@command(groups.sharing, "show", "One case.", "查看一个案卷。")
def show(voice: Voice, case: CaseId, desk: DeskName) -> ExitCode:
    """One case."""
    with open_desk(desk) as opened:
        return show_case(voice, opened.service.case(case))


@command(
    groups.sharing,
    "overdue",
    "What is late or due soon, the most urgent first; 1 when something is late.",
    "超期与临期事项，最急者在前；有超期时退出码为 1。",
)
def overdue(
    voice: Voice,
    desk: DeskName,
    soon: Annotated[
        int, option("--soon", "Due within so many working days.", "多少个工作日内到期。", metavar="DAYS")
    ] = 2,
    at: AsAtTime = None,
) -> ExitCode:
    """Reminders."""
    from egov_sdk.exchange.sharing.words import MATTER_WORDS

    with open_desk(desk) as opened:
        found = opened.service.overdue(at=parse_time(at) if at else None, soon=soon)
    late = any(one.told.value == "late" for one in found)
    if voice.as_json:
        voice.document({"overdue": [one.model_dump(mode="json") for one in found]})
    elif not found:
        voice.line(Text("nothing is late or due soon", "没有超期或临期事项"), style="green")
    else:
        told = {
            "late": Text("{days} working days late", "已超期 {days} 个工作日"),
            "soon": Text("{days} working days left", "尚余 {days} 个工作日"),
        }
        rows = [
            (
                voice.say(told[one.told.value]).format(days=one.working_days),
                one.case_id,
                one.party,
                voice.say(MATTER_WORDS[one.matter]),
                one.due.date().isoformat(),
                voice.say(_PROVISIONAL) if one.is_provisional else "",
            )
            for one in found
        ]
        voice.table(rows, indent="", first=["red" if one.told.value == "late" else "yellow" for one in found])
    return ExitCode.REJECTED if late else ExitCode.DONE


@command(groups.sharing, "notices", "Notices of corrected records to a department.", "查看本单位未签收的更正通知。")
def notices(
    voice: Voice,
    desk: DeskName,
    party: Annotated[
        str, option("--party", "Whose; the desk's own by default.", "单位，默认为经办单位。", metavar="CODE")
    ] = "",
) -> ExitCode:
    """What has not been acknowledged."""
    with open_desk(desk) as opened:
        found = opened.service.notices(party or opened.party)
    if voice.as_json:
        voice.document({"notices": [one.model_dump(mode="json") for one in found]})
        return ExitCode.DONE
    rows = [(one.case_id, str(one.number), ", ".join(one.fields), one.note) for one in found]
    if rows:
        voice.table(rows, indent="")
    else:
        voice.line(Text("no notices", "没有通知"))
    return ExitCode.DONE


@command(groups.sharing, "statistics", "Numbers about all cases.", "案卷统计。")
def statistics(voice: Voice, desk: DeskName) -> ExitCode:
    """Counts."""
    from egov_sdk.exchange.sharing.words import STATE_WORDS

    with open_desk(desk) as opened:
        found = opened.service.statistics()
    if voice.as_json:
        voice.document(found.model_dump(mode="json"))
        return ExitCode.DONE
    voice.facts([(STATE_WORDS[state.value], count) for state, count in found.cases.items()], indent="")
    voice.facts(
        [
            (Text("answered", "已答复"), found.answered),
            (Text("answered late", "超期答复"), found.answered_late),
            (Text("uses", "使用次数"), found.uses),
            (Text("records", "提供记录数"), found.records),
        ],
        indent="",
    )
    return ExitCode.DONE


@command(groups.sharing, "evidence", "Write a case as a file that proves itself.", "导出案卷证据文件。")
def evidence(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    out: OutFile,
    force: Force = False,
) -> ExitCode:
    """Signed steps, uses, and the platform's statement."""
    refuse_existing(out, force=force)
    with open_desk(desk) as opened:
        data = opened.service.evidence(case)
    write_result(out, data, force=force)
    if voice.as_json:
        voice.document({"case": case, "file": str(out), "bytes": len(data)})
    else:
        voice.line(Text(f"written: {out}", f"已写入 {out}"))
    return ExitCode.DONE


@command(groups.sharing, "verify", "Verify the evidence of a case, offline.", "离线核验案卷证据。")
def verify(
    voice: Voice,
    file: Annotated[Path, argument("FILE", "An evidence file.", "案卷证据文件。")],
    platform: Annotated[
        str,
        option("--platform", "The code of the platform that states it.", "平台的统一社会信用代码。", metavar="CODE"),
    ],
    trust: TrustFiles = None,
    party: Annotated[
        list[str] | None,
        option(
            "--party",
            "Whose certificate is whose (may be repeated).",
            "单位与证书的对应（可重复）。",
            metavar="CODE=PEM",
        ),
    ] = None,
    at: AtTime = None,
) -> ExitCode:
    """Every signature, the chain of steps, and whose each step was."""
    from egov_sdk.exchange.envelope.policy import ExchangePolicy
    from egov_sdk.exchange.sharing.evidence import verify_case
    from egov_sdk.pki import TrustStore

    policy = ExchangePolicy(trust=TrustStore(read_certificates(trust or ())), parties=read_parties(party or ()))
    data = read_file(file, max_bytes=_MOST_BYTES)
    report = verify_case(data, platform=platform, policy=policy, at=time_or_now(at))
    if voice.as_json:
        voice.document({**report.to_dict(voice.lang), "subject": str(file), "case": report.subject})
        return exit_code(report.outcome)
    return show_verdict(voice, report)
