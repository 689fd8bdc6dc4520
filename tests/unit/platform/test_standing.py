"""A province that stays: the same keys, callers and licences when it is opened again, and nobody else reads them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.gateway import Credentials, GatewayClient
from egov_sdk.gateway.in_process import transport
from egov_sdk.gateway.messages import Request
from egov_sdk.platform.callers import Role
from egov_sdk.platform.standing import Standing
from egov_sdk.testing.clock import Clock

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
    finally:
        again.close()


@pytest.mark.parametrize("profile", ["egov-sm2", "egov-hmac-sm3", "tif"])
def test_callers_get_in_with_what_lies_in_the_folder(tmp_path: Path, profile: str) -> None:
    from egov_sdk.crypto import load_private_key

    standing = opened(tmp_path)
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


def test_its_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    standing = opened(folder)
    standing.seed()
    standing.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    assert "PRIVATE" not in (folder / "callers.json").read_text("utf-8")


def test_a_beginning_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    opened(tmp_path).close()
    key = (tmp_path / "hall.key.pem").read_bytes()
    (tmp_path / "callers.json").unlink()
    opened(tmp_path).close()
    assert (tmp_path / "hall.key.pem").read_bytes() == key


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1]", "null", "\ud800", '[{"id": "x"}]', "role", "secret", "roles", "public_key"],
)
def test_what_are_no_callers_is_told_without_what_is_in_them(tmp_path: Path, text: str) -> None:
    opened(tmp_path).close()
    path = tmp_path / "callers.json"
    rows = json.loads(path.read_bytes())
    secret = rows[0]["secret"]
    changes: dict[str, dict[str, object]] = {
        "role": {"roles": ["king"]},
        "roles": {"roles": "use"},
        "secret": {"secret": ""},
        "public_key": {"public_key": "no key"},
    }
    if text in changes:
        # without a key either, an empty secret would let everybody in
        rows[0] |= changes[text] | ({"public_key": ""} if text == "secret" else {})
        text = json.dumps(rows)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ParseError) as caught:
        opened(tmp_path)
    assert caught.value.code == "egov.platform.callers"
    assert secret not in str(caught.value)
