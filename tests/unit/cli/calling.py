"""Call ``egov`` in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from egov_sdk.cli import app

__all__ = ["Egov", "Ran", "run_alone"]


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


class Egov:
    """Calls the application as a person would."""

    def __call__(self, *arguments: object) -> Ran:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)


def run_alone(*arguments: object, folder: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Call it in a process of its own."""
    command = [sys.executable, "-c", "from egov_sdk.cli import main; main()", *map(str, arguments)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "EGOV_DEBUG"))}
    done = subprocess.run(
        command, cwd=folder, env={**clean, "LANG": "C.UTF-8", **(env or {})}, capture_output=True, text=True,
        encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)
