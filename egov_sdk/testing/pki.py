"""Keys and certificates for tests, the same in every run and in every process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.pki import Certificate, LocalCA, TrustStore

if TYPE_CHECKING:
    from egov_sdk.pki.local_ca import CertificateKind

__all__ = ["Pki", "unsafe_seeded"]


def unsafe_seeded(seed: str) -> Callable[[int], bytes]:
    """A source of bytes that everybody can foresee: for tests, so that they find the same every time."""
    position, left = 0, b""

    def draw(count: int) -> bytes:
        nonlocal position, left
        while len(left) < count:
            left += sm3(f"{seed} {position}".encode())
            position += 1
        drawn, left = left[:count], left[count:]
        return drawn

    return draw


@dataclass(frozen=True, slots=True)
class Pki:
    """An authority of one's own.

    Attributes:
        root: Issues certificates.
        at: From when they are valid.
    """

    root: LocalCA = field(repr=False)
    at: datetime

    @property
    def trust(self) -> TrustStore:
        """What trusts it."""
        return TrustStore([self.root.certificate])

    def issue(
        self, name: str, *, kind: CertificateKind = "signer", days: int = 365, seed: str = ""
    ) -> tuple[SM2PrivateKey, Certificate]:
        """A key and its certificate.

        Args:
            name: Of the subject: ``CN=…``, or a common name.
            kind: ``ca``, ``seal_maker``, ``signer``, ``encryption``, ``tsa`` or ``ocsp``.
            seed: Another one gives another key.
        """
        key = SM2PrivateKey.generate(random=unsafe_seeded(f"{kind} {name} {seed}"))
        return key, self.root.issue(kind, name, key.public_key(), at=self.at, days=days)

    def stranger(self) -> Pki:
        """Another authority, which nobody here trusts."""
        root = LocalCA.create_root("CN=Stranger Root,C=CN", at=self.at, days=3_650, random=unsafe_seeded("stranger"))
        return Pki(root, self.at)
