"""Division codes: structure, level, parents, and tables that are loaded."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import DivisionCode, DivisionTable
from egov_sdk.codes import divisions as room
from egov_sdk.codes.divisions import check_division_code
from egov_sdk.errors import InputError, LimitExceeded, ParseError

ROWS = (("330000", "浙江省"), ("330100", "杭州市"), ("330102", "上城区"), ("110000", "北京市"), ("110105", "朝阳区"))
TABLE = DivisionTable.from_rows(ROWS)


@pytest.mark.parametrize(
    ("text", "level", "parent"),
    [
        ("330000", "province", None),
        ("330100", "prefecture", "330000"),
        ("330102", "county", "330100"),
        ("100000", "nation", None),
        ("469001", "county", "469000"),
    ],
)
def test_levels_and_parents(text: str, level: str, parent: str | None) -> None:
    division = DivisionCode.parse(text)
    assert division.level == level
    assert (division.parent and division.parent.number) == parent
    assert str(division) == text
    assert DivisionCode.check(text).ok


def test_a_division_contains_what_lies_in_it() -> None:
    province, city, county = (DivisionCode(text) for text in ("330000", "330100", "330102"))
    assert province.contains(county)
    assert city.contains(county)
    assert county.contains(county)
    assert DivisionCode("100000").contains(county)
    assert not county.contains(city)
    assert not city.contains(DivisionCode("330200"))
    assert not province.contains(DivisionCode("320000"))
    assert (county.province, county.prefecture, province.prefecture) == (province, city, None)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "length"),
        ("33010", "length"),
        ("3301020", "length"),
        ("330102001", "length"),
        ("33O102", "character"),
        ("３30102", "character"),
        ("33 102", "character"),
        ("03010²", "character"),
        ("030102", "division"),
        ("000000", "division"),
        ("930102", "division"),
    ],
)
def test_a_broken_rule_is_named(text: str, rule: str) -> None:
    assert check_division_code(text).rule == rule
    with pytest.raises(ParseError) as caught:
        DivisionCode.parse(text)
    assert caught.value.code == f"egov.codes.{rule}"


def test_a_table_gives_names() -> None:
    assert TABLE.name("330102") == "上城区"
    assert TABLE.name(DivisionCode("330102")) == "上城区"
    assert TABLE.name("330103") is None
    assert TABLE.full_name("330102") == "浙江省杭州市上城区"
    assert TABLE.full_name("330102", separator="/") == "浙江省/杭州市/上城区"
    assert TABLE.full_name("110105") == "北京市朝阳区"
    assert TABLE.full_name("330000") == "浙江省"
    assert TABLE.full_name("330103") is None
    assert DivisionCode("330102") in TABLE
    assert "330103" not in TABLE
    assert 330102 not in TABLE
    assert len(TABLE) == len(list(TABLE)) == 5


def test_a_name_is_asked_for_by_code_only() -> None:
    with pytest.raises(ParseError):
        TABLE.full_name("杭州市")


@pytest.mark.parametrize(
    "data",
    [
        "330000,浙江省\n330100,杭州市\n",
        "code,name\n330000,浙江省\n330100,杭州市,1949,extra\n",
        "\ufeffcode,name\r\n330000, 浙江省 \r\n\r\n 330100,杭州市".encode(),
    ],
)
def test_a_table_is_loaded_from_lines(data: str | bytes) -> None:
    table = DivisionTable.from_csv(data)
    assert dict(table.names) == {"330000": "浙江省", "330100": "杭州市"}


@pytest.mark.parametrize(
    ("data", "rule", "row"),
    [
        ("330000\n", "table_row", "1"),
        ("330000,\n", "table_row", "1"),
        ("330000,浙江省\n33010,杭州市\n", "table_row", "2"),
        ("330000,浙江省\n杭州市,330100\n", "table_row", "2"),
        ("code,name\n330000,浙江省\n330000,浙江\n", "table_duplicate", "2"),
        ('330000,"浙江省\n', "table_row", "0"),
        (b"330000,\xff\xfe\n", "table_row", "0"),
        ("\x00\x1b[2J,name that is far too long to show\n", "table_row", "1"),
        ("9" * 500 + ",x\n", "table_row", "1"),
    ],
)
def test_a_broken_row_is_named(data: str | bytes, rule: str, row: str) -> None:
    with pytest.raises(ParseError) as caught:
        DivisionTable.from_csv(data)
    assert (caught.value.code, caught.value.where) == (f"egov.codes.{rule}", row)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


def test_a_table_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_ROWS", 4)
    with pytest.raises(LimitExceeded):
        DivisionTable.from_rows(ROWS)
    monkeypatch.setattr(room, "_MOST_BYTES", 10)
    with pytest.raises(LimitExceeded):
        DivisionTable.from_csv("330000,浙江省\n")


def test_a_table_does_not_change() -> None:
    with pytest.raises(TypeError):
        TABLE.names["1"] = "x"  # type: ignore[index]  # that it cannot be written is the point


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)))
def test_any_file_is_a_table_or_refused(data: str | bytes) -> None:
    table = DivisionTable.from_rows(())
    with contextlib.suppress(InputError):
        table = DivisionTable.from_csv(data)
    assert all(check_division_code(code).ok for code in table)


@settings(deadline=None)
@given(st.from_regex(r"[1-8][0-9]{5}", fullmatch=True))
def test_every_code_of_the_structure_has_its_facts(text: str) -> None:
    division = DivisionCode.parse(text)
    assert division.province.contains(division) or division.level == "nation"
    parent = division.parent
    assert parent is None or (parent.contains(division) and parent != division)
