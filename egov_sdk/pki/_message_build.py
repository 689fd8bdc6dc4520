"""Signed messages, built in DER."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime

from egov_sdk.crypto.der import (
    context,
    encode_tlv,
    integer,
    null,
    octet_string,
    oid,
    read_one,
    sequence,
    set_of,
)
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.keys import Random
from egov_sdk.crypto.oids import (
    GM_DATA,
    GM_SIGNED_DATA,
    PKCS7_DATA,
    PKCS7_SIGNED_DATA,
    SM2_SIGNING,
    SM3,
)
from egov_sdk.crypto.signer import Signer
from egov_sdk.pki import _attributes
from egov_sdk.pki._signing import sign
from egov_sdk.pki.certificate import Certificate

__all__ = ["build_message", "build_signed_data"]


def build_signed_data(
    signer: Signer,
    certificate: Certificate,
    *,
    content: bytes,
    detached: bool = False,
    attributes: bool = True,
    signing_time: datetime | None = None,
    gm_oids: bool = True,
    certificates: Iterable[Certificate] = (),
    random: Random = os.urandom,
) -> bytes:
    """Sign content into a message, in DER.

    Args:
        detached: leave the content out of the message.
        attributes: sign content type, message digest and signing time instead of the content itself.
        signing_time: the signer's word for when; only with attributes.
        gm_oids: content types of GM/T 0010; otherwise those of PKCS#7.
        certificates: more certificates to put in, such as the signer's CAs.
    Raises:
        ValueError: the certificate is not the signer's, or a time is given without attributes.
    Source:
        GB/T 35275; GM/T 0010-2012, 8.
    """
    return build_message(
        signer,
        certificate,
        content=content,
        inner_type=GM_DATA if gm_oids else PKCS7_DATA,
        outer_type=GM_SIGNED_DATA if gm_oids else PKCS7_SIGNED_DATA,
        detached=detached,
        with_attributes=attributes,
        signing_time=signing_time,
        certificates=tuple(certificates),
        random=random,
    )


def build_message(
    signer: Signer,
    certificate: Certificate,
    *,
    content: bytes,
    inner_type: str,
    outer_type: str,
    detached: bool = False,
    with_attributes: bool = True,
    signing_time: datetime | None = None,
    extra: tuple[bytes, ...] = (),
    certificates: tuple[Certificate, ...] = (),
    random: Random = os.urandom,
) -> bytes:
    """As build_signed_data, with any content type and more signed attributes."""
    if certificate.public_key != signer.public_key():
        raise ValueError("the certificate holds another key than the signer's")
    if not with_attributes and (signing_time is not None or extra):
        raise ValueError("a signing time stands among the attributes: ask for attributes too")
    signed = b""
    if with_attributes:
        signed = _attributes.signed_attributes(
            sm3(content), content_type=inner_type, signing_time=signing_time, extra=extra
        )
    info = sequence(
        integer(1),
        sequence(certificate.issuer.raw, integer(certificate.serial_number)),
        sequence(oid(SM3), null()),
        encode_tlv(0xA0, read_one(signed).content) if signed else b"",
        sequence(oid(SM2_SIGNING), null()),
        octet_string(sign(signer, signed or content, random=random)),
    )
    inner = oid(inner_type) if detached else oid(inner_type) + context(0, octet_string(content))
    held = dict.fromkeys((certificate, *certificates))
    message = sequence(
        integer(1),
        set_of(sequence(oid(SM3), null())),
        sequence(inner),
        context(0, b"".join(each.raw for each in held)),
        set_of(info),
    )
    return sequence(oid(outer_type), context(0, message))
