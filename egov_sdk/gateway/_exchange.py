"""One call to a platform as a flow: signed, sent, judged, and where it is safe tried again."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from egov_sdk.errors import EgovError, PlatformError, PlatformRejected
from egov_sdk.gateway._breaker import Permit
from egov_sdk.gateway._core import Core
from egov_sdk.gateway._envelope import opened
from egov_sdk.gateway._failures import error_of
from egov_sdk.gateway._judge import Verdict, judge
from egov_sdk.gateway._prepare import Prepared, outgoing, prepare
from egov_sdk.gateway._spans import start_span
from egov_sdk.gateway._tokens import Held
from egov_sdk.gateway._wire import Failure, Reply, Send, Steps
from egov_sdk.gateway.errors import (
    AnswerCutOff,
    CircuitOpen,
    ClockSkewRejected,
    ConnectFailed,
    SignatureRejected,
    TimedOut,
)
from egov_sdk.gateway.messages import Answer, Flow, Pause, Request
from egov_sdk.gateway.policies import Timeouts
from egov_sdk.gateway.profile import AnswerRule

__all__ = ["Call", "Outcome", "exchange", "lift"]

T = TypeVar("T")

_log = logging.getLogger("egov_sdk.gateway")

_NO_RULE: Final = AnswerRule()
_RENEWALS: Final = 2
_GONE: Final = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A good answer; ``open_body`` is the driver's handle of what is still to be read."""

    answer: Answer
    open_body: object = None


