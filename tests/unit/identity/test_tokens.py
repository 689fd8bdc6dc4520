"""What is right and wrong about a token, question by question."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.jose import KeySet, TokenKey, load_jwks, sign_token
from egov_sdk.errors import VerificationError
from egov_sdk.identity.checks import TOKEN_CHECKS
from egov_sdk.identity.tokens import TokenResult, examine_token
from egov_sdk.report import Outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
KEY = TokenKey.generate("SGD_SM3_SM2", key_id="k1")
OTHER = TokenKey.generate("SGD_SM3_SM2", key_id="k2")
P256 = TokenKey.generate("ES256", key_id="p1")
KEYS = load_jwks(json.dumps(KeySet.of([KEY, P256]).to_jwks()))
CLAIMS: dict[str, object] = {"iss": "hall", "aud": "app", "sub": "u-1", "exp": NOW_S + 60, "iat": NOW_S, "nonce": "n"}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _token(key: TokenKey = KEY, **changes: object) -> str:
    return sign_token({name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}, key)


def _examined(token: str, **settings: Any) -> TokenResult:
    expected: dict[str, Any] = {"issuer": "hall", "audience": "app", "nonce": "n", "at": NOW}
    keys = settings.pop("keys", KEYS)
    return examine_token(token, keys, **(expected | settings))


def _reasons(result: TokenResult) -> dict[str, str]:
    return {check.id: check.reason for check in result.report.checks}


def test_a_good_token_passes_every_question_and_gives_its_claims() -> None:
    result = _examined(_token())
    assert result.report.outcome is Outcome.PASSED
    assert result.require()["sub"] == "u-1"
    assert {check.id for check in result.report.checks} == set(TOKEN_CHECKS.rows)
    assert set(_reasons(result).values()) == {"ok"}


def test_a_raw_signature_is_told_as_such() -> None:
    from egov_sdk.crypto.jose import sign_payload

    token = sign_payload(json.dumps(CLAIMS).encode(), KEY, form="raw")
    check = next(one for one in _examined(token).report.checks if one.id == "integrity.signature")
    assert "r || s" in check.message.en


def test_a_stock_token_passes_where_its_algorithm_is_accepted() -> None:
    assert _examined(_token(P256), algorithms=("ES256",)).report.outcome is Outcome.PASSED
    assert _reasons(_examined(_token(P256)))["integrity.algorithm"] == "algorithm"


def test_what_was_not_asked_for_is_skipped() -> None:
    result = _examined(_token(aud=None), issuer=None, audience=None, nonce=None)
    found = {check.id: check.outcome for check in result.report.checks}
    assert result.report.outcome is Outcome.PASSED
    assert [found[f"binding.{name}"] for name in ("issuer", "audience", "nonce")] == [Outcome.SKIPPED] * 3


def _changed(token: str) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{_part({**CLAIMS, 'sub': 'u-2'})}.{signature}"


BAD: dict[str, tuple[Callable[[], str], dict[str, Any], str, str]] = {
    "alg none": (lambda: f"{_part({'alg': 'none'})}.{_part(CLAIMS)}.", {}, "integrity.algorithm", "unsigned"),
    "claims changed": (lambda: _changed(_token()), {}, "integrity.signature", "signature"),
    "a key of somebody else": (lambda: _token(OTHER), {}, "trust.key", "key_unknown"),
    "kid with a path": (
        lambda: _token(TokenKey.generate("SGD_SM3_SM2", key_id="../../k1")), {}, "trust.key", "key_unknown",
    ),
    "the key of another algorithm": (
        lambda: f"{_part({'alg': 'SGD_SM3_SM2', 'kid': 'p1'})}.{_part(CLAIMS)}.AAAA", {}, "trust.key", "key_unfit",
    ),
    "the secret is the public key": (
        lambda: f"{_part({'alg': 'SGD_SM3_HMAC', 'kid': 'k1'})}.{_part(CLAIMS)}.AAAA", {},
        "integrity.algorithm", "algorithm",
    ),
    "no key set": (_token, {"keys": None}, "trust.key", "no_keys"),
    "too many keys": (
        lambda: f"{_part({'alg': 'SGD_SM3_SM2'})}.{_part(CLAIMS)}.AAAA",
        {"keys": KeySet.of([TokenKey.generate("SGD_SM3_SM2", key_id=str(one)) for one in range(20)])},
        "trust.key", "ambiguous",
    ),
    "another issuer": (lambda: _token(iss="mall"), {}, "binding.issuer", "issuer"),
    "an issuer that is no text": (lambda: _token(iss=["hall"]), {}, "binding.issuer", "issuer"),
    "for another": (lambda: _token(aud=["x", "y"]), {}, "binding.audience", "audience"),
    "for nobody": (lambda: _token(aud=None), {}, "binding.audience", "audience"),
    "for somebody where we are nobody": (_token, {"audience": None}, "binding.audience", "audience"),
    "another nonce": (lambda: _token(nonce="m"), {}, "binding.nonce", "nonce"),
    "no nonce": (lambda: _token(nonce=None), {}, "binding.nonce", "nonce"),
    "expired": (lambda: _token(exp=NOW_S - 61), {}, "binding.time", "expired"),
    "not yet": (lambda: _token(nbf=NOW_S + 61), {}, "binding.time", "of_the_future"),
    "issued tomorrow": (lambda: _token(iat=NOW_S + 86_400), {}, "binding.time", "of_the_future"),
    "without an end": (lambda: _token(exp=None), {}, "binding.time", "endless"),
    "an end that is none": (lambda: _token(exp="soon"), {}, "binding.time", "malformed"),
    "no token": (lambda: "nothing", {}, "integrity.form", "malformed"),
    "two parts": (lambda: "a.b", {}, "integrity.form", "malformed"),
    "crit": (
        lambda: f"{_part({'alg': 'SGD_SM3_SM2', 'crit': ['x']})}.{_part(CLAIMS)}.AAAA", {},
        "integrity.form", "malformed",
    ),
    "a signature that is no Base64url": (lambda: _token()[:-3] + "!!!", {}, "integrity.signature", "signature"),
    "a signature cut short": (lambda: _token().rpartition(".")[0] + ".A", {}, "integrity.signature", "signature"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named_and_nothing_is_let_through(case: str) -> None:
    make, settings, check, reason = BAD[case]
    result = _examined(make(), **settings)
    assert _reasons(result)[check] == reason
    assert result.report.outcome is not Outcome.PASSED
    with pytest.raises(VerificationError):
        result.require()


def test_two_mistakes_are_both_told() -> None:
    reasons = _reasons(_examined(_changed(_token()), issuer="mall", at=datetime(2027, 1, 1, tzinfo=UTC)))
    assert (reasons["integrity.signature"], reasons["binding.issuer"], reasons["binding.time"]) == (
        "signature", "issuer", "expired",
    )  # fmt: skip


def test_a_key_in_the_header_is_told_and_not_used() -> None:
    header = {"alg": "SGD_SM3_SM2", "kid": "k2", "jwk": OTHER.public().to_jwk()}
    token = sign_token(CLAIMS, OTHER, header={"jwk": header["jwk"]})
    reasons = _reasons(_examined(token))
    assert reasons["coverage.header"] == "key_in_header"
    assert reasons["trust.key"] == "key_unknown"


def test_nothing_of_the_claims_shows() -> None:
    result = _examined(_token(name="张三"))
    assert "张三" not in repr(result)
    assert "张三" not in str(result.report.to_dict("zh"))


@given(st.one_of(st.text(), st.text("ab.=-_{}", max_size=60)))
def test_any_text_is_told_and_not_raised(text: str) -> None:
    assert _examined(text).report.outcome is not Outcome.PASSED


@pytest.mark.parametrize(
    "settings",
    [
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - that is the mistake
        {"issuer": ""},
        {"audience": ""},
        {"leeway_s": 601},
        {"algorithms": ()},
        {"algorithms": ("none",)},
    ],
)
def test_a_callers_mistakes_are_told(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        _examined(_token(), **settings)
