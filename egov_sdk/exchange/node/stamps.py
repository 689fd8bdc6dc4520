"""Whether the time stamps of a node's audit log (审计日志时间戳) hold: of what they are, and whose word they are."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.errors import InputError
from egov_sdk.exchange.node.tables import NODE, STAMPS
from egov_sdk.pki import Certificate, ChainResult, TrustStore, validate_chain
from egov_sdk.pki.chain import TIME_STAMPING
from egov_sdk.pki.timestamp import TimeStampToken, parse_token, verify_token
from egov_sdk.report import Check, CheckTable, CheckText, Outcome, Report, Text
from egov_sdk.storage.audit import AuditHead, AuditLog
from egov_sdk.storage.audit_files import AuditFile, AuditStamp
from egov_sdk.storage.migrations import recorded_versions
from egov_sdk.storage.sql import Connection, NullType, bindparam, select, type_coerce
from egov_sdk.storage.tables import AUDIT
from egov_sdk.times import aware

__all__ = ["STAMP_CHECKS", "stamped_chains", "stamps_of", "verify_stamped_export", "verify_stamps"]

_PASSED, _FAILED, _UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN
_MOST_FINDINGS: Final = 100
_CLAUSE: Final = "GM/T 0033-2014; RFC 3161, 2.4.2"
_DETAIL: Final = Text("{detail}", "{detail}")

#: As they lie in the database: whoever changed them need not have kept to the types.
_STAMPS: Final = (
    select(*(type_coerce(STAMPS.c[name], NullType) for name in ("number", "digest", "token")))
    .where(STAMPS.c.chain == bindparam("chain"))
    .order_by(STAMPS.c.number)
)

STAMP_CHECKS: Final = CheckTable(
    {
        "integrity.audit_stamp": CheckText(
            Text("Is every time stamp of the log right?", "日志的各时间戳是否正确？"),
            _CLAUSE,
            {
                "ok": Text("all {count} time stamps are right", "全部 {count} 个时间戳正确"),
                "wrong": Text("the time stamp is wrong: {detail}", "时间戳错误：{detail}"),
                "undecided": Text("it could not be decided: {detail}", "无法判定时间戳：{detail}"),
            },
        ),
        "binding.audit_stamp": CheckText(
            Text("Is every time stamp over an entry of this log?", "各时间戳是否针对本日志的记录？"),
            "",
            {
                "ok": Text("each is over the entry that it names", "各时间戳均针对其所指的记录"),
                "other": Text("the entry is not the one that was stamped", "该记录不是当时加盖时间戳的记录"),
                "missing": Text("the entry that was stamped is not there", "当时加盖时间戳的记录已不存在"),
            },
        ),
        "trust.audit_stamp": CheckText(
            Text("Are the issuers of the time stamps trusted?", "时间戳签发者是否可信？"),
            _CLAUSE,
            {
                "ok": Text("each issuer's chain ends at a trust anchor", "各签发者的证书链均可追溯至信任锚"),
                "untrusted": _DETAIL,
                "undecided": _DETAIL,
            },
        ),
        "coverage.audit_stamp": CheckText(
            Text("How far is the log stamped?", "日志加盖时间戳至何处？"),
            "",
            {
                "ok": Text(
                    "up to entry {number} of {count}, at {gen_time}",
                    "至第 {number} 条（共 {count} 条），时间 {gen_time}",
                ),
                "none": Text("there is no time stamp", "没有时间戳"),
            },
        ),
    }
)


def verify_stamps(
    connection: Connection,
    chain: str,
    *,
    trust: TrustStore,
    at: datetime,
    intermediates: tuple[Certificate, ...] = (),
    crls: tuple[bytes, ...] = (),
) -> Report:
    """Whether the time stamps of a chain hold; that the chain itself does is asked with ``verify_audit``.

    Both together prove that everything up to the last stamp was written by then, and has not been changed since.

    Args:
        chain: its name, ``exchange/PARTY``.
        trust: the anchors of time-stamping authorities.
        at: now, aware.
    Raises:
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    walk = _Walk(trust, intermediates, crls)
    joined = _STAMPS.add_columns(type_coerce(AUDIT.c.digest, NullType)).outerjoin_from(
        STAMPS, AUDIT, (AUDIT.c.chain == STAMPS.c.chain) & (AUDIT.c.number == STAMPS.c.number)
    )
    for number, digest, token, written in connection.execute(joined, {"chain": chain}):
        walk.take(_stamp(number, digest, token), None if written is None else _octets(written))
    return walk.report(AuditLog(chain).head(connection), at)


def stamps_of(connection: Connection, chain: str) -> tuple[AuditStamp, ...]:
    """The time stamps of a chain by their numbers, for ``export_audit``; none where no exchange node has worked."""
    if NODE.prefix not in recorded_versions(connection):
        return ()
    return tuple(_stamp(row[0], row[1], row[2]) for row in connection.execute(_STAMPS, {"chain": chain}))


def stamped_chains(connection: Connection) -> tuple[str, ...]:
    """The chains that were stamped, also those of which nothing else is left."""
    if NODE.prefix not in recorded_versions(connection):
        return ()
    return tuple(map(str, connection.execute(select(type_coerce(STAMPS.c.chain, NullType)).distinct()).scalars()))


