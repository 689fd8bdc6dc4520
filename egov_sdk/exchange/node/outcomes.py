"""What became of a message after it was accepted (办理结果): a second receipt, signed by its receiver for its sender.

It goes as the content of an ordinary message that answers the first one, and so is kept, sent again and receipted like
every other. The sender's node takes it in itself; no handler sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.model import ReceiptOutcome
from egov_sdk.exchange.envelope.receipt import SignedReceipt, read_receipt
from egov_sdk.exchange.envelope.signed import SignedMessage
from egov_sdk.exchange.envelope.verify import verify_receipt
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.journal import Entry
from egov_sdk.exchange.node.model import Direction, Draft, MessageState
from egov_sdk.exchange.node.outbox import Outbox, entry_of
from egov_sdk.exchange.node.problems import NodeRejected, refuse
from egov_sdk.exchange.node.rows import fetch, finish, keep_receipts
from egov_sdk.exchange.node.tables import MESSAGES, OUTCOMES
from egov_sdk.report import Outcome, Text
from egov_sdk.storage.sql import Connection, RowMapping, select

__all__ = ["OUTCOME_TYPE", "Heard", "Outcomes"]

M = MESSAGES.c
#: The content type of a message that tells an outcome: its content is a signed receipt in JSON.
OUTCOME_TYPE: Final = "application/vnd.egov.receipt+json"
_REASON: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,127}")
_FAILED: Final = "egov.exchange.node.handler_failed"


@dataclass(frozen=True, slots=True)
class Heard:
    """An outcome that a partner told, verified: the message here that it is of, and the receipt."""

    number: int
    receipt: SignedReceipt


class Outcomes:
    """Tells and takes in outcomes."""

    def __init__(self, desk: Desk, outbox: Outbox) -> None:
        self._desk, self._outbox = desk, outbox

    # ------------------------------------------------------------------ at the receiver

    def tell(self, connection: Connection, row: RowMapping, *, code: str, now: datetime) -> None:
        """Say under our signature what became of a message, and queue that for its sender.

        Args:
            code: why the application gave it up; empty when it took effect after all.
        """
        try:
            message = self._outbox.read(connection, row["number"])
        except NodeRejected as error:  # of what is damaged nothing can be signed
            self._desk.count("outcome_untold", error.code)
            return
        receipt = message.receipt(
            receiver=self._desk.identity.party,
            at=now if code else row["stored_at"],
            outcome=ReceiptOutcome.REFUSED if code else ReceiptOutcome.COMPLETED,
            reason=code and (code if _REASON.fullmatch(code) else _FAILED),
            random=self._desk.random,
        )
        signed = self._desk.signed(receipt).to_json()
        keep_receipts(connection, [(row["number"], signed)], into=OUTCOMES)
        try:
            self._outbox.tell(connection, self._draft(message, signed, row))
        except NodeRejected as error:  # with one who is no partner any more nothing is exchanged
            self._desk.count("outcome_untold", error.code)

    def _draft(self, message: SignedMessage, receipt: bytes, row: RowMapping) -> Draft:
        asked = message.envelope_unverified
        return Draft(
            to=asked.sender,
            content=receipt,
            content_type=OUTCOME_TYPE,
            service=asked.service,
            resource=asked.resource,
            purpose=asked.purpose,
            basis=asked.basis,
            answers=row["number"],
        )

    def tell_after_all(self, connection: Connection, rows: Iterable[RowMapping], *, now: datetime) -> None:
        """Of those that took effect now, correct what was said of them before."""
        for row in rows:
            if row["problem"] and self._said(connection, row["number"]) is ReceiptOutcome.REFUSED:
                self.tell(connection, row, code="", now=now)

    def _said(self, connection: Connection, number: int) -> ReceiptOutcome | None:
        wanted = select(OUTCOMES.c.receipt).where(OUTCOMES.c.number == number)
        found = connection.execute(wanted).scalar_one_or_none()
        return None if found is None else read_receipt(found).receipt_unverified.outcome

    # ------------------------------------------------------------------ at the sender

    def heard(self, connection: Connection, message: SignedMessage, *, now: datetime) -> Heard:
        """The outcome that a verified message tells.

        Raises:
            NodeRejected: outcome; it is none of a message of ours.
        """
        envelope = message.envelope_unverified
        try:
            signed = read_receipt(envelope.content, limits=self._desk.settings.limits)
        except InputError as error:
            raise refuse("node.outcome", found=error.code) from None
        receipt = signed.receipt_unverified
        wanted = select(M.number).where(
            M.direction == Direction.OUT.value,
            M.sender == self._desk.identity.party.id,
            M.id == receipt.message,
            M.receiver == envelope.sender.id,
        )
        number = connection.execute(wanted).scalar_one_or_none()
        if number is None or receipt.receiver != envelope.sender or receipt.outcome is ReceiptOutcome.ACCEPTED:
            raise refuse("node.outcome", found=Text("no outcome of a message of ours", "不是本方消息的办理结果"))
        try:
            sent = self._outbox.read(connection, number)
        except NodeRejected as error:
            raise refuse("node.outcome", found=error.code) from None
        report = verify_receipt(signed, policy=self._desk.policy(), at=now, message=sent).report
        if report.outcome is not Outcome.PASSED:
            raise refuse(
                "node.outcome",
                found=next((check.id for check in report.blocking), Text("nothing passed", "没有一项通过")),
            )
        return Heard(number, signed)

    def take_in(self, connection: Connection, heard: Heard, *, now: datetime) -> Entry | None:
        """Keep an outcome and move its message; what the log says of it. That it took effect is the last word."""
        row = fetch(connection, heard.number, lock=True)
        if self._said(connection, heard.number) is ReceiptOutcome.COMPLETED:
            return None
        reason = heard.receipt.receipt_unverified.reason
        keep_receipts(connection, [(heard.number, heard.receipt.to_json())], into=OUTCOMES)
        if row["state"] != MessageState.CANCELLED:
            state = MessageState.REFUSED if reason else MessageState.DONE
            finish(connection, [(heard.number, state, None, reason)], now=now)
        self._desk.count("outcomes", reason)
        return entry_of("message.outcome", row, problem=reason)
