"""The arithmetic backends against each other and against a reference that is too simple to be wrong."""

from __future__ import annotations

import functools
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey, available_backends
from egov_sdk.crypto._backend import select
from egov_sdk.crypto._backend.interface import Backend
from egov_sdk.crypto._curve import GX, GY, A, B, N, P

Point = tuple[int, int] | None

NAMES = [status.name for status in available_backends() if status.available]
#: gmssl takes 5 ms for a multiplication: it gets a part of the long lists
SLOW = frozenset({"gmssl"})


def b32(value: int) -> bytes:
    return value.to_bytes(32, "big")


def octets(point: Point) -> bytes | None:
    return None if point is None else b32(point[0]) + b32(point[1])


def certain(octets: bytes | None) -> bytes:
    assert octets is not None
    return octets


# The reference: affine addition by the textbook, one inversion each (GB/T 32918.1-2016, 3.2.3.1)


def ref_add(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if left == right else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def ref_times(k: int, point: Point) -> Point:
    result: Point = None
    for bit in f"{k % N:b}":
        result = ref_add(result, result)
        if bit == "1":
            result = ref_add(result, point)
    return result


G = (GX, GY)
OTHER = ref_times(0xC0FFEE, G)
OTHER_OCTETS = certain(octets(OTHER))


def edge_scalars() -> list[int]:
    """Where windows, carries and signs meet: small and large, powers of two and their neighbours, half the order."""
    edges = {*range(20), *range(N - 20, N + 20), N // 2 - 1, N // 2, N // 2 + 1, N // 2 + 2, (1 << 256) - 1}
    for bits in (4, 5, 6, 8, 9, 45, 54, 64, 128, 224, 250, 252, 255):
        edges |= {1 << bits, (1 << bits) - 1, (1 << bits) + 1, N - (1 << bits)}
    for width in (5, 6, 8, 9):
        ones = sum(1 << (width * i) for i in range(256 // width))
        edges |= {ones, ones * ((1 << (width - 1)) - 1), ones << (width - 1), (ones << (width - 1)) - ones}
    return sorted(edge for edge in edges if 0 <= edge < 1 << 256)


SCALARS = edge_scalars()


@functools.cache
def expected(k: int, base: bool) -> bytes | None:
    return octets(ref_times(k, G if base else OTHER))


@pytest.fixture(params=NAMES)
def backend(request: pytest.FixtureRequest) -> Backend:
    return select.load(request.param)


def some(backend: Backend, scalars: list[int]) -> list[int]:
    return scalars[::17] if backend.name in SLOW else scalars


def test_the_reference_is_on_the_curve() -> None:
    assert OTHER is not None
    assert (OTHER[1] ** 2 - OTHER[0] ** 3 - A * OTHER[0] - B) % P == 0
    assert ref_times(N, G) is None
    assert ref_times(N - 1, G) == (GX, P - GY)


def test_edge_multiples_of_the_base_point(backend: Backend) -> None:
    for k in some(backend, SCALARS):
        assert backend.mul_base(b32(k)) == expected(k, True), k


def test_edge_multiples_of_another_point(backend: Backend) -> None:
    for k in some(backend, SCALARS):
        assert backend.mul(OTHER_OCTETS, b32(k)) == expected(k, False), k


@pytest.mark.parametrize("k", [0, N])
def test_infinity_is_said_to_be_so(backend: Backend, k: int) -> None:
    assert backend.mul_base(b32(k)) is None
    assert backend.mul(OTHER_OCTETS, b32(k)) is None


def test_sums_of_equal_opposite_and_other_points(backend: Backend) -> None:
    points = [ref_times(k, G) for k in (1, 2, 3, N - 1, N - 2)]
    for left in points:
        for right in points:
            found = backend.add(certain(octets(left)), certain(octets(right)))
            assert found == octets(ref_add(left, right))


@pytest.mark.parametrize("d", [1, 2, N - 2, N // 2])
def test_public_points(backend: Backend, d: int) -> None:
    assert backend.public_point(backend.open_private(b32(d))) == octets(ref_times(d, G))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, N - 2), st.integers(0, (1 << 256) - 1), st.integers(1, N - 1))
def test_all_backends_sign_and_verify_alike(d: int, e: int, k: int) -> None:
    signatures = {}
    for name in NAMES:
        backend = select.load(name)
        signatures[name] = backend.sign(backend.open_private(b32(d)), b32(e), b32(k))
    assert len(set(signatures.values())) == 1
    signature = next(iter(signatures.values()))
    if signature is None:
        return
    wrong = b32(e ^ 1)
    for name in NAMES:
        backend = select.load(name)
        public = backend.open_public(backend.public_point(backend.open_private(b32(d))))
        assert backend.verify(public, b32(e), signature)
        assert not backend.verify(public, wrong, signature)
        backend.precompute(public)
        assert backend.verify(public, b32(e), signature)
        assert not backend.verify(public, wrong, signature)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, (1 << 256) - 1), st.integers(0, (1 << 256) - 1))
def test_all_backends_multiply_alike(j: int, k: int) -> None:
    base = {select.load(name).mul_base(b32(k)) for name in NAMES}
    assert len(base) == 1
    point = base.pop()
    if point is not None:
        assert len({select.load(name).mul(point, b32(j)) for name in NAMES}) == 1


def equations(d: int, *, r: int, s: int) -> tuple[bytes, bytes]:
    """The digest under which r || s is a signature of d's key, by the verification equation itself."""
    point = ref_times((s + (r + s) * d) % N, G)
    assert point is not None
    return b32((r - point[0]) % N), b32(r) + b32(s)


@pytest.mark.parametrize("d", [1, 2, 3, 7, N - 2, N - 3, 0xC0FFEE])
def test_signatures_made_backwards_meet_every_special_sum(backend: Backend, d: int) -> None:
    inverse = pow(d, -1, N)
    pairs = [(1, 1), (1, N - 2), (N - 2, 1), (5, 7), (N - 1, N - 1), (N // 2, N // 2), (1, 2), (2**128, 2**200)]
    doubling = [((s * inverse - s) % N, s) for s in (1, 5, N - 5)]  # sG = tP: t = s/d
    doubling += [(r, s) for r, s in pairs]
    public = backend.open_public(backend.public_point(backend.open_private(b32(d))))
    for prepared in (False, True):
        if prepared:
            backend.precompute(public)
        for r, s in doubling:
            if r == 0 or (r + s) % N == 0 or (s + (r + s) * d) % N == 0:
                continue
            e, signature = equations(d, r=r, s=s)
            assert backend.verify(public, e, signature), (d, r, s)
            assert not backend.verify(public, b32((int.from_bytes(e, "big") + 1) % N), signature), (d, r, s)


@pytest.mark.parametrize("prepared", [False, True])
def test_infinity_never_verifies(backend: Backend, prepared: bool) -> None:
    for d, t in ((5, 77), (N - 2, 1), (1, N - 1), (0xC0FFEE, 1 << 200)):
        s = -t * d % N
        r = (t - s) % N
        public = backend.open_public(backend.public_point(backend.open_private(b32(d))))
        if prepared:
            backend.precompute(public)
        for e in (r, (r - 1) % N, 0):
            assert not backend.verify(public, b32(e), b32(r) + b32(s))


def test_x_above_n_verifies_under_both_its_names(backend: Backend) -> None:
    # no number is known whose point has n <= x < p, so take such a point as the key: with d unknown, s = 0 is
    # not allowed, but P itself is s G + t P for s = n, that is: choose the key Q = (P - sG) / t
    x = N
    while True:
        y = pow((x**3 + A * x + B) % P, (P + 1) // 4, P)
        if (y * y - x**3 - A * x - B) % P == 0:
            break
        x += 1
    assert x < P
    s, t = 12345, 67890
    opposite = ref_times(N - s, G)
    key = ref_times(pow(t, -1, N), ref_add((x, y), opposite))
    r = (t - s) % N
    e = (r - x) % N
    public = backend.open_public(certain(octets(key)))
    signature = b32(r) + b32(s)
    for prepared in (False, True):
        if prepared:
            backend.precompute(public)
        assert backend.verify(public, b32(e), signature)
        assert backend.verify(public, b32(e + N), signature) == (e + N < 1 << 256)
        assert not backend.verify(public, b32((e + 1) % N), signature)


@pytest.mark.parametrize("e", [0, 1, N - 1, N, N + 1, (1 << 256) - 1])
def test_digests_at_and_above_n_are_taken_modulo_n(backend: Backend, e: int) -> None:
    private = backend.open_private(b32(42))
    signature = backend.sign(private, b32(e), b32(99))
    assert signature == backend.sign(private, b32(e % N), b32(99))
    assert backend.verify(backend.open_public(backend.public_point(private)), b32(e), certain(signature))


def test_a_nonce_that_must_not_be_used_gives_none(backend: Backend) -> None:
    d, k = 4242, 99
    point = ref_times(k, G)
    assert point is not None
    x = point[0]
    private = backend.open_private(b32(d))
    for e in ((-x) % N, (-k - x) % N, (k * pow(d, -1, N) - x) % N):  # r = 0, r + k = n, s = 0
        assert backend.sign(private, b32(e), b32(k)) is None
        assert backend.sign(private, b32((e + 1) % N), b32(k)) is not None


@pytest.mark.parametrize("k", [1, 2, N - 1, N - 2])
def test_edge_nonces_sign(backend: Backend, k: int) -> None:
    private = backend.open_private(b32(42))
    signature = certain(backend.sign(private, b32(7), b32(k)))
    assert backend.verify(backend.open_public(backend.public_point(private)), b32(7), signature)


def test_a_key_for_one_backend_verifies_what_another_signed() -> None:
    key = SM2PrivateKey.generate()
    message, signature = os.urandom(20), key.sign(b"")
    for signing in NAMES:
        select.set_backend(signing)
        signature = key.sign(message)
        for verifying in NAMES:
            select.set_backend(verifying)
            SM2PublicKey.from_point(key.public_key().point).verify(signature, message)
    select.set_backend(None)
