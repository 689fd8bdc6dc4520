"""Time stamps of a seal value: what each kind must be about."""

from __future__ import annotations

from dataclasses import dataclass

from egov_sdk.pki import Certificate
from egov_sdk.pki.timestamp import TimeStampToken, parse_token, verify_token
from egov_sdk.report import Outcome
from egov_sdk.seal.model import SealValue

__all__ = ["ValueStamp", "read_stamp"]


@dataclass(frozen=True, slots=True)
class ValueStamp:
    """A token with the answer to "is it right and about this value"."""

    token: TimeStampToken
    certificate: Certificate | None
    outcome: Outcome
    reason: str
    detail: str


def read_stamp(value: SealValue) -> ValueStamp | None:
    """The time stamp of a value, judged without trusting anybody; None where there is none.

    A token behind the value is over the octets of the signature. What a token in the time field of v1 is about
    is not settled by any text at hand: the hash of the document is tried, and anything else stays undecided.

    Raises:
        InputError: the token cannot be read.
    Source:
        GB/T 38540-2020; GM/T 0031-2014.
    """
    octets = value.time_stamp if value.time_stamp is not None else value.token
    if octets is None:
        return None
    token = parse_token(octets)
    stamped = value.signature if value.time_stamp is not None else value.data_hash
    facts = verify_token(token, imprint_of=stamped)
    outcome, reason = facts.outcome, "ok"
    if outcome is not Outcome.PASSED:
        reason = "timestamp_wrong" if outcome is Outcome.FAILED else "timestamp_undecided"
    if value.time_stamp is None and facts.imprint.outcome is Outcome.FAILED:
        outcome, reason = Outcome.UNKNOWN, "timestamp_undecided"
    bad = [
        fact
        for fact in (facts.imprint, facts.signature, facts.binding, facts.usage)
        if fact.outcome is not Outcome.PASSED
    ]
    return ValueStamp(token, facts.certificate, outcome, reason, "; ".join(fact.message.en for fact in bad))
