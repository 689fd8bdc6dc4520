"""How much of a stranger's file we are willing to read. Normal government files stay far below the defaults."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "DEFAULT_ASN1_LIMITS",
    "DEFAULT_OFD_LIMITS",
    "DEFAULT_PICTURE_LIMITS",
    "Asn1Limits",
    "OfdLimits",
    "PictureLimits",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class OfdLimits:
    """Limits for an OFD package: counts, bytes after inflating, and the shape of its XML."""

    file_bytes: int = 256 << 20
    entries: int = 4_096
    entry_bytes: int = 64 << 20
    total_bytes: int = 256 << 20
    ratio: float = 200.0
    ratio_from_bytes: int = 1 << 20  # a small entry may compress well by nature
    name_bytes: int = 512
    xml_bytes: int = 32 << 20
    xml_depth: int = 64
    xml_elements: int = 1_000_000
    documents: int = 64
    pages: int = 20_000
    signatures: int = 256
    references: int = 8_192


@dataclass(frozen=True, kw_only=True, slots=True)
class Asn1Limits:
    """Limits for DER and BER values: seals, signature values, certificates, messages."""

    total_bytes: int = 16 << 20
    depth: int = 32
    elements: int = 20_000
    certificates: int = 64
    certificate_bytes: int = 64 << 10  # one is hashed for each issuer that it may have


@dataclass(frozen=True, kw_only=True, slots=True)
class PictureLimits:
    """Limits for a picture inside a seal, checked from its header before any pixel is decoded."""

    data_bytes: int = 8 << 20
    pixels: int = 40_000_000
    side_px: int = 16_384
    side_mm: int = 300


DEFAULT_OFD_LIMITS = OfdLimits()
DEFAULT_ASN1_LIMITS = Asn1Limits()
DEFAULT_PICTURE_LIMITS = PictureLimits()
