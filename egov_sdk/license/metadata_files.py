"""Metadata in files (元数据文件): XML with pinyin names, as natural resources have it, and JSON in CamelCase names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeGuard

from egov_sdk.errors import LimitExceeded
from egov_sdk.license.dates import DateForm, write_moment
from egov_sdk.license.elements import EXTENSION_PREFIX, Naming
from egov_sdk.license.metadata import CopyNote, LicenseMetadata
from egov_sdk.license.pairs import MetadataReading, Pair, copy_note_pairs, metadata_pairs, read_metadata_pairs
from egov_sdk.license.problems import unreadable

__all__ = [
    "METADATA_BYTES",
    "encode_metadata_json",
    "encode_metadata_xml",
    "read_metadata_json",
    "read_metadata_xml",
]

#: The longest file of metadata that is read.
METADATA_BYTES: Final = 1 << 20

_NAMESPACE: Final = "org.omg.ofd"
#: As the systems write it, misspelt; readers there look for just this.
_LIST, _ITEM = "CuslomDatas", "CuslomData"
_ITEMS: Final = frozenset({_ITEM, "CustomData"})


def encode_metadata_xml(metadata: LicenseMetadata, *, created_at: datetime, copy: CopyNote | None = None) -> bytes:
    """A licence's metadata as XML with pinyin names, misspelt elements included.

    Args:
        copy: The note of the annotated copy that it is the metadata of.
    Raises:
        ValueError: the time is naive, or a value holds a character that XML cannot hold.
    """
    from lxml import etree

    root = etree.Element("XMI", nsmap={"ofd": _NAMESPACE})
    root.set("xmi.version", "1.0")
    root.set("createtime", write_moment(created_at, form=DateForm.DASHED_TIME))
    listed = etree.SubElement(root, f"{{{_NAMESPACE}}}{_LIST}")
    for name, value in _all_pairs(metadata, copy, Naming.PINYIN):
        etree.SubElement(listed, f"{{{_NAMESPACE}}}{_ITEM}", name=name).text = value
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def read_metadata_xml(data: bytes, *, lenient: bool = False) -> MetadataReading:
    """Read what encode_metadata_xml writes, or an OFD CustomDatas, spelt either way and in any naming.

    Raises:
        ParseError: no well-formed XML, a DOCTYPE, or no item in it.
        LimitExceeded: larger than METADATA_BYTES, or too deep.
    """
    from egov_sdk.ofd.xml import parse_xml

    _limit(data)
    root = parse_xml(data, where="metadata")
    pairs = []
    for element in root.iter("{*}*"):
        if str(element.tag).rpartition("}")[2] in _ITEMS:
            name = element.get("name", element.get("Name", ""))
            pairs.append((name, "".join(map(str, element.itertext()))))
    if not pairs:
        raise unreadable("metadata_file", where="metadata", found=str(root.tag))
    return read_metadata_pairs(pairs, lenient=lenient)


def encode_metadata_json(metadata: LicenseMetadata, *, copy: CopyNote | None = None) -> bytes:
    """A licence's metadata as a JSON object with CamelCase names; 扩展项 keep their prefix.

    Raises:
        ValueError: an item has the name of another.
    """
    pairs = _all_pairs(metadata, copy, Naming.ENGLISH)
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("two items have one name")
    return json.dumps(members, ensure_ascii=False).encode()


def read_metadata_json(data: bytes, *, lenient: bool = False) -> MetadataReading:
    """Read a JSON object of metadata in any naming.

    A number stands for its digits, such as milliseconds since 1970; null for an item that is not there. A list of texts
    stands for several holders. ``extend_info`` is an object of 扩展项, or its text.

    Raises:
        ParseError: not a JSON object.
        LimitExceeded: larger than METADATA_BYTES.
    """
    _limit(data)
    return read_metadata_pairs(list(_json_pairs(_json_object(data))), lenient=lenient)


def _all_pairs(metadata: LicenseMetadata, copy: CopyNote | None, naming: Naming) -> tuple[Pair, ...]:
    notes = copy_note_pairs(copy, naming=naming) if copy is not None else ()
    return (*metadata_pairs(metadata, naming=naming), *notes)


def _limit(data: bytes) -> None:
    if len(data) > METADATA_BYTES:
        raise LimitExceeded("METADATA_BYTES", allowed=METADATA_BYTES, found=len(data), where="metadata")


def _json_object(data: bytes | str) -> _Members:
    """The members of an object in their order; one that stands twice stays twice, for the reader of pairs to judge."""
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        value: object = json.loads(text, object_pairs_hook=_Members, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise unreadable("metadata_file", where="metadata", found=type(error).__name__) from None
    if not isinstance(value, _Members):
        raise unreadable("metadata_file", where="metadata", found=type(value).__name__)
    return value


class _Members(list[tuple[str, object]]):
    """The members of an object; a list of JSON is an ordinary list."""


def _json_pairs(members: list[tuple[str, object]], *, inside: bool = False) -> Iterator[tuple[str, str | list[str]]]:
    for name, value in members:
        inner = None if inside or name != "extend_info" else _extensions(value)
        if inner is not None:
            yield from ((_extension(key), text) for key, text in _json_pairs(inner, inside=True))
        elif isinstance(value, str) or _is_texts(value):
            yield name, value
        elif value is not None:
            yield name, _kept(value)


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and not isinstance(value, _Members) and all(isinstance(one, str) for one in value)


def _extensions(value: object) -> _Members | None:
    """The members of ``extend_info``, which is an object or the text of one; None for anything else."""
    if isinstance(value, str) and value.strip().startswith("{"):
        value = _json_object(value)
    return value if isinstance(value, _Members) else None


def _extension(name: str) -> str:
    return name if name.startswith(EXTENSION_PREFIX) else EXTENSION_PREFIX + name


def _kept(value: object) -> str:
    """A value that is no text, as JSON, so that it is not lost."""
    try:
        return json.dumps(_plain(value), ensure_ascii=False)
    except RecursionError:
        raise unreadable("metadata_file", where="metadata", found="RecursionError") from None


def _plain(value: object) -> object:
    if isinstance(value, _Members):
        return {name: _plain(inner) for name, inner in value}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
