"""``egov self-test``: known answers, every backend against the one in use, and a seal made and verified."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command
from egov_sdk.cli._inputs import now
from egov_sdk.cli._known import KNOWN, Question, Wrong, agreement
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.report import Outcome, Text

__all__ = ["self_test"]

_BACKEND = Text("SM2 arithmetic of the backend {name}", "SM2 运算后端 {name}")
_SEAL = Text("A seal made, applied, verified, and a change caught", "制章、盖章、验证，并发现改动")
_WORDS = {
    Outcome.PASSED: Text("passed", "通过"),
    Outcome.FAILED: Text("FAILED", "失败"),
    Outcome.SKIPPED: Text("not here", "不可用"),
}
_MARKS = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.SKIPPED: "dim"}
_ALL_GOOD = Text("PASSED: this installation computes what the standards say.", "通过：本安装的计算结果与标准一致。")
_BAD = Text("FAILED: do not rely on this installation.", "失败：请勿使用本安装。")


@dataclass(frozen=True, slots=True)
class _Answer:
    id: str
    title: Text
    outcome: Outcome
    detail: str
    duration_ms: float


@command(groups.root, "self-test", "Compute what standards print, and compare.", "与标准中的已知答案比对。")
def self_test(voice: Voice) -> ExitCode:
    """Compute what standards print, and compare."""
    answers = list(_run())
    failed = any(answer.outcome is Outcome.FAILED for answer in answers)
    if voice.as_json:
        outcome = Outcome.FAILED if failed else Outcome.PASSED
        voice.document({"outcome": outcome.value, "tests": [_plain(answer, voice) for answer in answers]})
    else:
        _show(voice, answers)
        voice.line()
        voice.line(_BAD if failed else _ALL_GOOD, style="bold red" if failed else "bold green")
    return ExitCode.REJECTED if failed else ExitCode.DONE


def _run() -> Iterator[_Answer]:
    from egov_sdk.crypto import available_backends, backend

    for question in KNOWN:
        yield _ask(question)
    for status in available_backends():
        title = Text(_BACKEND.en.format(name=status.name), _BACKEND.zh.format(name=status.name))
        name = f"backend.{status.name}"
        if not status.available:
            yield _Answer(name, title, Outcome.SKIPPED, status.reason, 0.0)
        elif status.name != backend():
            yield _ask(Question(name, title, partial(agreement, status.name)))
    yield _ask(Question("seal", _SEAL, _seal))


def _ask(question: Question) -> _Answer:
    began = time.perf_counter()
    try:
        detail, outcome = question.ask(), Outcome.PASSED
    except Wrong as wrong:
        detail, outcome = str(wrong), Outcome.FAILED
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in here is the finding
        detail, outcome = f"{type(error).__name__}: {error}", Outcome.FAILED
    return _Answer(question.id, question.title, outcome, detail, 1000 * (time.perf_counter() - began))


def _seal() -> str:
    from egov_sdk.cli.demo import play

    done = play(at=now())
    if done.sealed_report.outcome is not Outcome.PASSED:
        raise Wrong(f"a sound document is {done.sealed_report.outcome.value}: {done.sealed_report.blocking[0].id}")
    caught = [check.reason for check in done.tampered_report.blocking]
    if caught != ["file_changed"]:
        raise Wrong(f"a changed document gives {caught or 'nothing'}, expected file_changed")
    return caught[0]


def _show(voice: Voice, answers: list[_Answer]) -> None:
    rows = [
        (
            voice.say(_WORDS[answer.outcome]),
            voice.say(answer.title),
            "" if answer.outcome is Outcome.SKIPPED else f"{answer.duration_ms:.0f} ms",
            answer.detail,
        )
        for answer in answers
    ]
    voice.table(rows, styles=("", "", "dim", "dim"), first=[_MARKS[answer.outcome] for answer in answers])


def _plain(answer: _Answer, voice: Voice) -> dict[str, object]:
    return {
        "id": answer.id,
        "title": voice.say(answer.title),
        "outcome": answer.outcome.value,
        "detail": answer.detail,
        "duration_ms": round(answer.duration_ms, 3),
    }
