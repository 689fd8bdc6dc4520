"""What a holder granted, as the row of a platform: chosen items under the platform's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from egov_sdk.license.dialects._rows import named, row_values
from egov_sdk.license.elements import ELEMENTS
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import ShownLicense
from egov_sdk.license.present.fields import ITEM_NUMBERS

__all__ = ["read_shown_row", "shown_row"]

_HOLDERS: Final = ("holder", "holder2", "holder3", "holder4")
_PARTS: Final = {"name": "holder_name", "code": "holder_code", "type": "holder_type_code"}
_SINGLE: Final = tuple(name for name in ITEM_NUMBERS if not name.startswith("holder") and name in ELEMENTS)


def shown_row(shown: ShownLicense, *, platform: str) -> dict[str, str]:
    """The row; identifier and type stand in it whatever was granted, several holders are joined with ``^``."""
    row = {
        named(platform, "identifier"): str(shown.identifier),
        named(platform, "type_code"): shown.type_code,
    }
    row |= {named(platform, name): shown.items[name] for name in _SINGLE if name in shown.items}
    for part, key in _PARTS.items():
        held = [shown.items[f"{one}_{part}"] for one in _HOLDERS if f"{one}_{part}" in shown.items]
        if held:
            row[named(platform, key)] = "^".join(held)
    return row | {name: value for name, value in shown.items.items() if name.startswith("KZ_")}


def read_shown_row(row: Mapping[str, object], *, platform: str) -> ShownLicense:
    """What shown_row writes; names that nobody here knows stay as they came.

    Raises:
        ParseError: there is no identifier, or it is none.
    """
    values = row_values(row)
    names = {named(platform, key): key for key in ELEMENTS}
    identifier = LicenseIdentifier.parse(values.pop(named(platform, "identifier"), ""))
    items = {"identifier": str(identifier)}
    type_code = values.pop(named(platform, "type_code"), identifier.type_code)
    for name, value in values.items():
        key = names.get(name, name)
        part = next((part for part, of in _PARTS.items() if of == key), None)
        if part is None:
            items[key] = value
        else:
            items |= {f"{one}_{part}": each for one, each in zip(_HOLDERS, value.split("^"), strict=False)}
    if type_code != identifier.type_code:
        type_code = ""
    return ShownLicense(identifier=identifier, type_code=type_code, items=items)
