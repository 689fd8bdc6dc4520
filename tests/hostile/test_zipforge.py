"""The forger itself: without lies its archives are ordinary, and a lie is where it was asked for."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.hostile.zipforge import STORE, Entry, bomb, entries_of, forge, symlink


def _read(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_an_archive_without_lies_is_read_by_another_reader() -> None:
    archive = forge(
        [Entry("a.txt", b"abc" * 99), Entry("b", b"stored", method=STORE), Entry("附件", b"x", descriptor=b"")],
        comment=b"hello",
    )
    assert _read(archive) == {"a.txt": b"abc" * 99, "b": b"stored", "附件": b"x"}


def test_a_64_bit_end_record_without_lies_is_read_by_another_reader() -> None:
    told = {"count": 0xFFFF, "here": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
    assert _read(forge([Entry("a", b"1")], zip64_end={}, end=told)) == {"a": b"1"}


def test_a_hidden_entry_is_in_the_bytes_and_not_in_the_directory() -> None:
    archive = forge([Entry("a", b"1"), Entry("hidden", b"2", hidden=True)])
    assert list(_read(archive)) == ["a"]
    assert archive.count(b"PK\x03\x04") == 2
    assert archive.count(b"PK\x01\x02") == 1


def test_a_lie_about_the_checksum_is_found_by_another_reader() -> None:
    archive = forge([Entry("a", b"1", central={"crc": 7}, local={"crc": 7})])
    with zipfile.ZipFile(io.BytesIO(archive)) as opened, pytest.raises(zipfile.BadZipFile, match="CRC"):
        opened.read("a")


def test_a_bomb_is_small_and_its_numbers_are_true() -> None:
    archive = forge([bomb("zeros", 5 << 20)])
    assert len(archive) < 10_000
    assert _read(archive)["zeros"] == bytes(5 << 20)


def test_a_link_bears_the_mode_of_a_link() -> None:
    with zipfile.ZipFile(io.BytesIO(forge([symlink("a", "/etc/passwd")]))) as opened:
        assert opened.infolist()[0].external_attr >> 16 == 0o120777


def test_entries_of_an_archive_make_the_same_archive_again() -> None:
    archive = forge([Entry("a", b"1" * 50), Entry("b", b"2", method=STORE), Entry("c/", b"", method=STORE)])
    assert _read(forge(entries_of(archive))) == {"a": b"1" * 50, "b": b"2"}
