"""The builder of documents: one call for each thing that is drawn or added."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date, datetime

from egov_sdk import __version__
from egov_sdk.ofd.builder.assembly import Attachment, CustomTag, Draft, Head, TagContent, assemble, picture_format
from egov_sdk.ofd.builder.canvas import (
    Align,
    Canvas,
    Image,
    color_value,
    ellipse_shape,
    line_shape,
    rectangle_shape,
    text_lines,
)
from egov_sdk.ofd.builder.watermark import Watermark
from egov_sdk.ofd.geometry import Box

__all__ = ["OfdBuilder"]

_FORMAT = re.compile(r"[A-Za-z0-9]{0,16}")


class OfdBuilder:
    """Draws a document page by page and gives the bytes of its package.

    Every call returns the builder, so that calls can be chained; drawing goes onto the page or template
    begun last. Lengths are millimetres from the top left corner of the page, y grows downward, colours
    are ``#rrggbb``. The same calls with the same ``doc_id`` give the same bytes.
    """

    def __init__(
        self,
        *,
        created: date,
        title: str = "",
        author: str = "",
        subject: str = "",
        creator: str = "egov_sdk",
        doc_id: str | None = None,
        may_sign: bool = True,
    ) -> None:
        """Begin a document.

        Args:
            created: The date that it bears; of a datetime the date is taken.
            title: Its title, and likewise author, subject and creator.
            doc_id: 32 hexadecimal digits; random when not given.
            may_sign: False forbids signing (Permissions/Signature).
        """
        doc_id = os.urandom(16).hex() if doc_id is None else doc_id
        if not re.fullmatch(r"[0-9a-fA-F]{32}", doc_id):
            raise ValueError(f"doc_id must be 32 hexadecimal digits, got {doc_id!r}")
        day = created.date() if isinstance(created, datetime) else created
        head = Head(doc_id, title, author, subject, day, creator, __version__)
        self._draft = Draft(head, may_sign)
        self._canvas: Canvas | None = None

    def page(self, *, width_mm: float = 210, height_mm: float = 297, templates: Sequence[str] = ()) -> OfdBuilder:
        """Begin a page, A4 upright by default, over the templates named.

        Raises:
            ValueError: a size that is not above 0, or a template that has not been drawn.
        """
        known = {template.name for template in self._draft.templates}
        for name in templates:
            if name not in known:
                raise ValueError(f"there is no template {name!r}; drawn so far: {', '.join(sorted(known)) or 'none'}")
        self._canvas = _canvas(width_mm, height_mm, templates=tuple(templates))
        self._draft.pages.append(self._canvas)
        return self

    def template(
        self, name: str, *, width_mm: float = 210, height_mm: float = 297, foreground: bool = False
    ) -> OfdBuilder:
        """Begin a template (模板页) that later pages can name, drawn under them or, in the foreground, over them."""
        if any(template.name == name for template in self._draft.templates):
            raise ValueError(f"template {name!r} has been drawn already")
        self._canvas = _canvas(width_mm, height_mm, name=name, z_order="Foreground" if foreground else "Background")
        self._draft.templates.append(self._canvas)
        return self

    def text(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        *,
        font: str = "宋体",
        size_mm: float = 4.233,
        color: str = "#000000",
        align: Align = "left",
        width_mm: float | None = None,
        line_height: float = 1.5,
        bold: bool = False,
        label: str = "",
    ) -> OfdBuilder:
        """Write text whose first line hangs from the point x, y.

        Args:
            x_mm: Without ``width_mm`` the left end, the centre or the right end of each line, by ``align``;
                with it the left edge of the column.
            y_mm: The top of the first line.
            font: The name of a font that the reader has; nothing is embedded.
            size_mm: The em: 4.233 is 12 point (小四).
            width_mm: Wraps the text into a column of this width and aligns it there.
            line_height: From line to line, in em.
            label: A name under which a custom tag can point to these lines.
        """
        self._current().items += text_lines(
            x_mm, y_mm, text, font=font, size_mm=size_mm, color=color, align=align, width_mm=width_mm,
            line_height=line_height, bold=bold, label=label,
        )  # fmt: skip
        return self

    def line(
        self, x1_mm: float, y1_mm: float, x2_mm: float, y2_mm: float, *, color: str = "#000000",
        line_width_mm: float = 0.25, dash_mm: tuple[float, float] | None = None,
    ) -> OfdBuilder:  # fmt: skip
        """Draw a straight line, dashed when lengths of dash and gap are given."""
        dash = None if dash_mm is None else f"{dash_mm[0]:g} {dash_mm[1]:g}"
        shape = line_shape((x1_mm, y1_mm), (x2_mm, y2_mm), color=color, line_width_mm=line_width_mm, dash=dash)
        self._current().items.append(shape)
        return self

    def rect(
        self, x_mm: float, y_mm: float, w_mm: float, h_mm: float, *, stroke: str | None = "#000000",
        fill: str | None = None, line_width_mm: float = 0.25,
    ) -> OfdBuilder:  # fmt: skip
        """Draw a rectangle; None leaves out its line or its filling."""
        box = Box(x_mm, y_mm, w_mm, h_mm)
        self._current().items.append(rectangle_shape(box, stroke=stroke, fill=fill, line_width_mm=line_width_mm))
        return self

    def circle(
        self, cx_mm: float, cy_mm: float, r_mm: float, *, stroke: str | None = "#000000", fill: str | None = None,
        line_width_mm: float = 0.25,
    ) -> OfdBuilder:  # fmt: skip
        """Draw a circle about a point; None leaves out its line or its filling."""
        box = Box(cx_mm - r_mm, cy_mm - r_mm, 2 * r_mm, 2 * r_mm)
        self._current().items.append(ellipse_shape(box, stroke=stroke, fill=fill, line_width_mm=line_width_mm))
        return self

    def image(self, x_mm: float, y_mm: float, w_mm: float, h_mm: float, picture: bytes) -> OfdBuilder:
        """Place a PNG or JPEG so that it fills a rectangle; the same picture is stored once.

        Raises:
            ValueError: neither PNG nor JPEG, or a size that is not above 0.
        """
        picture_format(picture)
        if w_mm <= 0 or h_mm <= 0:
            raise ValueError(f"a picture must have a size above 0, got {w_mm} by {h_mm}")
        self._current().items.append(Image(Box(x_mm, y_mm, w_mm, h_mm), bytes(picture)))
        return self

    def watermark(
        self, text: str, *, font: str = "宋体", size_mm: float = 8.0, color: str = "#808080", alpha: int = 60,
        angle: float = 30.0, gap_mm: float = 30.0,
    ) -> OfdBuilder:  # fmt: skip
        """Tile every page with a pale line of text, as an annotation over the content.

        Args:
            alpha: 0 is invisible, 255 opaque.
            angle: How steeply the text climbs, 0 to 90 degrees.
            gap_mm: The free space between two of them.
        """
        self._draft.watermarks.append(Watermark(text, font, size_mm, color_value(color), alpha, angle, gap_mm))
        return self

    def custom_data(self, name: str, value: str) -> OfdBuilder:
        """Add a named value to the document's head (CustomData)."""
        if not name:
            raise ValueError("custom data must have a name")
        self._draft.custom_datas.append((name, value))
        return self

    def custom_tag(self, type_id: str, content: TagContent) -> OfdBuilder:
        """Add an XML file that says what things on the pages mean (自定义标引).

        Args:
            type_id: What kind of tags they are, such as ``cert``.
            content: The file, or a function that makes it from the places of labelled text.
        """
        self._draft.custom_tags.append(CustomTag(type_id, content))
        return self

    def attachment(
        self, name: str, content: bytes, *, file_format: str = "", usage: str = "none", visible: bool = True
    ) -> OfdBuilder:
        """Put a file into the document; ``file_format`` is its extension without a dot."""
        if not _FORMAT.fullmatch(file_format):
            raise ValueError(f"file_format must be an extension of letters and digits, got {file_format!r}")
        self._draft.attachments.append(Attachment(name, bytes(content), file_format, usage, visible))
        return self

    def build(self) -> bytes:
        """The package as bytes.

        Raises:
            ValueError: there is no page, or a text holds a character that XML cannot carry.
        """
        if not self._draft.pages:
            raise ValueError("a document needs at least one page: call page() first")
        return assemble(self._draft)

    def _current(self) -> Canvas:
        if self._canvas is None:
            raise ValueError("there is no page to draw on: call page() first")
        return self._canvas


def _canvas(
    width_mm: float, height_mm: float, *, name: str = "", z_order: str = "", templates: tuple[str, ...] = ()
) -> Canvas:
    if width_mm <= 0 or height_mm <= 0:
        raise ValueError(f"a page must have a size above 0, got {width_mm} by {height_mm}")
    return Canvas(width_mm, height_mm, name, z_order, templates)
