"""What arguments stand for."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from egov_sdk.cli import _inputs as inputs
from egov_sdk.cli._problems import FileProblem, UsageError
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import KeyAccessError, LimitExceeded


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("2026-03-01", False, "2026-03-01T00:00:00+08:00"),
        ("2026-03-01", True, "2026-03-01T23:59:59+08:00"),
        ("20260301", True, "2026-03-01T23:59:59+08:00"),
        ("2026-03-01T12:00:00", True, "2026-03-01T12:00:00+08:00"),
        ("2026-03-01T12:00:00Z", False, "2026-03-01T12:00:00+00:00"),
        ("2026-03-01T12:00:00-05:00", False, "2026-03-01T12:00:00-05:00"),
    ],
)
def test_a_time_without_a_zone_is_beijing_time(text: str, end: bool, expected: str) -> None:
    assert inputs.parse_time(text, end_of_day=end).isoformat() == expected


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "2026-02-30", "12:00", "1767225600"])
def test_what_is_no_time_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time") as caught:
        inputs.parse_time(text)
    assert "2026-03-01" in caught.value.hint


def test_now_has_a_zone_and_whole_seconds() -> None:
    moment = inputs.now()
    assert moment.utcoffset() is not None
    assert moment.microsecond == 0
    assert abs((inputs.time_or_now(None) - datetime.now(UTC)).total_seconds()) < 5


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert inputs.read_file(path, max_bytes=5) == b"12345"
    with pytest.raises(LimitExceeded):
        inputs.read_file(path, max_bytes=4)
    with pytest.raises(FileProblem) as caught:
        inputs.read_file(tmp_path / "none")
    assert not caught.value.device


@pytest.mark.parametrize("text", ["", "1", "1,2", "1,2,3,4", "a,b,c", "1,,3"])
def test_numbers_must_be_as_many_as_asked(text: str) -> None:
    with pytest.raises(UsageError, match="should be A,B,C"):
        inputs.split_numbers(text, names="ABC")
    assert inputs.split_numbers("1, 2.5,-3", names="ABC") == [1, 2.5, -3]


@pytest.mark.parametrize("force", [False, True])
def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, force: bool) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for write in (inputs.write_private, inputs.write_result):
        with pytest.raises(FileProblem) as caught:
            write(tmp_path / "out", b"content", force=force)
        assert caught.value.device
        assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "I/O error")))
    for write in (inputs.write_private, inputs.write_result):
        with pytest.raises(FileProblem):
            write(path, b"new", force=True)
        assert path.read_bytes() == b"old"
        assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"somebody else's")
    monkeypatch.setattr(inputs, "refuse_existing", lambda *_, **__: None)
    for write in (inputs.write_private, inputs.write_result):
        with pytest.raises(UsageError, match="exists already"):
            write(path, b"mine", force=False)
        assert path.read_bytes() == b"somebody else's"


def test_keys_open_by_path_and_by_uri(tmp_path: Path) -> None:
    path = tmp_path / "a key%20?.pem"
    key = SM2PrivateKey.generate()
    path.write_bytes(key.to_pem())
    assert inputs.open_key(str(path)).public_key() == key.public_key()
    quoted = str(path).replace("%", "%25").replace("?", "%3F").replace(" ", "%20")
    assert inputs.open_key(f"file:{quoted}").public_key() == key.public_key()


@pytest.mark.parametrize("name", ["nowhere.pem", "pkcs11:token=x", "C:\\key.pem", ""])
def test_a_key_that_is_nowhere_is_wrong_usage(name: str) -> None:
    with pytest.raises(FileProblem, match="no such key file"):
        inputs.open_key(name)


def test_nobody_is_asked_where_nobody_is(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(SM2PrivateKey.generate().to_pem("secret"))
    with pytest.raises(KeyAccessError) as caught:
        inputs.open_key(str(path))
    assert caught.value.code == "egov.key.password_needed"
    assert "--password-env" in caught.value.hint


class _Somebody:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "expected"), [(["one", "one"], "one"), (["one", "two"], None), (["", ""], None)])
def test_a_new_password_is_typed_twice(monkeypatch: pytest.MonkeyPatch, typed: list[str], expected: str | None) -> None:
    monkeypatch.setattr("sys.stdin", _Somebody())
    answers = iter(typed)
    monkeypatch.setattr(inputs, "getpass", lambda _: next(answers))
    if expected is not None:
        assert inputs.new_password(None, without=False) == expected
        return
    with pytest.raises(UsageError):
        inputs.new_password(None, without=False)


def test_revocation_lists_come_as_der_or_pem(tmp_path: Path) -> None:
    from egov_sdk.crypto.pem import write_pem

    (tmp_path / "der").write_bytes(b"\x30\x00")
    (tmp_path / "pem").write_bytes(write_pem("X509 CRL", b"\x30\x01") + write_pem("X509 CRL", b"\x30\x02"))
    found = inputs.read_revocations([tmp_path / "der", tmp_path / "pem"])
    assert found == (b"\x30\x00", b"\x30\x01", b"\x30\x02")
