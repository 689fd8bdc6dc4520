"""Many values as one parameter: arrays of PostgreSQL in its binary form, which it takes without reading a text."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

if TYPE_CHECKING:
    from sqlalchemy import Dialect

__all__ = ["Array", "speak_binary"]

_NOTHING: Final = struct.pack(">i", -1)
_HEAD: Final = struct.Struct(">iiiii")
_EMPTY: Final = struct.Struct(">iii")
_NUMBER: Final = struct.Struct(">iq")


class _Packed(bytes):
    """The octets of an array, and the numbers under which PostgreSQL knows its elements and itself (pg_type)."""

    element: int
    array: int


class _Numbers(_Packed):
    element, array = 20, 1016


class _Texts(_Packed):
    element, array = 25, 1009


class _Octets(_Packed):
    element, array = 17, 1001


def _number(value: Any) -> bytes:
    try:
        return _NUMBER.pack(8, value)
    except struct.error as error:
        raise ValueError(str(error)) from None


def _octets(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def _text(value: str) -> bytes:
    return _octets(value.encode())


#: By the type of a column: what an array of it is, and how one value is written.
_KINDS: Final[Mapping[type[TypeEngine[Any]], tuple[type[_Packed], Callable[[Any], bytes]]]] = {
    BigInteger: (_Numbers, _number),
    Text: (_Texts, _text),
    LargeBinary: (_Octets, _octets),
}


class Array(UserDefinedType[Sequence[object]]):
    """Values of one column's type: numbers, times, texts or octets.

    Source:
        PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv.
    """

    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        self.of = of

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], bytes]:
        """Makes one parameter of the values."""
        of, plain = self.of, None
        if isinstance(of, TypeDecorator):
            of, plain = of.impl_instance, of.dialect_impl(dialect).bind_processor(dialect)
        kind, written = _KINDS[type(of)]

        def one(value: Any) -> bytes:
            return _NOTHING if value is None else written(plain(value) if plain is not None else value)

        def packed(values: Sequence[Any]) -> bytes:
            count = len(values)
            if not count:
                return kind(_EMPTY.pack(0, 0, kind.element))
            alike = values.count(values[0]) == count
            body = one(values[0]) * count if alike else b"".join(map(one, values))
            return kind(_HEAD.pack(1, None in values, kind.element, count, 1) + body)

        return packed


def speak_binary(connection: Any) -> None:
    """Have a connection of the driver send what Array makes, and ask for results as they lie in the database."""
    from psycopg import Cursor, pq
    from psycopg.adapt import Dumper

    class Binary(Cursor[Any]):
        """In text every octet would come as two, and be read again."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.format = pq.Format.BINARY

    connection.cursor_factory = Binary

    for kind, _ in _KINDS.values():

        class Sent(Dumper):
            oid, format = kind.array, pq.Format.BINARY

            def dump(self, obj: bytes) -> bytes:
                return obj

        connection.adapters.register_dumper(kind, Sent)
