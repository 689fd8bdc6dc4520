"""SM2 key exchange (密钥交换协议): two parties agree on a key, and each proves to the other that it has it."""

from __future__ import annotations

import hmac
import os
from typing import Final

from egov_sdk.crypto._backend.select import current
from egov_sdk.crypto._curve import N, point_from
from egov_sdk.crypto._numbers import Random, hedged_numbers, usable
from egov_sdk.crypto.hashes import Buffer, sm3
from egov_sdk.crypto.kdf import kdf_sm3
from egov_sdk.crypto.keys import DEFAULT_SIGNER_ID, SM2PrivateKey, SM2PublicKey
from egov_sdk.errors import VerificationError

__all__ = ["KeyExchangeFailed", "SM2KeyExchange"]

_W: Final = 127  # GB/T 32918.3-2016, 6.1: ceil(ceil(log2 n) / 2) - 1
_TO_INITIATOR, _TO_RESPONDER = b"\x02", b"\x03"


class KeyExchangeFailed(VerificationError):
    """The other side does not have the same key: wrong key, wrong identity, or somebody in between."""

    code = "egov.crypto.key_exchange"


def _reduced(x: bytes) -> int:
    return (1 << _W) + (int.from_bytes(x, "big") & ((1 << _W) - 1))


class SM2KeyExchange:
    """One run of the exchange, seen from one side.

    Both sides send ``ephemeral`` and give what they receive to ``agree``. Then the responder sends its
    ``confirmation``; the initiator checks it with ``confirm`` and sends its own, which the responder checks.
    ``confirm`` returns the key.

    Source:
        GB/T 32918.3-2016, 6.1.
    """

    __slots__ = (
        "_expected",
        "_ids",
        "_initiator",
        "_key",
        "_keys",
        "_length",
        "_r",
        "_to_send",
        "ephemeral",
    )

    #: the point R to send, x || y, 64 bytes
    ephemeral: bytes
    _r: bytes | None
    _key: bytes | None
    _expected: bytes
    _to_send: bytes

    def __init__(
        self,
        key: SM2PrivateKey,
        peer: SM2PublicKey,
        *,
        initiator: bool,
        length: int,
        own_id: bytes = DEFAULT_SIGNER_ID,
        peer_id: bytes = DEFAULT_SIGNER_ID,
        random: Random = os.urandom,
    ) -> None:
        """Begin a run and draw its ephemeral key.

        Args:
            initiator: whether this side speaks first; exactly one side does.
            length: of the agreed key, in bytes.
        Raises:
            ValueError: length is below 1, or an identity is longer than 8191 bytes.
        """
        if length < 1:
            raise ValueError(f"the agreed key must have at least 1 byte, got {length}")
        self._keys, self._ids, self._length = (key, peer), (own_id, peer_id), length
        self._initiator = initiator
        peer.z(peer_id)
        numbers = hedged_numbers(key._d, key.public_key().z(own_id) + peer.point, random=random)
        self._begin(next(usable(numbers)))

    def _begin(self, r: bytes) -> None:
        point = current().mul_base(r)
        assert point is not None  # r is in [1, n-1]
        self._r, self._key, self.ephemeral = r, None, point

    def agree(self, peer_ephemeral: Buffer) -> None:
        """Take the other side's ephemeral point and compute the key; the own ephemeral secret is forgotten.

        Raises:
            ParseError: not a point of the curve.
            KeyExchangeFailed: the shared point is infinity: keys or points were chosen to make it so.
            RuntimeError: this run has already agreed.
        """
        if self._r is None:
            raise RuntimeError("one run agrees once: begin a new exchange")
        theirs = point_from(bytes(peer_ephemeral))
        shared = self._shared_point(self._r, theirs)
        self._r = None
        if shared is None:
            raise KeyExchangeFailed("the shared point is infinity")
        (key, peer), (own_id, peer_id) = self._keys, self._ids
        sides = [(key.public_key().z(own_id), self.ephemeral), (peer.z(peer_id), theirs)]
        if not self._initiator:
            sides.reverse()
        (z_first, r_first), (z_second, r_second) = sides
        self._key = kdf_sm3(shared + z_first + z_second, self._length)
        inner = sm3(shared[:32] + z_first + z_second + r_first + r_second)
        proofs = [sm3(lead + shared[32:] + inner) for lead in (_TO_INITIATOR, _TO_RESPONDER)]
        self._expected, self._to_send = proofs if self._initiator else reversed(proofs)

    def _shared_point(self, r: bytes, theirs: bytes) -> bytes | None:
        """[t](P + [xbar]R) of the other side, with t = d + xbar r of this one; None for infinity."""
        backend = current()
        key, peer = self._keys
        t = (int.from_bytes(key._d, "big") + _reduced(self.ephemeral[:32]) * int.from_bytes(r, "big")) % N
        scaled = backend.mul(theirs, _reduced(theirs[:32]).to_bytes(32, "big"))
        total = peer.point if scaled is None else backend.add(peer.point, scaled)
        return None if total is None else backend.mul(total, t.to_bytes(32, "big"))

    @property
    def confirmation(self) -> bytes:
        """The hash to send to the other side, 32 bytes; the initiator sends it after ``confirm``.

        Raises:
            RuntimeError: before ``agree``.
        """
        self._require_key()
        return self._to_send

    def confirm(self, received: Buffer) -> bytes:
        """Check the other side's confirmation and give the agreed key.

        Raises:
            KeyExchangeFailed: it does not fit; the key is forgotten.
            RuntimeError: before ``agree``.
        """
        key = self._require_key()
        if not hmac.compare_digest(self._expected, bytes(received)):
            self._key = None
            raise KeyExchangeFailed("the other side's confirmation does not fit")
        return key

    def key_without_confirmation(self) -> bytes:
        """The agreed key, for protocols that prove it by using it; a wrong peer shows only later.

        Raises:
            RuntimeError: before ``agree``.
        """
        return self._require_key()

    def _require_key(self) -> bytes:
        if self._key is None:
            raise RuntimeError("no key: call agree first, and begin anew after a failure")
        return self._key

    def __repr__(self) -> str:
        side = "initiator" if self._initiator else "responder"
        return f"<SM2KeyExchange {side}>"
