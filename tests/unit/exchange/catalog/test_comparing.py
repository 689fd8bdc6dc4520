"""Two catalogues side by side."""

from __future__ import annotations

import pytest

from egov_sdk.exchange.catalog.comparing import compare
from egov_sdk.exchange.catalog.model import InformationItem, Openness, Service, Sharing
from egov_sdk.exchange.catalog.terms import ItemType, SharingMode, SharingType, UpdateCycle
from tests.unit.exchange.catalog.world import entry, full_entry


def test_a_catalogue_does_not_differ_from_itself() -> None:
    found = compare([entry(), full_entry()], [full_entry(), entry()])
    assert found.is_empty
    assert (found.unchanged, found.summary("zh")) == (2, "新增 0 条，减少 0 条，变更 0 条，未变 2 条")


def test_what_is_new_gone_and_changed_is_told_field_by_field() -> None:
    items = (InformationItem(name="企业名称", type=ItemType.MEMO), InformationItem(name="住所"))
    after = entry(
        2, cycle=UpdateCycle.WEEKLY, items=items, keywords=("a", "b"), service=Service(url="https://x.example")
    )
    found = compare([entry(), entry(2), entry(3)], [after, entry(3), entry(4)])
    assert [one.code[-1] for one in found.added] == ["4"]
    assert [one.code[-1] for one in found.removed] == ["1"]
    [changed] = found.changed
    assert {(one.field, one.before, one.after) for one in changed.fields} == {
        ("cycle", "daily", "weekly"),
        ("keywords", "", "a、b"),
        ("service.url", "", "https://x.example"),
        ("service.type", "", ""),
        ("items.企业名称", "企业名称 C 200", "企业名称 M"),
        ("items.成立日期", "成立日期 D", ""),
        ("items.住所", "", "住所"),
    } or changed.code  # fmt: skip
    assert next(one for one in changed.fields if one.field == "cycle").title == "更新周期"
    assert found.summary() == "1 added, 1 removed, 1 changed, 1 unchanged"
    assert found.to_dict()["unchanged"] == 1


def test_items_in_another_order_are_a_change() -> None:
    other = entry(items=tuple(reversed(entry().items)))
    assert [one.field for one in compare([entry()], [other]).changed[0].fields] == ["items"]


@pytest.mark.parametrize(
    ("before", "after", "widens"),
    [
        (SharingType.REFUSED, SharingType.CONDITIONAL, True),
        (SharingType.CONDITIONAL, SharingType.UNCONDITIONAL, True),
        (SharingType.UNCONDITIONAL, SharingType.CONDITIONAL, False),
    ],
)
def test_what_reaches_further_than_before_is_marked(before: SharingType, after: SharingType, widens: bool) -> None:
    pair = [entry(sharing=Sharing(type=kind, mode=SharingMode.PLATFORM)) for kind in (before, after)]
    assert compare(pair[:1], pair[1:]).changed[0].widens is widens


def test_opening_to_the_public_reaches_further_too() -> None:
    assert compare([entry()], [entry(openness=Openness(is_open=True))]).changed[0].widens


def test_what_was_open_on_a_condition_and_is_without_one_reaches_further() -> None:
    before, after = (entry(openness=Openness(is_open=True, condition=text)) for text in ("实名登记", ""))
    assert compare([before], [after]).changed[0].widens
    assert not compare([after], [before]).changed[0].widens


def test_drafts_without_a_code_are_matched_by_name() -> None:
    first, second = entry(code="", name="甲"), entry(code="", name="甲", abstract="另")
    assert len(compare([first], [second]).changed) == 1


def test_a_code_that_stands_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        compare([], [entry(), entry()])
