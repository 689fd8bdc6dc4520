"""Reports on their way between programs: plain values that hold both languages, and a report again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NoReturn

from egov_sdk.errors import ParseError
from egov_sdk.report import ANSWERS, Check, Outcome, Report, Text

__all__ = ["dump_report", "load_report"]

_VERSION: Final = 1
_MOST_CHECKS: Final = 20_000


def dump_report(report: Report) -> dict[str, object]:
    """A report as plain values, from which ``load_report`` makes one that says the same."""
    return {
        "form": _VERSION,
        "subject": report.subject,
        "verified_at": report.verified_at.isoformat(),
        "policy": report.policy,
        "required": sorted(report.required),
        "checks": [_dump(check) for check in report.checks],
    }


def load_report(value: object, *, where: str = "report") -> Report:
    """A report from plain values.

    What it says is the word of whoever sent it: it is no verification of one's own.

    Raises:
        ParseError: it is not what dump_report gives.
    """
    held = _object(value, where)
    if held.get("form") != _VERSION:
        _wrong(f"{where}.form", _VERSION, held.get("form"))
    checks, required = held.get("checks"), held.get("required")
    if not isinstance(checks, list) or len(checks) > _MOST_CHECKS:
        _wrong(f"{where}.checks", f"a list of at most {_MOST_CHECKS}", type(checks).__name__)
    if not isinstance(required, list):
        _wrong(f"{where}.required", "a list", type(required).__name__)
    return Report(
        _text(held, "subject", where),
        _time(_text(held, "verified_at", where), where),
        _text(held, "policy", where),
        tuple(_load(check, f"{where}.checks[{number}]") for number, check in enumerate(checks)),
        frozenset(_id(str(name), f"{where}.required") for name in required),
    )


def _dump(check: Check) -> dict[str, object]:
    message = check.message
    return {
        "id": check.id,
        "outcome": check.outcome.value,
        "reason": check.reason,
        "en": message.en,
        "zh": message.zh,
        "clause": check.clause,
        "subject": check.subject,
        "evidence": dict(check.evidence),
    }


def _load(value: object, where: str) -> Check:
    held = _object(value, where)
    outcome = _text(held, "outcome", where)
    if outcome not in {known.value for known in Outcome}:
        _wrong(f"{where}.outcome", "an outcome", outcome)
    evidence = {str(name): str(fact) for name, fact in _object(held.get("evidence", {}), f"{where}.evidence").items()}
    # the sentences came with their facts in them: what looks like a place for one is plain text
    wording = Text(*(_text(held, lang, where).replace("{", "{{").replace("}", "}}") for lang in ("en", "zh")))
    if not evidence:
        wording = Text(_text(held, "en", where), _text(held, "zh", where))
    return Check(
        _id(_text(held, "id", where), where),
        Outcome(outcome),
        _text(held, "reason", where),
        wording,
        _text(held, "clause", where),
        _text(held, "subject", where),
        MappingProxyType(evidence),
    )


def _id(text: str, where: str) -> str:
    if text.partition(".")[0] not in ANSWERS:
        _wrong(where, f"an id that begins with one of {', '.join(ANSWERS)}", text)
    return text


def _time(text: str, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        _wrong(f"{where}.verified_at", "a time", text)
    if at.tzinfo is None:
        _wrong(f"{where}.verified_at", "a time with its offset", text)
    return at


def _object(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        _wrong(where, "an object", type(value).__name__)
    return value


def _text(held: Mapping[str, object], name: str, where: str) -> str:
    value = held.get(name)
    if not isinstance(value, str):
        _wrong(f"{where}.{name}", "a text", type(value).__name__)
    return value


def _wrong(where: str, expected: object, found: object) -> NoReturn:
    shown = str(found)[:80]
    raise ParseError(
        f"expected {expected}, found {shown!r}",
        where=where,
        code="egov.report.malformed",
        expected=expected,
        found=shown,
    )
