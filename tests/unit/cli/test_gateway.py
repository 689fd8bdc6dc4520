"""``egov gateway``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.gateway.profiles import BUILT_IN
from tests.unit.cli.calling import Egov, Ran
from tests.unit.gateway.loopback import Connection, LoopbackServer, make_papers

SECRET = "s3cret/of+app"
AT = "2026-03-01T12:00:00+08:00"
AT_S = 1772337600
TIF = ("--profile", "tif", "--set", "id=app", "--secret-env", "APP_SECRET")
OWN = """
name = "ours"
like = "tif"
prefix = "x-ours-"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APP_SECRET", SECRET)
    return tmp_path


def _headers(ran: Ran) -> dict[str, str]:
    return {one["name"]: one["value"] for one in ran.json["headers"]}


def test_a_request_is_signed_as_the_profile_says(egov: Egov) -> None:
    ran = egov("gateway", "sign", "GET", "/a?x=1", *TIF, "--at", AT, "--json")
    assert ran.code == 0
    assert ran.json["schema_version"] == 1
    headers = _headers(ran)
    nonce = headers["x-tif-nonce"]
    expected = hashlib.sha256(f"{AT_S}{SECRET}{nonce}{AT_S}".encode()).hexdigest().upper()
    assert headers["x-tif-timestamp"] == str(AT_S)
    assert headers["x-tif-paasid"] == "app"
    assert headers["x-tif-signature"] == expected
    assert ran.json["target"] == "/a?x=1"


def test_signing_fields_may_stand_in_the_query(egov: Egov) -> None:
    ran = egov(
        "gateway", "sign", "GET", "https://x.test/a?b=%26", "--profile", "zhejiang", "--set", "id=app",
        "--secret-env", "APP_SECRET", "--at", AT,
    )  # fmt: skip
    expected = hashlib.md5(f"app{SECRET}{AT_S}000".encode(), usedforsecurity=False).hexdigest()
    first = ran.out.splitlines()[0]
    assert first == f"GET https://x.test/a?b=%26&appKey=app&sign={expected}&requestTime={AT_S}000"
    assert "session secret" in ran.err


def test_a_profile_of_ones_own_is_read_from_a_file(egov: Egov) -> None:
    Path("ours.toml").write_text(OWN, "utf-8")
    ran = egov("gateway", "sign", "GET", "/a", "--profile", "ours.toml", *TIF[2:], "--json")
    assert ran.json["profile"] == "ours"
    assert "x-ours-signature" in _headers(ran)


def test_the_path_of_the_profile_and_the_service_count(egov: Egov) -> None:
    ran = egov(
        "gateway", "sign", "POST", "https://x.test", "--profile", "national-1", "--set", "id=rid",
        "--set", "service=sid", "--secret-env", "APP_SECRET", "--at", AT, "--json",
    )  # fmt: skip
    digest = hmac.digest(SECRET.encode(), f"sidrid{AT_S}000".encode(), "sha256")
    assert ran.json["target"] == "https://x.test/httpproxy"
    assert _headers(ran)["gjgxjhpt_sign"] == base64.b64encode(digest).decode()


def test_a_profile_with_sm2_signs_the_body_with_a_key(egov: Egov) -> None:
    key = SM2PrivateKey.generate()
    Path("key.pem").write_bytes(key.to_pem())
    Path("body.json").write_text('{"a": 1}', "utf-8")
    ran = egov(
        "gateway", "sign", "POST", "/a?b=1", "--profile", "egov-sm2", "--set", "id=app", "--key", "key.pem",
        "--body", "body.json", "--at", AT, "--json",
    )  # fmt: skip
    headers = _headers(ran)
    time, nonce, digest = headers["Egov-Time"], headers["Egov-Nonce"], headers["Egov-Body-SM3"]
    text = f"egov-sm2-1\napp\n\n{time}\n{nonce}\nPOST\n/a\nb=1\n{digest}"
    key.public_key().verify(base64.b64decode(headers["Egov-Signature"]), text.encode())
    assert ran.json["body"] == '{"a": 1}'


