"""The answer of every verification: checks with outcomes, in four answers kept apart."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from string import Formatter
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, Self

from egov_sdk.errors import VerificationError

__all__ = ["ANSWERS", "Check", "CheckTable", "CheckText", "Lang", "Outcome", "Report", "Text", "worst"]

Lang = Literal["zh", "en"]

#: The four answers, in the order a person asks for them. Every check id begins with one of them.
ANSWERS = ("integrity", "binding", "trust", "coverage")

SCHEMA_VERSION = 1


class Outcome(enum.Enum):
    """What a check found. Only PASSED is a yes."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"  # could not be decided: no anchor, no revocation list, no time
    SKIPPED = "skipped"  # does not apply here, or the policy said not to look

    __hash__ = object.__hash__  # each is there once; enum's own way is slow, and answers are looked up all the time


_ORDER = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.PASSED, Outcome.SKIPPED)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The least good of several outcomes; of none, UNKNOWN. SKIPPED gives way to any other."""
    found = tuple(outcomes)
    return next((one for one in _ORDER if one in found), Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages."""

    en: str
    zh: str

    def in_(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def __str__(self) -> str:
        return self.en


_NO_EVIDENCE: Final[Mapping[str, str]] = MappingProxyType({})
#: What the constructor of a named tuple does, without its own call: checks are made by the dozen for each file.
_new: Final = tuple.__new__


class Check(NamedTuple):
    """One question that was asked of the input, and its answer.

    ``id`` is stable and begins with the answer that it serves; ``reason`` is the stable code of
    what was found; ``subject`` says of what (a signature's ID, a file), and is empty when the check
    speaks of the whole input; ``evidence`` holds the facts behind the message; ``wording`` is the
    message with the places of the facts in braces.
    """

    id: str
    outcome: Outcome
    reason: str
    wording: Text
    clause: str = ""
    subject: str = ""
    evidence: Mapping[str, str] = _NO_EVIDENCE

    @property
    def message(self) -> Text:
        """What was found, in one sentence; made when it is read, since most are never read."""
        if not self.evidence:
            return self.wording
        return Text(self.wording.en.format_map(self.evidence), self.wording.zh.format_map(self.evidence))

    @property
    def answer(self) -> str:
        return self.id.partition(".")[0]

    def to_dict(self, lang: Lang = "en") -> dict[str, object]:
        return {
            "id": self.id,
            "outcome": self.outcome.value,
            "reason": self.reason,
            "message": self.message.in_(lang),
            "clause": self.clause,
            "subject": self.subject,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a verification found. It is not a yes or no: ask ``outcome`` or call ``require()``."""

    subject: str
    verified_at: datetime
    policy: str
    checks: tuple[Check, ...]
    required: frozenset[str]

    @property
    def blocking(self) -> tuple[Check, ...]:
        """Required checks that did not pass, failures first; a required check that never ran is UNKNOWN."""
        ran = {check.id for check in self.checks}
        never = (
            Check(name, Outcome.UNKNOWN, "never_ran", Text("the check never ran", "该检查未执行"))
            for name in sorted(self.required - ran)
        )
        stopped = [
            check
            for check in self.checks
            if check.id in self.required and check.outcome in (Outcome.FAILED, Outcome.UNKNOWN)
        ]
        return tuple(sorted((*stopped, *never), key=lambda check: _ORDER.index(check.outcome)))

    @property
    def outcome(self) -> Outcome:
        """FAILED before UNKNOWN before PASSED, over the required checks; nothing required is UNKNOWN."""
        return self._over(self.required)

    def answer(self, name: str) -> Outcome:
        """The outcome of one of the four answers, over its required checks."""
        if name not in ANSWERS:
            raise ValueError(f"answer must be one of {', '.join(ANSWERS)}, got {name!r}")
        return self._over(frozenset(check for check in self.required if check.startswith(name + ".")))

    @property
    def answers(self) -> Mapping[str, Outcome]:
        return MappingProxyType({name: self.answer(name) for name in ANSWERS})

    def _over(self, required: frozenset[str]) -> Outcome:
        if not required:
            return Outcome.UNKNOWN
        seen = [check for check in self.checks if check.id in required]
        found = [check.outcome for check in seen]
        if len({check.id for check in seen}) < len(required):
            found.append(Outcome.UNKNOWN)
        return worst(found)

    def of(self, check_id: str, *, subject: str | None = None) -> tuple[Check, ...]:
        """The checks of one id, or of one id and one subject."""
        return tuple(c for c in self.checks if c.id == check_id and (subject is None or c.subject == subject))

    def require(self) -> Report:
        """Return self when everything required has passed; otherwise raise VerificationError carrying self."""
        if self.outcome is Outcome.PASSED:
            return self
        if not self.blocking:
            raise VerificationError(
                f"{self.subject}: {self.outcome.value}: nothing that was required could be checked",
                report=self,
                code="egov.verify.undecided",
            )
        first = self.blocking[0]
        about = f" ({first.subject})" if first.subject else ""
        raise VerificationError(
            f"{self.subject}: {first.id}{about} {first.outcome.value}: {first.message.en}",
            report=self,
            code="egov.verify.rejected" if self.outcome is Outcome.FAILED else "egov.verify.undecided",
            check=first.id,
            reason=first.reason,
        )

    def to_dict(self, lang: Lang = "en") -> dict[str, object]:
        """The report as plain values: the ``--json`` of the command line, schema version 1."""
        return {
            "schema_version": SCHEMA_VERSION,
            "subject": self.subject,
            "verified_at": self.verified_at.isoformat(),
            "policy": self.policy,
            "outcome": self.outcome.value,
            "answers": {name: outcome.value for name, outcome in self.answers.items()},
            "required": sorted(self.required),
            "checks": [check.to_dict(lang) for check in self.checks],
        }

    def __bool__(self) -> bool:
        raise TypeError("a Report is not a yes or no: ask report.outcome, or call report.require()")


@dataclass(frozen=True, slots=True)
class CheckText:
    """One row of a room's table: what a check asks, and what it can answer.

    ``reasons`` maps a reason code to its sentence; facts in braces are filled from the evidence.
    """

    question: Text
    clause: str
    reasons: Mapping[str, Text]

    @classmethod
    def of(cls, en: str, zh: str, clause: str = "", /, **reasons: tuple[str, str]) -> Self:
        """A row of its question and its answers, in English and Chinese each."""
        return cls(Text(en, zh), clause, {code: Text(*texts) for code, texts in reasons.items()})


class _Answer(NamedTuple):
    """One reason of one check: its sentence, and the facts that this names."""

    wording: Text
    clause: str
    needed: frozenset[str]


@dataclass(frozen=True, slots=True)
class CheckTable:
    """All checks of one room with their texts: the one place the words live, and the docs are made from it."""

    rows: Mapping[str, CheckText]
    _answers: Mapping[tuple[str, str], _Answer] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in self.rows:
            if name.partition(".")[0] not in ANSWERS:
                raise ValueError(f"check id {name!r} must begin with one of {', '.join(ANSWERS)}")
        answers = {
            (name, reason): _Answer(text, row.clause, frozenset(_facts_in(text.en) | _facts_in(text.zh)))
            for name, row in self.rows.items()
            for reason, text in row.reasons.items()
        }
        object.__setattr__(self, "_answers", answers)

    def check(self, check_id: str, outcome: Outcome, reason: str, /, *, subject: str = "", **facts: object) -> Check:
        """Make one check result.

        A fact that is a Text stands in each language's message in that language, and in English in the evidence.

        Raises:
            KeyError: the table does not hold the id or the reason, or a fact that its sentence names is missing.
        """
        wording, clause, needed = self._answers[check_id, reason]
        if needed and not needed.issubset(facts):
            raise KeyError(f"{check_id} {reason} needs {', '.join(sorted(needed - facts.keys()))}")
        if not facts:
            return _new(Check, (check_id, outcome, reason, wording, clause, subject, _NO_EVIDENCE))
        evidence: dict[str, str] = {}
        for name, value in facts.items():
            if type(value) is str:
                evidence[name] = value
                continue
            evidence[name] = str(value)
            if isinstance(value, Text):
                wording = Text(wording.en, wording.zh.replace(f"{{{name}}}", _escaped(value.zh)))
        return _new(Check, (check_id, outcome, reason, wording, clause, subject, MappingProxyType(evidence)))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _facts_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
