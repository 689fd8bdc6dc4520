"""Put the parts of a document together: numbers, resource files, pages, and the package around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from egov_sdk.ofd._zipwrite import PackedEntry, pack
from egov_sdk.ofd.builder.canvas import Canvas
from egov_sdk.ofd.builder.watermark import Watermark
from egov_sdk.ofd.geometry import Box, format_number
from egov_sdk.ofd.package import OfdPackage
from egov_sdk.ofd.write_xml import element, escape_text, page_xml

__all__ = [
    "Attachment",
    "CustomTag",
    "Draft",
    "Head",
    "ObjectRef",
    "Prepared",
    "TagContent",
    "assemble",
    "assemble_body",
    "assemble_parts",
    "package_of",
    "picture_format",
    "prepare",
    "write_parts",
]

_DOC = "Doc_0"

# In the order of the schema.
_RESOURCES = ("PublicRes", "DocumentRes")
_INDEXES = {
    "Annotations": "Annots/Annotations.xml",
    "CustomTags": "Tags/CustomTags.xml",
    "Attachments": "Attachs/Attachments.xml",
}


@dataclass(frozen=True, slots=True)
class Head:
    """What goes into DocInfo; all but the title, the date and the ID are fixed for the builder."""

    doc_id: str
    title: str
    author: str
    subject: str
    created: date
    creator: str
    creator_version: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the document."""

    name: str
    content: bytes = field(repr=False)
    format: str
    usage: str
    visible: bool


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """Where a labelled line of text is: the ID of its page or template, and its own."""

    page_id: str
    object_id: str


#: The bytes of a tag file, or how to make them from the places of each label.
TagContent: TypeAlias = bytes | Callable[[Mapping[str, tuple[ObjectRef, ...]]], bytes]


@dataclass(frozen=True, slots=True)
class CustomTag:
    """A file of custom tags and what kind it is."""

    type_id: str
    content: TagContent
    file_name: str = ""


@dataclass(slots=True)
class Draft:
    """Everything that has been asked of the builder so far."""

    head: Head
    may_sign: bool
    pages: list[Canvas] = field(default_factory=list)
    templates: list[Canvas] = field(default_factory=list)
    custom_datas: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    custom_tags: list[CustomTag] = field(default_factory=list)
    watermarks: list[Watermark] = field(default_factory=list)
    prepared: Prepared | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """The templates of many documents, written once: what each document begins with."""

    templates: tuple[Canvas, ...]
    parts: Mapping[str, bytes] = field(repr=False)
    template_ids: Mapping[str, str]
    last: int
    fonts: Mapping[str, str]
    images: Mapping[bytes, str] = field(repr=False)


class _Numbers:
    """The one counter of a document, with its fonts and pictures."""

    def __init__(self, prepared: Prepared | None = None) -> None:
        self.last = 0 if prepared is None else prepared.last
        self.fonts: dict[str, str] = {} if prepared is None else dict(prepared.fonts)
        self.images: dict[bytes, str] = {} if prepared is None else dict(prepared.images)
        self.page_id = ""
        self.labels: dict[str, tuple[ObjectRef, ...]] = {}

    def name(self, label: str, object_id: str) -> None:
        self.labels[label] = (*self.labels.get(label, ()), ObjectRef(self.page_id, object_id))

    def next(self) -> str:
        self.last += 1
        return str(self.last)

    def font(self, name: str) -> str:
        if name not in self.fonts:
            self.fonts[name] = self.next()
        return self.fonts[name]

    def image(self, content: bytes) -> str:
        if content not in self.images:
            self.images[content] = self.next()
        return self.images[content]


