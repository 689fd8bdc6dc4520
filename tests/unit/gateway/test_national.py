"""The session secret of the national gateway."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import ParseError
from egov_sdk.gateway.national import decrypt_secret, encrypt_secret

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(texts, texts)
def test_a_secret_comes_back(secret: str, appkey: str) -> None:
    assert decrypt_secret(encrypt_secret(secret, appkey=appkey), appkey=appkey) == secret


BAD = {
    "nothing": "",
    "no Base64": "not Base64!",
    "no whole block": base64.b64encode(b"x" * 15).decode(),
    "another key": encrypt_secret("a" * 32, appkey="other"),
    "a block of noise": base64.b64encode(bytes(16)).decode(),
    "only padding": encrypt_secret("", appkey="key"),
    "far too long": base64.b64encode(bytes(16_000)).decode(),
    "not ASCII": "密",
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_decrypted_is_refused_in_one_way(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        decrypt_secret(BAD[case], appkey="key")
    assert caught.value.code == "egov.gateway.secret_undecryptable"
    assert str(caught.value) == "secret: the session secret cannot be decrypted with this appkey"


@given(st.text(max_size=100))
def test_any_text_is_a_secret_or_refused(text: str) -> None:
    with contextlib.suppress(ParseError):
        decrypt_secret(text, appkey="key")
