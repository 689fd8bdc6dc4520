"""ST_Loc: relative to the folder of the file, never out of the package."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import ParseError
from egov_sdk.ofd.paths import folder_of, is_absolute, resolve, resolve_folder


@pytest.mark.parametrize(
    ("loc", "base_dir", "expected"),
    [
        ("/Doc_0/Document.xml", "Doc_0/Signs", "Doc_0/Document.xml"),
        ("Sign_0/Signature.xml", "Doc_0/Signs", "Doc_0/Signs/Sign_0/Signature.xml"),
        ("SignedValue.dat", "Doc_0/Signs/Sign_0", "Doc_0/Signs/Sign_0/SignedValue.dat"),
        ("./a.xml", "Doc_0", "Doc_0/a.xml"),
        ("../../OFD.xml", "Doc_0/Signs", "OFD.xml"),
        ("/Doc_0/../Doc_1/a.xml", "", "Doc_1/a.xml"),
        ("/Doc_0//a.xml", "", "Doc_0/a.xml"),
        ("  /a.xml\n", "Doc_0", "a.xml"),
        ("a.xml", "", "a.xml"),
        ("附件/一.xml", "Doc_0", "Doc_0/附件/一.xml"),
    ],
)
def test_a_path_is_resolved_against_the_folder_of_its_file(loc: str, base_dir: str, expected: str) -> None:
    assert resolve(loc, base_dir=base_dir) == expected


@pytest.mark.parametrize(
    ("loc", "code"),
    [
        ("", "path.empty"),
        (" \n", "path.empty"),
        ("/../a", "path.outside"),
        ("a/../../../b", "path.outside"),
        ("../../etc/passwd", "path.outside"),
        ("/", "path.folder"),
        (".", "path.folder"),
        ("..", "path.folder"),
        ("a/", "path.folder"),
        ("a/.", "path.folder"),
        ("a/b/..", "path.folder"),
        ("Signs\\a.xml", "path.malformed"),
        ("C:/a.xml", "path.malformed"),
        ("http://example.com/a.xml", "path.malformed"),
        ("file:a", "path.malformed"),
        ("a\0b", "path.malformed"),
        ("a\tb", "path.malformed"),
        ("a\u202eb", "path.malformed"),
    ],
)
def test_a_path_that_is_no_place_in_the_package_is_refused(loc: str, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        resolve(loc, base_dir="Doc_0", where="Doc_0/x.xml")
    assert caught.value.code == f"egov.ofd.{code}"
    assert caught.value.where == "Doc_0/x.xml"


@pytest.mark.parametrize(
    ("loc", "expected"),
    [("Res", "Doc_0/Res"), ("Res/", "Doc_0/Res"), ("/", ""), ("./", "Doc_0"), (".", "Doc_0"), ("..", "")],
)
def test_a_folder_may_be_the_root_and_end_in_a_slash(loc: str, expected: str) -> None:
    assert resolve_folder(loc, base_dir="Doc_0") == expected


def test_a_folder_outside_is_refused() -> None:
    with pytest.raises(ParseError) as caught:
        resolve_folder("../..", base_dir="Doc_0")
    assert caught.value.code == "egov.ofd.path.outside"


def test_only_a_leading_slash_makes_a_path_absolute() -> None:
    assert is_absolute(" /a")
    assert not is_absolute("a/b")


def test_the_folder_of_a_file_at_the_root_is_empty() -> None:
    assert folder_of("OFD.xml") == ""
    assert folder_of("Doc_0/Signs/Signatures.xml") == "Doc_0/Signs"


@given(st.text(alphabet="ab./ \\:\n", max_size=20), st.sampled_from(["", "x", "x/y"]))
def test_whatever_is_resolved_is_a_plain_name_inside_the_package(loc: str, base_dir: str) -> None:
    try:
        name = resolve(loc, base_dir=base_dir)
    except ParseError:
        return
    parts = name.split("/")
    assert all(part not in ("", ".", "..") for part in parts)
    assert resolve(f"/{name}", base_dir="anywhere") == name
