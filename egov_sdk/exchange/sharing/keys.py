"""Keyed digests of records: who used a record is known, and which person it is about is not told by the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.crypto import hmac_sm3

__all__ = ["SharingKeys"]

_LEAST: Final = 32


@dataclass(frozen=True, slots=True)
class SharingKeys:
    """The one secret of a platform's log of uses, at least 32 octets. Whoever loses it can tell no user any more."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < _LEAST:
            raise ValueError(f"the secret has {len(self.secret)} octets, expected {_LEAST} or more")

    def record(self, resource: str, parts: Iterable[str]) -> bytes:
        """The digest of a record's key in a resource, the same for all who use it; it stays in the log."""
        return self._digest("record", resource, *parts)

    def reference(self, case_id: str, record: bytes) -> str:
        """What one case calls a record. Two cases call the same record differently, so that nobody can join them."""
        return self._digest("reference", case_id, record.hex()).hex()

    def of_case(self, case_id: str) -> bytes:
        """The secret of the digests that are given under one case."""
        return self._digest("fields", case_id)

    def _digest(self, *texts: str) -> bytes:
        octets = [text.encode() for text in texts]
        return hmac_sm3(self.secret, b"".join(len(one).to_bytes(4, "big") + one for one in octets))
