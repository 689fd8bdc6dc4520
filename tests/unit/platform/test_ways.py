"""Ways to partners: a broker both meet at, the office's own accounts at brokers, and to whom they are told."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from egov_sdk.errors import ConfigError
from egov_sdk.exchange.node import Draft, MessageState
from egov_sdk.exchange.node.nats import BrokerAccess
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.partners import Partners, partner_card, read_partners
from egov_sdk.platform.standing import Standing
from egov_sdk.platform.ways import broker_accounts, misplaced
from egov_sdk.testing.clock import START
from tests.nats import broker_without_tls, running_broker
from tests.ports import free_port

pytestmark = pytest.mark.usefixtures("cheap_passwords")

OURS = Authority(name="样例市行政审批局", code="11890000MT00000148")
THEIRS = Authority(name="样例市市场监督管理局", code="91890000MT0000022T")


@pytest.mark.parametrize(
    "where",
    [
        "https://a.example",
        "http://a.example:81/below",
        "folder:/mnt/share",
        "nats://a.example",
        "tls://a.example:4222",
        "tls://a.example,tls://[::1]:4223",
    ],
)
def test_a_place_is_an_address_a_folder_or_a_broker(where: str) -> None:
    assert misplaced(where) is None


@pytest.mark.parametrize(
    "where",
    [
        "nats://",
        "nats://a.example/stream",
        "tls://a.example:0",
        "tls://a.example:x",
        "tls://tax:hush@a.example",
        "tls://a.example,",
        "tls://a.example,https://b.example",
        "tls://a.example,tls://tax@b.example",
        "https://tax@a.example",
        "https://a.example,https://b.example:x",
        "wss://a.example",
    ],
)
def test_everything_else_is_none(where: str) -> None:
    assert "nats://host" in str(misplaced(where))
    assert "hush" not in str(misplaced(where))


def test_accounts_are_by_server() -> None:
    assert broker_accounts("") == {}
    found = broker_accounts("tls://tax:a%2C%40b@A.example , nats://x:y@[::1]:99,")
    assert found == {"tls://a.example:4222": ("tax", "a,@b"), "nats://[::1]:99": ("x", "y")}


@pytest.mark.parametrize(
    "said",
    [
        "hush",
        "tls://a.example",
        "tls://tax@a.example",
        "tls://:hush@a.example",
        "tls://tax:hush@",
        "tls://tax:hu/sh@a.example",
        "https://tax:hush@a.example",
        "tls://tax:right@a.example,hush",
    ],
)
def test_what_is_no_account_is_told_and_not_shown(said: str) -> None:
    with pytest.raises(ValueError, match="tls://user:password@host") as caught:
        broker_accounts(said)
    assert not any(secret in f"{caught.value!r}{caught.value.__cause__!r}" for secret in ("hu", "right"))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is away is waited for a moment only."""
    real = BrokerAccess.__init__

    def short(self: BrokerAccess, **given: object) -> None:
        real(self, **{"timeout_s": 2.0, **given})  # type: ignore[arg-type]  # what was given

    monkeypatch.setattr(BrokerAccess, "__init__", short)


def going() -> datetime:
    """A clock that goes on, so that what failed is tried again."""
    return START + timedelta(seconds=time.monotonic())


Pair = tuple[tuple[Standing, Partners], tuple[Standing, Partners]]


def opened(folder: Path, department: Authority, partners: Partners | None = None) -> Standing:
    roots = partners.roots if partners else ()
    made = Standing.open(folder, url="http://localhost", clock=going, department=department, partner_roots=roots)
    if partners:
        made.office.node.meet(partners.known)
    return made


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Callable[[str], Pair]]:
    """Two provinces, each with the other's card, which names a place."""
    with contextlib.ExitStack() as stack:

        def make(where: str) -> Pair:
            for name, department in (("ours", OURS), ("theirs", THEIRS)):
                standing = opened(tmp_path / name, department)
                other = tmp_path / ("theirs" if name == "ours" else "ours")
                other.mkdir(exist_ok=True)
                (other / "partners.toml").write_text(partner_card(standing.office, where=where), "utf-8")
                standing.close()
            both = []
            for name, department in (("ours", OURS), ("theirs", THEIRS)):
                partners = read_partners(tmp_path / name / "partners.toml")
                both.append((opened(tmp_path / name, department, partners), partners))
                stack.callback(both[-1][0].close)
            return both[0], both[1]

        yield make


