"""Stamp an OFD document with a seal (签章): once, many times, over the edges of its pages, after earlier signers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import egov_sdk
from egov_sdk.crypto import Signer, oids, sm3
from egov_sdk.crypto.signature import raw_to_der
from egov_sdk.errors import InputError, VerificationError
from egov_sdk.limits import DEFAULT_OFD_LIMITS, OfdLimits
from egov_sdk.ofd import (
    OfdDocument,
    OfdPackage,
    build_signature_file,
    build_signature_list,
    open_ofd,
    parse_signature_file,
)
from egov_sdk.ofd.package import Source
from egov_sdk.ofd.signbuild import (
    add_signature_list,
    new_signature_folder,
    new_signature_list_name,
    next_signature_ids,
)
from egov_sdk.ofd.signfiles import Provider, Reference, SignatureEntry, StampAnnot, parse_signature_list
from egov_sdk.pki import Certificate
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.report import Outcome, Report, Text
from egov_sdk.seal._gbt38540 import encode_to_sign, encode_value, parse_seal
from egov_sdk.seal._hashing import digests_of, signed_digest
from egov_sdk.seal._verify.binding import names_holder
from egov_sdk.seal._verify.coverage import ambiguities, is_encrypted
from egov_sdk.seal._verify.facts import subject_of
from egov_sdk.seal.make import TimeStamper, is_of_key
from egov_sdk.seal.model import ElectronicSeal, SealVersion
from egov_sdk.seal.placement import Placement, Seam, stamp_rects
from egov_sdk.seal.verify import verify_mathematics, verify_signature
from egov_sdk.times import BEIJING, aware

__all__ = ["StampRefused", "sign", "stamp"]

_GOOD = frozenset({Outcome.PASSED, Outcome.SKIPPED})


class StampRefused(VerificationError):
    """The document may not be stamped, or not with this seal: see ``code`` for which rule says so."""

    code = "egov.seal.stamp.refused"


def stamp(
    source: Source | OfdPackage,
    *,
    seal: ElectronicSeal | bytes,
    signer: Signer,
    at: Sequence[Placement | Seam],
    signed_at: datetime,
    certificate: Certificate | None = None,
    document: int = 1,
    close: bool = False,
    allow_broken: bool = False,
    time_stamper: TimeStamper | None = None,
    limits: OfdLimits = DEFAULT_OFD_LIMITS,
) -> bytes:
    """Stamp a document and return the stamped one; every other byte of its files stays as it was.

    Args:
        source: An OFD document, as bytes, a path, or a package that is open.
        seal: The seal, as a parsed one or as the bytes of its file; of layout v4 or v5.
        signer: Holds the private key of one of the seal's holders.
        at: Where the seal is shown, at least one place; millimetres from the top left of a page.
        signed_at: The time of signing, aware; whole seconds are kept.
        certificate: The signer's certificate; needed only where the seal lists digests.
        document: Which document of the package, from 1.
        close: Protect the list of signatures too, so that nobody can sign after this.
        allow_broken: Stamp even where an earlier signature does not hold.
        time_stamper: Given the signature's octets, returns a time-stamp token.
    Raises:
        StampRefused: the document forbids signing, is closed, holds a broken signature, the seal does not list the
            signer or is not valid at ``signed_at``, or the result did not verify.
        InputError: the document or the seal cannot be read.
        ValueError: naive time, no place, or a place off the page.
    Source:
        GB/T 33190-2016, 18; GB/T 38540-2020.
    """
    signed_at = _whole_seconds(signed_at)
    chosen = seal if isinstance(seal, ElectronicSeal) else parse_seal(seal, where="seal")
    _check_seal(chosen, signed_at)
    holder = _holder(chosen, signer, certificate)
    package, target = _open_target(source, document, limits, allow_broken=allow_broken, at=signed_at)
    rects = stamp_rects(
        at,
        pages=[page.box for page in target.pages],
        seal_width_mm=chosen.picture.width_mm,
        seal_height_mm=chosen.picture.height_mm,
    )
    room = _Room.find(package, target, stamps=len(rects))
    stamps = [
        StampAnnot(stamp_id, target.pages[rect.page - 1].id, rect.boundary, rect.clip)
        for stamp_id, rect in zip(room.ids[1:], rects, strict=True)
    ]
    seal_name = f"{room.folder}/Seal.esl"
    description, files = _describe(
        package,
        target,
        room,
        kind="Seal",
        signed_at=signed_at,
        close=close,
        stamps=stamps,
        seal=(seal_name, chosen.raw),
    )
    to_sign = encode_to_sign(
        version=chosen.version,
        seal=chosen.raw,
        signed_at=signed_at,
        data_hash=sm3(description),
        property_info=f"/{room.description_name}",
    )
    signature = raw_to_der(signer.sign_digest(signed_digest(signer.public_key(), to_sign, seal=chosen.raw)))
    token = time_stamper(signature) if time_stamper else None
    value = encode_value(to_sign, signer_certificate=holder.raw, signature=signature, time_stamp=token)
    return _finish(package, room, {**files, room.value_name: value}, limits=limits, at=signed_at)


def sign(
    source: Source | OfdPackage,
    *,
    signer: Signer,
    certificate: Certificate,
    signed_at: datetime,
    document: int = 1,
    close: bool = False,
    allow_broken: bool = False,
    limits: OfdLimits = DEFAULT_OFD_LIMITS,
) -> bytes:
    """Sign a document without a seal (数字签名, Type Sign): a GB/T 35275 message over the signature file.

    Arguments, errors and rules as in stamp.
    """
    signed_at = _whole_seconds(signed_at)
    if not is_of_key(certificate, signer):
        raise StampRefused(
            f"the certificate of {certificate.subject.text} does not belong to the signer's key",
            code="egov.seal.stamp.wrong_certificate",
        )
    package, target = _open_target(source, document, limits, allow_broken=allow_broken, at=signed_at)
    room = _Room.find(package, target, stamps=0)
    description, files = _describe(package, target, room, kind="Sign", signed_at=signed_at, close=close)
    value = build_signed_data(
        signer, certificate, content=description, detached=True, attributes=True, signing_time=signed_at
    )
    return _finish(package, room, {**files, room.value_name: value}, limits=limits, at=signed_at)


# ---------------------------------------------------------------------- before


def _whole_seconds(signed_at: datetime) -> datetime:
    return aware(signed_at, "signed_at").replace(microsecond=0)


def _check_seal(seal: ElectronicSeal, signed_at: datetime) -> None:
    if seal.version is SealVersion.V1:
        raise StampRefused(
            "seals of GM/T 0031-2014 (v1) are read, not used for new stamps",
            code="egov.seal.stamp.old_seal",
            hint=Text("have the seal remade by its maker as v4 or v5", "请由制章者重新制作 v4 或 v5 版印章"),
        )
    if not seal.valid_from <= signed_at <= seal.valid_to:
        raise StampRefused(
            f"the seal is valid {seal.valid_from:%Y-%m-%d} to {seal.valid_to:%Y-%m-%d}, used at {signed_at:%Y-%m-%d}",
            code="egov.seal.stamp.seal_not_valid",
        )


def _holder(seal: ElectronicSeal, signer: Signer, certificate: Certificate | None) -> Certificate:
    """The signer's certificate as the seal lists it."""
    if not certificate and not seal.holder_certificates:
        raise StampRefused(
            "the seal lists digests of certificates only, so the signer's certificate must be given",
            code="egov.seal.stamp.certificate_needed",
            hint=Text("pass certificate=", "请给出 certificate="),
        )
    candidates = [certificate] if certificate else _readable(seal.holder_certificates)
    fitting = [candidate for candidate in candidates if is_of_key(candidate, signer)]
    if not fitting or not names_holder(seal, fitting[0].raw):
        raise StampRefused(
            f"the seal {seal.name} does not list a certificate of this key",
            code="egov.seal.stamp.signer_not_in_seal",
            hint=Text("a renewed certificate needs a seal remade for it", "证书更新后须重新制章"),
        )
    return fitting[0]


