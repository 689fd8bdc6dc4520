"""Signatures of certificates, lists, messages and responses: SM2 by our own code, RSA and ECDSA by cryptography."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature as PycaInvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1

from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.keys import DEFAULT_SIGNER_ID
from egov_sdk.crypto.oids import EC_PUBLIC_KEY, SHA256, SM2_CURVE, SM2_SM3_SIGNATURE, SM3, SM3_UNKEYED
from egov_sdk.crypto.signature import InvalidSignature
from egov_sdk.errors import ParseError
from egov_sdk.pki import _x509 as x509
from egov_sdk.pki._reader import algorithm_of
from egov_sdk.pki._remember import remembered
from egov_sdk.pki.certificate import sm2_key_of

SHA384: Final = "2.16.840.1.101.3.4.2.2"
SHA512: Final = "2.16.840.1.101.3.4.2.3"
SHA1: Final = "1.3.14.3.2.26"
RSA: Final = "1.2.840.113549.1.1.1"

DIGESTS: Final[dict[str, Callable[[bytes], bytes]]] = {
    SM3: sm3,
    SM3_UNKEYED: sm3,
    SHA256: lambda octets: hashlib.sha256(octets).digest(),
    SHA384: lambda octets: hashlib.sha384(octets).digest(),
    SHA512: lambda octets: hashlib.sha512(octets).digest(),
}
#: Collisions can be made, so nothing may rest on them.
WEAK_DIGESTS: Final = frozenset((SHA1, "1.2.840.113549.2.5", "1.2.840.113549.2.2"))

#: Signature algorithm -> (kind of key, digest); ECDSA and RSA are RFC 5758, 3.2 and RFC 4055, 5.
_CLASSIC: Final = {
    "1.2.840.113549.1.1.11": ("rsa", SHA256),
    "1.2.840.113549.1.1.12": ("rsa", SHA384),
    "1.2.840.113549.1.1.13": ("rsa", SHA512),
    "1.2.840.10045.4.3.2": ("ec", SHA256),
    "1.2.840.10045.4.3.3": ("ec", SHA384),
    "1.2.840.10045.4.3.4": ("ec", SHA512),
}
_WEAK: Final = frozenset(
    ("1.2.840.113549.1.1.2", "1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.3.14.3.2.29")
)


class Verdict(enum.Enum):
    """What became of checking one signature."""

    GOOD = "good"
    BAD = "signature_wrong"
    WEAK = "weak_algorithm"
    UNSUPPORTED = "algorithm_not_supported"
    NO_KEY = "key_unreadable"


def check_signature(
    public_key_info: bytes,
    *,
    algorithm: str,
    signature: bytes,
    signed: bytes,
    digest: str | None = None,
    signer_id: bytes = DEFAULT_SIGNER_ID,
) -> Verdict:
    """Whether the signature over ``signed`` is good; SM2 signatures are DER.

    ``digest`` names the hash where the algorithm is a bare key type, as SignerInfo may have it.
    """
    kind, curve = key_kind(public_key_info)
    if algorithm == SM2_SM3_SIGNATURE:
        if curve != SM2_CURVE or kind not in (EC_PUBLIC_KEY, SM2_CURVE):
            return Verdict.BAD
        return _check_sm2(public_key_info, signature, signed, signer_id)
    if algorithm in _WEAK or (algorithm == RSA and digest in WEAK_DIGESTS):
        return Verdict.WEAK
    name, hash_oid = ("rsa", digest) if algorithm == RSA else _CLASSIC.get(algorithm, ("", None))
    if hash_oid not in (SHA256, SHA384, SHA512):
        return Verdict.UNSUPPORTED
    return _check_classic(public_key_info, name, hash_oid, signature, signed)


@remembered(256)
def key_kind(public_key_info: bytes) -> tuple[str, str | None]:
    """The key algorithm and curve of a certificate's SubjectPublicKeyInfo, as dotted numbers."""
    return algorithm_of(x509.raw_of(asn1.decode_der(x509.PublicKeyShape, public_key_info).algorithm))


def _check_sm2(public_key_info: bytes, signature: bytes, signed: bytes, signer_id: bytes) -> Verdict:
    try:
        key = sm2_key_of(public_key_info)
    except ParseError:
        return Verdict.NO_KEY
    try:
        key.verify(signature, signed, signer_id=signer_id)
    except InvalidSignature:
        return Verdict.BAD
    return Verdict.GOOD


def _check_classic(public_key_info: bytes, name: str, hash_oid: str, signature: bytes, signed: bytes) -> Verdict:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    hash_of = {SHA256: hashes.SHA256(), SHA384: hashes.SHA384(), SHA512: hashes.SHA512()}[hash_oid]
    try:
        key = load_der_public_key(public_key_info)
    except (ValueError, UnsupportedAlgorithm):
        return Verdict.NO_KEY
    try:
        if name == "rsa" and isinstance(key, rsa.RSAPublicKey):
            if key.key_size < 2048:
                return Verdict.WEAK
            key.verify(signature, signed, padding.PKCS1v15(), hash_of)
        elif name == "ec" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(hash_of))
        else:
            return Verdict.BAD
    except PycaInvalidSignature:
        return Verdict.BAD
    return Verdict.GOOD
