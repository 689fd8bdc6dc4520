"""SM4 in the modes that only encrypt: ECB, CBC, CTR, OFB, CFB and XTS."""

from __future__ import annotations

import hmac
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from egov_sdk.crypto._native import find_kernel
from egov_sdk.errors import ParseError

if TYPE_CHECKING:
    from cryptography.hazmat.decrepit.ciphers import modes as decrepit
    from cryptography.hazmat.primitives.ciphers import modes

    Plain = modes.ECB | modes.CBC | modes.CTR | decrepit.OFB | decrepit.CFB

_CODE = "egov.crypto.decryption"
_BLOCK = 16

#: The tweak of GB/T 17964-2021 counts in the bit order of GCM, the one of IEEE 1619 in the other.
XtsStandard = Literal["gb", "ieee"]


def check_key(key: bytes) -> bytes:
    """The key, if it has 16 bytes."""
    if len(key) != _BLOCK:
        raise ValueError(f"an SM4 key has 16 bytes, got {len(key)}")
    return bytes(key)


_kernel, _ = find_kernel()


def native_kernel(*, chained: bool = False) -> ModuleType | None:
    """The native kernel, if it was built and is the faster one: for modes that chain block to block it may not be."""
    if _kernel is None or (chained and not _kernel.sm4_is_fast_alone()):
        return None
    return _kernel


def xor(left: bytes, right: bytes) -> bytes:
    """Two strings of one length, bit by bit."""
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


def check_iv(iv: bytes) -> bytes:
    """The IV or counter block, if it has 16 bytes."""
    if len(iv) != _BLOCK:
        raise ValueError(f"the IV has 16 bytes, got {len(iv)}")
    return bytes(iv)


def _check_blocks(data: bytes) -> None:
    if len(data) % _BLOCK:
        raise ValueError(f"without padding the data must be whole blocks of 16 bytes, got {len(data)}")


