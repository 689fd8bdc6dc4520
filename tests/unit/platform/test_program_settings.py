"""A program of a seeded caller connects with one file."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from egov_sdk.door import connect
from egov_sdk.door.settings import read_settings
from egov_sdk.identity.client import ClientSettings
from egov_sdk.platform.program_settings import program_settings
from egov_sdk.platform.standing import Standing
from egov_sdk.testing.clock import Clock

URL = "http://127.0.0.1:8080"


def standing(folder: Path) -> Standing:
    made = Standing.open(folder, url=URL, clock=Clock())
    made.seed()
    return made


@pytest.mark.parametrize("profile", ["egov-sm2", "egov-hmac-sm3"])
def test_each_seeded_caller_has_one_that_only_the_owner_reads(tmp_path: Path, profile: str) -> None:
    province = standing(tmp_path)
    province.lay_settings(url=URL, profile=profile)
    for caller in ("office", "hall"):
        path = tmp_path / f"{caller}.toml"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with connect(config=path, environment={}) as gov:
            assert (gov.name, gov.office) == (URL, None)
            assert gov.gateway is not None
            assert gov.gateway.profile is not None
            assert gov.gateway.profile.name == profile
            assert callable(gov.identity.begin)
    found = read_settings({}, environment={}, file=tmp_path / "hall.toml")
    assert found["app_secret"].value == province.secrets()["hall"]
    province.close()


def test_it_says_where_the_province_is_now(tmp_path: Path) -> None:
    province = standing(tmp_path)
    for port in (8080, 8081):
        province.lay_settings(url=f"http://127.0.0.1:{port}", profile="egov-sm2")
    assert read_settings({}, environment={}, file=tmp_path / "office.toml")["where"].value == "http://127.0.0.1:8081"
    assert list(tmp_path.glob("*.new")) == []
    province.close()


def test_an_unseeded_province_has_none(tmp_path: Path) -> None:
    made = Standing.open(tmp_path, url=URL, clock=Clock())
    made.lay_settings(url=URL, profile="egov-sm2")
    assert list(tmp_path.glob("*.toml")) == []
    made.close()


@pytest.mark.parametrize("odd", ['a"b', "a\\b", "样例/目录", "a\nb", "a\tb"])
def test_names_of_any_kind_come_back_as_they_are(tmp_path: Path, odd: str) -> None:
    application = ClientSettings(client_id=odd, redirect_uri="http://localhost/callback")
    text = program_settings(odd, url=URL, profile="tif", key=Path(odd), secret=odd, application=application)
    path = tmp_path / "odd.toml"
    path.write_bytes(text)
    found = read_settings({}, environment={}, file=path)
    assert [found[name].value for name in ("id", "key", "app_secret", "client_id")] == [odd] * 4
