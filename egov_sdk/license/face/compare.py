"""Compare the face of a file with the one that the template gives: byte by byte, and where that differs by object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.codes.masking import mask
from egov_sdk.license.face.objects import DrawnObject, Resources, objects_of, page_form, resources_of
from egov_sdk.ofd import OfdDocument, OfdPage, open_ofd
from egov_sdk.ofd.builder.assembly import write_parts
from egov_sdk.ofd.rootfile import id_key
from egov_sdk.ofd.xml import children, every, local_name

__all__ = ["Difference", "compare_face", "same_files"]

#: The package's own head, whose metadata is compared by meaning.
_HEAD: Final = "OFD.xml"
_BEYOND: Final = ("attachment", "extension", "annotations of", "version ", "cover")
_ABOUT_MM: Final = 0.01


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference: a reason of ``integrity.face``, and its facts."""

    reason: str
    facts: Mapping[str, object] = field(default_factory=dict)


def same_files(document: OfdDocument, expected: Mapping[str, bytes]) -> bool:
    """Whether the document consists of these very files and of no others, whatever its package's head says."""
    package = document.package
    for name, content in expected.items():
        if name != _HEAD and (name not in package or package.read(name) != content):
            return False
    return not document.versions and document.reachable().keys() == expected.keys() - {_HEAD}


def compare_face(document: OfdDocument, expected: Mapping[str, bytes]) -> Difference | None:
    """The first difference from the face that is expected; None when there is none.

    Args:
        expected: The files of a package with the face that the template gives.
    """
    if same_files(document, expected):
        return None
    return next(_differences(document, open_ofd(write_parts(expected)).documents[0]), None)


def _differences(found: OfdDocument, expected: OfdDocument) -> Iterator[Difference]:
    if len(found.pages) != len(expected.pages):
        yield Difference("pages_differ", {"found": len(found.pages), "expected": len(expected.pages)})
        return
    sides = _Side(found), _Side(expected)
    for page, other in zip(found.pages, expected.pages, strict=True):
        yield from _page_differences(page, other, sides)
    yield from _other_files(found, expected)


@dataclass(slots=True)
class _Side:
    """One of the two documents that are compared."""

    document: OfdDocument
    resources: Resources = field(init=False)
    annotations: Mapping[str, Sequence[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.resources = resources_of(self.document)
        prefix = "annotations of page "
        found: dict[str, list[str]] = {}
        for name, how in self.document.reachable().items():
            if how.startswith(prefix):
                found.setdefault(id_key(how.removeprefix(prefix)), []).append(name)
        self.annotations = found

    def files(self, page: OfdPage) -> list[tuple[str, str]]:
        """What is drawn on a page, in order: templates below, the page, templates above, annotations."""
        below = [("below", t.name) for t in page.templates if t.z_order != "Foreground"]
        above = [("above", t.name) for t in page.templates if t.z_order == "Foreground"]
        notes = [("annotations", name) for name in self.annotations.get(id_key(page.id), ())]
        return [*below, ("page", page.name), *above, *notes]

    def form(self, name: str) -> tuple[object, ...]:
        """The whole file in comparable form; the numbers of its templates are left out."""
        tree = self.document.package.xml(name)
        for element in every(tree, "Template"):
            element.set("TemplateID", "")
        return page_form(tree, self.resources)

    def objects(self, name: str) -> tuple[DrawnObject, ...]:
        return objects_of(self.document.package.xml(name), where=name, resources=self.resources)


def _page_differences(page: OfdPage, other: OfdPage, sides: tuple[_Side, _Side]) -> Iterator[Difference]:
    found, expected = sides
    ours, theirs = found.files(page), expected.files(other)
    if _missing(ours, found) or [kind for kind, _ in ours] != [kind for kind, _ in theirs]:
        notes, wanted = ([name for kind, name in files if kind == "annotations"] for files in (ours, theirs))
        if len(notes) > len(wanted):
            yield Difference("file_extra", {"file": notes[-1]})
        else:
            yield Difference("page_differs", {"page": page.index})
        return
    for (_, name), (_, right) in zip(ours, theirs, strict=True):
        if found.form(name) != expected.form(right):
            yield _object_difference(page.index, found.objects(name), expected.objects(right))
    if page.box != other.box:
        yield Difference("page_differs", {"page": page.index})


def _missing(files: Sequence[tuple[str, str]], side: _Side) -> bool:
    return any(name not in side.document.package for _, name in files)


def _object_difference(page: int, found: Sequence[DrawnObject], expected: Sequence[DrawnObject]) -> Difference:
    there, wanted = Counter(o.form for o in found), Counter(o.form for o in expected)
    extra = [o for o in found if there[o.form] > wanted[o.form]]
    missing = [o for o in expected if wanted[o.form] > there[o.form]]
    for lost in missing:
        for other in extra:
            if _same_place(lost, other):
                if lost.kind == other.kind == "TextObject" and lost.text != other.text:
                    return Difference(
                        "text_differs", {"page": page, "found": _shown(other), "expected": _shown(lost)}
                    )  # fmt: skip
                return Difference("look_differs", {"page": page, "found": _shown(other)})
    if extra and not missing:
        return Difference("object_extra", {"page": page, "found": _shown(extra[0])})
    if missing and not extra:
        return Difference("object_missing", {"page": page, "expected": _shown(missing[0])})
    if missing:
        return Difference(
            "text_differs", {"page": page, "found": _shown(extra[0]), "expected": _shown(missing[0])}
        )  # fmt: skip
    return Difference("page_differs", {"page": page})


def _same_place(one: DrawnObject, other: DrawnObject) -> bool:
    return abs(one.box.x - other.box.x) < _ABOUT_MM and abs(one.box.y - other.box.y) < _ABOUT_MM


_KINDS: Final = {"PathObject": "a shape", "ImageObject": "a picture", "CompositeObject": "a composite object"}


def _shown(drawn: DrawnObject) -> str:
    """An object in words: of its text no more than the first and the last character, for it may be personal."""
    what = f"“{mask(drawn.text[:40], head=1, tail=1)}”" if drawn.kind == "TextObject" else _KINDS[drawn.kind]
    return f"{what} at {drawn.box.x:g}, {drawn.box.y:g} mm"


def _other_files(found: OfdDocument, expected: OfdDocument) -> Iterator[Difference]:
    """What is neither on a page nor a resource of one: attachments, extensions, versions, a cover, further tags."""
    allowed = set(expected.reachable().values())
    for name, how in found.reachable().items():
        if how.startswith(_BEYOND) and how not in allowed:
            yield Difference("file_extra", {"file": name})
    if found.versions:
        yield Difference("file_extra", {"file": found.versions[0].name})
    ours, theirs = (_settings(document) for document in (found, expected))
    tags, wanted = (sum(how.startswith("custom tag") for how in d.reachable().values()) for d in (found, expected))
    if ours != theirs or tags != wanted:
        yield Difference("file_differs", {"file": found.root})


#: What a Document.xml has as often as a document needs it.
_REPEATED: Final = frozenset({"MaxUnitID", "PublicRes", "DocumentRes", "TemplatePage"})


def _settings(document: OfdDocument) -> Counter[str]:
    """What a Document.xml has apart from pages, templates and resources: a colour space, actions, outlines, …"""
    root = document.package.xml(document.root)
    names = Counter(name for name, _ in children(root))
    for common in every(root, "CommonData"):
        names.update(f"CommonData/{name}" for name, _ in children(common) if name not in _REPEATED)
    names.update(f"?{element.tag}" for element in root if not local_name(element))
    return names
