"""Row conditions: what they choose, that a database chooses the same, and that they are never more than data."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from egov_sdk.exchange.sharing.conditions import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    IsMissing,
    Not,
    OneOf,
    Record,
    Scalar,
    StartsWith,
    both,
    fields_of,
    matches,
    sql_condition,
)
from egov_sdk.storage import open_store
from egov_sdk.storage.sql import BigInteger, Column, MetaData, Table, Text, insert, select

READER: TypeAdapter[Any] = TypeAdapter(Condition)
ROW: Record = {"a": "x", "n": 5, "d": date(2026, 6, 1), "m": Decimal("1.50"), "t": True, "z": None}


def compare(field: str, operator: Any, value: Any) -> Compare:
    return Compare(field=field, operator=operator, value=value)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (compare("a", "eq", "x"), True),
        (compare("a", "ne", "x"), False),
        (compare("n", "ge", 5), True),
        (compare("m", "gt", 1), True),
        (compare("d", "lt", "2026-06-02"), True),
        (compare("t", "eq", True), True),
        (OneOf(field="n", values=(4, 5)), True),
        (StartsWith(field="a", prefix="x"), True),
        (IsMissing(field="z"), True),
        (IsMissing(field="nowhere"), True),
        # alike is compared with alike, and what cannot be compared stays neither under "not"
        (compare("n", "eq", "5"), False),
        (Not(part=compare("n", "eq", "5")), False),
        (Not(part=compare("z", "eq", "x")), False),
        (compare("t", "eq", 1), False),
        (compare("n", "eq", True), False),
        (compare("t", "ge", True), False),
        (StartsWith(field="n", prefix="5"), False),
        (Not(part=StartsWith(field="n", prefix="6")), False),
        (AnyOf(parts=(compare("z", "eq", "x"), compare("a", "eq", "x"))), True),
        (AllOf(parts=(compare("z", "eq", "x"), compare("a", "eq", "x"))), False),
        (Not(part=AllOf(parts=(compare("z", "eq", "x"), compare("a", "eq", "y")))), True),
        (Not(part=OneOf(field="z", values=("q",))), False),
    ],
    ids=str,
)
def test_a_row_is_chosen_only_where_the_condition_is_true(condition: Any, expected: bool) -> None:
    assert matches(condition, ROW) is expected


def test_what_is_not_a_number_is_equal_to_nothing() -> None:
    assert not matches(Not(part=compare("n", "eq", 1)), {"n": float("nan")})


def test_conditions_are_joined_and_tell_their_fields() -> None:
    joined = both(None, compare("a", "eq", "x"), None, Not(part=IsMissing(field="n")))
    assert fields_of(joined) == {"a", "n"}
    assert matches(joined, ROW)
    assert both(None, None) is None
    assert matches(None, ROW)
    assert fields_of(None) == frozenset()


_LEAVES = st.one_of(
    st.builds(
        compare,
        st.sampled_from(["a", "n"]),
        st.sampled_from(["eq", "ne"]),
        st.sampled_from(["x", "X", "' OR 1=1 --", "%", "", "中"]),
    ),
    st.builds(compare, st.just("n"), st.sampled_from(["lt", "le", "gt", "ge", "eq", "ne"]), st.integers(-3, 3)),
    st.builds(StartsWith, field=st.just("a"), prefix=st.sampled_from(["x", "X", "%", "_", "' OR"])),
    st.builds(IsMissing, field=st.sampled_from(["a", "n"])),
    st.builds(OneOf, field=st.just("n"), values=st.tuples(st.integers(-3, 3), st.integers(-3, 3))),
)
_CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(AllOf, parts=st.tuples(inner, inner)),
        st.builds(AnyOf, parts=st.tuples(inner, inner)),
        st.builds(Not, part=inner),
    ),
    max_leaves=6,
)
_ROWS: list[dict[str, Scalar]] = [
    {"a": a, "n": n} for a in ("x", "X1", "' OR 1=1 --", "%", None) for n in (-1, 0, 2, None)
]
_TABLE = Table("rows", MetaData(), Column("id", BigInteger), Column("a", Text), Column("n", BigInteger))


def _same_type(condition: Any) -> bool:
    """Whether texts are compared with the column of texts alone: SQLite compares what Python here does not."""
    if isinstance(condition, (AllOf, AnyOf)):
        return all(map(_same_type, condition.parts))
    if isinstance(condition, Not):
        return _same_type(condition.part)
    return not (isinstance(condition, Compare) and condition.field == "n" and isinstance(condition.value, str))


@given(_CONDITIONS.filter(_same_type))
def test_a_database_chooses_the_same_rows(condition: Any) -> None:
    with open_store("sqlite://") as store:
        with store.write() as connection:
            connection.exec_driver_sql("CREATE TABLE rows (id INTEGER, a TEXT, n BIGINT)")
            connection.execute(insert(_TABLE), [{"id": place, **row} for place, row in enumerate(_ROWS)])
        columns: dict[str, Any] = {"a": _TABLE.c.a, "n": _TABLE.c.n}
        with store.read() as connection:
            found = set(connection.execute(select(_TABLE.c.id).where(sql_condition(condition, columns))).scalars())
    assert found == {place for place, row in enumerate(_ROWS) if matches(condition, row)}


@given(_CONDITIONS)
def test_a_condition_is_read_back_as_it_was_written(condition: Any) -> None:
    assert READER.validate_json(condition.model_dump_json()) == condition


@pytest.mark.parametrize("text", ["'; DROP TABLE rows; --", '" OR ""="', "a); DELETE FROM rows; --", "\\'; --"])
def test_no_text_of_a_condition_gets_into_the_sql(text: str) -> None:
    columns: dict[str, Any] = {"a": _TABLE.c.a}
    conditions = (compare("a", "eq", text), OneOf(field="a", values=(text,)), StartsWith(field="a", prefix=text))
    for condition in conditions:
        statement = str(select(_TABLE).where(sql_condition(condition, columns)))
        assert text not in statement
        assert sqlite3.complete_statement(statement + ";")
    with pytest.raises(KeyError):
        sql_condition(compare(text, "eq", "x"), columns)


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"kind": "is_missing", "field": "a"}
    for _ in range(levels):
        value = {"kind": "not", "part": value}
    return value


BAD: dict[str, Any] = {
    "no kind": {"field": "a"},
    "an unknown kind": {"kind": "eval", "field": "a"},
    "an unknown operator": {"kind": "compare", "field": "a", "operator": "like", "value": "x"},
    "python for an operator": {"kind": "compare", "field": "a", "operator": "__import__", "value": "x"},
    "an unknown member": {"kind": "is_missing", "field": "a", "sql": "1=1"},
    "a field with a control": {"kind": "is_missing", "field": "a\x00b"},
    "no field": {"kind": "is_missing", "field": ""},
    "a value that is a list": {"kind": "compare", "field": "a", "operator": "eq", "value": ["x"]},
    "a value that is an object": {"kind": "compare", "field": "a", "operator": "eq", "value": {"$gt": ""}},
    "a value that is nothing": {"kind": "compare", "field": "a", "operator": "eq", "value": None},
    "a fraction": {"kind": "compare", "field": "a", "operator": "eq", "value": 1.5},
    "no values": {"kind": "one_of", "field": "a", "values": []},
    "too many values": {"kind": "one_of", "field": "a", "values": ["x"] * 201},
    "no parts": {"kind": "all_of", "parts": []},
    "too deep": deep(9),
    "too many parts": {"kind": "all_of", "parts": [{"kind": "is_missing", "field": "a"}] * 200},
    "an empty prefix": {"kind": "starts_with", "field": "a", "prefix": ""},
    "a text": "a = 1",
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_condition_is_refused(case: str) -> None:
    with pytest.raises((ValidationError, ValueError)):
        READER.validate_json(json.dumps(BAD[case]))


def test_the_deepest_condition_is_read() -> None:
    assert matches(READER.validate_json(json.dumps(deep(6))), {})


def test_a_mistake_says_nothing_of_what_is_searched_for() -> None:
    with pytest.raises(ValidationError) as caught:
        Compare(field="证件号码", operator="?", value="11010519491231002X" + "\n")  # type: ignore[arg-type]  # as a slip
    assert "11010519491231002X" not in str(caught.value)