def test_an_envelope_holds_the_body_and_its_signature(egov: Egov) -> None:
    Path("key.pem").write_bytes(SM2PrivateKey.generate().to_pem())
    Path("body.json").write_text('{"infno": "1101"}', "utf-8")
    ran = egov(
        "gateway", "sign", "POST", "/a", "--profile", "nhsa-plain", "--set", "id=app", "--secret-env", "APP_SECRET",
        "--key", "key.pem", "--body", "body.json",
    )  # fmt: skip
    assert ran.code == 0
    envelope = json.loads(ran.out.splitlines()[-1])
    assert envelope["data"] == {"infno": "1101"}
    assert len(base64.b64decode(envelope["signData"])) == 64


def test_an_envelope_may_be_empty(egov: Egov) -> None:
    Path("key.pem").write_bytes(SM2PrivateKey.generate().to_pem())
    rest = ("--set", "id=app", "--secret-env", "APP_SECRET", "--key", "key.pem")
    ran = egov("gateway", "sign", "GET", "/a", "--profile", "nhsa-plain", *rest, "--json")
    assert "data" not in json.loads(ran.json["body"])


def test_the_secret_is_asked_for_on_a_terminal(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("egov_sdk.cli._gateway_inputs._somebody_is_there", lambda: True)
    monkeypatch.setattr("egov_sdk.cli._gateway_inputs.getpass", lambda prompt: SECRET)
    ran = egov("gateway", "sign", "GET", "/a", "--profile", "tif", "--set", "id=app", "--at", AT, "--json")
    headers = _headers(ran)
    text = f"{AT_S}{SECRET}{headers['x-tif-nonce']}{AT_S}"
    assert headers["x-tif-signature"] == hashlib.sha256(text.encode()).hexdigest().upper()
    monkeypatch.setattr("egov_sdk.cli._gateway_inputs.getpass", lambda prompt: "")
    assert egov("gateway", "sign", "GET", "/a", "--profile", "tif", "--set", "id=app").code == 2


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("GET", "/a", "--profile", "tif", "--set", "id=app"), "nobody to ask"),
        (("GET", "/a", "--profile", "tif", "--set", "id=app", "--secret-env", "NOT_SET"), "NOT_SET"),
        (("GET", "/a", "--profile", "tif", "--secret-env", "APP_SECRET"), "the id"),
        (("GET", "/a", *TIF, "--set", "id=other"), "twice"),
        (("GET", "/a", *TIF, "--set", "secret=hidden"), "must not stand among the arguments"),
        (("GET", "/a", *TIF, "--set", "hidden"), "NAME=VALUE"),
        (("GET", "/a", *TIF, "--set", "nothing=hidden"), "no value nothing"),
        (("GET", "/a", "--profile", "nowhere"), "national-1"),
        (("GET", "/a", "--profile", "nowhere.toml"), "nowhere.toml"),
        (("GET", "a", *TIF), "begins with /"),
        (("GET", "ftp://x.test/a", *TIF), "https://"),
        (("GET", "https://who:hidden@x.test/a", *TIF), "password"),
        (("GET", "/a#b", *TIF), "fragment"),
        (("GET", "", *TIF), "path"),
        (("GET", "/a", *TIF, "--at", "noon"), "noon"),
        (("GET", "/a", *TIF, "--body", "nowhere"), "nowhere"),
        (("GET", "/a", "--profile", "egov-sm2", "--set", "id=app"), "private key"),
        (("FETCH", "/a", *TIF), "FETCH"),
        (("GET", "/a"), "--profile"),
    ],
)
@pytest.mark.parametrize("name", ["sign", "explain"])
def test_wrong_use_ends_with_2_and_repeats_no_secret(
    egov: Egov, name: str, arguments: tuple[str, ...], word: str
) -> None:
    ran = egov("gateway", name, *arguments)
    assert ran.code == 2
    assert word in ran.err
    assert ran.out == ""
    assert "hidden" not in ran.err
    assert SECRET not in ran.err


def test_a_line_break_in_a_credential_is_rejected(egov: Egov) -> None:
    ran = egov(
        "gateway", "sign", "GET", "/a", "--profile", "tif", "--set", "id=a\r\nb: c", "--secret-env", "APP_SECRET"
    )
    assert ran.code == 1
    assert "egov.gateway.unsafe_value" in ran.err


