"""The native SM4 on each of its code paths, against the cryptography package and against itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import _sm4_aead, _sm4_modes
from egov_sdk.crypto.sm4 import SM4CCM, SM4GCM
from tests.native.kernels import kernel as native_kernel
from tests.native.kernels import limited_to

SM4_LEVELS = {
    "bit planes": "none",
    "AES-NI, AVX2": "x86_64,avx2,aes,clmul",
    "GFNI, AVX2": "x86_64,avx2,aes,clmul,gfni",
    "GFNI, AVX-512": "x86_64,avx2,aes,clmul,avx512,gfni,vclmul",
}
GHASH = {"none": "integer products", "x86_64,avx2,aes,clmul,avx512,gfni,vclmul": "VPCLMULQDQ"}

# GB/T 32907-2016, A.1: key and plaintext are the same
EXAMPLE = bytes.fromhex("0123456789abcdeffedcba9876543210")
EXAMPLE_ENCRYPTED = bytes.fromhex("681edf34d206965e86b3e94f536e4246")

SIZES = [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 127, 128, 255, 256, 257, 511, 512, 1023, 1024, 1025, 2047, 2048, 4095]
SIZES += [4096, 4097, 5000, 9999]


@pytest.fixture(params=SM4_LEVELS, ids=lambda name: name.replace(", ", "-").replace(" ", "-"))
def kernel(request: pytest.FixtureRequest) -> Iterator[Any]:
    with limited_to(SM4_LEVELS[request.param]) as module:
        assert module.features()["sm4"] == request.param
        assert module.features()["ghash"] == GHASH.get(SM4_LEVELS[request.param], "PCLMULQDQ")
        yield module


def octets(count: int, seed: int = 0) -> bytes:
    return random.Random(seed * 100_003 + count).randbytes(count)


KEY, IV = octets(16, 1), octets(16, 2)


def pyca(mode: Any, data: bytes, *, decrypt: bool = False) -> bytes:
    cipher = Cipher(SM4(KEY), mode)
    context = cipher.decryptor() if decrypt else cipher.encryptor()
    return context.update(data) + context.finalize()


def pyca_gcm(nonce: bytes, data: bytes, associated: bytes) -> bytes:
    context = Cipher(SM4(KEY), modes.GCM(nonce)).encryptor()
    context.authenticate_additional_data(associated)
    return context.update(data) + context.finalize() + context.tag


def test_the_example_of_the_standard(kernel: Any) -> None:
    key = kernel.sm4_key(EXAMPLE)
    assert kernel.sm4_ecb(key, EXAMPLE, False) == EXAMPLE_ENCRYPTED
    assert kernel.sm4_ecb(key, EXAMPLE_ENCRYPTED, True) == EXAMPLE
    assert kernel.sm4_cbc_encrypt(key, bytes(16), EXAMPLE) == EXAMPLE_ENCRYPTED


def test_every_octet_goes_through_the_s_box_rightly(kernel: Any) -> None:
    data = bytes(octet for octet in range(256) for _ in range(16))
    assert kernel.sm4_ecb(kernel.sm4_key(KEY), data, False) == pyca(modes.ECB(), data)
    for octet in range(256):
        key = bytes([octet]) * 16
        cipher = Cipher(SM4(key), modes.ECB()).encryptor()
        assert kernel.sm4_ecb(kernel.sm4_key(key), EXAMPLE, False) == cipher.update(EXAMPLE)


@pytest.mark.parametrize("size", [size // 16 * 16 for size in SIZES])
def test_whole_blocks_in_ecb_and_cbc(kernel: Any, size: int) -> None:
    key, data = kernel.sm4_key(KEY), octets(size)
    assert kernel.sm4_ecb(key, data, False) == pyca(modes.ECB(), data)
    assert kernel.sm4_ecb(key, data, True) == pyca(modes.ECB(), data, decrypt=True)
    assert kernel.sm4_cbc_encrypt(key, IV, data) == pyca(modes.CBC(IV), data)
    assert kernel.sm4_cbc_decrypt(key, IV, data) == pyca(modes.CBC(IV), data, decrypt=True)


@pytest.mark.parametrize("counter", [IV, bytes(16), b"\xff" * 16, b"\xff" * 15 + b"\xf0", bytes(8) + b"\xff" * 8])
def test_ctr_of_any_length_counts_with_all_bits(kernel: Any, counter: bytes) -> None:
    key = kernel.sm4_key(KEY)
    for size in SIZES:
        data = octets(size)
        assert kernel.sm4_ctr(key, counter, 0, data) == pyca(modes.CTR(counter), data)


@pytest.mark.parametrize("skip", range(16))
def test_ctr_may_begin_within_a_block(kernel: Any, skip: int) -> None:
    key = kernel.sm4_key(KEY)
    for size in (0, 1, 16 - skip, 17, 100, 3000):
        data = octets(size)
        assert kernel.sm4_ctr(key, IV, skip, data) == pyca(modes.CTR(IV), bytes(skip) + data)[skip:]


@pytest.mark.parametrize("size", SIZES)
def test_gcm_agrees_with_cryptography(kernel: Any, size: int) -> None:
    key, data, nonce = kernel.sm4_key(KEY), octets(size), octets(12, 3)
    for associated in (b"", octets(1), octets(16), octets(20), octets(1000)):
        sealed = kernel.sm4_gcm_encrypt(key, nonce, data, associated, 16)
        assert sealed == pyca_gcm(nonce, data, associated)
        assert kernel.sm4_gcm_decrypt(key, nonce, sealed, associated, 16) == data


@pytest.mark.parametrize("size", [8, 11, 12, 13, 15, 16, 17, 32, 60, 128])
def test_gcm_takes_nonces_of_other_lengths(kernel: Any, size: int) -> None:
    key, nonce, data = kernel.sm4_key(KEY), octets(size, 4), octets(50)
    assert kernel.sm4_gcm_encrypt(key, nonce, data, b"a", 16) == pyca_gcm(nonce, data, b"a")


def test_gcm_counts_with_32_bits_only(kernel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # a nonce whose hash ends in ff ff ff …: found by trying, so that the counter wraps within the text
    monkeypatch.setattr(_sm4_modes, "_kernel", None)
    gcm = SM4GCM(KEY)
    nonce = next(
        nonce
        for nonce in (i.to_bytes(4, "big") * 5 for i in range(2000))
        if gcm._first_counter(nonce)[12:14] >= b"\xff\xd0"
    )
    left = (1 << 32) - int.from_bytes(gcm._first_counter(nonce)[12:], "big")
    data = octets((left + 40) * 16)
    assert kernel.sm4_gcm_encrypt(kernel.sm4_key(KEY), nonce, data, b"", 16) == pyca_gcm(nonce, data, b"")


@pytest.mark.parametrize("nonce_size", range(7, 14))
@pytest.mark.parametrize("tag_size", [4, 10, 16])
def test_ccm_agrees_with_plain_python(
    kernel: Any, nonce_size: int, tag_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sm4_modes, "_kernel", None)
    key, nonce, plain = kernel.sm4_key(KEY), octets(nonce_size, 5), SM4CCM(KEY, tag_size)
    for size in (0, 1, 15, 16, 17, 100, 4097):
        data = octets(size)
        for associated in (b"", octets(13), octets(14), octets(15), octets(300)):
            sealed = kernel.sm4_ccm_encrypt(key, nonce, data, associated, tag_size)
            assert sealed == plain.encrypt(nonce, data, associated)
            assert kernel.sm4_ccm_decrypt(key, nonce, sealed, associated, tag_size) == data


def test_ccm_with_long_associated_data(kernel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sm4_modes, "_kernel", None)
    for size in (0xFEFF, 0xFF00, 0xFF01):
        associated = octets(size)
        sealed = kernel.sm4_ccm_encrypt(kernel.sm4_key(KEY), IV[:12], b"text", associated, 16)
        assert sealed == SM4CCM(KEY).encrypt(IV[:12], b"text", associated)


@pytest.mark.parametrize("mode", ["gcm", "ccm"])
@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=100), st.binary(max_size=40), st.data())
def test_whatever_is_changed_does_not_authenticate(
    mode: str, data: bytes, associated: bytes, draw: st.DataObject
) -> None:
    kernel = native_kernel()
    key, nonce = kernel.sm4_key(KEY), IV[:12]
    seal, unseal = getattr(kernel, f"sm4_{mode}_encrypt"), getattr(kernel, f"sm4_{mode}_decrypt")
    sealed = seal(key, nonce, data, associated, 16)
    assert unseal(key, nonce, sealed, associated, 16) == data
    spoilt = bytearray(sealed)
    spoilt[draw.draw(st.integers(0, len(sealed) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    assert unseal(key, nonce, spoilt, associated, 16) is None
    assert unseal(key, nonce, sealed, associated + b"\0", 16) is None
    assert unseal(key, nonce[::-1], sealed, associated, 16) is None
    assert unseal(kernel.sm4_key(IV), nonce, sealed, associated, 16) is None
    assert unseal(key, nonce, sealed, associated, 12) is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 400), max_size=8), st.integers(0, 40))
def test_gcm_in_parts_is_gcm_of_the_whole(parts: list[int], associated_size: int) -> None:
    kernel = native_kernel()
    key, nonce, associated, data = kernel.sm4_key(KEY), IV[:12], octets(associated_size), octets(sum(parts))
    sealed = kernel.sm4_gcm_encrypt(key, nonce, data, associated, 16)
    there, back = kernel.sm4_gcm_start(key, nonce, associated), kernel.sm4_gcm_start(key, nonce, associated)
    at, made, undone = 0, b"", b""
    for part in parts:
        piece = there.encrypt(data[at : at + part])
        undone += back.decrypt(piece)
        made, at = made + piece, at + part
    assert made + there.finish() == sealed
    assert undone == data
    assert back.finish() == sealed[-16:]
    for call in (there.finish, partial(there.encrypt, b""), partial(back.decrypt, b"x")):
        with pytest.raises(ValueError, match="finished"):
            call()


def refused() -> list[tuple[type[Exception], Callable[..., object], tuple[object, ...]]]:
    kernel = native_kernel()
    key = kernel.sm4_key(KEY)
    value: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (kernel.sm4_key, (b"short",)),
        (kernel.sm4_key, (bytes(17),)),
        (kernel.sm4_ecb, (key, bytes(15), False)),
        (kernel.sm4_cbc_encrypt, (key, bytes(15), bytes(16))),
        (kernel.sm4_cbc_encrypt, (key, IV, bytes(17))),
        (kernel.sm4_cbc_decrypt, (key, IV, bytes(1))),
        (kernel.sm4_ctr, (key, bytes(15), 0, b"")),
        (kernel.sm4_ctr, (key, IV, 16, b"")),
        (kernel.sm4_gcm_encrypt, (key, b"", b"", b"", 16)),
        (kernel.sm4_gcm_encrypt, (key, IV, b"", b"", 17)),
        (kernel.sm4_gcm_encrypt, (key, IV, b"", b"", 0)),
        (kernel.sm4_gcm_decrypt, (key, IV, bytes(15), b"", 16)),
        (kernel.sm4_gcm_decrypt, (key, b"", bytes(16), b"", 16)),
        (kernel.sm4_gcm_start, (key, b"", b"")),
        (kernel.sm4_ccm_encrypt, (key, bytes(6), b"", b"", 16)),
        (kernel.sm4_ccm_encrypt, (key, bytes(14), b"", b"", 16)),
        (kernel.sm4_ccm_encrypt, (key, bytes(12), b"", b"", 5)),
        (kernel.sm4_ccm_encrypt, (key, bytes(13), bytes(1 << 16), b"", 16)),
        (kernel.sm4_ccm_decrypt, (key, bytes(12), bytes(3), b"", 4)),
    ]
    kind: list[tuple[Callable[..., object], tuple[object, ...]]] = [
        (kernel.sm4_key, (None,)),
        (kernel.sm4_key, ("x" * 16,)),
        (kernel.sm4_ecb, (KEY, bytes(16), False)),
        (kernel.sm4_ecb, (key, bytes(16))),
        (kernel.sm4_cbc_encrypt, (key, IV, None)),
        (kernel.sm4_ctr, (key, IV, "0", b"")),
        (kernel.sm4_gcm_encrypt, (key, IV, b"", None, 16)),
        (kernel.sm4_gcm_encrypt, (key, None, b"", b"", 16)),
        (kernel.sm4_gcm_decrypt, (key, IV, None, b"", 16)),
        (kernel.sm4_ccm_decrypt, (None, IV, b"", b"", 16)),
        (kernel.sm4_gcm_start, (key, IV)),
        (type(key), ()),
        (type(kernel.sm4_gcm_start(key, IV, b"")), ()),
    ]
    return [*((ValueError, *case) for case in value), *((TypeError, *case) for case in kind)]


def test_wrong_arguments_are_refused() -> None:
    for error, function, arguments in refused():
        with pytest.raises(error):
            function(*arguments)


def test_a_key_keeps_its_path_when_the_choice_changes() -> None:
    with limited_to("none") as module:
        key = module.sm4_key(KEY)
    assert module.sm4_gcm_encrypt(key, IV[:12], b"text", b"", 16) == pyca_gcm(IV[:12], b"text", b"")


def test_chained_modes_are_left_to_the_kernel_only_where_it_is_fast() -> None:
    with limited_to("none") as module:
        assert not module.sm4_is_fast_alone()
        assert _sm4_modes.native_kernel(chained=True) is None
        assert _sm4_modes.native_kernel() is not None
        assert _sm4_aead.SM4CCM(KEY).encrypt(IV[:12], b"text", b"") == module.sm4_ccm_encrypt(
            module.sm4_key(KEY), IV[:12], b"text", b"", 16
        )
