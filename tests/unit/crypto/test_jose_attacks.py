"""Tokens that must be refused: each attack has its code, and nothing but our own errors ever comes out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import hmac_sm3
from egov_sdk.crypto.jose import (
    DEFAULT_JOSE_LIMITS,
    ExpectedClaims,
    JoseLimits,
    KeySet,
    SignatureAlgorithm,
    TokenKey,
    TokenRejected,
    load_jwks,
    read_unverified,
    sign_payload,
    sign_token,
    verify_payload,
    verify_token,
)
from egov_sdk.errors import EgovError, InputError, LimitExceeded
from tests.unit.crypto.tokens import (
    CLAIMS,
    EXPECTED,
    KEY,
    NOW,
    OTHER,
    PRIVATE,
    PUBLIC,
    SM2,
    b64,
    handmade,
    unb64,
    verified,
)

GOOD = handmade({"alg": "SGD_SM3_SM2", "kid": "k1"})
HEAD, BODY, SIGN = GOOD.split(".")
BOTH: tuple[SignatureAlgorithm, ...] = ("SGD_SM3_SM2", "SGD_SM3_HMAC")


def code_of(token: str | bytes, keys: TokenKey | KeySet = PUBLIC, **changes: object) -> str:
    with pytest.raises(EgovError) as caught:
        verified(token, keys, **changes)  # type: ignore[arg-type]  # a set does as well
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
    return caught.value.code


def forged(header: object) -> str:
    """A token that somebody else signed."""
    return handmade(header, key=OTHER)


REFUSED = {
    # no signature at all
    "alg none": (f"{b64({'alg': 'none'})}.{BODY}.", "token.unsigned"),
    "alg none with the signature": (f"{b64({'alg': 'none'})}.{BODY}.{SIGN}", "token.unsigned"),
    "alg None": (f"{b64({'alg': 'None'})}.{BODY}.", "token.unsigned"),
    "alg nOnE": (f"{b64({'alg': 'nOnE'})}.{BODY}.", "token.unsigned"),
    "signature cut off": (f"{HEAD}.{BODY}.", "token.signature"),
    # another algorithm
    "alg HS256": (handmade({"alg": "HS256", "kid": "k1"}), "token.algorithm"),
    "alg ES256": (handmade({"alg": "ES256", "kid": "k1"}), "token.algorithm"),
    "alg SGD_SM3_HMAC": (handmade({"alg": "SGD_SM3_HMAC", "kid": "k1"}), "token.algorithm"),
    "alg in lower case": (handmade({"alg": "sgd_sm3_sm2", "kid": "k1"}), "token.algorithm"),
    "alg with a blank": (handmade({"alg": "SGD_SM3_SM2 ", "kid": "k1"}), "token.algorithm"),
    "alg SM9": (handmade({"alg": "SGD_SM3_SM9", "kid": "k1"}), "token.algorithm"),
    # the header's own shape
    "alg missing": (handmade({"kid": "k1"}), "token.header"),
    "alg empty": (handmade({"alg": ""}), "token.header"),
    "alg null": (handmade({"alg": None}), "token.header"),
    "alg a number": (handmade({"alg": 1}), "token.header"),
    "alg a list": (handmade({"alg": ["SGD_SM3_SM2"]}), "token.header"),
    "alg an object": (handmade({"alg": {}}), "token.header"),
    "kid a number": (handmade({"alg": "SGD_SM3_SM2", "kid": 1}), "token.header"),
    "kid null": (handmade({"alg": "SGD_SM3_SM2", "kid": None}), "token.header"),
    "kid empty": (handmade({"alg": "SGD_SM3_SM2", "kid": ""}), "token.header"),
    "kid too long": (handmade({"alg": "SGD_SM3_SM2", "kid": "k" * 257}), "token.header"),
    "typ a list": (handmade({"alg": "SGD_SM3_SM2", "typ": []}), "token.header"),
    "header a list": (handmade(["SGD_SM3_SM2"]), "token.json"),
    "header a text": (handmade("SGD_SM3_SM2"), "token.json"),
    "header empty": (f".{BODY}.{SIGN}", "token.json"),
    "header not JSON": (handmade(b"{alg: 'SGD_SM3_SM2'}"), "token.json"),
    "header with a comma too many": (handmade(b'{"alg":"SGD_SM3_SM2",}'), "token.json"),
    "header with bytes behind": (handmade(b'{"alg":"SGD_SM3_SM2"} x'), "token.json"),
    "header with a byte order mark": (handmade(b'\xef\xbb\xbf{"alg":"SGD_SM3_SM2"}'), "token.json"),
    "header in UTF-16": (handmade('{"alg":"SGD_SM3_SM2"}'.encode("utf-16-le")), "token.json"),
    "header not UTF-8": (handmade(b'{"alg":"SGD_SM3_SM2","x":"\xff"}'), "token.json"),
    "header with alg twice": (handmade(b'{"alg":"none","alg":"SGD_SM3_SM2"}'), "token.json"),
    "header with alg twice, escaped": (handmade(b'{"\\u0061lg":"none","alg":"SGD_SM3_SM2"}'), "token.json"),
    "header with NaN": (handmade(b'{"alg":"SGD_SM3_SM2","x":NaN}'), "token.json"),
    # extensions
    "crit unknown": (handmade({"alg": "SGD_SM3_SM2", "crit": ["x"], "x": 1}), "token.critical"),
    "crit of a known name": (handmade({"alg": "SGD_SM3_SM2", "crit": ["kid"], "kid": "k1"}), "token.critical"),
    "crit empty": (handmade({"alg": "SGD_SM3_SM2", "crit": []}), "token.critical"),
    "crit a text": (handmade({"alg": "SGD_SM3_SM2", "crit": "x"}), "token.critical"),
    "crit null": (handmade({"alg": "SGD_SM3_SM2", "crit": None}), "token.critical"),
    "crit of lists": (handmade({"alg": "SGD_SM3_SM2", "crit": [["x"]]}), "token.critical"),
    "b64 by crit": (handmade({"alg": "SGD_SM3_SM2", "b64": False, "crit": ["b64"]}), "token.critical"),
    "b64 without crit": (handmade({"alg": "SGD_SM3_SM2", "b64": False}), "token.header"),
    "b64 true": (handmade({"alg": "SGD_SM3_SM2", "b64": True}), "token.header"),
    "zip": (handmade({"alg": "SGD_SM3_SM2", "zip": "DEF"}), "token.compressed"),
    # keys offered by the attacker
    "jwk in the header": (
        forged({"alg": "SGD_SM3_SM2", "kid": "k1", "jwk": TokenKey.sm2(OTHER).to_jwk()}),
        "token.signature",
    ),
    "jku in the header": (
        forged({"alg": "SGD_SM3_SM2", "kid": "k1", "jku": "https://evil.example/jwks"}),
        "token.signature",
    ),
    "x5u in the header": (
        forged({"alg": "SGD_SM3_SM2", "kid": "k1", "x5u": "https://evil.example/c.pem"}),
        "token.signature",
    ),
    "x5c in the header": (forged({"alg": "SGD_SM3_SM2", "kid": "k1", "x5c": ["MIIB"]}), "token.signature"),
    # key ids
    "kid of nobody": (handmade({"alg": "SGD_SM3_SM2", "kid": "k2"}), "token.unknown_key"),
    "kid a path": (forged({"alg": "SGD_SM3_SM2", "kid": "../../../../dev/null"}), "token.unknown_key"),
    "kid a path around the right one": (handmade({"alg": "SGD_SM3_SM2", "kid": "./k1"}), "token.unknown_key"),
    "kid a query": (forged({"alg": "SGD_SM3_SM2", "kid": "x' UNION SELECT 'k1"}), "token.unknown_key"),
    "kid a URL": (forged({"alg": "SGD_SM3_SM2", "kid": "https://evil.example/k1"}), "token.unknown_key"),
    "kid in capitals": (handmade({"alg": "SGD_SM3_SM2", "kid": "K1"}), "token.unknown_key"),
    "kid with a blank": (handmade({"alg": "SGD_SM3_SM2", "kid": "k1 "}), "token.unknown_key"),
    "kid with NUL": (handmade({"alg": "SGD_SM3_SM2", "kid": "k1\0"}), "token.unknown_key"),
    "kid with a terminal's escape": (handmade({"alg": "SGD_SM3_SM2", "kid": "\x1b[2Jk1"}), "token.unknown_key"),
    # the signature
    "signed by another": (forged({"alg": "SGD_SM3_SM2", "kid": "k1"}), "token.signature"),
    "another payload": (f"{HEAD}.{b64(dict(CLAIMS) | {'sub': 'root'})}.{SIGN}", "token.signature"),
    "another header": (f"{b64({'alg': 'SGD_SM3_SM2', 'kid': 'k1', 'typ': 'x'})}.{BODY}.{SIGN}", "token.signature"),
    "signature of zeros": (f"{HEAD}.{BODY}.{b64(bytes(64))}", "token.signature"),
    "signature of ones": (f"{HEAD}.{BODY}.{b64(bytes([255]) * 64)}", "token.signature"),
    "signature of 63 bytes": (f"{HEAD}.{BODY}.{b64(bytes(63))}", "token.signature"),
    "signature of 65 bytes": (f"{HEAD}.{BODY}.{b64(bytes(65))}", "token.signature"),
    "signature not DER": (f"{HEAD}.{BODY}.{b64(bytes(70))}", "token.signature"),
    "signature with a byte behind": (f"{HEAD}.{BODY}.{b64(unb64(SIGN) + b'0')}", "token.signature"),
    "signature with padding": (f"{HEAD}.{BODY}.{SIGN}=", "token.signature"),
    "signature with a line end": (f"{GOOD}\n", "token.signature"),
    "signature with plain Base64": (f"{HEAD}.{BODY}.{'+' * 86}", "token.signature"),
    # the payload
    "payload a list": (handmade({"alg": "SGD_SM3_SM2"}, ["claims"]), "token.json"),
    "payload a text": (handmade({"alg": "SGD_SM3_SM2"}, "claims"), "token.json"),
    "payload empty": (handmade({"alg": "SGD_SM3_SM2"}, b""), "token.json"),
    "payload not UTF-8": (handmade({"alg": "SGD_SM3_SM2"}, b'{"a":"\xff"}'), "token.json"),
    "payload with a name twice": (handmade({"alg": "SGD_SM3_SM2"}, b'{"sub":"a","sub":"b"}'), "token.json"),
    "payload with a name twice inside": (handmade({"alg": "SGD_SM3_SM2"}, b'{"x":[{"a":1,"a":2}]}'), "token.json"),
    "payload with NaN": (handmade({"alg": "SGD_SM3_SM2"}, b'{"exp":NaN}'), "token.json"),
    "payload with Infinity": (handmade({"alg": "SGD_SM3_SM2"}, b'{"exp":Infinity}'), "token.json"),
    "payload with 1e999": (handmade({"alg": "SGD_SM3_SM2"}, b'{"exp":1e999}'), "token.json"),
    "payload with half a surrogate pair": (handmade({"alg": "SGD_SM3_SM2"}, b'{"sub":"\\ud800"}'), "token.json"),
    "payload with a number of 5,000 digits": (
        handmade({"alg": "SGD_SM3_SM2"}, b'{"exp":' + b"9" * 5000 + b"}"),
        "token.json",
    ),
    "payload nested 10,000 deep": (handmade({"alg": "SGD_SM3_SM2"}, b'{"x":' + b"[" * 10_000), "token.json"),
    "payload with padding": (f"{HEAD}.{BODY}=.{SIGN}", "token.base64"),
    "payload with a blank": (f"{HEAD}.{BODY[:8]} {BODY[8:]}.{SIGN}", "token.base64"),
    # the token as a whole
    "empty": ("", "token.parts"),
    "one part": (HEAD, "token.parts"),
    "two parts": (f"{HEAD}.{BODY}", "token.parts"),
    "four parts": (f"{GOOD}.{SIGN}", "token.parts"),
    "five parts": (f"{GOOD}.{SIGN}.{SIGN}", "token.parts"),
    "a thousand dots": ("." * 1000, "token.parts"),
    "Bearer in front": (f"Bearer {GOOD}", "token.base64"),
    "a blank in front": (f" {GOOD}", "token.base64"),
    "header with padding": (f"{HEAD}==.{BODY}.{SIGN}", "token.base64"),
    "not ASCII": (f"{GOOD[:-1]}é", "token.base64"),
    "full-width": ("Ａ.Ｂ.Ｃ", "token.base64"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_an_attack_is_refused_with_its_code(case: str) -> None:
    token, problem = REFUSED[case]
    assert code_of(token) == f"egov.crypto.{problem}"


@pytest.mark.parametrize("case", REFUSED)
def test_an_attack_on_a_key_set_is_refused_as_well(case: str) -> None:
    token, _ = REFUSED[case]
    assert code_of(token, KeySet.of([PUBLIC])).startswith("egov.crypto.token.")


def test_the_good_token_is_good() -> None:
    assert verified(GOOD).subject == "u-1"


@pytest.mark.parametrize("offer", [{"jwk": {"kty": "EC"}}, {"jku": "http://x"}, {"x5u": 7}, {"x5c": ["MIIB"]}])
def test_a_key_in_the_header_of_a_good_token_is_named_and_not_looked_at(offer: dict[str, object]) -> None:
    assert verified(handmade({"alg": "SGD_SM3_SM2", "kid": "k1"} | offer)).notes == ("token_key_in_header",)


# ---------------------------------------------------------------------- one algorithm taken for another


@pytest.mark.parametrize(
    "secret",
    [
        PRIVATE.public_key().to_pem(),
        PRIVATE.public_key().to_der(),
        PRIVATE.public_key().point,
        b"\x04" + PRIVATE.public_key().point,
        json.dumps(PUBLIC.to_jwk()).encode(),
    ],
)
def test_a_public_key_is_never_the_secret_of_an_hmac(secret: bytes) -> None:
    signed = f"{b64({'alg': 'SGD_SM3_HMAC', 'kid': 'k1'})}.{BODY}"
    token = f"{signed}.{b64(hmac_sm3(secret, signed.encode()))}"
    assert code_of(token, algorithms=BOTH) == "egov.crypto.token.unfit_key"
    assert code_of(token, load_jwks(KeySet.of([PUBLIC]).to_jwks()), algorithms=BOTH) == "egov.crypto.token.unfit_key"


@pytest.mark.parametrize("octets", [PRIVATE.public_key().to_pem(), b" \n-----BEGIN CERTIFICATE-----" + b"x" * 40])
def test_a_key_file_is_not_taken_for_a_secret(octets: bytes) -> None:
    with pytest.raises(ValueError, match="no secret"):
        TokenKey.secret(octets)


def test_a_key_of_one_curve_is_not_used_on_the_other() -> None:
    stock = TokenKey.generate("ES256", key_id="k1")
    es_token = sign_token(CLAIMS, stock)
    algorithms = ("SGD_SM3_SM2", "ES256")
    assert code_of(es_token, PUBLIC, algorithms=algorithms) == "egov.crypto.token.unfit_key"
    assert code_of(GOOD, stock.public(), algorithms=algorithms) == "egov.crypto.token.unfit_key"
    _, body, sign = es_token.split(".")
    renamed = f"{HEAD}.{body}.{sign}"
    assert code_of(renamed, KeySet.of([PUBLIC, stock]), algorithms=algorithms) == "egov.crypto.token.signature"


def test_a_key_for_encryption_verifies_nothing() -> None:
    for key in (
        TokenKey.sm2(PRIVATE.public_key(), key_id="k1", use="enc"),
        TokenKey.sm2(PRIVATE.public_key(), key_id="k1", algorithm="SGD_SM2_3"),
    ):
        assert code_of(GOOD, key) == "egov.crypto.token.unfit_key"


def test_two_keys_of_one_id_are_told_apart_by_what_they_are_for() -> None:
    keys = KeySet.of(
        [
            TokenKey.sm2(OTHER.public_key(), key_id="k1", use="enc"),
            TokenKey.secret(bytes(32), key_id="k1"),
            PUBLIC,
        ]
    )
    assert verify_token(GOOD, keys, algorithms=BOTH, expected=EXPECTED, at=NOW).key is PUBLIC


def test_a_token_that_names_no_key_is_tried_with_a_few() -> None:
    token = handmade({"alg": "SGD_SM3_SM2"})
    other = TokenKey.sm2(OTHER.public_key(), key_id="k0")
    keys = KeySet.of([other, PUBLIC])
    assert verify_token(token, keys, algorithms=SM2, expected=EXPECTED, at=NOW).key is PUBLIC
    assert code_of(token, KeySet.of([other] * 9)) == "egov.crypto.token.ambiguous_key"
    assert code_of(token, KeySet.of([other] * 8)) == "egov.crypto.token.signature"
    assert code_of(token, KeySet.of([])) == "egov.crypto.token.unknown_key"
    assert code_of(token, KeySet.of([TokenKey.secret(bytes(32))])) == "egov.crypto.token.unfit_key"


def test_a_key_without_an_id_takes_any_id_and_a_set_does_not() -> None:
    anonymous = TokenKey.sm2(PRIVATE.public_key())
    assert verified(GOOD, anonymous).key is anonymous
    assert code_of(GOOD, KeySet.of([anonymous])) == "egov.crypto.token.unknown_key"


# ---------------------------------------------------------------------- sizes


def test_long_tokens_are_refused_before_they_are_read() -> None:
    with pytest.raises(LimitExceeded) as caught:
        verified("a" * (DEFAULT_JOSE_LIMITS.token_bytes + 1))
    assert caught.value.limit == "token_bytes"
    long_header = handmade({"alg": "SGD_SM3_SM2", "x": "y" * 8192})
    with pytest.raises(LimitExceeded) as caught:
        verified(long_header)
    assert caught.value.limit == "header_bytes"
    small = JoseLimits(token_bytes=len(GOOD), header_bytes=len(HEAD))
    assert verified(GOOD, limits=small).subject == "u-1"
    with pytest.raises(LimitExceeded):
        verified(GOOD, limits=JoseLimits(token_bytes=len(GOOD) - 1))
    with pytest.raises(LimitExceeded):
        verified(GOOD, limits=JoseLimits(header_bytes=len(HEAD) - 1))


def test_a_large_payload_within_the_limit_is_read() -> None:
    token = sign_payload(b"x" * 40_000, KEY)
    assert len(verify_payload(token, PUBLIC, algorithms=SM2).payload) == 40_000


@pytest.mark.parametrize("where", ["header", "payload"])
def test_deep_nesting_is_refused(where: str) -> None:
    deep: object = 1
    for _ in range(33):
        deep = [deep]
    header: dict[str, object] = {"alg": "SGD_SM3_SM2"}
    claims = dict(CLAIMS)
    (header if where == "header" else claims)["x"] = deep
    with pytest.raises(LimitExceeded) as caught:
        verified(handmade(header, claims))
    assert (caught.value.limit, caught.value.where) == ("depth", where)


def test_brackets_in_texts_are_no_nesting() -> None:
    claims = dict(CLAIMS) | {"x": "[{" * 500, "y": [[1]] * 40}
    assert verified(handmade({"alg": "SGD_SM3_SM2"}, claims)).claims["x"] == "[{" * 500


# ---------------------------------------------------------------------- properties


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, len(GOOD) - 1), other=st.sampled_from("ABab01-_.=~"))
def test_no_changed_token_is_accepted(place: int, other: str) -> None:
    changed = GOOD[:place] + other + GOOD[place + 1 :]
    if changed != GOOD:
        with pytest.raises((InputError, TokenRejected)):
            verified(changed)


segment = st.one_of(
    st.binary(max_size=60).map(b64),
    st.sampled_from([HEAD, BODY, SIGN, "", "e30", "bnVsbA"]),
    st.text("AB+/=- _\n", max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.binary(max_size=80), st.lists(segment, min_size=2, max_size=6).map(".".join)))
def test_nothing_but_our_errors_comes_out(token: str | bytes) -> None:
    if token not in (GOOD, GOOD.encode()):
        with pytest.raises((InputError, TokenRejected)):
            verified(token)
    try:
        read_unverified(token)
    except (InputError, TokenRejected) as error:
        told = str(error)
    else:
        told = ""
    assert told.isprintable()


headers = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "cty", "crit", "b64", "zip", "jwk", "jku", "x5c", "enc", "x"]),
    st.one_of(
        st.sampled_from(["SGD_SM3_SM2", "SGD_SM3_HMAC", "none", "ES256", "RS256", "k1", "k2", "", "DEF"]),
        st.none() | st.booleans() | st.integers() | st.lists(st.text(max_size=3), max_size=2),
        st.just({"kty": "oct", "k": "AAAA"}),
    ),
    max_size=5,
)


@settings(max_examples=80, deadline=None)
@given(headers)
def test_whatever_the_header_says_only_the_right_signature_counts(header: dict[str, object]) -> None:
    algorithms = ("SGD_SM3_SM2", "SGD_SM3_HMAC", "ES256", "RS256")
    with pytest.raises((InputError, TokenRejected)):
        verified(forged(header), algorithms=algorithms)
    anything = ExpectedClaims(issuer=None, audience="app")
    try:
        token = verified(handmade(header), algorithms=algorithms, expected=anything)
    except (InputError, TokenRejected):
        return
    assert header["alg"] == "SGD_SM3_SM2"
    assert token.key is PUBLIC
    assert not {"crit", "b64", "zip"} & header.keys()
