"""The days in one row of a sheet of old licences: when it was issued, from when and until when it is good."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from egov_sdk.errors import InputError
from egov_sdk.license.dates import ValidityRange, ValidityUnit, parse_date, parse_end
from egov_sdk.license.legacy._cells import Cells
from egov_sdk.license.legacy.mapping import Column, Holds
from egov_sdk.sheets.cells import serial_day

__all__ = ["Days"]

#: Five digits are a day from 1927 to 2173; with fewer or more they may be a year, a month or a number.
_DAY_AS_NUMBER: Final = re.compile(r"[1-9][0-9]{4}(?:\.0+)?")


class Days:
    """Reads the days of a row; what is wrong with them gathers in its problems."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def read(self, column: Column, *, may_be_open: bool = False) -> date | None:
        """The day that a cell holds; None where it is wrong, or says that there is no end."""
        text = self._cells.cell(column)
        if _DAY_AS_NUMBER.fullmatch(text) is not None:
            day = serial_day(text, from_1904=self._cells.plan.from_1904)
            if day is not None:
                return day
        try:
            return parse_end(text) if may_be_open else parse_date(text)
        except InputError as error:
            self._cells.problem(column, error.code.rpartition(".")[2], **error.detail)
            return None

    def day(self, what: Holds, *, required: bool = False) -> date | None:
        """The day of what is asked for; None where there is none, or it is wrong."""
        column = self._cells.column(what)
        if column is None or not self._cells.cell(column):
            if required:
                self._cells.problem(what, "cell_missing")
            return None
        return self.read(column)

    def term(self) -> tuple[date | None, date | None]:
        """The first and the last day, from two days, or a day and a span."""
        start = self.day(Holds.VALID_FROM, required=self._cells.plan.issued_as_valid)
        before = len(self._cells.problems)
        end_column = self._cells.column(Holds.VALID_UNTIL)
        given = "" if end_column is None else self._cells.cell(end_column)
        end = self.read(end_column, may_be_open=True) if end_column is not None and given else None
        end_is_wrong = len(self._cells.problems) > before
        span = self._span()
        if span is None:
            return start, end
        if span.unit is ValidityUnit.CUSTOM:
            if not given:
                self._cells.problem(Holds.VALID_UNTIL, "end_missing")
            return start, end
        return start, self._spanned(span, start, end, given="" if end_is_wrong else given)

    def _span(self) -> ValidityRange | None:
        column = self._cells.column(Holds.VALIDITY_RANGE)
        if column is None:
            return None
        text = self._cells.cell(column)
        if not text:
            self._cells.problem(column, "cell_missing")
            return None
        try:
            span = ValidityRange.parse(text)
        except InputError as error:
            self._cells.problem(column, "range", **error.detail)
            return None
        allowed = self._cells.plan.ranges
        if allowed and span not in {ValidityRange.parse(each) for each in allowed}:
            self._cells.problem(column, "cell_choice", found=text, expected="、".join(allowed))
        return span

    def _spanned(self, span: ValidityRange, start: date | None, end: date | None, *, given: str) -> date | None:
        if start is None and span.unit is not ValidityUnit.NO_END:
            if not self._cells.text(Holds.VALID_FROM):
                self._cells.problem(Holds.VALID_FROM, "start_missing", found=str(span))
            return end
        try:
            last = span.last_day(start or date.min)
        except ValueError:
            self._cells.problem(Holds.VALIDITY_RANGE, "range", found=str(span))
            return None
        if given and end != last:
            words = {"found": given, "expected": "长期" if last is None else last.isoformat()}
            self._cells.problem(Holds.VALID_UNTIL, "end_differs", **words)
        return last

    def check_order(self, issued: date | None, start: date | None, end: date | None) -> None:
        """Note an end before the beginning."""
        first = start or issued
        if first is not None and end is not None and end < first:
            self._cells.problem(Holds.VALID_UNTIL, "end_early", expected=first.isoformat())
