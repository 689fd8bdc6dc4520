"""SM2 keys as files: PKCS#8 plain and encrypted, SEC 1, SubjectPublicKeyInfo; PEM or DER."""

from __future__ import annotations

from dataclasses import dataclass

from egov_sdk.crypto import oids
from egov_sdk.crypto._curve import N
from egov_sdk.crypto.der import (
    Tlv,
    bit_string,
    children,
    context,
    decode_bit_string,
    decode_integer,
    decode_oid,
    expect,
    integer,
    octet_string,
    oid,
    read_one,
    sequence,
)
from egov_sdk.crypto.keys import SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.pem import looks_like_pem, read_pem
from egov_sdk.errors import KeyAccessError, LimitExceeded, ParseError

__all__ = [
    "DEFAULT_KEY_LIMITS",
    "KeyLimits",
    "encode_private_key",
    "encode_public_key",
    "load_private_key",
    "load_public_key",
]

_CODE = "egov.crypto.key_file"
_ALGORITHM = sequence(oid(oids.EC_PUBLIC_KEY), oid(oids.SM2_CURVE))
_PRIVATE_LABELS = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "SM2 PRIVATE KEY")
_PUBLIC_LABELS = ("PUBLIC KEY",)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyLimits:
    """Limits for a key file; ``iterations`` is the work that its password derivation may ask for."""

    file_bytes: int = 64 << 10
    iterations: int = 1_000_000


DEFAULT_KEY_LIMITS = KeyLimits()


def _error(message: str, where: str) -> ParseError:
    return ParseError(message, where=where, code=_CODE)


def _der_of(data: bytes | str, labels: tuple[str, ...], *, limits: KeyLimits, where: str) -> bytes:
    octets = data.encode() if isinstance(data, str) else bytes(data)
    if len(octets) > limits.file_bytes:
        raise LimitExceeded("file_bytes", allowed=limits.file_bytes, found=len(octets), where=where)
    if not looks_like_pem(octets):
        return octets
    blocks = read_pem(octets, where=where)
    for block in blocks:
        if block.label in labels:
            return block.der
    found = ", ".join(block.label for block in blocks)
    raise _error(f"no block {' or '.join(labels)}, found {found}", where)


def _check_algorithm(tlv: Tlv, where: str) -> None:
    parts = children(expect(tlv, 0x30, where=where), where=where)
    names = [decode_oid(part, where=where) for part in parts]
    # GB/T 33560 gives .301 to the algorithm and the curve alike; some tools write it in both places
    if len(names) != 2 or names[0] not in (oids.EC_PUBLIC_KEY, oids.SM2_CURVE) or names[1] != oids.SM2_CURVE:
        raise _error(f"not an SM2 key: its algorithm is {' with '.join(names) or 'empty'}", where)


def encode_public_key(key: SM2PublicKey) -> bytes:
    """SubjectPublicKeyInfo in DER."""
    return sequence(_ALGORITHM, bit_string(b"\x04" + key.point))


def load_public_key(data: bytes | str, *, limits: KeyLimits = DEFAULT_KEY_LIMITS) -> SM2PublicKey:
    """Read a SubjectPublicKeyInfo, PEM or DER, under either spelling of its algorithm.

    Raises:
        ParseError: something else, another kind of key, or not a point of the curve.
        LimitExceeded: larger than ``limits.file_bytes``.
    """
    where = "public key"
    der = _der_of(data, _PUBLIC_LABELS, limits=limits, where=where)
    parts = children(expect(read_one(der, where=where), 0x30, where=where), where=where)
    if len(parts) != 2:
        raise _error(f"SubjectPublicKeyInfo has 2 parts, found {len(parts)}", where)
    _check_algorithm(parts[0], where)
    return SM2PublicKey._from_sec1(decode_bit_string(parts[1], where=where))


def encode_private_key(key: SM2PrivateKey, *, password: bytes | str | None = None) -> bytes:
    """PKCS#8 in DER, with the public key inside; encrypted when there is a password."""
    inner = sequence(
        integer(1),
        octet_string(key._d),
        context(0, oid(oids.SM2_CURVE)),
        context(1, bit_string(b"\x04" + key.public_key().point)),
    )
    plain = sequence(integer(0), _ALGORITHM, octet_string(inner))
    if password is None:
        return plain
    from egov_sdk.crypto._pbes2 import encrypt_pkcs8

    return encrypt_pkcs8(plain, password)


