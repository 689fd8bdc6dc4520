"""Messages, receipts and batches as canonical headers and back, without loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final, NoReturn, TypeVar, cast

from pydantic import ValidationError

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.canonical import (
    HEX_DIGEST,
    an_object,
    canonical,
    decode_moment,
    encode_moment,
    only,
    read_canonical,
    require,
)
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Attachment, Envelope, Party, Receipt, ReceiptOutcome, message_digest
from egov_sdk.exchange.envelope.problems import (
    HEX_DIGITS,
    LEFT_OUT,
    MISSING,
    NOTHING,
    ONE_OF_BOTH,
    OTHER_TEXT,
    kind_name,
    unreadable,
)
from egov_sdk.frozen import first_misfit
from egov_sdk.report import Text

__all__ = [
    "BATCH_FORMAT",
    "ENVELOPE_FORMAT",
    "RECEIPT_FORMAT",
    "Batch",
    "ReadHeaders",
    "decode_batch",
    "decode_envelope",
    "decode_receipt",
    "encode_batch",
    "encode_headers",
    "encode_receipt",
]

ENVELOPE_FORMAT: Final = "egov-envelope/1"
RECEIPT_FORMAT: Final = "egov-receipt/1"
BATCH_FORMAT: Final = "egov-receipt-batch/1"
_MOST_RECEIPTS: Final = 1 << 40
_TEXTS: Final = ("id", "purpose", "content_type")
_OPTIONAL: Final = ("conversation", "correlation", "request_digest", "service", "resource")
_MEMBERS: Final = frozenset(
    {*_TEXTS, *_OPTIONAL, "format", "sender", "receivers", "basis", "created", "expires", "content"}
    | {"attachments", "properties"}
)
#: What may be seen outside the encryption: nothing that tells of the content.
_ROUTING: Final = _MEMBERS - {"content", "content_type", "attachments", "purpose", "basis", "properties"}
_RECEIPT_TEXTS: Final = ("id", "message", "digest", "outcome")
_RECEIPT_OPTIONAL: Final = ("reason", "response_digest", "signature_digest")
_RECEIPT_MEMBERS: Final = frozenset({*_RECEIPT_TEXTS, *_RECEIPT_OPTIONAL, "format", "sender", "receiver", "received"})

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ReadHeaders:
    """Headers as a sender wrote them, and the message that they and a content make.

    ``length`` and ``content_digest`` are what the headers state of the content; nothing is compared here.
    ``message_digest`` is what a receipt names the message by.
    """

    members: Mapping[str, object]
    headers: bytes
    length: int
    content_digest: bytes
    envelope: Envelope
    message_digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message_digest", message_digest(self.headers, self.content_digest))


def _party(party: Party) -> dict[str, object]:
    return {"code": party.code, "system": party.system} if party.system else {"code": party.code}


def _attachment(one: Attachment) -> dict[str, object]:
    stated: dict[str, object] = {"name": one.name, "content_type": one.content_type, "length": one.length}
    if one.chunk_bytes:
        return stated | {"tree": {"chunk": one.chunk_bytes, "root": one.digest}}
    return stated | {"sm3": one.digest}


def encode_headers(envelope: Envelope) -> bytes:
    """The canonical headers of a message."""
    return canonical(_header_members(envelope))


def own_headers(envelope: Envelope) -> ReadHeaders:
    """The headers of a message of one's own, as if they had been read.

    Raises:
        ValueError: they are longer than readers take.
    """
    members = _header_members(envelope)
    octets = canonical(members)
    if len(octets) > (most := DEFAULT_ENVELOPE_LIMITS.header_bytes):
        raise ValueError(f"the headers of a message have at most {most} bytes, here they have {len(octets)}")
    return ReadHeaders(members, octets, len(envelope.content), envelope.content_digest, envelope)


def _header_members(envelope: Envelope) -> dict[str, object]:
    members: dict[str, object] = {
        "format": ENVELOPE_FORMAT,
        "id": envelope.id,
        "sender": _party(envelope.sender),
        "receivers": [_party(one) for one in envelope.receivers],
        "purpose": envelope.purpose,
        "basis": list(envelope.basis),
        "created": encode_moment(envelope.created_at),
        "expires": encode_moment(envelope.expires_at),
        "content_type": envelope.content_type,
        "content": {"length": len(envelope.content), "sm3": envelope.content_digest.hex()},
    }
    for name in _OPTIONAL:
        if value := getattr(envelope, name):
            members[name] = value
    if envelope.attachments:
        members["attachments"] = [_attachment(one) for one in envelope.attachments]
    if envelope.properties:
        members["properties"] = dict(envelope.properties)
    return members


def routing_members(members: Mapping[str, object]) -> dict[str, object]:
    """The members that may be seen outside an encryption."""
    return {name: value for name, value in members.items() if name in _ROUTING}


def check_routing(octets: bytes, *, limits: EnvelopeLimits) -> dict[str, object]:
    """Read what stands outside an encryption; whom it is for must be there.

    Raises:
        ParseError: it is something else.
    """
    members = _read(octets, ENVELOPE_FORMAT, limits, what="routing")
    only(members, _ROUTING, where="routing")
    if not _list(members, "receivers"):
        raise unreadable("envelope.encrypted_to_nobody")
    for name in ("id", "created", "expires"):
        require(members, name, str, where="routing")
    return members


def decode_envelope(octets: bytes, *, content: bytes, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> ReadHeaders:
    """Read the headers of a message that came with a content.

    Raises:
        ParseError: not such headers, not in their one form, or of another version.
        LimitExceeded: too long, or nested too deeply.
    """
    members = _read(octets, ENVELOPE_FORMAT, limits, what="headers")
    only(members, _MEMBERS, where="headers")
    told = cast("dict[str, object]", require(members, "content", dict, where="headers"))
    only(told, {"length", "sm3"}, where="headers: content")
    length = cast("int", require(told, "length", int, where="headers: content"))
    stated = _digest(told, "sm3")
    envelope = _guarded(lambda: _envelope(members, content), "envelope.headers")
    return ReadHeaders(members, octets, length, bytes.fromhex(stated), envelope)


def _read(octets: bytes, version: str, limits: EnvelopeLimits, *, what: str) -> dict[str, object]:
    if len(octets) > limits.header_bytes:
        raise LimitExceeded("header_bytes", allowed=limits.header_bytes, found=len(octets), where=what)
    members = read_canonical(octets, depth=limits.depth, where=what)
    if members.get("format") != version:
        raise unreadable("envelope.version", found=members.get("format", MISSING), expected=version)
    return members


def _envelope(members: Mapping[str, object], content: bytes) -> Envelope:
    optional = {name: _text(members, name) for name in _OPTIONAL if name in members}
    return Envelope(
        **optional,
        id=_text(members, "id"),
        sender=_read_party(members.get("sender")),
        receivers=tuple(_read_party(one) for one in _list(members, "receivers")),
        purpose=_text(members, "purpose"),
        basis=tuple(_all_texts(_list(members, "basis"))),
        created_at=_moment(members, "created"),
        expires_at=_moment(members, "expires"),
        content_type=_text(members, "content_type"),
        content=content,
        attachments=tuple(_read_attachment(one) for one in _some(members, "attachments", list)),
        properties=tuple(sorted(_properties(members).items())),
    )


def _properties(members: Mapping[str, object]) -> dict[str, str]:
    found = cast("dict[str, object]", require(members, "properties", dict)) if "properties" in members else {}
    if "properties" in members and not found:
        raise unreadable("envelope.member", name="properties", found=NOTHING, expected=LEFT_OUT)
    return dict(zip(found, _all_texts(list(found.values())), strict=True))


def _some(members: Mapping[str, object], name: str, kind: type[list[object]]) -> list[object]:
    """A list that is left out where it is empty: so there is one way to write it."""
    if name not in members:
        return []
    if not (found := cast("list[object]", require(members, name, kind))):
        raise unreadable("envelope.member", name=name, found=NOTHING, expected=LEFT_OUT)
    return found


def _read_party(value: object) -> Party:
    member = an_object(value, "a party")
    only(member, {"code", "system"}, where="party")
    return _party_of(_text(member, "code"), _text(member, "system") if "system" in member else "")


@lru_cache(maxsize=1024)
def _party_of(code: str, system: str) -> Party:
    """The same parties come again and again."""
    return Party(code=code, system=system)


def _read_attachment(value: object) -> Attachment:
    member = an_object(value, "an attachment")
    only(member, {"name", "content_type", "length", "sm3", "tree"}, where="attachment")
    chunk = 0
    if ("tree" in member) == ("sm3" in member):
        raise unreadable(
            "envelope.member",
            name=Text("attachment", "附件"),
            found=Text("sm3 and tree", "sm3 和 tree"),
            expected=ONE_OF_BOTH,
        )
    if "tree" in member:
        tree = an_object(member["tree"], "tree")
        only(tree, {"chunk", "root"}, where="tree")
        chunk, digest = cast("int", require(tree, "chunk", int)), _digest(tree, "root")
        if not chunk:
            raise unreadable("envelope.member", name="chunk", found=0, expected=Text("1 or more", "不小于 1"))
    else:
        digest = _digest(member, "sm3")
    return Attachment(
        name=_text(member, "name"),
        content_type=_text(member, "content_type"),
        length=cast("int", require(member, "length", int)),
        digest=digest,
        chunk_bytes=chunk,
    )


def encode_receipt(receipt: Receipt) -> bytes:
    """The canonical headers of a receipt."""
    members: dict[str, object] = {
        "format": RECEIPT_FORMAT,
        "id": receipt.id,
        "message": receipt.message,
        "digest": receipt.digest,
        "sender": _party(receipt.sender),
        "receiver": _party(receipt.receiver),
        "received": encode_moment(receipt.received_at),
        "outcome": receipt.outcome.value,
    }
    return canonical(members | {name: value for name in _RECEIPT_OPTIONAL if (value := getattr(receipt, name))})


def decode_receipt(octets: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> Receipt:
    """Read the headers of a receipt.

    Raises:
        ParseError, LimitExceeded: as decode_envelope.
    """
    members = _read(octets, RECEIPT_FORMAT, limits, what="receipt")
    only(members, _RECEIPT_MEMBERS, where="receipt")
    receipt = _guarded(lambda: _receipt(members), "receipt.headers")
    vars(receipt)["headers"] = octets  # the one form that it has: what is signed is what was read
    return receipt


def _receipt(members: Mapping[str, object]) -> Receipt:
    texts = {name: _text(members, name) for name in ("id", "message", "digest")}
    return Receipt(
        **texts,
        **{name: _text(members, name) for name in _RECEIPT_OPTIONAL if name in members},
        outcome=ReceiptOutcome(_text(members, "outcome")),
        sender=_read_party(members.get("sender")),
        receiver=_read_party(members.get("receiver")),
        received_at=_moment(members, "received"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is signed of a batch of receipts: the root of their tree, how many they are, who signs, and when."""

    root: bytes
    size: int
    signer: Party
    created_at: datetime


