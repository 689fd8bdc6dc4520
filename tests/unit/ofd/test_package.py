"""Opening a package: where it may come from, what it holds, and the limits. Hostile ones are in tests/hostile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd import open_ofd
from tests.hostile.packages import genuine
from tests.hostile.zipforge import STORE, Entry, bomb, forge
from tests.unit.ofd.samples import package_of, parts_of


def test_a_package_opens_from_bytes_and_from_a_path(tmp_path: Path) -> None:
    data = genuine()
    path = tmp_path / "a.ofd"
    path.write_bytes(data)
    for source in (data, bytearray(data), memoryview(data), path, str(path)):
        package = open_ofd(source)
        assert package.archive == data
        assert "OFD.xml" in package.names


@pytest.mark.parametrize("source", [None, 7, ["a.ofd"]])
def test_anything_else_is_the_callers_mistake(source: object) -> None:
    with pytest.raises(TypeError, match="bytes or a path"):
        open_ofd(source)  # type: ignore[arg-type]  # the mistake under test


def test_a_path_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_ofd(tmp_path / "absent.ofd")


def test_names_are_files_in_the_order_of_their_data() -> None:
    package = open_ofd(forge([Entry("b/", method=STORE), Entry("b/x", b"1"), Entry("a", b"22", method=STORE)]))
    assert package.names == ("b/x", "a")
    assert "a" in package
    assert "b/" not in package
    assert "/a" not in package
    assert 7 not in package
    assert package.read("a") == b"22"
    assert [(e.name, e.size, e.compressed) for e in package.entries] == [("b/x", 1, True), ("a", 2, False)]


def test_an_entry_that_is_not_there_is_named() -> None:
    with pytest.raises(ParseError) as caught:
        package_of(parts_of()).read("Doc_0/absent.xml")
    assert caught.value.code == "egov.ofd.package.entry_missing"
    assert caught.value.where == "Doc_0/absent.xml"


def test_the_text_form_tells_sizes_and_no_content() -> None:
    package = package_of({"a": b"secret"})
    assert repr(package) == f"<OfdPackage of 1 entries, {len(package.archive)} bytes>"


def test_a_name_in_other_letter_case_is_offered_and_not_opened() -> None:
    package = package_of({"DOC_0/Res/a.PNG": b""})
    assert package.similar("Doc_0/res/A.png") == "DOC_0/Res/a.PNG"
    assert package.similar("b") is None
    assert "Doc_0/res/A.png" not in package


def test_what_was_forgotten_is_read_anew() -> None:
    package = open_ofd(genuine())
    before = package.documents
    assert package.documents is before
    package.forget()
    assert package.documents is not before
    assert package.documents == before


def test_a_value_is_made_once() -> None:
    package = package_of({"a": b""})
    made: list[int] = []
    assert [package.memo("k", lambda: made.append(1) or len(made)) for _ in range(3)] == [1, 1, 1]  # type: ignore[func-returns-value]  # append gives None on purpose
    assert package.memo("other", lambda: 2) == 2


def test_documents_are_read_once() -> None:
    package = package_of(parts_of())
    assert package.documents is package.documents


def test_a_file_that_is_too_large_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "big.ofd"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # sparse: takes no room
    with pytest.raises(LimitExceeded) as caught:
        open_ofd(path, limits=OfdLimits(file_bytes=1 << 20))
    assert (caught.value.limit, caught.value.allowed) == ("file_bytes", 1 << 20)
    with pytest.raises(LimitExceeded):
        open_ofd(genuine(), limits=OfdLimits(file_bytes=100))


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (OfdLimits(entries=1), "entries"),
        (OfdLimits(entry_bytes=9), "entry_bytes"),
        (OfdLimits(total_bytes=9), "total_bytes"),
        (OfdLimits(name_bytes=3), "name_bytes"),
        (OfdLimits(ratio=2, ratio_from_bytes=999), "ratio"),
    ],
)
def test_limits_are_those_given(limits: OfdLimits, limit: str) -> None:
    data = forge([Entry("abcd", b"0123456789"), Entry("b" * 3, bytes(1000))])
    with pytest.raises(LimitExceeded) as caught:
        open_ofd(data, limits=limits)
    assert caught.value.limit == limit
    assert limit in caught.value.hint


def test_a_known_large_file_opens_with_larger_limits() -> None:
    data = forge([bomb("zeros", 30 << 20)])
    with pytest.raises(LimitExceeded):
        open_ofd(data)
    package = open_ofd(data, limits=OfdLimits(ratio=5000))
    assert package.read("zeros") == bytes(30 << 20)


def test_opening_leaves_no_trace_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    package = open_ofd(genuine())
    assert package.documents[0].reachable()
    assert os.listdir(tmp_path) == []
