"""What any platform of licences offers: issue, change, find, verify, show, hand out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import (
    AnnotatedCopy,
    BegunShowing,
    DownloadTicket,
    HolderChallenge,
    License,
    LicenseChange,
    LicenseDraft,
    LicenseEvent,
    LicensePage,
    LicenseRecord,
    LicenseRef,
    Presentation,
    ShowingCode,
    ShownLicense,
    TypeCount,
    Use,
    UseCode,
)
from egov_sdk.license.present.online import Grant, OnlineShowing, ShowingState
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report import Report

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PublicKey
    from egov_sdk.license.present.attestation import HolderCredential

__all__ = ["LicenseRegistry", "LicenseService"]


class LicenseRegistry(Protocol):
    """What an issuer's register says of an identifier; ``verify`` asks it."""

    def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
        """The record of this very version; None when there is none."""


class LicenseService(Protocol):
    """Electronic certificates (电子证照), as one department or application that the platform knows.

    Every refusal is a LicenseRejected, with a code that says why. A platform that cannot be reached is a
    PlatformUnreachable, one that breaks its own rules is a PlatformRejected, and what a platform does not have is
    NotOffered. Every ``identifier`` may be given as text, or as the licence or its record itself.
    """

    def types(self) -> tuple[LicenseType, ...]:
        """The types of licences, in the order of their codes."""

    def type_of(self, type_code: str) -> LicenseType:
        """One type.

        Raises:
            LicenseRejected: type_unknown.
        """

    def issue(self, draft: LicenseDraft, *, request_id: str = "", actor: str = "") -> License:
        """Issue a licence: identifier, metadata, sealed face; stored, and valid from then on (签发).

        Args:
            request_id: The same request, sent again after a cut line, gives the licence that it gave before.
            actor: The account of the clerk at work, an id and no name, for the history and the audit log; a platform
                puts before it the caller that it made sure of.
        Raises:
            LicenseRejected: type_unknown, number_taken, serial_taken, field rules, template overflow, …
        """

    def change(self, identifier: LicenseRef, change: LicenseChange, *, reason: str, actor: str = "") -> License:
        """A new version with the same number and serial; the one before is superseded (变更)."""

    def renew(self, identifier: LicenseRef, *, valid_until: date | None, reason: str = "", actor: str = "") -> License:
        """A new version with another last day, None for no end (延续)."""

    def act(self, identifier: LicenseRef, action: LicenseAction, *, reason: str, actor: str = "") -> LicenseRecord:
        """Suspend, resume, cancel, revoke, withdraw or activate.

        Raises:
            LicenseRejected: license_unknown, action_refused: not in this state.
            ValueError: it is an action that makes a new version.
        """

    def suspend(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """Hold a licence for a while (暂扣): ``act`` by its own name, as the three below."""

    def resume(self, identifier: LicenseRef, *, reason: str = "", actor: str = "") -> LicenseRecord:
        """Give a held licence back (暂扣发还)."""

    def cancel(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """End a licence in the ordinary course, for ever (注销)."""

    def revoke(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """Take a licence away as a sanction, for ever (吊销)."""

    def get(self, identifier: LicenseRef, *, use: Use) -> License:
        """A licence with its file.

        Raises:
            LicenseRejected: license_unknown, use_refused, …
        """

    def search(
        self,
        holder_code: str,
        *,
        use: Use,
        type_code: str = "",
        states: frozenset[LicenseState] | None = None,
        page: str = "",
        page_size: int = 50,
    ) -> LicensePage:
        """The licences of one holder that the use may see, newest first; of each its latest version."""

    def history(self, identifier: LicenseRef) -> tuple[LicenseEvent, ...]:
        """The life of a licence over all its versions, oldest first."""

    def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """Verify a licence's file against this register (查验): seal, face, metadata, state, version."""

    def annotated_copy(
        self, identifier: LicenseRef, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """A copy for one use (加注件): watermarked with the purpose, sealed again, the original untouched.

        Args:
            requester: For whom it is: the use's own requester, and on the ground OWNER whoever its holder or issuer
                wants to have it.
        Raises:
            LicenseRejected: copy_term, copy_requester, license_unknown, use_refused, not_in_force, …
        """

    def download_ticket(self, identifier: LicenseRef, *, use: Use) -> DownloadTicket:
        """A ticket for one download of the file."""

    def download(self, ticket: str, *, requester: str) -> bytes:
        """The file of a ticket; a ticket is good for once, and for whom it was made.

        Args:
            requester: The code of the department that asks.
        Raises:
            LicenseRejected: ticket_unknown, ticket_used, ticket_expired, ticket_requester; use_refused,
                permission_withdrawn, permission_expired: what allowed it was taken away since.
        """

    def present(
        self,
        identifier: LicenseRef,
        *,
        audience: str = "",
        lifetime: timedelta = timedelta(seconds=120),
        fields: tuple[str, ...] | None = None,
    ) -> Presentation:
        """Show a licence (亮证): a short-lived signed token for a QR code, which works without a network.

        Args:
            audience: The only verifier who may accept it; empty for anyone.
            fields: What it discloses; None for what the type says, empty for nothing but type and validity.
        """

    def status_list(self, type_code: str) -> bytes:
        """The signed list of states of a type's licences (状态列表), for those who check without a network."""

    def use_code(self, identifier: LicenseRef, *, use: Use) -> UseCode:
        """A code with which the requester reads this licence once (用证码)."""

    def redeem(self, code: str, *, requester: str) -> License:
        """Read a licence with a code; a code is good for once, and for whom it was made.

        Args:
            requester: The code of the department that asks.
        Raises:
            LicenseRejected: code_unknown, code_used, code_expired, code_requester; use_refused, permission_withdrawn,
                permission_expired: what allowed it was taken away since.
        """

    def holder_challenge(self, identifier: LicenseRef, *, holder_code: str) -> HolderChallenge:
        """What a holder's device is to sign, to prove that it has the key that ``attest`` is asked for.

        Whoever calls has made sure that it is the holder.

        Raises:
            LicenseRejected: license_unknown, not_in_force; attest_holder: it is somebody else's licence.
        """

    def attest(
        self,
        identifier: LicenseRef,
        *,
        holder_code: str,
        holder_key: SM2PublicKey,
        challenge: bytes,
        proof: bytes,
        lifetime: timedelta = timedelta(days=30),
    ) -> HolderCredential:
        """A credential for a key on the holder's device (证照凭据), which shows chosen items from then on by itself.

        Whoever calls has made sure that it is the holder, and that the device is the holder's. The credential ends with
        the licence's term at the latest, and counts for nothing once the status list says that the licence is not in
        force.

        Args:
            challenge: The value of ``holder_challenge``.
            proof: Of ``prove_holder_key`` over it.
        Raises:
            LicenseRejected: lifetime, license_unknown, not_in_force, attest_holder, attest_challenge, attest_expired,
                attest_proof.
        """

    def showing_code(self, holder_code: str) -> ShowingCode:
        """A code for the holder's screen (亮证动态码), for one verification online; it lives a minute.

        Whoever calls has made sure that it is the holder who shows it.
        """

    def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> BegunShowing:
        """Begin to verify online (发起核验): ask the holder whose code was scanned for licences of these types.

        Args:
            use: What for, which the holder sees. On the ground HOLDER it needs no credential: the holder's confirmation
                is the consent. On the ground FUNCTION a rule must allow it.
        Raises:
            LicenseRejected: showing_code_unknown, showing_code_used, showing_code_expired, type_unknown, use_refused.
        """

    def waiting_showings(self, holder_code: str) -> tuple[OnlineShowing, ...]:
        """What waits for the decision of a holder, newest first; the ``digest`` of each is its id."""

    def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> OnlineShowing:
        """The holder agrees (持证人确认) to show some licences in force: all of each, or named items.

        Whoever calls has made sure that it is the holder who decides.

        Raises:
            LicenseRejected: showing_unknown, showing_holder, showing_decided, showing_expired; showing_granted: it is
                not the holder's or was not asked for; license_unknown, not_in_force, field_not_there, file_missing.
        """

    def refuse_showing(self, showing_id: str, *, holder_code: str) -> OnlineShowing:
        """The holder does not agree (持证人拒绝).

        Raises:
            LicenseRejected: showing_unknown, showing_holder, showing_decided, showing_expired.
        """

    def showing_status(self, transaction: str, *, verifier: str) -> ShowingState:
        """How it stands, for the verifier that began it; VERIFY_STATUS says it in numbers.

        Raises:
            LicenseRejected: showing_unknown, showing_verifier.
        """

    def fetch_showing(self, transaction: str, *, verifier: str) -> tuple[ShownLicense, ...]:
        """Take what the holder granted, once (取用); the licences are in force at this moment.

        Args:
            verifier: The code of the department that began it.
        Raises:
            LicenseRejected: showing_unknown, showing_verifier, showing_waiting, showing_refused, showing_expired,
                showing_fetched, not_in_force, use_refused.
        """

    def statistics(self) -> tuple[TypeCount, ...]:
        """How many licences of each type are in each state."""
