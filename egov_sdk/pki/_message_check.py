"""One signature of a signed message, looked into: the content, the attributes, the mathematics."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Final, Literal

from egov_sdk.crypto.der import (
    children,
    read_one,
    set_of,
)
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.oids import (
    GM_DATA,
    PKCS7_DATA,
    SM2_CURVE,
    SM2_SIGNING,
    SM2_SM3_SIGNATURE,
    SM3,
)
from egov_sdk.crypto.signature import InvalidSignature, der_to_raw
from egov_sdk.errors import ParseError
from egov_sdk.pki import _attributes, _signed_data
from egov_sdk.pki._signature import DIGESTS, WEAK_DIGESTS, Verdict, check_signature
from egov_sdk.pki._signed_data import SignedData, SignerInfo
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.facts import Fact, fact
from egov_sdk.report import Outcome, Text, worst

__all__ = ["DIALECTS", "MESSAGE_LENIENCIES", "MessageCheck", "SignerFacts"]

Dialect = Literal["standard", "sm3_without_z", "sm3_without_z_of_content_info"]

#: What SM2 signatures in messages are computed over, by who was seen doing it.
DIALECTS: Final = MappingProxyType(
    {
        "standard": Text(
            "SM2 with Z over the content or the attributes, as GB/T 35275 says",
            "按 GB/T 35275，带 Z 值对内容或属性签名",
        ),
        "sm3_without_z": Text(
            "over plain SM3 of the content, as Tongsuo cms -noattr", "不带 Z 值，对内容的 SM3 签名（Tongsuo）"
        ),
        "sm3_without_z_of_content_info": Text(
            "over plain SM3 of the inner ContentInfo, as GmSSL cmssign",
            "不带 Z 值，对内层 ContentInfo 的 SM3 签名（GmSSL）",
        ),
    }
)

#: What real messages get wrong and is read all the same.
MESSAGE_LENIENCIES: Final = MappingProxyType(
    {
        "attributes_not_sorted": Text("the signed attributes are not in DER order", "签名属性未按 DER 排序"),
        "ber": Text("BER instead of DER", "采用 BER 而非 DER 编码"),
        "certificate_unreadable": Text("a certificate inside cannot be read", "内含无法读取的证书"),
        "content_is_base64_digest": Text("the content is the digest as base64 text", "内容是摘要的 Base64 文本"),
        "content_not_octet_string": Text("the content is not an OCTET STRING", "内容不是 OCTET STRING"),
        "content_type_attribute_missing": Text("the signed attributes lack the content type", "签名属性缺少内容类型"),
        "content_type_other_family": Text(
            "the content type is data of PKCS#7 in one place and of GM/T 0010 in another",
            "内容类型一处用 PKCS#7、另一处用 GM/T 0010 的 data",
        ),
        "digest_algorithm_is_signature": Text(
            "the digest algorithm names a signature algorithm", "摘要算法写成了签名算法"
        ),
        "issuer_written_differently": Text("the issuer's name is written in other octets", "签发者名称的编码不同"),
        "signature_algorithm_not_301_1": Text(
            "the signature algorithm is not the SM2 signing one", "签名算法不是 SM2 签名标识"
        ),
        "signature_raw": Text("the signature is r || s in 64 bytes instead of DER", "签名值为 64 字节 r||s 而非 DER"),
    }
)

_SM2_SIGNATURES: Final = frozenset((SM2_SIGNING, SM2_SM3_SIGNATURE, SM2_CURVE))
_DATA: Final = frozenset((GM_DATA, PKCS7_DATA))
#: How many certificates of one issuer and serial number are tried: an honest message holds one.
_TWINS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerFacts:
    """What was found about one signer of a message.

    ``content`` says whether the content at hand is what was signed. ``form`` is how the signature
    is written, ``dialect`` what it was computed over (a key of ``DIALECTS``); both are None where
    no signature could be checked. Nothing is said about trust: give ``certificate`` to validate_chain.
    """

    certificate: Certificate | None
    signature: Fact
    content: Fact
    form: Literal["der", "raw"] | None
    dialect: str | None
    leniencies: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        """The worse of signature and content."""
        return worst((self.signature.outcome, self.content.outcome))


class MessageCheck:
    def __init__(
        self, message: SignedData, signer: SignerInfo, content: bytes | None, signer_id: bytes, accept: frozenset[str]
    ) -> None:
        self.message, self.signer, self.signer_id, self.accept = message, signer, signer_id, accept
        self.given = content
        self.signed_content = message.content if message.content is not None else content
        self.leniencies = list(message.leniencies)
        self.form: Literal["der", "raw"] | None = None
        self.dialect: str | None = None

    def run(self, certificates: tuple[Certificate, ...]) -> SignerFacts:
        content = self.check_content()
        certificate, signature = None, fact(Outcome.UNKNOWN, "signer_not_found")
        named = (candidate for candidate in dict.fromkeys(certificates) if self.signer.names(candidate))
        for candidate in islice(named, _TWINS):
            found = self.check_signature(candidate)
            if certificate is None or found.outcome is Outcome.PASSED:
                certificate, signature = candidate, found
            if found.outcome is Outcome.PASSED:
                break
        if certificate and self.signer.issuer_raw not in (None, certificate.issuer.raw):
            self.leniencies.append("issuer_written_differently")
        return SignerFacts(
            certificate=certificate,
            signature=signature,
            content=content,
            form=self.form,
            dialect=self.dialect,
            leniencies=tuple(dict.fromkeys(self.leniencies)),
        )

    def check_content(self) -> Fact:
        if self.signed_content is None:
            return fact(Outcome.UNKNOWN, "content_missing")
        if self.given is not None and not self.is_given(self.signed_content):
            return fact(Outcome.FAILED, "content_differs")
        if self.signer.signed_attributes_der is None:
            return fact(Outcome.PASSED, "content_matches")
        return self.check_attributes(self.signed_content)

    def is_given(self, carried: bytes) -> bool:
        assert self.given is not None
        if hmac.compare_digest(carried, self.given):
            return True
        digest = sm3(self.given)
        if hmac.compare_digest(carried, digest):
            return True
        if hmac.compare_digest(carried.strip(), base64.b64encode(digest)):
            self.leniencies.append("content_is_base64_digest")
            return True
        return False

    def check_attributes(self, content: bytes) -> Fact:
        signer = self.signer
        if signer.message_digest is None:
            return fact(Outcome.FAILED, "message_digest_missing")
        if signer.content_type is None:
            self.leniencies.append("content_type_attribute_missing")
        elif signer.content_type != self.message.inner_type:
            if not {signer.content_type, self.message.inner_type} <= _DATA:
                return fact(
                    Outcome.FAILED, "content_type_wrong", expected=signer.content_type, found=self.message.inner_type
                )
            self.leniencies.append("content_type_other_family")
        algorithm = self.digest_algorithm()
        if algorithm in WEAK_DIGESTS:
            return fact(Outcome.FAILED, "message_weak_algorithm", found=algorithm)
        if algorithm not in DIGESTS:
            return fact(Outcome.UNKNOWN, "message_algorithm_not_supported", found=algorithm)
        if not hmac.compare_digest(DIGESTS[algorithm](content), signer.message_digest):
            return fact(Outcome.FAILED, "message_digest_wrong")
        return fact(Outcome.PASSED, "content_matches")

    def digest_algorithm(self) -> str:
        if self.signer.digest_algorithm in (SM2_SM3_SIGNATURE, SM2_SIGNING):
            self.leniencies.append("digest_algorithm_is_signature")
            return SM3
        return self.signer.digest_algorithm

    def check_signature(self, certificate: Certificate) -> Fact:
        signer = self.signer
        signed = signer.signed_attributes_der
        if signed is None:
            signed = self.signed_content
            if signed is None:
                return fact(Outcome.UNKNOWN, "content_missing")
            if _looks_like_attributes(signed):
                return fact(Outcome.FAILED, "attributes_as_content")
        if not certificate.is_sm2:
            return self.check_other(certificate, signed)
        if signer.signature_algorithm not in _SM2_SIGNATURES:
            return fact(Outcome.UNKNOWN, "message_algorithm_not_supported", found=signer.signature_algorithm)
        if signer.signature_algorithm != SM2_SIGNING:
            self.leniencies.append("signature_algorithm_not_301_1")
        return self.check_sm2(certificate, signed)

    def check_other(self, certificate: Certificate, signed: bytes) -> Fact:
        """RSA and ECDSA, as time stamps still have them."""
        signer = self.signer
        verdict = check_signature(
            certificate.public_key_info,
            algorithm=signer.signature_algorithm,
            digest=signer.digest_algorithm,
            signature=signer.signature,
            signed=signed,
        )
        if verdict is Verdict.UNSUPPORTED:
            return fact(Outcome.UNKNOWN, "message_algorithm_not_supported", found=signer.signature_algorithm)
        if verdict is Verdict.WEAK:
            return fact(Outcome.FAILED, "message_weak_algorithm", found=signer.signature_algorithm)
        if verdict is Verdict.NO_KEY:
            return fact(Outcome.UNKNOWN, "signer_key_unreadable")
        if verdict is Verdict.BAD:
            return fact(Outcome.FAILED, "message_signature_wrong")
        self.form, self.dialect = "der", "standard"
        return fact(Outcome.PASSED, "signature_good")

    def check_sm2(self, certificate: Certificate, signed: bytes) -> Fact:
        try:
            key = certificate.public_key
        except ParseError:
            return fact(Outcome.UNKNOWN, "signer_key_unreadable")
        signature = self.signer.signature
        self.form = "raw" if len(signature) == 64 else "der"
        try:
            raw = signature if self.form == "raw" else der_to_raw(signature)
        except ParseError:
            return fact(Outcome.FAILED, "message_signature_wrong")
        z = key.z(self.signer_id)
        for dialect, digest, leniency in self.digests(z, signed):
            try:
                key.verify_digest(raw, digest)
            except InvalidSignature:
                continue
            self.dialect = dialect
            self.leniencies.extend(leniency)
            if self.form == "raw":
                self.leniencies.append("signature_raw")
            if dialect in self.accept:
                return fact(Outcome.PASSED, "signature_good")
            return fact(Outcome.FAILED, "dialect_not_accepted", dialect=dialect)
        return fact(Outcome.FAILED, "message_signature_wrong")

    def digests(self, z: bytes, signed: bytes) -> Iterable[tuple[str, bytes, tuple[str, ...]]]:
        yield "standard", sm3(z + signed), ()
        if self.signer.signed_attributes_der is None:
            yield "sm3_without_z", sm3(signed), ()
            yield "sm3_without_z_of_content_info", sm3(self.message.inner_raw), ()
        elif (ordered := _sorted(signed)) != signed:
            yield "standard", sm3(z + ordered), ("attributes_not_sorted",)


def _sorted(signed: bytes) -> bytes:
    return set_of(*(part.raw for part in children(read_one(signed))))


def _looks_like_attributes(content: bytes) -> bool:
    """Whether the content is itself a SET OF attributes with a message digest.

    A signature over attributes would also be good for a message that has no attributes and holds
    theirs as its content.
    """
    if content[:1] != b"\x31":
        return False
    try:
        found = _attributes.read_attributes(read_one(content), where="content", code=_signed_data.CODE)
    except ParseError:
        return False
    return any(attribute.oid == _attributes.MESSAGE_DIGEST for attribute in found)
