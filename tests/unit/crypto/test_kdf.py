from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import hashes, hmac_sm3, sm3
from egov_sdk.crypto._sm3_pure import PureSM3
from egov_sdk.crypto.kdf import hkdf_sm3, kdf_sm3, pbkdf2_hmac_sm3


@given(st.binary(max_size=80), st.integers(0, 200), st.binary(max_size=20))
def test_the_key_is_digests_under_a_counter_from_one(z: bytes, length: int, info: bytes) -> None:
    blocks = b"".join(sm3(z + count.to_bytes(4, "big") + info) for count in range(1, 8))
    assert kdf_sm3(z, length, shared_info=info) == blocks[:length]


@pytest.mark.parametrize("length", [-1, ((1 << 32) - 1) * 32 + 1])
def test_impossible_lengths_are_refused_before_any_work(length: int) -> None:
    with pytest.raises(ValueError, match="length"):
        kdf_sm3(b"z", length)


@given(st.binary(max_size=80), st.integers(0, 200), st.binary(max_size=80), st.binary(max_size=20))
def test_hkdf_agrees_with_cryptography(material: bytes, length: int, salt: bytes, info: bytes) -> None:
    from cryptography.hazmat.primitives.hashes import SM3
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    expected = HKDF(SM3(), length, salt, info).derive(material) if length else b""
    assert hkdf_sm3(material, length, salt=salt, info=info) == expected


def test_hkdf_without_a_salt_takes_zeros() -> None:
    assert hkdf_sm3(b"material", 32) == hkdf_sm3(b"material", 32, salt=bytes(32))
    assert hkdf_sm3(b"material", 32) == hmac_sm3(hmac_sm3(bytes(32), b"material"), b"\x01")


@pytest.mark.parametrize("length", [-1, 255 * 32 + 1])
def test_hkdf_has_an_end(length: int) -> None:
    assert len(hkdf_sm3(b"material", 255 * 32)) == 255 * 32
    with pytest.raises(ValueError, match="8160"):
        hkdf_sm3(b"material", length)


@settings(deadline=None)
@given(st.binary(max_size=80), st.binary(max_size=40), st.integers(1, 4), st.integers(1, 70))
def test_pbkdf2_is_the_same_without_hashlib(password: bytes, salt: bytes, iterations: int, length: int) -> None:
    expected = pbkdf2_hmac_sm3(password, salt, iterations=iterations, length=length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashes, "_provider", "pure")
        patch.setattr(hashes, "_new", PureSM3)
        assert pbkdf2_hmac_sm3(password, salt, iterations=iterations, length=length) == expected


@pytest.mark.parametrize(("iterations", "length"), [(0, 16), (-1, 16), (1, 0), (1, -1)])
def test_pbkdf2_without_work_or_output_is_refused(iterations: int, length: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        pbkdf2_hmac_sm3(b"password", b"salt", iterations=iterations, length=length)
