"""What a verifier of presentations demands, and whom it lets issue which types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Self

from egov_sdk.errors import ParseError
from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.license.present._shapes import TYPE_CODE, key_id
from egov_sdk.pki import Certificate, TrustStore

__all__ = ["LicenseIssuer", "PresentationPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseIssuer:
    """An authority that may issue licences (颁发机构): the names in its certificates, and the types it may issue.

    ``subjects`` are names as ``certificate.subject.text`` writes them, to the letter: beneath one CA there are many
    authorities, and each speaks for its own types only. Its status lists must be signed under one of these names too.
    """

    subjects: frozenset[str]
    type_codes: frozenset[str]

    def __post_init__(self) -> None:
        for name in ("subjects", "type_codes"):
            if isinstance(getattr(self, name), str):
                raise TypeError(f"{name} is a set of texts, not one text")
            object.__setattr__(self, name, frozenset(getattr(self, name)))
        if not self.subjects or not self.type_codes:
            raise ValueError("an issuer has at least one name and one type")
        if wrong := [code for code in self.type_codes if TYPE_CODE.fullmatch(code) is None]:
            raise ValueError(f"not type codes: {', '.join(sorted(wrong))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationPolicy:
    """What a verifier demands (验证策略).

    Attributes:
        trusting: The anchors, and what is known about revoked certificates.
        issuers: Who may issue which types; one that is not named may issue none.
        certificates: Certificates of issuers that are at hand; those inside status lists are looked at as well.
        holder_key: Refuse presentations that the issuer signed for the holder.
        bound: Refuse presentations that were made for anyone.
        max_life: How long a presentation may live in all.
        status_max_age: How old a status list may be.
        leeway: How far the clocks may be apart.
    """

    trusting: CertificateTrust
    issuers: tuple[LicenseIssuer, ...]
    certificates: tuple[Certificate, ...] = ()
    holder_key: bool = False
    bound: bool = False
    max_life: timedelta = timedelta(minutes=10)
    status_max_age: timedelta = timedelta(hours=24)
    leeway: timedelta = timedelta(seconds=30)
    _by_subject: Mapping[str, LicenseIssuer] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "issuers", tuple(self.issuers))
        object.__setattr__(self, "certificates", tuple(self.certificates))
        named = {subject: issuer for issuer in self.issuers for subject in issuer.subjects}
        if len(named) != sum(len(issuer.subjects) for issuer in self.issuers):
            raise ValueError("a name belongs to one issuer only")
        object.__setattr__(self, "_by_subject", MappingProxyType(named))
        if self.max_life <= timedelta(0) or self.status_max_age <= timedelta(0) or self.leeway < timedelta(0):
            raise ValueError("max_life and status_max_age are positive, leeway is not negative")

    @classmethod
    def of(cls, issuer: Certificate, *, type_codes: Iterable[str], trust: TrustStore) -> Self:
        """What a verifier demands that believes one issuer, under the name in this certificate of it, and these roots.

        Args:
            type_codes: what it may issue.
        """
        known = LicenseIssuer(subjects=frozenset({issuer.subject.text}), type_codes=frozenset(type_codes))
        return cls(trusting=CertificateTrust(trust=trust), issuers=(known,), certificates=(issuer,))

    def issuer_of(self, certificate: Certificate) -> LicenseIssuer | None:
        """Which issuer a certificate is of, by its name; None when it is of none."""
        return self._by_subject.get(certificate.subject.text)


def certificates_for(wanted: bytes, certificates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Those whose key has this short name; several have one key after a renewal."""
    return tuple(each for each in certificates if _key_id_of(each) == wanted)


@lru_cache(maxsize=256)
def _key_id_of(certificate: Certificate) -> bytes:
    """The short name of its key; empty for a key of another kind."""
    try:
        return key_id(certificate.public_key)
    except ParseError:
        return b""
