"""Salted commitments to the items of a licence, gathered under one root, so that each can be shown by itself.

A leaf is the SM3 of a salt and an item, a node the SM3 of the two below it, each cut to 128 bits: to pass off another
item, its holder would have to find a second value for a given one, and cannot prepare pairs, because the issuer draws
the salts. The shape is that of a Merkle tree over any number of leaves.

Source:
    RFC 9162, 2.1 for the shape and for keeping leaves and nodes apart; GB/T 32905-2016.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from egov_sdk.crypto import hmac_sm3, sm3
from egov_sdk.license.present._cbor import Key, encode

__all__ = ["NODE_BYTES", "SALT_BYTES", "leaf_of", "proof_for", "proven_root", "root_of", "salt_of"]

NODE_BYTES: Final = 16
SALT_BYTES: Final = 16


def salt_of(seed: bytes, position: int) -> bytes:
    """The salt of one item; it tells nothing of the seed and of the other salts."""
    return hmac_sm3(seed, position.to_bytes(2, "big"))[:SALT_BYTES]


def leaf_of(salt: bytes, key: Key, value: str) -> bytes:
    return sm3(b"\x00" + salt + encode((key, value)))[:NODE_BYTES]


def _node(left: bytes, right: bytes) -> bytes:
    return sm3(b"\x01" + left + right)[:NODE_BYTES]


def _split(low: int, high: int) -> int:
    """Where the tree over [low, high) divides: after the largest power of two that leaves something."""
    return low + (1 << ((high - low - 1).bit_length() - 1))


def root_of(leaves: Sequence[bytes], low: int = 0, high: int | None = None) -> bytes:
    """The node over the leaves from ``low`` to before ``high``."""
    high = len(leaves) if high is None else high
    if high - low == 1:
        return leaves[low]
    middle = _split(low, high)
    return _node(root_of(leaves, low, middle), root_of(leaves, middle, high))


def proof_for(leaves: Sequence[bytes], shown: frozenset[int]) -> tuple[bytes, ...]:
    """The nodes, from left to right, that stand for what is not shown."""

    def walk(low: int, high: int) -> list[bytes]:
        if not any(low <= place < high for place in shown):
            return [root_of(leaves, low, high)]
        if high - low == 1:
            return []
        middle = _split(low, high)
        return walk(low, middle) + walk(middle, high)

    return tuple(walk(0, len(leaves)))


def proven_root(count: int, shown: Mapping[int, bytes], proof: Sequence[bytes]) -> bytes | None:
    """The root over ``count`` leaves of which some are shown; None where the proof does not have its nodes."""
    rest = iter(proof)

    def walk(low: int, high: int) -> bytes:
        if not any(low <= place < high for place in shown):
            return next(rest)
        if high - low == 1:
            return shown[low]
        middle = _split(low, high)
        return _node(walk(low, middle), walk(middle, high))

    try:
        root = walk(0, count)
    except StopIteration:
        return None
    return root if next(rest, None) is None else None
