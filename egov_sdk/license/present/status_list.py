"""Status lists (状态列表): how every licence of a list is doing, signed by the issuer, so small that it can be kept.

Four bits for each licence, compressed. A licence stands at a place drawn by lot, so that the list tells nothing to
somebody who has not been shown the licence; places that nobody has say the same as licences in force.

Source:
    The idea of the IETF's Token Status List; the format is our own and in the documentation.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from egov_sdk.crypto import InvalidSignature, Signer
from egov_sdk.crypto.keys import Random
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.license.present import _cbor
from egov_sdk.license.present._places import unreadable
from egov_sdk.license.present._shapes import (
    SIGNATURE_BYTES,
    array,
    moment,
    number,
    octets,
    seconds,
    sign,
    signing_input,
)
from egov_sdk.license.states import LicenseState
from egov_sdk.pki import Certificate
from egov_sdk.report import Text

__all__ = [
    "DEFAULT_STATUS_LIMITS",
    "STATUS_NUMBERS",
    "StatusLimits",
    "StatusList",
    "draw_index",
    "read_status_list",
    "sign_status_list",
]

#: What stands in the list for each state. Any other number is read as unknown.
STATUS_NUMBERS: Final[Mapping[LicenseState, int]] = MappingProxyType(
    {
        LicenseState.VALID: 0,
        LicenseState.SUSPENDED: 1,
        LicenseState.REVOKED: 2,
        LicenseState.CANCELLED: 3,
        LicenseState.WITHDRAWN: 4,
        LicenseState.SUPERSEDED: 5,
        LicenseState.INACTIVE: 6,
        LicenseState.LAPSED: 7,
        LicenseState.UNKNOWN: 15,
    }
)
DEFAULT_LIST_SIZE: Final = 1 << 17

_STATES: Final = {number: state for state, number in STATUS_NUMBERS.items()}
_CONTEXT: Final = "egov-license/1 status-list"
_WHAT: Final = "status list"
_VERSION: Final = 1
_MOST_ID: Final = (1 << 32) - 1
_MOST_SEQUENCE: Final = (1 << 63) - 1
_CERTIFICATES: Final = 8
_CERTIFICATE_BYTES: Final = 16 << 10
_DRAWS: Final = 4_096


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusLimits:
    """How large a status list may be: as it comes, and how many licences it may speak of (half a byte each)."""

    list_bytes: int = 8 << 20
    entries: int = 1 << 24


DEFAULT_STATUS_LIMITS: Final = StatusLimits()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StatusList:
    """A status list as it was read; nothing is verified by reading it (see ``check_status_list``).

    Attributes:
        list_id: Which of its issuer's lists it is.
        sequence: Rises with every list of this id.
        expires_at: After this moment it says nothing any more.
        size: How many places it has.
        certificate: Whose key is said to have signed it.
        intermediates: Certificates between that one and an anchor.
    """

    list_id: int
    sequence: int
    issued_at: datetime
    expires_at: datetime
    size: int
    certificate: Certificate
    intermediates: tuple[Certificate, ...] = ()
    raw: bytes = field(repr=False)
    _states: bytes = field(repr=False)
    _body: bytes = field(repr=False)
    _signature: bytes = field(repr=False)
    _good: list[bool] = field(default_factory=list, repr=False)

    @property
    def key(self) -> str:
        """By what a verifier remembers the highest sequence number that it met: the issuer's name and the id."""
        return f"{self.certificate.subject.text}#{self.list_id}"

    @property
    def signature_is_good(self) -> bool:
        """Whether the key of its certificate signed it; worked out once."""
        if not self._good:
            self._good.append(self._verified())
        return self._good[0]

    def _verified(self) -> bool:
        try:
            key = self.certificate.public_key
            key.verify(self._signature, signing_input(_CONTEXT, self._body), form="raw")
        except (InvalidSignature, ParseError):
            return False
        return True

    def state_at(self, index: int) -> LicenseState | None:
        """How the licence at a place is doing; None where the list has no such place."""
        if not 0 <= index < self.size:
            return None
        octet = self._states[index >> 1]
        return _STATES.get(octet & 0x0F if index & 1 else octet >> 4, LicenseState.UNKNOWN)


def draw_index(size: int, *, taken: Callable[[int], bool], random: Random = os.urandom) -> int:
    """A place that is not taken, drawn by lot.

    Args:
        size: of the list; choose it well above the number of licences, so that few draws are needed.
        taken: whether a place has been given to another licence; places are not used again.
    Raises:
        ValueError: the list is full, or so nearly full that none of 4,096 draws was free: begin another list.
    """
    if size < 1:
        raise ValueError("a status list has at least one place")
    width = (size - 1).bit_length()
    octets_needed = (width + 7) // 8
    for _ in range(_DRAWS):
        index = int.from_bytes(random(octets_needed), "big") >> (8 * octets_needed - width)
        if index < size and not taken(index):
            return index
    raise ValueError(f"no free place was found among {size}: begin another list")


