"""A department beside an office: messages go both ways, and each side can prove what the other received."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from egov_sdk.door import Gov, connect
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.exchange import ExchangePolicy, Party
from egov_sdk.exchange.envelope.files import verify_file
from egov_sdk.exchange.node import Arrived, Draft, MessageState
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.neighbour import Neighbour, secrets_beside
from egov_sdk.report import Outcome
from tests.world import NOW

MARKET = Authority(name="样例市市场监督管理局", code="91890000MT0000022T")


@pytest.fixture
def gov() -> Iterator[Gov]:
    with connect("mock:", environment={}, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def market(gov: Gov) -> Iterator[Neighbour]:
    with neighbour(gov, MARKET) as made:
        yield made


def neighbour(gov: Gov, department: Authority) -> Neighbour:
    assert gov.office is not None
    secrets = secrets_beside(gov.office.secrets, department)
    return Neighbour(gov.office, secrets=lambda: secrets, clock=lambda: NOW)


def draft(to: Party, content: bytes = b"{}") -> Draft:
    return Draft(to=to, content=content, service="food.permit", purpose="证后监管", basis=("条例",))


def test_a_message_arrives_and_its_evidence_proves_itself(gov: Gov, market: Neighbour) -> None:
    assert gov.office is not None
    handled = list[bytes]()

    @market.node.handler("food.permit")
    def handle(connection: object, arrived: Arrived) -> Draft:
        handled.append(arrived.envelope.content)
        return arrived.reply(b'{"received": true}')

    sent = gov.exchange.send(draft(market.party, b"one"))
    assert market.settle() > 0
    assert handled == [b"one"]
    assert gov.exchange.find(sent.number).state is MessageState.DONE
    (answer,) = gov.exchange.messages(correlation=sent.id)
    assert gov.exchange.envelope(answer.number).content == b'{"received": true}'

    certificate = market.node.desk.identity.certificate
    parties = {gov.office.secrets.code: (gov.office.secrets.token[1],), MARKET.code: (certificate,)}
    policy = ExchangePolicy(trust=gov.office.trust, parties=parties)
    assert verify_file(gov.exchange.evidence(sent.number), policy=policy, at=NOW).outcome is Outcome.PASSED


def test_what_it_has_no_handler_for_is_received_and_waits(gov: Gov, market: Neighbour) -> None:
    sent = gov.exchange.send(draft(market.party))
    market.settle()
    assert gov.exchange.find(sent.number).receipted
    assert [one.state for one in market.node.messages()] == [MessageState.QUEUED]


def test_it_writes_first_as_well(gov: Gov, market: Neighbour) -> None:
    assert gov.office is not None
    number = market.office.exchange.send(draft(Party(code=gov.office.secrets.code))).number
    market.settle()
    assert market.node.find(number).receipted


def test_another_authority_is_not_believed(gov: Gov) -> None:
    assert gov.office is not None
    own = OfficeSecrets.generate(name=MARKET.name, code=MARKET.code, at=NOW)
    with Neighbour(gov.office, secrets=lambda: own, clock=lambda: NOW) as stranger:
        sent = gov.exchange.send(draft(stranger.party))
        stranger.settle()
        assert not gov.exchange.find(sent.number).receipted
        assert not stranger.node.messages()


def test_two_neighbours_of_an_office_are_kept_apart(gov: Gov, market: Neighbour) -> None:
    with neighbour(gov, Authority(name="样例市税务局", code="11220000013544541J")) as tax:
        to_tax, to_market = (gov.exchange.send(draft(one.party)) for one in (tax, market))
        tax.settle()
        market.settle()
        assert [one.id for one in tax.node.messages()] == [to_tax.id]
        assert [one.id for one in market.node.messages()] == [to_market.id]


def test_threads_do_the_same(gov: Gov, market: Neighbour) -> None:
    sent = gov.exchange.send(draft(market.party))
    with market.at_work():
        pass  # what was begun is finished before the threads end
    market.settle()
    assert gov.exchange.find(sent.number).receipted
