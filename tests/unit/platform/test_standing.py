"""A province that stays: the same keys, callers and licences when it is opened again, and nobody else reads them."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from egov_sdk.crypto import load_private_key
from egov_sdk.errors import KeyAccessError, ParseError
from egov_sdk.exchange.node import Draft, MessageState
from egov_sdk.gateway import Credentials, GatewayClient
from egov_sdk.gateway.in_process import transport
from egov_sdk.gateway.messages import Request
from egov_sdk.pki import TrustStore, load_certificates, validate_chain
from egov_sdk.platform.callers import Role
from egov_sdk.platform.standing import Standing
from egov_sdk.report import Outcome
from egov_sdk.testing.clock import Clock

pytestmark = pytest.mark.usefixtures("cheap_passwords")

URL = "http://localhost"


def opened(folder: Path) -> Standing:
    return Standing.open(folder, url=URL, clock=Clock())


def test_it_is_there_again(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    first = opened(folder)
    first.seed()
    kept = first.secrets()
    first.close()
    again = opened(folder)
    again.seed()
    try:
        assert again.secrets() == kept
        assert sorted(kept) == ["hall", "office", "people"]
        assert sum(one.count for one in again.office.license.statistics()) == 2
        assert len(again.office.seal.seals()) == 2
        assert again.office.provider.accounts.by_login("test6") is not None
        office = again.callers.find("office")
        assert office is not None
        assert office.roles == frozenset(Role)
        assert [len(one.credentials) for one in again.register.records()] == [2, 2]
    finally:
        again.close()


@pytest.mark.parametrize("profile", ["egov-sm2", "egov-hmac-sm3", "tif"])
def test_callers_get_in_with_what_lies_in_the_folder(tmp_path: Path, profile: str) -> None:
    standing = opened(tmp_path)
    standing.seed()
    try:
        signer = load_private_key((tmp_path / "hall.key.pem").read_bytes())
        gateway = GatewayClient(
            URL,
            profile=profile,
            credentials=Credentials("hall", secret=standing.secrets()["hall"], signer=signer),
            transport=transport(standing.app(profile=profile)),
            clock=Clock().seconds,
        )
        with gateway:
            assert gateway.request(Request("GET", "/egov/v1/license-types")).status == 200
    finally:
        standing.close()


def test_what_it_issues_is_verified_by_what_lies_in_the_folder(tmp_path: Path) -> None:
    seeded(tmp_path)
    (root,), (signer,) = (load_certificates((tmp_path / name).read_bytes()) for name in ("root.pem", "signer.pem"))
    chain = validate_chain(signer, trust=TrustStore([root]), at=Clock()(), usage=frozenset({"digitalSignature"}))
    assert chain.anchored.outcome is Outcome.PASSED
    standing = opened(tmp_path)
    assert standing.office.secrets.token[1] == signer
    standing.close()


def test_a_message_to_the_department_beside_it_is_received_and_taken(tmp_path: Path) -> None:
    standing = opened(tmp_path)
    standing.seed()
    with standing.neighbour() as market:
        draft = Draft(to=market.party, content=b"{}", service="s_1", purpose="证后监管", basis=("条例",))
        number = standing.office.exchange.send(draft).number
        market.settle()
        assert standing.office.exchange.find(number).receipted
        assert [one.state for one in market.node.messages()] == [MessageState.DONE]
    standing.close()
    again = opened(tmp_path)  # what was queued while nobody was there goes to the next one
    with again.neighbour():
        number = again.office.exchange.send(draft).number
    with again.neighbour() as market:
        market.settle()
        assert again.office.exchange.find(number).receipted
    again.close()


def test_its_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    standing = opened(folder)
    standing.seed()
    standing.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}


def seeded(folder: Path) -> Mapping[str, str]:
    standing = opened(folder)
    try:
        standing.seed()
        return standing.secrets()
    finally:
        standing.close()


@pytest.mark.parametrize("lost", ["hall.key.pem", "hall.secret"])
def test_a_beginning_that_was_cut_short_is_finished(tmp_path: Path, lost: str) -> None:
    before = seeded(tmp_path)
    (tmp_path / lost).unlink()
    after = seeded(tmp_path)
    assert after.keys() == before.keys()
    assert after["office"] == before["office"]
    standing = opened(tmp_path)
    try:
        hall = standing.callers.find("hall")
        assert hall is not None
        assert hall.secrets == (after["hall"],)
        assert hall.public_keys == (load_private_key((tmp_path / "hall.key.pem").read_bytes()).public_key(),)
    finally:
        standing.close()


def test_without_a_seed_nobody_may_call(tmp_path: Path) -> None:
    standing = opened(tmp_path)
    try:
        assert standing.register.records() == ()
        assert standing.secrets() == {}
        assert [one.name for one in tmp_path.glob("*.pem")] == []
    finally:
        standing.close()


def test_keys_of_an_office_may_be_encrypted(tmp_path: Path) -> None:
    Standing.open(tmp_path, url=URL, clock=Clock(), secret="open sesame").close()
    with pytest.raises(KeyAccessError):
        opened(tmp_path)


def test_what_are_no_keys_is_told(tmp_path: Path) -> None:
    opened(tmp_path).close()
    (tmp_path / "office.json").write_text("{}")
    with pytest.raises(ParseError) as caught:
        opened(tmp_path)
    assert caught.value.code == "egov.door.secrets"
