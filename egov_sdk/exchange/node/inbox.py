"""Accepting: parcels become messages that are kept, and receipts for them. What came before is known again."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from egov_sdk.crypto import sm3
from egov_sdk.errors import EgovError, InputError
from egov_sdk.exchange.envelope.forms import read_message
from egov_sdk.exchange.envelope.model import Envelope, Party, Receipt, ReceiptOutcome
from egov_sdk.exchange.envelope.problems import NOTHING, EnvelopeRejected
from egov_sdk.exchange.envelope.problems import refuse as refuse_envelope
from egov_sdk.exchange.envelope.receipt import sign_receipts
from egov_sdk.exchange.envelope.sealed import OpenedMessage, SealedMessage, decrypt
from egov_sdk.exchange.envelope.signed import SignedMessage
from egov_sdk.exchange.envelope.verify import verify_envelope
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import Files, file_key
from egov_sdk.exchange.node.journal import Entry
from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.outbox import entry_of, message_row
from egov_sdk.exchange.node.outcomes import OUTCOME_TYPE, Heard, Outcomes
from egov_sdk.exchange.node.parcels import Refusal, join, lines_of
from egov_sdk.exchange.node.pieces import PiecesInbox, is_pieces
from egov_sdk.exchange.node.problems import NodeRejected, refuse
from egov_sdk.exchange.node.rows import insert_messages, keep_contents, keep_receipts, room
from egov_sdk.exchange.node.settings import Partner
from egov_sdk.exchange.node.tables import BUCKETS, MESSAGES, RECEIPTS
from egov_sdk.report import Check, Outcome, Report, Text
from egov_sdk.storage.sql import Connection, Select, bindparam, insert_unless_there, select, sought, update

__all__ = ["Inbox"]

M = MESSAGES.c
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
_MINUTE: Final = timedelta(minutes=1)
_KNOWN_AT_ONCE: Final = 200
#: What a refusal may say under our signature: the sender is certain, and trying again changes nothing.
_SIGNED: Final = frozenset(
    {
        "node.expired",
        "node.conflict",
        "node.service_closed",
        "node.outcome",
        "node.attachment_form",
        "node.attachment_size",
    }
)
_BUCKET: Final = select(BUCKETS).where(BUCKETS.c.peer == bindparam("peer")).with_for_update()


@cache
def _known_ids(dialect: str) -> Select[Any]:
    """The messages of one sender that are here under these ids."""
    of_sender = (
        select(M.id, M.digest, M.signed, RECEIPTS.c.receipt)
        .join_from(MESSAGES, RECEIPTS, RECEIPTS.c.number == M.number)
        .where(M.direction == Direction.IN.value, M.sender == bindparam("sender"))
    )
    return sought(dialect, of_sender, M.id, "ids")


@dataclass(slots=True)
class _Line:
    """One line of a parcel on its way to an answer."""

    message_id: str = ""
    partner: Partner | None = None
    message: SignedMessage | None = None
    receipt: bytes = b""
    answer: bytes = b""
    row: dict[str, Any] = field(default_factory=dict)
    entry: Entry | None = None
    heard: Heard | None = None
    opened: OpenedMessage | None = None
    settled: bool = False  # the answer is a receipt, and so is final

    @property
    def key(self) -> tuple[str, str]:
        assert self.message is not None
        envelope = self.message.envelope_unverified
        return envelope.sender.id, envelope.id

    @property
    def files(self) -> list[bytes]:
        assert self.message is not None
        envelope = self.message.envelope_unverified
        return [file_key(envelope.sender.id, one) for one in envelope.attachments]


@dataclass(frozen=True, slots=True)
class _Known:
    digest: bytes
    signed: bytes
    receipt: bytes


class Inbox:
    """Takes parcels of partners."""

    def __init__(self, desk: Desk, outcomes: Outcomes, files: Files) -> None:
        self._desk, self._outcomes, self._files = desk, outcomes, files
        self._pieces = PiecesInbox(desk, files)

    def accept(self, data: bytes) -> bytes:
        """Keep the messages of a parcel; the answer holds a receipt or a refusal for each, in their order. Pieces of
        attachments are kept as well, and answered with how far they have come.

        Raises:
            LimitExceeded: the parcel is larger than is taken.
            NodeRejected: audit_not_stamped.
            StorageError: nothing was taken; the sender tries again.
        """
        desk, settings, now = self._desk, self._desk.settings, self._desk.now()
        if is_pieces(data):
            return self._pieces.accept(data)
        lines = lines_of(data, most=settings.most_in_parcel, most_bytes=settings.most_bytes)
        if not lines:
            return join([Refusal.of(refuse_envelope("envelope.form", found=NOTHING)).to_json()])
        opened = [self._opened(line) for line in lines]
        with desk.store.read() as connection:
            desk.journal.check(connection, at=now)
            known = self._known(connection, [one.key for one in opened if one.message is not None])
        fresh: dict[tuple[str, str], _Line] = {}
        held = False
        for one in opened:
            if one.message is not None and not (held and self._hold(one)):
                self._look(one, known, fresh, now)
            held |= bool(one.answer) and not one.settled
        self._sign(fresh.values(), now)
        refused = [one.entry for one in opened if one.entry is not None]
        if fresh or refused:
            self._keep(fresh, refused, now)
        again = {key: one.answer for key, one in fresh.items()}
        return join(one.answer or again[one.key] for one in opened)

    # ------------------------------------------------------------------ reading

    def _opened(self, line: bytes) -> _Line:
        """A message out of its encryption, verified by nobody yet; or the answer that it cannot be."""
        desk, found = self._desk, _Line()
        try:
            sealed = read_message(line, limits=desk.settings.limits)
            if not isinstance(sealed, SealedMessage):
                raise refuse_envelope("envelope.not_sealed")
            found.message_id = sealed.id_unverified
            found.partner = desk.partner(_claimed_sender(sealed))
            found.opened = decrypt(sealed, desk.identity.decrypter, limits=desk.settings.limits)
            found.message = found.opened.message
        except (InputError, EnvelopeRejected, NodeRejected) as error:
            self._refused(found, error)
        return found

    def _refused(
        self, line: _Line, error: EgovError, *, after_s: int = 0, awaits: Mapping[str, int] = _NOTHING
    ) -> None:
        us = self._desk.identity.party.id
        refusal = Refusal.of(error, message=line.message_id, after_s=after_s, receiver=us, awaits=awaits)
        line.answer = refusal.to_json()
        self._desk.count("refused", error.code)

    def _known(self, connection: Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], _Known]:
        found, wanted = {}, _known_ids(connection.dialect.name)
        by_sender: dict[str, list[str]] = {}
        for sender, message_id in keys:
            by_sender.setdefault(sender, []).append(message_id)
        for sender, ids in by_sender.items():
            for start in range(0, len(ids), _KNOWN_AT_ONCE):
                given = {"sender": sender, "ids": ids[start : start + _KNOWN_AT_ONCE]}
                for row in connection.execute(wanted, given):
                    found[sender, row[0]] = _Known(*row[1:])
        return found

    # ------------------------------------------------------------------ judging

    def _look(
        self, line: _Line, known: Mapping[tuple[str, str], _Known], fresh: dict[tuple[str, str], _Line], now: datetime
    ) -> None:
        """Whether it is new, known, or not to be taken."""
        message, before = line.message, known.get(line.key)
        assert message is not None
        assert line.partner is not None
        if before is not None and _same(before, message):
            line.answer, line.settled = before.receipt, True  # verified when it came first
            self._desk.count("duplicates")
            return
        try:
            self._verify(line, now, seen=before is not None)
            twin = fresh.get(line.key)
            if before is not None:
                self._compare(message, before.digest)
                line.answer, line.settled = before.receipt, True
                self._desk.count("duplicates")
            elif twin is not None and twin.message is not None:
                self._compare(message, twin.message.digest)
            else:
                self._open_to(line, now)
                if awaits := self._awaits(line):
                    self._refused(line, refuse("node.attachments_awaited", found=len(awaits)), awaits=awaits)
                else:
                    fresh[line.key] = line
        except NodeRejected as error:
            if error.problem in _SIGNED:
                self._refuse_signed(line, error, now)
            else:
                self._refused(line, error)

    def _hold(self, line: _Line) -> bool:
        """Refuse what stands behind a line that is to come again, if it must not be taken before it.

        Whose a line was that cannot be read nobody knows; a parcel is of one sender.
        """
        assert line.partner is not None
        if not line.partner.ordered:
            return False
        self._refused(line, refuse("node.out_of_order", found=line.message_id))
        return True

    def _compare(self, message: SignedMessage, digest: bytes) -> None:
        if not hmac.compare_digest(message.digest, digest):
            raise refuse("node.conflict", found=message.envelope_unverified.id)

    def _open_to(self, line: _Line, now: datetime) -> None:
        message, partner = line.message, line.partner
        assert message is not None
        assert partner is not None
        if message.envelope_unverified.content_type == OUTCOME_TYPE:
            with self._desk.store.read() as connection:
                line.heard = self._outcomes.heard(connection, message, now=now)
            return
        service = message.envelope_unverified.service or message.envelope_unverified.resource
        if partner.services is not None and service not in partner.services:
            raise refuse("node.service_closed", found=service, partner=partner.party.id)

    def _awaits(self, line: _Line) -> dict[str, int]:
        """The attachments of a verified message that are not whole here; pieces of them are taken from now on."""
        message, partner, files = line.message, line.partner, self._files
        assert message is not None
        assert partner is not None
        assert line.opened is not None
        envelope = message.envelope_unverified
        if not envelope.attachments:
            return {}
        peer, secret, awaits = envelope.sender.id, line.opened.stream_secret, dict[str, int]()
        with self._desk.store.write(durable=False) as connection:
            self._make_room(connection, partner, envelope)
            for one in envelope.attachments:
                file = files.begin(connection, peer, one)
                if not files.touch(connection, file):
                    until = envelope.expires_at
                    files.expect(connection, sender=peer, message=envelope.id, file=file, secret=secret, until=until)
                    awaits[one.digest] = files.missing(connection, file)
        return awaits

    def _make_room(self, connection: Connection, partner: Partner, envelope: Envelope) -> None:
        peer, most = envelope.sender.id, partner.most_file_bytes
        lengths = {file_key(peer, one): one.length for one in envelope.attachments}
        new = sum(lengths.values()) - self._files.known_bytes(connection, lengths)
        there = self._files.waiting(connection, Direction.IN, peer)
        if new and there + new > most:
            raise refuse("node.files_full", found=there + new, partner=peer, expected=most)

    def _verify(self, line: _Line, now: datetime, *, seen: bool) -> None:
        """Everything that can be asked of a message; of one that was here before, its period does not matter."""
        assert line.message is not None
        report = verify_envelope(
            line.message, policy=self._desk.policy(), at=now, limits=self._desk.settings.limits
        ).report
        if report.outcome is Outcome.PASSED:
            return
        late = _late(report)
        if late is not None and seen:
            return
        if late is not None and late.reason == "expired":
            raise refuse("node.expired", expected=line.message.envelope_unverified.expires_at.isoformat())
        raise refuse("node.not_accepted", check=_first(report))

    # ------------------------------------------------------------------ keeping

    def _sign(self, lines: Iterable[_Line], now: datetime) -> None:
        own, listed = self._desk.identity, list(lines)
        receipts = [self._receipt(one, now) for one in listed]
        if self._desk.settings.batch_receipts and len(receipts) > 1:
            signed = sign_receipts(
                receipts,
                signer=own.signer,
                certificate=own.certificate,
                certificates=own.certificates,
                at=now,
                random=self._desk.random,
            )
        else:
            signed = tuple(self._desk.signed(one) for one in receipts)
        for line, receipt in zip(listed, signed, strict=True):
            line.receipt = receipt.to_json()

    def _receipt(
        self, line: _Line, now: datetime, *, outcome: ReceiptOutcome = ReceiptOutcome.ACCEPTED, reason: str = ""
    ) -> Receipt:
        assert line.message is not None
        return line.message.receipt(
            receiver=self._desk.identity.party, at=now, outcome=outcome, reason=reason, random=self._desk.random
        )

    def _refuse_signed(self, line: _Line, error: NodeRejected, now: datetime) -> None:
        receipt = self._receipt(line, now, outcome=ReceiptOutcome.REFUSED, reason=error.code)
        line.answer = self._desk.signed(receipt).to_json()
        line.settled = True
        line.entry = entry_of("message.refused", self._row(line, now), problem=error.code)
        self._desk.count("refused", error.code)

    def _keep(self, fresh: Mapping[tuple[str, str], _Line], refused: Iterable[Entry], now: datetime) -> None:
        """One transaction: the messages, their contents and receipts, and what the log says of them."""
        desk, entries = self._desk, list(refused)
        with desk.store.write() as connection:
            taken = [
                one for one in self._admitted(connection, list(fresh.values()), now) if self._whole(connection, one)
            ]
            for one in taken:
                one.row = self._row(one, now)
            inserted = insert_messages(connection, [one.row for one in taken])
            numbers = {key[:2]: number for key, number in inserted.items()}
            texts = []
            for one in taken:
                if (number := numbers.get(one.key)) is not None and one.opened is not None:
                    text = one.opened.octets
                    texts.append((one, number, text))
                    entries.append(entry_of("message.accepted", one.row, text=text))
            keep_contents(
                connection, [(number, desk.pack(text, about=one.row["digest"])) for one, number, text in texts]
            )
            keep_receipts(connection, [(number, one.receipt) for one, number, _ in texts])
            for one, number, _ in texts:
                self._keep_files(connection, one, number)
            heard = [one.heard for one in taken if one.heard is not None and one.key in numbers]
            for outcome in sorted(heard, key=lambda one: one.number):
                if (entry := self._outcomes.take_in(connection, outcome, now=now)) is not None:
                    entries.append(entry)
            self._lost_race(connection, [one for one in taken if one.key not in numbers])
            desk.journal.write(connection, entries, at=now)
        for one, _, _ in texts:
            one.answer = one.receipt
        desk.count("accepted", by=len(texts))

    def _whole(self, connection: Connection, line: _Line) -> bool:
        """Whether its attachments are still there; from here on nobody sweeps them away."""
        if sum(self._files.touch(connection, file) for file in line.files) == len(line.files):
            return True
        self._refused(line, refuse("node.attachments_awaited", found=len(line.files)))
        return False

    def _keep_files(self, connection: Connection, line: _Line, number: int) -> None:
        if line.files:
            self._files.link(connection, number, line.files)
            self._files.arrived(connection, sender=line.key[0], message=line.key[1])

    def _row(self, line: _Line, now: datetime) -> dict[str, Any]:
        assert line.message is not None
        assert line.partner is not None
        row = message_row(
            line.message.envelope_unverified,
            direction=Direction.IN,
            receiver=self._desk.identity.party,
            digest=line.message.digest,
            signed=sm3(line.message.signature.value),
            rank=0,
            now=now,
        )
        if line.heard is not None:  # taken in with the same transaction: there is nothing left to handle
            row |= {"state": MessageState.DONE.value, "due_at": None, "finished_at": now}
        return row

    def _lost_race(self, connection: Connection, lines: Sequence[_Line]) -> None:
        """The same message came over another way at the same moment: its first receipt is the receipt."""
        known = self._known(connection, [one.key for one in lines]) if lines else {}
        for one in lines:
            assert one.message is not None
            try:
                self._compare(one.message, known[one.key].digest)
                one.answer = known[one.key].receipt
            except NodeRejected as error:
                self._refused(one, error)

    def _admitted(self, connection: Connection, lines: Sequence[_Line], now: datetime) -> list[_Line]:
        """Those that the quotas of their senders let through; the others are to come again."""
        taken: list[_Line] = []
        by_peer: dict[str, list[_Line]] = {}
        for one in lines:
            by_peer.setdefault(one.key[0], []).append(one)
        for peer, theirs in by_peer.items():
            partner = theirs[0].partner
            assert partner is not None
            free = room(connection, Direction.IN, peer, most=partner.most_waiting, wanted=len(theirs))
            allowed = self._allowance(connection, partner, peer, free, now)
            taken += theirs[:allowed]
            for number, one in enumerate(theirs[allowed:], allowed):
                if number < free:
                    error = refuse("node.rate", partner=peer, expected=partner.per_minute)
                else:
                    error = refuse("node.queue_full", found=partner.most_waiting, partner=peer)
                self._refused(one, error, after_s=60)
        return taken

    def _allowance(self, connection: Connection, partner: Partner, peer: str, wanted: int, now: datetime) -> int:
        if partner.per_minute is None or wanted <= 0:
            return max(wanted, 0)
        row = connection.execute(_BUCKET, {"peer": peer}).mappings().one_or_none()
        if row is None:
            insert_unless_there(connection, BUCKETS, {"peer": peer, "taken": 0, "since": now})
            row = connection.execute(_BUCKET, {"peer": peer}).mappings().one()
        current = row["since"] <= now < row["since"] + _MINUTE
        taken, since = (row["taken"], row["since"]) if current else (0, now)
        allowed = max(0, min(wanted, partner.per_minute - taken))
        change = {"taken": taken + allowed, "since": since}
        connection.execute(update(BUCKETS).where(BUCKETS.c.peer == peer).values(change))
        return int(allowed)


def _claimed_sender(sealed: SealedMessage) -> Party:
    """Who is said to have sent it; once it is open, that is what was signed."""
    value = sealed.members_unverified.get("sender")
    try:
        if not isinstance(value, dict):
            raise TypeError
        return Party(code=value.get("code"), system=value.get("system", ""))  # type: ignore[arg-type]  # pydantic looks
    except (TypeError, ValueError):
        raise refuse("node.partner_unknown", found=Text("nobody", "未注明的发送方")) from None


def _same(before: _Known, message: SignedMessage) -> bool:
    """Whether it is the message that was verified before, its signature included."""
    same = hmac.compare_digest(before.digest, message.digest)
    return same & hmac.compare_digest(before.signed, sm3(message.signature.value))


def _late(report: Report) -> Check | None:
    """The check of the period, if nothing else stands in the way."""
    blocking = list(report.blocking)
    return blocking[0] if len(blocking) == 1 and blocking[0].id == "binding.period" else None


def _first(report: Report) -> str:
    return next((f"{check.id}: {check.reason}" for check in report.blocking), "nothing passed")
