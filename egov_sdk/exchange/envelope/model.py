"""The words of exchange: who sends what to whom, on what grounds and until when, and what the receiver says to it.

Source:
    No public text fixes a national envelope; this one is this project's own, told in docs/en/envelope.md. Purpose and
    basis are there for 政务数据共享条例 (State Council Decree 809), which binds the use of shared data to both.
"""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Final, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from egov_sdk.codes.organizations import check_credit_code
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.keys import Random
from egov_sdk.times import aware

__all__ = [
    "Attachment",
    "Envelope",
    "Party",
    "Receipt",
    "ReceiptOutcome",
    "in_milliseconds",
    "message_digest",
    "new_id",
]

_MOST_BYTES: Final = (1 << 53) - 1
_MOST_CHUNK: Final = 4 << 20
#: Larger content goes beside the message, as an attachment.
MOST_CONTENT: Final = 4 << 20
#: What XML cannot carry, what breaks lines, and what makes text read in another order than it is written.
_UNFIT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_ID: Final = r"^[0-9A-Za-z][0-9A-Za-z._-]{15,63}$"
_DIGEST: Final = r"^[0-9a-f]{64}$"
_MEDIA: Final = r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}(;[ -~]{1,120})?$"


def _plain(text: str) -> str:
    if _UNFIT.search(text) or text.strip() != text:
        raise ValueError("control characters, characters that change the direction, or blanks at an end")
    return text


def in_milliseconds(at: datetime) -> datetime:
    """A moment in UTC to the millisecond, as it is signed.

    Raises:
        ValueError: it is not of the years 1970 to 9998.
    """
    try:
        at = at if at.tzinfo is UTC else at.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment of the years 1970 to 9998") from None
    if not 1970 <= at.year <= 9998:
        raise ValueError("a moment of the years 1970 to 9998")
    beyond = at.microsecond % 1000
    return at.replace(microsecond=at.microsecond - beyond) if beyond else at


def _credit_code(text: str) -> str:
    if not check_credit_code(text).ok:
        raise ValueError("no unified social credit code of 18 characters whose check character is right")
    return text


def _file_name(text: str) -> str:
    if "/" in text or "\\" in text or ":" in text or text in (".", ".."):
        raise ValueError("a file name without a folder")
    return text


_Id = Annotated[str, Field(pattern=_ID)]
_Digest = Annotated[str, Field(pattern=_DIGEST)]
_Line = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(_plain)]
_Optional = Annotated[str, Field(max_length=512), AfterValidator(_plain)]
_Media = Annotated[str, Field(pattern=_MEDIA, max_length=255), AfterValidator(_plain)]
_Length = Annotated[int, Field(ge=0, le=_MOST_BYTES)]
_Moment = Annotated[AwareDatetime, AfterValidator(in_milliseconds)]


