"""The signature of a message, a receipt or a batch: a JWS over canonical headers, in whatever form it travels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from egov_sdk.crypto import Signer, SM2PrivateKey, sign_message, sm3
from egov_sdk.crypto.jose import to_base64url
from egov_sdk.crypto.keys import Random
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.canonical import canonical, only, read_json
from egov_sdk.exchange.envelope.limits import EnvelopeLimits
from egov_sdk.exchange.envelope.problems import unreadable
from egov_sdk.pki import Certificate
from egov_sdk.report import Text

__all__ = ["Signature", "Stamper", "sign_headers"]

ALGORITHM: Final = "SGD_SM3_SM2"
_HEADER_DEPTH: Final = 4
#: Asks a time-stamping authority to stamp octets; gives its token in DER.
Stamper = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature as it came; nothing about it is verified.

    Attributes:
        protected: the octets of the JWS header, which the signature covers.
        certificates: in DER, the signer's first.
        value: the SM2 signature in DER.
        time_stamp: a token over ``value``, or nothing.
    """

    protected: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    value: bytes = field(repr=False)
    time_stamp: bytes = field(default=b"", repr=False)

    def signed_octets(self, payload: bytes) -> bytes:
        """What the signature is over.

        Source:
            RFC 7515, 5.1.
        """
        return _signed_octets(self.protected, payload)

    def stamped(self, stamper: Stamper) -> Signature:
        """The same with a time stamp over its value."""
        return replace(self, time_stamp=stamper(self.value))


def _signed_octets(protected: bytes, payload: bytes) -> bytes:
    return f"{to_base64url(protected)}.{to_base64url(payload)}".encode("ascii")


def sign_headers(
    payload: bytes,
    *,
    kind: str,
    signer: Signer,
    certificate: Certificate,
    certificates: Iterable[Certificate] = (),
    time_stamp: Stamper | None = None,
    random: Random = os.urandom,
) -> Signature:
    """Sign canonical headers; the certificate is named in what is signed.

    Raises:
        ValueError: the certificate is not the signer's.
    """
    if certificate.public_key != signer.public_key():
        raise ValueError("the certificate holds another key than the signer's")
    chain = (certificate.raw, *(one.raw for one in certificates))
    protected = _protected(certificate.raw, kind)
    octets = _signed_octets(protected, payload)
    value = signer.sign(octets, random=random) if isinstance(signer, SM2PrivateKey) else sign_message(signer, octets)
    made = Signature(protected=protected, certificates=chain, value=value)
    return made.stamped(time_stamp) if time_stamp is not None else made


def check_signature(signature: Signature, *, kind: str, limits: EnvelopeLimits, where: str) -> Signature:
    """The signature, whose header says what one of this kind says, and whose parts are not too large.

    Raises:
        ParseError: its header says something else.
        LimitExceeded: too many certificates, or something is too long.
    """
    if not signature.certificates:
        raise unreadable("envelope.certificates", where=where, found=Text("none", "没有证书"))
    sizes = {
        "certificates": (limits.certificates, len(signature.certificates)),
        "certificate_bytes": (limits.certificate_bytes, max(map(len, signature.certificates))),
        "time_stamp_bytes": (limits.time_stamp_bytes, len(signature.time_stamp)),
    }
    for limit, (allowed, found) in sizes.items():
        if found > allowed:
            raise LimitExceeded(limit, allowed=allowed, found=found, where=where)
    expected = _protected(signature.certificates[0], kind)
    if signature.protected != expected:
        _explain(signature.protected, expected, where)
    return signature


@lru_cache(maxsize=256)
def _protected(certificate: bytes, kind: str) -> bytes:
    """What a header says; the same signers come again and again."""
    return canonical({"alg": ALGORITHM, "kid": sm3(certificate).hex(), "typ": kind})


def _explain(protected: bytes, expected: bytes, where: str) -> None:
    """Say what a header says otherwise; one that is only written otherwise is as good.

    Raises:
        ParseError: it says something else.
    """
    members = read_json(protected, depth=_HEADER_DEPTH, where=f"{where}: protected")
    only(members, {"alg", "kid", "typ"}, where=f"{where}: protected")
    wanted = read_json(expected, depth=_HEADER_DEPTH)
    for name, value in wanted.items():
        if members.get(name) != value:
            raise unreadable(
                "envelope.signature_header", where=where, name=name, found=members.get(name), expected=value
            )
