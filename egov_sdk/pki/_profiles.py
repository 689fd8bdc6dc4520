"""Certificate profiles: which rights and marks each kind of certificate gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

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
)
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.keys import SM2PublicKey
from egov_sdk.pki.certificate import KEY_USAGES, Extension

CertificateKind = Literal["ca", "seal_maker", "signer", "encryption", "tsa", "ocsp"]

_TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
_OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"


@dataclass(frozen=True, slots=True)
class Profile:
    """The rights of one kind; ``purpose_critical`` as RFC 3161, 2.3 asks for time stamping."""

    key_usage: tuple[str, ...]
    purpose: str = ""
    purpose_critical: bool = False
    is_ca: bool = False
    no_check: bool = False


_SIGNS: Final = ("digitalSignature", "nonRepudiation")
#: GM/T 0015-2012, GB/T 20518-2018: signing and encryption have certificates of their own (双证书).
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "ca": Profile(("keyCertSign", "cRLSign"), is_ca=True),
        "seal_maker": Profile(_SIGNS),
        "signer": Profile(_SIGNS),
        "encryption": Profile(("keyEncipherment", "dataEncipherment", "keyAgreement")),
        "tsa": Profile(_SIGNS, _TIME_STAMPING, purpose_critical=True),
        "ocsp": Profile(("digitalSignature",), _OCSP_SIGNING, no_check=True),
    }
)


def key_id(key: SM2PublicKey) -> bytes:
    """A key identifier: the first 20 octets of SM3 over the point, after method 1 of RFC 7093."""
    return sm3(b"\x04" + key.point)[:20]


def rights(profile: Profile, *, path_length: int | None) -> list[Extension]:
    """The extensions that grant and limit rights."""
    found = [Extension("2.5.29.15", True, key_usage(profile.key_usage))]
    if profile.is_ca:
        length = integer(path_length) if path_length is not None else b""
        found.append(Extension("2.5.29.19", True, sequence(boolean(True), length)))
    if profile.purpose:
        found.append(Extension("2.5.29.37", profile.purpose_critical, sequence(oid(profile.purpose))))
    if profile.no_check:
        found.append(Extension("1.3.6.1.5.5.7.48.1.5", False, null()))
    return found


def marks(
    key: SM2PublicKey, *, issuer_key_id: bytes | None, crl_url: str | None, ocsp_url: str | None
) -> list[Extension]:
    """The extensions that help to find things: none is critical."""
    found = [Extension("2.5.29.14", False, octet_string(key_id(key)))]
    if issuer_key_id is not None:
        found.append(Extension("2.5.29.35", False, sequence(encode_tlv(0x80, issuer_key_id))))
    if crl_url is not None:
        found.append(Extension("2.5.29.31", False, sequence(sequence(context(0, context(0, uri(crl_url)))))))
    if ocsp_url is not None:
        access = sequence(oid("1.3.6.1.5.5.7.48.1"), uri(ocsp_url))
        found.append(Extension("1.3.6.1.5.5.7.1.1", False, sequence(access)))
    return found


def key_usage(names: tuple[str, ...]) -> bytes:
    """The shortest BIT STRING with the bits of these usages."""
    highest = max(KEY_USAGES.index(name) for name in names)
    width = (highest // 8 + 1) * 8
    bits = sum(1 << (width - 1 - KEY_USAGES.index(name)) for name in names)
    return bit_string(bits.to_bytes(width // 8, "big"), unused=width - 1 - highest)


def uri(url: str) -> bytes:
    """A GeneralName that is an address.

    Raises:
        ValueError: not ASCII.
    """
    return context(6, url.encode("ascii"), constructed=False)


def encoded(extension: Extension) -> bytes:
    """One extension as it stands in a certificate."""
    return sequence(oid(extension.oid), boolean(True) if extension.critical else b"", octet_string(extension.value))
