"""What an application asks for when it sends a browser: read strictly, and answered only where it may be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.applications import Application, active_application
from egov_sdk.identity.provider.settings import ProviderSettings
from egov_sdk.identity.wire import LEVEL_OF_ACR, SCOPES
from egov_sdk.storage.sql import Connection

__all__ = ["OAUTH_ERRORS", "AnsweredWithError", "AuthorizationRequest", "Parameters", "answer_address", "read_request"]

#: Parameters as they came: in order, and with repetitions.
Parameters = Sequence[tuple[str, str]]

_Word = TypeVar("_Word")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
_LENGTHS: Final = {"state": 2_048, "nonce": 512, "scope": 1_024, "acr_values": 1_024, "login_hint": 64, "max_age": 9}
_OBJECTS: Final = ("request", "request_uri")

#: The error of RFC 6749, OpenID Connect Core or Unmet Authentication Requirements that says each problem.
OAUTH_ERRORS: Final[Mapping[str, str]] = {
    "response_type": "unsupported_response_type",
    "request_object": "request_not_supported",
    "scope": "invalid_scope",
    "login_required": "login_required",
    "interaction_required": "interaction_required",
    "consent_required": "consent_required",
    "level_unmet": "unmet_authentication_requirements",
    "method_unmet": "unmet_authentication_requirements",
    "organization_none": "access_denied",
    "cancelled": "access_denied",
    "account_suspended": "access_denied",
    "application_unknown": "unauthorized_client",
    "application_proof": "invalid_client",
    "grant_type": "unsupported_grant_type",
    "session_ended": "invalid_token",
    "ticket_refused": "access_denied",
    "too_many_attempts": "temporarily_unavailable",
    **dict.fromkeys(
        (
            "code_unknown",
            "code_replayed",
            "code_expired",
            "code_application",
            "code_redirect",
            "pkce_mismatch",
            "refresh_unknown",
            "refresh_reused",
            "ticket_unknown",
            "ticket_replayed",
            "ticket_expired",
            "ticket_audience",
        ),
        "invalid_grant",
    ),
}


class AnsweredWithError(Exception):
    """A request that is refused by sending the browser back: it stays inside the provider."""

    def __init__(self, problem: IdentityRejected, *, redirect_uri: str, state: str, algorithm: str) -> None:
        super().__init__(problem.message)
        self.problem, self.redirect_uri, self.state, self.algorithm = problem, redirect_uri, state, algorithm

    def address(self, settings: ProviderSettings) -> str:
        """Where to send the browser."""
        issuer = settings.issuer_for(self.algorithm)
        answer = {
            "error": OAUTH_ERRORS.get(self.problem.problem, "invalid_request"),
            "error_description": self.problem.message.encode("ascii", "replace").decode("ascii"),
        }
        return answer_address(self.redirect_uri, answer | {"state": self.state, "iss": issuer})


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A request that may be answered: the application is known, and so is the address to answer to."""

    application: str
    algorithm: str
    redirect_uri: str
    state: str
    scopes: frozenset[str]
    nonce: str
    challenge: str
    level: IdentityLevel
    method: AuthMethod | None
    holder: HolderKind
    prompt: frozenset[str]
    max_age_s: int | None
    login_hint: str

    def refused(self, problem: IdentityRejected) -> AnsweredWithError:
        """The refusal that goes back to the application."""
        return AnsweredWithError(problem, redirect_uri=self.redirect_uri, state=self.state, algorithm=self.algorithm)

    def to_object(self) -> dict[str, object]:
        """The request as plain values."""
        return {
            "application": self.application,
            "algorithm": self.algorithm,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "scopes": sorted(self.scopes),
            "nonce": self.nonce,
            "challenge": self.challenge,
            "level": self.level.value,
            "method": self.method.value if self.method else None,
            "holder": self.holder.value,
            "prompt": sorted(self.prompt),
            "max_age_s": self.max_age_s,
            "login_hint": self.login_hint,
        }

    @classmethod
    def from_object(cls, value: Mapping[str, object]) -> AuthorizationRequest:
        """Read what to_object gave."""
        kept = dict(value)
        kept["scopes"] = frozenset(kept["scopes"])  # type: ignore[call-overload]  # as to_object wrote them
        kept["prompt"] = frozenset(kept["prompt"])  # type: ignore[call-overload]  # as above
        kept["level"] = IdentityLevel(str(kept["level"]))
        kept["method"] = AuthMethod(str(kept["method"])) if kept["method"] else None
        kept["holder"] = HolderKind(str(kept["holder"]))
        return cls(**kept)  # type: ignore[arg-type]  # as above


def answer_address(redirect_uri: str, answer: Mapping[str, str]) -> str:
    """An address with parameters added; empty ones are left out."""
    added = urlencode({name: value for name, value in answer.items() if value})
    if not added:
        return redirect_uri
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{added}"


