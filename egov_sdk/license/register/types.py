"""The types of licences that a register knows (证照类型): brought in, published, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from egov_sdk.license.catalogue import CatalogueState, LicenseType, check_license_type
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.drafts import refused_draft
from egov_sdk.license.register.tables import SERIES, TYPES
from egov_sdk.storage.sql import Connection, bindparam, insert_unless_there, select, update
from egov_sdk.storage.statements import Prepared

__all__ = ["TypeRegister"]


_ONE: Final = Prepared(select(TYPES.c.state, TYPES.c.definition).where(TYPES.c.code == bindparam("of_code")))
_PUBLISHED: Final = select(TYPES).where(TYPES.c.state == CatalogueState.PUBLISHED.value).order_by(TYPES.c.code)
_ANY_OF: Final = select(SERIES.c.id).where(SERIES.c.type_code == bindparam("of_code")).limit(1)


@lru_cache(maxsize=256)
def _read(definition: str, state: str) -> LicenseType:
    return LicenseType.model_validate_json(definition).model_copy(update={"state": CatalogueState(state)})


class TypeRegister:
    """The types of a register, for the office that runs it. Every change is in the audit log."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add(self, license_type: LicenseType) -> None:
        """Bring a type in (证照类型注册), in the state that it says; licences can be issued of a published one.

        Raises:
            LicenseRejected: type_exists; draft_element: something is wrong with its definition.
        """
        _check(license_type)
        at, state = self._desk.now(), license_type.state
        row = {"code": license_type.code, "state": state.value, "definition": _written(license_type), "changed_at": at}
        with self._desk.store.write() as connection:
            if not insert_unless_there(connection, TYPES, row):
                raise refuse("type_exists", found=license_type.code)
            detail = {"state": state.value}
            self._desk.note(connection, "type.added", at=at, subject=license_type.code, detail=detail)

    def replace(self, license_type: LicenseType) -> None:
        """Another definition of a type that is there (修订); its state stays, whatever the new definition says.

        Raises:
            LicenseRejected: type_unknown; draft_element; type_in_use: licences of it were issued, and an item that they
                hold would go.
        """
        _check(license_type)
        code, at = license_type.code, self._desk.now()
        with self._desk.store.write() as connection:
            before = type_at(connection, code)
            gone = {one.name for one in before.fields} - {one.name for one in license_type.fields}
            if gone and connection.execute(_ANY_OF, {"of_code": code}).first() is not None:
                raise refuse("type_in_use", found=code, element=min(gone))
            values = {"definition": _written(license_type), "changed_at": at}
            connection.execute(update(TYPES).where(TYPES.c.code == code).values(**values))
            self._desk.note(connection, "type.replaced", at=at, subject=code)

    def publish(self, type_code: str) -> None:
        """Let licences of a type be issued, also of one that was disabled (发布).

        Raises:
            LicenseRejected: type_unknown; type_state: it is published.
        """
        self._move(type_code, CatalogueState.PUBLISHED, frozenset(CatalogueState) - {CatalogueState.PUBLISHED})

    def disable(self, type_code: str) -> None:
        """Let no more licences of a type be issued (停用). What was issued stays as it is.

        Raises:
            LicenseRejected: type_unknown; type_state: it is not published.
        """
        self._move(type_code, CatalogueState.DISABLED, frozenset({CatalogueState.PUBLISHED}))

    def _move(self, type_code: str, to: CatalogueState, allowed: frozenset[CatalogueState]) -> None:
        at = self._desk.now()
        with self._desk.store.write() as connection:
            state = type_at(connection, type_code).state
            if state not in allowed:
                raise refuse("type_state", found=type_code, state=state.value)
            moved = update(TYPES).where(TYPES.c.code == type_code).values(state=to.value, changed_at=at)
            connection.execute(moved)
            self._desk.note(connection, f"type.{to.value}", at=at, subject=type_code, detail={"from": state.value})

    def published(self) -> tuple[LicenseType, ...]:
        """The types of which licences may be issued, in the order of their codes."""
        with self._desk.store.read() as connection:
            rows = connection.execute(_PUBLISHED).mappings()
            return tuple(_read(row["definition"], row["state"]) for row in rows)

    def known(self) -> dict[str, LicenseType]:
        """All types by their codes, whatever their states."""
        with self._desk.store.read() as connection:
            return _known(connection)

    def at_hand(self, connection: Connection) -> Mapping[str, LicenseType]:
        """As known, but each type is read when it is asked for, and once: a province has hundreds."""
        return _TypesAtHand(connection)

    def get(self, type_code: str) -> LicenseType:
        """One type, whatever its state.

        Raises:
            LicenseRejected: type_unknown.
        """
        with self._desk.store.read() as connection:
            return type_at(connection, type_code)


class _TypesAtHand(Mapping[str, LicenseType]):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked: dict[str, LicenseType | None] = {}

    def __getitem__(self, code: str) -> LicenseType:
        if code not in self._asked:
            try:
                self._asked[code] = type_at(self._connection, code)
            except LicenseRejected:
                self._asked[code] = None
        found = self._asked[code]
        if found is None:
            raise KeyError(code)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_known(self._connection))

    def __len__(self) -> int:
        return len(_known(self._connection))


def _known(connection: Connection) -> dict[str, LicenseType]:
    rows = connection.execute(select(TYPES)).mappings()
    return {row["code"]: _read(row["definition"], row["state"]) for row in rows}


def type_at(connection: Connection, type_code: str) -> LicenseType:
    """A type, as the transaction sees it."""
    rows = _ONE.fetch(connection, {"of_code": type_code})
    if not rows:
        raise refuse("type_unknown", found=type_code)
    ((state, definition),) = rows
    return _read(definition, state)


def issuable(connection: Connection, type_code: str) -> LicenseType:
    """A type of which licences may be issued.

    Raises:
        LicenseRejected: type_unknown, type_state.
    """
    license_type = type_at(connection, type_code)
    if license_type.state is not CatalogueState.PUBLISHED:
        raise refuse("type_state", found=type_code, state=license_type.state.value)
    return license_type


def _written(license_type: LicenseType) -> str:
    return license_type.model_dump_json(exclude={"state"})


def _check(license_type: LicenseType) -> None:
    for found in check_license_type(license_type):
        raise refused_draft(found)
