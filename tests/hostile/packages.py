"""Packages that must be refused, each with the code or the limit that says why; and odd ones that must open.

Run as a program it opens them all and prints how long the slowest took and how much memory the process
used; it ends with an error when anything was opened for writing.
"""

from __future__ import annotations

import functools
import json
import resource
import struct
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.ofd import OfdBuilder, open_ofd
from tests.hostile.zipforge import STORE, U32, Entry, bomb, entries_of, forge, symlink, zip64_extra

__all__ = ["BAD_XML", "ODD", "REFUSED", "genuine", "replacing", "verdict"]


def genuine() -> bytes:
    """A small honest document."""
    builder = OfdBuilder(created=date(2026, 11, 21), title="样本", doc_id="0" * 32)
    return builder.page().text(20, 20, "施工许可证 No. 42").watermark("样章").build()


def _with(*more: Entry, **lies: object) -> bytes:
    return forge([*entries_of(genuine()), *more], **lies)  # type: ignore[arg-type]  # lies are forge's own names


def _first(**changes: object) -> bytes:
    """The genuine package with its first entry forged."""
    first, *rest = entries_of(genuine())
    return forge([Entry(first.name, first.content, **changes), *rest])  # type: ignore[arg-type]  # likewise


def _size() -> int:
    return len(entries_of(genuine())[0].content)


def _packed() -> int:
    return len(entries_of(genuine())[0].packed())


def _many(count: int) -> bytes:
    return forge([Entry(f"f{number}", b"", method=STORE) for number in range(count)], zip64_end={})


def _quoted() -> bytes:
    """One entry whose data is the local record of another, so that bytes are counted twice."""
    inner = forge([Entry("b.xml", b"<b/>", method=STORE)])[: 30 + 5 + 4]
    outer = Entry("a.bin", inner, method=STORE)
    shown = Entry("b.xml", b"<b/>", method=STORE, central={"offset": 30 + 5})
    whole = forge([outer, shown])
    # Cut the second local record away again: only its directory record is wanted.
    return whole[: 30 + 5 + len(inner)] + _moved(whole[30 + 5 + len(inner) + 39 :], -39)


def _moved(tail: bytes, by: int) -> bytes:
    """A directory whose end record points somewhere else."""
    (offset,) = struct.unpack_from("<L", tail, len(tail) - 6)
    return tail[:-6] + struct.pack("<LH", offset + by, 0)


_SECOND = Entry("Doc_0/Pages/Page_0/Content.xml", b"<forged/>")
_UNICODE_PATH = struct.pack("<2HBL", 0x7075, 5 + 5, 1, 0) + b"b.xml"

