"""The constants of the native SM4 are those that the script derives."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from tests.interop_data import interop

ROOT = Path(__file__).resolve().parents[2]


def derivation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("derive_sm4", ROOT / "tools" / "derive_sm4.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_header_is_what_the_script_writes() -> None:
    header = ROOT / "egov_sdk" / "crypto" / "_native" / "sm4_constants.h"
    assert header.read_text("utf-8") == derivation().header()


def test_the_derived_s_box_is_the_one_of_the_standard() -> None:
    import json

    constants = json.loads(interop("sm-vectors", "sm4.json").read_bytes())["constants"]
    assert bytes(derivation().sbox()).hex() == constants["sbox"]
