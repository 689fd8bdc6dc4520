"""``egov audit``: chains of an audit log, taken out and verified, in a database or in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import open_database, read_certificates, refuse_existing, time_or_now, write_parts
from egov_sdk.cli._options import AtTime, DatabasePlace, Force, OutFile
from egov_sdk.cli._output import ExitCode, Voice, exit_code, followed, worst_exit
from egov_sdk.cli._problems import UsageError, file_problem
from egov_sdk.cli._report import show_report
from egov_sdk.problems import shown
from egov_sdk.report import Report, Text

if TYPE_CHECKING:
    from datetime import datetime

    from egov_sdk.storage import AuditHead
    from egov_sdk.storage.audit_files import AuditStamp
    from egov_sdk.storage.sql import Connection

__all__ = ["chains", "export", "verify"]

_Chain = Annotated[str, argument("CHAIN", "The name of a chain; see chains.", "链的名称，见 chains。")]
_DIGEST_HEX = 64
_WRITTEN_PLAIN = Text("{entries} entries in {out}", "共 {entries} 条，已写入 {out}")
_WRITTEN = Text(
    "{entries} entries and {stamps} time stamps in {out}", "共 {entries} 条、{stamps} 个时间戳，已写入 {out}"
)
_STAMPED = Text(
    "the file holds {count} time stamps: --trust verifies them", "文件含 {count} 个时间戳：用 --trust 一并核验"
)


@command(groups.audit, "chains", "The chains of a database with their heads.", "列出数据库中的各链及其链头。")
def chains(voice: Voice, database: DatabasePlace) -> ExitCode:
    """Heads to be kept elsewhere."""
    from egov_sdk.storage.audit import audit_chains

    with open_database(database) as store, store.read() as connection:
        found = audit_chains(connection)
    if voice.as_json:
        voice.document({"chains": [{"chain": one.chain, "head": _text(one)} for one in found]})
    for one in () if voice.as_json else found:
        voice.line(Text(f"{one.chain}  {_text(one)}", f"{one.chain}  {_text(one)}"))
    voice.note(
        Text(
            "keep a head elsewhere: `egov audit verify … --head` then notices a log that was written anew",
            "请另行保存链头：之后用 `egov audit verify … --head` 可发现整体重写的日志",
        )
    )
    return ExitCode.DONE


@command(
    groups.audit,
    "export",
    "Write a chain to a file with its time stamps, to be verified anywhere.",
    "导出一条链及其时间戳，可在别处核验。",
)
def export(
    voice: Voice,
    database: DatabasePlace,
    chain: _Chain,
    out: OutFile,
    force: Force = False,
) -> ExitCode:
    """One entry, or one time stamp, on each line."""
    from egov_sdk.storage.audit_files import export_audit

    refuse_existing(out, force=force)
    with open_database(database) as store, store.read() as connection:
        stamps, written = _stamps(connection, chain), -1  # the first line is the head

        def lines() -> Iterator[bytes]:
            nonlocal written
            for line in export_audit(connection, chain, stamps=stamps):
                written += 1
                yield line
            if not written:
                raise UsageError(
                    Text(f"there is no chain {chain!r} in this database", f"该数据库中没有链“{chain}”"),
                    hint=Text("see `egov audit chains`", "可用 egov audit chains 查看"),
                )

        write_parts(out, followed(lines()), force=force)
    found = {"entries": written - len(stamps), "stamps": len(stamps)}
    if voice.as_json:
        voice.document({"chain": chain, **found, "file": str(out)})
    else:
        voice.line(voice.say(_WRITTEN if stamps else _WRITTEN_PLAIN).format(**found, out=out))
    return ExitCode.DONE


def _stamps(connection: Connection, chain: str) -> tuple[AuditStamp, ...]:
    """The time stamps of a chain; only exchange nodes have any."""
    from egov_sdk.exchange.node.stamps import stamps_of

    return stamps_of(connection, chain)


@command(
    groups.audit,
    "verify",
    "Verify a chain of a database, or a file that was exported: nothing changed, removed, put in or moved.",
    "核验数据库中的一条链或导出的文件：无改动、删除、插入或调换。",
)
def verify(
    voice: Voice,
    source: Annotated[str, argument("SOURCE", "A database, or a file that was exported.", "数据库，或导出的文件。")],
    chain: Annotated[
        str | None, argument("[CHAIN]", "The name of a chain; all of a database by default.", "链的名称，默认全部。")
    ] = None,
    head: Annotated[
        str | None,
        option(
            "--head",
            "The head that was kept elsewhere, as chains prints it.",
            "另行保存的链头，格式同 chains 的输出。",
            metavar="NUMBER:DIGEST",
        ),
    ] = None,
    at: AtTime = None,
    trust: Annotated[
        list[Path] | None,
        option(
            "--trust",
            "Certificates of time-stamping authorities to trust: verify the time stamps as well.",
            "信任的时间戳服务证书：同时核验时间戳。",
            metavar="PEM",
        ),
    ] = None,
) -> ExitCode:
    """Every entry against the one before it."""
    moment = time_or_now(at)
    if _is_export(source):
        reports = _of_file(voice, Path(source), chain, head, moment, trust)
    else:
        reports = _of_base(source, chain, head, moment, trust)
    if voice.as_json:
        voice.document({"reports": [report.to_dict(voice.lang) for report in reports]})
    else:
        for report in reports:
            show_report(voice, report)
    return worst_exit(exit_code(report.outcome) for report in reports)


def _is_export(source: str) -> bool:
    if "://" in source:
        return False
    try:
        with Path(source).open("rb") as file:
            return not file.read(16).startswith(b"SQLite format 3")
    except OSError as error:
        file_problem(Path(source), error)


def _of_file(
    voice: Voice, path: Path, chain: str | None, head: str | None, at: datetime, trust: list[Path] | None
) -> tuple[Report, ...]:
    from egov_sdk.storage.audit_files import AuditFile

    with path.open("rb") as lines:
        file = AuditFile(followed(lines))
        name = file.head.chain
        if chain is not None and chain != name:
            raise UsageError(
                Text(
                    f"the file holds the chain {shown(name)!r}, not {chain!r}",
                    f"文件中的链为“{shown(name)}”，不是“{chain}”",
                )
            )
        expected = _parsed(head, name)
        if trust:
            from egov_sdk.exchange.node.stamps import verify_stamped_export
            from egov_sdk.pki import TrustStore

            anchors = TrustStore(read_certificates(trust))
            return verify_stamped_export(file, trust=anchors, at=at, expected_head=expected)
        if file.stamps:
            voice.note(voice.say(_STAMPED).format(count=file.stamps))
        return (file.verify(at=at, expected_head=expected),)


def _of_base(
    source: str, chain: str | None, head: str | None, at: datetime, trust: list[Path] | None
) -> tuple[Report, ...]:
    with open_database(source) as store, store.read() as connection:
        names = _names(connection) if chain is None else [chain]
        if not names:
            raise UsageError(Text("there is no audit log in this database", "该数据库中没有审计日志"))
        if head is not None and len(names) != 1:
            raise UsageError(
                Text("--head belongs to one chain", "--head 只针对一条链"), hint=Text("name the chain", "请指定链名")
            )
        logs = tuple(_of_log(connection, name, head, at) for name in names)
        return logs + (_of_stamps(connection, names, trust, at) if trust else ())


def _of_log(connection: Connection, chain: str, head: str | None, at: datetime) -> Report:
    from egov_sdk.storage.audit import AuditLog, audit_rows, verify_rows

    end = AuditLog(chain).head(connection)
    rows = followed(audit_rows(connection, chain), total=end.number)
    return verify_rows(rows, chain, head=end, at=at, expected_head=_parsed(head, chain))


def _names(connection: Connection) -> list[str]:
    """Every chain of which anything is left: entries, a head or a time stamp."""
    from egov_sdk.exchange.node.stamps import stamped_chains
    from egov_sdk.storage.audit import audit_chains

    return sorted({*(one.chain for one in audit_chains(connection)), *stamped_chains(connection)})


def _of_stamps(connection: Connection, names: list[str], trust: list[Path], at: datetime) -> tuple[Report, ...]:
    from egov_sdk.exchange.node.journal import CHAIN
    from egov_sdk.exchange.node.stamps import verify_stamps
    from egov_sdk.exchange.node.tables import NODE
    from egov_sdk.pki import TrustStore
    from egov_sdk.storage.migrations import recorded_versions

    of_nodes = [name for name in names if name.startswith(CHAIN)]
    if not of_nodes or NODE.prefix not in recorded_versions(connection):
        raise UsageError(
            Text("no exchange node has stamped a log in this database", "该数据库中没有交换节点加盖过时间戳的日志")
        )
    anchors = TrustStore(read_certificates(trust))
    return tuple(verify_stamps(connection, name, trust=anchors, at=at) for name in of_nodes)


def _parsed(head: str | None, chain: str) -> AuditHead | None:
    from egov_sdk.storage import AuditHead

    if head is None:
        return None
    number, colon, digest = head.partition(":")
    if not colon or not number.isdecimal() or len(number) > 18 or len(digest) != _DIGEST_HEX:
        raise UsageError(
            Text(f"{head!r} is no head", f"“{head}”不是链头"),
            hint=Text(
                "write it as `egov audit chains` does: number:digest", "写法同 egov audit chains 所示：序号:杂凑值"
            ),
        )
    try:
        return AuditHead(chain, int(number), bytes.fromhex(digest))
    except ValueError:
        raise UsageError(
            Text(f"{head!r} is no head", f"“{head}”不是链头"),
            hint=Text("the digest is hexadecimal", "杂凑值须为十六进制"),
        ) from None


def _text(head: AuditHead) -> str:
    return f"{head.number}:{head.digest.hex()}"
