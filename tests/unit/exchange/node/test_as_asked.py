"""A node that answers with another message than the one that was asked for: nothing of it is handed on."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

import httpx
import pytest
from pydantic import TypeAdapter

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.exchange.envelope.evidence import Evidence
from egov_sdk.exchange.envelope.model import Attachment, Party
from egov_sdk.exchange.node.client import ExchangeClient
from egov_sdk.exchange.node.model import Direction, Draft, MessageRecord, MessageState
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from tests.unit.exchange.envelope.offices import offices
from tests.world import NOW

MARKET, TAX = (Party(code=specimen_credit_code(number).number) for number in (1, 2))
RECORD = MessageRecord(
    number=7,
    direction=Direction.OUT,
    id="0197aaaa-0000-7000-8000-000000000001",
    sender=MARKET,
    receiver=TAX,
    service="",
    resource="",
    conversation="",
    correlation="c-1",
    digest="0" * 64,
    size=1,
    priority=5,
    state=MessageState.QUEUED,
    attempts=0,
    created_at=NOW,
    expires_at=NOW,
    stored_at=NOW,
    updated_at=NOW,
    due_at=NOW,
    problem="",
    receipted=False,
)


def draft(to: Party, *, given: str = "") -> Draft:
    return Draft(to=to, content=b"x", service="s", purpose="核验", basis=("政务数据共享条例",), id=given)


class Files:
    """A node that has a message with one file, and gives parts of it as it likes."""

    def __init__(self, parts: Iterable[bytes] = (), *, first: int = 0) -> None:
        self._parts, self._first, self.asked = iter(parts), first, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if request.url.path.endswith("/attachment"):
            return httpx.Response(200, content=next(self._parts))
        if request.method == "POST":
            return httpx.Response(200, content=str(self._first))
        world = offices()
        message = world.signed(world.envelope(attachments=(Attachment.of("a.bin", bytes(LENGTH)),)))
        return httpx.Response(200, content=Evidence.of(message, ()).to_json())

    @property
    def client(self) -> ExchangeClient:
        return ExchangeClient(GatewayClient("https://node.example", transport=httpx.MockTransport(self)))


LENGTH = 200 << 10
PART = 80 << 10


@pytest.mark.parametrize(
    "parts",
    [
        repeat(b"x"),
        repeat(bytes(PART)),
        iter([bytes(PART), b""]),
        iter([bytes(PART), bytes(LENGTH)]),
        iter([bytes(LENGTH + 1)]),
        iter([b""]),
    ],
    ids=["endless and small", "too long", "cut", "longer than the rest", "longer than all", "empty"],
)
def test_a_file_of_another_length_than_the_message_says_ends(parts: Iterator[bytes]) -> None:
    node, sink = Files(parts), io.BytesIO()
    with pytest.raises(AnswerMalformed, match="another length"):
        node.client.attachment(7, "a.bin", sink)
    assert len(sink.getvalue()) <= LENGTH
    assert node.asked <= 5


def test_a_file_is_read_from_a_byte_on_to_its_end_and_no_further() -> None:
    for parts, offset in (((PART, PART, LENGTH - 2 * PART), 0), ((LENGTH - 7,), 7), ((0,), LENGTH), ((0,), LENGTH + 9)):
        node, sink = Files(map(bytes, parts)), io.BytesIO()
        assert node.client.attachment(7, "a.bin", sink, offset=offset) == sum(parts) == len(sink.getvalue())
    with pytest.raises(AnswerMalformed):
        Files(iter([b"x"])).client.attachment(7, "another.bin", io.BytesIO())


@pytest.mark.parametrize("first", [-1, 2, 1 << 70])
def test_a_file_is_not_brought_from_a_chunk_that_it_has_not(first: int) -> None:
    with pytest.raises(AnswerMalformed):
        Files(first=first).client.attach("a.bin", io.BytesIO(b"1"))


def answering(answer: MessageRecord | tuple[MessageRecord, ...]) -> ExchangeClient:
    kind = MessageRecord if isinstance(answer, MessageRecord) else tuple[MessageRecord, ...]
    body = TypeAdapter(kind).dump_json(answer)
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    return ExchangeClient(GatewayClient("https://node.example", transport=transport))


Ask = Callable[[ExchangeClient], object]


@pytest.mark.parametrize(
    ("answer", "asked", "others"),
    [
        (RECORD, lambda client: client.find(7), [lambda client: client.find(8)]),
        (
            RECORD,
            lambda client: client.replay(7, reason="x", actor="clerk"),
            [lambda client: client.replay(8, reason="x", actor="clerk")],
        ),
        (
            RECORD,
            lambda client: client.send(draft(TAX)),
            [
                lambda client: client.send(draft(MARKET)),
                lambda client: client.send(draft(TAX, given=RECORD.id[:-1] + "2")),
            ],
        ),
        (
            (RECORD,),
            lambda client: client.messages(
                direction=Direction.OUT, state=MessageState.QUEUED, partner=TAX.id, correlation="c-1", after=6
            ),
            [
                lambda client: client.messages(direction=Direction.IN),
                lambda client: client.messages(state=MessageState.DEAD),
                lambda client: client.messages(partner=MARKET.id),
                lambda client: client.messages(message_id="another"),
                lambda client: client.messages(correlation="c-2"),
                lambda client: client.messages(after=7),
                lambda client: client.messages(limit=0),
            ],
        ),
    ],
    ids=["find", "replay", "send", "messages"],
)
def test_another_message_than_the_one_that_was_asked_for_is_no_answer(
    answer: MessageRecord | tuple[MessageRecord, ...], asked: Ask, others: list[Ask]
) -> None:
    assert asked(answering(answer)) == answer
    for another in others:
        with pytest.raises(AnswerMalformed, match="not what was asked for"):
            another(answering(answer))
