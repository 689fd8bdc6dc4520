"""``egov catalog``."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_args

import pytest
from openpyxl import load_workbook

from egov_sdk.cli._catalog_life import Step
from egov_sdk.exchange.catalog.ckan import export_ckan
from egov_sdk.exchange.catalog.columns import NATIONAL
from egov_sdk.exchange.catalog.dcat import export_dcat
from egov_sdk.exchange.catalog.files import read_catalog, write_catalog
from egov_sdk.exchange.catalog.model import Openness
from egov_sdk.exchange.catalog.sheet import write_workbook
from egov_sdk.exchange.catalog.store import STEPS
from egov_sdk.exchange.catalog.terms import ACTION_WORDS
from egov_sdk.storage import open_store
from tests.unit.cli.calling import Egov
from tests.unit.exchange.catalog.world import BUREAU, entry, full_entry, rows, workbook
from tests.world import NOW

HIDDEN = tuple(f"024701{slash}00000{number}" for slash in ("/", "%2F") for number in (1, 4))
WHO = ("--provider", BUREAU.name, "--provider-code", BUREAU.code)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.xlsx").write_bytes(write_workbook([entry(), entry(2, "人口信息")]))
    (tmp_path / "bad.xlsx").write_bytes(
        workbook(rows({"更新周期": "隔日"}, {"信息资源代码": "307011/2", "共享条件": ""}))
    )
    opened = entry(3, "公交线路", openness=Openness(is_open=True))
    (tmp_path / "full.json").write_bytes(write_catalog([full_entry(), opened, entry(4)], "json"))
    return tmp_path


def test_a_good_file_passes(egov: Egov) -> None:
    ran = egov("catalog", "check", "good.xlsx", *WHO)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "2 entries, nothing wrong")
    assert "assumed" in ran.err
    assert egov("catalog", "check", "good.xlsx", *WHO, "--json").json["findings"] == []


def test_every_wrong_cell_is_told_with_row_and_column(egov: Egov) -> None:
    ran = egov("catalog", "check", "bad.xlsx", *WHO, "--json")
    assert ran.code == 1
    found = [
        (one["code"].removeprefix("egov.exchange.catalog."), one["row"], one["column"]) for one in ran.json["findings"]
    ]
    assert found == [("value.term", 2, "X"), ("rule.condition_missing", 3, "R")]
    ran = egov("catalog", "check", "bad.xlsx", *WHO, "--lang", "zh")
    assert "第 2 行 X 列 (更新周期): 为“隔日”，应为" in ran.out


def test_a_file_that_is_none_is_refused_in_both_languages(egov: Egov, folder: Path) -> None:
    (folder / "a.xlsx").write_bytes(b"PK\x03\x04broken")
    ran = egov("catalog", "check", "a.xlsx", "--lang", "zh")
    assert (ran.code, "工作簿无法读取" in ran.err) == (1, True)
    assert egov("catalog", "check", "a.xlsx", "--json").json["error"]["code"] == "egov.sheets.damaged"
    assert egov("catalog", "check", "nothing.xlsx").code == 2


def test_what_is_imported_is_found(egov: Egov) -> None:
    ran = egov("catalog", "import", "good.xlsx", "--database", "c.db", *WHO)
    assert (ran.code, ran.out) == (0, "2 added, 0 changed, 0 unchanged, 0 left out\n")
    ran = egov(
        "catalog", "search", "人口", "--database", "c.db", "--sharing", "unconditional", "--class", "departmental"
    )
    assert ran.out.startswith("307011024701/000002  人口信息  shared without conditions")
    assert egov("catalog", "search", "人口", "--database", "c.db", "--json").json["hits"][0]["name"] == "人口信息"
    assert egov("catalog", "search", "没有", "--database", "c.db").out == "nothing found\n"
    ran = egov("catalog", "search", "信息", "--database", "c.db", "--limit", "1")
    assert "--offset 1" in ran.err
    assert egov("catalog", "search", " ", "--database", "c.db").code == 1
    assert egov("catalog", "search", "人口", "--database", "c.db", "--limit", "0").code == 2


def test_a_class_is_listed_without_a_word(egov: Egov) -> None:
    egov("catalog", "import", "good.xlsx", "--database", "c.db", *WHO)
    hits = egov("catalog", "search", "--database", "c.db", "--class", "departmental", "--json").json["hits"]
    assert [one["name"] for one in hits] == [entry().name, "人口信息"]
    assert egov("catalog", "search", "--database", "c.db").code == 1


def test_a_draft_without_a_code_is_not_kept_and_that_is_told(egov: Egov, folder: Path) -> None:
    (folder / "some.json").write_bytes(write_catalog([entry(), entry(2).model_copy(update={"code": ""})], "json"))
    ran = egov("catalog", "import", "some.json", "--database", "c.db", "--drafts")
    assert (ran.code, ran.out.splitlines()) == (
        1,
        [f"{entry(2).name}: 信息资源代码 is missing", "1 added, 0 changed, 0 unchanged, 1 left out"],
    )


def test_a_search_makes_no_database(egov: Egov, folder: Path) -> None:
    assert egov("catalog", "search", "人口", "--database", "none.db").code == 2
    assert not (folder / "none.db").exists()


def test_a_database_of_something_else_is_not_made_a_catalogue(egov: Egov, folder: Path) -> None:
    with open_store(folder / "other.db") as store:
        store.prepare(at=NOW)
    before = (folder / "other.db").read_bytes()
    for words in (("search", "信息"), ("export", "--out", "a.json")):
        ran = egov("catalog", *words, "--database", "other.db")
        assert (ran.code, "no catalogue" in ran.err) == (2, True)
    assert (folder / "other.db").read_bytes() == before


def test_the_national_sheet_goes_out_and_is_compared_with_what_it_came_from(egov: Egov, folder: Path) -> None:
    assert egov("catalog", "import", "good.xlsx", "--database", "c.db", *WHO).code == 0
    assert egov("catalog", "export", "--database", "c.db", "--out", "a.xlsx", "--audience", "departments").code == 0
    told = ("--audience", "departments", "--columns", "national")
    assert egov("catalog", "export", "--database", "c.db", "--out", "b.xlsx", *told).code == 0
    [sheet] = load_workbook(folder / "b.xlsx").worksheets
    head = [cell.value for cell in sheet[1]]
    assert head == [column.heading for column in NATIONAL.columns]
    assert len(head) == 26
    for other in ("a.xlsx", "good.xlsx"):
        assert "0 added, 0 removed, 0 changed, 2 unchanged" in egov("catalog", "diff", other, "b.xlsx", *WHO).out


def test_what_is_wrong_is_left_out_and_told(egov: Egov) -> None:
    ran = egov("catalog", "import", "bad.xlsx", "--database", "c.db", *WHO, "--json")
    assert ran.code == 1
    assert (ran.json["added"], len(ran.json["left_out"]), len(ran.json["findings"])) == (0, 1, 1)
    ran = egov("catalog", "import", "good.xlsx", "--database", "c.db", "--drafts")
    assert ran.out.startswith("2 added")
    assert egov("catalog", "search", "企业", "--database", "c.db").out == "nothing found\n"
    assert "企业基本信息" in egov("catalog", "search", "企业", "--database", "c.db", "--drafts").out


@pytest.mark.parametrize("name", ["a.ttl", "a.jsonld", "a.xml", "a.json", "a.csv", "a.xlsx"])
def test_the_public_gets_what_is_open_and_no_more(egov: Egov, folder: Path, name: str) -> None:
    egov("catalog", "import", "full.json", "--database", "c.db")
    ran = egov("catalog", "export", "--database", "c.db", "--out", name)
    assert ran.out == "2 entries written, 1 withheld\n"
    written = (folder / name).read_bytes()
    if name != "a.xlsx":
        for secret in ("仅用于审批", "《条例》", "share.example", "登记处", "企业设立登记", *HIDDEN):
            assert secret.encode() not in written
    else:
        for one in read_catalog(written).entries:
            assert (one.sharing.condition, one.sharing.mode, one.service, one.business) == ("", None, None, "")
            assert (one.related, one.provider.unit, one.is_public) == ((), "", True)
    ran = egov(
        "catalog", "export", "--database", "c.db", "--out", name, "--audience", "departments", "--force", "--json"
    )
    assert (ran.json["written"], ran.json["withheld"]) == (3, [])
    assert egov("catalog", "export", "--database", "c.db", "--out", name).code == 2


def test_a_feed_for_ckan_is_written(egov: Egov, folder: Path) -> None:
    egov("catalog", "import", "full.json", "--database", "c.db")
    assert egov("catalog", "export", "--database", "c.db", "--out", "feed", "--form", "ckan").code == 0
    assert json.loads((folder / "feed").read_bytes())["result"]["count"] == 2
    assert egov("catalog", "export", "--database", "c.db", "--out", "other").code == 2


def test_a_feed_for_ckan_is_not_written_for_departments(egov: Egov) -> None:
    egov("catalog", "import", "full.json", "--database", "c.db")
    ran = egov(
        "catalog", "export", "--database", "c.db", "--out", "feed.json", "--form", "ckan", "--audience", "departments"
    )
    assert (ran.code, "for the public alone" in ran.err) == (2, True)


def test_two_files_are_compared(egov: Egov, folder: Path) -> None:
    (folder / "new.xlsx").write_bytes(write_workbook([entry(name="改名"), entry(5)]))
    ran = egov("catalog", "diff", "good.xlsx", "new.xlsx")
    assert ran.code == 0
    assert ran.out.splitlines()[:4] == [
        "+ 307011024701/000005 企业基本信息",
        "- 307011024701/000002 人口信息",
        "~ 307011024701/000001 改名",
        "    信息资源名称: 企业基本信息 → 改名",
    ]
    assert len(egov("catalog", "diff", "good.xlsx", "new.xlsx", "--json").json["changed"]) == 1
    assert egov("catalog", "diff", "good.xlsx", "bad.xlsx").code == 1


class _Site(BaseHTTPRequestHandler):
    """A catalogue on this machine: CKAN's search, and a DCAT document."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        opened = [entry(number, openness=Openness(is_open=True)) for number in (1, 2)]
        if path == "/api/3/action/package_search":
            found = export_ckan(opened)
        elif path == "/catalog.ttl":
            made = export_dcat(opened, base="https://a.test/", title="t", description="d", publisher=BUREAU)
            found = made.data
        else:
            found = b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_catalogue_is_harvested_and_harvested_again(egov: Egov, site: str) -> None:
    words = ("catalog", "harvest", site, "--database", "c.db", "--source", "330100", "--form", "ckan")
    first = egov(*words, "--json")
    assert (first.code, first.json["added"], first.json["finished"]) == (0, 2, True)
    again = egov(*words)
    assert (again.code, again.out.startswith("0 added, 0 changed, 0 withdrawn, 2 unchanged")) == (0, True)
    assert "未变 2 条" in egov(*words, "--lang", "zh", "--full").out
    assert egov("catalog", "search", "企业", "--database", "c.db", "--json").json["hits"][0]["state"] == "published"


