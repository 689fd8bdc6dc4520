"""The base of the words that cross an edge, and what is wrong with what is no such word."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["Frozen", "Misfit", "first_misfit"]


class Frozen(BaseModel):
    """A value that nobody changes and that has no member besides its own; octets are base64 in JSON.

    What it says of a mistake does not show what was given, which may be a person's.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True
    )


class Misfit(NamedTuple):
    """One thing that a model refused, without the value that was given.

    Attributes:
        place: The member, with dots between the levels; empty for the whole.
        kind: Which mistake it is, by pydantic's name.
        text: What is wrong, in English.
    """

    place: str
    kind: str
    text: str


def first_misfit(error: ValidationError) -> Misfit:
    """The first of the things that a model refused."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return Misfit(".".join(map(str, first["loc"])), first["type"], first["msg"])
