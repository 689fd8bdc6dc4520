"""Encrypted PKCS#8: PBES2 with PBKDF2 and SM4-CBC (RFC 8018, 6.2)."""

from __future__ import annotations

import hashlib
import os

from egov_sdk.crypto import oids
from egov_sdk.crypto.der import (
    Tlv,
    children,
    decode_integer,
    decode_oid,
    expect,
    integer,
    octet_string,
    oid,
    sequence,
)
from egov_sdk.crypto.kdf import pbkdf2_hmac_sm3
from egov_sdk.errors import KeyAccessError, LimitExceeded, ParseError

_CODE = "egov.crypto.key_file"
_ITERATIONS = 65_536
_MAX_SALT_BYTES = 1024


def _error(message: str, where: str) -> ParseError:
    return ParseError(message, where=where, code=_CODE)


def _password(password: bytes | str) -> bytes:
    return password.encode() if isinstance(password, str) else bytes(password)


def wrong_password() -> KeyAccessError:
    """The one error for whatever comes of a wrong password."""
    return KeyAccessError("the private key cannot be decrypted: wrong password?", code="egov.key.wrong_password")


def encrypt_pkcs8(plain: bytes, password: bytes | str) -> bytes:
    """EncryptedPrivateKeyInfo: PBKDF2-HMAC-SM3 with 65536 rounds and a fresh salt, SM4-CBC with a fresh IV."""
    from egov_sdk.crypto.sm4 import sm4_cbc_encrypt

    salt, iv = os.urandom(16), os.urandom(16)
    key = pbkdf2_hmac_sm3(_password(password), salt, iterations=_ITERATIONS, length=16)
    derivation = sequence(
        oid(oids.PBKDF2),
        sequence(octet_string(salt), integer(_ITERATIONS), integer(16), sequence(oid(oids.HMAC_SM3))),
    )
    scheme = sequence(oid(oids.PBES2), sequence(derivation, sequence(oid(oids.SM4_CBC), octet_string(iv))))
    return sequence(scheme, octet_string(sm4_cbc_encrypt(key, iv, plain)))


def decrypt_pkcs8(parts: tuple[Tlv, ...], password: bytes | str, *, max_iterations: int, where: str) -> bytes:
    """The octets inside an EncryptedPrivateKeyInfo, given its two parts: a sequence and an octet string.

    Raises:
        ParseError: another structure or another algorithm.
        KeyAccessError: the padding is wrong, so the password is.
        LimitExceeded: more iterations than ``max_iterations``.
    """
    from egov_sdk.crypto.sm4 import sm4_cbc_decrypt

    name, parameters = _algorithm(parts[0], where)
    if name != oids.PBES2 or parameters is None:
        raise _error(f"encrypted by {name}, only PBES2 is read", where)
    schemes = children(expect(parameters, 0x30, where=where), where=where)
    if len(schemes) != 2:
        raise _error(f"PBES2 has 2 parts, found {len(schemes)}", where)
    iv = _cipher_iv(schemes[1], where)
    key = _derive(schemes[0], _password(password), max_iterations=max_iterations, where=where)
    try:
        return sm4_cbc_decrypt(key, iv, parts[1].content)
    except ParseError:
        raise wrong_password() from None


def _algorithm(tlv: Tlv, where: str) -> tuple[str, Tlv | None]:
    fields = children(expect(tlv, 0x30, where=where), where=where)
    if not 1 <= len(fields) <= 2:
        raise _error(f"AlgorithmIdentifier has 1 or 2 parts, found {len(fields)}", where)
    return decode_oid(fields[0], where=where), fields[1] if len(fields) == 2 else None


def _cipher_iv(tlv: Tlv, where: str) -> bytes:
    name, parameters = _algorithm(tlv, where)
    # .104 with an IV is how some tools write CBC
    if name not in (oids.SM4_CBC, oids.SM4) or parameters is None:
        raise _error(f"encrypted by {name}, only SM4-CBC is read", where)
    iv = expect(parameters, 0x04, where=where).content
    if len(iv) != 16:
        raise _error(f"the IV of SM4-CBC has 16 bytes, found {len(iv)}", where)
    return iv


def _derive(tlv: Tlv, password: bytes, *, max_iterations: int, where: str) -> bytes:
    name, parameters = _algorithm(tlv, where)
    if name != oids.PBKDF2 or parameters is None:
        raise _error(f"password derivation by {name}, only PBKDF2 is read", where)
    # RFC 8018, A.2: salt, iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1
    fields = list(children(expect(parameters, 0x30, where=where), where=where))
    if len(fields) < 2:
        raise _error("PBKDF2 lacks its salt or its iterations", where)
    salt = expect(fields.pop(0), 0x04, where=where).content
    iterations = decode_integer(fields.pop(0), where=where)
    length = decode_integer(fields.pop(0), where=where) if fields and fields[0].tag == 0x02 else 16
    prf = _prf(fields.pop(0), where) if fields else oids.HMAC_SHA1
    if fields or length != 16 or iterations < 1 or len(salt) > _MAX_SALT_BYTES:
        raise _error("PBKDF2 parameters do not fit SM4", where)
    if iterations > max_iterations:
        raise LimitExceeded("iterations", allowed=max_iterations, found=iterations, where=where)
    if prf in (oids.HMAC_SM3, oids.HMAC_SM3_OPENSSL):
        return pbkdf2_hmac_sm3(password, salt, iterations=iterations, length=16)
    if prf == oids.HMAC_SHA256:
        return hashlib.pbkdf2_hmac("sha256", password, salt, iterations, 16)
    raise _error(f"PBKDF2 with {prf}, only HMAC-SM3 and HMAC-SHA256 are read", where)


def _prf(tlv: Tlv, where: str) -> str:
    name, parameters = _algorithm(tlv, where)
    if parameters is not None and parameters.raw != b"\x05\x00":
        raise _error("the parameters of a PRF are NULL or absent", where)
    return name
