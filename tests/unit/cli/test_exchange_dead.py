"""``egov exchange dead``, ``replay`` and ``cancel``: what waits for a person is listed, brought back or given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from egov_sdk.cli import _exchange_dead as commands
from egov_sdk.exchange.node.settings import Backoff
from tests.exchange_world import Town
from tests.unit.cli.calling import Egov
from tests.unit.exchange.envelope.offices import offices
from tests.unit.exchange.node.test_delivering import lost

MARKET = offices().market.party.id


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Three messages are dead since an hour, and one that lives for two; the receiver is back."""
    monkeypatch.chdir(tmp_path)
    town = Town.at(Path("tax.db"), Path("market.db"), sender={"delivery": Backoff(attempts=1)})
    town.listen()
    for number in range(3):
        town.send(number)
    town.send(3, life_s=7_200)
    town.way.fate = lost
    town.tax.run_once()
    town.way.fate = None
    town.watch.forward(hours=1)
    monkeypatch.setattr(commands, "now", lambda: town.watch.at)
    yield town
    town.assert_audits_hold()
    town.close()


def at(town: Town) -> tuple[str, str]:
    return "--at", town.watch.at.isoformat()


def test_what_waits_is_listed_with_partner_age_and_reason_and_what_to_do(egov: Egov, town: Town) -> None:
    ran = egov("exchange", "dead", "tax.db", *at(town))
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert len(lines) == 5
    assert all(word in lines[1] for word in (MARKET, "1 h", "was not reached (egov.exchange.node.transport)", "replay"))
    assert "egov exchange replay tax.db" in ran.err
    assert "未能送达" in egov("exchange", "dead", "tax.db", *at(town), "--lang", "zh").out
    town.watch.forward(hours=2)
    assert [line.count("send anew") for line in egov("exchange", "dead", "tax.db", *at(town)).out.splitlines()] == [
        0, 0, 0, 0, 1,
    ]  # fmt: skip


def test_json_says_the_same_page_by_page(egov: Egov, town: Town) -> None:
    page = egov("exchange", "dead", "tax.db", "--limit", 3, "--json", *at(town)).json
    assert [one["number"] for one in page["dead"]] == [1, 2, 3]
    first = page["dead"][0]
    assert (first["partner"], first["age_s"], first["hindrance"]) == (MARKET, 3600, "")
    assert first["problem"] == "egov.exchange.node.transport"
    rest = egov("exchange", "dead", "tax.db", "--after", page["next_after"], "--json", *at(town)).json
    assert ([one["number"] for one in rest["dead"]], rest["next_after"]) == ([4], None)
    assert "--after 3" in egov("exchange", "dead", "tax.db", "--limit", 3, *at(town)).err


def test_those_that_are_named_are_brought_back_and_delivered(egov: Egov, town: Town) -> None:
    ran = egov("exchange", "replay", "tax.db", 1, town.tax.find(3).id, "--reason", "mended", "--actor", "clerk 7")
    assert (ran.code, "2 messages are queued again" in ran.out) == (0, True)
    town.settle_down()
    assert town.applied == ['{"n":0}', '{"n":2}']
    with town.tax.desk.store.read() as connection:
        told = [one for one in town.tax.desk.journal._log.entries(connection) if one.actor == "clerk 7"]
    assert [(one.action, one.detail["reason"]) for one in told] == [("message.replay", "mended")] * 2


def test_all_of_a_partner_are_brought_back_but_what_has_run_out(egov: Egov, town: Town) -> None:
    town.watch.forward(hours=2)
    ran = egov("exchange", "replay", "tax.db", "--all", "--partner", MARKET, "--direction", "out")
    assert (ran.code, "3 messages are queued again" in ran.out, "1 cannot be tried again" in ran.out) == (1, True, True)
    town.settle_down()
    assert len(town.applied) == 3
    again = egov("exchange", "replay", "tax.db", "--all", "--json")
    assert (again.code, again.json["replayed"]) == (1, [])
    assert [(one["number"], one["hindrance"]) for one in again.json["left"]] == [(4, "egov.exchange.node.expired")]
    assert egov("exchange", "cancel", "tax.db", "--all").code == 0
    ran = egov("exchange", "dead", "tax.db")
    assert (ran.code, ran.out) == (0, "no message waits for a person\n")


