"""Messages that are signed, then encrypted to each of their receivers."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from egov_sdk.crypto import Signer, SM2PublicKey, sm3
from egov_sdk.crypto.jose import to_base64url
from egov_sdk.crypto.kdf import hkdf_sm3
from egov_sdk.crypto.keys import Random
from egov_sdk.crypto.sm4 import SM4GCM
from egov_sdk.errors import InputError, LimitExceeded, VerificationError
from egov_sdk.exchange.envelope.canonical import HEX_DIGEST, canonical, only, read_json
from egov_sdk.exchange.envelope.headers import check_routing
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Envelope, Party
from egov_sdk.exchange.envelope.problems import HEX_DIGITS, OTHER_TEXT, refuse, unreadable
from egov_sdk.exchange.envelope.signature import Stamper
from egov_sdk.exchange.envelope.signed import KeptMessage, SignedMessage, sign_envelope
from egov_sdk.pki import Certificate
from egov_sdk.report import Text

__all__ = ["Decrypter", "OpenedMessage", "Recipient", "SealedMessage", "decrypt", "encrypt", "key_id", "seal"]

SEALED_TYPE: Final = "egov-envelope+jwe"
_CONTENT_TYPE: Final = "egov-envelope+jws"
_HEADER: Final = {"alg": "SGD_SM2_3", "cty": _CONTENT_TYPE, "enc": "SGD_SM4_GCM", "typ": SEALED_TYPE}
_PLAIN_HEADER: Final = canonical(_HEADER)
_DEFLATED_HEADER: Final = canonical(_HEADER | {"zip": "DEF"})
_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 12, 16
_MOST_WRAPPED: Final = 256
_HEADER_DEPTH: Final = 4
_STREAM_INFO: Final = b"egov-envelope/1 attachments"
_ENCRYPTING: Final = frozenset({"keyEncipherment", "dataEncipherment", "keyAgreement"})


class Decrypter(Protocol):
    """Holds one SM2 private key and decrypts with it. SM2PrivateKey is one."""

    def public_key(self) -> SM2PublicKey:
        """The public key that belongs to it."""

    def decrypt(self, ciphertext: bytes) -> bytes:
        """What was encrypted to the public key (DER SM2Cipher); raises InputError where that fails."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """The content key under one receiver's SM2 key."""

    key_id: str
    encrypted_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedMessage:
    """An encrypted message (加密报文) as it came.

    Who sent it, and for whom, is told outside, and is authentic only once it was opened and verified.
    """

    protected: bytes = field(repr=False)
    recipients: tuple[Recipient, ...]
    routing: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    tag: bytes = field(repr=False)
    members_unverified: Mapping[str, object] = field(repr=False, compare=False)

    @property
    def id_unverified(self) -> str:
        """The message's id, for looking up what was received before."""
        return str(self.members_unverified["id"])

    def to_json(self) -> bytes:
        """The message in JSON: a JWE in general serialization."""
        from egov_sdk.exchange.envelope.json_form import write_sealed

        return write_sealed(self)

    def to_xml(self) -> bytes:
        """The same message in canonical XML."""
        from egov_sdk.exchange.envelope.xml_form import write_sealed

        return write_sealed(self)


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """The signed message that was inside, its octets, and the key that it was under."""

    message: SignedMessage
    octets: bytes = field(repr=False)
    _secret: bytes = field(repr=False)

    @property
    def stream_secret(self) -> bytes:
        """What the encrypted attachments are under."""
        return stream_secret(self._secret)


def key_id(key: SM2PublicKey) -> str:
    """What a receiver's key is named by: SM3 over 04 ‖ x ‖ y, in hexadecimal."""
    return sm3(b"\x04" + key.point).hex()


def seal(
    envelope: Envelope,
    *,
    to: Mapping[Party, Certificate | SM2PublicKey],
    signer: Signer,
    certificate: Certificate,
    certificates: Iterable[Certificate] = (),
    time_stamp: Stamper | None = None,
    compress: bool = False,
    random: Random = os.urandom,
) -> OpenedSeal:
    """Sign a message, then encrypt it so that each of its receivers can open it and nobody else.

    Args:
        to: the encryption certificate or key of each receiver, of all and of no others. Whether to trust a
            certificate is the caller's question; its dates and its usage are looked at.
        certificate, certificates, time_stamp: as for sign_envelope.
        compress: before encrypting. How long the outcome is then tells something of the content.
    Raises:
        ValueError: the keys are not those of the receivers, or the certificate is not the signer's.
        EnvelopeRejected: a certificate is not one to encrypt to.
    """
    if set(to) != set(envelope.receivers):
        raise ValueError("`to` must hold one key for each receiver of the message, and no others")
    message = sign_envelope(
        envelope,
        signer=signer,
        certificate=certificate,
        certificates=certificates,
        time_stamp=time_stamp,
        random=random,
    )
    keys = [_usable(to[party], party, envelope.created_at) for party in envelope.receivers]
    return encrypt(message, keys, compress=compress, random=random)


