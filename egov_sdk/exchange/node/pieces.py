"""Pieces of attachments on their way between two nodes, and the one who takes them in.

A parcel of pieces is one line of canonical JSON behind ``egov-pieces/1`` and a blank, then the pieces one after
another: either the manifest, or some chunks that follow one another, each under SM4-GCM at its place. The key comes
from that of the message which names the attachment; nobody else can make a piece that is taken, and nothing is taken
for a message that was not verified first. The answer is a line ``egov-progress/1``, or a refusal.

Source:
    This project's own form; docs/en/exchange-transports.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from egov_sdk.errors import InputError, VerificationError
from egov_sdk.exchange.envelope.canonical import HEX_DIGEST, canonical, only, read_json, require
from egov_sdk.exchange.envelope.model import Attachment, Party
from egov_sdk.exchange.envelope.problems import refuse as refuse_envelope
from egov_sdk.exchange.envelope.stream import DIGEST, chunk_count, chunk_length
from egov_sdk.exchange.envelope.stream_sealed import DATA, MANIFEST, ChunkCipher
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import Files
from egov_sdk.exchange.node.parcels import Refusal
from egov_sdk.exchange.node.problems import NodeRejected, refuse
from egov_sdk.report import Text

__all__ = ["PIECES", "PROGRESS_FORMAT", "Pieces", "PiecesInbox", "is_pieces", "progress_of"]

PIECES: Final = "egov-pieces/1"
PROGRESS_FORMAT: Final = "egov-progress/1"
_BEGIN: Final = PIECES.encode() + b" "
_MAGIC: Final = b"EGOVPCS1"
_TAG_BYTES: Final = 16
_LINE_BYTES: Final = 1024
_DEPTH: Final = 4
_TEXTS: Final = ("attachment", "message", "receiver", "sender")
_NUMBERS: Final = ("first", "count")
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{15,63}")


def is_pieces(data: bytes) -> bool:
    """Whether a parcel holds pieces and no messages."""
    return data.startswith(_BEGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Some pieces of one attachment.

    Attributes:
        attachment: its digest, in hexadecimal.
        first: the number of the first chunk; -1 for the manifest.
        count: how many pieces.
    """

    message: str
    sender: Party
    receiver: Party
    attachment: str
    first: int
    count: int
    sealed: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """The parcel."""
        members = {
            "attachment": self.attachment,
            "count": self.count,
            "first": self.first,
            "message": self.message,
            "receiver": self.receiver.id,
            "sender": self.sender.id,
        }
        return _BEGIN + canonical(members) + b"\n" + self.sealed

    @classmethod
    def parse(cls, data: bytes) -> Pieces:
        """Read a parcel of pieces.

        Raises:
            NodeRejected: piece; it is none.
        """
        line, end, sealed = data[: _LINE_BYTES + 1].partition(b"\n")
        if not is_pieces(line) or not end:
            raise refuse("node.piece", found=Text("another line", "首行不符"))
        sealed = data[len(line) + 1 :]
        try:
            members = read_json(line[len(_BEGIN) :], depth=_DEPTH, where="pieces")
            only(members, {*_TEXTS, *_NUMBERS}, where="pieces")
            texts = {name: str(require(members, name, str, where="pieces")) for name in _TEXTS}
            first, count = (cast("int", require(members, name, int, where="pieces")) for name in _NUMBERS)
            sender, receiver = Party.parse(texts["sender"]), Party.parse(texts["receiver"])
        except (InputError, ValueError) as error:
            raise refuse("node.piece", found=getattr(error, "text", None) or error) from None
        named = _ID.fullmatch(texts["message"]) and HEX_DIGEST.fullmatch(texts["attachment"])
        if not named or first < -1 or count < 1 or (first < 0 and count > 1):
            raise refuse("node.piece", found=Text("other values", "取值不合规"))
        return cls(
            message=texts["message"],
            sender=sender,
            receiver=receiver,
            attachment=texts["attachment"],
            first=first,
            count=count,
            sealed=sealed,
        )


def _cipher(secret: bytes, attachment: Attachment) -> ChunkCipher:
    # the key is for this content alone, so that a piece that goes again goes as it went before
    return ChunkCipher.of(secret, b"", attachment, magic=_MAGIC)


def sealed_manifest(secret: bytes, attachment: Attachment, manifest: bytes) -> bytes:
    """The manifest as a piece."""
    return _cipher(secret, attachment).seal(MANIFEST, 0, manifest, last=True)


