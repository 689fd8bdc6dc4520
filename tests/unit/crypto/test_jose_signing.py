"""Signed tokens: made as an independent reader expects, verified in both forms, in accord with joserfc on ES256."""

from __future__ import annotations

import hashlib
import hmac as stdlib_hmac
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from egov_sdk.crypto import Signer, SM2PrivateKey, SM2PublicKey, hmac_sm3
from egov_sdk.crypto.jose import (
    ExpectedClaims,
    KeySet,
    TokenKey,
    load_jwk,
    load_jwks,
    read_unverified,
    sign_payload,
    sign_token,
    verify_payload,
    verify_token,
)
from egov_sdk.errors import EgovError
from tests.independent import r_and_s, sm2_verifies
from tests.unit.crypto.tokens import CLAIMS, EXPECTED, KEY, NOW, PRIVATE, PUBLIC, SM2, b64, handmade, unb64, verified


class Device:
    """A signer that gives its key to nobody."""

    def public_key(self) -> SM2PublicKey:
        return PRIVATE.public_key()

    def sign_digest(self, digest: bytes) -> bytes:
        return PRIVATE.sign_digest(digest)


def signature_of(token: str) -> tuple[bytes, bytes]:
    signed, _, signature = token.rpartition(".")
    return signed.encode(), unb64(signature)


def test_a_signed_token_is_what_an_independent_reader_expects() -> None:
    token = sign_token(CLAIMS, KEY)
    header, payload, _ = token.split(".")
    assert json.loads(unb64(header)) == {"alg": "SGD_SM3_SM2", "typ": "JWT", "kid": "k1"}
    assert json.loads(unb64(payload)) == CLAIMS
    assert "张三".encode() in unb64(payload)
    signed, signature = signature_of(token)
    assert sm2_verifies(PRIVATE.public_key().point, signed, *r_and_s(signature))


def test_the_other_form_is_64_bytes_of_the_same_numbers() -> None:
    signed, signature = signature_of(sign_token(CLAIMS, KEY, form="raw"))
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    assert len(signature) == 64
    assert sm2_verifies(PRIVATE.public_key().point, signed, r, s)


@pytest.mark.parametrize("form", ["der", "raw"])
def test_both_forms_are_verified_and_told(form: str) -> None:
    token = verified(handmade({"alg": "SGD_SM3_SM2", "kid": "k1"}, raw=form == "raw"))
    assert token.signature_form == form
    assert token.algorithm == "SGD_SM3_SM2"
    assert token.notes == ()
    assert (token.issuer, token.subject, token.audience) == ("https://id.example.gov.cn", "u-1", ("app",))
    assert token.claims["name"] == "张三"
    assert token.expires_at == NOW + timedelta(seconds=600)
    assert token.issued_at == NOW - timedelta(seconds=5)
    assert token.token_id is None


@pytest.mark.parametrize("alias", ["SM2-SM3", "SM2"])
def test_other_names_of_the_algorithm_are_accepted_and_named(alias: str) -> None:
    token = verified(handmade({"alg": alias, "kid": "k1"}))
    assert token.algorithm == "SGD_SM3_SM2"
    assert token.header["alg"] == alias
    assert token.notes == ("token_algorithm_alias",)


def test_a_device_signs_as_a_key_in_memory_does() -> None:
    device = Device()
    assert isinstance(device, Signer)
    key = TokenKey.sm2(device, key_id="k1")
    for form in ("der", "raw"):
        assert verified(sign_token(CLAIMS, key, form="raw" if form == "raw" else "der")).signature_form == form


def test_a_private_key_verifies_as_its_public_part_does() -> None:
    assert verified(sign_token(CLAIMS, KEY, algorithm="SGD_SM3_SM2"), KEY).key is KEY
    assert verified(sign_token(CLAIMS, KEY), KEY.public()).key.key_id == "k1"


def test_the_identity_in_the_signature_belongs_to_the_key() -> None:
    named = TokenKey.sm2(PRIVATE, key_id="k1", signer_id=b"alice@example")
    token = sign_token(CLAIMS, named)
    assert verified(token, named.public()).subject == "u-1"
    with pytest.raises(Exception, match="signature"):
        verified(token, PUBLIC)


def test_a_fixed_random_source_gives_a_fixed_token() -> None:
    first, second = (sign_token(CLAIMS, KEY, random=lambda size: b"\x01" * size) for _ in range(2))
    assert first == second
    assert first != sign_token(CLAIMS, KEY)


