"""Requests, answers and flows as values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from egov_sdk.gateway import Answer, Credentials, Request, built_in
from egov_sdk.gateway.messages import Pause, ask, pause


def answer(body: bytes, kind: str = "") -> Answer:
    return Answer(200, (("Content-Type", kind), ("X-A", "1"), ("x-a", "2")), body)


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        ("登录".encode(), "text/html", "登录"),
        ("登录".encode("gbk"), "text/html; charset=GBK", "登录"),
        ("登录".encode("gbk"), 'text/html; charset="gb18030"; x=y', "登录"),
        (b"a\xffb", "text/plain", "a\ufffdb"),
        (b"plain", "text/plain; charset=klingon", "plain"),
        (b"plain", "text/plain; charset=", "plain"),
    ],
)
def test_text_is_read_in_its_charset(body: bytes, kind: str, expected: str) -> None:
    assert answer(body, kind).text == expected


def test_headers_are_found_in_any_case() -> None:
    found = answer(b"")
    assert (found.header("X-A"), found.header("x-A"), found.header("missing")) == ("1", "1", "")


def test_an_answer_shows_neither_its_body_nor_its_headers() -> None:
    shown = repr(answer(b"personal", "secret/kind"))
    assert "personal" not in shown
    assert "secret" not in shown


def test_no_body_is_not_null() -> None:
    assert Request("POST", "/").json is not None
    assert repr(Request("POST", "/").json) == "no JSON"
    assert replace(Request("POST", "/"), json=None).json is None


def test_a_request_is_safe_when_it_only_reads() -> None:
    safe = [method for method in ("GET", "HEAD", "OPTIONS") if Request(method, "/").is_safe]
    assert safe == ["GET", "HEAD", "OPTIONS"]
    assert not Request("PUT", "/").is_safe


def test_a_flow_without_an_answer_is_a_drivers_mistake() -> None:
    flow = ask(Request("GET", "/"))
    next(flow)
    with pytest.raises(RuntimeError, match="driver"):
        flow.send(None)


def test_a_pause_asks_for_its_seconds() -> None:
    assert next(pause(3.5)) == Pause(3.5)


def test_credentials_and_profiles_can_be_kept_in_sets() -> None:
    assert len({Credentials("a", secret="b"), Credentials("a", secret="b"), Credentials("c")}) == 2
    assert len({built_in("tif"), built_in("tif")}) == 1
