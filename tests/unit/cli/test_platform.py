"""``egov platform``."""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from egov_sdk.exchange import Party
from egov_sdk.exchange.node import Draft
from egov_sdk.platform.seeding import MARKET
from egov_sdk.platform.served import ServedProvince
from egov_sdk.platform.serving import Listening
from tests.ports import free_port
from tests.programs import egov as program
from tests.unit.cli.calling import Egov

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def port() -> int:
    return free_port()


def served(folder: Path, port: int, *more: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    process = subprocess.Popen(
        program("platform", "serve", "--port", port, "--json", "--folder", folder, *more),
        stdout=subprocess.PIPE, text=True, env={**os.environ, "LANG": "C"},
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("}"):
            break
    told = json.loads("".join(lines))
    assert isinstance(told, dict)
    return process, told


def ended(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=90)
    return rest


def test_it_serves_until_it_is_ended_and_says_no_secret(tmp_path: Path, port: int) -> None:
    process, told = served(tmp_path / "p", port)
    try:
        url = f"http://127.0.0.1:{port}"
        assert (told["url"], [one["id"] for one in told["callers"]]) == (url, ["hall", "office"])
        assert "secrets" not in told
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as web:
            assert web.get(told["health"]).json() == {"status": "ok"}
            assert web.get(told["document"]).json()["openapi"].startswith("3.1")
            assert web.get(told["sign_in"]).json()["issuer"] == f"{url}/identity"
            assert web.get(f"{url}/egov/v1/licenses/1").status_code == 401
            assert web.get(told["health"], headers={"host": "evil.example"}).status_code == 400
    finally:
        rest = ended(process)
    kept = [path.read_text("ascii").strip() for path in (tmp_path / "p").glob("*.secret")]
    assert len(kept) == 2
    assert all(secret not in json.dumps(told) + rest for secret in kept)


def test_secrets_are_told_to_who_asks_for_them(tmp_path: Path, port: int) -> None:
    process, told = served(tmp_path / "p", port, "--show-secrets", "--profile", "tif")
    ended(process)
    kept = {path.stem: path.read_text("ascii").strip() for path in (tmp_path / "p").glob("*.secret")}
    kept["people"] = (tmp_path / "p" / "people.password").read_text("ascii").strip()
    assert (told["secrets"], told["profile"], sorted(kept)) == (kept, "tif", ["hall", "office", "people"])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--port", "0"], "--port"),
        (["--port", "65536"], "--port"),
        (["--profile", "national-1"], "egov-sm2"),
        (["--profile", "x"], "egov-sm2"),
        (["--profile", "national", "--workers", "2"], "national"),
        (["--profile", "zj-irs", "--url", "https://zheng.example.cn"], "zj-irs"),
        (["--profile", "shandong", "--no-seed"], "shandong"),
        (["--workers", "0"], "--workers"),
        (["--proxy", "everybody"], "--proxy"),
        (["--rate", "-1"], "--rate"),
        (["--url", "zheng.example.cn"], "--url"),
        (["--url", "https://zheng.example.cn/x"], "--url"),
        (["--key", "key.pem"], "--certificate"),
        (["--certificate", "nothing.pem"], "nothing.pem: No such file"),
        (["--certificate", __file__], "expected a certificate and its key"),
        (["--department", "d"], "--code"),
        (["--department", "d", "--code", "1"], "--code"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_made(
    egov: Egov, tmp_path: Path, arguments: list[str], word: str
) -> None:
    ran = egov("platform", "serve", "--folder", str(tmp_path / "p"), *arguments)
    assert ran.code == 2
    assert word in ran.err
    assert not (tmp_path / "p").exists()


def test_every_worker_knows_the_department_beside_the_province(
    egov: Egov, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = list[bool]()

    def worker(make_app: ServedProvince, listening: Listening, *, workers: int) -> None:
        standing = pickle.loads(pickle.dumps(make_app)).open()  # as in a process of its own
        draft = Draft(to=Party(code=MARKET.code), content=b"{}", service="s", purpose="核验", basis=("条例",))
        number = standing.office.exchange.send(draft).number
        until = time.monotonic() + 90
        while not (receipted := standing.office.exchange.find(number).receipted) and time.monotonic() < until:
            threading.Event().wait(0.02)  # for the process that delivers
        standing.close()
        sent.append(receipted)

    monkeypatch.setattr("egov_sdk.platform.serving.serve_workers", worker)
    ran = egov("platform", "serve", "--folder", str(tmp_path / "p"), "--port", str(port), "--workers", "2")
    assert (ran.code, sent) == (0, [True])


def test_a_port_that_is_taken_is_told(egov: Egov, tmp_path: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        ran = egov("platform", "serve", "--folder", str(tmp_path / "p"), "--port", str(port), "--no-seed")
    assert (ran.code, ran.out) == (2, "")
    assert f"127.0.0.1:{port}" in ran.err
    assert not (tmp_path / "p").exists()


def test_a_folder_that_is_a_file_is_told(egov: Egov, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("x")
    ran = egov("platform", "serve", "--folder", str(tmp_path / "p"), "--port", "8080")
    assert ran.code == 2
    assert "Traceback" not in ran.err
