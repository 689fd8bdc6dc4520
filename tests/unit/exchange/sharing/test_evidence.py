"""A case as evidence: it holds whole, and any part that is changed, taken out, put in or another's is found."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.canonical import canonical
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.sharing.evidence import CaseEvidence, read_case, verify_case
from egov_sdk.exchange.sharing.model import Objection, Relinquishment, Step, Withdrawal
from egov_sdk.exchange.sharing.rules import replay
from egov_sdk.exchange.sharing.signing import Desk, SignedStep, SignedUse, sign_step
from egov_sdk.pki import TrustStore
from egov_sdk.report import Outcome, Report
from egov_sdk.storage import AuditHead, open_store
from tests.unit.exchange.sharing.town import AT, PURPOSE, parties, town_of

P = parties()
LATER = AT + timedelta(days=30)


@cache
def files() -> tuple[bytes, bytes]:
    """A case with an objection and two uses, and another department's."""
    with open_store("sqlite://") as store:
        town = town_of(store)
        case, other = town.active(), town.active(P.tax)
        served = town.service.use(P.county.use(case, purpose=PURPOSE, at=town.at))
        town.service.use(P.county.use(case, purpose=PURPOSE, at=town.at))
        town.service.use(P.tax.use(other, purpose=PURPOSE, at=town.at))
        body = Objection(record=served.records[0].reference, fields=("企业名称",), claim="名称已变更")
        case = town.service.take(P.county.step(case, body, at=town.at))
        return town.service.evidence(case.case_id), town.service.evidence(other.case_id)


def verified(data: bytes | CaseEvidence, **changes: Any) -> Report:
    given: dict[str, Any] = {"platform": P.platform.code, "policy": P.policy, "at": LATER}
    return verify_case(data, **given | changes)


def edited(edit: Callable[[dict[str, Any], dict[str, Any]], None]) -> bytes:
    mine, theirs = (json.loads(one) for one in files())
    edit(mine, theirs)
    return json.dumps(mine).encode()


def test_a_case_holds() -> None:
    report = verified(files()[0])
    assert report.outcome is Outcome.PASSED, report.blocking
    assert report.of("coverage.case")[0].evidence == {"steps": "4", "uses": "2"}
    assert report.subject == read_case(files()[0]).steps[0].read().case_id


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode()


def _reworded(mine: dict[str, Any]) -> None:
    payload = base64.urlsafe_b64decode(mine["steps"][2]["payload"])
    mine["steps"][2]["payload"] = _b64(payload.replace(b'"records":5', b'"records":4'))


