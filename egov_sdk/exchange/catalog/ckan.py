"""A feed that CKAN harvests: the open part of a catalogue in the shape of ``package_search``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from egov_sdk.crypto.hashes import sm3
from egov_sdk.exchange.catalog._ckan_reading import DURATIONS
from egov_sdk.exchange.catalog.audience import access_right, shown_to
from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.exchange.catalog.terms import TITLES

__all__ = ["export_ckan"]

_TAG_CHARS: Final = 100
_URI_SAFE: Final = ":/?#[]@!$&'()*+,;=%~-._"


def export_ckan(entries: Iterable[CatalogEntry], *, start: int = 0, rows: int = 1000) -> bytes:
    """One page of the feed: what is open to society and nothing else, whatever the sharing type says.

    Raises:
        ValueError: ``start`` or ``rows`` is negative.
    """
    if start < 0 or rows < 0:
        raise ValueError(f"start and rows are not negative, got {start} and {rows}")
    shown = shown_to("public", entries).entries
    page = [_package(entry) for entry in shown[start : start + rows]]
    result = {"count": len(shown), "sort": "name asc", "results": page}
    return json.dumps({"success": True, "result": result}, ensure_ascii=False, indent=1).encode() + b"\n"


def _package(entry: CatalogEntry) -> dict[str, object]:
    extras = {
        "identifier": entry.code,
        "publisher_name": entry.provider.name,
        "publisher_identifier": entry.provider.code,
        "issued": entry.published_on.isoformat() if entry.published_on else "",
        "frequency": DURATIONS.get(entry.cycle, "") if entry.cycle else "",
        "theme": " / ".join(entry.category),
        "access_rights": access_right(entry),
        "open_condition": entry.openness.condition,
    }
    kind = TITLES[entry.format.kind].zh if entry.format.kind else ""
    return {
        # CKAN allows small letters, digits and - _ in a name
        "name": "egov-" + sm3(entry.code.encode()).hex()[:24],
        "title": entry.name,
        "notes": entry.abstract,
        "type": "dataset",
        "private": False,
        "tags": [{"name": word[:_TAG_CHARS]} for word in entry.keywords],
        "resources": [
            {"name": entry.name, "url": quote(link, safe=_URI_SAFE), "format": _format(entry) or kind}
            for link in entry.links
        ],
        "extras": [{"key": key, "value": value} for key, value in extras.items() if value],
    }


def _format(entry: CatalogEntry) -> str:
    return entry.format.types[0].upper() if entry.format.types else ""
