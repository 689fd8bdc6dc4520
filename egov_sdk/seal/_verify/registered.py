"""What a register of seals says of the seals on a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from egov_sdk.report import Check, Outcome, Report
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts
from egov_sdk.seal.checks import REGISTER_CHECKS
from egov_sdk.seal.records import SealRecord, SealState

__all__ = ["with_register"]

_ID = "trust.seal_register"

Lookup = Callable[[str], SealRecord | None]


def with_register(report: Report, facts: PackageFacts, lookup: Lookup) -> Report:
    """The report with one more required check for every signature: what the register says of its seal."""
    asked = tuple(_check(signature, report, lookup) for signature in facts.signatures)
    if not asked:
        return report
    return replace(report, checks=(*report.checks, *asked), required=report.required | {_ID})


def _check(signature: SignatureFacts, report: Report, lookup: Lookup) -> Check:
    subject = signature.subject
    if not signature.readable:
        return REGISTER_CHECKS.check(_ID, Outcome.UNKNOWN, "unreadable", subject=subject)
    value = signature.seal_value
    if value is None:
        return REGISTER_CHECKS.check(_ID, Outcome.SKIPPED, "not_a_seal", subject=subject)
    seal_id = value.seal.seal_id
    record = lookup(seal_id)
    if record is None:
        return REGISTER_CHECKS.check(_ID, Outcome.SKIPPED, "not_filed", subject=subject, seal_id=seal_id)
    if record.file != value.seal.raw:
        return REGISTER_CHECKS.check(_ID, Outcome.FAILED, "another", subject=subject, seal_id=seal_id)
    if record.state is SealState.VALID:
        return REGISTER_CHECKS.check(_ID, Outcome.PASSED, "valid", subject=subject, seal_id=seal_id)
    outcome, reason, at = _ended(record, value.signed_at, next(_proven(report, subject), None))
    return REGISTER_CHECKS.check(
        _ID,
        outcome,
        reason,
        subject=subject,
        seal_id=seal_id,
        state=record.state.value,
        changed_at=record.changed_at.isoformat(),
        at=at.isoformat() if at is not None else "?",
    )


def _ended(
    record: SealRecord, claimed: datetime | None, proven: datetime | None
) -> tuple[Outcome, str, datetime | None]:
    """A seal that has ended counts only where it was used before for certain: the signer's own word proves nothing."""
    if proven is not None and proven < record.changed_at:
        return Outcome.PASSED, "ended_after", proven
    if proven is None and claimed is not None and claimed < record.changed_at:
        return Outcome.UNKNOWN, "ended_unproven", claimed
    return Outcome.FAILED, "ended", proven or claimed


def _proven(report: Report, subject: str) -> Iterator[datetime]:
    for check in report.of("trust.signing_time", subject=subject):
        if check.reason == "proven" and check.outcome is Outcome.PASSED:
            yield datetime.fromisoformat(check.evidence["at"])
