"""The lenient certificate reader: DER outside, tolerance where real certificates err and it is safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypedDict, TypeVar

from cryptography.hazmat import asn1

from egov_sdk.crypto.der import Tlv, children, decode_oid, decode_time, expect, read_one, sequence
from egov_sdk.crypto.oids import SM2_CURVE
from egov_sdk.errors import ParseError
from egov_sdk.pki import _x509 as x509
from egov_sdk.pki._remember import remembered
from egov_sdk.pki.name import Name

CODE: Final = "egov.pki.certificate_malformed"

KEY_USAGES: Final = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)
_SERIAL_MAX_OCTETS: Final = 20
_UNIQUE_IDENTIFIER: Final = "2.5.4.45"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension as received: its type, whether it is critical, and the octets of its value."""

    oid: str
    critical: bool
    value: bytes = field(repr=False)


class Rights(TypedDict):
    """What the extensions say."""

    key_usage: frozenset[str] | None
    extended_key_usage: tuple[str, ...] | None
    is_ca: bool
    path_length: int | None
    subject_key_id: bytes | None
    authority_key_id: bytes | None
    crl_urls: tuple[str, ...]
    ocsp_urls: tuple[str, ...]


class Fields(Rights):
    """All fields of a Certificate."""

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
    leniencies: tuple[str, ...]


def read(der: bytes, *, where: str) -> Fields:
    """All fields of a certificate in DER."""
    reader = _Reader(where)
    shape = reader.decode(x509.CertificateShape, der, "")
    reader.tag(shape.tbs, 0x30, "tbsCertificate")
    tbs_raw = x509.raw_of(shape.tbs)
    tbs = reader.decode(x509.TbsShape, tbs_raw, "tbsCertificate")
    issuer, subject = reader.names(tbs)
    key_raw = x509.raw_of(tbs.public_key)
    key_algorithm, curve = reader.algorithm(
        x509.raw_of(reader.decode(x509.PublicKeyShape, key_raw, "subjectPublicKeyInfo").algorithm)
    )
    if key_algorithm == SM2_CURVE:
        reader.leniencies.append("key_algorithm_is_curve")
    extensions = reader.extensions(tbs)
    return Fields(
        raw=der,
        tbs=tbs_raw,
        version=reader.version(tbs),
        serial_number=reader.serial(tbs.serial),
        issuer=issuer,
        subject=subject,
        not_before=reader.time(tbs.validity.not_before),
        not_after=reader.time(tbs.validity.not_after),
        public_key_info=key_raw,
        public_key_algorithm=key_algorithm,
        public_key_curve=curve,
        signature_algorithm=reader.signature_algorithm(shape.algorithm, tbs.algorithm),
        signature=reader.signature(shape.signature),
        extensions=extensions,
        **reader.rights(extensions),
        leniencies=tuple(dict.fromkeys(reader.leniencies)),
    )


def key_octets(public_key_info: bytes) -> bytes:
    """The octets of the BIT STRING in a SubjectPublicKeyInfo."""
    parts = children(read_one(public_key_info, where="public key"), where="public key")
    if len(parts) != 2 or parts[1].tag != 0x03 or parts[1].content[:1] != b"\x00":
        raise ParseError("expected an algorithm and a BIT STRING of whole octets", where="public key", code=CODE)
    return parts[1].content[1:]


@remembered(256, up_to=256)
def algorithm_of(raw: bytes) -> tuple[str, str | None]:
    """The number of an AlgorithmIdentifier, and its parameter where that is a number too."""
    parts = children(expect(read_one(raw), 0x30))
    if not 1 <= len(parts) <= 2:
        raise ParseError(f"an algorithm identifier has 1 or 2 parts, found {len(parts)}", code=CODE)
    named = len(parts) == 2 and parts[1].tag == 0x06
    return decode_oid(parts[0]), decode_oid(parts[1]) if named else None