def picture_format(content: bytes) -> str:
    """``PNG`` or ``JPEG`` by the first bytes.

    Raises:
        ValueError: neither of them.
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    raise ValueError(f"a picture must be PNG or JPEG, its bytes begin with {content[:8].hex()}")


def prepare(templates: Sequence[Canvas]) -> Prepared:
    """Write templates for documents that all have them, and differ in their pages only."""
    numbers = _Numbers()
    parts, template_ids = _templates(templates, numbers)
    return Prepared(
        tuple(templates),
        MappingProxyType(parts),
        MappingProxyType(template_ids),
        numbers.last,
        MappingProxyType(numbers.fonts),
        MappingProxyType(numbers.images),
    )


def assemble(draft: Draft) -> bytes:
    """The bytes of the package, the same for the same draft."""
    return write_parts(assemble_parts(draft))


def package_of(parts: Mapping[str, bytes], *, prepared: Prepared | None = None) -> OfdPackage:
    """A package of these files, in order, written when its bytes are asked for; what is prepared is packed once."""
    known: Mapping[str, bytes] = {} if prepared is None else prepared.parts

    def packed(name: str) -> PackedEntry:
        content = parts[name]
        return _pack_again(name, content) if known.get(name) is content else pack(name, content)

    return OfdPackage(parts, packed=packed)


def write_parts(parts: Mapping[str, bytes], *, prepared: Prepared | None = None) -> bytes:
    """The bytes of a package of these files, as package_of has it."""
    return package_of(parts, prepared=prepared).archive


@lru_cache(maxsize=512)
def _pack_again(name: str, content: bytes) -> PackedEntry:
    return pack(name, content)


def assemble_parts(draft: Draft) -> dict[str, bytes]:
    """The files of the package by their names, in order."""
    return {"OFD.xml": _entry_point(draft)} | assemble_body(draft)


def assemble_body(draft: Draft) -> dict[str, bytes]:
    """The files of the document: those of the package but OFD.xml, which holds what is said about it."""
    numbers = _Numbers(draft.prepared)
    if draft.prepared is None:
        parts, template_ids = _templates(draft.templates, numbers)
    else:
        parts, template_ids = dict(draft.prepared.parts), dict(draft.prepared.template_ids)
    page_ids = []
    for place, page in enumerate(draft.pages):
        numbers.page_id = numbers.next()
        page_ids.append(numbers.page_id)
        parts[f"{_DOC}/Pages/Page_{place}/Content.xml"] = _page(page, numbers, template_ids)
    parts |= _annotations(draft, page_ids, numbers)
    parts |= _custom_tags(draft, numbers)
    parts |= _attachments(draft)
    parts |= _resources(numbers)
    document = _document(draft, numbers, template_ids=template_ids, page_ids=page_ids, parts=parts)
    return {f"{_DOC}/Document.xml": document} | parts


def _templates(templates: Sequence[Canvas], numbers: _Numbers) -> tuple[dict[str, bytes], dict[str, str]]:
    parts: dict[str, bytes] = {}
    template_ids: dict[str, str] = {}
    for place, template in enumerate(templates):
        template_ids[template.name] = numbers.page_id = numbers.next()
        parts[f"{_DOC}/Tpls/Tpl_{place}/Content.xml"] = _page(template, numbers, {})
    return parts, template_ids


def _entry_point(draft: Draft) -> bytes:
    head = draft.head
    said = (("DocID", head.doc_id), ("Title", head.title), ("Author", head.author), ("Subject", head.subject))
    info = [element(name, escape_text(text)) for name, text in said if text]
    info.append(element("CreationDate", head.created.isoformat()))
    info += element("Creator", escape_text(head.creator)), element("CreatorVersion", escape_text(head.creator_version))
    pairs = [element("CustomData", escape_text(value), Name=name) for name, value in draft.custom_datas]
    if pairs:
        info.append(element("CustomDatas", "".join(pairs)))
    body = element("DocInfo", "".join(info)) + element("DocRoot", f"{_DOC}/Document.xml")
    return page_xml("OFD", element("DocBody", body), Version="1.0", DocType="OFD")


def _document(
    draft: Draft,
    numbers: _Numbers,
    *,
    template_ids: Mapping[str, str],
    page_ids: Sequence[str],
    parts: Mapping[str, bytes],
) -> bytes:
    first = draft.pages[0]
    templates = draft.templates if draft.prepared is None else draft.prepared.templates
    return _document_xml(
        Box(0, 0, first.width_mm, first.height_mm),
        numbers.last,
        resources=tuple([name for name in _RESOURCES if f"{_DOC}/{name}.xml" in parts]),
        templates=tuple([(template_ids[template.name], template.name, template.z_order) for template in templates]),
        page_ids=tuple(page_ids),
        may_sign=draft.may_sign,
        indexes=tuple([name for name, index in _INDEXES.items() if f"{_DOC}/{index}" in parts]),
    )


@lru_cache(maxsize=64)
def _document_xml(
    area: Box,
    last: int,
    *,
    resources: tuple[str, ...],
    templates: tuple[tuple[str, str, str], ...],
    page_ids: tuple[str, ...],
    may_sign: bool,
    indexes: tuple[str, ...],
) -> bytes:
    """The root of the document, which says where things are: documents of one look have the same."""
    common = [element("MaxUnitID", str(last)), element("PageArea", element("PhysicalBox", str(area)))]
    common += [element(name, f"{name}.xml") for name in resources]
    common += [
        element("TemplatePage", ID=number, Name=name, ZOrder=z_order, BaseLoc=f"Tpls/Tpl_{place}/Content.xml")
        for place, (number, name, z_order) in enumerate(templates)
    ]
    pages = [
        element("Page", ID=page_id, BaseLoc=f"Pages/Page_{place}/Content.xml") for place, page_id in enumerate(page_ids)
    ]
    content = element("CommonData", "".join(common)) + element("Pages", "".join(pages))
    if not may_sign:
        content += element("Permissions", element("Signature", "false"))
    content += "".join([element(name, _INDEXES[name]) for name in indexes])
    return page_xml("Document", content)


def _page(canvas: Canvas, numbers: _Numbers, template_ids: Mapping[str, str]) -> bytes:
    templates = "".join(f'<ofd:Template TemplateID="{template_ids[name]}"/>' for name in canvas.templates)
    area = f"<ofd:Area><ofd:PhysicalBox>{Box(0, 0, canvas.width_mm, canvas.height_mm)}</ofd:PhysicalBox></ofd:Area>"
    layer_id = numbers.next()
    items = "".join([item.xml(numbers) for item in canvas.items])
    body = f">{items}</ofd:Layer>" if items else "/>"
    layer = f'<ofd:Content><ofd:Layer ID="{layer_id}" Type="Body"{body}</ofd:Content>'
    return page_xml("Page", f"{templates}{area}{layer}")


def _resources(numbers: _Numbers) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    if numbers.fonts:
        fonts = [element("Font", ID=font_id, FontName=name, FamilyName=name) for name, font_id in numbers.fonts.items()]
        parts[f"{_DOC}/PublicRes.xml"] = page_xml("Res", element("Fonts", "".join(fonts)), BaseLoc="Res")
    if numbers.images:
        media = []
        for content, image_id in numbers.images.items():
            kind = picture_format(content)
            file_name = f"image_{image_id}.{'png' if kind == 'PNG' else 'jpg'}"
            media.append(
                element("MultiMedia", element("MediaFile", file_name), ID=image_id, Type="Image", Format=kind)
            )  # fmt: skip
            parts[f"{_DOC}/Res/{file_name}"] = content
        parts[f"{_DOC}/DocumentRes.xml"] = page_xml("Res", element("MultiMedias", "".join(media)), BaseLoc="Res")
    return parts


def _annotations(draft: Draft, page_ids: Sequence[str], numbers: _Numbers) -> dict[str, bytes]:
    if not draft.watermarks:
        return {}
    index = []
    parts: dict[str, bytes] = {}
    for place, (page, page_id) in enumerate(zip(draft.pages, page_ids, strict=True)):
        index.append(element("Page", element("FileLoc", f"Page_{place}/Annotation.xml"), PageID=page_id))
        boundary = str(Box(0, 0, page.width_mm, page.height_mm))
        marks = []
        for watermark in draft.watermarks:
            mark_id = numbers.next()
            lines = "".join([line.xml(numbers) for line in watermark.tiles(page)])
            marks.append(
                element(
                    "Annot", element("Appearance", lines, Boundary=boundary), ID=mark_id, Type="Watermark",
                    Creator=draft.head.creator, LastModDate=draft.head.created.isoformat(),
                )
            )  # fmt: skip
        parts[f"{_DOC}/Annots/Page_{place}/Annotation.xml"] = page_xml("PageAnnot", "".join(marks))
    return {f"{_DOC}/{_INDEXES['Annotations']}": page_xml("Annotations", "".join(index))} | parts


def _custom_tags(draft: Draft, numbers: _Numbers) -> dict[str, bytes]:
    if not draft.custom_tags:
        return {}
    index = []
    parts: dict[str, bytes] = {}
    for number, tag in enumerate(draft.custom_tags, start=1):
        file_name = tag.file_name or f"Tag_{number}.xml"
        index.append(element("CustomTag", element("FileLoc", escape_text(file_name)), TypeID=tag.type_id))
        content = tag.content if isinstance(tag.content, bytes) else tag.content(numbers.labels)
        parts[f"{_DOC}/Tags/{file_name}"] = content
    return {f"{_DOC}/{_INDEXES['CustomTags']}": page_xml("CustomTags", "".join(index))} | parts


def _attachments(draft: Draft) -> dict[str, bytes]:
    if not draft.attachments:
        return {}
    index = []
    parts: dict[str, bytes] = {}
    for number, attachment in enumerate(draft.attachments, start=1):
        suffix = f".{attachment.format}" if attachment.format else ""
        file_name = f"attachment_{number}{suffix}"
        index.append(
            element(
                "Attachment",
                element("FileLoc", escape_text(file_name)),
                ID=f"a{number}",
                Name=attachment.name,
                Format=attachment.format or None,
                CreationDate=f"{draft.head.created.isoformat()}T00:00:00",
                Size=format_number(len(attachment.content) / 1024),
                Visible="true" if attachment.visible else "false",
                Usage=attachment.usage,
            )
        )
        parts[f"{_DOC}/Attachs/{file_name}"] = attachment.content
    return {f"{_DOC}/{_INDEXES['Attachments']}": page_xml("Attachments", "".join(index))} | parts
