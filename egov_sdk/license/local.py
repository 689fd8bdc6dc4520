"""The licence service at work in this process, on a register of one's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from egov_sdk.crypto import Signer, SM2PublicKey
from egov_sdk.license._by_name import ByName
from egov_sdk.license.catalogue import CatalogueState, LicenseType
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
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.present.attestation import HolderCredential
from egov_sdk.license.present.online import Grant, OnlineShowing, ShowingState
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.access import AccessRule
from egov_sdk.license.register.desk import Clock, Random, RegisterSettings
from egov_sdk.license.register.register import LicenseRegister
from egov_sdk.license.register.vault import RegisterKeys
from egov_sdk.license.sealing import Sealer
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.report import Report
from egov_sdk.storage import Store

__all__ = ["LocalLicenseService"]


class LocalLicenseService(ByName):
    """Electronic certificates on a register in this process (证照服务); the arguments are those of LicenseRegister.

    Whoever calls has made sure that a use's ``requester`` is who asks: the register decides what that one may see.

    Attributes:
        register: for the office that runs it: types, access rules, permissions, batches, recovery, old licences.
    """

    def __init__(
        self,
        store: Store,
        *,
        authority: Authority,
        sealers: Mapping[str, Sealer],
        keys: RegisterKeys,
        clock: Clock,
        issuers: Iterable[Authority] = (),
        copier: Sealer | None = None,
        trust: TrustStore | None = None,
        policy: Callable[[datetime], LicensePolicy] | None = None,
        signer: Signer | None = None,
        certificate: Certificate | None = None,
        access: Iterable[AccessRule] = (),
        settings: RegisterSettings | None = None,
        random: Random = os.urandom,
    ) -> None:
        self.register = LicenseRegister(
            store,
            authority=authority,
            sealers=sealers,
            keys=keys,
            clock=clock,
            issuers=issuers,
            copier=copier,
            trust=trust,
            policy=policy,
            signer=signer,
            certificate=certificate,
            access=access,
            settings=settings,
            random=random,
        )

    def types(self) -> tuple[LicenseType, ...]:
        """The types of licences; see LicenseService."""
        return self.register.types.published()

    def type_of(self, type_code: str) -> LicenseType:
        """One type; see LicenseService."""
        found = self.register.types.get(type_code)
        if found.state not in (CatalogueState.PUBLISHED, CatalogueState.DISABLED):
            raise refuse("type_unknown", found=type_code)
        return found

    def issue(self, draft: LicenseDraft, *, request_id: str = "", actor: str = "") -> License:
        """Issue a licence; see LicenseService."""
        return self.register.issue(draft, request_id=request_id, actor=actor)

    def change(self, identifier: LicenseRef, change: LicenseChange, *, reason: str, actor: str = "") -> License:
        """A new version; see LicenseService."""
        return self.register.change(identifier, change, reason=reason, actor=actor)

    def renew(self, identifier: LicenseRef, *, valid_until: date | None, reason: str = "", actor: str = "") -> License:
        """A new version with another last day; see LicenseService."""
        return self.register.renew(identifier, valid_until=valid_until, reason=reason, actor=actor)

    def act(self, identifier: LicenseRef, action: LicenseAction, *, reason: str, actor: str = "") -> LicenseRecord:
        """Suspend, resume, cancel, revoke, withdraw or activate; see LicenseService."""
        return self.register.act(identifier, action, reason=reason, actor=actor)

    def get(self, identifier: LicenseRef, *, use: Use) -> License:
        """A licence with its file; see LicenseService."""
        return self.register.uses.get(identifier, use=use)

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
        """The licences of one holder; see LicenseService."""
        return self.register.uses.search(
            holder_code, use=use, type_code=type_code, states=states, page=page, page_size=page_size
        )

    def history(self, identifier: LicenseRef) -> tuple[LicenseEvent, ...]:
        """The life of a licence; see LicenseService."""
        return self.register.uses.history(identifier)

    def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """Verify a licence's file against the register; see LicenseService."""
        return self.register.verify(file, at=at)

    def annotated_copy(
        self, identifier: LicenseRef, *, use: Use, requester: Authority, valid_until: datetime
    ) -> AnnotatedCopy:
        """A copy for one use; see LicenseService."""
        return self.register.copies.copy(identifier, use=use, requester=requester, valid_until=valid_until)

    def download_ticket(self, identifier: LicenseRef, *, use: Use) -> DownloadTicket:
        """A ticket for one download; see LicenseService."""
        return self.register.tickets.ticket(identifier, use=use)

    def download(self, ticket: str, *, requester: str) -> bytes:
        """The file of a ticket; see LicenseService."""
        return self.register.tickets.download(ticket, requester=requester)

    def present(
        self,
        identifier: LicenseRef,
        *,
        audience: str = "",
        lifetime: timedelta = timedelta(seconds=120),
        fields: tuple[str, ...] | None = None,
    ) -> Presentation:
        """Show a licence; see LicenseService."""
        at = self.register.now()
        return self.register.shows.present(identifier, audience=audience, lifetime=lifetime, fields=fields, at=at)

    def status_list(self, type_code: str) -> bytes:
        """The signed list of states; see LicenseService."""
        return self.register.shows.status_list(type_code, at=self.register.now())

    def use_code(self, identifier: LicenseRef, *, use: Use) -> UseCode:
        """A code for one use; see LicenseService."""
        return self.register.tickets.code(identifier, use=use)

    def redeem(self, code: str, *, requester: str) -> License:
        """Read a licence with a code; see LicenseService."""
        return self.register.tickets.redeem(code, requester=requester)

    def holder_challenge(self, identifier: LicenseRef, *, holder_code: str) -> HolderChallenge:
        """What a holder's device is to sign; see LicenseService."""
        return self.register.shows.challenge(identifier, holder_code=holder_code)

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
        """A credential for a key on the holder's device; see LicenseService."""
        return self.register.shows.attest(
            identifier,
            holder_code=holder_code,
            holder_key=holder_key,
            challenge=challenge,
            proof=proof,
            lifetime=lifetime,
        )

    def showing_code(self, holder_code: str) -> ShowingCode:
        """A code for the holder's screen; see LicenseService."""
        return self.register.online.code(holder_code)

    def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> BegunShowing:
        """Begin to verify online; see LicenseService."""
        return self.register.online.begin(code, type_codes=type_codes, use=use)

    def waiting_showings(self, holder_code: str) -> tuple[OnlineShowing, ...]:
        """What waits for a holder; see LicenseService."""
        return self.register.online.waiting(holder_code)

    def confirm_showing(self, showing_id: str, *, holder_code: str, granted: tuple[Grant, ...]) -> OnlineShowing:
        """The holder agrees; see LicenseService."""
        return self.register.online.confirm(showing_id, holder_code=holder_code, granted=granted)

    def refuse_showing(self, showing_id: str, *, holder_code: str) -> OnlineShowing:
        """The holder does not agree; see LicenseService."""
        return self.register.online.refuse(showing_id, holder_code=holder_code)

    def showing_status(self, transaction: str, *, verifier: str) -> ShowingState:
        """How it stands; see LicenseService."""
        return self.register.online.status(transaction, verifier=verifier)

    def fetch_showing(self, transaction: str, *, verifier: str) -> tuple[ShownLicense, ...]:
        """Take what was granted, once; see LicenseService."""
        return self.register.online.fetch(transaction, verifier=verifier)

    def statistics(self) -> tuple[TypeCount, ...]:
        """How many licences of each type are in each state; see LicenseService."""
        return self.register.statistics()
