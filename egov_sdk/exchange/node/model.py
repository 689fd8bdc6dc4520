"""The words of a node: what is given to it to send, what it says of a message, and how it is doing."""

from __future__ import annotations

import enum
from datetime import timedelta
from typing import Annotated, Final

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from egov_sdk.exchange.envelope.model import MOST_CONTENT, Attachment, Party
from egov_sdk.frozen import Frozen

__all__ = [
    "Direction",
    "Draft",
    "Health",
    "MessageRecord",
    "MessageState",
    "NodeStatus",
    "PartnerStatus",
    "PullStatus",
]

_LIFE: Final = int(timedelta(days=7).total_seconds())
_ID: Final = r"^([0-9A-Za-z][0-9A-Za-z._-]{15,63})?$"


class Direction(enum.StrEnum):
    """Whether a message leaves this node or has come to it. The values are stable."""

    OUT = "out"
    IN = "in"


class MessageState(enum.StrEnum):
    """Where a message is. The values are stable.

    Out: ``queued`` → ``working`` → ``done`` (the receiver's receipt is here), ``sent`` while a transport carries it,
    back to ``queued`` for another attempt; ``refused`` when the receiver has accepted it and its application then
    gave it up, which its second receipt says. In: ``queued`` → ``working`` → ``done`` (its handler took effect).
    ``dead`` waits for a person; ``replay`` brings it back.
    """

    QUEUED = "queued"
    WORKING = "working"
    SENT = "sent"
    DONE = "done"
    DEAD = "dead"
    REFUSED = "refused"
    CANCELLED = "cancelled"


def _lines(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Draft(Frozen):
    """A message to be sent, as the application gives it.

    Attributes:
        to: one receiver, or several: all of them see who they are, and each has a record, receipts and retries of its
            own.
        id: of the caller's own making, so that the same draft given twice is sent once; empty for a new one.
        purpose, basis: what the data are for (使用目的), and what allows it (依据).
        answers: the number of the message here that this one answers.
        priority: 9 goes before 0, among the messages to one partner.
        life_s: how long it may be delivered, in seconds.
        attachments: as ``attach`` gave them; large content goes as one.
    """

    to: Party | Annotated[tuple[Party, ...], Field(min_length=1, max_length=64)]
    content: Annotated[bytes, Field(max_length=MOST_CONTENT)] = Field(repr=False)
    purpose: str
    basis: Annotated[tuple[str, ...], BeforeValidator(_lines)]
    service: str = ""
    resource: str = ""
    content_type: str = "application/json"
    conversation: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=256)] = ()
    answers: int | None = None
    priority: Annotated[int, Field(ge=0, le=9)] = 5
    life_s: Annotated[int, Field(ge=1, le=366 * 86_400)] = _LIFE
    id: Annotated[str, Field(pattern=_ID)] = ""

    @model_validator(mode="after")
    def _check(self) -> Draft:
        if not self.service and not self.resource:
            raise ValueError("a message names a service or a resource")
        if len(set(self.receivers)) != len(self.receivers):
            raise ValueError("a receiver stands twice")
        return self

    @property
    def receivers(self) -> tuple[Party, ...]:
        """All whom it is for."""
        return (self.to,) if isinstance(self.to, Party) else self.to


class MessageRecord(Frozen):
    """What a node knows of one message (消息记录); its content is not among it.

    Attributes:
        number: of the record at this node. Ids are the senders', numbers are the node's.
        digest: of the message, in hexadecimal, as its receipt names it.
        attempts: how often it was tried; ``due_at`` when it will be again, None when it will not.
        problem: the code of the last refusal; empty if there was none.
        receipted: whether the receipt is there.
    """

    number: int
    direction: Direction
    id: str
    sender: Party
    receiver: Party
    service: str
    resource: str
    conversation: str
    correlation: str
    digest: str
    size: int
    priority: int
    state: MessageState
    attempts: int
    created_at: AwareDatetime
    expires_at: AwareDatetime
    stored_at: AwareDatetime
    updated_at: AwareDatetime
    due_at: AwareDatetime | None
    problem: str
    receipted: bool

    @property
    def partner(self) -> Party:
        """The other one."""
        return self.receiver if self.direction is Direction.OUT else self.sender


class PartnerStatus(Frozen):
    """How exchange with one partner goes.

    Attributes:
        waiting: messages to be delivered or handled, ``oldest_s`` the age in seconds of the oldest of them.
        last_hour: messages that were finished in the last hour.
        problem: the code of what most of those that are tried again last failed of; empty where none did.
        failing: the number of the first message that is tried again, 0 where none is; of an ordered partner all the
            others wait behind it. ``failing_s`` is how long it has waited, in seconds, ``attempts`` how often it was
            tried.
    """

    partner: str
    direction: Direction
    waiting: int
    dead: int
    oldest_s: float
    last_minute: int
    last_hour: int
    problem: str = ""
    failing: int = 0
    failing_s: float = 0.0
    attempts: int = 0


class PullStatus(Frozen):
    """Where a scheduled pull stands."""

    name: str
    watermark: str
    due_at: AwareDatetime
    last_at: AwareDatetime | None
    failures: int
    problem: str


class NodeStatus(Frozen):
    """How a node is doing (节点状态)."""

    party: Party
    at: AwareDatetime
    partners: tuple[PartnerStatus, ...]
    pulls: tuple[PullStatus, ...]
    audit_entries: int
    stamped_at: AwareDatetime | None

    def waiting(self, direction: Direction) -> int:
        """Messages to be delivered, or to be handled."""
        return sum(one.waiting for one in self.partners if one.direction is direction)

    @property
    def dead(self) -> int:
        """Messages that wait for a person."""
        return sum(one.dead for one in self.partners)

    @property
    def oldest_s(self) -> float:
        """The age of the oldest message that is to be delivered or handled, in seconds."""
        return max((one.oldest_s for one in self.partners), default=0.0)


class Health(Frozen):
    """Whether a node takes work, and the codes of what is wrong.

    They say why it takes none, or what should be mended although it goes on, such as ``egov.storage.not_durable``.
    """

    ok: bool
    problems: tuple[str, ...] = ()
