"""The words of the trade: an electronic seal (电子印章) and the signature value (电子签章数据) made with it.

These are parsed values of one file; they keep the received bytes, because a signature is verified over
what came in and never over a re-encoding.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

__all__ = [
    "CertificateDigest",
    "ElectronicSeal",
    "Leniency",
    "SealExtension",
    "SealPicture",
    "SealValue",
    "SealVersion",
]


class SealVersion(enum.Enum):
    """Which layout a seal has. It is read off the shape: the number inside is known to lie."""

    V1 = 1  # GM/T 0031-2014
    V4 = 4  # GB/T 38540-2020
    V5 = 5  # GM/T 0031-2025

    @property
    def standard(self) -> str:
        return {1: "GM/T 0031-2014", 4: "GB/T 38540-2020", 5: "GM/T 0031-2025"}[self.value]


@dataclass(frozen=True, slots=True)
class Leniency:
    """A deviation from the standard that real files show and that was read all the same."""

    code: str
    where: str
    found: str = ""

    def __str__(self) -> str:
        return f"{self.code} ({self.where}{': ' + self.found if self.found else ''})"


@dataclass(frozen=True, slots=True)
class SealPicture:
    """A seal's picture (印章图像): its bytes, the format its maker declares, and its printed size in millimetres."""

    data: bytes
    format: str
    width_mm: int
    height_mm: int

    def __repr__(self) -> str:
        return f"<SealPicture {self.format} {self.width_mm}x{self.height_mm} mm, {len(self.data)} bytes>"


@dataclass(frozen=True, slots=True)
class SealExtension:
    """One extension of a seal or of a signature value."""

    oid: str
    critical: bool
    value: bytes


@dataclass(frozen=True, slots=True)
class CertificateDigest:
    """A signer certificate named by its digest; ``algorithm`` is free text of the maker."""

    algorithm: str
    value: bytes


@dataclass(frozen=True, slots=True)
class ElectronicSeal:
    """A seal (SESeal): what it shows, who may use it, how long, and its maker's signature over that.

    ``holder_certificates`` or ``holder_digests`` name the certificates that may sign with this seal;
    ``signed_bytes`` are the received bytes that the maker (制章者) signed; times are aware.
    """

    raw: bytes
    version: SealVersion
    declared_version: int
    vendor: str
    seal_id: str
    kind: int
    name: str
    holder_certificates: tuple[bytes, ...]
    holder_digests: tuple[CertificateDigest, ...]
    created_at: datetime
    valid_from: datetime
    valid_to: datetime
    picture: SealPicture
    extensions: tuple[SealExtension, ...]
    maker_certificate: bytes
    maker_algorithm: str
    maker_signature: bytes
    signed_bytes: bytes
    time_stamp: bytes | None
    leniencies: tuple[Leniency, ...]

    def __repr__(self) -> str:
        return f"<ElectronicSeal {self.name!r} {self.seal_id} {self.version.standard}>"


@dataclass(frozen=True, slots=True)
class SealValue:
    """A signature value made with a seal (SES_Signature).

    ``signed_at`` is the signer's own word and None where only a time-stamp token stands in its place;
    ``token`` is a token found in the time field (v1), ``time_stamp`` the token over the signature (v4, v5).
    """

    raw: bytes
    seal: ElectronicSeal
    declared_version: int
    signed_at: datetime | None
    token: bytes | None
    data_hash: bytes
    property_info: str
    extensions: tuple[SealExtension, ...]
    signer_certificate: bytes
    algorithm: str
    signature: bytes
    signed_bytes: bytes
    time_stamp: bytes | None
    leniencies: tuple[Leniency, ...]

    @property
    def version(self) -> SealVersion:
        return self.seal.version

    def __repr__(self) -> str:
        return f"<SealValue by {self.seal!r} at {self.signed_at}>"
