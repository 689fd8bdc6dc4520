"""What only the plain Python backend has: its tables, and when it builds and drops them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto._backend import pure
from egov_sdk.crypto._backend._ints import PrivateNumbers, private_numbers, x_candidates
from egov_sdk.crypto._backend.pure import Comb, PureBackend
from egov_sdk.crypto._curve import GX, GY, N, P

G = (GX, GY)


def b32(value: int) -> bytes:
    return value.to_bytes(32, "big")


@pytest.fixture(scope="module")
def combs() -> dict[int, Comb]:
    return {window: Comb(G, window) for window in (2, 3, 5, 6, 8, 9)}


def value(comb: Comb, k: int) -> bytes | None:
    return pure._pack_extended(pure._add_all(pure._INFINITY, comb.addends(k)))


@settings(deadline=None, max_examples=30)
@given(st.one_of(st.integers(0, N - 1), st.sampled_from([0, 1, 2, N - 1, N // 2, N // 2 + 1, 1 << 255])))
def test_combs_of_every_width_agree(combs: dict[int, Comb], k: int) -> None:
    expected = pure._pack(pure._multiply(G, k))
    assert {value(comb, k) for comb in combs.values()} == {expected}


@given(st.integers(0, N - 1))
def test_signed_digits_add_up(k: int) -> None:
    digits = pure._wnaf(k)
    assert sum(digit << place for place, digit in digits) == k
    assert all(digit % 2 == 1 and abs(digit) < 16 for _, digit in digits)
    places = [place for place, _ in digits]
    assert all(high - low >= 5 for high, low in itertools.pairwise(places))


@given(st.lists(st.integers(1, P - 1), min_size=1, max_size=8))
def test_many_inverses_at_once(values: list[int]) -> None:
    assert pure._invert_all(values) == [pow(value, -1, P) for value in values]


def test_no_inverses_at_once() -> None:
    assert pure._invert_all([]) == []


def test_sums_from_infinity_and_through_it() -> None:
    opposite = (GX, P - GY)
    assert pure._add(pure._INFINITY, G) == (*G, 1)
    assert pure._add((*G, 1), opposite)[2] == 0
    through = pure._add_all(pure._INFINITY, [None, G, opposite, None, G, G])
    assert pure._pack_extended(through) == pure._pack(pure._double((*G, 1)))
    assert pure._pack_extended(pure._add_all((*G, 1), [opposite])) is None
    assert pure._pack(pure._INFINITY) is None


def test_doubling_infinity_stays_there() -> None:
    assert pure._double(pure._INFINITY, 3)[2] == 0


def test_a_key_gets_its_table_with_the_third_verification() -> None:
    backend = PureBackend()
    private = backend.open_private(b32(42))
    signature = backend.sign(private, bytes(32), b32(7))
    assert signature is not None
    public = backend.open_public(backend.public_point(private))
    for expected in (False, False, True, True):
        assert backend.verify(public, bytes(32), signature)
        assert (public.comb is not None) == expected


def test_a_table_is_built_once() -> None:
    backend = PureBackend()
    public = backend.open_public(b32(GX) + b32(GY))
    backend.precompute(public)
    comb = public.comb
    backend.precompute(public)
    assert public.comb is comb


def test_only_so_many_keys_keep_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pure, "_TABLES_KEPT", 2)
    backend = PureBackend()
    keys = [backend.open_public(backend.public_point(backend.open_private(b32(d)))) for d in (2, 3, 4)]
    for key in keys:
        backend.precompute(key)
    assert [key.comb is not None for key in keys] == [False, True, True]
    backend.precompute(keys[0])
    assert [key.comb is not None for key in keys] == [True, False, True]


def test_the_table_of_the_base_point_grows_when_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pure, "_USES_OF_SMALL", 3)
    backend = PureBackend()
    assert [len(backend._generator()._rows) for _ in range(4)] == [43, 43, 29, 29]
    assert backend.mul_base(b32(1)) == b32(GX) + b32(GY)


def test_x_has_a_second_name_only_just_below_p() -> None:
    assert x_candidates(b32(0), b32(5) + bytes(32)) == (5, 5 + N)
    assert x_candidates(b32(5), b32(5) + bytes(32)) == (0, N)
    assert x_candidates(b32(0), b32(P - N) + bytes(32)) == (P - N,)
    assert x_candidates(b32(N), b32(N - 1) + bytes(32)) == (N - 1,)


def test_prepared_numbers_do_not_show_themselves() -> None:
    numbers = private_numbers(b32(4242))
    assert numbers.inverse * 4243 % N == 1
    assert repr(numbers) == str(numbers) == "PrivateNumbers(...)"
    assert isinstance(numbers, PrivateNumbers)
