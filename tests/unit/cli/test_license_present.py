"""``egov license present`` and ``scan``: a QR code, and every way in which one is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from egov_sdk.cli._inputs import now
from tests.unit.cli.calling import Egov
from tests.unit.cli.license_office import issued

TYPE = "11890000MT00000148901"


@pytest.fixture
def shown(office: Path, egov: Egov) -> str:
    """A licence that is shown in shown.txt; what a verifier fetched lies beside."""
    one = issued(egov, "A-1")
    assert egov("license", "export", "root.pem", "--what", "trust").code == 0
    assert egov("license", "present", one, "-o", "shown.txt").code == 0
    _fetch(egov)
    return one


def _fetch(egov: Egov) -> None:
    ran = egov("license", "export", "list.egsl", "--what", "status-list", "--type", TYPE, "--force")
    assert ran.code == 0


def _scan(egov: Egov, *more: object, text: str = "@shown.txt") -> tuple[int, str, str]:
    ran = egov(
        "license", "scan", text, "--trust", "root.pem", "--status-list", "list.egsl", "--type", TYPE, *more, "--json"
    )  # fmt: skip
    assert "Traceback" not in ran.err
    found = ran.json
    if found.get("error"):
        return ran.code, "error", str(found["error"]["code"])
    blocking = [one for one in found["checks"] if one["outcome"] in ("failed", "unknown")]
    first = next((one for one in blocking if one["outcome"] == "failed"), blocking[0] if blocking else None)
    assert (found["shown"] is None) == (ran.code != 0)
    return (ran.code, first["id"], first["reason"]) if first else (ran.code, "", "")


def test_a_code_is_checked_offline_and_by_the_office(egov: Egov, shown: str) -> None:
    assert _scan(egov) == (0, "", "")
    ran = egov("license", "scan", "@shown.txt")
    assert ran.code == 0
    assert "What is shown" in ran.out
    assert "示例食品有限公司" in ran.out
    text = Path("shown.txt").read_text().strip()
    assert egov("license", "scan", text).code == 0


def test_a_revoked_licence_is_refused_with_a_fresh_list(egov: Egov, shown: str) -> None:
    assert _scan(egov, "--memory", "memory.json") == (0, "", "")
    stale = Path("list.egsl").read_bytes()
    assert egov("license", "revoke", shown, "--reason", "违法").code == 0
    assert _scan(egov)[0] == 0  # within the list's age nobody can know
    _fetch(egov)
    assert _scan(egov, "--memory", "memory.json") == (1, "coverage.status", "ended")
    assert egov("license", "scan", "@shown.txt").code == 1
    Path("list.egsl").write_bytes(stale)
    assert _scan(egov, "--memory", "memory.json") == (1, "trust.status_list", "rolled_back")
    assert egov("license", "present", shown).code == 1


def test_a_code_for_one_verifier_is_nobody_else_s(egov: Egov, shown: str) -> None:
    assert egov("license", "present", shown, "-o", "shown.txt", "--force", "--audience", "gate-7").code == 0
    _fetch(egov)
    assert _scan(egov, "--audience", "gate-7") == (0, "", "")
    assert _scan(egov, "--audience", "gate-8") == (1, "binding.audience", "audience")
    assert _scan(egov) == (3, "binding.audience", "not_told")


def test_chosen_items_are_shown_and_no_others(egov: Egov, shown: str) -> None:
    assert egov("license", "present", shown, "-o", "shown.txt", "--force", "--field", "number").code == 0
    _fetch(egov)
    ran = egov("license", "scan", "@shown.txt", "--json")
    assert ran.json["shown"]["fields"] == {"number": "A-1"}
    assert _scan(egov, "--item", "number") == (0, "", "")
    assert _scan(egov, "--item", "holder_name") == (1, "coverage.request", "items_missing")
    assert egov("license", "present", shown, "-o", "shown.txt", "--force", "--no-fields").code == 0
    assert egov("license", "scan", "@shown.txt", "--json").json["shown"]["fields"] == {}
    assert "nothing but the type" in egov("license", "scan", "@shown.txt").out


def test_an_expired_code_or_list_is_refused(egov: Egov, shown: str) -> None:
    assert _scan(egov, "--at", (now() + timedelta(minutes=5)).isoformat()) == (1, "binding.time", "expired")
    assert _scan(egov, "--at", (now() - timedelta(days=2)).isoformat())[0] == 1


def test_what_was_changed_or_cut_is_refused(egov: Egov, shown: str) -> None:
    text = Path("shown.txt").read_text().strip()
    for broken in (text[:-2], text[:-40], f"{text}A", text.replace("EGL1", "EGL2"), "EGL1:", "x", "EGL1:" + "A" * 3000):
        assert _scan(egov, text=broken)[:2] == (1, "integrity.form")
    middle = len(text) // 2
    changed = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    assert _scan(egov, text=changed)[0] == 1


def test_another_office_s_code_is_not_ours(egov: Egov, shown: str, tmp_path: Path) -> None:
    assert egov("license", "export", "types.toml", "--what", "types").code == 0
    elsewhere = ("--office", f"local:{tmp_path / 'other'}")
    assert egov("license", "new-type", "types.toml", "--department", "别的局", *elsewhere).code == 0
    assert egov("license", "export", "other.pem", "--what", "trust", *elsewhere).code == 0
    listed = egov("license", "export", "other.egsl", "--what", "status-list", "--type", TYPE, *elsewhere)
    assert listed.code == 0
    assert egov("license", "scan", "@shown.txt", *elsewhere).code == 3
    other = ("--trust", "other.pem", "--status-list", "other.egsl", "--type", TYPE)
    assert egov("license", "scan", "@shown.txt", *other).code == 3
    untrusted = ("--trust", "other.pem", "--status-list", "list.egsl", "--type", TYPE)
    assert egov("license", "scan", "@shown.txt", *untrusted).code == 3


def test_an_issuer_may_issue_only_the_types_that_were_named(egov: Egov, shown: str) -> None:
    known = ("--trust", "root.pem", "--status-list", "list.egsl")
    ran = egov("license", "scan", "@shown.txt", *known, "--type", "11100000000013338W011", "--json")
    assert ran.code == 1
    failed = {one["id"]: one["reason"] for one in ran.json["checks"] if one["outcome"] == "failed"}
    assert failed["trust.issuer"] == "type_refused"
    assert egov("license", "scan", "@shown.txt", *known).code == 2


def test_without_a_list_nothing_is_known_of_the_state(egov: Egov, shown: str) -> None:
    ran = egov("license", "scan", "@shown.txt", "--trust", "root.pem", "--type", TYPE)
    assert ran.code == 3
    assert "--status-list" in ran.err
    with_office = ("--trust", "root.pem", "--type", TYPE, "--office", "local:./egov-data")
    assert egov("license", "scan", "@shown.txt", *with_office).code == 0


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_picture_is_drawn_and_says_how_large_it_is(egov: Egov, shown: str, suffix: str) -> None:
    ran = egov("license", "present", shown, "-o", f"q.{suffix}", "--json")
    assert ran.code == 0
    assert ran.json["version"] <= 15
    assert "EGL1" not in ran.out
    head = Path(f"q.{suffix}").read_bytes()[:64]
    assert b"<svg" in head or head.startswith((b"\x89PNG", b"<?xml"))


def test_the_text_goes_to_standard_output(egov: Egov, shown: str) -> None:
    ran = egov("license", "present", shown, "-o", "-")
    assert ran.out.startswith("EGL1:")
    assert len(ran.out.splitlines()) == 1
    assert "--audience" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("present", "{one}", "-o", "q.gif"), 2),
        (("present", "{one}", "-o", "shown.txt"), 2),
        (("present", "{one}", "-o", "no/where.svg"), 2),
        (("present", "{one}", "--seconds", "0"), 1),
        (("present", "{one}", "--seconds", "100000"), 1),
        (("present", "{one}", "--field", "没有"), 1),
        (("present", "{one}", "--field", "number", "--no-fields"), 2),
        (("present", "abc"), 1),
        (("present", "{one}", "--audience", "x" * 100), 2),
        (("scan", "@absent.txt"), 2),
        (("scan", "@q.bin"), 2),
        (("scan", "@shown.txt", "--status-list", "list.egsl"), 2),
        (("scan", "@shown.txt", "--trust", "root.pem", "--type", "x"), 2),
        (("scan", "@shown.txt", "--trust", "root.pem", "--type", TYPE, "--status-list", "root.pem"), 1),
        (("scan", "@shown.txt", "--trust", "root.pem", "--type", TYPE, "--memory", "root.pem"), 2),
        (("scan", "@shown.txt", "--trust", "root.pem", "--type", TYPE, "--memory", "list.json"), 2),
    ],
)
def test_wrong_use_is_told(egov: Egov, shown: str, words: tuple[str, ...], code: int) -> None:
    Path("q.bin").write_bytes(b"\x89PNG\r\n\xff")
    Path("list.json").write_text(json.dumps([1]))
    before = Path("shown.txt").read_text()
    ran = egov("license", *(word.format(one=shown) for word in words))
    assert ran.code == code, ran.out + ran.err
    assert Path("shown.txt").read_text() == before


def test_without_trust_or_an_office_nothing_is_decided(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EGOV_CONNECT", raising=False)
    ran = egov("license", "scan", "EGL1:ABC")
    assert ran.code == 2
    assert "--trust" in ran.err
    assert not list(tmp_path.iterdir())