def test_moments_may_be_datetimes() -> None:
    beijing = timezone(timedelta(hours=8))
    claims = dict(CLAIMS) | {"exp": datetime(2026, 1, 1, 9, tzinfo=beijing), "nbf": NOW, "iat": NOW}
    token = verified(sign_token(claims, KEY))
    assert (token.claims["exp"], token.claims["nbf"]) == (int(NOW.timestamp()) + 3600, int(NOW.timestamp()))


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"exp": datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001 - that is the mistake
        ({"x": float("nan")}, ValueError),
        ({"x": float("inf")}, ValueError),
        ({"x": b"octets"}, TypeError),
        ({"x": {1, 2}}, TypeError),
        ({"x": NOW}, TypeError),
    ],
)
def test_claims_that_are_no_json_are_a_mistake_of_the_caller(claims: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        sign_token(claims, KEY)


def test_hmac_with_sm3_is_what_an_independent_reader_expects() -> None:
    secret = bytes(range(32))
    key = TokenKey.secret(secret, key_id="s1")
    token = sign_token(CLAIMS, key)
    signed, tag = signature_of(token)
    assert json.loads(unb64(token.split(".")[0]))["alg"] == "SGD_SM3_HMAC"
    assert tag == hmac_sm3(secret, signed)
    if "sm3" in hashlib.algorithms_available:
        assert tag == stdlib_hmac.digest(secret, signed, "sm3")
    token_read = verify_token(token, key, algorithms=["SGD_SM3_HMAC"], expected=EXPECTED, at=NOW)
    assert (token_read.signature_form, token_read.key) == (None, key)


def test_any_bytes_can_be_signed() -> None:
    token = sign_payload(b"\x00\xff not JSON", KEY, media_type="x-octets", header={"x5t": "abc", "n": [1, {"a": 2}]})
    read = verify_payload(token, PUBLIC, algorithms=SM2)
    assert (read.payload, read.signature_form, read.notes) == (b"\x00\xff not JSON", "der", ())
    assert dict(read.header) == {
        "alg": "SGD_SM3_SM2",
        "typ": "x-octets",
        "kid": "k1",
        "x5t": "abc",
        "n": (1, {"a": 2}),
    }
    assert verify_payload(sign_payload(b"", KEY), PUBLIC, algorithms=SM2).payload == b""


@pytest.mark.parametrize("name", ["alg", "kid", "typ", "crit", "b64", "zip", "enc"])
def test_what_decides_how_a_token_is_read_cannot_be_given(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        sign_token(CLAIMS, KEY, header={name: "x"})


def test_keys_that_cannot_sign_are_a_mistake_of_the_caller() -> None:
    for key in (PUBLIC, TokenKey.sm2(PRIVATE, use="enc"), TokenKey.generate("dir"), TokenKey.generate("SGD_SM2_3")):
        with pytest.raises(ValueError, match="cannot sign"):
            sign_token(CLAIMS, key)
    with pytest.raises(ValueError, match="cannot sign with ES256"):
        sign_token(CLAIMS, KEY, algorithm="ES256")
    with pytest.raises(ValueError, match="form"):
        sign_token(CLAIMS, KEY, form="hex")  # type: ignore[arg-type]  # the mistake that is tested


@pytest.mark.parametrize("algorithms", [[], (), ["none"], ["SGD_SM3_SM2", "HS256"], ["SGD_SM2_3"], ["*"]])
def test_the_algorithms_must_be_named_and_known(algorithms: list[str]) -> None:
    with pytest.raises(ValueError, match="algorithms must be"):
        verified(sign_token(CLAIMS, KEY), algorithms=algorithms)


def test_one_text_is_no_list_of_algorithms() -> None:
    with pytest.raises(TypeError, match="collection"):
        verified(sign_token(CLAIMS, KEY), algorithms="SGD_SM3_SM2")


def test_a_moment_without_a_zone_is_a_mistake_of_the_caller_before_anything_is_read() -> None:
    with pytest.raises(ValueError, match="time zone"):
        verified("rubbish", at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the mistake


def test_a_token_of_bytes_is_read_as_its_text() -> None:
    token = sign_token(CLAIMS, KEY)
    assert verified(token.encode()).claims == verified(token).claims


def test_nothing_of_the_claims_is_in_a_repr() -> None:
    token = verified(sign_token(dict(CLAIMS) | {"idnum": "11010519491231002X"}, KEY))
    unverified = read_unverified(sign_token(CLAIMS, KEY))
    assert "u-1" not in repr(token) + repr(unverified)
    assert "1101051949" not in repr(token)
    assert "n-0S6" not in repr(token) + repr(EXPECTED)


def test_what_was_read_cannot_be_changed() -> None:
    token = verified(sign_token(CLAIMS, KEY, header={"x5t": ["a"]}))
    for mapping in (token.claims, token.header):
        with pytest.raises(TypeError):
            mapping["iss"] = "x"  # type: ignore[index]  # that it cannot be written is the point
    assert token.header["x5t"] == ("a",)


def test_an_unverified_token_says_so_in_its_names() -> None:
    token = read_unverified(handmade({"alg": "SGD_SM3_SM2"}, {"iss": "me"})[:-4] + "AAAA")
    assert token.claims_unverified == {"iss": "me"}
    assert token.header_unverified == {"alg": "SGD_SM3_SM2"}


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("e30.e30", "parts"),
        ("e30.e30.", "header"),
        (f"{b64({'alg': 'SGD_SM3_SM2'})}.e30=.", "base64"),
        (f"{b64({'alg': 'SGD_SM3_SM2'})}.bnVsbA.", "json"),
        (f"{b64({'alg': 'SGD_SM3_SM2', 'crit': ['x']})}.e30.", "critical"),
    ],
)
def test_what_cannot_be_read_unverified_is_refused(token: str, problem: str) -> None:
    with pytest.raises(EgovError) as caught:
        read_unverified(token)
    assert caught.value.code == f"egov.crypto.token.{problem}"


# ---------------------------------------------------------------------- stock algorithms, for stock clients

P256 = ECKey.generate_key("P-256", {"kid": "p1"})


@pytest.fixture(scope="module")
def rsa() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "r1"})


