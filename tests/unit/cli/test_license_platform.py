"""``egov license`` at a platform: the same commands over our own interface, and what only an office does refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import egov_sdk.door
from egov_sdk.door import Gov, connect
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.in_process import transport
from egov_sdk.license.client import LicenseClient
from tests.unit.cli.calling import Egov
from tests.unit.cli.license_office import COMPANY_CODE, issued

ADDRESS = "https://licences.example"
PREFIX = "/egov/v1"


@pytest.fixture
def platform(office: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The office of the folder, reached through its own interface at an address; its name and code."""
    with connect("local:./egov-data", clock=lambda: datetime.now(UTC)) as behind:
        assert behind.office is not None
        app = behind.office.app(prefix=PREFIX)

        def reach(where: str = "", **given: object) -> Gov:
            assert where == ADDRESS, given
            gateway = GatewayClient(ADDRESS, transport=transport(app), breaker=None)
            return Gov(
                ADDRESS, license=lambda: LicenseClient(gateway, prefix=PREFIX), close=gateway.close, gateway=gateway
            )

        monkeypatch.setattr(egov_sdk.door, "connect", reach)
        monkeypatch.setenv("EGOV_CONNECT", ADDRESS)
        secrets = behind.office.secrets
        yield f"{secrets.code}={secrets.name}"


def test_a_licence_lives_at_a_platform(egov: Egov, platform: str) -> None:
    assert "营业许可证" in egov("license", "types").out
    one = issued(egov, "A-1", "-o", "a.ofd")
    assert egov("license", "verify", "a.ofd").code == 0
    assert egov("license", "present", one, "-o", "shown.txt").code == 0
    two = egov("license", "change", one, "--reason", "变更", "--field", "住所=别处", "--json")
    assert two.code == 0, two.out
    newest = two.json["metadata"]["identifier"]
    assert egov("license", "revoke", newest, "--reason", "违法").code == 0
    steps = [event["action"] for event in egov("license", "history", one, "--json").json["events"]]
    assert steps == ["issue", "supersede", "change", "revoke"]
    assert egov("license", "verify", "a.ofd").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("new-type", "--sample", "business_permit"),
        ("import", "old.csv"),
        ("complete",),
        ("export", "rows.csv"),
        ("scan", "EGL1:ABC"),
        ("search", COMPANY_CODE),
        ("show", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"),
    ],
)
def test_what_a_platform_cannot_be_asked_like_this_is_wrong_usage(
    egov: Egov, platform: str, words: tuple[str, ...]
) -> None:
    Path("old.csv").write_text("x")
    ran = egov("license", *words)
    assert ran.code == 2, ran.out + ran.err
    assert "local:" in ran.err or "--requester" in ran.err
    assert not Path("rows.csv").exists()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("search", COMPANY_CODE, "--requester", "11330105002500287C=某局"), "egov.license.use_refused"),
        (("issue", "--type", "营业许可证", "--number", "A-1", "--holder", f"某公司,{COMPANY_CODE}"), "egov.license."),
        (("history", "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"), "egov.license."),
    ],
)
def test_a_platform_s_no_is_told_with_its_code(egov: Egov, platform: str, words: tuple[str, ...], problem: str) -> None:
    ran = egov("license", *words, "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["error"]["code"].startswith(problem)


def test_a_department_sees_what_is_its_own_without_a_rule(egov: Egov, platform: str) -> None:
    one = issued(egov, "A-1")
    as_owner = ("--requester", platform, "--as-owner")
    assert egov("license", "search", COMPANY_CODE, *as_owner, "--json").json["records"] != []
    assert egov("license", "show", one, *as_owner, "-o", "a.ofd").code == 0
    for_whom = ("--purpose", "核验", "--for", "11330105002500287C=某局", "-o", "copy.ofd")
    assert egov("license", "copy", one, *as_owner, *for_whom).code == 0
    assert egov("license", "verify", "a.ofd").code == 0


@pytest.mark.parametrize("owner", [(), ("--as-owner",)])
def test_what_is_another_s_is_seen_by_a_rule_alone(egov: Egov, platform: str, owner: tuple[str, ...]) -> None:
    one = issued(egov, "A-1")
    stranger = ("--requester", "11330105002500287C=某局", *owner)
    for_whom = ("--purpose", "核验", "--for", "11330105002500287C=某局", "-o", "copy.ofd")
    for words in (("show", one, "-o", "a.ofd"), ("copy", one, *for_whom)):
        ran = egov("license", *words, *stranger)
        assert (ran.code, "egov.license." in ran.err) == (1, True)
    assert one not in egov("license", "search", COMPANY_CODE, *stranger).out
    if not owner:  # the office itself needs to say that it is one
        assert egov("license", "show", one, "--requester", platform).code == 1
    assert not Path("a.ofd").exists()
    assert not Path("copy.ofd").exists()


def test_whoever_says_nothing_is_told_how(egov: Egov, platform: str) -> None:
    assert "--as-owner" in egov("license", "search", COMPANY_CODE, "--as-owner").err


def test_a_scan_fetches_the_list_from_the_platform(egov: Egov, platform: str) -> None:
    one = issued(egov, "A-1")
    assert egov("license", "present", one, "-o", "shown.txt").code == 0
    with_list = ("--trust", "root.pem", "--issuer", "issuer.pem", "--office", ADDRESS)
    from egov_sdk.door.secrets import OfficeSecrets

    held = OfficeSecrets.from_json((Path("egov-data") / "office.json").read_bytes())
    Path("root.pem").write_bytes(held.root.certificate.to_pem())
    Path("issuer.pem").write_bytes(held.token[1].to_pem())
    code = egov("license", "types", "--json").json["types"][0]["code"]
    assert egov("license", "scan", "@shown.txt", *with_list, "--type", code).code == 0
    assert egov("license", "revoke", one, "--reason", "违法").code == 0
    assert egov("license", "scan", "@shown.txt", *with_list, "--type", code).code == 1
    assert egov("license", "scan", "EGL1:ABC", *with_list, "--type", code).code == 1
