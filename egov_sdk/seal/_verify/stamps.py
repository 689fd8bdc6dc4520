"""Time stamps of a seal and of a value made with it: what each kind must be about."""

from __future__ import annotations

from dataclasses import dataclass

from egov_sdk.pki import Certificate
from egov_sdk.pki.timestamp import TimeStampToken, parse_token, verify_token
from egov_sdk.report import Outcome, Text
from egov_sdk.seal.model import ElectronicSeal, Leniency, SealValue

__all__ = ["JudgedStamp", "read_seal_stamp", "read_stamp"]


@dataclass(frozen=True, slots=True)
class JudgedStamp:
    """A token with the answer to "is it right and about this signature"."""

    token: TimeStampToken
    certificate: Certificate | None
    outcome: Outcome
    reason: str
    detail: Text
    leniencies: tuple[Leniency, ...]


def read_stamp(value: SealValue) -> JudgedStamp | None:
    """The time stamp of a value, judged without trusting anybody; None where there is none.

    A token behind the value is over the octets of the signature. What a token in the time field of v1 is about
    is not settled by any text at hand: the hash of the document is tried, and anything else stays undecided.

    Raises:
        InputError: the token cannot be read.
    Source:
        GB/T 38540-2020; GM/T 0031-2014.
    """
    if value.time_stamp is not None:
        return _judged(value.time_stamp, value.signature, "value.timeStamp")
    if value.token is not None:
        return _judged(value.token, value.data_hash, "value.timeInfo", about_is_known=False)
    return None


def read_seal_stamp(seal: ElectronicSeal) -> JudgedStamp | None:
    """The time stamp of a v5 seal, over the octets of its maker's signature; otherwise as read_stamp."""
    return None if seal.time_stamp is None else _judged(seal.time_stamp, seal.maker_signature, "seal.timeStamp")


def _judged(octets: bytes, stamped: bytes, where: str, *, about_is_known: bool = True) -> JudgedStamp:
    token = parse_token(octets)
    facts = verify_token(token, imprint_of=stamped)
    outcome, reason = facts.outcome, "ok"
    if outcome is not Outcome.PASSED:
        reason = "timestamp_wrong" if outcome is Outcome.FAILED else "timestamp_undecided"
    if not about_is_known and facts.imprint.outcome is Outcome.FAILED:
        outcome, reason = Outcome.UNKNOWN, "timestamp_undecided"
    asked = (facts.imprint, facts.signature, facts.binding, facts.usage)
    bad = [fact.message for fact in asked if fact.outcome is not Outcome.PASSED]
    detail = Text("; ".join(text.en for text in bad), "；".join(text.zh for text in bad))
    codes = [*facts.leniencies, *(facts.certificate.leniencies if facts.certificate else ())]
    named = tuple(Leniency(code, where) for code in dict.fromkeys(codes))
    return JudgedStamp(token, facts.certificate, outcome, reason, detail, named)
