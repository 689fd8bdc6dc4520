"""A catalogue as JSON: the fields of ``CatalogEntry`` under their own names, terms by their meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog.fields import FIELDS, LISTS, CatalogFile, RawEntry, RawItem, Reading
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry, Provider
from egov_sdk.exchange.catalog.problems import A_LIST, A_TEXT, AN_OBJECT, Place, json_kind, unreadable
from egov_sdk.exchange.catalog.terms import CodeProfile
from egov_sdk.report import Text
from egov_sdk.strict_json import NameTwice, names_once, no_constant

__all__ = ["FORMAT", "load_json", "read_json", "write_json"]

FORMAT: Final = "egov-sdk-catalog-1"
_GROUPS: Final = frozenset(name.partition(".")[0] for name in (*FIELDS, *LISTS) if "." in name)
_ITEM_FIELDS: Final = frozenset({"name", "type", "length"})


def load_json(data: bytes, *, limits: CatalogLimits = DEFAULT_CATALOG_LIMITS) -> object:
    """The value of a JSON text; a member that stands twice is refused, since readers disagree on which one counts.

    Raises:
        ParseError: catalog.json.malformed, catalog.json.twice, catalog.encoding.
        LimitExceeded: it is too large.
    """
    if len(data) > limits.json_bytes:
        raise LimitExceeded("json_bytes", allowed=limits.json_bytes, found=len(data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable("catalog.encoding", found=Text("something else", "其他编码"), expected="UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=names_once, parse_constant=no_constant)
    except NameTwice as exc:
        raise unreadable("catalog.json.twice", found=exc.name) from None
    except RecursionError:
        raise unreadable("catalog.json.malformed", found=Text("too deep", "嵌套过深")) from None
    except json.JSONDecodeError as exc:
        place = Place(path=f"character {exc.colno}", row=exc.lineno)
        raise unreadable("catalog.json.malformed", place=place, found=exc.msg) from None
    except ValueError as exc:
        raise unreadable("catalog.json.malformed", found=str(exc)[:80]) from None


def read_json(
    data: bytes,
    *,
    profile: CodeProfile | None = None,
    provider: Provider | None = None,
    limits: CatalogLimits = DEFAULT_CATALOG_LIMITS,
) -> CatalogFile:
    """Read a catalogue as JSON.

    Args:
        profile: lets terms stand as the codes of a platform too.
        provider: for entries that do not name theirs.
    Raises:
        ParseError: not JSON, a member that stands twice, or no list of entries.
        LimitExceeded: too large, or too many entries.
    """
    entries = _entries_of(load_json(data, limits=limits))
    if len(entries) > limits.entries:
        raise LimitExceeded("entries", allowed=limits.entries, found=len(entries))
    reading = Reading(limits=limits, profile=profile, provider=provider)
    made, locators = [], []
    for number, value in enumerate(entries):
        path = f"$.entries[{number}]"
        before = len(reading.findings)
        raw = _raw(value, path, reading)
        entry = reading.entry(raw) if raw is not None else None
        if entry is not None and raw is not None and len(reading.findings) == before:
            made.append(entry)
            locators.append(raw.where)
        if reading.is_full:
            break
    return CatalogFile(tuple(made), tuple(reading.findings), tuple(locators))


def _entries_of(value: object) -> list[object]:
    if isinstance(value, dict):
        if value.get("format") != FORMAT:
            raise unreadable(
                "catalog.json.type", place=Place(path="$.format"), found=value.get("format"), expected=FORMAT
            )
        value = value.get("entries")
    if not isinstance(value, list):
        place = Place(path="$.entries")
        raise unreadable("catalog.json.type", place=place, found=json_kind(value), expected=A_LIST)
    return value


def _raw(value: object, path: str, reading: Reading) -> RawEntry | None:
    if not isinstance(value, dict):
        reading.tell("catalog.json.type", "", Place(path=path), found=json_kind(value), expected=AN_OBJECT)
        return None
    texts: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    items: list[RawItem] = []
    for name, inner in value.items():
        if name == "items":
            items = _items(inner, f"{path}.items", reading)
        elif name in _GROUPS and isinstance(inner, dict):
            for part, text in inner.items():
                _take(f"{name}.{part}", text, path, texts, lists, reading)
        elif not (name in _GROUPS and inner is None):
            _take(name, inner, path, texts, lists, reading)
    return RawEntry(texts, lists, items, _FieldPlace(path))


def _take(
    name: str, value: object, path: str, texts: dict[str, str], lists: dict[str, list[str]], reading: Reading
) -> None:
    place = Place(path=f"{path}.{name}")
    if name in LISTS:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            lists[name] = value
        else:
            reading.tell(
                "catalog.json.type", name, place, found=json_kind(value), expected=Text("a list of texts", "文本列表")
            )
    elif name not in FIELDS:
        reading.tell("catalog.json.member", "", place, found=name)
    elif (text := _text(value, is_flag=name == "openness.is_open")) is not None:
        texts[name] = text
    else:
        reading.tell("catalog.json.type", name, place, found=json_kind(value), expected=A_TEXT)


def _text(value: object, *, is_flag: bool = False) -> str | None:
    """A value as text; empty for null, None for what cannot stand there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("1" if value else "0") if is_flag else None
    return value if isinstance(value, str) else None


def _items(value: object, path: str, reading: Reading) -> list[RawItem]:
    if not isinstance(value, list):
        reading.tell("catalog.json.type", "items", Place(path=path), found=json_kind(value), expected=A_LIST)
        return []
    made = []
    for number, one in enumerate(value):
        place = Place(path=f"{path}[{number}]")
        if not isinstance(one, dict):
            reading.tell("catalog.json.type", "items", place, found=json_kind(one), expected=AN_OBJECT)
            continue
        texts = {}
        for name, inner in one.items():
            text = str(inner) if name == "length" and type(inner) is int else _text(inner)
            if name not in _ITEM_FIELDS:
                reading.tell("catalog.json.member", "", Place(path=f"{place.path}.{name}"), found=name)
            elif text is None:
                about = Place(path=f"{place.path}.{name}")
                reading.tell("catalog.json.type", f"items.{name}", about, found=json_kind(inner), expected=A_TEXT)
            else:
                texts[name] = text
        made.append(RawItem(texts, _FieldPlace(place.path)))
    return made


class _FieldPlace:
    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, field: str) -> Place:
        return Place(path=f"{self.path}.{field}")


def write_json(entries: Iterable[CatalogEntry]) -> bytes:
    """A catalogue as JSON in UTF-8, which ``read_json`` reads back to the same entries."""
    plain = [entry.model_dump(mode="json", exclude_defaults=True) for entry in entries]
    text = json.dumps({"format": FORMAT, "entries": plain}, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode() + b"\n"
