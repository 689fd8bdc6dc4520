"""Large attachments in chunks under a hash tree: each is checked before anybody sees it, from any chunk on.

The digest of an attachment is the root over its chunks; the list of their digests (the manifest, 32 bytes a chunk) goes
ahead and is held against the root first. Memory does not grow with the file, but for that list.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from egov_sdk.crypto.hashes import sm3_many
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.envelope.problems import MORE, refuse
from egov_sdk.exchange.envelope.tree import root_of
from egov_sdk.report import Text

__all__ = ["CHUNK_BYTES", "Measured", "copy_verified", "measure", "resume_point", "verified_chunks"]

CHUNK_BYTES: Final = 256 << 10
DIGEST: Final = 32
#: As many chunks as are hashed side by side, and no more than that many bytes of them.
_SIDE_BY_SIDE, _WINDOW_BYTES = 16, 16 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """What a file is: its length, and the digests of its chunks."""

    length: int
    chunk_bytes: int
    manifest: bytes = field(repr=False)

    @property
    def root(self) -> bytes:
        """The root over the chunks, 32 bytes."""
        return root_of(_leaves(self.manifest))

    def attachment(self, name: str, *, content_type: str = "application/octet-stream") -> Attachment:
        """The file as an attachment of a message."""
        return Attachment(
            name=name,
            content_type=content_type,
            length=self.length,
            digest=self.root.hex(),
            chunk_bytes=self.chunk_bytes,
        )


class Window:
    """A buffer for some chunks at once, each behind the byte that marks a leaf, so that none is copied to be hashed."""

    def __init__(self, chunk_bytes: int) -> None:
        self.chunks = max(1, min(_SIDE_BY_SIDE, _WINDOW_BYTES // chunk_bytes))
        memory = memoryview(bytearray(self.chunks * (chunk_bytes + 1)))
        self._leaves = [memory[i * (chunk_bytes + 1) : (i + 1) * (chunk_bytes + 1)] for i in range(self.chunks)]
        self._filled: list[memoryview] = []

    def clear(self) -> None:
        """Begin anew."""
        self._filled = []

    def read(self, source: BinaryIO, count: int) -> int:
        """Fill the next chunk from a file; how many bytes there were."""
        leaf = self._leaves[len(self._filled)]
        got = read_into(source, leaf[1 : count + 1])
        self._filled.append(leaf[: got + 1])
        return got

    def put(self, chunk: bytes) -> None:
        """Take the next chunk from memory."""
        leaf = self._leaves[len(self._filled)]
        leaf[1 : len(chunk) + 1] = chunk
        self._filled.append(leaf[: len(chunk) + 1])

    def drop_last(self) -> None:
        """Forget the last chunk."""
        self._filled.pop()

    def __len__(self) -> int:
        return len(self._filled)

    def digests(self) -> list[bytes]:
        """The leaf of each chunk."""
        return sm3_many(self._filled)

    def contents(self) -> Iterator[bytes]:
        """The chunks, without the mark."""
        return (bytes(leaf[1:]) for leaf in self._filled)


def read_into(source: BinaryIO, target: memoryview) -> int:
    """Fill a buffer as far as there are bytes."""
    filled = 0
    while filled < len(target):
        piece = source.read(len(target) - filled)
        if not piece:
            break
        target[filled : filled + len(piece)] = piece
        filled += len(piece)
    return filled


def _leaves(manifest: bytes) -> list[bytes]:
    return [manifest[i : i + DIGEST] for i in range(0, len(manifest), DIGEST)]


def measure(source: BinaryIO, *, chunk_bytes: int = CHUNK_BYTES) -> Measured:
    """Read a file once to its end and hash its chunks.

    Args:
        chunk_bytes: 1 to 4 MiB.
    Raises:
        ValueError: another size of chunks.
    """
    if not 1 <= chunk_bytes <= 4 << 20:
        raise ValueError("a chunk has 1 byte to 4 MiB")
    window, length = Window(chunk_bytes), 0
    digests: list[bytes] = []
    while True:
        window.clear()
        while len(window) < window.chunks:
            got = window.read(source, chunk_bytes)
            length += got
            if not got and (digests or len(window) > 1):
                window.drop_last()  # an empty file has one empty chunk, and no other file has one
            if got < chunk_bytes:
                return Measured(length, chunk_bytes, b"".join([*digests, *window.digests()]))
        digests += window.digests()


def chunk_count(attachment: Attachment) -> int:
    """How many chunks an attachment has; an empty one has one.

    Raises:
        EnvelopeRejected: it is named by one digest of the whole.
    """
    if not attachment.chunk_bytes:
        raise refuse("stream.plain", name=attachment.name)
    return max(1, -(-attachment.length // attachment.chunk_bytes))


def check_manifest(
    manifest: bytes, attachment: Attachment, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS
) -> None:
    """The list of digests must be that of the attachment.

    Raises:
        EnvelopeRejected: it is another.
        LimitExceeded: there are too many chunks.
    """
    count = check_count(attachment, limits=limits)
    if len(manifest) != count * DIGEST:
        found = Text(f"{len(manifest)} bytes for {count} chunks", f"{count} 块对应 {len(manifest)} 字节")
        raise refuse("stream.manifest", found=found)
    if not hmac.compare_digest(root_of(_leaves(manifest)), bytes.fromhex(attachment.digest)):
        raise refuse("stream.manifest", found=Text("another root", "根不同"))


def check_count(attachment: Attachment, *, limits: EnvelopeLimits) -> int:
    """How many chunks there are, if they are not too many.

    Raises:
        LimitExceeded: they are.
    """
    count = chunk_count(attachment)
    if count > limits.attachment_chunks:
        raise LimitExceeded("attachment_chunks", allowed=limits.attachment_chunks, found=count, where=attachment.name)
    return count


def chunk_length(attachment: Attachment, index: int) -> int:
    """How long a chunk is."""
    return min(attachment.chunk_bytes, attachment.length - index * attachment.chunk_bytes)


def verified_chunks(
    source: BinaryIO,
    *,
    attachment: Attachment,
    manifest: bytes,
    first_chunk: int = 0,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> Iterator[bytes]:
    """The chunks of an attachment, each given out once it has proved to be the one that was signed.

    Args:
        source: stands at the beginning of that chunk, and ends where the attachment ends.
        attachment: from a message that was verified.
        first_chunk: where to go on.
    Raises:
        EnvelopeRejected: the manifest or a chunk is not what was signed, or there are more or fewer bytes.
        ValueError: there is no such chunk.
    """
    check_manifest(manifest, attachment, limits=limits)
    count = chunk_count(attachment)
    if not 0 <= first_chunk <= count:
        raise ValueError(f"first_chunk must be 0 to {count}")
    return _verified(source, attachment, manifest, first_chunk)


def _verified(source: BinaryIO, attachment: Attachment, manifest: bytes, first: int) -> Iterator[bytes]:
    window, count = Window(attachment.chunk_bytes), chunk_count(attachment)
    for start in range(first, count, window.chunks):
        window.clear()
        for index in range(start, min(start + window.chunks, count)):
            expected = chunk_length(attachment, index)
            got = window.read(source, expected)
            if got != expected:
                raise cut(attachment, index * attachment.chunk_bytes + got)
        yield from checked(window, manifest, start)
    if source.read(1):
        raise refuse("stream.length", found=MORE, expected=attachment.length)


def cut(attachment: Attachment, found: int) -> Exception:
    """The error for an attachment that ends too early; the caller raises it."""
    return refuse("stream.length", found=found, expected=attachment.length)


def checked(window: Window, manifest: bytes, start: int) -> Iterator[bytes]:
    """The chunks of a window, after all before a wrong one.

    Raises:
        EnvelopeRejected: a chunk is not what was signed.
    """
    for index, (digest, chunk) in enumerate(zip(window.digests(), window.contents(), strict=True), start):
        if not hmac.compare_digest(digest, manifest[index * DIGEST : (index + 1) * DIGEST]):
            raise refuse("stream.chunk", found=index)
        yield chunk


def copy_verified(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    attachment: Attachment,
    manifest: bytes,
    first_chunk: int = 0,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> int:
    """Copy an attachment; nothing is written that was not signed.

    Returns:
        How many bytes were written.
    Raises:
        EnvelopeRejected, ValueError: as verified_chunks.
    """
    chunks = verified_chunks(source, attachment=attachment, manifest=manifest, first_chunk=first_chunk, limits=limits)
    return write_all(chunks, sink)


def write_all(chunks: Iterable[bytes], sink: BinaryIO) -> int:
    """Write chunks one after another; how many bytes that were."""
    written = 0
    for chunk in chunks:
        sink.write(chunk)
        written += len(chunk)
    return written


def resume_point(
    sink: BinaryIO,
    attachment: Attachment,
    *,
    manifest: bytes | None = None,
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS,
) -> int:
    """The first chunk that a file of an earlier attempt lacks; what is behind whole chunks is cut off.

    Args:
        sink: open for reading and writing; it is left standing at its new end.
        manifest: what is there is read and held against it, up to the first chunk that is another. Without it all that
            is there counts as what the earlier attempt wrote, whatever became of it since.
    Raises:
        EnvelopeRejected: the attachment is named by one digest of the whole, or the manifest is another one's.
    """
    count = chunk_count(attachment)
    whole = min(sink.seek(0, 2) // attachment.chunk_bytes, attachment.length // attachment.chunk_bytes)
    if attachment.length and whole * attachment.chunk_bytes == attachment.length:
        whole = count
    if manifest is not None:
        check_manifest(manifest, attachment, limits=limits)
        whole = _right(sink, attachment, manifest, whole)
    sink.truncate(whole * attachment.chunk_bytes)
    sink.seek(0, 2)
    return whole


def _right(sink: BinaryIO, attachment: Attachment, manifest: bytes, whole: int) -> int:
    """How many of the chunks that are there are what was signed, from the first on."""
    window = Window(attachment.chunk_bytes)
    sink.seek(0)
    for start in range(0, whole, window.chunks):
        window.clear()
        for index in range(start, min(start + window.chunks, whole)):
            window.read(sink, chunk_length(attachment, index))
        for index, digest in enumerate(window.digests(), start):
            if not hmac.compare_digest(digest, manifest[index * DIGEST : (index + 1) * DIGEST]):
                return index
    return whole
