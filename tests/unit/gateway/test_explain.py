"""What the command line shows of a signed request."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import ConfigError
from egov_sdk.gateway import Credentials, Request
from egov_sdk.gateway.errors import CredentialsMissing
from egov_sdk.gateway.explain import explain_request, sign_request
from egov_sdk.gateway.profiles import BUILT_IN

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
ME = Credentials("caller-0123456789", secret="s3cret", service="svc", signer=SM2PrivateKey.from_int(9))


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_explanation_shows_the_secret(name: str) -> None:
    found = explain_request(Request("POST", "/x", json={"a": 1}), profile=name, credentials=ME, at=AT)
    assert "s3cret" not in repr(found) + found.signing_string + repr(found.request.headers)
    assert found.profile == name
    assert ("***" in found.signing_string) is ("{secret}" in BUILT_IN[name].signing_string)
    assert not set(found.covered) & set(found.not_covered)


def test_it_says_what_the_national_signature_does_not_cover() -> None:
    found = explain_request(Request("POST"), profile="national-1", credentials=ME, at=AT)
    assert found.signing_string == "svccaller-01234567891700000000000"
    assert found.covered == ("service", "time")
    assert found.not_covered == ("method", "path", "query", "body", "nonce")
    assert found.session_secret
    assert found.unverified


def test_our_own_profile_covers_everything() -> None:
    found = explain_request(Request("GET", "/x"), profile="egov-sm2", credentials=ME, at=AT)
    assert found.not_covered == ()
    assert not found.unverified


def test_what_is_explained_is_what_is_signed() -> None:
    found = explain_request(Request("GET", "/x", query={"a": "1"}), profile="tif", credentials=ME, at=AT, random=bytes)
    twin = sign_request(Request("GET", "/x", query={"a": "1"}), profile="tif", credentials=ME, at=AT, random=bytes)
    signatures = {dict(each.headers)["x-tif-signature"] for each in (found.request, twin)}
    assert len(signatures) == 1
    assert found.request.target == "/x?a=1"


def test_a_session_secret_may_be_given() -> None:
    by_session = sign_request(Request("GET"), profile="national-1", credentials=ME, at=AT, secret="session")
    by_appkey = sign_request(Request("GET"), profile="national-1", credentials=ME, at=AT)
    assert dict(by_session.headers)["gjgxjhpt_sign"] != dict(by_appkey.headers)["gjgxjhpt_sign"]


def test_what_cannot_be_signed_is_told() -> None:
    with pytest.raises(CredentialsMissing):
        sign_request(Request("GET", "/x"), profile="tif", credentials=Credentials("a"), at=AT)
    with pytest.raises(ConfigError):
        explain_request(Request("GET", "/x"), profile="none-such", credentials=ME, at=AT)
    with pytest.raises(ValueError, match="aware"):
        sign_request(Request("GET", "/x"), profile="tif", credentials=ME, at=datetime(2023, 1, 1))  # noqa: DTZ001 - the mistake
