"""Whether an answer of a platform is about what was asked; one about something else is never handed on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn, TypeVar

from egov_sdk.codes import CitizenNumber, CodeKind, check_code, normalize
from egov_sdk.crypto import sm3
from egov_sdk.errors import InputError
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.removed import are_removed
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseMetadata
from egov_sdk.license.model import (
    AnnotatedCopy,
    License,
    LicenseDraft,
    LicenseEvent,
    LicensePage,
    LicenseRecord,
    ShownLicense,
    Use,
    UseCode,
)
from egov_sdk.license.states import LicenseState

__all__ = ["as_drafted", "copy_for", "events_of", "named", "page_of", "shown", "that_one", "whole"]

_OLD_CITIZEN_NUMBER = 15
R = TypeVar("R", LicenseRecord, License, UseCode, AnnotatedCopy)


def _not_asked(what: str) -> NoReturn:
    raise AnswerMalformed.not_asked(what)


def named(found: str, asked: str, what: str) -> None:
    """Return if the answer names the same as the question.

    Raises:
        AnswerMalformed: it does not; so do all of these.
    """
    if found != asked:
        _not_asked(f"it has another {what}")


def that_one(found: R, asked: LicenseIdentifier) -> R:
    """What was answered about one version of one licence; a file with it is the file of that licence."""
    if found.identifier != asked:
        _not_asked("it has another licence")
    if isinstance(found, License):
        whole(found)
    return found


def whole(found: License) -> License:
    """A licence whose file is the one of its digest, and says itself to be that licence.

    Out of a recording, which has no files about anybody, it comes without one: what stands for it is nobody's.
    """
    from egov_sdk.license.reading import read_license_file

    if are_removed(found.file):
        return found
    if sm3(found.file).hex() != found.file_digest.lower():
        _not_asked("the file is not the one of its digest")
    try:
        told = read_license_file(found.file).metadata
    except InputError as error:
        raise AnswerMalformed(f"the platform's file is no licence: {error}", origin="platform") from None
    if told is None or _face(told) != _face(found.metadata):
        _not_asked("the file is of another licence than the data")
    return found


def _face(metadata: LicenseMetadata) -> tuple[object, ...]:
    holders = tuple((one.name, one.code) for one in metadata.holders)
    days = (metadata.issued_on, metadata.valid_from, metadata.valid_until)
    return metadata.identifier, metadata.number, metadata.issuer.code, holders, days


def as_drafted(found: License, draft: LicenseDraft) -> License:
    """The licence that a draft asked for."""
    held = found.metadata
    asked = (draft.type_code, draft.number, draft.holders, draft.issued_on, draft.valid_from, draft.valid_until)
    given = (held.type_code, held.number, held.holders, held.issued_on, held.valid_from, held.valid_until)
    if asked != given:
        _not_asked("it has another licence than the draft")
    if draft.issuer is not None:
        named(held.issuer.code, draft.issuer.code, "issuer")
    if draft.serial:
        named(held.identifier.serial, draft.serial, "serial")
    return whole(found)


def page_of(
    found: LicensePage,
    holder_code: str,
    *,
    type_code: str,
    states: frozenset[LicenseState] | None,
    page: str,
    page_size: int,
) -> LicensePage:
    """Licences of that holder, type and state, and a page that is followed by another one."""
    wanted = _same(holder_code)
    for record in found.records:
        if all(_same(holder.code) != wanted for holder in record.metadata.holders):
            _not_asked("it has a licence of another holder")
        if type_code and record.metadata.type_code != type_code:
            _not_asked("it has a licence of another type")
        if states is not None and record.state not in states:
            _not_asked("it has a licence in another state")
    if len(found.records) > page_size or (found.next_page and found.next_page == page):
        _not_asked("its pages have no end")
    return found


def _same(code: str) -> str:
    """How a code is compared, however it was written: as the register finds it."""
    made = normalize(code)
    if len(made) == _OLD_CITIZEN_NUMBER and check_code(made, CodeKind.CITIZEN_NUMBER).ok:
        return CitizenNumber.parse(made).to_18().number
    return made


def events_of(found: tuple[LicenseEvent, ...], asked: LicenseIdentifier) -> tuple[LicenseEvent, ...]:
    """Events of one licence, in whatever version."""
    if any(_series(one.identifier) != _series(asked) for one in found):
        _not_asked("it has events of another licence")
    return found


def _series(one: LicenseIdentifier) -> tuple[str, str, str, str]:
    return one.root, one.type_code, one.issuer_code, one.serial


def copy_for(found: AnnotatedCopy, asked: LicenseIdentifier, *, use: Use, requester: Authority) -> AnnotatedCopy:
    """A copy of that licence for that use."""
    named(found.purpose, use.purpose, "purpose")
    named(found.requester.code, requester.code, "requester")
    return that_one(found, asked)


def shown(found: Iterable[ShownLicense]) -> tuple[ShownLicense, ...]:
    """Licences that were shown, each the same in all of its parts."""
    there = tuple(found)
    for one in there:
        named(one.type_code, one.identifier.type_code, "type")
        if one.license is not None:
            that_one(one.license, one.identifier)
    return there
