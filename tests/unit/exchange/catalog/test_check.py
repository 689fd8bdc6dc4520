"""The rules that an entry must keep."""

from __future__ import annotations

from datetime import date

import pytest

from egov_sdk.exchange.catalog.check import check_catalog, check_core, check_entry
from egov_sdk.exchange.catalog.corexml import core_of
from egov_sdk.exchange.catalog.fields import CatalogFile
from egov_sdk.exchange.catalog.model import (
    CoreMetadata,
    InformationItem,
    Openness,
    Provider,
    ResourceFormat,
    Service,
    Sharing,
)
from egov_sdk.exchange.catalog.terms import FormatClass, SharingMode, SharingType
from tests.unit.exchange.catalog.world import BUREAU, PREFIX, entry, full_entry

PLATFORM = SharingMode.PLATFORM


def found(**changed: object) -> list[tuple[str, str]]:
    return [(one.problem.removeprefix("catalog."), one.about) for one in check_entry(entry(**changed))]  # type: ignore[arg-type]


def test_a_good_entry_breaks_no_rule() -> None:
    assert check_entry(entry(), today=date(2016, 1, 5)) == ()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"code": ""}, [("value.missing", "code")]),
        ({"category": ()}, [("value.missing", "category")]),
        ({"abstract": " "}, [("value.missing", "abstract")]),
        ({"cycle": None}, [("value.missing", "cycle")]),
        ({"published_on": None}, [("value.missing", "published_on")]),
        ({"openness": Openness()}, [("value.missing", "openness.is_open")]),
        ({"provider": Provider(name="局")}, [("value.missing", "provider.code")]),
        ({"provider": Provider(code=BUREAU.code)}, [("value.missing", "provider.name")]),
        ({"provider": Provider(name="局", code="1" * 18)}, [("value.credit_code", "provider.code")]),
        ({"sharing": Sharing()}, [("value.missing", "sharing.type")]),
        (
            {"sharing": Sharing(type=SharingType.CONDITIONAL, mode=PLATFORM)},
            [("rule.condition_missing", "sharing.condition")],
        ),
        ({"sharing": Sharing(type=SharingType.REFUSED)}, [("rule.basis_missing", "sharing.basis")]),
        ({"sharing": Sharing(type=SharingType.UNCONDITIONAL)}, [("rule.mode_missing", "sharing.mode")]),
        (
            {"sharing": Sharing(type=SharingType.UNCONDITIONAL, mode=PLATFORM, condition="x")},
            [("rule.condition_unconditional", "sharing.condition")],
        ),
        (
            {"sharing": Sharing(type=SharingType.REFUSED, basis="法"), "openness": Openness(is_open=True)},
            [("rule.open_refused", "openness.is_open")],
        ),
        ({"openness": Openness(is_open=False, condition="x")}, [("rule.open_condition_closed", "openness.condition")]),
        ({"items": ()}, [("rule.items_missing", "items")]),
        ({"items": (InformationItem(name="甲"), InformationItem(name="甲"))}, [("rule.item_twice", "items")]),
        (
            {"format": ResourceFormat(kind=FormatClass.FILE, types=("OFD", "XLSX", "dwg"))},
            [("rule.format_unfit", "format.types")],
        ),
        ({"format": ResourceFormat(kind=FormatClass.FILE)}, [("rule.format_undescribed", "format.types")]),
        ({"related": (f"{PREFIX}/000001",)}, [("rule.related_self", "related")]),
    ],
)
def test_each_rule_is_told_with_its_field(changed: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert found(**changed) == expected


def test_what_is_not_shared_needs_no_mode_but_a_law() -> None:
    assert found(sharing=Sharing(type=SharingType.REFUSED, basis="《保守国家秘密法》")) == []


def test_a_file_needs_no_items_and_another_format_may_be_described() -> None:
    described = ResourceFormat(kind=FormatClass.FILE, other="图纸 dwg")
    assert found(items=(), format=described) == []
    assert found(items=(), format=ResourceFormat(kind=FormatClass.SELF_DESCRIBED)) == []


def test_a_date_to_come_is_told_where_today_is_given() -> None:
    problems = [one.problem for one in check_entry(entry(), today=date(2016, 1, 4))]
    assert problems == ["catalog.rule.date_future"]


def test_a_code_that_stands_twice_in_a_file_is_told_with_both_places() -> None:
    read = CatalogFile((entry(), entry(2), entry(1, "另一个")))
    [one] = check_catalog(read)
    assert one.problem == "catalog.rule.code_twice"
    assert one.facts["first"].startswith("entry 1")
    assert "entry 3" in str(one.place)
    assert "信息资源代码" in one.in_("zh")


def test_every_finding_speaks_both_languages() -> None:
    for one in check_entry(entry(sharing=Sharing(), provider=Provider(name="局", code="x"))):
        assert one.message.en != one.message.zh
        assert one.to_dict("zh")["code"] == one.code


def test_the_core_metadata_of_an_entry_is_whole() -> None:
    core = core_of(full_entry(), updated_on=date(2026, 2, 1))
    assert check_core(core) == ()
    assert core.identifier == full_entry().code
    assert core.categories[0].code == PREFIX
    with pytest.raises(ValueError, match="without a code"):
        core_of(entry(code=""))


def test_what_core_metadata_lacks_is_told() -> None:
    empty = CoreMetadata(metadata_id="元", title="", identifier="x", service=Service(url="https://x.example"))
    problems = sorted((one.problem.removeprefix("catalog.value."), one.about) for one in check_core(empty))
    assert problems == [
        ("identifier", "identifier"),
        ("metadata_id", "metadata_id"),
        ("missing", "abstract"),
        ("missing", "categories"),
        ("missing", "providers"),
        ("missing", "service"),
        ("missing", "title"),
    ]
