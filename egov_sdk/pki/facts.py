"""One found fact: an outcome, a stable reason, and its sentence in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from egov_sdk.pki._reasons import REASONS
from egov_sdk.report import Outcome, Text

__all__ = ["REASONS", "Fact", "fact"]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fact:
    """What was found about one question. Only PASSED is a yes; ``reason`` is a key of ``REASONS``."""

    outcome: Outcome
    reason: str
    message: Text
    evidence: Mapping[str, str] = field(default_factory=lambda: _NOTHING, repr=False)


@lru_cache(maxsize=256)
def _plain(outcome: Outcome, reason: str) -> Fact:
    return Fact(outcome, reason, REASONS[reason])


def fact(outcome: Outcome, reason: str, **evidence: object) -> Fact:
    """A fact with its text; braces in the text are filled from the evidence.

    Raises:
        KeyError: the table does not hold the reason, or the evidence lacks what its text names.
    """
    if not evidence:
        return _plain(outcome, reason)
    values = {name: str(value) for name, value in evidence.items()}
    text = REASONS[reason]
    return Fact(outcome, reason, Text(text.en.format_map(values), text.zh.format_map(values)), MappingProxyType(values))
