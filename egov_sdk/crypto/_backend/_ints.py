"""SM2's sums modulo n on Python integers, shared by the backends that bring only point arithmetic."""

from __future__ import annotations

from typing import NamedTuple

from egov_sdk.crypto._curve import N, P


class PrivateNumbers(NamedTuple):
    """A private key d with (1 + d)^-1 mod n."""

    d: int
    inverse: int

    def __repr__(self) -> str:
        return "PrivateNumbers(...)"


def private_numbers(d: bytes) -> PrivateNumbers:
    """Prepare a private key; 1 + d is invertible because d is at most n - 2."""
    value = int.from_bytes(d, "big")
    return PrivateNumbers(value, pow(1 + value, -1, N))


def signature(key: PrivateNumbers, *, e: bytes, k: int, x1: int) -> bytes | None:
    """r || s from the x coordinate of [k]G, or None when k must be drawn again."""
    # GB/T 32918.2-2016, 6.1 A5, A6
    r = (int.from_bytes(e, "big") + x1) % N
    if r == 0 or r + k == N:
        return None
    s = (key.inverse * (k + r) - r) % N
    if s == 0:
        return None
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def split(rs: bytes) -> tuple[int, int]:
    """s and t = (r + s) mod n of a signature."""
    r, s = int.from_bytes(rs[:32], "big"), int.from_bytes(rs[32:], "big")
    return s, (r + s) % N


def matches(e: bytes, rs: bytes, x1: int) -> bool:
    """Whether (e + x1) mod n = r."""
    return (int.from_bytes(e, "big") + x1 - int.from_bytes(rs[:32], "big")) % N == 0


def x_candidates(e: bytes, rs: bytes) -> tuple[int, ...]:
    """All x below p with (e + x) mod n = r: one, or rarely two."""
    x = (int.from_bytes(rs[:32], "big") - int.from_bytes(e, "big")) % N
    return (x, x + N) if x + N < P else (x,)


def point_bytes(x: int, y: int) -> bytes:
    """x || y."""
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")
