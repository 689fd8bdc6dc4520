"""Draw the face of a licence (照面) from its template: what is fixed once for the type, what is its own each time."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial

from egov_sdk.license.face.layout import Area, Look, Rest, fit_field, flow_text, lay_table, look_of, table_rows
from egov_sdk.license.face.phrases import FaceItems, face_items, sole_item
from egov_sdk.license.face.qr import qr_shape
from egov_sdk.license.face.template import Continuation, FacePage, FaceTemplate, FieldBox, TableBox
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.problems import refuse
from egov_sdk.ofd.builder.assembly import Prepared, picture_format, prepare
from egov_sdk.ofd.builder.canvas import Canvas, Image, Item, TextLine, line_shape, rectangle_shape, text_lines
from egov_sdk.ofd.builder.watermark import Watermark
from egov_sdk.ofd.geometry import Box

__all__ = ["Face", "FaceNote", "draw_face", "prepared_face"]

_PAGES_MAX = 200
_CAPTION_MM = 9.0  # a caption overleaf, with the room below it


@dataclass(frozen=True, slots=True)
class FaceNote:
    """Something about a face that its maker should know and that hinders nothing.

    ``characters`` are those of the item that the font of this package, and most likely a reader's, does not have.
    """

    code: str
    item: str
    characters: str


@dataclass(frozen=True, slots=True)
class Face:
    """A face that is drawn: its pages over the templates that ``prepared`` has, and what to know about it."""

    prepared: Prepared = field(repr=False)
    pages: tuple[Canvas, ...] = field(repr=False)
    notes: tuple[FaceNote, ...] = ()


def draw_face(
    template: FaceTemplate, metadata: LicenseMetadata, *, pictures: Mapping[str, bytes] | None = None
) -> Face:
    """Draw the face of one licence.

    Args:
        pictures: PNG or JPEG bytes by the names that the template gives them.
    Raises:
        LicenseRejected: face_overflow: a text is longer than its box and may not go on overleaf; face_picture: a
            picture is missing, of another format or not of the template; face_character: a text holds a character
            that is not printed; face_columns, face_qr, face_pages.
    """
    return _Drawing(template, metadata, pictures or {}).face()


def prepared_face(template: FaceTemplate) -> Prepared:
    """What is fixed of a template, written once."""
    return _fixed(template).prepared


_TEMPLATES = 256
_TEXTS = 64  # of a field: an issuer and its like come again and again


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What all licences of one template have in common: its background, and the fields of each page in order."""

    prepared: Prepared
    fields: tuple[tuple[_Field, ...], ...]


class _Field:
    """A field of a template, ready to be set; ``lines`` gives those of a text, and what goes on overleaf."""

    __slots__ = ("blank", "item", "lines", "phrase")

    def __init__(self, box: FieldBox, template: FaceTemplate) -> None:
        label = sole_item(box.text)
        self.phrase, self.blank, self.item = box.text, box.blank, label or box.text
        set_ = partial(fit_field, box, look=_look(box, template), item=self.item, label=label)
        self.lines: Callable[[str], tuple[tuple[TextLine, ...], Rest | None]] = lru_cache(maxsize=_TEXTS)(set_)


#: By identity: a template is large to hash, and most are the same object each time.
_AT_HAND: dict[int, tuple[FaceTemplate, _Fixed]] = {}


def _fixed(template: FaceTemplate) -> _Fixed:
    known = _AT_HAND.get(id(template))
    if known is not None and known[0] is template:
        return known[1]
    if len(_AT_HAND) >= _TEMPLATES:
        _AT_HAND.clear()
    made = _fixed_of(template)
    _AT_HAND[id(template)] = template, made  # it cannot go away while it is found here
    return made


@lru_cache(maxsize=_TEMPLATES)
def _fixed_of(template: FaceTemplate) -> _Fixed:
    pages = template.pages if template.continuation is None else (*template.pages, template.continuation)
    fields = tuple(tuple(_Field(box, template) for box in page.fields) for page in pages)
    return _Fixed(_prepared(template, pages), fields)


def _look(box: FieldBox | TableBox, template: FaceTemplate) -> Look:
    return look_of(
        box.font or template.font, box.size_mm, box.color or template.color, bold=box.bold, align=box.align,
        line_height=box.line_height,
    )  # fmt: skip


