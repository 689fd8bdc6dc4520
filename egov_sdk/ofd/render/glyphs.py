"""Choose the font of a text and draw its glyphs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from egov_sdk.ofd.fonts import FontFace
from egov_sdk.ofd.render.fonts import FontFinder, FontProgram, bundled_program, has_latin_widths, is_heavy
from egov_sdk.ofd.render.matrix import Matrix
from egov_sdk.ofd.render.outlines import Outline
from egov_sdk.ofd.render.sfnt import FontProblem
from egov_sdk.ofd.render.text import Piece
from egov_sdk.ofd.rootfile import id_key

if TYPE_CHECKING:
    from egov_sdk.ofd.render.resources import FontResource, Resources, Source

__all__ = ["Face", "Fonts", "PlacedGlyph"]

_MISSING = Outline(
    (
        ("M", (80.0, -60.0)), ("L", (920.0, -60.0)), ("L", (920.0, 800.0)), ("L", (80.0, 800.0)), ("Z", ()),
        ("M", (130.0, -10.0)), ("L", (130.0, 750.0)), ("L", (870.0, 750.0)), ("L", (870.0, -10.0)), ("Z", ()),
    )
)  # fmt: skip
_MISSING_EM = 1000


@dataclass(frozen=True, slots=True)
class Face:
    """The font of a text: its program, whether the document embeds it, and what it is asked to look like."""

    key: str
    name: str
    program: FontProgram
    embedded: bool
    heavy: bool = False
    slanted: bool = False


@dataclass(frozen=True, slots=True)
class PlacedGlyph:
    """An outline with the matrix that puts it into the space of its text object; ``key`` is the same for the same."""

    key: tuple[str, int]
    outline: Outline
    matrix: Matrix
    em: float

    def moved_by(self, matrix: Matrix) -> PlacedGlyph:
        """The glyph in the space that a matrix leads to."""
        return replace(self, matrix=self.matrix.then(matrix))


@lru_cache(maxsize=32)
def _face_program(path: Path, index: int) -> FontProgram:
    return FontProgram(path.read_bytes(), face=index)


class Fonts:
    """The fonts of one drawing."""

    def __init__(self, source: Source, resources: Resources, find: FontFinder | None) -> None:
        self._source, self._resources, self._find = source, resources, find
        self._faces: dict[str, Face] = {}

    def face(self, font_id: str) -> Face:
        """The font with that ID, or what stands in for it."""
        key = id_key(font_id)
        if key not in self._faces:
            self._faces[key] = self._choose(key)
        return self._faces[key]

    def _choose(self, key: str) -> Face:
        resource = self._resources.fonts.get(key)
        if resource is None:
            self._source.notes.add("render.resource_missing", kind="Font", found=key)
            return Face("bundled", "", bundled_program(), embedded=False)
        if resource.file is not None:
            program = self._embedded(resource, resource.file)
            if program is not None:
                return Face(f"file {resource.file}", resource.name, program, embedded=True)
        return self._stand_in(resource)

    def _embedded(self, resource: FontResource, file: str) -> FontProgram | None:
        package, budget = self._source.package, self._source.budget
        data = package.read(file)
        problem = ""
        if not (budget.affords("fonts") and budget.affords("font_bytes", len(data))):
            problem = "too many or too large fonts"
        else:
            found = package.memo(("render font", file), lambda: _opened(data))
            if isinstance(found, FontProgram):
                return found
            problem = str(found)
        self._source.notes.add("render.font_unreadable", where=file, found=resource.name, reason=problem)
        return None

    def _stand_in(self, resource: FontResource) -> Face:
        name = resource.name or resource.family
        bold, slanted = resource.bold or is_heavy(name), resource.italic
        for asked in dict.fromkeys((resource.name, resource.family)):
            found = self._find(asked) if self._find is not None and asked else None
            program = None if found is None else _program_of(found)
            if found is not None and program is not None:
                return Face(f"face {found!r}", name, program, embedded=False, heavy=resource.bold, slanted=slanted)
        self._source.notes.add("render.font_substituted", found=name)
        return Face("bundled", name, bundled_program(), embedded=False, heavy=bold, slanted=slanted)

    def place(
        self, face: Face, pieces: Iterable[Piece], *, size: float, stretch: float, turn: float, slanted: bool
    ) -> Iterator[PlacedGlyph]:
        """The glyphs of one line.

        Args:
            size: The em, in the units of the text object.
            stretch: How much wider each glyph is drawn (HScale).
            turn: How far each glyph is turned about its own origin, degrees clockwise (CharDirection).
        """
        drift = 0.0
        for piece in pieces:
            if piece.glyph is None and (not piece.character or piece.character.isspace()):
                drift += size / 2 if piece.adrift else 0.0
                continue
            program, key, glyph, outline = self._glyph(face, piece)
            em = _MISSING_EM if program is None else program.units_per_em
            advance = 1.0 if program is None else program.advance(glyph) or 0.0
            inner = Matrix(size / em * stretch, 0, 0, -size / em)
            if slanted or face.slanted:
                inner = Matrix(1, 0, 0.21, 1).then(inner)
            if not face.embedded and not piece.adrift and not turn and stretch == 1:
                inner = _fitted(inner, face, advance=advance * size, size=size, piece=piece)
            if turn:
                cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
                inner = inner.then(Matrix(cos, sin, -sin, cos))
            if outline:
                yield PlacedGlyph((key, glyph), outline, inner.moved(piece.x + drift, piece.y), em)
            drift += advance * size * stretch if piece.adrift else 0.0

    def _glyph(self, face: Face, piece: Piece) -> tuple[FontProgram | None, str, int, Outline]:
        notes, program = self._source.notes, face.program
        glyph = piece.glyph if piece.glyph is not None else program.glyph_of(piece.character)
        try:
            if piece.glyph is not None or glyph:
                return program, face.key, glyph, program.outline(glyph)
        except FontProblem as problem:
            notes.add("render.glyph_unreadable", where=face.name, found=glyph, reason=problem)
            if not piece.character:
                return program, face.key, glyph, Outline(())
        if face.key != "bundled" and (other := bundled_program().glyph_of(piece.character)):
            return bundled_program(), "bundled", other, bundled_program().outline(other)
        notes.add("render.glyph_missing", where=face.name, found=_named(piece.character))
        return None, "missing", 0, _MISSING


def _named(character: str) -> str:
    return f"{character} (U+{ord(character):04X})" if character.isprintable() else f"U+{ord(character):04X}"


def _opened(data: bytes) -> FontProgram | FontProblem:
    try:
        return FontProgram(data)
    except FontProblem as problem:
        return problem


def _program_of(face: FontFace) -> FontProgram | None:
    try:
        if isinstance(face.source, bytes):
            return FontProgram(face.source, face=face.index)
        return _face_program(face.source, face.index)
    except (FontProblem, OSError):
        return None


def _fitted(matrix: Matrix, face: Face, *, advance: float, size: float, piece: Piece) -> Matrix:
    """A stand-in glyph made to fit its cell: squeezed where it is too wide, in the middle where it is narrow.

    A Chinese face gives a Latin character half an em, whatever space follows.
    """
    cell = piece.cell or advance
    half = piece.character.isascii() and not has_latin_widths(face.name)
    if half and cell > size / 2:
        cell = size / 2
    if advance > cell * 1.001:
        return matrix.then(Matrix(max(cell / advance, 0.3), 0, 0, 1))
    centred = half or face.name.lower().startswith("courier")
    return matrix.moved((cell - advance) / 2, 0) if centred else matrix
