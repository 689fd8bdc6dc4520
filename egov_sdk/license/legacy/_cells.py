"""One row of a sheet of old licences: its cells by what their columns hold, and what is wrong with them as such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.elements import ELEMENTS
from egov_sdk.license.findings import Finding, finding
from egov_sdk.license.legacy.mapping import Column, Holds
from egov_sdk.license.metadata import Authority
from egov_sdk.sheets import SheetRow
from egov_sdk.sheets.cells import has_control

__all__ = ["Cells", "Places", "RowPlan", "RowProblem", "places_of"]


@dataclass(frozen=True, slots=True)
class RowPlan:
    """All that the rules need to know of a sheet; it can be sent to other processes.

    Attributes:
        batch: The id of the import; serials are made from it and the number of the row.
        header: The cells of the header, which some sheets repeat.
        types: Those of this import, without their templates.
        issuers: The authorities of this import; the first where a row names none.
    """

    batch: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    types: tuple[LicenseType, ...]
    issuers: tuple[Authority, ...]
    ranges: tuple[str, ...] = ()
    issued_as_valid: bool = False
    from_1904: bool = False


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one cell, or with a row; ``place`` is the column from 0, -1 for the whole row."""

    place: int
    finding: Finding


Places = Mapping[Holds, tuple[Column, ...]]


def places_of(plan: RowPlan) -> Places:
    """The columns of each thing that a column may hold."""
    places: dict[Holds, tuple[Column, ...]] = {}
    for column in plan.columns:
        if column.holds is not None:
            places[column.holds] = (*places.get(column.holds, ()), column)
    return places


class Cells:
    """The cells of one row; what is wrong gathers in ``problems``."""

    def __init__(self, plan: RowPlan, places: Places, row: SheetRow) -> None:
        self.plan, self.row = plan, row
        self._at = places
        self._cells = row.cells + ("",) * (len(plan.header) - len(row.cells))
        self.problems: list[RowProblem] = []

    def cell(self, column: Column) -> str:
        """The text of one."""
        return self._cells[column.place]

    def column(self, what: Holds) -> Column | None:
        """The column of what is asked for; the first that is filled in, where there are several."""
        columns = self._at.get(what, ())
        if len(columns) < 2:
            return columns[0] if columns else None
        return next((column for column in columns if self._cells[column.place]), columns[0])

    def text(self, what: Holds) -> str:
        """The text of what is asked for; empty where there is none."""
        column = self.column(what)
        return "" if column is None else self.cell(column)

    def problem(self, what: Holds | Column | None, rule: str, **facts: object) -> None:
        """Note what is wrong, under the heading of its column or the name of the item."""
        column = self.column(what) if isinstance(what, Holds) else what
        if column is not None:
            name = column.header
        else:
            name = ELEMENTS[str(what)].chinese if str(what) in ELEMENTS else str(what or "")
        self.add(column, finding(name, rule, **facts))

    def add(self, column: Column | None, found: Finding | None) -> None:
        """Note a finding, if it is one."""
        if found is not None:
            place = -1 if column is None else column.place
            self.problems.append(RowProblem(place, found))

    def row_problem(self, rule: str) -> None:
        """Note what is wrong with the row as a whole."""
        self.problems.append(RowProblem(-1, finding("", rule)))

    def is_header(self) -> bool:
        """Whether the header stands here again."""
        texts = [text for text in self.row.cells if text]
        return bool(texts) and texts == [text for text in self.plan.header if text]

    def check_marks(self) -> None:
        """What is wrong with cells as such; columns that are not read may hold anything."""
        used = {column.place: column for column in self.plan.columns if column.holds is not Holds.IGNORED}
        for place, rule in self.row.marks:
            if (column := used.get(place)) is not None:
                self.problem(column, rule)
        if any(self.row.cells[len(self.plan.header) :]):
            self.row_problem("row_cells")

    def line(self, what: Holds, *, required: bool = False) -> str:
        """A text of one line."""
        text = self.text(what)
        if not text:
            if required:
                self.problem(what, "cell_missing")
            return ""
        width = ELEMENTS[what.value].width
        if has_control(text):
            self.problem(what, "cell_control")
        elif len(text) > width:
            self.problem(what, "cell_long", found=len(text), expected=width)
        return text

    def has(self, what: Holds) -> bool:
        """Whether the sheet has a column of it."""
        return what in self._at

    def filled(self, what: Holds) -> list[Column]:
        """The columns of it in which something stands."""
        return [column for column in self._at.get(what, ()) if self.cell(column)]
