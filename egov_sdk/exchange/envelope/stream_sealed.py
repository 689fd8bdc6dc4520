"""Encrypted attachments (加密附件): the manifest, then the chunks, each under SM4-GCM at its own place.

Source:
    The STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015: a nonce holds the number of the chunk and
    whether it is the last, so that none can be moved, repeated or left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from egov_sdk.crypto.kdf import hkdf_sm3
from egov_sdk.crypto.keys import Random
from egov_sdk.crypto.sm4 import SM4GCM, InvalidTag
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.envelope.problems import MORE, NOTHING, refuse, unreadable
from egov_sdk.exchange.envelope.stream import (
    DIGEST,
    Window,
    check_count,
    check_manifest,
    checked,
    chunk_count,
    chunk_length,
    cut,
    write_all,
)

__all__ = ["decrypt_stream", "encrypt_stream", "opened_chunks", "read_manifest", "sealed_length"]

MAGIC: Final = b"EGOVSTR1"
_SALT_BYTES, _TAG_BYTES, _KEY_BYTES = 16, 16, 16
#: The manifest goes in parts of 2,048 digests.
_PART_BYTES: Final = 64 << 10
MANIFEST, DATA = 0, 1


@dataclass(frozen=True, slots=True)
class ChunkCipher:
    """The key of one encryption of one attachment, and the nonces under it."""

    gcm: SM4GCM = field(repr=False)

    @classmethod
    def of(cls, secret: bytes, salt: bytes, attachment: Attachment, *, magic: bytes = MAGIC) -> ChunkCipher:
        """The key for one attachment.

        Args:
            secret: ``stream_secret`` of the message that names it.
            magic: what form of encryption it is for; another form is another key.
        """
        about = attachment.length.to_bytes(8, "big") + attachment.chunk_bytes.to_bytes(4, "big")
        info = magic + bytes.fromhex(attachment.digest) + about
        return cls(SM4GCM(hkdf_sm3(secret, _KEY_BYTES, salt=salt, info=info)))

    def seal(self, part: int, index: int, chunk: bytes, *, last: bool) -> bytes:
        """A chunk, or a part of the manifest, at its place."""
        return self.gcm.encrypt(_nonce(part, index, last=last), chunk, None)

    def open(self, part: int, index: int, sealed: bytes, *, last: bool) -> bytes:
        """What was sealed at that place.

        Raises:
            EnvelopeRejected: it was not.
        """
        try:
            return self.gcm.decrypt(_nonce(part, index, last=last), sealed, None)
        except InvalidTag:
            found = index if part == DATA else f"{index} of the manifest"
            raise refuse("stream.decryption", found=found) from None


def _nonce(part: int, index: int, *, last: bool) -> bytes:
    return bytes((part, last, 0, 0)) + index.to_bytes(8, "big")


def _secret(secret: bytes) -> bytes:
    if len(secret) != _KEY_BYTES:
        raise ValueError(f"the secret has {_KEY_BYTES} bytes: it comes from seal and open_envelope")
    return secret


def sealed_length(attachment: Attachment) -> int:
    """How long the encrypted attachment is."""
    return _offset(attachment, chunk_count(attachment)) - _surplus(attachment)


def _surplus(attachment: Attachment) -> int:
    return chunk_count(attachment) * attachment.chunk_bytes - attachment.length


def _offset(attachment: Attachment, index: int) -> int:
    """Where a chunk begins."""
    manifest = chunk_count(attachment) * DIGEST
    parts = -(-manifest // _PART_BYTES)
    head = len(MAGIC) + _SALT_BYTES + manifest + parts * _TAG_BYTES
    return head + index * (attachment.chunk_bytes + _TAG_BYTES)


def encrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    attachment: Attachment,
    manifest: bytes,
    secret: bytes,
    random: Random = os.urandom,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> int:
    """Encrypt a file that was measured, while checking that it has not changed since.

    Args:
        secret: ``stream_secret`` of the message that names the attachment.
    Returns:
        How many bytes were written.
    Raises:
        EnvelopeRejected: the file is not the one that was measured.
        ValueError: the secret has another length.
    """
    check_manifest(manifest, attachment, limits=limits)
    salt = random(_SALT_BYTES)
    cipher = ChunkCipher.of(_secret(secret), salt, attachment)
    return write_all(_sealed(source, cipher, salt, attachment, manifest), sink)


def _sealed(
    source: BinaryIO, cipher: ChunkCipher, salt: bytes, attachment: Attachment, manifest: bytes
) -> Iterator[bytes]:
    from egov_sdk.exchange.envelope.stream import verified_chunks

    yield MAGIC + salt
    for index, start in enumerate(range(0, len(manifest), _PART_BYTES)):
        last = start + _PART_BYTES >= len(manifest)
        yield cipher.seal(MANIFEST, index, manifest[start : start + _PART_BYTES], last=last)
    count = chunk_count(attachment)
    for index, chunk in enumerate(verified_chunks(source, attachment=attachment, manifest=manifest)):
        yield cipher.seal(DATA, index, chunk, last=index == count - 1)


def opened_chunks(
    source: BinaryIO,
    *,
    attachment: Attachment,
    secret: bytes,
    first_chunk: int = 0,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> Iterator[bytes]:
    """The chunks of an encrypted attachment, each decrypted and held against what the sender signed.

    Args:
        source: stands at its beginning; to go on at a later chunk it must be able to seek.
        attachment, secret: from the message that was opened.
        first_chunk: where to go on.
    Raises:
        EnvelopeRejected: it is not what was signed, cannot be decrypted, or has more or fewer bytes.
        ParseError: it is no encrypted attachment.
        ValueError: there is no such chunk, or the secret has another length.
    """
    count = check_count(attachment, limits=limits)
    if not 0 <= first_chunk <= count:
        raise ValueError(f"first_chunk must be 0 to {count}")
    begin = source.tell() if first_chunk else 0
    cipher, manifest = _begun(source, attachment, secret, limits)
    if first_chunk:
        end = begin + sealed_length(attachment)
        source.seek(min(begin + _offset(attachment, first_chunk), end))
    return _opened(source, cipher, attachment, manifest, first_chunk)


def read_manifest(
    source: BinaryIO, *, attachment: Attachment, secret: bytes, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS
) -> bytes:
    """The list of chunk digests at the beginning of an encrypted attachment, as the sender signed it.

    With it ``resume_point`` makes sure of what an earlier attempt left.

    Args:
        source: stands at its beginning.
    Raises:
        EnvelopeRejected, ParseError, ValueError: as opened_chunks.
    """
    check_count(attachment, limits=limits)
    return _begun(source, attachment, secret, limits)[1]


def _begun(
    source: BinaryIO, attachment: Attachment, secret: bytes, limits: EnvelopeLimits
) -> tuple[ChunkCipher, bytes]:
    """The key and the manifest of what stands at the beginning of an encrypted attachment."""
    head = _exactly(source, len(MAGIC) + _SALT_BYTES)
    if head[: len(MAGIC)] != MAGIC or len(head) != len(MAGIC) + _SALT_BYTES:
        raise unreadable("stream.header", found=head[: len(MAGIC)].hex() or NOTHING)
    cipher = ChunkCipher.of(_secret(secret), head[len(MAGIC) :], attachment)
    manifest = b"".join(_manifest(source, cipher, chunk_count(attachment) * DIGEST))
    check_manifest(manifest, attachment, limits=limits)
    return cipher, manifest


def _manifest(source: BinaryIO, cipher: ChunkCipher, length: int) -> Iterator[bytes]:
    for index, start in enumerate(range(0, length, _PART_BYTES)):
        size = min(_PART_BYTES, length - start)
        sealed = _exactly(source, size + _TAG_BYTES)
        yield cipher.open(MANIFEST, index, sealed, last=start + size == length)


def _exactly(source: BinaryIO, count: int) -> bytes:
    """So many bytes, or fewer at the end of the file."""
    found = source.read(count)
    while len(found) < count and (more := source.read(count - len(found))):
        found += more
    return found


def _opened(
    source: BinaryIO, cipher: ChunkCipher, attachment: Attachment, manifest: bytes, first: int
) -> Iterator[bytes]:
    window, count = Window(attachment.chunk_bytes), chunk_count(attachment)
    for start in range(first, count, window.chunks):
        window.clear()
        for index in range(start, min(start + window.chunks, count)):
            size = chunk_length(attachment, index)
            sealed = _exactly(source, size + _TAG_BYTES)
            if len(sealed) != size + _TAG_BYTES:
                raise cut(attachment, index * attachment.chunk_bytes)
            window.put(cipher.open(DATA, index, sealed, last=index == count - 1))
        yield from checked(window, manifest, start)
    if source.read(1):
        raise refuse("stream.length", found=MORE, expected=attachment.length)


def decrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    attachment: Attachment,
    secret: bytes,
    first_chunk: int = 0,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> int:
    """Decrypt an attachment; nothing is written that was not signed.

    Returns:
        How many bytes were written.
    Raises:
        EnvelopeRejected, InputError, ValueError: as opened_chunks.
    """
    chunks = opened_chunks(source, attachment=attachment, secret=secret, first_chunk=first_chunk, limits=limits)
    return write_all(chunks, sink)
