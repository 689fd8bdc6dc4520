"""Signed messages of GM/T 0010 and GB/T 35275, PKCS#7 and CMS: read, verify, build."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from egov_sdk.crypto.keys import DEFAULT_SIGNER_ID
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki import _signed_data
from egov_sdk.pki._attributes import CmsAttribute
from egov_sdk.pki._message_build import build_signed_data
from egov_sdk.pki._message_check import DIALECTS, MESSAGE_LENIENCIES, MessageCheck, SignerFacts
from egov_sdk.pki._signed_data import SignedData, SignerInfo
from egov_sdk.pki.certificate import Certificate

__all__ = [
    "DIALECTS",
    "MESSAGE_LENIENCIES",
    "CmsAttribute",
    "SignedData",
    "SignerFacts",
    "SignerInfo",
    "build_signed_data",
    "parse_signed_data",
    "verify_signer",
]

_STANDARD: Final[frozenset[str]] = frozenset(("standard",))


def parse_signed_data(data: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> SignedData:
    """Read a signed message, in DER or BER; nothing is verified.

    Raises:
        ParseError: not SignedData, or an attribute that may come once comes twice.
        LimitExceeded: too large, too deep, or too many certificates or signers.
    Source:
        GM/T 0010-2012, 8; GB/T 35275; RFC 5652, 5.
    """
    return _signed_data.read(bytes(data), limits)


def verify_signer(
    message: SignedData,
    signer: SignerInfo,
    *,
    content: bytes | None = None,
    certificates: Iterable[Certificate] = (),
    signer_id: bytes = DEFAULT_SIGNER_ID,
    accept: frozenset[str] = _STANDARD,
) -> SignerFacts:
    """Check one signature of a message over its content; trust is another question.

    Args:
        content: what should have been signed; must be given when the message is detached. When the
            message carries a content too, that may be the same octets, their SM3 (as OFD
            signatures have it), or the base64 text of their SM3.
        certificates: where else to look for the signer's certificate.
        accept: the dialects (keys of ``DIALECTS``) that may pass. Without Z, a standard signature
            over one text is also one over Z || text, so the other dialects are off by default.
    Raises:
        ValueError: a dialect to accept is unknown.
    Source:
        GB/T 35275; RFC 5652, 5.4 and 5.6.
    """
    if unknown := accept - DIALECTS.keys():
        raise ValueError(f"unknown dialects {sorted(unknown)}; known are {sorted(DIALECTS)}")
    return MessageCheck(message, signer, content, signer_id, accept).run((*message.certificates, *certificates))
