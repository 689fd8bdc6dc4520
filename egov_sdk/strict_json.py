"""How JSON of strangers is read: what two readers would take in two ways is refused."""

from __future__ import annotations

from typing import NoReturn

from egov_sdk.report import Text

__all__ = ["NameTwice", "names_once", "no_constant"]


class NameTwice(ValueError):
    """A name stands twice in one object: readers differ about which of both counts."""

    def __init__(self, name: str) -> None:
        super().__init__(Text("a name stands twice", "有重复的名称"))
        self.name = name


def names_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object in which no name stands twice, for ``json.loads(…, object_pairs_hook=names_once)``.

    Raises:
        NameTwice: one does.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise NameTwice(next(name for place, name in enumerate(names) if name in names[:place]))
    return found


def no_constant(name: str) -> NoReturn:
    """Refuse ``NaN`` and the infinities, for ``json.loads(…, parse_constant=no_constant)``."""
    raise ValueError(f"{name} is no JSON")
