"""Partners of a province stand in a file; what is wrong in it is told by its place, and nobody else is listened to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from egov_sdk.errors import ConfigError
from egov_sdk.exchange.node import Draft, HandToHand, MessageState, NodeRejected
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.partners import Partners, partner_card, read_partners
from egov_sdk.platform.standing import Standing
from egov_sdk.testing.clock import Clock

pytestmark = pytest.mark.usefixtures("cheap_passwords")

OURS = Authority(name="样例市行政审批局", code="11890000MT00000148")
THEIRS = Authority(name="样例市市场监督管理局", code="91890000MT0000022T")
PLACE = "https://market.example.cn"


def opened(folder: Path, department: Authority, partners: Partners | None = None) -> Standing:
    roots = partners.roots if partners else ()
    made = Standing.open(folder, url="http://localhost", clock=Clock(), department=department, partner_roots=roots)
    if partners:
        made.office.node.meet(partners.known)
    return made


@pytest.fixture(scope="session")
def cards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A card of each department, and of one that only says to be the second."""
    made = {}
    for name, department in (("ours", OURS), ("theirs", THEIRS), ("forged", THEIRS)):
        standing = opened(tmp_path_factory.mktemp("cards"), department)
        made[name] = partner_card(standing.office, where=PLACE)
        standing.close()
    return made


