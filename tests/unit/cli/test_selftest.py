"""``egov self-test``: it passes here, and it can fail."""

from __future__ import annotations

import dataclasses

import pytest

from egov_sdk.cli import _known as known
from egov_sdk.cli import _selftest as selftest
from egov_sdk.cli import demo
from egov_sdk.crypto import available_backends, backend, sm3
from egov_sdk.crypto._backend.select import load
from tests.unit.cli.calling import Egov


def test_every_known_answer_and_every_backend_passes(egov: Egov) -> None:
    before = backend()
    ran = egov("self-test", "--json")
    assert ran.code == 0
    assert ran.json["outcome"] == "passed"
    outcomes = {test["id"]: test["outcome"] for test in ran.json["tests"]}
    assert {"sm3", "kdf", "sm4", "sm4.gcm", "sm2.verify", "sm2.decrypt", "sm2.fresh", "seal"} <= outcomes.keys()
    others = {f"backend.{one.name}" for one in available_backends() if one.name != before}
    assert others <= outcomes.keys()
    for one in available_backends():
        if one.name != before:
            assert outcomes[f"backend.{one.name}"] == ("passed" if one.available else "skipped")
    assert backend() == before


def test_the_text_ends_with_a_conclusion(egov: Egov) -> None:
    assert egov("self-test").out.splitlines()[-1].startswith("PASSED")
    assert egov("self-test", "--lang", "zh").out.splitlines()[-1].startswith("通过")


@pytest.mark.parametrize("error", [known.Wrong("found 00"), RuntimeError("broken")])
def test_one_wrong_answer_rejects_the_installation(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def wrong() -> str:
        raise error

    monkeypatch.setattr(selftest, "KNOWN", (dataclasses.replace(known.KNOWN[0], ask=wrong), *known.KNOWN[1:]))
    ran = egov("self-test")
    assert ran.code == 1
    assert str(error) in ran.out
    assert ran.out.splitlines()[-1].startswith("FAILED")


def test_a_backend_that_computes_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    other = next(one.name for one in available_backends() if one.available and one.name != backend())
    engine = load(other)
    sign = engine.sign
    monkeypatch.setattr(engine, "sign", lambda handle, e, k: sign(handle, sm3(e), k), raising=False)
    with pytest.raises(Exception, match=r"found|does not"):
        known.agreement(other)


def test_a_hash_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import egov_sdk.crypto

    monkeypatch.setattr(egov_sdk.crypto, "sm3", lambda data: bytes(32))
    with pytest.raises(known.Wrong, match="found 00"):
        known.KNOWN[0].ask()


@pytest.mark.parametrize("swap", [("sealed_report", "tampered_report"), ("tampered_report", "sealed_report")])
def test_a_seal_that_does_not_catch_a_change_is_found(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, swap: tuple[str, str]
) -> None:
    play = demo.play

    def confused(**arguments: object) -> demo.Demo:
        done = play(**arguments)  # type: ignore[arg-type]  # handed on as it came
        return dataclasses.replace(done, **{swap[0]: getattr(done, swap[1])})

    monkeypatch.setattr(demo, "play", confused)
    ran = egov("self-test", "--json")
    assert ran.code == 1
    assert [test["id"] for test in ran.json["tests"] if test["outcome"] == "failed"] == ["seal"]
