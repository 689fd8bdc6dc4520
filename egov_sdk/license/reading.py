"""Read a licence file (读取证照文件): its metadata, and the text behind each entry of its index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from egov_sdk.errors import InputError
from egov_sdk.license.elements import EXTENSION_PREFIX, element_named
from egov_sdk.license.face.objects import DrawnObject, objects_of, resources_of
from egov_sdk.license.face.parts import TAG_NAMESPACE, TAG_TYPE, item_of_element
from egov_sdk.license.findings import Finding
from egov_sdk.license.metadata import Authority, CopyNote, LicenseMetadata
from egov_sdk.license.pairs import read_metadata_pairs
from egov_sdk.limits import DEFAULT_OFD_LIMITS, OfdLimits
from egov_sdk.ofd import Box, OfdDocument, OfdPackage, OfdPage, open_ofd
from egov_sdk.ofd.package import Source
from egov_sdk.ofd.paths import folder_of, resolve
from egov_sdk.ofd.rootfile import id_key, root_facts
from egov_sdk.ofd.xml import every, text_of
from egov_sdk.report import Text

__all__ = ["COPY_REQUESTER", "FileNote", "LicenseFile", "TaggedItem", "read_license_file", "read_license_package"]

#: Items of an annotated copy for whom it was made, by name and code. They are ours: the four items of the standard
#: have no room for it, and systems write it into the cause or not at all.
COPY_REQUESTER: Final = ("JZJSYZ", "JZJSYZDM")

_TAGS_MAX: Final = 10_000
_HIDDEN_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class FileNote:
    """Something that a licence file lacks or has too much of."""

    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class TaggedItem:
    """One entry of the index (标引项): the item, the text of the objects that it points to, and what is wrong.

    ``item`` is the name of the item on a face, such as ``holder`` or ``field.NAME``; empty for a name that nobody
    here knows. ``problem`` is empty, or ``page_missing``, ``object_missing``, ``object_twice``, ``twice``,
    ``empty``, ``not_text``, ``not_seen``, ``covered``.
    """

    name: str
    item: str
    text: str = field(repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LicenseFile:
    """What a licence file says of itself; nothing of it is verified.

    Attributes:
        metadata: None where the file has none that can be read; ``findings`` say why.
        copy: The note of an annotated copy; None for an original.
        requester: For whom an annotated copy was made, where it says so.
        findings: What is wrong with the metadata.
    """

    package: OfdPackage = field(repr=False)
    metadata: LicenseMetadata | None
    copy: CopyNote | None
    requester: Authority | None
    findings: tuple[Finding, ...]

    @property
    def document(self) -> OfdDocument:
        """The document that is the licence: the first of the package."""
        return self.package.documents[0]

    @property
    def tagged(self) -> tuple[TaggedItem, ...] | None:
        """The index (数据标引), in its order; None where the file has none."""
        return self.package.memo("license index", lambda: _index(self.document))

    @property
    def notes(self) -> tuple[FileNote, ...]:
        """What is missing, and what is odd."""
        return tuple(_notes(self))

    @property
    def face(self) -> Mapping[str, str]:
        """The text of each indexed item by its name in the index; of one that is there twice, the first."""
        return {tag.name: tag.text for tag in reversed(self.tagged or ())}


def read_license_file(source: Source, *, limits: OfdLimits = DEFAULT_OFD_LIMITS) -> LicenseFile:
    """Read a licence file, ours or another's; a file without metadata or index is read and says so.

    Raises:
        ParseError, LimitExceeded: it is no OFD package that could be read safely.
    """
    return read_license_package(open_ofd(source, limits=limits))


def read_license_package(package: OfdPackage) -> LicenseFile:
    """As read_license_file, of a package that is open."""
    pairs = package.documents[0].custom_datas
    reading = read_metadata_pairs([(name, value) for name, value in pairs if name not in COPY_REQUESTER])
    return LicenseFile(package, reading.metadata, reading.copy, _requester(pairs), reading.findings)


def _is_ours(name: str) -> bool:
    return element_named(name) is not None or name.startswith(EXTENSION_PREFIX)


def _requester(pairs: tuple[tuple[str, str], ...]) -> Authority | None:
    """Said once, and whole, or not at all."""
    found = [[value for name, value in pairs if name == wanted] for wanted in COPY_REQUESTER]
    if all(len(values) == 1 and values[0] for values in found):
        return Authority(name=found[0][0], code=found[1][0])
    return None


def _notes(file: LicenseFile) -> Iterator[FileNote]:
    if file.metadata is None:
        ours = any(_is_ours(name) for name, _ in file.document.custom_datas)
        yield _note("metadata_unreadable" if ours else "no_metadata")
    if file.tagged is None:
        yield _note("no_index")
    if len(file.package.documents) > 1:
        yield _note("several_documents")
    if file.document.signatures_name is None:
        yield _note("no_signature")


_NOTES: Final = {
    "no_metadata": Text("the file holds no metadata of a licence", "文件不含证照元数据"),
    "metadata_unreadable": Text(
        "the file holds metadata of a licence that is not complete or cannot be read", "证照元数据不完整或无法解析"
    ),
    "no_index": Text("the file has no index of what stands where", "文件没有数据标引"),
    "several_documents": Text("the file holds more than one document", "文件含有多个文档"),
    "no_signature": Text("the file is not signed", "文件没有签名"),
}


def _note(code: str) -> FileNote:
    return FileNote(code, _NOTES[code])


# ---------------------------------------------------------------------- the index


def _tag_file(document: OfdDocument) -> etree._Element | None:
    """The index, where there is one that can be read; of several the first."""
    package = document.package
    for kind, name in root_facts(package, document.root).indexes:
        if kind != "CustomTags" or name not in package:
            continue
        for tag in every(package.xml(name), "CustomTag"):
            if tag.get("TypeID", "").strip() != TAG_TYPE:
                continue
            for location in every(tag, "FileLoc"):
                found = resolve(text_of(location, where=name), base_dir=folder_of(name), where=name)
                if found in package:
                    return package.xml(found)
    return None


def _index(document: OfdDocument) -> tuple[TaggedItem, ...] | None:
    root = _tag_file(document)
    return None if root is None else tuple(_tagged(document, root))


def _tagged(document: OfdDocument, root: etree._Element) -> Iterator[TaggedItem]:
    pages = _Pages(document)
    elements = list(root.iterchildren(f"{{{TAG_NAMESPACE}}}*"))[:_TAGS_MAX]
    names = [etree.QName(element).localname for element in elements]
    counts = Counter(names)
    for name, element in zip(names, elements, strict=True):
        text, problem = _text_behind(element, pages)
        yield TaggedItem(name, _item(name), text, "twice" if counts[name] > 1 else problem)


def _item(name: str) -> str:
    if name.startswith(EXTENSION_PREFIX):
        return f"field.{name.removeprefix(EXTENSION_PREFIX)}"
    element = element_named(name)
    return "" if element is None else item_of_element(element.key)


def _text_behind(element: etree._Element, pages: _Pages) -> tuple[str, str]:
    """The text of the objects that an entry points to, one behind the other, and what is wrong with it."""
    texts, problem = [], ""
    references = list(element.iterchildren(f"{{{TAG_NAMESPACE}}}ObjectRef"))
    for reference in references:
        found = pages.find(reference.get("PageRef", ""), reference.text or "")
        if isinstance(found, str):
            problem = problem or found
        elif found.kind != "TextObject":
            problem = problem or "not_text"
        else:
            texts.append(found.text)
            if found.is_clear or found.is_pale:
                problem = problem or "not_seen"
    return "".join(texts), problem if references else "empty"


class _Pages:
    """The objects of pages and templates by their IDs, each file read when it is asked for."""

    def __init__(self, document: OfdDocument) -> None:
        self._document = document
        self._resources = resources_of(document)
        self._files = {id_key(template.id): template.name for template in reversed(document.templates)}
        self._files |= {id_key(page.id): page.name for page in reversed(document.pages)}
        self._objects: dict[str, tuple[DrawnObject, ...]] = {}
        self._places: dict[str, dict[str, int | None]] = {}

    def find(self, page_id: str, object_id: str) -> DrawnObject | str:
        """The object, or why there is none."""
        name = self._files.get(id_key(page_id))
        if name is None or name not in self._document.package:
            return "page_missing"
        places = self._places.get(name)
        if places is None:
            places = self._places[name] = _by_id(self._read(name))
        key = id_key(object_id)
        if key not in places:
            return "object_missing"
        place = places[key]
        if place is None:
            return "object_twice"
        found, page = self._read(name)[place], self._shown_on(page_id, name)
        if page is None or not _is_on(found.box, page.box):
            return "not_seen"
        if any(_hides(other, found.box) for other in self._above(page, name, place)):
            return "covered"
        return found

    def _shown_on(self, page_id: str, name: str) -> OfdPage | None:
        """The page itself, or of a template the first page that it is drawn on."""
        page = self._document.page_by_id(page_id)
        if page is not None and page.name == name:
            return page
        using = (page for page in self._document.pages if any(one.name == name for one in page.templates))
        return next(using, None)

    def _above(self, page: OfdPage, name: str, place: int) -> Iterator[DrawnObject]:
        """What is drawn later: behind it in its file, on the page over it, in templates above, in annotations."""
        yield from self._read(name)[place + 1 :]
        above = [template.name for template in page.templates if template.z_order == "Foreground"]
        if page.name != name and name not in above:
            yield from self._read(page.name)
        for template in above:
            yield from self._read(template)
        prefix = "annotations of page "
        for file, how in self._document.reachable().items():
            if how.startswith(prefix) and id_key(how.removeprefix(prefix)) == id_key(page.id):
                yield from self._read(file)

    def _read(self, name: str) -> tuple[DrawnObject, ...]:
        known = self._objects.get(name)
        if known is None:
            try:
                known = objects_of(self._document.package.xml(name), where=name, resources=self._resources)
            except InputError:
                known = ()
            self._objects[name] = known
        return known


def _by_id(objects: tuple[DrawnObject, ...]) -> dict[str, int | None]:
    """The place of each ID; None for one that several have."""
    found: dict[str, int | None] = {}
    for place, drawn in enumerate(objects):
        key = id_key(drawn.id)
        found[key] = None if key in found else place
    return found


def _is_on(box: Box, page: Box) -> bool:
    """Whether no more than a fifth of a box lies off the paper, whose corner is where boxes are counted from."""
    width = min(box.x + box.w, page.w) - max(box.x, 0.0)
    height = min(box.y + box.h, page.h) - max(box.y, 0.0)
    return width > 0 and height > 0 and width * height >= (1 - _HIDDEN_SHARE) * box.w * box.h


def _hides(other: DrawnObject, box: Box) -> bool:
    """Whether a later object can hide a fifth of a box."""
    if not other.is_filled:
        return False
    width = min(box.x + box.w, other.box.x + other.box.w) - max(box.x, other.box.x)
    height = min(box.y + box.h, other.box.y + other.box.h) - max(box.y, other.box.y)
    return width > 0 and height > 0 and width * height >= _HIDDEN_SHARE * box.w * box.h
