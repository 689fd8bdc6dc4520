"""An audit log (审计日志) that is only added to: each entry carries the digest of the one before it.

Whoever can write to the database can still write a whole new chain. A head that is kept elsewhere, printed, signed or
time-stamped, gives that away: hand it to ``verify_audit``.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from egov_sdk.crypto.hashes import sm3, sm3_many
from egov_sdk.report import Check, CheckTable, CheckText, Outcome, Report, Text
from egov_sdk.storage.sql import (
    Connection,
    NullType,
    RowMapping,
    bindparam,
    insert_together,
    insert_unless_there,
    json_text,
    microseconds_of,
    read_object,
    select,
    together,
    type_coerce,
    update,
)
from egov_sdk.storage.statements import Prepared
from egov_sdk.storage.tables import AUDIT, AUDIT_HEADS

__all__ = [
    "CHECKS",
    "COLUMNS",
    "AuditEntry",
    "AuditHead",
    "AuditLog",
    "audit_chains",
    "audit_rows",
    "verify_audit",
    "verify_rows",
]

#: One row of the log, as it lies somewhere: its values in the order of COLUMNS.
Row = Sequence[Any]
COLUMNS: Final = ("number", "at", "actor", "action", "subject", "detail", "previous", "digest")
_KINDS: Final = (int, int, str, str, str, str, bytes, bytes)

_MARK: Final = b"egov_sdk audit log 1\0"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_BATCH: Final = 1_000
_MOST_FINDINGS: Final = 100

CHECKS: Final = CheckTable(
    {
        "integrity.audit_entry": CheckText(
            Text("Is every entry as it was written?", "各条记录是否保持原样？"),
            "",
            {
                "same": Text("all {count} entries are as they were written", "全部 {count} 条记录保持原样"),
                "changed": Text("the entry was changed after it was written", "该记录写入后被改动"),
            },
        ),
        "integrity.audit_chain": CheckText(
            Text("Does every entry follow the one before it?", "各条记录是否与前一条相接？"),
            "",
            {
                "unbroken": Text("each entry follows the one before it", "各条记录依次相接"),
                "broken": Text(
                    "the entry was written after another one than stands before it", "该记录与其前一条记录不相接"
                ),
            },
        ),
        "coverage.audit_numbers": CheckText(
            Text("Is no entry missing?", "是否没有缺失的记录？"),
            "",
            {
                "complete": Text("entries 1 to {count} are all there", "第 1 至 {count} 条记录齐全"),
                "missing": Text("entries {first} to {last} are missing", "缺少第 {first} 至 {last} 条记录"),
                "head": Text(
                    "the log ends at entry {found}, its head was written at entry {expected}",
                    "日志止于第 {found} 条，链头记录为第 {expected} 条",
                ),
                "empty": Text("the log is empty, or all of it was removed", "日志为空，或已被全部删除"),
            },
        ),
        "coverage.audit_file": CheckText(
            Text("Is every time stamp in the file that was written into it?", "导出文件中的时间戳是否齐全？"),
            "",
            {
                "whole": Text("all {found} time stamps are there", "{found} 个时间戳齐全"),
                "stamps": Text(
                    "the file holds {found} time stamps, {expected} were written into it",
                    "文件含 {found} 个时间戳，导出时为 {expected} 个",
                ),
            },
        ),
        "binding.audit_head": CheckText(
            Text("Is it the log whose head was kept elsewhere?", "是否为另行保存的链头所属的日志？"),
            "",
            {
                "same": Text("entry {number} is the one that was kept", "第 {number} 条与另行保存的一致"),
                "other": Text("entry {number} is not the one that was kept", "第 {number} 条与另行保存的不一致"),
                "not_given": Text("no head was given to compare with", "未提供用于比对的链头"),
            },
        ),
    }
)
_ALWAYS: Final = frozenset({"integrity.audit_entry", "integrity.audit_chain", "coverage.audit_numbers"})


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of a chain: the number of its last entry, 0 for none, and that entry's digest, 32 bytes."""

    chain: str
    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry: who (``actor``) did what (``action``) to what (``subject``), when, with the facts.

    Ids belong here, and neither names nor personal numbers nor secrets: an entry cannot be taken back.
    """

    chain: str
    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object]
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditLog:
    """One chain of entries. What is written in a transaction is kept with it or undone with it."""

    chain: str

    def append(
        self,
        connection: Connection,
        *,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, object] | None = None,
    ) -> AuditHead:
        """Write one entry; the head of the chain as it is now.

        Others who append to the same chain wait until the transaction ends, so append last.

        Raises:
            ValueError: ``at`` has no time zone.
            TypeError: the detail is nothing that JSON can hold.
        """
        return self.append_all(connection, at=at, entries=[(actor, action, subject, detail or {})])

    def append_all(
        self, connection: Connection, *, at: datetime, entries: Sequence[tuple[str, str, str, Mapping[str, object]]]
    ) -> AuditHead:
        """Write several entries at one moment: actor, action, subject and detail of each; as ``append``.

        Raises:
            ValueError: ``at`` has no time zone, or there is no entry.
            TypeError: a detail is nothing that JSON can hold.
        """
        if not entries:
            raise ValueError("give at least one entry")
        moment = microseconds_of(at)
        texts = [(actor, action, subject, json_text(detail)) for actor, action, subject, detail in entries]
        head = self._locked_head(connection)
        number, digest, rows, named = head.number, head.digest, [], _counted(self.chain)
        for actor, action, subject, text in texts:
            number, previous = number + 1, digest
            digest = sm3(_layout(named, number, moment, (actor, action, subject, text), previous))
            rows.append(
                {
                    "chain": self.chain,
                    "number": number,
                    "at": at,
                    "actor": actor,
                    "action": action,
                    "subject": subject,
                    "detail": text,
                    "previous": previous,
                    "digest": digest,
                }
            )
        dialect = connection.dialect.name
        _insert(dialect).run(connection, together(dialect, rows))
        _MOVE.run(connection, [{"of_chain": self.chain, "number": number, "digest": digest}])
        return AuditHead(self.chain, number, digest)

    def head(self, connection: Connection) -> AuditHead:
        """The end of the chain, to be kept elsewhere."""
        row = connection.execute(_RAW_HEAD, {"chain": self.chain}).one_or_none()
        return AuditHead(self.chain, 0, _origin(self.chain)) if row is None else _head_of(self.chain, row[0], row[1])

    def _locked_head(self, connection: Connection) -> AuditHead:
        rows = _LOCKED_HEAD.fetch(connection, {"chain": self.chain})
        if not rows:
            first = {"chain": self.chain, "number": 0, "digest": _origin(self.chain)}
            insert_unless_there(connection, AUDIT_HEADS, first)
            rows = _LOCKED_HEAD.fetch(connection, {"chain": self.chain})
        ((number, digest),) = rows
        return AuditHead(self.chain, number, digest)

    def entries(
        self, connection: Connection, *, after: int = 0, subject: str | None = None, limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """Entries by number from ``after`` on, of one subject or of all."""
        wanted = select(AUDIT).where(AUDIT.c.chain == self.chain, AUDIT.c.number > after)
        if subject is not None:
            wanted = wanted.where(AUDIT.c.subject == subject)
        return tuple(_entry(row) for row in connection.execute(wanted.order_by(AUDIT.c.number).limit(limit)).mappings())

    def newest(
        self, connection: Connection, *, before: int = 0, like: Mapping[str, str] = _NOTHING, limit: int = 100
    ) -> tuple[AuditEntry, ...]:
        """Entries from the last one back, or from the one before a number.

        Args:
            like: what ``actor``, ``action`` or ``subject`` must be; an empty text asks for nothing.
        Raises:
            ValueError: it asks for something else.
        """
        if unknown := like.keys() - {"actor", "action", "subject"}:
            raise ValueError(f"entries cannot be asked for by {', '.join(sorted(unknown))}")
        wanted = select(AUDIT).where(AUDIT.c.chain == self.chain)
        wanted = wanted.where(AUDIT.c.number < before) if before else wanted
        for name, text in like.items():
            wanted = wanted.where(AUDIT.c[name] == text) if text else wanted
        rows = connection.execute(wanted.order_by(AUDIT.c.number.desc()).limit(limit)).mappings()
        return tuple(_entry(row) for row in rows)


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        chain=row["chain"],
        number=row["number"],
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        detail=read_object(row["detail"]),
        digest=row["digest"],
    )


_HEAD: Final = select(AUDIT_HEADS.c.number, AUDIT_HEADS.c.digest).where(AUDIT_HEADS.c.chain == bindparam("chain"))
_LOCKED_HEAD: Final = Prepared(_HEAD.with_for_update())
#: As they lie in the database: whoever changed them need not have kept to the types.
_RAW_HEADS: Final = select(*(type_coerce(AUDIT_HEADS.c[name], NullType) for name in ("chain", "number", "digest")))
_RAW_HEAD: Final = _RAW_HEADS.with_only_columns(*_RAW_HEADS.selected_columns[1:]).where(
    AUDIT_HEADS.c.chain == bindparam("chain")
)
#: One step along the index: to ask for every name there is would go through every entry.
_NEXT_CHAIN: Final = select(AUDIT.c.chain).where(AUDIT.c.chain > bindparam("after")).order_by(AUDIT.c.chain).limit(1)
_MOVE: Final = Prepared(
    update(AUDIT_HEADS)
    .where(AUDIT_HEADS.c.chain == bindparam("of_chain"))
    .values(number=bindparam("number"), digest=bindparam("digest"))
)
_RAW: Final = (
    select(*(type_coerce(AUDIT.c[name], NullType).label(name) for name in COLUMNS))
    .where(AUDIT.c.chain == bindparam("chain"))
    .order_by(AUDIT.c.number)
)
_NOBODYS: Final = bytes(32)
_NUMBERS: Final = struct.Struct(">qq")


@cache
def _insert(dialect: str) -> Prepared:
    return Prepared(insert_together(dialect, AUDIT, tuple(AUDIT.c.keys())))


def _origin(chain: str) -> bytes:
    """What the first entry follows."""
    return sm3(_MARK + chain.encode())


def _counted(text: str) -> bytes:
    """A text with its length before it, so that none runs into the next."""
    octets = text.encode()
    return len(octets).to_bytes(4, "big") + octets


def _layout(chain: bytes, number: int, at: int, texts: Iterable[str], previous: bytes) -> bytes:
    """What the digest of an entry is over: all of it, and the digest before it; the chain is counted already."""
    return b"".join((_MARK, previous, _NUMBERS.pack(number, at), chain, *map(_counted, texts)))


def verify_audit(connection: Connection, chain: str, *, at: datetime, expected_head: AuditHead | None = None) -> Report:
    """Whether a chain is as it was written: nothing changed, removed, put in or moved.

    Args:
        at: the time of verification.
        expected_head: a head of this chain that was kept elsewhere. Without it a chain that was written anew as a
            whole, or cut together with its head, cannot be told from a true one.
    Raises:
        ValueError: ``at`` has no time zone, or the head is one of another chain.
    """
    return verify_rows(
        audit_rows(connection, chain), chain, head=AuditLog(chain).head(connection), at=at, expected_head=expected_head
    )


def audit_chains(connection: Connection) -> tuple[AuditHead, ...]:
    """The end of every chain of a database, by their names.

    A chain whose head was removed ends at number 0, so that ``verify_audit`` of it fails.
    """
    heads = {row[0]: _head_of(row[0], row[1], row[2]) for row in connection.execute(_RAW_HEADS)}
    after: object = ""
    while (after := connection.execute(_NEXT_CHAIN, {"after": after}).scalar()) is not None:
        if after not in heads:
            heads[after] = AuditHead(str(after), 0, _origin(str(after)))
    return tuple(sorted(heads.values(), key=lambda head: head.chain))


def _head_of(chain: object, number: object, digest: object) -> AuditHead:
    """A head as it lies there; what nobody ever wrote so is the head of nothing."""
    octets = bytes(digest) if isinstance(digest, (bytes, memoryview)) else b""
    if isinstance(number, int) and number >= 0 and len(octets) == len(_NOBODYS):
        return AuditHead(str(chain), number, octets)
    return AuditHead(str(chain), 0, _NOBODYS)


def verify_rows(
    rows: Iterable[Row],
    chain: str,
    *,
    head: AuditHead,
    at: datetime,
    expected_head: AuditHead | None = None,
) -> Report:
    """As verify_audit, of rows as they lie in the database or in an export, by number, with the head beside them."""
    microseconds_of(at)
    if expected_head is not None and expected_head.chain != chain:
        raise ValueError(f"the head is one of the chain {expected_head.chain!r}")
    walk = _Walk(chain, expected_head)
    left = iter(rows)
    while batch := tuple(islice(left, _BATCH)):
        walk.take(batch)
    checks = walk.finish(head)
    required = _ALWAYS | ({"binding.audit_head"} if expected_head is not None else set())
    return Report(f"audit log {chain}", at, "audit/1", checks, required)


def audit_rows(connection: Connection, chain: str) -> Iterator[Row]:
    """The rows of a chain by number, as they lie there: whoever changed them need not have kept to the types."""
    found = connection.execute(_RAW, {"chain": chain}, execution_options={"yield_per": _BATCH})
    for rows in found.partitions():
        yield from rows


class _Walk:
    """One pass over a chain, from its first entry to its last."""

    def __init__(self, chain: str, expected: AuditHead | None) -> None:
        self.chain, self.expected = chain, expected
        self.count = self.last = 0
        self.named, self.before = _counted(chain), _origin(chain)
        self.kept: bytes | None = self.before if expected is not None and expected.number == 0 else None
        self.findings: dict[str, list[Check]] = {name: [] for name in CHECKS.rows}

    def take(self, rows: Sequence[Row]) -> None:
        """The next rows. Each holds the digest of the one before it, so that theirs can be made all at once."""
        laid = [self._laid(row) for row in rows]
        digests = iter(sm3_many(octets for octets in laid if octets))
        for row, octets in zip(rows, laid, strict=True):
            self._step(row, next(digests) if octets else b"")

    def _laid(self, row: Row) -> bytes:
        """What its digest must be over; nothing where it is no row that was ever written."""
        if tuple(map(type, row)) != _KINDS:
            return b""
        number, at, actor, action, subject, detail, previous, _ = row
        try:
            return _layout(self.named, number, at, (actor, action, subject, detail), previous)
        except (struct.error, UnicodeEncodeError):
            return b""

    def _step(self, row: Row, written: bytes) -> None:
        number, previous, digest = row[0], row[6], row[7]
        if not written:
            self._find("integrity.audit_entry", "changed", subject=f"entry {number}")
            return
        if number > self.last + 1:
            self._find("coverage.audit_numbers", "missing", first=self.last + 1, last=number - 1)
        if number < 1 or not hmac.compare_digest(written, digest):
            self._find("integrity.audit_entry", "changed", subject=f"entry {number}")
        if not hmac.compare_digest(self.before, previous):
            self._find("integrity.audit_chain", "broken", subject=f"entry {number}")
        self.before, self.last = digest, number
        self.count += 1
        if self.expected is not None and number == self.expected.number:
            self.kept = digest

    def _find(self, check: str, reason: str, *, subject: str = "", **facts: object) -> None:
        if len(self.findings[check]) < _MOST_FINDINGS:
            self.findings[check].append(CHECKS.check(check, Outcome.FAILED, reason, subject=subject, **facts))

    def finish(self, head: AuditHead) -> tuple[Check, ...]:
        if (head.number, head.digest) != (self.last, self.before):
            self._find("coverage.audit_numbers", "head", found=self.last, expected=head.number)
        passed = {"integrity.audit_entry": "same", "integrity.audit_chain": "unbroken"}
        checks = []
        for name, reason in passed.items():
            checks += self.findings[name] or [CHECKS.check(name, Outcome.PASSED, reason, count=self.count)]
        checks += self.findings["coverage.audit_numbers"] or [self._complete()]
        return (*checks, self._binding())

    def _complete(self) -> Check:
        if self.count == 0:
            return CHECKS.check("coverage.audit_numbers", Outcome.UNKNOWN, "empty")
        return CHECKS.check("coverage.audit_numbers", Outcome.PASSED, "complete", count=self.count)

    def _binding(self) -> Check:
        if self.expected is None:
            return CHECKS.check("binding.audit_head", Outcome.SKIPPED, "not_given")
        same = self.kept is not None and hmac.compare_digest(self.kept, self.expected.digest)
        outcome = Outcome.PASSED if same else Outcome.FAILED
        return CHECKS.check("binding.audit_head", outcome, "same" if same else "other", number=self.expected.number)
