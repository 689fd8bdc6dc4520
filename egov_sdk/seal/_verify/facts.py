"""Gather the facts of every signature in a package: what its files say, and what its value holds."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.crypto import sm3
from egov_sdk.crypto.signature import decode_signature
from egov_sdk.errors import InputError, LimitExceeded
from egov_sdk.limits import Asn1Limits
from egov_sdk.ofd import OfdDocument, OfdPackage
from egov_sdk.ofd.signfiles import (
    SignatureEntry,
    SignatureFile,
    parse_signature_file,
    parse_signature_list,
)
from egov_sdk.pki import Certificate
from egov_sdk.pki.cms import SignedData, parse_signed_data
from egov_sdk.report import Outcome
from egov_sdk.seal._gbt38540 import parse_value
from egov_sdk.seal._hashing import digests_of
from egov_sdk.seal.model import Leniency, SealValue

__all__ = ["DocumentFacts", "PackageFacts", "SignatureFacts", "ValueKind", "gather", "subject_of"]

#: ContentInfo begins with its type: SEQUENCE, then OBJECT IDENTIFIER.
_OID_TAG = 0x06
_INTEGER_TAG = 0x02
#: With how many seals each file is compared to save its hashing.
_SEALS_COMPARED: Final = 4
#: Bytes of r || s alone; they may begin as a SEQUENCE does, and no value with a certificate is so short.
_RAW_SIGNATURE = 64


class ValueKind(enum.Enum):
    """What a signature value turned out to be, by its content."""

    SEAL = "Seal"  # SES_Signature
    MESSAGE = "Sign"  # SignedData of GB/T 35275
    BARE = "bare"  # r and s alone


@dataclass(slots=True)
class SignatureFacts:
    """One signature as it was found. ``problem`` is (reason, place) where its files could not be read."""

    document: OfdDocument
    entry: SignatureEntry
    subject: str
    file: SignatureFile | None = None
    problem: tuple[str, str] | None = None
    raw_value: bytes = b""
    kind: ValueKind | None = None
    seal_value: SealValue | None = None
    message: SignedData | None = None
    leniencies: list[Leniency] = field(default_factory=list)
    standing: Outcome = Outcome.UNKNOWN  # of its list of files, once value, hash and binding have been judged
    covered: frozenset[str] = frozenset()  # names of the files that it lists

    @property
    def readable(self) -> bool:
        return self.problem is None


@dataclass(slots=True)
class DocumentFacts:
    """One document of a package with its signatures; ``list_problem`` is the place where its list is broken."""

    document: OfdDocument
    signatures: list[SignatureFacts] = field(default_factory=list)
    list_problem: str = ""


@dataclass(slots=True)
class PackageFacts:
    """Everything that the checks look at. Digests are computed once for all signatures."""

    package: OfdPackage
    documents: list[DocumentFacts]
    _digests: dict[str, bytes] = field(default_factory=dict)
    _hashed_behind: int = 0
    _digests_behind: dict[tuple[bytes, str], bytes] = field(default_factory=dict)
    _certificates: dict[bytes, Certificate | InputError] = field(default_factory=dict)

    @property
    def signatures(self) -> list[SignatureFacts]:
        return [signature for document in self.documents for signature in document.signatures]

    def hash_files(self) -> None:
        """Hash all files that any signature lists, in one go."""
        wanted = {name for s in self.signatures for name in s.covered} | {
            s.file.name for s in self.signatures if s.file
        }
        names = [name for name in sorted(wanted) if name in self.package]
        seals = list(dict.fromkeys(s.seal_value.seal.raw for s in self.signatures if s.seal_value))[:_SEALS_COMPARED]
        digests = digests_of([self.package.read(name) for name in names], seals=seals)
        self._digests.update(zip(names, digests, strict=True))

    def digest(self, name: str) -> bytes:
        if name not in self._digests:
            self._digests[name] = sm3(self.package.read(name))
        return self._digests[name]

    def digest_behind(self, prefix: bytes, name: str) -> bytes | None:
        """The digest of a file behind a key's Z; None once more was hashed so than one file may hold."""
        key = (prefix, name)
        if key not in self._digests_behind:
            self._hashed_behind += len(self.package.read(name))
            if self._hashed_behind > self.package.limits.entry_bytes:
                return None
            self._digests_behind[key] = sm3(prefix + self.package.read(name))
        return self._digests_behind[key]

    def certificate(self, raw: bytes) -> Certificate:
        """Read a certificate once; the same error is raised again for the same bytes."""
        known = self._certificates.get(raw)
        if known is None:
            try:
                known = Certificate.parse(raw)
            except InputError as error:
                known = error
            self._certificates[raw] = known
        if isinstance(known, InputError):
            raise known
        return known


def gather(package: OfdPackage, *, asn1_limits: Asn1Limits) -> PackageFacts:
    """Read the signatures of all documents. Broken ones become facts too; nothing is raised for them."""
    room = _Room(package)
    documents = [_document(package, document, asn1_limits, room) for document in package.documents]
    facts = PackageFacts(package, documents)
    facts.hash_files()
    return facts


