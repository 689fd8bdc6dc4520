"""A profile whose parts contradict each other is refused with the name of the setting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from egov_sdk.errors import ConfigError
from egov_sdk.gateway import GatewayProfile, built_in
from egov_sdk.gateway.errors import ProfileError
from egov_sdk.gateway.profile import SETTINGS, AnswerRule, TokenCall, TokenFlow

GOOD: dict[str, Any] = {
    "name": "mine",
    "fields": {"X-Id": "{id}", "X-Time": "{time}", "X-Sign": "{signature}"},
    "signing_string": "{id}{time}",
    "digest": "hmac-sha256",
}
FLOW: dict[str, Any] = {"login": TokenCall(path="/token"), "member": "data.token"}
CODED = AnswerRule(code="code", success=frozenset({"0"}))


def _fields(**changes: str | None) -> dict[str, str]:
    fields = {**GOOD["fields"], **{name.replace("_", "-"): text for name, text in changes.items()}}
    return {name: text for name, text in fields.items() if text is not None}


def test_the_smallest_profile_is_four_settings() -> None:
    profile = GatewayProfile(**GOOD)
    assert (profile.place, profile.time, profile.encoding, profile.skew_s) == ("header", "ms", "base64", 300.0)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a name with capitals": ({"name": "Mine"}, "name"),
    "no name": ({"name": ""}, "name"),
    "an unknown digest": ({"digest": "crc32"}, "digest"),
    "an unknown encoding": ({"encoding": "base32"}, "encoding"),
    "an unknown place": ({"place": "cookie"}, "place"),
    "an unknown time": ({"time": "iso"}, "time"),
    "an unknown nonce": ({"nonce": "random"}, "nonce"),
    "an unknown order of the query": ({"query_form": "reversed"}, "query_form"),
    "an unknown envelope": ({"envelope": "soap"}, "envelope"),
    "no window": ({"skew_s": 0}, "skew_s"),
    "a window of a week": ({"skew_s": 604_800}, "skew_s"),
    "a window that is no number": ({"skew_s": float("nan")}, "skew_s"),
    "a path without slash": ({"call_path": "x"}, "call_path"),
    "a hole that nobody fills": ({"signing_string": "{id}{time}{colour}"}, "signing_string"),
    "a hole in a field that nobody fills": ({"fields": _fields(X_A="{colour}")}, "fields.X-A"),
    "a string that does not close": ({"signing_string": "{id}{time"}, "signing_string"),
    "a field that does not close": ({"fields": _fields(X_A="{id")}, "fields.X-A"),
    "no signature": ({"fields": _fields(X_Sign=None)}, "fields"),
    "two signatures": ({"fields": _fields(X_A="{signature}")}, "fields"),
    "a signature with something beside it": ({"fields": _fields(X_Sign="v1={signature}")}, "fields"),
    "a signature inside the string": ({"signing_string": "{id}{time}{signature}"}, "signing_string"),
    "a secret that is sent": ({"fields": _fields(X_A="{secret}")}, "fields.X-A"),
    "two fields of one name": ({"fields": {**GOOD["fields"], "x-id": "{id}"}}, "fields"),
    "a field with a space": ({"fields": {**GOOD["fields"], "X A": "1"}}, "fields"),
    "a field with a line break": ({"fields": {**GOOD["fields"], "X\r\nA": "1"}}, "fields"),
    "a time that is not signed": ({"signing_string": "{id}"}, "time"),
    "a time that is signed and not sent": ({"fields": _fields(X_Time=None)}, "time"),
    "a time that is sent without having one": ({"time": ""}, "time"),
    "a nonce that is not sent": ({"nonce": "hex"}, "nonce"),
    "a nonce that is not signed": ({"nonce": "hex", "fields": _fields(X_Nonce="{nonce}")}, "nonce"),
    "a nonce that is not made": (
        {"fields": _fields(X_Nonce="{nonce}"), "signing_string": "{id}{time}{nonce}"},
        "nonce",
    ),
    "an id that is signed and not sent": ({"fields": _fields(X_Id=None)}, "fields"),
    "a service that is signed and not sent": ({"signing_string": "{id}{service}{time}"}, "fields"),
    "a hash without a key": ({"digest": "sha256"}, "signing_string"),
    "SM3 without a key": ({"digest": "sm3"}, "signing_string"),
    "SM2 in hexadecimal": ({"digest": "sm2", "encoding": "hex"}, "encoding"),
    "a value with the name of a hole": ({"values": {"time": ""}}, "values.time"),
    "a value with a capital": ({"values": {"Uid": ""}}, "values.Uid"),
    "a value that is signed and not sent": (
        {"values": {"uid": ""}, "signing_string": "{id}{time}{uid}"},
        "fields",
    ),
    "a token without a flow": ({"fields": _fields(X_Token="{token}")}, "token"),
    "a token that is not sent": ({"token": TokenFlow(**FLOW, gives="token"), "answer": CODED}, "token"),
    "a flow whose answer nobody can judge": ({"token": TokenFlow(**FLOW)}, "answer.code"),
    "an envelope outside of the body": ({"envelope": "nhsa"}, "envelope"),
    "a body without an envelope": ({"place": "json"}, "envelope"),
    "fields repeated in a body that is signed": (
        {
            "signing_string": "{id}{time}{body_sm3}",
            "token": TokenFlow(login=TokenCall(path="/t", body="json", repeat_fields=True), member="t"),
            "answer": CODED,
        },
        "token",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_contradiction_is_refused_and_its_setting_named(case: str) -> None:
    changes, setting = BAD[case]
    with pytest.raises(ProfileError) as caught:
        GatewayProfile(**{**GOOD, **changes})
    assert caught.value.code == "egov.gateway.profile"
    assert isinstance(caught.value, ConfigError)
    assert caught.value.detail["setting"] == setting


PARTS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "an unknown kind of failure": (AnswerRule, {"codes": {"1": "bad"}}, "answer.codes"),
    "an unknown kind for a text": (AnswerRule, {"texts": {"x": ""}}, "answer.codes"),
    "a code without success": (AnswerRule, {"code": "code"}, "answer.success"),
    "success without a code": (AnswerRule, {"success": frozenset({"0"})}, "answer.success"),
    "a token call without slash": (TokenCall, {"path": "token"}, "token.path"),
    "a token call with another method": (TokenCall, {"path": "/t", "method": "PUT"}, "token.body"),
    "a token call with another body": (TokenCall, {"path": "/t", "body": "xml"}, "token.body"),
    "fields without a body": (TokenCall, {"path": "/t", "fields": {"a": "b"}}, "token.fields"),
    "repeated fields without a body": (TokenCall, {"path": "/t", "repeat_fields": True}, "token.fields"),
    "a field that nobody fills": (TokenCall, {"path": "/t", "body": "form", "fields": {"a": "{time}"}}, "token.fields"),
    "a token that is nowhere": (TokenFlow, {**FLOW, "member": ""}, "token.member"),
    "a life of nothing": (TokenFlow, {**FLOW, "life_s": 0}, "token.refresh_at"),
    "a refresh at the end": (TokenFlow, {**FLOW, "refresh_at": 1.0}, "token.refresh_at"),
    "a renewal without a refresh secret": (TokenFlow, {**FLOW, "renew": TokenCall(path="/r")}, "token.renew"),
    "a refresh secret without a renewal": (TokenFlow, {**FLOW, "renewal_member": "r"}, "token.renew"),
    "something else that it gives": (TokenFlow, {**FLOW, "gives": "cookie"}, "token"),
    "another decryption": (TokenFlow, {**FLOW, "decrypt": "rot13"}, "token"),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_contradiction_in_a_part_is_refused(case: str) -> None:
    part, settings, setting = PARTS[case]
    with pytest.raises(ProfileError) as caught:
        part(**settings)
    assert caught.value.detail["setting"] == setting


def test_a_profile_cannot_be_changed_and_not_through_what_it_was_made_of() -> None:
    fields = dict(GOOD["fields"])
    profile = GatewayProfile(**{**GOOD, "fields": fields})
    fields["X-Id"] = "other"
    assert profile.fields["X-Id"] == "{id}"
    with pytest.raises(TypeError):
        profile.fields["X-Id"] = "other"  # type: ignore[index]  # the mistake
    with pytest.raises(AttributeError):
        profile.prefix = "x-"  # type: ignore[misc]  # the mistake


def test_another_prefix_is_one_replacement() -> None:
    rio = replace(built_in("tif"), name="rio", prefix="x-rio-")
    assert next(wire for wire, _, _ in rio._fields) == "x-rio-paasid"
    assert rio != built_in("tif")
    assert rio == replace(built_in("tif"), name="rio", prefix="x-rio-")
    assert len({rio, built_in("tif"), replace(rio)}) == 2


def test_a_profile_tells_whether_it_covers_the_body() -> None:
    covering = {name for name in ("national-1", "tif", "egov-sm2", "nhsa") if built_in(name).covers_body}
    assert covering == {"egov-sm2", "nhsa"}


def test_the_settings_are_those_that_a_caller_may_give() -> None:
    assert {"name", "fields", "signing_string", "digest", "token", "answer"} <= set(SETTINGS)
    assert not [name for name in SETTINGS if name.startswith("_")]
