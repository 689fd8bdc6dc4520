"""How a node is doing: queues, rates and ages from its tables, and the same as text for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.desk import Desk
from egov_sdk.exchange.node.journal import CHAIN, Journal
from egov_sdk.exchange.node.model import Direction, Health, NodeStatus, PartnerStatus, PullStatus
from egov_sdk.exchange.node.problems import NodeRejected, refuse
from egov_sdk.exchange.node.pulls import pulls_of
from egov_sdk.exchange.node.rows import BEHIND, numbered
from egov_sdk.exchange.node.settings import AuditSettings
from egov_sdk.exchange.node.tables import MESSAGES, NODE
from egov_sdk.storage import StorageError, Store
from egov_sdk.storage.migrations import recorded_versions
from egov_sdk.storage.sql import ColumnElement, Connection, case, func, select
from egov_sdk.storage.tables import AUDIT_HEADS
from egov_sdk.times import aware

__all__ = ["health_of", "journal_in", "metrics_of", "read_status", "status_of"]

M = MESSAGES.c
_PREFIX = "egov_exchange"


def read_status(store: Store, *, at: datetime) -> NodeStatus:
    """The state of the node whose tables are in a database, without its keys and its settings.

    Raises:
        NodeRejected: no_node: none has ever worked there.
        StorageError: the database cannot be read.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    with store.read() as connection:
        journal = journal_in(connection, place=store.place)
        party = Party.parse(journal.chain.removeprefix(CHAIN))
        return status_of(connection, journal, party, (), at, pulls_of(connection))


def journal_in(connection: Connection, *, place: str) -> Journal:
    """The log of the node whose tables these are, without its settings; nothing is written where it keeps none.

    Raises:
        NodeRejected: no_node: none has ever worked there.
    """
    if NODE.prefix not in recorded_versions(connection):
        raise refuse("node.no_node", found=place)
    heads = select(AUDIT_HEADS.c.chain).where(AUDIT_HEADS.c.chain.like(f"{CHAIN}%")).order_by(AUDIT_HEADS.c.chain)
    chain = connection.execute(heads.limit(1)).scalar_one_or_none()
    if chain is not None:
        return Journal(chain.removeprefix(CHAIN), AuditSettings())
    own = case((M.direction == Direction.OUT.value, M.sender), else_=M.receiver)
    party = connection.execute(select(own).limit(1)).scalar_one_or_none()
    if party is None:
        raise refuse("node.no_node", found=place)
    return Journal(party, AuditSettings(level="none"))


def status_of(
    connection: Connection,
    journal: Journal,
    party: Party,
    known: Iterable[str],
    now: datetime,
    pulls: tuple[PullStatus, ...],
) -> NodeStatus:
    """The state of a node as its tables show it; partners that are known stand there also when nothing waits."""
    waits = _grouped(connection, M.due_at.is_not(None), func.count(), func.min(M.stored_at))
    failing = _failing(connection, now)
    dead = _grouped(connection, M.state == "dead", func.count())
    last_minute = func.sum(case((M.finished_at > now - timedelta(minutes=1), 1), else_=0))
    done = _grouped(connection, M.finished_at > now - timedelta(hours=1), func.count(), last_minute)
    named = {(direction.value, peer) for direction in Direction for peer in known}
    partners = []
    for key in sorted({*waits, *dead, *done, *named}):
        count, oldest = waits.get(key, (0, None))
        in_hour, in_minute = done.get(key, (0, 0))
        partners.append(
            PartnerStatus(
                partner=key[1],
                direction=Direction(key[0]),
                waiting=count,
                dead=dead.get(key, (0,))[0],
                oldest_s=0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()),
                last_minute=int(in_minute),
                last_hour=in_hour,
                **failing.get(key, {}),
            )
        )
    entries, stamped = journal.state(connection)
    return NodeStatus(
        party=party,
        at=now,
        partners=tuple(partners),
        pulls=pulls,
        audit_entries=entries,
        stamped_at=stamped,
    )


