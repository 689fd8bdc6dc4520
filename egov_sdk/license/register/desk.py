"""What every part of the register works with: its settings, its database, its clock, its keys, its log."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from egov_sdk.crypto import sm3
from egov_sdk.license.metadata import Authority
from egov_sdk.license.problems import refuse
from egov_sdk.times import aware

if TYPE_CHECKING:
    from egov_sdk.license.register.vault import Vault
    from egov_sdk.storage import AuditLog, Store
    from egov_sdk.storage.sql import Connection

__all__ = ["Clock", "Desk", "Note", "Random", "RegisterSettings", "digest_of"]

#: Says what time it is, with its time zone.
Clock = Callable[[], datetime]
#: Gives that many random bytes.
Random = Callable[[int], bytes]

_OFFICE: Final = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSettings:
    """How a register is run.

    Attributes:
        lease: how long an issue or a change may take before another process may finish it.
        ticket_time: how long a download ticket lasts.
        code_time: how long a code for one use lasts.
        longest_presentation: the longest that a presentation may last.
        longest_credential: the longest that a credential for a holder's key may last.
        challenge_time: how long a device may take to prove that it has its key.
        status_time: how long a status list may be relied on.
        longest_copy: how far ahead an annotated copy may be good.
        longest_permission: how far ahead a consent or a delegation may reach.
        kept: how long used and expired tickets are remembered as such.
        page_size: the most records on one page.
        durable_searches: whether a search waits until its entry in the audit log is on the disk, as every other use
            does. If not, the entries of the last moments may be lost when the power fails; searches are much faster.
    """

    lease: timedelta = timedelta(minutes=2)
    ticket_time: timedelta = timedelta(seconds=600)
    code_time: timedelta = timedelta(minutes=30)
    longest_presentation: timedelta = timedelta(minutes=10)
    longest_credential: timedelta = timedelta(days=366)
    challenge_time: timedelta = timedelta(minutes=5)
    status_time: timedelta = timedelta(hours=24)
    longest_copy: timedelta = timedelta(days=366)
    longest_permission: timedelta = timedelta(days=5 * 366)
    kept: timedelta = timedelta(days=30)
    page_size: int = 500
    durable_searches: bool = False

    def __post_init__(self) -> None:
        settings = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "lease"}
        shortest = min(span for span in settings.values() if isinstance(span, timedelta))
        if self.lease < timedelta() or shortest <= timedelta() or self.page_size < 1:
            raise ValueError("spans of time and the size of a page are more than nothing")


def digest_of(secret: str) -> bytes:
    """Under what a ticket, a code or a credential is kept."""
    return sm3(secret.encode("utf-8", "surrogatepass"))


class Note(NamedTuple):
    """What was done to what, by whom, with the facts; no actor is the office itself."""

    action: str
    subject: str
    actor: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Desk:
    """Settings, database, clock, keys, randomness and audit log of one register."""

    settings: RegisterSettings
    authority: Authority
    issuers: Mapping[str, Authority]
    store: Store = field(repr=False)
    clock: Clock = field(repr=False)
    log: AuditLog = field(repr=False)
    vault: Vault = field(repr=False)
    random: Random = field(repr=False, default=os.urandom)

    def now(self, at: datetime | None = None) -> datetime:
        """The time: the one that was given, or what the clock says.

        Raises:
            ValueError: it has no time zone.
        """
        return aware(self.clock() if at is None else at)

    def issuer(self, wanted: Authority | None) -> Authority:
        """Who issues: the register's own authority, or another one that issues in it, by the name it has here.

        Raises:
            LicenseRejected: issuer_refused.
        """
        if wanted is None:
            return self.authority
        known = self.authority if wanted.code == self.authority.code else self.issuers.get(wanted.code)
        if known is None:
            raise refuse("issuer_refused", found=wanted.code)
        # what is issued bears the name, and whoever speaks for a code chooses none
        if wanted.name and wanted.name != known.name:
            raise refuse("issuer_refused", found=f"{wanted.name} ({wanted.code})")
        return known

    def secret(self) -> str:
        """A new ticket, code or credential: 160 random bits, capitals and digits."""
        return base64.b32encode(self.random(20)).decode("ascii")

    def new_id(self) -> str:
        """A new id: 120 random bits, small letters and digits, nothing of what it is the id of."""
        return base64.b32encode(self.random(15)).decode("ascii").lower()

    def new_serial(self) -> str:
        """A serial for an identifier (流水号): 100 random bits, 20 capitals and digits."""
        return base64.b32encode(self.random(13)).decode("ascii")[:20]

    def note(
        self,
        connection: Connection,
        action: str,
        *,
        at: datetime,
        subject: str,
        actor: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Write to the audit log: ids, keyed digests, purposes; neither names nor personal numbers."""
        self.note_all(connection, [Note(action, subject, actor, detail or {})], at=at)

    def note_all(self, connection: Connection, notes: Iterable[Note], *, at: datetime) -> None:
        """As ``note``, several at one moment."""
        entries = [(one.actor or _OFFICE, one.action, one.subject, one.detail) for one in notes]
        self.log.append_all(connection, at=at, entries=entries)
