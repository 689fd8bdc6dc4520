"""Who signed: the certificate behind a value, and whether the value is right under its key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from egov_sdk.crypto import InvalidSignature, SM2PublicKey, oids
from egov_sdk.errors import InputError
from egov_sdk.pki import Certificate
from egov_sdk.pki.cms import SignedData, SignerInfo, verify_signer
from egov_sdk.pki.facts import Fact
from egov_sdk.report import Outcome
from egov_sdk.seal._hashing import signed_digest
from egov_sdk.seal._verify.algorithms import is_unsupported
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts, ValueKind
from egov_sdk.seal.model import Leniency
from egov_sdk.seal.policy import Policy

__all__ = ["Signatory", "is_raw", "signatories", "verify_sm2"]


@dataclass(slots=True)
class Signatory:
    """One signer of one value, with the answer to "is the value right under this key"."""

    certificate: Certificate | None
    algorithm: str
    outcome: Outcome
    reason: str
    detail: str = ""
    signed_at: datetime | None = None
    content: Fact | None = None  # of a message: is its content what the signature file says?

    @property
    def name(self) -> str:
        return self.certificate.subject.text if self.certificate else "?"

    @property
    def key(self) -> SM2PublicKey | None:
        if self.certificate is None:
            return None
        try:
            return self.certificate.public_key
        except InputError:
            return None


def is_raw(signature: bytes) -> bool:
    """Whether a signature is r || s as some makers write it; in DER, 64 bytes would take six zero octets in r and s."""
    return len(signature) == 64


def verify_sm2(key: SM2PublicKey, signature: bytes, message: bytes, *, seal: bytes = b"") -> None:
    """Verify DER, or the raw r || s of exactly 64 bytes that some makers write; raises InvalidSignature.

    ``seal`` is the one near the beginning of the message, if there is one.
    """
    digest = signed_digest(key, message, seal=seal)
    key.verify_digest(signature, digest, form="raw" if is_raw(signature) else "der")


def signatories(facts: PackageFacts, signature: SignatureFacts, policy: Policy) -> list[Signatory]:
    """Everybody who signed one value; nobody where the value holds no signer or no certificate fits."""
    match signature.kind:
        case ValueKind.SEAL:
            return [_of_seal(facts, signature)]
        case ValueKind.MESSAGE:
            return list(_of_message(signature, policy))
        case ValueKind.BARE:
            return list(_of_bare(signature, policy))
        case _:
            return []


def _of_seal(facts: PackageFacts, signature: SignatureFacts) -> Signatory:
    value = signature.seal_value
    assert value is not None
    if is_raw(value.signature):
        signature.leniencies.append(Leniency("raw_signature_value", "value.signature"))
    try:
        certificate = facts.certificate(value.signer_certificate)
    except InputError as error:
        return Signatory(None, value.algorithm, Outcome.FAILED, "key_unusable", error.message, value.signed_at)
    signature.leniencies.extend(Leniency(code, "value.cert") for code in certificate.leniencies)
    if is_unsupported(value.algorithm):
        detail = f"{value.algorithm} cannot be verified here"
        return Signatory(certificate, value.algorithm, Outcome.UNKNOWN, "key_unusable", detail, value.signed_at)
    outcome, reason, detail = _judge(certificate, value.signature, value.signed_bytes, seal=value.seal.raw)
    return Signatory(certificate, value.algorithm, outcome, reason, detail, value.signed_at)


def _judge(
    certificate: Certificate, signature: bytes, message: bytes, *, seal: bytes = b""
) -> tuple[Outcome, str, str]:
    try:
        verify_sm2(certificate.public_key, signature, message, seal=seal)
    except InvalidSignature:
        return Outcome.FAILED, "value_wrong", ""
    except InputError as error:
        return Outcome.FAILED, "key_unusable", error.message
    return Outcome.PASSED, "ok", ""


def _of_message(signature: SignatureFacts, policy: Policy) -> Iterator[Signatory]:
    assert signature.message is not None
    for signer in signature.message.signers:
        yield _of_signer_info(signature, signature.message, signer, policy)


def _of_signer_info(signature: SignatureFacts, message: SignedData, signer: SignerInfo, policy: Policy) -> Signatory:
    assert signature.file is not None
    facts = verify_signer(message, signer, content=signature.file.raw, certificates=policy.certificates)
    signature.leniencies.extend(Leniency(code, "value.signerInfo") for code in facts.leniencies)
    found = Signatory(
        facts.certificate,
        signer.signature_algorithm,
        facts.signature.outcome,
        _MESSAGE_REASONS[facts.signature.outcome],
        facts.signature.message.en,
        signer.signing_time,
        content=facts.content,
    )
    if facts.certificate is None:
        found.reason = "no_certificate"
    else:
        signature.leniencies.extend(Leniency(code, "value.certificates") for code in facts.certificate.leniencies)
    return found


_MESSAGE_REASONS = {Outcome.PASSED: "ok", Outcome.FAILED: "value_wrong", Outcome.UNKNOWN: "key_unusable"}


def _of_bare(signature: SignatureFacts, policy: Policy) -> Iterator[Signatory]:
    """A bare value names nobody: it belongs to the first given certificate under which it verifies."""
    assert signature.file is not None
    refused: Signatory | None = None
    for certificate in policy.certificates:
        outcome, reason, detail = _judge(certificate, signature.raw_value, signature.file.raw)
        found = Signatory(certificate, oids.SM2_SM3_SIGNATURE, outcome, reason, detail)
        if outcome is Outcome.PASSED:
            yield found
            return
        refused = refused or found
    if refused is not None:
        yield refused
