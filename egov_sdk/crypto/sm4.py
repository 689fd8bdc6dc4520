"""SM4 (分组密码算法) in the modes ECB, CBC, CTR, GCM and CCM."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from egov_sdk.errors import ParseError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import modes

__all__ = [
    "sm4_cbc_decrypt",
    "sm4_cbc_encrypt",
    "sm4_ctr",
    "sm4_ecb_decrypt",
    "sm4_ecb_encrypt",
]

_CODE = "egov.crypto.decryption"
_BLOCK = 16


def _check_key(key: bytes) -> bytes:
    if len(key) != 16:
        raise ValueError(f"an SM4 key has 16 bytes, got {len(key)}")
    return bytes(key)


def _check_iv(iv: bytes) -> bytes:
    if len(iv) != _BLOCK:
        raise ValueError(f"the IV has 16 bytes, got {len(iv)}")
    return bytes(iv)


def _check_blocks(data: bytes) -> None:
    if len(data) % _BLOCK:
        raise ValueError(f"without padding the data must be whole blocks of 16 bytes, got {len(data)}")


def _run(key: bytes, mode: modes.ECB | modes.CBC | modes.CTR, data: bytes, *, encrypt: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4

    cipher: Cipher[modes.ECB | modes.CBC | modes.CTR] = Cipher(SM4(_check_key(key)), mode)
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


def sm4_ecb_encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks, each on its own; only for formats that prescribe it.

    Raises:
        ValueError: the key is not 16 bytes, or the data is not whole blocks.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    _check_blocks(data)
    return _run(key, modes.ECB(), data, encrypt=True)  # noqa: S305 - GM/T 0009 7.4 prescribes ECB


def sm4_ecb_decrypt(key: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks.

    Raises:
        ValueError: the key is not 16 bytes, or the data is not whole blocks.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    _check_blocks(data)
    return _run(key, modes.ECB(), data, encrypt=False)  # noqa: S305 - GM/T 0009 7.4 prescribes ECB


def sm4_cbc_encrypt(key: bytes, iv: bytes, data: bytes, *, padding: bool = True) -> bytes:
    """Encrypt in CBC, with PKCS#7 padding unless told otherwise.

    Raises:
        ValueError: the key or IV is not 16 bytes, or without padding the data is not whole blocks.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    if padding:
        fill = _BLOCK - len(data) % _BLOCK
        data = bytes(data) + bytes((fill,)) * fill
    _check_blocks(data)
    return _run(key, modes.CBC(_check_iv(iv)), data, encrypt=True)


def sm4_cbc_decrypt(key: bytes, iv: bytes, data: bytes, *, padding: bool = True) -> bytes:
    """Decrypt CBC, and take off the PKCS#7 padding unless told otherwise.

    Nothing here is authenticated: whoever can ask often whether a ciphertext decrypts can read it.

    Raises:
        ParseError: the ciphertext or its padding is wrong; one error for every reason.
        ValueError: the key or IV is not 16 bytes, or without padding the data is not whole blocks.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    mode = modes.CBC(_check_iv(iv))
    if not padding:
        _check_blocks(data)
        return _run(key, mode, data, encrypt=False)
    _check_key(key)
    if len(data) % _BLOCK or not data:
        raise _undecryptable()
    plain = _run(key, mode, data, encrypt=False)
    fill = plain[-1]
    wanted = bytes((fill,)) * _BLOCK
    if not 1 <= fill <= _BLOCK or not hmac.compare_digest(plain[-fill:], wanted[:fill]):
        raise _undecryptable()
    return plain[:-fill]


def _undecryptable() -> ParseError:
    return ParseError("the ciphertext cannot be decrypted", code=_CODE)


def sm4_ctr(key: bytes, counter: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt in CTR; the counter block counts with all its 128 bits.

    Raises:
        ValueError: the key or the counter block is not 16 bytes.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    return _run(key, modes.CTR(_check_iv(counter)), data, encrypt=True)
