"""The commands of ``egov``, as the application itself lists them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Protocol, cast

__all__ = ["CommandLike", "commands"]


class CommandLike(Protocol):
    """What the docs need to know of a command; a group of commands has ``commands`` as well."""

    help: str | None
    hidden: bool


def _walk(prefix: str, command: CommandLike) -> Iterator[tuple[str, CommandLike]]:
    inner = cast("Mapping[str, CommandLike] | None", getattr(command, "commands", None))
    if inner is None:
        yield prefix, command
        return
    for name, one in inner.items():
        if not one.hidden:
            yield from _walk(f"{prefix} {name}", one)


def commands() -> tuple[tuple[str, CommandLike], ...]:
    """Every command that can be run, spelt as a person types it."""
    import typer.main

    application = importlib.import_module("egov_sdk.cli").app
    return tuple(_walk("egov", cast("CommandLike", typer.main.get_command(application))))
