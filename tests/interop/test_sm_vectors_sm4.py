"""SM4 and its modes against the vectors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from egov_sdk.crypto.sm4 import (
    SM4CCM,
    SM4GCM,
    InvalidTag,
    sm4_cbc_decrypt,
    sm4_cbc_encrypt,
    sm4_cfb8_decrypt,
    sm4_cfb8_encrypt,
    sm4_cfb_decrypt,
    sm4_cfb_encrypt,
    sm4_ctr,
    sm4_ecb_decrypt,
    sm4_ecb_encrypt,
    sm4_ofb,
    sm4_xts_decrypt,
    sm4_xts_encrypt,
)
from egov_sdk.errors import ParseError
from tests.interop.sm_vectors import Vector, octets, vectors

Mode = Callable[[bytes, bytes, bytes], bytes]

MODES: dict[str, tuple[Mode, Mode]] = {
    "ECB": (lambda key, _, data: sm4_ecb_encrypt(key, data), lambda key, _, data: sm4_ecb_decrypt(key, data)),
    "CBC": (
        lambda key, iv, data: sm4_cbc_encrypt(key, iv, data, padding=False),
        lambda key, iv, data: sm4_cbc_decrypt(key, iv, data, padding=False),
    ),
    "CTR": (sm4_ctr, sm4_ctr),
    "OFB128": (sm4_ofb, sm4_ofb),
    "CFB128": (sm4_cfb_encrypt, sm4_cfb_decrypt),
    "CFB8": (sm4_cfb8_encrypt, sm4_cfb8_decrypt),
}
AEAD: dict[str, type[SM4GCM] | type[SM4CCM]] = {"GCM": SM4GCM, "CCM": SM4CCM}


@pytest.mark.parametrize("vector", vectors("sm4.json", "Sm4Block"))
def test_one_block(vector: Vector) -> None:
    key, plain, cipher = octets(vector, "key"), octets(vector, "pt"), octets(vector, "ct")
    assert sm4_ecb_encrypt(key, plain) == cipher
    assert sm4_ecb_decrypt(key, cipher) == plain


@pytest.mark.parametrize("vector", vectors("sm4.json", "Sm4Iterated"))
def test_a_block_encrypted_many_times(vector: Vector) -> None:
    zeros = bytes(16 * vector["iterations"])
    chained = sm4_cbc_encrypt(octets(vector, "key"), octets(vector, "pt"), zeros, padding=False)
    assert chained[-16:] == octets(vector, "ct")


@pytest.mark.parametrize("vector", vectors("sm4.json", "Sm4Cipher"))
def test_modes(vector: Vector) -> None:
    encrypt, decrypt = MODES[vector["mode"]]
    key, iv = octets(vector, "key"), bytes.fromhex(vector.get("iv", ""))
    assert encrypt(key, iv, octets(vector, "pt")) == octets(vector, "ct")
    assert decrypt(key, iv, octets(vector, "ct")) == octets(vector, "pt")


@pytest.mark.parametrize("vector", vectors("sm4.json", "Sm4Xts"))
def test_xts_of_both_standards(vector: Vector) -> None:
    standard = vector["standard"].lower()
    key, tweak = octets(vector, "key"), octets(vector, "iv")
    assert sm4_xts_encrypt(key, tweak, octets(vector, "pt"), standard=standard) == octets(vector, "ct")
    assert sm4_xts_decrypt(key, tweak, octets(vector, "ct"), standard=standard) == octets(vector, "pt")


@pytest.mark.parametrize("vector", vectors("sm4.json", "Sm4CbcPkcs7"))
def test_cbc_with_padding(vector: Vector) -> None:
    key, iv, cipher = octets(vector, "key"), octets(vector, "iv"), octets(vector, "ct")
    if vector["result"] == "valid":
        assert sm4_cbc_decrypt(key, iv, cipher) == octets(vector, "msg")
        assert sm4_cbc_encrypt(key, iv, octets(vector, "msg")) == cipher
    else:
        with pytest.raises(ParseError) as caught:
            sm4_cbc_decrypt(key, iv, cipher)
        assert caught.value.to_dict() == {
            "code": "egov.crypto.decryption",
            "message": "the ciphertext cannot be decrypted",
            "hint": "",
            "detail": {},
        }


@pytest.mark.parametrize(
    "vector",
    [*vectors("sm4.json", "AeadTest", "AeadReject"), *vectors("sm4_aead_wycheproof.json", "AeadTest")],
)
def test_gcm_and_ccm(vector: Vector) -> None:
    key, nonce, aad = octets(vector, "key"), octets(vector, "iv"), octets(vector, "aad")
    cipher, tag = octets(vector, "ct"), octets(vector, "tag")
    if vector["result"] != "valid":
        # a nonce or tag of a forbidden length is the caller's mistake; everything else is a forgery
        agreed = 16 if "tag only 15 bytes long" in vector["comment"] else len(tag)
        with pytest.raises((InvalidTag, ValueError)) as caught:
            AEAD[vector["mode"]](key, agreed).decrypt(nonce, cipher + tag, aad)
        sizes = {"InvalidNonceSize", "InvalidTagSize", "InsecureTagSize", "ZeroLengthIv"} & set(vector["flags"])
        assert isinstance(caught.value, ValueError if sizes else InvalidTag)
        return
    aead = AEAD[vector["mode"]](key, len(tag))
    plain = octets(vector, "pt" if "pt" in vector else "msg")
    assert aead.encrypt(nonce, plain, aad) == cipher + tag
    assert aead.decrypt(nonce, cipher + tag, aad) == plain
