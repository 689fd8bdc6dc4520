"""The template of a face (照面模板), as data: pages, fixed text, fields, pictures, and where each role seals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from egov_sdk.errors import ConfigError
from egov_sdk.frozen import Frozen, first_misfit
from egov_sdk.license.face.phrases import Phrase, parse_phrase

if TYPE_CHECKING:
    from egov_sdk.seal.placement import Placement, Seam

__all__ = [
    "Column",
    "Continuation",
    "FacePage",
    "FaceTemplate",
    "FieldBox",
    "FixedText",
    "Frame",
    "Overflow",
    "PictureBox",
    "QrBox",
    "Rule",
    "SealPlace",
    "SealSeam",
    "TableBox",
]

Millimetres = Annotated[float, Field(ge=0, le=2_000, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=2_000, allow_inf_nan=False)]
Em = Annotated[float, Field(ge=0.5, le=100, allow_inf_nan=False)]
Color = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
PlainText = Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Align = Literal["left", "center", "right"]

#: What to do with a text that is longer than its box: say no, set it smaller, break it into lines, or go on overleaf.
Overflow = Literal["refuse", "shrink", "wrap", "continue"]


class _Type(Frozen):
    """How text looks; what is None comes from the template."""

    size_mm: Em = 4.5
    font: Name | None = None
    color: Color | None = None
    bold: bool = False
    align: Align = "left"


class FixedText(_Type):
    """Text that every licence of the type has; with a width it is broken into lines, and aligned in its column."""

    text: PlainText
    x_mm: Millimetres
    y_mm: Millimetres
    width_mm: Length | None = None
    line_height: Annotated[float, Field(ge=1, le=5)] = 1.5


class Rule(Frozen):
    """A straight line (线)."""

    x1_mm: Millimetres
    y1_mm: Millimetres
    x2_mm: Millimetres
    y2_mm: Millimetres
    color: Color = "#000000"
    line_width_mm: Length = 0.25
    dash_mm: tuple[Length, Length] | None = None


class _Area(Frozen):
    x_mm: Millimetres
    y_mm: Millimetres
    width_mm: Length
    height_mm: Length


class Frame(_Area):
    """A rectangle (框): a line around, a filling, or both."""

    stroke: Color | None = "#000000"
    fill: Color | None = None
    line_width_mm: Length = 0.25

    @model_validator(mode="after")
    def _drawn(self) -> Self:
        if self.stroke is None and self.fill is None:
            raise ValueError("a frame needs a stroke colour, a fill colour or both")
        return self


class FieldBox(_Type, _Area):
    """A box for one item, or for words around several (填充项).

    Attributes:
        text: What is printed; names in braces are items, see ``phrases``: ``{holder}``, ``自{valid_from}起``.
        overflow: What to do with a text that is longer than the box.
        min_size_mm: How small it may be set, for ``shrink`` and ``wrap``.
        line_height: From line to line, in em.
        vertical: Where the lines stand in the box.
        blank: What is printed when every item in the text is empty; nothing by default.
        caption: What stands before the rest of it overleaf, for ``continue``.
    """

    text: Phrase
    overflow: Overflow = "refuse"
    min_size_mm: Em | None = None
    line_height: Annotated[float, Field(ge=1, le=5)] = 1.3
    vertical: Literal["top", "middle"] = "top"
    blank: str = Field(default="", max_length=100)
    caption: str = Field(default="", max_length=100)


class Column(Frozen):
    """One column of a table."""

    title: str = Field(default="", max_length=100)
    width_mm: Length
    align: Align = "left"


class TableBox(_Type):
    """A table of rows from one item (多行项): a row for each line, cells parted by ``^``.

    The rows that do not fit go on overleaf under the same titles, or are refused. A cell is broken into lines.
    """

    item: Name
    x_mm: Millimetres
    y_mm: Millimetres
    height_mm: Length
    columns: tuple[Column, ...] = Field(min_length=1, max_length=32)
    overflow: Literal["refuse", "continue"] = "refuse"
    titles: bool = True
    padding_mm: Annotated[float, Field(ge=0, le=20)] = 1.0
    line_height: Annotated[float, Field(ge=1, le=5)] = 1.3
    line_width_mm: Length = 0.2
    caption: str = Field(default="", max_length=100)

    @field_validator("item")
    @classmethod
    def _known(cls, item: str) -> str:
        parse_phrase(f"{{{item}}}")
        return item

    @property
    def width_mm(self) -> float:
        return sum(column.width_mm for column in self.columns)


class PictureBox(_Area):
    """A picture of the licence's own, such as a photo (照片); it fills the box."""

    item: Name
    required: bool = True


class QrBox(Frozen):
    """A QR code (二维码) that holds the identifier, or another text with items in braces."""

    x_mm: Millimetres
    y_mm: Millimetres
    size_mm: Length
    text: Phrase = "{identifier}"
    level: Literal["L", "M", "Q", "H"] = "M"
    color: Color = "#000000"


class FacePage(Frozen):
    """One page of the face. A box for a table or a field may name items, the rest is the same on every licence."""

    width_mm: Length = 210.0
    height_mm: Length = 297.0
    texts: tuple[FixedText, ...] = ()
    rules: tuple[Rule, ...] = ()
    frames: tuple[Frame, ...] = ()
    fields: tuple[FieldBox, ...] = ()
    tables: tuple[TableBox, ...] = ()
    pictures: tuple[PictureBox, ...] = ()
    qr_codes: tuple[QrBox, ...] = ()

    @model_validator(mode="after")
    def _inside(self) -> Self:
        for kind, box in _boxes(self):
            x, y, w, h = box
            if x + w > self.width_mm + 1e-6 or y + h > self.height_mm + 1e-6:
                raise ValueError(f"a {kind} at {x:g}, {y:g} of {w:g} x {h:g} mm leaves the page")
        return self


