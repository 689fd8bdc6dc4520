"""``egov exchange verify``: messages, receipts and evidence from the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from egov_sdk.exchange.envelope.evidence import Evidence
from egov_sdk.exchange.envelope.model import Attachment, ReceiptOutcome
from egov_sdk.exchange.envelope.receipt import sign_receipt
from egov_sdk.exchange.node.settings import Backoff
from egov_sdk.storage import open_store
from tests.exchange_world import Town, damage
from tests.unit.cli.calling import Egov
from tests.unit.exchange.envelope.offices import AT, offices

WHEN = ("--at", AT.isoformat())


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    world = offices()
    message = world.signed(world.envelope(attachments=(Attachment.of("a.csv", b"1,2"),)))
    receipts = world.batch(message, time_stamp=world.stamper())
    files = {
        "root.pem": world.ca.certificate.to_pem(),
        "tax.pem": world.tax.certificate.to_pem(),
        "market.pem": world.market.certificate.to_pem(),
        "message.xml": message.to_xml(),
        "receipt.json": receipts[0].to_json(),
        "other.json": receipts[1].to_json(),
        "evidence.json": Evidence.of(message, receipts[:1]).to_json(),
        "sealed.json": world.sealed().sealed.to_json(),
        "broken.json": message.to_json()[:-1],
        "a.csv": b"1,2",
        "b.csv": b"2,1",
    }
    for name, content in files.items():
        Path(name).write_bytes(content)


def _known() -> tuple[str, ...]:
    world = offices()
    tax, market = world.tax.party.id, world.market.party.id
    return ("--trust", "root.pem", "--party", f"{tax}=tax.pem", "--party", f"{market}=market.pem", *WHEN)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("evidence.json",), 0),
        (("message.xml",), 0),
        (("message.xml", "--attachment", "a.csv=a.csv"), 0),
        (("message.xml", "--attachment", "a.csv=b.csv"), 1),
        (("receipt.json", "--message", "message.xml"), 0),
        (("receipt.json", "--message", "evidence.json"), 0),
        (("receipt.json",), 3),
        (("other.json", "--message", "message.xml"), 1),
        (("sealed.json",), 1),
        (("broken.json",), 1),
        (("absent.json",), 2),
    ],
)
def test_the_exit_code_says_what_was_found(egov: Egov, words: tuple[str, ...], code: int) -> None:
    assert egov("exchange", "verify", *words, *_known()).code == code


def test_without_trust_and_parties_it_cannot_be_decided_and_says_what_is_missing(egov: Egov) -> None:
    ran = egov("exchange", "verify", "evidence.json", *WHEN)
    assert ran.code == 3
    assert "--party" in ran.err
    ran = egov("exchange", "verify", "evidence.json", *_known()[2:])
    assert ran.code == 3
    assert "--trust" in ran.err


def test_years_later_the_time_stamp_decides(egov: Egov) -> None:
    later = (*_known()[:-1], "2036-01-01")
    assert egov("exchange", "verify", "evidence.json", *later).code == 0
    assert egov("exchange", "verify", "message.xml", *later).code == 3
    assert egov("exchange", "verify", "message.xml", *later, "--accept-claimed-time").code == 0


def test_json_says_the_same(egov: Egov) -> None:
    ran = egov("exchange", "verify", "evidence.json", *_known(), "--json")
    assert ran.code == 0
    document = ran.json
    assert document["outcome"] == "passed"
    assert document["subject"] == "evidence.json"
    assert document["message"] == offices().envelope().id
    assert document["answers"] == {"integrity": "passed", "binding": "passed", "trust": "passed", "coverage": "passed"}


@pytest.mark.parametrize(
    "words",
    [
        ("--party", "tax.pem"),
        ("--party", "123=tax.pem"),
        ("--party", "=tax.pem"),
        ("--attachment", "a.csv"),
        ("--attachment", "a.csv=absent"),
        ("--attachment", "a.csv=a.csv", "--attachment", "a.csv=b.csv"),
        ("--message", "evidence.json"),
    ],
)
def test_wrong_use_is_told(egov: Egov, words: tuple[str, ...]) -> None:
    assert egov("exchange", "verify", "message.xml", *words).code == 2


def test_status_tells_how_a_node_is_doing(egov: Egov, tmp_path: Path) -> None:
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db")
    town.send()
    town.close()
    shown = egov("exchange", "status", str(tmp_path / "tax.db"), "--at", "2026-06-01T09:31:00Z")
    assert shown.code == 0
    assert "91890000MT0000022T" in shown.out
    assert "1 entries" in shown.out


def test_status_ends_with_1_where_messages_wait_for_a_person(egov: Egov, tmp_path: Path) -> None:
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db")
    town.send(life_s=1)
    town.watch.forward(seconds=2)
    town.tax.run_once()
    town.close()
    shown = egov("exchange", "status", str(tmp_path / "tax.db"), "--json")
    assert shown.code == 1
    assert shown.json["partners"][0]["dead"] == 1
    assert "egov exchange dead" in egov("exchange", "status", str(tmp_path / "tax.db")).err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("egov.exchange.node.transport", f"{offices().market.party.id} was not reached (egov.exchange.node.transport)"),
        ("egov.exchange.envelope.doctype", "holds a DOCTYPE, which is not read (egov.exchange.envelope.doctype)"),
        ("egov.gateway.connect_failed", "nothing was sent (egov.gateway.connect_failed)"),
        ("egov.nothing.known", "egov.nothing.known"),
        ("example.other", "example.other"),
    ],
)
def test_status_says_why_messages_are_tried_again(egov: Egov, tmp_path: Path, code: str, said: str) -> None:
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db")
    places = ("exchange", "status", tmp_path / "tax.db", "--at", "2026-06-03T09:30:00Z")
    town.send()
    assert "tried again because" not in egov(*places).out
    town.send()
    town.send()
    with town.tax.desk.store.write() as connection:
        connection.exec_driver_sql(f"UPDATE node_messages SET problem = '{code}' WHERE number > 1")
        connection.exec_driver_sql("UPDATE node_messages SET problem = 'example.rare' WHERE number = 1")
    town.close()
    ran = egov(*places)
    assert (ran.code, said in ran.out, "2 d" in ran.out) == (0, True, True)
    [found] = egov(*places, "--json").json["partners"]
    assert (found["problem"], found["failing"], found["failing_s"] > 86_400) == (code, 1, True)


def test_what_holds_up_an_ordered_partner_is_told_and_given_up(egov: Egov, tmp_path: Path) -> None:
    ordered: dict[str, Any] = {"of_market": {"ordered": True}, "of_tax": {"ordered": True}}
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db", sender={"delivery": Backoff()}, **ordered)
    held, *others = [town.send(number, life_s=300 * 86_400) for number in range(4)]
    damage(town.tax, held.number, "cut")
    for _ in range(3):
        town.tax.run_once()
        town.watch.forward(days=1)
    places = (str(tmp_path / "tax.db"), "--at", "2026-06-04T09:30:00Z")
    ran = egov("exchange", "status", *places)
    assert f"message {held.number}, 3 d, attempt 3: " in ran.out
    assert "node.content_damaged" in ran.out
    assert "egov exchange cancel" in ran.err
    assert "egov_exchange_failing_seconds" in town.tax.metrics()
    assert egov("exchange", "cancel", places[0], str(held.number)).code == 0  # beside the running node
    town.tax.run_once()
    assert [town.tax.find(one.number).receipted for one in (held, *others)] == [False, True, True, True]
    assert town.tax.status().partners[0].failing == 0
    town.close()


def test_status_of_no_node_is_refused(egov: Egov, tmp_path: Path) -> None:
    assert egov("exchange", "status", str(tmp_path / "none.db")).code == 2
    assert not (tmp_path / "none.db").exists()
    with open_store(tmp_path / "other.db") as store:
        store.prepare(at=AT)
    ran = egov("exchange", "status", str(tmp_path / "other.db"))
    assert (ran.code, "no exchange node has worked" in ran.err) == (2, True)


def test_a_refusal_is_proven_and_shown_as_one(egov: Egov) -> None:
    world = offices()
    message = world.signed()
    refused = {"outcome": ReceiptOutcome.REFUSED, "reason": "egov.test.matter"}
    receipts = [
        sign_receipt(
            message.receipt(receiver=world.market.party, at=AT, **more),  # type: ignore[arg-type]  # as named
            signer=world.market.signer,
            certificate=world.market.certificate,
        )
        for more in ({}, refused)
    ]
    Path("refused.json").write_bytes(Evidence.of(message, receipts).to_json())
    words = ("exchange", "verify", "refused.json", *_known())
    ran = egov(*words)
    assert (ran.code, "has refused it: egov.test.matter" in ran.out) == (0, True)
    assert "已拒绝：egov.test.matter" in egov(*words, "--lang", "zh").out
    checks = {(one["subject"], one["reason"]) for one in egov(*words, "--json").json["checks"]}
    assert {("receipt 1", "accepted"), ("receipt 2", "refused")} <= checks
    forged = Evidence.of(message, receipts).to_json().replace(b"signatures", b"signatureS")
    Path("forged.json").write_bytes(forged)
    assert egov("exchange", "verify", "forged.json", *_known()).code == 1