def test_a_dcat_document_is_harvested(egov: Egov, site: str) -> None:
    words = ("--database", "c.db", "--source", "330100", "--form", "turtle")
    assert egov("catalog", "harvest", f"{site}/catalog.ttl", *words, "--json").json["added"] == 2


def test_a_harvest_that_cannot_be_tells_why(egov: Egov, site: str) -> None:
    words = ("--database", "c.db", "--source", "330100", "--form")
    assert egov("catalog", "harvest", f"{site}/other", *words, "turtle").code == 1
    assert egov("catalog", "harvest", "http://127.0.0.1:9", *words, "ckan").code == 4
    for url in ("ftp://a", "nowhere", f"{site}/?page=1"):
        assert egov("catalog", "harvest", url, *words, "ckan").code == 2
    assert egov("catalog", "import", "good.xlsx", "--database", "own.db", *WHO).code == 0
    taken = egov("catalog", "harvest", site, "--database", "own.db", "--source", "330100", "--form", "ckan")
    assert (taken.code, "belongs to somebody else" in taken.out) == (1, True)


def test_a_draft_is_taken_through_its_life_and_the_history_tells_it(egov: Egov) -> None:
    assert egov("catalog", "import", "good.xlsx", "--database", "c.db", "--drafts", *WHO).code == 0
    code, at = entry().code, ("--database", "c.db")
    for step in ("submit", "register", "propose", "publish"):
        ran = egov("catalog", "advance", code, step, *at, "--actor", "clerk-7")
        assert ran.code == 0
    assert ran.out == f"{code} is now: published\n"
    ran = egov("catalog", "advance", code, "withdraw", *at, "--actor", "clerk-8", "--reason", "法定依据废止", "--json")
    assert ran.json["state"] == "withdrawn"
    last = egov("catalog", "history", code, *at, "--json").json["changes"][-1]
    assert (last["action"], last["before"], last["actor"], last["reason"]) == (
        "withdraw", "published", "clerk-8", "法定依据废止",
    )  # fmt: skip
    shown = egov("catalog", "history", code, *at, "--lang", "zh").out.splitlines()
    assert [line.split()[-2 if "法定" not in line else -3] for line in shown][1:] == [
        "提交登记", "登记", "申请发布", "发布", "撤回",
    ]  # fmt: skip
    assert code not in egov("catalog", "search", *at).out


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("307011024701/000001", "publish", "--actor", "x"), 1, "publish"),
        (("307011024701/999999", "submit", "--actor", "x"), 1, "307011024701/999999"),
        (("307011024701/000001", "burn", "--actor", "x"), 2, "burn"),
        (("307011024701/000001", "submit"), 2, "--actor"),
    ],
)
def test_a_step_that_does_not_come_next_changes_nothing(
    egov: Egov, arguments: tuple[str, ...], code: int, word: str
) -> None:
    egov("catalog", "import", "good.xlsx", "--database", "c.db", "--drafts", *WHO)
    before = egov("catalog", "history", entry().code, "--database", "c.db").out
    ran = egov("catalog", "advance", *arguments, "--database", "c.db")
    assert (ran.code, word in ran.err) == (code, True)
    assert egov("catalog", "history", entry().code, "--database", "c.db").out == before


def test_every_step_has_its_words() -> None:
    assert get_args(Step) == tuple(STEPS)
    assert set(STEPS) <= set(ACTION_WORDS)
