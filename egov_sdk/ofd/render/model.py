"""What goes into a drawing and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.problems import PackageNote

__all__ = ["RenderedPage", "StampPicture"]


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A drawn page: a whole SVG document that refers to nothing outside, its size, and what was not drawn as asked."""

    svg: str = field(repr=False)
    width_mm: float
    height_mm: float
    notes: tuple[PackageNote, ...]


@dataclass(frozen=True, slots=True)
class StampPicture:
    """A picture that is laid over a page, such as a seal's.

    ``page`` counts from 1; ``boundary`` is where the whole picture goes, ``clip`` the part of it that is shown,
    measured from the boundary's corner. ``picture`` is PNG, JPEG, GIF or BMP bytes, or a page drawn already;
    ``svg`` in its place is a drawing that the caller knows to be harmless. ``name`` is used in notes.
    """

    page: int
    boundary: Box
    picture: bytes | RenderedPage | None = field(repr=False)
    clip: Box | None = None
    name: str = ""
    svg: str = field(default="", repr=False)
