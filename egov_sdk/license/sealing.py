"""Who seals a licence: a seal together with the key of one of its holders, for one role on the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from egov_sdk.crypto import Signer
from egov_sdk.ofd import OfdPackage
from egov_sdk.pki import Certificate
from egov_sdk.seal import ElectronicSeal, Placement, Seam, stamp
from egov_sdk.seal.make import TimeStamper
from egov_sdk.seal.service import SealService

__all__ = ["LocalSealer", "Sealer", "ServiceSealer"]


class Sealer(Protocol):
    """Seals documents (签章): a seal in this process, a device, or a platform of seals."""

    def seal(self, document: bytes, *, at: Sequence[Placement | Seam], signed_at: datetime) -> bytes:
        """The document with the seal on it, at these places.

        Raises:
            StampRefused: the seal or the document does not allow it.
        """


@dataclass(frozen=True, slots=True)
class LocalSealer:
    """A seal and a key that are at hand in this process."""

    seal_file: ElectronicSeal
    signer: Signer
    certificate: Certificate | None = None
    time_stamper: TimeStamper | None = None

    def seal(self, document: bytes | OfdPackage, *, at: Sequence[Placement | Seam], signed_at: datetime) -> bytes:
        """As Sealer.seal, of one that is open too."""
        return stamp(
            document,
            seal=self.seal_file,
            signer=self.signer,
            at=at,
            signed_at=signed_at,
            certificate=self.certificate,
            time_stamper=self.time_stamper,
        )


@dataclass(frozen=True, slots=True)
class ServiceSealer:
    """A seal of a service of seals, which keeps a log of every use; the service's clock says when it was."""

    service: SealService
    seal_id: str
    reason: str = "license"

    def seal(self, document: bytes, *, at: Sequence[Placement | Seam], signed_at: datetime) -> bytes:
        """As Sealer.seal; ``signed_at`` is what the service's own clock says."""
        return self.service.stamp(document, self.seal_id, at=at, reason=self.reason)
