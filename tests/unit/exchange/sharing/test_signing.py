"""Signed steps: what is read back, and that nothing else is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.errors import InputError
from egov_sdk.exchange.sharing.conditions import Compare
from egov_sdk.exchange.sharing.model import Objection, Return, Step, UseRequest
from egov_sdk.exchange.sharing.signing import SignedStep, read_signed
from tests.unit.exchange.sharing.town import AT, PURPOSE, asked, parties

P = parties()


def opened() -> SignedStep:
    return P.county.open(asked(rows=Compare(field="区划代码", operator="eq", value="330105")), at=AT)


def test_a_step_is_read_back_as_it_was_signed() -> None:
    signed = opened()
    step = signed.read()
    assert (step.actor, step.at, step.number, step.previous) == (P.county.code, AT, 1, "")
    assert step.body == asked(rows=Compare(field="区划代码", operator="eq", value="330105"))
    assert SignedStep.model_validate_json(signed.model_dump_json()) == signed
    assert "330105" not in repr(signed)


def test_a_desk_signs_with_its_own_certificate_only() -> None:
    with pytest.raises(ValueError, match="another key"):
        replace(P.county, signer=P.tax.signer).open(asked(), at=AT)
    with pytest.raises(ValueError, match="aware"):
        P.county.open(asked(), at=datetime(2026, 6, 1))  # noqa: DTZ001
    assert "signer" not in repr(P.county)


def edited(edit: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(opened().payload)
    edit(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def condition(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"kind": "is_missing", "field": "a"}
    for _ in range(levels):
        value = {"kind": "not", "part": value}
    return value


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a member more": lambda step: step.update(more=1),
    "a member less": lambda step: step.pop("previous"),
    "an unknown body": lambda step: step["body"].update(kind="sql"),
    "no code": lambda step: step.update(actor="91110000600037341X"),
    "a number that is text": lambda step: step.update(number="1"),
    "a number that is truth": lambda step: step.update(number=True),
    "number nought": lambda step: step.update(number=0),
    "a time without a zone": lambda step: step.update(at="2026-06-01T09:30:00"),
    "a time of another zone": lambda step: step.update(at="2026-06-01T17:30:00+08:00"),
    "a time before the first": lambda step: step.update(at="0001-01-01T00:00:00+08:00"),
    "a time after the last": lambda step: step["body"].update(until="9999-12-31T23:59:59-08:00"),
    "a case that is a path": lambda step: step.update(case_id="../../../etc/passwd"),
    "a digest in capitals": lambda step: step.update(previous="AB" * 32),
    "a purpose twice": lambda step: step["body"].update(purposes=[PURPOSE, PURPOSE]),
    "no purpose": lambda step: step["body"].update(purposes=[]),
    "no basis": lambda step: step["body"].update(basis=""),
    "a basis with a break": lambda step: step["body"].update(basis="a\nb"),
    "a field twice": lambda step: step["body"].update(fields=["a", "a"]),
    "a condition too deep": lambda step: step["body"].update(rows=condition(9)),
    "a condition far too deep": lambda step: step["body"].update(rows=condition(300)),
    "a quota without end": lambda step: step["body"].update(quota={"calls": 10**9, "per_s": 1, "records": 1}),
}


@pytest.mark.parametrize("case", EDITS)
def test_what_is_no_step_is_not_read(case: str) -> None:
    with pytest.raises(InputError):
        read_signed(Step, edited(EDITS[case]))


def test_only_the_canonical_form_is_read() -> None:
    payload = opened().payload
    assert read_signed(Step, payload)
    for other in (
        payload + b"\n",
        payload.replace(b",", b", ", 1),
        payload.replace(b'{"actor"', b'{"at":1,"actor"', 1),
    ):
        with pytest.raises(InputError):
            read_signed(Step, other)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode), st.sampled_from([Step, UseRequest]))
def test_strangers_bytes_raise_input_errors_only(data: bytes, model: type[Step] | type[UseRequest]) -> None:
    with pytest.raises(InputError):
        read_signed(model, data)


@given(st.integers(0, 5_000), st.integers(1, 255))
def test_a_changed_octet_is_refused_or_says_something_else(place: int, mask: int) -> None:
    signed = opened()
    payload = bytearray(signed.payload)
    payload[place % len(payload)] ^= mask
    try:
        read = read_signed(Step, bytes(payload))
    except InputError:
        return
    assert read != signed.read()


@pytest.mark.parametrize("text", ["证件号码 {} 有误", "{}", "号码{}。"])
def test_no_words_hold_a_citizen_number(text: str) -> None:
    number = specimen_citizen_number(5).number
    for wording in (text.format(number), text.format(number.lower())):
        with pytest.raises(ValidationError):
            Objection(record="ab" * 32, fields=("a",), claim=wording)
        with pytest.raises(ValidationError):
            Return(reason=wording)
    assert Return(reason="流水号 20260601000000000001").reason
