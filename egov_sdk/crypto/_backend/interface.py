"""What an arithmetic backend offers. Checks of ranges, points and encodings live above it, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

# Whatever a backend keeps for a key; nobody else looks into it.
Handle = Any
Octets = bytes | bytearray | memoryview


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


# Fast paths that a backend may offer beside the above: hashing, arithmetic and DER in one call.
#: ``sign_message_der(handle, z, message, entropy)``: the DER signature over SM3(z || message), with k = HMAC-SM3(d,
#: e || entropy || 00000000) for 32 fresh bytes; None: call again with fresh bytes
SignMessage = Callable[[Handle, bytes, Octets, bytes], bytes | None]
#: ``verify_message_der(handle, z, message, signature)``: whether it is strict DER, in range, and good
VerifyMessage = Callable[[Handle, bytes, Octets, Octets], bool]
#: ``sign_messages(handle, z, messages, entropy)``: as sign_message_der, with 32 fresh bytes for each
SignMessages = Callable[[Handle, bytes, list[Octets], bytes], list[bytes | None]]
#: ``verify_messages(handle, z, messages, signatures)``: as verify_message_der, for two lists of one length
VerifyMessages = Callable[[Handle, bytes, list[Octets], list[Octets]], list[bool]]
#: ``encrypt(handle, data, entropy, der)``: C1 || C3 || C2 or DER, with k = HMAC-SM3(SM3(data), x || y || entropy ||
#: 00000000) for 32 fresh bytes; None: take another k
Encrypt = Callable[[Handle, bytes, bytes, bool], bytes | None]
#: ``decrypt(handle, ciphertext, der)``: what was encrypted, from C1 || C3 || C2 or strict DER; None where it cannot be
Decrypt = Callable[[Handle, bytes, bool], bytes | None]
