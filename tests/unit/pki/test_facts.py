from __future__ import annotations

import re
from pathlib import Path

import pytest

import egov_sdk.pki
from egov_sdk.pki.facts import REASONS, fact
from egov_sdk.report import Outcome

SOURCE = "\n".join(
    path.read_text("utf-8") for path in Path(egov_sdk.pki.__file__).parent.glob("*.py") if path.name != "_reasons.py"
)


def test_every_reason_has_words_in_both_languages_with_the_same_facts() -> None:
    for reason, text in REASONS.items():
        assert text.en, reason
        assert text.zh, reason
        assert set(re.findall(r"\{(\w+)\}", text.en)) == set(re.findall(r"\{(\w+)\}", text.zh)), reason


def test_every_reason_is_given_by_somebody() -> None:
    built = {"list_stale", "response_stale", "issuer_expired", "issuer_not_yet_valid"}  # put together of two words
    assert {reason for reason in REASONS.keys() - built if f'"{reason}"' not in SOURCE} == set()


def test_facts_are_filled_in_from_the_evidence() -> None:
    found = fact(Outcome.FAILED, "expired", subject="CN=x", not_after="2026")
    assert found.message.en == "CN=x expired at 2026"
    assert found.evidence["subject"] == "CN=x"
    assert fact(Outcome.PASSED, "anchored") is fact(Outcome.PASSED, "anchored")


def test_braces_in_the_evidence_stay_braces() -> None:
    assert fact(Outcome.FAILED, "path_invalid", found="{subject} {0}").message.en.endswith("{subject} {0}")


def test_an_unknown_reason_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        fact(Outcome.FAILED, "because")
    with pytest.raises(KeyError):
        fact(Outcome.FAILED, "expired", subject="CN=x")
