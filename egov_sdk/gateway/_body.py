"""Reading a body: counted, unpacked and cut off where the limit is."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

from egov_sdk.gateway._wire import Failure

__all__ = ["BodyReader"]

_PIECE: Final = 64 << 10
_GZIP: Final = 16 + zlib.MAX_WBITS


class BodyReader:
    """Takes the raw pieces of one body and gives them unpacked, until the limit or the deadline is met."""

    def __init__(
        self, headers: tuple[tuple[str, str], ...], *, limit: int, deadline_s: float, timer: Callable[[], float]
    ) -> None:
        self._left, self._limit = limit, limit
        self._deadline, self._timer = deadline_s, timer
        self._unpacker = self._unpacker_for(headers)
        self._in_member = False
        length = next((value for name, value in headers if name == "content-length"), "")
        if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > limit):
            raise self._too_large(f"{length[:20]} announced")

    def _unpacker_for(self, headers: tuple[tuple[str, str], ...]) -> zlib._Decompress | None:
        coding = ",".join(value for name, value in headers if name == "content-encoding").strip().lower()
        self._wbits = _GZIP if coding in {"gzip", "x-gzip"} else zlib.MAX_WBITS
        if coding in {"", "identity"}:
            return None
        if coding in {"gzip", "x-gzip", "deflate"}:
            return zlib.decompressobj(self._wbits)
        raise Failure("malformed", "the content encoding was not asked for and is not known", sent=True)

    def _too_large(self, found: str) -> Failure:
        return Failure("too_large", f"more than {self._limit} bytes: {found}", sent=True)

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        """What one raw piece unpacks to; raises Failure past the limit or the deadline."""
        if self._timer() > self._deadline:
            raise Failure("timeout", "the answer took longer than allowed in all", sent=True, phase="total")
        for piece in self._unpacked(raw) if self._unpacker else (raw,):
            self._left -= len(piece)
            if self._left < 0:
                raise self._too_large("more follow")
            if piece:
                yield piece

    def _unpacked(self, raw: bytes) -> Iterator[bytes]:
        assert self._unpacker is not None
        while raw:
            if self._unpacker.eof:  # one member of several
                self._unpacker = zlib.decompressobj(self._wbits)
            self._in_member = True
            try:
                yield self._unpacker.decompress(raw, _PIECE)
            except zlib.error:
                raise Failure("malformed", "the packed body is broken", sent=True) from None
            raw = self._unpacker.unconsumed_tail or self._unpacker.unused_data
            self._in_member = not self._unpacker.eof

    def finish(self) -> None:
        """Raise Failure if the packed body ended too early."""
        if self._in_member:
            raise Failure("cut", "the packed body ended too early", sent=True)
