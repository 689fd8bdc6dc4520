"""The base of the words that cross an edge."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Frozen"]


class Frozen(BaseModel):
    """A value that nobody changes and that has no member besides its own; octets are base64 in JSON.

    What it says of a mistake does not show what was given, which may be a person's.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", hide_input_in_errors=True
    )