@dataclass(slots=True)
class _Room:
    """What all signatures of a package together may still take; each alone is within its own limits already."""

    package: OfdPackage
    names: set[str] = field(default_factory=set)
    signatures: int = 0
    references: int = 0
    signers: int = 0
    signed_bytes: int = 0

    def list(self, count: int, where: str) -> None:
        self.signatures += count
        self._within("signatures", self.signatures, 1, where)

    def name(self, base_name: str) -> None:
        """One signature is read for one entry: further entries for it are told as such and not looked into."""
        if base_name in self.names:
            raise LimitExceeded("signatures", allowed=1, found="another entry for the same file", where=base_name)
        self.names.add(base_name)
        self._within("references", self.references, _SHARE, base_name)

    def file(self, file: SignatureFile) -> None:
        self.name(file.value_name)
        self.references += len(file.references) + len(file.stamps)
        self._within("references", self.references, _SHARE, file.name)

    def message(self, message: SignedData, size: int, where: str) -> None:
        """Each signer is looked at for itself, with all that was signed."""
        self.signers += len(message.signers)
        self._within("signatures", self.signers, 1, where)
        self.signed_bytes += len(message.signers) * size
        self._within("entry_bytes", self.signed_bytes, 1, where)

    def _within(self, limit: str, found: int, times: int, where: str) -> None:
        allowed = times * getattr(self.package.limits, limit)
        if found > allowed:
            raise LimitExceeded(limit, allowed=allowed, found=found, where=where)


#: How many times the references and stamps of one signature all signatures together may have.
_SHARE: Final = 4


def subject_of(document: OfdDocument, signature_id: str) -> str:
    """What reports call a signature: its ID, behind the number of its document where there are several."""
    several = len(document.package.documents) > 1
    return f"{document.index + 1}/{signature_id}" if several else signature_id


def _document(package: OfdPackage, document: OfdDocument, limits: Asn1Limits, room: _Room) -> DocumentFacts:
    facts = DocumentFacts(document)
    if document.signatures_name is None:
        return facts
    try:
        listed = parse_signature_list(package, document)
        room.list(len(listed.entries), document.signatures_name)
    except InputError as error:
        facts.list_problem = error.message
        return facts
    for entry in listed.entries:
        facts.signatures.append(_signature(package, document, entry, subject_of(document, entry.id), limits, room))
    for leniency in listed.leniencies:
        if facts.signatures:
            facts.signatures[0].leniencies.append(Leniency(leniency, document.signatures_name))
    return facts


def _signature(
    package: OfdPackage, document: OfdDocument, entry: SignatureEntry, subject: str, limits: Asn1Limits, room: _Room
) -> SignatureFacts:
    facts = SignatureFacts(document, entry, subject)
    try:
        if entry.base_name not in package:
            facts.problem = ("file_missing", entry.base_name)
            return facts
        room.name(entry.base_name)
        file = parse_signature_file(package, entry.base_name)
        facts.file = file
        room.file(file)
        facts.covered = frozenset(reference.name for reference in file.references if reference.name)
        facts.leniencies.extend(Leniency(code, entry.base_name) for code in facts.file.leniencies)
    except InputError as error:
        facts.problem = _problem(error, "signature_malformed")
        return facts
    if facts.file.value_name not in package:
        facts.problem = ("file_missing", facts.file.value_name)
        return facts
    facts.raw_value = package.read(facts.file.value_name)
    _read_value(facts, facts.file.value_name, limits, room)
    return facts


def _read_value(facts: SignatureFacts, where: str, limits: Asn1Limits, room: _Room) -> None:
    """Decide by content what the value is, and read it."""
    try:
        match _first_inner_tag(facts.raw_value):
            case None:
                if len(facts.raw_value) != _RAW_SIGNATURE:
                    facts.problem = (
                        "value_malformed",
                        f"{where}: {len(facts.raw_value)} bytes that are no signature value",
                    )
                    return
                facts.kind = ValueKind.BARE
                facts.leniencies.append(Leniency("raw_signature_value", where))
            case tag if tag == _INTEGER_TAG:
                decode_signature(facts.raw_value)
                facts.kind = ValueKind.BARE
            case tag if tag == _OID_TAG:
                message = parse_signed_data(facts.raw_value, limits=limits)
                room.message(message, len(facts.raw_value) + len(facts.file.raw if facts.file else b""), where)
                facts.message = message
                facts.kind = ValueKind.MESSAGE
                facts.leniencies.extend(Leniency(code, where) for code in facts.message.leniencies)
            case _:
                facts.seal_value = parse_value(facts.raw_value, where=where, limits=limits)
                facts.kind = ValueKind.SEAL
                facts.leniencies.extend(facts.seal_value.leniencies)
    except InputError as error:
        facts.problem = _problem(error, "value_malformed")


def _problem(error: InputError, otherwise: str) -> tuple[str, str]:
    return ("limit_exceeded" if isinstance(error, LimitExceeded) else otherwise, error.message)


def _first_inner_tag(data: bytes) -> int | None:
    """The tag of the first element inside the outer SEQUENCE, whatever form its length has."""
    if len(data) < 3 or data[0] != 0x30 or len(data) == _RAW_SIGNATURE:
        return None
    length_octets = data[1] & 0x7F if data[1] & 0x80 else 0
    inner = 2 + length_octets
    return data[inner] if inner < len(data) else None
