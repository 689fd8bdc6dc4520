"""Paths, queries and forms: as they are sent, and as they are signed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus

from egov_sdk.gateway.errors import UnsafeValue

__all__ = [
    "Pairs",
    "checked_field",
    "encode_form",
    "encode_path",
    "encode_query",
    "form_pairs",
    "parse_pairs",
    "reads_one_way",
    "sorted_pairs",
    "sorted_query",
]

Pairs = tuple[tuple[str, str], ...]

# what RFC 3986 lets stand in a path segment, and the slash
_PATH_SAFE = "/:@!$&'()*+,;=~-._"
# A3.3 keeps ! ' ( ) ~ bare; * stays bare in java.net.URLEncoder, which the platform's own clients start from
_QUERY_SAFE = "!'()*~-._"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.I)
_FIELD = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_FIELD_CHARS = 8_192
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?")


def checked_field(value: str, *, name: str, limit: int = _FIELD_CHARS) -> str:
    """A value that may stand in a header: visible ASCII, spaces only inside.

    Raises:
        UnsafeValue: it holds a line break, another control character or non-ASCII text, or is too long.
    """
    if value and _FIELD.fullmatch(value) is None:
        raise UnsafeValue(
            f"{name} holds a character that must not stand in a header: only visible ASCII may", field=name
        )
    if len(value) > limit:
        raise UnsafeValue(f"{name} has {len(value)} characters, at most {limit} may stand in a header", field=name)
    return value


def encode_path(path: str) -> str:
    """A path as it is sent: percent-encoded where it must be, existing escapes kept.

    Raises:
        UnsafeValue: it does not begin with one slash, or holds a control character, ``?``, ``#``, or a ``.``
            or ``..`` segment.
    """
    if _PLAIN_PATH.fullmatch(path):
        return path
    if not path.startswith("/") or path.startswith("//"):
        raise UnsafeValue(f"a path begins with one slash, found {path[:20]!r}", field="path")
    if _UNSAFE.search(path) or _DOTS.search(path) or "?" in path or "#" in path or "\\" in path:
        raise UnsafeValue("the path holds a control character, ?, #, \\ or a dot segment", field="path")
    # an escape stays, any other % is a character of its own
    try:
        return "".join(
            part if index % 2 else quote(part, safe=_PATH_SAFE)
            for index, part in enumerate(re.split(r"(%[0-9A-Fa-f]{2})", path))
        )
    except UnicodeEncodeError:
        raise UnsafeValue("the path holds half a character", field="path") from None


def _quoted(text: str, errors: str = "strict") -> str:
    return text if text.isascii() and text.isalnum() else quote(text, safe=_QUERY_SAFE, errors=errors)


def encode_query(pairs: Iterable[tuple[str, str]], *, errors: str = "strict") -> str:
    """Pairs as ``key=value&…``, percent-encoded as UTF-8, a space as ``%20``."""
    try:
        return "&".join(f"{_quoted(key, errors)}={_quoted(value, errors)}" for key, value in pairs)
    except UnicodeEncodeError:
        raise UnsafeValue("the query holds half a character", field="query") from None


def sorted_query(pairs: Iterable[tuple[str, str]]) -> str:
    """As encode_query, the pairs sorted by their text ``key=value`` before encoding; bytes kept apart as well."""
    return encode_query(sorted(pairs, key="=".join), errors="surrogateescape")


def sorted_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs as ``key=value&…``, sorted by that text, without any escaping."""
    return "&".join(sorted(map("=".join, pairs)))


def encode_form(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Pairs as the body of a form."""
    try:
        return "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs).encode()
    except UnicodeEncodeError:
        raise UnsafeValue("the form holds half a character", field="form") from None


def parse_pairs(query: str) -> Pairs:
    """The pairs of a query as received, in their order; bytes that are no UTF-8 are kept apart by surrogates."""
    return tuple(
        (unquote_plus(key, errors="surrogateescape"), unquote_plus(value, errors="surrogateescape"))
        for key, _, value in (part.partition("=") for part in query.split("&") if part)
    )


def reads_one_way(pairs: Pairs) -> bool:
    """Whether no other pairs have the same sorted_pairs, where nothing is escaped: ``a=1&b=2`` is not one pair."""
    return not any("=" in key or "&" in key or "=" in value.partition("&")[2] for key, value in pairs)


def form_pairs(body: bytes) -> Pairs:
    """The pairs of a form's body; bytes that are no UTF-8 are kept apart by surrogates."""
    text = body.decode("ascii", "surrogateescape")
    return tuple(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
