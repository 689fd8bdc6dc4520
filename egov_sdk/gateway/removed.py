"""What stands for octets that a recording of a platform's answers left out, such as a file about somebody."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["are_removed", "removed_octets"]

_REMOVED: Final = re.compile(rb"octets [0-9]{1,9} removed from this recording")


def removed_octets(number: int) -> bytes:
    """What stands for the octets of that number."""
    return b"octets %d removed from this recording" % number


def are_removed(octets: bytes) -> bool:
    """Whether these octets say that others were left out, and nothing else: no file of anything reads so."""
    return _REMOVED.fullmatch(octets) is not None
