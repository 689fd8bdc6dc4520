"""Showing online (在线亮证) from a register: the rules of ``present.online`` over records that are kept.

A record is locked from reading to writing, so that of many who come with one code or one transaction one is served.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from egov_sdk.license.model import (
    BegunShowing,
    LicenseRecord,
    ShowingCode,
    ShownLicense,
    Standing,
    Use,
    UseGround,
    read_identifier,
)
from egov_sdk.license.present import online
from egov_sdk.license.present.fields import TYPE_PREFIX, items_of
from egov_sdk.license.present.online import Grant, HolderCode, OnlineShowing, ShowingState
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.register.access import Access, AccessRegister, not_allowed
from egov_sdk.license.register.desk import Desk, digest_of
from egov_sdk.license.register.rows import holders_of, record_at, record_of
from egov_sdk.license.register.tables import SHOWING_CODES, SHOWINGS
from egov_sdk.license.register.types import type_at
from egov_sdk.license.register.uses import UseDesk
from egov_sdk.storage.sql import Connection, bindparam, delete, insert, select, update
from egov_sdk.times import day_in_beijing

__all__ = ["OnlineDesk"]

_MOST_WAITING: Final = 50
_DIGEST: Final = 64

_CODE: Final = select(SHOWING_CODES).where(SHOWING_CODES.c.key == bindparam("of_key")).with_for_update()
_ONE: Final = select(SHOWINGS.c.record).where(SHOWINGS.c.key == bindparam("of_key"))
_LOCKED: Final = _ONE.with_for_update()
_WAITING: Final = (
    select(SHOWINGS.c.key, SHOWINGS.c.record)
    .where(
        SHOWINGS.c.holder == bindparam("of_holder"),
        SHOWINGS.c.state == ShowingState.WAITING.value,
        SHOWINGS.c.until > bindparam("now"),
    )
    .order_by(SHOWINGS.c.begun_at.desc(), SHOWINGS.c.key)
    .limit(_MOST_WAITING)
)


class _Kept(BaseModel):
    """What is kept of one request, packed."""

    model_config = ConfigDict(frozen=True)

    showing: OnlineShowing
    use: Use


class OnlineDesk:
    """Codes for holders' screens, requests of verifiers, decisions of holders, and what is fetched, once."""

    def __init__(self, desk: Desk, uses: UseDesk, access: AccessRegister) -> None:
        self._desk, self._uses, self._access = desk, uses, access

    def code(self, holder_code: str) -> ShowingCode:
        """A code for the holder's screen."""
        at, holder = self._desk.now(), self._desk.vault.holder(holder_code)
        secret, made = online.new_holder_code(holder.hex(), at=at, random=self._desk.random)
        row = {"key": digest_of(secret), "holder": holder, "until": made.expires_at, "used_at": None}
        with self._desk.store.write() as connection:
            old = at - self._desk.settings.kept
            connection.execute(delete(SHOWING_CODES).where(SHOWING_CODES.c.until <= old))
            connection.execute(insert(SHOWING_CODES).values(row))
            self._desk.note(connection, "showing.code", at=at, actor="holder", subject=f"holder {holder.hex()}")
        return ShowingCode(value=secret, expires_at=made.expires_at)

    def begin(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> BegunShowing:
        """Begin to verify: the code is used up, and the request waits for the holder."""
        at, key = self._desk.now(), digest_of(code)
        noting = self._uses.noting_refusals(use, f"showing code {key.hex()}", at=at)
        with noting, self._desk.store.write() as connection:
            transaction, _, showing = online.begin(
                _code_at(connection, key),
                verifier=self._uses.named(use.requester.code),
                verifier_name=use.requester.name[:200],
                type_codes=type_codes,
                purpose=use.purpose,
                at=at,
                random=self._desk.random,
            )
            for type_code in type_codes:
                type_at(connection, type_code)
                self._allowed(connection, use, type_code, at=at)
            connection.execute(update(SHOWING_CODES).where(SHOWING_CODES.c.key == key).values(used_at=at))
            self._insert(connection, digest_of(transaction), _Kept(showing=showing, use=use), at=at)
            detail = self._uses.detail(use) | {"holder": showing.holder, "types": list(type_codes)}
            actor, subject = use.operator or "-", _subject(showing)
            self._desk.note(connection, "showing.begun", at=at, actor=actor, subject=subject, detail=detail)
        return BegunShowing(transaction=transaction, expires_at=showing.expires_at)

    def waiting(self, holder_code: str) -> tuple[OnlineShowing, ...]:
        """What waits for a holder, newest first."""
        asked = {"of_holder": self._desk.vault.holder(holder_code), "now": self._desk.now()}
        with self._desk.store.read() as connection:
            rows = connection.execute(_WAITING, asked).all()
        return tuple(self._unpacked(key, record).showing for key, record in rows)

    def confirm(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> OnlineShowing:
        """The holder agrees; everything that is granted could be fetched at this moment."""
        at, key, holder = self._desk.now(), _key_of(showing_id), self._desk.vault.holder(holder_code)
        with self._desk.store.write() as connection:
            kept = self._locked(connection, key)
            agreed = online.confirm(kept.showing, holder=holder.hex(), granted=granted, at=at)
            for grant in granted:
                self._shown(connection, grant, holder, at=at)
            self._replace(connection, key, kept.model_copy(update={"showing": agreed}))
            detail = {"licenses": [grant.identifier for grant in granted]}
            self._desk.note(
                connection, "showing.confirmed", at=at, actor="holder", subject=_subject(agreed), detail=detail
            )
        return agreed

    def refuse(self, showing_id: str, *, holder_code: str) -> OnlineShowing:
        """The holder does not agree."""
        at, key, holder = self._desk.now(), _key_of(showing_id), self._desk.vault.holder(holder_code)
        with self._desk.store.write() as connection:
            kept = self._locked(connection, key)
            denied = online.refuse_showing(kept.showing, holder=holder.hex(), at=at)
            self._replace(connection, key, kept.model_copy(update={"showing": denied}))
            self._desk.note(connection, "showing.refused", at=at, actor="holder", subject=_subject(denied))
        return denied

    def status(self, transaction: str, *, verifier: str) -> ShowingState:
        """How it stands, for the verifier that began it."""
        at, key = self._desk.now(), digest_of(transaction)
        with self._desk.store.read() as connection:
            record = connection.execute(_ONE, {"of_key": key}).scalar_one_or_none()
        if record is None:
            raise refuse("showing_unknown")
        return online.status_for(self._unpacked(key, record).showing, verifier=self._uses.named(verifier), at=at)

    def fetch(self, transaction: str, *, verifier: str) -> tuple[ShownLicense, ...]:
        """Take what was granted; a licence that is not in force any more keeps all of it back."""
        at, key, name = self._desk.now(), digest_of(transaction), self._uses.named(verifier)
        with self._noting_refusals(key, name, at=at), self._desk.store.write() as connection:
            kept = self._locked(connection, key)
            taken = online.fetch(kept.showing, verifier=name, at=at)
            holder, found = bytes.fromhex(taken.holder), []
            for grant in taken.granted:
                access = self._allowed(connection, kept.use, grant.type_code, at=at)
                one = self._shown(connection, grant, holder, at=at)
                subject = str(one.identifier)
                self._uses.note(connection, "use.showing", kept.use, access, at=at, subject=subject)
                found.append(one)
            self._replace(connection, key, kept.model_copy(update={"showing": taken}))
            self._desk.note(
                connection, "showing.fetched", at=at, actor=kept.use.operator or "-", subject=_subject(taken)
            )
        return tuple(found)

    def _allowed(self, connection: Connection, use: Use, type_code: str, *, at: datetime) -> Access:
        """On what ground it may be seen: the holder's confirmation itself, or a rule for the requester's function."""
        if use.ground is UseGround.HOLDER and not use.credential:
            return Access(basis=use.legal_basis or "confirmed by the holder")
        if use.ground is not UseGround.FUNCTION or use.credential:
            raise not_allowed(use)
        access = self._access.decide(connection, use, at=at)
        if access.types is not None and type_code not in access.types:
            raise not_allowed(use)
        return access

    def _shown(self, connection: Connection, grant: Grant, holder: bytes, *, at: datetime) -> ShownLicense:
        """What a grant lets be seen, if it is this holder's and in force."""
        one = read_identifier(grant.identifier)
        row = record_at(connection, one)
        if row is None:
            raise refuse("license_unknown")
        if one.type_code != grant.type_code or holder not in holders_of(connection, row["id"]):
            raise refuse("showing_granted")
        record = record_of(self._desk.vault, row)
        standing = record.standing(day_in_beijing(at))
        if standing is not Standing.IN_FORCE:
            raise refuse("not_in_force", standing=standing.value)
        return ShownLicense(
            identifier=record.identifier,
            type_code=one.type_code,
            items=_chosen(record, grant.items),
            license=self._uses.license_of(connection, row) if grant.items is None else None,
        )

    @contextmanager
    def _noting_refusals(self, key: bytes, requester: str, *, at: datetime) -> Iterator[None]:
        """Write a fetch that was refused into the audit log; guesses of transactions are not worth it."""
        try:
            yield
        except LicenseRejected as error:
            if error.problem != "showing_unknown":
                detail = {"requester": requester, "problem": error.problem}
                with self._desk.store.write() as connection:
                    self._desk.note(
                        connection, "use.refused", at=at, actor="-", subject=f"showing {key.hex()}", detail=detail
                    )
            raise

    def _insert(self, connection: Connection, key: bytes, kept: _Kept, *, at: datetime) -> None:
        connection.execute(delete(SHOWINGS).where(SHOWINGS.c.until <= at - self._desk.settings.kept))
        row = {"key": key, "holder": bytes.fromhex(kept.showing.holder), "begun_at": at}
        connection.execute(insert(SHOWINGS).values(row | self._values(key, kept)))

    def _replace(self, connection: Connection, key: bytes, kept: _Kept) -> None:
        connection.execute(update(SHOWINGS).where(SHOWINGS.c.key == key).values(self._values(key, kept)))

    def _values(self, key: bytes, kept: _Kept) -> dict[str, object]:
        record = self._desk.vault.pack(kept.model_dump_json().encode(), place=f"showing {key.hex()}")
        return {"state": kept.showing.state.value, "until": kept.showing.expires_at, "record": record}

    def _locked(self, connection: Connection, key: bytes) -> _Kept:
        record = connection.execute(_LOCKED, {"of_key": key}).scalar_one_or_none()
        if record is None:
            raise refuse("showing_unknown")
        return self._unpacked(key, record)

    def _unpacked(self, key: bytes, record: bytes) -> _Kept:
        return _Kept.model_validate_json(self._desk.vault.unpack(record, place=f"showing {key.hex()}"))


def _code_at(connection: Connection, key: bytes) -> HolderCode:
    row = connection.execute(_CODE, {"of_key": key}).mappings().one_or_none()
    if row is None:
        raise refuse("showing_code_unknown")
    return HolderCode(digest=key.hex(), holder=row["holder"].hex(), expires_at=row["until"], used_at=row["used_at"])


def _subject(showing: OnlineShowing) -> str:
    return f"showing {showing.digest}"


def _key_of(showing_id: str) -> bytes:
    try:
        key = bytes.fromhex(showing_id) if len(showing_id) == _DIGEST else b""
    except ValueError:
        key = b""
    if not key:
        raise refuse("showing_unknown")
    return key


def _chosen(record: LicenseRecord, items: tuple[str, ...] | None) -> Mapping[str, str]:
    """The items that were granted, all of them by default."""
    there = items_of(record.metadata)
    if items is None:
        return there
    chosen = {}
    for name in items:
        found = name if name in there else TYPE_PREFIX + name
        if found not in there:
            raise refuse("field_not_there", element=name)
        chosen[found] = there[found]
    return chosen
