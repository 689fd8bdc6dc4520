"""Messages and receipts in canonical XML: the same values, elements in the place of members.

Nothing in the XML is signed as XML: what is signed is made anew from what was read, so there is nothing to wrap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

from egov_sdk.crypto.jose import to_base64url
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.canonical import MOST, an_object, canonical, only, read_canonical, require
from egov_sdk.exchange.envelope.json_form import octets
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.problems import LEFT_OUT, NOTHING, ONE_OF_BOTH, OTHER_TEXT, unreadable
from egov_sdk.exchange.envelope.sealed import Recipient, SealedMessage, sealed_message
from egov_sdk.exchange.envelope.signature import Signature
from egov_sdk.exchange.envelope.signed import SignedMessage, signed_message
from egov_sdk.report import Text

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["NAMESPACE", "read_document", "read_sealed", "read_signed", "write_document", "write_sealed", "write_signed"]

NAMESPACE: Final = "urn:egov-sdk:exchange:1"
_INTEGERS: Final = frozenset({"length", "chunk", "index", "size"})
_ITEM: Final = "item"
_DEPTH: Final = 1 << 20  # headers that are written were read before, under limits


def write_document(kind: str, members: Mapping[str, object]) -> bytes:
    """A value as an XML document in exclusive canonical form.

    Source:
        Exclusive XML Canonicalization 1.0, without comments.
    """
    from lxml import etree

    root = etree.Element(f"{{{NAMESPACE}}}{kind}", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # None is the default namespace
    _fill(root, members)
    return etree.tostring(root, method="c14n", exclusive=True, with_comments=False)


def _fill(element: _Element, value: object) -> None:
    from lxml import etree

    if isinstance(value, Mapping):
        for name in sorted(value):
            _fill(etree.SubElement(element, f"{{{NAMESPACE}}}{name}"), value[name])
    elif isinstance(value, list):
        for one in value:
            _fill(etree.SubElement(element, f"{{{NAMESPACE}}}{_ITEM}"), one)
    else:
        element.text = str(value)


def read_document(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> tuple[str, dict[str, object]]:
    """The kind of a document and the value in it.

    Elements of other namespaces, attributes, comments, instructions and loose text are refused; blanks between elements
    are not.

    Raises:
        ParseError: it is none, or holds a DOCTYPE.
        LimitExceeded: larger or deeper than the limits allow.
    """
    from egov_sdk.limits import OfdLimits
    from egov_sdk.ofd.xml import parse_xml, told_by

    if len(data) > limits.message_bytes:
        raise LimitExceeded("message_bytes", allowed=limits.message_bytes, found=len(data))
    bounds = OfdLimits(xml_bytes=limits.message_bytes, xml_depth=limits.depth + 2, xml_elements=limits.xml_elements)
    with told_by(lambda problem, found: unreadable(f"envelope.{problem}", where="XML", found=found)):
        root = parse_xml(data, where="XML", limits=bounds)
    if root.getprevious() is not None or root.getnext() is not None:
        raise unreadable(
            "envelope.xml",
            found=Text("something beside the root element", "根元素之外的内容"),
            expected=Text("one element", "一个元素"),
        )
    value = _value(root)
    kind = _name(root)
    if not isinstance(value, dict):
        raise unreadable(
            "envelope.xml", where=kind, found=Text("no elements", "非元素内容"), expected=Text("members", "成员")
        )
    return kind, value


def _name(element: _Element) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        raise unreadable(
            "envelope.xml",
            found=Text("a comment, an instruction or an entity", "注释、处理指令或实体"),
            expected=Text("elements and text", "元素和文本"),
        )
    space, _, name = tag.rpartition("}")
    if space != "{" + NAMESPACE:
        raise unreadable(
            "envelope.xml", found=tag, expected=Text(f"an element of {NAMESPACE}", f"{NAMESPACE} 中的元素")
        )
    if element.attrib:
        raise unreadable(
            "envelope.xml", where=name, found=Text("an attribute", "属性"), expected=Text("none", "无属性")
        )
    return name


def _value(element: _Element, *, texts: bool = False) -> object:
    """What an element says: a text or a number where nothing is inside, else a list or an object."""
    name = _name(element)
    inside = list(element)
    if not inside:
        text = element.text or ""
        return _integer(text, name) if name in _INTEGERS and not texts else text
    _no_text(element.text, name)
    found: dict[str, object] = {}
    listed: list[object] = []
    for child in inside:
        inner = _name(child)
        _no_text(child.tail, name)
        value = _value(child, texts=name == "properties")
        if inner == _ITEM and name != "properties":
            listed.append(value)
        elif inner in found:
            raise unreadable(
                "envelope.xml",
                where=name,
                found=Text(f"{inner} twice", f"重复的 {inner}"),
                expected=Text("each member once", "每个成员一次"),
            )
        else:
            found[inner] = value
    if listed and found:
        raise unreadable(
            "envelope.xml", where=name, found=Text("items beside members", "列表项和成员并存"), expected=ONE_OF_BOTH
        )
    return listed or found


def _no_text(text: str | None, where: str) -> None:
    if text and text.strip(" \t\r\n"):
        raise unreadable(
            "envelope.xml",
            where=where,
            found=Text("text between elements", "元素之间的文本"),
            expected=Text("blanks", "空白"),
        )


def _integer(text: str, name: str) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(MOST))
    if not digits or str(number := int(text)) != text or number > MOST:
        raise unreadable("envelope.member", name=name, found=OTHER_TEXT, expected=Text("a whole number", "整数"))
    return number


def headers_of(octets: bytes) -> dict[str, object]:
    """Canonical headers as a value, to be written as elements."""
    return read_canonical(octets, depth=_DEPTH, where="headers")


def signature_members(signature: Signature) -> dict[str, object]:
    """A signature as a value."""
    members: dict[str, object] = {
        "protected": to_base64url(signature.protected),
        "certificates": [to_base64url(one) for one in signature.certificates],
        "value": to_base64url(signature.value),
    }
    if signature.time_stamp:
        members["time_stamp"] = to_base64url(signature.time_stamp)
    return members


def read_signature(value: object) -> Signature:
    """What signature_members made.

    Raises:
        ParseError: it is something else.
    """
    members = an_object(value, "signature")
    only(members, {"protected", "certificates", "value", "time_stamp"}, where="signature")
    chain = cast("list[object]", require(members, "certificates", list, where="signature"))
    stamp = octets(members, "time_stamp") if "time_stamp" in members else b""
    if "time_stamp" in members and not stamp:
        raise unreadable("envelope.member", name="time_stamp", found=NOTHING, expected=LEFT_OUT)
    return Signature(
        protected=octets(members, "protected"),
        certificates=tuple(octets({"certificate": one}, "certificate") for one in chain),
        value=octets(members, "value"),
        time_stamp=stamp,
    )


def write_signed(message: SignedMessage) -> bytes:
    """A signed message in XML."""
    return write_document(
        "message",
        {
            "headers": headers_of(message.read.headers),
            "signature": signature_members(message.signature),
            "content": to_base64url(message.envelope_unverified.content),
        },
    )


def write_sealed(message: SealedMessage) -> bytes:
    """A sealed message in XML."""
    return write_document(
        "sealed",
        {
            "protected": to_base64url(message.protected),
            "recipients": [
                {"key_id": one.key_id, "encrypted_key": to_base64url(one.encrypted_key)} for one in message.recipients
            ],
            "routing": headers_of(message.routing),
            "iv": to_base64url(message.iv),
            "ciphertext": to_base64url(message.ciphertext),
            "tag": to_base64url(message.tag),
        },
    )


def read_signed(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> SignedMessage:
    """Read a signed message.

    Raises:
        ParseError, LimitExceeded: as read_document.
    """
    return signed_of(expect(data, "message", limits=limits), limits=limits)


def read_sealed(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> SealedMessage:
    """Read a sealed message; as read_signed."""
    return sealed_of(expect(data, "sealed", limits=limits), limits=limits)


def expect(data: bytes, kind: str, *, limits: EnvelopeLimits) -> dict[str, object]:
    """The value of a document of one kind."""
    found, members = read_document(data, limits=limits)
    if found != kind:
        raise unreadable("envelope.xml", found=found, expected=kind)
    return members


def signed_of(members: dict[str, object], *, limits: EnvelopeLimits) -> SignedMessage:
    """As read_signed, of what was read as XML already."""
    only(members, {"headers", "signature", "content"})
    headers = canonical(an_object(members.get("headers"), "headers"))
    return signed_message(headers, octets(members, "content"), read_signature(members.get("signature")), limits=limits)


def sealed_of(members: dict[str, object], *, limits: EnvelopeLimits) -> SealedMessage:
    """As read_sealed, of what was read as XML already."""
    only(members, {"protected", "recipients", "routing", "iv", "ciphertext", "tag"})
    if members.get("recipients") in ("", []):
        raise unreadable("envelope.encrypted_to_nobody")
    listed = cast("list[object]", require(members, "recipients", list))
    return sealed_message(
        protected=octets(members, "protected"),
        recipients=tuple(_recipient(an_object(one, "recipients")) for one in listed),
        routing=canonical(an_object(members.get("routing"), "routing")),
        iv=octets(members, "iv"),
        ciphertext=octets(members, "ciphertext"),
        tag=octets(members, "tag"),
        limits=limits,
    )


def _recipient(members: dict[str, object]) -> Recipient:
    only(members, {"key_id", "encrypted_key"}, where="recipients")
    return Recipient(cast("str", require(members, "key_id", str)), octets(members, "encrypted_key"))
