"""A report as people read it: the four answers with their checks, then the conclusion and what stood in the way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._problems import HINT, message_of
from egov_sdk.errors import EgovError
from egov_sdk.report import ANSWERS, Check, Outcome, Report, Text
from egov_sdk.report_words import CONCLUSIONS, OUTCOMES, TITLES, hint_of, is_note, moment

__all__ = [
    "STYLES",
    "conclude",
    "first_reason",
    "hint_for",
    "outcome_word",
    "show_answers",
    "show_checks",
    "show_error",
    "show_report",
    "show_verdict",
]

_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNKNOWN: "?", Outcome.SKIPPED: "–"}
STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.UNKNOWN: "bold yellow",
    Outcome.SKIPPED: "dim",
}
_NOTES = Text("Notes", "提示")
_NOTES_WHY = Text("these decide nothing under this policy", "按本策略不影响结论")
_NOTE = Text("note", "提示")
_ALL_GOOD = Text("everything that policy {policy} requires, as at {at}", "策略 {policy} 的全部要求，验证时间 {at}")
_SIGNATURE = Text("signature {subject}", "签名 {subject}")
_CLAUSE = Text("clause", "依据")
_MORE = Text("and {count} more", "另有 {count} 项")
_CHECK_HINTS = {
    "no_anchors": Text("give the certificates that you trust with --trust", "请用 --trust 指定您信任的证书"),
    "time_unproven": Text(
        "--accept-claimed-time takes the signer's word for the time", "--accept-claimed-time 采信签名者自称的时间"
    ),
    "unknown_party": Text("say with --party which certificate an organisation has", "请用 --party 指明单位的证书"),
    "no_certificate": Text("give the signer's certificate with --certificate", "请用 --certificate 提供签名者证书"),
}


def show_report(voice: Voice, report: Report) -> None:
    """Every check under its answer, notes apart, then the conclusion."""
    voice.line(report.subject, style="bold")
    decisive = [check for check in report.checks if not is_note(check, report)]
    for name in ANSWERS:
        checks = [check for check in decisive if check.answer == name]
        voice.line()
        _heading(voice, name, report.answer(name))
        show_checks(voice, checks, report=report, short=True)
    notes = [check for check in report.checks if is_note(check, report)]
    if notes:
        voice.line()
        voice.line(f"{voice.say(_NOTES)}: {voice.say(_NOTES_WHY)}", style="bold")
        show_checks(voice, notes, report=report)
    voice.line()
    conclude(voice, report)


def show_answers(voice: Voice, report: Report, *, indent: str = "  ") -> None:
    """The four answers alone, one a line."""
    rows = []
    for name in ANSWERS:
        title, question = TITLES[name]
        outcome = report.answer(name)
        row = (outcome_word(voice, outcome), voice.say(title), voice.say(question))
        rows.append((*row, voice.say(OUTCOMES[outcome])) if voice.colourful else row)
    styles = [STYLES[report.answer(name)] for name in ANSWERS]
    voice.table(rows, indent=indent, styles=("", "bold", "dim", ""), first=styles)


def conclude(voice: Voice, report: Report, *, indent: str = "") -> None:
    """The conclusion, and the first check that blocked with its clause."""
    outcome = report.outcome
    word = voice.say(CONCLUSIONS[outcome])
    if outcome is Outcome.PASSED:
        facts = voice.say(_ALL_GOOD).format(policy=report.policy, at=moment(report.verified_at))
        voice.line(f"{indent}{word}: {facts}", style=STYLES[outcome])
        return
    if not report.blocking:
        voice.line(f"{indent}{word}", style=STYLES[outcome])
        return
    first, *others = report.blocking
    about = f" ({_about(voice, first.subject)})" if first.subject else ""
    more = f" [{voice.say(_MORE).format(count=len(others))}]" if others else ""
    voice.line(f"{indent}{word}: {first.id}{about}{more}", style=STYLES[outcome])
    voice.line(f"{indent}  {voice.say(first.message)}")
    if first.clause:
        voice.line(f"{indent}  {voice.say(_CLAUSE)}: {first.clause}", style="dim")


def _about(voice: Voice, subject: str) -> str:
    """What a check is about: the id of a signature, or words that say it, such as ``receipt 1``."""
    told = " " in subject or subject.isalpha()
    return subject if told else voice.say(_SIGNATURE).format(subject=subject)


def first_reason(voice: Voice, report: Report) -> str:
    """What stood in the way first, in one line; nothing where nothing did."""
    if not report.blocking:
        return ""
    first = report.blocking[0]
    return f"{first.id}: {voice.say(first.message)}"


def show_error(voice: Voice, path: Path, error: EgovError, outcome: Outcome) -> None:
    """The conclusion about a file that could not be read at all."""
    voice.line(f"{voice.say(CONCLUSIONS[outcome])}: {path}", style=STYLES[outcome])
    voice.line(f"  {message_of(error, voice.lang)}")
    voice.line(f"  {error.code}", style="dim")
    if error.hint:
        voice.line(f"  {voice.say(HINT)}: {hint_of(error, voice.lang)}", style="dim")


def hint_for(report: Report) -> Text | None:
    """What the caller could give so that an undecided report can be decided."""
    if report.outcome is not Outcome.UNKNOWN:
        return None
    return next((hint for check in report.blocking if (hint := _CHECK_HINTS.get(check.reason))), None)


def show_verdict(voice: Voice, report: Report) -> ExitCode:
    """Show a report, and what could be given where it decides nothing."""
    show_report(voice, report)
    if (hint := hint_for(report)) is not None:
        voice.note(hint)
    return exit_code(report.outcome)


def _heading(voice: Voice, name: str, outcome: Outcome) -> None:
    title, question = TITLES[name]
    mark = f"{_MARKS[outcome]} " if voice.colourful else ""
    voice.line(
        f"{mark}{voice.say(title)}: {voice.say(OUTCOMES[outcome])}  ({voice.say(question)})",
        style=_bold(STYLES[outcome]),
    )


def _bold(style: str) -> str:
    return style if style.startswith("bold") else f"bold {style}"


def show_checks(voice: Voice, checks: Iterable[Check], *, report: Report, short: bool = False) -> None:
    """Checks one a line; ``short`` leaves out the answer that their ids begin with, on a terminal."""
    rows, marks = [], []
    for check in checks:
        note = is_note(check, report)
        word = voice.say(_NOTE) if note else outcome_word(voice, check.outcome)
        name = check.id.partition(".")[2] if short and voice.colourful else check.id
        rows.append(("!" if note and voice.colourful else word, name, check.subject, voice.say(check.message)))
        marks.append("yellow" if note else STYLES[check.outcome])
    voice.table(rows, styles=("", "cyan", "dim", ""), first=marks)


def outcome_word(voice: Voice, outcome: Outcome) -> str:
    """An outcome as a sign on a terminal, as a word elsewhere."""
    return _MARKS[outcome] if voice.colourful else voice.say(OUTCOMES[outcome])
