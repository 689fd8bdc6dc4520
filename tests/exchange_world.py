"""Two departments with a node each, on databases of their own, and ways between them that do what they are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest

from egov_sdk.crypto.jose import to_base64url
from egov_sdk.exchange.envelope.canonical import canonical
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.model import Draft, MessageRecord
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.exchange.node.settings import AuditSettings, Backoff, NodeIdentity, NodeSettings, Partner
from egov_sdk.exchange.node.tables import CONTENTS
from egov_sdk.exchange.node.transport import Parcel
from egov_sdk.report import Outcome
from egov_sdk.storage import open_store, verify_audit
from egov_sdk.storage.sql import Column, MetaData, Table, Text, insert, select, update
from tests.unit.exchange.envelope.offices import AT, Office, offices
from tests.world import seeded

__all__ = ["APPLIED", "SERVICE", "Direct", "Town", "Watch", "damage", "draft", "identity_of", "partner_of", "refused"]

APPLIED = Table("applied", MetaData(), Column("id", Text), Column("content", Text))
SERVICE = "s_11000000000001_0001"


class Watch:
    """A clock that is moved by hand."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **of: float) -> None:
        self.at += timedelta(**of)


@dataclass
class Direct:
    """Gives parcels to the other node at once. ``fate`` may lose, change or keep what goes either way."""

    accept: Callable[[bytes], bytes]
    sent: list[Parcel] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    fate: Callable[[Parcel, Callable[[bytes], bytes]], bytes | None] | None = None

    def deliver(self, parcel: Parcel) -> bytes | None:
        self.sent.append(parcel)
        answer = self.fate(parcel, self.accept) if self.fate is not None else self.accept(parcel.data)
        if answer is not None:
            self.answers.append(answer)
        return answer


def identity_of(office: Office) -> NodeIdentity:
    return NodeIdentity(
        party=office.party, signer=office.signer, certificate=office.certificate, decrypter=office.decrypter
    )


def partner_of(office: Office, **more: Any) -> Partner:
    given: dict[str, Any] = {"transport": "direct", **more}
    return Partner(party=office.party, encryption=office.encryption, certificates=(office.certificate,), **given)


def draft(number: int = 1, *, to: Office | tuple[Party, ...] | None = None, **more: Any) -> Draft:
    given: dict[str, Any] = {
        "to": to if isinstance(to, tuple) else (to or offices().market).party,
        "content": b'{"n":%d}' % number,
        "service": SERVICE,
        "purpose": "企业开办联办核验",
        "basis": ("政务数据共享条例",),
        **more,
    }
    return Draft(**given)


def settings(**more: Any) -> NodeSettings:
    given: dict[str, Any] = {
        "delivery": Backoff(first=timedelta(seconds=1), cap=timedelta(seconds=60), attempts=8),
        "handling": Backoff(first=timedelta(seconds=1), cap=timedelta(seconds=60), attempts=4),
        **more,
    }
    return NodeSettings(**given)


@dataclass
class Town:
    """The tax office sends to the market office. Both keep their own database and one clock."""

    tax: ExchangeNode
    market: ExchangeNode
    watch: Watch
    way: Direct
    back: Direct
    handled: list[tuple[str, bytes]] = field(default_factory=list)

    @classmethod
    def at(
        cls,
        tax: Path | str = "sqlite://",
        market: Path | str = "sqlite://",
        *,
        sender: dict[str, Any] | None = None,
        receiver: dict[str, Any] | None = None,
        of_market: dict[str, Any] | None = None,
        of_tax: dict[str, Any] | None = None,
        audit: AuditSettings | None = None,
    ) -> Self:
        """Args:
        sender, receiver: further settings of the nodes; of_market, of_tax: of the partners, as the other sees them.
        """
        watch, all_of = Watch(), offices()
        audited = {"audit": audit} if audit is not None else {}
        nodes = [
            ExchangeNode(
                open_store(place),
                identity=identity_of(own),
                partners=[partner_of(other, **(as_seen or {})), partner_of(all_of.housing)],
                trust=all_of.trust,
                clock=watch,
                settings=settings(**audited, **(more or {})),
                random=seeded(f"node {own.party.id}"),
            )
            for place, own, other, as_seen, more in (
                (tax, all_of.tax, all_of.market, of_market, sender),
                (market, all_of.market, all_of.tax, of_tax, receiver),
            )
        ]
        for node in nodes:
            node.prepare()
        way, back = Direct(nodes[1].accept), Direct(nodes[0].accept)
        nodes[0].connect("direct", way)
        nodes[1].connect("direct", back)
        return cls(nodes[0], nodes[1], watch, way, back)

    def listen(self, service: str = SERVICE) -> None:
        """The market office notes what it handles, in its own table."""
        with self.market.desk.store.write() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS applied (id TEXT, content TEXT)")

        @self.market.handler(service)
        def note(connection: Any, arrived: Any) -> None:
            row = {"id": arrived.envelope.id, "content": arrived.envelope.content.decode()}
            connection.execute(insert(APPLIED), row)

    @property
    def applied(self) -> list[str]:
        """The contents that took effect, in order."""
        with self.market.desk.store.read() as connection:
            order = "rowid" if self.market.desk.store.dialect == "sqlite" else "ctid"
            return [row[0] for row in connection.exec_driver_sql(f"SELECT content FROM applied ORDER BY {order}")]

    def send(self, number: int = 1, **more: Any) -> MessageRecord:
        return self.tax.send(draft(number, **more))

    def settle_down(self, *, rounds: int = 60, step_s: float = 61) -> None:
        """Let both work until nothing is waiting, with time passing."""
        for _ in range(rounds):
            moved = self.tax.run_once() + self.market.run_once()
            if not moved:
                status = [*self.tax.status().partners, *self.market.status().partners]
                if not any(one.waiting for one in status):
                    return
                self.watch.forward(seconds=step_s)
        raise AssertionError("the nodes do not come to rest")

    def assert_audits_hold(self) -> None:
        for node in (self.tax, self.market):
            with node.desk.store.read() as connection:
                if node.desk.journal.state(connection)[0]:
                    report = verify_audit(connection, node.desk.journal.chain, at=self.watch.at)
                    assert report.outcome is Outcome.PASSED, report.blocking

    def close(self) -> None:
        for node in (self.tax, self.market):
            node.desk.store.close()


def damage(node: ExchangeNode, number: int, how: str) -> None:
    """Change what a database keeps of one message, as a bad disk or a wrong key would."""
    with node.desk.store.write() as connection:
        kept = connection.execute(select(CONTENTS.c.content).where(CONTENTS.c.number == number)).scalar_one()
        members = json.loads(kept[1:])
        other = members | {"content": to_base64url(b'{"n":9}')}
        new = {"cut": kept[:50], "changed": kept[:1] + canonical(other), "other key": b"\1" + kept[1:]}[how]
        connection.execute(update(CONTENTS).where(CONTENTS.c.number == number).values(content=new))


def refused(problem: str, act: Callable[[], object]) -> NodeRejected:
    """That a node says no, for this reason."""
    with pytest.raises(NodeRejected) as caught:
        act()
    assert caught.value.problem == problem
    assert caught.value.detail["origin"] == caught.value.origin
    return caught.value