def _prepared(template: FaceTemplate, pages: Sequence[FacePage]) -> Prepared:
    backgrounds = [_background(template, page, number) for number, page in enumerate(pages)]
    marks = [_mark(template, page, number) for number, page in enumerate(pages)] if template.sample else []
    return prepare([*backgrounds, *marks])


def _background(template: FaceTemplate, page: FacePage, number: int) -> Canvas:
    canvas = Canvas(page.width_mm, page.height_mm, f"face {number}", "Background")
    for frame in page.frames:
        box = Box(frame.x_mm, frame.y_mm, frame.width_mm, frame.height_mm)
        canvas.items.append(
            rectangle_shape(box, stroke=frame.stroke, fill=frame.fill, line_width_mm=frame.line_width_mm)
        )
    for rule in page.rules:
        dash = None if rule.dash_mm is None else f"{rule.dash_mm[0]:g} {rule.dash_mm[1]:g}"
        ends = ((rule.x1_mm, rule.y1_mm), (rule.x2_mm, rule.y2_mm))
        canvas.items.append(line_shape(*ends, color=rule.color, line_width_mm=rule.line_width_mm, dash=dash))
    for text in page.texts:
        canvas.items += text_lines(
            text.x_mm, text.y_mm, text.text, font=text.font or template.font, size_mm=text.size_mm,
            color=text.color or template.color, align=text.align, width_mm=text.width_mm,
            line_height=text.line_height, bold=text.bold, label="",
        )  # fmt: skip
    return canvas


def _mark(template: FaceTemplate, page: FacePage, number: int) -> Canvas:
    canvas = Canvas(page.width_mm, page.height_mm, f"sample {number}", "Foreground")
    mark = Watermark(template.sample, template.font, 22.0, "192 0 0", 45, 35.0, 45.0)
    canvas.items += mark.tiles(canvas)
    return canvas


class _Drawing:
    """One face while it is drawn."""

    def __init__(self, template: FaceTemplate, metadata: LicenseMetadata, pictures: Mapping[str, bytes]) -> None:
        self.template, self.fixed = template, _fixed(template)
        self.items: FaceItems = face_items(metadata)
        self.pictures = pictures
        self.rests: list[Rest] = []
        self.notes: list[FaceNote] = []
        self.pages: list[Canvas] = []

    def face(self) -> Face:
        known = set(self.template.picture_items)
        for name in self.pictures:
            if name not in known:
                raise refuse("face_picture", item=name, found="a picture", expected="none of that name")
        for number, page in enumerate(self.template.pages):
            self._page(page, number)
        self._overleaf()
        return Face(self.fixed.prepared, tuple(self.pages), tuple(self.notes))

    def _page(self, page: FacePage, number: int) -> Canvas:
        names = (f"face {number}", f"sample {number}")[: 2 if self.template.sample else 1]
        canvas = Canvas(page.width_mm, page.height_mm, templates=names)
        self.pages.append(canvas)
        for box in self.fixed.fields[number]:
            canvas.items += self._field(box)
        for table in page.tables:
            canvas.items += self._table(table)
        for picture in page.pictures:
            content = self.pictures.get(picture.item)
            if content is None:
                if picture.required:
                    raise refuse("face_picture", item=picture.item, found="nothing", expected="PNG or JPEG")
                continue
            area = Box(picture.x_mm, picture.y_mm, picture.width_mm, picture.height_mm)
            canvas.items.append(Image(area, _picture(picture.item, content)))
        for code in page.qr_codes:
            text = self.items.phrase(code.text)
            if text:
                canvas.items.append(
                    qr_shape(
                        text, x_mm=code.x_mm, y_mm=code.y_mm, size_mm=code.size_mm, level=code.level, color=code.color
                    )
                )
        return canvas

    def _field(self, box: _Field) -> Sequence[Item]:
        text = self.items.phrase(box.phrase) or box.blank
        if not text:
            return ()
        lines, rest = box.lines(self._checked(text, box.item))
        if rest is not None:
            self.rests.append(rest)
        return lines

    def _table(self, box: TableBox) -> list[Item]:
        value = self.items.item(box.item)
        rows = table_rows(box, self._checked(value, box.item), box.item)
        if not rows:
            return []
        look = _look(box, self.template)
        area = Area(box.x_mm, box.y_mm, box.width_mm, box.height_mm)
        drawn, left, _ = lay_table(box, rows, area, look, label=box.item)
        if left:
            if box.overflow == "refuse":
                raise refuse("face_overflow", item=box.item, found=len(value))
            self.rests.append(Rest(box.item, box.caption, look, table=box, rows=left))
        return drawn

    def _checked(self, text: str, item: str) -> str:
        """The text, when every character of it is printed; those that fonts lack are noted."""
        if _plain_characters().issuperset(text):
            return text
        for character in text:
            if character != "\n" and unicodedata.category(character) in _UNPRINTED:
                raise refuse("face_character", item=item, found=f"U+{ord(character):04X}")
        rare = "".join(dict.fromkeys(c for c in text if not c.isspace() and ord(c) not in _known_characters()))
        if rare:
            self.notes.append(FaceNote("rare_characters", item, rare))
        return text

    # ------------------------------------------------------------------ overleaf

    def _overleaf(self) -> None:
        """Set what is left, page after page, each item under its caption."""
        page = self.template.continuation
        if page is None or not self.rests:
            return
        number = len(self.template.pages)
        queue = list(self.rests)
        self.rests = []
        while queue:
            if len(self.pages) >= _PAGES_MAX:
                raise refuse("face_pages", expected=_PAGES_MAX)
            canvas = self._page(page, number)
            before = [(rest.text, rest.rows) for rest in queue]
            queue = _flow(canvas, page, queue)
            if before == [(rest.text, rest.rows) for rest in queue]:
                raise refuse("face_overflow", item=queue[0].item, found=len(queue[0].text or queue[0].rows))


