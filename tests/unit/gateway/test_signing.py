"""Signing: what is missing is said before anything is signed, and secrets stay where they are."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey
from egov_sdk.errors import ConfigError
from egov_sdk.gateway import Credentials, GatewayProfile, built_in
from egov_sdk.gateway._digests import code, encode, text_matches
from egov_sdk.gateway.errors import CredentialsMissing, UnsafeValue
from egov_sdk.gateway.profiles import BUILT_IN
from egov_sdk.gateway.signing import Signable, make_nonce, sign

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
REQUEST = Signable(method="GET", path="/a", query="b=2&a=1", body=b"body")
SECRET = "s3cret-s3cret"


def _all(**changes: Any) -> Credentials:
    return Credentials(
        "id-0123456789abcdef", **{"secret": SECRET, "service": "svc", "signer": SM2PrivateKey.generate(), **changes}
    )


@pytest.mark.parametrize("name", BUILT_IN)
def test_time_and_nonce_and_id_of_each_profile_are_sent(name: str) -> None:
    profile = built_in(name)
    fields = dict(sign(REQUEST, profile=profile, credentials=_all(), at=AT).fields)
    assert set(fields) == {profile.prefix + wire for wire in profile.fields}
    assert "id-0123456789abcdef" in fields.values()
    assert SECRET not in "".join(fields.values())


@pytest.mark.parametrize("name", [name for name in BUILT_IN if BUILT_IN[name].nonce])
def test_two_signatures_of_one_moment_differ_where_there_is_a_nonce(name: str) -> None:
    first, second = (dict(sign(REQUEST, profile=built_in(name), credentials=_all(), at=AT).fields) for _ in range(2))
    assert first != second


MISSING: dict[str, tuple[str, dict[str, Any], str]] = {
    "no secret for an HMAC": ("national-1", {"secret": ""}, "secret"),
    "no secret inside a hash": ("tif", {"secret": ""}, "secret"),
    "no secret beside SM2": ("nhsa", {"secret": ""}, "secret"),
    "no service": ("national-1", {"service": ""}, "service"),
    "no service name": ("hsaf", {"service": ""}, "service"),
    "no signer": ("egov-sm2", {"signer": None}, "signer"),
}


@pytest.mark.parametrize("case", MISSING)
def test_what_a_profile_needs_and_nobody_gave_is_named(case: str) -> None:
    name, changes, setting = MISSING[case]
    with pytest.raises(CredentialsMissing) as caught:
        sign(REQUEST, profile=built_in(name), credentials=_all(**changes), at=AT)
    assert isinstance(caught.value, ConfigError)
    assert caught.value.code == "egov.gateway.credentials_missing"
    assert caught.value.detail["setting"] == setting


INJECTIONS = ["a\r\nX-Admin: 1", "a\nb", "a\x00b", " a", "a" * 129, "标识"]


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize("where", ["id", "service"])
def test_an_id_that_would_become_another_header_is_refused(where: str, value: str) -> None:
    credentials = Credentials(
        value if where == "id" else "id", secret="s", service=value if where == "service" else "svc"
    )
    with pytest.raises(UnsafeValue) as caught:
        sign(REQUEST, profile=built_in("national-1"), credentials=credentials, at=AT)
    assert caught.value.detail["field"] == where


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "张三"])
def test_a_value_of_a_user_that_would_become_another_header_is_refused(value: str) -> None:
    profile = built_in("tif-user")
    with pytest.raises(UnsafeValue):
        sign(REQUEST, profile=profile, credentials=Credentials("id", secret="s"), at=AT, values={"uid": value})
    with pytest.raises(UnsafeValue):
        sign(REQUEST, profile=profile, credentials=Credentials("id", secret="s", values={"uinfo": value}), at=AT)


def test_a_token_and_a_nonce_from_elsewhere_are_looked_at_as_well() -> None:
    with pytest.raises(UnsafeValue):
        sign(REQUEST, profile=built_in("tif"), credentials=_all(), at=AT, nonce="a\r\nb")
    with pytest.raises(UnsafeValue):
        sign(REQUEST, profile=built_in("tif"), credentials=_all(), at=AT, token="a\r\nb")


def test_a_naive_time_is_refused_before_anything_is_signed() -> None:
    with pytest.raises(ValueError, match="aware"):
        sign(REQUEST, profile=built_in("tif"), credentials=_all(), at=datetime(2023, 1, 1))  # noqa: DTZ001 - the mistake


def test_credentials_and_signatures_show_no_secret() -> None:
    credentials = _all(values={"uid": "personal"})
    signed = sign(REQUEST, profile=built_in("tif-user"), credentials=credentials, at=AT)
    for shown in (repr(credentials), repr(signed), repr(REQUEST)):
        assert SECRET not in shown
        assert "personal" not in shown.replace(repr(signed.fields), "")
        assert "body" not in shown.replace("body=", "")
    assert "id-0123456789abcdef" in repr(credentials)


def test_credentials_without_an_id_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="id"):
        Credentials("")


def test_the_session_secret_signs_instead_of_the_long_lived_one() -> None:
    profile = built_in("national-1")
    long_lived, session = _all(), _all(secret="session")
    by_argument = sign(REQUEST, profile=profile, credentials=long_lived, at=AT, secret="session")
    assert by_argument.fields == sign(REQUEST, profile=profile, credentials=session, at=AT).fields
    assert by_argument.fields != sign(REQUEST, profile=profile, credentials=long_lived, at=AT).fields


PARTS: dict[str, dict[str, Any]] = {
    "method": {"method": "POST"},
    "path": {"path": "/b"},
    "query": {"query": "b=2&a=2"},
    "order of the query": {"query": "a=1&b=2"},
    "body": {"body": b"other"},
}


@pytest.mark.parametrize("part", PARTS)
def test_our_own_profile_signs_every_part(part: str) -> None:
    given: dict[str, Any] = {"method": "GET", "path": "/a", "query": "b=2&a=1", "body": b"body"}
    profile = built_in("egov-hmac-sm3")
    one = sign(Signable(**given), profile=profile, credentials=_all(), at=AT, nonce="n").signing_string
    other = sign(
        Signable(**{**given, **PARTS[part]}), profile=profile, credentials=_all(), at=AT, nonce="n"
    ).signing_string
    assert one != other


def test_a_body_that_is_no_text_is_signed_byte_by_byte() -> None:
    profile = GatewayProfile(
        name="raw", fields={"X": "{signature}"}, time="", signing_string="{body}", digest="hmac-sha256"
    )
    body = bytes(range(256))
    signed = sign(Signable(method="POST", path="/", body=body), profile=profile, credentials=_all(), at=AT)
    assert signed.signing_string == body


def test_nonces_have_their_form() -> None:
    assert make_nonce("hex", at_s=1.0, random=bytes) == "0" * 32
    assert make_nonce("seconds-000-4", at_s=1_700_000_000.9, random=bytes) == "17000000000000000"
    made = uuid.UUID(make_nonce("uuid", at_s=1.0, random=lambda number: b"\xff" * number))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)
    assert make_nonce("", at_s=1.0, random=bytes) == ""


class _Token:
    """A signer that is not our own key class."""

    def __init__(self, key: SM2PrivateKey) -> None:
        self._key = key

    def public_key(self) -> SM2PublicKey:
        return self._key.public_key()

    def sign_digest(self, digest: bytes) -> bytes:
        return self._key.sign_digest(digest)


def test_any_signer_will_do() -> None:
    import base64

    key = SM2PrivateKey.generate()
    signed = sign(REQUEST, profile=built_in("egov-sm2"), credentials=_all(signer=_Token(key)), at=AT)
    signature = base64.b64decode(dict(signed.fields)["Egov-Signature"])
    key.public_key().verify(signature, signed.signing_string)


def test_codes_are_compared_whole_and_hexadecimal_in_either_case() -> None:
    assert text_matches("ABcd", "abCD", encoding="HEX")
    assert text_matches("ABcd", "abCD", encoding="hex")
    assert not text_matches("ABcd", "abCD", encoding="base64")
    assert not text_matches("abc", "abcd", encoding="hex")
    assert not text_matches("\u00e9", "a", encoding="hex")


def test_sm2_needs_a_private_key_not_a_code() -> None:
    with pytest.raises(ValueError, match="private key"):
        code("sm2", key=b"k", text=b"t")


def test_encodings() -> None:
    assert encode(b"\xff\xfe", "base64") == "//4="
    assert encode(b"\xff\xfe", "hex") == "fffe"
    assert encode(b"\xff\xfe", "HEX") == "FFFE"


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("sm3", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
    ],
)
def test_plain_digests_are_the_standard_ones(digest: Any, expected: str) -> None:
    assert code(digest, key=b"", text=b"abc").hex() == expected
