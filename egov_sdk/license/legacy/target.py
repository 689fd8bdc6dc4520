"""Where imported licences go: the seam between an import and a register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol

from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.elements import ELEMENTS
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseMetadata

if TYPE_CHECKING:
    from egov_sdk.storage import Store
    from egov_sdk.storage.sql import Connection

__all__ = ["ImportTarget", "Known", "differing"]

_COMPARED: Final = {
    key: ELEMENTS[key].chinese
    for key in ("issued_on", "valid_from", "valid_until", "area_code", "item_name", "item_code")
}


@dataclass(frozen=True, slots=True)
class Known:
    """A licence that is there already with the type, the authority and the number, or the serial, of a new one.

    Attributes:
        same: It has the number and the same holders.
        by: Which of the two it has; the number where it has both.
        differs: What the new one says otherwise, where it is the same: see ``differing``.
    """

    identifier: LicenseIdentifier
    same: bool
    by: Literal["number", "serial"] = "number"
    differs: tuple[str, ...] = ()


def differing(new: LicenseMetadata, there: LicenseMetadata) -> tuple[str, ...]:
    """The items that a licence says otherwise than the one that is there; what it leaves open is no difference."""
    found = [name for key, name in _COMPARED.items() if getattr(new, key) not in ("", None, getattr(there, key))]
    if {(one.code, one.name) for one in new.holders} != {(one.code, one.name) for one in there.holders}:
        found.append(ELEMENTS["holder_name"].chinese)
    return (*found, *(name for name, value in new.fields.items() if value not in ("", there.fields.get(name))))


class ImportTarget(Protocol):
    """A register that takes licences in, in transactions of the database that keeps the record of imports too.

    Rows and what became of them are kept in one transaction, so that neither is kept without the other.
    """

    @property
    def store(self) -> Store:
        """The database."""

    def issuers(self) -> tuple[Authority, ...]:
        """The authorities that issue in this register, its own first."""

    def type_of(self, type_code: str) -> LicenseType:
        """A type of which licences may be taken in.

        Raises:
            LicenseRejected: type_unknown, type_state.
        """

    def known(self, connection: Connection, licenses: Sequence[LicenseMetadata]) -> Sequence[Known | None]:
        """For each of some licences: what is there already in its place."""

    def insert(self, connection: Connection, licenses: Sequence[LicenseMetadata], *, at: datetime) -> None:
        """Take in licences that are not known: valid, without a file.

        Raises:
            StorageConflict: one of them is there, since just now.
        """
