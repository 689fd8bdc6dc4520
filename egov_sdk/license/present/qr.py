"""Drawing a presentation as a QR code (二维码): SVG or PNG of an exact size, with its quiet zone.

Source:
    GB/T 18284-2000 (ISO/IEC 18004).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from egov_sdk.license.problems import refuse

__all__ = ["QrFormat", "QrLevel", "QrPicture", "draw_qr"]

QrFormat = Literal["svg", "png"]
#: How much of the picture may be lost: about 7, 15, 25 and 30 per cent.
QrLevel = Literal["L", "M", "Q", "H"]

_MM_PER_INCH: Final = 25.4
_QUIET: Final = 4  # modules, ISO/IEC 18004, 9.1
_MODULE_PIXELS: Final = 64

_Rows = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QrPicture:
    """A drawn code: ``version`` is 1 to 40, ``size_mm`` the length of a side with the quiet zone."""

    octets: bytes = field(repr=False)
    media_type: str
    version: int
    level: QrLevel
    modules: int
    size_mm: float


def draw_qr(
    text: str,
    *,
    form: QrFormat = "svg",
    level: QrLevel = "M",
    module_mm: float = 0.5,
    quiet_modules: int = _QUIET,
    dpi: int = 300,
    largest_version: int = 40,
) -> QrPicture:
    """Draw a text as a QR code, as small as its length allows.

    Args:
        module_mm: the length of a module; phones read 0.33 mm and more.
        quiet_modules: how much stays white around it; the standard asks for four.
        dpi: for PNG, whose modules are whole pixels: the true length of a module is the nearest.
        largest_version: refuse a text that needs a larger code.
    Raises:
        LicenseRejected: qr_too_large: the text does not fit.
        ValueError: a size is not possible.
    """
    if form not in ("svg", "png") or level not in ("L", "M", "Q", "H"):
        raise ValueError("form must be svg or png, level L, M, Q or H")
    if not 0.05 <= module_mm <= 20 or not 0 <= quiet_modules <= 32 or not 1 <= largest_version <= 40:
        raise ValueError("module_mm must be 0.05 to 20, quiet_modules 0 to 32, largest_version 1 to 40")
    rows = _modules(text, level)
    version = (len(rows) - 17) // 4
    if not rows or version > largest_version:
        raise refuse("qr_too_large", found=len(text), expected=largest_version)
    side = len(rows) + 2 * quiet_modules
    if form == "svg":
        octets, length = _svg(rows, quiet_modules, module_mm), module_mm
    else:
        octets, length = _png(rows, quiet_modules, module_mm, dpi)
    return QrPicture(
        octets=octets,
        media_type="image/svg+xml" if form == "svg" else "image/png",
        version=version,
        level=level,
        modules=side,
        size_mm=round(side * length, 3),
    )


def _modules(text: str, level: str) -> _Rows:
    """The dark modules, row by row; nothing when no code holds the text."""
    from egov_sdk.license.face.qr import qr_modules
    from egov_sdk.license.problems import LicenseRejected

    try:
        return tuple(tuple(map(bool, row)) for row in qr_modules(text, level=level))
    except LicenseRejected:
        return ()


def _svg(rows: _Rows, quiet: int, module_mm: float) -> bytes:
    """One path of runs, so that no reader draws hairlines between modules."""
    side = len(rows) + 2 * quiet
    length = f"{side * module_mm:.4f}".rstrip("0").rstrip(".")
    path = "".join(
        f"M{start + quiet} {y + quiet}h{end - start}v1h-{end - start}z"
        for y, row in enumerate(rows)
        for start, end in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{length}mm" height="{length}mm" viewBox="0 0 {side} {side}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000" shape-rendering="crispEdges" d="{path}"/></svg>\n'
    ).encode()


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    found, start = [], -1
    for x, dark in enumerate((*row, False)):
        if dark and start < 0:
            start = x
        elif not dark and start >= 0:
            found.append((start, x))
            start = -1
    return found


def _png(rows: _Rows, quiet: int, module_mm: float, dpi: int) -> tuple[bytes, float]:
    """The picture in black and white, and the true length of a module."""
    import io

    from PIL import Image

    pixels = round(module_mm / _MM_PER_INCH * dpi)
    if not 1 <= pixels <= _MODULE_PIXELS:
        raise ValueError(f"a module would have {pixels} pixels; choose dpi and module_mm for 1 to {_MODULE_PIXELS}")
    side = len(rows) + 2 * quiet
    small = Image.new("1", (side, side), 1)
    small.putdata([0 if dark else 1 for row in _framed(rows, quiet) for dark in row])
    out = io.BytesIO()
    small.resize((side * pixels, side * pixels), Image.Resampling.NEAREST).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue(), pixels * _MM_PER_INCH / dpi


def _framed(rows: _Rows, quiet: int) -> list[tuple[bool, ...]]:
    empty = (False,) * (len(rows) + 2 * quiet)
    edge = (False,) * quiet
    return [*[empty] * quiet, *((*edge, *row, *edge) for row in rows), *[empty] * quiet]
