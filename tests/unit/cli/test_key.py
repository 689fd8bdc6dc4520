"""``egov key``: private keys stay private."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from egov_sdk.crypto import load_private_key, load_public_key
from tests.unit.cli.calling import Egov
from tests.unit.cli.world import PASSWORD

pytestmark = pytest.mark.usefixtures("world")


def test_a_new_key_can_be_read_by_its_owner_alone(egov: Egov) -> None:
    before = os.umask(0)
    try:
        assert egov("key", "new", "new.pem", "--no-password").code == 0
        assert egov("key", "new", "new.pem", "--no-password", "--force").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("new.pem").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten_by_accident(egov: Egov) -> None:
    content = Path("root.key.pem").read_bytes()
    ran = egov("key", "new", "root.key.pem", "--no-password")
    assert ran.code == 2
    assert "--force" in ran.err
    assert Path("root.key.pem").read_bytes() == content


def test_force_replaces_a_key(egov: Egov) -> None:
    content = Path("root.key.pem").read_bytes()
    assert egov("key", "new", "root.key.pem", "--no-password", "--force").code == 0
    assert Path("root.key.pem").read_bytes() != content


def test_the_password_comes_from_the_environment_and_is_not_echoed(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    ran = egov("key", "new", "new.pem", "--password-env", "KEY_PASSWORD", "--json")
    assert ran.code == 0
    assert ran.json["encrypted"] is True
    assert PASSWORD not in ran.out + ran.err
    key = load_private_key(Path("new.pem").read_bytes(), password=PASSWORD)
    assert key.public_key().point.hex() == ran.json["public_key"]


@pytest.mark.parametrize(
    "options",
    [(), ("--password-env", "NO_SUCH_VARIABLE"), ("--password-env", "EMPTY"), ("--no-password", "--password-env", "X")],
)
def test_without_a_word_about_the_password_no_key_is_made(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("EMPTY", "")
    assert egov("key", "new", "new.pem", *options).code == 2
    assert not Path("new.pem").exists()


def test_a_key_has_nowhere_to_go(egov: Egov) -> None:
    assert egov("key", "new", "no/such/folder/key.pem", "--no-password").code == 2
    assert egov("key", "new", ".", "--no-password", "--force").code == 2


@pytest.mark.parametrize("name", ["root.key.pem", "locked.key.pem"])
def test_showing_a_key_shows_no_secret(egov: Egov, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    key = load_private_key(Path(name).read_bytes(), password=PASSWORD)
    for extra in ((), ("--json",)):
        ran = egov("key", "show", name, "--password-env", "KEY_PASSWORD", *extra)
        assert ran.code == 0
        assert key.public_key().point.hex() in ran.out
        assert key._d.hex() not in ran.out + ran.err
        assert PASSWORD not in ran.out + ran.err


def test_the_public_half_can_be_taken_out(egov: Egov) -> None:
    out = egov("key", "show", "root.key.pem", "--pem").out
    key = load_private_key(Path("root.key.pem").read_bytes())
    assert load_public_key(out) == key.public_key()
    Path("root.pub").write_text(out)
    assert egov("key", "show", "root.pub", "--json").json["kind"] == "public"


def test_a_locked_key_without_its_password_is_a_failed_device(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = egov("key", "show", "locked.key.pem", "--json")
    assert ran.code == 4
    assert ran.json["error"]["code"] == "egov.key.password_needed"
    monkeypatch.setenv("KEY_PASSWORD", "wrong")
    ran = egov("key", "show", "locked.key.pem", "--password-env", "KEY_PASSWORD", "--json")
    assert ran.code == 4
    assert ran.json["error"]["code"] == "egov.key.wrong_password"


@pytest.mark.parametrize("name", ["garbage.ofd", "empty.ofd", "root.pem", "plain.ofd"])
def test_what_is_no_key_is_rejected(egov: Egov, name: str) -> None:
    ran = egov("key", "show", name)
    assert ran.code == 1
    assert "Traceback" not in ran.err
