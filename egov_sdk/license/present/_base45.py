"""Octets as the characters that a QR code packs best: three for two octets, in the alphanumeric mode.

Source:
    RFC 9285; ISO/IEC 18004:2015, 7.4.4.
"""

from __future__ import annotations

import struct
from typing import Final

from egov_sdk.license.present._places import unreadable
from egov_sdk.report import Text

__all__ = ["decode", "encode"]

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_SQUARE: Final = 45 * 45
#: The two lower digits together, lowest first.
_PAIRS: Final = [low + high for high in _ALPHABET for low in _ALPHABET]
_NONE: Final = 0xFF
_STRANGE: Final = Text("a character that is not of base45", "base45 以外的字符")
_LENGTH: Final = Text("a length that cannot be", "长度不成立")
_NO_OCTETS: Final = Text("characters that stand for no octets", "不对应任何字节的字符")
_VALUES: Final = bytes(_ALPHABET.find(chr(octet)) & _NONE for octet in range(256))


def encode(octets: bytes) -> str:
    """The characters of some octets."""
    numbers = struct.unpack_from(f">{len(octets) // 2}H", octets)
    out = [_PAIRS[number % _SQUARE] + _ALPHABET[number // _SQUARE] for number in numbers]
    if len(octets) % 2:
        out.append(_PAIRS[octets[-1]])
    return "".join(out)


def decode(text: str, *, what: str) -> bytes:
    """The octets of some characters; each run of octets has one spelling.

    Raises:
        ParseError: other characters, a number too large for its octets, or a length that cannot be.
    """
    values = text.encode("latin-1", "replace").translate(_VALUES)
    if _NONE in values or len(values) != len(text) or len(text) % 3 == 1:
        place = values.find(_NONE)
        found = _STRANGE if place >= 0 else _LENGTH
        raise unreadable(
            "presentation_text", where=f"{what}, character {place if place >= 0 else len(text)}", found=found
        )
    whole = len(values) - len(values) % 3
    octets = _pairs_of_octets(values[:whole], what)
    if len(values) == whole:
        return octets
    last = values[-2] + 45 * values[-1]
    if last > 0xFF:
        raise unreadable("presentation_text", where=what, found=_NO_OCTETS)
    return octets + bytes((last,))


def _pairs_of_octets(values: bytes, what: str) -> bytes:
    """All sums at once, each in 32 bits of one long number: many times as fast as one by one."""
    count = len(values) // 3
    sums = sum(weight * _spread(values[digit::3]) for digit, weight in enumerate((1, 45, _SQUARE)))
    wide = sums.to_bytes(4 * count, "big")
    if wide[1::4].strip(b"\0"):  # no sum reaches beyond the third octet
        raise unreadable("presentation_text", where=what, found=_NO_OCTETS)
    found = bytearray(2 * count)
    found[0::2], found[1::2] = wide[2::4], wide[3::4]
    return bytes(found)


def _spread(digits: bytes) -> int:
    wide = bytearray(4 * len(digits))
    wide[3::4] = digits
    return int.from_bytes(wide, "big")
