"""How much of a stranger's message we are willing to read. Normal messages stay far below the defaults."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_ENVELOPE_LIMITS", "EnvelopeLimits"]


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvelopeLimits:
    """Limits for one message, receipt or evidence file.

    ``ratio`` bounds how many times larger than its compressed form content may become, from ``ratio_from_bytes`` on;
    ``attachment_chunks`` how long the list of chunk digests of one attachment may be.
    """

    message_bytes: int = 16 << 20
    header_bytes: int = 64 << 10
    depth: int = 12
    xml_elements: int = 20_000
    certificates: int = 8
    certificate_bytes: int = 16 << 10
    receivers: int = 64
    ratio: float = 100.0
    ratio_from_bytes: int = 1 << 20
    proof_steps: int = 40
    time_stamp_bytes: int = 64 << 10
    receipts: int = 256
    attachment_chunks: int = 1 << 22


DEFAULT_ENVELOPE_LIMITS = EnvelopeLimits()
