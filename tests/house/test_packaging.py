"""What the package needs at run time goes into the wheel, and what it does not stays out."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from pathlib import Path

from egov_sdk.cli._doctor import _PARTS
from tests.house.tree import PACKAGE, ROOT

MANIFEST = (ROOT / "MANIFEST.in").read_text("utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


#: beside Python: what is compiled, and what compiling makes
COMPILED = {".c", ".h", ".so", ".pyd"}


def _packed(path: Path) -> bool:
    """Whether a data file is named for its package in pyproject.toml, or is a type stub that MANIFEST.in names."""
    if path.suffix == ".pyi":
        return f"recursive-include {path.parent.relative_to(ROOT).as_posix()} *.c *.h *.pyi" in MANIFEST
    table: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]
    for folder in path.relative_to(ROOT).parents:
        patterns = table.get(".".join(folder.parts), [])
        if any(fnmatch.fnmatch(str(path.relative_to(ROOT / folder)), pattern) for pattern in patterns):
            return True
    return False


def test_every_data_file_of_the_package_is_packed() -> None:
    data = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc", *COMPILED}]
    assert PACKAGE / "py.typed" in data
    assert [str(path.relative_to(ROOT)) for path in data if not _packed(path)] == []


def test_every_folder_of_sources_is_a_package() -> None:
    for top in (PACKAGE, ROOT / "tests"):
        folders = {path.parent for path in top.rglob("*.py")}
        assert [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_version_is_told_once() -> None:
    import egov_sdk

    assert PROJECT["project"]["version"] == egov_sdk.__version__


EXTRAS = PROJECT["project"]["optional-dependencies"]
PARTS = EXTRAS.keys() - {"all", "docs", "dev"}


def test_each_extra_that_an_error_names_exists() -> None:
    named = {
        extra
        for path in (ROOT / "egov_sdk").rglob("*.py")
        for extra in re.findall(r"""(?:MissingExtra\(\s*"|egov-sdk\[)([a-z]+)""", path.read_text("utf-8"))
    }
    assert len(named) > 3
    assert named <= PARTS


def test_the_optional_parts_are_all_told_by_doctor_and_together_everything() -> None:
    assert _PARTS.keys() == PARTS
    assert EXTRAS["all"] == [f"egov-sdk[{','.join(one for one in EXTRAS if one in PARTS)}]"]


def test_each_optional_part_is_used_somewhere() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "egov_sdk").rglob("*.py") if path.name != "_doctor.py"]
    used = {part for part, module in _PARTS.items() if any(re.search(rf"\b{module}\b", one) for one in sources)}
    assert used == PARTS
