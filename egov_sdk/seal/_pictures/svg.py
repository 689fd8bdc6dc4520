"""Refusing SVG that runs, fetches, or multiplies itself. What is not known to be harmless is refused."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_OFD_LIMITS, PictureLimits
from egov_sdk.ofd.xml import parse_xml
from egov_sdk.seal._pictures import raster

__all__ = ["check_svg"]

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LIMITS = replace(DEFAULT_OFD_LIMITS, xml_elements=200_000)

#: Shapes, text and paint. Left out on purpose: scripts, links, animation, foreign content, filters, fonts.
_HARMLESS = frozenset(
    {"svg", "g", "defs", "title", "desc", "metadata", "symbol", "use", "style", "image"}
    | {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"}
    | {"linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker"}
)

_URL = re.compile(r"url\(\s*[\"']?\s*([^\"')\s]*)", re.IGNORECASE)
_CSS_FETCHES = re.compile(r"@import|@font-face|image-set\(|src\(|expression\(|-moz-binding|behavior\s*:", re.IGNORECASE)
_NESTED = re.compile(r"data:image/(png|jpeg|jpg|gif);base64,", re.IGNORECASE)
_NESTED_STARTS = {b"\x89PNG\r\n\x1a\n": "PNG", b"GIF87a": "GIF", b"GIF89a": "GIF", b"\xff\xd8\xff": "JPG"}

_SHOWN_MAX = 200_000  # elements once every reference is followed
_ATTRIBUTES_MAX = 256
_CHAIN_MAX = 16  # references that lead to references


def check_svg(data: bytes, *, limits: PictureLimits, where: str) -> None:
    """Raise ParseError (or LimitExceeded) unless the SVG only draws, and only from its own bytes."""
    try:
        root = parse_xml(data, where=where, limits=_LIMITS)
    except ParseError as error:
        raise ParseError(
            f"expected readable SVG, found {error.code}", where=where, code="egov.seal.picture.malformed"
        ) from error
    if root.tag != f"{_SVG}svg":
        raise ParseError(
            f"expected an svg root element, found {str(root.tag)[:80]}",
            where=where,
            code="egov.seal.picture.unknown_format",
        )
    _check_outside(root, where)
    pixels = 0
    for element in root.iter():
        if not isinstance(element, etree._Comment):
            _check_element(element, where)
            pixels += _check_links(element, limits, where)
    if pixels > limits.pixels:
        raise LimitExceeded("pixels", allowed=limits.pixels, found=pixels, where=where)
    _Shown(root, where).check()


def _active(where: str, found: str) -> ParseError:
    return ParseError(
        f"the SVG holds {found[:80]}, expected shapes, text and paint only",
        where=where,
        code="egov.seal.picture.active_content",
    )


def _external(where: str, found: str) -> ParseError:
    return ParseError(
        f"the SVG refers to {found[:80]!r}, expected a place of its own (#…)",
        where=where,
        code="egov.seal.picture.external_reference",
    )


def _too_complex(where: str, found: str) -> ParseError:
    return ParseError(f"drawing the SVG takes {found}", where=where, code="egov.seal.picture.too_complex")


def _check_outside(root: etree._Element, where: str) -> None:
    """A processing instruction beside the root can call in a style sheet."""
    for sibling in (*root.itersiblings(preceding=True), *root.itersiblings()):
        if not isinstance(sibling, etree._Comment):
            raise _active(where, "a processing instruction")


def _check_element(element: etree._Element, where: str) -> None:
    name = str(element.tag).removeprefix(_SVG) if isinstance(element.tag, str) else "a processing instruction"
    if name not in _HARMLESS:
        raise _active(where, name)
    if name == "style":
        _check_style_sheet("".join(str(text) for text in element.itertext()), where)
    if len(element.attrib) > _ATTRIBUTES_MAX:  # lxml looks at them in quadratic time
        raise _too_complex(where, f"an element with {len(element.attrib)} attributes")
    for key, value in element.items():
        attribute = str(key)
        if attribute.rpartition("}")[2].lower().startswith("on") or attribute == _XML_BASE:
            raise _active(where, f"the attribute {attribute}")
        if attribute not in _HREFS:
            _check_css(str(value), where)


def _check_links(element: etree._Element, limits: PictureLimits, where: str) -> int:
    """Refuse links that lead out; the pixels of the pictures held inside."""
    links = [str(element.get(key)).strip() for key in _HREFS if element.get(key) is not None]
    outward = [target for target in links if not target.startswith("#")]
    for target in outward:
        if element.tag != f"{_SVG}image" or not _NESTED.match(target):
            raise _external(where, target)
    return sum(_nested_pixels(target, limits, f"{where}/image") for target in outward)


def _nested_pixels(target: str, limits: PictureLimits, where: str) -> int:
    try:
        picture = base64.b64decode("".join(target.partition(",")[2].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ParseError("not Base64", where=where, code="egov.seal.picture.malformed") from error
    form = next((form for start, form in _NESTED_STARTS.items() if picture.startswith(start)), "")
    if not form:
        raise ParseError(
            "expected a PNG, GIF or JPEG picture inside the SVG", where=where, code="egov.seal.picture.unknown_format"
        )
    size = raster.READERS[form](picture, limits=limits, where=where)
    return size.width * size.height


def _check_css(text: str, where: str) -> None:
    """Attributes may point at places of the picture itself and nowhere else."""
    if "\\" in text:
        raise _active(where, "an escape in a style")  # it can spell url( in a way that is not seen here
    if found := _CSS_FETCHES.search(text):
        raise _active(where, found[0])
    for target in _URL.findall(text):
        if not target.startswith("#"):
            raise _external(where, target)


def _check_style_sheet(text: str, where: str) -> None:
    _check_css(text, where)
    if _URL.search(text):
        raise _active(where, "url( in a style sheet")  # what it multiplies could not be counted


class _Shown:
    """Counts the elements that are drawn once references are followed: a few lines can ask for millions."""

    def __init__(self, root: etree._Element, where: str) -> None:
        self._root, self._where = root, where
        self._by_id: dict[str, list[etree._Element]] = {}
        for element in root.iter(f"{_SVG}*"):
            self._by_id.setdefault(str(element.get("id")), []).append(element)
        self._known: dict[str, int] = {}

    def check(self) -> None:
        if self._cost(self._root, 0) > _SHOWN_MAX:
            raise _too_complex(self._where, f"more than {_SHOWN_MAX} elements")

    def _cost(self, element: etree._Element, chain: int) -> int:
        if chain > _CHAIN_MAX:
            raise _too_complex(self._where, f"references more than {_CHAIN_MAX} deep, or in a circle")
        total = 0
        for inner in element.iter(f"{_SVG}*"):
            total += 1
            for target in _targets(inner):
                if target not in self._known:
                    named = self._by_id.get(target, ())  # readers differ in which of two they take: count both
                    self._known[target] = sum(self._cost(one, chain + 1) for one in named)
                total += self._known[target]
        return total


def _targets(element: etree._Element) -> Iterator[str]:
    for key, value in element.items():
        text = str(value).strip()
        if key in _HREFS and text.startswith("#"):
            yield text[1:]
        else:
            yield from (target[1:] for target in _URL.findall(text) if target.startswith("#"))
