"""Two catalogues side by side: what is new, what is gone, and which field of which resource changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from egov_sdk.exchange.catalog.audience import access_right
from egov_sdk.exchange.catalog.fields import field_title
from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.report import Lang

__all__ = ["Changed", "Difference", "FieldChange", "compare"]

_GROUPS: Final = ("provider", "format", "sharing", "openness", "service")
_FIELDS: Final = tuple(name for name in CatalogEntry.model_fields if name not in (*_GROUPS, "items"))
_SHOWN_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that is not what it was; ``field`` such as ``sharing.type`` or ``items.姓名``."""

    field: str
    before: str
    after: str

    @property
    def title(self) -> str:
        """The Chinese name of the field."""
        return field_title(self.field)


@dataclass(frozen=True, slots=True)
class Changed:
    """One resource that is in both and not the same."""

    before: CatalogEntry
    after: CatalogEntry
    fields: tuple[FieldChange, ...]

    @property
    def code(self) -> str:
        """The code of the resource."""
        return self.after.code

    @property
    def widens(self) -> bool:
        """Whether more people may have it than before: shared more freely, or open to more of the public."""
        reach = (_reach(self.before), _reach(self.after))
        return any(new > old for old, new in zip(*reach, strict=True))


def _reach(entry: CatalogEntry) -> tuple[int, int]:
    shared = (None, "refused", "conditional", "unconditional")
    opened = ("NON_PUBLIC", "RESTRICTED", "PUBLIC")
    kind = entry.sharing.type.value if entry.sharing.type else None
    return shared.index(kind), opened.index(access_right(entry))


@dataclass(frozen=True, slots=True)
class Difference:
    """How one catalogue differs from an earlier one, in the order of the codes."""

    added: tuple[CatalogEntry, ...]
    removed: tuple[CatalogEntry, ...]
    changed: tuple[Changed, ...]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether they are the same."""
        return not (self.added or self.removed or self.changed)

    def summary(self, lang: Lang = "en") -> str:
        """The counts in one line."""
        counts = len(self.added), len(self.removed), len(self.changed), self.unchanged
        if lang == "zh":
            return "新增 {} 条，减少 {} 条，变更 {} 条，未变 {} 条".format(*counts)
        return "{} added, {} removed, {} changed, {} unchanged".format(*counts)

    def to_dict(self) -> dict[str, object]:
        """The difference as plain values."""
        return {
            "added": [{"code": one.code, "name": one.name} for one in self.added],
            "removed": [{"code": one.code, "name": one.name} for one in self.removed],
            "changed": [
                {
                    "code": one.code,
                    "name": one.after.name,
                    "widens": one.widens,
                    "fields": [
                        {"field": part.field, "title": part.title, "before": part.before, "after": part.after}
                        for part in one.fields
                    ],
                }
                for one in self.changed
            ],
            "unchanged": self.unchanged,
        }


def compare(before: Iterable[CatalogEntry], after: Iterable[CatalogEntry]) -> Difference:
    """What became of a catalogue. Resources are matched by code, drafts without one by name and provider.

    Raises:
        ValueError: a code stands twice on one side: ``check_catalog`` says where.
    """
    old, new = _by_key(before), _by_key(after)
    both = sorted(old.keys() & new.keys())
    changed = tuple(
        Changed(old[key], new[key], tuple(_differences(old[key], new[key]))) for key in both if old[key] != new[key]
    )
    return Difference(
        added=tuple(new[key] for key in sorted(new.keys() - old.keys())),
        removed=tuple(old[key] for key in sorted(old.keys() - new.keys())),
        changed=changed,
        unchanged=len(both) - len(changed),
    )


def _by_key(entries: Iterable[CatalogEntry]) -> dict[tuple[str, str, str], CatalogEntry]:
    found: dict[tuple[str, str, str], CatalogEntry] = {}
    for entry in entries:
        key = (entry.code, "", "") if entry.code else ("", entry.name, entry.provider.name)
        if key in found:
            raise ValueError(f"{entry.code or entry.name!r} stands twice in one catalogue")
        found[key] = entry
    return found


def _differences(before: CatalogEntry, after: CatalogEntry) -> Iterator[FieldChange]:
    for name in _FIELDS:
        yield from _one(name, getattr(before, name), getattr(after, name))
    for group in _GROUPS:
        old, new = getattr(before, group), getattr(after, group)
        for part in type(old or new).model_fields if old != new else ():
            yield from _one(f"{group}.{part}", getattr(old, part, None), getattr(new, part, None))
    old_items, new_items = ({item.name: item for item in entry.items} for entry in (before, after))
    for name in dict.fromkeys([*old_items, *new_items]):
        yield from _one(f"items.{name}", old_items.get(name), new_items.get(name))
    if list(old_items) != list(new_items) and set(old_items) == set(new_items):
        yield from _one("items", "、".join(old_items), "、".join(new_items))


def _one(name: str, before: object, after: object) -> Iterator[FieldChange]:
    if before != after:
        yield FieldChange(name, _shown(before), _shown(after))


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = "、".join(value)
    elif hasattr(value, "model_dump"):
        value = " ".join(str(part) for part in value.model_dump(mode="json").values() if part is not None)
    text = str(value)
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1] + "…"
