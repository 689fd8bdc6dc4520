"""``egov platform staff``, and the console that ``egov platform serve`` opens."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from egov_sdk.platform.standing import Standing
from tests.unit.cli.calling import Egov
from tests.unit.cli.test_platform import ended, port, served

__all__ = ["port"]

PASSWORD = "Correct-horse-7"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "p"
    province = Standing.open(made, url="http://127.0.0.1:8080", clock=lambda: datetime.now(UTC))
    _ = province.office.store
    province.close()
    return made


def test_the_first_administrator_is_let_in_at_the_server(egov: Egov, folder: Path) -> None:
    def staff(*words: str) -> list[str]:
        return ["platform", "staff", *words, "--folder", str(folder), "--json"]

    made = egov(*staff("add", "Zhang", "--power", "admin")).json
    assert (made["login"], made["power"]) == ("zhang", "admin")
    assert re.fullmatch(r"[a-z2-7-]{19}", str(made["one_time_password"]))
    again = egov(*staff("renew", "zhang")).json
    assert again["one_time_password"] != made["one_time_password"]
    listed = egov(*staff("list")).json["staff"]
    assert isinstance(listed, list)
    assert [(one["login"], one["power"]) for one in listed] == [("zhang", "admin")]
    assert all("password" not in one for one in listed)
    assert egov(*staff("remove", "zhang")).code == 1
    egov(*staff("add", "li", "--power", "admin"))
    assert egov(*staff("remove", "zhang")).code == 0
    assert egov(*staff("remove", "zhang")).code == 1


@pytest.mark.parametrize(("login", "power", "code"), [("x", "root", 2), ("a b", "admin", 1), ("", "admin", 1)])
def test_nobody_gets_in_with_another_power_or_no_name(
    egov: Egov, folder: Path, login: str, power: str, code: int
) -> None:
    assert egov("platform", "staff", "add", login, "--power", power, "--folder", str(folder)).code == code
    assert "nobody works here yet" in egov("platform", "staff", "list", "--folder", str(folder), "--lang", "en").out


def test_a_served_mock_tells_its_one_time_passwords_once(tmp_path: Path, port: int) -> None:
    process, told = served(tmp_path / "p", port, "--no-seed")
    ended(process)
    assert "staff" not in told
    process, told = served(tmp_path / "p", port, "--seed")
    try:
        assert set(told["staff"]) == {"admin", "operator", "auditor"}
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=20), base_url=base) as web:
            assert web.get("/verify").status_code == 200
            mark = re.search(r'name="mark" value="(\w+)"', web.get("/console/sign-in").text)
            assert mark is not None
            form = {"mark": mark[1], "login": "admin", "password": told["staff"]["admin"]}
            answer = web.post("/console/sign-in", data=form)
            assert answer.headers["location"] == "/console/password"
    finally:
        ended(process)
    process, told = served(tmp_path / "p", port)
    ended(process)
    assert "staff" not in told


def test_who_is_there_for_tests_comes_into_no_office_that_began_without_them(
    egov: Egov, folder: Path, port: int
) -> None:
    process, told = served(folder, port)
    ended(process)
    assert (told["callers"], told["people"], "staff" in told) == ([], [], False)
    for command in (("mock",), ("serve", "--profile", "national")):
        ran = egov("platform", *command, "--folder", str(folder), "--port", str(port), "--lang", "zh")
        assert (ran.code, "请另选目录" in ran.err) == (2, True)
    assert not [*folder.glob("*.secret"), *folder.glob("*.toml"), *folder.glob("*.token")]
    province = Standing.open(folder, url="http://127.0.0.1:8080", clock=lambda: datetime.now(UTC))
    assert (province.office.provider.accounts.count(), province.callers.all()) == (0, ())
    province.close()
