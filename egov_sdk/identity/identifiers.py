"""Whom a certificate names (证书身份标识): its identity extensions in the encodings met, as person or organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from egov_sdk.codes import CodeKind, check_code
from egov_sdk.crypto import sm3
from egov_sdk.crypto.der import Tlv, decode_string, read_one
from egov_sdk.errors import InputError, ParseError
from egov_sdk.identity.model import Agent, Holder, IdDocument, LegalPerson, NaturalPerson
from egov_sdk.pki import Certificate
from egov_sdk.report import Text

__all__ = ["IDENTIFIER_LENIENCIES", "CertificateIdentity", "read_identity"]

#: What certificates write otherwise than the profile says; each is read and named in ``leniencies``.
IDENTIFIER_LENIENCIES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "identifier_bare": Text("a personal number without its tag", "个人标识码缺少类型标签"),
        "identifier_explicit": Text("a tag around the whole string", "标签包在整个字符串之外（显式标签）"),
        "identifier_letter_n": Text("a number with an N before or after it", "号码前后带有字母 N"),
        "identifier_not_encoded": Text("a number that stands there without any encoding", "号码未按 ASN.1 编码"),
        "identifier_old_type": Text("an extension type of older certificates", "采用旧版证书的扩展项标识"),
        "identifier_string_type": Text("another string type than the profile's", "字符串类型与规范不同"),
    }
)

_PRINTABLE, _UTF8, _OCTETS = 0x13, 0x0C, 0x04
_PERSON: Final = (CodeKind.CITIZEN_NUMBER, CodeKind.RESIDENCE_PERMIT, CodeKind.PERMANENT_RESIDENT_CARD)
_ORGANIZATION: Final = (CodeKind.CREDIT_CODE, CodeKind.ORGANIZATION_CODE)
#: identifyCode of GM/T 0015-2012 is a choice of three; [1] is a UTF8String, the others are PrintableStrings.
_CHOICES: Final = {0: _PERSON, 1: (CodeKind.MILITARY_ID,), 2: (CodeKind.PASSPORT,)}
_CHARS: Final = range(2, 129)


@dataclass(frozen=True, slots=True)
class _Carrier:
    """One type of extension: whom it names, and the kinds that its number may be of."""

    name: str
    of_person: bool
    kinds: tuple[CodeKind, ...] = ()
    is_choice: bool = False
    is_old: bool = False


_GM: Final = "1.2.156.10260.4.1."
_OLD: Final = "1.2.86.11.7."
_CARRIERS: Final[Mapping[str, _Carrier]] = MappingProxyType(
    {
        f"{_GM}1": _Carrier("identifyCode", of_person=True, kinds=_PERSON, is_choice=True),
        f"{_GM}2": _Carrier("insuranceNumber", of_person=True),
        f"{_GM}3": _Carrier("iCRegistrationNumber", of_person=False),
        f"{_GM}4": _Carrier("organizationCode", of_person=False, kinds=_ORGANIZATION),
        f"{_GM}5": _Carrier("taxationNumber", of_person=False, kinds=(CodeKind.CREDIT_CODE,)),
        # GM/T 0015-2023 as one program has it; its text was not seen
        f"{_GM}1.1": _Carrier("residentId", of_person=True, kinds=_PERSON),
        f"{_GM}1.2": _Carrier("passport", of_person=True, kinds=(CodeKind.PASSPORT,)),
        "1.2.156.10260.4.4": _Carrier("creditCode", of_person=False, kinds=(CodeKind.CREDIT_CODE,)),
        "1.2.156.10260.4.4.4": _Carrier("creditCode", of_person=False, kinds=(CodeKind.CREDIT_CODE,)),
        # of the RSA era
        f"{_OLD}1": _Carrier("identifyCode", of_person=True, kinds=_PERSON, is_choice=True, is_old=True),
        f"{_OLD}3": _Carrier("iCRegistrationNumber", of_person=False, is_old=True),
        f"{_OLD}4": _Carrier("organizationCode", of_person=False, kinds=_ORGANIZATION, is_old=True),
        f"{_OLD}5": _Carrier("taxationNumber", of_person=False, kinds=(CodeKind.CREDIT_CODE,), is_old=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIdentity:
    """Whom a certificate names. Nothing is said about trust: anybody can write such extensions.

    ``person`` and ``organization`` hold what the extensions say, the strictest kind first; a document whose number
    breaks the rules of its kind has no kind. ``unread`` names extensions that could not be read, and ``contradictory``
    the kinds of which there are two different numbers.
    """

    subject_name: str
    person: tuple[IdDocument, ...]
    organization: tuple[IdDocument, ...]
    unread: tuple[str, ...]
    contradictory: tuple[CodeKind, ...]
    leniencies: tuple[str, ...]
    _subject: str
    _names: tuple[str, str]

    @property
    def holder_unverified(self) -> Holder | None:
        """The person, or the organisation with the person who acts for it; None where nobody is named by a number.

        ``subject`` is a digest of the names of issuer and subject: it stays when the certificate is renewed.
        """
        common, organization = self._names
        if self.organization:
            agent = None
            if self.person:
                agent = Agent(
                    person=NaturalPerson(subject=f"{self._subject}:agent", name=common, document=self.person[0])
                )
            return LegalPerson(
                subject=self._subject, name=organization or common, documents=self.organization, agent=agent
            )
        if self.person:
            return NaturalPerson(subject=self._subject, name=common, document=self.person[0])
        return None


def read_identity(certificate: Certificate) -> CertificateIdentity:
    """Read the identity extensions of a certificate; what cannot be read is told, not raised.

    Source:
        GM/T 0015-2012 and GB/T 20518-2018 as told by others: the encodings are those that certificates were seen with.
    """
    found: list[tuple[_Carrier, IdDocument]] = []
    unread: list[str] = []
    leniencies: dict[str, None] = {}
    for extension in certificate.extensions:
        carrier = _CARRIERS.get(extension.oid)
        if carrier is None:
            continue
        try:
            document = _read(carrier, extension.value, leniencies)
        except InputError:
            unread.append(carrier.name)
            continue
        if carrier.is_old:
            leniencies["identifier_old_type"] = None
        found.append((carrier, document))
    digest = sm3(certificate.issuer.raw + certificate.subject.raw).hex()
    return CertificateIdentity(
        subject_name=certificate.subject.text,
        person=_ordered(document for carrier, document in found if carrier.of_person),
        organization=_ordered(document for carrier, document in found if not carrier.of_person),
        unread=tuple(unread),
        contradictory=_contradictory(document for _, document in found),
        leniencies=tuple(sorted(leniencies)),
        _subject=f"certificate:{digest}",
        _names=(certificate.subject.common_name[:512], (certificate.subject.get("O") or ("",))[-1][:512]),
    )


def _ordered(documents: Iterable[IdDocument]) -> tuple[IdDocument, ...]:
    """Each number once, those of the strictest kind first, those of no known kind last."""
    order = list(CodeKind)
    once = {(document.kind, document.number): document for document in documents}
    return tuple(sorted(once.values(), key=lambda one: order.index(one.kind) if one.kind is not None else len(order)))


def _contradictory(documents: Iterable[IdDocument]) -> tuple[CodeKind, ...]:
    numbers: dict[CodeKind, set[str]] = {}
    for document in documents:
        if document.kind is not None:
            numbers.setdefault(document.kind, set()).add(document.number)
    return tuple(kind for kind, different in numbers.items() if len(different) > 1)


def _read(carrier: _Carrier, value: bytes, leniencies: dict[str, None]) -> IdDocument:
    kinds = carrier.kinds
    try:
        tlv = read_one(value, where=carrier.name)
        text, choice = _text_of(tlv, carrier, leniencies)
        if choice is not None:
            kinds = _CHOICES[choice]
    except ParseError:
        if not value.isascii() or not value.decode("ascii").isalnum():
            raise
        text = value.decode("ascii")
        leniencies["identifier_not_encoded"] = None
    text = text.strip("\0 ")
    if len(text) not in _CHARS or not text.isprintable():
        raise ParseError("no number", where=carrier.name)
    kind, number = _recognized(text, kinds)
    if number != text:
        leniencies["identifier_letter_n"] = None
    return IdDocument(kind=kind, number=number, raw_type=carrier.name)


def _text_of(tlv: Tlv, carrier: _Carrier, leniencies: dict[str, None]) -> tuple[str, int | None]:
    """The text of a value, and the choice that its tag names."""
    if tlv.tag == _OCTETS:
        return _text_of(read_one(tlv.content, where=carrier.name), carrier, leniencies)
    choice = tlv.tag & 0x1F
    if tlv.tag & 0xC0 == 0x80:
        if not carrier.is_choice or choice not in _CHOICES:
            raise ParseError(f"no such choice: {choice}", where=carrier.name)
        if not tlv.constructed:
            return tlv.content.decode("utf-8", "replace"), choice
        leniencies["identifier_explicit"] = None
        inner = read_one(tlv.content, where=carrier.name)
        return _string(inner, _UTF8 if choice == 1 else _PRINTABLE, carrier, leniencies), choice
    if carrier.is_choice:
        leniencies["identifier_bare"] = None
    return _string(tlv, _PRINTABLE, carrier, leniencies), None


def _string(tlv: Tlv, usual: int, carrier: _Carrier, leniencies: dict[str, None]) -> str:
    if tlv.tag != usual:
        leniencies["identifier_string_type"] = None
    return decode_string(tlv, where=carrier.name)


def _recognized(text: str, kinds: tuple[CodeKind, ...]) -> tuple[CodeKind | None, str]:
    """The kind whose rules the text keeps, as it stands before any letter N is taken off; None when it keeps none."""
    bare = text.removeprefix("N").removesuffix("N")
    for number in dict.fromkeys((text, text.removeprefix("N"), text.removesuffix("N"), bare)):
        for kind in kinds:
            if check_code(number, kind).ok:
                return kind, number
    return None, text
