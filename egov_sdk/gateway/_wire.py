"""What a flow asks of its driver, and what comes back: the seam between the rules and the network."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from egov_sdk.gateway.messages import Pause
from egov_sdk.gateway.policies import Timeouts

if TYPE_CHECKING:
    from concurrent.futures import Future

    from egov_sdk.gateway.uploads import Upload

__all__ = ["Failure", "FailureCause", "Reply", "Send", "Step", "Steps", "Wait"]

T = TypeVar("T")

FailureCause = Literal["connect", "tls", "timeout", "cut", "too_large", "malformed"]


@dataclass(frozen=True, slots=True)
class Send:
    """Send this and give the reply, its body read up to ``max_bytes``; with ``stream`` a good body is left to read."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    timeouts: Timeouts
    deadline_s: float
    max_bytes: int
    stream: bool = False
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until someone else has done it, at most that long; the result is not looked at."""

    future: Future[BaseException | None]
    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; ``open_body`` is the driver's own handle of a body that is not read yet."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    open_body: object = None

    def header(self, name: str) -> str:
        return next((value for found, value in self.headers if found == name), "")


class Failure(Exception):
    """No reply came back whole. Never leaves the room: flows turn it into a PlatformError."""

    def __init__(self, cause: FailureCause, words: str, *, sent: bool, phase: str = "") -> None:
        super().__init__(words)
        self.cause, self.words, self.sent, self.phase = cause, words, sent, phase


Step: TypeAlias = Send | Pause | Wait
#: A flow as a driver runs it.
Steps: TypeAlias = Generator[Step, Reply | None, T]
