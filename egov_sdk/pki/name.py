"""Distinguished names (甄别名) as they stand in certificates, and new ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.crypto.der import (
    Tlv,
    children,
    decode_oid,
    decode_string,
    expect,
    oid,
    printable_string,
    read_one,
    sequence,
    set_of,
    utf8_string,
)
from egov_sdk.errors import ParseError
from egov_sdk.pki._remember import remembered

__all__ = ["Name", "NameAttribute"]

_SHORT: Final = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "GN",
    "2.5.4.45": "x500UniqueIdentifier",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_OID_OF: Final = {short.lower(): dotted for dotted, short in _SHORT.items()}
_COMMON_NAME: Final = "2.5.4.3"
_PRINTABLE_ONLY: Final = frozenset(("2.5.4.5", "2.5.4.6"))
_ESCAPE: Final = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)
_ESCAPED: Final = frozenset(',+"\\<>;=')


@dataclass(frozen=True, slots=True)
class NameAttribute:
    """One attribute of a name: its type as a dotted number, and its text.

    Where the value ``is_text`` no more, its text is "#" and the whole value in hex.
    """

    oid: str
    text: str
    is_text: bool = True

    @property
    def short(self) -> str:
        """The usual short word for the type, or its dotted number."""
        return _SHORT.get(self.oid, self.oid)


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name; two are equal when their octets are.

    ``raw`` is the whole TLV as received.
    """

    raw: bytes = field(repr=False)

    @property
    def rdns(self) -> tuple[tuple[NameAttribute, ...], ...]:
        """The relative names in the order they are written, mostly country first.

        Raises:
            ParseError: the octets are not a name.
        """
        return _rdns(self.raw)

    @property
    def attributes(self) -> tuple[NameAttribute, ...]:
        """All attributes in the order they are written."""
        return tuple(attribute for rdn in self.rdns for attribute in rdn)

    def get(self, kind: str) -> tuple[str, ...]:
        """The texts of one type of attribute, named by its short word or dotted number."""
        dotted = _OID_OF.get(kind.lower(), kind)
        return tuple(attribute.text for attribute in self.attributes if attribute.oid == dotted)

    @property
    def common_name(self) -> str:
        """The last common name (通用名), or nothing."""
        return (self.get(_COMMON_NAME) or ("",))[-1]

    @property
    def text(self) -> str:
        """The name as one line, most special part first.

        Source:
            RFC 4514, 2 and 3.
        """
        return _text(self.raw)

    def matches(self, other: Name) -> bool:
        """Whether both name the same, letter case, spacing and string types aside.

        Source:
            RFC 5280, 7.1.
        """
        return self.raw == other.raw or _folded(self.raw) == _folded(other.raw)

    @classmethod
    def build(cls, attributes: Iterable[tuple[str, str]]) -> Name:
        """A name of single attributes, in the order given: usually country, organisation, common name.

        Args:
            attributes: (type, text); the type is a short word such as CN, or a dotted number.
        Raises:
            ValueError: nothing is given, a type is unknown, or a text is empty or does not fit its type.
        """
        rdns = [_encode(kind, text) for kind, text in attributes]
        if not rdns:
            raise ValueError("a name needs at least one attribute")
        return cls(sequence(*rdns))

    @classmethod
    def from_text(cls, text: str) -> Name:
        """The name of a line such as ``CN=某某局,O=某某市,C=CN``; a text without "=" is the common name alone.

        Raises:
            ValueError: a part has no "=", its type is unknown, or a text is empty.
        Source:
            RFC 4514, without multi-valued parts and hex strings.
        """
        if "=" not in text:
            return cls.build([("CN", text.strip())])
        parts = [part.partition("=") for part in reversed(_split(text))]
        if any(not equals for _, equals, _ in parts):
            raise ValueError(f"every part of a name must be type=text, got {text!r}")
        return cls.build((kind.strip(), _unescape(value.strip(" "))) for kind, _, value in parts)

    def __str__(self) -> str:
        return self.text


def _shown(attribute: NameAttribute) -> str:
    return f"{attribute.short}={_escape(attribute.text) if attribute.is_text else attribute.text}"


@remembered(1024, up_to=4 << 10)
def _rdns(raw: bytes) -> tuple[tuple[NameAttribute, ...], ...]:
    outer = expect(read_one(raw, where="name"), 0x30, where="name")
    return tuple(
        tuple(_attribute(part) for part in children(expect(rdn, 0x31, where="name"), where="name"))
        for rdn in children(outer, where="name")
    )


@remembered(1024, up_to=4 << 10)
def _text(raw: bytes) -> str:
    return ",".join("+".join(map(_shown, rdn)) for rdn in reversed(Name(raw).rdns))


@remembered(1024, up_to=4 << 10)
def _folded(raw: bytes) -> tuple[frozenset[tuple[str, str]], ...]:
    return tuple(frozenset((a.oid, _fold(a.text)) for a in rdn) for rdn in Name(raw).rdns)


def _attribute(tlv: Tlv) -> NameAttribute:
    parts = children(expect(tlv, 0x30, where="name"), where="name")
    if len(parts) != 2:
        raise ParseError("an attribute of a name has a type and a value", where=f"name, byte {tlv.offset}")
    kind = decode_oid(parts[0], where="name")
    try:
        return NameAttribute(kind, decode_string(parts[1], where="name"))
    except ParseError:
        return NameAttribute(kind, "#" + parts[1].raw.hex(), is_text=False)


def _encode(kind: str, text: str) -> bytes:
    dotted = _OID_OF.get(kind.lower(), kind)
    if not text:
        raise ValueError(f"the text of {kind} is empty")
    if dotted == kind and "." not in kind:
        raise ValueError(f"unknown attribute type {kind!r}; known are {', '.join(_SHORT.values())} and dotted numbers")
    value = printable_string(text) if dotted in _PRINTABLE_ONLY else utf8_string(text)
    return set_of(sequence(oid(dotted), value))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _escape(text: str) -> str:
    escaped = "".join("\\" + c if c in _ESCAPED else f"\\{ord(c):02x}" if ord(c) < 0x20 else c for c in text)
    if escaped[:1] in (" ", "#"):
        escaped = f"\\{ord(escaped[0]):02x}" + escaped[1:]
    return escaped[:-1] + "\\20" if escaped.endswith(" ") else escaped


def _split(text: str) -> list[str]:
    parts, current, escaped = [], "", False
    for character in text:
        if character == "," and not escaped:
            parts.append(current)
            current = ""
            continue
        current += character
        escaped = character == "\\" and not escaped
    return [*parts, current]


def _unescape(text: str) -> str:
    return _ESCAPE.sub(
        lambda found: found[2] or bytes.fromhex(found[1].replace("\\", "")).decode("utf-8", "replace"), text
    )
