"""Base64url and JSON, read to the letter: two readers must never see two things in one token."""

from __future__ import annotations

import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from egov_sdk.crypto._jose.problems import bad
from egov_sdk.errors import LimitExceeded
from egov_sdk.strict_json import names_once, no_constant

__all__ = ["DEFAULT_JOSE_LIMITS", "JoseLimits", "from_base64url", "frozen", "read_object", "to_base64url"]

_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")  # what only plain Base64 has becomes what no Base64 has
_TO_URL = bytes.maketrans(b"+/", b"-_")
#: The last characters that leave no bits set behind the end, by how many characters are missing from four.
_ENDINGS = {1: b"AEIMQUYcgkosw048", 2: b"AQgw", 3: b""}


@dataclass(frozen=True, kw_only=True, slots=True)
class JoseLimits:
    """Limits for tokens and key sets; normal ones stay far below.

    ``candidates`` is how many keys are tried for a token that does not name one.
    """

    token_bytes: int = 64 << 10
    header_bytes: int = 8 << 10
    key_set_bytes: int = 512 << 10
    keys: int = 256
    depth: int = 32
    candidates: int = 8


DEFAULT_JOSE_LIMITS = JoseLimits()


def to_base64url(octets: bytes) -> str:
    """Without padding (RFC 7515, 2)."""
    return binascii.b2a_base64(octets, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def from_base64url(text: str | bytes) -> bytes:
    """The octets of Base64url without padding.

    Raises:
        ValueError: a character that does not belong, padding, a length that cannot be, or bits set behind the end.
    """
    data = text.encode("ascii") if isinstance(text, str) else text
    standard = data.translate(_TO_STANDARD)
    if missing := -len(data) % 4:
        if data[-1] not in _ENDINGS[missing]:
            raise ValueError("bits behind the end")
        standard += b"=" * missing
    return binascii.a2b_base64(standard, strict_mode=True)


class _Repeats(dict[str, object]):
    """An object in which a name stood twice."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeats(found)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


_STRICT = json.JSONDecoder(object_pairs_hook=names_once, parse_constant=no_constant, parse_float=_finite)
_MARKING = json.JSONDecoder(object_pairs_hook=_object, parse_constant=no_constant, parse_float=_finite)


def repeats(value: object) -> bool:
    """Whether an object read with ``marking`` had a name twice, in itself."""
    return isinstance(value, _Repeats)


def read_object(
    octets: bytes, *, problem: str, limits: JoseLimits, part: str = "", marking: bool = False
) -> dict[str, object]:
    """One JSON object in UTF-8.

    No name twice in any object, no NaN, no infinite number, no half of a surrogate pair; with ``marking`` a
    repeated name only marks its object.

    Raises:
        ParseError: of that problem.
        LimitExceeded: nested too deeply.
    """
    try:
        text = octets.decode("utf-8")
        value = (_MARKING if marking else _STRICT).decode(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise bad(problem, part=part, found=_reason(error)) from None
    if text.count("[") + text.count("{") > limits.depth and (depth := _depth(value)) > limits.depth:
        raise LimitExceeded("depth", allowed=limits.depth, found=depth, where=part)
    if not isinstance(value, dict):
        raise bad(problem, part=part, found=value)
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, character {error.pos}"
    if isinstance(error, UnicodeError):
        return "not UTF-8"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inside = [
            list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list))
        ]
        level = [item for items in inside for item in items]
    return depth - 1


def frozen(value: object) -> object:
    """A JSON value that nobody can change."""
    if isinstance(value, dict):
        return MappingProxyType({name: frozen(inner) for name, inner in value.items()})
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def frozen_object(value: Mapping[str, object]) -> Mapping[str, object]:
    """A JSON object that nobody can change."""
    return MappingProxyType({name: frozen(inner) for name, inner in value.items()})
