"""The folders that samples of the docs start in: which files lie there, and what made them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["WORLDS", "World", "egov"]


@dataclass(frozen=True, slots=True)
class World:
    """A starting folder: what builds it, and the modules that must be there to build it or to run its samples."""

    build: Callable[[Path], None]
    needs: tuple[str, ...] = ()


def egov(arguments: list[str]) -> tuple[int, str]:
    """Run the command line in this process and answer its exit code and what it wrote."""
    from typer.testing import CliRunner

    result = CliRunner().invoke(importlib.import_module("egov_sdk.cli").app, arguments)
    return result.exit_code, result.output


def _empty(folder: Path) -> None:
    """Nothing."""
    assert not any(folder.iterdir())


WORLDS = {
    "empty": World(_empty),
}