def sealed_chunks(secret: bytes, attachment: Attachment, first: int, chunks: Sequence[bytes]) -> bytes:
    """Chunks that follow one another, as pieces."""
    cipher, last = _cipher(secret, attachment), chunk_count(attachment) - 1
    return b"".join(cipher.seal(DATA, at, chunk, last=at == last) for at, chunk in enumerate(chunks, first))


def _opened(secret: bytes, attachment: Attachment, pieces: Pieces) -> Iterator[bytes]:
    cipher, last, start = _cipher(secret, attachment), chunk_count(attachment) - 1, 0
    if pieces.first + pieces.count > last + 1:
        at, of = pieces.first + pieces.count - 1, last + 1
        raise refuse("node.piece", found=Text(f"chunk {at} of {of}", f"第 {at} 块（共 {of} 块）"))
    for at in range(pieces.first, pieces.first + pieces.count):
        end = start + chunk_length(attachment, at) + _TAG_BYTES
        if end > len(pieces.sealed):
            raise refuse_envelope("stream.length", found=len(pieces.sealed), expected=end)
        yield cipher.open(DATA, at, pieces.sealed[start:end], last=at == last)
        start = end
    if start != len(pieces.sealed):
        raise refuse_envelope("stream.length", found=len(pieces.sealed), expected=start)


class PiecesInbox:
    """Takes in pieces that messages wait for."""

    def __init__(self, desk: Desk, files: Files) -> None:
        self._desk, self._files = desk, files

    def accept(self, data: bytes) -> bytes:
        """Keep pieces; how far the attachment has come, or a refusal.

        Raises:
            StorageError: nothing was taken.
        """
        try:
            pieces = Pieces.parse(data)
        except NodeRejected as error:
            self._desk.count("refused", error.code)
            return Refusal.of(error).to_json()
        try:
            return self._progress(pieces, self._take(pieces))
        except (InputError, VerificationError) as error:
            self._desk.count("refused", error.code)
            return Refusal.of(error, message=pieces.message, receiver=self._desk.identity.party.id).to_json()

    def _take(self, pieces: Pieces) -> int:
        desk, files = self._desk, self._files
        peer = desk.partner(pieces.sender).party
        digest = bytes.fromhex(pieces.attachment)
        with desk.store.read() as connection:
            awaited = files.expected(connection, sender=pieces.sender.id, message=pieces.message, digest=digest)
        if awaited is None or pieces.receiver != desk.identity.party:
            raise refuse("node.not_awaited", found=pieces.message, partner=peer.id)
        row, secret = awaited
        attachment = Attachment(
            name=pieces.attachment, length=row["length"], digest=pieces.attachment, chunk_bytes=row["chunk_bytes"]
        )
        if pieces.first < 0:
            manifest = self._manifest(secret, attachment, pieces)
            with desk.store.write(durable=False) as connection:
                files.put_manifest(connection, row["file"], attachment, manifest)
            return 0
        chunks = list(_opened(secret, attachment, pieces))
        # a message that names them is accepted in a transaction that waits for the disk, and with it for these
        with desk.store.write(durable=False) as connection:
            return files.put(connection, row["file"], attachment, first=pieces.first, chunks=chunks)

    def _manifest(self, secret: bytes, attachment: Attachment, pieces: Pieces) -> bytes:
        expected = chunk_count(attachment) * DIGEST + _TAG_BYTES
        if len(pieces.sealed) != expected:
            raise refuse_envelope("stream.length", found=len(pieces.sealed), expected=expected)
        return _cipher(secret, attachment).open(MANIFEST, 0, pieces.sealed, last=True)

    def _progress(self, pieces: Pieces, next_one: int) -> bytes:
        self._desk.count("pieces")
        return canonical(
            {
                "attachment": pieces.attachment,
                "format": PROGRESS_FORMAT,
                "message": pieces.message,
                "next": next_one,
                "receiver": self._desk.identity.party.id,
            }
        )


def progress_of(answer: bytes) -> int | None:
    """The number of the chunk that is to come next; None where the answer is another one."""
    try:
        members = read_json(answer[: _LINE_BYTES + 1], depth=_DEPTH, where="answer")
        return cast("int", require(members, "next", int)) if members.get("format") == PROGRESS_FORMAT else None
    except InputError:
        return None
