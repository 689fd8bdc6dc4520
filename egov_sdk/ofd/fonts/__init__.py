"""Chinese fonts: the one that comes with this package, and those of the machine when asked for."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

__all__ = ["FontFace", "bundled_font", "find_font", "missing_characters", "open_face"]

BUNDLED_FILE = "EgovSongSC-Regular.otf"
BUNDLED_FAMILY = "Egov Song SC"

#: Where the usual systems keep their fonts. A folder that is absent is passed over.
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)

#: File names of fonts with Chinese glyphs, the most fitting for a seal (宋体) first.
KNOWN_FONTS = (
    r"simsun\.tt[cf]|nsimsun\.ttf|stsong\.ttf|stzhongs\.ttf|songti\.ttc",
    r"notoserif(cjk|sc|cjksc)[-_].*|sourcehanserif.*",
    r"uming\.tt[cf]|fandolsong-.*|fzsong.*",
    r"simfang\.ttf|stfangsong\.ttf|lxgwwenkai.*|ukai\.tt[cf]|simkai\.ttf",
    r"notosans(cjk|sc|cjksc)[-_].*|sourcehansans.*|wqy-(zenhei|microhei)\.ttc",
    r"simhei\.ttf|msyh\.tt[cf]|pingfang\.ttc|stheiti.*|hiragino sans gb.*|droidsansfallback.*",
)

_UNASSIGNED = "\U000fffff"  # private use, plane 15: a font that maps it would be strange indeed


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face of a font file: the file or its bytes, and the number of the face in a collection."""

    source: Path | bytes
    index: int = 0

    def __repr__(self) -> str:
        source = f"{len(self.source)} bytes" if isinstance(self.source, bytes) else str(self.source)
        return f"FontFace({source}, index={self.index})"


@cache
def bundled_font() -> bytes:
    """The font that comes with this package: a Song face (宋体), OpenType, about 2.6 MB.

    It has the 8,105 characters of 通用规范汉字表, those of GB/T 2312, and ASCII.
    Its licence is the SIL Open Font License 1.1, in ``OFL.txt`` beside it.
    """
    return files(__name__).joinpath(BUNDLED_FILE).read_bytes()


def open_face(font: FontFace | Path | str | bytes | None = None, *, size_px: float) -> ImageFont.FreeTypeFont:
    """Open a font for drawing with Pillow; None is the bundled one.

    Raises:
        ValueError: The file or the bytes are no font that FreeType reads.
    """
    from PIL import ImageFont

    face = font if isinstance(font, FontFace) else FontFace(_source(font))
    stream = io.BytesIO(face.source) if isinstance(face.source, bytes) else str(face.source)
    try:
        return ImageFont.truetype(stream, size_px, index=face.index, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise ValueError(f"{face!r} cannot be opened as a font: {error}") from error


def missing_characters(text: str, *, font: FontFace | Path | str | bytes | None = None) -> str:
    """The characters of ``text`` that the font would draw as an empty box, each once, in their order."""
    opened = open_face(font, size_px=24)
    box = _shape(opened, _UNASSIGNED)
    distinct = dict.fromkeys(char for char in text if not char.isspace())
    return "".join(char for char in distinct if _shape(opened, char) == box)


def find_font(text: str, *, folders: Iterable[Path] | None = None) -> FontFace | None:
    """Search this machine for a Chinese font that has every character of ``text``; None if there is none.

    Only files with the names of well-known Chinese fonts are opened, those nearest to 宋体 first.
    This reads the file system: call it at the edge of a program and hand the result to ``font=``.

    Args:
        folders: Where to look, with the folders below; the usual ones of Linux, macOS and Windows by default.
    """
    places = [Path(folder).expanduser() for folder in FONT_FOLDERS] if folders is None else list(folders)
    ranked = sorted(
        (rank, str(path), path) for folder in places for path in _font_files(folder) if (rank := _rank(path)) >= 0
    )
    faces = (face for _, _, path in ranked for face in _faces(path))
    return next((face for face in faces if not missing_characters(text, font=face)), None)


def _shape(font: ImageFont.FreeTypeFont, char: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(char)
    return mask.size, bytes(mask)


def _source(font: Path | str | bytes | None) -> Path | bytes:
    if font is None:
        return bundled_font()
    return Path(font) if isinstance(font, str) else font


def _font_files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root, name) for name in names if name.lower().endswith((".ttf", ".ttc", ".otf", ".otc")))


def _rank(path: Path) -> int:
    name = path.name.lower()
    return next((rank for rank, known in enumerate(KNOWN_FONTS) if re.fullmatch(known, name)), -1)


def _faces(path: Path) -> list[FontFace]:
    """The faces of a file, those for mainland glyph shapes first; none if it is no font."""
    found: list[tuple[bool, FontFace]] = []
    while True:
        face = FontFace(path, len(found))
        try:
            family = open_face(face, size_px=24).getname()[0] or ""
        except ValueError:
            break
        found.append((not re.search(r"\bSC\b", family), face))
    return [face for _, face in sorted(found, key=lambda item: (item[0], item[1].index))]
