"""What any platform of seals offers: have one made, use it, end it, verify what was sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from egov_sdk.report import Report
from egov_sdk.seal.placement import Placement, Seam
from egov_sdk.seal.records import SealAction, SealRecord, SealRequest, SealUse

__all__ = ["SealService"]


class SealService(Protocol):
    """Electronic seals (电子印章), as one department that the platform knows.

    Every refusal is a SealRejected, or a StampRefused where a document or a seal does not allow it. A platform that
    cannot be reached is a PlatformUnreachable, one that breaks its own rules is a PlatformRejected.
    """

    def make(self, request: SealRequest) -> SealRecord:
        """Have a seal made and filed (制章).

        Raises:
            SealRejected: seal_taken, owner_code, picture, lifetime, maker_expires.
            InputError: the picture or the certificate is refused.
        """

    def find(self, seal_id: str) -> SealRecord:
        """One seal.

        Raises:
            SealRejected: seal_unknown.
        """

    def seals(self, *, owner_code: str = "") -> tuple[SealRecord, ...]:
        """All seals, or those of one owner, in the order of their numbers."""

    def act(self, seal_id: str, action: SealAction, *, reason: str, actor: str = "") -> SealRecord:
        """Suspend, resume or revoke a seal.

        Raises:
            SealRejected: seal_unknown, seal_action: not in this state.
            ValueError: it is another action.
        """

    def stamp(
        self, document: bytes, seal_id: str, *, at: Sequence[Placement | Seam], reason: str = "", actor: str = ""
    ) -> bytes:
        """Stamp a document (用印): the stamped one, while the use is kept in the log.

        Args:
            at: Where, at least one place.
            reason: What for, as the log shall say; no personal data.
        Raises:
            SealRejected: seal_unknown, seal_not_valid, seal_key.
            StampRefused: the document does not allow it, or its earlier signatures do not hold.
            InputError: it cannot be read.
        """

    def uses(self, seal_id: str, *, after: int = 0, limit: int = 100) -> tuple[SealUse, ...]:
        """What was done with a seal, oldest first; ``after`` leaves out that many."""

    def verify(self, document: bytes, *, at: datetime | None = None) -> Report:
        """Verify a sealed document (验章) with the platform's anchors, and its seals against the register.

        Args:
            at: As at when; now by default.
        Raises:
            InputError: it cannot be read.
        """
