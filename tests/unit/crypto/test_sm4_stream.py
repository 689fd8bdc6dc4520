"""SM4 in parts gives what SM4 of the whole gives, with the native kernel and without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto import _sm4_modes
from egov_sdk.crypto.sm4 import (
    SM4GCM,
    InvalidTag,
    SM4CBCDecryptor,
    SM4CBCEncryptor,
    SM4CTRStream,
    SM4GCMDecryptor,
    SM4GCMEncryptor,
    sm4_cbc_encrypt,
    sm4_ctr,
)
from egov_sdk.errors import ParseError

KEY, IV, NONCE = bytes(range(16)), bytes(range(16, 32)), bytes(range(12))
PARTS = st.lists(st.binary(max_size=70), max_size=8)


@pytest.fixture(params=["as it is", "without the kernel"], autouse=True)
def provider(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "without the kernel":
            patch.setattr(_sm4_modes, "_kernel", None)
        yield


@given(PARTS, st.sampled_from([IV, b"\xff" * 16]))
def test_ctr_in_parts(parts: list[bytes], counter: bytes) -> None:
    stream = SM4CTRStream(KEY, counter)
    assert b"".join(stream.update(part) for part in parts) == sm4_ctr(KEY, counter, b"".join(parts))


@given(PARTS, st.booleans())
def test_cbc_in_parts(parts: list[bytes], padding: bool) -> None:
    text = b"".join(parts)
    if not padding:
        parts.append(bytes(-len(text) % 16))
        text = b"".join(parts)
    encryptor, decryptor = SM4CBCEncryptor(KEY, IV, padding=padding), SM4CBCDecryptor(KEY, IV, padding=padding)
    pieces = [encryptor.update(part) for part in parts] + [encryptor.finish()]
    assert b"".join(pieces) == sm4_cbc_encrypt(KEY, IV, text, padding=padding)
    assert b"".join([*(decryptor.update(piece) for piece in pieces), decryptor.finish()]) == text


@given(PARTS, st.binary(max_size=40), st.sampled_from([12, 16]))
def test_gcm_in_parts(parts: list[bytes], associated: bytes, tag_length: int) -> None:
    encryptor = SM4GCMEncryptor(KEY, NONCE, associated, tag_length=tag_length)
    decryptor = SM4GCMDecryptor(KEY, NONCE, associated, tag_length=tag_length)
    pieces = [encryptor.update(part) for part in parts]
    tag = encryptor.finish()
    assert b"".join(pieces) + tag == SM4GCM(KEY, tag_length).encrypt(NONCE, b"".join(parts), associated)
    assert b"".join(decryptor.update(piece) for piece in pieces) == b"".join(parts)
    decryptor.finish(tag)


@pytest.mark.parametrize("tag", [b"", bytes(12), bytes(15), bytes(16), bytes(17)])
def test_a_wrong_tag_is_refused(tag: bytes) -> None:
    decryptor = SM4GCMDecryptor(KEY, NONCE)
    decryptor.update(b"whatever")
    with pytest.raises(InvalidTag):
        decryptor.finish(tag)


def test_a_tag_cut_short_or_with_more_behind_it_is_refused() -> None:
    encryptor = SM4GCMEncryptor(KEY, NONCE)
    text = encryptor.update(b"text")
    tag = encryptor.finish()
    for wrong in (tag[:12], tag[:15], tag + b"\0"):
        decryptor = SM4GCMDecryptor(KEY, NONCE)
        decryptor.update(text)
        with pytest.raises(InvalidTag):
            decryptor.finish(wrong)


def test_a_changed_ciphertext_or_other_associated_data_is_refused() -> None:
    encryptor = SM4GCMEncryptor(KEY, NONCE, b"with")
    text = bytearray(encryptor.update(b"text"))
    tag = encryptor.finish()
    text[0] ^= 1
    for associated, piece in ((b"with", bytes(text)), (b"without", b"")):
        decryptor = SM4GCMDecryptor(KEY, NONCE, associated)
        decryptor.update(piece)
        with pytest.raises(InvalidTag):
            decryptor.finish(tag)


def test_nothing_goes_on_after_the_end() -> None:
    encryptor, decryptor = SM4GCMEncryptor(KEY, NONCE), SM4GCMDecryptor(KEY, NONCE)
    tag = encryptor.finish()
    decryptor.finish(tag)
    cbc_encryptor, cbc_decryptor = SM4CBCEncryptor(KEY, IV), SM4CBCDecryptor(KEY, IV, padding=False)
    cbc_encryptor.finish()
    cbc_decryptor.finish()
    for stream in (encryptor, decryptor, cbc_encryptor, cbc_decryptor):
        with pytest.raises(ValueError, match="finished"):
            stream.update(b"more")
    for ended in (encryptor, cbc_encryptor, cbc_decryptor):
        with pytest.raises(ValueError, match="finished"):
            ended.finish()
    with pytest.raises(ValueError, match="finished"):
        decryptor.finish(tag)


def test_wrong_lengths_are_refused() -> None:
    for size in (0, 7, 129):
        with pytest.raises(ValueError, match="nonce"):
            SM4GCMEncryptor(KEY, bytes(size))
    for size in (11, 17):
        with pytest.raises(ValueError, match="tag"):
            SM4GCMDecryptor(KEY, NONCE, tag_length=size)
    for make in (SM4CTRStream, SM4CBCEncryptor, SM4CBCDecryptor):
        with pytest.raises(ValueError, match="16 bytes"):
            make(KEY[:-1], IV)
        with pytest.raises(ValueError, match="16 bytes"):
            make(KEY, IV + b"\0")
    with pytest.raises(ValueError, match="16 bytes"):
        SM4GCMEncryptor(KEY[:-1], NONCE)


@pytest.mark.parametrize("ciphertext", [b"", bytes(15), bytes(16), bytes(17), bytes(32)])
def test_cbc_that_ends_wrongly_is_refused(ciphertext: bytes) -> None:
    decryptor = SM4CBCDecryptor(KEY, IV)
    decryptor.update(ciphertext)
    with pytest.raises(ParseError):
        decryptor.finish()
    encryptor = SM4CBCEncryptor(KEY, IV, padding=False)
    encryptor.update(b"not whole")
    with pytest.raises(ValueError, match="whole blocks"):
        encryptor.finish()
