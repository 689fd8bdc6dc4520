"""Keys and key sets: read, published, and in a set never spoiled by a stranger among them."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.errors import (
    InvalidHeaderValueError,
    InvalidKeyCurveError,
    InvalidKeyTypeError,
    UnsupportedAlgorithmError,
)
from joserfc.jwe import JWERegistry
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.crypto._jose.engine import signature_registry
from egov_sdk.crypto._jose.problems import LENIENCIES, PROBLEMS
from egov_sdk.crypto.jose import (
    JoseLimits,
    KeySet,
    TokenKey,
    load_jwk,
    load_jwks,
    sign_token,
)
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from tests.unit.crypto.tokens import CLAIMS, KEY, OTHER, PRIVATE, PUBLIC, b64, point, unb64, verified

XY = point(PRIVATE.public_key())
SM2_JWK: dict[str, object] = {"kty": "EC", "crv": "sm2p256v1", "kid": "k1", **XY}
D = b64(PRIVATE._d)


@pytest.fixture(scope="module")
def rsa() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "r1"})


def test_an_sm2_key_is_read_and_written() -> None:
    key = load_jwk(SM2_JWK)
    assert (key.kind, key.key_id, key.is_private, key.notes) == ("sm2", "k1", False, ())
    assert key.sm2_public_key == PRIVATE.public_key()
    assert key.to_jwk() == SM2_JWK
    assert key.algorithms == {"SGD_SM3_SM2", "SGD_SM2_3"}
    assert verified(sign_token(CLAIMS, KEY), key).subject == "u-1"


@pytest.mark.parametrize("curve", ["SM2", "SM2-P-256"])
def test_other_names_of_the_curve_are_read_and_named(curve: str) -> None:
    key = load_jwk(json.dumps(SM2_JWK | {"crv": curve}))
    assert key.notes == ("jwk_curve_alias",)
    assert key.to_jwk()["crv"] == "sm2p256v1"
    assert key.thumbprint() == load_jwk(SM2_JWK).thumbprint()
    assert key.public().notes == key.notes


def test_a_private_key_is_kept_and_published_apart() -> None:
    key = load_jwk(SM2_JWK | {"d": D})
    assert key.is_private
    assert "d" not in key.to_jwk()
    assert key.to_jwk(private=True) == SM2_JWK | {"d": D}
    assert not key.public().is_private
    assert key.public().to_jwk() == SM2_JWK
    assert verified(sign_token(CLAIMS, key)).subject == "u-1"


@pytest.mark.parametrize(
    ("members", "algorithms"),
    [
        ({"use": "sig"}, {"SGD_SM3_SM2"}),
        ({"use": "enc"}, {"SGD_SM2_3"}),
        ({"alg": "SGD_SM3_SM2"}, {"SGD_SM3_SM2"}),
        ({"alg": "SM2-SM3"}, {"SGD_SM3_SM2"}),
        ({"alg": "SGD_SM2_3"}, {"SGD_SM2_3"}),
        ({"key_ops": ["verify"]}, {"SGD_SM3_SM2"}),
        ({"key_ops": ["wrapKey", "deriveBits"]}, {"SGD_SM2_3"}),
        ({"key_ops": ["verify", "encrypt"]}, {"SGD_SM3_SM2", "SGD_SM2_3"}),
        ({"use": "sig", "key_ops": ["verify", "encrypt"]}, {"SGD_SM3_SM2"}),
        ({"x5u": "https://example", "x5c": ["MIIB"], "unknown": {}}, {"SGD_SM3_SM2", "SGD_SM2_3"}),
    ],
)
def test_what_a_key_is_for_is_kept(members: dict[str, object], algorithms: set[str]) -> None:
    assert load_jwk(SM2_JWK | members).algorithms == algorithms


#: Each is one key that cannot be used, and the code that says why.
UNUSABLE: dict[str, tuple[object, str]] = {
    "no kty": ({"crv": "sm2p256v1", **XY}, "type"),
    "kty unknown": ({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}, "type"),
    "kty unknown, no alg": ({"kty": "AKP", "pub": "AAAA"}, "type"),
    "kty in lower case": (SM2_JWK | {"kty": "ec"}, "type"),
    "kty a number": (SM2_JWK | {"kty": 1}, "member"),
    "kty empty": (SM2_JWK | {"kty": ""}, "member"),
    "OKP": (OKPKey.generate_key("Ed25519").as_dict(private=False), "type"),
    "no crv": ({"kty": "EC", **XY}, "curve"),
    "crv unknown": (SM2_JWK | {"crv": "sm9curve"}, "curve"),
    "crv P-384": (ECKey.generate_key("P-384").as_dict(private=False), "curve"),
    "crv a list": (SM2_JWK | {"crv": ["SM2"]}, "member"),
    "x missing": ({"kty": "EC", "crv": "sm2p256v1", "y": XY["y"]}, "member"),
    "x a number": (SM2_JWK | {"x": 5}, "member"),
    "x of 31 bytes": (SM2_JWK | {"x": b64(bytes(31))}, "member"),
    "x of 33 bytes": (SM2_JWK | {"x": b64(b"\0" + unb64(XY["x"]))}, "member"),
    "x with padding": (SM2_JWK | {"x": XY["x"] + "="}, "member"),
    "x in plain Base64": (SM2_JWK | {"x": "+" * 43}, "member"),
    "x with bits behind": (SM2_JWK | {"x": "A" * 42 + "B"}, "member"),
    "x not ASCII": (SM2_JWK | {"x": "é" * 43}, "member"),
    "not a point": (SM2_JWK | {"x": XY["y"]}, "value"),
    "infinity": (SM2_JWK | {"x": b64(bytes(32)), "y": b64(bytes(32))}, "value"),
    "x not below p": (SM2_JWK | {"x": b64(bytes([255]) * 32)}, "value"),
    "y the other one's": (SM2_JWK | {"y": point(OTHER.public_key())["y"]}, "value"),
    "P-256 numbers under the SM2 name": (
        ECKey.generate_key("P-256").as_dict(private=False) | {"crv": "sm2p256v1"},
        "value",
    ),
    "SM2 numbers under the P-256 name": (SM2_JWK | {"crv": "P-256"}, "value"),
    "kid a number": (SM2_JWK | {"kid": 7}, "member"),
    "kid null": (SM2_JWK | {"kid": None}, "member"),
    "kid too long": (SM2_JWK | {"kid": "k" * 257}, "member"),
    "use unknown": (SM2_JWK | {"use": "tls"}, "use"),
    "use a list": (SM2_JWK | {"use": ["sig"]}, "member"),
    "alg of another kind": (SM2_JWK | {"alg": "ES256"}, "use"),
    "alg unknown": (SM2_JWK | {"alg": "SGD_SM3_SM9"}, "use"),
    "alg none": (SM2_JWK | {"alg": "none"}, "use"),
    "alg and use that contradict": (SM2_JWK | {"alg": "SGD_SM3_SM2", "use": "enc"}, "use"),
    "key_ops unknown": (SM2_JWK | {"key_ops": ["deriveBits"]}, "use"),
    "key_ops against use": (SM2_JWK | {"use": "sig", "key_ops": ["encrypt"]}, "use"),
    "key_ops a text": (SM2_JWK | {"key_ops": "verify"}, "member"),
    "key_ops empty": (SM2_JWK | {"key_ops": []}, "member"),
    "key_ops of numbers": (SM2_JWK | {"key_ops": [1, {}]}, "use"),
    "RSA of 1024 bits": ({"kty": "RSA", "n": b64(bytes([255]) * 128), "e": "AQAB"}, "member"),
    "RSA of 16384 bits": ({"kty": "RSA", "n": b64(bytes([255]) * 2048), "e": "AQAB"}, "member"),
    "RSA without e": ({"kty": "RSA", "n": b64(bytes([255]) * 256)}, "member"),
    "RSA with e of 2048 bits": ({"kty": "RSA", "n": b64(bytes([255]) * 256), "e": b64(bytes([255]) * 256)}, "member"),
    "RSA with e 1": ({"kty": "RSA", "n": b64(bytes([255]) * 256), "e": "AQ"}, "value"),
}
OF_ENTRIES: dict[str, tuple[object, str]] = {
    "a text": ("key", "json"),
    "a number": (1, "json"),
    "null": (None, "json"),
    "a list": ([SM2_JWK], "json"),
    "a private key": (SM2_JWK | {"d": D}, "private"),
    "a private key with an empty d": (SM2_JWK | {"d": ""}, "private"),
    "a secret": ({"kty": "oct", "k": b64(bytes(32))}, "private"),
    "a secret under another name": (SM2_JWK | {"k": b64(bytes(32))}, "private"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_key_that_cannot_be_used_is_refused_with_its_code(case: str) -> None:
    members, problem = UNUSABLE[case]
    with pytest.raises(ParseError) as caught:
        load_jwk(json.dumps(members))
    assert caught.value.code == f"egov.crypto.jwk.{problem}"
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("case", [*UNUSABLE, *OF_ENTRIES])
def test_in_a_set_it_is_skipped_with_its_code_and_spoils_nothing(case: str) -> None:
    entry, problem = (UNUSABLE | OF_ENTRIES)[case]
    keys = load_jwks(json.dumps({"keys": [entry, SM2_JWK, entry], "other": 1}))
    assert [key.key_id for key in keys] == ["k1"]
    assert [(skipped.index, skipped.code) for skipped in keys.skipped] == [
        (0, f"egov.crypto.jwk.{problem}"),
        (2, f"egov.crypto.jwk.{problem}"),
    ]
    assert keys.skipped[0].message.zh != keys.skipped[0].message.en
    assert D not in str(keys.skipped)


def test_a_skipped_key_keeps_its_id() -> None:
    (skipped,) = load_jwks({"keys": [{"kty": "OKP", "kid": "ed"}]}).skipped
    assert (skipped.key_id, skipped.message.en) == ("ed", "keys of type OKP are not known here")


def test_an_entry_with_a_name_twice_is_skipped() -> None:
    entry = json.dumps(SM2_JWK)
    doubled = entry[:-1] + ', "kid": "other"}'
    keys = load_jwks(f'{{"keys": [{doubled}, {entry}]}}')
    assert ([key.key_id for key in keys], [one.code for one in keys.skipped]) == (["k1"], ["egov.crypto.jwk.json"])
    with pytest.raises(ParseError) as caught:
        load_jwk(doubled)
    assert caught.value.code == "egov.crypto.jwk.json"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("", "json"),
        ("null", "json"),
        ("[]", "json"),
        ("{", "json"),
        ('{"keys": [NaN]}', "json"),
        ('"keys"', "json"),
        (b"\xff\xfe", "json"),
        ("\ud800", "json"),
        ("[" * 5000, "json"),
        ("{}", "keys"),
        ('{"keys": {}}', "keys"),
        ('{"keys": null}', "keys"),
        ('{"keys": "sm2"}', "keys"),
        ('{"keys": [], "keys": []}', "keys"),
    ],
)
def test_what_is_no_key_set_is_refused(data: str | bytes, problem: str) -> None:
    with pytest.raises(ParseError) as caught:
        load_jwks(data)
    assert caught.value.code == f"egov.crypto.jwk.{problem}"


def test_a_key_set_has_an_end() -> None:
    with pytest.raises(LimitExceeded) as caught:
        load_jwks(b'{"keys": [' + b" " * (10 << 20) + b"]}")
    assert caught.value.limit == "key_set_bytes"
    with pytest.raises(LimitExceeded) as caught:
        load_jwks({"keys": [SM2_JWK] * 257})
    assert caught.value.limit == "keys"
    assert len(load_jwks({"keys": [SM2_JWK] * 3}, limits=JoseLimits(keys=3))) == 3
    with pytest.raises(LimitExceeded) as caught:
        load_jwks(json.dumps({"keys": [SM2_JWK | {"x5c": [[[[1]]]]}] * 9}), limits=JoseLimits(depth=4))
    assert caught.value.limit == "depth"


def test_a_set_of_our_own_is_kept_with_its_private_keys() -> None:
    secret = TokenKey.secret(bytes(range(32)), key_id="s1")
    stock = TokenKey.generate("ES256", key_id="p1")
    keys = [KEY, secret, stock]
    kept = json.dumps({"keys": [key.to_jwk(private=True) for key in keys]})
    read = load_jwks(kept, private=True)
    assert read.skipped == ()
    assert [(key.kind, key.key_id, key.is_private) for key in read] == [
        ("sm2", "k1", True),
        ("secret", "s1", True),
        ("p256", "p1", True),
    ]
    assert len(load_jwks(kept).skipped) == 3
    published = KeySet.of(keys).to_jwks()
    assert [entry["kid"] for entry in published["keys"]] == ["k1", "p1"]
    assert load_jwks(published).skipped == ()
    assert D not in json.dumps(published)


@pytest.mark.parametrize(
    "members",
    [
        SM2_JWK | {"d": b64(bytes(32))},
        SM2_JWK | {"d": b64(bytes([255]) * 32)},
        SM2_JWK | {"d": b64(OTHER._d)},
        SM2_JWK | {"d": b64(PRIVATE._d[1:])},
        SM2_JWK | {"d": ""},
        SM2_JWK | {"d": 7},
        {"kty": "oct"},
        {"kty": "oct", "k": ""},
        {"kty": "oct", "k": b64(bytes(15))},
        {"kty": "oct", "k": b64(bytes(31))},
        {"kty": "oct", "k": b64(bytes(32)), "alg": "dir"},
        {"kty": "oct", "k": b64(bytes(16)), "alg": "SGD_SM3_HMAC"},
        {"kty": "oct", "k": b64(bytes(32)), "use": "enc"},
        {"kty": "oct", "k": b64(b"-----BEGIN PUBLIC KEY-----" + bytes(20))},
        ECKey.generate_key("P-256").as_dict(private=True) | {"d": b64(bytes(32))},
        ECKey.generate_key("P-256").as_dict(private=True) | {"d": b64(bytes([255]) * 32)},
    ],
)
def test_a_private_key_that_is_none_is_refused_and_not_shown(members: dict[str, object]) -> None:
    with pytest.raises(ParseError) as caught:
        load_jwk(members)
    assert caught.value.code.startswith("egov.crypto.jwk.")
    for name in ("d", "k"):
        value = members.get(name)
        assert (
            not isinstance(value, str) or len(value) < 8 or value not in str(caught.value) + repr(caught.value.detail)
        )


def test_an_rsa_key_that_is_none_is_refused(rsa: RSAKey) -> None:
    good: dict[str, object] = dict(rsa.as_dict(private=True))
    assert load_jwk(good).is_private
    changes: list[dict[str, object]] = [{"p": good["q"]}, {"d": "AQAB"}, {"dp": "AQAB"}, {"qi": ""}]
    for change in changes:
        with pytest.raises(ParseError):
            load_jwk(good | change)
    partly = {name: value for name, value in good.items() if name != "qi"}
    with pytest.raises(ParseError):
        load_jwk(partly)


def test_an_rsa_key_without_its_factors_is_read(rsa: RSAKey) -> None:
    members = {
        name: value for name, value in rsa.as_dict(private=True).items() if name not in ("p", "q", "dp", "dq", "qi")
    }
    key = load_jwk(members)
    assert key.is_private
    assert key.thumbprint() == rsa.thumbprint()
    assert key.public().to_jwk() == {"kty": "RSA", "n": rsa["n"], "e": "AQAB", "kid": "r1", "alg": "RS256"}


# ---------------------------------------------------------------------- thumbprints


def test_thumbprints_are_those_of_joserfc_and_of_the_rule(rsa: RSAKey) -> None:
    stock = ECKey.generate_key("P-256")
    for key in (stock, rsa):
        assert load_jwk(key.as_dict(private=False)).thumbprint() == key.thumbprint()
    canonical = json.dumps({"crv": "sm2p256v1", "kty": "EC", **XY}, separators=(",", ":")).encode()
    assert PUBLIC.thumbprint(digest="sm3") == b64(sm3(canonical))
    assert KEY.thumbprint() == PUBLIC.thumbprint()
    assert len(PUBLIC.thumbprint()) == 43


def test_a_secret_has_no_thumbprint_and_no_public_part() -> None:
    key = TokenKey.secret(bytes(32))
    for ask in (key.thumbprint, key.public, key.to_jwk):
        with pytest.raises(ValueError, match="no public part"):
            ask()
    assert key.to_jwk(private=True) == OctKey.import_key(bytes(32)).as_dict() | {"alg": "SGD_SM3_HMAC"}


# ---------------------------------------------------------------------- making and keeping


@pytest.mark.parametrize("algorithm", ["SGD_SM3_SM2", "SGD_SM3_HMAC", "ES256", "SGD_SM2_3", "dir"])
def test_keys_are_made_for_one_algorithm_from_the_random_source_given(algorithm: str) -> None:
    first, second = (
        TokenKey.generate(algorithm, key_id="g", random=lambda size: b"\x07" * size)  # type: ignore[arg-type]  # one of them
        for _ in range(2)
    )
    assert first.algorithms == {algorithm}
    assert first.is_private
    assert first.to_jwk(private=True) == second.to_jwk(private=True)
    assert TokenKey.generate(algorithm).to_jwk(private=True) != first.to_jwk(private=True)  # type: ignore[arg-type]  # as above
    assert load_jwk(first.to_jwk(private=True)).algorithms == {algorithm}


@pytest.mark.parametrize("algorithm", ["RS256", "none", "HS256", ""])
def test_other_keys_are_not_made(algorithm: str) -> None:
    with pytest.raises(ValueError, match="not made here"):
        TokenKey.generate(algorithm)  # type: ignore[arg-type]  # the mistake that is tested


def test_a_broken_random_source_is_noticed() -> None:
    for algorithm in ("ES256", "SGD_SM3_SM2"):
        with pytest.raises(RuntimeError, match="broken"):
            TokenKey.generate("ES256" if algorithm == "ES256" else "SGD_SM3_SM2", random=lambda size: b"\xff" * size)


def test_beneath_our_own_choice_of_keys_joserfc_keeps_the_curves_apart() -> None:
    stock, sm2 = TokenKey.generate("ES256").carrier(), KEY.carrier()
    registry = signature_registry(frozenset({"SGD_SM3_SM2", "ES256"}), JoseLimits())
    with pytest.raises(InvalidKeyTypeError):
        registry.get_alg("SGD_SM3_SM2").check_key(stock)
    with pytest.raises(InvalidKeyCurveError):
        registry.get_alg("ES256").check_key(sm2)
    with pytest.raises(UnsupportedAlgorithmError):
        registry.get_alg("RS256")
    with pytest.raises(InvalidHeaderValueError):
        registry.check_header({"alg": 1})
    assert set(JWSRegistry.algorithms).isdisjoint({"SGD_SM3_SM2", "SM2", "SGD_SM3_HMAC"})
    assert "SGD_SM2_3" not in JWERegistry.algorithms["alg"]


def test_a_key_shows_and_gives_away_nothing() -> None:
    secret = TokenKey.secret(b"0123456789abcdef0123456789abcdef", key_id="s1")
    for key in (KEY, secret, TokenKey.generate("ES256")):
        told = repr(key) + str(key) + repr(KeySet.of([key]))
        for value in key.to_jwk(private=True).values():
            assert len(value) < 20 or value not in told
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(key)
        with pytest.raises(TypeError, match="not pickled"):
            copy.copy(key)
    assert "0123456789abcdef" not in repr(secret)


def test_a_device_keeps_its_private_part() -> None:
    class Device:
        public_key = staticmethod(PRIVATE.public_key)
        sign_digest = staticmethod(PRIVATE.sign_digest)

    key = TokenKey.sm2(Device())
    assert key.is_private
    assert not key.fits("SGD_SM2_3", private=True)
    with pytest.raises(ValueError, match="stays in its device"):
        key.to_jwk(private=True)
    with pytest.raises(ValueError, match="not here"):
        PUBLIC.to_jwk(private=True)


@pytest.mark.parametrize("size", [0, 1, 15, 17, 24, 31])
def test_a_secret_of_another_length_is_a_mistake_of_the_caller(size: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        TokenKey.secret(bytes(size))


def test_a_key_that_can_do_nothing_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="can do nothing"):
        TokenKey.sm2(PRIVATE, algorithm="ES256")
    with pytest.raises(ValueError, match="can do nothing"):
        TokenKey.sm2(PRIVATE, use="sig", algorithm="SGD_SM2_3")
    with pytest.raises(ValueError, match="key_id"):
        TokenKey.sm2(PRIVATE, key_id="")
    with pytest.raises(TypeError, match=r"use TokenKey\.sm2"):
        TokenKey("sm2", frozenset({"SGD_SM3_SM2"}))


def test_every_reason_is_worded_in_both_languages() -> None:
    for text in (*PROBLEMS.values(), *LENIENCIES.values()):
        assert any("\u4e00" <= character <= "\u9fff" for character in text.zh)
        assert text.en.isascii()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 2**255), st.sampled_from(["sig", "enc", None]), st.text(min_size=1, max_size=20))
def test_a_key_comes_back_as_it_was(number: int, use: str | None, key_id: str) -> None:
    made = TokenKey.sm2(SM2PrivateKey.from_int(number), key_id=key_id, use=use)  # type: ignore[arg-type]  # one of them
    read = load_jwk(json.dumps(made.to_jwk(private=True)))
    assert read.to_jwk(private=True) == made.to_jwk(private=True)
    assert (read.key_id, read.use, read.algorithms) == (made.key_id, made.use, made.algorithms)


members = st.dictionaries(
    st.sampled_from(["kty", "crv", "x", "y", "d", "k", "n", "e", "kid", "use", "alg", "key_ops", "z"]),
    st.one_of(
        st.sampled_from(["EC", "RSA", "oct", "sm2p256v1", "P-256", "sig", "ES256", XY["x"], XY["y"], D, "AQAB", ""]),
        st.none()
        | st.integers()
        | st.lists(st.sampled_from(["sign", "verify", "x"]), max_size=2)
        | st.text(max_size=5),
    ),
    max_size=7,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(members, max_size=4), st.booleans())
def test_any_set_is_read_and_every_key_accounted_for(entries: list[dict[str, object]], private: bool) -> None:
    keys = load_jwks(json.dumps({"keys": [*entries, SM2_JWK]}), private=private)
    assert len(keys) + len(keys.skipped) == len(entries) + 1
    assert keys.named("k1")[-1].sm2_public_key == PRIVATE.public_key()
    assert private or not any(key.is_private for key in keys)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)))
def test_nothing_but_our_errors_comes_out(data: str | bytes) -> None:
    for load in (load_jwk, load_jwks):
        with pytest.raises(InputError):
            load(data)
