"""The native SM3: one message, many side by side, and what is built on it, against plain Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import hashes
from egov_sdk.crypto._sm3_pure import PureSM3
from egov_sdk.crypto.kdf import kdf_sm3, pbkdf2_hmac_sm3
from tests.native.kernels import kernel as native_kernel
from tests.native.kernels import limited_to

SM3_LEVELS = {"4 lanes": "none", "8 lanes, AVX2": "x86_64,avx2", "16 lanes, AVX-512": "x86_64,avx2,avx512"}


@pytest.fixture(params=SM3_LEVELS, ids=lambda name: name.split(",")[0])
def kernel(request: pytest.FixtureRequest) -> Iterator[Any]:
    with limited_to(SM3_LEVELS[request.param]) as module:
        assert module.features()["sm3_many"] == request.param
        yield module


def pure(message: bytes) -> bytes:
    return PureSM3(message).digest()


def octets(count: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(count)


def test_every_length_up_to_four_blocks(kernel: Any) -> None:
    messages = [octets(size, size) for size in range(260)]
    expected = [pure(message) for message in messages]
    assert [kernel.sm3(message) for message in messages] == expected
    assert kernel.sm3_many(messages) == expected
    assert kernel.sm3_many(reversed(messages)) == expected[::-1]


@pytest.mark.parametrize("count", [*range(20), 31, 32, 33, 100])
def test_any_number_of_messages_of_mixed_length_keeps_its_order(kernel: Any, count: int) -> None:
    lengths = random.Random(count)
    messages = [octets(lengths.choice([0, 1, 55, 56, 63, 64, 119, 120, 128, 1000]), i) for i in range(count)]
    assert kernel.sm3_many(messages) == [kernel.sm3(message) for message in messages]


def test_one_long_message_among_short_ones(kernel: Any) -> None:
    messages = [b"short"] * 20 + [octets(100_000, 1)] + [b""] * 3 + [octets(5_000, 2)]
    assert kernel.sm3_many(messages) == [kernel.sm3(message) for message in messages]


def test_messages_may_be_any_buffers_and_come_from_any_iterable(kernel: Any) -> None:
    message = octets(300, 7)
    views = (bytearray(message), memoryview(message), memoryview(message)[:17], message)
    assert kernel.sm3_many(iter(views)) == [kernel.sm3(message)] * 2 + [kernel.sm3(message[:17]), kernel.sm3(message)]
    assert kernel.sm3_many(()) == []


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 64, 500, 512, 513, 5000])
@pytest.mark.parametrize("z_size", [0, 1, 51, 52, 63, 64, 65, 128])
def test_kdf_agrees_with_plain_python(kernel: Any, size: int, z_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    z, info = octets(z_size, 3), octets(z_size % 7, 4)
    monkeypatch.setattr(hashes, "_provider", "hashlib")
    assert kernel.kdf_sm3(z, size, info) == kdf_sm3(z, size, shared_info=info)


@pytest.mark.parametrize("length", [-1, 32 * (2**32 - 1) + 1])
def test_kdf_has_an_end(length: int) -> None:
    with pytest.raises(ValueError, match="length"):
        native_kernel().kdf_sm3(b"z", length, b"")


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=130), st.binary(max_size=70), st.integers(1, 5), st.integers(1, 100))
def test_pbkdf2_agrees_with_plain_python(password: bytes, salt: bytes, iterations: int, length: int) -> None:
    derived = native_kernel().pbkdf2_hmac_sm3(password, salt, iterations, length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashes, "_provider", "pure")
        patch.setattr(hashes, "_new", PureSM3)
        assert derived == pbkdf2_hmac_sm3(password, salt, iterations=iterations, length=length)


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_hmac_agrees_with_plain_python(key: bytes, message: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashes, "_provider", "pure")
        patch.setattr(hashes, "_new", PureSM3)
        expected = hashes.hmac_sm3(key, message)
    assert native_kernel().hmac_sm3(key, message) == expected


@given(st.lists(st.binary(max_size=150), max_size=8))
def test_a_running_hash_is_the_hash_of_its_parts(parts: list[bytes]) -> None:
    kernel = native_kernel()
    running, whole = kernel.SM3(), b""
    for part in parts:
        running.update(part)
        whole += part
        twin = running.copy()
        twin.update(b"!")
        assert running.digest() == pure(whole)
        assert twin.digest() == pure(whole + b"!")
    assert kernel.SM3(whole).digest() == running.digest()


def test_large_parts_that_run_without_the_lock_are_the_same() -> None:
    kernel, message = native_kernel(), octets(20_000, 9)
    running = kernel.SM3(message[:5_001])
    running.update(message[5_001:])
    assert running.digest() == kernel.sm3(message) == kernel.sm3_many([message])[0]


def test_wrong_arguments_are_refused() -> None:
    kernel = native_kernel()
    for call in (
        partial(kernel.sm3, "text"),
        partial(kernel.sm3, None),
        partial(kernel.sm3_many, 5),
        partial(kernel.sm3_many, [b"a", "b"]),
        partial(kernel.sm3_many, [b"a", None, b"c"]),
        partial(kernel.hmac_sm3, b"key"),
        partial(kernel.hmac_sm3, b"key", 3),
        partial(kernel.hmac_sm3, "key", b"message"),
        partial(kernel.kdf_sm3, b"z", "1", b""),
        partial(kernel.kdf_sm3, b"z", 1),
        partial(kernel.kdf_sm3, b"z", 1, None),
        partial(kernel.pbkdf2_hmac_sm3, b"p", b"s", 1.5, 1),
        partial(kernel.pbkdf2_hmac_sm3, "p", b"s", 1, 1),
        partial(kernel.SM3, "text"),
        partial(kernel.SM3, b"", b""),
        partial(kernel.SM3().update, None),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(TypeError):
        kernel.SM3(data=b"")
    for numbers in ((0, 1), (1, 0), (-1, 1), (1, -1)):
        with pytest.raises(ValueError, match="at least 1"):
            kernel.pbkdf2_hmac_sm3(b"p", b"s", *numbers)
