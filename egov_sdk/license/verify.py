"""Verify a licence file (证照查验): its seals, and whether face, metadata and register agree."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from egov_sdk.crypto import sm3
from egov_sdk.errors import EgovError
from egov_sdk.license._face_check import judge_face
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.checks import CHECKS
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseMetadata, check_metadata
from egov_sdk.license.model import LicenseRecord
from egov_sdk.license.policy import LicensePolicy, bears_name
from egov_sdk.license.reading import LicenseFile, read_license_package
from egov_sdk.license.service import LicenseRegistry
from egov_sdk.license.states import LicenseState
from egov_sdk.limits import DEFAULT_OFD_LIMITS, OfdLimits
from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.package import Source
from egov_sdk.report import Check, Outcome, Report, Text
from egov_sdk.seal.policy import Policy
from egov_sdk.seal.uses import SealUse, verify_uses
from egov_sdk.times import BEIJING, day_in_beijing

if TYPE_CHECKING:
    from egov_sdk.license.listed import StatusLists

__all__ = ["StatusSource", "speaks_for", "verify"]

_PASSED, _FAILED, _UNKNOWN, _SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED

#: What a status list, or anything else that was signed by the issuer, says of a licence; None when it does not know it.
StatusSource = Callable[[LicenseIdentifier], LicenseState | None]


def verify(
    source: Source,
    *,
    policy: LicensePolicy | Policy,
    types: Iterable[LicenseType] | Mapping[str, LicenseType] = (),
    registry: LicenseRegistry | None = None,
    status: StatusSource | StatusLists | None = None,
    subject: str = "",
    limits: OfdLimits = DEFAULT_OFD_LIMITS,
) -> Report:
    """Verify a licence file, with what is at hand: alone, with a status list, or against the issuer's register.

    Every check of ``seal.verify`` is in the report, followed by those of ``license.checks``.

    Args:
        source: The bytes of the file, or its path.
        policy: What must pass; of a policy for seals, LicensePolicy.standard is made, which demands a register.
        types: The types of licences that are known, for their templates: without the template of its type the face
            of a licence cannot be decided.
        registry: The issuer's register. One that does not answer leaves its checks undecided.
        status: Status lists at hand, or what else says how the licence is doing; asked where there is no register.
        subject: What to call the file in the report; its name by default.
        limits: How much of a stranger's file to read.
    Raises:
        ParseError, LimitExceeded: the file is no OFD package that could be read safely.
    Source:
        GB/T 36905-2018, GB/T 36906-2018, as systems in use have them.
    """
    demands = policy if isinstance(policy, LicensePolicy) else LicensePolicy.standard(policy)
    name = subject or (Path(source).name if isinstance(source, (str, os.PathLike)) else "license")
    package = open_ofd(source, limits=limits)
    try:
        seals, uses = verify_uses(package, policy=demands.seal, subject=name)
        known = types if isinstance(types, Mapping) else {type_.code: type_ for type_ in types}
        inquiry = _Inquiry(read_license_package(package), demands, uses, known, registry, status)
        checks = (*seals.checks, *inquiry.checks())
    finally:
        package.forget()
    return Report(name, demands.seal.at, demands.name, checks, demands.seal.required | demands.required)


@dataclass(slots=True)
class _Inquiry:
    """One licence file under its checks."""

    file: LicenseFile
    policy: LicensePolicy
    uses: tuple[SealUse, ...]
    types: Mapping[str, LicenseType]
    registry: LicenseRegistry | None
    status: StatusSource | StatusLists | None

    def checks(self) -> Iterator[Check]:
        yield self._one_document()
        yield self._metadata()
        yield self._identifier()
        yield self._copy()
        metadata = self.file.metadata
        if metadata is None:
            for name in _OF_METADATA:
                yield CHECKS.check(name, _FAILED if name.startswith("integrity") else _UNKNOWN, "no_metadata")
            return
        verdict = judge_face(self.file, metadata, self.types.get(metadata.type_code))
        yield verdict.face
        yield from verdict.index
        yield self._issuer(metadata)
        yield self._type(metadata)
        yield self._term(metadata)
        yield from self._register(metadata)

    # ------------------------------------------------------------------ the file alone

    def _one_document(self) -> Check:
        name, documents = "integrity.one_document", self.file.package.documents
        if len(documents) > 1:
            return CHECKS.check(name, _FAILED, "several", count=len(documents))
        if documents[0].versions:
            return CHECKS.check(name, _FAILED, "versions", count=len(documents[0].versions))
        return CHECKS.check(name, _PASSED, "ok")

    def _metadata(self) -> Check:
        name, file = "integrity.metadata", self.file
        if file.metadata is None and not file.findings:
            return CHECKS.check(name, _FAILED, "no_metadata")
        counts = Counter(item for item, _ in file.document.custom_datas)
        twice = sorted(item for item, count in counts.items() if count > 1)
        if twice:
            return CHECKS.check(name, _FAILED, "twice", names=", ".join(twice[:6])[:200])
        findings = [*file.findings, *(check_metadata(file.metadata) if file.metadata else ())]
        if findings:
            return CHECKS.check(name, _FAILED, "wrong", count=len(findings), first=findings[0].text)
        return CHECKS.check(name, _PASSED, "ok")

    def _identifier(self) -> Check:
        name = "integrity.identifier"
        if self.file.metadata is not None:
            return CHECKS.check(name, _PASSED, "ok")
        for finding in self.file.findings:
            if "identifier" in finding.code:
                return CHECKS.check(name, _FAILED, "wrong", detail=finding.message)
        return CHECKS.check(name, _FAILED, "missing")

    def _copy(self) -> Check:
        name, note, requester = "trust.copy", self.file.copy, self.file.requester
        if note is None:
            for finding in self.file.findings:
                if finding.code.endswith(".copy_items"):
                    return CHECKS.check(name, _FAILED, "incomplete", detail=finding.message)
            return CHECKS.check(name, _SKIPPED, "original")
        at, wanted = self.policy.seal.at, self.policy.requester
        until = f"{note.valid_until.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
        if at >= note.valid_until:
            return CHECKS.check(name, _FAILED, "expired", purpose=note.cause, until=until)
        if note.made_at > at + self.policy.seal.tolerance:
            made_at = f"{note.made_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
            return CHECKS.check(name, _FAILED, "not_yet", made_at=made_at)
        if requester is None:
            return CHECKS.check(name, _UNKNOWN if wanted else _PASSED, "for_whom")
        facts = {"requester": requester.name, "purpose": note.cause, "until": until}
        if wanted is None:
            return CHECKS.check(name, _PASSED, "requester_not_asked", **facts)
        if wanted.code != requester.code:
            return CHECKS.check(name, _FAILED, "another_requester", requester=requester.name)
        return CHECKS.check(name, _PASSED, "ok", **facts)

    def _issuer(self, metadata: LicenseMetadata) -> Check:
        name, issuer = "binding.issuer", metadata.issuer
        sound = [use for use in self.uses if use.standing is _PASSED]
        if not sound:
            undecided = any(use.standing is _UNKNOWN for use in self.uses)
            return CHECKS.check(name, *((_UNKNOWN, "undecided") if undecided else (_FAILED, "not_sealed")))
        spoken = [(self._speaks(use, issuer), use) for use in sound]
        reason, use = next((one for one in spoken if one[0]), ("sealed_by_another", sound[0]))
        another = next((use for speaks, use in spoken if not speaks), None)
        if reason != "sealed_by_another" and another is not None and self._too_many_seals(metadata):
            reason, use = "sealed_besides", another  # the picture of a seal may cover what is printed
        outcome = _FAILED if reason.startswith("sealed_") else _PASSED
        return CHECKS.check(name, outcome, reason, issuer=issuer.name, subject_name=_signer(use))

    def _speaks(self, use: SealUse, issuer: Authority) -> str:
        """By what right a seal stands on a licence of this issuer; empty for none."""
        if use.certificate is not None and self.policy.was_given(use.certificate, issuer):
            return "given"
        if speaks_for(use, issuer):
            return "ok"
        copies = self.file.copy is not None and any(speaks_for(use, maker) for maker in self.policy.copy_makers)
        return "copy_maker" if copies else ""

    def _too_many_seals(self, metadata: LicenseMetadata) -> bool:
        """Whether there are more seals than the template has roles; where it is not at hand nobody can tell."""
        type_ = self.types.get(metadata.type_code)
        return type_ is not None and type_.template is not None and len(self.uses) > len(type_.template.roles)

    def _type(self, metadata: LicenseMetadata) -> Check:
        name, type_ = "binding.type", self.types.get(metadata.type_code)
        if type_ is None and not self.types:
            return CHECKS.check(name, _UNKNOWN, "not_asked")
        if type_ is None:
            return CHECKS.check(name, _FAILED, "unknown", type_code=metadata.type_code)
        if type_.name != metadata.type_name:
            facts = {"type_code": type_.code, "expected": type_.name, "found": metadata.type_name}
            return CHECKS.check(name, _FAILED, "name_differs", **facts)
        if not self.policy.may_issue(metadata.issuer, type_code=type_.code):
            return CHECKS.check(name, _FAILED, "issuer_refused", issuer=metadata.issuer.name, type_code=type_.code)
        return CHECKS.check(name, _PASSED, "ok", name=type_.name)

    def _term(self, metadata: LicenseMetadata) -> Check:
        name, seal = "trust.term", self.policy.seal
        day, latest = day_in_beijing(seal.at), day_in_beijing(seal.at + seal.tolerance)
        first, last = metadata.valid_from, metadata.valid_until
        if first is not None and day < first:
            return CHECKS.check(name, _FAILED, "not_yet", first=first)
        if latest < metadata.issued_on:
            return CHECKS.check(name, _FAILED, "issued_later", issued=metadata.issued_on, day=day)
        if last is not None and day > last:
            return CHECKS.check(name, _FAILED, "expired", last=last)
        return CHECKS.check(name, _PASSED, "ok", term=_span(first, last))

    # ------------------------------------------------------------------ the register

    def _register(self, metadata: LicenseMetadata) -> Iterator[Check]:
        record: LicenseRecord | None = None
        reason, facts = "no_registry", dict[str, object]()
        if self.registry is not None:
            try:
                record = self.registry.find(metadata.identifier)
            except EgovError as error:
                reason, facts = "no_answer", {"detail": error.code}
            else:
                reason, facts = "not_found", {"identifier": str(metadata.identifier)}
        if record is None:
            outcome = _FAILED if reason == "not_found" else _UNKNOWN
            for name in ("trust.record", "trust.record_file", "trust.version"):
                yield CHECKS.check(name, outcome, reason, subject="", **facts)
            if self.status is None:
                yield _NO_LISTS
                yield CHECKS.check("trust.state", outcome, reason, subject="", **facts)
            else:
                yield from self._status(metadata, self.status)
            return
        yield _record(metadata, record)
        yield self._record_file(record)
        yield _version(metadata, record)
        yield _NO_LISTS
        yield _state(record.state, _REGISTER)

    def _status(self, metadata: LicenseMetadata, status: StatusSource | StatusLists) -> Iterator[Check]:
        source = _STATUS_LIST
        if callable(status):
            yield _NO_LISTS
            yield _state(status(metadata.identifier) or LicenseState.UNKNOWN, source)
            return
        listed = status.judge(metadata, policy=self.policy)
        yield listed.check
        if listed.state is not None:
            yield _state(listed.state, source)
        else:
            yield CHECKS.check("trust.state", _FAILED if listed.reason == "outside" else _UNKNOWN, listed.reason)

    def _record_file(self, record: LicenseRecord) -> Check:
        name = "trust.record_file"
        if self.file.copy is not None:
            return CHECKS.check(name, _SKIPPED, "is_copy")
        if not record.file_digest:
            return CHECKS.check(name, _UNKNOWN, "no_file")
        same = sm3(self.file.package.archive).hex() == record.file_digest.lower()
        return CHECKS.check(name, *((_PASSED, "ok") if same else (_FAILED, "another")))


_REGISTER: Final = Text("the register", "登记库")
_STATUS_LIST: Final = Text("the status list", "状态列表")
_OF_METADATA: Final = (
    "integrity.index",
    "integrity.face",
    "binding.issuer",
    "binding.type",
    "trust.term",
    "trust.record",
    "trust.record_file",
    "trust.version",
    "trust.status_list",
    "trust.state",
)
_NO_LISTS: Final = CHECKS.check("trust.status_list", _SKIPPED, "not_asked")


def _record(metadata: LicenseMetadata, record: LicenseRecord) -> Check:
    # platforms of others do not tell the place in a status list
    untold = {"others"} if record.metadata.status is not None else {"others", "status"}
    compared = set(LicenseMetadata.model_fields) - untold
    differing = sorted(name for name in compared if getattr(metadata, name) != getattr(record.metadata, name))
    if differing:
        return CHECKS.check("trust.record", _FAILED, "differs", names=", ".join(differing))
    return CHECKS.check("trust.record", _PASSED, "ok")


def _version(metadata: LicenseMetadata, record: LicenseRecord) -> Check:
    found, latest = f"{metadata.version:03d}", f"{record.latest_version:03d}"
    if metadata.version < record.latest_version:
        return CHECKS.check("trust.version", _FAILED, "older", found=found, latest=latest)
    return CHECKS.check("trust.version", _PASSED, "ok", found=found)


def _span(first: date | None, last: date | None) -> Text:
    if last is None:
        return Text("without an end", "长期") if first is None else Text(f"from {first} on", f"{first} 起长期")
    return Text(f"until {last}", f"至 {last}") if first is None else Text(f"{first} to {last}", f"{first} 至 {last}")


def _state(state: LicenseState, source: Text) -> Check:
    match state:
        case LicenseState.VALID:
            return CHECKS.check("trust.state", _PASSED, "ok", source=source)
        case LicenseState.UNKNOWN:
            return CHECKS.check("trust.state", _UNKNOWN, "unknown", source=source)
        case _:
            return CHECKS.check("trust.state", _FAILED, state.value, source=source)


# ---------------------------------------------------------------------- who sealed


def _signer(use: SealUse) -> str:
    return use.seal.name if use.certificate is None else use.certificate.subject.text


def speaks_for(use: SealUse, authority: Authority) -> bool:
    """Whether a seal was used for an authority: the certificate bears its name or its code, or the seal its name.

    Behind the authority's name that of a seal may have only what every seal has, such as 电子证照专用章: the seal of a
    branch is not that of its authority.
    """
    if use.certificate is not None and bears_name(use.certificate, authority):
        return True
    rest = use.seal.name.removeprefix(authority.name)
    return bool(authority.name) and rest != use.seal.name and _SEAL_WORDS.fullmatch(rest) is not None


_SEAL_WORDS: Final = re.compile(
    r"(电子)?(证照|证件|许可证?|行政|审批|业务|测试)*(专用|用)?(公|电子|印)?(章|印章)?([(（][0-9一二三四五六七八九十]{1,3}[)）])?"
)
