"""The fonts of a page: embedded ones, faces found elsewhere by name, and the bundled one for all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from egov_sdk.ofd.fonts import FontFace, bundled_font
from egov_sdk.ofd.render._cff import CffOutlines
from egov_sdk.ofd.render._truetype import TrueTypeOutlines
from egov_sdk.ofd.render.outlines import Outline
from egov_sdk.ofd.render.sfnt import FontProblem, Sfnt, character_map

__all__ = ["FontFinder", "FontProgram", "bundled_program", "has_latin_widths", "is_heavy", "normalised"]

#: Finds a face for the name that a document asks for, or None; such as ``machine_fonts()`` gives.
FontFinder = Callable[[str], FontFace | None]

_BARE_CFF = b"\x01\x00"


class _Outlines(Protocol):
    count: int

    def outline(self, glyph: int) -> Outline: ...


@dataclass(slots=True)
class _Glyph:
    outline: Outline
    problem: str = ""


class FontProgram:
    """One font file, opened: outlines by glyph index or by character.

    Raises:
        FontProblem: it is no font that can be used.
    """

    def __init__(self, data: bytes, *, face: int = 0) -> None:
        self._outlines: _Outlines
        self._cff: CffOutlines | None = None
        self._sfnt: Sfnt | None = None
        self._glyphs: dict[int, _Glyph] = {}
        self._map: Callable[[int], int] = lambda code: 0
        if data[:2] == _BARE_CFF:
            self._outlines = self._cff = CffOutlines(memoryview(data))
            self.units_per_em = self._cff.units_per_em
            return
        self._sfnt = font = Sfnt(data, face=face)
        self.units_per_em = font.units_per_em
        self._map = character_map(font)
        if "CFF " in font:
            self._outlines = self._cff = CffOutlines(font.table("CFF "))
        else:
            self._outlines = TrueTypeOutlines(font)

    def glyph_of(self, character: str) -> int:
        """The glyph of a character, 0 where the font has none."""
        return self._map(ord(character))

    def outline(self, glyph: int) -> Outline:
        """The outline at a glyph index as OFD counts; in a bare CID-keyed program that is the CID.

        Raises:
            FontProblem: this glyph is damaged.
        """
        known = self._glyphs.get(glyph)
        if known is None:
            known = self._glyphs[glyph] = self._read(glyph)
        if known.problem:
            raise FontProblem(known.problem)
        return known.outline

    def _read(self, glyph: int) -> _Glyph:
        place = glyph
        if self._sfnt is None and self._cff is not None and self._cff.cid_keyed:
            place = self._cff.glyph_of_cid(glyph)
        try:
            return _Glyph(self._outlines.outline(place))
        except FontProblem as problem:
            return _Glyph(Outline(()), str(problem))

    def advance(self, glyph: int) -> float | None:
        """How far a glyph moves the pen, in em; None where the font does not say."""
        found = None if self._sfnt is None else self._sfnt.advance(glyph)
        return None if found is None else found / self.units_per_em


@cache
def bundled_program() -> FontProgram:
    """The Song face that comes with this package."""
    return FontProgram(bundled_font())


_PREFIX = re.compile(r"^[A-Z]{6}\+")
_SUFFIXES = re.compile(r",.*$|_gb2312$|_gbk$|gb10$|简体$|\.(tt[fc]|otf)$")


def normalised(name: str) -> str:
    """The name of a font without what makers add to it."""
    text = _PREFIX.sub("", name.strip()[:120].rpartition("/")[2]).lower()
    return re.sub(r"[\s_-]", "", _SUFFIXES.sub("", text))


def has_latin_widths(name: str) -> bool:
    """Whether Latin characters of a face of that name have widths of their own, not half an em each."""
    return bool(re.match(r"times|arial|helvetica|tahoma|courier|calibri|minion|cambria|verdana", normalised(name)))


def is_heavy(name: str) -> bool:
    """Whether a face of that name is drawn with strokes that a Song face does not have."""
    folded = normalised(name)
    return bool(re.search(r"黑|hei|小标宋|xbs|雅黑|yahei|bold|粗", folded)) or name.lower().endswith(",bold")
