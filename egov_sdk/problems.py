"""A room's refusals: one table of reasons with their words in both languages, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from egov_sdk.errors import ParseError, VerificationError
from egov_sdk.report import Text

__all__ = ["ProblemTable", "Rejected", "shown"]

_SHOWN_CHARS = 120


class Rejected(VerificationError):
    """A rule says no: ``problem`` is the reason's key in the room's table, ``text`` the reason in both languages."""

    code = "egov.rejected"
    problem: str = ""
    text: Text = Text("", "")


_R = TypeVar("_R", bound=Rejected)


@dataclass(frozen=True, slots=True)
class ProblemTable(Generic[_R]):
    """The reasons of one room. A full code is ``egov.``, the room, a dot and the key.

    A fact that has words of ours is a ``Text``; one from a file or from a person stays as it is. Nothing personal and
    no secret may be among the facts of a refusal.

    Attributes:
        words: What the Chinese sentences call the values of a fact, by its name; the facts themselves stay as they are.
    """

    room: str
    rows: Mapping[str, Text]
    rejected: type[_R]
    words: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)

    def refuse(self, problem: str, /, **facts: object) -> _R:
        """The error for one row of the table; the caller raises it."""
        detail, text = self._told(problem, facts)
        error = self.rejected(text.en, code=f"egov.{self.room}.{problem}")
        error.detail.update(detail)
        error.problem, error.text = problem, text
        return error

    def unreadable(self, problem: str, /, *, where: str | Text = "", **facts: object) -> ParseError:
        """The error for something that is not what it should be; the caller raises it.

        Args:
            where: The place; in both languages where it has words.
        """
        detail, text = self._told(problem, facts)
        place = where if isinstance(where, Text) else Text(where, where)
        code = f"egov.{self.room}.{problem}"
        error = ParseError(text.en, where=shown(place.en), code=code, **detail)
        error.text = Text(error.message, f"{shown(place.zh)}：{text.zh}" if place.zh else text.zh)
        return error

    def _told(self, problem: str, facts: Mapping[str, object]) -> tuple[dict[str, str], Text]:
        """The facts as they may be shown, and the sentence in both languages."""
        row, detail = self.rows[problem], {name: shown(value) for name, value in facts.items()}
        chinese = {name: shown(value.zh) for name, value in facts.items() if isinstance(value, Text)}
        chinese |= {name: words[detail[name]].zh for name, words in self.words.items() if detail.get(name) in words}
        return detail, Text(row.en.format_map(detail), row.zh.format_map(detail | chinese))


def shown(value: object) -> str:
    """A stranger's value made safe to show: one line, no control characters, not too long."""
    text = str(value)
    if len(text) > _SHOWN_CHARS:
        text = text[: _SHOWN_CHARS - 1] + "…"
    return text if text.isprintable() else text.encode("unicode_escape", "backslashreplace").decode("ascii")
