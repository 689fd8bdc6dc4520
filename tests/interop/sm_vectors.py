"""The vector files of SM2, SM3 and SM4, one parameter set for each test in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.interop_data import interop

Vector = dict[str, Any]

#: files with the group types that the tests here run; test_sm_vectors.py proves that nothing is left out
FILES: dict[str, tuple[str, ...]] = {
    "sm2_sign.json": ("Sm2Sign", "Sm2SignDigest", "Sm2PrivateKey"),
    "sm2_reject.json": ("Sm2Verify", "Sm2VerifyDigest"),
    "sm2_points.json": ("ScalarMultBase", "ScalarMult", "PointAdd", "PointDecode"),
    "sm2_encrypt.json": ("Sm2Encrypt", "Sm2EncryptRetry", "Sm2Decrypt", "Sm2EncryptInvalidKey"),
    "sm2_exchange.json": ("Sm2Exchange", "Sm2ExchangeInvalid"),
    "sm2_envelope.json": ("Sm2EnvelopedKey", "Sm2EnvelopedKeyReject", "Sm2EnvelopedKeyVariant"),
    "sm3.json": ("Sm3", "Sm3Pattern", "Sm3Slow", "Sm3Streaming"),
    "hmac_sm3.json": ("MacTest",),
    "kdf_sm3.json": ("KdfSm3", "X963KdfSm3", "HkdfSm3"),
    "pbkdf2_sm3.json": ("Pbkdf2Sm3",),
    "sm4.json": ("Sm4Block", "Sm4Iterated", "Sm4Cipher", "Sm4Xts", "Sm4CbcPkcs7", "AeadTest", "AeadReject"),
    "sm4_aead_wycheproof.json": ("AeadTest",),
}

OTHER_CURVE = "the group is on the example curve of GB/T 32918.2 annex A; the code knows one curve, sm2p256v1"


def load(file: str) -> Vector:
    loaded: Vector = json.loads(interop("sm-vectors", file).read_bytes())
    return loaded


def vectors(file: str, *types: str) -> list[Any]:
    """Parameters for all tests of these group types: the group's own fields are laid under each test's."""
    assert set(types) <= set(FILES[file])
    found = []
    for group in load(file)["testGroups"]:
        if group["type"] not in types:
            continue
        shared = {key: value for key, value in group.items() if key not in ("tests", "source")}
        marks = [pytest.mark.skip(reason=OTHER_CURVE)] if group.get("curve") == "gbt32918-test-256" else []
        if group["type"] == "Sm3Slow":
            marks.append(pytest.mark.slow)
        found += [
            pytest.param({**shared, **test}, id=f"{group['type']}-{test['tcId']}", marks=marks)
            for test in group["tests"]
        ]
    assert found, f"{file} has none of {types}"
    return found


def octets(vector: Vector, name: str) -> bytes:
    """The field as bytes; ``<name>Pattern`` n stands for the bytes i mod 251, i below n."""
    if name in vector:
        return bytes.fromhex(vector[name])
    if f"{name}Pattern" in vector:
        return pattern(vector[f"{name}Pattern"])
    repeat = vector["repeat"]
    return bytes.fromhex(repeat["byte"]) * int(repeat["count"])


def pattern(count: int) -> bytes:
    return (bytes(range(251)) * (count // 251 + 1))[:count]
