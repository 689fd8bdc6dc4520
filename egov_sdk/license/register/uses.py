"""Uses (用证): whether one may happen, and the audit of those that happened and those that were refused."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from egov_sdk.codes import detect_kinds
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import License, LicenseEvent, LicensePage, LicenseRecord, LicenseRef, Use, read_identifier
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.register.access import Access, AccessRegister, not_allowed
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.permissions import spend
from egov_sdk.license.register.rows import (
    RECORDS,
    holders_of,
    identifier_of,
    license_of,
    record_at,
    record_of,
    series_of,
    unpacked_metadata,
)
from egov_sdk.license.register.tables import EVENTS, HOLDERS, SERIES, VERSIONS
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.storage.sql import ColumnElement, Connection, RowMapping, Select, and_, select

__all__ = ["Opened", "UseDesk"]

_TAG: Final = 8
_CURSOR: Final = 8
_BY_HOLDER: Final = RECORDS.join(HOLDERS, HOLDERS.c.series == SERIES.c.id).where(VERSIONS.c.version == SERIES.c.latest)


@dataclass(frozen=True, slots=True)
class Opened:
    """A version that a use may see."""

    identifier: LicenseIdentifier
    row: RowMapping
    access: Access

    @property
    def series(self) -> int:
        return int(self.row["id"])


class UseDesk:
    """Finds licences for those who may see them, and writes down who saw what, what for and on what ground."""

    def __init__(self, desk: Desk, access: AccessRegister) -> None:
        self._desk, self._access = desk, access

    def open(self, connection: Connection, identifier: LicenseRef, use: Use, *, at: datetime) -> Opened:
        """A version, if the use may see it. Whoever may see nothing at all does not learn whether it is there."""
        one = read_identifier(identifier)
        access = self._access.decide(connection, use, at=at)
        row = record_at(connection, one)
        if row is None:
            raise refuse("license_unknown")
        if not access.admits(row, self._holders(connection, row, one)):
            raise refuse("permission_scope") if access.permission else not_allowed(use)
        return Opened(one, row, access)

    def _holders(self, connection: Connection, row: RowMapping, identifier: LicenseIdentifier) -> tuple[bytes, ...]:
        """Who holds this very version: of an old one, those who held it then."""
        if row["version"] == row["latest"]:
            return holders_of(connection, row["id"])
        kept = unpacked_metadata(self._desk.vault, row["metadata"], series=row["id"], identifier=identifier)
        return tuple(self._desk.vault.holder(holder.code) for holder in kept.holders)

    @contextmanager
    def noting_refusals(self, use: Use, of: LicenseRef, *, at: datetime) -> Iterator[None]:
        """Write a refusal into the audit log on its way out; a text stands there as it was given."""
        try:
            yield
        except LicenseRejected as error:
            subject = str(of.identifier if isinstance(of, LicenseRecord) else of)[:128]
            detail = self.detail(use) | {"problem": error.problem}
            with self._desk.store.write() as connection:
                self._desk.note(
                    connection, "use.refused", at=at, actor=use.operator or "-", subject=subject, detail=detail
                )
            raise

    def note(
        self,
        connection: Connection,
        action: str,
        use: Use,
        access: Access,
        *,
        at: datetime,
        subject: str,
        count: int | None = None,
    ) -> None:
        """Write a use into the audit log; whatever of a permission it uses up is used up with it."""
        if access.permission and count is None:
            spend(connection, access.permission)
        detail = self.detail(use) | {"basis": access.basis}
        if access.permission:
            detail["permission"] = access.permission
        if count is not None:
            detail["count"] = count
        self._desk.note(connection, action, at=at, actor=use.operator or "-", subject=subject, detail=detail)

    def detail(self, use: Use) -> dict[str, object]:
        """What the audit log says of a use."""
        return {
            "requester": self.named(use.requester.code),
            "ground": use.ground.value,
            "item": use.item_code,
            "purpose": use.purpose,
        }

    def named(self, code: str) -> str:
        """How whoever asks stands in the log: a department by its code, a person by a keyed digest."""
        if any(kind.is_personal for kind in detect_kinds(code)[:1]):
            return f"key:{self._desk.vault.holder(code).hex()}"
        return code

    def get(self, identifier: LicenseRef, *, use: Use) -> License:
        """A licence with its file."""
        at = self._desk.now()
        with self.noting_refusals(use, identifier, at=at):
            with self._desk.store.read() as connection:
                opened = self.open(connection, identifier, use, at=at)
                found = self.license_of(connection, opened.row)
            with self._desk.store.write() as connection:
                subject = str(opened.identifier)
                self.note(connection, "use.read", use, opened.access, at=at, subject=subject)
        return found

    def license_of(self, connection: Connection, row: RowMapping) -> License:
        """A row of RECORDS with its file.

        Raises:
            LicenseRejected: file_missing.
        """
        return license_of(connection, self._desk.vault, row)

    def search(
        self,
        holder_code: str,
        *,
        use: Use,
        type_code: str,
        states: frozenset[LicenseState] | None,
        page: str,
        page_size: int,
    ) -> LicensePage:
        """Licences of one holder, newest first."""
        at, holder = self._desk.now(), self._desk.vault.holder(holder_code)
        if not 1 <= page_size <= self._desk.settings.page_size:
            raise refuse("page_size", expected=self._desk.settings.page_size, found=page_size)
        asked = (holder.hex(), type_code, " ".join(sorted(states)) if states is not None else "*")
        wanted = _BY_HOLDER.where(HOLDERS.c.holder == holder)
        if type_code:
            wanted = wanted.where(SERIES.c.type_code == type_code)
        if states is not None:
            wanted = wanted.where(SERIES.c.state.in_([state.value for state in states]))
        if page:
            wanted = wanted.where(HOLDERS.c.series < self._cursor(page, asked))
        wanted = wanted.order_by(HOLDERS.c.series.desc()).limit(page_size + 1)
        with self.noting_refusals(use, f"holder {holder.hex()}", at=at):
            with self._desk.store.read() as connection:
                access = self._access.decide(connection, use, at=at)
                rows = connection.execute(_within(wanted, access, holder, use)).mappings().all()
                records = tuple(record_of(self._desk.vault, row) for row in rows[:page_size])
            with self._desk.store.write(durable=self._desk.settings.durable_searches) as connection:
                subject = f"holder {holder.hex()}"
                self.note(connection, "use.search", use, access, at=at, subject=subject, count=len(records))
        more = len(rows) > page_size
        return LicensePage(records=records, next_page=self._page(rows[page_size - 1]["id"], asked) if more else "")

    def _page(self, series: int, asked: tuple[str, ...]) -> str:
        cursor = series.to_bytes(_CURSOR, "big")
        tag = self._desk.vault.digest("page", cursor.hex(), *asked)[:_TAG]
        return base64.urlsafe_b64encode(cursor + tag).rstrip(b"=").decode("ascii")

    def _cursor(self, page: str, asked: tuple[str, ...]) -> int:
        """Where a page begins; pages of other searches are none of this one."""
        try:
            octets = base64.b64decode(page + "=" * (-len(page) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise refuse("page_unknown") from None
        cursor = octets[:_CURSOR]
        tag = self._desk.vault.digest("page", cursor.hex(), *asked)[:_TAG]
        if not hmac.compare_digest(octets[_CURSOR:], tag):
            raise refuse("page_unknown")
        return int.from_bytes(cursor, "big")

    def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
        """The record of this very version."""
        with self._desk.store.read() as connection:
            return self.find_in(connection, identifier)

    def find_in(self, connection: Connection, identifier: LicenseIdentifier) -> LicenseRecord | None:
        """As find, in a transaction that is open."""
        row = record_at(connection, identifier)
        return None if row is None else record_of(self._desk.vault, row)

    def history(self, identifier: LicenseRef) -> tuple[LicenseEvent, ...]:
        """All events of a licence, oldest first."""
        with self._desk.store.read() as connection:
            series = series_of(connection, read_identifier(identifier))
            wanted = select(EVENTS).where(EVENTS.c.series == series["id"]).order_by(EVENTS.c.number)
            rows = connection.execute(wanted).mappings().all()
        return tuple(self._event(series, row) for row in rows)

    def _event(self, series: RowMapping, row: RowMapping) -> LicenseEvent:
        place = f"reason {series['id']} {row['number']}"
        reason = "" if row["reason"] is None else self._desk.vault.unpack(row["reason"], place=place).decode()
        return LicenseEvent(
            identifier=identifier_of(series, row["version"]),
            action=LicenseAction(row["action"]),
            at=row["at"],
            state=LicenseState(row["state"]),
            actor=row["actor"],
            reason=reason,
        )


def _within(wanted: Select[tuple[object, ...]], access: Access, holder: bytes, use: Use) -> Select[tuple[object, ...]]:
    """A search kept to what the use may see."""
    conditions: list[ColumnElement[bool]] = []
    if access.types is not None:
        conditions.append(SERIES.c.type_code.in_(sorted(access.types)))
    if access.series is not None:
        conditions.append(SERIES.c.id == access.series)
    if access.holder is not None and access.holder != holder:
        if access.issuer is None:
            raise refuse("permission_scope")
        conditions.append(SERIES.c.issuer_code == access.issuer)
    return wanted.where(and_(*conditions)) if conditions else wanted