#: What must be refused: a function that makes the package, and the code without its ``egov.ofd.`` or, for a
#: limit, the name of the limit behind a colon.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    # names
    "duplicate name": (lambda: _with(_SECOND), "package.duplicate_entry"),
    "duplicate name with the same content": (lambda: _with(entries_of(genuine())[0]), "package.duplicate_entry"),
    "duplicate name of one letter": (lambda: _with(Entry("a"), Entry("a")), "package.duplicate_entry"),
    "name in other letter case": (lambda: _with(Entry("doc_0/DOCUMENT.xml")), "package.alias_entry"),
    "name in another Unicode form": (lambda: _with(Entry("\u00e9.xml"), Entry("e\u0301.xml")), "package.alias_entry"),
    "name with a trailing dot": (lambda: _with(Entry("OFD.xml.")), "package.alias_entry"),
    "name with a trailing blank in a folder": (lambda: _with(Entry("Doc_0 /Document.xml")), "package.alias_entry"),
    "backslash": (lambda: _with(Entry("Doc_0\\Document.xml")), "package.unsafe_name"),
    "dot slash": (lambda: _with(Entry("./OFD.xml")), "package.unsafe_name"),
    "double slash": (lambda: _with(Entry("Doc_0//Document.xml")), "package.unsafe_name"),
    "parent folder": (lambda: _with(Entry("../../evil.txt")), "package.unsafe_name"),
    "parent folder inside": (lambda: _with(Entry("Doc_0/../OFD2.xml")), "package.unsafe_name"),
    "folder entry above the root": (lambda: _with(Entry("../evil/", method=STORE)), "package.unsafe_name"),
    "absolute name": (lambda: _with(Entry("/etc/passwd")), "package.unsafe_name"),
    "drive letter": (lambda: _with(Entry("C:/evil.txt")), "package.unsafe_name"),
    "NUL in a name": (lambda: _with(Entry("OFD.xml\0.png")), "package.unsafe_name"),
    "line break in a name": (lambda: _with(Entry("a\nb")), "package.unsafe_name"),
    "right-to-left mark in a name": (lambda: _with(Entry("a\u202eb")), "package.unsafe_name"),
    "empty name": (lambda: _with(Entry("")), "package.unsafe_name"),
    "name that is not UTF-8": (lambda: _with(Entry(b"\xff\xfe", flags=0x800)), "package.unsafe_name"),
    "symbolic link": (lambda: _with(symlink("evil", "/etc/passwd")), "package.symlink"),
    "symbolic link to a folder": (lambda: _with(symlink("evil/", "/etc")), "package.symlink"),
    "pipe": (lambda: _with(Entry("pipe", attributes=0o010644 << 16)), "package.special_file"),
    "device": (lambda: _with(Entry("disk", attributes=0o060644 << 16)), "package.special_file"),
    "folder with content": (lambda: _with(Entry("Evil/", b"payload")), "package.folder_content"),
    "file under a file": (lambda: _with(Entry("OFD.xml/evil")), "package.file_as_folder"),
    "folder that is a file": (lambda: _with(Entry("ofd.xml/", method=STORE)), "package.file_as_folder"),
    # what two readers would read differently
    "local entry without a directory record": (
        lambda: forge([*entries_of(genuine()), Entry(_SECOND.name, _SECOND.content, hidden=True)]),
        "package.hidden_entry",
    ),
    "hidden entry in the middle": (
        lambda: forge([Entry("a", b"1"), Entry("OFD.xml", b"<x/>", hidden=True), Entry("b", b"2")]),
        "package.hidden_entry",
    ),
    "hidden entry at the front": (
        lambda: forge([Entry("OFD.xml", b"<x/>", hidden=True), *entries_of(genuine())]),
        "package.hidden_prefix",
    ),
    "hidden entry behind a descriptor": (
        lambda: forge([Entry("a", b"1", descriptor=b""), Entry("OFD.xml", b"<x/>", hidden=True), Entry("b", b"2")]),
        "package.hidden_entry",
    ),
    "bytes between entries": (lambda: _with(Entry("a", before=b"hidden")), "package.hidden_data"),
    "bytes before the directory": (lambda: _with(before_directory=b"hidden"), "package.hidden_data"),
    "a whole archive in front": (lambda: _with(prefix=genuine()), "package.hidden_prefix"),
    "a whole archive in front, offsets not counted": (
        lambda: _with(prefix=genuine(), prefix_counts=False),
        "package.hidden_prefix",
    ),
    "two records for one local header": (
        lambda: _with(Entry("again", central={"offset": 0})),
        "package.overlap",
    ),
    "quoted overlap": (_quoted, "package.overlap"),
    "local name differs": (lambda: _first(local={"name": b"OFX.xml"}), "package.local_mismatch"),
    "local method differs": (lambda: _first(local={"method": STORE}), "package.local_mismatch"),
    "local flags differ": (lambda: _first(local={"flags": 0x0800}), "package.local_mismatch"),
    "local size differs": (lambda: _first(local={"size": 7}), "package.local_mismatch"),
    "local packed size differs": (lambda: _first(local={"packed": 7}), "package.local_mismatch"),
    "local CRC differs": (lambda: _first(local={"crc": 7}), "package.local_mismatch"),
    "no local header": (lambda: _with(Entry("a", central={"offset": 9})), "package.local_mismatch"),
    "offset into other data": (lambda: _with(Entry("a", central={"offset": 100})), "package.overlap"),
    "offset outside": (lambda: _with(Entry("a", central={"offset": 0x7FFFFFFF})), "package.directory_malformed"),
    "another name in the Unicode extra": (lambda: _first(central={"extra": _UNICODE_PATH}), "package.local_mismatch"),
    "another name in the local Unicode extra": (
        lambda: _first(local={"extra": _UNICODE_PATH}),
        "package.local_mismatch",
    ),
    "extra field cut off": (lambda: _first(central={"extra": b"\x01\x00\x99\x00"}), "package.extra_malformed"),
    "extra field with leftovers": (lambda: _first(local={"extra": b"\0\0\1"}), "package.extra_malformed"),
    "two 64-bit extras": (
        lambda: _first(central={"extra": zip64_extra(_size()) + zip64_extra(_size())}),
        "package.extra_malformed",
    ),
    "descriptor lies": (
        lambda: _first(descriptor=struct.pack("<4s3L", b"PK\7\10", 1, 2, 3)),
        "package.descriptor_mismatch",
    ),
    "descriptor cut off": (lambda: _first(descriptor=b"PK\7\10"), "package.descriptor_mismatch"),
    "stored data with a descriptor inside": (
        lambda: _with(Entry("a", b"xPK\7\10x", method=STORE, descriptor=b"")),
        "package.descriptor_mismatch",
    ),
    # data
    "encrypted": (lambda: _first(flags=0x0001), "package.encrypted"),
    "strongly encrypted": (lambda: _first(flags=0x0041), "package.encrypted"),
    "bzip2": (lambda: _first(method=12), "package.method"),
    "AES method": (lambda: _first(method=99), "package.method"),
    "patch data": (lambda: _first(flags=0x0020), "package.method"),
    "wrong CRC": (lambda: _first(central={"crc": 1}, local={"crc": 1}), "package.crc_mismatch"),
    "wrong CRC of an entry that nobody reads": (
        lambda: _with(Entry("a", b"a", central={"crc": 1}, local={"crc": 1})),
        "package.crc_mismatch",
    ),
    "holds more than declared": (lambda: _first(central={"size": 9}, local={"size": 9}), "package.size_mismatch"),
    "holds less than declared": (
        lambda: _first(central={"size": 9999}, local={"size": 9999}),
        "package.size_mismatch",
    ),
    "stored size differs": (
        lambda: _with(Entry("a", b"abc", method=STORE, central={"size": 2}, local={"size": 2})),
        "package.size_mismatch",
    ),
    "300 MB declared as 9 bytes": (
        lambda: forge([_declared(bomb("OFD.xml", 300 << 20), 9)]),
        "package.size_mismatch",
    ),
    "deflate is garbage": (lambda: _first(raw=b"\xff" * 40), "package.deflate_malformed"),
    "deflate is cut off": (lambda: _first(raw=entries_of(genuine())[0].packed()[:-3]), "package.deflate_malformed"),
    "bytes after the deflate stream": (
        lambda: _first(raw=entries_of(genuine())[0].packed() + b"hidden"),
        "package.deflate_malformed",
    ),
    # directory
    "empty file": (lambda: b"", "package.not_a_zip"),
    "not a ZIP": (lambda: b"%PDF-1.7\n" * 1000, "package.not_a_zip"),
    "end record cut off": (lambda: genuine()[:-3], "package.directory_malformed"),
    "comment cut off": (lambda: _with(end={"comment": 5}), "package.directory_malformed"),
    "bytes after the end": (lambda: _with(suffix=b"\0"), "package.trailing_data"),
    "an end record in the comment": (
        lambda: _with(comment=forge([Entry("OFD.xml", b"<x/>")])[-22:] + b"!"),
        "package.trailing_data",
    ),
    "counts too few": (lambda: _with(end={"count": 1, "here": 1}), "package.directory_malformed"),
    "counts too many": (lambda: _with(end={"count": 99, "here": 99}), "package.directory_malformed"),
    "counts 4096 that are not there": (
        lambda: _with(end={"count": 4096, "here": 4096}),
        "package.directory_malformed",
    ),
    "several disks": (lambda: _with(end={"disk": 1}), "package.directory_malformed"),
    "entry on another disk": (lambda: _first(central={"disk": 1}), "package.directory_malformed"),
    "counts differ by disk": (lambda: _with(end={"here": 1}), "package.directory_malformed"),
    "directory too large": (lambda: _with(end={"size": 0x7FFFFFFF}), "package.directory_malformed"),
    "directory too far": (lambda: _with(end={"offset": 0x7FFFFFFF}), "package.directory_malformed"),
    "directory too small": (lambda: _with(end={"size": 46}), "package.directory_malformed"),
    "record runs past the directory": (
        lambda: forge([Entry("a", central={"name": b"a" * 40})], end={"size": 60}, prefix=b"x"),
        "package.directory_malformed",
    ),
    "bytes in the directory": (lambda: _with(after_directory=b"PK\1\2"), "package.directory_malformed"),
    "garbage for a record": (
        lambda: forge([], after_directory=b"\0" * 46, end={"count": 1, "here": 1, "size": 46}),
        "package.directory_malformed",
    ),
    "no entries": (lambda: forge([]), "package.no_ofd_xml"),
    "no OFD.xml": (lambda: forge([Entry("Doc_0/OFD.xml", b"<x/>")]), "package.no_ofd_xml"),
    "OFD.xml in small letters": (lambda: forge([Entry("ofd.xml", b"<x/>")]), "package.no_ofd_xml"),
    # 64 bit
    "64-bit size without its extra": (
        lambda: _first(central={"size": U32}, local={"size": U32}),
        "package.zip64_mismatch",
    ),
    "64-bit extra too short": (
        lambda: _first(central={"size": U32, "packed": U32, "extra": zip64_extra(9)}),
        "package.zip64_mismatch",
    ),
    "64-bit extra beside another size": (
        lambda: _first(central={"extra": zip64_extra(9, 9)}),
        "package.zip64_mismatch",
    ),
    "64-bit local extra beside another size": (
        lambda: _first(local={"extra": zip64_extra(9, 9)}),
        "package.zip64_mismatch",
    ),
    "64-bit local size differs": (
        lambda: _first(local={"size": U32, "packed": U32, "extra": zip64_extra(9, _packed())}),
        "package.local_mismatch",
    ),
    "64-bit end counts otherwise": (lambda: _with(zip64_end={"count": 1}), "package.zip64_mismatch"),
    "64-bit locator points elsewhere": (lambda: _with(zip64_end={"locator": 0}), "package.zip64_mismatch"),
    "64-bit end of another length": (lambda: _with(zip64_end={"length": 60}), "package.zip64_mismatch"),
    "64-bit locator of several disks": (lambda: _with(zip64_end={"disks": 2}), "package.zip64_mismatch"),
    "64-bit locator without a record": (
        lambda: _with(after_directory=struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)),
        "package.zip64_mismatch",
    ),
    "64-bit locator in an empty file": (
        lambda: forge([], after_directory=struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)),
        "package.zip64_mismatch",
    ),
    # limits
    "70 000 entries": (lambda: _many(70_000), ":entries"),
    "65 535 claimed": (lambda: _with(end={"count": 65_535, "here": 65_535}), ":entries"),
    "300 MB from 300 kB": (lambda: _with(bomb("Doc_0/zeros", 300 << 20)), ":entry_bytes"),
    "60 MB from 60 kB": (lambda: _with(bomb("Doc_0/zeros", 60 << 20)), ":ratio"),
    "many small bombs": (lambda: _with(*(bomb(f"z{n}", 1 << 20) for n in range(200))), ":ratio"),
    "300 MB claimed in total": (
        lambda: _with(*(_declared(Entry(f"z{n}", raw=b"\0" * (1 << 19), content=b""), 60 << 20) for n in range(5))),
        ":total_bytes",
    ),
    "long name": (lambda: _with(Entry("n" * 600)), ":name_bytes"),
}