def encode_batch(batch: Batch) -> bytes:
    """The canonical headers of a batch."""
    return canonical(
        {
            "format": BATCH_FORMAT,
            "root": batch.root.hex(),
            "size": batch.size,
            "signer": _party(batch.signer),
            "created": encode_moment(batch.created_at),
        }
    )


def decode_batch(octets: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> Batch:
    """Read the headers of a batch.

    Raises:
        ParseError, LimitExceeded: as decode_envelope.
    """
    members = _read(octets, BATCH_FORMAT, limits, what="batch")
    only(members, {"format", "root", "size", "signer", "created"}, where="batch")
    size = cast("int", require(members, "size", int, where="batch"))
    if not 1 <= size <= _MOST_RECEIPTS:
        raise unreadable("receipt.batch", name="size", found=size)
    return Batch(
        root=bytes.fromhex(_digest(members, "root")),
        size=size,
        signer=_guarded(lambda: _read_party(members.get("signer")), "receipt.batch"),
        created_at=_guarded(lambda: _moment(members, "created"), "receipt.batch"),
    )


def _guarded(make: Callable[[], _T], problem: str) -> _T:
    """What the model says of a stranger's headers, as an error of the room."""
    try:
        return make()
    except ValidationError as error:
        first = first_misfit(error)
        raise unreadable(problem, name=first.place or "-", found=first.text) from None
    except ValueError as error:
        raise unreadable(problem, name="-", found=error.args[0] if error.args else error) from None


def _list(members: Mapping[str, object], name: str) -> list[object]:
    return cast("list[object]", require(members, name, list))


def _text(members: Mapping[str, object], name: str) -> str:
    found = cast("str", require(members, name, str))
    return found or _empty(name)


def _empty(name: str) -> NoReturn:
    raise unreadable("envelope.member", name=name, found=Text("an empty text", "空文本"), expected=LEFT_OUT)


def _all_texts(values: list[object]) -> list[str]:
    for one in values:
        if not isinstance(one, str) or not one:
            raise unreadable(
                "envelope.member",
                name=Text("an entry", "其中一项"),
                found=kind_name(type(one)),
                expected=Text("a text", "文本"),
            )
    return cast("list[str]", values)


def _digest(members: Mapping[str, object], name: str) -> str:
    found = cast("str", require(members, name, str))
    if not HEX_DIGEST.fullmatch(found):
        raise unreadable("envelope.member", name=name, found=OTHER_TEXT, expected=HEX_DIGITS)
    return found


def _moment(members: Mapping[str, object], name: str) -> datetime:
    return decode_moment(_text(members, name))