@dataclass(frozen=True, slots=True)
class OpenedSeal:
    """What seal made: the message to send, the signed one inside to keep, and the secret for its attachments."""

    sealed: SealedMessage
    message: SignedMessage
    _secret: bytes = field(repr=False)

    @property
    def stream_secret(self) -> bytes:
        """What the encrypted attachments are under."""
        return stream_secret(self._secret)


def _usable(key: Certificate | SM2PublicKey, party: Party, at: datetime) -> SM2PublicKey:
    if isinstance(key, SM2PublicKey):
        return key
    if key.key_usage is not None and not key.key_usage & _ENCRYPTING:
        raise refuse("envelope.certificate_use", name=party.id, found=Text("its key usage", "密钥用法不符"))
    if not key.covers(at):
        raise refuse("envelope.certificate_use", name=party.id, found=Text("not within its dates", "不在有效期内"))
    return key.public_key


def encrypt(
    message: SignedMessage,
    keys: Iterable[SM2PublicKey],
    *,
    compress: bool = False,
    secret: bytes | None = None,
    random: Random = os.urandom,
) -> OpenedSeal:
    """Encrypt a signed message to some keys.

    Args:
        secret: 16 bytes, the key of an earlier encryption of the same message, whose attachments are to go on; None
            for a new one.
    Raises:
        ValueError: there is no key, or the secret has another length.
    Source:
        RFC 7516, 5.1 and 7.2.1; GM/T 0125.3-2022 for the names of the algorithms.
    """
    secret = new_secret(random) if secret is None else secret
    return OpenedSeal(enclose(message, keys, secret=secret, compress=compress, random=random), message, secret)


def enclose(
    message: SignedMessage | KeptMessage,
    keys: Iterable[SM2PublicKey],
    *,
    secret: bytes,
    compress: bool = False,
    random: Random = os.urandom,
) -> SealedMessage:
    """As encrypt, also of a message as it was kept; only what is to be sent."""
    receivers, iv = tuple(dict.fromkeys(keys)), random(_NONCE_BYTES)
    if not receivers:
        raise ValueError("a message is encrypted to somebody")
    if len(secret) != _KEY_BYTES:
        raise ValueError(f"the secret has {_KEY_BYTES} bytes")
    plaintext = message.to_json()
    if compress:
        deflate = zlib.compressobj(wbits=-15)
        plaintext = deflate.compress(plaintext) + deflate.flush()
    protected = _DEFLATED_HEADER if compress else _PLAIN_HEADER
    outside = message.routing
    routing = canonical(outside)
    sealed = SM4GCM(secret).encrypt(iv, plaintext, _associated(protected, routing))
    return SealedMessage(
        protected=protected,
        recipients=tuple(Recipient(key_id(key), key.encrypt(secret, random=random)) for key in receivers),
        routing=routing,
        iv=iv,
        ciphertext=sealed[:-_TAG_BYTES],
        tag=sealed[-_TAG_BYTES:],
        members_unverified=outside,
    )


def _associated(protected: bytes, routing: bytes) -> bytes:
    return f"{to_base64url(protected)}.{to_base64url(routing)}".encode("ascii")


def new_secret(random: Random = os.urandom) -> bytes:
    """A key for the content of one message."""
    return random(_KEY_BYTES)


def stream_secret(secret: bytes) -> bytes:
    """The secret of the attachments of a message, from the key of its content."""
    return hkdf_sm3(secret, _KEY_BYTES, info=_STREAM_INFO)