def test_an_envelope_needs_json(egov: Egov) -> None:
    Path("body").write_text("a=1", "utf-8")
    ran = egov("gateway", "sign", "POST", "/a", "--profile", "nhsa", "--body", "body", "--set", "id=app")
    assert ran.code == 2
    assert "no JSON" in ran.err


def test_an_explanation_tells_what_is_covered_and_hides_the_secret(egov: Egov) -> None:
    ran = egov("gateway", "explain", "POST", "/a?x=1", *TIF, "--at", AT, "--json")
    found = ran.json
    assert found["schema_version"] == 1
    assert found["covered"] == ["time", "nonce"]
    assert found["not_covered"] == ["method", "path", "query", "body", "service"]
    assert found["signing_string"].startswith(f"{AT_S}***")
    assert found["unverified"]
    assert SECRET not in ran.out


def test_an_explanation_in_words_hides_the_secret_too(egov: Egov) -> None:
    for name in ("tif", "zhejiang", "national-1", "shandong", "egov-hmac-sm3"):
        told = egov("gateway", "explain", "GET", "/a", "--profile", name, *TIF[2:], "--set", "service=s")
        assert told.code == 0
        assert SECRET not in told.out + told.err
        assert name in told.out


def test_an_explanation_comes_in_both_languages(egov: Egov) -> None:
    english = egov("gateway", "explain", "POST", "/a", *TIF).out
    chinese = egov("gateway", "explain", "POST", "/a", *TIF, "--lang", "zh").out
    assert "not covered     method, path, query, body, service" in english
    assert "签名未覆盖  方法, 路径, 查询串, 请求体, 服务" in chinese
    assert "尚未与平台核实" in chinese


def test_every_built_in_profile_is_listed_with_what_is_open(egov: Egov) -> None:
    found = egov("gateway", "profiles", "--json").json
    assert found["schema_version"] == 1
    assert [one["name"] for one in found["profiles"]] == list(BUILT_IN)
    for one in found["profiles"]:
        assert one["unverified"] == [text.en for text in BUILT_IN[one["name"]].unverified]
        assert one["covers_body"] is BUILT_IN[one["name"]].covers_body
    plain, chinese = egov("gateway", "profiles").out, egov("gateway", "profiles", "--lang", "zh").out
    for name, profile in BUILT_IN.items():
        assert name in plain
        assert profile.title.en in plain
        assert all(text.zh in chinese for text in (profile.title, *profile.unverified))


@contextmanager
def _answering(status: str, body: bytes, *, kind: str = "application/json") -> Iterator[LoopbackServer]:
    heads: list[bytes] = []

    async def serve(connection: Connection) -> None:
        while await connection.ask():
            heads.append(connection.head + connection.body)
            head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
            if not await connection.say(head.encode() + body):
                return

    with LoopbackServer(serve) as server:
        server.heads = heads  # type: ignore[attr-defined]  # what came in, whole
        yield server


def test_a_call_prints_status_and_body(egov: Egov) -> None:
    with _answering("200 OK", '{"名": "值"}\n'.encode()) as server:
        ran = egov("gateway", "call", "GET", f"{server.address}/a?x=1", *TIF)
        told = egov("gateway", "call", "GET", f"{server.address}/a?x=1", *TIF, "--json")
        assert server.requests == ["GET /a?x=1 HTTP/1.1"] * 2
        head = server.heads[0].decode()  # type: ignore[attr-defined]
    assert ran.code == told.code == 0
    assert ran.out.splitlines()[0] == "status 200"
    assert ran.out.splitlines()[-1] == '{"名": "值"}'
    assert told.json["schema_version"] == 1
    assert told.json["status"] == 200
    assert told.json["body"] == {"名": "值"}
    assert "x-tif-signature: " in head
    assert SECRET not in head + ran.out + ran.err


