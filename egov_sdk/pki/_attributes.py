"""Signed and unsigned attributes of CMS."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.crypto.der import (
    Tlv,
    children,
    decode_oid,
    decode_time,
    expect,
    generalized_time,
    octet_string,
    oid,
    read_one,
    sequence,
    set_of,
    utc_time,
)
from egov_sdk.errors import ParseError

CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"


@dataclass(frozen=True, slots=True)
class CmsAttribute:
    """One attribute: its type, and its values as whole TLVs."""

    oid: str
    values: tuple[bytes, ...] = field(repr=False)


def read_attributes(tlv: Tlv, *, where: str, code: str) -> tuple[CmsAttribute, ...]:
    """The attributes of a SET OF Attribute, whatever its tag."""
    found = []
    for part in children(tlv, where=where):
        pair = children(expect(part, 0x30, where=where), where=where)
        if len(pair) != 2:
            raise ParseError(
                f"an attribute has 2 parts, found {len(pair)}", where=f"{where}, byte {part.offset}", code=code
            )
        values = children(expect(pair[1], 0x31, where=where), where=where)
        found.append(CmsAttribute(decode_oid(pair[0], where=where), tuple(value.raw for value in values)))
    return tuple(found)


def only_value(attributes: tuple[CmsAttribute, ...], kind: str, *, where: str, code: str) -> Tlv | None:
    """The one value of an attribute that may come only once, or None."""
    found = [attribute for attribute in attributes if attribute.oid == kind]
    if not found:
        return None
    if len(found) > 1 or len(found[0].values) != 1:
        # RFC 5652, 11: one instance, one value; which of several counts would be a guess
        raise ParseError(f"attribute {kind} must come once with one value", where=where, code=code)
    return read_one(found[0].values[0], where=where)


def message_digest(attributes: tuple[CmsAttribute, ...], *, where: str, code: str) -> bytes | None:
    value = only_value(attributes, MESSAGE_DIGEST, where=where, code=code)
    return expect(value, 0x04, where=where).content if value else None


def content_type(attributes: tuple[CmsAttribute, ...], *, where: str, code: str) -> str | None:
    value = only_value(attributes, CONTENT_TYPE, where=where, code=code)
    return decode_oid(value, where=where) if value else None


def signing_time(attributes: tuple[CmsAttribute, ...], *, where: str, code: str) -> datetime | None:
    value = only_value(attributes, SIGNING_TIME, where=where, code=code)
    return decode_time(value, where=where) if value else None


def attribute(kind: str, *values: bytes) -> bytes:
    """One encoded attribute."""
    return sequence(oid(kind), set_of(*values))


def signed_attributes(
    digest: bytes, *, content_type: str, signing_time: datetime | None, extra: tuple[bytes, ...] = ()
) -> bytes:
    """The SET OF attributes that is signed: type of the content, its digest, the time if given, and others."""
    parts = [attribute(CONTENT_TYPE, oid(content_type)), attribute(MESSAGE_DIGEST, octet_string(digest)), *extra]
    if signing_time is not None:
        parts.append(attribute(SIGNING_TIME, x509_time(signing_time)))
    return set_of(*parts)


def x509_time(moment: datetime) -> bytes:
    """UTCTime until 2049, GeneralizedTime from 2050 on, whole seconds (RFC 5280, 4.1.2.5)."""
    moment = moment.replace(microsecond=0)
    try:
        return utc_time(moment)
    except ValueError:
        return generalized_time(moment)
