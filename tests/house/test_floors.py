"""A floor imports only from the floors below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.floors import FLOOR, library_problems, problems
from tests.house.tree import PACKAGE, modules

FORBIDDEN = {
    "upward": ("crypto/a.py", "import egov_sdk.pki", "imports pki, floor 1 from floor 2"),
    "upward, one level down": ("crypto/a.py", "from egov_sdk.pki.cms import parse", "imports pki"),
    "upward, renamed": ("pki/a.py", "import egov_sdk.seal.verify as v", "imports seal"),
    "upward, the room as a name": ("pki/a.py", "from egov_sdk import seal", "imports seal"),
    "inside a function": ("crypto/a.py", "def f():\n    from egov_sdk.cli import main", "imports cli"),
    "under TYPE_CHECKING": (
        "errors.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from egov_sdk.crypto import SM3",
        "imports crypto, floor 0 from floor 1",
    ),
    "in a try": ("crypto/a.py", "try:\n    import egov_sdk.pki\nexcept ImportError:\n    pass", "imports pki"),
    "relative, two dots": ("crypto/a.py", "from ..pki import cms", "imports pki"),
    "relative, the room as a name": ("crypto/a.py", "from .. import pki", "imports pki"),
    "relative, from the room's face": ("crypto/__init__.py", "from ..seal import verify", "imports seal"),
    "relative, three dots": ("seal/_gbt/a.py", "from ...license import issue", "imports license"),
    "relative, on the ground floor": ("errors.py", "from .crypto import SM3", "imports crypto"),
    "by name": ("crypto/a.py", "from importlib import import_module\nimport_module('egov_sdk.seal')", "imports seal"),
    "by relative name": (
        "crypto/a.py",
        "import importlib\nimportlib.import_module('..seal', __package__)",
        "imports seal",
    ),
    "by a computed name": ("crypto/a.py", "__import__('egov_sdk.' + room)", "not written out"),
    "by a name computed within a room": (
        "crypto/a.py",
        "from importlib import import_module\nimport_module(f'egov_sdk.seal.{name}')",
        "imports seal",
    ),
    "by a name whose room is computed": ("crypto/a.py", "__import__(f'egov_sdk.{room}')", "not written out"),
    "sideways": ("pki/a.py", "from egov_sdk.ofd import open_ofd", "imports ofd, sideways on floor 2"),
    "sideways, relative": ("seal/a.py", "from ..identity import model", "imports identity, sideways"),
    "sideways, between services": ("exchange/node/a.py", "import egov_sdk.seal", "imports seal, sideways"),
    "another room's private module": ("pki/a.py", "from egov_sdk.crypto._pure import mul", "private to crypto"),
    "another room's private name": ("pki/a.py", "from egov_sdk.crypto.sm2 import _mul", "private to crypto"),
    "a room nobody knows": ("pki/a.py", "import egov_sdk.helpers", "imports helpers, a room that no floor has"),
    "a folder nobody knows": ("helpers/__init__.py", "", "helpers is a room that no floor has"),
    "a module nobody knows": ("_common.py", "", "_common is a room that no floor has"),
    "through the package": (
        "seal/a.py",
        "import egov_sdk\negov_sdk.connect('x')",
        "imports door, floor 3 from floor 5",
    ),
    "through the package, renamed": ("seal/a.py", "import egov_sdk as e\ne.license.issue()", "imports license"),
    "through another room's import": (
        "pki/a.py",
        "import egov_sdk.errors\negov_sdk.ofd.open_ofd",
        "imports ofd, sideways",
    ),
    "the package as a value": ("seal/a.py", "import egov_sdk\ngetattr(egov_sdk, name)", "imports door"),
    "the whole package, starred": ("seal/a.py", "from egov_sdk import *", "imports door"),
    "the face, past the door": ("__init__.py", "from egov_sdk.crypto import SM3", "the package's face imports only"),
}

ALLOWED = {
    "downward": (
        "seal/a.py",
        "from egov_sdk.pki import cms\nfrom egov_sdk.ofd import open_ofd\nimport egov_sdk.errors",
    ),
    "downward, relative": ("seal/_gbt/a.py", "from ...crypto import sm3\nfrom ... import errors"),
    "within the room": ("seal/a.py", "from egov_sdk.seal._gbt import tbs\nfrom . import b\nfrom ._gbt import c"),
    "within the room, by name": (
        "seal/a.py",
        "import importlib\nimportlib.import_module(f'egov_sdk.seal._gbt.{name}')",
    ),
    "within the room, from its face": ("seal/__init__.py", "from .verify import verify\nfrom ._gbt.a import x"),
    "the ground floor within itself": ("report.py", "from egov_sdk.errors import EgovError"),
    "the version": ("pki/a.py", "from egov_sdk import __version__\nfrom .. import __version__ as v"),
    "the face and the door": ("__init__.py", "def connect():\n    from egov_sdk.door import connect as real"),
    "the version, through the package": ("pki/a.py", "import egov_sdk\nprint(egov_sdk.__version__, egov_sdk.errors)"),
    "other packages": ("crypto/a.py", "import os, egov_sdk_extra\nfrom cryptography import x509"),
}


def plant(folder: Path, name: str, source: str) -> Path:
    path = folder / "egov_sdk" / name
    path.parent.mkdir(parents=True)
    path.write_text(source, "utf-8")
    return folder / "egov_sdk"


@pytest.mark.parametrize("case", FORBIDDEN)
def test_a_planted_forbidden_import_is_found(tmp_path: Path, case: str) -> None:
    name, source, expected = FORBIDDEN[case]
    found = problems(plant(tmp_path, name, source))
    assert len(found) == 1, found
    assert expected in found[0]


@pytest.mark.parametrize("case", ALLOWED)
def test_a_planted_allowed_import_is_left_alone(tmp_path: Path, case: str) -> None:
    name, source = ALLOWED[case]
    assert problems(plant(tmp_path, name, source)) == []


def test_every_forbidden_import_in_one_line_is_found(tmp_path: Path) -> None:
    found = problems(plant(tmp_path, "crypto/a.py", "from egov_sdk import pki, seal, errors"))
    assert [problem.split("imports ")[1].split(",")[0] for problem in found] == ["pki", "seal"]


def test_no_room_of_the_package_imports_from_its_own_floor_or_above() -> None:
    assert problems() == []


def test_the_walk_sees_the_whole_package() -> None:
    seen = {module.path for module in modules()}
    assert seen == set(PACKAGE.rglob("*.py"))
    assert {"errors", "report", "limits"} <= {module.room for module in modules()} - {""} <= FLOOR.keys()


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import httpx", 1),
        ("def f():\n    from lxml import etree", 1),
        ("from typer import Typer", 1),
        ("import os", 0),
    ],
)
def test_a_library_outside_its_home_is_found(tmp_path: Path, source: str, count: int) -> None:
    assert len(library_problems(plant(tmp_path, "crypto/a.py", source))) == count


def test_every_library_stays_in_its_home() -> None:
    assert library_problems() == []