EDITS: dict[str, tuple[str, Callable[[dict[str, Any], dict[str, Any]], None]]] = {
    "a step is reworded": ("integrity.signature", lambda mine, _: _reworded(mine)),
    "a step is taken out": ("integrity.case_chain", lambda mine, _: mine["steps"].pop(1)),
    "the first step is taken out": ("integrity.case_chain", lambda mine, _: mine["steps"].pop(0)),
    "the last step is taken out": ("coverage.case", lambda mine, _: mine["steps"].pop()),
    "two steps are exchanged": ("integrity.case_chain", lambda mine, _: mine["steps"].insert(2, mine["steps"].pop(1))),
    "a step stands twice": ("integrity.case_chain", lambda mine, _: mine["steps"].append(mine["steps"][-1])),
    "a step of another case": ("integrity.case_chain", lambda mine, his: mine["steps"].append(his["steps"][2])),
    "no steps": ("integrity.case_chain", lambda mine, _: mine["steps"].clear()),
    "a use is taken out": ("coverage.case", lambda mine, _: mine["uses"].pop()),
    "a use stands twice": ("binding.case_uses", lambda mine, _: mine["uses"].append(mine["uses"][0])),
    "a use of another case": ("binding.case_uses", lambda mine, his: mine["uses"].append(his["uses"][0])),
    "a use for a step": ("integrity.case_chain", lambda mine, _: mine["steps"].append(mine["uses"][0])),
    "a step for a use": ("binding.case_uses", lambda mine, _: mine["uses"].append(mine["steps"][0])),
    "uses exchanged": ("coverage.case", lambda mine, _: mine["uses"].reverse()),
    "another case's statement": ("binding.case_statement", lambda mine, his: mine.update(statement=his["statement"])),
    "a step for a statement": ("binding.case_statement", lambda mine, _: mine.update(statement=mine["steps"][1])),
    "another's certificate": (
        "integrity.case_chain",
        lambda mine, his: mine["steps"][0].update(certificates=his["steps"][0]["certificates"]),
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_what_was_done_to_a_case_is_found(case: str) -> None:
    check, edit = EDITS[case]
    report = verified(edited(edit))
    assert report.outcome is Outcome.FAILED
    failed = {one.id for one in report.checks if one.outcome is Outcome.FAILED}
    assert check in failed


def test_a_step_that_was_nobodys_to_take_is_found_although_it_is_signed() -> None:
    evidence = read_case(files()[0])
    last = evidence.steps[-1]
    place = {"platform": P.platform.code, "case_id": last.read().case_id, "number": 5, "previous": last.digest}
    told = Step.model_validate({**place, "actor": P.tax.code, "at": AT, "body": Withdrawal()})
    forged = sign_step(told, signer=P.tax.signer, certificate=P.tax.certificate)
    report = verified(whole((*evidence.steps, forged), evidence.uses, P.platform))
    assert [one.id for one in report.blocking] == ["binding.case_rules"]


def whole(steps: tuple[SignedStep, ...], uses: tuple[SignedUse, ...], desk: Desk) -> CaseEvidence:
    return CaseEvidence.of(steps, uses, uses=len(uses), audit=AuditHead("x", 0, b""), platform=desk, at=AT)


def test_another_platforms_word_is_nobodys() -> None:
    evidence = read_case(files()[0])
    report = verified(whole(evidence.steps, evidence.uses, P.tax))
    assert "binding.case_statement" in {one.id for one in report.blocking}
    assert verified(files()[0], platform=P.tax.code).outcome is Outcome.FAILED


def test_a_step_for_another_platform_is_found_although_its_signature_holds() -> None:
    evidence = read_case(files()[0])
    case = replay([(one.read(), one.digest) for one in evidence.steps], platform=P.platform.code)
    elsewhere = replace(P.county, platform=P.tax.code).step(case, Relinquishment(), at=AT)
    report = verified(whole((*evidence.steps, elsewhere), evidence.uses, P.platform))
    assert [one.id for one in report.blocking] == ["binding.case_rules"]
    use = replace(P.county, platform=P.tax.code).use(case, purpose=PURPOSE, at=AT)
    report = verified(whole(evidence.steps, (*evidence.uses, use), P.platform))
    assert [one.id for one in report.blocking] == ["binding.case_uses"]


def test_without_anchors_nothing_is_decided() -> None:
    nobody = ExchangePolicy(trust=TrustStore([]), parties=P.policy.parties)
    assert verified(files()[0], policy=nobody).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_a_time_that_cannot_be_is_no_statement_and_no_step(at: str) -> None:
    def moved(signed: dict[str, Any]) -> None:
        said = json.loads(base64.urlsafe_b64decode(signed["payload"]))
        signed["payload"] = _b64(canonical(said | {"at": at}))

    report = verified(edited(lambda mine, _: moved(mine["statement"])))
    assert "binding.case_statement" in {one.id for one in report.checks if one.outcome is Outcome.FAILED}
    report = verified(edited(lambda mine, _: moved(mine["steps"][1])))
    assert "integrity.case_chain" in {one.id for one in report.checks if one.outcome is Outcome.FAILED}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"x", b'{"format":"egov-sharing-case/2"}', b'{"a":1,"a":1}'])
def test_what_is_no_evidence_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        verified(data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_octet_passes(place: int, mask: int) -> None:
    data = bytearray(files()[0])
    data[place % len(data)] ^= mask
    try:
        outcome = verified(bytes(data)).outcome
    except InputError:
        return
    assert outcome is not Outcome.PASSED or read_case(bytes(data)) == read_case(files()[0])


def test_a_naive_time_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        verified(files()[0], at=datetime(2026, 7, 1))  # noqa: DTZ001
