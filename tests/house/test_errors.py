"""Every error has a stable code of its own, and every code is explained in both languages."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from egov_sdk.errors import EgovError
from tests.house.error_codes import CODE, class_codes, problems, table_codes, used_codes
from tests.house.tree import ROOT, modules


def _raised() -> list[type[EgovError]]:
    """Every error class of the package, the root first."""
    for module in modules():
        importlib.import_module(module.name)
    found, todo = [], [EgovError]
    while todo:
        found.append(todo[0])
        todo = todo[1:] + todo[0].__subclasses__()
    return [error for error in dict.fromkeys(found) if error.__module__.startswith("egov_sdk.")]


def test_every_error_class_has_a_code_of_its_own() -> None:
    raised = _raised()
    assert [error.__qualname__ for error in raised if "code" not in vars(error)] == []
    codes = [error.code for error in raised]
    assert sorted(codes) == sorted(set(codes))


def test_every_error_class_says_who_should_do_what() -> None:
    assert [error.__qualname__ for error in _raised() if not vars(error).get("__doc__")] == []


def test_codes_are_written_out_well_shaped_and_unique() -> None:
    assert problems() == []


def test_the_source_holds_the_codes_that_the_classes_have() -> None:
    assert {error.code for error in _raised()} == {use.code for use in class_codes()}
    assert {use.code for use in class_codes()} <= {use.code for use in used_codes()}


def _documented(lang: str) -> set[str]:
    page = (ROOT / "docs" / lang / "errors.md").read_text("utf-8")
    return {code for code in re.findall(r"`([^`\s]+)`", page) if CODE.fullmatch(code)}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_docs_explain_every_code_and_no_other(lang: str) -> None:
    where = {use.code: use.at for use in (*used_codes(), *table_codes())}
    documented = _documented(lang)
    assert {code: at for code, at in where.items() if code not in documented} == {}
    assert documented - where.keys() == set()


PLANTED = {
    "a code put together": ("raise ParseError('x', code=f'egov.{room}.bad')", "put", 0),
    "a code added up": ("raise ParseError('x', code='egov.' + room)", "put", 0),
    "a misshapen code": ("raise ParseError('x', code='egov.Bad-One')", "misshapen", 0),
    "a misshapen class code": ("class A(ParseError):\n    code = 'egov'", "misshapen", 0),
    "one code for two classes": (
        "class A(ParseError):\n    code = 'egov.a'\nclass B(ParseError):\n    code: str = 'egov.a'",
        "B has the code egov.a of A",
        2,
    ),
}


def test_codes_of_a_table_are_found_with_the_name_of_their_room(tmp_path: Path) -> None:
    source = """
PROBLEMS: Mapping[str, Text] = MappingProxyType({"path.outside": Text("", ""), "xml.root": Text("", "")})
NOTES = {"package.prefix": Text("", "")}
OTHER = {"not.a.code": 1}
def refuse(problem):
    raise ParseError("x", code=f"egov.ofd.{problem}")
"""
    room = tmp_path / "egov_sdk" / "ofd"
    room.mkdir(parents=True)
    (room / "problems.py").write_text(source, "utf-8")
    codes = {use.code for use in table_codes(tmp_path / "egov_sdk")}
    assert codes == {"egov.ofd.path.outside", "egov.ofd.xml.root", "egov.ofd.package.prefix"}
    assert problems(tmp_path / "egov_sdk") == []
    (room / "other.py").write_text("raise ParseError('x', code=f'egov.ofd.{problem}')", "utf-8")
    assert len(problems(tmp_path / "egov_sdk")) == 1


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_mistake_is_found(tmp_path: Path, case: str) -> None:
    source, expected, uses = PLANTED[case]
    (tmp_path / "a.py").write_text(source, "utf-8")
    found = problems(tmp_path)
    assert any(expected in problem for problem in found), found
    assert len(used_codes(tmp_path)) == uses


def test_codes_are_found_wherever_they_are_written(tmp_path: Path) -> None:
    source = '''
"""egov.not.this_docstring"""
TABLE = {"x": "egov.table.code"}
class A(EgovError):
    """egov.nor.this"""
    code = "egov.a.class_code"
def f(bad):
    g("egov.a.positional", code="egov.a.yes" if bad else "egov.a.no")
    log = "the words egov.in.a sentence"
    start_span("GET", {"egov.a.span_attribute": "x"})
'''
    (tmp_path / "a.py").write_text(source, "utf-8")
    assert {use.code for use in used_codes(tmp_path)} == {
        "egov.table.code",
        "egov.a.class_code",
        "egov.a.positional",
        "egov.a.yes",
        "egov.a.no",
    }
    assert problems(tmp_path) == []
