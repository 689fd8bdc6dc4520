from __future__ import annotations

import threading
from pathlib import Path

import pytest

from egov_sdk.crypto import (
    InvalidSignature,
    Signer,
    SM2PrivateKey,
    SM2PublicKey,
    load_private_key,
    open_signer,
    register_key_scheme,
    sign_message,
)
from egov_sdk.crypto import signer as module
from egov_sdk.crypto.signer import Secret, key_schemes
from egov_sdk.errors import InputError, KeyAccessError

KEY = SM2PrivateKey.from_int(4242)


class Device:
    """A signer that is not a key of ours, as a token or a remote service is."""

    def public_key(self) -> SM2PublicKey:
        return KEY.public_key()

    def sign_digest(self, digest: bytes) -> bytes:
        return KEY.sign_digest(digest)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "部门 key.pem"
    path.write_bytes(KEY.to_pem())
    return path


@pytest.fixture
def locked_file(tmp_path: Path) -> Path:
    path = tmp_path / "locked.pem"
    path.write_bytes(KEY.to_pem("secret"))
    return path


@pytest.mark.parametrize("signer", [KEY, Device()], ids=["key", "device"])
def test_any_signer_signs_messages(signer: Signer) -> None:
    assert isinstance(signer, Signer)
    signature = sign_message(signer, b"message", signer_id=b"A")
    KEY.public_key().verify(signature, b"message", signer_id=b"A")
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(signature, b"message")
    KEY.public_key().verify(sign_message(signer, memoryview(b"m")), b"m")


def test_a_file_is_opened_by_path_and_by_uri(key_file: Path) -> None:
    quoted = str(key_file).replace(" ", "%20")
    for uri in (f"file:{key_file}", f"file:{quoted}", f"file://{quoted}", f"FILE:{key_file}"):
        assert open_signer(uri).public_key() == KEY.public_key()


def test_a_relative_path_is_opened(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(key_file.parent)
    assert open_signer(f"file:{key_file.name}").public_key() == KEY.public_key()


def test_the_password_is_asked_for_only_when_it_is_needed(key_file: Path, locked_file: Path) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("asked")
        return "secret"

    open_signer(f"file:{key_file}", secret=ask)
    assert asked == []
    assert open_signer(f"file:{locked_file}", secret=ask).public_key() == KEY.public_key()
    assert asked == ["asked"]


def test_without_anyone_to_ask_the_error_says_so(locked_file: Path) -> None:
    with pytest.raises(KeyAccessError) as caught:
        open_signer(f"file:{locked_file}")
    assert caught.value.code == "egov.key.password_needed"


def test_a_wrong_password_is_a_wrong_password(locked_file: Path) -> None:
    with pytest.raises(KeyAccessError) as caught:
        open_signer(f"file:{locked_file}", secret=lambda: b"wrong")
    assert caught.value.code == "egov.key.wrong_password"


@pytest.mark.parametrize("name", ["absent.pem", "", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyAccessError) as caught:
        open_signer(f"file:{tmp_path}/{name}")
    assert caught.value.code == "egov.key.unreadable"
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_holds_no_key_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"hello")
    with pytest.raises(InputError):
        open_signer(f"file:{tmp_path}/x")
    (tmp_path / "x").write_bytes(bytes(1 << 20))
    with pytest.raises(InputError):
        open_signer(f"file:{tmp_path}/x")


@pytest.mark.parametrize("uri", ["", "key.pem", "/etc/key.pem", "unknown:x", ":x", "pkcs11"])
def test_an_unknown_scheme_names_the_known_ones(uri: str) -> None:
    with pytest.raises(ValueError, match="file:"):
        open_signer(uri)


def test_schemes_may_be_taught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_openers", dict(module._openers))
    seen: list[tuple[str, Secret | None]] = []

    def opener(rest: str, secret: Secret | None) -> Signer:
        seen.append((rest, secret))
        return Device()

    register_key_scheme("X-Device+1.0", opener)
    assert open_signer("x-device+1.0:slot=1:2").public_key() == KEY.public_key()
    assert seen == [("slot=1:2", None)]
    assert key_schemes() == ("file", "x-device+1.0")


@pytest.mark.parametrize("scheme", ["", "1x", "a b", "a:b", "ä", "-a", "a_b", "²a"])
def test_what_is_no_scheme_is_not_registered(scheme: str) -> None:
    with pytest.raises(ValueError, match="not a URI scheme"):
        register_key_scheme(scheme, lambda rest, secret: Device())
    assert key_schemes() == ("file",)


def test_one_key_signs_in_many_threads() -> None:
    key = load_private_key(KEY.to_der())
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(5):
                message = str(number).encode()
                key.public_key().verify(key.sign(message), message)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
