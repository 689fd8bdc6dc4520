"""``egov code``: check numbers of people and organisations, and make ones for tests."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._options import NumberText
from egov_sdk.cli._output import ExitCode, Voice, outcome_of
from egov_sdk.cli._problems import UsageError
from egov_sdk.codes.kinds import KIND_NAMES, CodeKind
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.codes import CodeCheck

__all__ = ["check", "specimen"]

SpecimenKind = Literal["citizen_number", "residence_permit", "permanent_resident_card", "credit_code"]

_MOST = 1000
_LENGTHS = (15, 18)
_SHOWN_CHARS = 40
_INPUT_CHARS = 1000
_LIKE_A_PERSON = re.compile(r"[0-9]+X?")
_CONCLUSIONS: Mapping[ExitCode, Text] = {
    ExitCode.DONE: Text("well-formed", "格式正确"),
    ExitCode.REJECTED: Text("not well-formed", "格式不正确"),
    ExitCode.UNDECIDED: Text(
        "no kind with rules fits: say which with --kind", "不符合任何有规则的种类，请用 --kind 指定"
    ),
}
_SHAPE_ONLY = Text("only the shape could be checked", "只能检查形式")
_SPECIMENS = Text("these numbers can belong to nobody", "以下号码不可能属于任何人")


@command(
    groups.code,
    "check",
    "Check a number and name the rule that it breaks; the number is shown masked.",
    "检查号码并指出违反的规则（号码脱敏显示）。",
)
def check(
    voice: Voice,
    number: NumberText,
    kind: Annotated[
        CodeKind | None,
        option("--kind", "What it should be; any kind otherwise.", "号码的种类；未指定时逐一尝试。"),
    ] = None,
) -> ExitCode:
    """Check one number."""
    from egov_sdk.codes import check_code, normalize

    text = normalize(sys.stdin.readline(_INPUT_CHARS) if number == "-" else number)
    every = [check_code(text, one) for one in ((kind,) if kind else CodeKind)]
    checks = every if kind else _telling(text, every)
    code = _decided(checks, asked=kind is not None)
    shown = _shown(text, checks)
    if voice.as_json:
        plain = [_plain(voice, one) for one in checks]
        voice.document({"number": shown, "outcome": outcome_of(code).value, "checks": plain})
        return code
    voice.line(f"{shown}  {voice.say(_CONCLUSIONS[code])}", style="bold")
    voice.table([(voice.say(one.message), _remark(voice, one)) for one in checks], styles=("", "dim"))
    return code


def _telling(text: str, checks: Sequence[CodeCheck]) -> Sequence[CodeCheck]:
    """The results that matter: what fits; or else what comes closest.

    A text as long as a person's number is none of those kinds of which only a loose shape is known; and what may be a
    person's number gets no words that were made for public ones, since these repeat parts of it.
    """
    ruled = [one for one in checks if one.kind is not None and not one.kind.is_shape_only]
    if good := [one for one in ruled if one.ok]:
        return good
    if len(text) not in _LENGTHS and (shapes := [one for one in checks if one.ok]):
        return shapes
    if _LIKE_A_PERSON.fullmatch(text):
        ruled = [one for one in ruled if one.kind is not None and one.kind.is_personal]
    return [one for one in ruled if one.rule not in ("length", "shape")] or ruled


def _decided(checks: Sequence[CodeCheck], *, asked: bool) -> ExitCode:
    """Only shapes that fit decide nothing, unless that kind was asked for."""
    if not checks[0].ok:
        return ExitCode.REJECTED
    ruled = any(one.kind is not None and not one.kind.is_shape_only for one in checks)
    return ExitCode.DONE if asked or ruled else ExitCode.UNDECIDED


def _shown(text: str, checks: Sequence[CodeCheck]) -> str:
    from egov_sdk.codes.masking import mask_number

    public = all(one.ok and one.kind is not None and not one.kind.is_personal for one in checks)
    return text if public else mask_number(text[:_SHOWN_CHARS])


def _remark(voice: Voice, one: CodeCheck) -> str:
    if one.ok:
        return voice.say(_SHAPE_ONLY) if one.kind is not None and one.kind.is_shape_only else ""
    return one.code


def _plain(voice: Voice, one: CodeCheck) -> dict[str, object]:
    return {**one.to_dict(voice.lang), "shape_only": one.kind is not None and one.kind.is_shape_only}


@command(
    groups.code,
    "test-number",
    "Make numbers for tests: every rule is kept, and they can belong to nobody.",
    "生成测试号码：符合全部规则，且不可能属于任何人。",
)
def specimen(
    voice: Voice,
    kind: Annotated[SpecimenKind, option("--kind", "What it should be.", "号码的种类。")] = "citizen_number",
    count: Annotated[int, option("--count", "How many.", "个数。", metavar="NUMBER")] = 1,
    index: Annotated[
        int,
        option(
            "--index",
            "Which one to begin with; the same index gives the same number.",
            "从第几个开始；同一序号的号码相同。",
            metavar="NUMBER",
        ),
    ] = 0,
) -> None:
    """Make numbers for tests."""
    if not 1 <= count <= _MOST:
        raise UsageError(Text(f"--count is from 1 to {_MOST}", f"--count 须在 1 至 {_MOST} 之间"))
    make = _makers()[kind]
    numbers = [make(index + place) for place in range(count)]
    if voice.as_json:
        voice.document({"kind": kind, "title": voice.say(KIND_NAMES[CodeKind(kind)]), "numbers": numbers})
        return
    voice.note(Text(*(f"{KIND_NAMES[CodeKind(kind)].in_(lang)}: {_SPECIMENS.in_(lang)}" for lang in ("en", "zh"))))
    for number in numbers:
        voice.line(number)


def _makers() -> Mapping[SpecimenKind, Callable[[int], str]]:
    from egov_sdk.codes import specimens

    return {
        "citizen_number": lambda index: specimens.specimen_citizen_number(index).number,
        "residence_permit": lambda index: specimens.specimen_residence_permit(index).number,
        "permanent_resident_card": lambda index: specimens.specimen_permanent_resident_card(index).number,
        "credit_code": lambda index: specimens.specimen_credit_code(index).number,
    }
