"""What may be said of a request in logs and errors: nothing secret, no number of a person."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["redact"]

_SHOWN_CHARS: Final = 200
_PERSON: Final = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")
_SECRET: Final = re.compile(
    r"(?i)([\w-]*(?:secret|token|password|passwd|pwd|appkey|api_?key|authorization|cookie|sign(?:ature|data)?)"
    r"[\"']?\s*[:=]\s*)(?:bearer\s+)?(\"[^\"]*\"|'[^']*'|[^\s&,;\"'}\]]+)"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def redact(text: str, *, limit: int = _SHOWN_CHARS) -> str:
    """A stranger's text on one line, cut, with secrets and personal numbers masked.

    Example:
        >>> redact("no such person: 11010519491231002X")
        'no such person: 1****************X'
    """
    from egov_sdk.codes.masking import mask_mobile, mask_number  # only when something went wrong

    text = _CONTROL.sub(" ", text[: 4 * limit])
    text = _SECRET.sub(lambda found: found.group(1) + "***", text)
    text = _PERSON.sub(lambda found: mask_number(found.group()), text)
    text = _MOBILE.sub(lambda found: mask_mobile(found.group()), text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
