"""SM3 of what comes again and again: a seal stands three times in every document that it stamped.

What is remembered is found by its octets, all of them, so that no file can answer for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from egov_sdk.caches import BoundedCache
from egov_sdk.crypto import SM3, SM2PublicKey, sm3, sm3_many

__all__ = ["digests_of", "signed_digest"]

#: Below this size hashing costs no more than looking up.
_LARGE: Final = 8 << 10
#: What follows the seal in a signed message: time, hash and name of the signature file.
_TAIL: Final = 512

_DIGESTS: Final[BoundedCache[bytes, bytes]] = BoundedCache(8 << 20)
_BEGUN: Final[BoundedCache[bytes, SM3]] = BoundedCache(8 << 20)


def digests_of(contents: Sequence[bytes]) -> list[bytes]:
    """The SM3 digests of many files; large ones are remembered."""
    small = iter(sm3_many([content for content in contents if len(content) < _LARGE]))
    return [next(small) if len(content) < _LARGE else _digest(content) for content in contents]


def _digest(content: bytes) -> bytes:
    known = _DIGESTS.get(content)
    return _DIGESTS.put(content, sm3(content), weight=len(content)) if known is None else known


def signed_digest(key: SM2PublicKey, message: bytes) -> bytes:
    """SM3(Z || message), which SM2 signs; of large messages all but the tail is hashed once.

    Source:
        GB/T 32918.2-2016, 6.1.
    """
    if len(message) < _LARGE:
        return sm3(key.z() + message)
    head = key.z() + message[:-_TAIL]
    begun = _BEGUN.get(head)
    if begun is None:
        begun = _BEGUN.put(head, SM3(head), weight=len(head))
    running = begun.copy()
    running.update(message[-_TAIL:])
    return running.digest()
