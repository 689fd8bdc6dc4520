"""``egov platform mock``, ``record`` and ``replay``, as programs on the machine meet them."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from egov_sdk.door import connect
from egov_sdk.errors import NotOffered
from egov_sdk.gateway import in_process
from egov_sdk.license.model import Use
from egov_sdk.platform.recording.files import read_recording
from egov_sdk.platform.recording.recorder import Recorder
from egov_sdk.platform.seeding import HALL, ITEM_CODE, seeded_people
from egov_sdk.testing.server import ServedProvince
from tests.ports import free_port
from tests.programs import egov as program
from tests.unit.cli.calling import Egov

GOLDEN = Path(__file__).parents[1] / "platform" / "recording" / "golden" / "recording-1.jsonl"
TIF = Path(__file__).parent / "tif.toml"
WEB = {"transport": httpx.HTTPTransport(retries=30)}


@contextmanager
def running(
    *arguments: str, told: Callable[[str], bool], nohup: bool = False
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command until the block ends; what it said first."""
    process = subprocess.Popen(
        program("platform", *arguments, nohup=nohup),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "LANG": "C", "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    lines = ""
    for line in process.stdout:
        lines += line
        if told(line):
            break
    try:
        yield process, lines
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=90)


def wait_for(url: str) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as web:
        web.get(url)


@pytest.mark.parametrize("command", ["mock", "serve"])
def test_a_national_platform_is_recorded_and_replayed(tmp_path: Path, command: str) -> None:
    at, between, again = free_port(), free_port(), free_port()
    folder, file = tmp_path / "mock", tmp_path / "national.jsonl"
    use = Use(requester=HALL, purpose="办理业务", item_code=ITEM_CODE)
    person = seeded_people()[0]

    def ask(port: int) -> Any:
        with connect(f"http://127.0.0.1:{port}", config=folder / "hall.toml", environment={}) as gov:
            with pytest.raises(NotOffered):
                gov.seal.seals()
            return gov.license.types()

    with running(
        command, "--profile", "national", "--port", str(at), "--folder", str(folder), "--json",
        told=lambda line: line.startswith("}"),
    ) as (_, said):  # fmt: skip
        told = json.loads(said)
        wait_for(f"http://127.0.0.1:{at}/health")
        kinds = ask(at)
        assert len(kinds) == 3
        with running(
            "record", f"http://127.0.0.1:{at}", "--output", str(file), "--port", str(between),
            told=lambda line: "Ctrl-C" in line,
        ):  # fmt: skip
            wait_for(f"http://127.0.0.1:{between}/health")
            with connect(f"http://127.0.0.1:{between}", config=folder / "hall.toml", environment={}) as gov:
                gov.license.types()
                gov.license.search(person.number, use=use)
        bearer = {"authorization": f"Bearer {Path(told['switches_token']).read_text().strip()}"}
        with httpx.Client(base_url=told["switches"], headers=bearer) as switches:
            assert switches.post("/faults", json={"operation": "*", "fault": "cut"}).status_code == 201
            with pytest.raises(httpx.HTTPError):
                httpx.get(f"{told['url']}/health")
            assert switches.delete("/faults").status_code == 204
        assert httpx.get(f"{told['url']}/health").json() == {"status": "ok"}
    text = file.read_text("utf-8")
    secret = (folder / "hall.secret").read_text().strip()
    for one in (person.number, person.name, secret, json.dumps(person.name)[1:-1]):
        assert one not in text
    assert file.stat().st_mode & 0o077 == 0
    config = ("--config", str(folder / "hall.toml"))
    with running("replay", str(file), "--port", str(again), *config, told=lambda line: "Ctrl-C" in line):
        wait_for(f"http://127.0.0.1:{again}/health")
        assert [one.code for one in ask(again)] == [one.code for one in kinds]
        with httpx.Client(base_url=f"http://127.0.0.1:{again}") as web:
            assert web.get("/health").json() == {"status": "ok"}
            assert web.get("/else").status_code == 404


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["mock", "--port", "0"], "--port"),
        (["mock", "--profile", "x"], "national"),
        (["record", "https://x.example", "--output", "/nowhere/at/all/x.jsonl", "--port", "99999"], "--port"),
        (["record", "ftp://x", "--output", "x.jsonl"], "address"),
        (["record", "https://x.example", "--output", "/nowhere/at/all/x.jsonl"], "nowhere"),
        (["replay", "/nowhere/at/all.jsonl"], "nowhere"),
        (["replay", __file__], "recording"),
        (["replay", str(GOLDEN), "--config", "/nowhere/at/all.toml"], "nowhere"),
        (["replay", str(GOLDEN), "--config", str(TIF)], "no desk for secrets"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_done(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = egov("platform", *arguments)
    assert ran.code in (2, 1)
    assert word in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_is_there_is_not_written_over(egov: Egov, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text("mine")
    ran = egov("platform", "record", "https://x.example", "--output", str(file))
    assert (ran.code, file.read_text()) == (2, "mine")


@pytest.mark.parametrize("ended", [signal.SIGTERM, signal.SIGHUP])
def test_a_recording_is_written_however_the_program_is_ended(tmp_path: Path, ended: signal.Signals) -> None:
    file, port = tmp_path / "录 制.jsonl", free_port()
    arguments = ("record", "http://127.0.0.1:1", "--output", str(file), "--port", str(port))
    with running(*arguments, told=lambda line: "Ctrl-C" in line) as (process, _):
        wait_for(f"http://127.0.0.1:{port}/health")
        process.send_signal(ended)
        assert process.wait(timeout=90) == 0
    assert [one.name for one in tmp_path.iterdir()] == [file.name]
    assert file.read_text("utf-8").startswith('{"egov_recording": 1')


def test_a_recording_goes_on_when_the_terminal_is_gone_and_nohup_said_so(tmp_path: Path) -> None:
    file, port = tmp_path / "x.jsonl", free_port()
    arguments = ("record", "http://127.0.0.1:1", "--output", str(file), "--port", str(port))
    with running(*arguments, told=lambda line: "Ctrl-C" in line, nohup=True) as (process, _):
        wait_for(f"http://127.0.0.1:{port}/health")
        process.send_signal(signal.SIGHUP)
        wait_for(f"http://127.0.0.1:{port}/health")
    assert process.returncode == 0
    assert file.read_text("utf-8").startswith('{"egov_recording": 1')


def test_a_recording_that_the_disk_does_not_take_is_kept_elsewhere(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(recorder: Recorder, port: int) -> None:
        with httpx.Client(transport=in_process.transport(recorder), base_url="http://x") as client:
            client.get("/health")

    @contextmanager
    def full(path: Path, *, replace: bool, private: bool) -> Iterator[object]:
        yield SimpleNamespace(write=lambda octets: None)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("egov_sdk.cli._platform_record._serve", asked)
    monkeypatch.setattr("egov_sdk.cli._platform_record.new_file", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    with ServedProvince() as province:
        ran = egov("platform", "record", province.url, "--output", str(tmp_path / "x.jsonl"))
    (kept,) = (tmp_path / "elsewhere").glob("*/x.jsonl")
    assert (ran.code, str(kept) in ran.err, len(read_recording(kept))) == (4, True, 1)
