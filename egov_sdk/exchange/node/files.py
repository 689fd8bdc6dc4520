"""Attachments as a node keeps them: content-addressed chunks in its database, each checked before it is kept.

A file is known by whose it is, its root, length and size of chunks. Whose it is belongs to it: who names the digest of
another's file has not got that file. Files go in by chunks, in any order and again after a cut, and are whole when the
last one is there; nothing is sent or accepted that names a file which is not whole.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from egov_sdk.crypto import sm3
from egov_sdk.crypto.hashes import sm3_many
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.envelope.problems import refuse as refuse_envelope
from egov_sdk.exchange.envelope.stream import DIGEST, check_manifest, chunk_count, chunk_length
from egov_sdk.exchange.envelope.tree import LEAF
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.model import Direction
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.tables import ATTACHMENTS, AWAITED, CHUNKS, FILES, MESSAGES, SECRETS
from egov_sdk.storage.sql import (
    Connection,
    RowMapping,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    insert_unless_there,
    or_,
    select,
    update,
    upsert,
)

__all__ = ["MOST_CHUNKS", "OWN", "Files", "file_key"]

M, F, C, A, W = MESSAGES.c, FILES.c, CHUNKS.c, ATTACHMENTS.c, AWAITED.c
#: Whose the files are that this department sends.
OWN: Final = ""
#: The manifest of a file goes as one piece, so that no file has more chunks: 32 GiB in chunks of 256 KiB.
MOST_CHUNKS: Final = 1 << 17
_LOCKED: Final = select(FILES).where(F.file == bindparam("file")).with_for_update()
_CHUNK: Final = select(C.content).where(C.file == bindparam("file"), C.position == bindparam("position"))
_NEXT: Final = CHUNKS.alias("following")
_GAP: Final = select(func.min(C.position) + 1).where(
    C.file == bindparam("file"),
    ~exists(select(_NEXT.c.file).where(_NEXT.c.file == C.file, _NEXT.c.position == C.position + 1)),
)
_NEEDED: Final = or_(exists(select(A.number).where(A.file == F.file)), exists(select(W.file).where(W.file == F.file)))


def file_key(owner: str, attachment: Attachment) -> bytes:
    """What a file is known by, 32 bytes."""
    size = attachment.length.to_bytes(8, "big") + attachment.chunk_bytes.to_bytes(4, "big")
    return sm3(bytes.fromhex(attachment.digest) + size + owner.encode())


class Files:
    """Keeps files; every method runs in the caller's transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def check(self, attachment: Attachment) -> None:
        """Whether a node carries such a file.

        Raises:
            NodeRejected: attachment_form, attachment_size.
        """
        if not attachment.chunk_bytes or chunk_count(attachment) > MOST_CHUNKS:
            raise refuse("node.attachment_form", found=attachment.name, expected=MOST_CHUNKS)
        most = self._desk.settings.most_attachment_bytes
        if attachment.length > most:
            raise refuse("node.attachment_size", found=attachment.length, expected=most)

    # ------------------------------------------------------------------ coming in

    def begin(self, connection: Connection, owner: str, attachment: Attachment) -> bytes:
        """Make room for a file unless it is there; its key.

        Raises:
            NodeRejected: as ``check``.
        """
        self.check(attachment)
        file, now = file_key(owner, attachment), self._desk.now()
        row = {
            "file": file,
            "owner": owner,
            "digest": bytes.fromhex(attachment.digest),
            "length": attachment.length,
            "chunk_bytes": attachment.chunk_bytes,
            "manifest": b"",
            "held": 0,
            "touched_at": now,
        }
        if not insert_unless_there(connection, FILES, row):
            self.touch(connection, file)
        return file

    def touch(self, connection: Connection, file: bytes) -> bool:
        """Keep a file from being swept away by another transaction; whether it is there and whole."""
        now = self._desk.now()
        change = update(FILES).where(F.file == file).values(touched_at=now)
        row = connection.execute(change.returning(F.held, F.length, F.chunk_bytes, F.manifest)).one_or_none()
        return row is not None and bool(row[3]) and row[0] == max(1, -(-row[1] // row[2]))

    def put_manifest(self, connection: Connection, file: bytes, attachment: Attachment, manifest: bytes) -> None:
        """Take the digests of the chunks.

        Raises:
            EnvelopeRejected: they are another file's.
        """
        check_manifest(manifest, attachment, limits=self._desk.settings.limits)
        connection.execute(update(FILES).where(F.file == file, F.manifest == b"").values(manifest=manifest))

    def put(
        self, connection: Connection, file: bytes, attachment: Attachment, *, first: int, chunks: Sequence[bytes]
    ) -> int:
        """Take chunks that follow one another; the number of the next. One that is there already is left alone.

        Raises:
            EnvelopeRejected: a chunk is another one, or of another length; none of them is kept then.
            NodeRejected: attachment_unknown; nobody has begun this file, or its manifest is not there yet.
        """
        row = connection.execute(_LOCKED, {"file": file}).mappings().one_or_none()
        if row is None or not row["manifest"]:
            raise refuse("node.attachment_unknown", found=attachment.digest)
        _compare(attachment, row["manifest"], first, chunks)
        there = select(C.position).where(C.file == file, C.position >= first, C.position < first + len(chunks))
        known = set(connection.execute(there).scalars())
        rows = [
            {"file": file, "position": place, "content": self._desk.pack(chunk, about=_about(file, place))}
            for place, chunk in enumerate(chunks, first)
            if place not in known
        ]
        if rows:
            connection.execute(insert(CHUNKS), rows)
            change = {"held": F.held + len(rows), "touched_at": self._desk.now()}
            connection.execute(update(FILES).where(F.file == file).values(change))
        return first + len(chunks)

    def missing(self, connection: Connection, file: bytes) -> int:
        """The number of the first chunk that is not there; -1 where not even the manifest is."""
        row = connection.execute(select(FILES).where(F.file == file)).mappings().one_or_none()
        if row is None or not row["manifest"]:
            return -1
        if connection.execute(_CHUNK, {"file": file, "position": 0}).one_or_none() is None:
            return 0
        return int(connection.execute(_GAP, {"file": file}).scalar_one())

    # ------------------------------------------------------------------ going out

    def manifest(self, connection: Connection, file: bytes) -> bytes:
        """The digests of the chunks of a file; nothing where they are not there."""
        return connection.execute(select(F.manifest).where(F.file == file)).scalar_one_or_none() or b""

    def chunk(self, connection: Connection, file: bytes, position: int) -> bytes:
        """One chunk.

        Raises:
            NodeRejected: no_content; it is not kept any more.
            StorageError: damaged.
        """
        packed = connection.execute(_CHUNK, {"file": file, "position": position}).scalar_one_or_none()
        if packed is None:
            raise refuse("node.no_content", found=position)
        return self._desk.unpack(packed, about=_about(file, position))

    def read(self, connection: Connection, owner: str, attachment: Attachment, *, offset: int = 0) -> Iterator[bytes]:
        """What is in a file, from a byte on, chunk by chunk; each is held against the digests again.

        Raises:
            NodeRejected: no_content.
            EnvelopeRejected, StorageError: what is kept is damaged.
        """
        file, size = file_key(owner, attachment), attachment.chunk_bytes
        manifest = self.manifest(connection, file)
        if not manifest:
            raise refuse("node.no_content", found=attachment.name)
        first = offset // size
        for place in range(first, chunk_count(attachment) if offset < attachment.length else 0):
            chunk = self.chunk(connection, file, place)
            _compare(attachment, manifest, place, [chunk])
            yield chunk[offset - first * size :] if place == first else chunk

    # ------------------------------------------------------------------ messages and what they name

    def link(self, connection: Connection, number: int, files: Sequence[bytes]) -> None:
        """Tie files to a message that is kept."""
        rows = [{"number": number, "place": place, "file": file} for place, file in enumerate(files)]
        connection.execute(insert(ATTACHMENTS), rows)

    def known_bytes(self, connection: Connection, files: Iterable[bytes]) -> int:
        """How long those of the files are together that have been begun."""
        wanted = select(func.coalesce(func.sum(F.length), 0)).where(F.file.in_(list(files)))
        return int(connection.execute(wanted).scalar_one())

    def waiting(self, connection: Connection, direction: Direction, peer: str) -> int:
        """How many bytes of files belong to messages with a partner that are not finished or not yet whole."""
        busy = exists(
            select(A.number)
            .join_from(ATTACHMENTS, MESSAGES, M.number == A.number)
            .where(A.file == F.file, M.direction == direction.value, M.peer == peer, M.due_at.is_not(None))
        )
        owner = OWN if direction is Direction.OUT else peer
        awaited = exists(select(W.file).where(W.file == F.file, W.sender == peer, W.until > self._desk.now()))
        wanted = select(func.coalesce(func.sum(F.length), 0)).where(F.owner == owner, or_(busy, awaited))
        return int(connection.execute(wanted).scalar_one())

    def keep_secrets(self, connection: Connection, secrets: Mapping[int, bytes]) -> None:
        """Keep the keys of messages whose attachments go on after a cut."""
        rows = [
            {"number": number, "secret": self._desk.pack(secret, about=_about(b"secret", number))}
            for number, secret in secrets.items()
        ]
        if rows:
            connection.execute(insert(SECRETS), rows)

    def secrets(self, connection: Connection, numbers: Iterable[int]) -> dict[int, bytes]:
        """The keys of those messages that have attachments."""
        wanted = select(SECRETS).where(SECRETS.c.number.in_(list(numbers)))
        return {
            row[0]: self._desk.unpack(row[1], about=_about(b"secret", row[0])) for row in connection.execute(wanted)
        }

    # ------------------------------------------------------------------ what is waited for

    def expect(
        self, connection: Connection, *, sender: str, message: str, file: bytes, secret: bytes, until: datetime
    ) -> None:
        """Take pieces of a file from now on, under the key of a message that has been verified."""
        row = {
            "sender": sender,
            "message": message,
            "file": file,
            "secret": self._desk.pack(secret, about=file),
            "until": until,
        }
        statement = upsert(connection.dialect.name, AWAITED).values(row)
        replace = {"secret": statement.excluded.secret, "until": statement.excluded.until}
        connection.execute(statement.on_conflict_do_update(index_elements=["sender", "message", "file"], set_=replace))

    def expected(
        self, connection: Connection, *, sender: str, message: str, digest: bytes
    ) -> tuple[RowMapping, bytes] | None:
        """The file that a message waits for, and the key of its pieces."""
        wanted = select(FILES, W.secret).join_from(AWAITED, FILES, W.file == F.file)
        wanted = wanted.where(W.sender == sender, W.message == message, F.digest == digest, W.until > self._desk.now())
        row = connection.execute(wanted).mappings().first()
        return None if row is None else (row, self._desk.unpack(row["secret"], about=row["file"]))

    def arrived(self, connection: Connection, *, sender: str, message: str) -> None:
        """Wait no longer for the files of a message."""
        connection.execute(delete(AWAITED).where(W.sender == sender, W.message == message))

    # ------------------------------------------------------------------ the end

    def forget(self, connection: Connection, *, before: datetime) -> int:
        """Let go of the files of messages that were finished before a moment, and of those that nobody waits for or
        sends any more; how many files went.
        """
        finished = select(M.number).where(M.finished_at < before)
        for table in (ATTACHMENTS, SECRETS):
            connection.execute(delete(table).where(table.c.number.in_(finished)))
        connection.execute(delete(AWAITED).where(W.until < before))
        gone = list(
            connection.execute(delete(FILES).where(and_(F.touched_at < before, ~_NEEDED)).returning(F.file)).scalars()
        )
        for start in range(0, len(gone), 200):
            connection.execute(delete(CHUNKS).where(C.file.in_(gone[start : start + 200])))
        return len(gone)


def _about(file: bytes, number: int) -> bytes:
    return file + number.to_bytes(8, "big")


def _compare(attachment: Attachment, manifest: bytes, first: int, chunks: Sequence[bytes]) -> None:
    """Every chunk must be the one that was signed, at its place.

    Raises:
        EnvelopeRejected: one is not.
        LimitExceeded: there are more than the file has.
    """
    count = chunk_count(attachment)
    if not 0 <= first <= count - len(chunks):
        raise LimitExceeded("chunks", allowed=count, found=first + len(chunks), where=attachment.name)
    for place, (chunk, digest) in enumerate(
        zip(chunks, sm3_many(LEAF + chunk for chunk in chunks), strict=True), first
    ):
        if len(chunk) != chunk_length(attachment, place):
            raise refuse_envelope("stream.length", found=len(chunk), expected=chunk_length(attachment, place))
        if not hmac.compare_digest(digest, manifest[place * DIGEST : (place + 1) * DIGEST]):
            raise refuse_envelope("stream.chunk", found=place)
