"""What a node does for the applications of its department, wherever it lives."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from egov_sdk.exchange.envelope.model import Attachment, Envelope
from egov_sdk.exchange.node.model import Direction, Draft, Health, MessageRecord, MessageState, NodeStatus

__all__ = ["ExchangeService"]


class ExchangeService(Protocol):
    """Exchange with other departments (数据交换服务): messages go out and come in, and none is lost."""

    def send(self, draft: Draft) -> MessageRecord:
        """Sign a message and queue it; it is kept from then on, and delivered as soon as that goes.

        Of a message to several receivers each has a record of its own, in their order; the first is given back, and
        ``messages(message_id=…)`` gives all.

        Raises:
            NodeRejected: partner_unknown, partner_blocked, queue_full, files_full, conflict, message_unknown,
                attachment_unknown, audit_not_stamped.
            ValueError: it cannot be a message.
        """

    def attach(self, name: str, source: BinaryIO, *, content_type: str = "application/octet-stream") -> Attachment:
        """Keep a file at the node, to be named in a draft; it is read twice. What was cut goes on where it was.

        Args:
            name: of the file, without a folder.
            source: open for reading, and seekable.
        Raises:
            NodeRejected: attachment_form, attachment_size.
            EnvelopeRejected: the file changed while it was read.
            ValueError: that is no name of an attachment.
        """

    def attachment(self, number: int, name: str, sink: BinaryIO, *, offset: int = 0) -> int:
        """Write an attachment of a message from a byte on; how many bytes there were. All of it is what was signed.

        Raises:
            NodeRejected: message_unknown, no_content; the message names no such file, or it is not kept any more.
        """

    def find(self, number: int) -> MessageRecord:
        """One message.

        Raises:
            NodeRejected: message_unknown.
        """

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
        """Messages by number from ``after`` on, of those that are asked for.

        Args:
            correlation: the id of a message; gives its answers.
        """

    def envelope(self, number: int) -> Envelope:
        """What a message says.

        Raises:
            NodeRejected: message_unknown, no_content.
        """

    def receipt(self, number: int) -> bytes | None:
        """The signed receipt for a message, in JSON: the last word of its receiver; None where there is none yet.

        Raises:
            NodeRejected: message_unknown.
        """

    def evidence(self, number: int) -> bytes:
        """The message as it was signed, with all receipts for it: a file for ``egov exchange verify``.

        Raises:
            NodeRejected: message_unknown, no_content.
        """

    def replay(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """Try a dead message again, as if for the first time.

        Raises:
            NodeRejected: message_unknown, state, expired, no_content.
        """

    def cancel(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """Give a message up that is queued, handed over or dead. What a partner has, it keeps.

        Raises:
            NodeRejected: message_unknown, state.
        """

    def status(self) -> NodeStatus:
        """Queues, rates and ages."""

    def health(self) -> Health:
        """Whether work is taken."""

    def metrics(self) -> str:
        """The status as text for Prometheus."""
