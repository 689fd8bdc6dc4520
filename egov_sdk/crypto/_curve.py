"""The curve sm2p256v1, and the one place where octets become a point.

Source: GB/T 32918.5; GB/T 32918.1-2016, 4.2 and 6.2.1.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.crypto._native import find_kernel
from egov_sdk.errors import ParseError

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX: Final = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY: Final = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

#: a || b || Gx || Gy, the part of Z that is the same for everyone
Z_CONSTANTS: Final = b"".join(value.to_bytes(32, "big") for value in (A, B, GX, GY))

_CODE = "egov.crypto.point"
_FORMS = "SEC 1 octets: 65 beginning with 04, 06 or 07, or 33 beginning with 02 or 03"


def _error(message: str) -> ParseError:
    return ParseError(message, code=_CODE)


def point_from(octets: bytes) -> bytes:
    """As decode_point, and takes x || y in 64 bytes too, which SEC 1 does not know."""
    return _on_curve(octets) if len(octets) == 64 else decode_point(octets)


def decode_point(octets: bytes) -> bytes:
    """The point as x || y, checked: coordinates below p, on the curve, not infinity.

    Takes uncompressed (65, 04), hybrid (65, 06/07, parity checked) and compressed (33, 02/03).

    Raises:
        ParseError: not a point of the curve that may serve as a public key.
    """
    size, first = len(octets), octets[:1]
    if size == 65 and first in (b"\x04", b"\x06", b"\x07"):
        if first != b"\x04" and octets[64] & 1 != octets[0] & 1:
            raise _error("hybrid point: the first octet and y disagree about parity")
        return _on_curve(octets[1:])
    if size == 33 and first in (b"\x02", b"\x03"):
        return _decompress(octets)
    raise _error(f"expected {_FORMS}; found {size} bytes beginning with {first.hex() or 'nothing'}")


_kernel, _ = find_kernel()


def _on_curve(xy: bytes) -> bytes:
    if _kernel is not None and _kernel.is_point(xy):
        return xy
    # without the kernel; and otherwise to say what is wrong
    x, y = int.from_bytes(xy[:32], "big"), int.from_bytes(xy[32:], "big")
    if x >= P or y >= P:
        raise _error("a coordinate is not below p")
    if (y * y - (x * x + A) * x - B) % P:
        raise _error("the point is not on the curve sm2p256v1")
    return xy


def _decompress(octets: bytes) -> bytes:
    x = int.from_bytes(octets[1:], "big")
    if x >= P:
        raise _error("a coordinate is not below p")
    v = ((x * x + A) * x + B) % P
    y = pow(v, (P + 1) // 4, P)  # p mod 4 = 3
    if y * y % P != v:
        raise _error("no point of the curve sm2p256v1 has this x")
    # y = 0 cannot occur: the order n is an odd prime, so no point has order 2
    if y & 1 != octets[0] & 1:
        y = P - y
    return octets[1:] + y.to_bytes(32, "big")
