"""What a token says of itself, held against what is expected of it."""

from __future__ import annotations

import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from egov_sdk.crypto._jose.problems import TokenRejected, described, reject
from egov_sdk.times import aware

__all__ = ["ExpectedClaims", "check_claims"]

_MOST_LEEWAY_S: Final = 600
#: The last second of the year 9999: later ones are no moments that a calendar has.
_LAST_MOMENT: Final = 253_402_300_799


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedClaims:
    """What a token must say to be accepted.

    Args:
        issuer: what ``iss`` must be, to the letter; None does not look.
        audience: who we are. A token with ``aud`` that is not for us is refused, also where this is None.
        nonce: what was sent with the request; None does not look.
        media_type: what ``typ`` in the header must be, such as ``JWT`` or ``at+jwt``; None does not look.
        required: claims that must be there at all.
        leeway_s: how far the clocks may be apart, 0 to 600.
        max_age_s: how long ago the token may have been issued; needs ``iat`` then.
    """

    issuer: str | None
    audience: str | None
    nonce: str | None = field(default=None, repr=False)
    media_type: str | None = None
    required: frozenset[str] = frozenset({"exp"})
    leeway_s: int = 60
    max_age_s: int | None = None

    def __post_init__(self) -> None:
        if "" in (self.issuer, self.audience, self.nonce, self.media_type):
            raise ValueError("an empty text is nothing to expect; None does not look")
        if not 0 <= self.leeway_s <= _MOST_LEEWAY_S:
            raise ValueError(f"leeway_s must be 0 to {_MOST_LEEWAY_S}, got {self.leeway_s}")
        if self.max_age_s is not None and self.max_age_s < 0:
            raise ValueError("max_age_s must not be negative")
        if isinstance(self.required, str):
            raise TypeError("required is a set of names, not one text")
        object.__setattr__(self, "required", frozenset(self.required))


def seconds_of(at: datetime) -> float:
    """A moment as a NumericDate.

    Raises:
        ValueError: it has no time zone.
    """
    return aware(at).timestamp()


def check_claims(claims: Mapping[str, object], expected: ExpectedClaims, *, at: datetime) -> None:
    """Return if the claims are what is expected at a moment, raise if not.

    The type in the header is not a claim; ``verify_token`` looks at it.

    Raises:
        TokenRejected: a claim is missing, of the wrong type, or not what is expected; the code says which.
        ValueError: ``at`` has no time zone.
    Source:
        RFC 7519, 4.1; OpenID Connect Core 1.0, 3.1.3.7.
    """
    check_at(claims, expected, seconds_of(at))


def check_at(claims: Mapping[str, object], expected: ExpectedClaims, now: float) -> None:
    for name in expected.required:
        if claims.get(name) is None:
            raise reject("token.claim_missing", name=name)
    _check_times(claims, expected, now)
    for name in ("iss", "sub", "jti"):
        if name in claims and not isinstance(claims[name], str):
            raise reject("token.claim_malformed", name=name, found=described(claims[name]), expected="a text")
    if expected.issuer is not None and claims.get("iss") != expected.issuer:
        raise _missing_or("token.issuer", claims, "iss", expected.issuer)
    _check_audience(claims, expected)
    if expected.nonce is not None:
        nonce = claims.get("nonce")
        if not isinstance(nonce, str):
            raise _missing_or("token.nonce", claims, "nonce", "")
        if not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
            raise reject("token.nonce")


def _missing_or(problem: str, claims: Mapping[str, object], name: str, expected: str) -> TokenRejected:
    if claims.get(name) is None:
        return reject("token.claim_missing", name=name)
    return reject(problem) if name == "nonce" else reject(problem, found=claims[name], expected=expected)


def _check_times(claims: Mapping[str, object], expected: ExpectedClaims, now: float) -> None:
    leeway = expected.leeway_s
    # RFC 7519, 4.1.4: on or after this moment it must not be accepted
    if (expires := _moment(claims, "exp")) is not None and now - leeway >= expires:
        raise reject("token.expired", found=_told(expires), expected=_told(now))
    if (begins := _moment(claims, "nbf")) is not None and now + leeway < begins:
        raise reject("token.not_yet_valid", found=_told(begins), expected=_told(now))
    issued = _moment(claims, "iat")
    if issued is not None and now + leeway < issued:
        raise reject("token.issued_in_future", found=_told(issued), expected=_told(now))
    if expected.max_age_s is not None:
        if issued is None:
            raise reject("token.claim_missing", name="iat")
        if now - leeway > issued + expected.max_age_s:
            raise reject("token.too_old", found=_told(issued), expected=_told(now))


def _moment(claims: Mapping[str, object], name: str) -> float | None:
    value = claims.get(name)
    if name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LAST_MOMENT:
        raise reject(
            "token.claim_malformed", name=name, found=described(value), expected="seconds since 1970, to the year 9999"
        )
    return value


def _told(moment: float) -> str:
    return datetime.fromtimestamp(math.floor(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def audiences(claims: Mapping[str, object]) -> tuple[str, ...]:
    """Whom the token is for.

    Raises:
        TokenRejected: ``aud`` is neither a text nor a list of texts.
    """
    value = claims.get("aud")
    if isinstance(value, str):
        return (value,)
    if "aud" not in claims:
        return ()
    if not isinstance(value, (list, tuple)) or not value or not all(isinstance(one, str) for one in value):
        raise reject("token.claim_malformed", name="aud", found=described(value), expected="a text or a list of texts")
    return tuple(value)


def _check_audience(claims: Mapping[str, object], expected: ExpectedClaims) -> None:
    meant = audiences(claims)
    if expected.audience is None:
        if meant:
            # RFC 7519, 4.1.3: whoever does not find itself in aud must reject
            raise reject("token.audience", found=", ".join(meant), expected="whoever names no audience")
    elif not meant:
        raise reject("token.claim_missing", name="aud")
    elif expected.audience not in meant:
        raise reject("token.audience", found=", ".join(meant), expected=expected.audience)


def type_fits(found: str | None, expected: str) -> bool:
    """RFC 7515, 4.1.9: media types, in any case, with or without ``application/``."""
    return found is not None and _media(found) == _media(expected)


def _media(name: str) -> str:
    return name.casefold().removeprefix("application/")