@dataclass(slots=True, kw_only=True)
class Call:
    """One logical call with all its attempts."""

    core: Core
    prepared: Prepared
    repeatable: bool
    timeouts: Timeouts
    max_bytes: int
    rule: AnswerRule
    stream: bool = False
    strict: bool = False
    fixed_secret: str | None = None
    _sent: int = 0
    _tries: int = 0
    _renewals: int = 0
    _reclocked: bool = False
    _offset: float = 0.0
    _started: float = 0.0
    _error: PlatformError | None = None

    def run(self) -> Steps[Outcome]:
        """Make the call; raises the error of the last attempt."""
        self._started = self.core.settings.timer()
        profile = self.core.profile.name if self.core.profile else ""
        span = start_span(
            self.prepared.method,
            {
                "http.request.method": self.prepared.method,
                "server.address": self.core.host.partition("//")[2],
                "egov.gateway.profile": profile,
                "egov.gateway.service": self.prepared.service,
                "egov.request_id": self.prepared.request_id,
            },
        )
        facts: dict[str, str | int] = {}
        failed: BaseException | None = None
        try:
            outcome = yield from self._attempts(span.headers())
            facts["http.response.status_code"] = outcome.answer.status
            return outcome
        except BaseException as error:
            failed = error
            if isinstance(error, PlatformRejected):
                facts["http.response.status_code"] = error.status
            raise
        finally:
            if self._sent > 1:
                facts["http.request.resend_count"] = self._sent - 1
            span.finish(facts, error=failed)

    def _attempts(self, trace: tuple[tuple[str, str], ...]) -> Steps[Outcome]:
        keeper = None if self.fixed_secret is not None else self.core.keeper(self.prepared.service)
        while True:
            held = (yield from keeper.obtain(wait_s=self._left_s)) if keeper is not None else None
            permit = self._permit()
            result = yield from self._attempt(held, permit, trace)
            if isinstance(result, Outcome):
                if keeper is not None and held is not None:
                    keeper.worked(held)
                return result
            self._error = result.error
            permit.note(result.error.code)
            wait = self._remedy(result, held)
            if wait is None:
                raise result.error
            _log.info("trying again after %.1f s: %s", wait, result.error)
            if wait > 0:
                yield Pause(wait)

    def _permit(self) -> Permit:
        permit = self.core.breakers.enter(self.prepared.service)
        if isinstance(permit, Permit):
            return permit
        because = self.core.breakers.because(self.prepared.service)
        last = f", last with {because}" if because else ""
        raise self._error or CircuitOpen(
            f"failed too often{last}; the next try is in {permit:.0f} s",
            attempts=0,
            elapsed_s=self._elapsed_s(),
            request_id=self.prepared.request_id,
            because=because,
        )

    def _elapsed_s(self) -> float:
        return self.core.settings.timer() - self._started

    def _left_s(self) -> float:
        """Seconds left of the whole call; TimedOut if there are none."""
        left = self.timeouts.total_s - self._elapsed_s()
        if left <= 0:
            raise self._unreachable(Failure("timeout", "no time is left for this call", sent=False, phase="total"))
        return left

    def _unreachable(self, failure: Failure) -> PlatformError:
        return error_of(failure, attempts=self._sent, elapsed_s=self._elapsed_s(), request_id=self.prepared.request_id)

    def _attempt(
        self, held: Held | None, permit: Permit, trace: tuple[tuple[str, str], ...]
    ) -> Steps[Outcome | Verdict]:
        core = self.core
        self._offset = core.clock.offset_s
        sent_s = core.clock.local()
        settled: bool | None = None
        try:
            self._left_s()
            step = self._signed(held, trace)
            self._sent += 1
            reply = yield step
            assert reply is not None
            settled = reply.status not in _GONE
        except Failure as failure:
            settled = failure.cause in {"too_large", "malformed"}
            return self._failed(failure)
        finally:
            permit.settle(settled)
        core.clock.learn(reply.header("date"), sent_s=sent_s, aged=bool(reply.header("age")))
        return self._judged(reply)

    def _signed(self, held: Held | None, trace: tuple[tuple[str, str], ...]) -> Send:
        core = self.core
        secret, token = self.fixed_secret, ""
        if held is not None and core.profile is not None and core.profile.token is not None:
            secret, token = (held.value, "") if core.profile.token.gives == "secret" else (None, held.value)
        made = outgoing(
            self.prepared,
            core.profile,
            core.credentials,
            secret=secret,
            token=token,
            at_s=core.clock.stamp(once=core.stamps_must_differ),
            random=core.settings.random,
        )
        return Send(
            method=self.prepared.method,
            target=made.target,
            headers=(*made.headers, *trace),
            body=made.body,
            upload=self.prepared.upload,
            timeouts=self.timeouts,
            deadline_s=self._started + self.timeouts.total_s,
            max_bytes=self.max_bytes,
            stream=self.stream,
        )

    def _failed(self, failure: Failure) -> Verdict:
        error = self._unreachable(failure)
        _log.debug("%s %s: %s", self.prepared.method, self.prepared.service, error)
        return Verdict(error, had_no_effect=not failure.sent)

    def _judged(self, reply: Reply) -> Outcome | Verdict:
        request_id = reply.header("x-request-id")[:128] or self.prepared.request_id
        answer = Answer(reply.status, reply.headers, reply.body, request_id=request_id, attempts=self._sent)
        _log.debug(
            "[%s] %s %s: status %d, %d bytes, attempt %d",
            *(request_id, self.prepared.method, self.prepared.service, reply.status, len(reply.body), self._sent),
        )
        if reply.open_body is not None:
            return Outcome(answer, reply.open_body)
        verdict = judge(answer, self.rule, strict=self.strict, retry_after_from_s=self.core.clock.now())
        if verdict is not None:
            return verdict
        profile, credentials = self.core.profile, self.core.credentials
        if profile is not None and credentials is not None and profile.envelope and self.rule.code:
            answer = opened(answer, profile, credentials)
        return Outcome(answer)

    def _remedy(self, verdict: Verdict, held: Held | None) -> float | None:
        """Seconds to wait before the next attempt; None if there must be none."""
        if self.prepared.upload is not None and self.prepared.upload.is_spent:
            return None
        repeatable = verdict.had_no_effect or self.repeatable
        error = verdict.error
        if isinstance(error, ClockSkewRejected | SignatureRejected):
            return 0.0 if self._can_sign_better(error, held) and repeatable else None
        self._tries += 1
        if not repeatable or self._tries >= self.core.settings.retry.attempts or not self._is_passing(error):
            return None
        wait = self._wait_s(error)
        return wait if wait is not None and self._elapsed_s() + wait < self.timeouts.total_s else None

    def _can_sign_better(self, error: EgovError, held: Held | None) -> bool:
        if not self._reclocked and self.core.clock.offset_s != self._offset:
            self._reclocked = True
            return True
        keeper = self.core.keeper(self.prepared.service)
        if isinstance(error, ClockSkewRejected) or held is None or keeper is None or self._renewals >= _RENEWALS:
            return False
        self._renewals += 1
        return keeper.refused(held)

    def _is_passing(self, error: EgovError) -> bool:
        """Whether another attempt may find the trouble gone."""
        if isinstance(error, PlatformRejected):
            return error.status in self.core.settings.retry.statuses
        return isinstance(error, ConnectFailed | TimedOut | AnswerCutOff)

    def _wait_s(self, error: EgovError) -> float | None:
        retry = self.core.settings.retry
        asked = error.detail.get("retry_after_s")
        if isinstance(asked, float):
            return asked if asked <= retry.retry_after_max_s else None
        return retry.delay(self._tries, random=self.core.settings.random)


def exchange(core: Core, request: Request, *, stream: bool = False) -> Steps[Outcome]:
    """One request as a flow."""
    if called := core.settings.services.get(request.path):
        request = replace(request, path="", service=called)
    service = core.credentials.service if core.credentials is not None else ""
    limit = request.max_answer_bytes
    checked = core.profile is not None and request.check_answer
    prepared = prepare(request, core.profile, base_path=core.base_path, service=service, random=core.settings.random)
    call = Call(
        core=core,
        prepared=prepared,
        repeatable=request.is_safe or request.writes_safely,
        timeouts=request.timeouts or core.settings.timeouts,
        max_bytes=core.settings.max_answer_bytes if limit is None else limit,
        rule=core.profile.answer if core.profile is not None and checked else _NO_RULE,
        stream=stream,
    )
    return (yield from call.run())


def lift(core: Core, flow: Flow[T]) -> Steps[T]:
    """A caller's flow, its requests made into calls; their errors are raised inside it."""
    answer: Answer | None = None
    failure: EgovError | None = None
    try:
        while True:
            step = flow.throw(failure) if failure is not None else flow.send(answer)
            answer = failure = None
            if isinstance(step, Pause):
                yield step
                continue
            try:
                answer = (yield from exchange(core, step)).answer
            except EgovError as error:
                failure = error
    except StopIteration as stop:
        value: T = stop.value
        return value
    finally:
        flow.close()
