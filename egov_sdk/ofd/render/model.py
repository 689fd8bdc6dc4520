"""What goes into a drawing and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.problems import PackageNote

__all__ = ["Picture", "RenderedPage", "StampPicture"]


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A drawn page: a whole SVG document that refers to nothing outside, its size, and what was not drawn as asked."""

    svg: str = field(repr=False)
    width_mm: float
    height_mm: float
    notes: tuple[PackageNote, ...]


#: A picture that a page can take in: PNG, JPEG, GIF or BMP bytes, a page drawn already, or the text of an SVG document
#: that the caller knows to be harmless.
Picture: TypeAlias = bytes | RenderedPage | str


@dataclass(frozen=True, slots=True)
class StampPicture:
    """A picture that is laid over a page, such as a seal's.

    ``page`` counts from 1; ``boundary`` is where the whole picture goes, ``clip`` the part of it that is shown,
    measured from the boundary's corner; a ``picture`` of None shows nothing. ``name`` is used in notes.
    """

    page: int
    boundary: Box
    picture: Picture | None = field(repr=False)
    clip: Box | None = None
    name: str = ""