def _flow(canvas: Canvas, page: Continuation, queue: list[Rest]) -> list[Rest]:
    """Fill one page overleaf; what is left after it."""
    y, end = page.flow_y_mm, page.flow_y_mm + page.flow_height_mm
    for place, rest in enumerate(queue):
        head = _CAPTION_MM if rest.caption else 0.0
        area = Area(page.flow_x_mm, y + head, page.flow_width_mm, end - y - head)
        drawn, left, height = _flow_one(rest, area)
        if not drawn:
            return queue[place:]
        if rest.caption:
            canvas.items += text_lines(
                page.flow_x_mm, y, rest.caption, font=rest.look.font, size_mm=rest.look.size_mm, color="#000000",
                align="left", width_mm=None, line_height=1.5, bold=True, label="",
            )  # fmt: skip
        canvas.items += drawn
        if left is not None:
            return [left, *queue[place + 1 :]]
        y += head + height + rest.look.step_mm
    return []


def _flow_one(rest: Rest, area: Area) -> tuple[list[Item], Rest | None, float]:
    if rest.table is None:
        lines, left, height = flow_text(rest, area)
        return list(lines), left, height
    drawn, rows, height = lay_table(rest.table, rest.rows, area, rest.look, label=rest.item)
    return drawn, Rest(rest.item, rest.caption, rest.look, table=rest.table, rows=rows) if rows else None, height


def _picture(item: str, content: bytes) -> bytes:
    try:
        picture_format(content)
    except ValueError:
        raise refuse("face_picture", item=item, found=content[:4].hex(), expected="PNG or JPEG") from None
    return bytes(content)


#: Control and format characters, surrogates and what is no character at all. Private use is not among them: names are
#: written with it, and are noted as rare.
_UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})


@cache
def _plain_characters() -> frozenset[str]:
    """What is printed and has a glyph; most texts hold nothing else."""
    known = map(chr, _known_characters())
    return frozenset(one for one in known if unicodedata.category(one) not in _UNPRINTED) | {"\n"}


@cache
def _known_characters() -> frozenset[int]:
    """What the font of this package has: 通用规范汉字表, GB/T 2312 and ASCII."""
    import io

    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # fontTools has no types

    from egov_sdk.ofd.fonts import bundled_font

    with TTFont(io.BytesIO(bundled_font()), lazy=True) as font:
        return frozenset(font.getBestCmap())
