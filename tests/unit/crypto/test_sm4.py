from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from egov_sdk.crypto import sm4
from egov_sdk.crypto.sm4 import SM4CCM, SM4GCM, InvalidTag
from egov_sdk.errors import ParseError, VerificationError

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
IV = bytes(range(16))

keys = st.binary(min_size=16, max_size=16)
blocks = st.integers(0, 8).flatmap(lambda count: st.binary(min_size=16 * count, max_size=16 * count))


def test_the_example_of_the_standard() -> None:
    # GB/T 32907-2016, A.1
    assert sm4.sm4_ecb_encrypt(KEY, KEY).hex() == "681edf34d206965e86b3e94f536e4246"


@given(keys, keys, st.binary(max_size=100))
def test_what_is_encrypted_is_decrypted(key: bytes, iv: bytes, data: bytes) -> None:
    assert sm4.sm4_cbc_decrypt(key, iv, sm4.sm4_cbc_encrypt(key, iv, data)) == data
    assert sm4.sm4_ctr(key, iv, sm4.sm4_ctr(key, iv, data)) == data
    assert sm4.sm4_ofb(key, iv, sm4.sm4_ofb(key, iv, data)) == data
    assert sm4.sm4_cfb_decrypt(key, iv, sm4.sm4_cfb_encrypt(key, iv, data)) == data


@given(keys, keys, st.binary(max_size=20))
def test_what_is_encrypted_byte_by_byte_is_decrypted(key: bytes, iv: bytes, data: bytes) -> None:
    assert sm4.sm4_cfb8_decrypt(key, iv, sm4.sm4_cfb8_encrypt(key, iv, data)) == data


@given(keys, keys, blocks)
def test_whole_blocks_without_padding(key: bytes, iv: bytes, data: bytes) -> None:
    assert sm4.sm4_ecb_decrypt(key, sm4.sm4_ecb_encrypt(key, data)) == data
    cipher = sm4.sm4_cbc_encrypt(key, iv, data, padding=False)
    assert len(cipher) == len(data)
    assert sm4.sm4_cbc_decrypt(key, iv, cipher, padding=False) == data


@given(st.binary(min_size=32, max_size=32), keys, st.binary(min_size=16, max_size=90), st.sampled_from(["gb", "ieee"]))
def test_sectors_of_any_length(key: bytes, tweak: bytes, data: bytes, standard: sm4.XtsStandard) -> None:
    cipher = sm4.sm4_xts_encrypt(key, tweak, data, standard=standard)
    assert len(cipher) == len(data)
    assert sm4.sm4_xts_decrypt(key, tweak, cipher, standard=standard) == data


def test_the_two_xts_standards_differ_from_the_second_block_on() -> None:
    key, data = KEY + IV, bytes(32)
    national = sm4.sm4_xts_encrypt(key, IV, data, standard="gb")
    ieee = sm4.sm4_xts_encrypt(key, IV, data, standard="ieee")
    assert national[:16] == ieee[:16]
    assert national[16:] != ieee[16:]


WITH_IV: list[Callable[[bytes, bytes, bytes], bytes]] = [
    sm4.sm4_cbc_encrypt,
    sm4.sm4_cbc_decrypt,
    sm4.sm4_ctr,
    sm4.sm4_ofb,
    sm4.sm4_cfb_encrypt,
    sm4.sm4_cfb_decrypt,
    sm4.sm4_cfb8_encrypt,
    sm4.sm4_cfb8_decrypt,
]


@pytest.mark.parametrize("run", WITH_IV)
@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_keys_and_ivs_of_another_length_are_the_caller_s_mistake(
    run: Callable[[bytes, bytes, bytes], bytes], size: int
) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        run(bytes(size), IV, bytes(16))
    with pytest.raises(ValueError, match="16 bytes"):
        run(KEY, bytes(size), bytes(16))


