"""What is read: a file or bytes, opened again and again, with its name for errors."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from egov_sdk.errors import LimitExceeded
from egov_sdk.sheets.limits import SheetLimits
from egov_sdk.sheets.problems import unreadable

__all__ = ["Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file or bytes, under limits."""

    content: Path | bytes
    limits: SheetLimits

    @property
    def name(self) -> str:
        """The name of the file; bytes have none."""
        return self.content.name if isinstance(self.content, Path) else ""

    def at(self, place: object) -> str:
        """A place in it, for errors."""
        return f"{self.name}: {place}" if self.name else str(place)

    def open(self) -> IO[bytes]:
        """From its beginning."""
        return self.content.open("rb") if isinstance(self.content, Path) else BytesIO(self.content)

    def head(self) -> bytes:
        """The first octets, by which its kind is told."""
        with self.open() as file:
            return file.read(8)

    def check_size(self) -> None:
        """Refuse it where it is empty or larger than the limits allow."""
        size = self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)
        if size > self.limits.file_bytes:
            raise LimitExceeded("file_bytes", allowed=self.limits.file_bytes, found=size, where=self.name)
        if not size:
            raise unreadable("empty", where=self.name)