def test_a_call_without_a_profile_is_not_signed(egov: Egov) -> None:
    Path("body").write_bytes(b"a=1")
    with _answering("200 OK", b"fine \x1b[31m", kind="text/plain") as server:
        ran = egov("gateway", "call", "POST", f"{server.address}/a", "--body", "body", "--content-type", "text/plain")
        told = egov("gateway", "call", "POST", f"{server.address}/a", "--json")
        came = server.heads[0].decode().lower()  # type: ignore[attr-defined]
    assert ran.code == 0
    assert "\x1b" not in ran.out + told.out
    assert told.json["body"].startswith("fine ")
    assert "signature" not in came
    assert came.endswith("\r\n\r\na=1")


@pytest.mark.parametrize(
    ("status", "body", "profile", "code", "error"),
    [
        ("404 Not Found", b"{}", "tif", 1, "egov.gateway.request_rejected"),
        ("500 Oops", b"{}", "tif", 1, "egov.gateway.service_failed"),
        ("503 Busy", b"{}", "tif", 1, "egov.gateway.unavailable"),
        ("302 Found", b"", "tif", 1, "egov.gateway.redirected"),
        ("200 OK", b'{"code": 400001}', "shandong", 1, ""),
        ("200 OK", b"<html>", "shandong", 4, "egov.gateway.answer_malformed"),
        ("200 OK", b'{"data": {}}', "national-1", 4, "egov.gateway.secret_refresh_failed"),
    ],
)
def test_a_platform_that_says_no_ends_with_1_and_one_that_fails_with_4(
    egov: Egov, status: str, body: bytes, profile: str, code: int, error: str
) -> None:
    with _answering(status, body) as server:
        ran = egov(
            "gateway", "call", "GET", f"{server.address}/a", "--profile", profile, *TIF[2:],
            "--set", "service=s", "--attempts", "1", "--json",
        )  # fmt: skip
    assert ran.code == code, ran.out
    assert error in ran.json["error"]["code"]
    assert SECRET not in ran.out


def test_an_answer_without_a_body_is_its_status(egov: Egov) -> None:
    with _answering("204 No Content", b"") as server:
        ran = egov("gateway", "call", "DELETE", f"{server.address}/a")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "status 204"


def test_a_platform_that_is_not_there_ends_with_4(egov: Egov) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        ran = egov("gateway", "call", "GET", f"http://127.0.0.1:{one.getsockname()[1]}/a", *TIF, "--attempts", "1")
    assert ran.code == 4
    assert "egov.gateway.connect_failed" in ran.err
    assert ran.out == ""


def test_an_answer_that_is_cut_off_ends_with_4(egov: Egov) -> None:
    async def serve(connection: Connection) -> None:
        await connection.ask()
        await connection.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")

    with LoopbackServer(serve) as server:
        ran = egov("gateway", "call", "GET", f"{server.address}/a", "--attempts", "1")
    assert ran.code == 4
    assert "egov.gateway.answer_cut_off" in ran.err


def test_the_certificates_of_tls_can_be_named(egov: Egov, folder: Path) -> None:
    papers = make_papers(folder / "papers")

    async def serve(connection: Connection) -> None:
        if await connection.ask():
            await connection.say(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    with LoopbackServer(serve, papers.server()) as server:
        good = egov("gateway", "call", "GET", f"{server.address}/a", "--ca", papers.ca)
        bad = egov("gateway", "call", "GET", f"{server.address}/a", "--attempts", "1")
    assert good.code == 0
    assert good.out.splitlines()[-1] == "ok"
    assert bad.code == 4
    assert "egov.gateway.tls_failed" in bad.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("GET", "/a"), "URL"),
        (("GET", "http://127.0.0.1:9/a", "--set", "id=app"), "--profile"),
        (("GET", "http://127.0.0.1:9/a", "--secret-env", "APP_SECRET"), "--profile"),
        (("GET", "http://127.0.0.1:9/a", "--timeout", "0"), "total_s"),
        (("GET", "http://127.0.0.1:9/a", "--attempts", "0"), "attempts"),
        (("GET", "http://127.0.0.1:9/a", "--ca", "nowhere.pem"), "No such file"),
        (("GET", "http://127.0.0.1:99999/a"), "port"),
    ],
)
def test_a_call_that_makes_no_sense_is_not_sent(egov: Egov, arguments: tuple[str, ...], word: str) -> None:
    ran = egov("gateway", "call", *arguments)
    assert ran.code == 2
    assert word.lower() in ran.err.lower()
