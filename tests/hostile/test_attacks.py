"""Every forged document is refused with its code or reported by its check, and none is ever passed."""

from __future__ import annotations

import contextlib
import os
import resource
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from egov_sdk.errors import InputError
from egov_sdk.report import Outcome
from egov_sdk.seal import verify
from tests.hostile.attacks import ATTACKS, Caught, Refused
from tests.world import NOW, assert_verifies, world

#: Attacks that only work once the certificates are out of date.
_LATER = {"b31": NOW + timedelta(days=1200)}
_LATER_SEAL = {"04": NOW + timedelta(days=860)}


def _time_of(number: str) -> datetime:
    return _LATER.get(number) or _LATER_SEAL.get(number) or NOW + timedelta(hours=1)


def test_the_document_that_all_attacks_start_from_is_good() -> None:
    assert_verifies(world().stamped(), world().policy())


@pytest.mark.parametrize("number", sorted(ATTACKS), ids=lambda number: f"{number}-{ATTACKS[number].name}")
def test_a_forged_document_never_passes_and_the_right_check_says_why(number: str) -> None:
    attack = ATTACKS[number]
    forged = attack.make(world())
    policy = world().policy(at=_time_of(number))
    if isinstance(attack.expected, Refused):
        with pytest.raises(InputError) as caught:
            verify(forged, policy=policy)
        assert caught.value.code == attack.expected.code
        return
    report = verify(forged, policy=policy)
    assert report.outcome is not Outcome.PASSED
    found = {(check.id, check.reason) for check in report.blocking}
    assert (attack.expected.check, attack.expected.reason) in found, sorted(found)


@pytest.mark.parametrize("number", sorted(ATTACKS), ids=lambda number: f"{number}-{ATTACKS[number].name}")
def test_without_anchors_a_forged_document_does_not_pass_either(number: str) -> None:
    from egov_sdk.seal import Policy

    try:
        report = verify(ATTACKS[number].make(world()), policy=Policy.standard(trust=None, at=_time_of(number)))
    except InputError:
        return
    assert report.outcome is not Outcome.PASSED


def test_no_attack_costs_more_than_a_second_or_300_mb_or_writes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = {number: attack.make(world()) for number, attack in ATTACKS.items()}
    monkeypatch.chdir(tmp_path)
    for number, document in forged.items():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        with contextlib.suppress(InputError):
            verify(document, policy=world().policy(at=_time_of(number)))
        spent = time.process_time() - started
        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert spent < 1, f"{number} {ATTACKS[number].name} took {spent:.2f} s of processor time"
        assert grown_kib < 300 * 1024, f"{number} {ATTACKS[number].name} took {grown_kib >> 10} MiB"
    assert os.listdir(tmp_path) == []


def test_every_attack_has_an_expectation_of_its_kind() -> None:
    rejects = [a for a in ATTACKS.values() if isinstance(a.expected, Refused)]
    reports = [a for a in ATTACKS.values() if isinstance(a.expected, Caught)]
    assert len(rejects) >= 15
    assert len(reports) >= 55
