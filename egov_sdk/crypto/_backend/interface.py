"""What an arithmetic backend offers. Checks of ranges, points and encodings live above it, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

# Whatever a backend keeps for a key; nobody else looks into it.
Handle = Any


class BackendUnavailable(Exception):
    """This backend cannot be used here; the text says why."""


class Backend(Protocol):
    """SM2 arithmetic on checked values.

    Points are x || y, 64 bytes; numbers are 32 bytes, big-endian; handles are the backend's own.
    """

    name: str
    #: whether time and memory access are independent of d and k
    constant_time: bool

    def open_private(self, d: bytes) -> Handle:
        """Take a private key in [1, n-2]."""

    def public_point(self, handle: Handle) -> bytes:
        """[d]G of an opened private key."""

    def sign(self, handle: Handle, e: bytes, k: bytes) -> bytes | None:
        """r || s with the nonce k in [1, n-1]; None if this k must not be used (r = 0, r + k = n, s = 0)."""

    def open_public(self, point: bytes) -> Handle:
        """Take a public key that is a point of the curve."""

    def verify(self, handle: Handle, e: bytes, rs: bytes) -> bool:
        """Whether (e + x1) mod n = r for (x1, y1) = [s]G + [t]P; infinity is a no.

        The caller has checked that r and s are in [1, n-1] and that t = (r + s) mod n is not 0.
        """

    def mul_base(self, k: bytes) -> bytes | None:
        """[k]G for any k of 256 bits, or None for infinity."""

    def mul(self, point: bytes, k: bytes) -> bytes | None:
        """[k]P for any k of 256 bits, or None for infinity."""

    def add(self, left: bytes, right: bytes) -> bytes | None:
        """The sum of two points, or None for infinity."""

    def precompute(self, handle: Handle) -> None:
        """Prepare a public key for many verifications; may do nothing."""


# Fast paths that a backend may offer beside the above, hashing and arithmetic in one call:
#: ``sign_message(handle, z, message, entropy)``: r || s over SM3(z || message), k from d, e and 32 fresh bytes;
#: None: call again with fresh bytes
SignMessage = Callable[[Handle, bytes, bytes, bytes], bytes | None]
#: ``verify_message(handle, z, message, rs)``: as Backend.verify, with e = SM3(z || message)
VerifyMessage = Callable[[Handle, bytes, bytes, bytes], bool]