@pytest.mark.parametrize("size", [1, 15, 17])
def test_cut_blocks_are_the_caller_s_mistake(size: int) -> None:
    for run in (sm4.sm4_ecb_encrypt, sm4.sm4_ecb_decrypt):
        with pytest.raises(ValueError, match="whole blocks"):
            run(KEY, bytes(size))
    for padded in (sm4.sm4_cbc_encrypt, sm4.sm4_cbc_decrypt):
        with pytest.raises(ValueError, match="whole blocks"):
            padded(KEY, IV, bytes(size), padding=False)


@pytest.mark.parametrize("run", [sm4.sm4_xts_encrypt, sm4.sm4_xts_decrypt])
def test_xts_refuses_what_it_cannot_do(run: Callable[..., bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        run(KEY, IV, bytes(16))
    with pytest.raises(ValueError, match="16 bytes"):
        run(KEY + KEY, IV[1:], bytes(16))
    with pytest.raises(ValueError, match="one block"):
        run(KEY + KEY, IV, bytes(15))
    with pytest.raises(ValueError, match="'gb' or 'ieee'"):
        run(KEY + KEY, IV, bytes(16), standard="nist")


@given(st.binary(max_size=64))
def test_bad_padding_has_one_error(cipher: bytes) -> None:
    try:
        plain = sm4.sm4_cbc_decrypt(KEY, IV, cipher)
    except ParseError as error:
        found = (error.code, str(error), error.detail)
        assert found == ("egov.crypto.decryption", "the ciphertext cannot be decrypted", {})
    else:
        assert sm4.sm4_cbc_encrypt(KEY, IV, plain) == cipher


# GCM and CCM


@given(keys, st.binary(min_size=1, max_size=140), st.binary(max_size=70), st.binary(max_size=40), st.integers(12, 16))
def test_gcm_takes_any_nonce(key: bytes, nonce: bytes, data: bytes, aad: bytes, tag: int) -> None:
    aead = SM4GCM(key, tag)
    sealed = aead.encrypt(nonce, data, aad)
    assert len(sealed) == len(data) + tag
    assert aead.decrypt(nonce, sealed, aad) == data


@example(KEY, bytes(12), b"data", b"with it")
@given(keys, st.binary(min_size=8, max_size=128), st.binary(max_size=70), st.binary(max_size=40))
def test_our_gcm_is_the_one_of_cryptography(key: bytes, nonce: bytes, data: bytes, aad: bytes) -> None:
    aead = SM4GCM(key)
    direct = aead.encrypt(nonce, data, aad)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("egov_sdk.crypto._sm4_aead._DIRECT", range(0))
        assert aead.encrypt(nonce, data, aad) == direct
        assert aead.decrypt(nonce, direct, aad) == data


def test_the_counter_of_gcm_wraps_at_32_bits() -> None:
    aead, first = SM4GCM(KEY), bytes(12) + b"\xff\xff\xff\xfe"
    stream = aead._stream(first, bytes(64))
    expected = [bytes(12) + end for end in (b"\xff\xff\xff\xff", bytes(4), b"\0\0\0\1", b"\0\0\0\2")]
    assert stream == sm4.sm4_ecb_encrypt(KEY, b"".join(expected))


@given(keys, st.binary(min_size=7, max_size=13), st.binary(max_size=70), st.binary(max_size=40))
def test_ccm_gives_back_what_it_took(key: bytes, nonce: bytes, data: bytes, aad: bytes) -> None:
    for tag in (4, 6, 8, 10, 12, 14, 16):
        aead = SM4CCM(key, tag)
        sealed = aead.encrypt(nonce, data, aad)
        assert len(sealed) == len(data) + tag
        assert aead.decrypt(nonce, sealed, aad) == data


@given(st.data())
def test_any_change_is_found(choice: st.DataObject) -> None:
    aead = SM4GCM(KEY) if choice.draw(st.booleans()) else SM4CCM(KEY)
    nonce, data, aad = bytes(12), b"data", b"with it"
    sealed = aead.encrypt(nonce, data, aad)
    part = choice.draw(st.sampled_from(["nonce", "sealed", "aad"]))
    changed = bytearray({"nonce": nonce, "sealed": sealed, "aad": aad}[part])
    changed[choice.draw(st.integers(0, len(changed) - 1))] ^= 1 << choice.draw(st.integers(0, 7))
    arguments = {"nonce": nonce, "sealed": sealed, "aad": aad, part: bytes(changed)}
    with pytest.raises(InvalidTag):
        aead.decrypt(arguments["nonce"], arguments["sealed"], arguments["aad"])


@pytest.mark.parametrize("aead", [SM4GCM(KEY), SM4CCM(KEY)], ids=["gcm", "ccm"])
@pytest.mark.parametrize("size", [0, 1, 15])
def test_less_than_a_tag_does_not_authenticate(aead: SM4GCM | SM4CCM, size: int) -> None:
    with pytest.raises(InvalidTag) as caught:
        aead.decrypt(bytes(12), bytes(size), None)
    assert isinstance(caught.value, VerificationError)
    assert caught.value.code == "egov.crypto.invalid_tag"


def test_a_tag_for_an_odd_nonce_is_checked_too() -> None:
    aead = SM4GCM(KEY)
    sealed = aead.encrypt(b"1", b"data", None)
    with pytest.raises(InvalidTag):
        aead.decrypt(b"2", sealed, None)


def test_no_associated_data_is_the_same_as_empty_one() -> None:
    for aead in (SM4GCM(KEY), SM4CCM(KEY)):
        assert aead.decrypt(bytes(12), aead.encrypt(bytes(12), b"data", None), b"") == b"data"


@pytest.mark.parametrize("tag", [0, 4, 11, 17])
def test_gcm_tags_are_12_to_16_bytes(tag: int) -> None:
    with pytest.raises(ValueError, match="GCM tag"):
        SM4GCM(KEY, tag)


@pytest.mark.parametrize("tag", [0, 2, 3, 5, 15, 18])
def test_ccm_tags_are_even_from_4_to_16_bytes(tag: int) -> None:
    with pytest.raises(ValueError, match="CCM tag"):
        SM4CCM(KEY, tag)


@pytest.mark.parametrize("kind", [SM4GCM, SM4CCM])
def test_an_aead_key_has_16_bytes(kind: type[SM4GCM] | type[SM4CCM]) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        kind(bytes(32))


def test_a_gcm_nonce_is_not_empty() -> None:
    with pytest.raises(ValueError, match="empty"):
        SM4GCM(KEY).encrypt(b"", b"data", None)
    with pytest.raises(ValueError, match="empty"):
        SM4GCM(KEY).decrypt(b"", bytes(16), None)


@pytest.mark.parametrize("size", [0, 6, 14])
def test_a_ccm_nonce_has_7_to_13_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="7 to 13"):
        SM4CCM(KEY).encrypt(bytes(size), b"data", None)
    with pytest.raises(ValueError, match="7 to 13"):
        SM4CCM(KEY).decrypt(bytes(size), bytes(32), None)


def test_a_long_ccm_nonce_leaves_room_for_short_data_only() -> None:
    aead = SM4CCM(KEY)
    assert aead.decrypt(bytes(13), aead.encrypt(bytes(13), bytes(65535), None), None) == bytes(65535)
    with pytest.raises(ValueError, match="too long"):
        aead.encrypt(bytes(13), bytes(65536), None)
    with pytest.raises(ValueError, match="too long"):
        aead.decrypt(bytes(13), bytes(65536 + 16), None)


class _Huge(bytes):
    """Says it is longer than GCM may encrypt, without taking the memory."""

    def __len__(self) -> int:
        return (1 << 36) - 31


def test_gcm_has_an_end() -> None:
    with pytest.raises(ValueError, match=r"2\^36"):
        SM4GCM(KEY).encrypt(bytes(12), _Huge(), None)


@pytest.mark.parametrize(("size", "octets"), [(1, "0001"), (65279, "feff"), (65280, "fffe0000ff00")])
def test_lengths_of_associated_data_in_ccm(size: int, octets: str) -> None:
    from egov_sdk.crypto._sm4_aead import _length_octets

    assert _length_octets(bytes(size)).hex() == octets
    assert _length_octets(_Huge()).hex() == "ffff" + ((1 << 36) - 31).to_bytes(8, "big").hex()
    assert _length_octets(b"") == b""