def test_a_token_of_joserfc_is_verified_here(rsa: RSAKey) -> None:
    keys = load_jwks(json.dumps({"keys": [P256.as_dict(private=False), rsa.as_dict(private=False)]}))
    assert keys.skipped == ()
    payload = json.dumps(dict(CLAIMS))
    for alg, key in (("ES256", P256), ("RS256", rsa)):
        token = jws.serialize_compact({"alg": alg, "kid": key.kid}, payload, key, algorithms=[alg])
        read = verify_token(token, keys, algorithms=["ES256", "RS256"], expected=EXPECTED, at=NOW)
        assert (read.algorithm, read.key.key_id, read.signature_form) == (alg, key.kid, None)


def test_a_token_of_ours_is_verified_by_joserfc(rsa: RSAKey) -> None:
    for alg, stock in (("ES256", P256), ("RS256", rsa)):
        key = load_jwk(json.dumps(stock.as_dict(private=True)))
        token = sign_token(CLAIMS, key)
        read = jws.deserialize_compact(token, stock, algorithms=[alg])
        assert json.loads(read.payload) == CLAIMS
        assert read.headers() == {"alg": alg, "typ": "JWT", "kid": stock.kid}


def test_a_key_made_here_serves_a_stock_client() -> None:
    key = TokenKey.generate("ES256", key_id="new")
    published = ECKey.import_key(dict(key.to_jwk()))
    assert not published.is_private
    assert jws.deserialize_compact(sign_token(CLAIMS, key), published, algorithms=["ES256"]).payload
    kept = load_jwk(key.to_jwk(private=True))
    assert kept.is_private
    assert kept.thumbprint() == key.thumbprint() == published.thumbprint()


def test_what_we_accept_of_stock_tokens_joserfc_accepts_as_well() -> None:
    key = load_jwk(P256.as_dict(private=False))
    good = jws.serialize_compact({"alg": "ES256", "kid": "p1"}, b"{}", P256, algorithms=["ES256"])
    header, payload, signature = good.split(".")
    tried = [
        good,
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature[:-1]}",
        f"{header}..{signature}",
        f"{header}.{b64(b'{ }')}.{signature}",
        f"{b64({'alg': 'none'})}.{payload}.",
        f"{b64({'alg': 'ES256', 'crit': ['x'], 'x': 1})}.{payload}.{signature}",
        f"{header}.{payload}.{b64(b'0' * 64)}",
        f"{header}.{payload}.{b64(bytes(64))}",
        f"{header}.{payload}.{signature}.{signature}",
    ]

    def accepted(read: object) -> bool:
        assert callable(read)
        try:
            read()
        except Exception:  # noqa: BLE001 - each library refuses in its own way
            return False
        return True

    def ours(token: str) -> bool:
        return accepted(lambda: verify_payload(token, key, algorithms=["ES256"]))

    def theirs(token: str) -> bool:
        return accepted(lambda: jws.deserialize_compact(token, P256, algorithms=["ES256"]))

    assert [ours(token) for token in tried] == [theirs(token) for token in tried] == [True] + [False] * 10


# ---------------------------------------------------------------------- properties

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc张", max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
ANYTHING = ExpectedClaims(issuer=None, audience=None, required=frozenset())


@settings(max_examples=40, deadline=None)
@given(claims=st.dictionaries(st.text("xyz张", min_size=1, max_size=6), json_values, max_size=4), raw=st.booleans())
def test_any_claims_come_back_as_they_were(claims: dict[str, object], raw: bool) -> None:
    token = sign_token(claims, KEY, form="raw" if raw else "der")
    assert verified(token, expected=ANYTHING).claims == claims


@settings(max_examples=20, deadline=None)
@given(payload=st.binary(max_size=200), secret=st.binary(min_size=32, max_size=80))
def test_any_bytes_come_back_under_any_secret(payload: bytes, secret: bytes) -> None:
    key = TokenKey.secret(secret)
    token = sign_payload(payload, key)
    assert verify_payload(token, KeySet.of([key]), algorithms=["SGD_SM3_HMAC"]).payload == payload


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 2**255))
def test_any_key_verifies_what_it_signed(number: int) -> None:
    key = TokenKey.sm2(SM2PrivateKey.from_int(number))
    assert verified(sign_token(CLAIMS, key), load_jwk(key.to_jwk())).subject == "u-1"
