"""Reading whatever form a message came in. A CMS form has its place here: same headers, another signature around."""

from __future__ import annotations

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope import json_form
from egov_sdk.exchange.envelope.canonical import read_json
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.problems import NOTHING, unreadable
from egov_sdk.exchange.envelope.sealed import SealedMessage
from egov_sdk.exchange.envelope.signed import SignedMessage
from egov_sdk.report import Text

__all__ = ["read_message"]

_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


def begins_with(data: bytes) -> bytes:
    """The first octet that is no blank."""
    return data[:64].removeprefix(_BOM).lstrip(_BLANKS)[:1]


def check_size(data: bytes, limits: EnvelopeLimits) -> None:
    """Not more octets than are read.

    Raises:
        LimitExceeded: there are more.
    """
    if len(data) > limits.message_bytes:
        raise LimitExceeded("message_bytes", allowed=limits.message_bytes, found=len(data))


def read_message(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> SignedMessage | SealedMessage:
    """Read a message in JSON or XML, signed or sealed; nothing of it is verified.

    Raises:
        ParseError: it is none.
        LimitExceeded: larger than the limits allow.
    """
    check_size(data, limits)
    begin = begins_with(data)
    if begin == b"{":
        members = read_json(data, depth=limits.depth)
        of = json_form.signed_of if "signatures" in members else json_form.sealed_of
        return of(members, limits=limits)
    if begin != b"<":
        raise unreadable("envelope.form", found=data[:8].hex() or NOTHING)
    from egov_sdk.exchange.envelope import xml_form

    kind, members = xml_form.read_document(data, limits=limits)
    if kind == "message":
        return xml_form.signed_of(members, limits=limits)
    if kind == "sealed":
        return xml_form.sealed_of(members, limits=limits)
    raise unreadable("envelope.xml", found=kind, expected=Text("message or sealed", "message 或 sealed"))
