"""The audit log of a node: one chain, at the level that was asked for, time-stamped from time to time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.errors import InputError
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.settings import AuditSettings
from egov_sdk.exchange.node.tables import STAMPS
from egov_sdk.report import Outcome
from egov_sdk.storage.audit import AuditLog
from egov_sdk.storage.sql import Connection, insert_unless_there, select
from egov_sdk.storage.store import Store
from egov_sdk.storage.tables import AUDIT

__all__ = ["CHAIN", "Entry", "Journal"]

#: What the chains of nodes begin with; the party follows.
CHAIN: Final = "exchange/"
_FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written of one message; ``text`` is the message itself, for the level ``full``."""

    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)
    actor: str = ""
    text: bytes = field(default=b"", repr=False)


class Journal:
    """Writes the chain ``exchange/PARTY``."""

    def __init__(self, party: str, settings: AuditSettings) -> None:
        self.chain, self._party, self._settings = CHAIN + party, party, settings
        self._log = AuditLog(self.chain)
        self._failed_at: datetime | None = None

    def write(self, connection: Connection, entries: Sequence[Entry], *, at: datetime) -> None:
        """Write these, in order, as the last thing in a transaction."""
        if self._settings.level == "none" or not entries:
            return
        full = self._settings.level == "full"
        self._log.append_all(
            connection,
            at=at,
            entries=[
                (
                    entry.actor or self._party,
                    entry.action,
                    entry.subject,
                    {**entry.detail, "message": entry.text.decode()} if full and entry.text else entry.detail,
                )
                for entry in entries
            ],
        )

    def check(self, connection: Connection, *, at: datetime) -> None:
        """Whether work may be taken.

        Raises:
            NodeRejected: audit_not_stamped.
        """
        settings = self._settings
        if settings.time_stamp is None or settings.refuse_after is None or settings.level == "none":
            return
        waiting = self._oldest_unstamped(connection)
        if waiting is not None and at - waiting > settings.refuse_after:
            raise refuse("node.audit_not_stamped", found=waiting.isoformat(timespec="seconds"))

    def _stamped(self, connection: Connection) -> tuple[int, datetime | None]:
        wanted = select(STAMPS.c.number, STAMPS.c.at).where(STAMPS.c.chain == self.chain)
        row = connection.execute(wanted.order_by(STAMPS.c.number.desc()).limit(1)).one_or_none()
        return (0, None) if row is None else (row[0], row[1])

    def _oldest_unstamped(self, connection: Connection) -> datetime | None:
        number, _ = self._stamped(connection)
        wanted = select(AUDIT.c.at).where(AUDIT.c.chain == self.chain, AUDIT.c.number == number + _FIRST)
        found: datetime | None = connection.execute(wanted).scalar_one_or_none()
        return found

    def state(self, connection: Connection) -> tuple[int, datetime | None]:
        """How many entries there are, and when they were last stamped."""
        return self._log.head(connection).number, self._stamped(connection)[1]

    def stamp(self, store: Store, *, at: datetime) -> bool:
        """Stamp the head, if there is something new and it is time; whether that was done.

        Raises:
            NodeRejected: stamp: what the authority gave is no time stamp of the head.
            Exception: whatever asking the authority raised. It is asked again when it would have been time anew.
        """
        ask = self._settings.time_stamp
        if ask is None or self._settings.level == "none":
            return False
        with store.read() as connection:
            head = self._log.head(connection)
            number, last = self._stamped(connection)
        if head.number == number or (last is not None and last <= at < last + self._settings.every):
            return False
        if self._failed_at is not None and self._failed_at <= at < self._failed_at + self._settings.every:
            return False
        self._failed_at = at
        token = _checked(ask(head.digest), head.digest)
        self._failed_at = None
        with store.write() as connection:
            row = {"chain": self.chain, "number": head.number, "digest": head.digest, "at": at, "token": token}
            return insert_unless_there(connection, STAMPS, row)


def _checked(token: bytes, digest: bytes) -> bytes:
    """A token that is over a digest; whether to trust its authority is asked by whoever verifies it later."""
    from egov_sdk.pki.timestamp import parse_token, verify_token

    try:
        facts = verify_token(parse_token(token), imprint_of=digest)
    except InputError as error:
        raise refuse("node.stamp", found=error.message) from None
    if facts.outcome is Outcome.FAILED:
        parts = (facts.imprint, facts.signature, facts.binding, facts.usage)
        raise refuse("node.stamp", found=next(one.message for one in parts if one.outcome is Outcome.FAILED))
    return token
