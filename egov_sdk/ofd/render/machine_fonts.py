"""Find the faces of this machine that documents ask for by name; called at the edge of a program."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from egov_sdk.ofd.fonts import FONT_FOLDERS, FontFace
from egov_sdk.ofd.render.fonts import FontFinder, normalised

__all__ = ["machine_fonts"]

#: What a document asks for, and the files that hold such a face with the number of the face, best first.
_FAMILIES: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = (
    (
        r"小标宋|fzxbs",
        ((r"fzxbs.*", 0), (r"notoserifcjk-bold\.ttc", 2), (r"fandolsong-bold\.otf", 0)),
    ),
    (
        r"仿宋|fangsong|simfang|fzfs",
        ((r"simfang\.ttf", 0), (r"stfangsong\.ttf", 0), (r"fandolfang-.*\.otf", 0)),
    ),
    (
        r"楷|kai",
        (
            (r"simkai\.ttf", 0),
            (r"stkaiti\.ttf", 0),
            (r"ukai\.ttc", 0),
            (r"lxgwwenkai-regular\.ttf", 0),
            (r"fandolkai-.*\.otf", 0),
            (r"gkai00mp\.ttf", 0),
        ),
    ),
    (
        r"黑|hei|yahei",
        (
            (r"simhei\.ttf", 0),
            (r"msyh\.tt[cf]", 0),
            (r"notosanscjk-regular\.ttc", 2),
            (r"wqy-zenhei\.ttc", 0),
            (r"wqy-microhei\.ttc", 0),
            (r"fandolhei-.*\.otf", 0),
        ),
    ),
    (
        r"宋|song|simsun|fzss|adobesong",
        (
            (r"simsun\.tt[cf]", 0),
            (r"stsong\.ttf", 0),
            (r"uming\.ttc", 0),
            (r"notoserifcjk-regular\.ttc", 2),
            (r"fandolsong-regular\.otf", 0),
        ),
    ),
    (r"timesnewroman.*|times|minionpro", ((r"times\.ttf", 0), (r"liberationserif-regular\.ttf", 0))),
    (r"arial.*|helvetica|tahoma", ((r"arial\.ttf", 0), (r"liberationsans-regular\.ttf", 0))),
    (r"couriernew.*|courier", ((r"cour\.ttf", 0), (r"liberationmono-regular\.ttf", 0))),
)


def machine_fonts(*, folders: Iterable[Path] | None = None) -> FontFinder:
    """A function from the names in documents to faces of this machine.

    This reads the file system: what is drawn then depends on the machine.

    Args:
        folders: Where to look, with the folders below; the usual ones of Linux, macOS and Windows by default.
    """
    places = [Path(folder).expanduser() for folder in FONT_FOLDERS] if folders is None else list(folders)
    files = {path.name.lower(): path for path in sorted(_font_files(places), reverse=True)}

    def find(name: str) -> FontFace | None:
        asked = normalised(name)
        for pattern, candidates in _FAMILIES:
            if re.search(pattern, asked):
                return next(_matching(files, candidates), None)
        return None

    return find


def _matching(files: dict[str, Path], candidates: Iterable[tuple[str, int]]) -> Iterator[FontFace]:
    for pattern, face in candidates:
        yield from (FontFace(files[name], face) for name in sorted(files) if re.fullmatch(pattern, name))


def _font_files(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        for root, _, names in os.walk(place):
            yield from (Path(root, name) for name in names if name.lower().endswith((".ttf", ".ttc", ".otf", ".otc")))
