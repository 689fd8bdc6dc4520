"""The writer of archives, and what it does not write."""

from __future__ import annotations

import io
import zipfile

import pytest

from egov_sdk.ofd import _zipwrite
from egov_sdk.ofd._zipread import DEFLATED, STORED
from egov_sdk.ofd._zipwrite import PackedEntry, pack, write_archive
from tests.world import seeded


def test_an_archive_is_read_by_another_reader_and_bears_no_date() -> None:
    data = write_archive([pack("a.xml", b"a" * 500), pack("附件.bin", b"b")])
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert [(i.filename, i.compress_type, i.flag_bits, i.date_time[0]) for i in opened.infolist()] == [
            ("a.xml", 8, 0, 1980), ("附件.bin", 0, 0x800, 1980),
        ]  # fmt: skip
        assert opened.read("附件.bin") == b"b"


def test_what_does_not_shrink_is_stored_whatever_it_begins_like() -> None:
    noise = seeded("noise")(20_000)
    made = [pack(name, content) for name, content in (("a", noise), ("b", b"<?xml " + noise), ("c", noise[:64]))]
    assert [entry.method for entry in made] == [STORED] * 3
    assert pack("d", b"<?xml " + b"word " * 4_000).method == DEFLATED


def test_a_name_given_twice_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="twice"):
        write_archive([pack("a", b"1"), pack("a", b"2")])


def test_what_32_bits_cannot_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_zipwrite, "_MAX_ENTRIES", 1)
    with pytest.raises(ValueError, match="at most 1 entries"):
        write_archive([pack("a", b""), pack("b", b"")])
    monkeypatch.setattr(_zipwrite, "_MAX_BYTES", 100)
    with pytest.raises(ValueError, match="4 GB"):
        write_archive([PackedEntry("a", 0, 0, 200, bytes(200))])
