"""SM2 encryption, and its ciphertext as octets: DER (SM2Cipher) and four raw orders."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, get_args

from egov_sdk.crypto._backend.interface import Decrypt, Encrypt
from egov_sdk.crypto._curve import decode_point, point_from
from egov_sdk.crypto._numbers import Random, draw, hedged_numbers, usable
from egov_sdk.crypto.der import children, decode_integer, expect, integer, octet_string, read_one, sequence
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.kdf import kdf_sm3
from egov_sdk.crypto.keys import SM2PrivateKey, SM2PublicKey
from egov_sdk.errors import ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS

__all__ = ["CiphertextForm", "decrypt", "encrypt"]

#: ``bare`` is without the 04 in front of C1.
CiphertextForm = Literal["der", "c1c3c2", "c1c2c3", "c1c3c2-bare", "c1c2c3-bare"]

_FORMS: Final = frozenset(get_args(CiphertextForm))
_CODE = "egov.crypto.decryption"


class _Parts(NamedTuple):
    c1: bytes  # x || y
    c3: bytes
    c2: bytes


def _check_form(form: str) -> None:
    if form not in _FORMS:
        raise ValueError(f"form must be one of {', '.join(sorted(_FORMS))}; got {form!r}")


def encrypt(key: SM2PublicKey, data: bytes, *, form: CiphertextForm = "der", random: Random = os.urandom) -> bytes:
    """As SM2PublicKey.encrypt."""
    _check_form(form)
    if not data:
        raise ValueError("SM2 encrypts one byte or more")
    backend, handle = key._open()
    fast: Encrypt | None = getattr(backend, "encrypt", None)
    made = None if fast is None else fast(handle, data, draw(random, 32), form == "der")
    if made is None:
        # hedged with what is encrypted: a random source that repeats itself does not repeat k for another message
        numbers = hedged_numbers(sm3(data), key.point, random=random)
        return _encode(_encrypt_with(key, data, numbers), form)
    return made if form == "der" else _encode(_Parts(made[:64], made[64:96], made[96:]), form)


def _encrypt_with(key: SM2PublicKey, data: bytes, numbers: Iterator[bytes]) -> _Parts:
    backend, _ = key._open()
    for k in usable(numbers):
        # GB/T 32918.4-2016, 6.1 A2 to A7
        c1, shared = backend.mul_base(k), backend.mul(key.point, k)
        assert c1 is not None  # k is in [1, n-1], and no point but infinity has a smaller order than n
        assert shared is not None
        mask = kdf_sm3(shared, len(data))
        if any(mask):
            return _Parts(c1, sm3(shared[:32] + data + shared[32:]), _xor(data, mask))
    raise RuntimeError("no usable number")  # pragma: no cover - hedged_numbers does not end


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


def _encode(parts: _Parts, form: str) -> bytes:
    c1, c3, c2 = parts
    if form == "der":
        x, y = int.from_bytes(c1[:32], "big"), int.from_bytes(c1[32:], "big")
        return sequence(integer(x), integer(y), octet_string(c3), octet_string(c2))
    lead = b"" if form.endswith("-bare") else b"\x04"
    return lead + c1 + (c3 + c2 if form.startswith("c1c3c2") else c2 + c3)


def decrypt(key: SM2PrivateKey, ciphertext: bytes, *, form: CiphertextForm = "der") -> bytes:
    """As SM2PrivateKey.decrypt."""
    _check_form(form)
    try:
        plain = _opened(key, ciphertext, form)
    except ParseError:
        plain = None
    if plain is None:
        raise ParseError("the ciphertext cannot be decrypted with this key", code=_CODE)
    return plain


def _opened(key: SM2PrivateKey, ciphertext: bytes, form: str) -> bytes | None:
    backend, handle = key._open()
    fast: Decrypt | None = getattr(backend, "decrypt", None)
    if fast is not None and form == "der" and len(ciphertext) <= DEFAULT_ASN1_LIMITS.total_bytes:
        return fast(handle, ciphertext, True)
    parts = _decode(ciphertext, form)
    return _decrypt_parts(key, parts) if fast is None else fast(handle, b"".join(parts), False)


def _decrypt_parts(key: SM2PrivateKey, parts: _Parts) -> bytes | None:
    # GB/T 32918.4-2016, 7.1 B1 to B7; C1 was checked while it was read
    shared = key._multiply(parts.c1)
    assert shared is not None  # d is in [1, n-2], and C1 is not infinity
    mask = kdf_sm3(shared, len(parts.c2))
    if not any(mask):
        return None
    plain = _xor(parts.c2, mask)
    expected = sm3(shared[:32] + plain + shared[32:])
    return plain if hmac.compare_digest(expected, parts.c3) else None


def _bad() -> ParseError:
    return ParseError("not an SM2 ciphertext", code=_CODE)


def _decode(ciphertext: bytes, form: str) -> _Parts:
    if form == "der":
        return _decode_der(ciphertext)
    if form.endswith("-bare"):
        point, rest = point_from(ciphertext[:64]), ciphertext[64:]
    else:
        size = 33 if ciphertext[:1] in (b"\x02", b"\x03") else 65
        point, rest = decode_point(ciphertext[:size]), ciphertext[size:]
    if len(rest) <= 32:
        raise _bad()
    c3, c2 = (rest[:32], rest[32:]) if form.startswith("c1c3c2") else (rest[-32:], rest[:-32])
    return _Parts(point, c3, c2)


def _decode_der(ciphertext: bytes) -> _Parts:
    # GM/T 0009-2012, 7.2
    parts = children(expect(read_one(ciphertext), 0x30))
    if len(parts) != 4:
        raise _bad()
    x, y = decode_integer(parts[0]), decode_integer(parts[1])
    if not (0 <= x < 1 << 256 and 0 <= y < 1 << 256):
        raise _bad()
    c3, c2 = expect(parts[2], 0x04).content, expect(parts[3], 0x04).content
    if len(c3) != 32 or not c2:
        raise _bad()
    return _Parts(point_from(x.to_bytes(32, "big") + y.to_bytes(32, "big")), c3, c2)
