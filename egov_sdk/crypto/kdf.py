"""Keys out of shared secrets and passwords: the KDF of SM2, HKDF and PBKDF2, all with SM3."""

from __future__ import annotations

import hashlib

from egov_sdk.crypto.hashes import SM3, Buffer, KeyedSM3, hmac_sm3, native_kernel, sm3_provider

__all__ = ["hkdf_sm3", "kdf_sm3", "pbkdf2_hmac_sm3"]


def kdf_sm3(z: Buffer, length: int, *, shared_info: bytes = b"") -> bytes:
    """Stretch a shared secret to ``length`` bytes (密钥派生函数).

    Args:
        shared_info: hashed after each counter, as in ANSI X9.63; empty in the SM2 standard.
    Raises:
        ValueError: length is negative or needs more than 2^32 - 1 blocks.
    Source:
        GB/T 32918.4-2016, 5.4.3.
    """
    blocks = -(-length // 32)
    if length < 0 or blocks >= 1 << 32:
        raise ValueError(f"length must be 0 to (2^32 - 1) * 32 bytes, got {length}")
    kernel = native_kernel()
    if kernel is not None:
        stretched: bytes = kernel.kdf_sm3(z, length, shared_info)
        return stretched
    start = SM3(z)
    parts = []
    for counter in range(1, blocks + 1):
        block = start.copy()
        block.update(counter.to_bytes(4, "big") + shared_info)
        parts.append(block.digest())
    return b"".join(parts)[:length]


def hkdf_sm3(key_material: Buffer, length: int, *, salt: bytes = b"", info: bytes = b"") -> bytes:
    """Extract and expand a key with HMAC-SM3.

    Raises:
        ValueError: length is not 0 to 255 * 32.
    Source:
        RFC 5869.
    """
    if not 0 <= length <= 255 * 32:
        raise ValueError(f"length must be 0 to 8160 bytes, got {length}")
    key = hmac_sm3(salt or bytes(32), key_material)
    output, block = b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac_sm3(key, block + info + bytes((counter,)))
        output += block
    return output[:length]


def pbkdf2_hmac_sm3(password: bytes, salt: bytes, *, iterations: int, length: int) -> bytes:
    """A key from a password.

    Raises:
        ValueError: iterations or length is below 1.
    Source:
        RFC 8018, 5.2, with HMAC-SM3.
    """
    if iterations < 1 or length < 1:
        raise ValueError("iterations and length must be at least 1")
    kernel = native_kernel()
    if kernel is not None:
        derived: bytes = kernel.pbkdf2_hmac_sm3(password, salt, iterations, length)
        return derived
    if sm3_provider() == "hashlib":
        return hashlib.pbkdf2_hmac("sm3", password, salt, iterations, length)
    keyed = KeyedSM3(password)
    blocks = [
        _pbkdf2_block(keyed, salt + index.to_bytes(4, "big"), iterations) for index in range(1, -(-length // 32) + 1)
    ]
    return b"".join(blocks)[:length]


def _pbkdf2_block(keyed: KeyedSM3, salt: bytes, iterations: int) -> bytes:
    value, total = salt, 0
    for _ in range(iterations):
        value = keyed.digest(value)
        total ^= int.from_bytes(value, "big")
    return total.to_bytes(32, "big")
