from __future__ import annotations

import ctypes
import importlib
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from egov_sdk.crypto import available_backends, backend, set_backend
from egov_sdk.crypto._backend import gmssl, libcrypto, select
from egov_sdk.crypto._backend.interface import BackendUnavailable
from egov_sdk.errors import ConfigError


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(select.ENVIRONMENT, raising=False)
    monkeypatch.setattr(select, "_loaded", dict(select._loaded))
    set_backend(None)
    yield
    set_backend(None)


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make these backends unavailable."""
    real = importlib.import_module

    def refuse(name: str, package: str | None = None) -> object:
        if name.rsplit(".", 1)[-1] in names:
            raise ImportError(f"no {name}")
        return real(name, package)

    for name in names:
        select._loaded.pop(name, None)
    monkeypatch.setattr(importlib, "import_module", refuse)


def test_plain_python_is_always_there() -> None:
    set_backend("pure")
    assert backend() == "pure"
    statuses = {status.name: status for status in available_backends()}
    assert statuses["pure"].available
    assert not statuses["pure"].constant_time
    assert list(statuses) == ["native", "pure", "libcrypto", "gmssl"]


def test_every_backend_is_there_or_says_why_not() -> None:
    for status in available_backends():
        assert status.available == (status.reason == "")
        assert status.available or not status.constant_time


def test_the_automatic_choice_is_the_kernel_or_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    native = next(status for status in available_backends() if status.name == "native")
    assert backend() == ("native" if native.available else "pure")
    without(monkeypatch, "native")
    set_backend(None)
    assert backend() == "pure"
    reason = next(status.reason for status in available_backends() if status.name == "native")
    assert "not built" in reason


def test_the_environment_may_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(select.ENVIRONMENT, "pure")
    assert backend() == "pure"


@pytest.mark.parametrize("name", ["openssl", "PURE", "../pure"])
def test_a_name_in_the_environment_that_is_none_is_a_setting_to_correct(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(select.ENVIRONMENT, name)
    with pytest.raises(ConfigError) as caught:
        backend()
    assert caught.value.code == "egov.config.crypto_backend"
    assert caught.value.detail == {"setting": "EGOV_CRYPTO_BACKEND", "value": name}
    assert "environment variable EGOV_CRYPTO_BACKEND" in str(caught.value)


def test_what_is_not_there_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "gmssl")
    with pytest.raises(ConfigError, match="not built"):
        set_backend("gmssl")
    with pytest.raises(ValueError, match="there are native, pure, libcrypto, gmssl"):
        set_backend("openssl")
    assert backend() in ("native", "pure")


def test_a_kernel_of_another_version_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def stale(name: str, package: str | None = None) -> object:
        return SimpleNamespace() if name.endswith("_backend.native") else real(name, package)

    select._loaded.pop("native", None)
    monkeypatch.setattr(importlib, "import_module", stale)
    with pytest.raises(BackendUnavailable, match="another version"):
        select.load("native")


def test_gmssl_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "sm2")
    with pytest.raises(BackendUnavailable, match="not installed"):
        gmssl.load()


# libcrypto


class Function:
    """A stand-in for a C function."""

    def __init__(self, result: int) -> None:
        self.result = result

    def __call__(self, *arguments: object) -> int:
        return self.result


def library(**results: int) -> object:
    functions = {name: Function(results.get(name, 1)) for name in libcrypto._FUNCTIONS}
    return SimpleNamespace(**functions)


def test_a_system_without_libcrypto_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", absent)
    with pytest.raises(BackendUnavailable, match="none of libcrypto"):
        libcrypto.load()


def test_a_libcrypto_that_lacks_a_function_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(OBJ_txt2nid=Function(1)))
    with pytest.raises(BackendUnavailable, match="EC_GROUP_new_by_curve_name"):
        libcrypto.load()


def test_a_libcrypto_without_sm2_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library(EC_GROUP_new_by_curve_name=0))
    with pytest.raises(BackendUnavailable, match="without SM2"):
        libcrypto.load()


def test_a_libcrypto_with_another_curve_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library(EC_POINT_point2oct=65))
    with pytest.raises(BackendUnavailable, match="another SM2 curve"):
        libcrypto.load()


def test_a_libcrypto_that_fails_is_not_taken_for_an_answer() -> None:
    broken = libcrypto.LibcryptoBackend(library(EC_POINT_mul=0), 1)  # type: ignore[arg-type]  # a stand-in
    with pytest.raises(RuntimeError, match="refused"):
        broken.mul_base(bytes(32))
    starving = libcrypto.LibcryptoBackend(library(EC_POINT_new=0), 1)  # type: ignore[arg-type]  # a stand-in
    with pytest.raises(MemoryError):
        starving.mul_base(bytes(32))
