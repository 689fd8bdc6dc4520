"""Run the program of a CFF glyph with fontTools, and count what it does: calls can multiply without end."""

from __future__ import annotations

from collections.abc import Sequence

from fontTools.misc.psCharStrings import (  # type: ignore[import-untyped]  # fontTools has no types
    T2CharString,
    T2OutlineExtractor,
)

from egov_sdk.ofd.render.outlines import OutlinePen
from egov_sdk.ofd.render.sfnt import FontProblem

__all__ = ["run_program"]

_BYTES_MAX = 65_536  # those of a subroutine each time that it is called
_CALLS_MAX = 2_000
_LEVELS_MAX = 12
_STACK_MAX = 513


def run_program(program: bytes, pen: OutlinePen, *, local: Sequence[bytes], shared: Sequence[bytes]) -> None:
    """Draw one glyph with a pen; its width is of no interest here.

    Raises:
        FontProblem: the program is damaged, or runs too long.
    """
    extractor = _Counted(pen, _Subroutines(local), _Subroutines(shared), 0, 0)
    try:
        extractor.execute(T2CharString(program))
    except FontProblem:
        raise
    except Exception as error:
        raise FontProblem(f"its program is damaged ({type(error).__name__})") from error


class _Subroutines:
    """The list of subroutines that fontTools looks into."""

    def __init__(self, programs: Sequence[bytes]) -> None:
        self._programs = programs

    def __len__(self) -> int:
        return len(self._programs)

    def __getitem__(self, place: int) -> T2CharString:
        return T2CharString(self._programs[place])


class _Stack(list[float]):
    def append(self, value: float) -> None:
        if len(self) >= _STACK_MAX:
            raise FontProblem("its program piles up too many numbers")
        super().append(value)


class _Counted(T2OutlineExtractor):  # type: ignore[misc]  # as above
    def reset(self) -> None:
        super().reset()
        self.operandStack = _Stack()
        self.calls = self.bytes_run = 0

    def execute(self, charString: T2CharString) -> None:  # noqa: N803 - fontTools
        self.calls += 1
        self.bytes_run += len(charString.bytecode)
        if self.calls > _CALLS_MAX or self.bytes_run > _BYTES_MAX or len(self.callingStack) >= _LEVELS_MAX:
            raise FontProblem("its program runs too long")
        super().execute(charString)
