"""A small world of certificates for tests: seeded, dated, and as malformed as a test wants it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from egov_sdk.crypto import DEFAULT_SIGNER_ID, SM2PrivateKey, SM2PublicKey, oids
from egov_sdk.crypto.der import (
    bit_string,
    boolean,
    context,
    encode_tlv,
    integer,
    null,
    octet_string,
    oid,
    sequence,
    utc_time,
)
from egov_sdk.pki import Certificate, LocalCA
from egov_sdk.pki.name import Name

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SIGNING = frozenset({"digitalSignature", "nonRepudiation"})


class Seeded:
    """Bytes that look random and come again for the same seed."""

    def __init__(self, seed: str) -> None:
        self.seed, self.count = seed, 0

    def __call__(self, number: int) -> bytes:
        self.count += 1
        return hashlib.shake_128(f"{self.seed}/{self.count}".encode()).digest(number)


@lru_cache(maxsize=128)
def key(name: str) -> SM2PrivateKey:
    """The key of that name."""
    return SM2PrivateKey.generate(random=Seeded(f"key {name}"))


@lru_cache(maxsize=32)
def root(name: str = "根") -> LocalCA:
    return LocalCA.create_root(f"CN={name},O=测试,C=CN", at=NOW - 1000 * DAY, days=5000, random=Seeded(f"root {name}"))


@lru_cache(maxsize=32)
def authority(name: str = "签发机构", *, above: str = "根", path_length: int | None = None) -> LocalCA:
    return root(above).subordinate(
        f"CN={name},O=测试,C=CN", at=NOW - 500 * DAY, days=2000, path_length=path_length, key=key(name)
    )


@lru_cache(maxsize=64)
def leaf(name: str = "某某局", *, kind: str = "signer", of: str = "签发机构") -> Certificate:
    assert kind in ("ca", "seal_maker", "signer", "encryption", "tsa", "ocsp")
    return authority(of).issue(
        kind,  # type: ignore[arg-type]  # asserted above
        f"CN={name},O=测试,C=CN",
        key(name).public_key(),
        at=NOW - 100 * DAY,
        days=365,
        crl_url="http://crl.example/1.crl",
        ocsp_url="http://ocsp.example/",
    )


def extension(kind: str, value: bytes, *, critical: bool | None = None) -> bytes:
    """One encoded extension; critical None leaves the field out, False writes it out."""
    return sequence(oid(kind), b"" if critical is None else boolean(critical), octet_string(value))


CA_RIGHTS = (
    extension("2.5.29.19", sequence(boolean(True)), critical=True),
    extension("2.5.29.15", b"\x03\x02\x01\x06", critical=True),
)

NULL_PARAMETERS = sequence(oid(oids.SM2_SM3_SIGNATURE), null())
NO_PARAMETERS = sequence(oid(oids.SM2_SM3_SIGNATURE))


@dataclass(kw_only=True)
class Draft:
    """A certificate to be, every part of which a test can spoil."""

    subject: bytes = field(default_factory=lambda: Name.from_text("CN=草稿,C=CN").raw)
    issuer: bytes = field(default_factory=lambda: Name.from_text("CN=草稿,C=CN").raw)
    public_key: SM2PublicKey = field(default_factory=lambda: key("draft").public_key())
    signer: SM2PrivateKey = field(default_factory=lambda: key("draft"))
    serial: bytes = field(default_factory=lambda: integer(77))
    not_before: bytes = field(default_factory=lambda: utc_time(NOW - 10 * DAY))
    not_after: bytes = field(default_factory=lambda: utc_time(NOW + 10 * DAY))
    version: bytes = field(default_factory=lambda: context(0, integer(2)))
    extensions: Iterable[bytes] | None = ()
    inner_algorithm: bytes = NO_PARAMETERS
    outer_algorithm: bytes = NO_PARAMETERS
    signer_id: bytes = DEFAULT_SIGNER_ID
    public_key_info: bytes = b""
    tail: bytes = b""
    unused_bits: int = 0

    def tbs(self) -> bytes:
        body = b"" if self.extensions is None else context(3, sequence(*self.extensions))
        return sequence(
            self.version,
            self.serial,
            self.inner_algorithm,
            self.issuer,
            sequence(self.not_before, self.not_after),
            self.subject,
            self.public_key_info or self.public_key.to_der(),
            body,
            self.tail,
        )

    def der(self) -> bytes:
        tbs = self.tbs()
        signature = self.signer.sign(tbs, signer_id=self.signer_id, random=Seeded("draft"))
        bits = bit_string(signature)
        if self.unused_bits:
            bits = encode_tlv(0x03, bytes((self.unused_bits,)) + signature)
        return sequence(tbs, self.outer_algorithm, bits)

    def certificate(self) -> Certificate:
        return Certificate.parse(self.der())


def under(ca: LocalCA, name: str, **changes: object) -> Draft:
    """A draft issued by that CA, to the key of that name."""
    draft = Draft(
        subject=Name.from_text(f"CN={name},C=CN").raw,
        issuer=ca.certificate.subject.raw,
        public_key=key(name).public_key(),
        signer=_private(ca),
    )
    for field_name, value in changes.items():
        setattr(draft, field_name, value)
    return draft


def _private(ca: LocalCA) -> SM2PrivateKey:
    assert isinstance(ca.signer, SM2PrivateKey)
    return ca.signer


def flipped(octets: bytes, bit: int) -> bytes:
    """The octets with one bit turned over."""
    place = bit // 8 % len(octets)
    return octets[:place] + bytes((octets[place] ^ 1 << bit % 8,)) + octets[place + 1 :]


def crl_draft(
    *,
    by: LocalCA | None = None,
    signer: SM2PrivateKey | None = None,
    version: bytes | None = None,
    inner: bytes = NO_PARAMETERS,
    outer: bytes = NO_PARAMETERS,
    issuer: bytes | None = None,
    this_update: bytes | None = None,
    next_update: bytes | None = None,
    entries: tuple[bytes, ...] = (),
    extensions: Iterable[bytes] = (),
) -> bytes:
    """A revocation list, every part of which a test can spoil."""
    ca = by if by is not None else authority()
    tbs = sequence(
        integer(1) if version is None else version,
        inner,
        ca.certificate.subject.raw if issuer is None else issuer,
        utc_time(NOW - DAY) if this_update is None else this_update,
        utc_time(NOW + DAY) if next_update is None else next_update,
        sequence(*entries) if entries else b"",
        context(0, sequence(*extensions)) if extensions else b"",
    )
    return sequence(tbs, outer, bit_string((signer or _private(ca)).sign(tbs, random=Seeded("list"))))
