"""Who may see an entry, decided in one place for every form that leaves the house."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final, Literal, NamedTuple

from egov_sdk.exchange.catalog.model import CatalogEntry, Provider, Sharing

__all__ = ["AccessRight", "Audience", "Shown", "access_right", "open_by", "shown_to"]

#: ``public`` sees what is open to society; ``departments`` see the whole catalogue.
Audience = Literal["public", "departments"]
#: The words of the EU's access right list.
AccessRight = Literal["PUBLIC", "RESTRICTED", "NON_PUBLIC"]


class Shown(NamedTuple):
    """The entries that an audience sees, and the codes of those kept from it."""

    entries: tuple[CatalogEntry, ...]
    withheld: tuple[str, ...]


_AUDIENCES: Final = ("public", "departments")


def shown_to(audience: Audience, entries: Iterable[CatalogEntry]) -> Shown:
    """Which entries an audience sees, and of each what it may; those without a code cannot be named and are left out.

    无条件共享 opens nothing to the public: only 是否向社会开放 does. Of what is open, the public does not see on which
    conditions and in which way departments share it, their services, sub-units and business, nor codes of what is not
    open.

    Raises:
        ValueError: there is no such audience.
    """
    if audience not in _AUDIENCES:
        raise ValueError(f"an audience is one of {', '.join(_AUDIENCES)}, got {audience!r}")
    every = tuple(entries)
    seen = tuple(one for one in every if one.code and (audience == "departments" or one.is_public))
    kept = frozenset(one.code for one in seen)
    if audience == "public":
        seen = tuple(_without_inner(one, kept) for one in seen)
    return Shown(seen, tuple(one.code or one.name for one in every if one.code not in kept))


def _without_inner(entry: CatalogEntry, codes: frozenset[str]) -> CatalogEntry:
    return entry.model_copy(
        update={
            "provider": Provider(name=entry.provider.name, code=entry.provider.code),
            "sharing": Sharing(type=entry.sharing.type),
            "related": tuple(code for code in entry.related if code in codes),
            "business": "",
            "service": None,
        }
    )


def access_right(entry: CatalogEntry) -> AccessRight:
    """What the public may do: have it, have it on a condition, or not. The sharing type says nothing here."""
    if not entry.is_public:
        return "NON_PUBLIC"
    return "RESTRICTED" if entry.openness.condition else "PUBLIC"


def open_by(rights: AbstractSet[str], condition: str) -> str:
    """What access rights in another catalogue say of 是否向社会开放: ``1``, ``0``, or nothing where it is uncertain.

    What is RESTRICTED there is open on a condition; where nobody says on which, it is not open here.
    """
    if "NON_PUBLIC" in rights:
        return "0"
    return "1" if rights == {"PUBLIC"} or (rights == {"RESTRICTED"} and condition) else ""
