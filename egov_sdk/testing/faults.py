"""What a test lets go wrong between its program and the province."""

from __future__ import annotations

from egov_sdk.platform.mock.faults import (
    Corrupt,
    Cut,
    Delay,
    Duplicate,
    ExpiredToken,
    Fault,
    NoAnswer,
    RateLimit,
    Skew,
    SlowBody,
    Status,
    Unreachable,
    WrongSignature,
)

__all__ = [
    "Corrupt",
    "Cut",
    "Delay",
    "Duplicate",
    "ExpiredToken",
    "Fault",
    "NoAnswer",
    "RateLimit",
    "Skew",
    "SlowBody",
    "Status",
    "Unreachable",
    "WrongSignature",
]
