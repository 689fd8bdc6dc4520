"""Parcels through NATS JetStream (消息中间件传输), for those who outgrow one machine; needs the extra ``cluster``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from egov_sdk.crypto import sm3
from egov_sdk.errors import InputError
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node._broker import Broker, BrokerAccess, stay_in_progress, store
from egov_sdk.exchange.node.problems import TABLE, refuse
from egov_sdk.exchange.node.transport import Parcel
from egov_sdk.exchange.node.wrap import (
    LINE_BYTES,
    Collected,
    Kind,
    Receiver,
    Wrapped,
    answer_to,
    box_of,
    refused,
    unwrap,
    wrap,
)

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

__all__ = ["BrokerAccess", "NatsTransport"]

_STREAM: Final = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_DUPLICATES_S: Final = 120.0
_SHORTEST_WAIT_S: Final = 0.05
_ID: Final = "Nats-Msg-Id"


class NatsTransport:
    """Parcels and their answers as messages of a stream.

    A parcel is handed over when the broker has stored it, under its id as ``Nats-Msg-Id``. It is acknowledged, and so
    removed, only after its answer is stored; until that the broker gives it out again. What cannot be read, and what
    was given out too often, moves to a stream of dead letters.

    Args:
        party: who is here.
        stream: the name of the stream, and with ``_DEAD`` behind it that of the dead letters; ``prepare`` makes both.
            Subjects are ``STREAM.parcels.PARTY`` and ``STREAM.answers.PARTY``, with ``+`` for a slash, ``=`` for a dot.
        most_bytes: larger parcels are refused. A broker's own limit, ``max_payload``, is 1 MiB unless it is raised.
        parcel_bytes: no larger parcels are made, unless one message alone is; a little less than ``max_payload``.
        piece_bytes: so much of an attachment goes at once; an attachment in larger chunks does not go over a broker.
        ack_wait_s: how long a process may be silent before the broker gives its parcel to another one.
        retry_s: when a parcel that the node could not take is given out again.
        attempts: a parcel that was given out more often is a dead letter; its sender, without an answer, sends again.
        replicas: on how many servers of a cluster the streams lie.
    """

    def __init__(
        self,
        access: BrokerAccess,
        party: Party,
        *,
        stream: str = "EGOV_EXCHANGE",
        most_bytes: int = 64 << 20,
        piece_bytes: int = 512 << 10,
        parcel_bytes: int = 1_000_000,
        ack_wait_s: float = 60.0,
        retry_s: float = 10.0,
        attempts: int = 20,
        replicas: int = 1,
    ) -> None:
        if not _STREAM.fullmatch(stream):
            raise ValueError("a stream has a name of letters, digits, - and _")
        if min(most_bytes, parcel_bytes, attempts, replicas) < 1 or min(ack_wait_s, retry_s) <= 0:
            raise ValueError(
                "most_bytes, parcel_bytes, attempts and replicas are at least 1, the waits longer than nothing"
            )
        self.party, self._stream, self._dead, self._replicas = party, stream, f"{stream}_DEAD", replicas
        self._most_bytes, self._ack_wait_s, self._retry_s, self._attempts = most_bytes, ack_wait_s, retry_s, attempts
        self.piece_bytes, self.parcel_bytes = piece_bytes, parcel_bytes
        self._broker = Broker(access)

    def close(self) -> None:
        """Leave the broker."""
        self._broker.close()

    def prepare(self) -> None:
        """Make the streams and the place of this party in them, unless they are there.

        Raises:
            NodeRejected: broker.
        """
        self._broker.run(self._prepare)

    async def _prepare(self, client: Client) -> None:
        from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

        context = client.jetstream(timeout=self._broker.access.timeout_s)
        for name, retention in ((self._stream, RetentionPolicy.WORK_QUEUE), (self._dead, RetentionPolicy.LIMITS)):
            await context.add_stream(
                StreamConfig(
                    name=name,
                    subjects=[f"{name}.*.*"],
                    retention=retention,
                    storage=StorageType.FILE,
                    discard=DiscardPolicy.NEW,  # a full stream takes nothing: it must not drop what it has
                    duplicate_window=_DUPLICATES_S,
                    num_replicas=self._replicas,
                )
            )
        await context.add_consumer(
            self._stream,
            ConsumerConfig(
                durable_name=_token(self.party),
                filter_subject=f"{self._stream}.*.{_token(self.party)}",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self._ack_wait_s,
                max_deliver=-1,  # counted here: the server would only fall silent
            ),
        )

    def deliver(self, parcel: Parcel) -> None:
        """Hand a parcel to the broker; its answer comes with ``collect``.

        Raises:
            NodeRejected: broker, broker_size.
        """
        subject = f"{self._stream}.parcels.{_token(parcel.receiver)}"
        self._store(subject, wrap(parcel), {_ID: f"parcel-{parcel.id}"})

    def collect(self, node: Receiver, *, most: int = 100, wait_s: float = 1.0) -> Collected:
        """Hand what waits for us to the node; call it again and again.

        Any number of processes may do so at once. What an error interrupts is given out again.

        Args:
            wait_s: how long to wait for the first, and for each further one, if nothing is there.
        Raises:
            NodeRejected: broker; and whatever the node raised.
        """
        done = Collected()
        for _ in range(most):
            message = self._broker.run(lambda client: self._next(client, wait_s), longer_s=wait_s)
            if message is None:
                break
            done += self._handle(message, node)
        return done

    async def _next(self, client: Client, wait_s: float) -> Msg | None:
        context = client.jetstream(timeout=self._broker.access.timeout_s)
        place = await context.pull_subscribe_bind(durable=_token(self.party), stream=self._stream)
        try:
            (message,) = await place.fetch(1, timeout=max(wait_s, _SHORTEST_WAIT_S))
        except TimeoutError:
            # nothing there, or nobody there: the broker says which
            await context.consumer_info(self._stream, _token(self.party))
            return None
        finally:
            await place.unsubscribe()
        return message

    def _handle(self, message: Msg, node: Receiver) -> Collected:
        kind: Kind = "answer" if message.subject.split(".")[1] == "answers" else "parcel"
        busy = self._broker.start(stay_in_progress(message, every_s=self._ack_wait_s / 3))
        try:
            try:
                self._hand_over(message, node, kind=kind)
            except InputError as error:
                return self._bury(message, error, kind=kind)
            self._broker.run(lambda _: message.ack_sync(self._broker.access.timeout_s))
        except BaseException:
            self._broker.start(message.nak(self._retry_s))
            raise
        finally:
            busy.cancel()
        return Collected(parcels=1) if kind == "parcel" else Collected(answers=1)

    def _hand_over(self, message: Msg, node: Receiver, *, kind: Kind) -> None:
        where = f"{self._stream} {message.metadata.sequence.stream}"
        if message.metadata.num_delivered > self._attempts:
            raise TABLE.unreadable("node.attempts", where=where, found=self._attempts)
        if len(message.data) > self._most_bytes + LINE_BYTES:
            size, most = len(message.data), self._most_bytes
            raise TABLE.unreadable("node.wrap_size", where=where, found=size, expected=most)
        one = unwrap(message.data, us=self.party, kind=kind, where=where)
        if kind == "answer":
            node.settle(one.data)
        else:
            self._answer(answer_to(one, node.accept(one.data)))

    def _answer(self, answer: Wrapped) -> None:
        subject = f"{self._stream}.answers.{_token(answer.receiver)}"
        # an answer that was given twice is stored once, another answer to the same parcel is not lost
        self._store(subject, wrap(answer), {_ID: f"answer-{answer.id}-{sm3(answer.data).hex()[:16]}"})

    def _bury(self, message: Msg, error: InputError, *, kind: Kind) -> Collected:
        number = message.metadata.sequence.stream
        subject = f"{self._dead}.{kind}s.{_token(self.party)}"
        self._store(subject, message.data, {_ID: f"dead-{self._stream}-{number}", "Egov-Problem": error.code})
        self._broker.run(lambda _: message.ack_sync(self._broker.access.timeout_s))
        return Collected(refused=(refused(f"{self._stream} {number}", error, kept_as=subject),))

    def _store(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        timeout_s = self._broker.access.timeout_s

        async def work(client: Client) -> None:
            if len(data) > client.max_payload - LINE_BYTES:
                raise refuse("node.broker_size", found=len(data), expected=client.max_payload - LINE_BYTES)
            await store(client.jetstream(), subject, data, headers=headers, timeout_s=timeout_s / 2)

        self._broker.run(work)


def _token(party: Party) -> str:
    """A party as one word of a subject, in which a dot would end it."""
    return box_of(party).replace(".", "=")
