"""``egov license``: types, issuing, changing, the life of a licence, finding it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov
from tests.unit.cli.license_office import COMPANY, COMPANY_CODE, FIELDS, field_options, issue, issued

HALL = "11330105002500287C=某市行政审批局"
NOBODY = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"


@pytest.mark.parametrize(
    "words",
    [
        ("types",), ("issue", "--number", "A"), ("history", NOBODY), ("show", NOBODY), ("present", NOBODY),
        ("search", COMPANY_CODE), ("import", "a.csv"), ("complete",), ("export", "a.json"),
        ("revoke", NOBODY, "--reason", "x"), ("renew", NOBODY, "--without-end"),
    ],
)  # fmt: skip
def test_without_an_office_nothing_is_made(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EGOV_CONNECT", raising=False)
    (tmp_path / "a.csv").write_text("x")
    ran = egov("license", *words)
    assert ran.code == 2
    assert "new-type" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_an_office_is_opened_with_a_department_and_stays_that_one_s(egov: Egov, office: Path) -> None:
    wrong = egov("license", "new-type", "--sample", "person_certificate", "--department", "别的局")
    assert wrong.code == 2
    assert "样例市数据局" in wrong.err
    assert egov("license", "new-type", "--sample", "person_certificate", "--code", COMPANY_CODE).code == 2
    right = egov("license", "new-type", "--sample", "person_certificate", "--department", "样例市数据局")
    assert right.code == 0
    assert "egov license issue --type" in right.err
    assert [one["name"] for one in egov("license", "types", "--json").json["types"]] == ["营业许可证", "人员资格证书"]


def test_a_code_that_is_none_opens_no_office(egov: Egov, tmp_path: Path) -> None:
    place = f"local:{tmp_path / 'o'}"
    ran = egov("license", "new-type", "--sample", "business_permit", "--code", "123", "--office", place)
    assert ran.code == 2
    assert not list((tmp_path / "o").glob("*.json"))


def test_types_come_from_a_file_and_are_revised(egov: Egov, office: Path) -> None:
    assert egov("license", "export", "types.toml", "--what", "types").code == 0
    again = egov("license", "new-type", "types.toml")
    assert again.code == 1
    assert "egov.license.type_exists" in again.err
    text = Path("types.toml").read_text(encoding="utf-8").replace('name = "营业许可证"', 'name = "经营许可证"', 1)
    Path("types.toml").write_text(text, encoding="utf-8")
    assert egov("license", "new-type", "types.toml", "--replace").code == 0
    assert "经营许可证" in egov("license", "types").out
    assert "法定代表人" in egov("license", "types", "经营许可证").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("absent.toml",), 2),
        (("bad.toml",), 1),
        (("empty.toml",), 2),
        (("bad.json",), 1),
        (("bad.toml", "--sample", "business_permit"), 2),
        (("--sample", "nothing"), 2),
        (("--sample", "business_permit"), 1),
    ],
)
def test_what_is_no_catalogue_is_refused(egov: Egov, office: Path, words: tuple[str, ...], code: int) -> None:
    Path("bad.toml").write_text("types = 3")
    Path("bad.json").write_text("{")
    Path("empty.toml").write_text("schema_version = 1")
    ran = egov("license", "new-type", *words)
    assert ran.code == code
    assert "Traceback" not in ran.err


def test_an_unknown_type_is_named_with_what_to_do(egov: Egov, office: Path) -> None:
    ran = egov("license", "types", "没有")
    assert ran.code == 2
    assert "egov license types" in ran.err


def test_a_licence_is_issued_and_its_file_written_whole(egov: Egov, office: Path) -> None:
    ran = egov(
        "license", "issue", "--type", "营业许可证", "--number", "A-1", "--holder", f"{COMPANY},{COMPANY_CODE}",
        *field_options(), "-o", "a.ofd",
    )  # fmt: skip
    assert ran.code == 0
    assert "egov license verify a.ofd" in ran.err
    assert egov("license", "verify", "a.ofd").code == 0
    assert [path.name for path in office.iterdir() if path.name != "egov-data"] == ["a.ofd"]


@pytest.mark.parametrize("form", ["json", "toml"])
def test_a_draft_comes_from_a_file_and_options_come_before_it(egov: Egov, office: Path, form: str) -> None:
    holder = {"name": COMPANY, "code": COMPANY_CODE, "type_code": "001"}
    if form == "json":
        draft = {"type_code": "营业许可证", "number": "B-1", "holders": [holder], "issued_on": "2026-06-01"}
        Path("draft.json").write_text(json.dumps({**draft, "fields": FIELDS}), encoding="utf-8")
    else:
        fields = "\n".join(f'"{name}" = "{value}"' for name, value in FIELDS.items())
        Path("draft.toml").write_text(
            f'type_code = "营业许可证"\nnumber = "B-1"\nissued_on = 2026-06-01\n[[holders]]\nname = "{COMPANY}"\n'
            f'code = "{COMPANY_CODE}"\ntype_code = "001"\n[fields]\n{fields}\n',
            encoding="utf-8",
        )
    ran = egov("license", "issue", f"draft.{form}", "--number", "B-2", "--field", "住所=别处", "--json")
    assert ran.code == 0, ran.out
    assert ran.json["metadata"]["number"] == "B-2"
    assert ran.json["metadata"]["issued_on"] == "2026-06-01"
    shown = egov("license", "show", ran.json["metadata"]["identifier"], "--full", "--json").json
    assert shown["metadata"]["fields"] == {**FIELDS, "住所": "别处"}


def test_the_same_request_gives_the_same_licence(egov: Egov, office: Path) -> None:
    first = issued(egov, "A-1", "--request", "case-1", "--issued-on", "2026-06-01")
    assert issued(egov, "A-1", "--request", "case-1", "--issued-on", "2026-06-01") == first
    other = issue(egov, "A-2", "--request", "case-1", "--issued-on", "2026-06-01")
    assert other.code == 1
    assert other.json["error"]["code"] == "egov.license.request_mismatch"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 1),
        ("[1]", 1),
        ("number = ", 1),
        ('{"number": "A", "nobody_knows": 1}', 1),
        ('{"number": 1.5}', 1),
        ('{"type_code": "没有的类型", "number": "A"}', 2),
        ('{"pictures": {"照片": "%%"}}', 1),
        ('{"pictures": 3}', 1),
        ("\x00", 1),
    ],
)
def test_what_is_no_draft_is_refused_without_its_values(egov: Egov, office: Path, text: str, code: int) -> None:
    Path("draft").write_text(text, encoding="utf-8")
    ran = egov("license", "issue", "draft", "-o", "out.ofd")
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert not Path("out.ofd").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--holder", "只有名称"), 2),
        (("--holder", "某人,某证"), 2),
        (("--holder", f"{COMPANY},{COMPANY_CODE},999"), 1),
        (("--field", "无等号"), 2),
        (("--field", "住所=甲", "--field", "住所=乙"), 2),
        (("--field", "没有的项=甲"), 1),
        (("--picture", "照片=absent.png"), 2),
        (("--issued-on", "2026-02-30"), 2),
        (("--valid-until", "昨天"), 2),
        (("--valid-until", "2000-01-01"), 1),
        (("--serial", "小写 a"), 1),
        (("-o", "there.ofd"), 2),
        (("-o", "no/where.ofd"), 2),
    ],
)
def test_what_breaks_a_rule_is_not_issued(egov: Egov, office: Path, words: tuple[str, ...], code: int) -> None:
    Path("there.ofd").write_text("x")
    known = () if words[0] in ("--field", "--holder") else field_options()
    ran = issue(egov, "A-1", *known[:0], *words)
    assert ran.code == code
    assert Path("there.ofd").read_text() == "x"
    assert egov("license", "search", COMPANY_CODE, "--json").json["records"] == []


def test_a_number_is_given_once(egov: Egov, office: Path) -> None:
    issued(egov, "A-1")
    ran = issue(egov, "A-1")
    assert ran.code == 1
    assert ran.json["error"]["code"] == "egov.license.number_taken"


def test_the_life_of_a_licence(egov: Egov, office: Path) -> None:
    one = issued(egov, "A-1", "--valid-until", "2099-05-31")
    ran = egov("license", "change", one, "--reason", "变更", "--field", "法定代表人=王五", "-o", "b.ofd", "--json")
    assert ran.code == 0
    two = ran.json["metadata"]["identifier"]
    assert two != one
    renewed = egov("license", "renew", two, "--without-end", "--json").json["metadata"]
    assert renewed["valid_until"] is None
    three = renewed["identifier"]
    assert egov("license", "suspend", three, "--reason", "整改").code == 0
    assert egov("license", "resume", three, "--reason", "整改完成").code == 0
    ended = egov("license", "revoke", three, "--reason", "违法", "--actor", "clerk-7")
    assert ended.code == 0
    assert "revoked" in ended.out
    for step in ("suspend", "resume", "cancel", "revoke"):
        assert egov("license", step, three, "--reason", "再来").code == 1
    history = egov("license", "history", one)
    assert history.code == 0
    events = egov("license", "history", one, "--json").json["events"]
    steps = [event["action"] for event in events]
    assert steps == ["issue", "supersede", "change", "supersede", "renew", "suspend", "resume", "revoke"]
    assert events[-1]["actor"] == "clerk-7"
    assert egov("license", "verify", "b.ofd").code == 1


def test_one_that_was_issued_inactive_is_activated(egov: Egov, office: Path) -> None:
    one = issued(egov, "A-1", "--inactive")
    assert egov("license", "resume", one, "--reason", "x").code == 1
    assert "valid" in egov("license", "resume", one, "--activate", "--reason", "x").out
    assert "withdrawn" in egov("license", "revoke", one, "--withdraw", "--reason", "误发").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("change", "{one}", "--reason", "x"), 2),
        (("change", "{one}", "--field", "住所=甲"), 2),
        (("change", "{one}", "--reason", "x", "--from", "absent.json"), 2),
        (("change", "{one}", "--reason", "x", "--field", "没有的项=甲"), 1),
        (("change", NOBODY, "--reason", "x", "--field", "住所=甲"), 1),
        (("renew", "{one}"), 2),
        (("renew", "{one}", "--without-end", "--valid-until", "2099-01-01"), 2),
        (("renew", "{one}", "--valid-until", "1990-01-01"), 1),
        (("suspend", "{one}"), 2),
        (("suspend", "{one}", "--reason", " "), 1),
        (("suspend", "abc", "--reason", "x"), 1),
        (("resume", "{one}", "--reason", "x"), 1),
        (("history", NOBODY), 1),
        (("history", "abc"), 1),
        (("copy", "{one}", "--purpose", "x", "--for", "无", "-o", "c.ofd"), 2),
        (("copy", "{one}", "--purpose", "x", "--for", "123=某局", "-o", "c.ofd"), 2),
        (("copy", "{one}", "--purpose", "x", "--for", HALL, "-o", "c.ofd", "--days", "0"), 1),
        (("copy", "{one}", "--purpose", "x", "--for", HALL, "-o", "c.ofd", "--until", "2000-01-01"), 1),
        (("copy", "{one}", "--purpose", "x", "--for", HALL, "-o", "c.ofd", "--requester", HALL), 1),
        (("search", COMPANY_CODE, "--requester", HALL), 1),
        (("search", COMPANY_CODE, "--requester", "x"), 2),
        (("search", COMPANY_CODE, "--limit", "0"), 1),
        (("search", COMPANY_CODE, "--page", "abc"), 1),
        (("search", COMPANY_CODE, "--type", "没有"), 2),
        (("search", COMPANY_CODE, "--state", "no"), 2),
    ],
)
def test_what_may_not_be_is_refused(egov: Egov, office: Path, words: tuple[str, ...], code: int) -> None:
    one = issued(egov, "A-1")
    ran = egov("license", *(word.format(one=one) for word in words))
    assert ran.code == code, ran.out + ran.err
    assert "Traceback" not in ran.err
    assert not Path("c.ofd").exists()


def test_a_holder_s_licences_are_found_page_by_page(egov: Egov, office: Path) -> None:
    found = {issued(egov, f"A-{number}") for number in range(3)}
    first = egov("license", "search", COMPANY_CODE, "--limit", "2", "--json").json
    rest = egov("license", "search", COMPANY_CODE, "--limit", "2", "--page", first["next_page"], "--json").json
    told = {one["metadata"]["identifier"] for one in (*first["records"], *rest["records"])}
    assert told == found
    assert rest["next_page"] == ""
    assert egov("license", "search", COMPANY_CODE, "--state", "revoked").out.strip() == "nothing found"
    assert "--page" in egov("license", "search", COMPANY_CODE, "--limit", "2").err


def test_a_copy_is_for_one_use(egov: Egov, office: Path) -> None:
    one = issued(egov, "A-1")
    ran = egov(
        "license", "copy", one, "--purpose", "办理变更登记", "--for", HALL, "-o", "copy.ofd", "--days", "3", "--json"
    )
    assert ran.code == 0, ran.out
    assert ran.json["purpose"] == "办理变更登记"
    shown = egov("license", "show", "copy.ofd")
    assert "某市行政审批局" in shown.out
    assert "办理变更登记" in shown.out
    again = egov("license", "copy", one, "--purpose", "x", "--for", HALL, "-o", "copy.ofd")
    assert again.code == 2
    assert egov("license", "copy", one, "--purpose", "x", "--for", HALL, "-o", "copy.ofd", "--force").code == 0


def test_a_picture_that_is_no_picture_is_refused(egov: Egov, office: Path) -> None:
    assert egov("license", "new-type", "--sample", "person_certificate").code == 0
    draft = {
        "type_code": "人员资格证书", "number": "P-1", "issued_on": "2026-06-01",
        "holders": [{"name": "张三", "code": "11010519491231002X", "type_code": "111"}],
        "fields": {"性别": "男", "资格名称": "电工"}, "pictures": {"照片": base64.b64encode(b"no picture").decode()},
    }  # fmt: skip
    Path("p.json").write_text(json.dumps(draft), encoding="utf-8")
    ran = egov("license", "issue", "p.json")
    assert ran.code == 1
    assert "11010519491231002X" not in ran.out + ran.err


def test_a_locked_office_needs_its_secret_and_no_command_tells_it(
    egov: Egov, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"local:{tmp_path / 'locked'}"
    monkeypatch.setenv("EGOV_SECRET", "correct horse")
    ran = egov("license", "new-type", "--sample", "business_permit", "--office", place)
    assert ran.code == 0
    assert "correct horse" not in ran.out + ran.err
    for secret in ("", "wrong"):
        monkeypatch.setenv("EGOV_SECRET", secret)
        locked = egov("license", "new-type", "--sample", "person_certificate", "--office", place)
        assert locked.code == 4
        assert "EGOV_SECRET" in locked.err


def test_what_only_the_office_does_is_not_asked_of_a_platform(egov: Egov) -> None:
    for words in (("new-type", "--sample", "business_permit"), ("complete",), ("export", "a.json")):
        ran = egov("license", *words, "--office", "https://licences.example")
        assert ran.code == 2
        assert "local:" in ran.err
    assert egov("license", "search", COMPANY_CODE, "--office", "ftp://x").code == 2


def test_it_speaks_chinese(egov: Egov, office: Path) -> None:
    one = issued(egov, "A-1")
    assert "当前状态：吊销" in egov("license", "revoke", one, "--reason", "违法", "--lang", "zh").out
    assert "签发" in egov("license", "history", one, "--lang", "zh").out
