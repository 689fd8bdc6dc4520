"""The register of licences (证照库): everything that the office which runs it can do, on one database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from egov_sdk.crypto import Signer
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import License, LicenseChange, LicenseDraft, LicenseRecord, LicenseRef, TypeCount
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.access import AccessRegister, AccessRule
from egov_sdk.license.register.changing import ChangeDesk, Recovery
from egov_sdk.license.register.desk import Clock, Desk, Random, RegisterSettings
from egov_sdk.license.register.importing import ImportDesk
from egov_sdk.license.register.issuing import IssueDesk
from egov_sdk.license.register.listing import ListDesk
from egov_sdk.license.register.online import OnlineDesk
from egov_sdk.license.register.permissions import PermissionRegister
from egov_sdk.license.register.places import PlaceDesk
from egov_sdk.license.register.showing import CopyDesk, ShowDesk, TokenKey
from egov_sdk.license.register.tables import LICENSE, SERIES
from egov_sdk.license.register.tickets import TicketDesk
from egov_sdk.license.register.types import TypeRegister
from egov_sdk.license.register.uses import UseDesk
from egov_sdk.license.register.vault import RegisterKeys, Vault
from egov_sdk.license.sealing import Sealer
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.license.verify import verify
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.report import Report
from egov_sdk.seal import Policy
from egov_sdk.storage import AuditLog, Store
from egov_sdk.storage.sql import Connection, func, select

if TYPE_CHECKING:
    from egov_sdk.license.legacy import ImportBatch, ImportPlan, SheetMapping

__all__ = ["AUDIT_CHAIN", "LicenseRegister"]

#: The chain of the audit log that the register writes.
AUDIT_CHAIN: Final = "license"

_COUNTS: Final = (
    select(SERIES.c.type_code, SERIES.c.state, func.count())
    .where(SERIES.c.latest > 0)
    .group_by(SERIES.c.type_code, SERIES.c.state)
    .order_by(SERIES.c.type_code, SERIES.c.state)
)


class LicenseRegister:
    """A register of licences on a database. Several processes may share one, with the same settings and keys.

    Args:
        authority: the department whose register it is.
        issuers: other departments that issue in it.
        sealers: who seals, by the roles of the face templates.
        copier: who seals annotated copies; the first of the sealers by default.
        keys: of the database.
        trust: anchors by which ``verify`` judges seals; ``policy`` makes the demands where they are others.
        signer, certificate: with what presentations and status lists are signed.
        access: rules that are in force beside those in the database.
        clock: says what time it is.
    Attributes:
        types: the types of licences.
        access: the rules by which departments see licences.
        permissions: consents and delegations of holders.
        uses: finding and reading, with the audit of it.
        tickets: tickets and codes, each good once.
        online: showing online: a code, a verifier who begins, a holder who confirms, one fetch.
        imports: taking old licences in.
        lists: every licence, page after page.
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
        desk = Desk(
            settings or RegisterSettings(),
            authority,
            {one.code: one for one in issuers},
            store,
            clock,
            AuditLog(AUDIT_CHAIN),
            Vault(keys, random=random),
            random,
        )
        self._desk, self._sealers, self._trust, self._policy = desk, dict(sealers), trust, policy
        store.prepare(LICENSE, at=desk.now())
        self.types, self.permissions = TypeRegister(desk), PermissionRegister(desk)
        self.access = AccessRegister(desk, access)
        self.uses = UseDesk(desk, self.access)
        self.tickets = TicketDesk(desk, self.uses, self.access)
        self.online = OnlineDesk(desk, self.uses, self.access)
        token_key = None if signer is None or certificate is None else TokenKey(signer, certificate)
        places = PlaceDesk(desk, signs=token_key is not None)
        self.imports = ImportDesk(desk, places, sealers=self._sealers)
        self.lists = ListDesk(desk)
        self._changes = ChangeDesk(desk, places, sealers=self._sealers)
        self._issues = IssueDesk(desk, places, resume=lambda series: self._changes.resume(series, at=desk.now()))
        copier = copier or next(iter(self._sealers.values()), None)
        self._copies = None if copier is None else CopyDesk(desk, self.uses, copier)
        self._shows = None if token_key is None else ShowDesk(desk, token_key, places)
        self.recovered = self.recover()

    @property
    def authority(self) -> Authority:
        """The department whose register it is."""
        return self._desk.authority

    def now(self) -> datetime:
        """What the clock says, in UTC."""
        return self._desk.now().astimezone(UTC)

    def issue(
        self,
        draft: LicenseDraft,
        *,
        request_id: str = "",
        sealers: Mapping[str, Sealer] | None = None,
        at: datetime | None = None,
        actor: str = "",
    ) -> License:
        """Issue a licence (签发).

        Args:
            request_id: the same request, sent again, gives the licence that it gave before.
            sealers: who seals this one, by role; those of the register by default.
            at: when it is issued; now by default.
        Raises:
            LicenseRejected: type_unknown, type_state, face_no_template, sealer_missing, issuer_refused, draft_element,
                serial_shape, number_taken, serial_taken, request_mismatch, request_running; what the face refuses.
        """
        return self.issue_many([draft], request_ids=[request_id], sealers=sealers, at=at, actor=actor)[0]

    def issue_many(
        self,
        drafts: Sequence[LicenseDraft],
        *,
        request_ids: Sequence[str] = (),
        sealers: Mapping[str, Sealer] | None = None,
        at: datetime | None = None,
        actor: str = "",
    ) -> tuple[License, ...]:
        """Issue licences in one transaction, all of them or none, in the order of their drafts.

        Args:
            request_ids: one for each draft, or none at all.
        Raises:
            LicenseRejected: as ``issue``; the detail ``index`` is the place of the draft.
            ValueError: not as many request ids as drafts, or one of them twice.
        """
        return self._issues.issue(
            drafts,
            request_ids=request_ids or [""] * len(drafts),
            sealers=self._sealers if sealers is None else sealers,
            at=self._desk.now(at),
            actor=actor,
        )

    def change(self, identifier: LicenseRef, change: LicenseChange, *, reason: str, actor: str = "") -> License:
        """A new version; the one before is superseded (变更).

        Raises:
            LicenseRejected: license_unknown, version_old, action_refused, change_empty, draft_element, reason_missing,
                version_exhausted; change_running, change_overtaken: others were at it.
        """
        if not reason.strip():
            raise refuse("reason_missing", action=LicenseAction.CHANGE.value)
        at, action = self._desk.now(), LicenseAction.CHANGE
        return self._changes.change(identifier, change, action=action, reason=reason, actor=actor, at=at)

    def renew(self, identifier: LicenseRef, *, valid_until: date | None, reason: str = "", actor: str = "") -> License:
        """A new version with a later last day, None for no end (延续).

        Raises:
            LicenseRejected: as ``change``; renewal_term, renewal_endless.
        """
        change = LicenseChange(valid_until=valid_until, without_end=valid_until is None)
        at, action = self._desk.now(), LicenseAction.RENEW
        return self._changes.change(identifier, change, action=action, reason=reason, actor=actor, at=at)

    def act(self, identifier: LicenseRef, action: LicenseAction, *, reason: str, actor: str = "") -> LicenseRecord:
        """Suspend, resume, cancel, revoke, withdraw or activate (暂扣、吊销、注销 …).

        Raises:
            LicenseRejected: license_unknown, version_old, action_refused, reason_missing.
            ValueError: it is an action that makes a new version.
        """
        return self._changes.act(identifier, action, reason=reason, actor=actor, at=self._desk.now())

    def recover(self) -> Recovery:
        """Finish what was cut off: every issue and change that was begun and left lying for longer than the lease.

        Done by itself when a register is opened, and for a licence whose request or change comes again.
        """
        return self._changes.recover(at=self._desk.now())

    def abandon(self, identifier: LicenseRef) -> None:
        """Give up an issue or a change that was left lying and cannot be finished.

        Raises:
            LicenseRejected: license_unknown: nothing of it lies there, or not long enough.
        """
        self._changes.abandon(identifier, at=self._desk.now())

    def make_file(self, identifier: LicenseRef, *, pictures: Mapping[str, bytes] | None = None) -> License:
        """Make and seal the file of a licence that was taken in without one; done again, nothing is done.

        Raises:
            LicenseRejected: license_unknown, face_no_template, sealer_missing, draft_element.
        """
        at, sealers = self._desk.now(), self._sealers
        return self.imports.make_file(identifier, pictures=pictures or {}, sealers=sealers, at=at)

    def import_legacy(
        self,
        rows: Path | Sequence[Mapping[str, str]],
        plan: ImportPlan | SheetMapping,
        *,
        jobs: int = 1,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> ImportBatch:
        """Bring old licences in (存量入库): a sheet, or rows by their headers; see license.legacy.Importer.

        Args:
            plan: a mapping alone takes rows of every type that is published here.
            jobs: in how many processes rows are checked.
            progress: told how many rows are done, and of how many.
        """
        from egov_sdk.license.legacy.importing import Importer, ImportPlan
        from egov_sdk.license.legacy.mapping import SheetMapping

        if isinstance(plan, SheetMapping):
            plan = ImportPlan(mapping=plan, type_codes=tuple(one.code for one in self.types.published()))
        importer = Importer(self.imports, clock=self.now, jobs=jobs)
        if isinstance(rows, Path):
            return importer.import_file(rows, plan, progress=progress)
        return importer.import_rows(rows, plan, progress=progress)

    def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
        """The record of this very version, for ``verify``; None when there is none."""
        return self.uses.find(identifier)

    def verify(self, file: bytes, *, at: datetime | None = None) -> Report:
        """Verify a licence's file against this register (查验)."""
        moment = self._desk.now(at)
        if self._policy is not None:
            policy = self._policy(moment)
        else:
            policy = LicensePolicy.standard(Policy.standard(trust=self._trust, at=moment))
        with self._desk.store.read() as connection:  # the type and the record as at one moment
            seen = _Seen(self.uses, connection)
            return verify(file, policy=policy, types=self.types.at_hand(connection), registry=seen)

    def statistics(self) -> tuple[TypeCount, ...]:
        """How many licences of each type are in each state."""
        with self._desk.store.read() as connection:
            rows = connection.execute(_COUNTS).all()
        return tuple(TypeCount(type_code=row[0], state=LicenseState(row[1]), count=row[2]) for row in rows)

    @property
    def shows(self) -> ShowDesk:
        """Presentations and status lists.

        Raises:
            LicenseRejected: key_missing: the register was opened without a signer and its certificate.
        """
        if self._shows is None:
            raise refuse("key_missing", kind="signer")
        return self._shows

    @property
    def copies(self) -> CopyDesk:
        """Annotated copies.

        Raises:
            LicenseRejected: key_missing: nobody is there to seal them.
        """
        if self._copies is None:
            raise refuse("key_missing", kind="copier")
        return self._copies


@dataclass(frozen=True, slots=True)
class _Seen:
    """The register as one transaction sees it."""

    uses: UseDesk
    connection: Connection

    def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
        return self.uses.find_in(self.connection, identifier)
