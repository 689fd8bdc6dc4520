"""Key objects of the native kernel: their combs, threads that share them, and processes that fork."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.signature import decode_signature, raw_to_der
from egov_sdk.errors import ParseError
from tests.native.kernels import kernel as native_kernel

D = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
Z = sm3(b"Z")
LIMIT = 256


@pytest.fixture
def kernel() -> Iterator[Any]:
    module = native_kernel()
    gc.collect()
    yield module
    module.limit_combs(LIMIT)


def public_key(kernel: Any, number: int) -> tuple[Any, bytes, bytes]:
    """A key object with a digest and a signature that belong to it."""
    private = kernel.open_private(number.to_bytes(32, "big"))
    e = sm3(b"message")
    return kernel.open_public(kernel.public_point(private)), e, kernel.sign(private, e, sm3(b"nonce"))


def test_the_third_verification_with_a_key_prepares_it(kernel: Any) -> None:
    key, e, rs = public_key(kernel, 4711)
    prepared = []
    for _ in range(4):
        assert kernel.verify(key, e, rs)
        prepared.append(kernel.is_precomputed(key))
    assert prepared == [False, False, True, True]


def test_bad_signatures_count_as_uses_too_and_stay_bad(kernel: Any) -> None:
    key, e, rs = public_key(kernel, 4712)
    for _ in range(5):
        assert not kernel.verify(key, sm3(e), rs)
    assert kernel.is_precomputed(key)
    assert kernel.verify(key, e, rs)


def test_a_key_is_prepared_on_demand_and_twice_is_once(kernel: Any) -> None:
    before = kernel.limit_combs(0)
    key, e, rs = public_key(kernel, 4713)
    kernel.precompute(key)
    kernel.precompute(key)
    assert kernel.is_precomputed(key)
    assert kernel.limit_combs(0) == before + 1
    assert kernel.verify(key, e, rs)
    del key
    gc.collect()
    assert kernel.limit_combs(0) == before


def test_the_least_recently_used_key_gives_way(kernel: Any) -> None:
    kernel.limit_combs(3)
    keys = [public_key(kernel, 100 + i) for i in range(4)]
    for key, _, _ in keys[:3]:
        kernel.precompute(key)
    first, e, rs = keys[0]
    assert kernel.verify(first, e, rs)  # now the second is the oldest
    kernel.precompute(keys[3][0])
    assert [kernel.is_precomputed(key) for key, _, _ in keys] == [True, False, True, True]
    assert kernel.limit_combs(0) == 3
    for key, e, rs in keys:
        assert kernel.verify(key, e, rs)


def test_a_key_that_gave_way_does_not_push_others_out_at_once(kernel: Any) -> None:
    kernel.limit_combs(1)
    (first, e, rs), (second, _, _) = public_key(kernel, 200), public_key(kernel, 201)
    kernel.precompute(first)
    kernel.precompute(second)
    for _ in range(20):
        assert kernel.verify(first, e, rs)
    assert not kernel.is_precomputed(first)
    assert kernel.is_precomputed(second)


def test_threads_that_hammer_one_key_agree(kernel: Any) -> None:
    kernel.limit_combs(2)  # so that combs come and go while they are in use
    keys = [public_key(kernel, 300 + i) for i in range(4)]
    shared, e, rs = keys[0]
    private = kernel.open_private(D)
    own = kernel.open_public(kernel.public_point(private))
    wrong: list[str] = []

    def work(number: int) -> None:
        for i in range(150):
            message = b"%d %d" % (number, i)
            if not kernel.verify(shared, e, rs) or kernel.verify(shared, message.ljust(32), rs):
                wrong.append("shared")
            raw = kernel.sign_message(private, Z, message, os.urandom(32))
            if not kernel.verify_message(own, Z, message, raw) or kernel.verify_message(own, Z, b"other", raw):
                wrong.append("own")
            kernel.precompute(keys[i % 4][0])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_long_work_leaves_the_interpreter_to_other_threads(kernel: Any) -> None:
    private = kernel.open_private(D)
    public = kernel.open_public(kernel.public_point(private))
    messages = [b"%d" % i for i in range(3_000)]
    signatures = kernel.sign_messages(private, Z, messages, os.urandom(32 * len(messages)))
    block = bytes(1 << 22)
    key = kernel.sm4_key(bytes(16))
    for work in (
        lambda: kernel.sign_messages(private, Z, messages, bytes(32 * len(messages))),
        lambda: kernel.verify_messages(public, Z, messages, signatures),
        lambda: kernel.sm3(block * 4),
        lambda: kernel.sm3_many([block] * 16),
        lambda: kernel.pbkdf2_hmac_sm3(b"p", b"s", 100_000, 32),
        lambda: kernel.sm4_cbc_encrypt(key, bytes(16), block),
    ):
        begun, ended = threading.Event(), threading.Event()

        def run(work: Any = work, begun: threading.Event = begun, ended: threading.Event = ended) -> None:
            begun.set()
            work()
            ended.set()

        thread = threading.Thread(target=run)
        thread.start()
        begun.wait()
        turns = 0
        while not ended.is_set():
            turns += 1
        thread.join()
        # with the lock held meanwhile there would be a few at both ends
        assert turns > 1_000


def _child(connection: Any, kernel: Any, private: Any) -> None:
    connection.send(kernel.sign_message(private, Z, b"message", os.urandom(32)))
    connection.close()


def test_a_forked_child_never_repeats_a_nonce(kernel: Any) -> None:
    if "fork" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system does not fork")
    context = multiprocessing.get_context("fork")
    private = kernel.open_private(D)
    public = kernel.open_public(kernel.public_point(private))
    kernel.precompute(public)
    signatures = [kernel.sign_message(private, Z, b"message", os.urandom(32))]
    for _ in range(4):
        here, there = context.Pipe(duplex=False)
        child = context.Process(target=_child, args=(there, kernel, private))
        child.start()
        there.close()
        signatures.append(here.recv())
        child.join()
        signatures.append(kernel.sign_message(private, Z, b"message", os.urandom(32)))
    assert all(kernel.verify_message(public, Z, b"message", raw) for raw in signatures)
    # r = e + x1 for one e: equal r would mean equal nonces
    assert len({raw[:32] for raw in signatures}) == len(signatures)


NUMBERS = st.integers(0, (1 << 256) - 1) | st.integers(0, 300) | st.integers(0, 255).map(lambda bit: 1 << bit)


def _accepts(kernel: Any, der: bytes) -> bool:
    """Whether the kernel reads these octets as r and s: it then finds x1 for them, whatever they are."""
    key = kernel.open_public(kernel.mul_base((7).to_bytes(32, "big")))
    return bool(kernel.verify_message_der(key, Z, b"", der))


@given(NUMBERS, st.data())
def test_signatures_in_der_are_those_of_python(k: int, data: st.DataObject) -> None:
    kernel = native_kernel()
    private = kernel.open_private(D)
    public = kernel.open_public(kernel.public_point(private))
    entropy = sm3(k.to_bytes(32, "big"))
    der = kernel.sign_message_der(private, Z, b"m", entropy)
    assert der == raw_to_der(kernel.sign_message(private, Z, b"m", entropy))
    assert kernel.verify_message_der(public, Z, b"m", der)
    changed = bytearray(der)
    kind = data.draw(st.sampled_from(["flip", "cut", "grow", "insert"]))
    if kind == "flip":
        changed[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del changed[data.draw(st.integers(0, len(der) - 1)) :]
    elif kind == "grow":
        changed += data.draw(st.binary(min_size=1, max_size=4))
    else:
        changed.insert(data.draw(st.integers(0, len(der))), data.draw(st.integers(0, 255)))
    assert not kernel.verify_message_der(public, Z, b"m", changed)


def test_der_that_is_not_der_to_the_letter_is_refused() -> None:
    kernel = native_kernel()
    private = kernel.open_private(D)
    public = kernel.open_public(kernel.public_point(private))
    for i in range(40):
        raw = kernel.sign_message(private, Z, b"m", sm3(b"%d" % i))
        r, s = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:]))
        good = kernel.sign_message_der(private, Z, b"m", sm3(b"%d" % i))
        assert decode_signature(good) == (r, s)
        assert kernel.verify_message_der(public, Z, b"m", good)
        body = good[2:]
        for bad in (
            b"",
            b"\x30",
            b"\x31" + good[1:],
            b"\x30\x81" + good[1:],
            b"\x30\x80" + body + b"\0\0",
            good + b"\0",
            b"\x30" + bytes([len(body) + 1]) + body + b"\0",
            b"\x30" + bytes([len(body) + 1, 2, good[3] + 1, 0]) + good[4:],
            b"\x30"
            + bytes([len(body) + 1])
            + body[: -good[5 + good[3]] - 1]
            + bytes([good[5 + good[3]] + 1, 0])
            + good[-good[5 + good[3]] :],
            good[:3] + bytes([good[3] + 1]) + good[4:],
            raw,
        ):
            with pytest.raises(ParseError):
                decode_signature(bad)
            assert not kernel.verify_message_der(public, Z, b"m", bad)


@given(st.binary(max_size=80))
def test_any_octets_are_no_signature_and_do_no_harm(octets: bytes) -> None:
    assert not _accepts(native_kernel(), octets)
