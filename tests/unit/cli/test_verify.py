"""``egov verify``: what it says, what it ends with, and what it leaves unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

import egov_sdk.seal
from egov_sdk.report import ANSWERS
from egov_sdk.seal.checks import ADVISORY, CHECKS
from tests.unit.cli.calling import Egov
from tests.unit.cli.world import MADE_AT

pytestmark = pytest.mark.usefixtures("world")

FINAL = {0: "PASSED", 1: "REJECTED", 3: "COULD NOT DECIDE"}


@pytest.mark.parametrize(
    ("name", "trusting", "code"),
    [
        ("sealed.ofd", True, 0),
        ("sealed.ofd", False, 3),
        ("tampered.ofd", True, 1),
        ("tampered.ofd", False, 1),
        ("plain.ofd", True, 1),
        ("broken.ofd", True, 1),
        ("garbage.ofd", True, 1),
        ("empty.ofd", True, 1),
    ],
)
def test_the_exit_code_and_the_conclusion_say_the_same(egov: Egov, name: str, trusting: bool, code: int) -> None:
    ran = egov("verify", name, *(("--trust", "root.pem") if trusting else ()))
    assert ran.code == code
    concluding = [line for line in ran.out.splitlines() if line.startswith(tuple(FINAL.values()))]
    assert [line.partition(":")[0] for line in concluding] == [FINAL[code]]


def test_the_text_ends_with_the_first_check_that_blocked_and_its_clause(egov: Egov) -> None:
    lines = egov("verify", "tampered.ofd", "--trust", "root.pem").out.splitlines()
    assert lines[-3].startswith("REJECTED: integrity.references (signature s001)")
    assert "Content.xml: its SM3 is" in lines[-2]
    assert lines[-1] == f"  clause: {CHECKS.rows['integrity.references'].clause}"


def test_every_check_stands_under_its_answer(egov: Egov) -> None:
    out = egov("verify", "sealed.ofd", "--trust", "root.pem").out
    body = out.partition("Notes:")[0]
    for name, block in zip(ANSWERS, body.split("\n\n")[1:], strict=False):
        heading, *rows = block.splitlines()
        assert heading.lower().startswith(name)
        assert rows
        assert {row.split()[1].partition(".")[0] for row in rows} == {name}


def test_advisory_checks_are_notes_and_no_failures(egov: Egov) -> None:
    out = egov("verify", "sealed.ofd", "--trust", "root.pem").out
    notes = [line.split() for line in out.partition("Notes:")[2].splitlines() if line.startswith("  ")]
    assert {row[0] for row in notes} == {"note"}
    assert {row[1] for row in notes} <= ADVISORY
    assert "coverage.list_closed" in {row[1] for row in notes}


def test_without_anchors_it_says_how_to_give_some(egov: Egov) -> None:
    assert "--trust" in egov("verify", "sealed.ofd").err
    assert egov("verify", "sealed.ofd", "--trust", "root.pem").err == ""


def test_json_is_the_report(egov: Egov) -> None:
    ran = egov("verify", "sealed.ofd", "--trust", "root.pem", "--json")
    assert ran.code == 0
    found = ran.json
    assert found["schema_version"] == 1
    assert found["outcome"] == "passed"
    assert found["subject"] == "sealed.ofd"
    assert found["answers"] == dict.fromkeys(ANSWERS, "passed")
    assert {check["id"].partition(".")[0] for check in found["checks"]} == set(ANSWERS)
    assert set(found["checks"][0]) == {"id", "outcome", "reason", "message", "clause", "subject", "evidence"}


def test_json_of_a_broken_file_is_an_error_with_its_code(egov: Egov) -> None:
    ran = egov("verify", "garbage.ofd", "--json")
    assert ran.code == 1
    assert ran.json["schema_version"] == 1
    assert ran.json["subject"] == "garbage.ofd"
    assert ran.json["outcome"] == "failed"
    assert ran.json["error"]["code"] == "egov.ofd.package.not_a_zip"
    assert ran.err == ""


def test_json_tells_the_words_in_the_language_asked_for(egov: Egov) -> None:
    english = egov("verify", "tampered.ofd", "--json").json
    chinese = egov("verify", "tampered.ofd", "--json", "--lang", "zh").json
    assert [check["id"] for check in english["checks"]] == [check["id"] for check in chinese["checks"]]
    assert english["checks"][0]["message"] == "1 signature(s)"
    assert chinese["checks"][0]["message"] == "共 1 个签名"


def test_a_broken_file_is_told_in_chinese_too(egov: Egov) -> None:
    out = egov("verify", "garbage.ofd", "--lang", "zh").out
    assert out.startswith("拒绝: garbage.ofd")
    assert "不是 ZIP 包" in out
    assert "egov.ofd.package.not_a_zip" in out


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("sealed.ofd", "sealed.ofd"), 0),
        (("sealed.ofd", "tampered.ofd", "garbage.ofd"), 1),
    ],
)
def test_several_files_get_a_line_each_and_a_summary(egov: Egov, names: tuple[str, ...], code: int) -> None:
    ran = egov("verify", *names, "--trust", "root.pem")
    assert ran.code == code
    *lines, blank, summary = ran.out.splitlines()
    assert blank == ""
    assert [line.split()[1] for line in lines] == list(names)
    assert summary.startswith(
        f"{len(names)} files: {names.count('sealed.ofd')} passed, {len(names) - names.count('sealed.ofd')} rejected",
    )


def test_rejected_outweighs_undecided_and_undecided_outweighs_passed(egov: Egov) -> None:
    assert egov("verify", "sealed.ofd", "sealed.ofd").code == 3
    assert egov("verify", "sealed.ofd", "tampered.ofd").code == 1


def test_json_of_several_files_is_one_document(egov: Egov) -> None:
    found = egov("verify", "sealed.ofd", "garbage.ofd", "--trust", "root.pem", "--json").json
    assert found["schema_version"] == 1
    assert found["outcome"] == "failed"
    assert [one["outcome"] for one in found["files"]] == ["passed", "failed"]
    assert "checks" in found["files"][0]
    assert "error" in found["files"][1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere.ofd",),
        (".",),
        ("sealed.ofd", "nowhere.ofd"),
        ("sealed.ofd", "--trust", "nowhere.pem"),
        ("sealed.ofd", "--at", "yesterday"),
        ("sealed.ofd", "--policy", "lenient"),
        ("sealed.ofd", "--policy", "strict", "--accept-claimed-time"),
        ("sealed.ofd", "--unknown"),
        (),
    ],
)
def test_wrong_usage_ends_with_2_before_anything_is_verified(egov: Egov, arguments: tuple[str, ...]) -> None:
    ran = egov("verify", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err


def test_a_trust_file_that_is_no_certificate_is_refused(egov: Egov) -> None:
    ran = egov("verify", "sealed.ofd", "--trust", "plain.ofd")
    assert ran.code == 1
    assert "egov." in ran.err
    assert ran.out == ""


def test_the_time_can_be_chosen(egov: Egov) -> None:
    before = egov("verify", "sealed.ofd", "--trust", "root.pem", "--at", "2001-02-03", "--json")
    assert before.code == 3  # signed after the time in question
    assert before.json["verified_at"] == "2001-02-03T00:00:00+08:00"
    after = egov("verify", "sealed.ofd", "--trust", "root.pem", "--at", "2030-02-03T00:00:00Z", "--json")
    assert after.code == 0


def test_the_strict_policy_asks_for_revocation_and_proof_of_time(egov: Egov) -> None:
    at = MADE_AT.replace(year=2025).isoformat()
    strict = egov("verify", "sealed.ofd", "--trust", "root.pem", "--policy", "strict", "--at", at, "--json")
    assert strict.code == 3
    assert strict.json["policy"].startswith("strict/")
    assert "trust.signer_revocation" in strict.json["required"]
    known = egov(
        "verify", "sealed.ofd", "--trust", "root.pem", "--policy", "strict", "--at", at, "--crl", "root.crl", "--json"
    )
    outcomes = {check["id"]: check["outcome"] for check in known.json["checks"]}
    assert outcomes["trust.signer_revocation"] == "passed"


def test_what_trips_us_is_undecided_and_shows_no_traceback(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(*_: object, **__: object) -> None:
        raise RuntimeError("tripped")

    monkeypatch.setattr(egov_sdk.seal, "verify", trip)
    ran = egov("verify", "sealed.ofd", "--json")
    assert ran.code == 3
    assert ran.json["outcome"] == "unknown"
    assert ran.json["error"]["code"] == "egov.internal"
    text = egov("verify", "sealed.ofd")
    assert "Traceback" not in text.out + text.err
    monkeypatch.setenv("EGOV_DEBUG", "1")
    assert "Traceback" in egov("verify", "sealed.ofd").err


def test_a_hostile_name_cannot_steer_the_terminal(egov: Egov, world: Path) -> None:
    name = "a\u202e\x1b[31mb.ofd"
    (world / name).write_bytes((world / "sealed.ofd").read_bytes())
    for extra in ((), ("--json",)):
        out = egov("verify", name, *extra).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "u202e" in out


def test_makers_of_seals_can_be_trusted_apart_from_signers(egov: Egov) -> None:
    """The signer's root vouches for no maker then: here both come from one root, so either answer follows."""
    assert egov("verify", "sealed.ofd", "--trust", "root.pem", "--seal-maker", "root.pem").code == 0
    other = egov("verify", "sealed.ofd", "--trust", "root.pem", "--seal-maker", "bureau.pem")
    assert other.code == 1
    assert "trust.seal_maker" in other.out
