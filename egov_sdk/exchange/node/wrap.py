"""Parcels and answers as they lie in a folder or at a broker: one line that says what it is, then the octets.

The line is ``egov-parcel/1 KIND ID SENDER RECEIVER COUNT LENGTH DIGEST`` and ends with a line feed; the digest is the
SM3 of the octets. It tells a whole parcel from half of one, and whom it is for. It proves nothing: what is inside is
sealed.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, cast

from egov_sdk.crypto import sm3
from egov_sdk.errors import InputError, ParseError
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.problems import TABLE, NodeOrigin, origin_of
from egov_sdk.exchange.node.transport import Parcel
from egov_sdk.problems import shown
from egov_sdk.report import Text

__all__ = ["Collected", "Receiver", "RefusedParcel", "Wrapped", "answer_to", "box_of", "unwrap", "wrap"]

Kind = Literal["parcel", "answer"]

_PARTIES: Final = Text("sender or receiver", "发送方或接收方")
_FORMAT: Final = b"egov-parcel/1"
_LINE: Final = re.compile(
    rb"egov-parcel/1 (parcel|answer) ([0-9A-Za-z][0-9A-Za-z._-]{0,63}) ([!-~]{1,96}) ([!-~]{1,96}) "
    rb"(0|[1-9][0-9]{0,6}) (0|[1-9][0-9]{0,10}) ([0-9a-f]{64})\n"
)
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
#: No line is longer.
LINE_BYTES: Final = 512


class Receiver(Protocol):
    """What a transport hands things to: a node."""

    def accept(self, data: bytes) -> bytes:
        """Take a parcel; the answer for its sender."""

    def settle(self, answer: bytes) -> object:
        """Take the answer to a parcel that was sent from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """A parcel or an answer with what its line says; an answer has the id of its parcel."""

    kind: Kind
    id: str
    sender: Party
    receiver: Party
    count: int
    data: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What it is called in a folder."""
        return f"{self.id}.{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedParcel:
    """What was put aside, and why: the name that it came under, the code, and whose matter it is."""

    name: str
    code: str
    origin: NodeOrigin
    kept_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one round of collecting did."""

    parcels: int = 0
    answers: int = 0
    refused: tuple[RefusedParcel, ...] = ()

    def __add__(self, other: Collected) -> Collected:
        return Collected(
            parcels=self.parcels + other.parcels,
            answers=self.answers + other.answers,
            refused=self.refused + other.refused,
        )


def refused(name: str, error: InputError, *, kept_as: str = "") -> RefusedParcel:
    """What is told of something unreadable."""
    problem = error.code.removeprefix("egov.exchange.")
    origin = origin_of(problem) if problem.startswith("node.") else "sender"
    return RefusedParcel(name=shown(name), code=error.code, origin=origin, kept_as=kept_as)


def box_of(party: Party) -> str:
    """The name of a party's box: its id, with a plus sign for the slash."""
    return party.id.replace("/", "+")


def wrap(one: Parcel | Wrapped) -> bytes:
    """A parcel or an answer with its line.

    Raises:
        ValueError: its id cannot be a name.
    """
    if not _ID.fullmatch(one.id):
        raise ValueError(f"the id of a parcel cannot be {one.id!r}")
    kind = one.kind if isinstance(one, Wrapped) else "parcel"
    words = (kind, one.id, one.sender.id, one.receiver.id, str(one.count), str(len(one.data)), sm3(one.data).hex())
    return b" ".join((_FORMAT, *(word.encode("ascii") for word in words))) + b"\n" + one.data


def answer_to(parcel: Wrapped, data: bytes) -> Wrapped:
    """The answer to a parcel, for the one who sent it."""
    return Wrapped(
        kind="answer", id=parcel.id, sender=parcel.receiver, receiver=parcel.sender, count=parcel.count, data=data
    )


def unwrap(data: bytes, *, us: Party, kind: Kind, where: str = "") -> Wrapped:
    """Read what a transport found.

    Args:
        us: who is here; what is for another one is not read.
    Raises:
        ParseError: egov.exchange.node.wrap, wrap_half, wrap_digest, wrap_receiver.
    """
    found = _LINE.match(data)
    if found is None:
        head = data[:LINE_BYTES].partition(b"\n")[0][:40]
        raise TABLE.unreadable(
            "node.wrap", where=where, name=Text("the line", "首行"), found=repr(head)[1:], expected="egov-parcel/1"
        )
    said, ident, sender, receiver, count, length, digest = (word.decode("ascii") for word in found.groups())
    content = data[found.end() :]
    if len(content) != int(length):
        raise TABLE.unreadable("node.wrap_half", where=where, found=len(content), expected=length)
    if not hmac.compare_digest(sm3(content).hex(), digest):
        raise TABLE.unreadable("node.wrap_digest", where=where)
    if said != kind:
        raise _wrong(Text("kind", "类别"), said, kind, where=where)
    try:
        parties = Party.parse(sender), Party.parse(receiver)
    except ValueError:
        raise _wrong(_PARTIES, f"{sender} {receiver}", Text("a party", "交换方标识"), where=where) from None
    if parties[1] != us:
        raise TABLE.unreadable("node.wrap_receiver", where=where, found=receiver, expected=us.id)
    return Wrapped(
        kind=cast("Kind", said), id=ident, sender=parties[0], receiver=parties[1], count=int(count), data=content
    )


def _wrong(name: Text, found: str, expected: str | Text, *, where: str) -> ParseError:
    return TABLE.unreadable("node.wrap", where=where, name=name, found=found, expected=expected)
