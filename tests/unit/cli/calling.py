"""Call ``egov`` in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer.testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from egov_sdk.cli import app
from tests.programs import egov as program

__all__ = ["Egov", "Ran", "invoke", "run_alone"]

# all commands are built once, and not anew at every call
typer.testing._get_command = cache(get_command)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a call ended with and wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


def invoke(*arguments: object, input: str | None = None) -> Result:  # noqa: A002 - the name is given
    """What typer's runner tells of a call in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)


class Egov:
    """Calls the application as a person would."""

    def __call__(self, *arguments: object) -> Ran:
        result = invoke(*arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)


def run_alone(*arguments: object, folder: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Call it in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "EGOV_DEBUG"))}
    done = subprocess.run(
        program(*arguments), cwd=folder, env={**clean, "LANG": "C.UTF-8", **(env or {})}, capture_output=True,
        text=True, encoding="utf-8", timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)
