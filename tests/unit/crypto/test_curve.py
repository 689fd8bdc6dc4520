"""The one place where octets become a point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PublicKey
from egov_sdk.crypto._curve import GX, GY, Z_CONSTANTS, B, N, P, decode_point, point_from
from egov_sdk.errors import ParseError


def b32(value: int) -> bytes:
    return value.to_bytes(32, "big")


G = b32(GX) + b32(GY)
NEGATIVE_G = b32(GX) + b32(P - GY)
#: the points with x = 0 stand for all whose coordinates have room for + p in 32 bytes
ROOT_OF_B = pow(B, (P + 1) // 4, P)


def test_the_curve_is_the_one_of_the_standard() -> None:
    assert (GY * GY - GX**3 + 3 * GX - B) % P == 0
    assert P == 2**256 - 2**224 - 2**96 + 2**64 - 1
    assert N < P
    assert b32(P - 3) + b32(B) + G == Z_CONSTANTS


@pytest.mark.parametrize("point", [G, NEGATIVE_G, bytes(32) + b32(ROOT_OF_B), bytes(32) + b32(P - ROOT_OF_B)])
def test_every_form_of_a_point_is_read(point: bytes) -> None:
    parity = point[-1] & 1
    for form in (b"\x04" + point, bytes((6 + parity,)) + point, bytes((2 + parity,)) + point[:32]):
        assert decode_point(form) == point
        assert point_from(form) == point
    assert point_from(point) == point


REFUSED = {
    "nothing": b"",
    "infinity": b"\x00",
    "infinity in 65 bytes": bytes(65),
    "(0, 0)": b"\x04" + bytes(64),
    "off the curve": b"\x04" + b32(GX) + b32(GY + 1),
    "x and y exchanged": b"\x04" + b32(GY) + b32(GX),
    "x + p": b"\x04" + b32(P) + b32(ROOT_OF_B),
    "x + p, compressed": b"\x02" + b32(P),
    "y = p": b"\x04" + b32(GX) + b32(P),
    "all ones": b"\x04" + b"\xff" * 64,
    "hybrid with the other parity": b"\x07" + G,
    "hybrid off the curve": b"\x06" + b32(GX) + b32(GY + 2),
    "compressed without a point": b"\x02" + b32(2),
    "compressed prefix in 65 bytes": b"\x02" + G,
    "uncompressed prefix in 33 bytes": b"\x04" + b32(GX),
    "another prefix": b"\x05" + G,
    "a byte too few": (b"\x04" + G)[:-1],
    "a byte too many": b"\x04" + G + b"\x00",
    "a byte in front": b"\x00\x04" + G,
    "text": (b"\x04" + G).hex().encode(),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_point_is_refused(case: str) -> None:
    for read in (decode_point, point_from, SM2PublicKey.from_point):
        with pytest.raises(ParseError) as caught:
            read(REFUSED[case])
        assert caught.value.code == "egov.crypto.point"


def test_bare_coordinates_are_no_sec1_point() -> None:
    with pytest.raises(ParseError, match="64 bytes beginning with 32"):
        decode_point(G)
    with pytest.raises(ParseError, match="not on the curve"):
        point_from(b32(GX) + b32(GX))


@given(st.binary(min_size=33, max_size=65))
def test_whatever_is_accepted_is_on_the_curve(octets: bytes) -> None:
    for form in (octets, b"\x02" + octets[:32]):
        try:
            point = decode_point(form)
        except ParseError:
            continue
        x, y = int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")
        assert x < P
        assert y < P
        assert (y * y - x**3 + 3 * x - B) % P == 0
        assert point[:32] == form[1:33]