class _Word(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """A copy with other values, which are not checked; what was worked out from the old ones is left behind."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(copied).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Party(_Word):
    """Who sends or receives: an organisation by its 统一社会信用代码, and perhaps one system (系统) of it."""

    code: Annotated[str, AfterValidator(_credit_code)]
    system: Annotated[str, Field(pattern=r"^([0-9A-Za-z][0-9A-Za-z._-]{0,63})?$")] = ""

    @property
    def id(self) -> str:
        """``code/system``, or the code alone."""
        return f"{self.code}/{self.system}" if self.system else self.code

    @staticmethod
    @lru_cache(maxsize=1024)
    def parse(text: str) -> Party:
        """What ``id`` gave; the same parties come again and again.

        Raises:
            ValueError: it is something else.
        """
        code, slash, system = text.partition("/")
        if slash and not system:
            raise ValueError("there is a slash and no system behind it")
        return Party(code=code, system=system)

    def covers(self, other: Party) -> bool:
        """Whether a message to this party is one to the other: the same organisation, and the same system if named."""
        return self.code == other.code and self.system in ("", other.system)


class Attachment(_Word):
    """A file that goes beside a message (附件), named by its digest.

    With ``chunk_bytes`` the digest is the root of a hash tree over chunks of that size, so that a part can be checked
    alone; with 0 it is the SM3 of the whole.
    """

    name: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_plain), AfterValidator(_file_name)]
    content_type: _Media = "application/octet-stream"
    length: _Length
    digest: _Digest
    chunk_bytes: Annotated[int, Field(ge=0, le=_MOST_CHUNK)] = 0

    @classmethod
    def of(cls, name: str, content: bytes, *, content_type: str = "application/octet-stream") -> Self:
        """A small file, whole; see ``stream.measure`` for large ones."""
        return cls(name=name, content_type=content_type, length=len(content), digest=sm3(content).hex())


def _pairs(value: object) -> object:
    if isinstance(value, Mapping):
        value = value.items()
    return tuple(sorted(tuple(one) for one in value)) if isinstance(value, Iterable) else value


def _tuple(value: object) -> object:
    if isinstance(value, (str, BaseModel)):
        return (value,)
    return tuple(value) if isinstance(value, Iterable) else value


_Property = tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")], _Line]
_Parties = Annotated[tuple[Party, ...], Field(min_length=1, max_length=64), BeforeValidator(_tuple)]
_Lines = Annotated[tuple[_Line, ...], Field(min_length=1, max_length=16), BeforeValidator(_tuple)]


class Envelope(_Word):
    """One message (数据交换报文): everything that is said of it, and its content.

    Attributes:
        id: never used twice by a sender; 16 to 64 letters, digits, ``.``, ``_`` and ``-``.
        conversation: ties the messages of one piece of work together.
        correlation: the id of the message that this one answers, and ``request_digest`` its digest.
        service: the code of the service (服务编码) that is asked for; ``resource`` that of the data (信息资源代码).
        purpose: what the data are for (使用目的).
        basis: the law, rule or decision that allows it (依据).
        created_at, expires_at: in UTC, to the millisecond.
        properties: further headers, as texts.
    """

    id: _Id
    conversation: Annotated[str, Field(pattern=rf"{_ID}|^$")] = ""
    correlation: Annotated[str, Field(pattern=rf"{_ID}|^$")] = ""
    request_digest: Annotated[str, Field(pattern=rf"{_DIGEST}|^$")] = ""
    sender: Party
    receivers: _Parties
    service: _Optional = ""
    resource: _Optional = ""
    purpose: _Line
    basis: _Lines
    created_at: _Moment
    expires_at: _Moment
    content_type: _Media = "application/octet-stream"
    content: Annotated[bytes, Field(max_length=MOST_CONTENT)] = Field(repr=False)
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=256), BeforeValidator(_tuple)] = ()
    properties: Annotated[tuple[_Property, ...], Field(max_length=64), BeforeValidator(_pairs)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.service and not self.resource:
            raise ValueError("a message names a service or a resource")
        if self.expires_at <= self.created_at:
            raise ValueError("it ends before it begins")
        if len(set(self.receivers)) != len(self.receivers):
            raise ValueError("a receiver stands twice")
        if len({one.name for one in self.attachments}) != len(self.attachments):
            raise ValueError("two attachments have one name")
        if len(dict(self.properties)) != len(self.properties):
            raise ValueError("a property stands twice")
        if self.request_digest and not self.correlation:
            raise ValueError("a request's digest without its id")
        return self

    @classmethod
    def new(
        cls,
        content: bytes,
        *,
        sender: Party,
        receivers: Party | Iterable[Party],
        purpose: str,
        basis: str | Iterable[str],
        at: datetime,
        service: str = "",
        resource: str = "",
        content_type: str = "application/octet-stream",
        attachments: Iterable[Attachment] = (),
        conversation: str = "",
        answers: Envelope | None = None,
        properties: Mapping[str, str] | None = None,
        life: timedelta = timedelta(days=7),
        random: Random = os.urandom,
    ) -> Self:
        """A new message with an id of its own.

        Args:
            answers: the message that this one answers; its conversation goes on.
            life: how long it may be delivered.
        Raises:
            ValueError: the time is naive, or something cannot be in a message; pydantic's ValidationError is one.
        """
        aware(at)
        return cls(
            id=new_id(at, random=random),
            conversation=conversation or (answers.conversation or answers.id if answers is not None else ""),
            correlation=answers.id if answers is not None else "",
            request_digest=answers.digest.hex() if answers is not None else "",
            sender=sender,
            receivers=receivers,  # type: ignore[arg-type]  # the validator makes a tuple of it
            service=service,
            resource=resource,
            purpose=purpose,
            basis=basis,  # type: ignore[arg-type]  # as receivers
            created_at=at,
            expires_at=at + life,
            content_type=content_type,
            content=content,
            attachments=tuple(attachments),
            properties=properties or (),  # type: ignore[arg-type]  # as receivers
        )

    @cached_property
    def content_digest(self) -> bytes:
        """SM3 of the content, 32 bytes."""
        return sm3(self.content)

    @cached_property
    def headers(self) -> bytes:
        """Everything but the content, with the content's length and digest: what the sender signs, in its one form."""
        from egov_sdk.exchange.envelope.headers import encode_headers

        return encode_headers(self)

    @cached_property
    def digest(self) -> bytes:
        """What a receipt names the message by, 32 bytes: SM3(SM3(headers) ‖ SM3(content))."""
        return message_digest(self.headers, self.content_digest)


def message_digest(headers: bytes, content_digest: bytes) -> bytes:
    """SM3(SM3(headers) ‖ SM3(content)): what a receipt names a message by."""
    return sm3(sm3(headers) + content_digest)


class ReceiptOutcome(enum.StrEnum):
    """What became of a message at its receiver. The values are stable."""

    ACCEPTED = "accepted"  # taken over and kept; it will be handled
    COMPLETED = "completed"  # handled
    REFUSED = "refused"  # not taken, or not handled; the reason says why


class Receipt(_Word):
    """What a receiver says to a message (回执): that it came, when, and what became of it.

    Attributes:
        digest: of the message, as ``Envelope.digest`` in hexadecimal: headers and content.
        signature_digest: SM3 of the sender's signature value that came with it: so the receipt proves that too.
        reason: the code of a refusal, such as ``egov.exchange.envelope.decryption``.
        response_digest: of the answer, where there is one.
    """

    id: _Id
    message: _Id
    digest: _Digest
    signature_digest: Annotated[str, Field(pattern=rf"{_DIGEST}|^$")] = ""
    sender: Party
    receiver: Party
    received_at: _Moment
    outcome: ReceiptOutcome
    reason: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_.-]{0,127})?$")] = ""
    response_digest: Annotated[str, Field(pattern=rf"{_DIGEST}|^$")] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.outcome is ReceiptOutcome.REFUSED) != bool(self.reason):
            raise ValueError("a refusal has a reason, and nothing else has one")
        return self

    @classmethod
    def of(
        cls,
        envelope: Envelope,
        *,
        receiver: Party,
        at: datetime,
        outcome: ReceiptOutcome = ReceiptOutcome.ACCEPTED,
        reason: str = "",
        response: Envelope | None = None,
        signature: bytes = b"",
        digest: bytes = b"",
        random: Random = os.urandom,
    ) -> Self:
        """The receipt for a message, not signed yet.

        Args:
            receiver: who says it.
            response: the answer, where it is there already.
            signature, digest: the value of the sender's signature, and the message's digest where it is known already;
                ``SignedMessage.receipt`` gives them.
        Raises:
            ValueError: the time is naive, or the message is not for this receiver.
        """
        aware(at)
        if not any(one.covers(receiver) for one in envelope.receivers):
            raise ValueError("the message is not for this receiver")
        return cls(
            id=new_id(at, random=random),
            message=envelope.id,
            digest=(digest or envelope.digest).hex(),
            signature_digest=sm3(signature).hex() if signature else "",
            sender=envelope.sender,
            receiver=receiver,
            received_at=at,
            outcome=outcome,
            reason=reason,
            response_digest=response.digest.hex() if response is not None else "",
        )

    @cached_property
    def headers(self) -> bytes:
        """The receipt in its one form: what is signed."""
        from egov_sdk.exchange.envelope.headers import encode_receipt

        return encode_receipt(self)


def new_id(at: datetime, *, random: Random = os.urandom) -> str:
    """An id that sorts by time: a UUID of version 7.

    Source:
        RFC 9562, 5.7.
    """
    aware(at)
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    octets = bytearray(milliseconds.to_bytes(6, "big") + random(10))
    octets[6] = octets[6] & 0x0F | 0x70
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
