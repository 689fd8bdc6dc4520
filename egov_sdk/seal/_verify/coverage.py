"""Is what is shown what was signed? Compares what a document reaches with what sound signatures protect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import islice

from egov_sdk.ofd import Box, OfdDocument, OfdPackage
from egov_sdk.ofd.links import Meanings, index_links, resource_meanings
from egov_sdk.ofd.pages import page_facts
from egov_sdk.ofd.problems import shown
from egov_sdk.ofd.rootfile import id_key, root_facts
from egov_sdk.ofd.xml import every, oddity_of
from egov_sdk.report import Check, Outcome
from egov_sdk.seal._verify.facts import DocumentFacts, PackageFacts, SignatureFacts, ValueKind
from egov_sdk.seal._verify.integrity import SHOWN_PROBLEMS
from egov_sdk.seal.checks import CHECKS

__all__ = ["ambiguities", "check_coverage", "check_whole", "is_encrypted", "own_files"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED

#: The fixed names of the package itself; GM/T 0099 adds the list of entries.
_PACKAGE_FILES = frozenset({"OFD.xml"})
_SHOWN_NAMES = 6

#: How the files of the pages themselves are reached, of a version too.
_PAGE_WAYS = re.compile(r"(version .*)?(page \d|template |document root)")
_ANNOTATIONS_WAY = "annotations of page "
#: What may rightly be added after a signature and be protected by a later one only.
_ADDITION_WAYS = re.compile(r"(version .*)?(annotations|attachment|custom tag|extension)")


def check_coverage(facts: PackageFacts) -> Iterator[Check]:
    """All coverage checks; ``standing`` must have been set on every signature."""
    protected = _Protected(
        sure=frozenset().union(*(s.covered for s in facts.signatures if s.standing is _PASSED)),
        perhaps=frozenset().union(*(s.covered for s in facts.signatures if s.standing is _UNKNOWN)),
    )
    reached: dict[str, str] = {}
    for document in facts.documents:
        reached.update(document.document.reachable())
    yield _documents(facts)
    for one in facts.documents:
        yield _package_root(one.document, protected, len(facts.documents))
    yield from _pages(facts, protected)
    yield from _resources(facts, reached, protected)
    yield _extra_files(facts, reached, protected)
    for signature in facts.signatures:
        yield from _stamps(signature)
    yield from _later_additions(facts)
    yield from _list_closed(facts)
    yield _picture_only(facts)


def check_whole(facts: PackageFacts, signature: SignatureFacts) -> Iterator[Check]:
    """Where one signature shows its seal, and whether it protects all files that it can.

    That is every file but the lists of signatures, its own description and its value.
    """
    yield from _stamps(signature)
    lists = {one.document.signatures_name for one in facts.documents}
    open_ = set(facts.package.names) - signature.covered - lists - set(own_files(signature))
    if open_:
        yield CHECKS.check(
            "coverage.resources", _FAILED, "uncovered_content", subject=signature.subject, files=_names(open_)
        )


@dataclass(frozen=True, slots=True)
class _Protected:
    """Files that signatures list: surely, or by signatures that could not be decided."""

    sure: frozenset[str]
    perhaps: frozenset[str]

    def __contains__(self, name: str) -> bool:
        return name in self.sure

    def verdict(self, open_: Iterable[str], reason: str) -> tuple[Outcome, str]:
        """What to say of files not surely protected: the reason given, unless a signature may yet protect them."""
        if all(name in self.perhaps for name in open_):
            return _UNKNOWN, "only_undecided"
        return _FAILED, reason


def _names(names: Iterable[str]) -> str:
    ordered = sorted(names)
    shown = ", ".join(f"/{name}" for name in ordered[:_SHOWN_NAMES])
    more = len(ordered) - _SHOWN_NAMES
    return f"{shown} (+{more})" if more > 0 else shown


def _documents(facts: PackageFacts) -> Check:
    best = {one.document.index + 1: _best(one.signatures) for one in facts.documents}
    bare = [index for index, standing in best.items() if standing is not _PASSED]
    if bare:
        failed = [index for index in bare if best[index] is _FAILED]
        outcome, reason = (_FAILED, "unsigned_document") if failed else (_UNKNOWN, "undecided_document")
        documents = ", ".join(map(str, failed or bare))
        return CHECKS.check("coverage.documents", outcome, reason, documents=documents)
    return CHECKS.check("coverage.documents", _PASSED, "ok", count=len(facts.documents))


def _best(signatures: list[SignatureFacts]) -> Outcome:
    standings = {signature.standing for signature in signatures}
    return next((outcome for outcome in (_PASSED, _UNKNOWN) if outcome in standings), _FAILED)


def _package_root(document: OfdDocument, protected: _Protected, documents: int) -> Check:
    name, subject = "coverage.package_root", f"document {document.index + 1}" if documents > 1 else ""
    if "OFD.xml" in protected:
        return CHECKS.check(name, _PASSED, "ok", subject=subject)
    reason = "root_unprotected" if document.root in protected else "root_replaced"
    return CHECKS.check(
        name, *protected.verdict(["OFD.xml"], reason), subject=subject, root=document.root, files="/OFD.xml"
    )


def _page_files(facts: PackageFacts) -> dict[str, str]:
    """Page contents and their templates, with how each is reached."""
    return {
        name: how for one in facts.documents for name, how in one.document.reachable().items() if _PAGE_WAYS.match(how)
    }


def _pages(facts: PackageFacts, protected: _Protected) -> Iterator[Check]:
    name, pages = "coverage.pages", _page_files(facts)
    problems = [*_unprotected(name, pages.keys() - protected.sure, protected), *_missing(facts, pages=True)]
    problems += [
        CHECKS.check(name, _UNKNOWN, "ambiguous_content", detail=detail)
        for one in facts.documents
        for detail in ambiguities(one.document)
    ]
    problems += _left_out(name, facts, protected, lambda how: bool(_PAGE_WAYS.match(how)))
    yield from problems or [CHECKS.check(name, _PASSED, "ok", count=len(pages))]


def _resources(facts: PackageFacts, reached: dict[str, str], protected: _Protected) -> Iterator[Check]:
    name, others = "coverage.resources", reached.keys() - _page_files(facts).keys() - _PACKAGE_FILES
    problems = [*_unprotected(name, others - protected.sure, protected), *_missing(facts, pages=False)]
    problems += _left_out(
        name, facts, protected, lambda how: not _PAGE_WAYS.match(how) and not _ADDITION_WAYS.match(how)
    )
    yield from problems or [CHECKS.check(name, _PASSED, "ok", count=len(others))]


def _unprotected(name: str, open_: Set[str], protected: _Protected) -> Iterator[Check]:
    if open_:
        yield CHECKS.check(name, *protected.verdict(open_, "uncovered_content"), files=_names(open_))


def _missing(facts: PackageFacts, *, pages: bool) -> Iterator[Check]:
    """What is named and not there: taken away since, or stored under a name that only some readers try."""
    name = "coverage.pages" if pages else "coverage.resources"
    missing = {
        file.name
        for one in facts.documents
        for file in one.document.missing
        if bool(_PAGE_WAYS.match(file.how)) is pages
        and (file.similar or not _RESOURCE_WAYS.fullmatch(file.how) or _uses_resources(facts, one.document))
    }
    if missing:
        yield CHECKS.check(name, _UNKNOWN, "missing_content", files=_names(missing))


def _uses_resources(facts: PackageFacts, document: OfdDocument) -> bool:
    """Does anything drawn ask for a resource by number? Where nothing does, a missing list of them changes nothing."""
    drawn = (name for name, how in document.reachable().items() if _PAGE_WAYS.match(how) or _ADDITION_WAYS.match(how))
    return any(_RESOURCE_USED.search(facts.package.read(name)) for name in drawn)


_RESOURCE_WAYS = re.compile(r"(version .* )?(public resources|document resources|resources of .*)")
_RESOURCE_USED = re.compile(rb"(Font|ResourceID|DrawParam|ColorSpace|Substitution|ImageMask|Thumbnail|DefaultCS)\b")


def _left_out(name: str, facts: PackageFacts, protected: _Protected, wanted: Callable[[str], bool]) -> Iterator[Check]:
    """What a signature does not protect itself: that others do says nothing of what its owner saw and signed."""
    for one in facts.documents:
        shown = {file for file, how in one.document.reachable().items() if wanted(how)} & protected.sure
        for signature in one.signatures:
            open_ = shown - signature.covered
            if open_ and signature.standing is not _FAILED:
                outcome = _FAILED if signature.standing is _PASSED else _UNKNOWN
                yield CHECKS.check(name, outcome, "protected_by_others", subject=signature.subject, files=_names(open_))


def ambiguities(document: OfdDocument) -> Iterator[str]:
    """Where readers of one document may rightly differ about what it shows."""
    yield from (note.message.en for note in document.notes if note.code in _NOTES_OF_AMBIGUITY)
    ids = Counter(id_key(page.id) for page in document.pages)
    yield from (f"{times} pages have the ID {page_id}" for page_id, times in ids.items() if times > 1)
    for version in document.versions:
        if version.current and version.root != document.root:
            yield f"the current version {version.id} is not the document itself"
    kinds = Counter(kind for kind, _ in root_facts(document.package, document.root).indexes)
    yield from (f"{document.root} names {times} files as {kind}" for kind, times in kinds.items() if times > 1)
    if twice := sorted(_resources_of_two_meanings(document)):
        told = ", ".join(f"{kind} {number}" for kind, number in twice[:_SHOWN_NAMES])
        yield f"defined in more than one way: {shown(told)}"
    odd = ((name, _oddity(document.package, name)) for name in dict.fromkeys(_drawn_from(document)))
    yield from islice((f"/{name} has {what}" for name, what in odd if what), 1)


def _oddity(package: OfdPackage, name: str) -> str:
    return package.facts("oddity", name, lambda: oddity_of(package.xml(name))) if name in package else ""


def _drawn_from(document: OfdDocument) -> Iterator[str]:
    """The files in which readers look for what they show."""
    package, facts = document.package, root_facts(document.package, document.root)
    yield from ("OFD.xml", document.root)
    yield from (name for _, name in facts.resources)
    for name in _pages_of(document):
        yield from (name, *page_facts(package, name).resources)
    for kind, name in facts.indexes:
        if kind == "Annotations" and name in package:
            yield from (name, *index_links(package, kind, name))


def _pages_of(document: OfdDocument) -> tuple[str, ...]:
    """Its pages and templates."""
    facts = root_facts(document.package, document.root)
    return (*(page.name for page in facts.pages), *(template.name for template in facts.templates))


def _resources_of_two_meanings(document: OfdDocument) -> set[tuple[str, str]]:
    """Resources of one number, for all pages or for one and all, of which one reader takes this and another that."""
    package, facts = document.package, root_facts(document.package, document.root)
    common = _merged(package, (name for _, name in facts.resources))
    own = {resources for name in _pages_of(document) if (resources := page_facts(package, name).resources)}
    scopes = [common, *(_merged(package, resources) for resources in own)]
    return {key for scope in scopes for key, said in scope.items() if len(said | common.get(key, said)) > 1}


def _merged(package: OfdPackage, names: Iterable[str]) -> Meanings:
    found: dict[tuple[str, str], frozenset[tuple[bytes, str]]] = {}
    for name in names:
        for key, said in resource_meanings(package, name).items():
            found[key] = found.get(key, said) | said
    return found


#: Things that may stand twice, of which readers take one or the other.
_NOTES_OF_AMBIGUITY = frozenset({"egov.ofd.document.duplicate_id", "egov.ofd.document.several_current_versions"})


def own_files(signature: SignatureFacts) -> Iterator[str]:
    """The files that make up a signature: its description, its value, and its seal."""
    yield signature.entry.base_name
    if signature.file is not None:
        yield signature.file.value_name
        # only beside a seal's value is a seal file compared with anything
        if signature.file.seal_name and signature.kind in (None, ValueKind.SEAL):
            yield signature.file.seal_name


def _bookkeeping(facts: PackageFacts) -> frozenset[str]:
    """The files of the signatures themselves: each protects its own by other means than a reference."""
    lists = {one.document.signatures_name for one in facts.documents}
    own = {name for signature in facts.signatures for name in own_files(signature)}
    return frozenset(name for name in lists | own if name)


def is_encrypted(package: OfdPackage) -> bool:
    """Whether readers of GM/T 0099 would show decrypted files in place of those that are there."""
    return any(name.casefold() == "encryptions.xml" for name in package.names)


def _extra_files(facts: PackageFacts, reached: dict[str, str], protected: _Protected) -> Check:
    extra = set(facts.package.names) - reached.keys() - protected.sure - _bookkeeping(facts) - _PACKAGE_FILES
    if extra:
        return CHECKS.check("coverage.extra_files", *protected.verdict(extra, "extra_file"), files=_names(extra))
    if is_encrypted(facts.package):
        return CHECKS.check("coverage.extra_files", _UNKNOWN, "encrypted_package")
    hidden = [note for note in facts.package.notes if note.code in _NOTES_OF_HIDDEN_CONTENT]
    if hidden:
        notes = "; ".join(note.message.en for note in hidden)
        return CHECKS.check("coverage.extra_files", _FAILED, "package_note", notes=notes)
    return CHECKS.check("coverage.extra_files", _PASSED, "ok")


#: Oddities of the archive in which bytes are carried that no entry holds.
_NOTES_OF_HIDDEN_CONTENT = frozenset({"egov.ofd.package.prefix_data", "egov.ofd.package.archive_comment"})


# ---------------------------------------------------------------------- stamps


def _stamps(signature: SignatureFacts) -> Iterator[Check]:
    name, subject = "coverage.stamps", signature.subject
    if not signature.readable or signature.file is None:
        yield CHECKS.check(name, _UNKNOWN, "unreadable", subject=subject)
        return
    if signature.seal_value is None:
        shows = bool(signature.file.stamps)
        outcome, reason = (_FAILED, "stamp_without_seal") if shows else (_SKIPPED, "not_a_seal")
        yield CHECKS.check(name, outcome, reason, subject=subject)
        return
    bad = 0
    for stamp in signature.file.stamps:
        if bad == SHOWN_PROBLEMS:
            return
        page = signature.document.page_by_id(stamp.page_ref)
        if page is None:
            bad += 1
            yield CHECKS.check(name, _FAILED, "page_missing", subject=subject, page=stamp.page_ref)
            continue
        detail = _shape_problem(stamp.boundary, stamp.clip, page.box)
        if detail:
            bad += 1
            yield CHECKS.check(name, _FAILED, "stamp_shape", subject=subject, page=page.index, detail=detail)
    if not signature.file.stamps:
        yield CHECKS.check(name, _SKIPPED, "no_stamp", subject=subject)
    elif not bad:
        yield CHECKS.check(name, _PASSED, "ok", subject=subject, count=len(signature.file.stamps))


def _shape_problem(frame: Box, clip: Box | None, page: Box) -> str:
    """Why a stamp's frame or clip cannot be; empty when it can. A seam seal hangs over the edge, rightly.

    The page's own corner is the origin (GB/T 33190, PhysicalBox), wherever its box says that it lies.
    """
    if frame.w <= 0 or frame.h <= 0:
        return f"the frame {frame} has no area"
    if frame.w > page.w or frame.h > page.h:
        return f"the frame {frame} is larger than the page {page}"
    shown = Box(frame.x, frame.y, frame.w, frame.h)
    slack = 0.05  # millimetres: makers round
    if clip is not None:
        if clip.w <= 0 or clip.h <= 0:
            return f"the clip {clip} has no area"
        inside = (
            clip.x >= -slack
            and clip.y >= -slack
            and clip.x + clip.w <= frame.w + slack
            and clip.y + clip.h <= frame.h + slack
        )
        if not inside:
            return f"the clip {clip} is not inside the frame {frame}"
        shown = Box(frame.x + clip.x, frame.y + clip.y, clip.w, clip.h)
    if shown.x >= page.w or shown.y >= page.h or shown.x + shown.w <= 0 or shown.y + shown.h <= 0:
        return f"the seal at {shown} is off the page {page}"
    return ""


# ---------------------------------------------------------------------- what is told


def _later_additions(facts: PackageFacts) -> Iterator[Check]:
    """What other signatures protect and one does not; their order in the list, which may be open, says nothing."""
    bookkeeping = _bookkeeping(facts)
    for one in facts.documents:
        sound = [signature for signature in one.signatures if signature.standing is _PASSED]
        later = frozenset().union(*(signature.covered for signature in sound)) - bookkeeping
        for signature in sound:
            added = later - signature.covered
            outcome, reason = (_UNKNOWN, "added_later") if added else (_PASSED, "ok")
            yield CHECKS.check(
                "coverage.later_additions", outcome, reason, subject=signature.subject, files=_names(added)
            )


def _list_closed(facts: PackageFacts) -> Iterator[Check]:
    for one in facts.documents:
        name = one.document.signatures_name
        if name is None or not one.signatures:
            continue
        closers = [s.subject for s in facts.signatures if s.standing is _PASSED and name in s.covered]
        if closers:
            yield CHECKS.check("coverage.list_closed", _PASSED, "closed", by=", ".join(closers))
        else:
            yield CHECKS.check("coverage.list_closed", _UNKNOWN, "open")


def _picture_only(facts: PackageFacts) -> Check:
    """Stamp annotations that draw something on a page where no signature has a stamp."""
    pages = [str(page) for one in facts.documents for page in _unsigned_stamp_pages(facts, one)]
    if pages:
        return CHECKS.check("coverage.picture_only", _UNKNOWN, "picture_only", pages=", ".join(pages))
    return CHECKS.check("coverage.picture_only", _PASSED, "ok")


def _unsigned_stamp_pages(facts: PackageFacts, one: DocumentFacts) -> Iterator[int]:
    stamps = [stamp for s in one.signatures if s.file is not None for stamp in s.file.stamps]
    stamped = {page.index for stamp in stamps if (page := one.document.page_by_id(stamp.page_ref)) is not None}
    for name, how in one.document.reachable().items():
        if not how.startswith(_ANNOTATIONS_WAY):
            continue
        page = one.document.page_by_id(how.removeprefix(_ANNOTATIONS_WAY))
        if page is not None and page.index not in stamped and _draws_stamp(facts, name):
            yield page.index


def _draws_stamp(facts: PackageFacts, name: str) -> bool:
    """Does an annotation of type Stamp draw anything? An empty one only keeps a place."""
    return facts.package.memo(("draws a stamp", name), lambda: _has_drawn_stamp(facts, name))


def _has_drawn_stamp(facts: PackageFacts, name: str) -> bool:
    return any(
        len(appearance) > 0
        for annotation in every(facts.package.xml(name), "Annot")
        if annotation.get("Type") == "Stamp"
        for appearance in every(annotation, "Appearance")
    )
