"""``egov seal stamp`` and ``egov seal sign``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov, Ran
from tests.unit.cli.world import PASSWORD

pytestmark = pytest.mark.usefixtures("world")

SEAL = ("--seal", "bureau.esl", "--key", "bureau.key.pem")
SIGN = ("--key", "bureau.key.pem", "--certificate", "bureau.pem")


def judged(egov: Egov, name: str) -> Ran:
    return egov("verify", name, "--trust", "root.pem", "--json")


@pytest.mark.parametrize(
    "places",
    [
        ("--at", "1,140,230"),
        ("--at", "1,140,230", "--at", "2,20.5,30"),
        ("--seam", "right"),
        ("--at", "2,0,0", "--seam", "left", "--seam", "top"),
    ],
)
def test_what_is_stamped_verifies(egov: Egov, places: tuple[str, ...]) -> None:
    assert egov("seal", "stamp", "plain.ofd", "out.ofd", *SEAL, *places).code == 0
    found = judged(egov, "out.ofd")
    assert found.code == 0
    assert found.json["outcome"] == "passed"


def test_what_is_signed_verifies(egov: Egov) -> None:
    assert egov("seal", "sign", "plain.ofd", "out.ofd", *SIGN).code == 0
    assert judged(egov, "out.ofd").code == 0


def test_a_document_takes_a_second_seal_until_it_is_closed(egov: Egov) -> None:
    assert egov("seal", "stamp", "sealed.ofd", "two.ofd", *SEAL, "--at", "2,10,10", "--close").code == 0
    assert judged(egov, "two.ofd").code == 0
    ran = egov("seal", "stamp", "two.ofd", "three.ofd", *SEAL, "--at", "2,50,50", "--json")
    assert ran.code == 1
    assert ran.json["error"]["code"] == "egov.seal.stamp.closed"
    assert not Path("three.ofd").exists()


def test_the_key_may_be_a_uri_and_locked(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    ran = egov(
        "seal", "stamp", "plain.ofd", "out.ofd", "--seal", "bureau.esl", "--key", "file:locked.key.pem",
        "--password-env", "KEY_PASSWORD", "--at", "1,10,10",
    )  # fmt: skip
    assert ran.code == 0
    assert PASSWORD not in ran.out + ran.err


def test_the_time_of_signing_can_be_told(egov: Egov) -> None:
    options = ("--at", "1,10,10", "--signed-at", "2025-06-07T08:09:10")
    assert egov("seal", "stamp", "plain.ofd", "out.ofd", *SEAL, *options).code == 0
    summary = egov("ofd", "show", "out.ofd", "--json").json
    assert summary["documents"][0]["signatures"][0]["date_time"] == "2025-06-07 08:09:10"


REFUSED = {
    "egov.seal.stamp.signer_not_in_seal": ("plain.ofd", "--seal", "bureau.esl", "--key", "maker.key.pem"),
    "egov.seal.stamp.broken_signature": ("tampered.ofd", *SEAL),
    "egov.seal.stamp.seal_not_valid": ("plain.ofd", *SEAL, "--signed-at", "2001-01-01"),
    "egov.ofd.package.not_a_zip": ("garbage.ofd", *SEAL),
    "egov.input.der": ("plain.ofd", "--seal", "garbage.ofd", "--key", "bureau.key.pem"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_refusal_names_its_rule_and_leaves_no_file(egov: Egov, world: Path, code: str) -> None:
    before = sorted(world.iterdir())
    source, *options = REFUSED[code]
    ran = egov("seal", "stamp", source, "out.ofd", *options, "--at", "1,10,10", "--json")
    assert ran.code == 1
    assert ran.json["error"]["code"] == code
    assert sorted(world.iterdir()) == before


def test_a_broken_document_is_stamped_only_when_asked_to(egov: Egov) -> None:
    options = (*SEAL, "--at", "1,10,10")
    assert egov("seal", "stamp", "tampered.ofd", "out.ofd", *options, "--allow-broken").code == 0
    assert judged(egov, "out.ofd").code == 1


@pytest.mark.parametrize(
    "options",
    [
        (*SEAL,),
        (*SEAL, "--at", "1,10"),
        (*SEAL, "--at", "one,10,10"),
        (*SEAL, "--at", "0,10,10"),
        (*SEAL, "--at", "1.5,10,10"),
        (*SEAL, "--at", "9,10,10"),
        (*SEAL, "--at", "1,nan,10"),
        (*SEAL, "--at", "1,900,900"),
        (*SEAL, "--seam", "middle"),
        (*SEAL, "--at", "1,10,10", "--document", "2"),
        (*SEAL, "--at", "1,10,10", "--signed-at", "soon"),
        ("--seal", "nowhere.esl", "--key", "bureau.key.pem", "--at", "1,10,10"),
        ("--seal", "bureau.esl", "--key", "nowhere.pem", "--at", "1,10,10"),
        ("--seal", "bureau.esl", "--at", "1,10,10"),
    ],
)
def test_wrong_usage_writes_nothing(egov: Egov, world: Path, options: tuple[str, ...]) -> None:
    before = sorted(world.iterdir())
    ran = egov("seal", "stamp", "plain.ofd", "out.ofd", *options)
    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert sorted(world.iterdir()) == before


def test_nothing_is_overwritten_without_force(egov: Egov) -> None:
    before = Path("sealed.ofd").read_bytes()
    options = (*SEAL, "--at", "1,10,10")
    assert egov("seal", "stamp", "plain.ofd", "sealed.ofd", *options).code == 2
    assert Path("sealed.ofd").read_bytes() == before
    assert egov("seal", "stamp", "sealed.ofd", "sealed.ofd", *options, "--force").code == 0
    assert judged(egov, "sealed.ofd").code == 0


def test_a_seal_that_lists_digests_needs_the_certificate(egov: Egov) -> None:
    made = egov(
        "seal", "new", "digest.esl", "--name", "示例市数据局", "--holder", "bureau.pem", "--maker-key", "maker.key.pem",
        "--maker-certificate", "maker.pem", "--picture", "seal.png", "--holders-by-digest",
    )  # fmt: skip
    assert made.code == 0
    options = ("--seal", "digest.esl", "--key", "bureau.key.pem", "--at", "1,10,10")
    ran = egov("seal", "stamp", "plain.ofd", "out.ofd", *options, "--json")
    assert ran.json["error"]["code"] == "egov.seal.stamp.certificate_needed"
    assert egov("seal", "stamp", "plain.ofd", "out.ofd", *options, "--certificate", "bureau.pem").code == 0


def test_closing_is_told(egov: Egov) -> None:
    ran = egov("seal", "sign", "plain.ofd", "out.ofd", *SIGN, "--close")
    assert "closed" in ran.out
    assert egov("seal", "sign", "out.ofd", "again.ofd", *SIGN).code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not locked by mode on Windows")
def test_a_folder_that_cannot_be_written_leaves_nothing_behind(egov: Egov, world: Path) -> None:
    locked = world / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    probe = subprocess.run([sys.executable, "-c", f"open({str(locked / 'x')!r}, 'wb')"], capture_output=True)
    if probe.returncode == 0:
        pytest.skip("this user may write into every folder")
    ran = egov("seal", "stamp", "plain.ofd", "locked/out.ofd", *SEAL, "--at", "1,10,10")
    assert ran.code == 2
    assert list(locked.iterdir()) == []
