"""Random numbers below the order of the curve, for keys and nonces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from egov_sdk.crypto._curve import N
from egov_sdk.crypto.hashes import hmac_sm3

__all__ = ["Random", "draw", "hedged_numbers", "usable"]

#: Gives that many unpredictable bytes, as os.urandom does.
Random = Callable[[int], bytes]


def draw(random: Random, number: int) -> bytes:
    """That many octets, and not fewer."""
    drawn = random(number)
    if len(drawn) != number:
        raise ValueError(f"the random source gave {len(drawn)} bytes instead of {number}")
    return drawn


def hedged_numbers(secret: bytes, context: bytes, *, random: Random) -> Iterator[bytes]:
    """Numbers of 256 bits for nonces, without end; ``usable`` takes those in range.

    Each is HMAC-SM3 over the secret, the context, 32 fresh bytes and a counter: if the random source
    repeats itself, the same number comes back only for the same secret and context.
    """
    for attempt in count():
        yield hmac_sm3(secret, context + draw(random, 32) + attempt.to_bytes(4, "big"))


def usable(numbers: Iterator[bytes]) -> Iterator[bytes]:
    """Those in [1, n-1]: out of range is drawn again, never reduced (GB/T 32918.2-2016, 6.1 A3)."""
    return (number for number in numbers if 0 < int.from_bytes(number, "big") < N)
