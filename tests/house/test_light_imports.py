"""Importing a room loads what the room needs, and nothing that takes long and may never be used."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

_PEOPLE = frozenset({"typer", "click", "rich"})
_NETWORK = frozenset({"httpx", "requests", "aiohttp", "urllib3", "asyncio", "uritools"})
_PICTURES = frozenset({"PIL", "numpy", "matplotlib"})
_PDF = frozenset({"pyhanko", "pyhanko_certvalidator", "asn1crypto", "oscrypto"})
_MODELS = frozenset({"pydantic", "sqlalchemy"})
_XML = frozenset({"lxml"})
_SECOND_OPINIONS = frozenset({"gmssl", "Cryptodome", "ctypes"})
_TOKENS = frozenset({"joserfc"})
_SHEETS = frozenset({"openpyxl"})
_EVERYTHING = _PEOPLE | _NETWORK | _PICTURES | _PDF | _MODELS | _XML | _SECOND_OPINIONS | _TOKENS | _SHEETS

#: What must still be unloaded after importing a module.
UNLOADED: dict[str, frozenset[str]] = {
    "egov_sdk": _EVERYTHING | {"cryptography", "egov_sdk.crypto", "egov_sdk.door"},
    "egov_sdk.errors": _EVERYTHING | {"cryptography"},
    "egov_sdk.report": _EVERYTHING | {"cryptography"},
    "egov_sdk.limits": _EVERYTHING | {"cryptography"},
    "egov_sdk.times": _EVERYTHING | {"cryptography"},
    "egov_sdk.frozen": _EVERYTHING - _MODELS | {"cryptography"},
    "egov_sdk.caches": _EVERYTHING | {"cryptography"},
    "egov_sdk.parallel": _EVERYTHING | {"cryptography", "distributed", "multiprocessing.pool"},
    "egov_sdk.crypto": _EVERYTHING,
    "egov_sdk.crypto.jose": _EVERYTHING,
    "egov_sdk.codes": _EVERYTHING | {"cryptography"},
    "egov_sdk.pki": _EVERYTHING,
    "egov_sdk.ofd": _EVERYTHING - _XML,
    "egov_sdk.gateway": _EVERYTHING,
    "egov_sdk.storage": _EVERYTHING | {"cryptography"},
    "egov_sdk.sheets": _EVERYTHING | {"cryptography"},
    "egov_sdk.identity": _EVERYTHING - _MODELS,
    "egov_sdk.seal": _EVERYTHING - _XML - _MODELS,
    "egov_sdk.testing.plugin": _EVERYTHING | {"cryptography", "starlette", "uvicorn", "egov_sdk.crypto"},
    "egov_sdk.cli": _EVERYTHING - _PEOPLE,
}

#: What must still be unloaded after a program's first lines.
BEGINNINGS: dict[str, tuple[str, frozenset[str]]] = {
    "connect('local:')": (
        "import egov_sdk; egov_sdk.connect('local:.').close()",
        _EVERYTHING | {"cryptography", "egov_sdk.crypto", "egov_sdk.storage"},
    ),
    "connect('https://…')": (
        "import egov_sdk; egov_sdk.connect('https://platform.example').close()",
        _EVERYTHING - _NETWORK - _PEOPLE | {"egov_sdk.storage", "egov_sdk.license"},  # httpx has a command of its own
    ),
    "egov --help": (
        "import sys; sys.argv[:] = ['egov', '--help']\n"
        "from egov_sdk.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code",
        _EVERYTHING - _PEOPLE | {"cryptography", "egov_sdk.crypto", "egov_sdk.storage", "egov_sdk.platform"},
    ),
}

_ASK = "\nimport sys; print(*sorted(set({names!r}) & sys.modules.keys()), file=sys.stderr)"


def loaded(code: str, names: frozenset[str], *, folder: Path | None = None) -> set[str]:
    """Which of the names a fresh interpreter has loaded after some lines."""
    command = [sys.executable, "-c", code + _ASK.format(names=sorted(names))]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=folder)
    return set(told.stderr.split())


@pytest.mark.parametrize("module", UNLOADED)
def test_a_room_loads_only_what_it_needs(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not in the tree yet")
    assert loaded(f"import {module}", UNLOADED[module]) == set()


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_program_begins_with_what_it_needs(beginning: str, tmp_path: Path) -> None:
    code, unloaded = BEGINNINGS[beginning]
    assert loaded(code, unloaded, folder=tmp_path) == set()


def test_the_question_sees_what_was_loaded() -> None:
    assert loaded("import json.decoder", frozenset({"json", "lxml"})) == {"json"}
