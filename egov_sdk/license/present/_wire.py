"""The layouts of what is signed and shown, version 1: what stands where, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.crypto import SM2PublicKey
from egov_sdk.errors import ParseError
from egov_sdk.license.present import _base45, _cbor, _tree
from egov_sdk.license.present._cbor import Value
from egov_sdk.license.present._places import unreadable
from egov_sdk.license.present._shapes import (
    KEY_ID_BYTES,
    SIGNATURE_BYTES,
    array,
    kind_of,
    mapping,
    moment,
    number,
    octets,
    text,
    type_code,
)
from egov_sdk.license.present.fields import MOST_ITEMS, unpacked_item
from egov_sdk.license.present.model import AttestedLicense, PresentationKind, ReadPresentation, StatusEntry
from egov_sdk.license.problems import refuse
from egov_sdk.report import Text

__all__ = [
    "BY_HOLDER",
    "BY_ISSUER",
    "FOR_ATTESTATION",
    "FOR_HOLDER_KEY",
    "FOR_ISSUED",
    "FOR_PRESENTATION",
    "MOST_AUDIENCE",
    "MOST_LIFE",
    "NONCE_BYTES",
    "PREFIX",
    "WHAT",
    "no_key",
    "opened",
    "read_attested",
    "read_presentation",
    "status_of",
    "written",
]

#: In front of every presentation of this version of the format.
PREFIX: Final = "EGL1:"
FOR_ISSUED: Final = "egov-license/1 token"
FOR_ATTESTATION: Final = "egov-license/1 attestation"
FOR_PRESENTATION: Final = "egov-license/1 presentation"
FOR_HOLDER_KEY: Final = "egov-license/1 holder-key"

BY_ISSUER: Final = 1
BY_HOLDER: Final = 2

MOST_CHARS: Final = 3_391  # what the largest QR code holds at level M: ISO/IEC 18004, table 7
MOST_LIFE: Final = timedelta(days=1)
MOST_AUDIENCE: Final = 64
NONCE_BYTES: Final = range(8, 33)
MOST_VALUE: Final = 1_000
MOST_INDEX: Final = (1 << 32) - 1
WHAT: Final = "presentation"
_ITEMS: Final = f"{WHAT}, items"
_KNOWN: Final = Text("a known item", "已知的数据项")


def written(value: Value) -> str:
    """The text of a QR code.

    Raises:
        LicenseRejected: qr_too_large.
    """
    text = PREFIX + _base45.encode(_cbor.encode(value))
    if len(text) > MOST_CHARS:
        raise refuse("qr_too_large", found=len(text), expected=40)
    return text


def opened(shown: str) -> Value:
    """The value in the text of a QR code.

    Raises:
        ParseError: it is none.
    """
    if not shown.startswith(PREFIX):
        raise unreadable("presentation_prefix", where=WHAT, found=repr(shown[: len(PREFIX)]), expected=PREFIX)
    if len(shown) > MOST_CHARS:
        found = Text(f"{len(shown)} characters", f"{len(shown)} 个字符")
        raise unreadable("presentation_extra", where=WHAT, found=found)
    return _cbor.decode(_base45.decode(shown[len(PREFIX) :], what=WHAT), what=WHAT)


def read_presentation(shown: str) -> ReadPresentation:
    """Read the text of a QR code; nothing is verified.

    Raises:
        ParseError: it is no presentation, was cut, holds something more, or is not spelt the one way; the code says
            which.
    """
    value = opened(shown)
    kind = value[0] if isinstance(value, tuple) and value else None
    if kind == BY_ISSUER:
        _, body, signature = array(value, 3, what=WHAT)
        return _by_issuer(
            octets(body, 1, MOST_CHARS, what=f"{WHAT}, body"), octets(signature, *_SIGNATURE, what=f"{WHAT}, signature")
        )
    if kind == BY_HOLDER:
        _, attestation, its_signature, body, signature = array(value, 5, what=WHAT)
        attested = read_attested(
            octets(attestation, 1, MOST_CHARS, what=f"{WHAT}, attestation"),
            octets(its_signature, *_SIGNATURE, what=f"{WHAT}, signature of the attestation"),
        )
        return _by_holder(
            attested,
            octets(body, 1, MOST_CHARS, what=f"{WHAT}, body"),
            octets(signature, *_SIGNATURE, what=f"{WHAT}, signature"),
        )
    found = kind if isinstance(kind, int) else kind_of(value)
    expected = Text(f"the kind {BY_ISSUER} or {BY_HOLDER}", f"类别 {BY_ISSUER} 或 {BY_HOLDER}")
    raise unreadable("presentation_value", where=WHAT, found=found, expected=expected)


_SIGNATURE: Final = (SIGNATURE_BYTES, SIGNATURE_BYTES)


def _by_issuer(body: bytes, signature: bytes) -> ReadPresentation:
    value = _cbor.decode(body, what=f"{WHAT}, body")
    key, code, list_id, index, issued, life, nonce, audience, items = array(value, 9, what=f"{WHAT}, body")
    issued_at, expires_at = _times(issued, life)
    found_type = type_code(code, what=f"{WHAT}, type")
    shown = mapping(items, MOST_ITEMS, what=_ITEMS)
    return ReadPresentation(
        kind=PresentationKind.ISSUER,
        issuer_key_id=octets(key, KEY_ID_BYTES, KEY_ID_BYTES, what=f"{WHAT}, issuer's key"),
        type_code=found_type,
        status=status_of(list_id, index, what=WHAT),
        issued_at=issued_at,
        expires_at=expires_at,
        nonce=_nonce(nonce),
        audience=text(audience, MOST_AUDIENCE, what=f"{WHAT}, audience"),
        fields=_named([(key, item) for key, item in shown.items()], found_type),
        body=body,
        signature=signature,
    )


def read_attested(body: bytes, signature: bytes) -> AttestedLicense:
    """Read what an issuer attested for a holder's key; nothing is verified."""
    what = f"{WHAT}, attestation"
    value = array(_cbor.decode(body, what=what), 9, what=what)
    key, code, list_id, index, valid_from, valid_until, holder_key, count, root = value
    try:
        holder = SM2PublicKey.from_point(octets(holder_key, 33, 33, what=f"{what}, holder's key"))
    except ParseError as error:
        if error.code.startswith("egov.license."):
            raise
        found, expected = Text("no point of the curve", "非曲线上的点"), Text("a public key", "公钥")
        raise unreadable("presentation_value", where=f"{what}, holder's key", found=found, expected=expected) from None
    return AttestedLicense(
        issuer_key_id=octets(key, KEY_ID_BYTES, KEY_ID_BYTES, what=f"{what}, issuer's key"),
        type_code=type_code(code, what=f"{what}, type"),
        status=status_of(list_id, index, what=what),
        valid_from=moment(valid_from, what=f"{what}, begin"),
        valid_until=moment(valid_until, what=f"{what}, end"),
        holder_key=holder,
        count=number(count, 1, MOST_ITEMS, what=f"{what}, count"),
        root=octets(root, _tree.NODE_BYTES, _tree.NODE_BYTES, what=f"{what}, root"),
        body=body,
        signature=signature,
    )


