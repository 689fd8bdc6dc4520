"""The one XML parser of the project, and helpers that see only the elements of OFD."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from lxml import etree

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_OFD_LIMITS, OfdLimits
from egov_sdk.ofd.problems import refuse, shown

__all__ = [
    "NAMESPACE",
    "NAMESPACE_OLD",
    "attribute",
    "check_head",
    "child",
    "children",
    "every",
    "local_name",
    "loose_text",
    "oddity_of",
    "parse_xml",
    "pull_parser",
    "require_root",
    "text_of",
    "told_by",
]

NAMESPACE = "http://www.ofdspec.org/2016"
NAMESPACE_OLD = "http://www.ofdspec.org"

_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<\?xml\s([^>]*)")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"'>]{0,40})[\"']")
_OWN_OPEN = (f"{{{NAMESPACE}", f"{{{NAMESPACE_OLD}")


def parse_xml(data: bytes, *, where: str = "", limits: OfdLimits = DEFAULT_OFD_LIMITS) -> etree._Element:
    """Parse UTF-8 XML without DTD, entities or network, and return its root.

    Args:
        data: With or without a byte order mark.
        where: The package entry, for errors.
    Raises:
        ParseError: not well-formed, not UTF-8, or it holds a DOCTYPE.
        LimitExceeded: larger, deeper or with more elements and attributes than the limits allow.
    """
    if len(data) > limits.xml_bytes:
        raise LimitExceeded("xml_bytes", allowed=limits.xml_bytes, found=len(data), where=where)
    check_head(data, where=where)
    if len(data) > limits.xml_elements:  # a shorter document has no room for so many
        # Each element and attribute costs memory; neither can be there without its sign.
        weight = data.count(b"<") - data.count(b"</") + data.count(b"=")
        if weight > limits.xml_elements:
            raise LimitExceeded("xml_elements", allowed=limits.xml_elements, found=weight, where=where)
    try:
        root = etree.fromstring(data, _PARSERS.parser)
    except etree.XMLSyntaxError as exc:
        if "Excessive depth" in str(exc):
            raise LimitExceeded("xml_depth", allowed=limits.xml_depth, found="more", where=where) from exc
        raise refuse("xml.malformed", where=where, found=exc.msg) from exc
    if _deeper_than(limits.xml_depth)(root):
        raise LimitExceeded("xml_depth", allowed=limits.xml_depth, found="more", where=where)
    return root


def check_head(data: bytes, *, where: str = "") -> None:
    """Look at what stands before the root element, before any parser acts on it.

    Raises:
        ParseError: not UTF-8, or a DOCTYPE.
    """
    _check_encoding(data, where)
    _check_prolog(data, where)


@contextmanager
def told_by(tell: Callable[[str, str], Exception]) -> Iterator[None]:
    """Within the block, what this parser refuses is refused in the words of another room.

    Args:
        tell: makes that room's error of what is wrong, ``encoding``, ``doctype`` or ``malformed``, and what was found.
    """
    try:
        yield
    except ParseError as error:
        _, own, problem = error.code.partition("egov.ofd.xml.")
        if not own:
            raise
        raise tell(problem, str(error.detail.get("found", ""))) from error


#: What ``pull_parser`` gives.
PullParser = etree.XMLPullParser


def pull_parser(*tags: str) -> PullParser:
    """A parser that is fed a long document in pieces and tells of each element of these names that has ended.

    Give ``check_head`` the whole document first; sizes are for whoever feeds it to count. Comments and instructions
    are left out.
    """
    return etree.XMLPullParser(
        ("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, recover=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


class _Parsers(threading.local):
    """One parser for each thread: making one costs as much as parsing a page, and lxml locks it while in use."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
            huge_tree=False, recover=False,
        )  # fmt: skip


_PARSERS = _Parsers()
_DEPTH_TESTS: dict[int, etree.XPath] = {}


def _deeper_than(depth: int) -> etree.XPath:
    if depth not in _DEPTH_TESTS:
        _DEPTH_TESTS[depth] = etree.XPath("boolean(" + "/*" * (depth + 1) + ")")
    return _DEPTH_TESTS[depth]


def _check_encoding(data: bytes, where: str) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
        raise refuse("xml.encoding", where=where, found="UTF-16 or UTF-32")
    declaration = _DECLARATION.match(data, len(_BOM) if data.startswith(_BOM) else 0)
    declared = _ENCODING.search(declaration[1]) if declaration else None
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise refuse("xml.encoding", where=where, found=declared[1].decode("ascii", "replace"))


