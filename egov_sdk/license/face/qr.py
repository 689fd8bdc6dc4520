"""QR codes (二维码) as one path on the page: squares of exact size, in any reader's resolution."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from egov_sdk.license.problems import refuse
from egov_sdk.ofd.builder.canvas import Shape, color_value
from egov_sdk.ofd.geometry import Box, format_number

__all__ = ["qr_modules", "qr_shape"]

_ALPHANUMERIC: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_LEVELS: Final = {"L": 1, "M": 0, "Q": 3, "H": 2}  # as the format information numbers them
_MASK: Final = 2  # one for all: choosing the best takes five times as long, and readers need none
_QUIET: Final = 4  # modules of silence around, ISO/IEC 18004, 9.1


def qr_modules(text: str, *, level: str = "M") -> tuple[tuple[bool, ...], ...]:
    """The dark modules of a code, row by row, without the quiet zone.

    Raises:
        LicenseRejected: face_qr: the text is longer than a code can hold.
    Source:
        GB/T 18284-2000 (ISO/IEC 18004).
    """
    from qrcode.main import QRCode  # type: ignore[import-untyped]  # qrcode has no types
    from qrcode.util import (  # type: ignore[import-untyped]  # qrcode has no types
        MODE_8BIT_BYTE,
        MODE_ALPHA_NUM,
        QRData,
    )

    alphanumeric = _ALPHANUMERIC.issuperset(text)
    octets = text.encode()
    version = _version(len(octets), level, alphanumeric)
    if version == 0:
        raise refuse("face_qr", found=len(octets))
    code = QRCode(version=version, error_correction=_LEVELS[level], border=0, mask_pattern=_MASK)
    code.add_data(QRData(octets, mode=MODE_ALPHA_NUM if alphanumeric else MODE_8BIT_BYTE, check_data=False))
    code.make(fit=False)
    return tuple(tuple(bool(module) for module in row) for row in code.modules)


@lru_cache(maxsize=1024)
def _version(length: int, level: str, alphanumeric: bool) -> int:
    """The least version that holds so many characters; 0 when none does."""
    from qrcode.util import BIT_LIMIT_TABLE, MODE_8BIT_BYTE, MODE_ALPHA_NUM, length_in_bits

    payload = 11 * (length // 2) + 6 * (length % 2) if alphanumeric else 8 * length
    mode = MODE_ALPHA_NUM if alphanumeric else MODE_8BIT_BYTE
    for version in range(1, 41):
        if 4 + length_in_bits(mode, version) + payload <= BIT_LIMIT_TABLE[_LEVELS[level]][version]:
            return version
    return 0


def qr_shape(text: str, *, x_mm: float, y_mm: float, size_mm: float, level: str, color: str) -> Shape:
    """A code with its quiet zone, filling a square."""
    rows = qr_modules(text, level=level)
    scale = format_number(size_mm / (len(rows) + 2 * _QUIET), places=6)
    path = " ".join(_runs(rows))
    box = Box(x_mm, y_mm, size_mm, size_mm)
    return Shape(box, path, None, color_value(color), 0.25, ctm=f"{scale} 0 0 {scale} 0 0")


def _runs(rows: tuple[tuple[bool, ...], ...]) -> list[str]:
    """A rectangle for each run of dark modules in a row."""
    found = []
    for y, row in enumerate(rows, start=_QUIET):
        start = -1
        for x, dark in enumerate((*row, False), start=_QUIET):
            if dark and start < 0:
                start = x
            elif not dark and start >= 0:
                found.append(f"M {start} {y} L {x} {y} L {x} {y + 1} L {start} {y + 1} C")
                start = -1
    return found
