"""Bringing the attachments of a message to its receiver: from where it has them, piece after piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.model import Attachment, Envelope, Party, new_id
from egov_sdk.exchange.envelope.stream import chunk_count
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import OWN, Files, file_key
from egov_sdk.exchange.node.parcels import Refusal, read_answer
from egov_sdk.exchange.node.pieces import Pieces, progress_of, sealed_chunks, sealed_manifest
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.transport import Parcel, Transport

__all__ = ["Carrier"]

_TAG_BYTES = 16
_LINE_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """The way of the attachments of one message to one receiver.

    Attributes:
        secret: ``stream_secret`` of the message as it was sealed for this receiver.
        moved: is told after each parcel whether its receiver has said that it took it; it may stop the work.
    """

    desk: Desk
    files: Files
    transport: Transport
    receiver: Party
    secret: bytes
    moved: Callable[[bool], None]

    def carry(self, envelope: Envelope, awaits: Mapping[str, int]) -> None:
        """Send what is awaited.

        Raises:
            NodeRejected: piece_size, no_content, not_taken; and whatever ``moved`` raises.
            Exception: as Transport.deliver.
        """
        for attachment in {one.digest: one for one in envelope.attachments}.values():
            if attachment.digest in awaits:
                self._carry(envelope.id, attachment, awaits[attachment.digest])

    def _carry(self, message: str, attachment: Attachment, at: int) -> None:
        file, count = file_key(OWN, attachment), chunk_count(attachment)
        together = max(1, self._most() // (attachment.chunk_bytes + _TAG_BYTES))
        if at < 0:
            with self.desk.store.read() as connection:
                manifest = self.files.manifest(connection, file)
            at = self._send(message, attachment, -1, 1, sealed_manifest(self.secret, attachment, manifest))
        while at < count:
            with self.desk.store.read() as connection:
                chunks = [self.files.chunk(connection, file, place) for place in range(at, min(at + together, count))]
            sealed = sealed_chunks(self.secret, attachment, at, chunks)
            at = self._send(message, attachment, at, len(chunks), sealed)

    def _most(self) -> int:
        """How many bytes of pieces go at once."""
        ours = self.desk.settings.piece_bytes
        return min(ours, getattr(self.transport, "piece_bytes", ours))

    def _send(self, message: str, attachment: Attachment, first: int, count: int, sealed: bytes) -> int:
        """The number of the chunk that is to go next."""
        limit = getattr(self.transport, "piece_bytes", None)
        if limit is not None and len(sealed) > limit:
            raise refuse("node.piece_size", found=len(sealed), expected=limit)
        desk = self.desk
        pieces = Pieces(
            message=message,
            sender=desk.identity.party,
            receiver=self.receiver,
            attachment=attachment.digest,
            first=first,
            count=count,
            sealed=sealed,
        )
        answer = self.transport.deliver(
            Parcel(
                id=new_id(desk.now(), random=desk.random),
                sender=desk.identity.party,
                receiver=self.receiver,
                count=count,
                data=pieces.to_bytes(),
            )
        )
        desk.count("pieces_sent", by=count)
        following = first + count
        if answer is not None and progress_of(answer) != following:
            raise refuse("node.not_taken", partner=self.receiver.id, found=self._why(answer))
        self.moved(answer is not None)
        return following

    def _why(self, answer: bytes) -> str:
        try:
            said = read_answer(answer, limits=self.desk.settings.limits)
        except InputError as error:
            return error.code
        return said.code if isinstance(said, Refusal) else "another answer"
