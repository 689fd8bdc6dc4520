"""The identifier of a licence (证照标识): parse, build, check character.

Source:
    GB/T 36904-2018; GB/T 17710-2008 (ISO/IEC 7064 MOD 37,36).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LicenseIdentifier"]

ROOT = "1.2.156.3005.2"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(text: str) -> str:
    """The check character of MOD 37,36 over digits and capital letters."""
    p = 36
    for char in text:
        p = (p + _ALPHABET.index(char)) % 36 or 36
        p = p * 2 % 37
    return _ALPHABET[(37 - p) % 36]


@dataclass(frozen=True, slots=True)
class LicenseIdentifier:
    """An identifier in its parts (证照标识): 21, 18, any, and a version from 1 to 999."""

    type_code: str
    issuer_code: str
    serial: str
    version: int
    check: str

    @classmethod
    def build(cls, *, type_code: str, issuer_code: str, serial: str, version: int = 1) -> LicenseIdentifier:
        """Put an identifier together; its check character is computed."""
        body = f"{type_code}{issuer_code}{serial}{version:03d}"
        return cls(type_code, issuer_code, serial, version, check_character(body))

    def __str__(self) -> str:
        return f"{ROOT}.{self.type_code}.{self.issuer_code}.{self.serial}.{self.version:03d}.{self.check}"
