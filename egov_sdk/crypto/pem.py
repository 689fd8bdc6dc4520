"""PEM blocks: read all of a file, write one."""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from dataclasses import dataclass, field

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits

__all__ = ["PemBlock", "looks_like_pem", "read_pem", "write_pem"]

_CODE = "egov.input.pem"
_BEGIN = b"-----BEGIN "
_BOUNDARY = re.compile(rb"^[ \t]*-----(BEGIN|END) ([ -~]{1,64}?)-----[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PemBlock:
    """One block: its label, such as ``PRIVATE KEY``, and the bytes inside."""

    label: str
    der: bytes = field(repr=False)


def looks_like_pem(data: bytes) -> bool:
    """Whether there is a PEM block in the data, readable or not."""
    return _BEGIN in data


def read_pem(data: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS, where: str = "") -> tuple[PemBlock, ...]:
    """All PEM blocks, in order; text outside of them is skipped.

    Raises:
        ParseError: a block does not end, ends under another label, has headers, or is not base64.
        LimitExceeded: larger than ``limits.total_bytes``, or more blocks than ``limits.elements``.
    """
    if len(data) > limits.total_bytes:
        raise LimitExceeded("total_bytes", allowed=limits.total_bytes, found=len(data), where=where)
    blocks: list[PemBlock] = []
    open_label: bytes | None = None
    start = 0
    for match in _BOUNDARY.finditer(data):
        kind, label = match.groups()
        if kind == b"BEGIN":
            if open_label is not None:
                raise _error("a block begins inside another", where, match.start())
            open_label, start = label, match.end()
        elif open_label != label:
            raise _error("a block ends that did not begin", where, match.start())
        else:
            if len(blocks) >= limits.elements:
                raise LimitExceeded("elements", allowed=limits.elements, found=len(blocks) + 1, where=where)
            blocks.append(PemBlock(label.decode("ascii"), _decode(data[start : match.start()], where, start)))
            open_label = None
    if open_label is not None or not blocks:
        raise _error("no complete PEM block", where, start)
    return tuple(blocks)


def _decode(body: bytes, where: str, offset: int) -> bytes:
    if b":" in body:
        raise _error("PEM headers are not read: is this an old-style encrypted key?", where, offset)
    try:
        return binascii.a2b_base64(b"".join(body.split()), strict_mode=True)
    except binascii.Error as error:
        raise _error(f"not base64: {error}", where, offset) from None


def _error(message: str, where: str, offset: int) -> ParseError:
    place = f"{where}, byte {offset}" if where else f"byte {offset}"
    return ParseError(message, where=place, code=_CODE, offset=offset)


def write_pem(label: str, der: bytes) -> bytes:
    """One PEM block with lines of 64 characters."""
    text = b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join((f"-----BEGIN {label}-----".encode(), *lines, f"-----END {label}-----".encode(), b""))
