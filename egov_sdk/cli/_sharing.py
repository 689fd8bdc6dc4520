"""``egov sharing``: the steps of a case: request, review, grant, use, objection. Each is signed with a desk's key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import now, parse_time, read_file
from egov_sdk.cli._options import PasswordEnv
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._sharing_desk import DeskName, OpenDesk, open_desk
from egov_sdk.cli._sharing_look import CaseId, show_case
from egov_sdk.report import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from egov_sdk.exchange.sharing.conditions import Condition
    from egov_sdk.exchange.sharing.fields import FieldRule
    from egov_sdk.exchange.sharing.model import Body, Quota, SharingCase

__all__ = ["acknowledge", "answer", "deliver", "end", "grant", "object_", "refuse", "request", "return_", "use"]

_MOST_BYTES = 1 << 20
Reason = Annotated[str, option("--reason", "Why.", "理由。", metavar="TEXT")]
Purposes = Annotated[
    list[str],
    option("--purpose", "What the data are for (may be repeated).", "使用目的（可重复）。", metavar="TEXT"),
]
Until = Annotated[
    str, option("--until", "Until when, ISO 8601; a date is its last second.", "截止时间（ISO 8601）。", metavar="TIME")
]
Calls = Annotated[int, option("--calls", "Calls in a span of time.", "一段时间内的调用次数。", metavar="NUMBER")]
PerSeconds = Annotated[int, option("--per-s", "That span, in seconds.", "该段时间的秒数。", metavar="SECONDS")]
Records = Annotated[int, option("--records", "Records in one call.", "每次调用的记录数。", metavar="NUMBER")]
Rows = Annotated[
    Path | None,
    option("--rows", "Which rows: a condition in JSON.", "行级条件（JSON 文件）。", metavar="FILE"),
]


@command(groups.sharing, "request", "Ask for a resource.", "申请共享一项资源。")
def request(
    voice: Voice,
    resource: Annotated[str, argument("RESOURCE", "The code of the resource.", "信息资源代码。")],
    desk: DeskName,
    purpose: Purposes,
    basis: Annotated[str, option("--basis", "The law or rule that allows it.", "法律或政策依据。", metavar="TEXT")],
    field: Annotated[list[str], option("--field", "A field (may be repeated).", "信息项（可重复）。", metavar="NAME")],
    until: Until,
    calls: Calls = 60,
    per_s: PerSeconds = 60,
    records: Records = 100,
    rows: Rows = None,
    password_env: PasswordEnv = None,
) -> ExitCode:
    """Open a case."""
    from egov_sdk.exchange.sharing.model import SharingRequest

    with open_desk(desk, password_env=password_env) as opened, _as_usage():
        asked = SharingRequest(
            resource=resource,
            purposes=tuple(purpose),
            basis=basis,
            fields=tuple(field),
            rows=_condition(rows),
            quota=_quota(calls, per_s, records),
            until=parse_time(until, end_of_day=True),
        )
        case = opened.service.take(opened.desk.open(asked, at=now()))
        return show_case(voice, case)


@command(
    groups.sharing,
    "grant",
    "Consent to a request, never to more than was asked for.",
    "同意共享（不超过申请范围）。",
)
def grant(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    field: Annotated[
        list[str],
        option(
            "--field",
            "A field, and how it is given: NAME or NAME=mask_number and so on (may be repeated).",
            "信息项及处理方式：名称，或“名称=mask_number”等（可重复）。",
            metavar="NAME[=TREATMENT]",
        ),
    ],
    until: Annotated[
        str | None,
        option("--until", "Until when; as asked for by default.", "截止时间，默认同申请。", metavar="TIME"),
    ] = None,
    purpose: Annotated[
        list[str] | None,
        option("--purpose", "For what; as asked for by default.", "使用目的，默认同申请。", metavar="TEXT"),
    ] = None,
    rows: Rows = None,
    later: Annotated[
        bool, option("--later", "It can be used only after `deliver`.", "须在 deliver 之后方可使用。")
    ] = False,
    password_env: PasswordEnv = None,
) -> ExitCode:
    """The provider's consent."""
    from egov_sdk.exchange.sharing.model import Approval, GrantTerms

    def body(found: SharingCase, at: datetime) -> Body:
        asked = found.request
        terms = GrantTerms(
            purposes=tuple(purpose) if purpose else asked.purposes,
            fields=_rules(field),
            rows=_condition(rows) if rows is not None else asked.rows,
            quota=asked.quota,
            valid_from=at,
            until=asked.until if until is None else parse_time(until, end_of_day=True),
        )
        return Approval(terms=terms, is_ready=not later)

    return _step(voice, case, desk, password_env, body)


