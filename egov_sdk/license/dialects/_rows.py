"""Licences as the rows of platforms (证照数据项): written and read under the names that each platform uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NoReturn

from egov_sdk.errors import InputError
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.license.dates import DateForm
from egov_sdk.license.elements import ELEMENTS, Naming
from egov_sdk.license.field_names import FIELD_NAMES, holder_type_to, renamed
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.pairs import metadata_pairs, parse_metadata_pairs
from egov_sdk.problems import shown

__all__ = ["further_items", "malformed", "metadata_row", "named", "read_metadata_row", "row_values"]

_KEYS: Final = {element.english: key for key, element in ELEMENTS.items() if element.english}


def named(platform: str, key: str) -> str:
    """What a platform calls an item; the pinyin name in small letters where it is not known to call it anything."""
    names = FIELD_NAMES[platform].get(key)
    return names[0] if names else ELEMENTS[key].name_in(Naming.PINYIN).lower()


def metadata_row(metadata: LicenseMetadata, *, platform: str, only_known: bool = True) -> dict[str, str]:
    """The items of a licence under a platform's names; further items of its type are not among them.

    Args:
        only_known: Whether items are left out that the platform is not known to have.
    """
    row: dict[str, str] = {}
    for english, value in metadata_pairs(metadata, naming=Naming.ENGLISH, dates=DateForm.DASHED):
        key = _KEYS.get(english)
        if key is None or (only_known and key not in FIELD_NAMES[platform]):
            continue
        if key == "holder_type_code":
            value = "^".join(holder_type_to(one, platform=platform) or "" for one in value.split("^"))
        row[named(platform, key)] = value
    return row


def row_values(row: Mapping[str, object]) -> dict[str, str]:
    """The texts and numbers of a row as texts; what is null, empty, a list or an object is left out."""
    return {
        str(name): str(value)
        for name, value in row.items()
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
    }


def read_metadata_row(
    row: Mapping[str, object], *, platform: str, fields: Mapping[str, str] | None = None
) -> LicenseMetadata:
    """A licence's items from a platform's row.

    Args:
        fields: The further items of its type, which stand elsewhere in the answer.
    Raises:
        AnswerMalformed: an item is missing, cannot be read, or contradicts another.
    """
    pairs = [*renamed(row_values(row).items(), platform=platform)]
    pairs += [(f"KZ_{name}", value) for name, value in (fields or {}).items()]
    try:
        return parse_metadata_pairs(pairs)
    except InputError as error:
        malformed(f"a licence in the answer cannot be read: {shown(error)}")


def further_items(items: object, *, name: str, value: str) -> dict[str, str]:
    """The further items of a licence from a list of objects; what has no value is left out."""
    if not isinstance(items, list):
        return {}
    texts = (row_values(item) for item in _objects(items))
    return {item[name]: item[value] for item in texts if name in item and value in item}


def _objects(items: Iterable[object]) -> Iterable[Mapping[str, object]]:
    return (item for item in items if isinstance(item, Mapping))


def malformed(what: str) -> NoReturn:
    """Refuse an answer that is not as agreed.

    Raises:
        AnswerMalformed: always.
    """
    raise AnswerMalformed(what, origin="platform")
