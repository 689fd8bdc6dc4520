"""The clients of a node elsewhere: one for threads, one for tasks. Both run the same flows over the gateway."""

from __future__ import annotations

from typing import Any, BinaryIO, Final, TypeVar

from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.evidence import read_evidence
from egov_sdk.exchange.envelope.model import Attachment, Envelope
from egov_sdk.exchange.envelope.stream import chunk_count, measure
from egov_sdk.exchange.node import wire
from egov_sdk.exchange.node.attaching import windows
from egov_sdk.exchange.node.model import Direction, Draft, Health, MessageRecord, MessageState, NodeStatus
from egov_sdk.gateway import AsyncGatewayClient, Flow, GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.operations import Nothing, Operation, Question, perform

__all__ = ["AsyncExchangeClient", "ExchangeClient"]

A = TypeVar("A")
#: A part of a file that is shorter is its last, so that a file does not come in endlessly many.
_LEAST_PART: Final = 64 << 10


class _Flows:
    """The operations of ExchangeService, each as a flow."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def _ask(self, operation: Operation[Any, A], question: Question, *, key: str = "") -> Flow[A]:
        return perform(operation, question, refusals=wire.REFUSALS, prefix=self._prefix, key=key)

    def send(self, draft: Draft) -> Flow[MessageRecord]:
        found = yield from self._ask(wire.SEND, wire.Sending(draft=draft), key=draft.id)
        _as_asked(found.direction is Direction.OUT and draft.id in ("", found.id) and found.receiver in draft.receivers)
        return found

    def attach(self, name: str, source: BinaryIO, content_type: str) -> Flow[Attachment]:
        measured = measure(source)
        found = measured.attachment(name, content_type=content_type)
        at = yield from self._ask(wire.OFFER, wire.Offering(attachment=found, manifest=measured.manifest))
        _check(0 <= at <= chunk_count(found), "the file has no such chunk")
        for first, content in windows(source, found, at):
            yield from self._ask(wire.BRING, wire.Bringing(attachment=found, first=first, content=content))
        return found

    def save(self, number: int, name: str, sink: BinaryIO, offset: int) -> Flow[int]:
        lengths = {one.name: one.length for one in (yield from self.envelope(number)).attachments}
        begun, end = offset, lengths.get(name, 0)
        while True:  # also where nothing is to come, since the node says why
            part = yield from self._ask(wire.PART, wire.OfAttachment(number=number, name=name, offset=offset))
            left = max(0, end - offset)
            _check(min(left, _LEAST_PART) <= len(part) <= left, "the file is of another length")
            sink.write(part)
            offset += len(part)
            if offset >= end:
                return offset - begun

    def messages(self, asked: wire.Asked) -> Flow[tuple[MessageRecord, ...]]:
        found = yield from self._ask(wire.LIST, asked)
        _as_asked(len(found) <= asked.limit and all(_is_wanted(one, asked) for one in found))
        return found

    def of(self, operation: Operation[Any, A], number: int) -> Flow[A]:
        found = yield from self._ask(operation, wire.OfMessage(number=number))
        _as_asked(not isinstance(found, MessageRecord) or found.number == number)
        return found

    def step(
        self, operation: Operation[Any, MessageRecord], number: int, reason: str, actor: str
    ) -> Flow[MessageRecord]:
        found = yield from self._ask(operation, wire.Step(number=number, reason=reason, actor=actor))
        _as_asked(found.number == number)
        return found

    def envelope(self, number: int) -> Flow[Envelope]:
        data = yield from self.of(wire.EVIDENCE, number)
        try:
            return read_evidence(data).message.envelope_unverified
        except InputError as error:
            raise AnswerMalformed(f"the node's message is none: {error}", origin="platform") from None

    def receipt(self, number: int) -> Flow[bytes | None]:
        return (yield from self.of(wire.RECEIPT, number)) or None

    def status(self) -> Flow[NodeStatus]:
        return self._ask(wire.STATUS, Nothing())

    def health(self) -> Flow[Health]:
        return self._ask(wire.HEALTH, Nothing())

    def metrics(self) -> Flow[str]:
        return (yield from self._ask(wire.METRICS, Nothing())).decode("utf-8", "replace")


def _check(fits: bool, otherwise: str) -> None:
    if not fits:
        raise AnswerMalformed.not_asked(otherwise)


def _as_asked(fits: bool) -> None:
    """Return if an answer is about the message, or the messages, that were asked for."""
    _check(fits, "it has another message")


def _is_wanted(found: MessageRecord, asked: wire.Asked) -> bool:
    return (
        found.number > asked.after
        and asked.direction in (None, found.direction)
        and asked.state in (None, found.state)
        and asked.partner in ("", found.partner.id)
        and asked.message_id in ("", found.id)
        and asked.correlation in ("", found.correlation)
    )


def _asked(
    direction: Direction | None,
    state: MessageState | None,
    partner: str,
    message_id: str,
    correlation: str,
    after: int,
    limit: int,
) -> wire.Asked:
    return wire.Asked(
        direction=direction,
        state=state,
        partner=partner,
        message_id=message_id,
        correlation=correlation,
        after=after,
        limit=limit,
    )


class ExchangeClient:
    """An ExchangeService elsewhere (数据交换节点客户端). Threads may share one.

    Args:
        gateway: How the node is reached. Close it where it was made.
        prefix: Where the node has the interface.
    """

    def __init__(self, gateway: GatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    def send(self, draft: Draft) -> MessageRecord:
        """As ExchangeService.send. With an ``id`` in the draft it may be asked again after an answer was lost."""
        return self._gateway.run(self._flows.send(draft))

    def attach(self, name: str, source: BinaryIO, *, content_type: str = "application/octet-stream") -> Attachment:
        """As ExchangeService.attach."""
        source.seek(0)
        return self._gateway.run(self._flows.attach(name, source, content_type))

    def attachment(self, number: int, name: str, sink: BinaryIO, *, offset: int = 0) -> int:
        """As ExchangeService.attachment."""
        return self._gateway.run(self._flows.save(number, name, sink, offset))

    def find(self, number: int) -> MessageRecord:
        """As ExchangeService.find."""
        return self._gateway.run(self._flows.of(wire.FIND, number))

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
        """As ExchangeService.messages."""
        asked = _asked(direction, state, partner, message_id, correlation, after, limit)
        return self._gateway.run(self._flows.messages(asked))

    def envelope(self, number: int) -> Envelope:
        """As ExchangeService.envelope."""
        return self._gateway.run(self._flows.envelope(number))

    def receipt(self, number: int) -> bytes | None:
        """As ExchangeService.receipt."""
        return self._gateway.run(self._flows.receipt(number))

    def evidence(self, number: int) -> bytes:
        """As ExchangeService.evidence."""
        return self._gateway.run(self._flows.of(wire.EVIDENCE, number))

    def replay(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """As ExchangeService.replay."""
        return self._gateway.run(self._flows.step(wire.REPLAY, number, reason, actor))

    def cancel(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """As ExchangeService.cancel."""
        return self._gateway.run(self._flows.step(wire.CANCEL, number, reason, actor))

    def status(self) -> NodeStatus:
        """As ExchangeService.status."""
        return self._gateway.run(self._flows.status())

    def health(self) -> Health:
        """As ExchangeService.health."""
        return self._gateway.run(self._flows.health())

    def metrics(self) -> str:
        """As ExchangeService.metrics."""
        return self._gateway.run(self._flows.metrics())


class AsyncExchangeClient:
    """As ExchangeClient, awaited. Tasks of one asyncio loop may share one."""

    def __init__(self, gateway: AsyncGatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    async def send(self, draft: Draft) -> MessageRecord:
        """As ExchangeService.send. With an ``id`` in the draft it may be asked again after an answer was lost."""
        return await self._gateway.run(self._flows.send(draft))

    async def attach(
        self, name: str, source: BinaryIO, *, content_type: str = "application/octet-stream"
    ) -> Attachment:
        """As ExchangeService.attach."""
        source.seek(0)
        return await self._gateway.run(self._flows.attach(name, source, content_type))

    async def attachment(self, number: int, name: str, sink: BinaryIO, *, offset: int = 0) -> int:
        """As ExchangeService.attachment."""
        return await self._gateway.run(self._flows.save(number, name, sink, offset))

    async def find(self, number: int) -> MessageRecord:
        """As ExchangeService.find."""
        return await self._gateway.run(self._flows.of(wire.FIND, number))

    async def messages(
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
        """As ExchangeService.messages."""
        asked = _asked(direction, state, partner, message_id, correlation, after, limit)
        return await self._gateway.run(self._flows.messages(asked))

    async def envelope(self, number: int) -> Envelope:
        """As ExchangeService.envelope."""
        return await self._gateway.run(self._flows.envelope(number))

    async def receipt(self, number: int) -> bytes | None:
        """As ExchangeService.receipt."""
        return await self._gateway.run(self._flows.receipt(number))

    async def evidence(self, number: int) -> bytes:
        """As ExchangeService.evidence."""
        return await self._gateway.run(self._flows.of(wire.EVIDENCE, number))

    async def replay(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """As ExchangeService.replay."""
        return await self._gateway.run(self._flows.step(wire.REPLAY, number, reason, actor))

    async def cancel(self, number: int, *, reason: str, actor: str = "") -> MessageRecord:
        """As ExchangeService.cancel."""
        return await self._gateway.run(self._flows.step(wire.CANCEL, number, reason, actor))

    async def status(self) -> NodeStatus:
        """As ExchangeService.status."""
        return await self._gateway.run(self._flows.status())

    async def health(self) -> Health:
        """As ExchangeService.health."""
        return await self._gateway.run(self._flows.health())

    async def metrics(self) -> str:
        """As ExchangeService.metrics."""
        return await self._gateway.run(self._flows.metrics())