@command(groups.sharing, "refuse", "Refuse a request.", "不同意共享。")
def refuse(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    reason: Reason,
    basis: Annotated[str, option("--basis", "The law that forbids it.", "法律依据。", metavar="TEXT")] = "",
    password_env: PasswordEnv = None,
) -> ExitCode:
    """The provider's no."""
    from egov_sdk.exchange.sharing.model import Refusal

    return _step(voice, case, desk, password_env, lambda *_: Refusal(reason=reason, basis=basis))


@command(groups.sharing, "return", "Send a request back: more is needed.", "退回补正。")
def return_(voice: Voice, case: CaseId, desk: DeskName, reason: Reason, password_env: PasswordEnv = None) -> ExitCode:
    """The provider needs more."""
    from egov_sdk.exchange.sharing.model import Return

    return _step(voice, case, desk, password_env, lambda *_: Return(reason=reason))


@command(groups.sharing, "deliver", "What was granted can be used from now on.", "提供数据，自此可用。")
def deliver(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    note: Annotated[str, option("--note", "A word with it.", "说明。", metavar="TEXT")] = "",
    password_env: PasswordEnv = None,
) -> ExitCode:
    """The provider has made it ready."""
    from egov_sdk.exchange.sharing.model import Delivery

    return _step(voice, case, desk, password_env, lambda *_: Delivery(note=note))


@command(
    groups.sharing,
    "end",
    "Take a request back, give a grant up, or, as its provider, end it.",
    "撤回申请、停止使用，或由提供方收回授权。",
)
def end(voice: Voice, case: CaseId, desk: DeskName, reason: Reason, password_env: PasswordEnv = None) -> ExitCode:
    """Which of the three it is follows from who asks and where the case stands."""
    from egov_sdk.exchange.sharing.model import CaseState, Relinquishment, Revocation, Withdrawal

    with open_desk(desk, password_env=password_env) as opened, _as_usage():
        found = opened.service.case(case)
        if opened.party != found.requester:
            body: Body = Revocation(reason=reason)
        elif found.state in (CaseState.GRANTED, CaseState.ACTIVE):
            body = Relinquishment(reason=reason)
        else:
            body = Withdrawal(reason=reason)
        return _taken(voice, opened, found, body)


@command(groups.sharing, "use", "Use a grant: the records that it allows.", "使用授权，取得获准的记录。")
def use(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    purpose: Annotated[str, option("--purpose", "For what.", "使用目的。", metavar="TEXT")],
    field: Annotated[
        list[str] | None,
        option("--field", "A field; all that are granted by default.", "信息项，默认全部获准项。", metavar="NAME"),
    ] = None,
    where: Annotated[
        Path | None, option("--where", "Which rows: a condition in JSON.", "行级条件（JSON 文件）。", metavar="FILE")
    ] = None,
    records: Annotated[int | None, option("--records", "At most so many.", "最多记录数。", metavar="NUMBER")] = None,
    password_env: PasswordEnv = None,
) -> ExitCode:
    """One use; it stands in the log of uses."""
    with open_desk(desk, password_env=password_env) as opened, _as_usage():
        found = opened.service.case(case)
        asked = opened.desk.use(
            found,
            purpose=purpose,
            at=now(),
            fields=tuple(field or ()),
            where=_condition(where),
            records=records,
        )
        served = opened.service.use(asked)
    if voice.as_json:
        voice.document(served.model_dump(mode="json"))
        return ExitCode.DONE
    names = list(dict.fromkeys(name for one in served.records for name in one.values))
    heads = (voice.say(Text("reference", "引用号")), *names)
    rows = [(one.reference[:16], *(_cell(one.values.get(name)) for name in names)) for one in served.records]
    voice.table([heads, *rows], indent="")
    voice.note(Text("--json shows whole references, for an objection", "--json 显示完整引用号，用于提出异议"))
    return ExitCode.DONE


@command(groups.sharing, "object", "Say that a record is wrong.", "提出数据异议。")
def object_(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    record: Annotated[
        str, option("--record", "The reference that came with it.", "随记录取得的引用号。", metavar="REFERENCE")
    ],
    field: Annotated[list[str], option("--field", "A field that is wrong.", "有误的信息项。", metavar="NAME")],
    claim: Annotated[str, option("--claim", "What is wrong about it.", "异议内容。", metavar="TEXT")],
    password_env: PasswordEnv = None,
) -> ExitCode:
    """The user's objection."""
    from egov_sdk.exchange.sharing.model import Objection

    return _step(voice, case, desk, password_env, lambda *_: Objection(record=record, fields=tuple(field), claim=claim))