def _stamp(number: object, digest: object, token: object) -> AuditStamp:
    return AuditStamp(number if isinstance(number, int) else 0, _octets(digest), _octets(token))


def _octets(value: object) -> bytes:
    """What lies there; nothing where it is no octets, which no stamp is over."""
    return bytes(value) if isinstance(value, (bytes, memoryview)) else b""


def verify_stamped_export(
    file: AuditFile,
    *,
    trust: TrustStore,
    at: datetime,
    expected_head: AuditHead | None = None,
    intermediates: tuple[Certificate, ...] = (),
    crls: tuple[bytes, ...] = (),
) -> tuple[Report, Report]:
    """As verify_export and verify_stamps, of an export and the time stamps in it: what each says.

    Raises:
        ParseError: a line is none of an export.
        ValueError: ``at`` has no time zone, or the head is one of another chain.
    """
    walk = _Walk(trust, intermediates, crls)
    log = file.verify(at=at, expected_head=expected_head, take=walk.take)
    return log, walk.report(file.head, at)


@dataclass(slots=True)
class _Walk:
    """Every stamp after the other; what is wrong is told of each, what is right once for all."""

    trust: TrustStore
    intermediates: tuple[Certificate, ...]
    crls: tuple[bytes, ...]
    count: int = 0
    last: tuple[int, datetime] | None = None
    findings: list[Check] = field(default_factory=list)
    chains: dict[bytes, ChainResult] = field(default_factory=dict)

    def take(self, stamp: AuditStamp, written: bytes | None) -> None:
        """One stamp, with the digest of the entry that it names; None where that is not there."""
        self.count += 1
        if written is None or not hmac.compare_digest(written, stamp.digest):
            self._find("binding.audit_stamp", _FAILED, "missing" if written is None else "other", stamp)
            return
        try:
            token = parse_token(stamp.token)
            facts = verify_token(token, imprint_of=stamp.digest, certificates=self.intermediates)
        except InputError as error:
            self._find("integrity.audit_stamp", _FAILED, "wrong", stamp, detail=error.message)
            return
        if facts.outcome is not _PASSED or facts.certificate is None:
            parts = (facts.imprint, facts.signature, facts.binding, facts.usage)
            said = next((one.message for one in parts if one.outcome is facts.outcome), facts.signature.message)
            failed = facts.outcome is _FAILED
            outcome, reason = (_FAILED, "wrong") if failed else (_UNKNOWN, "undecided")
            self._find("integrity.audit_stamp", outcome, reason, stamp, detail=said)
            return
        if self._trusted(facts.certificate, token, stamp):
            self.last = stamp.number, token.gen_time

    def _trusted(self, authority: Certificate, token: TimeStampToken, stamp: AuditStamp) -> bool:
        chain = self._chain(authority, token)
        outcome, said = chain.outcome, chain.anchored
        if outcome is _PASSED and chain.revoked_at is None:
            return True
        if outcome is _PASSED:
            # whoever has the authority's key writes any time, also one from before the revocation: RFC 3161, 4
            outcome, said = _UNKNOWN, chain.revocation
        else:
            parts = (chain.anchored, chain.validity, chain.usage, chain.revocation)
            said = next(one for one in parts if one.outcome is outcome)
        reason = "untrusted" if outcome is _FAILED else "undecided"
        self._find("trust.audit_stamp", outcome, reason, stamp, detail=said.message)
        return False

    def _chain(self, authority: Certificate, token: TimeStampToken) -> ChainResult:
        known = self.chains.get(authority.raw)
        if known is not None and not self.crls and all(one.covers(token.gen_time) for one in known.path):
            return known
        found = validate_chain(
            authority,
            trust=self.trust,
            at=token.gen_time,
            intermediates=(*self.intermediates, *token.certificates),
            crls=self.crls,
            extended_usage=TIME_STAMPING,
        )
        if found.outcome is _PASSED:
            self.chains[authority.raw] = found
        return found

    def _find(self, check: str, outcome: Outcome, reason: str, stamp: AuditStamp, **facts: object) -> None:
        if sum(one.outcome is outcome for one in self.findings) < _MOST_FINDINGS:
            self.findings.append(STAMP_CHECKS.check(check, outcome, reason, subject=f"entry {stamp.number}", **facts))

    def report(self, head: AuditHead, at: datetime) -> Report:
        """All that was found; the log ends there."""
        checks = tuple(self._finish(head.number))
        return Report(f"time stamps of {head.chain}", at, "audit-stamps/1", checks, frozenset(STAMP_CHECKS.rows))

    def _finish(self, entries: int) -> Iterator[Check]:
        """What was found, and of every question that nothing was found to, that it is well."""
        if not self.count:
            yield STAMP_CHECKS.check("coverage.audit_stamp", _UNKNOWN, "none")
            return
        yield from self.findings
        wrong = {one.id for one in self.findings}
        for name in ("integrity.audit_stamp", "binding.audit_stamp", "trust.audit_stamp"):
            if name not in wrong:
                yield STAMP_CHECKS.check(name, _PASSED, "ok", count=self.count)
        if self.last is None:
            yield STAMP_CHECKS.check("coverage.audit_stamp", _UNKNOWN, "none")
            return
        number, moment = self.last
        stamped = moment.isoformat(timespec="seconds")
        yield STAMP_CHECKS.check("coverage.audit_stamp", _PASSED, "ok", number=number, count=entries, gen_time=stamped)
