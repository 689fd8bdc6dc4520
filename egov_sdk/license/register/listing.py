"""Listing (清单): every licence of a register, page after page, for the office that runs it."""

from __future__ import annotations

from typing import Final

from egov_sdk.license.model import LicensePage
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.rows import RECORDS, record_of
from egov_sdk.license.register.tables import SERIES, VERSIONS
from egov_sdk.license.states import LicenseState

__all__ = ["ListDesk"]

_LATEST: Final = RECORDS.where(VERSIONS.c.version == SERIES.c.latest).order_by(SERIES.c.id)
_DIGITS: Final = 19


class ListDesk:
    """Lists the latest version of each licence, the oldest licence first; every page is in the audit log."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def page(
        self,
        *,
        purpose: str,
        type_code: str = "",
        states: frozenset[LicenseState] | None = None,
        page: str = "",
        page_size: int = 200,
    ) -> LicensePage:
        """Some licences; what was issued meanwhile comes at the end, and none comes twice.

        Args:
            purpose: What for; it stands in the audit log.
            page: The ``next_page`` of the page before.
        Raises:
            LicenseRejected: page_size, page_unknown.
            ValueError: no purpose.
        """
        if not purpose.strip():
            raise ValueError("say what the list is for: purpose")
        if not 1 <= page_size <= self._desk.settings.page_size:
            raise refuse("page_size", expected=self._desk.settings.page_size, found=page_size)
        wanted = _LATEST.limit(page_size + 1)
        if page:
            wanted = wanted.where(SERIES.c.id > _cursor(page))
        if type_code:
            wanted = wanted.where(SERIES.c.type_code == type_code)
        if states is not None:
            wanted = wanted.where(SERIES.c.state.in_([state.value for state in states]))
        with self._desk.store.read() as connection:
            rows = connection.execute(wanted).mappings().all()
            records = tuple(record_of(self._desk.vault, row) for row in rows[:page_size])
        detail = {"purpose": purpose, "count": len(records)}
        with self._desk.store.write() as connection:
            subject = type_code or "all types"
            self._desk.note(connection, "register.listed", at=self._desk.now(), subject=subject, detail=detail)
        more = len(rows) > page_size
        return LicensePage(records=records, next_page=str(rows[page_size - 1]["id"]) if more else "")


def _cursor(page: str) -> int:
    if not (page.isascii() and page.isdigit() and len(page) < _DIGITS):
        raise refuse("page_unknown")
    return int(page)
