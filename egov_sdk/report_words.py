"""The words in which reports are shown to people, on a terminal and on pages, in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import EgovError
from egov_sdk.report import Check, Lang, Outcome, Report, Text, worst

__all__ = [
    "CONCLUSIONS",
    "OUTCOMES",
    "TITLES",
    "harmless",
    "hint_of",
    "is_note",
    "lasting",
    "message_of",
    "moment",
    "safe",
    "text_of",
    "verdict_of",
]

#: The four answers: what each is called, and the question behind it.
TITLES: Final[Mapping[str, tuple[Text, Text]]] = MappingProxyType(
    {
        "integrity": (Text("Integrity", "完整性"), Text("is the mathematics right?", "数学上是否正确？")),
        "binding": (Text("Binding", "绑定"), Text("does it belong to those whom it names?", "是否属于所称的主体？")),
        "trust": (Text("Trust", "信任"), Text("does it lead to somebody you trust?", "能否追溯到您所信任的机构？")),
        "coverage": (Text("Coverage", "覆盖"), Text("is what is shown what was signed?", "所示内容是否即所签内容？")),
    }
)
#: Of one check or one answer.
OUTCOMES: Final[Mapping[Outcome, Text]] = MappingProxyType(
    {
        Outcome.PASSED: Text("passed", "通过"),
        Outcome.FAILED: Text("failed", "失败"),
        Outcome.UNKNOWN: Text("unknown", "未知"),
        Outcome.SKIPPED: Text("skipped", "跳过"),
    }
)
#: Of a whole report.
CONCLUSIONS: Final[Mapping[Outcome, Text]] = MappingProxyType(
    {
        Outcome.PASSED: Text("PASSED", "通过"),
        Outcome.FAILED: Text("REJECTED", "拒绝"),
        Outcome.UNKNOWN: Text("COULD NOT DECIDE", "无法判定"),
        Outcome.SKIPPED: Text("COULD NOT DECIDE", "无法判定"),
    }
)
_UNITS: Final = (
    (86_400, Text("d", "天")),
    (3_600, Text("h", "小时")),
    (60, Text("min", "分钟")),
    (1, Text("s", "秒")),
)


def is_note(check: Check, report: Report) -> bool:
    """Whether a check that did not pass decides nothing under the policy."""
    return check.id not in report.required and check.outcome in (Outcome.FAILED, Outcome.UNKNOWN)


def verdict_of(report: Report, subject: str, *, subjects: Iterable[str]) -> Outcome:
    """The worst of the required checks that speak of one signature or of the document as a whole.

    Args:
        subjects: What the report calls the signatures, all of them.
    """
    others = set(subjects) - {subject}
    asked = [check for check in report.checks if check.id in report.required and check.subject not in others]
    found = worst(check.outcome for check in asked)
    ran = {check.id for check in asked}
    return worst([found, Outcome.UNKNOWN]) if report.required - ran else found


def message_of(error: EgovError, lang: Lang) -> str:
    """The message of an error; in Chinese where the room that raised it has a Chinese sentence."""
    told = error.detail.get("message_zh") or getattr(getattr(error, "text", None), "zh", "")
    return str(told) if told and lang == "zh" else error.message


def text_of(error: EgovError) -> Text:
    """The message of an error in both languages; in English twice where it has no Chinese sentence."""
    return Text(error.message, message_of(error, "zh"))


def hint_of(error: EgovError, lang: Lang) -> str:
    """What an error says to do next; in Chinese where whoever raised it has a Chinese sentence."""
    return error.hint_text.in_(lang) if error.hint_text is not None else error.hint


def moment(at: datetime) -> str:
    """A time for people, with its zone."""
    return f"{at:%Y-%m-%d %H:%M:%S %z}"


def lasting(seconds: float, lang: Lang) -> str:
    """How long something lasts, in one unit."""
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    return f"{seconds / size:.0f} {unit.in_(lang)}"


def safe(text: object) -> str:
    """Text from a stranger's file as one line that cannot steer a terminal or turn its direction around."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(char if harmless(char) else char.encode("unicode_escape").decode("ascii") for char in shown)


def harmless(char: str) -> bool:
    """Whether a character only shows itself: no control, no change of direction."""
    return char.isprintable() or unicodedata.category(char) == "Zs"
