"""A page of CKAN's ``package_search`` as entries, with nothing fetched on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog.audience import open_by
from egov_sdk.exchange.catalog.codes import is_resource_code
from egov_sdk.exchange.catalog.fields import CatalogFile, RawEntry, Reading
from egov_sdk.exchange.catalog.jsonform import load_json
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.problems import A_LIST, A_NUMBER, AN_OBJECT, Place, json_kind, unreadable
from egov_sdk.exchange.catalog.terms import UpdateCycle
from egov_sdk.report import Text

__all__ = ["DURATIONS", "CkanPage", "read_ckan"]

#: How often, as ISO 8601 durations.
DURATIONS: Final = {
    UpdateCycle.DAILY: "P1D",
    UpdateCycle.WEEKLY: "P1W",
    UpdateCycle.MONTHLY: "P1M",
    UpdateCycle.QUARTERLY: "P3M",
    UpdateCycle.HALF_YEARLY: "P6M",
    UpdateCycle.YEARLY: "P1Y",
}
_CYCLES: Final = {text: cycle.value for cycle, text in DURATIONS.items()}
_STAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class CkanPage:
    """One page of packages.

    Attributes:
        count: of all that were found, as the feed says.
        size: packages on this page, readable or not.
        last: when the last of them was changed, as the feed writes it; empty where it does not say.
    """

    file: CatalogFile
    count: int
    size: int
    last: str


def read_ckan(data: bytes, *, limits: CatalogLimits = DEFAULT_CATALOG_LIMITS) -> CkanPage:
    """Read one page of ``package_search``; a package without the code of a resource becomes an entry without one.

    Raises:
        ParseError: not such a page.
        LimitExceeded: too large, or too many packages.
    """
    result = _object(_object(load_json(data, limits=limits), "$").get("result"), "$.result")
    packages, count = result.get("results"), result.get("count")
    if not isinstance(packages, list):
        raise _wrong("$.result.results", packages, A_LIST)
    if type(count) is not int or count < 0:
        raise _wrong("$.result.count", count, A_NUMBER)
    if len(packages) > limits.entries:
        raise LimitExceeded("entries", allowed=limits.entries, found=len(packages))
    reading = Reading(limits=limits, profile=None, provider=None)
    entries, locators, last = [], [], ""
    for number, value in enumerate(packages):
        path = f"$.result.results[{number}]"
        package = _object(value, path)
        raw = _raw(package, path)
        last = _stamp(package.get("metadata_modified"))
        if (entry := reading.entry(raw)) is not None:
            entries.append(entry)
            locators.append(raw.where)
        if reading.is_full:
            break
    file = CatalogFile(tuple(entries), tuple(reading.findings), tuple(locators))
    return CkanPage(file, count, len(packages), last)


def _raw(package: Mapping[str, object], path: str) -> RawEntry:
    extras = {_text(one.get("key")): _text(one.get("value")) for one in _objects(package.get("extras"))}
    code = extras.get("identifier", "")
    texts = {
        "code": code if is_resource_code(code) else "",
        "name": _text(package.get("title")),
        "abstract": _text(package.get("notes")),
        "provider.name": extras.get("publisher_name", ""),
        "provider.code": extras.get("publisher_identifier", ""),
        "published_on": extras.get("issued", "")[:10],
        "cycle": _CYCLES.get(extras.get("frequency", ""), ""),
        "openness.condition": (condition := extras.get("open_condition", "")),
        "openness.is_open": _is_open(package, extras.get("access_rights", ""), condition),
    }
    ways = _objects(package.get("resources"))
    words = (_text(one.get("name")) for one in _objects(package.get("tags")))
    lists = {
        "keywords": sorted({word for word in words if word}),
        "links": list(dict.fromkeys(url for one in ways if (url := _text(one.get("url"))))),
        "category": [word for word in extras.get("theme", "").split(" / ") if word],
    }
    return RawEntry(texts, lists, (), lambda field: Place(path=f"{path}.{field}"))


def _is_open(package: Mapping[str, object], in_extras: str, condition: str) -> str:
    """A feed is of what is open, unless a package says otherwise."""
    if package.get("private", False) is not False:
        return "0"
    said = (in_extras, _text(package.get("access_rights")))
    return open_by({text.rpartition("/")[2].upper() for text in said if text} or {"PUBLIC"}, condition)


def _object(value: object, path: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong(path, value, AN_OBJECT)
    return value


def _objects(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _stamp(value: object) -> str:
    text = _text(value).removesuffix("Z")
    return text if _STAMP.fullmatch(text) else ""


def _wrong(path: str, found: object, expected: Text) -> Exception:
    return unreadable("catalog.json.type", place=Place(path=path), found=json_kind(found), expected=expected)
