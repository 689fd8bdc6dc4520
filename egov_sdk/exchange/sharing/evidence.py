"""One case as a file that proves itself years later, offline: signed steps and uses, and the platform's statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from egov_sdk.crypto import sm3
from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.canonical import canonical, read_json
from egov_sdk.exchange.envelope.judge import judge
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.envelope.signature import sign_headers
from egov_sdk.exchange.sharing.checks import CASE_CHECKS, REQUIRED
from egov_sdk.exchange.sharing.model import Moment, Step, UseRequest
from egov_sdk.exchange.sharing.problems import ROOT, SharingRejected, unreadable
from egov_sdk.exchange.sharing.rules import replay
from egov_sdk.exchange.sharing.signing import (
    Desk,
    Signed,
    SignedStep,
    SignedUse,
    check_protected,
    octets_of,
    read_signed,
)
from egov_sdk.frozen import first_misfit
from egov_sdk.report import Check, Outcome, Report, Text
from egov_sdk.storage import AuditHead
from egov_sdk.times import aware

__all__ = ["CaseEvidence", "SignedStatement", "Statement", "read_case", "verify_case"]

_MOST_BYTES: Final = 256 << 20
_SIGNATURE: Final = frozenset(
    {
        "integrity.signature",
        "integrity.time_stamp",
        "binding.signer",
        "trust.certificate",
        "trust.validity",
        "trust.revocation",
        "trust.usage",
        "trust.time",
        "trust.time_stamp",
    }
)
_PASSED, _FAILED, _UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN


class Statement(BaseModel):
    """What the platform says of a case: how much there is of it, and where the audit log was then."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    case_id: str
    steps: int
    head: str
    uses: int
    signed_uses: int
    uses_digest: str
    audit_number: int
    audit_digest: str
    actor: str
    at: Moment


class SignedStatement(Signed):
    """A statement with the platform's signature."""

    kind_of: ClassVar[str] = "egov-sharing-statement/1"

    def stated(self) -> Statement:
        """What it says; nothing of it is verified.

        Raises:
            ParseError: it is none.
        """
        return read_signed(Statement, self.payload)


class CaseEvidence(BaseModel):
    """The evidence of a case; nothing of it is verified."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True
    )

    format: Literal["egov-sharing-case/1"] = "egov-sharing-case/1"
    steps: tuple[SignedStep, ...]
    uses: tuple[SignedUse, ...] = ()
    statement: SignedStatement

    @classmethod
    def of(
        cls,
        steps: Iterable[SignedStep],
        signed_uses: Iterable[SignedUse],
        *,
        uses: int,
        audit: AuditHead,
        platform: Desk,
        at: datetime,
    ) -> CaseEvidence:
        """Put a case together.

        Args:
            uses: how many there were in all, also those that a gateway made sure of in its own way.
            audit: the end of the audit log.
        """
        taken, used = tuple(steps), tuple(signed_uses)
        stated = Statement(
            case_id=taken[0].read().case_id,
            steps=len(taken),
            head=taken[-1].digest,
            uses=uses,
            signed_uses=len(used),
            uses_digest=_digest_of(used),
            audit_number=audit.number,
            audit_digest=audit.digest.hex(),
            actor=platform.code,
            at=aware(at),
        )
        payload = octets_of(stated)
        signature = sign_headers(
            payload,
            kind=SignedStatement.kind_of,
            signer=platform.signer,
            certificate=platform.certificate,
            random=platform.random,
        )
        return cls(steps=taken, uses=used, statement=SignedStatement.of(payload, signature))

    def to_json(self) -> bytes:
        """The file."""
        return canonical(self.model_dump(mode="json"))


_READER: Final = TypeAdapter(CaseEvidence)
_T = TypeVar("_T", Step, UseRequest)


def _place_of(signed: Step | UseRequest) -> tuple[str, str, str]:
    """Where a use belongs that is one of the case which this step opens."""
    return signed.platform, signed.case_id, signed.actor


def _digest_of(uses: Iterable[SignedUse]) -> str:
    return sm3("\n".join(one.digest for one in uses).encode()).hex()


def read_case(data: bytes) -> CaseEvidence:
    """Read the evidence of a case.

    Raises:
        ParseError: it is none.
        LimitExceeded: it is nested too deeply.
    """
    if len(data) > _MOST_BYTES:
        raise unreadable("sharing.evidence", name=Text("size", "字节数"), found=len(data))
    read_json(data, depth=6, where="case")
    try:
        return _READER.validate_json(data)
    except ValidationError as error:
        first = first_misfit(error)
        raise unreadable("sharing.evidence", name=first.place or ROOT, found=first.text) from None


def verify_case(evidence: CaseEvidence | bytes, *, platform: str, policy: ExchangePolicy, at: datetime) -> Report:
    """Verify a case: every signature, that the steps make one chain, that each was its taker's to take, and that
    nothing is missing.

    Args:
        platform: the code of the platform, which decides by rule and says how much there is.
        policy: whose certificates are whose.
        at: now, aware.
    Raises:
        InputError: it is no evidence of a case.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    found = evidence if isinstance(evidence, CaseEvidence) else read_case(evidence)
    walk = _Walk(found, platform, policy, at)
    checks = tuple(walk.checks())
    case_id = walk.steps[0].case_id if walk.steps and walk.steps[0] is not None else ""
    return Report(case_id, at, "sharing-case/1", checks, REQUIRED | _SIGNATURE)


