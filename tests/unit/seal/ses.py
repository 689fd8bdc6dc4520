"""SES structures written out by hand, layout by layout, so that every field can be put wrong: signed all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from egov_sdk.crypto import oids, sm3
from egov_sdk.crypto.der import (
    bit_string,
    boolean,
    encode_tlv,
    generalized_time,
    ia5_string,
    integer,
    octet_string,
    oid,
    read_one,
    sequence,
    utc_time,
    utf8_string,
)
from egov_sdk.crypto.der import children as children_of
from egov_sdk.crypto.signer import sign_message
from tests.world import NOW, Entries, World, entries_of, redigested, world, zipped

__all__ = [
    "FOLDER",
    "Node",
    "extension",
    "parts_of",
    "placed",
    "seal",
    "swapped",
    "value",
]

FOLDER = "Doc_0/Signs/Sign_0"
MADE = datetime(2026, 2, 21, 9, 30, tzinfo=UTC)
UNTIL = datetime(2028, 8, 9, 9, 30, tzinfo=UTC)


def extension(*parts: bytes, name: str = "1.2.156.10197.6.7.2.2.1", value: bytes = b"2.1") -> bytes:
    """ExtData; ``parts`` stand between its name and its value."""
    return sequence(oid(name), *parts, octet_string(value))


def seal(layout: int = 4, /, **given: bytes) -> bytes:
    """SESeal of layout 1, 4 or 5, field by field; the maker signs whatever comes out.

    Fields: id, version, vid, es_id, kind, name, list_type, holders, created, valid_from, valid_to, picture, ext,
    header, property, info (these three whole), cert, algorithm, signature, time_stamp, sign_info (v1, whole).
    """
    office, v1 = world().office, layout == 1
    moment = utc_time if v1 else generalized_time
    field = {
        "id": ia5_string("ES"),
        "version": integer(layout),
        "vid": ia5_string("tests"),
        "es_id": ia5_string("37030000001721"),
        "kind": integer(1),
        "name": utf8_string("测试专用章"),
        "list_type": b"" if v1 else integer(1),
        "holders": sequence(octet_string(office.certificate.raw)),
        "created": moment(MADE),
        "valid_from": moment(MADE),
        "valid_to": moment(UNTIL),
        "picture": _picture(),
        "ext": b"",
        "cert": octet_string(office.maker_certificate.raw),
        "algorithm": oid(oids.SM2_SM3_SIGNATURE),
        "time_stamp": b"",
        **given,
    }
    field.setdefault("header", sequence(field["id"], field["version"], field["vid"]))
    names = ("kind", "name", "list_type", "holders", "created", "valid_from", "valid_to")
    field.setdefault("property", sequence(*(field[name] for name in names)))
    field.setdefault(
        "info", sequence(field["header"], field["es_id"], field["property"], field["picture"], field["ext"])
    )
    inner = _unwrapped(field["info"])
    signed = sequence(inner, field["cert"], field["algorithm"]) if v1 else inner
    field.setdefault("signature", bit_string(sign_message(office.maker, signed)))
    tail = (field["cert"], field["algorithm"], field["signature"])
    if v1:
        return sequence(field["info"], field.get("sign_info", sequence(*tail)))
    return sequence(field["info"], *tail, field["time_stamp"])


def value(layout: int = 4, /, *, description: bytes = b"", **given: bytes) -> bytes:
    """SES_Signature of layout 1, 4 or 5, field by field; the office signs whatever comes out.

    Fields: version, seal, time, data_hash, property_info, ext, to_sign (whole), cert, algorithm, signature,
    time_stamp.
    """
    office, v1 = world().office, layout == 1
    field = {
        "version": integer(layout),
        "seal": given.get("seal") or seal(layout),
        "time": bit_string(utc_time(NOW)) if v1 else generalized_time(NOW),
        "data_hash": bit_string(sm3(description)),
        "property_info": ia5_string(f"/{FOLDER}/Signature.xml"),
        "ext": b"",
        "cert": octet_string(office.certificate.raw),
        "algorithm": oid(oids.SM2_SM3_SIGNATURE),
        "time_stamp": b"",
        **given,
    }
    body = [field[name] for name in ("version", "seal", "time", "data_hash", "property_info")]
    body += [field["cert"], field["algorithm"]] if v1 else [field["ext"]]
    field.setdefault("to_sign", sequence(*body))
    signed = _unwrapped(field["to_sign"])
    field.setdefault("signature", bit_string(sign_message(office.signer, signed)))
    if v1:
        return sequence(field["to_sign"], field["signature"])
    return sequence(field["to_sign"], field["cert"], field["algorithm"], field["signature"], field["time_stamp"])


def placed(make_value: Callable[[bytes], bytes], *, seal_file: bytes | None = None, of: World | None = None) -> bytes:
    """The office's sealed document with another seal file, and the value that is made for its Signature.xml."""
    entries: Entries = entries_of((of or world()).stamped())
    if seal_file is not None:
        entries[f"{FOLDER}/Seal.esl"] = seal_file
        entries[f"{FOLDER}/Signature.xml"] = redigested(entries[f"{FOLDER}/Signature.xml"], entries)
    entries[f"{FOLDER}/SignedValue.dat"] = make_value(entries[f"{FOLDER}/Signature.xml"])
    return zipped(entries)


def _picture() -> bytes:
    own = world().office.seal.picture
    return sequence(ia5_string("PNG"), octet_string(own.data), integer(own.width_mm), integer(own.height_mm))


def _unwrapped(octets: bytes) -> bytes:
    outer = read_one(octets)
    if outer.tag == 0x30:
        return octets
    return outer.content[1:] if outer.tag == 0x03 else outer.content


def parts_of(octets: bytes) -> list[bytes]:
    """The elements of a SEQUENCE, as they stand."""
    return [part.raw for part in children_of(read_one(octets))]


# ---------------------------------------------------------------------- any element, wherever it stands


@dataclass
class Node:
    """One element of a structure taken apart; constructed ones have parts in place of content."""

    tag: int
    content: bytes
    parts: list[Node] | None

    @classmethod
    def of(cls, octets: bytes) -> Node:
        tlv = read_one(octets)
        if not tlv.constructed:
            return cls(tlv.tag, tlv.content, None)
        return cls(tlv.tag, b"", [cls.of(part.raw) for part in children_of(tlv)])

    def encoded(self) -> bytes:
        if self.parts is None:
            return encode_tlv(self.tag, self.content)
        return encode_tlv(self.tag, b"".join(part.encoded() for part in self.parts))

    def paths(self) -> list[tuple[int, ...]]:
        """Where every element stands; the whole is the empty path."""
        inner = [(n, *path) for n, part in enumerate(self.parts or ()) for path in part.paths()]
        return [(), *inner]

    def at(self, path: tuple[int, ...]) -> Node:
        node = self
        for step in path:
            assert node.parts is not None
            node = node.parts[step]
        return node


def swapped(octets: bytes, path: tuple[int, ...], tag: int) -> bytes:
    """The structure with another tag on one of its elements."""
    tree = Node.of(octets)
    node = tree.at(path)
    content = b"".join(part.encoded() for part in node.parts) if node.parts is not None else node.content
    node.tag, node.content, node.parts = tag, content, None
    return tree.encoded()


#: Forms of critical that are not DER, and what X.690 says of them is: refuse.
BAD_BOOLEANS = (b"\x01\x01\x01", b"\x01\x01\xfe", b"\x01\x00", b"\x01\x02\xff\xff", b"\x02\x01\x01", b"\x05\x00")
TRUE, FALSE = boolean(True), boolean(False)