@command(
    groups.sharing,
    "answer",
    "Answer an objection: the record was put right, or is right.",
    "答复异议：已更正，或异议不成立。",
)
def answer(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    objection: Annotated[int, option("--objection", "Its number.", "异议编号。", metavar="NUMBER")],
    corrected: Annotated[str | None, option("--corrected", "What was put right.", "更正说明。", metavar="TEXT")] = None,
    dismissed: Annotated[
        str | None, option("--dismissed", "Why the record is right.", "异议不成立的理由。", metavar="TEXT")
    ] = None,
    field: Annotated[
        list[str] | None, option("--field", "A field that was put right.", "已更正的信息项。", metavar="NAME")
    ] = None,
    password_env: PasswordEnv = None,
) -> ExitCode:
    """The provider's answer; the platform tells others who used a record that was corrected."""
    from egov_sdk.exchange.sharing.model import Correction, Dismissal

    if (corrected is None) == (dismissed is None):
        raise UsageError(
            Text("give --corrected or --dismissed, one of them", "请给出 --corrected 或 --dismissed，二者择一")
        )

    def body(_case: SharingCase, _at: datetime) -> Body:
        if corrected is not None:
            return Correction(objection=objection, fields=tuple(field or ()), note=corrected)
        return Dismissal(objection=objection, reason=dismissed or "")

    return _step(voice, case, desk, password_env, body)


@command(groups.sharing, "acknowledge", "Say that a notice of a correction was seen.", "签收更正通知。")
def acknowledge(
    voice: Voice,
    case: CaseId,
    desk: DeskName,
    notice: Annotated[int, option("--notice", "Its number.", "通知编号。", metavar="NUMBER")],
    password_env: PasswordEnv = None,
) -> ExitCode:
    """The user's acknowledgement."""
    from egov_sdk.exchange.sharing.model import Acknowledgement

    return _step(voice, case, desk, password_env, lambda *_: Acknowledgement(notice=notice))


# ---------------------------------------------------------------------- what they share


def _step(
    voice: Voice,
    case_id: str,
    desk: Path,
    password_env: str | None,
    body: Callable[[SharingCase, datetime], Body],
) -> ExitCode:
    with open_desk(desk, password_env=password_env) as opened, _as_usage():
        found = opened.service.case(case_id)
        return _taken(voice, opened, found, body(found, now()))


def _taken(voice: Voice, opened: OpenDesk, case: SharingCase, body: Body) -> ExitCode:
    return show_case(voice, opened.service.take(opened.desk.step(case, body, at=now())))


class _as_usage:  # noqa: N801 - reads as a word of a with statement
    """Words that cannot be in a step are a caller's mistake, told without a traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        from pydantic import ValidationError

        from egov_sdk.frozen import first_misfit

        if isinstance(error, ValidationError):
            first = first_misfit(error)
            raise UsageError(
                Text(f"{first.place or 'it'}: {first.text}", f"{first.place or '内容'}：{first.text}")
            ) from None


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _quota(calls: int, per_s: int, records: int) -> Quota:
    from egov_sdk.exchange.sharing.model import Quota

    return Quota(calls=calls, per_s=per_s, records=records)


def _rules(given: Sequence[str]) -> tuple[FieldRule, ...]:
    from egov_sdk.exchange.sharing.fields import FieldRule, Treatment

    found = []
    for text in given:
        name, equals, treatment = text.partition("=")
        try:
            found.append(FieldRule(name=name, treatment=Treatment(treatment) if equals else Treatment.PLAIN))
        except ValueError:
            known = ", ".join(one.value for one in Treatment)
            raise UsageError(
                Text(f"--field {text}: not a field and a treatment", f"--field {text}：应为字段及其处理方式"),
                hint=Text(f"treatments: {known}", f"处理方式：{known}"),
            ) from None
    return tuple(found)


def _condition(path: Path | None) -> Condition | None:
    if path is None:
        return None
    from pydantic import TypeAdapter

    from egov_sdk.exchange.sharing.conditions import Condition

    return TypeAdapter[Condition](Condition).validate_json(read_file(path, max_bytes=_MOST_BYTES))
