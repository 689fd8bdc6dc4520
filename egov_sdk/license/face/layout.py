"""Set text into boxes: fit it, break it, go on overleaf, or say that it is too long. Geometry only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from egov_sdk.license.face.template import Column, FieldBox, TableBox
from egov_sdk.license.problems import refuse
from egov_sdk.ofd.builder import text_width_mm, wrap_text
from egov_sdk.ofd.builder.canvas import BOX_EM, Align, Item, TextLine, color_value, rectangle_shape
from egov_sdk.ofd.geometry import Box

__all__ = ["Area", "Look", "Rest", "fit_field", "lay_table", "set_lines", "table_rows"]

_STEP_MM: Final = 0.25
_SLACK_MM: Final = 1e-6
_SHARE: Final = {"left": 0.0, "center": 0.5, "right": 1.0}
_CELLS: Final = "^"


@dataclass(frozen=True, slots=True)
class Area:
    """Where lines are set."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Look:
    """How lines look; ``color`` as OFD writes it."""

    font: str
    size_mm: float
    color: str
    bold: bool
    align: Align
    line_height: float

    @property
    def step_mm(self) -> float:
        return self.line_height * self.size_mm


@dataclass(frozen=True, slots=True)
class Rest:
    """What did not fit and goes on overleaf: text of a field, or rows of a table."""

    item: str
    caption: str
    look: Look
    text: str = ""
    table: TableBox | None = None
    rows: tuple[tuple[str, ...], ...] = ()


def set_lines(lines: Sequence[str], area: Area, look: Look, *, label: str = "") -> Iterator[TextLine]:
    """The lines from the top of the area, aligned in it; blank ones take their room and draw nothing."""
    share = _SHARE[look.align]
    for number, line in enumerate(lines):
        if line.strip():
            width = text_width_mm(line, font=look.font, size_mm=look.size_mm)
            box = Box(
                area.x + share * (area.w - width), area.y + number * look.step_mm, width, BOX_EM * look.size_mm
            )  # fmt: skip
            yield TextLine(box, line, look.font, look.size_mm, look.color, look.bold, label=label)


def height_of(lines: int, look: Look) -> float:
    """How high a number of lines is: the last takes its box only."""
    return (lines - 1) * look.step_mm + BOX_EM * look.size_mm if lines else 0.0


