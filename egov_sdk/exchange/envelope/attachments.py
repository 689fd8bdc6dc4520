"""Whether a file is the attachment that a message names."""

from __future__ import annotations

import hmac
import io
from pathlib import Path
from typing import BinaryIO, Final

from egov_sdk.crypto.hashes import SM3
from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.envelope.stream import measure

__all__ = ["AttachmentSource", "matches"]

AttachmentSource = bytes | Path
_PIECE: Final = 1 << 20


def matches(attachment: Attachment, source: AttachmentSource) -> bool:
    """Whether the length and the digest are those that the message states."""
    if isinstance(source, bytes):
        return _same(attachment, io.BytesIO(source))
    with source.open("rb") as file:
        return _same(attachment, file)


def _same(attachment: Attachment, file: BinaryIO) -> bool:
    expected = bytes.fromhex(attachment.digest)
    if attachment.chunk_bytes:
        found = measure(file, chunk_bytes=attachment.chunk_bytes)
        return found.length == attachment.length and hmac.compare_digest(found.root, expected)
    running, length = SM3(), 0
    while piece := file.read(_PIECE):
        running.update(piece)
        length += len(piece)
    return length == attachment.length and hmac.compare_digest(running.digest(), expected)
