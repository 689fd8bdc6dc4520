"""Octets as the characters that a QR code packs best: three for two octets, in the alphanumeric mode.

Source:
    RFC 9285; ISO/IEC 18004:2015, 7.4.4.
"""

from __future__ import annotations

from typing import Final

from egov_sdk.license.problems import unreadable

__all__ = ["decode", "encode"]

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_SQUARE: Final = 45 * 45
#: The two lower digits together, lowest first, and back.
_PAIRS: Final = [low + high for high in _ALPHABET for low in _ALPHABET]
_PAIR_VALUES: Final = {pair: value for value, pair in enumerate(_PAIRS)}
_HIGH_VALUES: Final = {char: value * _SQUARE for value, char in enumerate(_ALPHABET)}


def encode(octets: bytes) -> str:
    """The characters of some octets."""
    out = []
    for place in range(0, len(octets) - 1, 2):
        high, low = divmod(octets[place] << 8 | octets[place + 1], _SQUARE)
        out.append(_PAIRS[low] + _ALPHABET[high])
    if len(octets) % 2:
        out.append(_PAIRS[octets[-1]])
    return "".join(out)


def decode(text: str, *, what: str) -> bytes:
    """The octets of some characters; each run of octets has one spelling.

    Raises:
        ParseError: other characters, a number too large for its octets, or a length that cannot be.
    """
    whole = len(text) - len(text) % 3
    try:
        values = [_PAIR_VALUES[text[place : place + 2]] + _HIGH_VALUES[text[place + 2]] for place in range(0, whole, 3)]
        last = [_PAIR_VALUES[text[whole:]]] if whole != len(text) else []
    except KeyError:
        place = next((at for at, char in enumerate(text) if char not in _HIGH_VALUES), whole)
        found = "a character that is not of base45" if place < whole or len(text) - whole == 2 else "a cut text"
        raise unreadable("presentation_text", where=f"{what}, character {place}", found=found) from None
    if any(value > 0xFFFF for value in values) or any(value > 0xFF for value in last):
        raise unreadable("presentation_text", where=what, found="characters that stand for no octets")
    return b"".join([value.to_bytes(2, "big") for value in values]) + bytes(last)