def _check_prolog(data: bytes, where: str) -> None:
    """Look for a DOCTYPE before any parser acts on it; it may stand ahead of the root element only."""
    position = len(_BOM) if data.startswith(_BOM) else 0
    while True:
        position = data.find(b"<", position)
        if position < 0:
            return
        if data.startswith(b"<?", position):
            opening, closing = b"<?", b"?>"
        elif data.startswith(b"<!--", position):
            opening, closing = b"<!--", b"-->"
        else:
            break
        end = data.find(closing, position + len(opening))  # <!--> opens a comment and does not close it
        if end < 0:
            return
        position = end + len(closing)
    if data.startswith(b"<!", position):
        raise refuse("xml.doctype", where=where)


def local_name(element: etree._Element) -> str:
    """The name of an OFD element; empty for comments, instructions and elements of other namespaces."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    if tag[0] != "{":
        return tag
    namespace, _, name = tag.rpartition("}")
    return name if namespace in _OWN_OPEN else ""


def every(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """The children of that name, in document order."""
    return parent.iterchildren(*_spellings(name))


@lru_cache(maxsize=256)
def _spellings(name: str) -> tuple[str, str, str]:
    return f"{{{NAMESPACE}}}{name}", f"{{{NAMESPACE_OLD}}}{name}", name


def children(parent: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """All OFD children with their names."""
    for element in parent:
        name = local_name(element)
        if name:
            yield name, element


def child(parent: etree._Element, name: str, *, where: str) -> etree._Element | None:
    """The one child of that name, or None; two of them are an error, since readers would differ in their choice."""
    if len(parent) == 1:  # as in many elements
        only = parent[0]
        return only if local_name(only) == name else None
    found = every(parent, name)
    first = next(found, None)
    if first is not None and next(found, None) is not None:
        raise refuse("xml.duplicate_element", where=where, name=name)
    return first


def require_root(root: etree._Element, name: str, *, where: str) -> None:
    """The root must be an OFD element of that name."""
    if local_name(root) != name:
        raise refuse("xml.root", where=where, found=root.tag, expected=name)


def text_of(element: etree._Element, *, where: str) -> str:
    """The whole text of an element that holds nothing else, without blanks at its ends.

    A comment inside would make some readers see only what stands before it, so it is refused.
    """
    if len(element):
        raise refuse("xml.mixed_text", where=where, name=local_name(element))
    return (element.text or "").strip()


def loose_text(element: etree._Element | None) -> str:
    """The text of an element for people to read, comments left out; empty for None."""
    if element is None:
        return ""
    text = "".join(str(part) for part in element.itertext()) if len(element) else element.text or ""
    return text.strip()


def oddity_of(root: etree._Element) -> str:
    """Why readers may see different things in a file that is drawn from, in a few words; empty where they do not.

    Some take the text before a comment for all of a text. Some look at prefixes and not at what they stand for, and
    take elements of anybody's namespace for ours.
    """
    if _BROKEN_TEXT(root):
        return "a text that goes on behind a comment or an element"
    if found := _FOREIGN(root):
        return f"an element {shown(found)} of another namespace"
    return ""


_BROKEN_TEXT = etree.XPath("boolean(//text()[normalize-space() and preceding-sibling::node()[1]])")
#: What leads to files or is drawn.
_ACTED_ON = (
    *("DocBody", "DocInfo", "DocRoot", "Versions", "Signatures", "CommonData", "PublicRes", "DocumentRes", "Pages"),
    *("Page", "TemplatePage", "Annotations", "FileLoc", "Template", "PageRes", "Content", "Layer", "PageBlock"),
    *("TextObject", "TextCode", "CGTransform", "PathObject", "ImageObject", "CompositeObject", "Clips", "Actions"),
    *("Annot", "Appearance", "Font", "FontFile", "MultiMedia", "MediaFile", "DrawParam", "CompositeGraphicUnit"),
)
_FOREIGN = etree.XPath(
    f"name(//*[namespace-uri() and namespace-uri() != '{NAMESPACE}' and namespace-uri() != '{NAMESPACE_OLD}'"
    f" and contains(' {' '.join(_ACTED_ON)} ', concat(' ', local-name(), ' '))])"
)


def attribute(element: etree._Element, name: str, *, where: str) -> str:
    """A required attribute, without blanks at its ends."""
    value = element.get(name)
    if value is None:
        raise refuse("xml.attribute_missing", where=where, name=local_name(element), attribute=name)
    return value.strip()
