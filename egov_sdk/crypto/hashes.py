"""SM3 (密码杂凑算法) and HMAC-SM3, from whichever library of this interpreter has them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Final, Protocol, Self

from egov_sdk.crypto._native import find_kernel
from egov_sdk.crypto._sm3_pure import PureSM3

__all__ = ["SM3", "Buffer", "HashedOnce", "hmac_sm3", "sm3", "sm3_file", "sm3_many", "sm3_provider"]

Buffer = bytes | bytearray | memoryview
_FILE_BLOCK: Final = 1 << 20


class _Hash(Protocol):
    def update(self, data: Buffer, /) -> None: ...
    def digest(self) -> bytes: ...
    def copy(self) -> Self: ...


class _PycaSM3:
    """SM3 of the cryptography package in hashlib's shape."""

    __slots__ = ("_context",)

    def __init__(self, data: Buffer = b"") -> None:
        from cryptography.hazmat.primitives import hashes

        self._context = hashes.Hash(hashes.SM3())
        self._context.update(data)

    def update(self, data: Buffer) -> None:
        self._context.update(data)

    def digest(self) -> bytes:
        return self._context.copy().finalize()

    def copy(self) -> _PycaSM3:
        twin = _PycaSM3.__new__(_PycaSM3)
        twin._context = self._context.copy()
        return twin


_kernel, _ = find_kernel()


def _native_sm3(data: Buffer = b"") -> _Hash:
    if _kernel is None:
        raise RuntimeError("no native kernel")
    running: _Hash = _kernel.SM3(data)
    return running


def _hashlib_sm3(data: Buffer = b"") -> hashlib._Hash:
    return hashlib.new("sm3", data)


_Factory = Callable[[Buffer], _Hash]
_PROVIDERS: Final[dict[str, _Factory]] = {
    "native": _native_sm3,
    "hashlib": _hashlib_sm3,
    "cryptography": _PycaSM3,
    "pure": PureSM3,
}


def _works(factory: _Factory) -> bool:
    # GB/T 32905-2016, A.1
    try:
        return factory(b"abc").digest()[:8] == b"\x66\xc7\xf0\xf4\x62\xee\xed\xd9"
    except Exception:  # noqa: BLE001 - each library says in its own way that it has no SM3
        return False


def _choose(providers: dict[str, _Factory]) -> tuple[str, _Factory]:
    for name, factory in providers.items():
        if _works(factory):
            return name, factory
    raise RuntimeError("no SM3 works here, not even the one in Python")


_provider, _new = _choose(_PROVIDERS)


def sm3_provider() -> str:
    """Which SM3 is in use: ``native``, ``hashlib``, ``cryptography`` or ``pure``."""
    return _provider


def native_kernel() -> ModuleType | None:
    """The native kernel, if SM3 comes from it: it hashes whole messages in one call, and many side by side."""
    return _kernel if _provider == "native" else None


class HashedOnce(bytes):
    """Octets whose SM3 is taken once, when ``sm3`` is first asked for it; like any others otherwise."""

    _sm3: bytes | None = None


def sm3(data: Buffer) -> bytes:
    """The SM3 digest of ``data``, 32 bytes.

    Source:
        GB/T 32905-2016.
    Example:
        >>> sm3(b"abc").hex()[:16]
        '66c7f0f462eeedd9'
    """
    if type(data) is HashedOnce:
        data._sm3 = data._sm3 or _digest(data)
        return data._sm3
    return _digest(data)


def _digest(data: Buffer) -> bytes:
    if _provider == "native" and _kernel is not None:
        digest: bytes = _kernel.sm3(data)
        return digest
    return _new(data).digest()


def sm3_file(path: Path) -> bytes:
    """The SM3 digest of a file, 32 bytes; it is read in pieces."""
    running = _new(b"")
    with path.open("rb") as file:
        while block := file.read(_FILE_BLOCK):
            running.update(block)
    return running.digest()


def sm3_many(messages: Iterable[Buffer]) -> list[bytes]:
    """The SM3 digests of many messages, in their order."""
    kernel = native_kernel()
    if kernel is not None:
        digests: list[bytes] = kernel.sm3_many(messages)
        return digests
    return [_new(message).digest() for message in messages]


class SM3:
    """A running SM3 hash in hashlib's shape."""

    __slots__ = ("_hash",)

    name = "sm3"
    digest_size = 32
    block_size = 64

    def __init__(self, data: Buffer = b"") -> None:
        self._hash = _new(data)

    def update(self, data: Buffer) -> None:
        """Feed more bytes."""
        self._hash.update(data)

    def digest(self) -> bytes:
        """The digest of everything fed so far, 32 bytes; feeding may go on."""
        return self._hash.digest()

    def hexdigest(self) -> str:
        """The digest as 64 hexadecimal digits."""
        return self._hash.digest().hex()

    def copy(self) -> SM3:
        """A second hash that goes on from the same state."""
        twin = SM3.__new__(SM3)
        twin._hash = self._hash.copy()
        return twin


def hmac_sm3(key: Buffer, data: Buffer) -> bytes:
    """HMAC-SM3, 32 bytes; compare it with ``hmac.compare_digest`` only.

    Source:
        RFC 2104 with SM3, block 64.
    """
    kernel = native_kernel()
    if kernel is not None:
        tag: bytes = kernel.hmac_sm3(key, data)
        return tag
    if _provider == "hashlib":
        return hmac.digest(bytes(key), bytes(data), "sm3")
    return KeyedSM3(key).digest(data)


_INNER_PAD, _OUTER_PAD = bytes(octet ^ 0x36 for octet in range(256)), bytes(octet ^ 0x5C for octet in range(256))


class KeyedSM3:
    """HMAC-SM3 under one key, its two first blocks hashed once; for where hashlib has no SM3."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: Buffer) -> None:
        block = (sm3(key) if len(key) > 64 else bytes(key)).ljust(64, b"\0")
        self._inner, self._outer = _new(block.translate(_INNER_PAD)), _new(block.translate(_OUTER_PAD))

    def digest(self, data: Buffer) -> bytes:
        """The tag of ``data``."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()
