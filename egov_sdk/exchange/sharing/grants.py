"""What a grant allows (授权范围), from the case and the catalogue alone: to whom, what for, which fields and rows, how
many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.exchange.sharing.conditions import Condition, Record, both, fields_of, matches
from egov_sdk.exchange.sharing.fields import FieldRule, Given, Treatment, minimise
from egov_sdk.exchange.sharing.model import CaseState, GrantTerms, Resource, SharingCase
from egov_sdk.exchange.sharing.problems import refuse
from egov_sdk.times import aware

__all__ = ["Permit", "permit"]

#: Each shares less than the one before.
_STRICTER: Final = (SharingType.UNCONDITIONAL, SharingType.CONDITIONAL, SharingType.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What one use may have. ``rows`` is what was asked for, what was granted and what is wanted now, all together."""

    case_id: str
    requester: str
    resource: str
    purpose: str
    rules: tuple[FieldRule, ...]
    rows: Condition | None
    records: int

    def choose(self, records: Iterable[Record]) -> Iterator[Record]:
        """The rows that may be given, no more than may be at a time."""
        return islice((record for record in records if matches(self.rows, record)), self.records)

    def minimise(self, record: Record, *, key: bytes) -> dict[str, Given]:
        """What of a record is given."""
        return minimise(record, self.rules, key=key)


def permit(
    case: SharingCase,
    *,
    shared: Resource | None,
    caller: str,
    purpose: str,
    at: datetime,
    fields: Iterable[str] = (),
    where: Condition | None = None,
    records: int | None = None,
) -> Permit:
    """What a use may have.

    Args:
        shared: the resource as the catalogue has it now; None where it is not published any more.
        caller: the department, made sure of by whoever asks.
        fields: none are all that are granted.
    Raises:
        SharingRejected: sharing.caller, not_granted, until, expired, resource_unknown, narrowed, other_provider,
            purpose, field, hidden_field, records.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    terms = _terms(case, caller, at)
    items = _still_shared(case, shared)
    if purpose not in terms.purposes:
        raise refuse("sharing.purpose", found=purpose, expected="granted")
    given = {rule.name: rule for rule in terms.fields if rule.treatment is not Treatment.DROP}
    wanted = tuple(dict.fromkeys(fields)) or tuple(given)
    for name in wanted:
        if name not in given:
            raise refuse("sharing.field", found=name, expected="fields that were granted")
    _check_where(where, given)
    for name in (*wanted, *fields_of(where)):
        if name not in items:
            raise refuse("sharing.field", found=name, expected="items of the resource")
    most = terms.quota.records
    if records is not None and not 0 < records <= most:
        raise refuse("sharing.records", found=records, expected=most)
    return Permit(
        case_id=case.case_id,
        requester=case.requester,
        resource=case.request.resource,
        purpose=purpose,
        rules=tuple(given[name] for name in wanted),
        rows=both(case.request.rows, terms.rows, where),
        records=records or most,
    )


def _terms(case: SharingCase, caller: str, at: datetime) -> GrantTerms:
    if caller != case.requester:
        raise refuse("sharing.caller", found=caller)
    if case.state is not CaseState.ACTIVE or case.terms is None:
        raise refuse("sharing.not_granted", state=case.state.value)
    terms = case.terms
    if at < terms.valid_from:
        first, last = terms.valid_from.isoformat(), terms.until.isoformat()
        raise refuse("sharing.until", found=at.isoformat(), first=first, last=last)
    if at >= terms.until:
        raise refuse("sharing.expired", found=terms.until.isoformat())
    return terms


def _still_shared(case: SharingCase, shared: Resource | None) -> frozenset[str]:
    """The items that the resource has by now: a grant does not outlive what the catalogue allows."""
    if shared is None:
        raise refuse("sharing.resource_unknown", found=case.request.resource)
    if shared.provider != case.provider:
        raise refuse("sharing.other_provider", found=shared.provider, expected=case.provider)
    if case.resource is not None and _STRICTER.index(shared.sharing) > _STRICTER.index(case.resource.sharing):
        raise refuse("sharing.narrowed", before=case.resource.sharing.value, sharing=shared.sharing.value)
    return frozenset(shared.items)


def _check_where(where: Condition | None, given: dict[str, FieldRule]) -> None:
    """A search by a field tells what is in it: only those that are given as they are may be searched by."""
    for name in fields_of(where):
        if name not in given:
            raise refuse("sharing.field", found=name, expected="fields that were granted")
        if given[name].treatment is not Treatment.PLAIN:
            raise refuse("sharing.hidden_field", found=name)