def draft(to: Standing) -> Draft:
    return Draft(to=to.office.node.desk.identity.party, content=b"{}", service="s_1", purpose="核验", basis=("条例",))


def exchange(pair: Pair) -> None:
    """Wait until a message of each is received and its sender knows."""
    (ours, _), (theirs, _) = pair
    sent = [(one, one.office.exchange.send(draft(other)).number) for one, other in ((ours, theirs), (theirs, ours))]
    until = time.monotonic() + 90
    while not all(one.office.exchange.find(number).receipted for one, number in sent):
        assert time.monotonic() < until
        threading.Event().wait(0.02)
    assert [one.office.exchange.find(number).state for one, number in sent] == [MessageState.DONE] * 2


def test_messages_go_both_ways_through_a_broker_with_accounts(pair: Callable[[str], Pair]) -> None:
    with running_broker("--user", "tax", "--pass", "a,@b") as server, contextlib.ExitStack() as stack:
        both = pair(server.url)
        accounts = broker_accounts(server.url.replace("//", "//tax:a%2C%40b@"))
        for one, partners in both:
            stack.enter_context(partners.at_work(one.office.node, clock=going, accounts=accounts))
        exchange(both)


@pytest.mark.usefixtures("quick")
def test_a_broker_that_is_away_at_the_start_is_used_when_it_is_there(
    pair: Callable[[str], Pair], caplog: pytest.LogCaptureFixture
) -> None:
    with running_broker() as server, contextlib.ExitStack() as stack:
        server.stop()
        both = pair(server.url)
        for one, partners in both:
            stack.enter_context(partners.at_work(one.office.node, clock=going))
        assert "it is tried again" in caplog.text
        server.start()
        exchange(both)


@pytest.mark.usefixtures("quick")
def test_no_password_goes_to_a_broker_that_only_a_card_names(pair: Callable[[str], Pair]) -> None:
    with broker_without_tls() as (port, said):
        (ours, partners), _ = pair(f"nats://127.0.0.1:{port}")
        accounts = broker_accounts(f"nats://tax:hush@127.0.0.1:{free_port()},tls://tax:hush@127.0.0.1:{port}")
        with partners.at_work(ours.office.node, clock=going, accounts=accounts):
            pass
    assert b"CONNECT" in b"".join(said)
    assert b"hush" not in b"".join(said)


def test_servers_of_one_broker_have_one_account(pair: Callable[[str], Pair]) -> None:
    (ours, partners), _ = pair("tls://a.example,tls://b.example")
    accounts = broker_accounts("tls://tax:hush@a.example")
    with (
        pytest.raises(ConfigError, match=r"where, from \[\[partner\]\] 1 of .*the same account") as caught,
        partners.at_work(ours.office.node, clock=going, accounts=accounts),
    ):
        pass
    assert "hush" not in str(caught.value)


def test_who_shares_a_place_shares_the_way(
    pair: Callable[[str], Pair], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ours, partners), _ = pair(f"folder:{tmp_path / 'share'}")
    file = tmp_path / "ours" / "partners.toml"
    file.write_text(file.read_text("utf-8") + file.read_text("utf-8") + 'system = "registration"\n', "utf-8")
    opened_ways = list[str]()
    monkeypatch.setattr("egov_sdk.platform.partners.open_way", lambda node, where, **given: opened_ways.append(where))
    with read_partners(file).at_work(ours.office.node, clock=going):
        pass
    assert opened_ways == [partners.known[0].transport]


def test_without_the_library_of_brokers_the_extra_is_named(
    pair: Callable[[str], Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    (ours, partners), _ = pair("nats://a.example")
    monkeypatch.setitem(__import__("sys").modules, "nats.aio.client", None)
    with (
        pytest.raises(ConfigError, match=r"where, from .*'cluster'") as caught,
        partners.at_work(ours.office.node, clock=going),
    ):
        pass
    assert "pip install" in caught.value.hint


def test_a_place_is_known_under_one_ca(tmp_path: Path, pair: Callable[[str], Pair]) -> None:
    (ours, _), (theirs, _) = pair("tls://a.example")
    cards = [
        partner_card(one.office, where="tls://a.example")
        + f"tls_roots = '''{one.office.secrets.root.certificate.to_pem().decode()}'''\n"
        for one in (ours, theirs)
    ]
    file = tmp_path / "partners.toml"
    file.write_text("".join(cards), "utf-8")
    with pytest.raises(ConfigError, match=r"tls_roots, from \[\[partner\]\] 2 of"):
        read_partners(file)
