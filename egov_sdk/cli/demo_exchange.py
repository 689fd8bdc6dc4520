"""The last part of the demo: the bureau sends the licence to another department, which answers; both can prove it.

As ``demo``, it uses what every program can import, keeps everything in memory, and touches no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from egov_sdk.cli.demo import People
from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.exchange import ExchangePolicy, Party
from egov_sdk.exchange.envelope.files import verify_file
from egov_sdk.exchange.node import Arrived, Draft, ExchangeNode, HandToHand, MessageRecord, NodeIdentity, Partner
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.report import Report
from egov_sdk.storage import open_store
from egov_sdk.storage.sql import Connection

__all__ = ["OTHER", "ExchangeDemo", "play_exchange"]

OTHER = "示例市市场监管局"
_SENDER = Party(code=specimen_credit_code(1, prefix="11").number)
_RECEIVER = Party(code=specimen_credit_code(3, prefix="11").number)
_SERVICE = "license.share"


@dataclass(frozen=True, slots=True)
class ExchangeDemo:
    """What each side keeps: its message, with the other's signed receipt, as evidence that proves itself offline."""

    sender: Party
    receiver: Party
    other: Certificate
    message: MessageRecord
    answer: MessageRecord
    evidence: bytes = field(repr=False)
    answer_evidence: bytes = field(repr=False)
    report: Report
    answer_report: Report


def play_exchange(people: People, file: bytes, *, at: datetime) -> ExchangeDemo:
    """Send a licence's file to another department, as at one moment.

    Raises:
        ValueError: ``at`` is naive.
    """
    other_key = SM2PrivateKey.generate()
    other = people.root.issue("signer", OTHER, other_key.public_key(), at=people.bureau.not_before, days=365)
    with _nodes(people, (other_key, other), at=at) as (bureau, market):

        @market.handler(_SERVICE)
        def handle(connection: Connection, arrived: Arrived) -> Draft:
            return arrived.reply(b'{"received":true}')

        draft = Draft(
            to=_RECEIVER,
            content=file,
            content_type="application/ofd",
            service=_SERVICE,
            purpose="企业开办联办核验",
            basis=("政务数据共享条例",),
        )
        number = bureau.send(draft).number
        for node in (bureau, market, market, bureau):
            node.run_once()
        message = bureau.find(number)
        answer = next(one for one in market.messages() if one.correlation == message.id)
        evidence, answer_evidence = bureau.evidence(number), market.evidence(answer.number)
    parties = {_SENDER.code: (people.bureau,), _RECEIVER.code: (other,)}
    policy = ExchangePolicy(trust=TrustStore([people.root.certificate]), parties=parties)
    return ExchangeDemo(
        sender=_SENDER,
        receiver=_RECEIVER,
        other=other,
        message=message,
        answer=answer,
        evidence=evidence,
        answer_evidence=answer_evidence,
        report=verify_file(evidence, policy=policy, at=at),
        answer_report=verify_file(answer_evidence, policy=policy, at=at),
    )


@contextmanager
def _nodes(
    people: People, other: tuple[SM2PrivateKey, Certificate], *, at: datetime
) -> Iterator[tuple[ExchangeNode, ExchangeNode]]:
    """The nodes of both departments, each on a database of its own."""
    trust = TrustStore([people.root.certificate])
    sides = ((_SENDER, people.bureau_key, people.bureau), (_RECEIVER, *other))
    opening = [SM2PrivateKey.generate() for _ in sides]
    partners = [
        Partner(party=party, encryption=key.public_key(), certificates=(certificate,))
        for (party, _, certificate), key in zip(sides, opening, strict=True)
    ]
    with ExitStack() as stack:
        nodes = []
        for (party, signer, certificate), key, partner in zip(sides, opening, reversed(partners), strict=True):
            identity = NodeIdentity(party=party, signer=signer, certificate=certificate, decrypter=key)
            store = stack.enter_context(open_store("sqlite://"))
            node = ExchangeNode(store, identity=identity, partners=[partner], trust=trust, clock=lambda: at)
            node.prepare()
            nodes.append(node)
        bureau, market = nodes
        bureau.connect("http", HandToHand(market.accept))
        market.connect("http", HandToHand(bureau.accept))
        yield bureau, market
