"""The envelope of the medical insurance platform, out and back."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import PlatformRejected
from egov_sdk.gateway import Answer, Credentials, Request
from egov_sdk.gateway._nhsa import canonical, open_members, read_members, wrap
from egov_sdk.gateway.errors import AnswerMalformed, AnswerUnsigned, CredentialsMissing
from tests.unit.gateway.world import Caller, Kind, Platform, both

APP, SECRET = "43AF047BBA47FC8A1AE8EFB2", "A" * 32
OURS, THEIRS = SM2PrivateKey.from_int(11), SM2PrivateKey.from_int(13)
ME = Credentials(APP, secret=SECRET, signer=OURS)


def test_the_canonical_form_is_sorted_at_every_level_and_without_what_is_empty() -> None:
    members = {
        "version": "2.0.1",
        "appId": "A",
        "data": {"b": 1, "a": {"z": "", "y": None, "x": '中/"', "w": False, "v": 0}, "c": [{"f": "", "e": 1.5}]},
        "encType": "SM4",
        "timestamp": 1,
        "empty": "",
        "signData": "S",
        "encData": "E",
        "extra": "X",
    }
    assert canonical(members) == (
        'appId=A&data={"a":{"v":0,"w":false,"x":"中/\\""},"b":1,"c":[{"e":1.5}]}&encType=SM4&timestamp=1&version=2.0.1'
    )


def test_data_is_encrypted_and_comes_back() -> None:
    members = {"appId": APP, "data": {"b": 1, "a": "中"}}
    body = wrap(members, app_id=APP, secret=SECRET, encrypt=True)
    sent = json.loads(body)
    assert set(sent) == {"appId", "encData"}
    assert sent["encData"] == sent["encData"].upper()
    assert open_members(read_members(body), app_id=APP, secret=SECRET) == members


@pytest.mark.parametrize(("app_id", "secret"), [("short", SECRET), (APP, "")])
def test_encryption_needs_a_long_id_and_a_secret(app_id: str, secret: str) -> None:
    with pytest.raises(CredentialsMissing):
        wrap({"data": {}}, app_id=app_id, secret=secret, encrypt=True)


def signed(members: dict[str, Any], *, key: SM2PrivateKey = THEIRS, encrypt: bool = True) -> httpx.Response:
    """What the platform answers."""
    text = f"{canonical(members)}&key={SECRET}".encode()
    signature = base64.b64encode(key.sign(text)).decode()
    body = wrap({**members, "signData": signature}, app_id=APP, secret=SECRET, encrypt=encrypt)
    return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})


GOOD = {"code": 0, "message": "成功", "data": {"name": "张三"}}


def call(kind: Kind, response: httpx.Response, *, check: bool = True, name: str = "nhsa") -> Answer:
    credentials = Credentials(APP, secret=SECRET, signer=OURS, peer_key=THEIRS.public_key() if check else None)
    caller = Caller(kind, Platform(response), profile=name, credentials=credentials)
    return caller.request(Request("POST", "/api", json={"idNo": "x"}))


@both
@pytest.mark.parametrize("encrypt", [True, False])
def test_an_answer_is_decrypted_and_its_signature_checked(kind: Kind, encrypt: bool) -> None:
    answer = call(kind, signed(GOOD, encrypt=encrypt)).json()
    assert isinstance(answer, dict)
    assert answer["data"] == {"name": "张三"}


@both
def test_an_answer_that_another_signed_is_not_used(kind: Kind) -> None:
    with pytest.raises(AnswerUnsigned) as caught:
        call(kind, signed(GOOD, key=OURS))
    assert caught.value.code == "egov.gateway.answer_unsigned"
    changed = json.loads(signed(GOOD, encrypt=False).content) | {"data": {"name": "李四"}}
    with pytest.raises(AnswerUnsigned):
        call(kind, httpx.Response(200, json=changed))
    with pytest.raises(AnswerUnsigned):
        call(kind, httpx.Response(200, json={**GOOD, "signData": 5}))
    with pytest.raises(AnswerUnsigned):
        call(kind, httpx.Response(200, json=GOOD))


@both
def test_without_the_platforms_key_nothing_is_claimed_of_a_signature(kind: Kind) -> None:
    answer = call(kind, httpx.Response(200, json=GOOD), check=False).json()
    assert isinstance(answer, dict)
    assert answer["data"] == {"name": "张三"}


@both
@pytest.mark.parametrize("encrypted", ["zz", "00" * 16, 7])
def test_an_answer_that_cannot_be_decrypted_is_told(kind: Kind, encrypted: object) -> None:
    with pytest.raises(AnswerMalformed):
        call(kind, httpx.Response(200, json={"code": 0, "encData": encrypted}), check=False)


@both
def test_a_no_is_a_no_before_it_is_opened(kind: Kind) -> None:
    with pytest.raises(PlatformRejected):
        call(kind, httpx.Response(200, json={"code": 1, "encData": "zz"}))


@both
def test_a_form_has_no_place_in_an_envelope(kind: Kind) -> None:
    caller = Caller(kind, Platform(httpx.Response(200)), profile="nhsa", credentials=ME)
    with pytest.raises(ValueError, match="json"):
        caller.request(Request("POST", "/x", form={"a": "b"}))
    with pytest.raises(ValueError, match="json"):
        caller.request(Request("POST", "/x", body=b"a"))
