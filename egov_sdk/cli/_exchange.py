"""``egov exchange``: messages between departments, their receipts, and the evidence of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._exchange_inputs import DIRECTIONS, node_database
from egov_sdk.cli._inputs import (
    read_certificates,
    read_file,
    read_parties,
    read_revocations,
    split_pair,
    time_or_now,
)
from egov_sdk.cli._options import (
    AcceptClaimedTime,
    AsAtTime,
    AtTime,
    CrlFiles,
    DatabasePlace,
    IntermediateFiles,
    OcspFiles,
    TrustFiles,
    claimed_time,
)
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._report import show_verdict
from egov_sdk.report import Text
from egov_sdk.report_words import lasting

if TYPE_CHECKING:
    from egov_sdk.exchange.node.model import NodeStatus, PartnerStatus

__all__ = ["status", "verify"]

_MOST_BYTES = 16 << 20
_DEAD = Text(
    "{count} messages wait for a person: egov exchange dead {database}",
    "{count} 条消息待人工处理：egov exchange dead {database}",
)

_FAILING = Text(
    "where an ordered partner is held up by one message: egov exchange cancel {database} NUMBER gives that up",
    "按序交换的对象被某条消息阻塞时，可放弃该消息：egov exchange cancel {database} 编号",
)
_SINCE = Text(
    "message {number}, {age}, attempt {attempts}: {reason}", "消息 {number}，{age}，第 {attempts} 次：{reason}"
)


@command(
    groups.exchange,
    "verify",
    "Verify a signed message, a receipt or an evidence file, offline and as at the time when it was made.",
    "离线核验已签名消息、回执或存证文件，以其制作时间为准。",
)
def verify(
    voice: Voice,
    file: Annotated[
        Path,
        argument("FILE", "A message, receipt or evidence file, JSON or XML.", "消息、回执或存证文件（JSON 或 XML）。"),
    ],
    trust: TrustFiles = None,
    party: Annotated[
        list[str] | None,
        option(
            "--party",
            "Whose certificate is whose: the code of an organisation, or code/system, and its certificate "
            "(may be repeated).",
            "单位与证书的对应：统一社会信用代码或“代码/系统”，及其证书（可重复）。",
            metavar="CODE=PEM",
        ),
    ] = None,
    message: Annotated[
        Path | None,
        option(
            "--message",
            "The signed message that a receipt should be for.",
            "回执所针对的已签名消息。",
            metavar="FILE",
        ),
    ] = None,
    attachment: Annotated[
        list[str] | None,
        option(
            "--attachment",
            "An attachment by its name in the message, and the file (may be repeated).",
            "附件在消息中的名称及其文件（可重复）。",
            metavar="NAME=FILE",
        ),
    ] = None,
    crl: CrlFiles = None,
    ocsp: OcspFiles = None,
    intermediate: IntermediateFiles = None,
    at: AtTime = None,
    accept_claimed_time: AcceptClaimedTime = False,
) -> ExitCode:
    """Verify one file."""
    from egov_sdk.exchange.envelope.files import verify_file
    from egov_sdk.exchange.envelope.policy import ExchangePolicy
    from egov_sdk.pki import TrustStore

    policy = ExchangePolicy(
        trust=TrustStore(read_certificates(trust or ())),
        parties=read_parties(party or ()),
        claimed_time=claimed_time(accept_claimed_time),
        intermediates=read_certificates(intermediate or ()),
        crls=read_revocations(crl or ()),
        ocsps=read_revocations(ocsp or ()),
    )
    report = verify_file(
        read_file(file, max_bytes=_MOST_BYTES),
        policy=policy,
        at=time_or_now(at),
        message=read_file(message, max_bytes=_MOST_BYTES) if message is not None else None,
        attachments=_attachments(attachment) if attachment else None,
    )
    if voice.as_json:
        voice.document({**report.to_dict(voice.lang), "subject": str(file), "message": report.subject})
        return exit_code(report.outcome)
    return show_verdict(voice, report)


@command(
    groups.exchange,
    "status",
    "Queues, rates and ages of the exchange node whose tables are in a database; 1 when messages wait for a person.",
    "数据库中交换节点的队列、速率与最早消息；有死信时退出码为 1。",
)
def status(
    voice: Voice,
    database: DatabasePlace,
    at: AsAtTime = None,
) -> ExitCode:
    """How a node is doing, read without its keys."""
    from egov_sdk.exchange.node.watch import read_status

    with node_database(database) as store:
        found = read_status(store, at=time_or_now(at))
    if voice.as_json:
        voice.document(found.model_dump(mode="json"))
    else:
        _show_status(voice, found)
        if found.dead:
            voice.note(voice.say(_DEAD).format(count=found.dead, database=database))
        if any(one.failing for one in found.partners):
            voice.note(voice.say(_FAILING).format(database=database))
    return ExitCode.REJECTED if found.dead else ExitCode.DONE


def _show_status(voice: Voice, found: NodeStatus) -> None:
    voice.line(Text(f"node {found.party.id}", f"节点 {found.party.id}"))
    heads = (
        Text("partner", "交换对象"),
        Text("direction", "方向"),
        Text("waiting", "等待"),
        Text("oldest", "最早"),
        Text("dead", "死信"),
        Text("last minute", "近一分钟"),
        Text("last hour", "近一小时"),
        Text("tried again because", "重试原因") if any(one.problem for one in found.partners) else Text("", ""),
    )
    rows = [
        (
            one.partner,
            voice.say(DIRECTIONS[one.direction.value]),
            str(one.waiting),
            lasting(one.oldest_s, voice.lang),
            str(one.dead),
            str(one.last_minute),
            str(one.last_hour),
            _failing(one, voice),
        )
        for one in found.partners
    ]
    voice.table([tuple(voice.say(one) for one in heads), *rows])
    for pull in found.pulls:
        voice.line(
            Text(
                f"pull {pull.name}: up to {pull.watermark or '-'}, {pull.problem or 'no problem'}",
                f"拉取 {pull.name}：水位 {pull.watermark or '-'}，{pull.problem or '无异常'}",
            )
        )
    stamped = "-" if found.stamped_at is None else found.stamped_at.isoformat(timespec="seconds")
    voice.line(
        Text(
            f"audit log: {found.audit_entries} entries, last stamped {stamped}",
            f"审计日志：{found.audit_entries} 条，最近加盖时间戳 {stamped}",
        )
    )


def _failing(one: PartnerStatus, voice: Voice) -> str:
    """Which message is tried again first, since when, and why."""
    from egov_sdk.exchange.node.reasons import reason_of

    if not one.problem:
        return ""
    reason = reason_of(one.problem, voice.lang, partner=one.partner)
    age = lasting(one.failing_s, voice.lang)
    return voice.say(_SINCE).format(number=one.failing, age=age, attempts=one.attempts, reason=reason)


def _attachments(given: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for text in given:
        name, path = split_pair(text, "--attachment")
        if not path.is_file():
            raise UsageError(Text(f"--attachment: there is no file {path}", f"--attachment：没有文件 {path}"))
        if name in found:
            raise UsageError(Text(f"--attachment: {name} is given twice", f"--attachment：{name} 重复给出"))
        found[name] = path
    return found
