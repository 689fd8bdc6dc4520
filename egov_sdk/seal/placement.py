"""Where a seal goes on the pages: single stamps, and seam seals (骑缝章) cut over many pages. Geometry only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from egov_sdk.frozen import Frozen
from egov_sdk.ofd.geometry import Box

__all__ = ["Placement", "Seam", "StampRect", "stamp_rects"]

PageNumber = Annotated[int, Field(ge=1, strict=True)]
Millimetres = Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]

#: Pages that share one seam seal unless told otherwise: a slice of a 42 mm seal is then about 2 mm wide.
SEAM_GROUP = 20

_PLACES = 4  # of a millimetre, as OFD numbers are written


class Placement(Frozen):
    """One stamp: the top left corner of the seal's frame on a page, in mm from the page's top left corner.

    Pages count from 1. Without a size the seal has its own; with one side given the other follows.
    """

    page: PageNumber
    x_mm: Millimetres
    y_mm: Millimetres
    width_mm: Length | None = None
    height_mm: Length | None = None


class Seam(Frozen):
    """A seam seal: one seal cut over several pages at one edge, so that no page can be exchanged unnoticed.

    ``pages`` are the page numbers it binds, all by default; ``group_size`` is how many share one whole seal, and no
    group is left with a single page. ``offset_mm`` is where the seal begins along the edge, from the top or from
    the left; it is centred by default.
    """

    side: Literal["right", "left", "top", "bottom"] = "right"
    pages: tuple[PageNumber, ...] | None = None
    group_size: Annotated[int, Field(ge=2, strict=True)] = SEAM_GROUP
    offset_mm: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _pages_ascend(self) -> Seam:
        if self.pages is not None and not self.pages:
            raise ValueError("a seam seal needs at least one page")
        if any(one >= other for one, other in pairwise(self.pages or ())):
            raise ValueError("the pages of a seam seal must ascend, each named once")
        return self


@dataclass(frozen=True, slots=True)
class StampRect:
    """A stamp on a page: the frame of the whole seal image, and the part of it that is shown (None for all)."""

    page: int
    boundary: Box
    clip: Box | None


def stamp_rects(
    at: Iterable[Placement | Seam], *, pages: Sequence[Box], seal_width_mm: float, seal_height_mm: float
) -> tuple[StampRect, ...]:
    """Turn placements and seams into the rectangles of GB/T 33190 stamp annotations, in the order given.

    Args:
        pages: The physical box of each page. Its top left corner is the origin of the page.
        seal_width_mm, seal_height_mm: The printed size in the seal.
    Raises:
        ValueError: A page that does not exist, a stamp that does not touch its page, a seam seal longer than the
            edge or placed past its end, or no stamp at all.
    Source:
        GB/T 33190-2016, 18.2: Boundary and Clip.
    """
    if not (0 < seal_width_mm < float("inf") and 0 < seal_height_mm < float("inf")):
        raise ValueError(f"the size of a seal must be above 0 mm, found {seal_width_mm}x{seal_height_mm}")
    size = (seal_width_mm, seal_height_mm)
    found: list[StampRect] = []
    for one in at:
        if isinstance(one, Placement):
            found.append(_single(one, pages, size))
        else:
            found.extend(_seam(one, pages, size))
    if not found:
        raise ValueError("no place for the seal was given")
    return tuple(found)


def _single(place: Placement, pages: Sequence[Box], size: tuple[float, float]) -> StampRect:
    page = _page(place.page, pages)
    width, height = size
    if place.width_mm is not None or place.height_mm is not None:
        width = place.width_mm or size[0] / size[1] * (place.height_mm or 0)
        height = place.height_mm or size[1] / size[0] * width
    frame = _box(place.x_mm, place.y_mm, width, height)
    if not (frame.x < page.w and frame.y < page.h and frame.x + frame.w > 0 and frame.y + frame.h > 0):
        raise ValueError(f"a seal at {frame} does not touch page {place.page}, which is {page.w:g}x{page.h:g} mm")
    return StampRect(place.page, frame, None)


def _seam(seam: Seam, pages: Sequence[Box], size: tuple[float, float]) -> Iterator[StampRect]:
    numbers = seam.pages if seam.pages is not None else tuple(range(1, len(pages) + 1))
    for group in _groups(numbers, seam.group_size):
        across = size[0] if seam.side in ("left", "right") else size[1]
        cuts = [round(across * number / len(group), _PLACES) for number in range(len(group) + 1)]
        if any(one >= other for one, other in pairwise(cuts)):
            raise ValueError(f"a seal of {across:g} mm cannot be cut into {len(group)} slices")
        for index, number in enumerate(group):
            page = _page(number, pages)
            yield _slice(seam, page, number, size, cuts, index)


def _slice(
    seam: Seam, page: Box, number: int, size: tuple[float, float], cuts: Sequence[float], index: int
) -> StampRect:
    """One page's part. Right and bottom edges show the seal from its near side on, page by page; the others mirror."""
    width, height = size
    upright = seam.side in ("left", "right")
    edge, length = (page.h, height) if upright else (page.w, width)
    start = (edge - length) / 2 if seam.offset_mm is None else seam.offset_mm
    if start < 0 or start + length > edge:
        raise ValueError(f"a seam seal {length:g} mm long at {start:g} mm does not fit the edge of page {number}")
    if seam.side in ("right", "bottom"):
        near, far = cuts[index], cuts[index + 1]
        place = (page.w if upright else page.h) - far
    else:
        near, far = cuts[-index - 2], cuts[-index - 1]
        place = -near
    if upright:
        return StampRect(number, _box(place, start, width, height), _box(near, 0, far - near, height))
    return StampRect(number, _box(start, place, width, height), _box(0, near, width, far - near))


def _groups(numbers: Sequence[int], size: int) -> list[Sequence[int]]:
    """Cut into groups of ``size``; a page left over at the end gets a companion from the group before it."""
    starts = list(range(0, len(numbers), size))
    if len(numbers) > 1 and len(numbers) - starts[-1] == 1:
        if size > 2:
            starts[-1] -= 1
        else:
            starts.pop()
    return [numbers[start:end] for start, end in pairwise([*starts, len(numbers)])]


def _page(number: int, pages: Sequence[Box]) -> Box:
    if number > len(pages):
        raise ValueError(f"page {number} does not exist, the document has {len(pages)}")
    return pages[number - 1]


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(*(round(value, _PLACES) for value in (x, y, width, height)))
