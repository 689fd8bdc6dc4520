"""What the package needs at run time goes into the wheel, and what it does not stays out."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path

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


def test_each_extra_that_an_error_can_name_exists() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    assert {"cli", "platform", "pdf", "cluster", "dev", "all"} <= extras.keys()