@dataclass(slots=True)
class _Walk:
    """One look at a case."""

    evidence: CaseEvidence
    platform: str
    policy: ExchangePolicy
    at: datetime
    steps: tuple[Step | None, ...] = ()

    def checks(self) -> Iterator[Check]:
        signed = tuple(self._signed(one, Step, f"step {number}") for number, one in enumerate(self.evidence.steps, 1))
        self.steps = tuple(step for step, _ in signed)
        for _, checks in signed:
            yield from checks
        chain = tuple(self._chain())
        yield from chain
        yield self._rules(all(check.outcome is _PASSED for check in chain))
        yield from self._uses()
        yield from self._statement()

    def _signed(self, signed: Signed, model: type[_T], subject: str) -> tuple[_T | None, list[Check]]:
        try:
            read = read_signed(model, signed.payload)
            check_protected(signed)
        except InputError as error:
            name = "integrity.case_chain" if model is Step else "binding.case_uses"
            return None, [CASE_CHECKS.check(name, _FAILED, "unreadable", subject=subject, found=error.message)]
        return read, self._judged(signed, read.actor, read.at, subject)

    def _judged(self, signed: Signed, actor: str, claimed: datetime, subject: str) -> list[Check]:
        judged = judge(
            signed.signature,
            signed.payload,
            party=Party(code=actor),
            claimed=claimed,
            policy=self.policy,
            at=self.at,
            subject=subject,
        )
        return list(judged.checks)

    def _chain(self) -> Iterator[Check]:
        before, broken = "", False
        first = self.steps[0].case_id if self.steps and self.steps[0] is not None else ""
        for number, (signed, step) in enumerate(zip(self.evidence.steps, self.steps, strict=True), 1):
            follows = step is not None and (step.number, step.previous, step.case_id) == (number, before, first)
            if not follows:
                broken = True
                yield CASE_CHECKS.check("integrity.case_chain", _FAILED, "broken", subject=f"step {number}")
            before = signed.digest
        if not broken:
            good = _PASSED if self.steps else _FAILED
            yield CASE_CHECKS.check("integrity.case_chain", good, "unbroken", count=len(self.steps))

    def _rules(self, is_chain: bool) -> Check:
        steps = [step for step in self.steps if step is not None]
        if not is_chain or not steps:
            return CASE_CHECKS.check("binding.case_rules", _UNKNOWN, "undecided")
        pairs = zip(steps, (signed.digest for signed in self.evidence.steps), strict=True)
        try:
            case = replay(pairs, platform=self.platform)
        except SharingRejected as error:
            return CASE_CHECKS.check("binding.case_rules", _FAILED, "broken", found=error.text)
        return CASE_CHECKS.check("binding.case_rules", _PASSED, "followed", state=case.state.value)

    def _uses(self) -> Iterator[Check]:
        opened, seen, bad = self.steps[0] if self.steps else None, set[str](), False
        for number, signed in enumerate(self.evidence.uses, 1):
            subject = f"use {number}"
            use, checks = self._signed(signed, UseRequest, subject)
            yield from checks
            foreign = use is None or opened is None or _place_of(use) != _place_of(opened)
            if foreign and use is not None:
                yield CASE_CHECKS.check("binding.case_uses", _FAILED, "foreign", subject=subject)
            if signed.digest in seen:
                yield CASE_CHECKS.check("binding.case_uses", _FAILED, "twice", subject=subject)
            bad = bad or foreign or signed.digest in seen
            seen.add(signed.digest)
        if not bad:
            reason, count = ("ok", len(seen)) if seen else ("none", 0)
            yield CASE_CHECKS.check("binding.case_uses", _PASSED, reason, count=count)

    def _statement(self) -> Iterator[Check]:
        signed, name = self.evidence.statement, "binding.case_statement"
        try:
            stated = signed.stated()
            check_protected(signed)
        except InputError as error:
            yield CASE_CHECKS.check(name, _FAILED, "unreadable", found=error.message)
            yield CASE_CHECKS.check("coverage.case", _UNKNOWN, "undecided")
            return
        yield from self._judged(signed, self.platform, stated.at, "statement")
        opened = self.steps[0] if self.steps else None
        mine = opened is not None and stated.case_id == opened.case_id and stated.actor == self.platform
        if mine:
            yield CASE_CHECKS.check(name, _PASSED, "ok", at=stated.at.isoformat())
        else:
            yield CASE_CHECKS.check(name, _FAILED, "other")
        yield self._coverage(stated)

    def _coverage(self, stated: Statement) -> Check:
        steps, uses = self.evidence.steps, self.evidence.uses
        head = steps[-1].digest if steps else ""
        found: Mapping[str, object] = {"steps": len(steps), "head": head, "signed_uses": len(uses)}
        same = all(getattr(stated, one) == value for one, value in found.items())
        complete = same and stated.uses_digest == _digest_of(uses)
        outcome, reason = (_PASSED, "complete") if complete else (_FAILED, "cut")
        return CASE_CHECKS.check("coverage.case", outcome, reason, steps=stated.steps, uses=stated.signed_uses)
