"""The golden files of sharing: written as ever to the octet, verified twice, and refused where one thing is wrong."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import cache
from typing import Any, get_args

import pytest

from egov_sdk.errors import InputError
from egov_sdk.exchange.sharing.evidence import read_case, verify_case
from egov_sdk.exchange.sharing.model import Body, CaseState
from egov_sdk.report import Outcome
from tests.independent import point_of, r_and_s, sm2_verifies, sm3
from tests.unit.exchange.sharing.golden import FOLDER, REFUSED, golden_files
from tests.unit.exchange.sharing.town import AT, parties

NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
#: Each case, how it ends, and how many of its uses are signed.
CASES = {
    "whole.json": (CaseState.RELINQUISHED, 2),
    "notified.json": (CaseState.ACTIVE, 1),
    "refused.json": (CaseState.REFUSED, 0),
    "withdrawn.json": (CaseState.WITHDRAWN, 0),
    "revoked.json": (CaseState.REVOKED, 0),
}
LATER = AT + timedelta(days=30)

made = cache(golden_files)


def golden(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def test_there_is_a_golden_file_of_each_case_and_no_other() -> None:
    assert sorted(made()) == NAMES
    assert [name for name in NAMES if "/" not in name] == sorted(CASES)


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_file_is_written_again_to_the_octet(name: str) -> None:
    assert made()[name] == golden(name)


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_and_written_the_same_and_holds(name: str) -> None:
    evidence = read_case(golden(name))
    assert evidence.to_json() == golden(name)
    report = verify_case(golden(name), platform=parties().platform.code, policy=parties().policy, at=LATER)
    assert report.outcome is Outcome.PASSED, report.blocking
    state, uses = CASES[name]
    assert report.of("binding.case_rules")[0].evidence["state"] == state.value
    assert len(evidence.uses) == uses


def test_every_kind_of_step_stands_in_the_golden_files() -> None:
    kinds = {step.read().body.kind for name in CASES for step in read_case(golden(name)).steps}
    union, _ = get_args(Body)
    assert kinds == {body.model_fields["kind"].default for body in get_args(union)}


# The check once more with nothing but json, base64 and the mathematics.


def unbase(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def bare(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def said(signed: dict[str, Any], kind: str) -> tuple[dict[str, Any], str]:
    """What was signed, and its digest."""
    payload, protected, value = (unbase(signed[name]) for name in ("payload", "protected", "value"))
    certificate = unbase(signed["certificates"][0])
    assert json.loads(protected) == {"alg": "SGD_SM3_SM2", "kid": sm3(certificate).hex(), "typ": kind}
    assert sm2_verifies(point_of(certificate), f"{bare(protected)}.{bare(payload)}".encode(), *r_and_s(value))
    found = json.loads(payload)
    assert json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == payload
    return found, sm3(payload).hex()


@pytest.mark.parametrize("name", CASES)
def test_a_second_implementation_finds_the_chain_the_signatures_and_the_statement(name: str) -> None:
    case, before = json.loads(golden(name)), ""
    for number, signed in enumerate(case["steps"], 1):
        step, digest = said(signed, "egov-sharing-step/1")
        assert (step["platform"], step["number"], step["previous"]) == (parties().platform.code, number, before)
        before = digest
    said_of_uses = [said(signed, "egov-sharing-use/1") for signed in case["uses"]]
    assert all(use["platform"] == parties().platform.code for use, _ in said_of_uses)
    uses = [digest for _, digest in said_of_uses]
    stated, _ = said(case["statement"], "egov-sharing-statement/1")
    assert (stated["steps"], stated["head"]) == (len(case["steps"]), before)
    assert (stated["signed_uses"], stated["uses_digest"]) == (len(uses), sm3("\n".join(uses).encode()).hex())


@pytest.mark.parametrize("name", REFUSED)
def test_a_case_with_one_thing_wrong_is_refused_for_it(name: str) -> None:
    data = golden(f"refused/{name}")
    try:
        report = verify_case(data, platform=parties().platform.code, policy=parties().policy, at=LATER)
    except InputError as error:
        found = {error.code}
    else:
        assert report.outcome is Outcome.FAILED
        found = {one.id for one in report.checks if one.outcome is Outcome.FAILED}
    assert json.loads(golden("refused/expected.json"))[name] in found
