"""Files of messages as the department's applications give and take them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.envelope.stream import chunk_count, measure
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import OWN, Files, file_key
from egov_sdk.exchange.node.model import Direction
from egov_sdk.exchange.node.outbox import Outbox
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.rows import fetch
from egov_sdk.storage.sql import Connection, RowMapping

__all__ = ["Attaching", "windows"]

#: So much goes in one transaction, and in one request.
_WINDOW_BYTES: Final = 1 << 20


def windows(source: BinaryIO, attachment: Attachment, first: int) -> Iterator[tuple[int, bytes]]:
    """A file from a chunk on, some chunks at a time, each time with the number of the first."""
    together = max(1, _WINDOW_BYTES // attachment.chunk_bytes)
    source.seek(first * attachment.chunk_bytes)
    for start in range(first, chunk_count(attachment), together):
        yield start, source.read(together * attachment.chunk_bytes)


class Attaching:
    """Keeps files that are to be sent, and reads those of messages. Threads may share one."""

    def __init__(self, desk: Desk, outbox: Outbox, files: Files) -> None:
        self._desk, self._outbox, self._files = desk, outbox, files

    def attach(self, name: str, source: BinaryIO, *, content_type: str = "application/octet-stream") -> Attachment:
        """Keep a file to be sent; see ExchangeService."""
        source.seek(0)
        measured = measure(source)
        attachment = measured.attachment(name, content_type=content_type)
        for first, content in windows(source, attachment, self.offer(attachment, measured.manifest)):
            self.bring(attachment, first, content)
        return attachment

    def offer(self, attachment: Attachment, manifest: bytes) -> int:
        """Begin a file; the number of its first chunk that is missing, which behind the last one is none.

        Raises:
            NodeRejected: attachment_form, attachment_size.
            EnvelopeRejected: the manifest is another file's.
        """
        with self._desk.store.write(durable=False) as connection:
            file = self._files.begin(connection, OWN, attachment)
            self._files.put_manifest(connection, file, attachment, manifest)
            return self._files.missing(connection, file)

    def bring(self, attachment: Attachment, first: int, content: bytes) -> int:
        """Keep chunks that follow one another; the number of the next.

        Raises:
            NodeRejected: attachment_unknown; it was not offered.
            EnvelopeRejected, LimitExceeded: they are not those that were offered.
        """
        self._files.check(attachment)
        size = attachment.chunk_bytes
        chunks = [content[start : start + size] for start in range(0, len(content) or 1, size)]
        # a draft that names the file is queued in a transaction that waits for the disk, and with it for this
        with self._desk.store.write(durable=False) as connection:
            return self._files.put(connection, file_key(OWN, attachment), attachment, first=first, chunks=chunks)

    def part(self, number: int, name: str, *, offset: int = 0) -> bytes:
        """Some of an attachment from a byte on, up to about 1 MiB; nothing behind its end.

        Raises:
            NodeRejected: message_unknown, no_content.
        """
        found = bytearray()
        with self._desk.store.read() as connection:
            for chunk in self._chunks(connection, number, name, offset):
                found += chunk
                if len(found) >= _WINDOW_BYTES:
                    break
        return bytes(found)

    def save(self, number: int, name: str, sink: BinaryIO, *, offset: int = 0) -> int:
        """Write an attachment; see ExchangeService."""
        begun = offset
        while part := self.part(number, name, offset=offset):
            sink.write(part)
            offset += len(part)
        return offset - begun

    def _chunks(self, connection: Connection, number: int, name: str, offset: int) -> Iterator[bytes]:
        row: RowMapping = fetch(connection, number)
        named = {one.name: one for one in self._outbox.read(connection, number).envelope_unverified.attachments}
        if name not in named:
            raise refuse("node.no_content", found=number)
        owner = OWN if row["direction"] == Direction.OUT.value else row["sender"]
        return self._files.read(connection, owner, named[name], offset=offset)
