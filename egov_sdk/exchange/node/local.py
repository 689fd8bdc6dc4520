"""The service of exchange at work in this process, on a node of one's own."""

from __future__ import annotations

from typing import BinaryIO

from egov_sdk.exchange.envelope.model import Attachment, Envelope
from egov_sdk.exchange.node.model import Direction, Draft, Health, MessageRecord, MessageState, NodeStatus
from egov_sdk.exchange.node.node import ExchangeNode

__all__ = ["LocalExchangeService"]


class LocalExchangeService:
    """An ExchangeService on a node in this process (数据交换服务).

    Attributes:
        node: for the office that runs it: the application's own transactions, handlers, pulls, partners, workers.
    """

    def __init__(self, node: ExchangeNode) -> None:
        self.node = node

    def send(self, draft: Draft) -> MessageRecord:
        """Sign a message and queue it; see ExchangeService."""
        return self.node.send(draft)

    def attach(self, name: str, source: BinaryIO, *, content_type: str = "application/octet-stream") -> Attachment:
        """Keep a file to be sent; see ExchangeService."""
        return self.node.attachments.attach(name, source, content_type=content_type)

    def attachment(self, number: int, name: str, sink: BinaryIO, *, offset: int = 0) -> int:
        """Write an attachment; see ExchangeService."""
        return self.node.attachments.save(number, name, sink, offset=offset)

    def find(self, number: int) -> MessageRecord:
        """One message; see ExchangeService."""
        return self.node.find(number)

    def messages(
        self,
        *,
        direction: Direction | None = None,
        state: MessageState | None = None,
        partner: str = "",
        message_id: str = "",
        correlation: str = "",
        after: int = 0,
        limit: int = 100,
    ) -> tuple[MessageRecord, ...]:
        """Messages; see ExchangeService."""
        return self.node.messages(
            direction=direction,
            state=state,
            partner=partner,
            message_id=message_id,
            correlation=correlation,
            after=after,
            limit=limit,
        )

    def envelope(self, number: int) -> Envelope:
        """What a message says; see ExchangeService."""
        return self.node.envelope(number)

    def receipt(self, number: int) -> bytes | None:
        """The receipt; see ExchangeService."""
        return self.node.receipt(number)

    def evidence(self, number: int) -> bytes:
        """Message and receipt; see ExchangeService."""
        return self.node.evidence(number)

    def replay(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """Try a dead message again; see ExchangeService."""
        return self.node.replay(number, reason=reason, actor=actor)

    def cancel(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """Give a message up; see ExchangeService."""
        return self.node.cancel(number, reason=reason, actor=actor)

    def status(self) -> NodeStatus:
        """Queues, rates and ages; see ExchangeService."""
        return self.node.status()

    def health(self) -> Health:
        """Whether work is taken; see ExchangeService."""
        return self.node.health()

    def metrics(self) -> str:
        """The status for Prometheus; see ExchangeService."""
        return self.node.metrics()
