"""What is right and what is wrong about a signed token (令牌): every question asked, each answered for itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from egov_sdk.crypto.jose import (
    ExpectedClaims,
    KeySet,
    SignatureAlgorithm,
    TokenRejected,
    UnverifiedToken,
    VerifiedPayload,
    check_claims,
    read_unverified,
    verify_payload,
)
from egov_sdk.errors import InputError
from egov_sdk.identity.checks import TOKEN_CHECKS
from egov_sdk.identity.problems import shown
from egov_sdk.report import Check, Outcome, Report
from egov_sdk.times import aware

__all__ = ["TokenResult", "examine_token"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED
_CHECK: Final = TOKEN_CHECKS.check
_CODE: Final = "egov.crypto.token."
_SM2: Final[tuple[SignatureAlgorithm, ...]] = ("SGD_SM3_SM2",)
_EARLY: Final = frozenset({"not_yet_valid", "issued_in_future"})
_KEY_OFFERS: Final = frozenset({"jwk", "jku", "x5c", "x5u"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResult:
    """The report, and what the token says, which holds only if the report passed."""

    report: Report
    header_unverified: Mapping[str, object] = field(repr=False)
    claims_unverified: Mapping[str, object] = field(repr=False)

    def require(self) -> Mapping[str, object]:
        """What the token says.

        Raises:
            VerificationError: a required check has not passed; it carries the report.
        """
        self.report.require()
        return self.claims_unverified


def examine_token(
    token: str,
    keys: KeySet | None,
    *,
    at: datetime,
    algorithms: Collection[SignatureAlgorithm] = _SM2,
    issuer: str | None = None,
    audience: str | None = None,
    nonce: str | None = None,
    leeway_s: int = 60,
) -> TokenResult:
    """Ask everything about a token and report it, for people who look for a mistake; nothing of the token is raised.

    A program that only wants a yes takes ``egov_sdk.crypto.jose.verify_token``: it asks the same and stops at the
    first no.

    Args:
        keys: the issuer's key set; without one the signature stays undecided.
        algorithms: those that are accepted.
        issuer, nonce: what they must be; None does not look.
        audience: who we are; a token for somebody is refused where this is None.
        leeway_s: how far the clocks may be apart, 0 to 600.
    Raises:
        ValueError: ``at`` has no time zone; an expectation is empty; algorithms is empty or names another one.
    Source:
        RFC 7519, 7.2; RFC 8725; GM/T 0125.2-2022.
    """
    aware(at)
    expected = ExpectedClaims(issuer=issuer, audience=audience, nonce=nonce, leeway_s=leeway_s)
    try:
        read = read_unverified(token)
    except (InputError, TokenRejected) as error:
        form = _CHECK("integrity.form", _FAILED, "malformed", found=shown(error.message))
        return TokenResult(report=_report(_filled([form]), at), header_unverified={}, claims_unverified={})
    checks = [
        _CHECK("integrity.form", _PASSED, "ok"),
        *_signed(token, keys, read, algorithms),
        *_claimed(read.claims_unverified, expected, at),
        _header(read.header_unverified),
    ]
    return TokenResult(
        report=_report(_filled(checks), at),
        header_unverified=read.header_unverified,
        claims_unverified=read.claims_unverified,
    )


def _report(checks: list[Check], at: datetime) -> Report:
    return Report("token", at, "token/1", tuple(checks), frozenset(TOKEN_CHECKS.rows))


def _filled(checks: list[Check]) -> list[Check]:
    """The checks in the order of the table; those that were not reached say so."""
    found = {check.id: check for check in checks}
    return [found.get(name) or _CHECK(name, _UNKNOWN, "not_reached") for name in TOKEN_CHECKS.rows]


def _signed(
    token: str, keys: KeySet | None, read: UnverifiedToken, algorithms: Collection[SignatureAlgorithm]
) -> Iterator[Check]:
    named = shown(read.header_unverified.get("kid", "-"))
    accepted = ", ".join(sorted(algorithms))
    try:
        verified = verify_payload(token, keys or KeySet.of(()), algorithms=algorithms)
    except (InputError, TokenRejected) as error:
        yield from _refused(error, named, accepted, read, has_keys=keys is not None)
        return
    yield _CHECK("integrity.algorithm", _PASSED, "ok", found=verified.algorithm)
    yield _CHECK("integrity.signature", _PASSED, "ok", found=_written(verified))
    yield _CHECK("trust.key", _PASSED, "ok", found=shown(verified.key.key_id or named))


def _written(verified: VerifiedPayload) -> str:
    return {"der": "DER", "raw": "r || s"}.get(verified.signature_form or "", verified.algorithm)


def _refused(
    error: InputError | TokenRejected, named: str, accepted: str, read: UnverifiedToken, *, has_keys: bool
) -> Iterator[Check]:
    reason, algorithm = error.code.removeprefix(_CODE), shown(read.header_unverified.get("alg"))
    if reason == "unsigned":
        yield _CHECK("integrity.algorithm", _FAILED, "unsigned")
        return
    if reason == "algorithm":
        yield _CHECK("integrity.algorithm", _FAILED, "algorithm", found=algorithm, expected=accepted)
        return
    yield _CHECK("integrity.algorithm", _PASSED, "ok", found=algorithm)
    if reason in ("signature", "base64"):
        yield _CHECK("integrity.signature", _FAILED, "signature", found=named)
        yield _CHECK("trust.key", _PASSED, "ok", found=named)
        return
    yield _CHECK("integrity.signature", _UNKNOWN, "no_key")
    if not has_keys:
        yield _CHECK("trust.key", _UNKNOWN, "no_keys")
    elif reason == "unfit_key":
        yield _CHECK("trust.key", _FAILED, "key_unfit", found=named, expected=algorithm)
    elif reason == "ambiguous_key":
        found, most = error.detail.get("found", ""), error.detail.get("expected", "")
        yield _CHECK("trust.key", _FAILED, "ambiguous", found=found, expected=most)
    else:
        yield _CHECK("trust.key", _FAILED, "key_unknown", found=named)


def _claimed(claims: Mapping[str, object], expected: ExpectedClaims, at: datetime) -> Iterator[Check]:
    says = shown(claims.get("iss", "-"))
    if expected.issuer is None:
        yield _CHECK("binding.issuer", _SKIPPED, "not_asked", found=says)
    elif claims.get("iss") == expected.issuer:
        yield _CHECK("binding.issuer", _PASSED, "ok", found=says)
    else:
        yield _CHECK("binding.issuer", _FAILED, "issuer", found=says, expected=expected.issuer)
    yield _audience(claims, expected, at)
    if expected.nonce is None:
        yield _CHECK("binding.nonce", _SKIPPED, "not_asked")
    else:
        wanted = ExpectedClaims(issuer=None, audience=None, nonce=expected.nonce, required=frozenset())
        good = _objection(claims, ("nonce",), wanted, at) is None
        yield _CHECK("binding.nonce", _PASSED, "ok") if good else _CHECK("binding.nonce", _FAILED, "nonce")
    yield _time(claims, expected, at)


def _audience(claims: Mapping[str, object], expected: ExpectedClaims, at: datetime) -> Check:
    value = claims.get("aud")
    says = ", ".join(map(shown, value)) if isinstance(value, (list, tuple)) else shown(value if value else "-")
    if expected.audience is None and "aud" not in claims:
        return _CHECK("binding.audience", _SKIPPED, "nobody")
    wanted = ExpectedClaims(issuer=None, audience=expected.audience, required=frozenset())
    if _objection(claims, ("aud",), wanted, at) is None:
        return _CHECK("binding.audience", _PASSED, "ok", found=says)
    return _CHECK("binding.audience", _FAILED, "audience", found=says, expected=expected.audience or "-")


def _time(claims: Mapping[str, object], expected: ExpectedClaims, at: datetime) -> Check:
    wanted = ExpectedClaims(issuer=None, audience=None, required=frozenset(), leeway_s=expected.leeway_s)
    error = _objection(claims, ("exp", "nbf", "iat"), wanted, at)
    if error is not None:
        reason = error.code.removeprefix(_CODE)
        known = "of_the_future" if reason in _EARLY else "expired" if reason == "expired" else "malformed"
        return _CHECK("binding.time", _FAILED, known, found=shown(error.message))
    ends = claims.get("exp")
    if not isinstance(ends, (int, float)):
        return _CHECK("binding.time", _FAILED, "endless")
    return _CHECK("binding.time", _PASSED, "ok", found=datetime.fromtimestamp(ends, UTC).isoformat())


def _objection(
    claims: Mapping[str, object], names: tuple[str, ...], wanted: ExpectedClaims, at: datetime
) -> TokenRejected | None:
    """What is wrong with some of the claims, as if there were no others."""
    try:
        check_claims({name: claims[name] for name in names if name in claims}, wanted, at=at)
    except TokenRejected as error:
        return error
    return None


def _header(header: Mapping[str, object]) -> Check:
    if _KEY_OFFERS & header.keys():
        return _CHECK("coverage.header", _PASSED, "key_in_header")
    return _CHECK("coverage.header", _PASSED, "ok")
