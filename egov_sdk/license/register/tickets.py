"""Tickets for one download (一次性下载凭证), and codes for one use (用证码): each is good once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, Literal

from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import DownloadTicket, License, LicenseRef, Use, UseCode, UseGround
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.register.access import AccessRegister
from egov_sdk.license.register.desk import Desk, digest_of
from egov_sdk.license.register.rows import RECORDS, file_of
from egov_sdk.license.register.tables import SERIES, TICKETS, VERSIONS
from egov_sdk.license.register.uses import Opened, UseDesk
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, delete, insert, select, update

__all__ = ["TicketDesk"]

_Kind = Literal["ticket", "code"]

_USE_UP: Final = (
    update(TICKETS)
    .where(
        TICKETS.c.key == bindparam("of_key"),
        TICKETS.c.kind == bindparam("of_kind"),
        TICKETS.c.used_at.is_(None),
        TICKETS.c.until > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
    .returning(TICKETS.c.series, TICKETS.c.version, TICKETS.c.use)
)
_ONE: Final = select(TICKETS.c.used_at).where(
    TICKETS.c.key == bindparam("of_key"), TICKETS.c.kind == bindparam("of_kind")
)
_RECORD: Final = RECORDS.where(SERIES.c.id == bindparam("of_series"), VERSIONS.c.version == bindparam("of_version"))


class TicketDesk:
    """Hands out tickets and codes, and takes them in. Of however many who come with one, one is served."""

    def __init__(self, desk: Desk, uses: UseDesk, access: AccessRegister) -> None:
        self._desk, self._uses, self._access = desk, uses, access

    def ticket(self, identifier: LicenseRef, *, use: Use) -> DownloadTicket:
        """A ticket for one download."""
        until, value = self._made("ticket", identifier, use, self._desk.settings.ticket_time)[:2]
        return DownloadTicket(value=value, expires_at=until)

    def code(self, identifier: LicenseRef, *, use: Use) -> UseCode:
        """A code with which the requester reads one licence once."""
        until, value, opened = self._made("code", identifier, use, self._desk.settings.code_time)
        return UseCode(value=value, identifier=opened.identifier, expires_at=until)

    def _made(self, kind: _Kind, identifier: LicenseRef, use: Use, lasts: timedelta) -> tuple[datetime, str, Opened]:
        at, value = self._desk.now(), self._desk.secret()
        with self._uses.noting_refusals(use, identifier, at=at):
            with self._desk.store.read() as connection:
                opened = self._uses.open(connection, identifier, use, at=at)
                file_of(connection, self._desk.vault, series=opened.series, version=opened.identifier.version)
            key = digest_of(value)
            ground = {"code": use.requester.code, "permission": opened.access.permission}
            kept = json.dumps(
                self._uses.detail(use) | {"operator": use.operator, "basis": opened.access.basis} | ground
            )
            row: dict[str, object] = {"key": key, "kind": kind, "until": at + lasts, "used_at": None}
            row |= {"series": opened.series, "version": opened.identifier.version}
            row["use"] = self._desk.vault.pack(kept.encode(), place=f"use {key.hex()}")
            with self._desk.store.write() as connection:
                connection.execute(delete(TICKETS).where(TICKETS.c.until <= at - self._desk.settings.kept))
                connection.execute(insert(TICKETS).values(row))
                self._uses.note(connection, f"use.{kind}", use, opened.access, at=at, subject=str(opened.identifier))
        return at + lasts, value, opened

    def download(self, ticket: str, *, requester: str) -> bytes:
        """The file of a ticket, for whom it was made."""
        return self._taken("ticket", ticket, requester=self._uses.named(requester)).file

    def redeem(self, code: str, *, requester: str) -> License:
        """The licence of a code, for whom it was made."""
        return self._taken("code", code, requester=self._uses.named(requester))

    def _taken(self, kind: _Kind, value: str, *, requester: str) -> License:
        at, key = self._desk.now(), digest_of(value)
        with self._noting_theft(f"{kind} {key.hex()}", requester, at=at), self._desk.store.write() as connection:
            row = connection.execute(_USE_UP, {"of_key": key, "of_kind": kind, "now": at}).mappings().one_or_none()
            if row is None:
                raise _why_not(connection, kind, key)
            kept = json.loads(self._desk.vault.unpack(row["use"], place=f"use {key.hex()}"))
            if requester != kept["requester"]:
                raise refuse(f"{kind}_requester")
            found = self._license(connection, row)
            self._check_in_force(connection, kept, found, at=at)
            detail = {name: kept[name] for name in ("requester", "ground", "item", "purpose", "basis")}
            subject, actor = str(found.identifier), kept["operator"] or "-"
            self._desk.note(connection, f"{kind}.used", at=at, actor=actor, subject=subject, detail=detail)
        return found

    @contextmanager
    def _noting_theft(self, subject: str, requester: str, *, at: datetime) -> Iterator[None]:
        """Write into the audit log that somebody came with what was made for another, or is allowed no more.

        It is not used up by that.
        """
        try:
            yield
        except LicenseRejected as error:
            if error.problem.endswith("_requester") or error.problem.startswith(("use_", "permission_")):
                detail = {"requester": requester, "problem": error.problem}
                with self._desk.store.write() as connection:
                    self._desk.note(connection, "use.refused", at=at, actor="-", subject=subject, detail=detail)
            raise

    def _check_in_force(self, connection: Connection, kept: Mapping[str, str], found: License, *, at: datetime) -> None:
        """Return if the rule or the permission that it was made on was not taken away since."""
        use = Use(
            requester=Authority(name="-", code=kept.get("code", kept["requester"])),
            purpose=kept["purpose"],
            ground=UseGround(kept["ground"]),
            item_code=kept["item"],
        )
        type_code = found.metadata.type_code
        self._access.check_in_force(connection, use, type_code, kept.get("permission", ""), at=at)

    def _license(self, connection: Connection, ticket: RowMapping) -> License:
        asked = {"of_series": ticket["series"], "of_version": ticket["version"]}
        return self._uses.license_of(connection, connection.execute(_RECORD, asked).mappings().one())


def _why_not(connection: Connection, kind: _Kind, key: bytes) -> LicenseRejected:
    row = connection.execute(_ONE, {"of_key": key, "of_kind": kind}).one_or_none()
    if row is None:
        return refuse(f"{kind}_unknown")
    return refuse(f"{kind}_expired" if row[0] is None else f"{kind}_used")
