"""What stands in a desk file; apart from the commands, since models take long to load."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from egov_sdk.frozen import Frozen

__all__ = ["DeskFile", "Elsewhere", "Here", "SourceFile"]


class SourceFile(Frozen):
    """Records in a JSON file: a list of objects."""

    file: str
    key: Annotated[tuple[str, ...], Field(min_length=1)]


class Elsewhere(Frozen):
    """A platform that is reached over HTTP; ``party`` is its code, which is signed with every step."""

    url: str
    party: str
    prefix: str = ""


class Here(Frozen):
    """The platform itself: its database, its own key, and whose certificates are whose."""

    database: str
    party: str
    key: str
    certificate: str
    trust: Annotated[tuple[str, ...], Field(min_length=1)]
    parties: dict[str, str]
    secret: str
    calendar: str = ""
    sources: dict[str, SourceFile] = Field(default_factory=dict)


class DeskFile(Frozen):
    """The whole file; paths in it begin at its folder."""

    party: str = ""
    key: str = ""
    certificate: str = ""
    platform: Elsewhere | Here
