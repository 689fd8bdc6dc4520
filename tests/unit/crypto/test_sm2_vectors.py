"""The project's own SM2 verification vectors, on every arithmetic backend that is there."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.crypto import InvalidSignature, SM2PublicKey, available_backends, set_backend
from egov_sdk.errors import ParseError

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "tests" / "vectors" / "sm2_verify.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
TESTS = [test for group in DOCUMENT["testGroups"] for test in group["tests"]]


@pytest.fixture(params=[status.name for status in available_backends() if status.available])
def arithmetic(request: pytest.FixtureRequest) -> Iterator[str]:
    set_backend(request.param)
    yield request.param
    set_backend(None)


def accepts(test: dict[str, Any], *, precomputed: bool) -> bool:
    try:
        key = SM2PublicKey._from_sec1(bytes.fromhex(test["pub"]))
        if precomputed:
            key.precompute()
        signature = bytes.fromhex(test["sig"])
        if "e" in test:
            key.verify_digest(signature, bytes.fromhex(test["e"]))
        else:
            key.verify(signature, bytes.fromhex(test["msg"]), signer_id=bytes.fromhex(test["id"]))
    except (InvalidSignature, ParseError):
        return False
    return True


def test_every_vector_has_its_result(arithmetic: str) -> None:
    # gmssl takes 10 ms for one
    for test in TESTS[:: 8 if arithmetic == "gmssl" else 1]:
        assert accepts(test, precomputed=False) == (test["result"] == "valid"), (test["tcId"], test["comment"])


def test_every_vector_has_its_result_with_a_prepared_key(arithmetic: str) -> None:
    step = {"native": 1, "pure": 4}.get(arithmetic, 16)
    for test in TESTS[::step]:
        assert accepts(test, precomputed=True) == (test["result"] == "valid"), (test["tcId"], test["comment"])


def test_the_file_is_what_the_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_sm2_vectors", ROOT / "tools" / "make_sm2_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.document() == DOCUMENT


def test_hundreds_must_be_refused_and_every_flag_has_its_note() -> None:
    assert DOCUMENT["numberOfTests"] == len(TESTS) == len({test["tcId"] for test in TESTS})
    assert sum(test["result"] == "invalid" for test in TESTS) > 300
    assert {flag for test in TESTS for flag in test["flags"]} == DOCUMENT["notes"].keys()
