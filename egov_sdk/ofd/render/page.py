"""Draw one page of a document as SVG: templates, layers, annotations, and the stamps that are handed in."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.errors import LimitExceeded
from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.render.canvas import Place
from egov_sdk.ofd.render.effort import LAYER, PICTURE
from egov_sdk.ofd.render.fonts import FontFinder
from egov_sdk.ofd.render.images import PictureProblem, open_picture
from egov_sdk.ofd.render.limits import DEFAULT_RENDER_LIMITS, Budget, Enough, RenderLimits
from egov_sdk.ofd.render.matrix import IDENTITY, Matrix, number
from egov_sdk.ofd.render.model import RenderedPage, StampPicture
from egov_sdk.ofd.render.notes import Notes
from egov_sdk.ofd.render.painter import Painter
from egov_sdk.ofd.render.resources import Resources, Source
from egov_sdk.ofd.render.values import box_of, first, flag
from egov_sdk.ofd.rootfile import A4, OfdPage, id_key, root_facts
from egov_sdk.ofd.xml import every, loose_text

if TYPE_CHECKING:
    from egov_sdk.ofd.document import OfdDocument

__all__ = ["render_page"]

_PREFIX = re.compile(r"[a-z][a-z0-9-]{0,30}|", re.ASCII)
_GROUND = re.compile(r"#[0-9a-fA-F]{6}")
_LAYERS = {"Background": 0, "Foreground": 2}
_TEMPLATES_MAX = 64


def render_page(
    document: OfdDocument,
    page: int = 1,
    *,
    stamps: Iterable[StampPicture] = (),
    find_font: FontFinder | None = None,
    ground: str | None = "#ffffff",
    id_prefix: str = "",
    limits: RenderLimits = DEFAULT_RENDER_LIMITS,
) -> RenderedPage:
    """Draw a page (页面) as an SVG document whose glyphs are paths; one user unit is a millimetre.

    The same document gives the same bytes. Nothing in the SVG refers to anything outside of it.

    Args:
        page: Its number, from 1.
        stamps: Pictures laid over pages; those of other pages are passed over. They are mixed with what lies beneath
            as ink is.
        find_font: Finds faces for fonts that are named and not embedded, such as ``machine_fonts()``; without it the
            bundled Song face stands in for all, which the notes tell.
        ground: The colour of the paper, None for none.
        id_prefix: What the IDs of definitions begin with, so that several drawings can share one HTML page.
        limits: How much is drawn. Drawing ends where one is reached, and the notes say so.
    Raises:
        ValueError: there is no such page, or ``ground`` or ``id_prefix`` is not of the form asked for.
        LimitExceeded: the page is larger than ``side_mm``.
    Source:
        GB/T 33190-2016, 7.7 and 8 to 15.
    """
    if not 1 <= page <= len(document.pages):
        raise ValueError(f"page {page} does not exist, the document has {len(document.pages)}")
    if ground is not None and not _GROUND.fullmatch(ground):
        raise ValueError(f"ground must look like #ffffff, got {ground!r}")
    if not _PREFIX.fullmatch(id_prefix):
        raise ValueError(f"id_prefix must be small letters, digits and hyphens, got {id_prefix!r}")
    sheet = document.pages[page - 1]
    box = sheet.box if sheet.box.w > 0 and sheet.box.h > 0 else A4
    if max(box.w, box.h) > limits.side_mm:
        raise LimitExceeded("side_mm", allowed=limits.side_mm, found=max(box.w, box.h), where=sheet.name)
    drawing = _PageDrawing(document, sheet, box, find_font, id_prefix, limits)
    drawing.draw(tuple(stamp for stamp in stamps if stamp.page == page))
    return drawing.finished(ground)


class _PageDrawing:
    """One page while it is drawn."""

    def __init__(
        self, document: OfdDocument, page: OfdPage, box: Box, find: FontFinder | None, prefix: str, limits: RenderLimits
    ) -> None:
        self.document, self.page, self.box, self.prefix = document, page, box, prefix
        self.notes, self.budget = Notes(), Budget(limits)
        self.source = Source(document.package, self.budget, self.notes)
        self.resources = Resources()
        self.painter = Painter(self.source, self.resources, page=box, find=find, prefix=prefix)
        self.canvas = self.painter.canvas
        self.body: list[str] = []

    def draw(self, stamps: tuple[StampPicture, ...]) -> None:
        """Draw everything; what passes a limit ends the drawing, but not that of the stamps."""
        try:
            self._content()
        except Enough as enough:
            self._tell(enough)
        try:
            for stamp in stamps:
                self.budget.spend("stamps")
                self._stamp(stamp)
        except Enough as enough:
            self._tell(enough)

    def _tell(self, enough: Enough) -> None:
        self.notes.add("render.limit", where=self.page.name, limit=enough.limit, allowed=f"{enough.allowed:g}")

    def _content(self) -> None:
        content = self.source.xml(self.page.name, where=self.document.root)
        facts = root_facts(self.document.package, self.document.root)
        own = [] if content is None else [loose_text(element) for element in every(content, "PageRes")]
        names = [name for loc in own if (name := self.source.name(loc, where=self.page.name))]
        self.resources.load(self.source, names, where=self.page.name)
        self.resources.load(self.source, dict.fromkeys(name for _, name in facts.resources), where=self.document.root)
        templates = list(self._templates(content))
        for template in (name for name, z_order in templates if z_order != "Foreground"):
            self._file(template)
        if content is not None:
            self._layers(content, self.page.name)
        for template in (name for name, z_order in templates if z_order == "Foreground"):
            self._file(template)
        self._annotations([name for kind, name in facts.indexes if kind == "Annotations"])

    def _templates(self, content: etree._Element | None) -> Iterator[tuple[str, str]]:
        """The templates that the page names, each with where it goes: what the page says comes first."""
        known = {id_key(template.id): template for template in self.page.templates}
        for count, element in enumerate(() if content is None else every(content, "Template")):
            template = known.get(id_key(element.get("TemplateID", "")))
            if template is None or count >= _TEMPLATES_MAX:
                found = element.get("TemplateID", "")
                self.notes.add("render.resource_missing", where=self.page.name, kind="TemplatePage", found=found)
            else:
                yield template.name, element.get("ZOrder", template.z_order).strip()

    def _file(self, name: str) -> None:
        root = self.source.xml(name, where=self.page.name)
        if root is not None:
            self._layers(root, name)

    def _layers(self, root: etree._Element, where: str) -> None:
        content = first(root, "Content")
        layers = [] if content is None else list(every(content, "Layer"))
        for layer in sorted(layers, key=lambda one: _LAYERS.get(one.get("Type", "Body").strip(), 1)):
            self.painter.layer(layer, Place(where=where), self.body)

    def _annotations(self, indexes: Iterable[str]) -> None:
        for index in indexes:
            root = self.source.xml(index, where=self.document.root)
            for page in () if root is None else every(root, "Page"):
                if id_key(page.get("PageID", "")) == id_key(self.page.id):
                    for element in every(page, "FileLoc"):
                        name = self.source.name(loose_text(element), where=index)
                        if name is not None:
                            self._annotation_file(name, index)

    def _annotation_file(self, name: str, index: str) -> None:
        root = self.source.xml(name, where=index)
        for annotation in () if root is None else every(root, "Annot"):
            appearance = first(annotation, "Appearance")
            if appearance is None or not flag(annotation, "Visible", default=True):
                continue
            box = box_of(appearance.get("Boundary"))
            place = Place(Matrix(e=box.x, f=box.y), where=name)
            self.body.append(f'<g transform="translate({number(box.x)} {number(box.y)})">')
            try:
                self.painter.block(appearance, place, self.body)
            finally:
                self.body.append("</g>")

    def _stamp(self, stamp: StampPicture) -> None:
        box = stamp.boundary
        if box.w <= 0 or box.h <= 0:
            self.notes.add("render.stamp_unreadable", found=stamp.name, reason="its boundary is empty")
            return
        where = f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.w)}" height="{number(box.h)}"'
        try:
            drawn = self._stamp_picture(stamp, where)
        except PictureProblem as problem:
            self.notes.add("render.stamp_unreadable", found=stamp.name, reason=problem)
            return
        frame = (box.x, box.y, box.x + box.w, box.y + box.h)
        self.canvas.work(PICTURE + LAYER, frame)
        self.budget.spend("svg_bytes", len(drawn))
        parts = ['<g style="mix-blend-mode:multiply">', drawn, "</g>"]
        if stamp.clip is not None:
            clip = Box(stamp.clip.x + box.x, stamp.clip.y + box.y, stamp.clip.w, stamp.clip.h)
            parts = self.canvas.cut(parts, clip, ink=frame, to_page=IDENTITY)
        self.body += parts

    def _stamp_picture(self, stamp: StampPicture, where: str) -> str:
        if isinstance(stamp.picture, (RenderedPage, str)):
            svg = stamp.picture if isinstance(stamp.picture, str) else stamp.picture.svg
            uri = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
        else:
            picture = open_picture(stamp.picture or b"")
            if not self.budget.affords("image_pixels", picture.pixels):
                raise PictureProblem("too many or too large pictures")
            uri = picture.uri
        return f'<image {where} preserveAspectRatio="none" href="{uri}"/>'

    def finished(self, ground: str | None) -> RenderedPage:
        """The whole document."""
        x, y, w, h = map(number, (self.box.x, self.box.y, self.box.w, self.box.h))
        paper = "" if ground is None else f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{ground}"/>'
        defs = f"<defs>{''.join(self.canvas.defs)}</defs>" if self.canvas.defs else ""
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="{x} {y} {w} {h}">'
            f"{defs}{paper}{''.join(self.body)}</svg>\n"
        )
        return RenderedPage(svg, self.box.w, self.box.h, self.notes.all())
