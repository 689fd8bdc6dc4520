"""The command ``egov``: what a person does at a shell. Its public face is the command line itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from egov_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from typer import Typer

    app: Typer

__all__ = ["app", "main"]


def main() -> None:
    """Run ``egov`` with the arguments of this process, and exit with its code."""
    try:
        from egov_sdk.cli._app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("typer", "rich"):
            raise
        missing = MissingExtra("cli", needed_for="the command egov")
        print(f"egov: {missing.message}\n  {missing.hint}", file=sys.stderr)
        raise SystemExit(2) from None
    run()


def __getattr__(name: str) -> object:
    if name == "app":
        from egov_sdk.cli._app import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