def _by_holder(attested: AttestedLicense, body: bytes, signature: bytes) -> ReadPresentation:
    value = _cbor.decode(body, what=f"{WHAT}, body")
    issued, life, nonce, audience, shown, proof = array(value, 6, what=f"{WHAT}, body")
    issued_at, expires_at = _times(issued, life)
    items, leaves = _disclosed(shown, attested.count)
    return ReadPresentation(
        kind=PresentationKind.HOLDER,
        issuer_key_id=attested.issuer_key_id,
        type_code=attested.type_code,
        status=attested.status,
        issued_at=issued_at,
        expires_at=expires_at,
        nonce=_nonce(nonce),
        audience=text(audience, MOST_AUDIENCE, what=f"{WHAT}, audience"),
        fields=_named(items, attested.type_code),
        attested=attested,
        proven=_proven(attested, leaves, octets(proof, 0, MOST_ITEMS * _tree.NODE_BYTES, what=f"{WHAT}, proof")),
        body=body,
        signature=signature,
    )


def _disclosed(value: Value, count: int) -> tuple[list[tuple[_cbor.Key, Value]], dict[int, bytes]]:
    """The items by their keys, and the leaves by their places."""
    items: list[tuple[_cbor.Key, Value]] = []
    leaves: dict[int, bytes] = {}
    for place, entry in mapping(value, MOST_ITEMS, what=_ITEMS).items():
        at = number(place, 0, count - 1, what=f"{WHAT}, place of an item")
        salt, key, item = array(entry, 3, what=f"{WHAT}, item {at}")
        if not isinstance(key, (int, str)):
            raise no_key(f"{WHAT}, item {at}")
        taken = text(item, MOST_VALUE, what=f"{WHAT}, item {at}")
        salt = octets(salt, _tree.SALT_BYTES, _tree.SALT_BYTES, what=f"{WHAT}, salt {at}")
        leaves[at] = _tree.leaf_of(salt, key, taken)
        items.append((key, taken))
    return items, leaves


def no_key(where: str) -> ParseError:
    """The error for an item that has octets where its key should be; the caller raises it."""
    return unreadable("presentation_value", where=where, found=Text("octets", "字节串"), expected=Text("a key", "键"))


def _proven(attested: AttestedLicense, leaves: Mapping[int, bytes], proof: bytes) -> bool:
    if not leaves:
        return not proof
    nodes = [proof[at : at + _tree.NODE_BYTES] for at in range(0, len(proof), _tree.NODE_BYTES)]
    return _tree.proven_root(attested.count, leaves, nodes) == attested.root


def _named(items: list[tuple[_cbor.Key, Value]], found_type: str) -> Mapping[str, str]:
    named: dict[str, str] = {}
    for key, value in items:
        item = unpacked_item(key, text(value, MOST_VALUE, what=_ITEMS), type_code=found_type)
        if item is None or not key:
            raise unreadable("presentation_value", where=_ITEMS, found=key, expected=_KNOWN)
        if item[0] in named:
            raise unreadable("presentation_repeated", where=_ITEMS, found=key)
        named[item[0]] = item[1]
    return named


def _times(issued: Value, life: Value) -> tuple[datetime, datetime]:
    issued_at = moment(issued, what=f"{WHAT}, time")
    most = int(MOST_LIFE.total_seconds())
    return issued_at, issued_at + timedelta(seconds=number(life, 1, most, what=f"{WHAT}, life"))


def _nonce(value: Value) -> bytes:
    return octets(value, NONCE_BYTES[0], NONCE_BYTES[-1], what=f"{WHAT}, nonce")


def status_of(list_id: Value, index: Value, *, what: str) -> StatusEntry:
    """A place in a status list."""
    return StatusEntry(
        number(list_id, 0, MOST_INDEX, what=f"{what}, status list"),
        number(index, 0, MOST_INDEX, what=f"{what}, status index"),
    )
