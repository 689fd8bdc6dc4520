"""Certificates out of files: DER, PEM bundles and P7B."""

from __future__ import annotations

import binascii

from egov_sdk.crypto.pem import looks_like_pem, read_pem
from egov_sdk.errors import ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki.certificate import Certificate

__all__ = ["load_certificates"]

_CERTIFICATE = frozenset(("CERTIFICATE", "X509 CERTIFICATE"))
_MESSAGE = frozenset(("PKCS7", "CMS", "PKCS #7 SIGNED DATA"))


def load_certificates(data: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> tuple[Certificate, ...]:
    """All certificates of a file, in its order.

    Args:
        data: one certificate in DER or bare base64, a PEM bundle (other blocks, such as keys, are
            passed over), or a P7B in DER, BER or PEM.
    Raises:
        ParseError: there is none, or one is malformed.
        LimitExceeded: larger than ``limits.total_bytes``, or more than ``limits.elements`` blocks.
    """
    if looks_like_pem(data):
        found: list[Certificate] = []
        for block in read_pem(data, limits=limits, where="certificates"):
            if block.label in _CERTIFICATE:
                found.append(Certificate.parse(block.der, limits=limits))
            elif block.label in _MESSAGE:
                found.extend(_of_message(block.der, limits))
    else:
        der = _bare_base64(data) or data
        found = list(_of_message(der, limits) if _is_message(der) else (Certificate.parse(der, limits=limits),))
    if not found:
        raise ParseError("no certificate in it", where="certificates", code="egov.pki.no_certificate")
    return tuple(found)


def _of_message(der: bytes, limits: Asn1Limits) -> tuple[Certificate, ...]:
    from egov_sdk.pki.cms import parse_signed_data

    return parse_signed_data(der, limits=limits).certificates


def _is_message(der: bytes) -> bool:
    """A ContentInfo begins with its type, a certificate with a SEQUENCE; BER lengths count too."""
    first = der[1] if len(der) > 1 else 0
    start = 2 + (first & 0x7F if first > 0x80 else 0)
    return der[:1] == b"\x30" and der[start : start + 1] == b"\x06"


def _bare_base64(data: bytes) -> bytes | None:
    if data[:1] != b"M":  # 0x30 in base64
        return None
    try:
        return binascii.a2b_base64(b"".join(data.split()), strict_mode=True)
    except binascii.Error:
        return None
