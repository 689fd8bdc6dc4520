"""Whether an answer is a yes, and if not, what kind of no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import Origin, PlatformError, PlatformRejected
from egov_sdk.gateway._json import member, parse_json
from egov_sdk.gateway._redact import redact
from egov_sdk.gateway.errors import (
    AccessDenied,
    ClockSkewRejected,
    GatewayUnavailable,
    RateLimited,
    Redirected,
    RequestRejected,
    ServiceFailed,
    SignatureRejected,
)
from egov_sdk.gateway.messages import Answer, not_json
from egov_sdk.gateway.policies import retry_after
from egov_sdk.gateway.profile import AnswerRule, FailureKind

__all__ = ["Verdict", "judge"]

_UNAVAILABLE: Final[FailureKind] = "unavailable"
_BY_STATUS: Final[Mapping[int, FailureKind]] = MappingProxyType(
    {401: "signature", 403: "denied", 429: "rate", **dict.fromkeys((408, 502, 503, 504), _UNAVAILABLE)}
)
_CLASSES: Final[Mapping[str, tuple[type[PlatformRejected], Origin]]] = MappingProxyType(
    {
        "signature": (SignatureRejected, "gateway"),
        "denied": (AccessDenied, "gateway"),
        "skew": (ClockSkewRejected, "caller"),
        "rate": (RateLimited, "gateway"),
        "request": (RequestRejected, "caller"),
        "service": (ServiceFailed, "provider"),
        "unavailable": (GatewayUnavailable, "gateway"),
        "redirect": (Redirected, "gateway"),
        "": (PlatformRejected, "platform"),
    }
)
_REQUEST_ID_CHARS: Final = 128
_ERROR_BODY_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """An error, and whether the request certainly had no effect where it was meant to have one."""

    error: PlatformError
    had_no_effect: bool


@dataclass(frozen=True, slots=True)
class _Words:
    """What the JSON of an answer says about itself."""

    code: str = ""
    number: bool = False
    message: str = ""
    request_id: str = ""


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int)) else ""


def _first(value: object, paths: tuple[str, ...]) -> str:
    return next((found for path in paths if (found := _plain(member(value, path)))), "")


def _words(value: object, rule: AnswerRule, *, failed: bool) -> _Words:
    """``failed``: the status is a no; then the members of RFC 6749, 5.2 count where the platform's own are missing."""
    raw = member(value, rule.code or "code")
    code, message = _plain(raw), _first(value, rule.message)
    number = isinstance(raw, int) and not isinstance(raw, bool)
    if failed:
        code, message = code or _plain(member(value, "error")), message or _plain(member(value, "error_description"))
    return _Words(code, number, message, _first(value, rule.request_id))


def _is_success(words: _Words, rule: AnswerRule) -> bool:
    if words.code in rule.success:
        return True
    # a number has lost its leading zeros: 0 is the code "00"
    return words.number and any(text.isdecimal() and int(text) == int(words.code) for text in rule.success)


def _kind(words: _Words, rule: AnswerRule, status: int) -> tuple[FailureKind | str, bool]:
    """The kind of failure, and whether it was told by a code or status rather than by a text."""
    by_text = next((kind for text, kind in rule.texts.items() if text in words.message), None)
    by_code = rule.codes.get(words.code)
    if by_code and by_code not in {"service", "request"}:
        return by_code, True
    if by_text:
        return by_text, status in {401, 403}
    if by_code:
        return by_code, True
    if 300 <= status < 400:
        return "redirect", True
    if status in _BY_STATUS:
        return _BY_STATUS[status], True
    return ("request" if 400 <= status < 500 else "service" if status >= 500 else ""), True


def _is_json(answer: Answer) -> bool:
    kind = answer.header("content-type").partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json")) or (not kind.startswith("text/html") and answer.body[:1] in (b"{", b"["))


def judge(answer: Answer, rule: AnswerRule, *, strict: bool, retry_after_from_s: float) -> Verdict | None:
    """None if the answer is a yes. ``strict``: it must be JSON with a code, as the answer to a token call."""
    value: object = None
    if _is_json(answer) and (answer.status < 300 or len(answer.body) <= _ERROR_BODY_BYTES):
        try:
            value = parse_json(answer.body)
        except ValueError:
            if answer.status < 300 and (rule.code or strict):
                return Verdict(not_json(answer), had_no_effect=False)
    elif answer.status < 300 and (strict or (rule.code and _is_page(answer))):
        return Verdict(not_json(answer), had_no_effect=False)
    words = _words(value, rule, failed=answer.status >= 300)
    if answer.status < 300:
        if _is_success(words, rule) or not rule.code:
            return None
        if not words.code:
            return Verdict(not_json(answer), had_no_effect=False) if strict else None
    return _rejection(answer, words, rule, retry_after_from_s, value)


def _is_page(answer: Answer) -> bool:
    start = answer.body[:512].lstrip().lower()
    return answer.header("content-type").lower().startswith("text/html") or start.startswith((b"<!doctype", b"<html"))


def _rejection(answer: Answer, words: _Words, rule: AnswerRule, now_s: float, value: object) -> Verdict:
    kind, certain = _kind(words, rule, answer.status)
    error_class, origin = _CLASSES[kind]
    said = redact(words.message) or "no reason given"
    error = error_class(
        f"status {answer.status}, code {redact(words.code, limit=64) or 'none'}: {said}",
        status=answer.status,
        platform_code=redact(words.code, limit=64),
        origin=origin,
        request_id=redact(words.request_id, limit=_REQUEST_ID_CHARS) or answer.request_id,
    )
    error.said, error.detail["attempts"] = value, answer.attempts
    if isinstance(error, RateLimited | GatewayUnavailable):
        asked = retry_after(answer.header("retry-after"), now_s=now_s)
        error.detail["retry_after_s"] = asked
        if isinstance(error, RateLimited):
            error.retry_after_s = asked
    refused = kind in {"signature", "denied", "skew", "rate"}
    return Verdict(error, had_no_effect=refused and certain)
