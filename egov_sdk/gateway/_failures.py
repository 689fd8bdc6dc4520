"""From what went wrong on the way to the error that a caller sees."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import Origin, PlatformError, PlatformUnreachable
from egov_sdk.gateway._wire import Failure
from egov_sdk.gateway.errors import (
    AnswerCutOff,
    AnswerMalformed,
    AnswerTooLarge,
    ConnectFailed,
    TimedOut,
    TlsFailed,
)

__all__ = ["error_of"]

_UNREACHABLE: Final[Mapping[str, type[PlatformUnreachable]]] = MappingProxyType(
    {"connect": ConnectFailed, "tls": TlsFailed, "timeout": TimedOut, "cut": AnswerCutOff}
)
_ORIGIN: Final[Mapping[str, Origin]] = MappingProxyType({"connect": "gateway", "tls": "gateway", "timeout": "gateway"})


def error_of(failure: Failure, *, attempts: int, elapsed_s: float, request_id: str) -> PlatformError:
    """The public error for a failure on the way."""
    error: PlatformError
    if (unreachable := _UNREACHABLE.get(failure.cause)) is not None:
        error = unreachable(
            f"{failure.words} (attempt {attempts}, {elapsed_s:.1f} s)",
            attempts=attempts,
            elapsed_s=elapsed_s,
            origin=_ORIGIN.get(failure.cause, "platform"),
            request_id=request_id,
        )
    else:
        kind = AnswerTooLarge if failure.cause == "too_large" else AnswerMalformed
        error = kind(failure.words, origin="platform", request_id=request_id, attempts=attempts)
    if failure.phase:
        error.detail["phase"] = failure.phase
    error.__cause__ = failure.__cause__
    return error
