"""Many texts looked for at once, as they are and in every usual encoding (残留检查)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from typing import Final
from urllib.parse import unquote

__all__ = ["Finder", "encoded", "readings"]

_ENCODINGS: Final = ("utf-8", "gb18030")
_UNDONE: Final = 8  # times that a line is read anew
_START: Final = 4  # characters by which a form is found first
_SHIFTED: Final = 9  # octets: what is shorter is looked for in Base64 only where it stands by itself
_ESCAPED: Final = re.compile(r"\\+u([0-9A-Fa-f]{4})")

Bounds = Callable[[str], str]


class Finder:
    """Finds texts in others, in a time that does not grow with their number.

    Args:
        forms: Each with what makes a pattern of it, that says what may stand beside.
    """

    def __init__(self, forms: Iterable[tuple[str, Bounds]]) -> None:
        self._forms = dict[str, list[tuple[str, Bounds]]]()
        for one in sorted(forms, key=lambda one: len(one[0]), reverse=True):
            self._forms.setdefault(one[0][:_START], []).append(one)
        self._sizes = sorted({len(start) for start in self._forms}, reverse=True)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Finder:
        """One for texts as they are, where they are not within longer words or numbers."""
        return cls((text, _bounded) for text in texts)

    def found(self, line: str) -> Iterator[tuple[int, str]]:
        """Where which of them stand, from the left; the longest at each place."""
        begin = 0
        for place in range(len(line) if self._forms else 0):
            if place >= begin and (form := self._at(line, place)):
                yield place, form
                begin = place + len(form)

    def _at(self, line: str, place: int) -> str:
        for size in self._sizes:
            for form, bounds in self._forms.get(line[place : place + size], ()):
                if line.startswith(form, place) and re.compile(bounds(form)).match(line, place):
                    return form
        return ""

    def replaced(self, line: str, by: Callable[[str], str]) -> str:
        """The line with others in their place."""
        pieces, begin = list[str](), 0
        for place, form in self.found(line):
            pieces += (line[begin:place], by(form))
            begin = place + len(form)
        return "".join((*pieces, line[begin:]))


def readings(line: str) -> Iterator[str]:
    """A line, and what it says to who undoes the escapes of addresses, of JSON and of pages, once and again."""
    yield line
    for encoding in _ENCODINGS:
        text = line
        for _ in range(_UNDONE):
            before, text = text, unescape(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
            text = unquote(text, encoding, "replace")
            if text == before:
                break
            yield text


def encoded(text: str) -> Iterator[tuple[str, Bounds]]:
    """A text as it may stand somewhere: itself, and as octets in hexadecimal digits or Base64; for a Finder."""
    yield text, _bounded
    for octets in {text.encode(encoding, "replace") for encoding in _ENCODINGS}:
        yield from ((form, re.escape) for form in (octets.hex(), octets.hex().upper()))
        if len(octets) < _SHIFTED:
            yield from ((form, _alone) for form in _base64(octets))
            continue
        for shift in range(3):  # Base64 of a longer text, at each of its three beginnings
            yield from ((form[(0, 2, 3)[shift] : -1], re.escape) for form in _base64(b"\0" * shift + octets))


def _base64(octets: bytes) -> set[str]:
    return {made(octets).decode().rstrip("=") for made in (base64.b64encode, base64.urlsafe_b64encode)}


def _bounded(text: str) -> str:
    before = r"(?<![0-9A-Za-z])" if text[0].isascii() and text[0].isalnum() else ""
    after = r"(?![0-9A-Za-z])" if text[-1].isascii() and text[-1].isalnum() else ""
    return f"{before}{re.escape(text)}{after}"


def _alone(text: str) -> str:
    """Not within longer Base64."""
    return rf"(?<![\w+/-]){re.escape(text)}(?![\w+/-])"
