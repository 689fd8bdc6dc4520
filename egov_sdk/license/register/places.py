"""Places in the status lists (状态列表位置): each version of a licence has one of its own, drawn by lot and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Final

from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.present.status_list import DEFAULT_STATUS_LIMITS, draw_index
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.tables import PLACES, STATUS_LISTS, VERSIONS
from egov_sdk.license.states import LicenseState, StatusEntry
from egov_sdk.storage.sql import (
    Connection,
    RowMapping,
    bindparam,
    case,
    insert_unless_there,
    microseconds_of,
    select,
    update,
    upsert,
)
from egov_sdk.storage.statements import Prepared

__all__ = ["PlaceDesk"]

_FIRST_SIZE: Final = 1 << 12
_MOST: Final = DEFAULT_STATUS_LIMITS.entries
_ID_BYTES: Final = 4
_CHUNK: Final = 400

_LIST: Final = select(STATUS_LISTS).where(STATUS_LISTS.c.type_code == bindparam("of_type")).with_for_update()
_GROWN: Final = (
    update(STATUS_LISTS)
    .where(STATUS_LISTS.c.type_code == bindparam("of_type"))
    .values(size=bindparam("new_size"), used=bindparam("new_used"))
)
_AFTER: Final = STATUS_LISTS.c.sequence + 1
_NEXT: Final = (
    update(STATUS_LISTS)
    .where(STATUS_LISTS.c.type_code == bindparam("of_type"))
    .values(sequence=case((bindparam("now_us") < _AFTER, _AFTER), else_=bindparam("now_us")))
    .returning(STATUS_LISTS.c.list_id, STATUS_LISTS.c.size, STATUS_LISTS.c.sequence)
)
_GIVEN: Final = select(PLACES.c.series, PLACES.c.version, PLACES.c.list_id, PLACES.c.place).where(
    PLACES.c.series.in_(bindparam("some", expanding=True))
)
_COUNTED: Final = Prepared(
    update(STATUS_LISTS)
    .where(STATUS_LISTS.c.type_code == bindparam("of_type"))
    .values(used=STATUS_LISTS.c.used + bindparam("more"))
    .returning(STATUS_LISTS.c.list_id, STATUS_LISTS.c.size, STATUS_LISTS.c.used)
)
_STATES: Final = (
    select(PLACES.c.place, VERSIONS.c.state)
    .join(VERSIONS, (VERSIONS.c.series == PLACES.c.series) & (VERSIONS.c.version == PLACES.c.version))
    .where(PLACES.c.list_id == bindparam("of_list"), VERSIONS.c.state != LicenseState.VALID.value)
)


@cache
def _insert(dialect: str) -> Prepared:
    """Takes a place unless it is taken; gives back for which series it did."""
    free = upsert(dialect, PLACES).on_conflict_do_nothing(index_elements=[PLACES.c.list_id, PLACES.c.place])
    return Prepared(free.returning(PLACES.c.series, PLACES.c.place))


class PlaceDesk:
    """Gives places in the lists of a register; without a key that signs lists it gives none to new licences."""

    def __init__(self, desk: Desk, *, signs: bool) -> None:
        self._desk, self._signs = desk, signs

    def for_files(self, connection: Connection, licenses: Mapping[int, LicenseIdentifier]) -> dict[int, StatusEntry]:
        """Places for versions whose files are to be made, by their series; none where a list has no room left."""
        return self._places(connection, licenses, {}) if self._signs else {}

    def for_new(self, connection: Connection, licenses: Mapping[int, LicenseIdentifier]) -> dict[int, StatusEntry]:
        """As ``for_files``, for series that the same transaction has begun: nobody can have drawn for them."""
        return self._places(connection, licenses, {}, new=True) if self._signs else {}

    def of(self, connection: Connection, identifier: LicenseIdentifier, *, series: int) -> StatusEntry:
        """The place of a version; drawn if it has none.

        Raises:
            LicenseRejected: status_list_full.
        """
        licenses = {series: identifier}
        found = self._places(connection, licenses, _given(connection, licenses)).get(series)
        if found is None:
            raise refuse("status_list_full", found=identifier.type_code)
        return found

    def next_list(self, connection: Connection, type_code: str, *, at: datetime) -> RowMapping:
        """The list of a type under its next number: list_id, size, sequence.

        The number is no smaller than the time in microseconds: of a register that was restored from a backup, the next
        list is the newest all the same, and no verifier takes it for one that was rolled back.
        """
        self._list(connection, type_code)
        return connection.execute(_NEXT, {"of_type": type_code, "now_us": microseconds_of(at)}).mappings().one()

    def states(self, connection: Connection, list_id: int) -> list[tuple[int, LicenseState]]:
        """What is not in force, by its place."""
        return [(place, LicenseState(state)) for place, state in connection.execute(_STATES, {"of_list": list_id})]

    def _places(
        self,
        connection: Connection,
        licenses: Mapping[int, LicenseIdentifier],
        known: Mapping[int, StatusEntry],
        *,
        new: bool = False,
    ) -> dict[int, StatusEntry]:
        found = dict(known)
        by_type: dict[str, dict[int, LicenseIdentifier]] = {}
        for series, one in licenses.items():
            if series not in found:
                by_type.setdefault(one.type_code, {})[series] = one
        for type_code in sorted(by_type):  # in one order for all: who waits for a list holds none that comes later
            left = by_type[type_code]
            if not new:
                self._list(connection, type_code)
                # asked only now: somebody may have drawn while we waited for the list
                given = _given(connection, left)
                found |= given
                left = {series: one for series, one in left.items() if series not in given}
            found |= self._drawn(connection, type_code, left)
        return found

    def _drawn(
        self, connection: Connection, type_code: str, licenses: Mapping[int, LicenseIdentifier]
    ) -> dict[int, StatusEntry]:
        """New places by lot; at most half of a list is taken, so that few have to be drawn again."""
        if not licenses:
            return {}
        list_id, size, used = self._counted(connection, type_code, len(licenses))
        grown = size
        while used * 2 > grown and grown < _MOST:
            grown = min(grown * 2, _MOST)
        full = used * 2 > grown
        if full or grown != size:
            new = (size, used - len(licenses)) if full else (grown, used)
            connection.execute(_GROWN, {"of_type": type_code, "new_size": new[0], "new_used": new[1]})
        found: dict[int, StatusEntry] = {}
        while not full and len(found) < len(licenses):
            rows = [
                {"list_id": list_id, "place": self._index(grown), "series": series, "version": one.version}
                for series, one in licenses.items()
                if series not in found
            ]
            for series, place in _insert(connection.dialect.name).fetch(connection, *rows):
                found[series] = StatusEntry(list_id, place)
        return found

    def _index(self, size: int) -> int:
        return draw_index(size, taken=frozenset().__contains__, random=self._desk.random)

    def _counted(self, connection: Connection, type_code: str, more: int) -> tuple[int, int, int]:
        """The list of a type with so many more places counted as given: its id, its size, how many are given."""
        asked = {"of_type": type_code, "more": more}
        rows = _COUNTED.fetch(connection, asked)
        if not rows:
            self._list(connection, type_code)
            rows = _COUNTED.fetch(connection, asked)
        ((list_id, size, used),) = rows
        return list_id, size, used

    def _list(self, connection: Connection, type_code: str) -> RowMapping:
        """The list of a type, begun if there is none; whoever else wants it waits for us."""
        asked = {"of_type": type_code}
        row = connection.execute(_LIST, asked).mappings().one_or_none()
        if row is None:
            # by lot, so that two registers of one issuer do not have lists of one name
            list_id = int.from_bytes(self._desk.random(_ID_BYTES), "big") >> 1
            new = {"type_code": type_code, "list_id": list_id, "size": _FIRST_SIZE, "used": 0, "sequence": 0}
            insert_unless_there(connection, STATUS_LISTS, new)
            row = connection.execute(_LIST, asked).mappings().one()
        return row


def _given(connection: Connection, licenses: Mapping[int, LicenseIdentifier]) -> dict[int, StatusEntry]:
    """The places that these versions have already."""
    return {
        series: StatusEntry(list_id, place)
        for some in _chunks(list(licenses))
        for series, version, list_id, place in connection.execute(_GIVEN, {"some": some})
        if version == licenses[series].version
    }


def _chunks(values: Sequence[int]) -> Iterable[list[int]]:
    return (list(values[first : first + _CHUNK]) for first in range(0, len(values), _CHUNK))