def sealed_message(
    *,
    protected: bytes,
    recipients: tuple[Recipient, ...],
    routing: bytes,
    iv: bytes,
    ciphertext: bytes,
    tag: bytes,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> SealedMessage:
    """A message of its parts as they came.

    Raises:
        ParseError, LimitExceeded: they are none.
    """
    if protected not in (_PLAIN_HEADER, _DEFLATED_HEADER):
        _check_header(protected)
    if not recipients:
        raise unreadable("envelope.encrypted_to_nobody")
    if len(recipients) > limits.receivers:
        raise LimitExceeded("receivers", allowed=limits.receivers, found=len(recipients), where="recipients")
    if len({one.key_id for one in recipients}) != len(recipients):
        raise unreadable(
            "envelope.member",
            name="recipients",
            found=Text("one key twice", "重复的密钥"),
            expected=Text("each key once", "每个密钥一次"),
        )
    if not all(HEX_DIGEST.fullmatch(one.key_id) for one in recipients):
        raise unreadable("envelope.member", name="kid", found=OTHER_TEXT, expected=HEX_DIGITS)
    if any(len(one.encrypted_key) > _MOST_WRAPPED for one in recipients):
        raise unreadable(
            "envelope.member", name="encrypted_key", found=Text("too long", "过长"), expected=_MOST_WRAPPED
        )
    for name, value, size in (("iv", iv, _NONCE_BYTES), ("tag", tag, _TAG_BYTES)):
        if len(value) != size:
            found, expected = (Text(f"{count} bytes", f"{count} 字节") for count in (len(value), size))
            raise unreadable("envelope.member", name=name, found=found, expected=expected)
    members = check_routing(routing, limits=limits)
    return SealedMessage(
        protected=protected,
        recipients=recipients,
        routing=routing,
        iv=iv,
        ciphertext=ciphertext,
        tag=tag,
        members_unverified=members,
    )


def _check_header(protected: bytes) -> None:
    """A header that is written in another way must say the same.

    Raises:
        ParseError: it says something else.
    """
    header = read_json(protected, depth=_HEADER_DEPTH, where="protected")
    only(header, {"alg", "cty", "enc", "typ", "zip"}, where="protected")
    for name, expected in _HEADER.items():
        if header.get(name) != expected:
            raise unreadable("envelope.signature_header", name=name, found=header.get(name), expected=expected)
    if header.get("zip", "DEF") != "DEF":
        raise unreadable("envelope.signature_header", name="zip", found=header["zip"], expected="DEF")


def decrypt(
    sealed: SealedMessage, key: Decrypter, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS
) -> OpenedMessage:
    """The signed message inside, which is verified by nobody yet.

    Raises:
        EnvelopeRejected: it is not encrypted to this key, cannot be decrypted, or says outside what it does not say
            inside.
        InputError: what was inside is no signed message, or becomes too large.
    """
    from egov_sdk.exchange.envelope.json_form import read_signed

    ours = key_id(key.public_key())
    wrapped = next((one.encrypted_key for one in sealed.recipients if one.key_id == ours), None)
    if wrapped is None:
        raise refuse("envelope.not_encrypted_to_us", found=len(sealed.recipients))
    try:
        secret = key.decrypt(wrapped)
        if len(secret) != _KEY_BYTES:
            raise refuse("envelope.decryption")
        plaintext = SM4GCM(secret).decrypt(
            sealed.iv, sealed.ciphertext + sealed.tag, _associated(sealed.protected, sealed.routing)
        )
    except (InputError, VerificationError):
        raise refuse("envelope.decryption") from None
    if sealed.protected != _PLAIN_HEADER and "zip" in read_json(sealed.protected, depth=_HEADER_DEPTH):
        plaintext = _inflated(plaintext, limits)
    message = read_signed(plaintext, limits=limits)
    # the octets outside are the canonical ones of what was read from them
    if message.routing != sealed.members_unverified:
        raise refuse("envelope.routing", name=_difference(message.read.members, sealed.members_unverified))
    return OpenedMessage(message, plaintext, secret)


def _difference(inside: Mapping[str, object], outside: Mapping[str, object]) -> str:
    return next((name for name in sorted({*outside}) if inside.get(name) != outside.get(name)), "a header left out")


def _inflated(packed: bytes, limits: EnvelopeLimits) -> bytes:
    most = min(limits.message_bytes, int(max(limits.ratio * len(packed), limits.ratio_from_bytes)))
    inflate = zlib.decompressobj(wbits=-15)
    try:
        found = inflate.decompress(packed, most)
    except zlib.error as error:
        raise unreadable("envelope.compressed", found=error) from None
    if not inflate.eof and (inflate.unconsumed_tail or len(found) >= most):
        name = "ratio" if most < limits.message_bytes else "message_bytes"
        allowed = limits.ratio if name == "ratio" else limits.message_bytes
        raise LimitExceeded(name, allowed=allowed, found=f"more than {most} bytes of {len(packed)}")
    if not inflate.eof or inflate.unused_data:
        raise unreadable("envelope.compressed", found=Text("it does not end where it should", "结尾位置不对"))
    return found