def _readable(certificates: Iterable[bytes]) -> list[Certificate]:
    """Those that can be read: what else a seal lists is no hindrance to the signer at hand."""
    found = []
    for raw in certificates:
        with suppress(InputError):
            found.append(Certificate.parse(raw))
    return found


def _open_target(
    source: Source | OfdPackage, number: int, limits: OfdLimits, *, allow_broken: bool, at: datetime
) -> tuple[OfdPackage, OfdDocument]:
    package = source if isinstance(source, OfdPackage) else open_ofd(source, limits=limits)
    if not 1 <= number <= len(package.documents):
        raise ValueError(f"the package holds {len(package.documents)} document(s), asked for number {number}")
    target = package.documents[number - 1]
    if not target.permissions.may_sign:
        raise StampRefused("the document forbids signing (Permissions/Signature)", code="egov.seal.stamp.forbidden")
    _refuse_ambiguous(package)
    if target.signatures_name is not None:
        if not allow_broken:
            _refuse_broken(verify_mathematics(package, at=at))
        _refuse_closed(package, target.signatures_name)
    return package, target


def _refuse_ambiguous(package: OfdPackage) -> None:
    """Nobody knows what they sign where another reader may show something else, and nobody would believe it."""
    found = [detail for document in package.documents for detail in ambiguities(document)]
    found += [f"/{file.similar} is named {file.name}" for d in package.documents for file in d.missing if file.similar]
    if is_encrypted(package):
        found.append("/Encryptions.xml leads to other files")
    if found:
        raise StampRefused(
            f"readers may differ in what they show of this document: {found[0]}", code="egov.seal.stamp.ambiguous"
        )


def _protectors(package: OfdPackage, name: str) -> list[str]:
    """IDs of the signatures, of any document, that list this file."""
    return [
        entry.id
        for document in package.documents
        if document.signatures_name is not None
        for entry in parse_signature_list(package, document).entries
        if any(r.name == name for r in parse_signature_file(package, entry.base_name).references)
    ]