def sign_status_list(
    states: Mapping[int, LicenseState] | Iterable[tuple[int, LicenseState]],
    *,
    list_id: int,
    sequence: int,
    signer: Signer,
    certificate: Certificate,
    at: datetime,
    lifetime: timedelta = timedelta(days=1),
    size: int = DEFAULT_LIST_SIZE,
    intermediates: Iterable[Certificate] = (),
) -> bytes:
    """Make a status list.

    Args:
        states: by place; places not named are in force or nobody's, which nobody can tell apart.
        sequence: higher than that of every list of this id before.
        lifetime: how long verifiers may use it at most; they may demand a younger one.
        intermediates: between the certificate and an anchor, for verifiers who do not have them.
    Raises:
        ValueError: a place lies outside the list, a number is out of range, or the certificate is not the signer's.
    """
    if certificate.public_key != signer.public_key():
        raise ValueError("the certificate holds another key than the signer's")
    if not 0 <= list_id <= _MOST_ID or not 0 <= sequence <= _MOST_SEQUENCE:
        raise ValueError(f"list_id must be 0 to {_MOST_ID}, sequence 0 to {_MOST_SEQUENCE}")
    if not 1 <= size <= DEFAULT_STATUS_LIMITS.entries:
        raise ValueError(f"size must be 1 to {DEFAULT_STATUS_LIMITS.entries}")
    begin, end = seconds(at, "at"), seconds(at + lifetime, "at + lifetime")
    if end <= begin:
        raise ValueError("a status list lives for a second at least")
    bits = zlib.compress(_nibbles(states, size), 9)
    body = _cbor.encode((_VERSION, list_id, sequence, begin, end, size, bits))
    chain = tuple(each.raw for each in (certificate, *intermediates))
    return _cbor.encode((body, sign(signer, _CONTEXT, body), chain))


def _nibbles(states: Mapping[int, LicenseState] | Iterable[tuple[int, LicenseState]], size: int) -> bytes:
    packed = bytearray((size + 1) // 2)
    for index, state in states.items() if isinstance(states, Mapping) else states:
        if not 0 <= index < size:
            raise ValueError(f"the place {index} lies outside a list of {size}")
        shift = 0 if index & 1 else 4
        packed[index >> 1] = packed[index >> 1] & (0xF0 >> shift) | STATUS_NUMBERS[state] << shift
    return bytes(packed)


def read_status_list(data: bytes, *, limits: StatusLimits = DEFAULT_STATUS_LIMITS) -> StatusList:
    """Read a status list; nothing is verified. Keep what it gives: checking against it is fast.

    Raises:
        ParseError: it is none, was cut, or holds something more.
        LimitExceeded: it is larger than the limits allow, or would be when unpacked.
    """
    if len(data) > limits.list_bytes:
        raise LimitExceeded("list_bytes", allowed=limits.list_bytes, found=len(data), where=_WHAT)
    body, signature, chain = array(_cbor.decode(data, what=_WHAT), 3, what=_WHAT)
    signed = octets(body, 1, limits.list_bytes, what=f"{_WHAT}, body")
    version, list_id, sequence, begin, end, size, packed = array(
        _cbor.decode(signed, what=f"{_WHAT}, body"), 7, what=f"{_WHAT}, body"
    )
    number(version, _VERSION, _VERSION, what=f"{_WHAT}, version")
    places = number(size, 1, (1 << 32) - 1, what=f"{_WHAT}, size")
    if places > limits.entries:
        raise LimitExceeded("entries", allowed=limits.entries, found=places, where=_WHAT)
    certificates = _certificates(chain)
    return StatusList(
        list_id=number(list_id, 0, _MOST_ID, what=f"{_WHAT}, id"),
        sequence=number(sequence, 0, _MOST_SEQUENCE, what=f"{_WHAT}, sequence"),
        issued_at=moment(begin, what=f"{_WHAT}, time"),
        expires_at=moment(end, what=f"{_WHAT}, end"),
        size=places,
        certificate=certificates[0],
        intermediates=certificates[1:],
        raw=data,
        _states=_inflated(octets(packed, 1, limits.list_bytes, what=f"{_WHAT}, states"), places),
        _body=signed,
        _signature=octets(signature, SIGNATURE_BYTES, SIGNATURE_BYTES, what=f"{_WHAT}, signature"),
    )


def _certificates(chain: _cbor.Value) -> tuple[Certificate, ...]:
    what = f"{_WHAT}, certificates"
    if not isinstance(chain, tuple) or not 1 <= len(chain) <= _CERTIFICATES:
        raise unreadable(
            "presentation_value",
            where=what,
            found=Text("others", "其他内容"),
            expected=Text(f"1 to {_CERTIFICATES}", f"1 至 {_CERTIFICATES} 张证书"),
        )
    return tuple(Certificate.parse(octets(each, 1, _CERTIFICATE_BYTES, what=what)) for each in chain)


def _inflated(packed: bytes, places: int) -> bytes:
    """Exactly as many octets as the places need: a longer stream is stopped after one octet too many."""
    wanted, what = (places + 1) // 2, f"{_WHAT}, states"
    stream = zlib.decompressobj()
    try:
        states = stream.decompress(packed, wanted + 1)
    except zlib.error:
        raise unreadable(
            "presentation_value", where=what, found=Text("no zlib stream", "非 zlib 数据"), expected="zlib"
        ) from None
    if len(states) > wanted or stream.unused_data or stream.unconsumed_tail:
        raise unreadable(
            "presentation_extra", where=what, found=Text(f"more than {wanted} octets", f"超过 {wanted} 字节")
        )
    if len(states) < wanted or not stream.eof:
        found = Text(f"{len(states)} octets instead of {wanted}", f"有 {len(states)} 字节，应为 {wanted} 字节")
        raise unreadable("presentation_cut", where=what, found=found)
    if places & 1 and states[-1] & 0x0F:
        found = Text("something after the last place", "最后一个位置之后还有内容")
        raise unreadable("presentation_spelling", where=what, found=found)
    return states