def read_request(connection: Connection, parameters: Parameters) -> tuple[AuthorizationRequest, Application]:
    """Read a request.

    Raises:
        IdentityRejected: the application or its address is not known, so that only the person may be told.
        AnsweredWithError: something else is wrong, and the application is told.
    """
    names = [name for name, _ in parameters]
    given = dict(parameters)
    for name in ("client_id", "redirect_uri"):
        if names.count(name) != 1:
            found = "missing" if name not in given else "there more than once"
            raise refuse("request", name=name, found=found, expected="there once")
    application, _ = active_application(connection, given["client_id"])
    redirect_uri = given["redirect_uri"]
    if redirect_uri not in application.redirect_uris:
        raise refuse("redirect_uri", found=redirect_uri)
    state = given.get("state", "") if names.count("state") == 1 and len(given["state"]) <= _LENGTHS["state"] else ""
    try:
        return _read(given, names, application, redirect_uri), application
    except IdentityRejected as problem:
        raise AnsweredWithError(
            problem, redirect_uri=redirect_uri, state=state, algorithm=application.algorithm
        ) from None


def _read(
    given: Mapping[str, str], names: Sequence[str], application: Application, redirect_uri: str
) -> AuthorizationRequest:
    if (twice := next((name for name in given if names.count(name) > 1), None)) is not None:
        raise refuse("request", name=twice, found="there more than once", expected="there once")
    for name, most in _LENGTHS.items():
        if len(given.get(name, "")) > most:
            raise refuse("request", name=name, found=f"{len(given[name])} characters", expected=f"at most {most}")
    if not given.get("nonce", "").isprintable():
        # it is kept as it is, and not every database takes such a text
        raise refuse("request", name="nonce", found="a control character", expected="printable characters")
    for name in _OBJECTS:
        if name in given:
            raise refuse("request_object")
    if given.get("response_type") != "code":
        raise refuse("response_type", found=given.get("response_type", "missing"))
    if given.get("response_mode", "query") != "query":
        raise refuse("request", name="response_mode", found=given["response_mode"], expected="query")
    return AuthorizationRequest(
        application=application.id,
        algorithm=application.algorithm,
        redirect_uri=redirect_uri,
        state=given.get("state", ""),
        scopes=_scopes(given.get("scope", ""), application),
        nonce=given.get("nonce", ""),
        challenge=_challenge(given),
        level=_level(given.get("acr_values", "")),
        method=_one_of(given, "egov_method", {one.value: one for one in AuthMethod if one is not AuthMethod.UNKNOWN}),
        holder=_one_of(given, "egov_holder", {one.value: one for one in HolderKind}) or HolderKind.NATURAL,
        prompt=_prompt(given.get("prompt", "")),
        max_age_s=_max_age(given.get("max_age", "")),
        login_hint=given.get("login_hint", ""),
    )


def _challenge(given: Mapping[str, str]) -> str:
    """The S256 challenge. Without a method it would be ``plain``, which protects against nobody who can read along."""
    challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method", "plain")
    if not challenge or method != "S256":
        raise refuse("pkce_missing", found=method if challenge else "nothing")
    if not _CHALLENGE.fullmatch(challenge):
        raise refuse("request", name="code_challenge", found="something else", expected="43 characters of Base64url")
    return challenge


def _scopes(text: str, application: Application) -> frozenset[str]:
    """The scopes that are known here, as OpenID Connect Core, 3.1.2.1, wants it. Known ones must be allowed."""
    asked = frozenset(text.split(" ")) & SCOPES.keys()
    if "openid" not in asked:
        raise refuse("scope", found="anything without openid")
    if refused := asked - application.scopes:
        raise refuse("scope", found=" ".join(sorted(refused)))
    return asked


def _level(text: str) -> IdentityLevel:
    """The lowest of the levels named: each of them would do. Contexts of others are passed over."""
    levels = [LEVEL_OF_ACR[one] for one in text.split() if one in LEVEL_OF_ACR]
    order = list(IdentityLevel)
    return min(levels, key=order.index, default=IdentityLevel.NONE)


def _one_of(given: Mapping[str, str], name: str, words: Mapping[str, _Word]) -> _Word | None:
    if name not in given:
        return None
    if given[name] not in words:
        raise refuse("request", name=name, found=given[name], expected=", ".join(words))
    return words[given[name]]


def _prompt(text: str) -> frozenset[str]:
    prompt = frozenset(text.split())
    if prompt - _PROMPTS or ("none" in prompt and len(prompt) > 1):
        expected = f"none alone, or some of {', '.join(sorted(_PROMPTS - {'none'}))}"
        raise refuse("request", name="prompt", found=text, expected=expected)
    return prompt


def _max_age(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise refuse("request", name="max_age", found=text, expected="seconds")
    return int(text)
