"""Annotated copies (加注件): a copy for one use, marked with what for, for whom and until when, and sealed anew.

The original stays as it is, byte for byte. Its seals do not pass to the copy, since they speak of other bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from lxml import etree

from egov_sdk.license.elements import Naming, element_named
from egov_sdk.license.findings import require_none
from egov_sdk.license.metadata import Authority, CopyNote, check_copy_note
from egov_sdk.license.pairs import copy_note_pairs
from egov_sdk.license.problems import refuse
from egov_sdk.license.reading import COPY_REQUESTER, LicenseFile, read_license_file
from egov_sdk.license.sealing import Sealer
from egov_sdk.ofd import OfdPackage, parse_signature_file, parse_signature_list
from egov_sdk.ofd.builder import wrap_text
from egov_sdk.ofd.builder.assembly import write_parts
from egov_sdk.ofd.builder.canvas import Canvas
from egov_sdk.ofd.builder.watermark import Watermark
from egov_sdk.ofd.geometry import Box, parse_box
from egov_sdk.ofd.paths import folder_of, resolve
from egov_sdk.ofd.write_xml import add, append_xml, new_root, serialize
from egov_sdk.ofd.xml import child, every, parse_xml
from egov_sdk.report import Outcome, Text
from egov_sdk.seal.placement import Placement, Seam
from egov_sdk.seal.policy import Policy
from egov_sdk.seal.verify import verify_package
from egov_sdk.times import BEIJING

__all__ = ["annotate", "copy_parts", "naming_of"]

_FONT: Final = "宋体"
_LINE_MM: Final = 150.0
_SIZE_MM: Final = 5.5
_RESOURCES: Final = "CopyRes.xml"
_ANNOTATIONS: Final = "Annots/Copy.xml"


def annotate(
    file: bytes,
    *,
    note: CopyNote,
    requester: Authority | None = None,
    sealer: Sealer,
    at: datetime,
    places: Sequence[Placement | Seam] | None = None,
    policy: Policy | None = None,
) -> bytes:
    """Make an annotated copy (制作加注件) of a licence file.

    The four items go into the metadata, with for whom it is; every page is marked with them; the seals of the original
    are taken off and the copy is sealed by who makes it.

    Args:
        file: The original; it is verified first, by ``policy`` or else as to whether its seals hold.
        note: Made when, by whom, what for, and good until when.
        requester: For whom it is made.
        sealer: Seals the copy: the issuer, or who may make copies.
        at: The time of making, aware.
        places: Where the copy is sealed; where the original shows its first seal by default.
        policy: The demands on the seals of the original.
    Raises:
        LicenseRejected: copy_source: it is no original that holds; copy_places.
        ParseError: the note is not complete or would be expired (``where`` is the item); or the file cannot be read.
        ValueError: a naive time.
    """
    require_none(check_copy_note(note, at=at))
    original = read_license_file(file)
    _require_sound(original, policy or Policy.standard(trust=None, at=at), by_trust=policy is not None)
    where = tuple(places) if places is not None else _places(original)
    parts = {name: original.package.read(name) for name in original.package.names}
    for name in _signature_files(original.package):
        parts.pop(name, None)
    pairs = [*copy_note_pairs(note, naming=naming_of(original))]
    if requester is not None:
        pairs += zip(COPY_REQUESTER, (requester.name, requester.code), strict=True)
    parts["OFD.xml"] = _head(parts["OFD.xml"], pairs)
    parts = copy_parts(parts, note=note, requester=requester, root=original.document.root)
    return sealer.seal(write_parts(parts), at=where, signed_at=at)


def naming_of(file: LicenseFile) -> Naming:
    """Which names the items of a file have: those of its 证照名称."""
    names = {name for name, _ in file.document.custom_datas}
    element = element_named("ZZMC")
    assert element is not None
    found = (naming for naming in (Naming.PINYIN, Naming.ENGLISH) if element.name_in(naming) in names)
    return next(found, Naming.CHINESE)


def _require_sound(original: LicenseFile, policy: Policy, *, by_trust: bool) -> None:
    """What is sealed anew must have been good before: else a forgery would become a true copy."""
    if original.metadata is None or original.findings:
        raise refuse("copy_source", found=Text("no metadata that is sound", "元数据缺失或不合规"))
    if original.copy is not None or original.requester is not None:
        raise refuse("copy_source", found=Text("it is an annotated copy", "该文件本身即为加注件"))
    if len(original.package.documents) != 1 or original.document.versions:
        raise refuse("copy_source", found=Text("it is not one document", "文件不是单一文档"))
    report = verify_package(original.package, policy=policy)
    blocking = [
        check
        for check in report.blocking
        if by_trust or (check.outcome is Outcome.FAILED and check.answer != "trust")
    ]  # fmt: skip
    if blocking:
        raise refuse("copy_source", found=f"{blocking[0].id} {blocking[0].reason}")


def _places(original: LicenseFile) -> tuple[Placement, ...]:
    """Where the first seal of the original is shown whole."""
    package, document = original.package, original.document
    entries = parse_signature_list(package, document).entries if document.signatures_name else ()
    for entry in entries:
        shown = []
        for stamp in parse_signature_file(package, entry.base_name).stamps:
            page = document.page_by_id(stamp.page_ref)
            if page is not None and stamp.clip is None:
                box = stamp.boundary
                shown.append(Placement(page=page.index, x_mm=box.x, y_mm=box.y, width_mm=box.w, height_mm=box.h))
        if shown:
            return tuple(shown)
    raise refuse("copy_places")


def _signature_files(package: OfdPackage) -> set[str]:
    document = package.documents[0]
    if document.signatures_name is None:
        return set()
    found = {document.signatures_name}
    for entry in parse_signature_list(package, document).entries:
        file = parse_signature_file(package, entry.base_name)
        found |= {entry.base_name, file.value_name} | ({file.seal_name} if file.seal_name else set())
    return found


def _head(content: bytes, pairs: Sequence[tuple[str, str]]) -> bytes:
    """OFD.xml with further items, and without the signatures."""
    root = parse_xml(content, where="OFD.xml")
    body = next(every(root, "DocBody"))
    for element in list(every(body, "Signatures")):
        body.remove(element)
    info = child(body, "DocInfo", where="OFD.xml")
    assert info is not None  # there is metadata in it
    holder = child(info, "CustomDatas", where="OFD.xml")
    assert holder is not None
    for name, value in pairs:
        add(holder, "CustomData", text=value, Name=name)
    return serialize(root)


# ---------------------------------------------------------------------- the marks


def copy_parts(
    parts: Mapping[str, bytes], *, note: CopyNote, requester: Authority | None, root: str = "Doc_0/Document.xml"
) -> dict[str, bytes]:
    """The files of a licence with the marks of a copy on every page, the same for the same licence and note."""
    found = dict(parts)
    tree = parse_xml(found[root], where=root)
    folder = folder_of(root)
    numbers = _Numbers(tree, root)
    index_element = child(tree, "Annotations", where=root)
    index_name = f"{folder}/{_ANNOTATIONS}"
    if index_element is not None:
        index_name = resolve((index_element.text or "").strip(), base_dir=folder, where=root)
    index = parse_xml(found[index_name], where=index_name) if index_name in found else new_root("Annotations")
    for number, (page_id, width, height) in enumerate(_pages(tree, found, root), start=1):
        name = f"{folder}/Annots/Copy_{number}.xml"
        found[name] = _page_marks(note, requester, width, height, numbers)
        entry = add(index, "Page", PageID=page_id)
        add(entry, "FileLoc", text=f"/{name}")
    found[index_name] = serialize(index)
    if index_element is None:
        _insert_annotations(tree, index_name)
    found[f"{folder}/{_RESOURCES}"] = _font_file(numbers)
    _finish_root(tree, f"/{folder}/{_RESOURCES}", numbers, root)
    found[root] = serialize(tree)
    return found


def _page_marks(note: CopyNote, requester: Authority | None, width: float, height: float, numbers: _Numbers) -> bytes:
    made_at = note.made_at.astimezone(BEIJING)
    root = new_root("PageAnnot")
    annotation = add(
        root, "Annot", ID=numbers.next(), Type="Watermark", Creator=note.maker,
        LastModDate=made_at.date().isoformat(),
    )  # fmt: skip
    appearance = add(annotation, "Appearance", Boundary=str(Box(0, 0, width, height)))
    mark = Watermark(_words(note, requester), _FONT, _SIZE_MM, "110 110 110", 120, 30.0, 25.0)
    append_xml(appearance, "".join([line.xml(numbers) for line in mark.tiles(Canvas(width, height))]))
    return serialize(root)


def _words(note: CopyNote, requester: Authority | None) -> str:
    until = note.valid_until.astimezone(BEIJING)
    whom = f"仅供{requester.name}使用，" if requester is not None else "仅供本次使用，"
    text = (
        f"{whom}事由：{note.cause}。有效期至{until.year}年{until.month}月{until.day}日{until:%H:%M}，复制或挪用无效。"
    )
    return "\n".join(wrap_text(text, font=_FONT, size_mm=_SIZE_MM, width_mm=_LINE_MM))


class _Numbers:
    """Goes on with the numbers of a document, and has one font."""

    def __init__(self, tree: etree._Element, where: str) -> None:
        common = child(tree, "CommonData", where=where)
        holder = None if common is None else child(common, "MaxUnitID", where=where)
        text = "" if holder is None else (holder.text or "").strip()
        self.last = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1_000_000
        self.font_id = self.next()

    def next(self) -> str:
        self.last += 1
        return str(self.last)

    def font(self, name: str) -> str:
        return self.font_id

    def image(self, content: bytes) -> str:
        raise NotImplementedError("marks have no pictures")

    def name(self, label: str, object_id: str) -> None:
        return None


def _font_file(numbers: _Numbers) -> bytes:
    root = new_root("Res", BaseLoc=".")
    add(add(root, "Fonts"), "Font", ID=numbers.font_id, FontName=_FONT, FamilyName=_FONT)
    return serialize(root)


def _pages(tree: etree._Element, parts: Mapping[str, bytes], root: str) -> list[tuple[str, float, float]]:
    """The ID of each page and its size; that of the document where a page has none of its own."""
    common = child(tree, "CommonData", where=root)
    default = None if common is None else _size(child(common, "PageArea", where=root), root)
    holder = child(tree, "Pages", where=root)
    found = []
    for page in () if holder is None else every(holder, "Page"):
        name = resolve(page.get("BaseLoc", ""), base_dir=folder_of(root), where=root)
        content = parse_xml(parts[name], where=name) if name in parts else None
        own = None if content is None else _size(child(content, "Area", where=name), name)
        width, height = own or default or (210.0, 297.0)
        found.append((page.get("ID", ""), width, height))
    return found


def _size(area: etree._Element | None, where: str) -> tuple[float, float] | None:
    physical = None if area is None else child(area, "PhysicalBox", where=where)
    if physical is None:
        return None
    box = parse_box((physical.text or "").strip(), where=where, name="PhysicalBox")
    return box.w, box.h


#: What stands behind Annotations in a Document.xml, by the schema.
_BEHIND: Final = ("CustomTags", "Attachments", "Extensions")


def _insert_annotations(tree: etree._Element, index_name: str) -> None:
    element = add(tree, "Annotations", text=f"/{index_name}")
    for name in _BEHIND:
        for later in every(tree, name):
            later.addprevious(element)
            return


def _finish_root(tree: etree._Element, resources: str, numbers: _Numbers, where: str) -> None:
    common = child(tree, "CommonData", where=where)
    if common is None:
        raise refuse("copy_source", found=Text("a document without CommonData", "文档缺少 CommonData"))
    added = add(common, "DocumentRes", text=resources)
    for template in every(common, "TemplatePage"):
        template.addprevious(added)
        break
    holder = child(common, "MaxUnitID", where=where)
    if holder is not None:
        holder.text = str(numbers.last)