def _declared(entry: Entry, size: int) -> Entry:
    return Entry(
        entry.name, raw=entry.raw, central={**entry.central, "size": size}, local={**entry.local, "size": size}
    )


#: What must open all the same, with the codes of its notes.
ODD: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "plain": (genuine, ()),
    "text before the archive": (lambda: _with(prefix=b"#!/bin/sh\n"), ("package.prefix_data",)),
    "text before the archive, offsets not counted": (
        lambda: _with(prefix=b"#!/bin/sh\n", prefix_counts=False),
        ("package.prefix_data",),
    ),
    "comment": (lambda: _with(comment=b"made by hand"), ("package.archive_comment",)),
    "folders": (lambda: _with(Entry("Doc_0/", method=STORE), Entry("Empty/", raw=b"\3\0")), ()),
    "folder twice": (lambda: _with(Entry("Doc_0/", method=STORE), Entry("Doc_0/", method=STORE)), ()),
    "deflated folder without data": (lambda: _with(Entry("Doc_0/", raw=b"")), ()),
    "stored": (lambda: forge([Entry(e.name, e.content, method=STORE) for e in entries_of(genuine())]), ()),
    "descriptors": (lambda: forge([Entry(e.name, e.content, descriptor=b"") for e in entries_of(genuine())]), ()),
    "descriptor without its sign": (
        lambda: _with(Entry("a", b"", method=STORE, descriptor=struct.pack("<3L", 0, 0, 0))),
        (),
    ),
    "descriptor of 64 bits": (
        lambda: _with(Entry("a", b"", method=STORE, descriptor=struct.pack("<4sL2Q", b"PK\7\10", 0, 0, 0))),
        (),
    ),
    "descriptor after stored data": (
        lambda: _with(Entry("a", b"data", method=STORE, descriptor=b"")),
        ("package.stored_with_descriptor",),
    ),
    "directory in another order": (lambda: _reordered(), ()),
    "64-bit end": (lambda: _with(zip64_end={}), ()),
    "64-bit end only": (
        lambda: _with(zip64_end={}, end={"count": 0xFFFF, "here": 0xFFFF, "size": U32, "offset": U32}),
        (),
    ),
    "64-bit sizes": (
        lambda: _first(
            central={"size": U32, "packed": U32, "extra": zip64_extra(_size(), _packed())},
            local={"size": U32, "packed": U32, "extra": zip64_extra(_size(), _packed())},
        ),
        (),
    ),
    "64-bit extra that is not needed": (
        lambda: _first(
            central={"extra": zip64_extra(_size(), _packed())}, local={"extra": zip64_extra(_size(), _packed())}
        ),
        (),
    ),
    "64-bit room kept free": (lambda: _first(local={"extra": zip64_extra(0, 0)}), ()),
    "same name in the Unicode extra": (
        lambda: _first(central={"extra": struct.pack("<2HBL", 0x7075, 5 + 7, 1, 0) + b"OFD.xml"}),
        (),
    ),
    "padding in the extra field": (lambda: _first(local={"extra": b"\0\0\0"}), ()),
    "compression level in the flags": (lambda: _first(local={"flags": 2}), ()),
    "Chinese name marked as UTF-8": (lambda: _with(Entry("附件.xml")), ()),
    "Chinese name without a mark": (
        lambda: _with(Entry("附件.xml".encode(), central={"flags": 0}, local={"flags": 0})),
        ("package.name_encoding",),
    ),
    "Chinese name in GBK": (
        lambda: _with(Entry("附件.xml".encode("gbk"), central={"flags": 0}, local={"flags": 0})),
        ("package.name_encoding",),
    ),
    "mode bits of a file": (lambda: _with(Entry("a", attributes=0o100644 << 16)), ()),
    "a name with dots": (lambda: _with(Entry("a..b/.hidden/c. d")), ()),
}


