from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import SM3, hashes, hmac_sm3, sm3, sm3_many
from egov_sdk.crypto._sm3_pure import PureSM3
from egov_sdk.crypto.hashes import KeyedSM3, sm3_file, sm3_provider

# GB/T 32905-2016, A.1 and A.2
ABC = bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
ABCD_16 = bytes.fromhex("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")

PROVIDERS = [name for name, factory in hashes._PROVIDERS.items() if hashes._works(factory)]


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(hashes, "_provider", request.param)
    monkeypatch.setattr(hashes, "_new", hashes._PROVIDERS[request.param])
    name: str = request.param
    return name


def test_plain_python_is_always_a_provider() -> None:
    assert PROVIDERS[-1] == "pure"
    assert sm3_provider() == PROVIDERS[0]


def test_the_examples_of_the_standard(provider: str) -> None:
    assert sm3(b"abc") == ABC
    assert SM3(b"abcd" * 16).digest() == ABCD_16
    assert SM3(b"abc").hexdigest() == ABC.hex()
    assert sm3_provider() == provider


def test_many_messages_keep_their_order(provider: str) -> None:
    assert sm3_many(iter([b"abc", b"abcd" * 16])) == [ABC, ABCD_16]
    assert sm3_many([]) == []


def test_a_running_hash_may_be_asked_and_copied_on_the_way(provider: str) -> None:
    running = SM3(b"a")
    first = running.digest()
    twin = running.copy()
    running.update(b"bc")
    assert running.digest() == ABC
    assert twin.digest() == first == sm3(b"a")
    twin.update(b"bc")
    assert twin.digest() == ABC


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_is_taken(provider: str, kind: type[bytes]) -> None:
    assert sm3(kind(b"abc")) == ABC
    assert SM3(kind(b"abc")).digest() == ABC
    assert hmac_sm3(kind(b"key"), kind(b"data")) == hmac_sm3(b"key", b"data")


def test_octets_may_remember_their_digest(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = hashes.HashedOnce(b"abc" * 100)
    assert (hashes.sm3(whole), whole) == (hashes.sm3(b"abc" * 100), b"abc" * 100)
    monkeypatch.setattr(hashes, "_digest", lambda data: b"taken again")
    assert hashes.sm3(whole) != b"taken again"
    for part in (whole[:], whole[1:], whole + b"", bytes(whole), hashes.HashedOnce(whole)):
        assert hashes.sm3(part) == b"taken again"


def test_it_has_the_shape_of_hashlib() -> None:
    assert (SM3.name, SM3.digest_size, SM3.block_size) == ("sm3", 32, 64)


def test_text_is_not_hashed(provider: str) -> None:
    with pytest.raises(TypeError):
        sm3("abc")  # type: ignore[arg-type]  # the caller's mistake


@given(st.binary(max_size=300))
def test_plain_python_agrees_with_the_library(message: bytes) -> None:
    assert PureSM3(message).digest() == sm3(message)


@given(st.lists(st.binary(max_size=150), max_size=6))
def test_pieces_do_not_matter(pieces: list[bytes]) -> None:
    running, pure = SM3(), PureSM3()
    for piece in pieces:
        running.update(piece)
        pure.update(piece)
    assert running.digest() == pure.digest() == sm3(b"".join(pieces))


@given(st.binary(max_size=150), st.binary(max_size=200))
def test_hmac_is_the_one_of_rfc_2104(key: bytes, message: bytes) -> None:
    block = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = sm3(bytes(octet ^ 0x36 for octet in block) + message)
    expected = sm3(bytes(octet ^ 0x5C for octet in block) + inner)
    assert hmac_sm3(key, message) == KeyedSM3(key).digest(message) == expected


def test_hmac_is_the_same_with_every_provider(provider: str) -> None:
    # RFC 2104 written out: the inner and the outer pad over a key of zeros, and over a hashed long key
    for key, block in ((b"", bytes(64)), (bytes(64), bytes(64)), (bytes(65), sm3(bytes(65)).ljust(64, b"\0"))):
        inner = sm3(bytes(octet ^ 0x36 for octet in block) + b"message")
        assert hmac_sm3(key, b"message") == sm3(bytes(octet ^ 0x5C for octet in block) + inner)


def test_hmac_agrees_with_the_standard_library() -> None:
    if "hashlib" not in PROVIDERS:
        pytest.skip("hashlib has no SM3 in this interpreter")
    assert hmac_sm3(b"k" * 100, b"data") == hmac.new(b"k" * 100, b"data", "sm3").digest()
    assert hashlib.new("sm3", b"abc").digest() == ABC


def test_a_provider_that_fails_or_lies_is_passed_over() -> None:
    def absent(data: hashes.Buffer) -> PureSM3:
        raise ValueError("unsupported hash type sm3")

    def wrong(data: hashes.Buffer) -> PureSM3:
        return PureSM3(bytes(data) + b"!")

    name, factory = hashes._choose({"absent": absent, "wrong": wrong, "pure": PureSM3})
    assert (name, factory) == ("pure", PureSM3)
    with pytest.raises(RuntimeError, match="no SM3"):
        hashes._choose({"absent": absent, "wrong": wrong})


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 21) + 7])
def test_a_file_is_hashed_whole(tmp_path: Path, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    (tmp_path / "a").write_bytes(content[:size])
    assert sm3_file(tmp_path / "a") == sm3(content[:size])
