"""Who a node is, whom it exchanges with, and how it goes about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from egov_sdk.crypto import Signer, SM2PublicKey
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.envelope.sealed import Decrypter
from egov_sdk.exchange.envelope.signature import Stamper
from egov_sdk.pki import Certificate

__all__ = ["AuditLevel", "AuditSettings", "Backoff", "Clock", "NodeIdentity", "NodeSettings", "Partner", "Random"]

Clock: TypeAlias = Callable[[], datetime]
Random: TypeAlias = Callable[[int], bytes]

#: ``full`` keeps the signed message in the log as well; ``metadata`` ids, parties, service, digest; ``none`` nothing.
AuditLevel = Literal["full", "metadata", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeIdentity:
    """The department that a node is of, with its two keys (双证书).

    Attributes:
        certificate: of the signer's key; ``certificates`` the CAs between it and an anchor.
        decrypter: the key that partners encrypt to.
    """

    party: Party
    signer: Signer
    certificate: Certificate
    decrypter: Decrypter
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One with whom is exchanged (交换对象).

    Attributes:
        encryption: the certificate or key that messages to it are encrypted to.
        certificates: those that it signs with, or the texts of their subjects.
        transport: the name of the way to it.
        ordered: messages go, and are handled, in the order in which they were queued; priority does not count then.
        parcel: how many messages go at once.
        services: those that it may ask for; None for all.
        per_minute: how many new messages are taken from it in a minute; None for any number.
        most_waiting: back-pressure: with so many waiting to be delivered, or to be handled, no more are taken.
        most_file_bytes: the same for attachments: of messages with so many bytes of them, that are to be delivered,
            handled or not yet whole, no more are taken.
        blocked: nothing is sent and nothing is taken.
    """

    party: Party
    encryption: Certificate | SM2PublicKey
    certificates: tuple[Certificate | str, ...]
    transport: str = "http"
    ordered: bool = False
    parcel: int = 50
    services: frozenset[str] | None = None
    per_minute: int | None = None
    most_waiting: int = 100_000
    most_file_bytes: int = 16 << 30
    blocked: bool = False

    def __post_init__(self) -> None:
        if min(self.parcel, self.most_waiting, self.most_file_bytes, self.per_minute or 1) < 1 or self.per_minute == 0:
            raise ValueError("parcel, most_waiting, most_file_bytes and per_minute are at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before the next attempt: twice as long each time, half of it at random, up to ``cap``.

    Attributes:
        attempts: given up after so many; None to go on until the message has run out.
    """

    first: timedelta = timedelta(seconds=1)
    cap: timedelta = timedelta(minutes=10)
    attempts: int | None = None

    def __post_init__(self) -> None:
        if (self.attempts is not None and self.attempts < 1) or not timedelta(0) <= self.first <= self.cap:
            raise ValueError("attempts is at least 1 or None, and first is between 0 and cap")

    def is_last(self, attempt: int, *, at: datetime, until: datetime) -> bool:
        """Whether there is no other after that attempt; the first is 1.

        Args:
            at: when it was made; ``until`` when the message runs out.
        """
        return at >= until if self.attempts is None else attempt >= self.attempts

    def delay(self, attempt: int, *, random: Random) -> timedelta:
        """The wait after that attempt; the first is 1."""
        full = min(self.cap, self.first * 2.0 ** min(max(attempt, 1) - 1, 32))
        return full / 2 + full / 2 * (int.from_bytes(random(4), "big") / 0xFFFFFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings:
    """What is written into the audit log (审计日志) and how it is proven.

    Attributes:
        time_stamp: stamps the head of the log, each ``every``; None for no stamps.
        refuse_after: no work is taken when an entry has waited longer for its stamp; None to go on.
    """

    level: AuditLevel = "metadata"
    time_stamp: Stamper | None = None
    every: timedelta = timedelta(minutes=1)
    refuse_after: timedelta | None = timedelta(hours=4)

    def __post_init__(self) -> None:
        if self.level not in get_args(AuditLevel):
            raise ValueError(f"level is one of {', '.join(get_args(AuditLevel))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """How a node works. The defaults suit a department with a few partners.

    Attributes:
        delivery, handling: the waits after failures. A delivery is tried until the message has run out; what was
            accepted does not run out, so handling ends after a number of attempts.
        lease: how long a worker may keep a message to itself; longer than a transport or handler ever takes.
        receipt_wait: when messages go again that a transport carries and nobody has answered.
        batch_receipts: one signature for all receipts of a parcel; each still proves itself alone.
        handle_together: how many messages are handled in one transaction, each undone alone if it fails.
        most_in_parcel, most_bytes: larger parcels are refused, and not made.
        most_attachment_bytes: larger attachments are neither sent nor taken.
        piece_bytes: so much of an attachment goes at once, unless the transport carries less.
        at_rest: 16 bytes under which contents lie in the database; None for none.
    """

    delivery: Backoff = field(default_factory=Backoff)
    handling: Backoff = Backoff(attempts=50)
    lease: timedelta = timedelta(minutes=5)
    receipt_wait: timedelta = timedelta(minutes=10)
    batch_receipts: bool = False
    handle_together: int = 20
    most_in_parcel: int = 1_000
    most_bytes: int = 64 << 20
    most_attachment_bytes: int = 4 << 30
    piece_bytes: int = 4 << 20
    audit: AuditSettings = field(default_factory=AuditSettings)
    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS
    at_rest: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.at_rest is not None and len(self.at_rest) != 16:
            raise ValueError("at_rest is a key of 16 bytes")
        if self.handling.attempts is None:
            raise ValueError("handling says after how many attempts it ends: Backoff(attempts=50)")
        if self.lease <= timedelta(0) or self.receipt_wait <= timedelta(0):
            raise ValueError("lease and receipt_wait are longer than nothing")
        counts = (self.handle_together, self.most_in_parcel)
        if min(*counts, self.most_bytes, self.most_attachment_bytes, self.piece_bytes) < 1:
            raise ValueError("handle_together, most_in_parcel and the numbers of bytes are at least 1")

    @property
    def horizon(self) -> timedelta:
        """No wait is longer: what is due later than this from now was written by a clock that ran ahead."""
        return max(self.delivery.cap, self.handling.cap, self.lease, self.receipt_wait) + timedelta(minutes=1)
