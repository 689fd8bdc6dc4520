"""Delivering: messages that are due are leased, sealed and sent as parcels, and what comes back is settled."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from egov_sdk.crypto import SM2PublicKey
from egov_sdk.errors import EgovError, InputError
from egov_sdk.exchange._failures import log_failure
from egov_sdk.exchange.envelope.model import Party, ReceiptOutcome, new_id
from egov_sdk.exchange.envelope.receipt import ReceiptReader, SignedReceipt
from egov_sdk.exchange.envelope.sealed import enclose, new_secret, stream_secret
from egov_sdk.exchange.envelope.signed import KeptMessage
from egov_sdk.exchange.envelope.verify import Concern, ReceiptVerifier
from egov_sdk.exchange.node.carrying import Carrier
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.files import Files
from egov_sdk.exchange.node.journal import Entry
from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.outbox import entry_of
from egov_sdk.exchange.node.parcels import Refusal, join, lines_of, read_answer
from egov_sdk.exchange.node.pieces import progress_of
from egov_sdk.exchange.node.problems import NodeRejected, refuse
from egov_sdk.exchange.node.rows import BEHIND, claim, content_of, due_peers, finish, keep_receipts, numbered
from egov_sdk.exchange.node.settings import Partner
from egov_sdk.exchange.node.tables import MESSAGES
from egov_sdk.exchange.node.transport import Parcel, Transport
from egov_sdk.gateway.errors import CircuitOpen
from egov_sdk.problems import shown
from egov_sdk.report import Outcome, Text
from egov_sdk.storage.sql import Connection, RowMapping, Select, bindparam, select, sought, update

__all__ = ["Courier"]

M = MESSAGES.c
_log = logging.getLogger("egov_sdk.exchange")
_LOCKED: Final = select(M.number, M.state, M.lease, M.attempts, M.updated_at).order_by(M.number).with_for_update()
#: What stands in the way of attachments and will go on doing so.
_HOPELESS: Final = frozenset({"node.piece_size", "node.no_content"})
#: So often what is damaged here is read again; it may be that only the key is another one for a while.
_READ_AGAIN: Final = 50
_NO_RECEIPT: Final = "egov.exchange.node.no_receipt"
#: What says nothing against a message: it is to come later, however often it has come.
_LATER: Final = frozenset({BEHIND} | {f"egov.exchange.node.{name}" for name in ("rate", "queue_full", "files_full")})
#: What is never undone by an answer.
_FINAL: Final = (MessageState.DONE, MessageState.REFUSED)


@cache
def _by_id(dialect: str) -> Select[Any]:
    """What was sent under these ids, a row for each receiver."""
    ours = select(MESSAGES).where(M.direction == Direction.OUT.value, M.sender == bindparam("sender"))
    return sought(dialect, ours, M.id, "ids")


@dataclass(slots=True)
class _Letter:
    """A message under way, and what became of it."""

    row: RowMapping
    kept: KeptMessage | None  # None where that is damaged
    receipt: bytes = b""
    refused: str = ""
    problem: str = ""
    after: timedelta = field(default_factory=timedelta)
    secret: bytes | None = None  # of the encryption, where attachments go on under it
    awaits: Mapping[str, int] = field(default_factory=dict)  # the attachments that must come first
    moved: bool = False  # some of them have come
    hopeless: bool = False  # trying again cannot help

    @property
    def message(self) -> KeptMessage:
        """As it was signed."""
        assert self.kept is not None
        return self.kept

    @property
    def concern(self) -> Concern:
        """What a receipt for it must be about."""
        row = self.row
        return Concern(
            id=row["id"],
            digest=row["digest"],
            signed=row["signed"],
            sender=Party.parse(row["sender"]),
            receivers=(Party.parse(row["receiver"]),),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
        )

    @property
    def spared(self) -> bool:
        """Whether the attempt does not count: it got on with its attachments, or there is only no room for it yet."""
        return not self.receipt and (self.moved or self.problem in _LATER)


@dataclass(frozen=True, slots=True)
class _Told:
    """A line of an answer: of which message, by which receiver, and what; nothing of it is verified."""

    about: str
    receiver: str
    said: SignedReceipt | Refusal
    line: bytes


class Courier:
    """Sends what the outbox holds."""

    def __init__(self, desk: Desk, transports: Mapping[str, Transport], files: Files) -> None:
        self._desk, self._transports, self._files = desk, transports, files

    def due(self) -> list[str]:
        """The partners for whom something is due."""
        desk = self._desk
        with desk.store.read() as connection:
            return due_peers(connection, Direction.OUT, now=desk.now(), horizon=desk.settings.horizon)

    def deliver(self, peer: str) -> int:
        """Send one parcel to a partner; how many messages it held.

        Raises:
            StorageError: the database failed; what was leased goes again when its lease ends.
        """
        token = self._desk.token()
        taken = self._take(peer, token)
        letters = self._fit(peer, taken, token)
        if not letters:
            return len(taken)
        receiver = Party.parse(peer)
        later = self._send(receiver, letters)
        self._settle([one for one in letters if not one.awaits], token=token, later=later)
        for letter in letters:
            if letter.awaits:
                self._bring(letter, receiver, token)
        return len(taken)

    # ------------------------------------------------------------------ taking

    def _take(self, peer: str, token: str) -> list[_Letter]:
        desk, settings, now = self._desk, self._desk.settings, self._desk.now()
        partner = desk.known(peer)
        # a lease that is lost when the power fails is one that ends at once
        with desk.store.write(durable=False) as connection:
            rows = claim(
                connection,
                Direction.OUT,
                peer,
                most=settings.most_in_parcel if partner is None else min(partner.parcel, settings.most_in_parcel),
                ordered=partner is not None and partner.ordered,
                now=now,
                until=now + settings.lease,
                horizon=settings.horizon,
                token=token,
                most_bytes=self._most_bytes(partner),
            )
            ready = self._given_up(connection, rows, now)
            contents = content_of(connection, [row["number"] for row in ready])
        return self._letters(ready, contents)

    def _most_bytes(self, partner: Partner | None) -> int:
        ours = self._desk.settings.most_bytes
        transport = self._transports.get(partner.transport) if partner is not None else None
        return min(ours, getattr(transport, "parcel_bytes", ours))

    def _letters(self, rows: Sequence[RowMapping], contents: Mapping[int, bytes]) -> list[_Letter]:
        letters = [self._letter(row, contents[row["number"]]) for row in rows]
        heavy = [one for one in letters if one.kept is not None and "attachments" in one.kept.members]
        if heavy:
            with self._desk.store.read() as connection:
                secrets = self._files.secrets(connection, [one.row["number"] for one in heavy])
            for one in heavy:
                one.secret = secrets.get(one.row["number"])
        return letters

    def _given_up(self, connection: Connection, rows: Sequence[RowMapping], now: datetime) -> list[RowMapping]:
        """Those to be sent; what ran out or was tried too often is dead from here on."""
        ready, dead = [], []
        for row in rows:
            # one that was sent before may be there: then the receiver has the receipt, else it refuses for good
            if row["expires_at"] <= now and row["attempts"] == 0:
                dead.append((row, "egov.exchange.node.expired"))
            elif row["state"] != MessageState.QUEUED and self._was_last(row, row["attempts"], row["updated_at"]):
                dead.append((row, row["problem"] or "egov.exchange.node.attempts"))
            else:
                ready.append(row)
        self._bury(connection, dead, now)
        return ready

    def _was_last(self, row: RowMapping, attempts: int, at: datetime) -> bool:
        """Whether the attempt that was begun then is the last one; after it ran out a message is tried once more."""
        return self._desk.settings.delivery.is_last(attempts, at=at, until=row["expires_at"])

    def _bury(self, connection: Connection, dead: Sequence[tuple[RowMapping, str]], now: datetime) -> None:
        finish(connection, [(row["number"], MessageState.DEAD, None, code) for row, code in dead], now=now)
        entries = [entry_of("message.dead", row, problem=code) for row, code in dead]
        self._desk.journal.write(connection, entries, at=now)
        for _, code in dead:
            self._desk.count("dead", code)

    def _letter(self, row: RowMapping, packed: bytes) -> _Letter:
        try:
            return _Letter(row, self._desk.kept(row, packed))
        except NodeRejected as error:
            _log.warning("message %s cannot be sent: %s", shown(row["id"]), error.code)
            self._desk.count("failed", error.code)
            return _Letter(row, None, problem=error.code, hopeless=row["attempts"] + 1 >= _READ_AGAIN)

    def _fit(self, peer: str, letters: list[_Letter], token: str) -> list[_Letter]:
        """Those that can be sent; what is damaged, and in an ordered queue what is behind it, is put back."""
        partner, fit, left = self._desk.known(peer), list[_Letter](), list[_Letter]()
        ordered = partner is not None and partner.ordered
        for one in letters:
            if one.kept is None or (ordered and left):
                one.problem = one.problem or BEHIND
                left.append(one)
            else:
                fit.append(one)
        self._settle(left, token=token, later=False)
        return fit

    # ------------------------------------------------------------------ sending

    def _send(self, receiver: Party, letters: Sequence[_Letter]) -> bool:
        """Send a parcel and note what was answered; whether the answer comes later."""
        desk = self._desk
        try:
            partner, transport = self._way(receiver)
            parcel = self._parcel(partner, receiver, letters)
            desk.count("parcels")
            answer = transport.deliver(parcel)
        except Exception as error:  # noqa: BLE001 - whatever a transport raises, the messages go again
            self._failed(letters, receiver, error)
            return False
        if answer is None:
            return True
        try:
            told = self._told(answer, receiver=receiver)
        except InputError as error:
            self._failed(letters, receiver, error)
        else:
            self._hear(letters, told)
        return False

    def _way(self, receiver: Party) -> tuple[Partner, Transport]:
        partner = self._desk.partner(receiver)
        transport = self._transports.get(partner.transport)
        if transport is None:
            raise refuse("node.transport_unknown", found=partner.transport)
        return partner, transport

    def _bring(self, letter: _Letter, receiver: Party, token: str) -> None:
        """Bring the attachments that a receiver waits for, then the message again."""
        desk, later, awaits = self._desk, False, letter.awaits

        def moved(taken: bool) -> None:
            letter.moved |= taken
            self._renew(letter, token)

        try:
            if letter.secret is None:
                raise refuse("node.no_content", found=letter.row["number"])
            carrier = Carrier(
                desk=desk,
                files=self._files,
                transport=self._way(receiver)[1],
                receiver=receiver,
                secret=stream_secret(letter.secret),
                moved=moved,
            )
            carrier.carry(letter.message.read(limits=desk.settings.limits).envelope_unverified, awaits)
        except Exception as error:  # noqa: BLE001 - as in _send
            letter.hopeless = isinstance(error, NodeRejected) and error.problem in _HOPELESS
            self._failed([letter], receiver, error)
        else:
            letter.awaits = {}
            later = self._send(receiver, [letter])
        self._settle([letter], token=token, later=later)

    def _renew(self, letter: _Letter, token: str) -> None:
        """Keep a message for as long again."""
        until = self._desk.now() + self._desk.settings.lease
        with self._desk.store.write(durable=False) as connection:
            change = update(MESSAGES).where(M.number == letter.row["number"], M.lease == token).values(due_at=until)
            if connection.execute(change).rowcount != 1:
                raise refuse("node.lease_lost")

    def _failed(self, letters: Sequence[_Letter], receiver: Party, error: Exception) -> None:
        code = error.code if isinstance(error, EgovError) else "egov.exchange.node.transport"
        log_failure(f"a parcel for {receiver.id} was not delivered", error)
        for letter in letters:
            # while a gateway leaves a platform alone, why it does so is what there is to mend
            letter.problem = (isinstance(error, CircuitOpen) and error.because) or code
        self._desk.count("failed", code)

    def _parcel(self, partner: Partner, receiver: Party, letters: Sequence[_Letter]) -> Parcel:
        desk = self._desk
        key = partner.encryption if isinstance(partner.encryption, SM2PublicKey) else partner.encryption.public_key
        if not isinstance(partner.encryption, SM2PublicKey) and not partner.encryption.covers(desk.now()):
            raise refuse(
                "node.not_taken",
                partner=receiver.id,
                found=Text("its encryption certificate is out of date", "其加密证书不在有效期内"),
            )
        lines = [
            enclose(one.message, [key], secret=one.secret or new_secret(desk.random), random=desk.random).to_json()
            for one in letters
        ]
        return Parcel(
            id=new_id(desk.now(), random=desk.random),
            sender=desk.identity.party,
            receiver=receiver,
            count=len(letters),
            data=join(lines),
        )

    # ------------------------------------------------------------------ answers

    def settle(self, answer: bytes) -> int:
        """Take an answer that comes later, by itself; how many receipts in it held.

        Raises:
            LimitExceeded: it is larger than is read.
            StorageError: the database failed; give it again.
        """
        settings, desk = self._desk.settings, self._desk
        if progress_of(answer) is not None:
            return 0  # of pieces that went; when all have gone the message goes again
        told = self._told(answer)
        about = {(one.about, one.receiver) for one in told}
        ids = list({one.about: None for one in told})
        with desk.store.read() as connection:
            rows: list[RowMapping] = []
            for start in range(0, len(ids), 200):
                given = {"sender": desk.identity.party.id, "ids": ids[start : start + 200]}
                there = connection.execute(_by_id(connection.dialect.name), given).mappings()
                rows += [row for row in there if (row["id"], row["receiver"]) in about]
            contents = content_of(connection, [row["number"] for row in rows][: settings.most_in_parcel])
        kept = self._letters([row for row in rows if row["number"] in contents], contents)
        letters = [one for one in kept if one.kept is not None]
        self._hear(letters, told)
        self._settle([one for one in letters if one.receipt], token=None, later=False)
        for letter in letters:
            token = desk.token()
            if letter.awaits and self._lease(letter, token):
                self._bring(letter, Party.parse(letter.row["receiver"]), token)
        return sum(bool(one.receipt) for one in letters)

    def _lease(self, letter: _Letter, token: str) -> bool:
        """Take a message that waits for its receipt; whether nobody else has."""
        desk, now = self._desk, self._desk.now()
        state = {"state": MessageState.WORKING.value, "lease": token, "due_at": now + desk.settings.lease}
        limit = desk.settings.delivery.attempts
        with desk.store.write(durable=False) as connection:
            change = (
                update(MESSAGES)
                .where(
                    M.number == letter.row["number"],
                    M.state == MessageState.SENT.value,
                    M.expires_at > now if limit is None else M.attempts < limit,
                )
                .values(**state, attempts=M.attempts + 1, updated_at=now)
            )
            return connection.execute(change).rowcount == 1

    def _told(self, answer: bytes, *, receiver: Party | None = None) -> list[_Told]:
        """The lines of an answer that can be read.

        Args:
            receiver: whom it comes from, where that is known.
        Raises:
            LimitExceeded: it is larger than is read.
        """
        settings, told = self._desk.settings, list[_Told]()
        receipts = ReceiptReader(settings.limits)
        for line in lines_of(answer, most=settings.most_in_parcel, most_bytes=settings.most_bytes):
            try:
                said = read_answer(line, limits=settings.limits, receipts=receipts)
            except InputError as error:
                self._desk.count("unreadable", error.code)
                continue
            if isinstance(said, Refusal):
                about, by = said.message, said.receiver
            else:
                about, by = said.receipt_unverified.message, said.receipt_unverified.receiver.id
            told.append(_Told(about, receiver.id if receiver is not None else by, said, line))
        return told

    def _hear(self, letters: Sequence[_Letter], told: Sequence[_Told]) -> None:
        verifier = ReceiptVerifier(policy=self._desk.policy(), at=self._desk.now())
        by_receiver = {(letter.row["id"], letter.row["receiver"]): letter for letter in letters}
        for letter in letters:
            letter.problem = _NO_RECEIPT
        for one in told:
            about = by_receiver.get((one.about, one.receiver))
            if about is None or about.receipt:
                continue
            if isinstance(one.said, Refusal):
                self._refused(about, one.said)
            else:
                self._believe(about, one.said, one.line, verifier)
        of_all = next((one.said for one in told if isinstance(one.said, Refusal) and not one.about), None)
        for letter in letters:
            if of_all is not None and letter.problem == _NO_RECEIPT and not letter.receipt:
                self._refused(letter, of_all)

    def _refused(self, letter: _Letter, said: Refusal) -> None:
        """A refusal that nobody signed only says when to try again."""
        letter.problem = said.code if said.code.startswith("egov.") else "egov.exchange.node.not_taken"
        letter.after = timedelta(seconds=said.after_s)
        letter.awaits = said.awaits
        self._desk.count("not_taken", letter.problem)

    def _believe(self, letter: _Letter, said: SignedReceipt, line: bytes, verifier: ReceiptVerifier) -> None:
        """A receipt decides if it holds."""
        report = verifier.verify(said, message=letter.concern).report
        receipt = said.receipt_unverified
        if report.outcome is not Outcome.PASSED or receipt.receiver.id != letter.row["receiver"]:
            letter.problem = "egov.exchange.node.receipt"
            self._desk.count("bad_receipts")
            return
        letter.receipt = line
        letter.refused = receipt.reason if receipt.outcome is ReceiptOutcome.REFUSED else ""

    # ------------------------------------------------------------------ settling

    def _settle(self, letters: Sequence[_Letter], *, token: str | None, later: bool) -> None:
        """One transaction: states, receipts, and what the log says. A receipt counts whoever holds the lease."""
        if not letters:
            return
        desk, now = self._desk, self._desk.now()
        entries: list[Entry] = []
        with desk.store.write(durable=any(letter.receipt for letter in letters)) as connection:
            given = {"numbers": [letter.row["number"] for letter in letters]}
            states = {row["number"]: row for row in connection.execute(numbered(connection, _LOCKED), given).mappings()}
            results, receipts = [], []
            for letter in letters:
                found = states.get(letter.row["number"])
                if found is None or found["state"] in _FINAL or not _ours(letter, found, token):
                    if found is not None and found["state"] == MessageState.REFUSED and letter.receipt:
                        receipts.append((letter.row["number"], letter.receipt))  # it was late; what became of it stays
                    continue
                state, due, problem = self._became(letter, found, now, later=later)
                results.append((letter.row["number"], state, due, problem))
                if letter.receipt:
                    receipts.append((letter.row["number"], letter.receipt))
                if state in (MessageState.DONE, MessageState.DEAD):
                    action = "message.receipted" if state is MessageState.DONE else "message.dead"
                    entries.append(entry_of(action, letter.row, problem=problem))
            finish(connection, results, now=now)
            self._begin_anew(connection, [one for one in letters if one.spared])
            keep_receipts(connection, receipts)
            desk.journal.write(connection, entries, at=now)
        for _, state, _, problem in results:
            desk.count("delivered" if state is MessageState.DONE else state.value, problem)

    def _begin_anew(self, connection: Connection, letters: Sequence[_Letter]) -> None:
        """What is spared is no failed attempt; how long it may take its expiry says."""
        numbers = [one.row["number"] for one in letters if one.row["expires_at"] > self._desk.now()]
        if numbers:
            connection.execute(update(MESSAGES).where(M.number.in_(numbers)).values(attempts=1))

    def _became(
        self, letter: _Letter, found: RowMapping, now: datetime, *, later: bool
    ) -> tuple[MessageState, datetime | None, str]:
        settings = self._desk.settings
        if letter.receipt:
            return (MessageState.DEAD, None, letter.refused) if letter.refused else (MessageState.DONE, None, "")
        if later:
            return MessageState.SENT, now + settings.receipt_wait, ""
        spared = letter.spared and letter.row["expires_at"] > now
        last = self._was_last(letter.row, found["attempts"], found["updated_at"])
        if letter.hopeless or (last and not spared):
            return MessageState.DEAD, None, letter.problem
        attempts = 1 if spared else found["attempts"]
        wait = settings.delivery.delay(attempts, random=self._desk.random)
        return MessageState.QUEUED, now + max(wait, min(letter.after, settings.delivery.cap)), letter.problem


def _ours(letter: _Letter, found: RowMapping, token: str | None) -> bool:
    """Whether we may say what became of it: by a receipt always, by a failure while the lease is ours.

    A refusal does not undo that somebody has given it up.
    """
    if letter.receipt and not letter.refused:
        return True
    if letter.receipt:
        return found["state"] not in (MessageState.CANCELLED, MessageState.DEAD)
    return token is not None and found["lease"] == token
