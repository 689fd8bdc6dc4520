"""``egov demo``: the whole job and the life of a licence, twice, from any folder."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from egov_sdk.cli import demo
from egov_sdk.crypto import load_private_key
from egov_sdk.ofd import open_ofd
from egov_sdk.report import ANSWERS, Outcome
from tests.unit.cli.calling import Egov, run_alone

FILES = {
    "root.pem", "maker.pem", "bureau.pem", "bureau.esl", "seal.png", "certificate.ofd", "sealed.ofd", "tampered.ofd",
    "license.ofd", "shown.svg", "shown.txt", "states.egsl", "root.key.pem", "maker.key.pem", "bureau.key.pem",
    "evidence.json", "answer-evidence.json", "other.pem",
}  # fmt: skip


def test_it_runs_alone_twice_and_its_files_verify(tmp_path: Path) -> None:
    first = run_alone("demo", folder=tmp_path)
    assert first.code == 0, first.err
    folder = tmp_path / "egov-demo"
    assert {path.name for path in folder.iterdir()} == FILES
    root = (folder / "root.pem").read_bytes()
    assert run_alone("demo", folder=tmp_path).code == 0
    assert (folder / "root.pem").read_bytes() != root
    assert {path.name for path in folder.iterdir()} == FILES
    trust = ("--trust", "egov-demo/root.pem")
    assert run_alone("verify", "egov-demo/sealed.ofd", *trust, folder=tmp_path).code == 0
    assert run_alone("verify", "egov-demo/sealed.ofd", folder=tmp_path).code == 3
    caught = run_alone("verify", "egov-demo/tampered.ofd", *trust, "--json", folder=tmp_path)
    assert caught.code == 1
    failed = [check for check in caught.json["checks"] if check["outcome"] == "failed"]
    assert [(check["id"], check["reason"]) for check in failed] == [("integrity.references", "file_changed")]


def test_the_steps_are_numbered_and_the_next_commands_work(egov: Egov, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    ran = egov("demo", "--folder", folder)
    assert ran.code == 0
    numbers = [line.split()[0] for line in ran.out.splitlines() if line[:1].isdigit()]
    assert numbers == [str(number) for number in range(1, 13)]
    assert "PASSED" in ran.out
    assert "REJECTED: integrity.references" in ran.out
    assert "8  Somebody signs in for a company: 示例食品有限公司" in ran.out
    assert "REJECTED: trust.state" in ran.out
    assert "REJECTED: coverage.status" in ran.out
    assert ran.out.count("PASSED") == 5
    import shlex

    told = ran.out.partition("Now try")[2].partition("  egov platform serve")
    commands = [line.strip() for line in told[0].splitlines() if line.startswith("  egov ")]
    assert "docs/en/tutorial.md" in told[2]
    assert len(commands) >= 4
    codes = [egov(*(word for word in shlex.split(line.rpartition("  ")[0] or line)[1:])).code for line in commands]
    assert codes == [0, 3, 1, 0, 0, 0, 0, 0]


def test_keys_are_not_for_others(egov: Egov, tmp_path: Path) -> None:
    assert egov("demo", "--folder", tmp_path).code == 0
    for path in tmp_path.glob("*.key.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_private_key(path.read_bytes())


def test_json_holds_every_report(egov: Egov, tmp_path: Path) -> None:
    found = egov("demo", "--folder", tmp_path, "--json").json
    assert found["sealed"]["answers"] == dict.fromkeys(ANSWERS, "passed")
    assert found["tampered"]["outcome"] == "failed"
    assert set(found["files"]) == FILES
    signed_in = found["signed_in"]
    assert (signed_in["level"], signed_in["method"]) == ("real_name", "password")
    assert signed_in["refused_again"].startswith("egov.identity.")
    outcomes = {
        name: found[name]["outcome"] for name in ("license", "scanned", "sent", "answered", "revoked", "scanned_after")
    }
    assert outcomes == {
        **dict.fromkeys(("license", "scanned", "sent", "answered"), "passed"),
        **dict.fromkeys(("revoked", "scanned_after"), "failed"),
    }


def test_it_speaks_chinese(egov: Egov, tmp_path: Path) -> None:
    out = egov("demo", "--folder", tmp_path, "--lang", "zh").out
    assert "本地根机构" in out
    assert "拒绝" in out


def test_a_folder_that_cannot_be_made_is_wrong_usage(egov: Egov, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = egov("demo", "--folder", tmp_path / "file" / "below")
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_one_character_is_all_that_was_changed() -> None:
    done = demo.play(at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert done.sealed_report.outcome is Outcome.PASSED
    before, after = open_ofd(done.sealed), open_ofd(done.tampered)
    assert before.names == after.names
    changed = [name for name in before.names if before.read(name) != after.read(name)]
    assert changed == [before.documents[0].pages[0].name]
    old, new = (package.read(changed[0]).decode() for package in (before, after))
    assert sum(one != other for one, other in zip(old, new, strict=True)) == 1
    assert done.tampered_report.answer("integrity") is Outcome.FAILED


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        demo.play(at=datetime(2026, 1, 2))  # noqa: DTZ001 - the mistake tested here


def test_how_somebody_signed_in_is_told_in_chinese(egov: Egov, tmp_path: Path) -> None:
    told = egov("demo", "--folder", tmp_path, "--lang", "zh").out
    assert "实名等级 实名，方式 密码" in "".join(told.split("\n"))
