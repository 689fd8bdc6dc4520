"""The native kernel against OpenSSL and plain Python: random keys, nonces and digests, good and spoilt signatures."""

from __future__ import annotations

import hashlib

import pytest

from egov_sdk.crypto._backend.interface import Backend, BackendUnavailable
from egov_sdk.crypto._backend.select import load
from egov_sdk.crypto._curve import N
from tests.native.kernels import limited_to

LEVELS = ("none", "x86_64", "x86_64,adx,avx2,aes,clmul")


def number(*parts: object) -> bytes:
    """A reproducible number in [1, n-2]."""
    drawn = int.from_bytes(hashlib.sha256(repr(parts).encode()).digest(), "big")
    return (drawn % (N - 2) + 1).to_bytes(32, "big")


def other(name: str) -> Backend:
    try:
        return load(name)
    except BackendUnavailable as error:
        pytest.skip(f"no {name}: {error}")


def agree(theirs: Backend, *, count: int, level: str) -> None:
    native = load("native")
    for i in range(count):
        d, k, e = (number(level, kind, i) for kind in "dke")
        our_key, their_key = native.open_private(d), theirs.open_private(d)
        point = native.public_point(our_key)
        assert point == theirs.public_point(their_key)
        rs = native.sign(our_key, e, k)
        assert rs is not None
        if i % 4 == 0:
            assert rs == theirs.sign(their_key, e, k)
            assert native.mul(point, k) == theirs.mul(point, k)
        ours, their_public = native.open_public(point), theirs.open_public(point)
        if i % 2:
            native.precompute(ours)
        assert native.verify(ours, e, rs)
        assert theirs.verify(their_public, e, rs)
        spoilt = bytearray(rs)
        spoilt[k[0] % 64] ^= 1 << k[1] % 8
        assert not native.verify(ours, e, bytes(spoilt))
        assert not theirs.verify(their_public, e, bytes(spoilt))


@pytest.mark.parametrize("level", LEVELS, ids=["portable", "carry", "adx"])
@pytest.mark.parametrize("name", ["libcrypto", "pure"])
def test_random_signatures_agree(name: str, level: str) -> None:
    with limited_to(level):
        agree(other(name), count=60, level=level)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS, ids=["portable", "carry", "adx"])
@pytest.mark.parametrize("name", ["libcrypto", "pure"])
def test_ten_thousand_random_signatures_agree(name: str, level: str) -> None:
    with limited_to(level):
        agree(other(name), count=10_000, level=f"long {level}")
