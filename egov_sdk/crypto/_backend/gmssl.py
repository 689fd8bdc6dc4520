"""Point arithmetic of the package gmssl, and nothing else of it: its own verification checks neither range nor curve.

Slow, and not constant time; here as a second opinion.
"""

from __future__ import annotations

import importlib
from typing import Any

from egov_sdk.crypto._backend._ints import PrivateNumbers, matches, private_numbers, signature, split
from egov_sdk.crypto._backend.interface import BackendUnavailable
from egov_sdk.crypto._curve import GX, GY, N

_G = f"{GX:064x}{GY:064x}"


class GmsslBackend:
    """gmssl's points are hexadecimal text: x y, or x y z in Jacobian coordinates."""

    name = "gmssl"
    constant_time = False

    def __init__(self, module: Any) -> None:
        # An empty key: CryptSM2 strips leading "04" from keys that happen to begin so, and we need only its sums.
        self._curve = module.CryptSM2(private_key="", public_key="")

    def open_private(self, d: bytes) -> PrivateNumbers:
        return private_numbers(d)

    def public_point(self, handle: PrivateNumbers) -> bytes:
        return bytes.fromhex(self._times(handle.d, _G) or "")

    def sign(self, handle: PrivateNumbers, e: bytes, k: bytes) -> bytes | None:
        nonce = int.from_bytes(k, "big")
        point = self._times(nonce, _G) or ""
        return signature(handle, e=e, k=nonce, x1=int(point[:64], 16))

    def open_public(self, point: bytes) -> str:
        return point.hex()

    def verify(self, handle: str, e: bytes, rs: bytes) -> bool:
        s, t = split(rs)
        point = self._sum(self._times(s, _G), self._times(t, handle))
        return point is not None and matches(e, rs, int(point[:64], 16))

    def mul_base(self, k: bytes) -> bytes | None:
        return _octets(self._times(int.from_bytes(k, "big"), _G))

    def mul(self, point: bytes, k: bytes) -> bytes | None:
        return _octets(self._times(int.from_bytes(k, "big"), point.hex()))

    def add(self, left: bytes, right: bytes) -> bytes | None:
        return _octets(self._sum(left.hex(), right.hex()))

    def precompute(self, handle: str) -> None:
        """gmssl keeps no tables."""

    def _times(self, k: int, point: str) -> str | None:
        # Its loop takes [0]P for P, and its additions are incomplete; below n neither case is met.
        k %= N
        result: str | None = self._curve._kg(k, point) if k else None
        return result

    def _sum(self, left: str | None, right: str | None) -> str | None:
        if left is None or right is None:
            return left or right
        if left == right:
            total = self._curve._double_point(left + "1")
        elif left[:64] == right[:64]:
            return None
        else:
            total = self._curve._add_point(left + "1", right)
        result: str | None = self._curve._convert_jacb_to_nor(total)
        return result


def _octets(point: str | None) -> bytes | None:
    return bytes.fromhex(point) if point is not None else None


def load() -> GmsslBackend:
    """The package gmssl.

    Raises:
        BackendUnavailable: it is not installed.
    """
    try:
        module = importlib.import_module("gmssl.sm2")
    except ImportError as error:
        raise BackendUnavailable(f"the package gmssl is not installed: {error}") from error
    return GmsslBackend(module)
