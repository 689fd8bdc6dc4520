"""SM3 in plain Python, for interpreters whose libraries have none. Slow; the same digests."""

from __future__ import annotations

import struct
from typing import Final

_MASK: Final = 0xFFFFFFFF
# GB/T 32905-2016, 4.1
_IV: Final = (
    0x7380166F,
    0x4914B2B9,
    0x172442D7,
    0xDA8A0600,
    0xA96F30BC,
    0x163138AA,
    0xE38DEE4D,
    0xB0FB0E4E,
)


def _rotl(word: int, bits: int) -> int:
    bits &= 31
    return (word << bits | word >> (32 - bits)) & _MASK


# GB/T 32905-2016, 4.2, already turned by j
_T: Final = tuple(_rotl(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64))


def _expand(block: bytes) -> list[int]:
    # GB/T 32905-2016, 5.3.2
    w = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _rotl(w[j - 3], 15)
        w.append(x ^ _rotl(x, 15) ^ _rotl(x, 23) ^ _rotl(w[j - 13], 7) ^ w[j - 6])
    return w


def _compress(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    # GB/T 32905-2016, 5.3.3
    w = _expand(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        a12 = _rotl(a, 12)
        ss1 = _rotl(a12 + e + _T[j] & _MASK, 7)
        if j < 16:
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = a & b | a & c | b & c, e & f | ~e & g
        tt1 = ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4]) & _MASK
        tt2 = gg + h + ss1 + w[j] & _MASK
        a, b, c, d = tt1, a, _rotl(b, 9), c
        e, f, g, h = tt2 ^ _rotl(tt2, 9) ^ _rotl(tt2, 17), e, _rotl(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True))


class PureSM3:
    """A running SM3 hash with the methods of hashlib's objects."""

    __slots__ = ("_length", "_state", "_tail")

    def __init__(self, data: bytes | bytearray | memoryview = b"") -> None:
        self._state: tuple[int, ...] = _IV
        self._tail = b""
        self._length = 0
        self.update(data)

    def update(self, data: bytes | bytearray | memoryview) -> None:
        data = bytes(data)
        self._length += len(data)
        buffer = self._tail + data
        whole = len(buffer) & ~63
        for at in range(0, whole, 64):
            self._state = _compress(self._state, buffer[at : at + 64])
        self._tail = buffer[whole:]

    def digest(self) -> bytes:
        # GB/T 32905-2016, 5.2
        padded = self._tail + b"\x80" + bytes(-(len(self._tail) + 9) % 64) + struct.pack(">Q", self._length * 8)
        state = self._state
        for at in range(0, len(padded), 64):
            state = _compress(state, padded[at : at + 64])
        return struct.pack(">8I", *state)

    def copy(self) -> PureSM3:
        twin = PureSM3()
        twin._state, twin._tail, twin._length = self._state, self._tail, self._length
        return twin
