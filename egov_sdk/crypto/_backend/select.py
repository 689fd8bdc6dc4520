"""Which backend is in use: the native kernel where it was built, otherwise plain Python; others by choice."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import Final

from egov_sdk.crypto._backend.interface import Backend, BackendUnavailable
from egov_sdk.errors import ConfigError

__all__ = ["BackendStatus", "available_backends", "backend", "current", "set_backend"]

ENVIRONMENT: Final = "EGOV_CRYPTO_BACKEND"

#: in the order in which they are tried; True: taken without being asked for
_AUTOMATIC: Final[dict[str, bool]] = {"native": True, "pure": True, "libcrypto": False, "gmssl": False}

_loaded: dict[str, Backend] = {}
_current: Backend | None = None


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """One backend: whether it can be used here, and why not."""

    name: str
    available: bool
    reason: str
    constant_time: bool


def load(name: str) -> Backend:
    """The backend of this name.

    Raises:
        BackendUnavailable: it cannot be used here.
        ValueError: there is no such backend.
    """
    if name not in _AUTOMATIC:
        raise ValueError(f"no backend {name!r}; there are {', '.join(_AUTOMATIC)}")
    if name not in _loaded:
        try:
            _loaded[name] = importlib.import_module(f"egov_sdk.crypto._backend.{name}").load()
        except (ImportError, AttributeError) as error:
            raise BackendUnavailable(f"not built, or built for another version: {error}") from error
    return _loaded[name]


def _choose() -> Backend:
    wanted = os.environ.get(ENVIRONMENT, "")
    if wanted:
        return _require(wanted, source=f"environment variable {ENVIRONMENT}")
    for name, automatic in _AUTOMATIC.items():
        if not automatic:
            continue
        try:
            return load(name)
        except BackendUnavailable:
            continue
    raise AssertionError("the pure backend is always there")  # pragma: no cover


def _require(name: str, *, source: str) -> Backend:
    try:
        return load(name)
    except (BackendUnavailable, ValueError) as error:
        raise ConfigError(
            f"{source} asks for the crypto backend {name!r}, which cannot be used: {error}",
            code="egov.config.crypto_backend",
            setting=ENVIRONMENT,
            value=name,
        ) from error


def current() -> Backend:
    """The backend in use; the first call chooses it."""
    global _current
    if _current is None:
        _current = _choose()
    return _current


def backend() -> str:
    """The name of the arithmetic backend in use: ``native``, ``pure``, ``libcrypto`` or ``gmssl``."""
    return current().name


def set_backend(name: str | None) -> None:
    """Use the backend of this name from now on; None goes back to the automatic choice.

    Keys made before go on working: they open themselves anew in the backend in use.

    Raises:
        ValueError: there is no such backend.
        ConfigError: it cannot be used here; the message says why.
    """
    global _current
    if name is not None and name not in _AUTOMATIC:
        raise ValueError(f"no backend {name!r}; there are {', '.join(_AUTOMATIC)}")
    _current = None if name is None else _require(name, source="set_backend")


def available_backends() -> tuple[BackendStatus, ...]:
    """All backends in order of preference, and the reason for each that cannot be used here."""
    result = []
    for name in _AUTOMATIC:
        try:
            found = load(name)
        except BackendUnavailable as error:
            result.append(BackendStatus(name, False, str(error), False))
        else:
            result.append(BackendStatus(name, True, "", found.constant_time))
    return tuple(result)
