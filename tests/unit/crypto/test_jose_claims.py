"""Claims against what is expected: times at their edges, issuer, audience, nonce, and types that are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto.jose import ExpectedClaims, TokenRejected, check_claims, sign_token
from tests.unit.crypto.tokens import CLAIMS, EXPECTED, KEY, NOW, NOW_S, handmade, verified

ISSUER = "https://id.example.gov.cn"


def code_of(claims: dict[str, object], expected: ExpectedClaims = EXPECTED) -> str:
    """The code that refuses the usual claims with these changes; None takes a claim away."""
    changed = {name: value for name, value in (dict(CLAIMS) | claims).items() if value is not ...}
    with pytest.raises(TokenRejected) as caught:
        check_claims(changed, expected, at=NOW)
    for name in ("sub", "nonce", "name"):
        value = changed.get(name)
        assert not isinstance(value, str) or len(value) < 5 or value not in str(caught.value)
    return caught.value.code.removeprefix("egov.crypto.token.")


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "expired": ({"exp": NOW_S - 60}, "expired"),
    "expired long ago": ({"exp": 0}, "expired"),
    "expired by a fraction": ({"exp": NOW_S - 60.5}, "expired"),
    "no exp": ({"exp": ...}, "claim_missing"),
    "exp null": ({"exp": None}, "claim_missing"),
    "exp a text": ({"exp": str(NOW_S + 600)}, "claim_malformed"),
    "exp true": ({"exp": True}, "claim_malformed"),
    "exp a list": ({"exp": [NOW_S + 600]}, "claim_malformed"),
    "exp negative": ({"exp": -1}, "claim_malformed"),
    "exp beyond the year 9999": ({"exp": 253_402_300_800}, "claim_malformed"),
    "exp far beyond": ({"exp": 10**300}, "claim_malformed"),
    "exp not a number": ({"exp": float("nan")}, "claim_malformed"),
    "exp infinite": ({"exp": float("inf")}, "claim_malformed"),
    "nbf to come": ({"nbf": NOW_S + 61}, "not_yet_valid"),
    "nbf a text": ({"nbf": "now"}, "claim_malformed"),
    "nbf null": ({"nbf": None}, "claim_malformed"),
    "iat to come": ({"iat": NOW_S + 61}, "issued_in_future"),
    "iat an object": ({"iat": {}}, "claim_malformed"),
    "another issuer": ({"iss": "https://id.example.gov.cn.evil"}, "issuer"),
    "issuer with a slash": ({"iss": ISSUER + "/"}, "issuer"),
    "issuer in capitals": ({"iss": ISSUER.upper()}, "issuer"),
    "no issuer": ({"iss": ...}, "claim_missing"),
    "issuer a list": ({"iss": [ISSUER]}, "claim_malformed"),
    "another audience": ({"aud": "app2"}, "audience"),
    "audiences without us": ({"aud": ["app2", "app3"]}, "audience"),
    "audience as a part of another": ({"aud": "my app"}, "audience"),
    "no audience": ({"aud": ...}, "claim_missing"),
    "audience empty": ({"aud": []}, "claim_malformed"),
    "audience null": ({"aud": None}, "claim_malformed"),
    "audience a number": ({"aud": 1}, "claim_malformed"),
    "audience of numbers": ({"aud": ["app", 1]}, "claim_malformed"),
    "audience an object": ({"aud": {"app": 1}}, "claim_malformed"),
    "another nonce": ({"nonce": "n-0S6_WzA2Mk"}, "nonce"),
    "nonce cut": ({"nonce": "n-0S6_WzA2M"}, "nonce"),
    "nonce in Chinese": ({"nonce": "随机数"}, "nonce"),
    "nonce a list": ({"nonce": ["n-0S6_WzA2Mj"]}, "nonce"),
    "no nonce": ({"nonce": ...}, "claim_missing"),
    "sub a number of a person": ({"sub": 110105194912310021}, "claim_malformed"),
    "jti a number": ({"jti": 7}, "claim_malformed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_claims_that_are_not_as_expected_are_refused(case: str) -> None:
    claims, problem = REFUSED[case]
    assert code_of(claims) == problem


def test_a_wrong_claim_is_described_and_not_shown() -> None:
    with pytest.raises(TokenRejected) as caught:
        check_claims(dict(CLAIMS) | {"sub": 110105194912310021}, EXPECTED, at=NOW)
    assert str(caught.value) == "the claim sub is a number, expected a text"
    assert caught.value.detail == {"name": "sub", "found": "a number", "expected": "a text"}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW_S - 59},
        {"exp": NOW_S - 59.5},
        {"exp": 253_402_300_799},
        {"nbf": NOW_S + 60},
        {"iat": NOW_S + 60},
        {"iat": NOW_S - 10**9},
        {"aud": ["other", "app"]},
        {"aud": ["app"]},
        {"jti": "x", "sub": ""},
        {"azp": 1, "anything": [None]},
    ],
)
def test_claims_as_expected_pass(claims: dict[str, object]) -> None:
    check_claims(dict(CLAIMS) | claims, EXPECTED, at=NOW)


def test_an_audience_is_refused_by_whoever_names_none() -> None:
    nobody = ExpectedClaims(issuer=ISSUER, audience=None)
    assert code_of({}, nobody) == "audience"
    check_claims({name: value for name, value in CLAIMS.items() if name != "aud"}, nobody, at=NOW)


def test_what_is_required_must_be_there() -> None:
    strict = ExpectedClaims(issuer=ISSUER, audience="app", required=frozenset({"exp", "sub", "jti"}))
    assert code_of({}, strict) == "claim_missing"
    check_claims(dict(CLAIMS) | {"jti": "1"}, strict, at=NOW)
    loose = ExpectedClaims(issuer=None, audience=None, required=frozenset())
    check_claims({}, loose, at=NOW)
    assert code_of({"exp": NOW_S - 61, "aud": ...}, loose) == "expired"


def test_a_token_can_be_too_old() -> None:
    fresh = ExpectedClaims(issuer=ISSUER, audience="app", max_age_s=300)
    check_claims(dict(CLAIMS) | {"iat": NOW_S - 360}, fresh, at=NOW)
    assert code_of({"iat": NOW_S - 361}, fresh) == "too_old"
    assert code_of({"iat": ...}, fresh) == "claim_missing"


def test_clocks_may_be_told_to_agree_exactly() -> None:
    exact = ExpectedClaims(issuer=ISSUER, audience="app", leeway_s=0)
    assert code_of({"exp": NOW_S}, exact) == "expired"
    assert code_of({"nbf": NOW_S + 1}, exact) == "not_yet_valid"
    check_claims(dict(CLAIMS) | {"exp": NOW_S + 1, "nbf": NOW_S, "iat": NOW_S}, exact, at=NOW)


@pytest.mark.parametrize(
    "arguments",
    [
        {"issuer": ""},
        {"audience": ""},
        {"nonce": ""},
        {"media_type": ""},
        {"leeway_s": -1},
        {"leeway_s": 601},
        {"max_age_s": -1},
    ],
)
def test_expectations_that_make_no_sense_are_a_mistake_of_the_caller(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"empty|must"):
        ExpectedClaims(**({"issuer": "i", "audience": "a"} | arguments))  # type: ignore[arg-type]  # the mistakes


def test_one_text_is_no_set_of_names() -> None:
    with pytest.raises(TypeError, match="set of names"):
        ExpectedClaims(issuer=None, audience=None, required="exp")  # type: ignore[arg-type]  # the mistake


def test_a_moment_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        check_claims(CLAIMS, EXPECTED, at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the mistake


@pytest.mark.parametrize(
    ("found", "expected", "good"),
    [
        ("JWT", "JWT", True),
        ("jwt", "JWT", True),
        ("application/at+jwt", "at+jwt", True),
        ("at+JWT", "application/at+jwt", True),
        ("JWT", "at+jwt", False),
        (None, "JWT", False),
        ("text/plain", "plain", False),
    ],
)
def test_the_type_in_the_header_is_looked_at_when_asked(found: str | None, expected: str, good: bool) -> None:
    token = sign_token(CLAIMS, KEY, media_type=found)
    wanted = ExpectedClaims(issuer=ISSUER, audience="app", media_type=expected)
    if good:
        assert verified(token, expected=wanted).subject == "u-1"
    else:
        with pytest.raises(TokenRejected) as caught:
            verified(token, expected=wanted)
        assert caught.value.code == "egov.crypto.token.type"


def test_a_token_without_times_has_none() -> None:
    token = verified(
        handmade({"alg": "SGD_SM3_SM2"}, {}),
        expected=ExpectedClaims(issuer=None, audience=None, required=frozenset()),
    )
    assert (token.expires_at, token.issued_at, token.audience, token.issuer) == (None, None, (), None)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
names = st.sampled_from(["exp", "nbf", "iat", "iss", "sub", "aud", "nonce", "jti"])


@settings(deadline=None)
@given(st.dictionaries(names, values), st.none() | st.integers(0, 600))
def test_any_claims_are_judged_and_never_raise_but_a_refusal(claims: dict[str, object], age: int | None) -> None:
    expected = ExpectedClaims(issuer="i", audience="a", nonce="n", max_age_s=age)
    with pytest.raises(TokenRejected) as caught:
        check_claims(claims, expected, at=NOW)
    assert str(caught.value).isprintable()


@settings(deadline=None)
@given(st.integers(-700, 700), st.integers(0, 600))
def test_expiry_is_exact_to_the_second(offset: int, leeway: int) -> None:
    expected = ExpectedClaims(issuer=None, audience=None, leeway_s=leeway)
    claims = {"exp": NOW_S + offset}
    if offset + leeway > 0:
        check_claims(claims, expected, at=NOW)
    else:
        with pytest.raises(TokenRejected):
            check_claims(claims, expected, at=NOW)
    check_claims(claims, expected, at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=offset - 1))
