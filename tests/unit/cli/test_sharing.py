"""``egov sharing``: a case from the request to the objection, from the terminal, at a platform here and elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.exchange.catalog import LocalCatalog
from egov_sdk.exchange.catalog.model import InformationItem, Provider, Sharing
from egov_sdk.exchange.catalog.terms import ItemType, SharingMode, SharingType
from egov_sdk.pki import LocalCA
from egov_sdk.storage import open_store
from tests.unit.cli.calling import Egov, Ran
from tests.unit.cli.world import DAYS, MADE_AT
from tests.unit.exchange.catalog.world import entry

RESOURCE = "307011024701/000002"
PUBLISHED = datetime(2026, 2, 3, tzinfo=UTC)
PURPOSE, LAW = "办理食品经营许可变更", "食品经营许可管理办法第十二条"
FIELDS = ("企业名称", "证件号码", "成立日期")
UNTIL = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()
CODES = {name: specimen_credit_code(number).number for number, name in enumerate(("platform", "market", "county"), 60)}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    root = LocalCA.create_root("示例根证书", at=MADE_AT, days=DAYS)
    Path("root.pem").write_bytes(root.certificate.to_pem())
    for name in CODES:
        key = SM2PrivateKey.generate()
        Path(f"{name}.key").write_bytes(key.to_pem())
        Path(f"{name}.pem").write_bytes(root.issue("signer", name, key.public_key(), at=MADE_AT, days=DAYS).to_pem())
    Path("use.secret").write_bytes(b"s" * 32)
    Path("records.json").write_text(json.dumps([{"企业名称": "样例公司", "证件号码": "1", "成立日期": "2020-03-04"}]))
    with open_store(Path("platform.db")) as store:
        items = tuple(InformationItem(name=name, type=ItemType.CHARACTER, length=200) for name in FIELDS)
        sharing = Sharing(type=SharingType.CONDITIONAL, condition="仅用于审批", mode=SharingMode.PLATFORM)
        provider = Provider(name="示例市市场监督管理局", code=CODES["market"])
        published = entry(2, "企业登记人员", provider=provider, items=items, sharing=sharing)
        LocalCatalog(store, clock=lambda: PUBLISHED).publish([published], actor="clerk-1")
    for name in ("market", "county"):
        desk_file(name)


def desk_file(name: str, **changes: Any) -> None:
    platform = {
        "database": "platform.db",
        "party": CODES["platform"],
        "key": "platform.key",
        "certificate": "platform.pem",
        "trust": ["root.pem"],
        "parties": {code: f"{one}.pem" for one, code in CODES.items()},
        "secret": "use.secret",
        "sources": {RESOURCE: {"file": "records.json", "key": ["证件号码"]}},
    }
    own = {"party": CODES[name], "key": f"{name}.key", "certificate": f"{name}.pem", "platform": platform}
    Path(f"{name}.json").write_text(json.dumps({**own, **changes}))


class Office:
    """Calls the commands of one department, with JSON for answers."""

    def __init__(self, egov: Egov, name: str) -> None:
        self.egov, self.name = egov, name

    def ran(self, *words: object) -> Ran:
        return self.egov("sharing", *words, "--desk", f"{self.name}.json", "--json")

    def __call__(self, *words: object) -> dict[str, Any]:
        ran = self.ran(*words)
        assert ran.code == 0, ran.err
        return ran.json


@pytest.fixture
def county(egov: Egov) -> Office:
    return Office(egov, "county")


@pytest.fixture
def market(egov: Egov) -> Office:
    return Office(egov, "market")


def asked(county: Office, **changes: object) -> str:
    words = ["--purpose", PURPOSE, "--basis", LAW, "--until", UNTIL]
    for name in FIELDS:
        words += ["--field", name]
    return str(county("request", RESOURCE, *words)["case_id"])


def granted(county: Office, market: Office) -> str:
    case = asked(county)
    market("grant", case, "--field", "企业名称", "--field", "证件号码=mask_number", "--field", "成立日期=year")
    return case


def test_a_case_goes_from_the_request_to_its_use_and_an_objection(county: Office, market: Office) -> None:
    case = asked(county)
    assert county("show", case)["state"] == "review"
    found = market("grant", case, "--field", "企业名称", "--field", "成立日期=year")
    assert (found["state"], [one["treatment"] for one in found["terms"]["fields"]]) == ("active", ["plain", "year"])
    [record] = county("use", case, "--purpose", PURPOSE)["records"]
    assert record["values"] == {"企业名称": "样例公司", "成立日期": "2020"}
    reference = record["reference"]
    objected = county("object", case, "--record", reference, "--field", "企业名称", "--claim", "名称已变更")
    number = objected["objections"][0]["number"]
    corrected = market("answer", case, "--objection", number, "--corrected", "已更正", "--field", "企业名称")
    assert corrected["objections"][0]["outcome"] == "corrected"
    assert county("notices")["notices"] == []
    assert county("end", case, "--reason", "不再需要")["state"] == "relinquished"
    numbers = county("statistics")
    assert (numbers["uses"], numbers["cases"]["relinquished"]) == (1, 1)


def test_other_ways_to_end(county: Office, market: Office) -> None:
    assert market("refuse", asked(county), "--reason", "超出职责", "--basis", "某法")["state"] == "refused"
    assert county("end", asked(county), "--reason", "误报")["state"] == "withdrawn"
    assert market("end", granted(county, market), "--reason", "用途不符")["state"] == "revoked"
    assert market("return", asked(county), "--reason", "请补充依据")["state"] == "returned"
    case = asked(county)
    market("grant", case, "--field", "企业名称", "--later")
    assert county.ran("use", case, "--purpose", PURPOSE).code == 1
    assert market("deliver", case)["state"] == "active"
    assert {one["state"] for one in county("list")["cases"]} == {
        "refused",
        "withdrawn",
        "revoked",
        "returned",
        "active",
    }
    assert [one["case_id"] for one in county("list", "--state", "active")["cases"]] == [case]
    assert county("list", "--party", CODES["platform"])["cases"] == []


def test_an_objection_is_dismissed(county: Office, market: Office) -> None:
    case = granted(county, market)
    reference = county("use", case, "--purpose", PURPOSE)["records"][0]["reference"]
    county("object", case, "--record", reference, "--field", "企业名称", "--claim", "名称有误")
    number = county("show", case)["objections"][0]["number"]
    found = market("answer", case, "--objection", number, "--dismissed", "经核实无误")
    assert found["objections"][0]["outcome"] == "dismissed"


def test_a_user_sees_and_acknowledges_a_notice(county: Office, market: Office, egov: Egov) -> None:
    first, second = granted(county, market), granted(county, market)
    references = [county("use", case, "--purpose", PURPOSE)["records"][0]["reference"] for case in (first, second)]
    county("object", first, "--record", references[0], "--field", "企业名称", "--claim", "名称已变更")
    number = county("show", first)["objections"][0]["number"]
    market("answer", first, "--objection", number, "--corrected", "已更正", "--field", "企业名称")
    [notice] = county("notices")["notices"]
    assert (notice["case_id"], notice["record"]) == (second, references[1])
    county("acknowledge", second, "--notice", notice["number"])
    assert county("notices")["notices"] == []
    assert "没有通知" in egov("sharing", "notices", "--desk", "county.json", "--lang", "zh").out


def test_what_is_late_is_told_with_the_exit_code(county: Office, egov: Egov) -> None:
    case = asked(county)
    assert county("overdue")["overdue"] == []
    later = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    ran = county.ran("overdue", "--at", later)
    assert ran.code == 1
    [one] = ran.json["overdue"]
    assert (one["case_id"], one["party"], one["told"]) == (case, CODES["market"], "late")
    told = egov("sharing", "overdue", "--desk", "county.json", "--at", later, "--lang", "zh").out
    assert all(words in told for words in ("已超期", "答复（有条件共享）", "暂定：工作日历未含该年"))
    assert "working days late" in egov("sharing", "overdue", "--desk", "county.json", "--at", later).out


def test_evidence_is_written_and_verified_offline(county: Office, market: Office, egov: Egov) -> None:
    case = granted(county, market)
    county("use", case, "--purpose", PURPOSE)
    county("evidence", case, "--out", "case.json")
    assert county.ran("evidence", case, "--out", "case.json").code == 2
    known = [word for name, code in CODES.items() for word in ("--party", f"{code}={name}.pem")]
    words = ("sharing", "verify", "case.json", "--platform", CODES["platform"], *known)
    assert egov(*words, "--trust", "root.pem").code == 0
    assert egov(*words).code == 3
    changed = Path("case.json").read_text().replace('"value":"', '"value":"A', 1)
    Path("case.json").write_text(changed)
    assert egov(*words, "--trust", "root.pem").code == 1


def test_people_read_it_in_both_languages(county: Office, market: Office, egov: Egov) -> None:
    case = granted(county, market)
    desk = ("--desk", "county.json")
    for words, told in (
        (("show", case), {"en": "active", "zh": "使用中"}),
        (("list",), {"en": "active", "zh": "使用中"}),
        (("use", case, "--purpose", PURPOSE), {"en": "reference", "zh": "引用号"}),
        (("statistics",), {"en": "uses", "zh": "使用次数"}),
        (("overdue",), {"en": "nothing is late", "zh": "没有超期"}),
    ):
        for lang, expected in told.items():
            assert expected in egov("sharing", *words, *desk, "--lang", lang).out
    assert "no cases" in egov("sharing", "list", "--state", "filed", *desk, "--lang", "en").out


def test_a_value_of_nought_is_a_value(county: Office, market: Office, egov: Egov) -> None:
    case = asked(county)
    market("grant", case, "--field", "企业名称", "--field", "成立日期")
    Path("records.json").write_text(json.dumps([{"企业名称": None, "证件号码": "1", "成立日期": 0}]))
    ran = egov("sharing", "use", case, "--purpose", PURPOSE, "--desk", "county.json")
    assert ran.out.splitlines()[-1].split()[1:] == ["0"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "no-such-case-0001"), 1),
        (("grant", "CASE", "--field", "企业名称=nothing"), 2),
        (("grant", "CASE", "--field", "联系电话"), 1),
        (("grant", "CASE", "--field", "企业名称", "--until", "2999-01-01"), 1),
        (("grant", "CASE", "--field", "企业名称", "--purpose", " "), 2),
        (("refuse", "CASE", "--reason", "证件 11010519491231002X"), 2),
        (("answer", "CASE", "--objection", "9", "--dismissed", "x"), 1),
        (("answer", "CASE", "--objection", "9"), 2),
        (("answer", "CASE", "--objection", "9", "--dismissed", "x", "--corrected", "y"), 2),
        (("use", "CASE", "--purpose", PURPOSE), 1),
        (("list", "--limit", "0"), 2),
    ],
)
def test_what_cannot_be_is_told_with_its_exit_code(
    county: Office, market: Office, words: tuple[str, ...], code: int
) -> None:
    case = asked(county)
    ran = market.ran(*(case if word == "CASE" else word for word in words))
    assert ran.code == code, ran.out + ran.err


def test_the_other_one_s_step_is_refused(county: Office, market: Office) -> None:
    case = asked(county)
    assert county.ran("grant", case, "--field", "企业名称").code == 1
    assert market("show", case)["state"] == "review"
    desk_file("county", key="market.key", certificate="market.pem")
    assert county.ran("end", case, "--reason", "x").code == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "Invalid JSON"),
        ("{}", "platform"),
        ('{"platform":{"url":"https://a.example","party":"a","more":1}}', "more"),
        ('{"platform":{"database":"none.db"}}', "platform"),
    ],
)
def test_a_desk_file_that_is_none_says_where(egov: Egov, content: str, told: str) -> None:
    Path("bad.json").write_text(content)
    ran = egov("sharing", "list", "--desk", "bad.json")
    assert ran.code == 2
    assert told in ran.err


def test_a_desk_file_names_what_is_there(county: Office, egov: Egov) -> None:
    given = json.loads(Path("county.json").read_text())
    for place, name in (("database", "none.db"), ("secret", "none"), ("certificate", "none.pem")):
        Path("bad.json").write_text(json.dumps({**given, "platform": {**given["platform"], place: name}}))
        assert egov("sharing", "list", "--desk", "bad.json").code == 2
    Path("use.secret").write_bytes(b"short")
    assert county.ran("list").code == 2


def test_a_desk_without_a_key_looks_and_signs_nothing(county: Office, egov: Egov) -> None:
    case = asked(county)
    given = json.loads(Path("county.json").read_text())
    Path("reader.json").write_text(json.dumps({"platform": given["platform"]}))
    assert egov("sharing", "show", case, "--desk", "reader.json").code == 0
    assert egov("sharing", "end", case, "--reason", "x", "--desk", "reader.json").code == 2
    desk_file("county", certificate="")
    assert county.ran("show", case).code == 2


def test_a_platform_that_does_not_answer_is_a_failed_platform(county: Office) -> None:
    desk_file("county", platform={"url": "http://127.0.0.1:9", "party": CODES["platform"], "prefix": "/egov/v1"})
    assert county.ran("list").code == 4
