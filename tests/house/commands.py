"""The commands of ``egov``, as the application itself lists them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

from egov_sdk.report import Lang

__all__ = ["CommandLike", "ParameterLike", "commands"]


class ParameterLike(Protocol):
    """What the docs need to know of an option or an argument."""

    name: str | None
    opts: Sequence[str]
    secondary_opts: Sequence[str]
    metavar: str | None
    param_type_name: str
    required: bool
    is_flag: bool
    multiple: bool


class CommandLike(Protocol):
    """What the docs need to know of a command; a group of commands has ``commands`` as well."""

    help: str | None
    hidden: bool
    params: Sequence[ParameterLike]


def _walk(prefix: str, command: CommandLike) -> Iterator[tuple[str, CommandLike]]:
    inner = cast("Mapping[str, CommandLike] | None", getattr(command, "commands", None))
    if inner is None:
        yield prefix, command
        return
    for name, one in inner.items():
        if not one.hidden:
            yield from _walk(f"{prefix} {name}", one)


def commands(lang: Lang = "en") -> tuple[tuple[str, CommandLike], ...]:
    """Every command that can be run, spelt as a person types it, with its words in one language."""
    import typer.main

    command = typer.main.get_command(importlib.import_module("egov_sdk.cli").app)
    if lang == "zh":
        importlib.import_module("egov_sdk.cli._help").say_in_chinese(command)
    return tuple(_walk("egov", cast("CommandLike", command)))
