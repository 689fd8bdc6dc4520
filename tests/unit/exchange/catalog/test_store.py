"""The local catalogue: versions, life cycle, history, and the search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from egov_sdk.exchange.catalog.model import Openness, Provider, Sharing
from egov_sdk.exchange.catalog.problems import CatalogRejected
from egov_sdk.exchange.catalog.store import STEPS, LocalCatalog, StepName
from egov_sdk.exchange.catalog.tables import CATALOG
from egov_sdk.exchange.catalog.terms import LifeCycle, ResourceClass, SharingMode, SharingType
from egov_sdk.storage import open_store
from egov_sdk.storage.migrations import schema_differences
from tests.unit.exchange.catalog.world import BUREAU, PREFIX, entry

CODE = f"{PREFIX}/000001"
WAY: tuple[StepName, ...] = ("submit", "register", "propose", "publish")


def refused(problem: str, act: Callable[[], object]) -> CatalogRejected:
    with pytest.raises(CatalogRejected) as caught:
        act()
    assert caught.value.problem == f"catalog.{problem}"
    assert caught.value.code == f"egov.exchange.catalog.{problem}"
    return caught.value


def names(catalog: LocalCatalog, text: str, **options: object) -> list[str]:
    return [hit.name for hit in catalog.search(text, **options).hits]  # type: ignore[arg-type]


def test_the_tables_are_those_that_the_code_believes_in(catalog: LocalCatalog) -> None:
    differences = schema_differences(catalog.store, CATALOG)
    full_text = [one for one in differences if one.startswith(("catalog_trigrams", "catalog_pairs"))]
    assert differences == tuple(full_text)
    assert bool(full_text) == (catalog.store.dialect == "sqlite")


def test_the_steps_of_released_tables_never_change() -> None:
    found = [step.checksum[:16] for step in CATALOG.migrations]
    assert found == ["bf2ef2bc558ac01f", "b7db0e0b964ea2c5", "7608a67bab1aae0e"]


def test_a_draft_goes_its_way_to_publication(catalog: LocalCatalog) -> None:
    assert catalog.save([entry()], actor="甲").added == 1
    assert list(catalog.published()) == []
    for step in WAY:
        assert catalog.advance(CODE, step, actor="乙", reason="同意") is STEPS[step][1]
    assert list(catalog.published()) == [entry()]
    history = catalog.history(CODE)
    assert [one.action for one in history] == ["added", *WAY]
    assert [(one.before, one.after) for one in history][1:] == [STEPS[step] for step in WAY]
    assert {one.actor for one in history[1:]} == {"乙"}
    assert history[0].at < history[-1].at
    assert catalog.counts()[LifeCycle.PUBLISHED] == 1


@pytest.mark.parametrize("step", [step for step in STEPS if step != "submit"])
def test_a_draft_cannot_leave_out_a_step(step: StepName) -> None:
    catalog = LocalCatalog(open_store("sqlite://"), clock=lambda: datetime.fromisoformat("2026-03-02T00:00:00Z"))
    catalog.save([entry()], actor="甲")
    refused("step", lambda: catalog.advance(CODE, step, actor="甲"))
    assert catalog.get(CODE).state is LifeCycle.DRAFT
    catalog.store.close()


def test_steps_back_lead_back(catalog: LocalCatalog) -> None:
    catalog.save([entry()], actor="甲")
    for step in ("submit", "return", "submit", "register", "propose", "decline"):
        state = catalog.advance(CODE, step, actor="甲")
    assert state is LifeCycle.REGISTERED


def test_what_is_not_there_is_refused(catalog: LocalCatalog) -> None:
    refused("unknown", lambda: catalog.get(CODE))
    refused("unknown", lambda: catalog.history(CODE))
    refused("unknown", lambda: catalog.versions(CODE))
    refused("unknown", lambda: catalog.advance(CODE, "submit", actor="甲"))
    catalog.save([entry()], actor="甲")
    refused("version_unknown", lambda: catalog.get(CODE, version=2))
    refused("version_unknown", lambda: catalog.get(CODE, version=0))
    with pytest.raises(ValueError, match="step"):
        catalog.advance(CODE, "delete", actor="甲")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="without a code"):
        catalog.save([entry(code="")], actor="甲")


def test_a_published_version_stays_until_the_next_is_published(catalog: LocalCatalog) -> None:
    catalog.publish([entry(name="旧名称")], actor="甲")
    assert catalog.save([entry(name="新名称")], actor="甲").changed == 1
    assert catalog.get(CODE).entry.name == "旧名称"
    assert catalog.get(CODE, version=2).entry.name == "新名称"
    assert catalog.get(CODE).state is LifeCycle.DRAFT
    assert names(catalog, "旧名称") == ["旧名称"]
    assert names(catalog, "新名称") == []
    for step in WAY:
        catalog.advance(CODE, step, actor="甲")
    assert names(catalog, "旧名称") == []
    assert names(catalog, "新名称") == ["新名称"]
    assert [one.entry.name for one in catalog.versions(CODE)] == ["旧名称", "新名称"]
    assert [one.name for one in catalog.published()] == ["新名称"]


def test_the_same_again_makes_no_version(catalog: LocalCatalog) -> None:
    catalog.publish([entry(), entry(2)], actor="甲")
    saved = catalog.publish([entry(), entry(2, "另一个")], actor="甲")
    assert (saved.added, saved.changed, saved.unchanged) == (0, 1, 1)
    assert len(catalog.versions(CODE)) == 1
    assert catalog.save([entry()], actor="甲").unchanged == 1


def test_what_was_withdrawn_is_not_found_and_can_come_back(catalog: LocalCatalog) -> None:
    catalog.publish([entry()], actor="甲")
    assert catalog.advance(CODE, "withdraw", actor="甲", reason="停用") is LifeCycle.WITHDRAWN
    assert names(catalog, "企业") == []
    assert names(catalog, "企业", drafts=True) == ["企业基本信息"]
    refused("step", lambda: catalog.advance(CODE, "withdraw", actor="甲"))
    assert catalog.publish([entry()], actor="甲").changed == 1
    assert names(catalog, "企业") == ["企业基本信息"]
    catalog.advance(CODE, "withdraw", actor="甲")
    assert catalog.save([entry()], actor="甲").changed == 1
    assert catalog.get(CODE).state is LifeCycle.DRAFT


def test_what_breaks_a_rule_is_not_published_and_nothing_with_it(catalog: LocalCatalog) -> None:
    bad = entry(2, sharing=Sharing(type=SharingType.CONDITIONAL))
    error = refused("not_publishable", lambda: catalog.publish([entry(), bad], actor="甲"))
    assert error.detail["code"] == bad.code
    refused("unknown", lambda: catalog.get(CODE))
    saved = catalog.publish([entry(), bad, entry(3, code=""), entry()], actor="甲", leave_out_unready=True)
    assert (saved.added, [one.code for one in saved.refused]) == (1, [bad.code, "", CODE])
    catalog.save([bad], actor="甲")
    for step in ("submit", "register"):
        catalog.advance(bad.code, step, actor="甲")
    refused("not_publishable", lambda: catalog.advance(bad.code, "propose", actor="甲"))


def test_a_code_that_stands_twice_is_kept_once_however_far_apart(catalog: LocalCatalog) -> None:
    many = [entry(number, f"名录{number}") for number in range(1, 601)]
    refused("rule.code_twice", lambda: catalog.save([*many, entry(1, "另一个")], actor="甲"))
    saved = catalog.publish([*many, entry(1, "另一个")], actor="甲", leave_out_unready=True)
    assert (saved.kept, [one.name for one in saved.refused]) == (600, ["另一个"])


def test_a_clock_without_a_zone_is_a_mistake() -> None:
    with open_store("sqlite://") as store, pytest.raises(ValueError, match="aware"):
        LocalCatalog(store, clock=lambda: datetime(2026, 1, 1))  # noqa: DTZ001


# The search.

LIBRARY = (
    entry(1, "人口基础信息库", abstract="常住人口和户籍人口的基本信息"),
    entry(2, "不动产登记信息", abstract="土地、房屋等不动产的权利登记", keywords=("房产", "GB/T 21063")),
    entry(3, "社会保险缴费记录", abstract="企业职工养老保险缴费", provider=Provider(name="示例市人社局", code="")),
    entry(
        4,
        "人口",
        code="101001/1",
        abstract="统计",
        sharing=Sharing(type=SharingType.REFUSED, basis="法", mode=SharingMode.MAIL),
    ),
    entry(5, "医疗机构名录", openness=Openness(is_open=True), abstract="ＡＢＣ医院 Hospital 名录 人 口"),
    entry(6, "流动人口登记信息", abstract='含"引号"与 100% 的说明 (甲)_乙'),
)


@pytest.fixture
def library(catalog: LocalCatalog) -> LocalCatalog:
    catalog.save(LIBRARY, actor="甲")
    return catalog


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人口基础信息库", [1]),
        ("基础信息", [1]),
        ("人口", [4, 1, 6]),
        ("户籍人口", [1]),
        ("人", [4, 1, 6, 3, 5]),
        ("登记信息", [2, 6]),
        ("登记 人口", [6]),
        ("房产", [2]),
        ("gb/t 21063", [2]),
        ("abc", [5]),
        ("HOSPITAL", [5]),
        ("ｈｏｓ", [5]),
        ("养老保险 缴费", [3]),
        ("企业名称", [1, 2, 3, 4, 5, 6]),
        ("307011024701/000002", [2]),
        ('"引号"', [6]),
        ("100%", [6]),
        ("(甲)", [6]),
        ("(", [6]),
        ("_乙", [6]),
        ("没有的词", []),
        ("口人", []),
        ("名录人", []),
        ("%", [6]),
        ("***", []),
        ("AND", []),
        ("title:人口", []),
    ],
)
def test_words_are_found_wherever_they_stand(library: LocalCatalog, text: str, expected: list[int]) -> None:
    hits = names(library, text, drafts=True)
    assert hits[: len(expected)] and hits[0] == LIBRARY[expected[0] - 1].name if expected else hits == []
    assert sorted(hits) == sorted(LIBRARY[number - 1].name for number in expected)


def test_names_come_first_and_the_words_around_are_shown(library: LocalCatalog) -> None:
    page = library.search("人口", drafts=True)
    assert [hit.name for hit in page.hits] == ["人口", "人口基础信息库", "流动人口登记信息"]
    assert all(hit.in_name for hit in page.hits)
    [hit] = library.search("权利登记", drafts=True).hits
    assert not hit.in_name
    assert "权利登记" in hit.excerpt
    assert hit.state is LifeCycle.DRAFT


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"sharing": SharingType.REFUSED}, ["人口"]),
        ({"resource_class": ResourceClass.BASIC}, ["人口"]),
        ({"prefix": "307011"}, ["人口基础信息库", "流动人口登记信息"]),
        ({"prefix": "307011024701/"}, ["人口基础信息库", "流动人口登记信息"]),
        ({"prefix": "101001", "resource_class": ResourceClass.DEPARTMENTAL}, []),
        ({"provider": BUREAU.code}, ["人口", "人口基础信息库", "流动人口登记信息"]),
        ({"provider": "示例市人社局"}, []),
        ({"limit": 1}, ["人口"]),
        ({"limit": 1, "offset": 1}, ["人口基础信息库"]),
        ({"offset": 3}, []),
    ],
)
def test_a_search_is_narrowed(library: LocalCatalog, options: dict[str, object], expected: list[str]) -> None:
    assert names(library, "人口", drafts=True, **options) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"sharing": SharingType.REFUSED}, ["人口"]),
        ({"resource_class": ResourceClass.BASIC, "limit": 1}, ["人口"]),
        ({"prefix": f"{PREFIX}/", "limit": 2}, [f"{PREFIX}/000001", f"{PREFIX}/000002"]),
        ({"prefix": f"{PREFIX}/", "limit": 1, "offset": 1}, [f"{PREFIX}/000002"]),
        ({"provider": "示例市人社局"}, ["社会保险缴费记录"]),
        ({"prefix": "\U0010ffff"}, []),
        ({"prefix": "\ud7ff"}, []),
    ],
)
def test_without_words_all_that_the_filters_leave_is_listed_by_code(
    library: LocalCatalog, options: dict[str, object], expected: list[str]
) -> None:
    hits = library.search(" ", drafts=True, **options).hits  # type: ignore[arg-type]
    assert [hit.code if "/" in "".join(expected) else hit.name for hit in hits] == expected
    assert names(library, "", **options) == []


def test_what_is_listed_says_whether_there_is_more(library: LocalCatalog) -> None:
    assert library.search("", provider=BUREAU.code, drafts=True, limit=4).more
    assert not library.search("", provider=BUREAU.code, drafts=True, limit=5).more


def test_a_page_says_whether_there_is_more(library: LocalCatalog) -> None:
    assert library.search("人口", drafts=True, limit=2).more
    assert not library.search("人口", drafts=True, limit=3).more


def test_drafts_are_found_where_they_are_asked_for(library: LocalCatalog) -> None:
    assert names(library, "人口") == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \u3000", "empty"),
        ("a b c d e f g h i", "long"),
        ("长" * 101, "long"),
        ("a\x00b", "characters"),
        ("\ud800", "characters"),
    ],
)
def test_what_is_no_search_is_refused(library: LocalCatalog, text: str, problem: str) -> None:
    error = refused(f"query_{problem}", lambda: library.search(text))
    assert error.text.zh


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 10_001}])
def test_pages_out_of_range_are_a_mistake(library: LocalCatalog, options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="limit"):
        library.search("人口", **options)  # type: ignore[arg-type]


def test_many_entries_are_kept_and_read_in_portions(catalog: LocalCatalog) -> None:
    many = [entry(number, f"名录{number}") for number in range(1, 1202)]
    assert catalog.publish(iter(many), actor="甲").added == 1201
    assert [one.code for one in catalog.published()] == [one.code for one in many]
    assert len(catalog.search("名录", limit=100, offset=1150).hits) == 51
    assert names(catalog, "名录1201") == ["名录1201"]


def test_an_entry_of_today_is_published_from_the_first_hour_of_the_day_in_beijing(catalog: LocalCatalog) -> None:
    eve = LocalCatalog(catalog.store, clock=lambda: datetime(2016, 1, 4, 15, 59, tzinfo=UTC))
    refused("not_publishable", lambda: eve.publish([entry()], actor="甲"))
    morning = LocalCatalog(catalog.store, clock=lambda: datetime(2016, 1, 4, 16, tzinfo=UTC))
    assert morning.publish([entry()], actor="甲").added == 1