@pytest.mark.parametrize("terminal", [False, True])
def test_more_than_one_batch_is_brought_back(
    egov: Egov, town: Town, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setattr(commands, "is_terminal", lambda _stream: terminal)
    monkeypatch.setattr(commands, "_TOGETHER", 3)
    assert egov("exchange", "replay", "tax.db", "--all", "--json").json["replayed"] == [1, 2, 3, 4]
    town.settle_down()
    assert len(town.applied) == 4


def test_what_came_before_a_failure_is_told(egov: Egov, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from egov_sdk.exchange.node.deciding import DeadLetters
    from egov_sdk.storage import StorageBusy

    monkeypatch.setattr(commands, "_TOGETHER", 3)
    true, calls = DeadLetters.replay, []

    def once(*args: object, **more: object) -> object:
        calls.append(args)
        if len(calls) > 1:
            raise StorageBusy("somebody writes")
        return true(*args, **more)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(DeadLetters, "replay", once)
    ran = egov("exchange", "replay", "tax.db", "--all")
    assert (ran.code, "3 were done before" in ran.err) == (4, True)
    monkeypatch.undo()
    assert [one.number for one in town.tax.messages(state=town.tax.find(4).state)] == [4]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("replay", "tax.db", "1", "99"), 2, "there is no message 99"),
        (("replay", "tax.db", "no-such-id-anywhere"), 2, "there is no message no-such-id-anywhere"),
        (("replay", "tax.db"), 2, "--all"),
        (("replay", "tax.db", "1", "--all"), 2, "--all"),
        (("replay", "tax.db", "1", "--partner", MARKET), 2, "go with --all"),
        (("replay", "tax.db", "--all", "--partner", "91890000MT0000022X"), 2, f"but with {MARKET}"),
        (("dead", "tax.db", "--partner", "nobody"), 2, f"but with {MARKET}"),
        (("dead", "tax.db", "--limit", "0"), 2, "--limit"),
        (("dead", "tax.db", "--after", "-1"), 2, "not negative"),
        (("dead", "none.db"), 2, "there is no file"),
        (("cancel", "tax.db", "1", "99"), 2, "there is no message 99"),
        (("cancel", "tax.db"), 2, "--all"),
    ],
)
def test_what_cannot_be_asked_is_told_and_changes_nothing(
    egov: Egov, town: Town, words: tuple[str, ...], code: int, told: str
) -> None:
    ran = egov("exchange", *words)
    assert (ran.code, told in ran.err) == (code, True), ran.err
    assert len(egov("exchange", "dead", "tax.db", "--json", *at(town)).json["dead"]) == 4


@pytest.mark.parametrize("state", ["queued", "run out"])
def test_of_those_that_are_named_all_are_brought_back_or_none(egov: Egov, town: Town, state: str) -> None:
    if state == "queued":
        town.tax.replay(4, reason="r")
    else:
        town.watch.forward(hours=2)
    ran = egov("exchange", "replay", "tax.db", 1, 4)
    assert (ran.code, "nothing was brought back" in ran.out) == (1, True)
    assert ("it is queued already" if state == "queued" else "send anew") in ran.out
    assert town.tax.find(1).attempts == 1
    found = egov("exchange", "replay", "tax.db", 1, 4, "--json").json
    assert (found["replayed"], [one["number"] for one in found["left"]]) == ([], [4])


def test_what_cannot_be_asked_is_told_in_chinese_too(egov: Egov, town: Town) -> None:
    assert "没有消息 99" in egov("exchange", "replay", "tax.db", 99, "--lang", "zh").err
    ran = egov("exchange", "dead", "tax.db", "--partner", "nobody", "--lang", "zh")
    assert f"有过的为 {MARKET}" in ran.err
    town.tax.replay(1, reason="r")
    assert "已在排队" in egov("exchange", "replay", "tax.db", 1, "--lang", "zh").out


def test_what_is_done_is_not_given_up_and_neither_is_what_is_named_with_it(egov: Egov, town: Town) -> None:
    town.tax.replay(1, reason="r")
    town.settle_down()
    ran = egov("exchange", "cancel", "tax.db", 2, 1)
    assert (ran.code, "message 1, which is done" in ran.err) == (1, True)
    ran = egov("exchange", "cancel", "tax.db", 2, 2, "--json")
    assert (ran.code, ran.json["cancelled"]) == (0, [2])


def test_a_database_without_a_node_is_told(egov: Egov, tmp_path: Path) -> None:
    from egov_sdk.storage import open_store

    with open_store(tmp_path / "other.db") as store:
        store.prepare(at=offices().ca.certificate.not_before)
    for words in (("dead",), ("replay", "--all"), ("cancel", "--all")):
        ran = egov("exchange", words[0], tmp_path / "other.db", *words[1:])
        assert (ran.code, "no exchange node has worked" in ran.err) == (2, True)