def _grouped(
    connection: Connection, which: ColumnElement[bool], *columns: ColumnElement[Any]
) -> dict[tuple[str, str], tuple]:  # type: ignore[type-arg]  # as many values as columns
    wanted = select(M.direction, M.peer, *columns).where(which).group_by(M.direction, M.peer)
    return {(row[0], row[1]): tuple(row[2:]) for row in connection.execute(wanted)}


def _failing(connection: Connection, now: datetime) -> dict[tuple[str, str], dict[str, Any]]:
    """What most of the messages that are tried again last failed of, and the first of them, by direction and partner.

    What only stands behind another one says nothing of why.
    """
    count, first = func.count(), func.min(M.number)
    wanted = select(M.direction, M.peer, M.problem, first).where(M.due_at.is_not(None), M.problem.not_in(("", BEHIND)))
    rows = connection.execute(wanted.group_by(M.direction, M.peer, M.problem).order_by(count, M.problem)).all()
    problems = {(direction, peer): problem for direction, peer, problem, _ in rows}
    firsts = {key: min(row[3] for row in rows if (row[0], row[1]) == key) for key in problems}
    heads = numbered(connection, select(M.number, M.stored_at, M.attempts))
    found = {row[0]: row for row in connection.execute(heads, {"numbers": list(firsts.values())})}
    return {
        key: {
            "problem": problem,
            "failing": firsts[key],
            "failing_s": max(0.0, (now - found[firsts[key]][1]).total_seconds()),
            "attempts": found[firsts[key]][2],
        }
        for key, problem in problems.items()
        if firsts[key] in found  # or it ended, and is forgotten, since the first of the two questions
    }


def health_of(desk: Desk) -> Health:
    """Whether the database answers and the log is stamped in time; and whether what is kept survives a power cut."""
    try:
        with desk.store.read() as connection:
            desk.journal.check(connection, at=desk.now())
    except (StorageError, NodeRejected) as error:
        return Health(ok=False, problems=(error.code,))
    try:
        desk.store.require_durable()
    except StorageError as error:
        return Health(ok=True, problems=(error.code,))
    return Health(ok=True)


def metrics_of(status: NodeStatus, counts: Mapping[tuple[str, str], int], *, health: Health) -> str:
    """Prometheus text: gauges of the node, and counters of this process since it began."""
    lines: list[str] = []
    for name, text, field in (
        ("waiting", "Messages that are not finished", "waiting"),
        ("dead", "Messages that wait for a person", "dead"),
        ("oldest_seconds", "Age of the oldest message that is not finished", "oldest_s"),
        ("failing_seconds", "Age of the first message that is tried again", "failing_s"),
        ("finished_last_minute", "Messages finished in the last minute", "last_minute"),
    ):
        rows = (
            ({"partner": one.partner, "direction": one.direction.value}, getattr(one, field)) for one in status.partners
        )
        lines += _family(f"{_PREFIX}_{name}", "gauge", text, rows)
    lines += _family(f"{_PREFIX}_healthy", "gauge", "Whether work is taken", [({}, int(health.ok))])
    lines += _family(f"{_PREFIX}_problems", "gauge", "What is wrong", (({"code": code}, 1) for code in health.problems))
    lines += _family(f"{_PREFIX}_audit_entries", "gauge", "Entries of the audit log", [({}, status.audit_entries)])
    if status.stamped_at is not None:
        age = max(0.0, (status.at - status.stamped_at).total_seconds())
        lines += _family(f"{_PREFIX}_stamp_age_seconds", "gauge", "Time since the last time stamp", [({}, age)])
    by_name: dict[str, list[tuple[dict[str, str], int]]] = {}
    for (what, code), count in sorted(counts.items()):
        by_name.setdefault(what, []).append(({"code": code} if code else {}, count))
    for what, counted in by_name.items():
        lines += _family(f"{_PREFIX}_{what}_total", "counter", f"Messages {what} by this process", counted)
    return "\n".join(lines) + "\n"


def _family(name: str, kind: str, text: str, rows: Iterable[tuple[Mapping[str, str], float]]) -> list[str]:
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    for labels, value in rows:
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        lines.append(f"{name}{{{inside}}} {value}" if inside else f"{name} {value}")
    return lines


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
