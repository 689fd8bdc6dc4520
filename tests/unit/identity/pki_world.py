"""A CA, people and systems with certificates, for tests of what certificates prove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.der import encode_tlv
from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.pki import Certificate, LocalCA, TrustStore
from egov_sdk.pki.certificate import Extension
from egov_sdk.pki.local_ca import CertificateKind
from egov_sdk.pki.name import Name
from tests.world import seeded

__all__ = ["CREDIT", "NOW", "NUMBER", "Pair", "ca", "issue", "tagged", "trusting"]

NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
MADE = NOW - timedelta(days=100)
NUMBER = specimen_citizen_number(7).number
CREDIT = specimen_credit_code(7).number
IDENTIFY_CODE = "1.2.156.10260.4.1.1"
ORGANIZATION_CODE = "1.2.156.10260.4.1.4"


@dataclass(frozen=True)
class Pair:
    key: SM2PrivateKey
    certificate: Certificate


@lru_cache
def ca(name: str = "People") -> LocalCA:
    return LocalCA.create_root(f"{name} Root", at=MADE, days=3650, random=seeded(f"{name} root"))


def tagged(tag: int, text: str) -> bytes:
    return encode_tlv(tag, text.encode())


def issue(
    subject: str = "张三",
    *,
    extensions: dict[str, bytes] | None = None,
    by: str = "People",
    kind: CertificateKind = "signer",
    at: datetime = MADE,
    days: int = 1000,
    key: SM2PrivateKey | None = None,
) -> Pair:
    """A certificate; by default of a person with a citizen number."""
    holder = key or SM2PrivateKey.generate(random=seeded(f"holder {subject}"))
    if extensions is None:
        extensions = {IDENTIFY_CODE: tagged(0x80, NUMBER)}
    added = [Extension(oid, False, value) for oid, value in extensions.items()]
    certificate = ca(by).issue(kind, Name.from_text(subject), holder.public_key(), at=at, days=days, extensions=added)
    return Pair(holder, certificate)


def trusting(**changes: object) -> CertificateTrust:
    given: dict[str, object] = {"trust": TrustStore([ca().certificate])}
    return CertificateTrust(**(given | changes))  # type: ignore[arg-type]  # each test gives what it names
