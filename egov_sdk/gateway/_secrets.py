"""How a session secret is fetched: by login, or by renewing the one before."""

from __future__ import annotations

from egov_sdk.errors import PlatformRejected
from egov_sdk.gateway._core import Core
from egov_sdk.gateway._exchange import Call
from egov_sdk.gateway._json import member, parse_json
from egov_sdk.gateway._prepare import prepare_token_call
from egov_sdk.gateway._times import end_of_life
from egov_sdk.gateway._tokens import Fetch, Held
from egov_sdk.gateway._wire import Steps
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.errors import AnswerMalformed, CredentialsMissing
from egov_sdk.gateway.messages import Answer
from egov_sdk.gateway.national import decrypt_secret
from egov_sdk.gateway.profile import GatewayProfile, TokenCall, TokenFlow

__all__ = ["fetch_secret"]

_ANSWER_BYTES = 256 << 10
_SECRET_CHARS = 8_192


def fetch_secret(core: Core, service: str) -> Fetch:
    """The flow that gets a secret for a service."""
    profile, credentials = core.profile, core.credentials
    assert profile is not None
    assert profile.token is not None
    assert credentials is not None
    return _Fetcher(core, profile, profile.token, credentials, service or credentials.service)


class _Fetcher:
    def __init__(
        self, core: Core, profile: GatewayProfile, token: TokenFlow, credentials: Credentials, service: str
    ) -> None:
        self._core, self._profile, self._token = core, profile, token
        self._credentials, self._service = credentials, service

    def __call__(self, newest: Held | None) -> Steps[Held]:
        token, now = self._token, self._core.clock.now()
        if token.renew is not None and newest is not None and newest.renewal and newest.renewal_ends_s > now:
            try:
                return (yield from self._made(token.renew, newest.renewal))
            except PlatformRejected:
                pass  # the refresh secret may have ended before its time: log in again
        if not self._credentials.secret:
            raise CredentialsMissing(
                f"profile {self._profile.name!r} needs a secret", profile=self._profile.name, setting="secret"
            )
        return (yield from self._made(token.login, self._credentials.secret))

    def _made(self, call: TokenCall, secret: str) -> Steps[Held]:
        core = self._core
        prepared = prepare_token_call(
            call,
            self._profile,
            self._credentials,
            base_path=core.base_path,
            service=self._service,
            random=core.settings.random,
        )
        outcome = yield from Call(
            core=core,
            prepared=prepared,
            repeatable=True,
            timeouts=core.settings.timeouts,
            max_bytes=_ANSWER_BYTES,
            rule=self._profile.answer,
            strict=True,
            fixed_secret=secret,
        ).run()
        return self._held(outcome.answer)

    def _held(self, answer: Answer) -> Held:
        value = parse_json(answer.body)
        token, now = self._token, self._core.clock.now()
        secret = _secret(value, token.member, answer)
        if token.decrypt == "national":
            secret = decrypt_secret(secret, appkey=self._credentials.secret)
        return Held(
            value=secret,
            got_s=now,
            ends_s=_end(value, token.ends, now=now) or now + token.life_s,
            renewal=_secret(value, token.renewal_member, answer) if token.renewal_member else "",
            renewal_ends_s=_end(value, token.renewal_ends, now=now) or now + token.life_s,
        )


def _secret(value: object, path: str, answer: Answer) -> str:
    found = member(value, path)
    if not isinstance(found, str) or not found or len(found) > _SECRET_CHARS:
        raise AnswerMalformed(
            f"the answer has no secret at {path}", origin="gateway", request_id=answer.request_id, where=path
        )
    return found


def _end(value: object, paths: tuple[str, ...], *, now: float) -> float | None:
    """When it ends; None if the answer does not say, or says a time that is past or cannot be read."""
    ends = (end_of_life(member(value, path), now_s=now) for path in paths)
    return next((end for end in ends if end is not None and end > now), None)
