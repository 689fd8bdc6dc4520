"""The guard at the gateway (授权网关): no record leaves but by a grant, and none that is not in the log of uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.exchange.sharing.conditions import Condition, Record
from egov_sdk.exchange.sharing.grants import Permit, permit
from egov_sdk.exchange.sharing.keys import SharingKeys
from egov_sdk.exchange.sharing.model import CaseState, Quota, Resource, Served, ServedRecord, SharingCase
from egov_sdk.exchange.sharing.problems import refuse
from egov_sdk.exchange.sharing.register import SharingRegister
from egov_sdk.exchange.sharing.resources import published
from egov_sdk.exchange.sharing.signing import SignedUse
from egov_sdk.gateway.serving import Asking
from egov_sdk.storage import Store
from egov_sdk.storage.sql import Connection
from egov_sdk.times import aware

__all__ = ["GrantGuard", "Source", "Wanted", "guarded"]

Q = TypeVar("Q", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of a resource come from.

    Attributes:
        fetch: the records for a permit. It may leave out early what ``permit.rows`` does not want, and need not.
        key: the fields that a record is known by; they need not be granted.
    """

    fetch: Callable[[Permit], Iterable[Record]]
    key: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("a record must be known by something: give at least one field as its key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a caller wants under a case."""

    case_id: str
    purpose: str
    fields: tuple[str, ...] = ()
    where: Condition | None = None
    records: int | None = None


class GrantGuard:
    """Enforces grants over a database of cases. Threads may share one.

    Args:
        keys, catalog: as the service of sharing has them.
    """

    def __init__(self, store: Store, *, keys: SharingKeys, catalog: LocalCatalog) -> None:
        self._register, self._keys, self._catalog = SharingRegister(store), keys, catalog

    def check(
        self, wanted: Wanted, *, caller: str, at: datetime, signed: SignedUse | None = None
    ) -> tuple[Permit, int]:
        """What a call may have, and its number in the log: it counts from now on, whatever comes of it.

        Args:
            caller: the unified social credit code of the department; make sure of it first.
            signed: the call as the department signed it, to be kept.
        Raises:
            SharingRejected: sharing.case_unknown, rate, or as ``permit``.
            ValueError: ``at`` has no time zone.
        """
        aware(at)
        shared = published(self._catalog, self._register.case(wanted.case_id).request.resource)
        with self._register.write() as connection:
            case = self._register.locked(connection, wanted.case_id)
            allowed = _permit(case, shared, wanted, caller, at)
            if case.terms is not None:
                self._check_rate(connection, case, case.terms.quota, at)
            number = self._register.add_use(
                connection, case.case_id, actor=caller, purpose=wanted.purpose, at=at, signed=signed
            )
        return allowed, number

    def serve(
        self, wanted: Wanted, source: Source, *, caller: str, at: datetime, signed: SignedUse | None = None
    ) -> Served:
        """Check a call, fetch, and give what may be given. What is not in the log is not given.

        Raises:
            SharingRejected: as ``check``; sharing.not_granted: it was ended meanwhile; sharing.key_missing.
            ValueError: ``at`` has no time zone.
        """
        allowed, number = self.check(wanted, caller=caller, at=at, signed=signed)
        key = self._keys.of_case(allowed.case_id)
        given: list[ServedRecord] = []
        seen: dict[str, bytes] = {}
        for record in allowed.choose(source.fetch(allowed)):
            digest = self._keys.record(allowed.resource, _key_of(record, source))
            reference = self._keys.reference(allowed.case_id, digest)
            seen[reference] = digest
            given.append(ServedRecord(reference=reference, values=allowed.minimise(record, key=key)))
        with self._register.write() as connection:
            case = self._register.locked(connection, allowed.case_id)
            if case.state is not CaseState.ACTIVE:
                raise refuse("sharing.not_granted", state=case.state.value)
            self._register.add_records(connection, case, number=number, records=seen, at=at)
        return Served(case_id=allowed.case_id, number=number, at=at, records=tuple(given))

    def _check_rate(self, connection: Connection, case: SharingCase, quota: Quota, at: datetime) -> None:
        if self._register.count_since(connection, case.case_id, at, per_s=quota.per_s) >= quota.calls:
            raise refuse("sharing.rate", expected=quota.calls, seconds=quota.per_s)


def _permit(case: SharingCase, shared: Resource | None, wanted: Wanted, caller: str, at: datetime) -> Permit:
    return permit(
        case,
        shared=shared,
        caller=caller,
        purpose=wanted.purpose,
        at=at,
        fields=wanted.fields,
        where=wanted.where,
        records=wanted.records,
    )


def _key_of(record: Record, source: Source) -> tuple[str, ...]:
    parts = []
    for name in source.key:
        value = record.get(name)
        if value is None or value == "":
            raise refuse("sharing.key_missing", found=name)
        parts.append(str(value))
    return tuple(parts)


def guarded(
    guard: GrantGuard,
    source: Source,
    *,
    reading: Callable[[Q, Asking], Wanted],
    party_of: Callable[[str], str],
    clock: Callable[[], datetime],
) -> Callable[[Q, Asking], Served]:
    """A handler for an ``Offer`` of an ``OperationApp`` that gives records by grant alone.

    Args:
        reading: what a question wants.
        party_of: the department behind a caller that ``SignedRequests`` made sure of; nobody's code for a stranger.
    """

    def handle(question: Q, asking: Asking) -> Served:
        party = party_of(asking.caller) if asking.caller else ""
        return guard.serve(reading(question, asking), source, caller=party, at=clock())

    return handle
