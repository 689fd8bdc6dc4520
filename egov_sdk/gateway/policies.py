"""How long to wait, how often to try, when to stop trying."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from egov_sdk.gateway._times import http_date

__all__ = ["BreakerPolicy", "ClientCertificate", "RateLimit", "Retry", "Timeouts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds for each phase of a request; ``total_s`` for all attempts and pauses together.

    ``total_s`` is looked at between attempts and between the pieces of an answer.
    """

    connect_s: float = 5.0
    read_s: float = 30.0
    write_s: float = 30.0
    pool_s: float = 10.0
    total_s: float = 120.0

    def __post_init__(self) -> None:
        for name in ("connect_s", "read_s", "write_s", "pool_s", "total_s"):
            if not 0 < getattr(self, name) <= 86_400:
                raise ValueError(f"{name} must be more than 0 and at most a day: waiting for ever is not offered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When a request is sent again, and how long to wait before.

    What only reads is sent again after a lost answer and after the statuses listed; a write only if it says
    ``writes_safely``, or if it certainly had no effect (never sent, or refused for its rate). The wait is
    what the platform asks for, up to ``retry_after_max_s``; otherwise it doubles, and up to half of it is random.
    """

    attempts: int = 3
    first_s: float = 0.5
    cap_s: float = 8.0
    retry_after_max_s: float = 60.0
    statuses: frozenset[int] = frozenset({408, 429, 502, 503, 504})

    def __post_init__(self) -> None:
        object.__setattr__(self, "statuses", frozenset(self.statuses))
        if self.attempts < 1:
            raise ValueError("attempts counts the first one: at least 1")
        if self.first_s < 0 or self.cap_s < 0 or self.retry_after_max_s < 0:
            raise ValueError("waits are not negative")

    def delay(self, attempt: int, *, random: Callable[[int], bytes]) -> float:
        """Seconds to wait after that attempt (the first is 1) when the platform does not say."""
        full: float = min(self.cap_s, self.first_s * 2.0 ** min(attempt - 1, 32))
        return full / 2 + full / 2 * int.from_bytes(random(4), "big") / 0xFFFFFFFF


def retry_after(text: str, *, now_s: float) -> float | None:
    """Seconds that a Retry-After header asks for; None if there is none or it cannot be read."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, http_date(text) - now_s)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """After ``failures`` in a row, nothing is sent for ``open_s`` seconds; then one request tries (熔断)."""

    failures: int = 5
    open_s: float = 30.0

    def __post_init__(self) -> None:
        if self.failures < 1 or self.open_s <= 0:
            raise ValueError("failures is at least 1, open_s more than 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """The certificate that a platform asks this client for in TLS (双向认证), as PEM files.

    ``secret`` is called when the key is encrypted.
    """

    certificate: Path
    key: Path
    secret: Callable[[], bytes | str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """``per_s`` requests a second in the long run, ``burst`` at once (限流)."""

    per_s: float
    burst: int

    def __post_init__(self) -> None:
        if self.per_s <= 0 or self.burst < 1:
            raise ValueError("per_s is more than 0, burst at least 1")
