"""What a service of exchange does, wherever it lives: in this process, on either database, behind HTTP.

A module of tests makes a fixture ``contract`` and has a class below ``ExchangeContract``. ``contract.service`` is what
is tested; ``contract.behind`` is the town of two nodes, whose tax office it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from egov_sdk.exchange.envelope.evidence import verify_evidence
from egov_sdk.exchange.envelope.receipt import read_receipt
from egov_sdk.exchange.envelope.stream import measure
from egov_sdk.exchange.node.model import Direction, Draft, MessageState
from egov_sdk.exchange.node.service import ExchangeService
from egov_sdk.report import Outcome
from tests.exchange_world import SERVICE, Town, draft, refused
from tests.unit.exchange.envelope.offices import offices

__all__ = ["ContractTown", "ExchangeContract"]


@dataclass
class ContractTown:
    """A service under test, and the town behind it."""

    service: ExchangeService
    behind: Town
    refused: Callable[[str, Callable[[], object]], object] = refused


def dead(contract: ContractTown) -> int:
    """The number of a message that nobody could deliver."""

    def lost(*_: object) -> bytes:
        raise ConnectionError

    number = contract.service.send(draft(1)).number
    contract.behind.way.fate = lost
    for _ in range(8):
        contract.behind.tax.run_once()
        contract.behind.watch.forward(seconds=61)
    contract.behind.way.fate = None
    return number


class ExchangeContract:
    """Subclass it in a module of tests."""

    def test_what_is_sent_is_queued_delivered_and_receipted(self, contract: ContractTown) -> None:
        service = contract.service
        record = service.send(draft(5, properties=(("matter", "11330000MB1234567"),), conversation="matter-0000000001"))
        assert (record.state, record.service, record.size) == (MessageState.QUEUED, SERVICE, 7)
        assert service.receipt(record.number) is None
        contract.behind.settle_down()
        found = service.find(record.number)
        assert (found.state, found.receipted, found.partner) == (MessageState.DONE, True, offices().market.party)
        receipt = read_receipt(service.receipt(record.number) or b"").receipt_unverified
        assert (receipt.message, receipt.digest) == (record.id, record.digest)
        assert contract.behind.applied == ['{"n":5}']

    def test_a_message_says_what_was_given(self, contract: ContractTown) -> None:
        record = contract.service.send(draft(5, properties=(("matter", "一网通办"),)))
        envelope = contract.service.envelope(record.number)
        assert envelope.content == b'{"n":5}'
        assert envelope.properties == (("matter", "一网通办"),)
        assert envelope.digest.hex() == record.digest

    def test_evidence_proves_itself(self, contract: ContractTown) -> None:
        record = contract.service.send(draft(5))
        contract.behind.settle_down()
        evidence = contract.service.evidence(record.number)
        report = verify_evidence(evidence, policy=offices().policy(), at=contract.behind.watch.at)
        assert report.outcome is Outcome.PASSED

    def test_a_draft_with_an_id_is_sent_once(self, contract: ContractTown) -> None:
        one = draft(1, id="application-0001")
        assert contract.service.send(one) == contract.service.send(one)
        contract.refused("node.conflict", lambda: contract.service.send(draft(2, id="application-0001")))
        assert len(contract.service.messages()) == 1

    def test_messages_are_found_by_what_is_known_of_them(self, contract: ContractTown) -> None:
        first, second = (contract.service.send(draft(number)) for number in (1, 2))
        service, market = contract.service, offices().market.party.id
        assert [one.number for one in service.messages()] == [first.number, second.number]
        assert [one.number for one in service.messages(after=first.number)] == [second.number]
        assert [one.number for one in service.messages(limit=1)] == [first.number]
        assert service.messages(message_id=second.id) == (second,)
        assert len(service.messages(direction=Direction.OUT, state=MessageState.QUEUED, partner=market)) == 2
        assert service.messages(direction=Direction.IN) == service.messages(state=MessageState.DEAD) == ()
        assert service.messages(partner=offices().tax.party.id) == ()

    def test_an_answer_is_found_by_what_it_answers(self, contract: ContractTown) -> None:
        contract.behind.market.handler("asking")(lambda _connection, arrived: arrived.reply(b"{}"))
        contract.behind.tax.handler()(lambda _connection, _arrived: None)
        asked = contract.service.send(draft(1, service="asking"))
        contract.behind.settle_down()
        [answer] = contract.service.messages(correlation=asked.id)
        assert (answer.direction, answer.conversation) == (Direction.IN, asked.id)
        more = contract.service.send(draft(2, answers=answer.number))
        assert (more.correlation, more.conversation) == (answer.id, asked.id)

    def test_a_file_goes_with_a_message_and_is_read_again(self, contract: ContractTown) -> None:
        service, content = contract.service, b"of the land register " * 150_000
        attachment = service.attach("登记表.pdf", io.BytesIO(content), content_type="application/pdf")
        assert (attachment.length, attachment.content_type) == (len(content), "application/pdf")
        assert service.attach("登记表.pdf", io.BytesIO(content), content_type="application/pdf") == attachment
        number = service.send(draft(1, attachments=(attachment,))).number
        contract.behind.settle_down()
        assert service.find(number).state is MessageState.DONE
        assert service.envelope(number).attachments == (attachment,)
        for offset in (0, 1_500_001, len(content)):
            sink = io.BytesIO()
            assert service.attachment(number, "登记表.pdf", sink, offset=offset) == len(content) - offset
            assert sink.getvalue() == content[offset:]

    def test_files_that_are_not_there_are_refused(self, contract: ContractTown) -> None:
        service = contract.service
        number = service.send(draft(1)).number
        contract.refused("node.no_content", lambda: service.attachment(number, "a", io.BytesIO()))
        contract.refused("node.message_unknown", lambda: service.attachment(99, "a", io.BytesIO()))
        nowhere = measure(io.BytesIO(b"1")).attachment("a")
        contract.refused("node.attachment_unknown", lambda: service.send(draft(2, attachments=(nowhere,))))
        with pytest.raises(ValueError, match="name"):
            service.attach("../a", io.BytesIO(b"1"))

    def test_one_message_goes_to_several(self, contract: ContractTown) -> None:
        both = (offices().market.party, offices().housing.party)
        first = contract.service.send(draft(1, to=both, id="application-0002"))
        records = contract.service.messages(message_id="application-0002")
        assert first == records[0]
        assert [one.receiver for one in records] == list(both)
        contract.behind.tax.cancel(records[1].number, reason="nobody is there")
        contract.behind.settle_down()
        states = [one.state for one in contract.service.messages(message_id="application-0002")]
        assert states == [MessageState.DONE, MessageState.CANCELLED]

    def test_a_dead_message_is_brought_back(self, contract: ContractTown) -> None:
        number = dead(contract)
        found = contract.service.find(number)
        assert (found.state, found.problem) == (MessageState.DEAD, "egov.exchange.node.transport")
        assert contract.service.status().dead == 1
        again = contract.service.replay(number, reason="the line is repaired", actor="clerk 7")
        assert (again.state, again.attempts) == (MessageState.QUEUED, 0)
        contract.behind.settle_down()
        assert contract.service.find(number).state is MessageState.DONE

    def test_a_message_is_cancelled_while_it_waits(self, contract: ContractTown) -> None:
        record = contract.service.send(draft(1))
        assert contract.service.cancel(record.number, reason="a mistake").state is MessageState.CANCELLED
        contract.refused("node.state", lambda: contract.service.replay(record.number, reason="no"))
        contract.refused("node.state", lambda: contract.service.cancel(record.number, reason="again"))
        contract.behind.settle_down()
        assert contract.behind.applied == []

    def test_what_is_not_there_is_refused(self, contract: ContractTown) -> None:
        service = contract.service
        acts: tuple[Callable[[], object], ...] = (
            lambda: service.find(99),
            lambda: service.envelope(99),
            lambda: service.receipt(99),
            lambda: service.evidence(99),
            lambda: service.replay(99, reason="r"),
            lambda: service.cancel(99, reason="r"),
            lambda: service.send(draft(1, answers=99)),
        )
        for act in acts:
            contract.refused("node.message_unknown", act)

    def test_an_unknown_partner_is_refused(self, contract: ContractTown) -> None:
        contract.refused("node.partner_unknown", lambda: contract.service.send(draft(1, to=offices().tax)))
        assert contract.service.messages() == ()

    def test_a_full_queue_is_refused(self, contract: ContractTown) -> None:
        node = contract.behind.tax
        partners = [replace(one, most_waiting=1) for one in node.desk.partners.values()]
        node.meet(partners)
        contract.service.send(draft(1))
        contract.refused("node.queue_full", lambda: contract.service.send(draft(2)))

    def test_what_cannot_be_a_message_is_the_caller_s_mistake(self, contract: ContractTown) -> None:
        given = draft(1).model_dump() | {"purpose": ""}
        with pytest.raises(ValueError, match="purpose"):
            contract.service.send(Draft(**given))
        assert contract.service.messages() == ()

    def test_status_health_and_metrics_tell_how_it_goes(self, contract: ContractTown) -> None:
        contract.service.send(draft(1))
        contract.behind.watch.forward(seconds=30)
        status = contract.service.status()
        assert (status.party, status.waiting(Direction.OUT), status.oldest_s) == (offices().tax.party, 1, 30.0)
        assert contract.service.health().ok
        market = offices().market.party.id
        metrics = contract.service.metrics()
        assert f'egov_exchange_waiting{{partner="{market}",direction="out"}} 1' in metrics
        assert "egov_exchange_healthy 1" in metrics
        contract.behind.settle_down()
        [one] = [one for one in contract.service.status().partners if one.last_minute]
        assert (one.partner, one.direction, one.last_hour, one.waiting) == (market, Direction.OUT, 1, 0)
