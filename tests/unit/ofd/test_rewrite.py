"""Writing packages, and putting files in place whole or not at all."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.ofd import open_ofd, write_ofd
from tests.hostile.packages import ODD, genuine
from tests.hostile.zipforge import STORE, Entry, forge


def _contents(data: bytes) -> dict[str, bytes]:
    """Read by Python's own reader, not by ours."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_other_entries_keep_their_bytes_their_order_and_their_compressed_form() -> None:
    package = open_ofd(genuine())
    before = _contents(package.archive)
    changed = package.rewrite({"Doc_0/Document.xml": b"<new/>", "Doc_0/Signs/Signatures.xml": b"s" * 500})
    after = _contents(changed)
    assert list(after) == [*before, "Doc_0/Signs/Signatures.xml"]
    assert after == before | {"Doc_0/Document.xml": b"<new/>", "Doc_0/Signs/Signatures.xml": b"s" * 500}
    packed = {entry.name: entry.packed_bytes for entry in open_ofd(changed).entries}
    for entry in package.entries:
        if entry.name != "Doc_0/Document.xml":
            assert packed[entry.name] == entry.packed_bytes


def test_the_same_changes_give_the_same_bytes() -> None:
    package = open_ofd(genuine())
    changes = {"a": b"1" * 99, "b": b""}
    assert package.rewrite(changes) == package.rewrite(changes)
    assert package.rewrite({}) == genuine()


@pytest.mark.parametrize("name", sorted(ODD))
def test_an_odd_package_becomes_a_plain_one(name: str) -> None:
    package = open_ofd(ODD[name][0]())
    plain = package.rewrite({})
    assert _contents(plain) == {entry: package.read(entry) for entry in package.names}
    again = open_ofd(plain)
    assert again.notes == ()
    assert again.rewrite({}) == plain


def test_short_and_random_content_is_stored_and_empty_content_too() -> None:
    noise = os.urandom(64)
    written = open_ofd(open_ofd(genuine()).rewrite({"noise": noise, "empty": b"", "zeros": bytes(1000)}))
    compressed = {entry.name: entry.compressed for entry in written.entries}
    assert (compressed["noise"], compressed["empty"], compressed["zeros"]) == (False, False, True)
    assert written.read("noise") == noise


def test_an_empty_entry_marked_as_compressed_is_written_as_stored() -> None:
    data = forge([Entry("a", b"", raw=b""), Entry("b", b"x", method=STORE)])
    assert _contents(open_ofd(data).rewrite({})) == {"a": b"", "b": b"x"}


@pytest.mark.parametrize(
    "name", ["", "/a", "../a", "a//b", "a\\b", "a/", "C:a", "a\nb", "ofd.xml", "OFD.xml/a", "Doc_0"]
)
def test_a_name_that_no_package_may_hold_is_the_callers_mistake(name: str) -> None:
    with pytest.raises(ValueError, match=r"entry|name|differs|folder"):
        open_ofd(genuine()).rewrite({name: b"x"})


@given(
    st.dictionaries(st.from_regex(r"[a-c]{1,2}(/[d-f]{1,2})?\.x", fullmatch=True), st.binary(max_size=80), max_size=6)
)
def test_whatever_is_written_is_read_back(changes: dict[str, bytes]) -> None:
    package = open_ofd(genuine())
    again = open_ofd(package.rewrite(changes))
    for name in again.names:
        assert again.read(name) == changes.get(name, package.read(name) if name in package else None)
    assert set(again.names) == {*package.names, *changes}


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "sealed.ofd"
    write_ofd(path, b"first")
    write_ofd(path, b"second")
    assert path.read_bytes() == b"second"