class _Reader:
    """Reads the parts of one certificate and collects the leniencies."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.leniencies: list[str] = []

    def error(self, message: str, part: str, *, expected: object = "", found: object = "") -> ParseError:
        place = f"{self.where} {part}".strip()
        return ParseError(message, where=place, code=CODE, expected=expected, found=found)

    def decode(self, shape: type[T], der: bytes, part: str) -> T:
        try:
            return asn1.decode_der(shape, der)
        except ValueError as error:
            raise self.error(f"not as DER should be: {reason_of(error)}", part) from None

    def tag(self, tlv: asn1.TLV, expected: int, part: str) -> None:
        if tlv.tag_bytes != bytes((expected,)):
            raise self.error(f"expected tag {expected:02x}, found {tlv.tag_bytes.hex()}", part)

    def version(self, tbs: x509.TbsShape) -> int:
        version = (tbs.version or 0) + 1
        if version not in (1, 2, 3):
            raise self.error(f"version {version} does not exist", "version", expected="1 to 3", found=version)
        if tbs.extensions is not None and version < 3:
            self.leniencies.append("extensions_before_v3")
        return version

    def serial(self, tlv: asn1.TLV) -> int:
        self.tag(tlv, 0x02, "serialNumber")
        content = bytes(tlv.data)
        if not content:
            raise self.error("INTEGER without content", "serialNumber")
        number = int.from_bytes(content, "big", signed=True)
        if number <= 0:
            self.leniencies.append("serial_not_positive")
        if len(content) > _SERIAL_MAX_OCTETS + (content[0] == 0):
            self.leniencies.append("serial_too_long")
        if len(content) > 1 and content[0] in (0, 0xFF) and (content[0] ^ content[1]) < 0x80:
            self.leniencies.append("serial_not_shortest")
        return number

    def time(self, tlv: asn1.TLV) -> datetime:
        content = bytes(tlv.data)
        plain = 13 if tlv.tag_bytes == b"\x17" else 15
        if len(content) != plain or not content.endswith(b"Z"):
            self.leniencies.append("time_form")
        return decode_time(Tlv(tlv.tag_bytes[0], 2, content, content, 0), where=f"{self.where} validity")

    def algorithm(self, raw: bytes) -> tuple[str, str | None]:
        try:
            return algorithm_of(raw)
        except ParseError as error:
            raise self.error(error.message, "algorithm") from None

    def signature_algorithm(self, outer: asn1.TLV, inner: asn1.TLV) -> str:
        outer_raw, inner_raw = x509.raw_of(outer), x509.raw_of(inner)
        if outer_raw != inner_raw:
            # RFC 5280, 4.1.1.2; the outer one is not signed
            raise self.error(
                "signed under one algorithm, labelled with another",
                "signatureAlgorithm",
                expected=inner_raw.hex(),
                found=outer_raw.hex(),
            )
        return self.algorithm(outer_raw)[0]

    def signature(self, tlv: asn1.TLV) -> bytes:
        self.tag(tlv, 0x03, "signatureValue")
        content = bytes(tlv.data)
        if not content or content[0]:
            raise self.error("not a BIT STRING of whole octets", "signatureValue")
        return content[1:]

    def names(self, tbs: x509.TbsShape) -> tuple[Name, Name]:
        self.tag(tbs.issuer, 0x30, "issuer")
        self.tag(tbs.subject, 0x30, "subject")
        issuer, subject = Name(x509.raw_of(tbs.issuer)), Name(x509.raw_of(tbs.subject))
        try:
            shape = asn1.decode_der(x509.NamesShape, sequence(issuer.raw, subject.raw))
        except ValueError:
            self.names_out_of_order(issuer, subject)
            return issuer, subject
        for rdns in (shape.issuer, shape.subject):
            for rdn in rdns:
                for attribute in rdn.as_list():
                    self.name_value(attribute.oid.dotted_string, attribute.value.tag_bytes, bytes(attribute.value.data))
        return issuer, subject

    def names_out_of_order(self, *names: Name) -> None:
        for name, part in zip(names, ("issuer", "subject"), strict=True):
            try:
                attributes = name.attributes
            except ParseError as error:
                raise self.error(error.message, part) from None
            if not all(attribute.is_text for attribute in attributes):
                self.leniencies.append("name_not_text")
        self.leniencies.append("name_set_order")

    def name_value(self, oid: str, tag: bytes, content: bytes) -> None:
        if oid == _UNIQUE_IDENTIFIER:
            if tag != b"\x03":
                self.leniencies.append("unique_identifier_as_text")
        elif tag in _TEXT:
            if not _TEXT[tag](content):
                self.leniencies.append("name_charset")
        else:
            self.leniencies.append("name_not_text")

    def extensions(self, tbs: x509.TbsShape) -> tuple[Extension, ...]:
        found: list[Extension] = []
        for shape in tbs.extensions or ():
            if shape.critical is False:
                self.leniencies.append("critical_default_written")
            found.append(Extension(shape.oid.dotted_string, bool(shape.critical), shape.value))
        kinds = [extension.oid for extension in found]
        if len(set(kinds)) != len(kinds):
            # RFC 5280, 4.2: not more than one of a kind; which one counts would be a guess
            raise self.error("an extension comes twice", "extensions", found=_repeated(kinds))
        return tuple(found)

    def rights(self, extensions: tuple[Extension, ...]) -> Rights:
        rights = Rights(
            key_usage=None,
            extended_key_usage=None,
            is_ca=False,
            path_length=None,
            subject_key_id=None,
            authority_key_id=None,
            crl_urls=(),
            ocsp_urls=(),
        )
        for extension in extensions:
            read_value = _VALUES.get(extension.oid)
            if read_value is None:
                continue
            try:
                read_value(self, extension.value, rights)
            except (ValueError, ParseError) as error:
                if extension.oid in _ABOUT_RIGHTS:
                    raise self.error(reason_of(error), _ABOUT_RIGHTS[extension.oid]) from None
                self.leniencies.append("extension_unreadable")
        return rights

    def basic_constraints(self, value: bytes, rights: Rights) -> None:
        shape = asn1.decode_der(x509.BasicConstraintsShape, value)
        if shape.ca is False:
            self.leniencies.append("basic_constraints_default_written")
        if shape.path_length is not None and shape.path_length < 0:
            raise ValueError("the path length is negative")
        if shape.path_length is not None and not shape.ca:
            self.leniencies.append("path_length_without_ca")
        rights["is_ca"] = bool(shape.ca)
        rights["path_length"] = shape.path_length if shape.ca else None

    def key_usage(self, value: bytes, rights: Rights) -> None:
        content = expect(read_one(value), 0x03).content
        if not content or content[0] > 7 or (content[0] and len(content) == 1):
            raise ValueError("not a BIT STRING")
        unused, octets = content[0], content[1:]
        bits = int.from_bytes(octets, "big") >> unused << unused
        last = octets[-1] if octets else 0
        if octets and not (last and last >> unused << unused == last and last >> unused & 1):
            self.leniencies.append("key_usage_padding")
        width = len(octets) * 8
        rights["key_usage"] = frozenset(
            usage for place, usage in enumerate(KEY_USAGES[:width]) if bits >> (width - 1 - place) & 1
        )

    def purposes(self, value: bytes, rights: Rights) -> None:
        shape = asn1.decode_der(x509.PurposesShape, sequence(value))
        rights["extended_key_usage"] = tuple(purpose.dotted_string for purpose in shape.purposes)

    def subject_key(self, value: bytes, rights: Rights) -> None:
        rights["subject_key_id"] = asn1.decode_der(bytes, value)

    def authority_key(self, value: bytes, rights: Rights) -> None:
        rights["authority_key_id"] = asn1.decode_der(x509.AuthorityKeyShape, value).key_id

    def crl_points(self, value: bytes, rights: Rights) -> None:
        shape = asn1.decode_der(x509.DistributionPointsShape, sequence(value))
        rights["crl_urls"] = tuple(
            url for point in shape.points if point.name and point.name.full for url in x509.uris(point.name.full)
        )

    def accesses(self, value: bytes, rights: Rights) -> None:
        shape = asn1.decode_der(x509.AccessesShape, sequence(value))
        rights["ocsp_urls"] = tuple(
            url
            for access in shape.accesses
            if access.method.dotted_string == "1.3.6.1.5.5.7.48.1"
            for url in x509.uris([access.location])
        )


_VALUES: Final[dict[str, Callable[[_Reader, bytes, Rights], None]]] = {
    "2.5.29.14": _Reader.subject_key,
    "2.5.29.15": _Reader.key_usage,
    "2.5.29.19": _Reader.basic_constraints,
    "2.5.29.31": _Reader.crl_points,
    "2.5.29.35": _Reader.authority_key,
    "2.5.29.37": _Reader.purposes,
    "1.3.6.1.5.5.7.1.1": _Reader.accesses,
}
#: These grant or limit rights, so a certificate whose one of them cannot be read is refused.
_ABOUT_RIGHTS: Final = {"2.5.29.15": "keyUsage", "2.5.29.19": "basicConstraints", "2.5.29.37": "extKeyUsage"}


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_anything(content: bytes) -> bool:
    return True


_TEXT: Final[dict[bytes, Callable[[bytes], bool]]] = {
    b"\x0c": _is_utf8,
    b"\x12": bytes.isascii,
    b"\x13": bytes.isascii,
    b"\x14": _is_anything,
    b"\x16": bytes.isascii,
    b"\x1a": bytes.isascii,
    b"\x1c": lambda content: len(content) % 4 == 0,
    b"\x1e": lambda content: len(content) % 2 == 0,
}


def _repeated(kinds: list[str]) -> str:
    return next(kind for kind in kinds if kinds.count(kind) > 1)


def reason_of(error: Exception) -> str:
    """The library's reason without its wrapping."""
    text = str(error)
    return text.partition("ParseError { ")[2].removesuffix(" }") or text
