"""The rows of sharing: cases with steps, uses and records. Every change is one transaction with its audit entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from pydantic import ValidationError

from egov_sdk.exchange.sharing.model import CaseState, SharingCase
from egov_sdk.exchange.sharing.problems import refuse
from egov_sdk.exchange.sharing.signing import SignedStep, SignedUse
from egov_sdk.exchange.sharing.tables import CASES, RECORDS, SHARING, STEPS, USES
from egov_sdk.report import Text
from egov_sdk.storage import AuditHead, AuditLog, Store
from egov_sdk.storage.problems import broken
from egov_sdk.storage.sql import (
    Connection,
    Executable,
    RowMapping,
    func,
    insert,
    insert_unless_there,
    or_,
    select,
    update,
    upsert,
)

__all__ = ["AUDIT_CHAIN", "SharingRegister"]

#: The chain of the audit log that sharing writes.
AUDIT_CHAIN: Final = "sharing"
_WAITING: Final = frozenset({CaseState.REVIEW, CaseState.GRANTED})
_MOST: Final = 1_000


class SharingRegister:
    """The cases of one database."""

    def __init__(self, store: Store) -> None:
        self._store, self._audit = store, AuditLog(AUDIT_CHAIN)

    def prepare(self, *, at: datetime) -> None:
        """Bring the tables up to date."""
        self._store.prepare(SHARING, at=at)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction."""
        with self._store.write() as connection:
            yield connection

    # cases

    def case(self, case_id: str) -> SharingCase:
        """One case.

        Raises:
            SharingRejected: sharing.case_unknown.
        """
        with self._store.read() as connection:
            return self.locked(connection, case_id, lock=False)

    def locked(self, connection: Connection, case_id: str, *, lock: bool = True) -> SharingCase:
        """One case, which nobody else changes until the transaction ends.

        Raises:
            SharingRejected: sharing.case_unknown.
        """
        wanted = select(CASES.c.body).where(CASES.c.id == case_id)
        text = connection.execute(wanted.with_for_update() if lock else wanted).scalar_one_or_none()
        if text is None:
            raise refuse("sharing.case_unknown", found=case_id)
        return _case(text)

    def add(self, connection: Connection, case: SharingCase) -> None:
        """Keep a new case.

        Raises:
            SharingRejected: sharing.case_taken.
        """
        if not insert_unless_there(connection, CASES, {"id": case.case_id, **_columns(case)}):
            raise refuse("sharing.case_taken", found=case.case_id)

    def change(self, connection: Connection, case: SharingCase) -> None:
        """Keep what a case has become."""
        connection.execute(update(CASES).where(CASES.c.id == case.case_id).values(_columns(case)))

    def add_step(self, connection: Connection, signed: SignedStep) -> None:
        """Keep a signed step."""
        step = signed.read()
        row = {"case_id": step.case_id, "number": step.number, "digest": signed.digest}
        connection.execute(insert(STEPS).values({**row, "signed": signed.model_dump_json()}))

    def note(self, connection: Connection, steps: Sequence[SignedStep], *, at: datetime) -> None:
        """Write signed steps into the audit log; last in a transaction."""
        entries: list[tuple[str, str, str, Mapping[str, object]]] = []
        for signed in steps:
            step = signed.read()
            detail = {"number": step.number, "digest": signed.digest}
            entries.append((step.actor, f"sharing.{step.body.kind}", step.case_id, detail))
        self._audit.append_all(connection, at=at, entries=entries)

    def cases(
        self, *, party: str = "", resource: str = "", state: CaseState | None = None, after: str = "", limit: int = 100
    ) -> tuple[SharingCase, ...]:
        """Cases by their ids, which are in the order of time."""
        wanted = select(CASES.c.body).where(CASES.c.id > after).order_by(CASES.c.id).limit(min(limit, _MOST))
        if party:
            wanted = wanted.where(or_(CASES.c.requester == party, CASES.c.provider == party))
        if resource:
            wanted = wanted.where(CASES.c.resource == resource)
        if state is not None:
            wanted = wanted.where(CASES.c.state == state.value)
        with self._store.read() as connection:
            return tuple(_case(text) for text in connection.execute(wanted).scalars())

    def waiting(self) -> Iterator[SharingCase]:
        """The cases in which somebody has to do something."""
        with self._store.read() as connection:
            wanted = select(CASES.c.body).where(CASES.c.waiting == 1).order_by(CASES.c.id)
            texts = connection.execute(wanted).scalars().all()
        return map(_case, texts)

    def everything(self, *, party: str = "") -> Iterator[SharingCase]:
        """All cases, or those of one party, some at a time."""
        after = ""
        while some := self.cases(party=party, after=after, limit=_MOST):
            yield from some
            after = some[-1].case_id

    def steps(self, case_id: str) -> tuple[SignedStep, ...]:
        """The signed steps of a case, in their order."""
        wanted = select(STEPS.c.signed).where(STEPS.c.case_id == case_id).order_by(STEPS.c.number)
        with self._store.read() as connection:
            return tuple(SignedStep.model_validate_json(text) for text in connection.execute(wanted).scalars())

    # uses

    def count_since(self, connection: Connection, case_id: str, at: datetime, *, per_s: int) -> int:
        """How many calls there were in the span that ends now; one further ahead is of a clock that was set back."""
        span = timedelta(seconds=per_s)
        near = USES.c.at > at - span, USES.c.at <= at + span
        wanted = select(func.count()).select_from(USES).where(USES.c.case_id == case_id, *near)
        return connection.execute(wanted).scalar_one()

    def add_use(
        self, connection: Connection, case_id: str, *, actor: str, purpose: str, at: datetime, signed: SignedUse | None
    ) -> int:
        """Keep one call; its number."""
        last = connection.execute(select(func.max(USES.c.number)).where(USES.c.case_id == case_id)).scalar()
        number = int(last or 0) + 1
        row = {
            "case_id": case_id,
            "number": number,
            "at": at,
            "actor": actor,
            "purpose": purpose,
            "records": 0,
            "digest": signed.digest if signed is not None else "",
            "signed": signed.model_dump_json() if signed is not None else "",
        }
        connection.execute(insert(USES).values(row))
        detail = {"number": number, "digest": row["digest"]}
        self._audit.append(connection, at=at, actor=actor, action="sharing.use", subject=case_id, detail=detail)
        return number

    def add_records(
        self, connection: Connection, case: SharingCase, *, number: int, records: Mapping[str, bytes], at: datetime
    ) -> None:
        """Keep which records a call is given, by reference."""
        if records:
            rows = [
                {"case_id": case.case_id, "reference": one, "record": record, "first_use": number, "last_use": number}
                for one, record in records.items()
            ]
            connection.execute(_seen(connection.dialect.name), rows)
        mine = (USES.c.case_id == case.case_id, USES.c.number == number)
        connection.execute(update(USES).where(*mine).values(records=len(records)))
        detail = {"number": number, "records": len(records)}
        self._audit.append(
            connection, at=at, actor=case.requester, action="sharing.served", subject=case.case_id, detail=detail
        )

    def uses(self, case_id: str) -> tuple[RowMapping, ...]:
        """The calls of a case, in their order."""
        wanted = select(USES).where(USES.c.case_id == case_id).order_by(USES.c.number)
        with self._store.read() as connection:
            return tuple(connection.execute(wanted).mappings().all())

    def totals(self) -> tuple[int, int]:
        """How many calls and how many records were given in all."""
        with self._store.read() as connection:
            row = connection.execute(select(func.count(), func.sum(USES.c.records)).select_from(USES)).one()
        return int(row[0]), int(row[1] or 0)

    def record_of(self, connection: Connection, case_id: str, reference: str) -> bytes | None:
        """The digest of a record that a case has seen."""
        mine = (RECORDS.c.case_id == case_id, RECORDS.c.reference == reference)
        found: bytes | None = connection.execute(select(RECORDS.c.record).where(*mine)).scalar_one_or_none()
        return found

    def users_of(self, connection: Connection, record: bytes) -> dict[str, str]:
        """The cases that have seen a record, and what each calls it."""
        wanted = select(RECORDS.c.case_id, RECORDS.c.reference).where(RECORDS.c.record == record)
        return {row[0]: row[1] for row in connection.execute(wanted.order_by(RECORDS.c.case_id))}

    def users(self, case_id: str, reference: str) -> dict[str, str]:
        """As users_of, of a record as one case calls it; empty where it has never seen it."""
        with self._store.read() as connection:
            record = self.record_of(connection, case_id, reference)
            return self.users_of(connection, record) if record is not None else {}

    def head(self) -> AuditHead:
        """The end of the audit log."""
        with self._store.read() as connection:
            return self._audit.head(connection)


@cache
def _seen(dialect: str) -> Executable:
    wanted = upsert(dialect, RECORDS)
    return wanted.on_conflict_do_update(
        index_elements=[RECORDS.c.case_id, RECORDS.c.reference], set_={"last_use": wanted.excluded.last_use}
    )


def _columns(case: SharingCase) -> dict[str, object]:
    return {
        "resource": case.request.resource,
        "requester": case.requester,
        "provider": case.provider,
        "state": case.state.value,
        "waiting": int(case.state in _WAITING or bool(case.open_objections)),
        "body": case.model_dump_json(),
    }


def _case(text: str) -> SharingCase:
    try:
        return SharingCase.model_validate_json(text)
    except ValidationError:
        raise broken(
            "damaged", where="", found=Text("something else where a case should be", "应为案卷处是其他内容")
        ) from None
