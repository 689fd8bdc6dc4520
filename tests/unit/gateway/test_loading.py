"""Profiles of one's own come from TOML, and a mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import ConfigError
from egov_sdk.gateway import Credentials, built_in, load_profile
from egov_sdk.gateway.errors import ProfileError
from egov_sdk.gateway.loading import parse_profile
from egov_sdk.gateway.signing import Signable, sign

TEN_LINES = """\
name = "my-province"
time = "ms"
nonce = "hex"
signing_string = "{id}{time}{nonce}"
digest = "hmac-sha256"
[fields]
X-Client-Id = "{id}"
X-Timestamp = "{time}"
X-Nonce = "{nonce}"
X-Signature = "{signature}"
"""

EVERYTHING = r"""
name = "everything"
title = { en = "All", zh = "全部" }
place = "header"
prefix = "p-"
time = "s"
nonce = "uuid"
signing_string = "{method}\n{path}[\n{query}]{id}{time}{nonce}{uid}{version}"
digest = "hmac-sm3"
encoding = "HEX"
skew_s = 60
query_form = "sorted"
call_path = "/call/{service}"
unverified = ["all of it", { en = "one", zh = "一" }]
source = "made up"

[fields]
id = "{id}"
time = "{time}"
nonce = "{nonce}"
sign = "{signature}"
uid = "{uid}"
version = "{version}"
auth = "Bearer {token}"

[values]
uid = ""
version = "1.0"

[answer]
code = "status.code"
success = ["0", "ok"]
message = "status.text"
request_id = ["trace"]
codes = { "401" = "signature", "77" = "skew" }
texts = { "too often" = "rate" }

[token]
member = "token.value"
ends = "token.ends"
renewal_member = "token.refresh"
renewal_ends = ["token.refreshEnds"]
life_s = 60.5
refresh_at = 0.5
gives = "token"
per_service = true

[token.login]
path = "/login"
body = "json"
fields = { app = "{id}", key = "{secret}" }

[token.renew]
path = "/renew"
method = "GET"
"""


def test_a_new_platform_is_ten_lines() -> None:
    assert TEN_LINES.count("\n") == 10
    profile = parse_profile(TEN_LINES)
    signed = sign(
        Signable(method="GET", path="/"),
        profile=profile,
        credentials=Credentials("c", secret="s"),
        at=1_700_000_000,
        nonce="n",
    )
    assert dict(signed.fields)["X-Timestamp"] == "1700000000000"
    # the same scheme as Shandong's, so the same signature
    twin = sign(
        Signable(method="GET", path="/"),
        profile=built_in("shandong"),
        credentials=Credentials("c", secret="s"),
        at=1_700_000_000,
        nonce="n",
    )
    assert dict(signed.fields)["X-Signature"] == dict(twin.fields)["X-Signature"]


def test_every_setting_can_be_written() -> None:
    profile = parse_profile(EVERYTHING)
    assert profile.title.zh == "全部"
    assert profile.unverified[0].zh == "all of it"
    assert profile.answer.success == {"0", "ok"}
    assert profile.answer.message == ("status.text",)
    assert profile.answer.codes["77"] == "skew"
    assert profile.token is not None
    assert profile.token.renew is not None
    assert profile.token.renew.method == "GET"
    assert profile.token.life_s == 60.5


def test_a_profile_can_start_from_a_built_in_one() -> None:
    profile = parse_profile('name = "jiangsu"\nlike = "national-1"\nprefix = "jsjhpt_"')
    assert [wire for wire, _, _ in profile._fields] == ["jsjhpt_rid", "jsjhpt_sid", "jsjhpt_rtime", "jsjhpt_sign"]
    assert profile.token == built_in("national-1").token


def _with(line: str) -> str:
    return f"{line}\n{TEN_LINES}"


BAD = {
    "no TOML": ("name = ", ""),
    "not even text": ("\x00", ""),
    "nothing": ("", "name"),
    "no fields": ('name = "a"\nsigning_string = ""\ndigest = "md5"', "fields"),
    "a misspelt setting": (_with('diggest = "md5"'), "diggest"),
    "an unknown table": (TEN_LINES + "[extra]\na = 1", "extra"),
    "a number for a text": (_with("prefix = 1"), "prefix"),
    "a text for a number": (_with('skew_s = "60"'), "skew_s"),
    "a truth value for a number": (_with("skew_s = true"), "skew_s"),
    "a text for a truth value": (
        _with('token = { member = "a", login = { path = "/a", repeat_fields = "no" } }'),
        "token.login.repeat_fields",
    ),
    "a text for a table": (_with('values = "a"'), "values"),
    "a number in a table of texts": (_with("values = { a = 1 }"), "values.a"),
    "a text for a list": (_with('unverified = "a"'), "unverified"),
    "one language only": (_with('title = { en = "a" }'), "title"),
    "a number in a list": (_with('answer = { code = "c", success = [0] }'), "answer.success"),
    "a number for a list": (_with('answer = { code = "c", success = 0 }'), "answer.success"),
    "a kind that is none": (_with('answer = { codes = { "1" = "bad" } }'), "answer.codes"),
    "a misspelt part": (_with('answer = { kode = "c" }'), "answer.kode"),
    "a token without login": (_with('token = { member = "a" }'), "token.login"),
    "a login without a path": (_with('token = { member = "a", login = {} }'), "token.login.path"),
    "a private setting": (_with('_string = "a"'), "_string"),
    "a base that is no text": (_with("like = 1"), "like"),
    "contradictions": (_with('query_form = "reversed"'), "query_form"),
    "half of TOML": (TEN_LINES + "[[fields]]\n", ""),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_named_with_its_place(case: str) -> None:
    text, setting = BAD[case]
    with pytest.raises(ProfileError) as caught:
        parse_profile(text)
    assert caught.value.detail["setting"] == setting


def test_a_misspelt_setting_is_told_what_may_be_meant() -> None:
    with pytest.raises(ProfileError, match="is 'digest' meant"):
        parse_profile(_with('digset = "md5"'))


def test_a_base_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError, match="national-1"):
        parse_profile('name = "a"\nlike = "national-9"')


@given(st.text(max_size=200))
def test_any_text_is_a_profile_or_a_named_mistake(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_profile(text)


def test_a_profile_is_loaded_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(TEN_LINES, "utf-8")
    assert load_profile(path) == load_profile(str(path)) == parse_profile(TEN_LINES)


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe", b"#" * 300_000, b"name = 1"], ids=["no file", "no UTF-8", "too large", "a mistake"]
)
def test_a_file_that_cannot_be_used_is_a_wrong_setting(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "profile.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ProfileError):
        load_profile(path)


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(ProfileError):
        load_profile(tmp_path)
