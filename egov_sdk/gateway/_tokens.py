"""Session secrets: had early, refreshed once however many ask, the old one kept until the new one works."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from egov_sdk.errors import EgovError, PlatformError
from egov_sdk.gateway._wire import Steps, Wait
from egov_sdk.gateway.errors import SecretRefreshFailed

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Held", "SecretKeeper"]

_log = logging.getLogger("egov_sdk.gateway")

_AGAIN_AFTER_S: Final = 5.0  # a refused or failed secret is not tried again before that


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """One session secret, with the refresh secret that came with it."""

    value: str = field(repr=False)
    got_s: float
    ends_s: float
    renewal: str = field(default="", repr=False)
    renewal_ends_s: float = 0.0


#: Fetches a secret over the network; gets the newest one that is known.
Fetch = Callable[[Held | None], Steps[Held]]


class SecretKeeper:
    """Holds the secrets of one service. Threads and tasks may share it."""

    def __init__(self, fetch: Fetch, *, now: Callable[[], float], refresh_at: float) -> None:
        self._fetch, self._now, self._refresh_at = fetch, now, refresh_at
        self._lock = threading.Lock()
        self._proven: Held | None = None
        self._fresh: Held | None = None
        self._fresh_from_s = 0.0
        self._newest: Held | None = None
        self._pending: Future[BaseException | None] | None = None
        self._failure: EgovError | None = None
        self._failed_s = 0.0

    def worked(self, held: Held) -> None:
        """The platform accepted this secret: the one before it is not needed any more."""
        if held is not self._fresh:
            return
        with self._lock:
            if held is self._fresh:  # pragma: no branch - another thread came between
                self._proven, self._fresh = held, None

    def refused(self, held: Held) -> bool:
        """The platform did not accept this secret; whether there is any sense in asking for another one."""
        with self._lock:
            now = self._now()
            if held is self._fresh:
                if self._proven is not None and self._proven.ends_s > now:
                    self._fresh_from_s = now + _AGAIN_AFTER_S  # it may not have arrived everywhere yet
                elif now < held.got_s + _AGAIN_AFTER_S:
                    return False  # it was just made, and it is all there is
                else:
                    self._fresh = None
            elif held is self._proven:
                self._proven = None
                self._fresh_from_s = min(self._fresh_from_s, now)
            return True

    def _usable(self, now: float) -> Held | None:
        fresh, proven = self._fresh, self._proven
        if fresh is not None and fresh.ends_s > now and (now >= self._fresh_from_s or proven is None):
            return fresh
        return proven if proven is not None and proven.ends_s > now else None

    def _is_due(self, held: Held, now: float) -> bool:
        newest = self._newest or held
        return now >= newest.got_s + (newest.ends_s - newest.got_s) * self._refresh_at

    def _ask(self) -> tuple[Held | None, Future[BaseException | None] | None, bool]:
        """A usable secret if any, the refresh under way if any, and whether the caller has to do it."""
        with self._lock:
            now = self._now()
            held = self._usable(now)
            recently = now < self._failed_s + _AGAIN_AFTER_S
            if held is not None and (recently or not self._is_due(held, now)):
                return held, None, False
            if self._pending is not None:
                return held, self._pending, False
            if recently and self._failure is not None:
                raise _again(self._failure)
            from concurrent.futures import Future

            self._pending = Future()
            return held, self._pending, True

    def obtain(self, *, wait_s: Callable[[], float]) -> Steps[Held]:
        """A secret to sign with; refreshes it if nobody else does."""
        while True:
            held, pending, leads = self._ask()
            if pending is None or (held is not None and not leads):
                assert held is not None
                return held
            if leads:
                return (yield from self._refresh(held, pending))
            yield Wait(pending, wait_s())
            failure = pending.result(0) if pending.done() else None
            if isinstance(failure, EgovError):
                raise _again(failure)

    def _refresh(self, held: Held | None, pending: Future[BaseException | None]) -> Steps[Held]:
        try:
            new = yield from self._fetch(self._newest)
        except BaseException as error:
            # also when the one who refreshes is cancelled: another one takes over
            failure = _refresh_failed(error) if isinstance(error, EgovError) else None
            with self._lock:
                self._pending = None
                if failure is not None:
                    self._failure, self._failed_s = failure, self._now()
            pending.set_result(failure)
            if failure is None:
                raise
            if held is None:
                raise failure from error
            _log.warning("the session secret could not be refreshed, the old one still serves: %s", failure)
            return held
        with self._lock:
            self._pending, self._failure = None, None
            self._failed_s = 0.0
            self._newest = self._fresh = new
            self._fresh_from_s = 0.0
        pending.set_result(None)
        return new


def _refresh_failed(error: EgovError) -> SecretRefreshFailed:
    origin = error.origin if isinstance(error, PlatformError) else "gateway"
    failure = SecretRefreshFailed(f"no session secret: {error}", origin=origin, hint=error.hint, cause=error.code)
    failure.detail |= {key: error.detail[key] for key in ("status", "platform_code") if key in error.detail}
    return failure


def _again(failure: EgovError) -> EgovError:
    """The same error for another caller: an exception carries the traceback of one place only."""
    twin = type(failure).__new__(type(failure))
    twin.args = failure.args
    twin.__dict__.update(failure.__dict__)
    twin.__cause__ = failure.__cause__ or failure
    return twin
