"""``egov code``."""

from __future__ import annotations

import pytest

from egov_sdk.codes import CodeKind, parse_code
from tests.unit.cli.calling import Egov, invoke

PERSON = "11010519491231002X"  # printed in GB 11643
COMPANY = "91350100M000100Y43"  # printed in GB 32100


def test_a_good_number_of_a_person_is_shown_masked(egov: Egov) -> None:
    ran = egov("code", "check", PERSON)
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "1****************X  well-formed"
    assert "a well-formed citizen number" in ran.out
    assert "0105" not in ran.out


def test_a_number_of_an_organisation_is_shown_as_it_is(egov: Egov) -> None:
    ran = egov("code", "check", COMPANY, "--json")
    assert ran.json["schema_version"] == 1
    assert ran.json["number"] == COMPANY
    assert ran.json["outcome"] == "passed"
    assert [one["kind"] for one in ran.json["checks"]] == ["credit_code"]


@pytest.mark.usefixtures("egov")
def test_a_number_may_come_from_standard_input() -> None:
    result = invoke("code", "check", "-", "--kind", "citizen_number", input=f"{PERSON}\n")
    assert result.exit_code == 0
    assert result.stdout.startswith("1****************X")
    assert invoke("code", "check", "-", input="").exit_code == 1


def test_what_people_type_is_tidied_first(egov: Egov) -> None:
    assert egov("code", "check", " １１０１０５ 19491231 002x ").code == 0


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        ("110105194912310021", "citizen_number", "egov.codes.check_digit"),
        ("11010519491331002X", "citizen_number", "egov.codes.birth_date"),
        ("1101051949123100", "citizen_number", "egov.codes.length"),
        ("91350100M000100Y44", "credit_code", "egov.codes.check_digit"),
        ("91350100M000100O43", "credit_code", "egov.codes.character"),
        ("E1", "passport", "egov.codes.length"),
        (PERSON, "credit_code", "egov.codes.organization_check"),
        (COMPANY, "citizen_number", "egov.codes.character"),
        ("", "division_code", "egov.codes.length"),
    ],
)
def test_the_broken_rule_is_named_and_the_number_stays_masked(egov: Egov, number: str, kind: str, code: str) -> None:
    ran = egov("code", "check", number, "--kind", kind, "--json")
    assert ran.code == 1
    assert ran.json["outcome"] == "failed"
    (found,) = ran.json["checks"]
    assert (found["kind"], found["code"]) == (kind, code)
    assert set(ran.json["number"][1:-1]) <= {"*"}


@pytest.mark.parametrize("number", ["110105194912310021", "11010519491231002Y", "91350100M000100Y44", "123", ""])
def test_a_number_that_fits_nothing_is_rejected_without_a_kind(egov: Egov, number: str) -> None:
    ran = egov("code", "check", number)
    assert ran.code == 1
    assert "not well-formed" in ran.out
    assert "egov.codes." in ran.out


def test_the_words_about_a_wrong_number_of_a_person_hold_no_part_of_it(egov: Egov) -> None:
    ran = egov("code", "check", "110105194912310021", "--json")
    assert ran.code == 1
    assert {one["kind"] for one in ran.json["checks"]} <= {kind.value for kind in CodeKind if kind.is_personal}
    assert not any(part in ran.out for part in ("0105", "1949", "1231", "010519"))


def test_a_shape_alone_decides_nothing_unless_asked_for(egov: Egov) -> None:
    ran = egov("code", "check", "E12345678")
    assert ran.code == 3
    assert "only the shape could be checked" in ran.out
    asked = egov("code", "check", "E12345678", "--kind", "passport", "--json")
    assert asked.code == 0
    assert asked.json["checks"][0]["shape_only"] is True
    assert egov("code", "check", "E12345678", "--json").json["outcome"] == "unknown"


def test_the_words_come_in_chinese(egov: Egov) -> None:
    ran = egov("code", "check", "110105194912310021", "--kind", "citizen_number", "--lang", "zh")
    assert "格式不正确" in ran.out
    assert "校验码为 1，按其余各位计算应为 X" in ran.out


@pytest.mark.parametrize("number", ["\x1b[31m" + "1" * 15, "\u202e" * 18, "9" * 10_000])
def test_a_hostile_number_steers_no_terminal_and_fills_none(egov: Egov, number: str) -> None:
    ran = egov("code", "check", number)
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert len(ran.out) < 4_000


@pytest.mark.parametrize("kind", ["citizen_number", "residence_permit", "permanent_resident_card", "credit_code"])
def test_test_numbers_keep_every_rule_and_know_what_they_are(egov: Egov, kind: str) -> None:
    found = egov("code", "test-number", "--kind", kind, "--count", "3", "--json").json
    assert found["schema_version"] == 1
    assert found["kind"] == kind
    assert len(set(found["numbers"])) == 3
    for number in found["numbers"]:
        value = parse_code(number, CodeKind(kind))
        assert getattr(value, "is_specimen") is True  # noqa: B009 - not every value has it
        assert egov("code", "check", number, "--kind", kind).code == 0


def test_the_numbers_alone_go_to_standard_output(egov: Egov) -> None:
    ran = egov("code", "test-number", "--count", "2", "--index", "7")
    again = egov("code", "test-number", "--index", "8")
    assert [len(line) for line in ran.out.splitlines()] == [18, 18]
    assert ran.out.splitlines()[1] == again.out.strip()
    assert "belong to nobody" in ran.err
    assert "不可能属于任何人" in egov("code", "test-number", "--lang", "zh").err


@pytest.mark.parametrize(
    "arguments",
    [
        ("test-number", "--kind", "passport"),
        ("test-number", "--count", "0"),
        ("test-number", "--count", "1001"),
        ("test-number", "--index", "-1"),
        ("test-number", "--kind", "permanent_resident_card", "--index", "500"),
        ("test-number", "--index", "x"),
        ("check",),
        ("check", PERSON, "--kind", "nothing"),
    ],
)
def test_wrong_use_ends_with_2(egov: Egov, arguments: tuple[str, ...]) -> None:
    ran = egov("code", *arguments)
    assert ran.code == 2
    assert ran.out == ""
