"""How parcels of messages get from one node to another, and the first of the ways: HTTP over the gateway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from egov_sdk.errors import PlatformRejected
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.problems import refuse

if TYPE_CHECKING:
    from egov_sdk.gateway import GatewayClient

__all__ = ["PARCEL_PATH", "PARCEL_TYPE", "HandToHand", "HttpTransport", "Parcel", "Transport"]

#: The content type of a parcel: one message in JSON on each line, and of its answer: one receipt or refusal on each.
PARCEL_TYPE: Final = "application/x-ndjson"
#: Where a node takes parcels over HTTP, below its prefix.
PARCEL_PATH: Final = "/exchange/parcels"
_ANSWER_BYTES: Final = 16 << 20
_TOO_LARGE: Final = 413


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Sealed messages for one partner, as octets that only the two nodes understand.

    Attributes:
        id: of this attempt; the same messages go again under another one.
        sender, receiver: the parties, for addressing. They are not secret; nothing else is in the clear.
        count: how many messages it holds.
    """

    id: str
    sender: Party
    receiver: Party
    count: int
    data: bytes = field(repr=False)


class Transport(Protocol):
    """Carries parcels to partners and brings back what they say.

    On the receiving side a transport gives the octets of a parcel, unchanged and whole, to ``node.accept(data)`` and
    carries what that returns back to the sender. It may forget the parcel only after ``accept`` has returned *and* the
    answer is on its way by something that survives a crash; when ``accept`` raises, it keeps the parcel (or tells the
    sender that it failed) and tries again later: nothing was taken.

    What a transport must guarantee:

    - octets arrive as they were sent, or not at all; half a parcel is never given to ``accept``;
    - ``deliver`` returns only what the partner's node answered, or None;
    - it waits for ever nowhere.

    What it need not guarantee: that a parcel arrives at all, once only, or in order. Whatever is lost is sent again,
    whatever comes twice is answered with the receipt of the first time. Nor need it be trusted: messages are sealed,
    and receipts are signed and verified by the nodes. Where a partner is ``ordered``, the node itself has one parcel
    under way at a time.

    Attachments go as parcels of their own, as large as the node's ``piece_bytes``. A transport that carries less has an
    attribute of that name which says how much.

    Of messages no more go in a parcel than the node's ``most_bytes``, or the attribute ``parcel_bytes`` of a transport
    that carries less; a message that is larger goes alone.

    Threads of one node may call ``deliver`` at once.
    """

    def deliver(self, parcel: Parcel) -> bytes | None:
        """Hand a parcel over; what the partner's ``accept`` answered, as it is.

        None says that the parcel was taken over by something that survives a crash and that the answer comes later:
        whoever receives it then gives it to ``node.settle(answer)``. Until that, or until the node's
        ``receipt_wait``, the messages are in the state ``sent``; then they go again.

        Raises:
            Exception: it was not delivered, or nobody knows. The node sends the messages again later, with back-off;
                the error's ``code``, if it is an EgovError, is kept with them.
        """


class HttpTransport:
    """Parcels as POST requests (HTTP 传输), through the gateway client: with any profile, token, rate and proxy.

    Args:
        gateway: how one partner, or a gateway that routes by receiver, is reached; close it where it was made. It
            should try once (``Retry(attempts=1)``): the node itself tries again.
        path: where the partner takes parcels.
        headers: further headers for a parcel, such as a route by receiver.
    """

    def __init__(
        self,
        gateway: GatewayClient,
        *,
        path: str = PARCEL_PATH,
        headers: Callable[[Parcel], dict[str, str]] | None = None,
    ) -> None:
        self._gateway, self._path, self._headers = gateway, path, headers

    def deliver(self, parcel: Parcel) -> bytes:
        """As Transport.deliver; the answer is there at once.

        Raises:
            NodeRejected: parcel_size.
            EgovError: as the gateway raises it.
        """
        from egov_sdk.gateway import Request

        request = Request(
            "POST",
            self._path,
            body=parcel.data,
            content_type=PARCEL_TYPE,
            headers=self._headers(parcel) if self._headers else {},
            idempotency_key=parcel.id,
            writes_safely=True,
            check_answer=False,
            max_answer_bytes=_ANSWER_BYTES,
        )
        try:
            return self._gateway.request(request).body
        except PlatformRejected as error:
            if error.status == _TOO_LARGE:
                raise refuse("node.parcel_size", found=len(parcel.data), partner=parcel.receiver.id) from error
            raise


@dataclass(frozen=True, slots=True)
class HandToHand:
    """To a node in the same process (同进程传输), for tests and demonstrations.

    Attributes:
        accept: the receiving node's, or what stands for it.
    """

    accept: Callable[[bytes], bytes]

    def deliver(self, parcel: Parcel) -> bytes:
        """As Transport.deliver; the answer is there at once."""
        return self.accept(parcel.data)
