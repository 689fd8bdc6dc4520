"""Pictures inside pages: drawn pages with a frame around each seal, and the pictures of seals."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from egov_sdk.errors import InputError
from egov_sdk.ofd.render import RenderedPage
from egov_sdk.report import Lang, Outcome
from egov_sdk.report_words import OUTCOMES, message_of
from egov_sdk.seal import parse_seal
from egov_sdk.seal.shown import picture_for_page
from egov_sdk.seal.shown_pages import SealFrame, ShownPage

__all__ = ["Frame", "PagePicture", "page_pictures", "picture_address", "seal_picture"]

_SIZE_MM: Final = 3.6
_SIGNATURES: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"BM": "image/bmp"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one seal, in millimetres, and where its label goes."""

    tone: str
    x: float
    y: float
    w: float
    h: float
    label: str
    label_x: float
    label_y: float
    label_w: float


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page; ``address`` is empty where ``problem`` says why it cannot be shown."""

    number: int
    count: int
    width: float
    height: float
    address: Markup
    frames: tuple[Frame, ...]
    notes: tuple[str, ...]
    problem: str


def picture_address(content: bytes | str) -> Markup:
    """A picture as an address that holds it; empty for octets of no kind that browsers show."""
    if isinstance(content, str):
        kind, octets = "image/svg+xml", content.encode()
    else:
        octets = content
        kind = next((kind for mark, kind in _SIGNATURES.items() if octets.startswith(mark)), "")
    # base64 has no character that could end an attribute
    return Markup(f"data:{kind};base64,{base64.b64encode(octets).decode('ascii')}" if kind else "")  # noqa: S704


def seal_picture(file: bytes) -> Markup:
    """The picture of a seal's file; empty where it has none that can be shown."""
    try:
        picture = picture_for_page(parse_seal(file).picture)
    except InputError:
        return Markup()
    return picture_address(picture.svg if isinstance(picture, RenderedPage) else picture)


def page_pictures(pages: Sequence[ShownPage], *, lang: Lang) -> tuple[PagePicture, ...]:
    """Pages as the templates show them."""
    return tuple(
        PagePicture(
            number=page.number,
            count=page.count,
            width=page.width_mm,
            height=page.height_mm,
            address=picture_address(page.svg) if page.svg else Markup(),
            frames=tuple(_frame(one, page, lang) for one in page.frames),
            notes=tuple(note.message.in_(lang) for note in page.notes[:12]),
            problem="" if page.problem is None else message_of(page.problem, lang),
        )
        for page in pages
    )


def _frame(frame: SealFrame, page: ShownPage, lang: Lang) -> Frame:
    box, label = frame.box, f"{frame.subject} · {OUTCOMES[frame.outcome].in_(lang)}"
    wide = sum(0.6 if char.isascii() else 1.05 for char in label) * _SIZE_MM + 2
    x = min(box.x, max(0.0, page.width_mm - wide))
    y = box.y - _SIZE_MM - 1.4
    return Frame(tone_of(frame.outcome), box.x, box.y, box.w, box.h, label, x, y if y > 0 else box.y + box.h, wide)


def tone_of(outcome: Outcome) -> str:
    """The word by which the style sheet colours an outcome."""
    return outcome.value
