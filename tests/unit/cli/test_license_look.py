"""``egov license verify``, ``show`` and ``id``: files and identifiers that somebody hands over."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from egov_sdk.ofd import open_ofd
from tests.unit.cli.calling import Egov
from tests.unit.cli.license_office import COMPANY_CODE, FIELDS, PERSON_CODE, field_options, issued

RIGHT = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
ALIEN = ("--trust", "alien.pem")


@pytest.fixture
def licence(office: Path, egov: Egov) -> str:
    """A licence: its identifier; beside it what a verifier gets from the office."""
    one = issued(egov, "A-1", "-o", "a.ofd")
    for out, what in (("root.pem", "trust"), ("types.toml", "types")):
        assert egov("license", "export", out, "--what", what).code == 0
    assert egov("license", "export", "list.egsl", "--what", "status-list", "--type", "营业许可证").code == 0
    assert egov("key", "new", "alien.key.pem", "--no-password").code == 0
    alien = egov("cert", "issue", "alien.pem", "--kind", "root", "--name", "别的根", "--key", "alien.key.pem")
    assert alien.code == 0, alien.err
    return one


def _place(egov: Egov, identifier: str) -> str:
    return str(egov("license", "show", identifier, "--json").json["status_place"])


def _fresh_list(egov: Egov) -> None:
    ran = egov("license", "export", "list.egsl", "--what", "status-list", "--type", "营业许可证", "--force")
    assert ran.code == 0


def test_a_register_and_a_verifier_offline_come_to_the_same(egov: Egov, licence: str) -> None:
    ran = egov("license", "verify", "a.ofd")
    assert ran.code == 0
    for answer in ("Integrity: passed", "Binding: passed", "Trust: passed", "Coverage: passed"):
        assert answer in ran.out
    assert egov("license", "verify", "a.ofd", "--trust", "root.pem", "--types", "types.toml").code == 0
    bare = egov("license", "verify", "a.ofd", "--trust", "root.pem")
    assert bare.code == 0
    assert "--types" in bare.err
    told = egov("license", "verify", "a.ofd", "--trust", "root.pem", "--json").json
    assert told["outcome"] == "passed"
    assert "without-template" in told["policy"]


def test_an_authority_that_may_not_issue_it_is_refused(egov: Egov, licence: str) -> None:
    known = ("--trust", "root.pem", "--types", "types.toml")
    issuer = egov("license", "show", "a.ofd", "--json").json["metadata"]["issuer"]["code"]
    assert egov("license", "verify", "a.ofd", *known, "--issuer", issuer).code == 0
    ran = egov("license", "verify", "a.ofd", *known, "--issuer", "11430000006122244L")
    assert ran.code == 1
    assert "REJECTED: binding.type" in ran.out
    assert egov("license", "verify", "a.ofd", "--trust", "root.pem", "--issuer", issuer).code == 2
    assert egov("license", "verify", "a.ofd", "--issuer", issuer).code == 2


@pytest.mark.parametrize("purpose", ["", " ", "长" * 201])
def test_a_use_without_a_purpose_is_wrong_usage_in_our_words(egov: Egov, licence: str, purpose: str) -> None:
    whom = ("--for", "11330105002500287C=某局")
    ran = egov("license", "copy", licence, "--purpose", purpose, *whom, "-o", "copy.ofd")
    assert ran.code == 2
    assert "--purpose takes 1 to 200 characters" in ran.err
    assert not Path("copy.ofd").exists()


def test_a_code_whose_kind_cannot_be_told_is_not_called_a_wrong_form(egov: Egov, office: Path) -> None:
    whom = ("--holder", f"某公司,{COMPANY_CODE[:-1]}X")
    ran = egov("license", "issue", "--type", "营业许可证", "--number", "A-9", *whom, *field_options())
    assert ran.code == 2
    assert "none of the kinds of codes" in ran.err
    assert "egov code check" in ran.err
    assert COMPANY_CODE[:-1] not in ran.err


def test_a_sheet_of_another_mapping_is_told_which_mappings_there_are(egov: Egov, office: Path) -> None:
    Path("old.csv").write_text("证照编号,面向持证主体类别\nA-1,自然人\n", "utf-8")
    ran = egov("license", "import", "old.csv")
    assert ran.code == 1
    assert "egov.license.header_" in ran.err
    assert "--mapping epoint" in ran.err


def test_times_of_a_copy_and_of_a_history_have_their_zone(egov: Egov, licence: str) -> None:
    whom = ("--for", "11330105002500287C=某局")
    ran = egov("license", "copy", licence, "--purpose", "办事", *whom, "-o", "copy.ofd")
    assert re.search(r"good until [0-9 :-]{19} \+0000", ran.out)
    assert "+0000" in egov("license", "history", licence).out


def test_a_revoked_licence_is_refused_by_the_register_and_by_a_fresh_list(egov: Egov, licence: str) -> None:
    known = ("--trust", "root.pem", "--types", "types.toml", "--status-list", "list.egsl")
    told = egov("license", "show", "a.ofd", "--json").json["metadata"]["status"]
    assert f"{told['list_id']}:{told['index']}" == _place(egov, licence)
    assert _place(egov, licence) in egov("license", "show", "a.ofd").out
    _fresh_list(egov)
    assert egov("license", "verify", "a.ofd", *known).code == 0
    assert egov("license", "revoke", licence, "--reason", "违法").code == 0
    _fresh_list(egov)
    ran = egov("license", "verify", "a.ofd", *known)
    assert ran.code == 1
    assert "REJECTED: trust.state" in ran.out
    assert egov("license", "verify", "a.ofd").code == 1
    assert egov("license", "verify", "a.ofd", "--trust", "root.pem", "--types", "types.toml").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("a.ofd", *ALIEN), 1),
        (("a.ofd", "--trust", "root.pem", "--at", "2001-01-01"), 1),  # it was issued later
        (("forged.ofd",), 1),
        (("forged.ofd", "--trust", "root.pem", "--types", "types.toml"), 1),
        (("half.ofd",), 1),
        (("half.ofd", "--trust", "root.pem"), 1),
        (("absent.ofd",), 2),
        (("absent.ofd", "--trust", "root.pem"), 2),
        (("a.ofd", "--trust", "absent.pem"), 2),
        (("a.ofd", "--status-list", "list.egsl"), 3),
        (("a.ofd", "--place", "1:2"), 2),
        (("a.ofd", "--trust", "root.pem", "--place", "1:2"), 2),
        (("a.ofd", "--trust", "root.pem", "--memory", "met.json"), 2),
        (("a.ofd", "--trust", "root.pem", "--status-list", "list.egsl", "--memory", "a.ofd"), 2),
        (("a.ofd", "--trust", "root.pem", "--status-list", "list.egsl", "--place", "1"), 2),
        (("a.ofd", "--trust", "root.pem", "--status-list", "list.egsl", "--place", "-1:²"), 2),
        (("a.ofd", "--trust", "root.pem", "--status-list", "list.egsl", "--place", "1:2"), 3),
        (("a.ofd", "--trust", "root.pem", "--status-list", "a.ofd", "--place", "1:2"), 1),
        (("a.ofd", "--types", "types.toml"), 2),
        (("a.ofd", "--trust", "root.pem", "--types", "a.ofd"), 1),
        (("a.ofd", "--trust", "root.pem", "--requester", "x"), 2),
        (("a.ofd", "--at", "yesterday"), 2),
    ],
)
def test_what_is_not_sure_is_no_yes(egov: Egov, licence: str, words: tuple[str, ...], code: int) -> None:
    content = Path("a.ofd").read_bytes()
    package = open_ofd(content)
    page = next(name for name in package.names if FIELDS["法定代表人"].encode() in package.read(name))
    forged = package.rewrite({page: package.read(page).replace(FIELDS["法定代表人"].encode(), "王五五".encode())})
    Path("forged.ofd").write_bytes(forged)
    Path("half.ofd").write_bytes(content[: len(content) // 2])
    ran = egov("license", "verify", *words)
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err


def test_a_list_that_was_rolled_back_is_refused(egov: Egov, licence: str) -> None:
    other = issued(egov, "A-2", "-o", "b.ofd")
    known = ("--trust", "root.pem", "--status-list", "list.egsl", "--memory", "met.json")
    _fresh_list(egov)
    before = Path("list.egsl").read_bytes()
    assert egov("license", "revoke", licence, "--reason", "违法").code == 0
    _fresh_list(egov)
    assert egov("license", "verify", "b.ofd", *known).code == 0
    Path("list.egsl").write_bytes(before)  # where the licence is in force
    for file in ("a.ofd", "b.ofd"):
        ran = egov("license", "verify", file, *known)
        assert ran.code == 1
        assert "REJECTED: trust.status_list" in ran.out
    assert egov("license", "verify", "a.ofd", *known[:-2]).code == 0  # who remembers nothing cannot know
    assert other


def test_a_stale_list_or_another_s_says_nothing(egov: Egov, licence: str, tmp_path: Path) -> None:
    place = _place(egov, licence)
    _fresh_list(egov)
    known = ("--trust", "root.pem", "--status-list", "list.egsl", "--place", place)
    assert egov("license", "verify", "a.ofd", *known).code == 0
    assert egov("license", "verify", "a.ofd", *known[:-1], place.replace(":", ":9")).code in (0, 1)
    much_later = (datetime.now(UTC) + timedelta(days=1_000)).isoformat()
    later = egov("license", "verify", "a.ofd", *known, "--at", much_later, "--json")
    assert later.code == 3
    listed = [one for one in later.json["checks"] if one["id"] == "trust.status_list"]
    assert [one["reason"] for one in listed] == ["stale"]
    elsewhere = f"local:{tmp_path / 'other'}"
    made = egov("license", "new-type", "types.toml", "--department", "别的局", "--office", elsewhere)
    assert made.code == 0
    other = egov(
        "license", "export", "other.egsl", "--what", "status-list", "--type", "营业许可证", "--office", elsewhere
    )
    assert other.code == 0
    number = place.partition(":")[0]
    ran = egov(
        "license", "verify", "a.ofd", "--trust", "root.pem", "--status-list", "other.egsl", "--place", f"{number}:1"
    )
    assert ran.code == 3


def test_what_is_personal_is_masked_unless_all_is_asked_for(egov: Egov, office: Path) -> None:
    ran = egov(
        "license", "issue", "--type", "营业许可证", "--number", "A-9", "--holder", f"某某公司,{COMPANY_CODE}",
        *field_options(法定代表人="欧阳某某"), "-o", "a.ofd", "--json",
    )  # fmt: skip
    assert ran.code == 0
    identifier = ran.json["metadata"]["identifier"]
    for what in ("a.ofd", identifier):
        for form in ((), ("--json",)):
            masked = egov("license", "show", what, *form)
            assert masked.code == 0
            assert "欧阳某某" not in masked.out + masked.err
            assert "A-9" in masked.out
            assert "欧阳某某" in egov("license", "show", what, "--full", *form).out
    assert "nothing of this was verified" in egov("license", "show", "a.ofd").err


def test_a_person_s_name_and_number_are_masked(egov: Egov, office: Path) -> None:
    Path("types.toml").write_text(
        'schema_version = 1\n[[types]]\ncode = "11100000000013338W011"\nname = "合格证"\n', encoding="utf-8"
    )
    assert egov("license", "new-type", "types.toml").code == 0
    Path("old.csv").write_text(
        f"证照编号,证照颁发日期,持证主体,持证主体代码\n{PERSON_CODE},2023-05-04,欧阳小明,{PERSON_CODE}\n",
        encoding="utf-8",
    )
    ran = egov("license", "import", "old.csv", "--type", "合格证")
    assert ran.code == 0, ran.out + ran.err
    found = egov("license", "search", PERSON_CODE)
    assert found.code == 0
    assert "合格证" in found.out
    assert PERSON_CODE not in found.out
    assert "欧阳小明" not in found.out
    identifier = found.out.split()[0]
    shown = egov("license", "show", identifier)
    assert shown.code == 0
    assert PERSON_CODE not in shown.out
    assert "no file yet" in shown.out
    assert egov("license", "show", identifier, "-o", "x.ofd").code == 1
    assert PERSON_CODE in egov("license", "show", identifier, "--full").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("absent.ofd",), 2),
        (("no/where",), 2),
        (("abc",), 1),
        ((RIGHT,), 1),
        (("root.pem",), 1),
        (("plain.ofd",), 1),
        (("a.ofd", "-o", "b.ofd"), 2),
        (("{one}", "-o", "a.ofd"), 2),
        (("{one}", "--requester", "11330105002500287C=某局"), 1),
    ],
)
def test_what_cannot_be_shown_is_told(egov: Egov, licence: str, words: tuple[str, ...], code: int) -> None:
    from egov_sdk.ofd import OfdBuilder
    from tests.unit.cli.world import MADE_AT

    builder = OfdBuilder(created=MADE_AT, title="示例")
    builder.page().text(20, 20, "无元数据")
    Path("plain.ofd").write_bytes(builder.build())
    ran = egov("license", "show", *(word.format(one=licence) for word in words))
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err


def test_the_file_of_an_identifier_is_written(egov: Egov, licence: str) -> None:
    ran = egov("license", "show", licence, "-o", "b.ofd")
    assert ran.code == 0
    assert Path("b.ofd").read_bytes() == Path("a.ofd").read_bytes()
    assert stat.S_IMODE((Path("egov-data") / "office.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "strict", "lenient", "told"),
    [
        (RIGHT, 0, 0, "every rule"),
        (f"{RIGHT}.ofd", 0, 0, "every rule"),
        (RIGHT.lower(), 1, 0, "identifier_shape"),
        (f" {RIGHT} ", 0, 0, "every rule"),
        (f"{RIGHT[:-1]}V", 1, 1, "identifier_check"),
        (RIGHT[:-2], 1, 1, "identifier_shape"),
        (RIGHT.replace("20230000403", "20230000404"), 1, 1, "identifier_check"),
        (RIGHT.replace(".001.", ".000."), 1, 1, "identifier_shape"),
        (RIGHT.replace("3005", "3006"), 1, 1, "identifier_shape"),
        ("1.2.156.3003.2.A1.B2.01.X", 1, 0, "identifier_shape"),
        ("", 1, 1, "identifier_shape"),
        ("证照标识", 1, 1, "identifier_shape"),
        ("\x1b[31m", 1, 1, "identifier_shape"),
    ],
)
def test_an_identifier_is_explained(egov: Egov, text: str, strict: int, lenient: int, told: str) -> None:
    ran = egov("license", "id", text)
    assert (ran.code, egov("license", "id", text, "--lenient").code) == (strict, lenient)
    assert told in ran.out
    assert "\x1b" not in ran.out
    assert egov("license", "id", text, "--json").json["ok"] is (strict == 0)


def test_what_was_accepted_leniently_is_named(egov: Egov) -> None:
    ran = egov("license", "id", RIGHT.lower(), "--lenient")
    assert "lower case" in ran.out
    assert "--lenient" in egov("license", "id", RIGHT.lower()).err
    assert egov("license", "id", RIGHT.lower(), "--lenient", "--json").json["leniencies"] == ["identifier_lower_case"]


def test_an_issuer_that_is_no_credit_code_is_told(egov: Egov) -> None:
    from egov_sdk.license.identifier import LicenseIdentifier

    odd = LicenseIdentifier.build(type_code="11100000000013338W011", issuer_code="1" * 18, serial="1")
    ran = egov("license", "id", str(odd))
    assert ran.code == 1
    assert "证照颁发机构代码" in ran.out
    assert egov("license", "id", str(odd), "--lenient").code == 0
