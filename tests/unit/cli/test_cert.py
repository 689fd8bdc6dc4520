"""``egov cert``: a local authority, certificates, and their chains."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov
from tests.unit.cli.world import PASSWORD

pytestmark = pytest.mark.usefixtures("world")

ISSUER = ("--ca", "root.pem", "--ca-key", "root.key.pem")


def test_a_root_is_trusted_and_issues_a_chain(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    root = ("--kind", "root", "--name", "CN=新根,C=CN", "--key", "locked.key.pem", "--password-env", "KEY_PASSWORD")
    assert egov("cert", "issue", "new-root.pem", *root).code == 0
    issuer = ("--ca", "new-root.pem", "--ca-key", "locked.key.pem", "--password-env", "KEY_PASSWORD")
    ca = ("--kind", "ca", "--name", "新CA", "--key", "root.key.pem")
    assert egov("cert", "issue", "ca.pem", *ca, *issuer).code == 0
    Path("maker.pub").write_text(egov("key", "show", "maker.key.pem", "--pem").out)
    leaf = ("--kind", "signer", "--name", "某人", "--key", "maker.pub", "--ca", "ca.pem", "--ca-key", "root.key.pem")
    assert egov("cert", "issue", "leaf.pem", *leaf).code == 0
    alone = egov("cert", "verify", "leaf.pem", "--trust", "new-root.pem")
    assert alone.code in (1, 3)
    whole = egov("cert", "verify", "leaf.pem", "--trust", "new-root.pem", "--intermediate", "ca.pem", "--json")
    assert whole.code == 0
    assert whole.json["path"] == ["CN=某人", "CN=新CA", "CN=新根,C=CN"]


@pytest.mark.parametrize(
    ("kind", "usage"),
    [
        ("ca", {"keyCertSign", "cRLSign"}),
        ("seal-maker", {"digitalSignature", "nonRepudiation"}),
        ("signer", {"digitalSignature", "nonRepudiation"}),
        ("encryption", {"keyEncipherment", "dataEncipherment", "keyAgreement"}),
        ("tsa", {"digitalSignature", "nonRepudiation"}),
        ("ocsp", {"digitalSignature"}),
    ],
)
def test_every_kind_gets_its_rights(egov: Egov, kind: str, usage: set[str]) -> None:
    ran = egov(
        "cert", "issue", "new.pem", "--kind", kind, "--name", "某某", "--key", "maker.key.pem", *ISSUER, "--days", "9",
        "--valid-from", "2024-03-01", "--json",
    )  # fmt: skip
    assert ran.code == 0
    found = ran.json["certificate"]
    assert set(found["key_usage"]) == usage
    assert (found["not_before"], found["not_after"]) == ("2024-02-29T16:00:00+00:00", "2024-03-09T16:00:00+00:00")
    assert found["is_ca"] is (kind == "ca")


@pytest.mark.parametrize(
    "options",
    [
        ("--kind", "signer", "--name", "x", "--key", "maker.key.pem"),
        ("--kind", "signer", "--name", "x", "--key", "maker.key.pem", "--ca", "root.pem"),
        ("--kind", "root", "--name", "x", "--key", "maker.key.pem", *ISSUER),
        ("--kind", "king", "--name", "x", "--key", "maker.key.pem", *ISSUER),
        ("--kind", "signer", "--name", "", "--key", "maker.key.pem", *ISSUER),
        ("--kind", "signer", "--name", "x", "--key", "maker.key.pem", *ISSUER, "--days", "0"),
        ("--kind", "signer", "--name", "x", "--key", "nowhere.pem", *ISSUER),
        ("--kind", "signer", "--name", "x", "--key", "maker.key.pem", "--ca", "root.pem", "--ca-key", "maker.key.pem"),
        ("--kind", "signer", "--name", "x", "--key", "m.pem", "--ca", "bureau.pem", "--ca-key", "bureau.key.pem"),
    ],
)
def test_what_cannot_be_issued_is_wrong_usage(egov: Egov, options: tuple[str, ...]) -> None:
    assert egov("cert", "issue", "new.pem", *options).code == 2
    assert not Path("new.pem").exists()


def test_certificates_of_a_bundle_are_shown(egov: Egov) -> None:
    Path("bundle.pem").write_bytes(Path("bureau.pem").read_bytes() + Path("root.pem").read_bytes())
    found = egov("cert", "show", "bundle.pem", "--json").json["certificates"]
    assert [one["subject"] for one in found] == ["CN=示例市数据局", "CN=示例根证书"]
    assert [one["is_ca"] for one in found] == [False, True]
    assert found[0]["leniencies"] == []
    text = egov("cert", "show", "bundle.pem").out
    assert text.index("CN=示例市数据局") < text.index("CN=示例根证书")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--trust", "root.pem"), 0),
        (("--trust", "root.pem", "--usage", "sign"), 0),
        (("--trust", "root.pem", "--usage", "issue"), 1),
        (("--trust", "root.pem", "--usage", "encrypt"), 1),
        (("--trust", "root.pem", "--at", "2001-01-01"), 1),
        (("--trust", "root.pem", "--require-revocation"), 3),
        (("--trust", "root.pem", "--require-revocation", "--crl", "root.crl"), 0),
        ((), 3),
    ],
)
def test_the_exit_code_is_the_outcome_of_the_chain(egov: Egov, options: tuple[str, ...], code: int) -> None:
    ran = egov("cert", "verify", "bureau.pem", *options)
    assert ran.code == code
    words = {0: "PASSED", 1: "REJECTED", 3: "COULD NOT DECIDE"}
    assert ran.out.splitlines()[-1].startswith(words[code])


def test_the_four_facts_are_apart_in_json(egov: Egov) -> None:
    found = egov("cert", "verify", "bureau.pem", "--trust", "root.pem", "--usage", "issue", "--json").json
    outcomes = {name: fact["outcome"] for name, fact in found["facts"].items()}
    assert outcomes == {"anchored": "passed", "validity": "passed", "revocation": "unknown", "usage": "failed"}
    assert found["schema_version"] == 1


@pytest.mark.parametrize("name", ["garbage.ofd", "empty.ofd", "bureau.esl", "root.key.pem", "root.crl"])
@pytest.mark.parametrize("verb", ["show", "verify"])
def test_what_is_no_certificate_is_rejected(egov: Egov, verb: str, name: str) -> None:
    ran = egov("cert", verb, name)
    assert ran.code == 1
    assert ran.out == ""
    assert "Traceback" not in ran.err
