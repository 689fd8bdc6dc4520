"""Where the interop files are: real and peer-made data that is never copied into this project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


def interop(*parts: str) -> Path:
    """The path of an interop file; skips the test, and says why, when the folder is not there."""
    folder = Path(os.environ.get("EGOV_INTEROP") or _ROOT.parent / "shared" / "interop")
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(
            f"interop data {'/'.join(parts)} not found; set EGOV_INTEROP to its folder", allow_module_level=True
        )
    return path
