"""What is found of a document or a code that somebody brought, as the public page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.errors import InputError
from egov_sdk.license.elements import element_named
from egov_sdk.license.present import (
    PresentationPolicy,
    PresentationResult,
    StatusList,
    check_presentation,
    read_status_list,
)
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.reading import read_license_package
from egov_sdk.limits import OfdLimits
from egov_sdk.ofd import OfdPackage, open_ofd
from egov_sdk.platform.console.pictures import page_pictures, tone_of
from egov_sdk.report import ANSWERS, Check, Lang, Outcome, Report
from egov_sdk.report_words import is_note, verdict_of
from egov_sdk.seal.shown import ShownSignature, shown_signatures
from egov_sdk.seal.shown_pages import shown_pages
from egov_sdk.storage import StorageError

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice

__all__ = ["ShownCheck", "ShownReport", "judge_code", "judge_file", "shown_report"]

#: Less than elsewhere: anybody may bring a file, and several are verified at once.
_LIMITS: Final = OfdLimits(entries=2_048, total_bytes=128 << 20)
_PAGES: Final = 6
_SVG_BYTES: Final = 8 << 20
_ZIP: Final = b"PK\x03\x04"
_SKIPPED: Final = "skipped"


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """One row of a table of checks; ``note`` says that it decides nothing."""

    id: str
    tone: str
    outcome: Outcome
    note: bool
    message: str
    clause: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report for a template: its conclusion, the four answers, and its checks by what they speak of."""

    subject: str
    policy: str
    verified_at: datetime
    outcome: Outcome
    tone: str
    blocking: tuple[ShownCheck, ...]
    answers: tuple[tuple[str, str, Outcome], ...]
    checks: Mapping[str, tuple[ShownCheck, ...]]


def shown_report(report: Report, *, lang: Lang, subjects: tuple[str, ...] = ()) -> ShownReport:
    """A report for a template.

    Args:
        subjects: What has a table of its own; all other checks are in the table of the empty subject.
    """
    groups: dict[str, list[ShownCheck]] = {subject: [] for subject in ("", *subjects)}
    for check in report.checks:
        groups[check.subject if check.subject in subjects else ""].append(_check(check, report, lang))
    return ShownReport(
        subject=report.subject,
        policy=report.policy,
        verified_at=report.verified_at,
        outcome=report.outcome,
        tone=tone_of(report.outcome),
        blocking=tuple(_check(check, report, lang) for check in report.blocking[:3]),
        answers=tuple((name, tone_of(report.answer(name)), report.answer(name)) for name in ANSWERS),
        checks={subject: tuple(found) for subject, found in groups.items()},
    )


def judge_file(office: LocalOffice, content: bytes, *, name: str, at: datetime, lang: Lang) -> Mapping[str, object]:
    """Verify a document with the office's anchors and registers; a licence against the register of licences.

    Returns:
        The facts for the template, or ``problem``: why it cannot be read.
    """
    try:
        package = open_ofd(content, limits=_LIMITS)
        licence = _is_licence(package)
        report = office.license.verify(content, at=at) if licence else office.seal.verify(content, at=at)
        signatures = shown_signatures(package)
        pages = shown_pages(package, signatures, report, most=_PAGES, most_bytes=_SVG_BYTES)
    except InputError as error:
        return {"problem": error, "no_zip": _ZIP not in content[: 1 << 20]}
    except StorageError as error:
        return {"problem": error}
    subjects = tuple(one.subject for one in signatures)
    return {
        "kind": "license" if licence else "document",
        "report": shown_report(replace(report, subject=name or report.subject), lang=lang, subjects=subjects),
        "signatures": tuple(_signature(one, report, subjects) for one in signatures),
        "pages": page_pictures(pages.pages, lang=lang),
        "left_out": pages.left_out,
        "items": (),
    }


def judge_code(office: LocalOffice, code: str, *, at: datetime, lang: Lang) -> Mapping[str, object]:
    """Check the text of a scanned code of the office's licences, with its states as they are now."""
    certificate = office.secrets.token[1]
    types = [one.code for one in office.license.types()]
    try:
        policy = PresentationPolicy.of(certificate, type_codes=types, trust=office.trust)
        found = check_presentation(code, policy=policy, at=at)
        shown = found.presentation_unverified
        if shown is not None and shown.type_code in types:
            lists = _lists(office, shown.type_code)
            found = check_presentation(code, policy=policy, at=at, status_lists=lists)
    except StorageError as error:
        return {"problem": error}
    return {
        "kind": "code",
        "report": shown_report(found.report, lang=lang),
        "signatures": (),
        "pages": (),
        "left_out": 0,
        "items": _items(found),
    }


def _is_licence(package: OfdPackage) -> bool:
    """Whether a file calls itself one: by any item of a licence, however wrong."""
    file = read_license_package(package)
    return file.metadata is not None or any(element_named(name) for name, _ in file.document.custom_datas)


def _lists(office: LocalOffice, type_code: str) -> tuple[StatusList, ...]:
    try:
        return (read_status_list(office.license.status_list(type_code)),)
    except LicenseRejected:
        return ()


def _items(found: PresentationResult) -> tuple[tuple[str, str], ...]:
    """What was shown, where all of it holds: what does not hold is not repeated."""
    shown = found.presentation_unverified
    if shown is None or found.report.outcome is not Outcome.PASSED:
        return ()
    return tuple(shown.fields.items())


def _signature(one: ShownSignature, report: Report, subjects: tuple[str, ...]) -> Mapping[str, object]:
    seal = None if one.value is None else one.value.seal
    outcome = verdict_of(report, one.subject, subjects=subjects)
    signed = one.value.signed_at if one.value is not None else None
    return {
        "subject": one.subject,
        "outcome": outcome,
        "tone": tone_of(outcome),
        "seal": seal,
        "signed_at": signed,
        "signer": one.certificates[0].subject.text if one.certificates else "",
        "problems": one.problems,
    }


def _check(check: Check, report: Report, lang: Lang) -> ShownCheck:
    note = is_note(check, report)
    return ShownCheck(
        id=check.id,
        tone=_SKIPPED if note else tone_of(check.outcome),
        outcome=check.outcome,
        note=note,
        message=check.message.in_(lang),
        clause=check.clause,
        reason=check.reason,
    )
