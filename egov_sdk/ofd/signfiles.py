"""Read Signatures.xml and Signature.xml (签名列表、签名描述) as they are in the wild, every departure named."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.ofd.geometry import Box, parse_box
from egov_sdk.ofd.paths import folder_of, is_absolute, resolve
from egov_sdk.ofd.problems import refuse
from egov_sdk.ofd.xml import (
    NAMESPACE_OLD,
    attribute,
    child,
    children,
    every,
    loose_text,
    require_root,
    text_of,
)

if TYPE_CHECKING:
    from egov_sdk.ofd.document import OfdDocument
    from egov_sdk.ofd.package import OfdPackage

__all__ = [
    "Parameter",
    "Provider",
    "Reference",
    "SignatureEntry",
    "SignatureFile",
    "SignatureList",
    "StampAnnot",
    "parse_signature_file",
    "parse_signature_list",
]

_NUMBERED_ID = re.compile(r"s?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """One record of Signatures.xml: ``base_name`` is the entry of its Signature.xml.

    ``type`` is ``Seal`` where the record says nothing, otherwise as written. ``relative`` is the ID of
    the signature that this one builds on (OFD 2.0), or None.
    """

    id: str
    type: str
    base_name: str
    relative: str | None = None


@dataclass(frozen=True, slots=True)
class SignatureList:
    """Signatures.xml: ``max_sign_id`` is the last MaxSignId as written, empty where there is none."""

    name: str
    entries: tuple[SignatureEntry, ...]
    max_sign_id: str
    leniencies: tuple[str, ...]
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """The software that made a signature (Provider)."""

    name: str
    version: str = ""
    company: str = ""
    protocol_version: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the signature (OFD 2.0)."""

    name: str
    value: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A protected file: ``file_ref`` as written, ``name`` the package entry that it means, and its digest."""

    file_ref: str
    name: str
    check_value: bytes


@dataclass(frozen=True, slots=True)
class StampAnnot:
    """Where a seal is drawn: ``boundary`` on the page, ``clip`` inside it, both in millimetres and unchecked."""

    id: str
    page_ref: str
    boundary: Box
    clip: Box | None = None


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """Signature.xml, one signature's description.

    Text is empty where the file says nothing: what is missing is for the verifier to judge.
    ``seal_name`` and ``value_name`` are package entries that need not exist. ``raw`` are the bytes that
    the signature value speaks of.
    """

    name: str
    provider: Provider | None
    method: str
    date_time: str
    check_method: str
    references: tuple[Reference, ...]
    stamps: tuple[StampAnnot, ...]
    seal_name: str | None
    value_name: str
    parameters: tuple[Parameter, ...]
    leniencies: tuple[str, ...]
    raw: bytes = field(repr=False)


class _Leniencies:
    """Collects the names of departures, each once, in the order met."""

    def __init__(self, raw: bytes, root: etree._Element) -> None:
        self._met: dict[str, None] = {}
        self.add("bom", when=raw.startswith(b"\xef\xbb\xbf"))
        self.add("cdata", when=b"<![CDATA[" in raw)
        self.add("comments", when=b"<!--" in raw or raw.count(b"<?") > raw.count(b"<?xml "))
        self.add("namespace_old", when=next(root.iter(f"{{{NAMESPACE_OLD}}}*"), None) is not None)
        self.add("namespace_none", when=next(root.iter("{}*"), None) is not None)

    def add(self, name: str, *, when: bool = True) -> None:
        if when:
            self._met[name] = None

    def trimmed(self, text: str) -> str:
        """The text without blanks at its ends, which are named."""
        stripped = text.strip()
        self.add("blank_in_value", when=stripped != text)
        return stripped

    def text(self, element: etree._Element | None, where: str) -> str:
        if element is None:
            return ""
        text_of(element, where=where)
        return self.trimmed(element.text or "")

    def path(self, loc: str, where: str) -> str:
        self.add("relative_path", when=not is_absolute(loc))
        return resolve(self.trimmed(loc), base_dir=folder_of(where), where=where)

    def identifier(self, element: etree._Element) -> str:
        written = self.trimmed(element.get("ID", ""))
        self.add("id_absent", when=not written)
        self.add("id_not_numbered", when=bool(written) and not _NUMBERED_ID.fullmatch(written))
        return written

    def order(self, found: Iterable[str], expected: tuple[str, ...]) -> None:
        ranks = [expected.index(name) for name in found if name in expected]
        self.add("schema_order", when=ranks != sorted(ranks))

    def names(self) -> tuple[str, ...]:
        return tuple(self._met)


def parse_signature_list(package: OfdPackage, document: OfdDocument) -> SignatureList:
    """Read the signature list that a document names.

    Records are kept as they are: the same ID or file twice stays visible.

    Raises:
        ParseError: the document names no list (``egov.ofd.signature.no_list``), the entry does not exist,
            or it is malformed.
        LimitExceeded: more records than the limits allow.
    Source:
        GB/T 33190-2016, 18.1.
    """
    name = document.signatures_name
    if name is None:
        raise refuse("signature.no_list", where="OFD.xml", index=document.index)
    return package.facts("signature list", name, lambda: _parse_list(package, name))


def _parse_list(package: OfdPackage, name: str) -> SignatureList:
    raw = package.read(name)
    root = package.xml(name)
    require_root(root, "Signatures", where=name)
    met = _Leniencies(raw, root)
    entries: list[SignatureEntry] = []
    maxima: list[str] = []
    for kind, element in children(root):
        if kind == "MaxSignId":
            met.add("max_sign_id_after", when=bool(entries))
            met.add("max_sign_id_repeated", when=bool(maxima))
            maxima.append(met.text(element, name))
        elif kind == "Signature":
            if len(entries) == package.limits.signatures:
                raise LimitExceeded("signatures", allowed=package.limits.signatures, found="more", where=name)
            entries.append(_list_entry(element, met, name))
    return SignatureList(name, tuple(entries), maxima[-1] if maxima else "", met.names(), raw)


def _list_entry(element: etree._Element, met: _Leniencies, where: str) -> SignatureEntry:
    base_loc = element.get("BaseLoc")
    if base_loc is None:
        raise refuse("xml.attribute_missing", where=where, name="Signature", attribute="BaseLoc")
    relative = element.get("Relative")
    return SignatureEntry(
        id=met.identifier(element),
        type=met.trimmed(element.get("Type", "Seal")),
        base_name=met.path(base_loc, where),
        relative=None if relative is None else met.trimmed(relative),
    )


_SIGNED_INFO_ORDER = (
    "Provider", "SignatureMethod", "SignatureDateTime", "Parameters", "References", "StampAnnot", "Seal",
)  # fmt: skip


def parse_signature_file(package: OfdPackage, name: str) -> SignatureFile:
    """Read one Signature.xml.

    References and stamps are kept as they are: a file listed twice stays visible.

    Raises:
        ParseError: the entry does not exist, is malformed, holds an element twice that may stand once, has
            no SignedInfo or SignedValue, or a path, digest or box in it cannot be read.
        LimitExceeded: more references than the limits allow.
    Source:
        GB/T 33190-2016, 18.2.
    """
    return package.memo(("signature file", name), lambda: _parse_file(package, name))


def _parse_file(package: OfdPackage, name: str) -> SignatureFile:
    raw = package.read(name)
    root = package.xml(name)
    require_root(root, "Signature", where=name)
    met = _Leniencies(raw, root)
    info = _required(root, "SignedInfo", name)
    value = _required(root, "SignedValue", name)
    met.order((kind for kind, _ in children(root)), ("SignedInfo", "SignedValue"))
    met.order((kind for kind, _ in children(info)), _SIGNED_INFO_ORDER)
    holder = child(info, "References", where=name)
    seal = child(info, "Seal", where=name)
    return SignatureFile(
        name=name,
        provider=_provider(info, met, name),
        method=met.text(child(info, "SignatureMethod", where=name), name),
        date_time=met.text(child(info, "SignatureDateTime", where=name), name),
        check_method="" if holder is None else met.trimmed(holder.get("CheckMethod", "")),
        references=() if holder is None else tuple(_references(package, holder, met, name)),
        stamps=tuple(_stamps(package, info, met, name)),
        seal_name=None if seal is None else _seal_name(seal, met, name),
        value_name=met.path(_whole_text(value, name), name),
        parameters=tuple(_parameters(info, met, name)),
        leniencies=met.names(),
        raw=raw,
    )


def _required(parent: etree._Element, name: str, where: str) -> etree._Element:
    element = child(parent, name, where=where)
    if element is None:
        raise refuse("xml.element_missing", where=where, name=name)
    return element


def _whole_text(element: etree._Element, where: str) -> str:
    """The text with its blanks, so that they can be named; refused when it is not only text."""
    text_of(element, where=where)
    return element.text or ""


def _seal_name(seal: etree._Element, met: _Leniencies, where: str) -> str:
    return met.path(_whole_text(_required(seal, "BaseLoc", where), where), where)


def _provider(info: etree._Element, met: _Leniencies, where: str) -> Provider | None:
    element = child(info, "Provider", where=where)
    if element is None:
        met.add("provider_absent")
        return None
    name = element.get("ProviderName")
    if name is None:
        inner = child(element, "ProviderName", where=where)
        met.add("provider_name_as_child", when=inner is not None)
        name = loose_text(inner)
    return Provider(
        name=met.trimmed(name),
        version=met.trimmed(element.get("Version", "")),
        company=met.trimmed(element.get("Company", "")),
        protocol_version=met.trimmed(element.get("ProtocolVer", "")),
    )


def _parameters(info: etree._Element, met: _Leniencies, where: str) -> Iterator[Parameter]:
    holder = child(info, "Parameters", where=where)
    for element in () if holder is None else every(holder, "Parameter"):
        yield Parameter(element.get("Name", ""), met.text(element, where), element.get("Type", ""))


def _references(package: OfdPackage, holder: etree._Element, met: _Leniencies, where: str) -> Iterator[Reference]:
    for count, element in enumerate(every(holder, "Reference"), start=1):
        if count > package.limits.references:
            raise LimitExceeded("references", allowed=package.limits.references, found="more", where=where)
        file_ref = element.get("FileRef")
        if file_ref is None:
            raise refuse("xml.attribute_missing", where=where, name="Reference", attribute="FileRef")
        check_value = _whole_text(_required(element, "CheckValue", where), where)
        yield Reference(
            file_ref, _referenced(package, file_ref, met, where), _base64(check_value, met, file_ref, where)
        )


def _referenced(package: OfdPackage, file_ref: str, met: _Leniencies, where: str) -> str:
    """The entry that a FileRef means. It should be absolute; when not, the root is tried first."""
    loc = met.trimmed(file_ref)
    if is_absolute(loc):
        return resolve(loc, base_dir="", where=where)
    met.add("relative_file_ref")
    beside = resolve(loc, base_dir=folder_of(where), where=where)
    try:
        from_root = resolve(loc, base_dir="", where=where)
    except ParseError:
        return beside
    return beside if from_root not in package and beside in package else from_root


def _base64(text: str, met: _Leniencies, file_ref: str, where: str) -> bytes:
    packed = "".join(text.split())
    met.add("blank_in_value", when=packed != text)
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise refuse("signature.check_value", where=where, loc=file_ref) from exc


def _stamps(package: OfdPackage, info: etree._Element, met: _Leniencies, where: str) -> Iterator[StampAnnot]:
    for count, element in enumerate(every(info, "StampAnnot"), start=1):
        if count > package.limits.pages:
            raise LimitExceeded("pages", allowed=package.limits.pages, found="more stamps", where=where)
        yield _stamp(element, met, where)


def _stamp(element: etree._Element, met: _Leniencies, where: str) -> StampAnnot:
    clip = element.get("Clip")
    return StampAnnot(
        id=met.identifier(element),
        page_ref=met.trimmed(attribute(element, "PageRef", where=where)),
        boundary=parse_box(attribute(element, "Boundary", where=where), where=where, name="Boundary"),
        clip=None if clip is None else parse_box(clip, where=where, name="Clip"),
    )
