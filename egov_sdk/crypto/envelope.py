"""SM2EnvelopedKey (密钥对保护): how a CA hands an encryption key pair to its holder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from egov_sdk.crypto import oids
from egov_sdk.crypto._curve import N
from egov_sdk.crypto.ciphertext import decrypt, encrypt
from egov_sdk.crypto.der import (
    Tlv,
    bit_string,
    children,
    decode_bit_string,
    decode_oid,
    encode_tlv,
    expect,
    null,
    oid,
    read_one,
    sequence,
)
from egov_sdk.crypto.keys import Random, SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.sm4 import sm4_ecb_decrypt, sm4_ecb_encrypt
from egov_sdk.errors import ParseError

__all__ = ["SM2EnvelopedKey"]

_CODE = "egov.crypto.enveloped_key"


def _error(message: str) -> ParseError:
    return ParseError(message, where="SM2EnvelopedKey", code=_CODE)


@dataclass(frozen=True, slots=True)
class SM2EnvelopedKey:
    """A private key under a symmetric key, and that one under the recipient's SM2 key.

    Source:
        GM/T 0009-2012, 7.4.
    """

    public_key: SM2PublicKey
    encrypted_key: bytes = field(repr=False)  # SM2Cipher, DER
    encrypted_private_key: bytes = field(repr=False)  # SM4-ECB

    @classmethod
    def seal(cls, key: SM2PrivateKey, recipient: SM2PublicKey, *, random: Random = os.urandom) -> SM2EnvelopedKey:
        """Put a private key into an envelope that only the recipient opens."""
        secret = random(16)
        return cls(key.public_key(), encrypt(recipient, secret, random=random), sm4_ecb_encrypt(secret, key._d))

    @classmethod
    def parse(cls, der: bytes) -> SM2EnvelopedKey:
        """Read an envelope; SM4 may be named .104 or .104.1, with NULL or without parameters.

        Raises:
            ParseError: another structure or cipher, or a public key that is no point of the curve.
        """
        parts = children(expect(read_one(der, where="SM2EnvelopedKey"), 0x30), where="SM2EnvelopedKey")
        if len(parts) != 4:
            raise _error(f"expected 4 parts, found {len(parts)}")
        _check_cipher(parts[0])
        expect(parts[1], 0x30)
        point = decode_bit_string(parts[2])
        protected = decode_bit_string(parts[3])
        if len(protected) not in (32, 64):
            raise _error(f"the encrypted private key has 32 or 64 bytes, found {len(protected)}")
        return cls(SM2PublicKey._from_sec1(point), parts[1].raw, protected)

    def encode(self) -> bytes:
        """The envelope in DER; SM4 is named .104.1 with NULL."""
        return sequence(
            sequence(oid(oids.SM4_ECB), null()),
            self.encrypted_key,
            bit_string(b"\x04" + self.public_key.point),
            encode_tlv(0x03, b"\x00" + self.encrypted_private_key),
        )

    def open(self, recipient: SM2PrivateKey) -> SM2PrivateKey:
        """The private key, checked against the public key beside it.

        Raises:
            ParseError: not openable with this key, or what is inside is not the private half; one error for all.
        """
        try:
            secret = decrypt(recipient, self.encrypted_key)
        except ParseError:
            secret = b""
        plain = sm4_ecb_decrypt(secret, self.encrypted_private_key) if len(secret) == 16 else b""
        # GM/T 0016's structure has room for 512 bits: wrappers that copy it put 32 zero octets in front
        d = int.from_bytes(plain, "big")
        if 1 <= d <= N - 2:
            key = SM2PrivateKey.from_int(d)
            if key.public_key() == self.public_key:
                return key
        raise _error("cannot be opened with this key")


def _check_cipher(tlv: Tlv) -> None:
    fields = children(expect(tlv, 0x30))
    if not fields or len(fields) > 2 or (len(fields) == 2 and fields[1].raw != null()):
        raise _error("the cipher has parameters other than NULL")
    name = decode_oid(fields[0])
    if name not in (oids.SM4, oids.SM4_ECB):
        raise _error(f"the private key is under {name}, only SM4-ECB is read")
