"""The face of the room."""

from __future__ import annotations

import subprocess
import sys

import pytest

import egov_sdk.ofd
from egov_sdk.ofd.builder import OfdBuilder


def test_every_name_is_there() -> None:
    for name in egov_sdk.ofd.__all__:
        assert getattr(egov_sdk.ofd, name) is not None
    assert egov_sdk.ofd.OfdBuilder is OfdBuilder
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = egov_sdk.ofd.nonsense  # type: ignore[attr-defined]  # the mistake under test


def test_readers_do_not_load_the_builder() -> None:
    asked = "import sys, egov_sdk.ofd; sys.exit('egov_sdk.ofd.builder' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