@pytest.fixture
def card(cards: dict[str, str]) -> str:
    return cards["theirs"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "partners.toml"


def test_where_there_is_no_file_there_are_no_partners(file: Path) -> None:
    found = read_partners(file)
    assert (bool(found), found.known, found.roots) == (False, (), ())
    file.write_bytes(b"")
    assert not read_partners(file)


def testcards_one_behind_the_other_are_a_file(file: Path, cards: dict[str, str]) -> None:
    file.write_text(cards["ours"] + cards["theirs"], "utf-8")
    found = read_partners(file)
    assert [(one.party.id, one.transport) for one in found.known] == [(OURS.code, PLACE), (THEIRS.code, PLACE)]
    assert len(found.roots) == 2


def test_a_card_holds_nothing_secret(tmp_path: Path) -> None:
    standing = opened(tmp_path, OURS)
    text = partner_card(standing.office, where="folder:/mnt/share")
    standing.close()
    assert text.count("-----BEGIN") == 3
    assert "PRIVATE" not in text


@pytest.mark.parametrize(
    "where", ["", "market", "ftp://x", "folder:share", "https://a@b", "https://b?c", "https://b:0"]
)
def test_no_card_is_made_for_no_place(tmp_path: Path, where: str) -> None:
    standing = opened(tmp_path, OURS)
    with pytest.raises(ValueError, match="folder:"):
        partner_card(standing.office, where=where)
    standing.close()


def test_what_is_in_files_is_read_from_beside_it(file: Path, card: str) -> None:
    for name in ("certificates", "roots"):
        begin = card.index(f"{name} = '''") + len(name) + 6
        pem = card[begin : card.index("'''", begin)]
        (file.parent / f"{name}.pem").write_text(pem)
        card = card.replace(f"'''{pem}'''", f'"{name}.pem"')
    more = 'system = "registration"\nordered = true\nservices = ["s_1"]\nper_minute = 5\n'
    file.write_text(card + more, "utf-8")
    (found,) = read_partners(file).known
    assert (found.party.id, found.ordered, found.per_minute) == (f"{THEIRS.code}/registration", True, 5)
    assert found.services == frozenset({"s_1"})


@pytest.mark.parametrize("absolute", [False, True])
def test_a_card_of_somebody_else_names_no_file_elsewhere(tmp_path: Path, card: str, absolute: bool) -> None:
    folder, away = tmp_path / "office", tmp_path / "away.pem"
    folder.mkdir()
    begin = card.index("certificates = '''") + len("certificates = '''")
    pem = card[begin : card.index("'''", begin)]
    away.write_text(pem)
    file = folder / "partners.toml"
    file.write_text(card.replace(pem, str(away) if absolute else "../away.pem"), "utf-8")
    with pytest.raises(ConfigError, match="not below") as caught:
        read_partners(file)
    assert caught.value.detail["setting"] == "certificates"


def _p256() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def _pem(name: str, value: str) -> Callable[[str], str]:
    def change(card: str) -> str:
        begin = card.index(f"{name} = '''")
        end = card.index("'''", begin + len(name) + 6) + 3
        return f"{card[:begin]}{name} = '''{value}'''{card[end:]}"

    return change


WRONG: dict[str, tuple[Callable[[str], str], str]] = {
    "an item there is none of": (lambda card: card + 'colour = "red"\n', "colour"),
    "no code": (lambda card: card.replace(f'code = "{THEIRS.code}"\n', ""), "code"),
    "a code that is none": (lambda card: card.replace(THEIRS.code, "91890000MT0000022X"), "code"),
    "a code that is no text": (lambda card: card.replace(f'"{THEIRS.code}"', "18"), "code"),
    "a system that is none": (lambda card: card + 'system = "a b"\n', "code"),
    "no place": (lambda card: card.replace(f'where = "{PLACE}"\n', ""), "where"),
    "a place that is none": (lambda card: card.replace(PLACE, "market.example.cn"), "where"),
    "a place with a password": (lambda card: card.replace(PLACE, "https://a:b@market.example.cn"), "where"),
    "a place with a port that is none": (lambda card: card.replace(PLACE, "https://market.example.cn:99999"), "where"),
    "a folder from here": (lambda card: card.replace(PLACE, "folder:share"), "where"),
    "certificates that are none": (_pem("certificates", "-----BEGIN CERTIFICATE-----\nx"), "certificates"),
    "certificates in no file": (_pem("certificates", "nowhere.pem"), "certificates"),
    "certificates in a folder": (_pem("certificates", "."), "certificates"),
    "certificates in a file that cannot be": (_pem("certificates", "a/" * 3000), "certificates"),
    "certificates beyond ASCII": (_pem("certificates", "-----BEGIN CERTIFICATE-----\n文"), "certificates"),
    "a key of another kind": (_pem("encryption", _p256()), "encryption"),
    "a key that is none": (_pem("encryption", "-----BEGIN PUBLIC KEY-----\nAAAA"), "encryption"),
    "roots of TLS that are none": (lambda card: card + "tls_roots = '-----BEGIN CERTIFICATE-----'\n", "tls_roots"),
    "no roots": (_pem("roots", ""), "roots"),
    "roots that are keys": (_pem("roots", _p256()), "roots"),
    "an order that is a word": (lambda card: card + 'ordered = "no"\n', "ordered"),
    "a number that is none": (lambda card: card + "per_minute = 0\n", "per_minute"),
    "services that are one": (lambda card: card + 'services = "s_1"\n', "services"),
    "the same one twice": (lambda card: card + card, "code"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_by_its_place(file: Path, cards: dict[str, str], case: str) -> None:
    change, setting = WRONG[case]
    file.write_text(cards["ours"] + change(cards["theirs"]), "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_partners(file)
    assert str(file) in caught.value.message
    assert "a:b@" not in caught.value.message
    assert ("there are code, system" in caught.value.message) == (case == "an item there is none of")
    number = 3 if case == "the same one twice" else 2
    found = (caught.value.code, caught.value.detail["setting"], caught.value.detail["source"])
    assert found == ("egov.platform.partners", setting, f"[[partner]] {number} of {file}")
    assert caught.value.text is not None
    assert f"（来自{file} 第 {number} 个 [[partner]]）：" in caught.value.text.zh


@pytest.mark.parametrize(
    "text",
    [
        "[[partner]",
        "partner = 1",
        "[partner]\ncode = 'x'",
        "[connect]\nwhere = 'mock:'",
        "partner = ['x']",
        "\x00",
        "﻿x",
    ],
)
def test_what_is_no_file_of_partners_is_told(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"partners\.toml"):
        read_partners(file)


def test_a_file_that_cannot_be_read_is_told(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match=r"partners\.toml"):
        read_partners(file)


def test_the_office_is_no_partner_of_its_own(file: Path, cards: dict[str, str], tmp_path: Path) -> None:
    file.write_text(cards["ours"], "utf-8")
    partners = read_partners(file)
    standing = opened(tmp_path / "p", OURS, partners)
    with pytest.raises(ConfigError, match="the office itself"), partners.at_work(standing.office.node, clock=Clock()):
        pass
    standing.close()


def test_a_way_that_cannot_be_gone_is_told(file: Path, card: str, tmp_path: Path) -> None:
    file.write_text(card.replace(PLACE, "folder:/dev/null/share"), "utf-8")
    partners = read_partners(file)
    standing = opened(tmp_path / "p", OURS, partners)
    with (
        pytest.raises(ConfigError, match=r"where, from .*partners\.toml"),
        partners.at_work(standing.office.node, clock=Clock()),
    ):
        pass
    standing.close()


def draft(to: Standing) -> Draft:
    return Draft(to=to.office.node.desk.identity.party, content=b"{}", service="s_1", purpose="核验", basis=("条例",))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Standing, Standing]]:
    """Two provinces, each with the other's card; they share a folder."""
    where = f"folder:{tmp_path / 'share'}"
    for name, department in (("ours", OURS), ("theirs", THEIRS)):
        standing = opened(tmp_path / name, department)
        other = "theirs" if name == "ours" else "ours"
        (tmp_path / other).mkdir(exist_ok=True)
        (tmp_path / other / "partners.toml").write_text(partner_card(standing.office, where=where), "utf-8")
        standing.close()
    both = [
        opened(tmp_path / name, department, read_partners(tmp_path / name / "partners.toml"))
        for name, department in (("ours", OURS), ("theirs", THEIRS))
    ]
    yield both[0], both[1]
    for one in both:
        one.close()


def test_messages_go_both_ways(pair: tuple[Standing, Standing]) -> None:
    ours, theirs = pair
    ways = [read_partners(one.folder / "partners.toml").at_work(one.office.node, clock=Clock()) for one in pair]
    with ways[0], ways[1]:
        sent = [
            (ours, ours.office.exchange.send(draft(theirs)).number),
            (theirs, theirs.office.exchange.send(draft(ours)).number),
        ]
        until = time.monotonic() + 90
        while not all(one.office.exchange.find(number).receipted for one, number in sent):
            assert time.monotonic() < until
            threading.Event().wait(0.02)
    assert [one.office.exchange.find(number).state for one, number in sent] == [MessageState.DONE] * 2


def test_the_roots_of_partners_vouch_for_messages_and_for_nothing_else(pair: tuple[Standing, Standing]) -> None:
    for one in pair:
        assert (len(one.office.trust), len(one.office.node.desk.trust)) == (1, 2)


def test_a_stranger_under_the_code_of_a_partner_is_not_listened_to(
    pair: tuple[Standing, Standing], tmp_path: Path, cards: dict[str, str]
) -> None:
    ours, _ = pair
    (tmp_path / "forger").mkdir()
    file = tmp_path / "forger" / "partners.toml"
    file.write_text(partner_card(ours.office, where=PLACE), "utf-8")
    forger = opened(tmp_path / "forger", THEIRS, read_partners(file))
    forger.office.node.connect(PLACE, HandToHand(ours.office.node.accept))
    number = forger.office.exchange.send(draft(ours)).number
    forger.office.node.run_once()
    assert not forger.office.exchange.find(number).receipted
    assert ours.office.exchange.messages() == ()
    forger.close()


def test_with_a_partner_that_is_blocked_nothing_is_exchanged(file: Path, card: str, tmp_path: Path) -> None:
    file.write_text(card + "blocked = true\n", "utf-8")
    standing = opened(tmp_path / "p", OURS, read_partners(file))
    party = standing.office.node.desk.partners[THEIRS.code].party
    with pytest.raises(NodeRejected) as caught:
        standing.office.exchange.send(Draft(to=party, content=b"{}", service="s_1", purpose="核验", basis=("条例",)))
    assert caught.value.code.endswith("partner_blocked")
    standing.close()
