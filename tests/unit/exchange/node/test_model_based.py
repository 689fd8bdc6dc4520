"""Two nodes against a simple reference: whatever happens on the way, nothing is lost and nothing applied twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.settings import Backoff
from egov_sdk.exchange.node.transport import Parcel
from egov_sdk.storage.sql import insert
from tests.exchange_world import APPLIED, SERVICE, Town
from tests.unit.exchange.envelope.offices import offices
from tests.unit.exchange.node.test_attachments import CHUNK, keep, taken

Accept = Callable[[bytes], bytes]
_FATES = st.sampled_from(
    ["delivered", "lost", "answer lost", "doubled", "kept", "later", "garbled", "answer garbled", "killed"]
)


def attached(number: int) -> bytes:
    """What is attached to a message: some chunks, other ones each time."""
    return b"%04d" % number * 80


class Killed(BaseException):
    """A worker that ends at once, as by kill -9."""


class TwoNodes(RuleBasedStateMachine):
    """The reference is a set of what was sent, and how often each took effect."""

    @initialize(
        ordered=st.booleans(), batch=st.booleans(), parcel=st.integers(1, 4), attempts=st.sampled_from([None, 8])
    )
    def begin(self, ordered: bool, batch: bool, parcel: int, attempts: int | None) -> None:
        self.ordered = ordered
        self.town = Town.at(
            of_market={"ordered": ordered, "parcel": parcel},
            of_tax={"ordered": ordered},
            sender={"piece_bytes": 2 * CHUNK, "delivery": Backoff(cap=timedelta(seconds=60), attempts=attempts)},
            receiver={"batch_receipts": batch, "handle_together": 3},
        )
        self.town.listen("unused")
        self.town.market.handler(SERVICE)(self.handle)
        self.town.way.fate = self.fate
        self.fates: list[str] = []
        self.parcels: list[bytes] = []
        self.answers: list[bytes] = []
        self.sent: dict[str, int] = {}
        self.heavy: dict[str, int] = {}
        self.failing = 0

    def handle(self, connection: Any, arrived: Any) -> None:
        """Takes effect, and then perhaps fails."""
        row = {"id": arrived.envelope.id, "content": arrived.envelope.content.decode()}
        connection.execute(insert(APPLIED), row)
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the application is not well")

    def fate(self, parcel: Parcel, accept: Accept) -> bytes | None:
        """What the network does with the next parcel."""
        what = self.fates.pop(0) if self.fates else "delivered"
        if what == "lost":
            raise ConnectionError
        if what == "killed":
            raise Killed
        if what == "kept":
            self.parcels.append(parcel.data)
            raise TimeoutError
        if what == "garbled":
            return accept(parcel.data[: len(parcel.data) // 2])
        answer = accept(parcel.data)
        self.parcels.append(parcel.data)
        if what == "doubled":
            assert accept(parcel.data) == answer
        if what in ("later", "answer lost"):
            self.answers.append(answer)
            if what == "later":
                return None
            raise TimeoutError
        return answer[:-40] if what == "answer garbled" else answer

    @rule(count=st.integers(1, 4), priority=st.integers(0, 9), heavy=st.booleans())
    def send(self, count: int, priority: int, heavy: bool) -> None:
        for _ in range(count):
            number = len(self.sent)
            attachments = (keep(self.town.tax, attached(number), name="a"),) if heavy else ()
            message = self.town.send(number, priority=priority, attachments=attachments).id
            self.sent[message] = number
            if heavy:
                self.heavy[message] = number

    @rule(fates=st.lists(_FATES, max_size=4))
    def deliver(self, fates: list[str]) -> None:
        self.fates = list(fates)
        with self.may_be_killed():
            self.town.tax.run_once()

    @contextmanager
    def may_be_killed(self) -> Iterator[None]:
        """The sender at work: whatever it takes to the network may be its end."""
        try:
            yield
        except Killed:
            self.town.watch.forward(seconds=1)

    @rule(failing=st.integers(0, 2))
    def work(self, failing: int) -> None:
        self.failing = failing
        self.town.market.run_once()
        self.failing = 0

    @precondition(lambda self: self.parcels)
    @rule(data=st.data())
    def old_parcel_comes(self, data: st.DataObject) -> None:
        if self.ordered:
            return  # an old parcel may hold what nobody has taken yet, out of its turn
        self.town.market.accept(data.draw(st.sampled_from(self.parcels)))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def old_answer_comes(self, data: st.DataObject) -> None:
        answer = data.draw(st.sampled_from(self.answers))
        with self.may_be_killed():  # it may bring attachments that the answer waits for
            self.town.tax.settle(answer)

    @rule(seconds=st.sampled_from([1, 30, 61, 400, 700, -20]))
    def time_goes(self, seconds: int) -> None:
        self.town.watch.forward(seconds=seconds)

    @invariant()
    def nothing_takes_effect_twice(self) -> None:
        if not hasattr(self, "town"):
            return
        applied = self.town.applied
        assert len(set(applied)) == len(applied)
        assert set(applied) <= {f'{{"n":{number}}}' for number in self.sent.values()}

    @invariant()
    def what_is_done_at_the_sender_is_kept_at_the_receiver(self) -> None:
        if not hasattr(self, "town"):
            return
        done = {one.id for one in self.town.tax.messages(state=MessageState.DONE, limit=1_000)}
        assert done <= {one.id for one in self.town.market.messages(direction=Direction.IN, limit=1_000)}

    def teardown(self) -> None:
        """In the end the network is well: everything arrives, and takes effect once."""
        if not hasattr(self, "town"):
            return
        self.fates, self.failing = [], 0
        for _ in range(200):
            self.town.watch.forward(seconds=301)
            self.town.tax.run_once()
            self.town.market.run_once()
            dead = self.dead()
            if not dead and len(self.town.applied) == len(self.sent):
                break
        expected = [f'{{"n":{number}}}' for number in self.sent.values()]
        assert sorted(self.town.applied) == sorted(expected)
        for message, number in self.heavy.items():
            [arrived] = self.town.market.messages(message_id=message)
            assert taken(self.town.market, arrived.number, "a") == attached(number)
        if self.ordered and not self.replayed:
            assert self.town.applied == expected
        self.town.assert_audits_hold()
        peer = offices().tax.party.id
        assert {one.state for one in self.town.market.messages(partner=peer, limit=1_000)} <= {MessageState.DONE}
        self.town.close()

    replayed = False

    def dead(self) -> bool:
        """Bring back what was given up: that is what a person does."""
        found = False
        for node in (self.town.tax, self.town.market):
            for one in node.messages(state=MessageState.DEAD, limit=1_000):
                node.replay(one.number, reason="again")
                self.replayed = found = True
        return found


TwoNodes.TestCase.settings = settings(
    max_examples=12, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTwoNodes = TwoNodes.TestCase
