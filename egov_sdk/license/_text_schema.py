"""How a value that has one text stands in models: given as itself or as text, and dumped as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from egov_sdk.errors import ParseError

if TYPE_CHECKING:
    from pydantic_core import CoreSchema


def text_schema(kind: type, parse: Callable[[str], object]) -> CoreSchema:
    """The schema of a class whose ``str`` is its text and whose ``parse`` reads it."""
    from pydantic_core import core_schema

    def read(text: str) -> object:
        try:
            return parse(text)
        except ParseError as error:
            raise ValueError(error.message) from error

    from_text = core_schema.no_info_after_validator_function(read, core_schema.str_schema())
    return core_schema.json_or_python_schema(
        json_schema=from_text,
        python_schema=core_schema.union_schema([core_schema.is_instance_schema(kind), from_text]),
        serialization=core_schema.to_string_ser_schema(when_used="always"),
    )
