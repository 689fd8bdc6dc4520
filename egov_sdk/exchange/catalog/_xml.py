"""XML of strangers, read element by element: no DTD, no entities, no network, and limits counted on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.problems import Place, unreadable

__all__ = ["check_head", "each_child", "line_of", "local_name", "parse_small"]

_BOM: Final = b"\xef\xbb\xbf"
_DECLARATION: Final = re.compile(rb"<\?xml\s([^>]*)")
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([^\"'>]{0,40})[\"']")
_PIECE: Final = 1 << 16
_UTF8: Final = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})


def check_head(data: bytes) -> None:
    """Look at what stands before the root, before any parser acts on it.

    Raises:
        ParseError: catalog.encoding, catalog.xml.doctype.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise unreadable("catalog.encoding", found="UTF-16 or UTF-32", expected="UTF-8")
    position = len(_BOM) if data.startswith(_BOM) else 0
    declaration = _DECLARATION.match(data, position)
    declared = _ENCODING.search(declaration[1]) if declaration else None
    if declared and declared[1].lower() not in _UTF8:
        raise unreadable("catalog.encoding", found=declared[1].decode("ascii", "replace"), expected="UTF-8")
    while (position := data.find(b"<", position)) >= 0:
        if data.startswith(b"<?", position):
            opening, closing = b"<?", b"?>"
        elif data.startswith(b"<!--", position):
            opening, closing = b"<!--", b"-->"
        else:
            break
        end = data.find(closing, position + len(opening))
        if end < 0:
            return
        position = end + len(closing)
    if position >= 0 and data.startswith(b"<!", position):
        raise unreadable("catalog.xml.doctype")


def each_child(data: bytes, root: tuple[str, str], child: str, *, limits: CatalogLimits) -> Iterator[etree._Element]:
    """The children of that name, one at a time, each forgotten when the next is asked for; others come as they are met.

    Args:
        root: namespace and name that the root must have.
    Raises:
        ParseError: not UTF-8, a DOCTYPE, another root, not well-formed.
        LimitExceeded: the file or one entry is too large, or there are too many.
    """
    if len(data) > limits.file_bytes:
        raise LimitExceeded("file_bytes", allowed=limits.file_bytes, found=len(data))
    check_head(data)
    parser = etree.XMLPullParser(
        ("end",), tag=(f"{{{root[0]}}}{child}", child), resolve_entities=False, no_network=True, load_dtd=False,
        dtd_validation=False, huge_tree=False, recover=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    count = waiting = 0
    done: etree._Element | None = None  # the last one, emptied
    for start in range(0, len(data), _PIECE):
        for element in _fed(parser, data[start : start + _PIECE]):
            parent = element.getparent()
            if parent is None or parent.getparent() is not None:
                continue  # the root, or inside another child, which will show it
            if not count:
                _check_root(parent, root)
            count += 1
            if count > limits.entries:
                raise LimitExceeded("entries", allowed=limits.entries, found="more")
            yield from _between(done, element)
            yield element
            waiting, done = 0, element
            _forget(element)
        waiting += _PIECE
        if waiting > limits.entry_bytes:
            raise LimitExceeded("entry_bytes", allowed=limits.entry_bytes, found="more", where=f"after entry {count}")
    last = _ended(parser)
    _check_root(last, root)
    yield from (other for other in last if other is not done)


def _between(done: etree._Element | None, element: etree._Element) -> Iterator[etree._Element]:
    for other in element.itersiblings(preceding=True):
        if other is done:
            return
        yield other


def _fed(parser: etree.XMLPullParser, piece: bytes) -> Iterator[etree._Element]:
    """The elements that end in this piece."""
    try:
        parser.feed(piece)
    except etree.XMLSyntaxError as exc:
        raise _malformed(exc) from exc
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield element


def _ended(parser: etree.XMLPullParser) -> etree._Element:
    try:
        root = parser.close()
    except etree.XMLSyntaxError as exc:
        raise _malformed(exc) from exc
    assert isinstance(root, etree._Element)
    return root


def _check_root(element: etree._Element, root: tuple[str, str]) -> None:
    expected = f"{{{root[0]}}}{root[1]}"
    if element.tag not in (expected, root[1]):
        raise unreadable("catalog.xml.root", found=element.tag, expected=expected)


def _forget(element: etree._Element) -> None:
    """Free an entry and all before it. The element itself stays, emptied: the parser may still add its tail."""
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


def _malformed(exc: etree.XMLSyntaxError) -> Exception:
    line = exc.lineno or 0
    if "Excessive depth" in str(exc):
        return LimitExceeded("xml_depth", allowed=256, found="more", where=f"line {line}")
    return unreadable("catalog.xml.malformed", place=Place(path="XML", row=line), found=exc.msg)


def parse_small(data: bytes, *, limits: CatalogLimits) -> etree._Element:
    """The root of a document that is kept whole.

    Raises:
        ParseError: not UTF-8, a DOCTYPE, not well-formed.
        LimitExceeded: too large.
    """
    if len(data) > limits.file_bytes:
        raise LimitExceeded("file_bytes", allowed=limits.file_bytes, found=len(data))
    check_head(data)
    weight = data.count(b"<") + data.count(b"=")
    if weight > limits.xml_elements:
        raise LimitExceeded("xml_elements", allowed=limits.xml_elements, found=weight)
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, recover=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as exc:
        raise _malformed(exc) from exc
    return root


def line_of(element: etree._Element) -> int | None:
    """The line that an element begins on."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def local_name(element: etree._Element, namespace: str) -> str:
    """The name of an element of that namespace or of none; empty for others."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    if tag[0] != "{":
        return tag
    there, _, name = tag[1:].partition("}")
    return name if there == namespace else ""
