"""The script that guards a change is sound itself, and does what the README promises."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.house.tree import ROOT

SCRIPT = ROOT / ".ci" / "run"
TEXT = SCRIPT.read_text("utf-8")


def test_the_script_can_be_run_and_stops_at_the_first_error() -> None:
    assert os.access(SCRIPT, os.X_OK)
    assert TEXT.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in TEXT


def test_the_script_is_well_formed() -> None:
    if (bash := shutil.which("bash")) is None:
        pytest.skip("bash is not on this machine")
    subprocess.run([bash, "-n", str(SCRIPT)], check=True, timeout=30)


@pytest.mark.parametrize(
    "step",
    [
        "ruff check",
        "ruff format --check",
        "bin/mypy",
        "EGOV_CRYPTO_BACKEND=pure",
        "mkdocs build --strict",
        'egov" demo',
    ],
)
def test_no_step_was_dropped(step: str) -> None:
    assert step in TEXT


def test_the_set_up_lines_come_from_the_readme_and_not_from_the_script() -> None:
    assert "pip install -e" not in TEXT
    assert "README.md" in TEXT
