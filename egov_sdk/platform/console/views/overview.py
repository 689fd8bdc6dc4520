"""The first page: how much there is, whether all is well, and what happened last."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.exchange.node.watch import read_status
from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.visits import EVERYBODY, Desk, Route, Visit
from egov_sdk.storage import AuditLog, StorageError
from egov_sdk.storage.audit import AuditEntry, audit_chains

if TYPE_CHECKING:
    from egov_sdk.exchange.node.model import NodeStatus

__all__ = ["ROUTES", "node_status"]

_LAST: Final = 12


def show(visit: Visit) -> Answer:
    """The first page."""
    desk, office = visit.desk, visit.desk.office
    licenses = office.license.statistics()
    states = Counter({one.state: 0 for one in licenses})
    for one in licenses:
        states[one.state] += one.count
    seals = office.seal.seals()
    with desk.staff.store.read() as connection:
        chains = audit_chains(connection)
        events = [entry for head in chains for entry in AuditLog(head.chain).newest(connection, limit=_LAST)]
    return visit.show(
        "overview.html",
        title=("概览", "Overview"),
        people=office.provider.accounts.count(),
        seals=Counter(one.state for one in seals).items(),
        seal_count=len(seals),
        license_count=sum(states.values()),
        licenses=states.items(),
        type_count=len(office.license.types()),
        node=node_status(desk),
        entries=sum(head.number for head in chains),
        chain_count=len(chains),
        events=sorted(events, key=_newest)[:_LAST],
    )


def node_status(desk: Desk) -> NodeStatus | None:
    """How exchange goes; None where none was ever set up in this database."""
    try:
        return read_status(desk.staff.store, at=desk.clock())
    except (NodeRejected, StorageError):
        return None


def _newest(entry: AuditEntry) -> tuple[float, int]:
    return -entry.at.timestamp(), -entry.number


ROUTES = (Route("overview", "GET", "/", EVERYBODY, show),)
