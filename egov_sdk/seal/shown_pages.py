"""The pages of a sealed document as pictures, each seal with a frame that says what was found of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.errors import InputError
from egov_sdk.ofd import OfdDocument, OfdPackage
from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.problems import PackageNote
from egov_sdk.ofd.render import RenderedPage, StampPicture, render_page
from egov_sdk.report import Outcome, Report
from egov_sdk.report_words import verdict_of
from egov_sdk.seal.shown import ShownSignature

__all__ = ["SealFrame", "ShownPage", "ShownPages", "shown_pages"]

_PAGES: Final = 24
_SVG_BYTES: Final = 48 << 20
_FRAMES: Final = 256


@dataclass(frozen=True, slots=True)
class SealFrame:
    """The visible part of one seal, in millimetres from the page's corner; ``subject`` is what a report calls it."""

    subject: str
    outcome: Outcome
    box: Box


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page: page ``number`` of ``count`` of its document.

    ``svg`` refers to nothing outside; it is empty where ``problem`` says why the page cannot be drawn.
    """

    number: int
    count: int
    width_mm: float = 0.0
    height_mm: float = 0.0
    svg: str = field(default="", repr=False)
    frames: tuple[SealFrame, ...] = ()
    notes: tuple[PackageNote, ...] = ()
    problem: InputError | None = None


@dataclass(frozen=True, slots=True)
class ShownPages:
    """The pages that are shown, and how many more there are."""

    pages: tuple[ShownPage, ...]
    left_out: int


def shown_pages(
    package: OfdPackage,
    signatures: Sequence[ShownSignature],
    report: Report | None = None,
    *,
    most: int = _PAGES,
    most_bytes: int = _SVG_BYTES,
) -> ShownPages:
    """Pictures of the first pages, and of those with seals before all others.

    Args:
        signatures: Those of ``shown_signatures``.
        report: What was found of them; without it no seal has a frame.
        most, most_bytes: How many pages, and how long their SVG may be in all.
    """
    chosen: list[tuple[OfdDocument, int, list[StampPicture]]] = []
    for document in package.documents:
        stamps = [stamp for one in signatures if one.document == document.index for stamp in one.stamps]
        for page in document.pages:
            chosen.append((document, page.index, [stamp for stamp in stamps if stamp.page == page.index]))
    subjects = [one.subject for one in signatures]
    verdicts = {} if report is None else {one: verdict_of(report, one, subjects=subjects) for one in subjects}
    kept = sorted(range(len(chosen)), key=lambda place: (not chosen[place][2], place))[:most]
    made, room = list[ShownPage](), most_bytes
    for place in sorted(kept):
        page_ = _page(*chosen[place], verdicts)
        room -= len(page_.svg)
        if room < 0:
            break
        made.append(page_)
    return ShownPages(tuple(made), len(chosen) - len(made))


def _page(
    document: OfdDocument, number: int, stamps: Sequence[StampPicture], verdicts: dict[str, Outcome]
) -> ShownPage:
    count = len(document.pages)
    try:
        drawn = render_page(document, number, stamps=stamps)
    except InputError as error:
        return ShownPage(number, count, problem=error)
    frames = tuple(_frames(document, drawn, stamps, verdicts))
    return ShownPage(number, count, drawn.width_mm, drawn.height_mm, drawn.svg, frames, drawn.notes)


def _frames(
    document: OfdDocument, drawn: RenderedPage, stamps: Sequence[StampPicture], verdicts: dict[str, Outcome]
) -> Iterator[SealFrame]:
    for stamp in stamps[:_FRAMES]:
        page = document.pages[stamp.page - 1].box
        x, y, w, h = stamp.boundary.x - page.x, stamp.boundary.y - page.y, stamp.boundary.w, stamp.boundary.h
        if stamp.clip is not None:
            x, y, w, h = x + stamp.clip.x, y + stamp.clip.y, stamp.clip.w, stamp.clip.h
        left, top = max(x, 0.0), max(y, 0.0)
        right, bottom = min(x + w, drawn.width_mm), min(y + h, drawn.height_mm)
        if right > left and bottom > top and stamp.name in verdicts:
            yield SealFrame(stamp.name, verdicts[stamp.name], Box(left, top, right - left, bottom - top))
