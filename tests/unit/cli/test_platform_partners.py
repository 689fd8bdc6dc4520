"""``egov platform card``, and ``partners.toml`` of a province that is served."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from egov_sdk.exchange import Party
from egov_sdk.exchange.node import Draft, MessageState
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.partners import read_partners
from egov_sdk.platform.standing import Standing
from tests.nats import running_broker
from tests.ports import free_port
from tests.unit.cli.calling import Egov
from tests.unit.cli.test_platform import ended, served

pytestmark = pytest.mark.usefixtures("cheap_passwords")

OURS = Authority(name="样例市行政审批局", code="11890000MT00000148")
THEIRS = Authority(name="样例市市场监督管理局", code="91890000MT0000022T")


def now() -> datetime:
    return datetime.now(UTC)


def begun(folder: Path, department: Authority) -> Path:
    Standing.open(folder, url="http://localhost", clock=now, department=department).close()
    return folder


def card(egov: Egov, folder: Path, where: str) -> str:
    ran = egov("platform", "card", where, "--folder", str(folder))
    assert (ran.code, "partners.toml" in ran.err) == (0, True)
    return ran.out


def test_a_card_is_what_the_others_append(egov: Egov, tmp_path: Path) -> None:
    folder = begun(tmp_path / "p", OURS)
    text = card(egov, folder, "https://zheng.example.cn")
    (row,) = tomllib.loads(text)["partner"]
    assert (row["name"], row["code"], row["where"]) == (OURS.name, OURS.code, "https://zheng.example.cn")
    (folder / "copy.toml").write_text(text, "utf-8")
    assert read_partners(folder / "copy.toml").known[0].party.id == OURS.code
    ran = egov("platform", "card", "https://zheng.example.cn", "--folder", str(folder), "--json")
    assert ran.json["card"] == text


@pytest.mark.parametrize(
    "where", ["zheng.example.cn", "folder:share", "https://user@zheng.example.cn", "tls://user:hush@broker.example.cn"]
)
def test_no_card_is_made_for_no_place(egov: Egov, tmp_path: Path, where: str) -> None:
    ran = egov("platform", "card", where, "--folder", str(begun(tmp_path / "p", OURS)))
    assert (ran.code, ran.out, "folder:" in ran.err, "hush" in ran.err) == (2, "", True, False)


def test_where_no_province_is_there_is_no_card(egov: Egov, tmp_path: Path) -> None:
    assert egov("platform", "card", "https://zheng.example.cn", "--folder", str(tmp_path / "p")).code == 2
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("text", ["[[partner]]\n", "[[partner", "[connect]\n"])
def test_what_is_wrong_with_the_partners_is_told_before_anything_is_served(
    egov: Egov, tmp_path: Path, text: str
) -> None:
    (tmp_path / "partners.toml").write_text(text)
    ran = egov("platform", "serve", "--no-seed", "--folder", str(tmp_path))
    assert (ran.code, "partners.toml" in ran.err) == (2, True)
    assert [one.name for one in tmp_path.iterdir()] == ["partners.toml"]


def test_an_account_at_a_broker_that_is_none_is_told_and_not_shown(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGOV_BROKER", "tls://tax:hu/sh@broker.example.cn")
    ran = egov("platform", "serve", "--no-seed", "--folder", str(tmp_path))
    assert (ran.code, "EGOV_BROKER" in ran.err, "hu" in ran.out + ran.err) == (2, True, False)
    assert list(tmp_path.iterdir()) == []


def test_provinces_that_are_served_meet_at_a_broker(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = begun(tmp_path / "ours", OURS), begun(tmp_path / "theirs", THEIRS)
    with running_broker("--user", "province", "--pass", "open-sesame") as broker, ExitStack() as running:
        for folder, other in zip(folders, reversed(folders), strict=True):
            (folder / "partners.toml").write_text(card(egov, other, broker.url), "utf-8")
        monkeypatch.setenv("EGOV_BROKER", broker.url.replace("//", "//province:open-sesame@"))
        for folder in folders:
            process, told = served(folder, free_port(), "--no-seed")
            running.callback(ended, process)
            assert list(told["partners"].values()) == [broker.url]
        until_receipted(running, folders)


def test_the_office_is_no_partner_of_its_own(egov: Egov, tmp_path: Path) -> None:
    folder = begun(tmp_path / "p", OURS)
    (folder / "partners.toml").write_text(card(egov, folder, "https://zheng.example.cn"), "utf-8")
    ran = egov("platform", "serve", "--no-seed", "--folder", str(folder), "--port", str(free_port()))
    assert (ran.code, "the office itself" in ran.err) == (2, True)


def test_provinces_that_are_served_exchange_messages_with_their_partners(egov: Egov, tmp_path: Path) -> None:
    folders = begun(tmp_path / "ours", OURS), begun(tmp_path / "theirs", THEIRS)
    ports = free_port(), free_port()
    for folder, other, port_ in zip(folders, reversed(folders), reversed(ports), strict=True):
        (folder / "partners.toml").write_text(card(egov, other, f"http://127.0.0.1:{port_}"), "utf-8")
    with ExitStack() as running:
        for folder, port_, workers in zip(folders, ports, ("1", "2"), strict=True):
            process, told = served(folder, port_, "--no-seed", "--workers", workers)
            running.callback(ended, process)
            assert len(told["partners"]) == 1
        until_receipted(running, folders)


def until_receipted(running: ExitStack, folders: tuple[Path, Path]) -> None:
    """Send a message of each to the other, and wait for both receipts."""
    sent = [(one, one.office.exchange.send(draft(to)).number) for one, to in queues(running, folders)]
    until = time.monotonic() + 90
    while not all(one.office.exchange.find(number).receipted for one, number in sent):
        assert time.monotonic() < until
        threading.Event().wait(0.05)
    for one, _ in sent:
        states = [(found.direction.value, found.state) for found in one.office.exchange.messages()]
        # what came waits for whoever handles it
        assert sorted(states) == [("in", MessageState.QUEUED), ("out", MessageState.DONE)]


def queues(running: ExitStack, folders: tuple[Path, Path]) -> Iterator[tuple[Standing, Authority]]:
    """Each province as a program beside it sees it, and to whom it sends."""
    for folder, to in zip(folders, (THEIRS, OURS), strict=True):
        partners = read_partners(folder / "partners.toml")
        standing = Standing.open(folder, url="http://localhost", clock=now, partner_roots=partners.roots)
        running.callback(standing.close)
        standing.office.node.meet(partners.known)
        yield standing, to


def draft(to: Authority) -> Draft:
    return Draft(to=Party(code=to.code), content=b"{}", service="s_1", purpose="核验", basis=("条例",))
