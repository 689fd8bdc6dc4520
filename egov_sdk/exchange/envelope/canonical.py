"""One way to write a value as octets, and a reader that takes nothing else: what is signed can be read in one way only.

Values are JSON objects of texts, whole numbers, lists and objects; the writing is that of RFC 8785 for these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Final, NoReturn

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.problems import MISSING, kind_name, unreadable
from egov_sdk.report import Text
from egov_sdk.strict_json import names_once

__all__ = [
    "HEX_DIGEST",
    "MOST",
    "an_object",
    "canonical",
    "decode_moment",
    "encode_moment",
    "read_canonical",
    "read_json",
    "require",
]

#: The largest whole number that every reader of JSON takes the same way.
MOST: Final = (1 << 53) - 1
#: An SM3 digest as 64 small hexadecimal digits.
HEX_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
#: What the things are called that have one way of writing.
_WRITTEN: Final = {"routing": "路由信息", "headers": "消息头", "receipt": "回执", "batch": "回执批次"}
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")

_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def canonical(value: Mapping[str, object]) -> bytes:
    """The octets of a value: names in order, no blanks, UTF-8.

    Source:
        RFC 8785, for names in ASCII and values without fractions.
    """
    return _ENCODER.encode(value).encode("utf-8")


def encode_moment(at: datetime) -> str:
    """A moment in UTC to the millisecond, such as ``2026-06-01T09:30:00.000Z``."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="milliseconds")[:-6] + "Z"


def decode_moment(text: str) -> datetime:
    """What encode_moment wrote.

    Raises:
        ValueError: it is something else.
    """
    if not _MOMENT.fullmatch(text):
        raise ValueError(Text("no moment in UTC to the millisecond", "不是精确到毫秒的 UTC 时间"))
    return datetime.fromisoformat(text)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(Text(f"{text[:20]} is no whole number", f"{text[:20]} 不是整数"))


def _whole(text: str) -> int:
    number = int(text) if len(text) <= 17 else MOST + 1
    if not -MOST <= number <= MOST:
        raise ValueError(Text("a number is too large", "数值过大"))
    return number


_STRICT: Final = json.JSONDecoder(
    object_pairs_hook=names_once, parse_constant=_refuse_number, parse_float=_refuse_number, parse_int=_whole
)
#: Of a name that stands twice it takes the last: only for octets that are written again and compared.
_QUICK: Final = json.JSONDecoder(parse_constant=_refuse_number, parse_float=_refuse_number, parse_int=_whole)


def read_json(octets: bytes, *, depth: int, where: str = "") -> dict[str, object]:
    """One JSON object in UTF-8: no name twice, no fractions, no halves of surrogate pairs.

    Raises:
        ParseError: it is something else.
        LimitExceeded: nested too deeply.
    """
    try:
        text = octets.decode("utf-8")
        value = _STRICT.decode(text)
        if "\\" in text:  # half of a surrogate pair has no UTF-8
            _ENCODER.encode(value).encode("utf-8")
    except UnicodeError:
        raise unreadable("envelope.json", where=where, found=Text("not UTF-8", "非 UTF-8 编码")) from None
    except RecursionError:
        raise LimitExceeded("depth", allowed=depth, found="more", where=where) from None
    except json.JSONDecodeError as error:
        found = Text(f"{error.msg}, character {error.pos}", f"第 {error.pos} 个字符处有误（{error.msg}）")
        raise unreadable("envelope.json", where=where, found=found) from None
    except ValueError as error:
        raise unreadable("envelope.json", where=where, found=error.args[0]) from None
    if not isinstance(value, dict):
        raise unreadable("envelope.json", where=where, found=kind_name(type(value)))
    return _shallow(value, octets, depth=depth, where=where)


def _shallow(value: dict[str, object], octets: bytes, *, depth: int, where: str) -> dict[str, object]:
    # with fewer brackets than levels there is nothing to walk through
    if octets.count(b"{") + octets.count(b"[") > depth and _deeper_than(depth, value):
        raise LimitExceeded("depth", allowed=depth, found="more", where=where)
    return value


def _deeper_than(depth: int, value: dict[str, object] | list[object]) -> bool:
    if not depth:
        return True
    for one in value.values() if type(value) is dict else value:
        if (type(one) is dict or type(one) is list) and _deeper_than(depth - 1, one):
            return True
    return False


def read_canonical(octets: bytes, *, depth: int, where: str) -> dict[str, object]:
    """As read_json, of octets that canonical would write for what they say.

    Raises:
        ParseError: as read_json, or they are written in another way.
        LimitExceeded: nested too deeply.
    """
    try:
        value: dict[str, object] = _QUICK.decode(octets.decode("utf-8"))
        if type(value) is dict and canonical(value) == octets:
            return _shallow(value, octets, depth=depth, where=where)
    except (ValueError, RecursionError):
        pass
    read_json(octets, depth=depth, where=where)  # says what is wrong, where it is more than the writing
    raise unreadable("envelope.not_canonical", name=Text(where, _WRITTEN.get(where, where)))


def require(value: Mapping[str, object], name: str, kind: type, *, where: str = "") -> object:
    """A member of the right type.

    Raises:
        ParseError: it is missing, or of another type.
    """
    found = value.get(name)
    if type(found) is not kind:
        told = MISSING if found is None else kind_name(type(found))
        raise unreadable("envelope.member", where=where, name=name, found=told, expected=kind_name(kind))
    return found


def only(value: Mapping[str, object], names: AbstractSet[str], *, where: str = "") -> None:
    """Nothing but these members may be there.

    Raises:
        ParseError: another one is.
    """
    if not value.keys() <= names:
        raise unreadable("envelope.unknown_member", where=where, found=", ".join(sorted(value.keys() - names)))


def an_object(value: object, name: str) -> dict[str, object]:
    """A member that is an object.

    Raises:
        ParseError: it is something else.
    """
    if not isinstance(value, dict):
        raise unreadable("envelope.member", name=name, found=kind_name(type(value)), expected=Text("object", "对象"))
    return value