def _reordered() -> bytes:
    first, second, *rest = entries_of(genuine())
    whole = forge([first, second, *rest])
    at = whole.index(b"PK\1\2")
    middle = whole.index(b"PK\1\2", at + 4)
    after = whole.index(b"PK\1\2", middle + 4)
    return whole[:at] + whole[middle:after] + whole[at:middle] + whole[after:]


_NESTED = b"<a>" * 20_000 + b"</a>" * 20_000
_LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))

#: XML that no part of a package may be, with its code or limit.
BAD_XML: dict[str, tuple[bytes, str]] = {
    "external entity": (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "xml.doctype",
    ),
    "entity bomb": (b'<!DOCTYPE a [<!ENTITY l0 "ha">' + _LAUGHS + b"]><a>&l11;</a>", "xml.doctype"),
    "external DTD": (b'<!-- c --><?p i?> <!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "xml.doctype"),
    "parameter entity": (b'\xef\xbb\xbf<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///x"> %p;]><a/>', "xml.doctype"),
    "entity that is not declared": (b"<a>&x;</a>", "xml.malformed"),
    "20 000 nested elements": (_NESTED, ":xml_depth"),
    "66 nested elements": (b"<a>" * 66 + b"</a>" * 66, ":xml_depth"),
    "20 000 open elements": (b"<a>" * 20_000, ":xml_depth"),
    "UTF-16": ("<a/>".encode("utf-16"), "xml.encoding"),
    "UTF-16 without a mark": ("<a/>".encode("utf-16-le"), "xml.encoding"),
    "UTF-32": ("<a/>".encode("utf-32"), "xml.encoding"),
    "GBK": ('<?xml version="1.0" encoding="GBK"?><a>章</a>'.encode("gbk"), "xml.encoding"),
    "UTF-7": (b"<?xml version='1.0' encoding='UTF-7'?><a/>", "xml.encoding"),
    "UTF-8 that is none": (b"<a>\xff</a>", "xml.malformed"),
    "empty": (b"", "xml.malformed"),
    "no XML": (b"hello", "xml.malformed"),
    "unclosed comment": (b"<!-- ", "xml.malformed"),
    "NUL": (b"<root>\0\0\0\0</root>", "xml.malformed"),
    "two roots": (b"<a/><a/>", "xml.malformed"),
    "attribute twice": (b'<a b="1" b="2"/>', "xml.malformed"),
    "prefix that is not declared": (b"<a><:b/></a>", "xml.malformed"),
    "two million elements": (b"<a>" + b"<b/>" * 2_000_000 + b"</a>", ":xml_elements"),
    "two million attributes": (b"<a>" + b'<b c="" d="" e="" f=""/>' * 500_000 + b"</a>", ":xml_elements"),
    "12 MB in one text": (b"<a>" + b"x" * 12_000_000 + b"</a>", "xml.malformed"),
    "33 MB of XML": (b"<a>" + b" " * (33 << 20) + b"</a>", ":xml_bytes"),
}


def replacing(part: str, content: bytes) -> bytes:
    """The genuine package with one part exchanged; large parts are stored, since zeros compress too well."""
    method = STORE if len(content) > 1 << 20 else 8
    return forge([Entry(e.name, content, method=method) if e.name == part else e for e in entries_of(genuine())])


def verdict(read: Callable[[], object]) -> str:
    """What reading came to: the code, the limit behind a colon, or ``opened``."""
    try:
        read()
    except LimitExceeded as exc:
        return f":{exc.limit}"
    except ParseError as exc:
        return exc.code.removeprefix("egov.ofd.")
    except InputError as exc:  # pragma: no cover - no other kind is raised by this room
        return exc.code
    return "opened"


def _measure() -> dict[str, float]:
    """Open every hostile package, with a guard against writes."""
    cases = [(name, make, expected) for name, (make, expected) in REFUSED.items()]
    cases += [
        (name, functools.partial(replacing, "OFD.xml", content), expected)
        for name, (content, expected) in BAD_XML.items()
    ]
    writes: list[str] = []

    def guard(event: str, arguments: tuple[object, ...]) -> None:
        writing = event == "open" and not (isinstance(arguments[1], str) and arguments[1].startswith("r"))
        if writing or event in ("os.mkdir", "os.rename", "os.symlink", "os.link", "socket.connect", "subprocess.Popen"):
            writes.append(f"{event} {arguments[0]!r}")

    sys.addaudithook(guard)
    slowest = 0.0
    for name, make, expected in cases:
        package = make()
        began = time.process_time()
        outcome = verdict(lambda package=package: open_ofd(package).documents)  # type: ignore[misc]  # bound at once
        slowest = max(slowest, time.process_time() - began)
        assert outcome == expected, f"{name}: {outcome}"
    assert not writes, writes
    return {"slowest_s": slowest, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """The most memory this process has had; what getrusage says counts the parent in, from before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure()))
