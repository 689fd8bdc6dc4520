"""Point arithmetic of the system's OpenSSL through ctypes; the sums modulo n stay in Python, so not constant time."""

from __future__ import annotations

import ctypes
from typing import Final

from egov_sdk.crypto._backend._ints import PrivateNumbers, matches, private_numbers, signature, split
from egov_sdk.crypto._backend.interface import BackendUnavailable
from egov_sdk.crypto._curve import GX, GY
from egov_sdk.crypto.oids import SM2_CURVE

# Versioned names only: macOS ends a process that loads its own unversioned libcrypto.
_NAMES: Final = (
    "libcrypto.so.3",
    "libcrypto.so.4",
    "libcrypto.so.1.1",
    "libcrypto.3.dylib",
    "libcrypto-3-x64.dll",
    "libcrypto-3.dll",
)

_POINTER, _INT, _BYTES = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
_FUNCTIONS: Final = {
    "OBJ_txt2nid": (_INT, (_BYTES,)),
    "EC_GROUP_new_by_curve_name": (_POINTER, (_INT,)),
    "EC_POINT_new": (_POINTER, (_POINTER,)),
    "EC_POINT_free": (None, (_POINTER,)),
    "EC_POINT_oct2point": (_INT, (_POINTER, _POINTER, _BYTES, ctypes.c_size_t, _POINTER)),
    "EC_POINT_point2oct": (
        ctypes.c_size_t,
        (_POINTER, _POINTER, _INT, ctypes.c_char_p, ctypes.c_size_t, _POINTER),
    ),
    "EC_POINT_mul": (_INT, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "EC_POINT_add": (_INT, (_POINTER, _POINTER, _POINTER, _POINTER, _POINTER)),
    "BN_bin2bn": (_POINTER, (_BYTES, _INT, _POINTER)),
    "BN_clear_free": (None, (_POINTER,)),
}
_UNCOMPRESSED: Final = 4


def _find() -> ctypes.CDLL:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        try:
            for function, (result, arguments) in _FUNCTIONS.items():
                found = getattr(library, function)
                found.restype, found.argtypes = result, arguments
        except AttributeError as error:
            raise BackendUnavailable(f"{name} lacks a function: {error}") from error
        return library
    raise BackendUnavailable(f"none of {', '.join(_NAMES)} is installed")


class LibcryptoBackend:
    """EC_POINT_mul and its like; every object lives for one call only, so threads do not meet."""

    name = "libcrypto"
    constant_time = False

    def __init__(self, library: ctypes.CDLL, group: int) -> None:
        self._library = library
        self._group = group

    def open_private(self, d: bytes) -> PrivateNumbers:
        return private_numbers(d)

    def public_point(self, handle: PrivateNumbers) -> bytes:
        point = self.mul_base(handle.d.to_bytes(32, "big"))
        assert point is not None  # d is in [1, n-2]
        return point

    def sign(self, handle: PrivateNumbers, e: bytes, k: bytes) -> bytes | None:
        point = self.mul_base(k)
        assert point is not None  # k is in [1, n-1]
        return signature(handle, e=e, k=int.from_bytes(k, "big"), x1=int.from_bytes(point[:32], "big"))

    def open_public(self, point: bytes) -> bytes:
        return point

    def verify(self, handle: bytes, e: bytes, rs: bytes) -> bool:
        _, t = split(rs)
        point = self._multiply(base=rs[32:], point=handle, factor=t.to_bytes(32, "big"))
        return point is not None and matches(e, rs, int.from_bytes(point[:32], "big"))

    def mul_base(self, k: bytes) -> bytes | None:
        return self._multiply(base=k)

    def mul(self, point: bytes, k: bytes) -> bytes | None:
        return self._multiply(point=point, factor=k)

    def add(self, left: bytes, right: bytes) -> bytes | None:
        library, group = self._library, self._group
        a, b = self._point(left), self._point(right)
        try:
            self._done(library.EC_POINT_add(group, a, a, b, None))
            return self._octets(a)
        finally:
            library.EC_POINT_free(a)
            library.EC_POINT_free(b)

    def precompute(self, handle: bytes) -> None:
        """OpenSSL keeps no tables for other points than G."""

    def _multiply(self, *, base: bytes | None = None, point: bytes = b"", factor: bytes = b"") -> bytes | None:
        """[base]G + [factor]point, either of which may be left out."""
        library = self._library
        result = self._point(b"")
        scalar = library.BN_bin2bn(base, 32, None) if base is not None else None
        other = self._point(point) if point else None
        other_scalar = library.BN_bin2bn(factor, 32, None) if point else None
        try:
            self._done(library.EC_POINT_mul(self._group, result, scalar, other, other_scalar, None))
            return self._octets(result)
        finally:
            library.EC_POINT_free(result)
            library.EC_POINT_free(other)
            library.BN_clear_free(scalar)
            library.BN_clear_free(other_scalar)

    def _point(self, xy: bytes) -> int:
        """A new point; infinity from nothing."""
        point: int | None = self._library.EC_POINT_new(self._group)
        if not point:
            raise MemoryError("EC_POINT_new")
        if xy:
            self._done(self._library.EC_POINT_oct2point(self._group, point, b"\x04" + xy, 65, None))
        return point

    def _octets(self, point: int) -> bytes | None:
        buffer = ctypes.create_string_buffer(65)
        size = self._library.EC_POINT_point2oct(self._group, point, _UNCOMPRESSED, buffer, 65, None)
        # infinity has one octet, 00
        return buffer.raw[1:] if size == 65 else None

    def _done(self, status: int) -> None:
        if status != 1:
            raise RuntimeError("libcrypto refused a checked value")


def load() -> LibcryptoBackend:
    """The libcrypto of this system.

    Raises:
        BackendUnavailable: there is none, or it was built without SM2.
    """
    library = _find()
    group = library.EC_GROUP_new_by_curve_name(library.OBJ_txt2nid(SM2_CURVE.encode()))
    if not group:
        raise BackendUnavailable("this libcrypto was built without SM2")
    backend = LibcryptoBackend(library, group)
    if backend.mul_base((1).to_bytes(32, "big")) != GX.to_bytes(32, "big") + GY.to_bytes(32, "big"):
        raise BackendUnavailable("this libcrypto has another SM2 curve")
    return backend