def _boxes(page: FacePage) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    for area in (*page.frames, *page.fields, *page.pictures):
        yield "box", (area.x_mm, area.y_mm, area.width_mm, area.height_mm)
    for table in page.tables:
        yield "table", (table.x_mm, table.y_mm, table.width_mm, table.height_mm)
    for code in page.qr_codes:
        yield "QR code", (code.x_mm, code.y_mm, code.size_mm, code.size_mm)
    for text in page.texts:
        yield "text", (text.x_mm, text.y_mm, 0.0, 0.0)


class Continuation(FacePage):
    """The page overleaf (续页), as many as are needed: ``flow`` is where the rest of long items goes."""

    flow_x_mm: Millimetres = 20.0
    flow_y_mm: Millimetres = 30.0
    flow_width_mm: Length = 170.0
    flow_height_mm: Length = 240.0

    @model_validator(mode="after")
    def _flow_inside(self) -> Self:
        if self.tables or any(field.overflow == "continue" for field in self.fields):
            raise ValueError("a page overleaf cannot itself go on overleaf")
        if self.flow_x_mm + self.flow_width_mm > self.width_mm or self.flow_y_mm + self.flow_height_mm > self.height_mm:
            raise ValueError("the flow leaves the page")
        return self


class SealPlace(Frozen):
    """Where a role sets its seal (签章位置): the top left corner of the seal's frame.

    ``page`` counts from 1; a negative one counts from the end, so that -1 is the last page.
    """

    role: Name = "issuer"
    page: Annotated[int, Field(ge=-100, le=100)] = 1
    x_mm: Millimetres
    y_mm: Millimetres
    width_mm: Length | None = None
    height_mm: Length | None = None

    @field_validator("page")
    @classmethod
    def _not_none(cls, page: int) -> int:
        if page == 0:
            raise ValueError("pages count from 1, or from -1 at the end")
        return page


class SealSeam(Frozen):
    """A seam seal of a role over the edges of all pages (骑缝章); none where there is one page only."""

    role: Name = "issuer"
    side: Literal["right", "left", "top", "bottom"] = "right"
    offset_mm: Millimetres | None = None


class FaceTemplate(Frozen):
    """Where everything stands on the face of a type's licences; millimetres from the top left of a page.

    Attributes:
        name: What the template is called.
        font, color: Of all text that does not say otherwise. No font is embedded: readers have 宋体 and its like.
        seals, seams: Where each role sets its seal; a role may have several places.
        sample: A word over every page, such as 样证, for specimens; empty for the real thing.
    """

    name: Name
    font: Name = "宋体"
    color: Color = "#000000"
    pages: tuple[FacePage, ...] = Field(min_length=1, max_length=100)
    continuation: Continuation | None = None
    seals: tuple[SealPlace, ...] = ()
    seams: tuple[SealSeam, ...] = ()
    sample: str = Field(default="", max_length=20)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        flowing = {box.overflow for page in self.pages for box in page.fields}
        flows = "continue" in flowing | {table.overflow for page in self.pages for table in page.tables}
        if flows and self.continuation is None:
            raise ValueError("a box goes on overleaf, and the template has no continuation page")
        for seal in self.seals:
            if seal.page > len(self.pages) and self.continuation is None:
                raise ValueError(f"a seal stands on page {seal.page}, the template has {len(self.pages)}")
        twice = [item for item, count in Counter(self._picture_items()).items() if count > 1]
        if twice:
            raise ValueError(f"the picture {twice[0]} has two boxes")
        return self

    def _picture_items(self) -> Iterator[str]:
        overleaf = (self.continuation,) if self.continuation else ()
        for page in (*self.pages, *overleaf):
            yield from (picture.item for picture in page.pictures)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that seal, in the order of the template."""
        return tuple(dict.fromkeys([*(place.role for place in self.seals), *(seam.role for seam in self.seams)]))

    @property
    def picture_items(self) -> tuple[str, ...]:
        """The names of the pictures that the face shows."""
        return tuple(self._picture_items())

    def placements(self, role: str, *, pages: int) -> tuple[Placement | Seam, ...]:
        """Where a role seals a licence of so many pages."""
        from egov_sdk.seal.placement import Placement, Seam

        places: list[Placement | Seam] = [
            Placement(
                page=seal.page if seal.page > 0 else pages + 1 + seal.page,
                x_mm=seal.x_mm,
                y_mm=seal.y_mm,
                width_mm=seal.width_mm,
                height_mm=seal.height_mm,
            )
            for seal in self.seals
            if seal.role == role
        ]
        if pages > 1:
            places += [Seam(side=s.side, offset_mm=s.offset_mm) for s in self.seams if s.role == role]
        return tuple(places)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """A template from TOML, with the names of the attributes.

        Raises:
            ConfigError: not TOML, an unknown or missing setting, a box off its page, or settings that contradict.
        """
        import tomllib

        try:
            given: dict[str, Any] = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise _unusable("", f"not TOML: {error}") from None
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise _first(error) from None

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """As from_toml, from JSON."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise _first(error) from None


def _first(error: ValidationError) -> ConfigError:
    first = first_misfit(error)
    return _unusable(first.place, first.text)


def _unusable(setting: str, why: str) -> ConfigError:
    where = f" {setting}:" if setting else ":"
    return ConfigError(f"the face template cannot be used:{where} {why}", code="egov.license.template", setting=setting)
