"""The two checks of what is printed: the whole face against the template, and the index against the metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from egov_sdk.codes.masking import mask
from egov_sdk.errors import InputError
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.checks import CHECKS
from egov_sdk.license.copies import copy_parts, naming_of
from egov_sdk.license.face.compare import Difference, compare_face, same_files
from egov_sdk.license.face.draw import draw_face
from egov_sdk.license.face.objects import objects_of, resources_of
from egov_sdk.license.face.parts import TAG_FILE, license_body, license_parts
from egov_sdk.license.face.phrases import DATE_STYLES, FaceItems, face_items
from egov_sdk.license.face.template import FacePage, FaceTemplate
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.reading import LicenseFile, TaggedItem
from egov_sdk.ofd.links import resource_links
from egov_sdk.ofd.rootfile import id_key, root_facts
from egov_sdk.ofd.xml import every
from egov_sdk.report import Check, Outcome

__all__ = ["FaceVerdict", "judge_face"]

_PASSED, _FAILED, _UNKNOWN = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN
_INDEX: Final = f"Doc_0/Tags/{TAG_FILE}"
_PICTURE: Final = re.compile(r"Doc_0/Res/image_\d+\.(png|jpg)")
_BLANKS: Final = re.compile(r"[\s^]+")
#: What templates print where an item was left out.
_NOTHING_THERE: Final = frozenset({"", "/", "／", "-", "—", "——", "无"})
_ABOUT_MM: Final = 0.01


@dataclass(frozen=True, slots=True)
class FaceVerdict:
    """Both checks."""

    face: Check
    index: tuple[Check, ...]


def judge_face(file: LicenseFile, metadata: LicenseMetadata, type_: LicenseType | None) -> FaceVerdict:
    """Compare what is printed with what the metadata gives."""
    face, references = _face(file, metadata, type_)
    if references is not None:
        # the index is among the files that are the same byte for byte, and it was made from the same labels
        return FaceVerdict(face, (CHECKS.check("integrity.index", _PASSED, "ok", count=references),))
    return FaceVerdict(face, tuple(_index(file, metadata)))


# ---------------------------------------------------------------------- the whole face


def _face(file: LicenseFile, metadata: LicenseMetadata, type_: LicenseType | None) -> tuple[Check, int | None]:
    name = "integrity.face"
    if type_ is None or type_.template is None:
        return CHECKS.check(name, _UNKNOWN, "no_template", type_code=metadata.type_code), None
    try:
        found, same = _compared(file, metadata, type_.template)
    except LicenseRejected as error:
        return CHECKS.check(name, _FAILED, "template_refuses", detail=error.text), None
    if found is not None:
        return CHECKS.check(name, _FAILED, found.reason, subject="", **found.facts), None
    check = CHECKS.check(name, _PASSED, "ok", pages=len(file.document.pages))
    return check, None if same is None else same.get(_INDEX, b"").count(b"</cert:ObjectRef>")


def _compared(
    file: LicenseFile, metadata: LicenseMetadata, template: FaceTemplate
) -> tuple[Difference | None, Mapping[str, bytes] | None]:
    """The first difference, and the files where they are the same byte for byte."""
    quick = _pictures_in_order(file, template)
    if quick is not None:
        try:
            expected = _expected(file, metadata, template, quick, head=False)
        except LicenseRejected:
            expected = {}
        if expected and same_files(file.document, expected):
            return None, expected
    expected = _expected(file, metadata, template, _pictures_by_place(file, template), head=True)
    return compare_face(file.document, expected), None


def _expected(
    file: LicenseFile, metadata: LicenseMetadata, template: FaceTemplate, pictures: Mapping[str, bytes], *, head: bool
) -> dict[str, bytes]:
    """The files that the licence should have; the head, whose metadata is compared by meaning, only to be opened."""
    face, naming = draw_face(template, metadata, pictures=pictures), naming_of(file)
    if head:
        parts = license_parts(face, metadata, pairs=(), naming=naming)
    else:
        parts = license_body(face, metadata, naming=naming)
    return parts if file.copy is None else copy_parts(parts, note=file.copy, requester=file.requester)


def _pictures_in_order(file: LicenseFile, template: FaceTemplate) -> dict[str, bytes] | None:
    """The pictures as our own maker numbers them; None where there are not as many as boxes."""
    items = template.picture_items
    if not items:
        return {}
    names = [name for name in file.package.names if _PICTURE.fullmatch(name)]
    names.sort(key=lambda name: int(name[len("Doc_0/Res/image_") : -4]))
    if len(names) != len(items):
        return None
    return {item: file.package.read(name) for item, name in zip(items, names, strict=True)}


def _pictures_by_place(file: LicenseFile, template: FaceTemplate) -> dict[str, bytes]:
    """The pictures that stand where the template has boxes for them."""
    found: dict[str, bytes] = {}
    media = _media(file)
    for page, layout in zip(file.document.pages, template.pages, strict=False):
        if page.name in file.package and layout.pictures:
            found |= _on_page(file, page.name, layout, media)
    return found


def _on_page(file: LicenseFile, name: str, layout: FacePage, media: Mapping[str, bytes]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for drawn in objects_of(file.package.xml(name), where=name, resources=resources_of(file.document)):
        if drawn.kind != "ImageObject":
            continue
        content = media.get(id_key(drawn.element.get("ResourceID", "")))
        for box in layout.pictures:
            if content and abs(box.x_mm - drawn.box.x) < _ABOUT_MM and abs(box.y_mm - drawn.box.y) < _ABOUT_MM:
                found.setdefault(box.item, content)
    return found


def _media(file: LicenseFile) -> dict[str, bytes]:
    """The pictures of the document by their IDs."""
    found: dict[str, bytes] = {}
    package = file.package
    for _, name in root_facts(package, file.document.root).resources:
        if name not in package:
            continue
        for links in every(package.xml(name), "MultiMedias"):
            for item in every(links, "MultiMedia"):
                for part in resource_links(package, name):
                    wanted = "".join(element.text or "" for element in every(item, "MediaFile")).strip()
                    if part in package and wanted and part.endswith("/" + wanted.lstrip("/")):
                        found.setdefault(id_key(item.get("ID", "")), package.read(part))
    return found


# ---------------------------------------------------------------------- the index


def _index(file: LicenseFile, metadata: LicenseMetadata) -> Iterator[Check]:
    name = "integrity.index"
    try:
        tagged = file.tagged
    except InputError as error:
        yield CHECKS.check(name, _FAILED, "differs", name="-", found=error.code, expected="-")
        return
    if not tagged:
        yield CHECKS.check(name, _UNKNOWN, "no_index")
        return
    items = face_items(metadata)
    wrong = [check for tag in tagged if (check := _tag(tag, items, metadata)) is not None]
    yield from wrong
    if not wrong:
        yield CHECKS.check(name, _PASSED, "ok", count=len(tagged))


def _tag(tag: TaggedItem, items: FaceItems, metadata: LicenseMetadata) -> Check | None:
    name, shown = "integrity.index", tag.name[:64]
    if tag.problem:
        return CHECKS.check(name, _FAILED, tag.problem, name=shown)
    if not tag.item or (tag.item.startswith("field.") and tag.item.removeprefix("field.") not in metadata.fields):
        if tag.item and _plain(tag.text) in _NOTHING_THERE:
            return None
        return CHECKS.check(name, _FAILED, "unknown", name=shown)
    expected = [items.item(tag.item, style) for style in DATE_STYLES]
    if _plain(tag.text) in {_plain(text) for text in expected}:
        return None
    found, wanted = (mask(text[:40], head=1, tail=1) for text in (tag.text, expected[0]))
    return CHECKS.check(name, _FAILED, "differs", name=shown, found=found, expected=wanted)


def _plain(text: str) -> str:
    """Without what breaking into lines and cells takes away."""
    return _BLANKS.sub("", text)
