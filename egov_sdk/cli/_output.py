"""How a command speaks: plain lines or a coloured terminal, JSON, two languages, five exit codes."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from egov_sdk.cli._text import columns, json_text
from egov_sdk.cli._words import language
from egov_sdk.report import Lang, Outcome, Text
from egov_sdk.report_words import safe

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "SCHEMA_VERSION",
    "ExitCode",
    "Voice",
    "console",
    "exit_code",
    "followed",
    "is_terminal",
    "outcome_of",
    "worst_exit",
]

_T = TypeVar("_T")
SCHEMA_VERSION = 1


class ExitCode(enum.IntEnum):
    """What every command ends with."""

    DONE = 0  # passed, or done
    REJECTED = 1
    USAGE = 2
    UNDECIDED = 3
    DEVICE = 4  # a platform or device failed


_WORST = (ExitCode.REJECTED, ExitCode.UNDECIDED, ExitCode.DEVICE, ExitCode.USAGE, ExitCode.DONE)


def exit_code(outcome: Outcome) -> ExitCode:
    """The exit code of a report's outcome."""
    return {Outcome.PASSED: ExitCode.DONE, Outcome.FAILED: ExitCode.REJECTED}.get(outcome, ExitCode.UNDECIDED)


def outcome_of(code: ExitCode) -> Outcome:
    """The outcome behind an exit code; whatever is neither passed nor rejected was not decided."""
    return {ExitCode.DONE: Outcome.PASSED, ExitCode.REJECTED: Outcome.FAILED}.get(code, Outcome.UNKNOWN)


def worst_exit(codes: Iterable[ExitCode]) -> ExitCode:
    """The code of several files together: one rejected is rejected, else one undecided is undecided."""
    return min(codes, key=_WORST.index, default=ExitCode.DONE)


def is_terminal(stream: object) -> bool:
    """Whether somebody looks at this stream who can see colours."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty()) and os.environ.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True)
class Voice:
    """The language of one run and the form that its results take."""

    lang: Lang
    as_json: bool

    @classmethod
    def of(cls, lang: Lang | None, *, as_json: bool) -> Voice:
        return cls(language(lang), as_json)

    @property
    def colourful(self) -> bool:
        """Whether results go to a terminal."""
        return not self.as_json and is_terminal(sys.stdout)

    def say(self, text: Text) -> str:
        """The sentence in the language of this run."""
        return text.in_(self.lang)

    def line(self, text: Text | str = "", *, style: str = "") -> None:
        """One line of the result."""
        words = safe(self.say(text) if isinstance(text, Text) else text)
        if not self.colourful:
            print(words)
            return
        from rich.text import Text as Styled

        console().print(Styled(words, style=style), soft_wrap=True)

    def facts(self, rows: Iterable[tuple[Text, object]], *, indent: str = "  ") -> None:
        """Labels with their values, one a line; a label without a value is left out."""
        table = [(self.say(label), _value(value)) for label, value in rows if value not in (None, "", ())]
        self.table(table, indent=indent, styles=("dim", ""))

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        indent: str = "  ",
        styles: Sequence[str] = (),
        first: Sequence[str] = (),
    ) -> None:
        """Rows in columns; a column without a word in it is left out.

        Args:
            styles: One for each column, on a terminal.
            first: In place of the first style, one for each row.
        """
        kept = [place for place, cells in enumerate(zip(*rows, strict=True)) if any(cells)]
        clean = [[safe(row[place]) for place in kept] for row in rows]
        if not self.colourful:
            for text in columns(clean, indent=indent):
                print(text)
            return
        from egov_sdk.cli._terminal import grid

        grid(
            console(),
            clean,
            indent=len(indent),
            styles=[styles[place] for place in kept if place < len(styles)],
            first=first,
        )

    def document(self, value: Mapping[str, object]) -> None:
        """The whole result as JSON."""
        print(json_text({"schema_version": SCHEMA_VERSION, **value}))

    def note(self, text: Text | str, *, style: str = "dim") -> None:
        """Something beside the result, on standard error."""
        words = safe(self.say(text) if isinstance(text, Text) else text)
        if not is_terminal(sys.stderr):
            print(words, file=sys.stderr)
            return
        from rich.text import Text as Styled

        console(error=True).print(Styled(words, style=style), soft_wrap=True)


def console(*, error: bool = False) -> Console:
    """A terminal as rich sees it; made anew each time, since tests exchange the streams."""
    from rich.console import Console

    return Console(stderr=error, highlight=False, markup=False, emoji=False)


def followed(items: Iterable[_T], *, total: int | None = None) -> Iterable[_T]:
    """The items; where somebody looks at standard error, it shows how far it has come."""
    if not is_terminal(sys.stderr):
        return items
    from egov_sdk.cli._terminal import counted

    return counted(items, console=console(error=True), total=total)


def _value(value: object) -> str:
    if isinstance(value, (tuple, list, frozenset)):
        return ", ".join(str(item) for item in value)
    return str(value)
