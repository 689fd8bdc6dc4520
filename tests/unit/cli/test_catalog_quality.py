"""``egov catalog quality``: the records of a resource are measured, told and drawn."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from egov_sdk.exchange.catalog.files import write_catalog
from tests.unit.cli.calling import Egov
from tests.unit.exchange.catalog.world import entry

ELEMENTS = """标识符,名称,表示格式,必填
mc,企业名称,an..20,是
rq,成立日期,d8,否
"""
RECORDS = """企业名称,成立日期
甲,20260101
,20260101
乙,2026secret
甲,20260101
"""
CODE = entry().code
AT = ("--at", "2026-03-02T09:00:00")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elements.csv").write_text(ELEMENTS, "utf-8")
    (tmp_path / "records.csv").write_text(RECORDS, "utf-8")
    (tmp_path / "catalog.json").write_bytes(write_catalog([entry()], "json"))
    return tmp_path


def measured(egov: Egov, *words: object) -> tuple[int, str, str]:
    ran = egov("catalog", "quality", "records.csv", "--elements", "elements.csv", *AT, *words)
    return ran.code, ran.out, ran.err


def test_the_four_sides_and_what_is_wrong_are_told_without_values(egov: Egov) -> None:
    code, out, err = measured(egov, "--key", "mc", "--key", "rq")
    assert code == 0
    said = [line.split() for line in out.splitlines()[:5]]
    assert said == [
        ["4", "records", "of", "records.csv"], ["complete", "75", "%"], ["exact", "85.7", "%"],
        ["timely", "not", "measured"], ["usable", "75", "%"],
    ]  # fmt: skip
    assert "line 3, mc: the record lacks 企业名称" in out
    assert "secret" not in out
    assert "--updated" in err


def test_with_its_entry_in_the_catalogue_a_resource_is_also_timely_and_usable(egov: Egov) -> None:
    assert egov("catalog", "import", "catalog.json", "--database", "c.db").code == 0
    known = ("--database", "c.db", "--code", CODE)
    code, out, err = measured(egov, *known, "--updated", "2026-03-01", "--lang", "zh")
    assert (code, err) == (0, "")
    assert out.startswith("企业基本信息：共 4 条记录\n")
    assert [line.split() for line in out.splitlines()[3:5]] == [["及时性", "100", "%"], ["可用性", "100", "%"]]
    late = measured(egov, *known, "--updated", "2026-02-01")[1]
    assert "due 2026-02-02" in late


def test_json_says_the_same(egov: Egov) -> None:
    ran = egov("catalog", "quality", "records.csv", "--elements", "elements.csv", "--least", "0.8", "--json", *AT)
    assert ran.code == 1
    assert ran.json["scores"] == {"complete": 0.75, "exact": pytest.approx(6 / 7), "timely": None, "usable": None}
    assert ran.json["below"] == ["complete"]
    assert [(one["row"], one["field"]) for one in ran.json["findings"]] == [(3, "mc"), (4, "rq")]
    assert "secret" not in ran.out


@pytest.mark.parametrize(("least", "code"), [("0", 0), ("0.75", 0), ("0.76", 1), ("1", 1)])
def test_a_side_below_what_is_asked_for_ends_with_1(egov: Egov, least: str, code: int) -> None:
    found = measured(egov, "--least", least)
    assert (found[0], "too low" in found[1]) == (code, bool(code))


def test_the_scores_are_drawn_and_nothing_is_overwritten(egov: Egov, folder: Path) -> None:
    assert measured(egov, "--plot", "a.svg", "--lang", "zh")[0] == 0
    assert "完整性" in (folder / "a.svg").read_text("utf-8")
    pytest.importorskip("resvg_py")
    assert measured(egov, "--plot", "a.PNG")[0] == 0
    picture = Image.open(io.BytesIO((folder / "a.PNG").read_bytes()))
    assert picture.width == 960
    label = picture.convert("L").crop((60, 90, 180, 150))  # where the first side is named
    assert min(label.tobytes()) < 100
    assert measured(egov, "--plot", "a.svg")[0] == 2
    assert measured(egov, "--plot", "a.svg", "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--plot", "a.gif"), 2, ".svg"),
        (("--plot", "no/a.svg"), 2, "no folder"),
        (("--least", "1.5"), 2, "between 0 and 1"),
        (("--least", "-1"), 2, "between 0 and 1"),
        (("--least", "nan"), 2, "between 0 and 1"),
        (("--updated", "yesterday"), 2, "is not a day"),
        (("--key", "zz"), 2, "zz"),
        (("--code", CODE), 2, "go together"),
        (("--database", "c.db"), 2, "go together"),
        (("--database", "c.db", "--code", CODE), 2, "no database"),
        (("--elements", "records.csv"), 1, "企业名称"),
        (("--elements", "none.csv"), 2, "none.csv"),
    ],
)
def test_what_cannot_be_asked_is_told_and_draws_nothing(
    egov: Egov, folder: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    found = measured(egov, "--plot", "b.svg", *words) if "--plot" not in words else measured(egov, *words)
    assert (found[0], told in found[2]) == (code, True), found[2]
    assert sorted(one.name for one in folder.glob("*.svg")) == []


@pytest.mark.parametrize("content", [b"<a/>", b"PK\x03\x04", b"{", b"", b"\xff\xff"])
def test_records_that_are_none_are_refused(egov: Egov, folder: Path, content: bytes) -> None:
    (folder / "records.csv").write_bytes(content)
    assert measured(egov)[0] == 1


def test_a_resource_that_is_not_in_the_catalogue_is_refused(egov: Egov) -> None:
    assert egov("catalog", "import", "catalog.json", "--database", "c.db").code == 0
    found = measured(egov, "--database", "c.db", "--code", "307011024701/000009")
    assert (found[0], "no resource 307011024701/000009" in found[2]) == (1, True)
