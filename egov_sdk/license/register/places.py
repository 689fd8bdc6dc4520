"""Places in the status lists (状态列表位置): each version of a licence has one of its own, drawn by lot and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.present.status_list import DEFAULT_STATUS_LIMITS, draw_index
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.tables import PLACES, STATUS_LISTS, VERSIONS
from egov_sdk.license.states import LicenseState, StatusEntry
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, insert, insert_unless_there, select, update

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
_NEXT: Final = (
    update(STATUS_LISTS)
    .where(STATUS_LISTS.c.type_code == bindparam("of_type"))
    .values(sequence=STATUS_LISTS.c.sequence + 1)
    .returning(STATUS_LISTS.c.list_id, STATUS_LISTS.c.size, STATUS_LISTS.c.sequence)
)
_GIVEN: Final = select(PLACES.c.series, PLACES.c.version, PLACES.c.list_id, PLACES.c.place).where(
    PLACES.c.series.in_(bindparam("some", expanding=True))
)
_TAKEN: Final = select(PLACES.c.place).where(
    PLACES.c.list_id == bindparam("of_list"), PLACES.c.place.in_(bindparam("some", expanding=True))
)
_STATES: Final = (
    select(PLACES.c.place, VERSIONS.c.state)
    .join(VERSIONS, (VERSIONS.c.series == PLACES.c.series) & (VERSIONS.c.version == PLACES.c.version))
    .where(PLACES.c.list_id == bindparam("of_list"), VERSIONS.c.state != LicenseState.VALID.value)
)


class PlaceDesk:
    """Gives places in the lists of a register; without a key that signs lists it gives none to new licences."""

    def __init__(self, desk: Desk, *, signs: bool) -> None:
        self._desk, self._signs = desk, signs

    def for_files(self, connection: Connection, licenses: Mapping[int, LicenseIdentifier]) -> dict[int, StatusEntry]:
        """Places for versions whose files are to be made, by their series; none where a list has no room left."""
        return self._places(connection, licenses, {}) if self._signs else {}

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

    def next_list(self, connection: Connection, type_code: str) -> RowMapping:
        """The list of a type under its next number: list_id, size, sequence."""
        self._list(connection, type_code)
        return connection.execute(_NEXT, {"of_type": type_code}).mappings().one()

    def states(self, connection: Connection, list_id: int) -> list[tuple[int, LicenseState]]:
        """What is not in force, by its place."""
        return [(place, LicenseState(state)) for place, state in connection.execute(_STATES, {"of_list": list_id})]

    def _places(
        self, connection: Connection, licenses: Mapping[int, LicenseIdentifier], known: Mapping[int, StatusEntry]
    ) -> dict[int, StatusEntry]:
        found = dict(known)
        by_type: dict[str, list[int]] = {}
        for series, one in licenses.items():
            if series not in found:
                by_type.setdefault(one.type_code, []).append(series)
        for type_code in sorted(by_type):  # in one order for all: who waits for a list holds none that comes later
            found |= self._drawn(connection, type_code, {series: licenses[series] for series in by_type[type_code]})
        return found

    def _drawn(
        self, connection: Connection, type_code: str, licenses: Mapping[int, LicenseIdentifier]
    ) -> dict[int, StatusEntry]:
        row = self._list(connection, type_code)
        # asked only now: somebody may have drawn while we waited for the list
        found = _given(connection, licenses)
        left = [series for series in licenses if series not in found]
        used, size = row["used"] + len(left), row["size"]
        while used * 2 > size and size < _MOST:
            size = min(size * 2, _MOST)
        if not left or used * 2 > size:
            return found
        connection.execute(_GROWN, {"of_type": type_code, "new_size": size, "new_used": used})
        drawn = self._free(connection, row["list_id"], size, len(left))
        rows = [
            {"list_id": row["list_id"], "place": place, "series": series, "version": licenses[series].version}
            for series, place in zip(left, drawn, strict=True)
        ]
        connection.execute(insert(PLACES), rows)
        return found | {one["series"]: StatusEntry(one["list_id"], one["place"]) for one in rows}

    def _free(self, connection: Connection, list_id: int, size: int, count: int) -> list[int]:
        """So many free places; at most half of the list is taken, so that few have to be drawn again."""
        free: dict[int, None] = {}
        while len(free) < count:
            wanted = range(min(count - len(free), _CHUNK))
            some = dict.fromkeys(draw_index(size, taken=free.__contains__, random=self._desk.random) for _ in wanted)
            taken = {place for (place,) in connection.execute(_TAKEN, {"of_list": list_id, "some": list(some)})}
            free |= {place: None for place in some if place not in taken}
        return list(free)

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
