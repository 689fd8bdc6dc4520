"""Data elements, records checked against them, and the quality of data."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from egov_sdk.codes import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.exchange.catalog.elements import (
    DataElement,
    Representation,
    ValueRange,
    check_record,
    check_value,
)
from egov_sdk.exchange.catalog.quality import Dimension, assess
from egov_sdk.exchange.catalog.terms import UpdateCycle
from tests.unit.exchange.catalog.world import AT, code_of, entry

NAME = DataElement(name="企业名称", identifier="mc", format=Representation.parse("an..20"), required=True)
SINCE = DataElement(name="成立日期", identifier="rq", format=Representation.parse("d8"))
CAPITAL = DataElement(name="注册资本", identifier="zb", format=Representation.parse("n10,2"))
STATE = DataElement(name="状态", identifier="zt", format=Representation.parse("n1"), domain=frozenset("123"))
NUMBER = DataElement(
    name="法人证件号码", identifier="hm", format=Representation.parse("an18"), kind=CodeKind.CITIZEN_NUMBER
)
ELEMENTS = (NAME, SINCE, CAPITAL, STATE, NUMBER)


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("an..18", ["", "a", "企业1", "x" * 18], ["x" * 19, "a\nb", "a\0"]),
        ("an3", ["abc"], ["ab", "abcd"]),
        ("an3..5", ["abc", "abcde"], ["ab", "abcdef"]),
        ("an..", ["x" * 10_000], ["\u202e\x07"]),
        ("a2", ["ab", "企业"], ["a1", "a", "a "]),
        ("n6", ["000001"], ["1", "1234567", "12345a", "1２3456", "-12345", "12.456", "¹23456"]),
        ("n..6", ["1", "123456"], ["1234567", "1.5"]),
        ("n10,2", ["0", "12345678.99", "-1.5", "+1"], ["123456789.99", "1.234", "1.", ".5", "1e5", "NaN"]),
        ("d8", ["20260228"], ["20260230", "2026-2-28", "202602", "2026022８", "202602 5"]),
        ("d10", ["2026-02-28"], ["20260228", "2026-02-30", "2026-02- 5"]),
        ("t6", ["235959"], ["240000", "23:59:59"]),
        ("dt14", ["20260228235959"], ["20260228", "20260228246060"]),
        ("dt15", ["20260228T235959"], ["20260228 235959", "20260228t235959"]),
        ("dt19", ["2026-02-28 23:59:59"], ["2026-02-28\t23:59:59", "2026-02- 8 23:59:59"]),
        ("bl", ["0", "1", "true", "是"], ["2", "yes"]),
    ],
)
def test_a_representation_says_which_values_fit(text: str, good: list[str], bad: list[str]) -> None:
    element = DataElement(name="值", identifier="v", format=Representation.parse(text))
    assert str(element.format) == text
    assert [value for value in good if check_value(element, value) is not None] == []
    assert [value for value in bad if check_value(element, value) is None] == []


@pytest.mark.parametrize(
    "text",
    [
        "", "x5", "an..0", "an0", "an5..3", "n2,2", "n,2", "an5,2", "d9", "d..8", "dt8", "bl1", "AN5", "an 5",
        "n..1000000000", "a..5\n",
    ],
)  # fmt: skip
def test_what_is_no_representation_is_refused(text: str) -> None:
    assert code_of(lambda: Representation.parse(text)) == "catalog.element.format"


def test_a_good_record_is_left_alone() -> None:
    number = specimen_citizen_number(1).number
    assert check_record({"mc": "甲", "rq": "20260101", "zb": 5, "zt": "1", "hm": number}, ELEMENTS) == ()
    assert check_record({"mc": "甲"}, ELEMENTS) == ()


def test_what_is_wrong_with_a_record_is_told_and_no_value_of_it_is_shown() -> None:
    number = specimen_citizen_number(1).number
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    record = {"mc": " ", "rq": "昨天secret", "zb": "1.239", "zt": "9", "hm": wrong, "xx": 1}
    found = check_record(record, ELEMENTS, row=7)
    assert [(one.problem.removeprefix("catalog.record."), one.about) for one in found] == [
        ("missing", "mc"), ("kind", "rq"), ("decimals", "zb"), ("domain", "zt"), ("domain", "hm"), ("unknown", "xx"),
    ]  # fmt: skip
    words = " ".join(one.in_(lang) for one in found for lang in ("zh", "en"))
    assert wrong not in words
    assert wrong[6:14] not in words
    assert "secret" not in words
    assert {one.place.row for one in found} == {7}


def test_a_range_is_a_domain() -> None:
    element = DataElement(
        name="年龄", identifier="nl", format=Representation.parse("n..3"), domain=ValueRange(Decimal(0), Decimal(150))
    )
    assert check_value(element, "150") is None
    found = check_value(element, "151")
    assert found is not None
    assert found.facts["expected"] == "0 … 150"
    assert "x" not in ValueRange(Decimal(0), Decimal(1))


def test_the_four_sides_are_measured() -> None:
    records: list[dict[str, object]] = [
        {"mc": "甲", "rq": "20260101", "zb": "1", "zt": "1", "hm": ""},
        {"mc": "", "rq": "2026", "zb": "1", "zt": "1", "hm": ""},
        {"mc": "甲", "rq": "20260101", "zb": "1", "zt": "1", "hm": ""},
        {"mc": "乙", "rq": "20260101", "zb": "1", "zt": "1", "hm": ""},
    ]
    report = assess(records, ELEMENTS, at=AT, entry=entry(), updated_on=date(2026, 3, 1), key=["mc", "rq"])
    scores = report.scores
    assert report.records == 4
    assert scores[Dimension.COMPLETE] == 0.75
    assert scores[Dimension.EXACT] == pytest.approx(14 / 15)
    assert scores[Dimension.TIMELY] == 1
    assert scores[Dimension.USABLE] == 0.4
    told = report.to_dict("zh")
    assert told["subject"] == "企业基本信息"
    assert len(report.findings) == 2


def test_data_older_than_the_cycle_are_late() -> None:
    report = assess([], ELEMENTS, at=AT, entry=entry(cycle=UpdateCycle.MONTHLY), updated_on=date(2026, 1, 29))
    assert report.score(Dimension.TIMELY) == 0
    assert report.measures[-2].examples == ("due 2026-03-01",)


def test_a_cycle_ends_with_its_day_in_beijing() -> None:
    updated, cycle = date(2026, 2, 28), entry()
    for at, score in ((datetime(2026, 3, 1, 15, 59, tzinfo=UTC), 1), (datetime(2026, 3, 1, 16, tzinfo=UTC), 0)):
        report = assess([], ELEMENTS, at=at, entry=cycle, updated_on=updated)
        assert [one.passed for one in report.measures if one.rule == "within_cycle"] == [score]


def test_what_nothing_is_known_about_has_no_score() -> None:
    report = assess([], ELEMENTS, at=AT)
    assert set(report.scores.values()) == {None}


def test_a_naive_time_and_an_unknown_key_are_mistakes() -> None:
    with pytest.raises(ValueError, match="aware"):
        assess([], ELEMENTS, at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="key"):
        assess([], ELEMENTS, at=datetime(2026, 1, 1, tzinfo=UTC), key=["no"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_plot_is_a_drawing_that_holds_no_markup_of_strangers(lang: str) -> None:
    report = assess([{"mc": "甲"}], ELEMENTS, at=AT, subject='<script>"x"&\x00')
    root = ElementTree.fromstring(report.to_svg(lang))  # type: ignore[arg-type]
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "rect", "text"}
    assert '<script>"x"&' in [element.text for element in root.iter()]
