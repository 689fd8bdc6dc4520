"""Write SESeal and SES_Signature, v4 and v5. The caller signs; here are only the bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from egov_sdk.crypto import oids
from egov_sdk.crypto.der import (
    bit_string,
    context,
    generalized_time,
    ia5_string,
    integer,
    octet_string,
    oid,
    printable_string,
    sequence,
    utf8_string,
)
from egov_sdk.seal.model import CertificateDigest, SealPicture, SealVersion

__all__ = ["encode_seal", "encode_seal_info", "encode_to_sign", "encode_value"]


def encode_seal_info(
    *,
    version: SealVersion,
    vendor: str,
    seal_id: str,
    kind: int,
    name: str,
    holders: Sequence[bytes] | Sequence[CertificateDigest],
    created_at: datetime,
    valid_from: datetime,
    valid_to: datetime,
    picture: SealPicture,
) -> bytes:
    """SES_SealInfo in DER: what the maker signs in v4 and v5."""
    digests = [h for h in holders if isinstance(h, CertificateDigest)]
    certificates = [h for h in holders if isinstance(h, bytes)]
    if bool(digests) == bool(certificates):
        raise ValueError("holders must be certificates or certificate digests, at least one, and not both")
    listed = (
        [sequence(printable_string(d.algorithm), octet_string(d.value)) for d in digests]
        if digests
        else [octet_string(certificate) for certificate in certificates]
    )
    return sequence(
        sequence(ia5_string("ES"), integer(version.value), ia5_string(vendor)),
        ia5_string(seal_id),
        sequence(
            integer(kind),
            utf8_string(name),
            integer(2 if digests else 1),
            sequence(*listed),
            generalized_time(created_at),
            generalized_time(valid_from),
            generalized_time(valid_to),
        ),
        sequence(
            ia5_string(picture.format),
            octet_string(picture.data),
            integer(picture.width_mm),
            integer(picture.height_mm),
        ),
    )


def encode_seal(
    seal_info: bytes, *, maker_certificate: bytes, signature: bytes, time_stamp: bytes | None = None
) -> bytes:
    """SESeal in DER; a time stamp makes the fifth element of v5."""
    return sequence(seal_info, *_signed_tail(maker_certificate, signature, time_stamp))


def encode_to_sign(
    *, version: SealVersion, seal: bytes, signed_at: datetime, data_hash: bytes, property_info: str
) -> bytes:
    """TBS_Sign in DER: what the signer signs."""
    return sequence(
        integer(version.value),
        seal,
        generalized_time(signed_at),
        bit_string(data_hash),
        ia5_string(property_info),
    )


def encode_value(
    to_sign: bytes, *, signer_certificate: bytes, signature: bytes, time_stamp: bytes | None = None
) -> bytes:
    """SES_Signature in DER."""
    return sequence(to_sign, *_signed_tail(signer_certificate, signature, time_stamp))


def _signed_tail(certificate: bytes, signature: bytes, time_stamp: bytes | None) -> tuple[bytes, ...]:
    tail = (octet_string(certificate), oid(oids.SM2_SM3_SIGNATURE), bit_string(signature))
    return tail if time_stamp is None else (*tail, context(0, bit_string(time_stamp)))
