"""Bodies that are sent piece by piece (流式上传): files, and whatever gives bytes once."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, Protocol, Self

from egov_sdk.gateway.errors import BodyChanged

__all__ = ["Upload"]

BodyDigest = Literal["sm3", "sha256"]

_PIECE: Final = 64 << 10
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


class SourceFailed(Exception):
    """What gives the body failed, which is not the network's fault; the driver raises ``error`` itself."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Upload:
    """A body that is not held in memory; make one with ``of_file`` or ``of_pieces``.

    Its size is announced. Where the profile signs a digest of the body, what is sent is hashed on its way, and the last
    piece leaves only if all is as it was signed: otherwise the request is broken off and BodyChanged is raised.

    Attributes:
        size: how many bytes it has.
    """

    __slots__ = ("_digests", "_once", "_open", "_spent", "size")

    def __init__(
        self, open_: Callable[[], Iterator[bytes]], *, size: int, digests: dict[BodyDigest, str], once: bool
    ) -> None:
        if size < 0:
            raise ValueError("size is not negative")
        for name, digest in digests.items():
            if _HEX.fullmatch(digest) is None:
                raise ValueError(f"{name} has 64 small hexadecimal digits")
        self.size, self._open, self._digests, self._once, self._spent = size, open_, digests, once, False

    @classmethod
    def of_file(cls, path: Path | str) -> Self:
        """The content of a file, read anew for every attempt and once more beforehand where its digest is signed.

        Raises:
            OSError: there is no such file.
        """
        place = Path(path)
        return cls(lambda: _read(place), size=os.stat(place).st_size, digests={}, once=False)

    @classmethod
    def of_pieces(cls, pieces: Iterable[bytes], *, size: int, sm3: str = "", sha256: str = "") -> Self:
        """Bytes that can be had once, such as from another connection. Once begun, they cannot be sent again.

        Args:
            size: how many bytes they are together.
            sm3, sha256: the digest of them all in hexadecimal, for profiles that sign it.
        """
        given: dict[BodyDigest, str] = {"sm3": sm3, "sha256": sha256}
        digests = {name: digest for name, digest in given.items() if digest}
        return cls(lambda: iter(pieces), size=size, digests=digests, once=True)

    @property
    def is_spent(self) -> bool:
        """Whether it was begun and cannot be begun again."""
        return self._once and self._spent

    def digest(self, name: BodyDigest) -> str:
        """The digest in hexadecimal; a file is read for it.

        Raises:
            ValueError: it can be had only once, and nobody gave its digest.
            BodyChanged: the file has another size than before.
        """
        if name not in self._digests:
            if self._once:
                raise ValueError(f"this profile signs the digest of the body: give `{name}` to of_pieces")
            state, size = _state(name), 0
            for piece in self._open():
                state.update(piece)
                size += len(piece)
            if size != self.size:
                raise _changed(size, self.size)
            self._digests[name] = state.hexdigest()
        return self._digests[name]

    def pieces(self, check: Callable[[], None]) -> Iterator[bytes]:
        """The body; ``check`` is asked before each piece and may raise.

        Raises:
            BodyChanged: it is not the body that was announced; then its last piece has not been given.
            SourceFailed: what gives it failed.
        """
        self._spent = True
        states = {name: _state(name) for name in self._digests}
        size, held = 0, b""
        source = iter(_guarded(self._open))
        for piece in source:
            check()
            size += len(piece)
            if size > self.size:
                raise _changed(f"more than {self.size}", self.size)
            for state in states.values():
                state.update(piece)
            if held:
                yield held
            held = piece
        if size != self.size:
            raise _changed(size, self.size)
        for name, state in states.items():
            if state.hexdigest() != self._digests[name]:
                raise BodyChanged(f"the {name} of the body is not the one that was signed", field=name)
        if held:
            yield held

    async def pieces_async(self, check: Callable[[], None]) -> AsyncIterator[bytes]:
        """As pieces; read in a thread, since files make others wait."""
        import asyncio

        source = self.pieces(check)
        while (piece := await asyncio.to_thread(next, source, None)) is not None:
            yield piece

    def __repr__(self) -> str:
        return f"<Upload of {self.size} bytes{', once' if self._once else ''}>"


def _read(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _guarded(open_: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """The pieces that hold something; errors of their source are kept apart from those of the network."""
    try:
        for piece in open_():
            if not isinstance(piece, (bytes, bytearray, memoryview)):
                raise TypeError(f"a body is made of bytes, found {type(piece).__name__}")
            if piece:
                yield bytes(piece)
    except Exception as error:
        raise SourceFailed(error) from error


def _state(name: BodyDigest) -> _Hash:
    if name == "sm3":
        from egov_sdk.crypto import SM3

        return SM3()
    import hashlib

    return hashlib.sha256()


def _changed(found: object, expected: int) -> BodyChanged:
    return BodyChanged(f"the body has {found} bytes, {expected} were announced", field="size")