def load_private_key(
    data: bytes | str, *, password: bytes | str | None = None, limits: KeyLimits = DEFAULT_KEY_LIMITS
) -> SM2PrivateKey:
    """Read a private key: PKCS#8 plain or encrypted, or SEC 1; PEM or DER.

    Encrypted keys are PBES2 with PBKDF2 (HMAC-SM3 under either identifier, or HMAC-SHA256) and SM4-CBC.
    A password that is not needed is not looked at.

    Raises:
        ParseError: not such a file, not an SM2 key, or its public half does not belong to it.
        KeyAccessError: encrypted and no password given, or the password is wrong.
        LimitExceeded: the file, or the work that its password derivation asks for, is too large.
    """
    where = "private key"
    der = _der_of(data, _PRIVATE_LABELS, limits=limits, where=where)
    parts = children(expect(read_one(der, where=where), 0x30, where=where), where=where)
    if [part.tag for part in parts] == [0x30, 0x04]:
        return _load_encrypted(parts, password, limits=limits, where=where)
    return _load_plain(parts, where)


def _load_encrypted(
    parts: tuple[Tlv, ...], password: bytes | str | None, *, limits: KeyLimits, where: str
) -> SM2PrivateKey:
    from egov_sdk.crypto._pbes2 import decrypt_pkcs8, wrong_password

    if password is None:
        raise KeyAccessError("the private key is encrypted and no password was given", code="egov.key.password_needed")
    plain = decrypt_pkcs8(parts, password, max_iterations=limits.iterations, where=where)
    try:
        inner = children(expect(read_one(plain), 0x30))
        return _load_plain(inner, where)
    except ParseError:
        # a wrong password can give valid padding by chance: the same answer as for invalid padding
        raise wrong_password() from None


def _load_plain(parts: tuple[Tlv, ...], where: str) -> SM2PrivateKey:
    if len(parts) < 2 or parts[0].tag != 0x02:
        raise _error("neither PKCS#8 nor SEC 1", where)
    version = decode_integer(parts[0], where=where)
    if parts[1].tag == 0x04 and version == 1:
        return _load_sec1(parts, where)
    # PKCS#8 (version 0) or RFC 5958 (version 1); attributes and a second public key may follow
    if (
        version not in (0, 1)
        or not 3 <= len(parts) <= 5
        or any(part.tag not in (0xA0, 0x81, 0xA1) for part in parts[3:])
    ):
        raise _error("neither PKCS#8 nor SEC 1", where)
    _check_algorithm(parts[1], where)
    inner = read_one(expect(parts[2], 0x04, where=where).content, where=where)
    return _load_sec1(children(expect(inner, 0x30, where=where), where=where), where)


def _load_sec1(parts: tuple[Tlv, ...], where: str) -> SM2PrivateKey:
    # RFC 5915, 3
    if len(parts) < 2 or decode_integer(parts[0], where=where) != 1:
        raise _error("not an ECPrivateKey of version 1", where)
    octets = expect(parts[1], 0x04, where=where).content
    d = int.from_bytes(octets, "big")
    if not 1 <= len(octets) <= 32 or not 1 <= d <= N - 2:
        raise _error("the private key is not 1 to 32 bytes in [1, n-2]", where)
    key = SM2PrivateKey.from_int(d)
    rest = list(parts[2:])
    if rest and rest[0].tag == 0xA0:
        names = [decode_oid(part, where=where) for part in children(rest.pop(0), where=where)]
        if names != [oids.SM2_CURVE]:
            raise _error(f"not an SM2 key: its curve is {', '.join(names) or 'empty'}", where)
    if rest and rest[0].tag == 0xA1:
        fields = children(rest.pop(0), where=where)
        if len(fields) != 1:
            raise _error("the public half is not one BIT STRING", where)
        stated = SM2PublicKey._from_sec1(decode_bit_string(fields[0], where=where))
        if stated != key.public_key():
            raise _error("the public half does not belong to the private key", where)
    if rest:
        raise _error(f"{len(rest)} unknown parts in ECPrivateKey", where)
    return key
