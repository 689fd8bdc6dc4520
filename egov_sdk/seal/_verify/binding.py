"""The tie between seal and signer: may this signer use this seal, and is it the seal that lies beside the value?"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives import hashes

from egov_sdk.crypto import sm3
from egov_sdk.report import Check, Outcome
from egov_sdk.seal._verify.facts import PackageFacts, SignatureFacts
from egov_sdk.seal._verify.signer import Signatory
from egov_sdk.seal.checks import CHECKS
from egov_sdk.seal.model import CertificateDigest, ElectronicSeal, Leniency

__all__ = ["check_binding", "names_holder"]


def _sha256(octets: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(octets)
    return digest.finalize()


#: The digest names met in certificate lists; the field is free text of the maker.
_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "sm3": sm3,
    "1.2.156.10197.1.401": sm3,
    "sha256": _sha256,
    "sha-256": _sha256,
    "2.16.840.1.101.3.4.2.1": _sha256,
}


def check_binding(facts: PackageFacts, signature: SignatureFacts, signatories: list[Signatory]) -> Iterator[Check]:
    """Both binding checks of one signature."""
    if not signature.readable:
        yield CHECKS.check("binding.signer_in_seal", Outcome.UNKNOWN, "unreadable", subject=signature.subject)
        yield CHECKS.check("binding.seal_file", Outcome.UNKNOWN, "unreadable", subject=signature.subject)
        return
    if signature.seal_value is None:
        yield CHECKS.check("binding.signer_in_seal", Outcome.SKIPPED, "not_a_seal", subject=signature.subject)
        yield _no_seal_file(signature)
        return
    yield _signer_in_seal(signature, signatories)
    yield _seal_file(facts, signature)


def _no_seal_file(signature: SignatureFacts) -> Check:
    """Where no seal was used none may be shown: viewers draw the seal file that the description names."""
    assert signature.file is not None
    name, file = "binding.seal_file", signature.file.seal_name
    if file is None:
        return CHECKS.check(name, Outcome.SKIPPED, "not_a_seal", subject=signature.subject)
    return CHECKS.check(name, Outcome.FAILED, "seal_without_value", subject=signature.subject, file=file)


def names_holder(seal: ElectronicSeal, certificate: bytes) -> bool:
    """Does the seal list this certificate, by its bytes or by its digest?"""
    if any(hmac.compare_digest(certificate, holder) for holder in seal.holder_certificates):
        return True
    named = [(_function_of(digest), digest.value) for digest in seal.holder_digests]
    # once for each function: a stranger says how many digests there are, and how long the certificate is
    made = {function: function(certificate) for function in dict.fromkeys(function for function, _ in named)}
    return any(hmac.compare_digest(made[function], value) for function, value in named)


def _function_of(digest: CertificateDigest) -> Callable[[bytes], bytes]:
    # the name of the algorithm is free text: where it says nothing known, only SM3 is tried
    return _DIGESTS.get(digest.algorithm.strip().lower(), sm3)


def _signer_in_seal(signature: SignatureFacts, signatories: list[Signatory]) -> Check:
    value = signature.seal_value
    assert value is not None
    name = "binding.signer_in_seal"
    who = signatories[0].name if signatories else "?"
    seal = value.seal
    for digest in seal.holder_digests:
        if digest.algorithm.strip().lower() not in _DIGESTS:
            signature.leniencies.append(Leniency("holder_digest_algorithm", "seal.certList", digest.algorithm[:40]))
    if names_holder(seal, value.signer_certificate):
        return CHECKS.check(name, Outcome.PASSED, "ok", subject=signature.subject, subject_name=who)
    if not seal.holder_certificates and not seal.holder_digests:
        named = any(n.code == "certificate_name_for_certificate" for n in value.leniencies)
        return CHECKS.check(name, Outcome.UNKNOWN if named else Outcome.FAILED, "no_holders", subject=signature.subject)
    return CHECKS.check(name, Outcome.FAILED, "signer_not_in_seal", subject=signature.subject, subject_name=who)


def _seal_file(facts: PackageFacts, signature: SignatureFacts) -> Check:
    name, value, file = "binding.seal_file", signature.seal_value, signature.file
    assert value is not None
    assert file is not None
    if file.seal_name is None:
        return CHECKS.check(name, Outcome.PASSED, "absent", subject=signature.subject)
    if file.seal_name not in facts.package:
        return CHECKS.check(name, Outcome.FAILED, "file_missing", subject=signature.subject, where=file.seal_name)
    same = facts.package.read(file.seal_name) == value.seal.raw  # both lie open in the file: no secret to keep
    outcome, reason = (Outcome.PASSED, "ok") if same else (Outcome.FAILED, "seal_mismatch")
    return CHECKS.check(name, outcome, reason, subject=signature.subject, file=file.seal_name)
