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
#: Within how many octets of its beginning a signed message has its seal: behind a tag, a length and a version.
_BEFORE_SEAL: Final = 16

_DIGESTS: Final[BoundedCache[bytes, bytes]] = BoundedCache(8 << 20)
_BEGUN: Final[BoundedCache[tuple[bytes, bytes, bytes], SM3]] = BoundedCache(8 << 20)


def digests_of(contents: Sequence[bytes], *, seals: Sequence[bytes] = ()) -> list[bytes]:
    """The SM3 digests of many files; large ones are remembered.

    Args:
        seals: Seals that are likely among the files: objects that live on are found faster than octets just read.
    """
    small = iter(sm3_many([content for content in contents if len(content) < _LARGE]))
    return [next(small) if len(content) < _LARGE else _digest(content, seals) for content in contents]


def _digest(content: bytes, seals: Sequence[bytes]) -> bytes:
    content = next((seal for seal in seals if seal == content), content)
    known = _DIGESTS.get(content)
    return _DIGESTS.put(content, sm3(content), weight=len(content)) if known is None else known


def signed_digest(key: SM2PublicKey, message: bytes, *, seal: bytes) -> bytes:
    """SM3(Z || message), which SM2 signs; a message with a seal near its beginning is hashed up to there once.

    Source:
        GB/T 32918.2-2016, 6.1; GB/T 38540-2020.
    """
    start = next((at for at in range(_BEFORE_SEAL) if message.startswith(seal, at)), None)
    if len(seal) < _LARGE or start is None:
        return sm3(key.z() + message)
    known = (key.z(), message[:start], seal)
    begun = _BEGUN.get(known)
    if begun is None:
        begun = _BEGUN.put(known, SM3(b"".join(known)), weight=len(seal))
    running = begun.copy()
    running.update(message[start + len(seal) :])
    return running.digest()
