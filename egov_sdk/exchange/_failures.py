"""How failures stand in the log: what is known to happen in one line, what is not with its traceback."""

from __future__ import annotations

import logging
from typing import Final

from egov_sdk.errors import EgovError
from egov_sdk.problems import shown

__all__ = ["log_failure"]

_log: Final = logging.getLogger("egov_sdk.exchange")


def log_failure(what: str, error: BaseException) -> None:
    """Write a warning that ``what`` failed: of a refusal, a platform or a disk the code and the reason."""
    if isinstance(error, EgovError):
        _log.warning("%s: %s: %s", what, error.code, shown(error.message))
    elif isinstance(error, OSError):
        _log.warning("%s: %s: %s", what, type(error).__name__, shown(error))
    else:
        _log.warning("%s: %s", what, type(error).__name__, exc_info=error)
