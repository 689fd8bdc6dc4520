"""Sending: drafts are signed and queued in the application's own transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from egov_sdk.crypto import sm3
from egov_sdk.exchange.envelope.model import Envelope, Party, new_id
from egov_sdk.exchange.envelope.signed import SignedMessage, sign_envelope
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import OWN, Files, file_key
from egov_sdk.exchange.node.journal import Entry
from egov_sdk.exchange.node.model import Direction, Draft, MessageRecord, MessageState
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.rows import content_of, fetch, insert_messages, keep_contents, record_of, room
from egov_sdk.exchange.node.settings import Partner
from egov_sdk.exchange.node.tables import MESSAGES
from egov_sdk.storage.sql import Connection, RowMapping, select

__all__ = ["Outbox"]

M = MESSAGES.c
_SECRET_BYTES: Final = 16


def message_row(
    envelope: Envelope,
    *,
    direction: Direction,
    receiver: Party,
    digest: bytes,
    signed: bytes,
    rank: int,
    now: datetime,
    draft: bytes = b"",
) -> dict[str, Any]:
    """A row for a new message that is due at once."""
    peer = receiver if direction is Direction.OUT else envelope.sender
    return {
        "direction": direction.value,
        "peer": peer.id,
        "sender": envelope.sender.id,
        "receiver": receiver.id,
        "id": envelope.id,
        "service": envelope.service,
        "resource": envelope.resource,
        "conversation": envelope.conversation,
        "correlation": envelope.correlation,
        "digest": digest,
        "signed": signed,
        "draft": draft,
        "size": len(envelope.content),
        "rank": rank,
        "state": MessageState.QUEUED.value,
        "due_at": now,
        "lease": "",
        "attempts": 0,
        "problem": "",
        "created_at": envelope.created_at,
        "expires_at": envelope.expires_at,
        "stored_at": now,
        "updated_at": now,
        "finished_at": None,
    }


def entry_of(
    action: str, row: RowMapping | Mapping[str, Any], *, text: bytes = b"", problem: str = "", actor: str = ""
) -> Entry:
    """What the log says of a step of a message: ids, parties, digest, and nothing of the content."""
    detail: dict[str, object] = {name: row[name] for name in ("direction", "sender", "receiver", "service", "resource")}
    detail |= {"digest": row["digest"].hex(), "size": row["size"]}
    if problem:
        detail["problem"] = problem
    return Entry(action, row["id"], detail, actor=actor, text=text)


@dataclass(frozen=True, slots=True)
class _New:
    """A row to be inserted, the message as it was signed, and the files that it names."""

    row: dict[str, Any]
    text: bytes
    files: list[bytes]


class Outbox:
    """Takes drafts of applications."""

    def __init__(self, desk: Desk, files: Files) -> None:
        self._desk, self._files = desk, files

    def queue(self, connection: Connection, drafts: Sequence[Draft]) -> tuple[MessageRecord, ...]:
        """Sign drafts and queue them, once for each receiver; what is there already under a caller's own id is given
        as it is.

        Raises:
            NodeRejected, ValueError: as ExchangeService.send; nothing is queued then.
        """
        desk, now = self._desk, self._desk.now()
        desk.journal.check(connection, at=now)
        self._make_room(connection, drafts)
        return self._queued(connection, drafts, now)

    def tell(self, connection: Connection, draft: Draft) -> None:
        """Queue a message of the node's own, which no queue is too full for."""
        self._desk.partner(draft.receivers[0])
        self._queued(connection, [draft], self._desk.now())

    def _queued(self, connection: Connection, drafts: Sequence[Draft], now: datetime) -> tuple[MessageRecord, ...]:
        desk, found, new = self._desk, list[tuple[MessageRecord, ...]](), list[_New]()
        for draft in drafts:
            known = self._known(connection, draft) if draft.id else ()
            found.append(known)
            if not known:
                new += self._new(connection, draft, now)
        numbers = insert_messages(connection, [one.row for one in new])
        made = iter(self._kept(connection, new, numbers))
        desk.journal.write(connection, [entry_of("message.queued", one.row, text=one.text) for one in new], at=now)
        desk.count("queued", by=len(new))
        given = zip(drafts, found, strict=True)
        return tuple(one for draft, known in given for one in known or [next(made) for _ in draft.receivers])

    def _kept(
        self,
        connection: Connection,
        new: Sequence[_New],
        numbers: Mapping[tuple[str, str, str], int],
    ) -> list[MessageRecord]:
        records, contents = [], []
        left = dict(numbers)
        for one in new:
            row = one.row
            number = left.pop((row["sender"], row["id"], row["receiver"]), None)
            if number is None:  # somebody else has used the id in the meantime, or the caller twice
                raise refuse("node.conflict", found=row["id"])
            contents.append((number, self._desk.pack(one.text, about=row["digest"])))
            records.append(record_of({**row, "number": number}, receipted=False))
            if one.files:
                self._files.link(connection, number, one.files)
                self._files.keep_secrets(connection, {number: self._desk.random(_SECRET_BYTES)})
        keep_contents(connection, contents)
        return records

    def _make_room(self, connection: Connection, drafts: Sequence[Draft]) -> None:
        """Back-pressure: an application learns of a partner that takes nothing before the disk is full."""
        counts = Counter(party for draft in drafts for party in draft.receivers)
        for party, count in counts.items():
            partner, peer = self._desk.partner(party), party.id
            if room(connection, Direction.OUT, peer, most=partner.most_waiting, wanted=count) < count:
                raise refuse("node.queue_full", found=partner.most_waiting, partner=peer)
            new = sum(one.length for draft in drafts if party in draft.receivers for one in draft.attachments)
            if new and (total := new + self._files.waiting(connection, Direction.OUT, peer)) > partner.most_file_bytes:
                raise refuse("node.files_full", found=total, partner=peer, expected=partner.most_file_bytes)

    def _known(self, connection: Connection, draft: Draft) -> tuple[MessageRecord, ...]:
        wanted = select(M.number, M.draft).where(
            M.direction == Direction.OUT.value, M.sender == self._desk.identity.party.id, M.id == draft.id
        )
        rows = connection.execute(wanted.order_by(M.number)).all()
        if any(row[1] != _draft_digest(draft) for row in rows):
            raise refuse("node.conflict", found=draft.id)
        return tuple(record_of(fetch(connection, row[0])) for row in rows)

    def _whole(self, connection: Connection, draft: Draft) -> list[bytes]:
        """The files that a draft names, which must be there; from here on nobody sweeps them away."""
        files = []
        for one in draft.attachments:
            self._files.check(one)
            files.append(file_key(OWN, one))
            if not self._files.touch(connection, files[-1]):
                raise refuse("node.attachment_unknown", found=one.digest)
        return files

    def _new(self, connection: Connection, draft: Draft, now: datetime) -> list[_New]:
        """One message under one signature, and a row for each of its receivers."""
        files = self._whole(connection, draft)
        message = self._sign(self._envelope(connection, draft, now))
        text, signed, own = message.to_json(), sm3(message.signature.value), b""
        if draft.id:
            own = _draft_digest(draft)
        return [
            _New(
                message_row(
                    message.envelope_unverified,
                    direction=Direction.OUT,
                    receiver=party,
                    digest=message.digest,
                    signed=signed,
                    rank=_rank(draft.priority, self._desk.partner(party)),
                    now=now,
                    draft=own,
                ),
                text,
                files,
            )
            for party in draft.receivers
        ]

    def _envelope(self, connection: Connection, draft: Draft, now: datetime) -> Envelope:
        asked = None if draft.answers is None else self.read(connection, draft.answers).envelope_unverified
        return Envelope(
            id=draft.id or new_id(now, random=self._desk.random),
            conversation=draft.conversation or (asked.conversation or asked.id if asked is not None else ""),
            correlation=asked.id if asked is not None else "",
            request_digest=asked.digest.hex() if asked is not None else "",
            sender=self._desk.identity.party,
            receivers=draft.receivers,
            service=draft.service,
            resource=draft.resource,
            purpose=draft.purpose,
            basis=draft.basis,
            created_at=now,
            expires_at=now + timedelta(seconds=draft.life_s),
            content_type=draft.content_type,
            content=draft.content,
            properties=draft.properties,
            attachments=draft.attachments,
        )

    def _sign(self, envelope: Envelope) -> SignedMessage:
        own = self._desk.identity
        return sign_envelope(
            envelope,
            signer=own.signer,
            certificate=own.certificate,
            certificates=own.certificates,
            random=self._desk.random,
        )

    def read(self, connection: Connection, number: int) -> SignedMessage:
        """A message as it was signed.

        Raises:
            NodeRejected: message_unknown, no_content, content_damaged.
        """
        row = fetch(connection, number)
        packed = content_of(connection, [number]).get(number)
        if packed is None:
            raise refuse("node.no_content", found=number)
        return self._desk.message(row, packed)


def _rank(priority: int, partner: Partner) -> int:
    return 0 if partner.ordered else -priority


def _draft_digest(draft: Draft) -> bytes:
    return sm3(draft.model_dump_json(exclude=None if draft.attachments else {"attachments"}).encode())
