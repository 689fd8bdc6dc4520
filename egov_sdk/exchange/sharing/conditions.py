"""Which rows (行级条件): a small language of comparisons that is data. Nothing in it is ever run or put into SQL text.

What cannot be compared, such as a number with a text or with nothing, is neither true nor false, and stays so under
``not``, as in SQL: a row is given only where the condition is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from egov_sdk.storage.sql import ColumnElement

__all__ = [
    "MOST_DEPTH", "MOST_PARTS", "AllOf", "AnyOf", "Compare", "Condition", "FieldName", "IsMissing", "Not", "OneOf",
    "Record", "Scalar", "StartsWith", "both", "fields_of", "matches", "sql_condition",
]  # fmt: skip

#: A value of a record.
Scalar: TypeAlias = str | int | float | bool | Decimal | date | datetime | None
#: A record: values by the names of the items of information.
Record: TypeAlias = Mapping[str, Scalar]

MOST_DEPTH: Final = 8
MOST_PARTS: Final = 200
_WHOLE: Final = (1 << 53) - 1


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a control character")
    return text


#: The name of an item of information.
FieldName = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]
_Value = (
    Annotated[str, Field(max_length=512), AfterValidator(_printable)]
    | Annotated[int, Field(ge=-_WHOLE, le=_WHOLE)]
    | bool
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Compare(_Part):
    """A field and a value. Dates are texts such as ``2026-06-01``; texts are compared character by character."""

    kind: Literal["compare"] = "compare"
    field: FieldName
    operator: Literal["eq", "ne", "lt", "le", "gt", "ge"]
    value: _Value


class OneOf(_Part):
    """A field that has one of these values."""

    kind: Literal["one_of"] = "one_of"
    field: FieldName
    values: Annotated[tuple[_Value, ...], Field(min_length=1, max_length=MOST_PARTS)]


class StartsWith(_Part):
    """A field whose text begins so, such as the code of a district with that of its city."""

    kind: Literal["starts_with"] = "starts_with"
    field: FieldName
    prefix: Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_printable)]


class IsMissing(_Part):
    """A field that has no value."""

    kind: Literal["is_missing"] = "is_missing"
    field: FieldName


class AllOf(_Part):
    """All of these hold."""

    kind: Literal["all_of"] = "all_of"
    parts: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=MOST_PARTS)]


class AnyOf(_Part):
    """One of these holds at least."""

    kind: Literal["any_of"] = "any_of"
    parts: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=MOST_PARTS)]


class Not(_Part):
    """This does not hold."""

    kind: Literal["not"] = "not"
    part: Condition


_Condition: TypeAlias = Compare | OneOf | StartsWith | IsMissing | AllOf | AnyOf | Not


def _bounded(condition: _Condition) -> _Condition:
    if sum(1 for _ in _walk(condition, 1)) > MOST_PARTS:
        raise ValueError(f"a condition has at most {MOST_PARTS} parts")
    return condition


#: Any condition.
Condition: TypeAlias = Annotated[_Condition, Field(discriminator="kind"), AfterValidator(_bounded)]

for _model in (AllOf, AnyOf, Not):
    _model.model_rebuild()


def _walk(condition: _Condition, depth: int) -> Iterator[_Condition]:
    if depth > MOST_DEPTH:
        raise ValueError(f"a condition is at most {MOST_DEPTH} deep")
    yield condition
    inner: tuple[_Condition, ...] = ()
    if isinstance(condition, (AllOf, AnyOf)):
        inner = condition.parts
    elif isinstance(condition, Not):
        inner = (condition.part,)
    for part in inner:
        yield from _walk(part, depth + 1)


def fields_of(condition: _Condition | None) -> frozenset[str]:
    """The fields that a condition looks at."""
    if condition is None:
        return frozenset()
    # what was joined by ``both`` may be a little deeper than what anybody may send
    return frozenset(part.field for part in _walk(condition, -MOST_DEPTH) if not isinstance(part, (AllOf, AnyOf, Not)))


def both(*conditions: _Condition | None) -> _Condition | None:
    """The condition that all of these hold; None where there is none."""
    given = tuple(one for one in conditions if one is not None)
    if len(given) < 2:
        return given[0] if given else None
    return AllOf.model_construct(kind="all_of", parts=given)


_OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {"eq": eq, "ne": ne, "lt": lt, "le": le, "gt": gt, "ge": ge}


def matches(condition: _Condition | None, record: Record) -> bool:
    """Whether a record is one of the rows: True alone counts."""
    return condition is None or _truth(condition, record) is True


def _truth(condition: _Condition, record: Record) -> bool | None:
    if isinstance(condition, (AllOf, AnyOf)):
        return _joined([_truth(part, record) for part in condition.parts], decisive=isinstance(condition, AnyOf))
    if isinstance(condition, Not):
        inner = _truth(condition.part, record)
        return None if inner is None else not inner
    value = record.get(condition.field)
    if isinstance(condition, IsMissing):
        return value is None
    if isinstance(condition, StartsWith):
        return value.startswith(condition.prefix) if isinstance(value, str) else None
    if isinstance(condition, OneOf):
        return _joined([_compared("eq", value, one) for one in condition.values], decisive=True)
    return _compared(condition.operator, value, condition.value)


def _joined(truths: list[bool | None], *, decisive: bool) -> bool | None:
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def _compared(operator: str, value: Scalar, wanted: str | int | bool) -> bool | None:
    """Compare alike with alike only: text with text, number with number, truth with truth, time by its text."""
    if isinstance(value, (date, datetime)):
        value = value.isoformat()
    if isinstance(value, bool) or isinstance(wanted, bool):
        alike = isinstance(value, bool) and isinstance(wanted, bool) and operator in ("eq", "ne")
    elif isinstance(wanted, str):
        alike = isinstance(value, str)
    else:
        alike = isinstance(value, (int, float, Decimal)) and value == value
    return bool(_OPERATORS[operator](value, wanted)) if alike else None


def sql_condition(condition: _Condition, columns: Mapping[str, ColumnElement[object]]) -> ColumnElement[bool]:
    """The same for a database: values become parameters, fields become the columns that are given for them.

    For the rows that a source fetches; what is fetched is looked at again with ``matches``.

    Raises:
        KeyError: a field has no column here.
    """
    from egov_sdk.storage.sql import and_, func, or_

    if isinstance(condition, AllOf):
        return and_(*(sql_condition(part, columns) for part in condition.parts))
    if isinstance(condition, AnyOf):
        return or_(*(sql_condition(part, columns) for part in condition.parts))
    if isinstance(condition, Not):
        return ~sql_condition(condition.part, columns)
    column = columns[condition.field]
    if isinstance(condition, IsMissing):
        return column.is_(None)
    if isinstance(condition, StartsWith):
        # not LIKE, for which SQLite takes capitals and small letters for the same
        return func.substr(column, 1, len(condition.prefix)) == condition.prefix
    if isinstance(condition, OneOf):
        return column.in_(condition.values)
    compared: ColumnElement[bool] = _OPERATORS[condition.operator](column, condition.value)
    return compared