def lines_in(height: float, look: Look) -> int:
    """How many lines stand in a height."""
    if height + _SLACK_MM < BOX_EM * look.size_mm:
        return 0
    return int((height - BOX_EM * look.size_mm + _SLACK_MM) // look.step_mm) + 1


def fit_field(
    box: FieldBox, text: str, *, look: Look, item: str, label: str
) -> tuple[tuple[TextLine, ...], Rest | None]:
    """Set a text into its box as the box says.

    Returns:
        The lines, and what goes on overleaf.
    Raises:
        LicenseRejected: face_overflow: it does not fit.
    """
    area = Area(box.x_mm, box.y_mm, box.width_mm, box.height_mm)
    rest: Rest | None = None
    if box.overflow == "continue":
        look, lines, left = _fill(text, area, look, item)
        rest = Rest(item, box.caption, look, left) if left else None
    elif box.overflow == "wrap":
        look, lines = _wrapped(text, area, look, least=box.min_size_mm or look.size_mm, item=item)
    else:
        least = (box.min_size_mm or look.size_mm / 2) if box.overflow == "shrink" else look.size_mm
        look, lines = _on_lines_of_its_own(text, area, look, least=least, item=item)
    if box.vertical == "middle":
        area = Area(area.x, area.y + max(0.0, area.h - height_of(len(lines), look)) / 2, area.w, area.h)
    return tuple(set_lines(lines, area, look, label=label)), rest


def _sizes(look: Look, least: float) -> Iterator[Look]:
    yield look
    size = round(look.size_mm - _STEP_MM, 4)
    while size > least:
        yield replace(look, size_mm=size)
        size = round(size - _STEP_MM, 4)
    if least < look.size_mm:
        yield replace(look, size_mm=least)


def _on_lines_of_its_own(text: str, area: Area, look: Look, *, least: float, item: str) -> tuple[Look, list[str]]:
    """Lines only where the text has them, in the largest size that fits."""
    lines = text.split("\n")
    for smaller in _sizes(look, least):
        width = max([text_width_mm(line, font=look.font, size_mm=smaller.size_mm) for line in lines])
        if width <= area.w + _SLACK_MM and len(lines) <= lines_in(area.h, smaller):
            return smaller, lines
    raise _too_long(item, text)


def _wrapped(text: str, area: Area, look: Look, *, least: float, item: str) -> tuple[Look, list[str]]:
    for smaller in _sizes(look, least):
        if smaller.size_mm <= area.w:
            lines = wrap_text(text, font=look.font, size_mm=smaller.size_mm, width_mm=area.w)
            if len(lines) <= lines_in(area.h, smaller):
                return smaller, list(lines)
    raise _too_long(item, text)


def _fill(text: str, area: Area, look: Look, item: str) -> tuple[Look, list[str], str]:
    """As many lines as there is room for, and the text that is left."""
    if look.size_mm > area.w:
        raise _too_long(item, text)
    lines = wrap_text(text, font=look.font, size_mm=look.size_mm, width_mm=area.w)
    room = lines_in(area.h, look)
    taken = list(lines[:room])
    return look, taken, _behind(text, taken) if len(lines) > room else ""


def _behind(text: str, lines: Sequence[str]) -> str:
    """What stands in a text behind its first lines; only blanks and line breaks are lost between lines."""
    place = 0
    for line in lines:
        place = text.index(line, place) + len(line)
        while place < len(text) and text[place] == " ":
            place += 1
        if place < len(text) and text[place] == "\n":
            place += 1
    return text[place:]


def flow_text(rest: Rest, area: Area) -> tuple[list[TextLine], Rest | None, float]:
    """Text that goes on: its lines in this area, what is still left, and the height taken."""
    look, lines, left = _fill(rest.text, area, rest.look, rest.item)
    drawn = list(set_lines(lines, area, replace(look, align="left"), label=rest.item))
    return drawn, replace(rest, text=left) if left else None, height_of(len(lines), look)


# ---------------------------------------------------------------------- tables


def table_rows(box: TableBox, value: str, item: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a value, each with as many cells as the table has columns.

    Raises:
        LicenseRejected: face_columns: a row has more.
    """
    rows = []
    for line in value.split("\n") if value else ():
        cells = line.split(_CELLS)
        if len(cells) > len(box.columns):
            raise refuse("face_columns", item=item, expected=len(box.columns), found=len(cells))
        rows.append((*cells, *("",) * (len(box.columns) - len(cells))))
    return tuple(rows)


def lay_table(
    box: TableBox, rows: Sequence[tuple[str, ...]], area: Area, look: Look, *, label: str
) -> tuple[list[Item], tuple[tuple[str, ...], ...], float]:
    """Set rows under the titles, as many as there is room for.

    Returns:
        What is drawn, the rows that are left, and the height taken.
    """
    drawn: list[Item] = []
    y = area.y
    if box.titles:
        titles = tuple(column.title for column in box.columns)
        height, cells = _row(box, titles, look)
        if height > area.h + _SLACK_MM:
            return [], tuple(rows), 0.0
        drawn += _cells(box, cells, Area(area.x, y, area.w, height), replace(look, bold=True), label="", title=True)
        y += height
    first = y
    for number, row in enumerate(rows):
        height, cells = _row(box, row, look)
        if y + height > area.y + area.h + _SLACK_MM:
            return (drawn if y > first else []), tuple(rows[number:]), y - area.y if y > first else 0.0
        drawn += _cells(box, cells, Area(area.x, y, area.w, height), look, label=label)
        y += height
    return drawn, (), y - area.y


def _row(box: TableBox, row: Sequence[str], look: Look) -> tuple[float, list[tuple[str, ...]]]:
    cells = [
        wrap_text(text, font=look.font, size_mm=look.size_mm, width_mm=_inner(column, box, look))
        for column, text in zip(box.columns, row, strict=True)
    ]
    return height_of(max(len(lines) for lines in cells), look) + 2 * box.padding_mm, cells


def _inner(column: Column, box: TableBox, look: Look) -> float:
    """The width inside a cell: one character at least, whatever the padding says."""
    return max(look.size_mm, column.width_mm - 2 * box.padding_mm)


def _cells(
    box: TableBox, cells: Sequence[tuple[str, ...]], area: Area, look: Look, *, label: str, title: bool = False
) -> Iterator[Item]:
    x = area.x
    for column, lines in zip(box.columns, cells, strict=True):
        frame = Box(x, area.y, column.width_mm, area.h)
        yield rectangle_shape(frame, stroke="#000000", fill=None, line_width_mm=box.line_width_mm)
        inner = Area(x + box.padding_mm, area.y + box.padding_mm, _inner(column, box, look), area.h)
        yield from set_lines(lines, inner, replace(look, align="center" if title else column.align), label=label)
        x += column.width_mm


def _too_long(item: str, text: str) -> Exception:
    return refuse("face_overflow", item=item, found=len(text))


@lru_cache(maxsize=1024)
def look_of(font: str, size_mm: float, color: str, *, bold: bool, align: Align, line_height: float) -> Look:
    """A look from the values of a template."""
    return Look(font, size_mm, color_value(color), bold, align, line_height)
