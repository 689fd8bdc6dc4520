"""Parcels: one message in JSON on each line; their answers: one receipt or one refusal on each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import EgovError, InputError, LimitExceeded
from egov_sdk.exchange.envelope.canonical import canonical, read_json
from egov_sdk.exchange.envelope.limits import EnvelopeLimits
from egov_sdk.exchange.envelope.receipt import ReceiptReader, SignedReceipt
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.problems import shown

__all__ = ["REFUSAL_FORMAT", "Refusal", "join", "lines_of", "read_answer"]

REFUSAL_FORMAT: Final = "egov-refusal/1"
_ID_CHARS: Final = 64
_MOST_WAIT_S: Final = 86_400
_MOST_AWAITED: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a node says to a message that it gives no receipt for. It is not signed, and so decides nothing.

    Attributes:
        message: the id, as far as it could be read.
        code, origin: the reason, and whose matter it is.
        after_s: when to try again; 0 if that is left to the sender.
        receiver: who says it.
        awaits: the attachments that must come first: the digest of each, in hexadecimal, and the number of the chunk
            from which on it is missing, -1 where it is not even begun.
    """

    message: str
    code: str
    origin: str
    text: str = ""
    after_s: int = 0
    receiver: str = ""
    awaits: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The refusal as a line of an answer."""
        members: dict[str, object] = {
            "format": REFUSAL_FORMAT,
            "message": self.message,
            "code": self.code,
            "origin": self.origin,
            "text": self.text,
            "after": self.after_s,
        }
        if self.receiver:
            members["receiver"] = self.receiver
        if self.awaits:
            members["awaits"] = dict(self.awaits)
        return canonical(members)

    @classmethod
    def of(
        cls,
        error: EgovError,
        *,
        message: str = "",
        after_s: int = 0,
        receiver: str = "",
        awaits: Mapping[str, int] = MappingProxyType({}),
    ) -> Refusal:
        """What an error says to the partner: its code and its sentence, and no facts."""
        if isinstance(error, NodeRejected):
            origin: str = error.origin
        else:
            origin = "sender" if isinstance(error, InputError) else "receiver"
        return cls(
            message=shown(message)[:_ID_CHARS],
            code=error.code,
            origin=origin,
            text=shown(error),
            after_s=after_s,
            receiver=receiver,
            awaits=awaits,
        )


def join(lines: Iterable[bytes]) -> bytes:
    """Lines as octets: canonical JSON has no line breaks of its own."""
    return b"\n".join(lines)


def lines_of(data: bytes, *, most: int, most_bytes: int) -> list[bytes]:
    """The lines of a parcel or an answer.

    Raises:
        LimitExceeded: it is too large, or holds too many.
    """
    if len(data) > most_bytes:
        raise LimitExceeded("most_bytes", allowed=most_bytes, found=len(data), where="parcel")
    if data.count(b"\n") >= most + 1:
        raise LimitExceeded("most_in_parcel", allowed=most, found=data.count(b"\n"), where="parcel")
    if data.lstrip()[:1] == b"<":
        return [data]  # one message in XML has lines of its own
    return [line for line in data.split(b"\n") if line.strip()]


def read_answer(
    line: bytes, *, limits: EnvelopeLimits, receipts: ReceiptReader | None = None
) -> SignedReceipt | Refusal:
    """One line of an answer.

    Args:
        receipts: has read the lines before it.
    Raises:
        InputError: it is neither receipt nor refusal.
    """
    if len(line) > limits.message_bytes:
        raise LimitExceeded("message_bytes", allowed=limits.message_bytes, found=len(line), where="answer")
    members = read_json(line, depth=limits.depth, where="answer")
    if members.get("format") != REFUSAL_FORMAT:
        return (receipts or ReceiptReader(limits)).read(members)
    texts = {name: shown(members.get(name, "")) for name in ("message", "code", "origin", "text", "receiver")}
    after = members.get("after")
    wait = after if type(after) is int and 0 <= after <= _MOST_WAIT_S else 0
    return Refusal(**texts, after_s=wait, awaits=_awaited(members.get("awaits")))


def _awaited(found: object) -> dict[str, int]:
    """What of ``awaits`` can be one; a stranger may write anything there."""
    given = found.items() if isinstance(found, dict) else ()
    listed = {digest: at for digest, at in given if isinstance(digest, str) and type(at) is int and at >= -1}
    return dict(list(listed.items())[:_MOST_AWAITED])