def _refuse_closed(package: OfdPackage, list_name: str) -> None:
    # GB/T 33190, 18.1: once the list is among the protected files, nothing may be appended
    closers = _protectors(package, list_name)
    if closers:
        raise StampRefused(
            f"/{list_name} is protected by signature {closers[0]}: the document is closed to new signatures",
            code="egov.seal.stamp.closed",
        )


def _refuse_broken(report: Report) -> None:
    broken = [
        check
        for check in report.checks
        if check.outcome is Outcome.FAILED
        and check.answer in ("integrity", "binding")
        and check.reason not in ("not_signed", "list_malformed")  # an empty list is none, a broken one is not read
    ]
    if broken:
        which = f"signature {broken[0].subject}" if broken[0].subject else "an earlier signature"
        raise StampRefused(
            f"{which} does not hold: {broken[0].message.en}",
            code="egov.seal.stamp.broken_signature",
            hint=Text("pass allow_broken to stamp all the same", "仍要签章请给出 allow_broken"),
            report=report,
        )


# ---------------------------------------------------------------------- between


@dataclass(frozen=True, slots=True)
class _Room:
    """Where the new signature goes: its files, the list, and the IDs of itself and its stamps."""

    list_name: str
    folder: str
    ids: tuple[str, ...]
    subject: str

    @classmethod
    def find(cls, package: OfdPackage, target: OfdDocument, *, stamps: int) -> _Room:
        ids = next_signature_ids(package, target, count=1 + stamps)
        subject = subject_of(target, ids[0])
        return cls(new_signature_list_name(target), new_signature_folder(package, target), ids, subject)

    @property
    def description_name(self) -> str:
        return f"{self.folder}/Signature.xml"

    @property
    def value_name(self) -> str:
        return f"{self.folder}/SignedValue.dat"


def _describe(
    package: OfdPackage,
    target: OfdDocument,
    room: _Room,
    *,
    kind: str,
    signed_at: datetime,
    close: bool,
    stamps: Iterable[StampAnnot] = (),
    seal: tuple[str, bytes] | None = None,
) -> tuple[bytes, dict[str, bytes]]:
    """Signature.xml over every file of the package but the lists, and all files that change or come new."""
    entries = parse_signature_list(package, target).entries if target.signatures_name else ()
    added = SignatureEntry(room.ids[0], kind, room.description_name)
    changed = {room.list_name: build_signature_list((*entries, added), max_sign_id=room.ids[-1])}
    if target.signatures_name is None:
        changed["OFD.xml"] = _listed_in_root(package, target, room.list_name)
    if seal is not None:
        changed[seal[0]] = seal[1]
    open_lists = {other.signatures_name for other in package.documents}
    open_lists.add(room.list_name)
    if close:
        open_lists.discard(room.list_name)
    names = [name for name in dict.fromkeys((*package.names, *changed)) if name not in open_lists]
    contents = [changed[name] if name in changed else package.read(name) for name in names]
    digests = digests_of(contents, seals=[seal[1]] if seal else ())
    description = build_signature_file(
        provider=Provider("egov_sdk", egov_sdk.__version__),
        method=oids.SM2_SM3_SIGNATURE,
        date_time=signed_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        check_method=oids.SM3,
        references=[Reference(f"/{name}", name, digest) for name, digest in zip(names, digests, strict=True)],
        stamps=stamps,
        seal_name=seal[0] if seal else None,
        value_name=room.value_name,
    )
    changed[room.description_name] = description
    return description, changed


def _listed_in_root(package: OfdPackage, target: OfdDocument, list_name: str) -> bytes:
    """OFD.xml with its new entry; impossible where a signature of another document protects it."""
    protectors = _protectors(package, "OFD.xml")
    if protectors:
        raise StampRefused(
            f"OFD.xml names no signature list for document {target.index + 1} and cannot be given one: "
            f"signature {protectors[0]} of another document protects it",
            code="egov.seal.stamp.root_protected",
        )
    return add_signature_list(package, target, list_name=list_name)


# ---------------------------------------------------------------------- after


def _finish(package: OfdPackage, room: _Room, files: dict[str, bytes], *, limits: OfdLimits, at: datetime) -> bytes:
    """Write the package, read what was written, and verify the new signature before anybody gets it."""
    data = package.rewrite(files)
    written = open_ofd(data, limits=limits)
    report = verify_signature(written, room.subject, at=at)
    written.forget()
    if problem := first_problem(report):
        raise StampRefused(
            f"the new signature does not verify: {problem}", code="egov.seal.stamp.result_wrong", report=report
        )
    return data


def first_problem(report: Report) -> str:
    """The first thing wrong with a signature just made, of what such a report requires; empty where nothing is."""
    wrong = (check for check in report.checks if check.id in report.required and check.outcome not in _GOOD)
    return next((f"{check.id}: {check.message.en}" for check in wrong), "")
