"""X.509 certificates as they are in the wild: read leniently where it is safe, and every leniency named."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.keys import SM2PublicKey
from egov_sdk.crypto.oids import EC_PUBLIC_KEY, SM2_CURVE
from egov_sdk.crypto.pem import write_pem
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki import _reader
from egov_sdk.pki._reader import Extension
from egov_sdk.pki._remember import remembered
from egov_sdk.pki.name import Name
from egov_sdk.report import Text
from egov_sdk.times import aware

__all__ = ["CERTIFICATE_LENIENCIES", "KEY_USAGES", "Certificate", "Extension"]

#: The names of the key usage bits, in the order of RFC 5280, 4.2.1.3.
KEY_USAGES: Final = _reader.KEY_USAGES

#: What real certificates get wrong and is read all the same, by the code that ``leniencies`` holds.
CERTIFICATE_LENIENCIES: Final = MappingProxyType(
    {
        "basic_constraints_default_written": Text(
            "basicConstraints writes out its default FALSE", "基本约束写出了默认值 FALSE"
        ),
        "critical_default_written": Text("an extension writes out critical FALSE", "扩展项写出了默认的 critical FALSE"),
        "extension_unreadable": Text(
            "an extension that is not about rights cannot be read", "有与权限无关的扩展项无法解析"
        ),
        "extensions_before_v3": Text("extensions in a certificate older than version 3", "低于 v3 的证书含有扩展项"),
        "key_algorithm_is_curve": Text(
            "the key's algorithm names the SM2 curve instead of id-ecPublicKey",
            "公钥算法写成了 SM2 曲线而不是 id-ecPublicKey",
        ),
        "key_usage_padding": Text("keyUsage is not the shortest bit string", "密钥用法不是最短的位串"),
        "name_charset": Text(
            "a name holds octets that its string type does not allow", "名称含有其字符串类型不允许的字节"
        ),
        "name_not_text": Text("a name holds a value that is no text", "名称含有非文本的值"),
        "name_set_order": Text("a name with several parts is not in DER order", "多值名称未按 DER 排序"),
        "path_length_without_ca": Text("a path length in a certificate that is no CA", "非 CA 证书写了路径长度"),
        "serial_not_positive": Text("the serial number is zero or negative", "序列号为零或负数"),
        "serial_not_shortest": Text("the serial number has superfluous octets", "序列号有多余的字节"),
        "serial_too_long": Text("the serial number has more than 20 octets", "序列号超过 20 字节"),
        "time_form": Text("a time is not written as UTC with seconds", "时间没有写成带秒的 UTC"),
        "unique_identifier_as_text": Text(
            "x500UniqueIdentifier is text instead of a bit string", "x500UniqueIdentifier 写成文本而不是位串"
        ),
    }
)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Certificate:
    """One X.509 certificate (数字证书); two are equal when their octets are.

    ``raw`` and ``tbs`` are the octets as received: signatures are checked over them. ``key_usage``
    and ``extended_key_usage`` are None where the certificate does not restrict them.
    ``leniencies`` holds the codes of everything that was read although a standard forbids it.
    """

    raw: bytes
    tbs: bytes
    version: int
    serial_number: int
    issuer: Name
    subject: Name
    not_before: datetime
    not_after: datetime
    public_key_info: bytes
    public_key_algorithm: str
    public_key_curve: str | None
    signature_algorithm: str
    signature: bytes
    extensions: tuple[Extension, ...]
    key_usage: frozenset[str] | None
    extended_key_usage: tuple[str, ...] | None
    is_ca: bool
    path_length: int | None
    subject_key_id: bytes | None
    authority_key_id: bytes | None
    crl_urls: tuple[str, ...]
    ocsp_urls: tuple[str, ...]
    leniencies: tuple[str, ...]

    @classmethod
    def parse(cls, der: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS, where: str = "certificate") -> Certificate:
        """Read one certificate in DER; nothing may follow it.

        Raises:
            ParseError: the octets are no certificate, its rights (basicConstraints, keyUsage,
                extKeyUsage) cannot be read, an extension comes twice, or the two signature
                algorithms differ.
            LimitExceeded: larger than ``limits.certificate_bytes`` or ``limits.total_bytes``.
        Source:
            RFC 5280, 4.1 and 4.2; GB/T 20518-2018.
        """
        der = bytes(der)
        for limit, allowed in (("certificate_bytes", limits.certificate_bytes), ("total_bytes", limits.total_bytes)):
            if len(der) > allowed:
                raise LimitExceeded(limit, allowed=allowed, found=len(der), where=where)
        with suppress(ParseError):
            # the few certificates of an office come with each of its documents
            return _parsed(der)
        return cls(**_reader.read(der, where=where))

    @property
    def is_sm2(self) -> bool:
        """Whether the public key is one on the SM2 curve."""
        return self.public_key_curve == SM2_CURVE and self.public_key_algorithm in (EC_PUBLIC_KEY, SM2_CURVE)

    @property
    def public_key(self) -> SM2PublicKey:
        """The SM2 public key.

        Raises:
            ParseError: it is a key of another kind (see ``public_key_algorithm``), or no point of the curve.
        """
        if not self.is_sm2:
            kind = self.public_key_curve or self.public_key_algorithm
            raise ParseError(
                f"the key is of kind {kind}, expected SM2",
                where="certificate public key",
                code="egov.pki.not_an_sm2_key",
                expected=SM2_CURVE,
                found=kind,
            )
        return sm2_key_of(self.public_key_info)

    @property
    def fingerprint(self) -> str:
        """SM3 of the whole certificate, in hex."""
        return sm3(self.raw).hex()

    @property
    def is_self_issued(self) -> bool:
        """Whether issuer and subject are the same octets."""
        return self.issuer.raw == self.subject.raw

    def extension(self, oid: str) -> Extension | None:
        """The extension of that type, if there is one."""
        return next((extension for extension in self.extensions if extension.oid == oid), None)

    def covers(self, at: datetime) -> bool:
        """Whether ``at`` lies within the certificate's dates, both ends included.

        Raises:
            ValueError: the time is naive.
        """
        aware(at)
        return self.not_before <= at <= self.not_after

    def to_pem(self) -> bytes:
        """The certificate as a PEM block."""
        return write_pem("CERTIFICATE", self.raw)

    def __eq__(self, other: object) -> bool:
        return self.raw == other.raw if isinstance(other, Certificate) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"<Certificate {self.serial_number:x} of {self.subject.text!r}>"


@remembered(512)
def _parsed(der: bytes) -> Certificate:
    return Certificate(**_reader.read(der, where=""))


@remembered(256)
def sm2_key_of(public_key_info: bytes) -> SM2PublicKey:
    """The key of a SubjectPublicKeyInfo on the SM2 curve; kept, since a key object learns to verify faster."""
    return SM2PublicKey.from_point(_reader.key_octets(public_key_info))
