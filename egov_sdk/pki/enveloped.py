"""Digital envelopes (数字信封) of GM/T 0010 and GB/T 35275: read and opened, with a signature inside or without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from egov_sdk.crypto.ciphertext import CiphertextForm
from egov_sdk.crypto.der import (
    Tlv,
    ber_to_der,
    children,
    context,
    decode_integer,
    decode_oid,
    expect,
    octet_string,
    oid,
    read_one,
    sequence,
)
from egov_sdk.crypto.keys import SM2PrivateKey
from egov_sdk.crypto.oids import (
    GM_ENVELOPED_DATA,
    GM_SIGNED_AND_ENVELOPED_DATA,
    GM_SIGNED_DATA,
    PKCS7_ENVELOPED_DATA,
    PKCS7_SIGNED_AND_ENVELOPED_DATA,
    SM2_ENCRYPTION,
    SM4,
    SM4_CBC,
    SM4_ECB,
)
from egov_sdk.crypto.sm4 import sm4_cbc_decrypt, sm4_ecb_decrypt
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki import _signed_data
from egov_sdk.pki._signed_data import WHERE, MessageReader, SignedData, SignerInfo, parts_of
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.name import Name
from egov_sdk.report import Text

__all__ = ["ENVELOPE_LENIENCIES", "EnvelopedData", "Recipient", "open_enveloped", "parse_enveloped"]

#: What real envelopes get wrong and is read all the same.
ENVELOPE_LENIENCIES: Final = MappingProxyType(
    {
        "ber": Text("BER instead of DER", "采用 BER 而非 DER 编码"),
        "certificate_unreadable": Text("a certificate inside cannot be read", "内含无法读取的证书"),
        "cipher_without_mode": Text("the content cipher names no mode", "内容加密算法未写明模式"),
        "key_algorithm_not_301_3": Text(
            "the key encryption is not named as SM2 encryption", "密钥加密算法不是 SM2 加密标识"
        ),
        "recipient_issuer_empty": Text(
            "the issuer of a recipient's certificate is left empty", "接收者证书的签发者名称为空"
        ),
    }
)

_WITH_SIGNATURE: Final = frozenset((GM_SIGNED_AND_ENVELOPED_DATA, PKCS7_SIGNED_AND_ENVELOPED_DATA))
_PLAIN: Final = frozenset((GM_ENVELOPED_DATA, PKCS7_ENVELOPED_DATA))
_KEY_BYTES: Final = 16
#: The orders in which makers write the encrypted key; the hash inside tells which one is right.
_FORMS: Final[tuple[CiphertextForm, ...]] = ("der", "c1c3c2", "c1c2c3", "c1c3c2-bare", "c1c2c3-bare")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One recipient: whose certificate it is (issuer and serial number, or key identifier), and the encrypted key."""

    issuer_raw: bytes | None = field(repr=False)
    serial: int | None
    subject_key_id: bytes | None
    algorithm: str
    encrypted_key: bytes = field(repr=False)

    def names(self, certificate: Certificate) -> bool:
        """Whether this certificate is the recipient's; the issuer may be left empty by some makers."""
        if self.issuer_raw is None:
            return self.subject_key_id is not None and self.subject_key_id == certificate.subject_key_id
        unnamed = self.issuer_raw == sequence()
        return self.serial == certificate.serial_number and (
            unnamed or Name(self.issuer_raw).matches(certificate.issuer)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopedData:
    """An enveloped message as written; ``signers`` is empty unless it was signed before it was put in."""

    content_type: str
    ber: bool
    recipients: tuple[Recipient, ...]
    inner_type: str
    cipher: str
    iv: bytes | None = field(repr=False)
    encrypted: bytes = field(repr=False)
    certificates: tuple[Certificate, ...]
    signers: tuple[SignerInfo, ...]
    leniencies: tuple[str, ...]

    def signed(self, content: bytes) -> SignedData:
        """The signed message that was inside, from what ``open_enveloped`` gave: for ``cms.verify_signer``."""
        inner = sequence(oid(self.inner_type), context(0, octet_string(content)))
        return SignedData(
            content_type=GM_SIGNED_DATA,
            ber=self.ber,
            version=1,
            digest_algorithms=tuple(dict.fromkeys(signer.digest_algorithm for signer in self.signers)),
            inner_type=self.inner_type,
            inner_raw=inner,
            content=content,
            certificates=self.certificates,
            crls=(),
            signers=self.signers,
            leniencies=(),
        )


def parse_enveloped(data: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> EnvelopedData:
    """Read an envelope, in DER or BER, with or without a signature inside.

    Raises:
        ParseError: not EnvelopedData or SignedAndEnvelopedData.
        LimitExceeded: too large, too deep, or too many certificates.
    Source:
        GM/T 0010-2012, 9 and 10; GB/T 35275.
    """
    data = bytes(data)
    try:
        return _read(data, limits, ber=False)
    except ParseError:
        der, ber = ber_to_der(data, limits=limits, where=WHERE)
        if not ber:
            raise
    return _read(der, limits, ber=True)


def _read(data: bytes, limits: Asn1Limits, *, ber: bool) -> EnvelopedData:
    outer = parts_of(read_one(data, limits=limits, where=WHERE), 0x30, 2, limits)
    content_type = decode_oid(outer[0], where=WHERE)
    if content_type not in _WITH_SIGNATURE | _PLAIN or len(outer) != 2:
        raise _signed_data.error(f"content type {content_type} is no envelope", outer[0], found=content_type)
    body = parts_of(outer[1], 0xA0, 1, limits)
    if len(body) != 1:
        raise _signed_data.error("more than one value in the content", outer[1])
    return _EnvelopeReader(limits, ber, content_type).read_envelope(body[0])


class _EnvelopeReader(MessageReader):
    """Reads an envelope; certificates and signers inside are those of a signed message."""

    def read_envelope(self, tlv: Tlv) -> EnvelopedData:
        with_signature = self.content_type in _WITH_SIGNATURE
        parts = parts_of(tlv, 0x30, 4 if with_signature else 3, self.limits)
        decode_integer(parts.pop(0), where=WHERE)
        recipients = tuple(self.recipient(each) for each in parts_of(parts.pop(0), 0x31, 0, self.limits))
        if with_signature:
            expect(parts.pop(0), 0x31, where=WHERE)
        inner_type, cipher, iv, encrypted = self.encrypted_content(parts.pop(0))
        certificates: tuple[Certificate, ...] = ()
        signers: tuple[SignerInfo, ...] = ()
        if with_signature:
            if parts and parts[0].tag == 0xA0:
                certificates = self.certificates(parts.pop(0))
            if parts and parts[0].tag == 0xA1:
                parts.pop(0)
            if parts:
                signers = self.signers(parts.pop(0))
        if parts or (with_signature and not signers):
            raise _signed_data.error("other parts than an envelope has", tlv)
        return EnvelopedData(
            content_type=self.content_type,
            ber=self.ber,
            recipients=recipients,
            inner_type=inner_type,
            cipher=cipher,
            iv=iv,
            encrypted=encrypted,
            certificates=certificates,
            signers=signers,
            leniencies=self.named_leniencies(),
        )

    def recipient(self, tlv: Tlv) -> Recipient:
        parts = parts_of(tlv, 0x30, 4, self.limits)
        if len(parts) != 4:
            raise _signed_data.error(f"a recipient has 4 parts, found {len(parts)}", tlv)
        issuer_raw, serial, key_id = self.recipient_id(parts[1])
        algorithm = _signed_data.algorithm(parts[2])
        if algorithm != SM2_ENCRYPTION:
            self.leniencies.append("key_algorithm_not_301_3")
        return Recipient(
            issuer_raw=issuer_raw,
            serial=serial,
            subject_key_id=key_id,
            algorithm=algorithm,
            encrypted_key=expect(parts[3], 0x04, where=WHERE).content,
        )

    def recipient_id(self, tlv: Tlv) -> tuple[bytes | None, int | None, bytes | None]:
        if tlv.tag == 0x30 and tlv.content[:2] == b"\x00\x00":
            # gmcert.org writes two zero octets where the name should be
            self.leniencies.append("recipient_issuer_empty")
            return sequence(), decode_integer(read_one(tlv.content[2:], where=WHERE), where=WHERE), None
        issuer_raw, serial, key_id = self.signer_id(tlv)
        if issuer_raw == sequence():
            self.leniencies.append("recipient_issuer_empty")
        return issuer_raw, serial, key_id

    def encrypted_content(self, tlv: Tlv) -> tuple[str, str, bytes | None, bytes]:
        parts = parts_of(tlv, 0x30, 3, self.limits)
        inner_type = decode_oid(parts[0], where=WHERE)
        algorithm = parts_of(parts[1], 0x30, 1, self.limits)
        cipher = decode_oid(algorithm[0], where=WHERE)
        iv = algorithm[1].content if len(algorithm) == 2 and algorithm[1].tag == 0x04 else None
        if cipher == SM4:
            self.leniencies.append("cipher_without_mode")
        if parts[2].tag == 0xA0:  # cut into pieces, as BER may
            pieces = children(parts[2], limits=self.limits, where=WHERE)
            return inner_type, cipher, iv, b"".join(expect(piece, 0x04, where=WHERE).content for piece in pieces)
        return inner_type, cipher, iv, expect(parts[2], 0x80, where=WHERE).content


def open_enveloped(
    message: EnvelopedData,
    key: SM2PrivateKey,
    *,
    certificate: Certificate | None = None,
    limits: Asn1Limits = DEFAULT_ASN1_LIMITS,
) -> bytes:
    """Decrypt what is inside with the recipient's key.

    Nothing in an envelope is authenticated: where it was signed too, verify ``message.signed(content)``.

    Args:
        certificate: looks only at recipients with this certificate; without it, at all.
        limits: how many recipients are tried, ``certificates`` of them.
    Raises:
        ParseError: it cannot be opened with this key; one error for every reason.
        LimitExceeded: more recipients would have to be tried.
    Source:
        GM/T 0010-2012, 9; the orders of the encrypted key are those of GM/T 0009-2012 and of its makers.
    """
    tried = [one for one in message.recipients if certificate is None or one.names(certificate)]
    if len(tried) > limits.certificates:
        found = f"{len(tried)} recipients"
        raise LimitExceeded("certificates", allowed=limits.certificates, found=found, where="envelope")
    for recipient in tried:
        for content_key in _content_keys(recipient, key):
            return _decrypt(message, content_key)
    raise _cannot_open()


def _cannot_open() -> ParseError:
    return ParseError("the envelope cannot be opened with this key", where="envelope", code="egov.pki.cannot_open")


def _content_keys(recipient: Recipient, key: SM2PrivateKey) -> Iterator[bytes]:
    for form in _FORMS:
        with suppress(ParseError):
            content_key = key.decrypt(recipient.encrypted_key, form=form)
            if len(content_key) == _KEY_BYTES:
                yield content_key


def _decrypt(message: EnvelopedData, content_key: bytes) -> bytes:
    try:
        if message.cipher in (SM4, SM4_CBC) and message.iv is not None:
            return sm4_cbc_decrypt(content_key, message.iv, message.encrypted)
        if message.cipher in (SM4, SM4_ECB) and message.iv is None:
            # seen only for encryption keys that a CA delivers: whole blocks, no padding
            return sm4_ecb_decrypt(content_key, message.encrypted)
    except (ParseError, ValueError):
        raise _cannot_open() from None
    raise ParseError(
        f"content cipher {message.cipher} is not known here",
        where="envelope",
        code="egov.pki.cipher_unknown",
        found=message.cipher,
    )
