"""``egov seal show``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from egov_sdk.ofd import open_ofd, parse_signature_file, parse_signature_list
from tests.interop_data import interop
from tests.unit.cli.calling import Egov

pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize(("name", "signature"), [("bureau.esl", ""), ("sealed.ofd", "s001")])
def test_a_seal_is_shown_alone_and_in_a_document(egov: Egov, name: str, signature: str) -> None:
    ran = egov("seal", "show", name, "--json")
    assert ran.code == 0
    (found,) = ran.json["seals"]
    assert found["signature"] == signature
    assert found["name"] == "示例市数据局"
    assert found["holders"] == ["CN=示例市数据局"]
    assert found["maker"] == "CN=示例制章单位"
    assert found["report"]["answers"]["integrity"] == "passed"


def test_a_seal_that_its_maker_did_not_sign_is_rejected(egov: Egov) -> None:
    ran = egov("seal", "show", "forged.esl")
    assert ran.code == 1
    assert "REJECTED: integrity.seal_maker_signature" in ran.out
    report = egov("seal", "show", "forged.esl", "--json").json["seals"][0]["report"]
    assert [check["id"] for check in report["checks"] if check["outcome"] == "failed"] == [
        "integrity.seal_maker_signature"
    ]


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("bureau.esl", ("--trust", "root.pem"), 0),
        ("bureau.esl", ("--trust", "root.pem", "--at", "2001-01-01"), 1),
        ("bureau.esl", ("--trust", "bureau.pem"), 1),
        ("forged.esl", ("--trust", "root.pem"), 1),
        ("sealed.ofd", ("--trust", "root.pem"), 0),
    ],
)
def test_with_anchors_a_seal_is_judged(egov: Egov, name: str, options: tuple[str, ...], code: int) -> None:
    ran = egov("seal", "show", name, *options)
    assert ran.code == code
    assert ("trust.seal_maker" in ran.out) is True
    assert ran.err == ""


def test_the_picture_can_be_taken_out(egov: Egov) -> None:
    assert egov("seal", "show", "sealed.ofd", "--picture", "out.png").code == 0
    assert Path("out.png").read_bytes() == Path("seal.png").read_bytes()
    assert egov("seal", "show", "sealed.ofd", "--picture", "out.png").code == 2
    assert egov("seal", "show", "sealed.ofd", "--picture", "out.png", "--force").code == 0


def test_of_several_seals_one_is_chosen(egov: Egov) -> None:
    seal = ("--seal", "bureau.esl", "--key", "bureau.key.pem")
    assert egov("seal", "stamp", "sealed.ofd", "two.ofd", *seal, "--at", "2,10,10").code == 0
    found = egov("seal", "show", "two.ofd", "--json").json["seals"]
    assert len(found) == 2
    ran = egov("seal", "show", "two.ofd", "--picture", "out.png")
    assert ran.code == 2
    assert not Path("out.png").exists()
    second = found[1]["signature"]
    assert egov("seal", "show", "two.ofd", "--picture", "out.png", "--signature", second).code == 0


def test_a_seal_inside_the_value_alone_is_found(egov: Egov) -> None:
    package = open_ofd(Path("sealed.ofd"))
    (entry,) = parse_signature_list(package, package.documents[0]).entries
    described = parse_signature_file(package, entry.base_name)
    assert described.seal_name is not None
    bare = re.sub(rb"<ofd:Seal>.*?</ofd:Seal>", b"", package.read(entry.base_name), flags=re.S)
    changed = package.rewrite({entry.base_name: bare, described.seal_name: b"not a seal"})
    assert parse_signature_file(open_ofd(changed), entry.base_name).seal_name is None
    Path("inside.ofd").write_bytes(changed)
    assert egov("seal", "show", "inside.ofd", "--json").json["seals"][0]["name"] == "示例市数据局"


@pytest.mark.parametrize("beside", ["forged.esl", "in-vain"])
def test_the_seal_is_the_one_that_was_signed_and_not_the_file_beside_it(egov: Egov, beside: str) -> None:
    package = open_ofd(Path("sealed.ofd"))
    (entry,) = parse_signature_list(package, package.documents[0]).entries
    described = parse_signature_file(package, entry.base_name)
    assert described.seal_name is not None
    other = Path(beside).read_bytes() if beside.endswith(".esl") else b"not a seal"
    Path("beside.ofd").write_bytes(package.rewrite({described.seal_name: other}))
    (shown,), (honest,) = (egov("seal", "show", name, "--json").json["seals"] for name in ("beside.ofd", "sealed.ofd"))
    assert shown["report"]["answers"]["integrity"] == "passed"
    assert (shown["seal_id"], shown["created_at"]) == (honest["seal_id"], honest["created_at"])


def test_a_value_that_cannot_be_read_is_told(egov: Egov) -> None:
    package = open_ofd(Path("sealed.ofd"))
    (entry,) = parse_signature_list(package, package.documents[0]).entries
    value = parse_signature_file(package, entry.base_name).value_name
    Path("broken.ofd").write_bytes(package.rewrite({value: package.read(value)[:-40]}))
    ran = egov("seal", "show", "broken.ofd")
    assert (ran.code, ran.out) == (1, "")
    assert entry.id in ran.err


@pytest.mark.parametrize(
    ("name", "code"),
    [("plain.ofd", 2), ("nowhere.esl", 2), ("garbage.ofd", 1), ("empty.ofd", 1), ("root.pem", 1), ("root.crl", 1)],
)
def test_what_holds_no_seal_says_so(egov: Egov, name: str, code: int) -> None:
    ran = egov("seal", "show", name)
    assert ran.code == code
    assert ran.out == ""
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["UserV1.esl", "UserV4.esl", "UserV5.esl"])
def test_seals_made_by_others_are_shown(egov: Egov, name: str) -> None:
    ran = egov("seal", "show", interop("ofd", name), "--json")
    assert ran.code in (0, 1)
    assert ran.json["seals"][0]["standard"].startswith("G")
