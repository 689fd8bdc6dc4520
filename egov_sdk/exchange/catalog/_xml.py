"""XML of strangers, read element by element by the project's one parser, with limits counted on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lxml import etree

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.problems import Place, unreadable
from egov_sdk.limits import DEFAULT_OFD_LIMITS
from egov_sdk.ofd import xml as hardened

__all__ = ["check_head", "each_child", "line_of", "local_name", "parse_small"]

_PIECE: Final = 1 << 16


def _ours(problem: str, found: str) -> ParseError:
    """What the parser's own room refuses, as a problem of this one."""
    if problem == "encoding":
        return unreadable("catalog.encoding", found=found, expected="UTF-8")
    return unreadable(f"catalog.xml.{problem}", found=found)


def check_head(data: bytes) -> None:
    """Look at what stands before the root, before any parser acts on it.

    Raises:
        ParseError: catalog.encoding, catalog.xml.doctype.
    """
    with hardened.told_by(_ours):
        hardened.check_head(data)


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
    parser = hardened.pull_parser(f"{{{root[0]}}}{child}", child)
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


def _fed(parser: hardened.PullParser, piece: bytes) -> Iterator[etree._Element]:
    """The elements that end in this piece."""
    try:
        parser.feed(piece)
    except etree.XMLSyntaxError as exc:
        raise _malformed(exc) from exc
    for _, element in parser.read_events():
        if isinstance(element, etree._Element):
            yield element


def _ended(parser: hardened.PullParser) -> etree._Element:
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
        LimitExceeded: too large, too deep, or too many elements.
    """
    bounds = replace(DEFAULT_OFD_LIMITS, xml_bytes=limits.file_bytes, xml_elements=limits.xml_elements)
    with hardened.told_by(_ours):
        return hardened.parse_xml(data, limits=bounds)


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
