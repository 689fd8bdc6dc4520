"""Open an OFD package (OFD 版式文件包) under limits, entirely in memory."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from lxml import etree

from egov_sdk.caches import BoundedCache
from egov_sdk.errors import LimitExceeded
from egov_sdk.limits import DEFAULT_OFD_LIMITS, OfdLimits
from egov_sdk.ofd._zipread import inflate, read_archive
from egov_sdk.ofd._zipwrite import PackedEntry, copied, write_archive
from egov_sdk.ofd.document import OfdDocument, read_documents
from egov_sdk.ofd.problems import PackageNote, refuse
from egov_sdk.ofd.rewrite import rewrite_package
from egov_sdk.ofd.xml import parse_xml

__all__ = ["OfdPackage", "PackageEntry", "Source", "open_ofd"]

_T = TypeVar("_T")

#: The bytes of a package, or the path of its file.
Source = bytes | bytearray | memoryview | str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class PackageEntry:
    """One file in the package: its size, and how many bytes it takes in the archive."""

    name: str
    size: int
    packed_bytes: int
    crc: int
    compressed: bool


def open_ofd(source: Source, *, limits: OfdLimits = DEFAULT_OFD_LIMITS) -> OfdPackage:
    """Open a package; a package that opens is sound as an archive, every entry inflated and its CRC checked.

    Nothing is written anywhere. The package holds the archive and the content of all entries in memory.

    Args:
        source: The bytes of the package, or the path of the file.
        limits: How much is read before the file is refused.
    Raises:
        ParseError: not a ZIP archive, or one that two readers could read differently; the codes are in
            ``egov_sdk.ofd.problems``.
        LimitExceeded: too large, too many entries, or compressed beyond measure.
        OSError: the path cannot be read.
        TypeError: source is neither bytes nor a path.
    """
    archive = _load(source, limits=limits)
    entries, notes = read_archive(archive, limits=limits)
    read = [(entry, inflate(archive, entry)) for entry in entries]
    contents = {entry.name: content for entry, content in read if not entry.is_folder}
    by_name = {entry.name: entry for entry in entries}
    return OfdPackage(
        contents, packed=lambda name: copied(archive, by_name[name]), archive=archive, notes=notes, limits=limits
    )


def _load(source: Source, *, limits: OfdLimits) -> bytes:
    if isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            archive = file.read(limits.file_bytes + 1)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        archive = source if isinstance(source, bytes) else bytes(source)
    else:
        raise TypeError(f"source must be bytes or a path, got {type(source).__name__}")
    if len(archive) > limits.file_bytes:
        raise LimitExceeded("file_bytes", allowed=limits.file_bytes, found=f"at least {len(archive)}")
    return archive


#: Trees of entries up to this size stay with their package: most are looked at from several sides.
_SMALL_XML: Final = 64 << 10
#: What pages, resources and indexes say, by their content: documents of one template have most of them in common.
_FACTS: Final[BoundedCache[tuple[str, str, bytes, OfdLimits], object]] = BoundedCache(16 << 20)


class OfdPackage:
    """A package that was opened, or made and not written yet. It is never changed: ``rewrite`` gives another's bytes.

    Args:
        contents: The files by their names, in order.
        packed: Gives a file as the archive has it, or is to have it.
        archive: The bytes of the package; None for one that is written when it is asked for them.
    """

    __slots__ = ("_archive", "_contents", "_memo", "_packed", "_spent", "limits", "names", "notes")

    def __init__(
        self,
        contents: Mapping[str, bytes],
        *,
        packed: Callable[[str], PackedEntry],
        archive: bytes | None = None,
        notes: tuple[PackageNote, ...] = (),
        limits: OfdLimits = DEFAULT_OFD_LIMITS,
    ) -> None:
        self._archive = archive
        self._contents = contents
        self._packed = packed
        self._memo: dict[object, object] = {}
        self._spent: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.limits = limits
        self.notes = notes
        self.names = tuple(contents)

    def __contains__(self, name: object) -> bool:
        return name in self._contents

    def __repr__(self) -> str:
        return f"<OfdPackage of {len(self.names)} entries, {len(self.archive)} bytes>"

    @property
    def archive(self) -> bytes:
        """The package as it was opened, or as it is written.

        Raises:
            ValueError: one that was made has a name that no package may hold.
        """
        if self._archive is None:
            self._archive = write_archive(map(self._packed, self.names))
        return self._archive

    @property
    def entries(self) -> tuple[PackageEntry, ...]:
        """The files, in the order of their data in the archive."""
        return tuple(
            PackageEntry(e.name, e.size, len(e.packed), e.crc, bool(e.method)) for e in map(self._packed, self.names)
        )

    @property
    def documents(self) -> tuple[OfdDocument, ...]:
        """One document for each DocBody of OFD.xml (文档), in order.

        Raises:
            ParseError: OFD.xml, a Document.xml or a page is missing where it cannot be, or malformed.
            LimitExceeded: more documents, pages or XML than the limits allow.
        """
        return self.memo("documents", lambda: read_documents(self))

    def read(self, name: str) -> bytes:
        """The content of one entry.

        Raises:
            ParseError: there is no such entry (``egov.ofd.package.entry_missing``).
        """
        if name not in self._contents:
            raise refuse("package.entry_missing", where=name)
        return self._contents[name]

    def xml(self, name: str) -> etree._Element:
        """Parse one entry as XML, to be read and never changed; small trees are kept, large ones are parsed anew."""
        data = self.read(name)
        if len(data) > _SMALL_XML:
            return parse_xml(data, where=name, limits=self.limits)
        return self.memo(("tree", name), lambda: parse_xml(data, where=name, limits=self.limits))

    def similar(self, name: str) -> str | None:
        """An entry whose name differs from this one in letter case only; some readers would take it."""
        folded = self.memo("folded", lambda: {known.casefold(): known for known in self.names})
        return folded.get(name.casefold())

    def memo(self, key: object, make: Callable[[], _T]) -> _T:
        """Make a value once for this package and keep it; the key must be unique to the kind of value."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]  # type: ignore[return-value]  # one key always holds one kind of value

    def forget(self) -> None:
        """Let go of what was read in it, to be read anew when it is asked for.

        Documents know their package, so that without this nothing of it is freed until garbage is collected.
        """
        self._memo.clear()

    def facts(self, kind: str, name: str, make: Callable[[], _T]) -> _T:
        """As memo, for what follows from an entry's name and content alone: packages with the same one share it."""
        content = self._contents.get(name)
        if content is None:
            return self.memo((kind, name), make)

        def shared() -> _T:
            key = (kind, name, content, self.limits)
            known = _FACTS.get(key)
            return _FACTS.put(key, make(), weight=len(content)) if known is None else known  # type: ignore[return-value]

        return self.memo((kind, name), shared)

    def spend(self, limit: str, amount: int, *, where: str) -> None:
        """Count what one entry brings against a limit that holds for the whole package.

        Raises:
            LimitExceeded: more has been counted than that field of ``limits`` allows.
        """
        self._spent[limit][where] = amount
        allowed, found = getattr(self.limits, limit), sum(self._spent[limit].values())
        if found > allowed:
            raise LimitExceeded(limit, allowed=allowed, found=found, where=where)

    def rewrite(self, changes: Mapping[str, bytes]) -> bytes:
        """The package with some entries replaced or added, all others byte for byte as they are.

        Args:
            changes: Content by entry name. New names go to the end, in the order given.
        Returns:
            The bytes of the new package, the same for the same input: entries keep their order, dates are fixed.
        Raises:
            ValueError: a name that no package may hold.
        """
        return rewrite_package(self.names, self._packed, changes)
