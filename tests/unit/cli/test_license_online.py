"""``egov license online``: from the holder's code to one fetch, and nothing before the holder agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov, Ran
from tests.unit.cli.license_office import COMPANY_CODE, PERSON_CODE, issued

HOLDER = ("--holder", COMPANY_CODE)
STRANGER = "11330105002500287C=某市行政审批局"


def online(egov: Egov, *words: object) -> Ran:
    return egov("license", "online", *words)


def begun(egov: Egov, *more: object) -> str:
    """The id of a transaction for the company's permit."""
    code = online(egov, "code", COMPANY_CODE, "--json").json["code"]
    ran = online(egov, "begin", code, "--type", "营业许可证", "--purpose", "现场核验", *more, "--json")
    assert ran.code == 0, ran.err
    return str(ran.json["transaction"])


def asked(egov: Egov) -> str:
    """The id of the one request that waits for the company."""
    (one,) = online(egov, "waiting", COMPANY_CODE, "--json").json["waiting"]
    return str(one["id"])


@pytest.fixture
def licence(egov: Egov, office: Path) -> str:
    return issued(egov, "A-1", "-o", "a.ofd")


def test_a_holder_agrees_and_the_verifier_fetches_once(egov: Egov, licence: str) -> None:
    transaction = begun(egov)
    waiting = online(egov, "waiting", COMPANY_CODE)
    assert "样例市数据局 asks for 营业许可证: 现场核验" in waiting.out
    assert online(egov, "status", transaction).code == 3
    assert online(egov, "fetch", transaction).code == 1
    agreed = online(egov, "confirm", asked(egov), *HOLDER, "--license", licence)
    assert agreed.code == 0, agreed.err
    assert "the holder agreed" in agreed.out
    assert online(egov, "status", transaction, "--json").json["state"] == "confirmed"
    Path("files").mkdir()
    ran = online(egov, "fetch", transaction, "-o", "files", "--json")
    assert ran.code == 0
    (shown,) = ran.json["licenses"]
    assert shown["identifier"] == licence
    assert shown["items"]["number"] == "A-1"
    assert Path(shown["out"]).read_bytes() == Path("a.ofd").read_bytes()
    again = online(egov, "fetch", transaction)
    assert again.code == 1
    assert "egov.license.showing_fetched" in again.err
    assert online(egov, "status", transaction).code == 0
    assert "nothing waits" in online(egov, "waiting", COMPANY_CODE).out


def test_chosen_items_come_without_the_file(egov: Egov, licence: str) -> None:
    transaction = begun(egov)
    assert online(egov, "confirm", asked(egov), *HOLDER, "--license", licence, "--field", "number").code == 0
    Path("files").mkdir()
    Path("transaction.txt").write_text(transaction, encoding="utf-8")
    ran = online(egov, "fetch", "@transaction.txt", "-o", "files")
    assert ran.code == 0
    assert "A-1" in ran.out
    assert COMPANY_CODE not in ran.out
    assert list(Path("files").iterdir()) == []


def test_a_file_that_is_there_is_not_lost_and_does_not_stop_the_fetch(egov: Egov, licence: str) -> None:
    Path("files").mkdir()
    taken = Path("files") / f"{licence}.ofd"
    taken.write_bytes(b"mine")
    transaction = begun(egov)
    assert online(egov, "confirm", asked(egov), *HOLDER, "--license", licence).code == 0
    assert online(egov, "fetch", transaction, "-o", "files").code == 0
    assert taken.read_bytes() == b"mine"
    assert (Path("files") / f"{licence}-2.ofd").read_bytes() == Path("a.ofd").read_bytes()


def test_a_no_is_a_no(egov: Egov, licence: str) -> None:
    transaction = begun(egov)
    number = asked(egov)
    ran = online(egov, "refuse", number, *HOLDER, "--json")
    assert (ran.code, ran.json["state"]) == (0, "refused")
    assert "holder" not in ran.json
    assert online(egov, "status", transaction).code == 1
    assert online(egov, "fetch", transaction).code == 1
    assert online(egov, "confirm", number, *HOLDER, "--license", licence).code == 1


def test_a_code_is_drawn(egov: Egov, office: Path) -> None:
    for name, begins in (("c.svg", b"<"), ("c.png", b"\x89PNG")):
        ran = online(egov, "code", COMPANY_CODE, "-o", name)
        assert ran.code == 0, ran.err
        assert Path(name).read_bytes().startswith(begins)
    assert online(egov, "code", COMPANY_CODE, "-o", "c.svg").code == 2
    assert online(egov, "code", COMPANY_CODE, "-o", "c.gif").code == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("code", " "), 1),
        (("begin", "x", "--type", "营业许可证", "--purpose", "核验"), 1),
        (("begin", "x", "--type", "没有", "--purpose", "核验"), 2),
        (("begin", "x", "--purpose", "核验"), 2),
        (("begin", "x", "--type", "营业许可证"), 2),
        (("waiting",), 2),
        (("confirm", "x", *HOLDER), 2),
        (("confirm", "x", *HOLDER, "--license", "x"), 1),
        (("refuse", "x", *HOLDER), 1),
        (("refuse", "x"), 2),
        (("status", "x"), 1),
        (("fetch", "x"), 1),
        (("fetch", "x", "-o", "absent"), 2),
        (("fetch", "x", "--requester", "nobody"), 2),
    ],
)
def test_what_was_not_begun_comes_to_nothing(egov: Egov, office: Path, words: tuple[str, ...], code: int) -> None:
    ran = online(egov, *words)
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err


def test_nobody_decides_or_fetches_in_another_s_place(egov: Egov, licence: str) -> None:
    transaction = begun(egov)
    number = asked(egov)
    for words in (
        ("confirm", number, "--holder", PERSON_CODE, "--license", licence),
        ("refuse", number, "--holder", PERSON_CODE),
        ("status", transaction, "--requester", STRANGER),
        ("fetch", number),  # what the holder sees is not the verifier's secret
    ):
        assert online(egov, *words).code == 1
    assert online(egov, "confirm", number, *HOLDER, "--license", licence).code == 0
    assert online(egov, "fetch", transaction, "--requester", STRANGER).code == 1
    assert online(egov, "fetch", transaction).code == 0


def test_on_the_ground_of_a_function_a_rule_must_allow_it(egov: Egov, licence: str) -> None:
    code = online(egov, "code", COMPANY_CODE, "--json").json["code"]
    words = ("begin", code, "--type", "营业许可证", "--purpose", "核验", "--requester", STRANGER)
    ran = online(egov, *words, "--by-function")
    assert ran.code == 1
    assert "egov.license.use_refused" in ran.err
    assert online(egov, *words).code == 0  # with the holder's yes for a ground