def _run(key: bytes, mode: Plain, data: bytes, *, encrypt: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4

    cipher: Cipher[Plain] = Cipher(SM4(check_key(key)), mode)
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


def sm4_ecb_encrypt(key: bytes, data: bytes) -> bytes:
    """Encrypt whole blocks, each on its own; only for formats that prescribe it.

    Raises:
        ValueError: the key is not 16 bytes, or the data is not whole blocks.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    _check_blocks(data)
    if (kernel := native_kernel()) is not None:
        return bytes(kernel.sm4_ecb(kernel.sm4_key(check_key(key)), data, False))
    return _run(key, modes.ECB(), data, encrypt=True)  # noqa: S305 - GM/T 0009 7.4 prescribes ECB


def sm4_ecb_decrypt(key: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks.

    Raises:
        ValueError: the key is not 16 bytes, or the data is not whole blocks.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    _check_blocks(data)
    if (kernel := native_kernel()) is not None:
        return bytes(kernel.sm4_ecb(kernel.sm4_key(check_key(key)), data, True))
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
    if (kernel := native_kernel(chained=True)) is not None:
        return bytes(kernel.sm4_cbc_encrypt(kernel.sm4_key(check_key(key)), check_iv(iv), data))
    return _run(key, modes.CBC(check_iv(iv)), data, encrypt=True)


def sm4_cbc_decrypt(key: bytes, iv: bytes, data: bytes, *, padding: bool = True) -> bytes:
    """Decrypt CBC, and take off the PKCS#7 padding unless told otherwise.

    Nothing here is authenticated: whoever can ask often whether a ciphertext decrypts can read it.

    Raises:
        ParseError: the ciphertext or its padding is wrong; one error for every reason.
        ValueError: the key or IV is not 16 bytes, or without padding the data is not whole blocks.
    """
    if not padding:
        _check_blocks(data)
        return _cbc_decrypt(check_key(key), check_iv(iv), data)
    check_key(key)
    check_iv(iv)
    if len(data) % _BLOCK or not data:
        raise _undecryptable()
    plain = _cbc_decrypt(key, iv, data)
    fill = plain[-1]
    if not 1 <= fill <= _BLOCK or not hmac.compare_digest(plain[-fill:], bytes((fill,)) * fill):
        raise _undecryptable()
    return plain[:-fill]


def _cbc_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import modes

    if (kernel := native_kernel()) is not None:
        return bytes(kernel.sm4_cbc_decrypt(kernel.sm4_key(key), iv, data))
    return _run(key, modes.CBC(iv), data, encrypt=False)


def _undecryptable() -> ParseError:
    return ParseError("the ciphertext cannot be decrypted", code=_CODE)


def sm4_ctr(key: bytes, counter: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt in CTR; the counter block counts with all its 128 bits.

    Raises:
        ValueError: the key or the counter block is not 16 bytes.
    """
    from cryptography.hazmat.primitives.ciphers import modes

    if (kernel := native_kernel()) is not None:
        return bytes(kernel.sm4_ctr(kernel.sm4_key(check_key(key)), check_iv(counter), 0, data))
    return _run(key, modes.CTR(check_iv(counter)), data, encrypt=True)


def sm4_ofb(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt in OFB with 128 bits of feedback; for formats that prescribe it.

    Raises:
        ValueError: the key or IV is not 16 bytes.
    """
    from cryptography.hazmat.decrepit.ciphers import modes

    return _run(key, modes.OFB(check_iv(iv)), data, encrypt=True)


def sm4_cfb_encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypt in CFB with 128 bits of feedback; for formats that prescribe it.

    Raises:
        ValueError: the key or IV is not 16 bytes.
    """
    from cryptography.hazmat.decrepit.ciphers import modes

    return _run(key, modes.CFB(check_iv(iv)), data, encrypt=True)


def sm4_cfb_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt CFB with 128 bits of feedback.

    Raises:
        ValueError: the key or IV is not 16 bytes.
    """
    from cryptography.hazmat.decrepit.ciphers import modes

    return _run(key, modes.CFB(check_iv(iv)), data, encrypt=False)


def _cfb8(key: bytes, iv: bytes, data: bytes, *, encrypt: bool) -> bytes:
    register, output = check_iv(iv), bytearray()
    for octet in bytes(data):
        result = octet ^ sm4_ecb_encrypt(key, register)[0]
        register = register[1:] + bytes((result if encrypt else octet,))
        output.append(result)
    return bytes(output)


def sm4_cfb8_encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Encrypt in CFB with 8 bits of feedback, one block for each byte: slow, for formats that prescribe it.

    Raises:
        ValueError: the key or IV is not 16 bytes.
    """
    return _cfb8(check_key(key), iv, data, encrypt=True)


def sm4_cfb8_decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Decrypt CFB with 8 bits of feedback.

    Raises:
        ValueError: the key or IV is not 16 bytes.
    """
    return _cfb8(check_key(key), iv, data, encrypt=False)


def _tweaks(start: bytes, count: int, standard: str) -> list[bytes]:
    """The first tweak times x, x^2, … in GF(2^128)."""
    order: Literal["big", "little"] = "big" if standard == "gb" else "little"
    value, tweaks = int.from_bytes(start, order), []
    for _ in range(count):
        tweaks.append(value.to_bytes(_BLOCK, order))
        if standard == "gb":
            value = value >> 1 ^ (0xE1 << 120 if value & 1 else 0)
        else:
            value = (value << 1) & ((1 << 128) - 1) ^ (0x87 if value >> 127 else 0)
    return tweaks


def _xts(key: bytes, tweak: bytes, data: bytes, *, standard: str, encrypt: bool) -> bytes:
    if len(key) != 2 * _BLOCK:
        raise ValueError(f"an SM4-XTS key has 32 bytes, got {len(key)}")
    if len(data) < _BLOCK:
        raise ValueError(f"XTS takes one block of 16 bytes or more, got {len(data)}")
    if standard not in ("gb", "ieee"):
        raise ValueError(f"standard must be 'gb' or 'ieee', got {standard!r}")
    first, second = bytes(key[:_BLOCK]), bytes(key[_BLOCK:])
    run = sm4_ecb_encrypt if encrypt else sm4_ecb_decrypt
    whole, rest = divmod(len(data), _BLOCK)
    tweaks = _tweaks(sm4_ecb_encrypt(second, check_iv(tweak)), whole + bool(rest), standard)

    def blocks(part: bytes, masks: list[bytes]) -> bytes:
        mask = b"".join(masks)
        return xor(run(first, xor(part, mask)), mask)

    if not rest:
        return blocks(bytes(data), tweaks)
    # stealing: the last whole block gives what the short one lacks; decryption meets those two tweaks in reverse
    if not encrypt:
        tweaks[-2:] = reversed(tweaks[-2:])
    head = blocks(bytes(data[: whole * _BLOCK]), tweaks[:-1])
    stolen, last = head[-_BLOCK:], bytes(data[whole * _BLOCK :])
    return head[:-_BLOCK] + blocks(last + stolen[rest:], tweaks[-1:]) + stolen[:rest]


def sm4_xts_encrypt(key: bytes, tweak: bytes, data: bytes, *, standard: XtsStandard = "gb") -> bytes:
    """Encrypt a sector of a disk in XTS, with stealing when it is not whole blocks.

    Args:
        key: data key and tweak key, 32 bytes together.
        standard: ``gb`` (GB/T 17964-2021) or ``ieee`` (IEEE 1619): they differ from the second block on.
    Raises:
        ValueError: key, tweak, data or standard is not of that kind.
    """
    return _xts(key, tweak, data, standard=standard, encrypt=True)


def sm4_xts_decrypt(key: bytes, tweak: bytes, data: bytes, *, standard: XtsStandard = "gb") -> bytes:
    """Decrypt a sector in XTS.

    Raises:
        ValueError: as sm4_xts_encrypt.
    """
    return _xts(key, tweak, data, standard=standard, encrypt=False)
