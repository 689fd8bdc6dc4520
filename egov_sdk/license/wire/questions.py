"""With what the operations of our own REST interface are asked; see ``wire.rest``."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import AwareDatetime, Field

from egov_sdk.gateway.operations import Question
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import (
    LicenseChange,
    LicenseDraft,
    Use,
)
from egov_sdk.license.present.online import Grant
from egov_sdk.license.states import LicenseAction, LicenseState

__all__ = [
    "Act",
    "Attest",
    "BeginShowing",
    "Challenge",
    "Change",
    "Code",
    "ConfirmShowing",
    "Copy",
    "Issue",
    "Of",
    "OfHolder",
    "OfType",
    "Present",
    "RefuseShowing",
    "Renew",
    "Search",
    "Ticket",
    "Used",
    "Verify",
    "Verifying",
]


class OfType(Question):
    """One type."""

    type_code: str


class Of(Question):
    """One licence, in one version."""

    identifier: LicenseIdentifier


class Used(Of):
    """One licence, and what for."""

    use: Use


class Issue(Question):
    """A licence to be issued."""

    draft: LicenseDraft
    request_id: str = ""
    actor: str = ""


class Change(Of):
    """What becomes different."""

    change: LicenseChange
    reason: str
    actor: str = ""


class Renew(Of):
    """The new last day, null for no end."""

    valid_until: date | None
    reason: str = ""
    actor: str = ""


class Act(Of):
    """A step in the life of a licence."""

    action: LicenseAction
    reason: str
    actor: str = ""


class Search(Question):
    """The licences of a holder."""

    holder_code: str = Field(repr=False)
    use: Use
    type_code: str = ""
    states: frozenset[LicenseState] | None = None
    page: str = ""
    page_size: int = 50


class Verify(Question):
    """A file to be verified, in base64url where it is a member of JSON."""

    file: bytes = Field(repr=False)
    at: AwareDatetime | None = None


class Copy(Used):
    """A copy for one use."""

    requester: Authority
    valid_until: AwareDatetime


class Ticket(Question):
    """A ticket, a secret and therefore in the body, and who comes with it."""

    ticket: str = Field(repr=False)
    requester: str


class Code(Question):
    """A code, a secret and therefore in the body, and who comes with it."""

    code: str = Field(repr=False)
    requester: str


class Present(Of):
    """What to show, to whom, and for how long."""

    audience: str = ""
    lifetime: timedelta = timedelta(seconds=120)
    fields: tuple[str, ...] | None = None


class OfHolder(Question):
    """One holder, by a code that is personal and therefore in the body."""

    holder_code: str = Field(repr=False)


class Challenge(Of):
    """A licence, and the holder whose device is to prove that it has a key."""

    holder_code: str = Field(repr=False)


class Attest(Challenge):
    """The key of a device, 64 bytes x || y, and the proof that the device has it; in base64url, as the challenge."""

    holder_key: bytes
    challenge: bytes
    proof: bytes
    lifetime: timedelta = timedelta(days=30)


class BeginShowing(Question):
    """What a verifier wants to see of the holder whose code it scanned."""

    code: str = Field(repr=False)
    type_codes: tuple[str, ...] = Field(min_length=1, max_length=16)
    use: Use


class RefuseShowing(OfHolder):
    """A holder's no."""

    showing_id: str


class ConfirmShowing(RefuseShowing):
    """A holder's yes, and to what."""

    granted: tuple[Grant, ...]


class Verifying(Question):
    """A transaction, a secret and therefore in the body, and who began it."""

    transaction: str = Field(repr=False)
    verifier: str
