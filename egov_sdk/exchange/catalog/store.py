"""The local catalogue (本地目录): every version of every resource, who changed it, and a search over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from egov_sdk.exchange.catalog._searching import Filters, SearchHit, SearchPage, search
from egov_sdk.exchange.catalog._writing import Body, Known, Writer, body_of, chunks, read_body
from egov_sdk.exchange.catalog.check import check_entry
from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.exchange.catalog.problems import Finding, finding, refuse
from egov_sdk.exchange.catalog.tables import CATALOG, ENTRIES, HISTORY, VERSIONS
from egov_sdk.exchange.catalog.terms import ACTION_WORDS, TITLES, LifeCycle, ResourceClass, SharingType
from egov_sdk.report import Text
from egov_sdk.storage import Store
from egov_sdk.storage.sql import Connection, and_, func, select
from egov_sdk.times import aware, day_in_beijing

__all__ = [
    "STEPS", "Change", "LocalCatalog", "Refused", "Saved", "SearchHit", "SearchPage", "StepName", "Stored", "Version",
]  # fmt: skip

#: What can be done with a resource beside changing it.
StepName = Literal["submit", "register", "return", "propose", "publish", "decline", "withdraw"]
#: From which state to which each step leads.
STEPS: Mapping[StepName, tuple[LifeCycle, LifeCycle]] = MappingProxyType(
    {
        "submit": (LifeCycle.DRAFT, LifeCycle.REGISTRATION_REVIEW),
        "register": (LifeCycle.REGISTRATION_REVIEW, LifeCycle.REGISTERED),
        "return": (LifeCycle.REGISTRATION_REVIEW, LifeCycle.DRAFT),
        "propose": (LifeCycle.REGISTERED, LifeCycle.PUBLICATION_REVIEW),
        "publish": (LifeCycle.PUBLICATION_REVIEW, LifeCycle.PUBLISHED),
        "decline": (LifeCycle.PUBLICATION_REVIEW, LifeCycle.REGISTERED),
        "withdraw": (LifeCycle.PUBLISHED, LifeCycle.WITHDRAWN),
    }
)
_FETCHED: Final = 500
_MOST_HITS: Final = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """One resource as the catalogue has it: the entry, which version of it this is, and the state of the latest."""

    entry: CatalogEntry
    version: int
    latest: int
    state: LifeCycle
    origin: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a resource."""

    number: int
    entry: CatalogEntry
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a resource's history."""

    number: int
    version: int
    action: str
    before: str
    after: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A resource that was not taken, and why."""

    code: str
    name: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of keeping or publishing entries."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[Refused, ...] = ()

    @property
    def kept(self) -> int:
        """How many were taken, or were there already."""
        return self.added + self.changed + self.unchanged


class LocalCatalog:
    """A catalogue on a database of one's own. Every change is one transaction, and has a line in the history."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        store.prepare(CATALOG, at=self.now())

    @property
    def store(self) -> Store:
        """The database."""
        return self._store

    def now(self) -> datetime:
        """The time.

        Raises:
            ValueError: the clock gives one without a time zone.
        """
        return aware(self._clock(), "what the clock gives")

    def save(self, entries: Iterable[CatalogEntry], *, actor: str, reason: str = "") -> Saved:
        """Keep entries as drafts, each a new version where it differs from the latest; all of them or none.

        A resource that is published stays so in its older version until the new one is published too.

        Raises:
            CatalogRejected: catalog.foreign: it belongs to another catalogue; catalog.rule.code_twice.
            ValueError: an entry has no code.
        """
        return self._keep(entries, LifeCycle.DRAFT, actor=actor, reason=reason)

    def publish(
        self, entries: Iterable[CatalogEntry], *, actor: str, reason: str = "", leave_out_unready: bool = False
    ) -> Saved:
        """Keep entries and publish them at once, for whoever may do both; all of them or none.

        Args:
            leave_out_unready: what breaks a rule is left out and told, instead of stopping everything.
        Raises:
            CatalogRejected: catalog.not_publishable: an entry breaks rules; catalog.foreign.
        """
        return self._keep(entries, LifeCycle.PUBLISHED, actor=actor, reason=reason, leave_out=leave_out_unready)

    def _keep(
        self, entries: Iterable[CatalogEntry], state: LifeCycle, *, actor: str, reason: str, leave_out: bool = False
    ) -> Saved:
        at = self.now()
        added = changed = unchanged = 0
        refused: list[Refused] = []
        seen: set[str] = set()
        with self._store.write() as connection:
            writer = Writer(connection, at=at, actor=actor)
            for portion in chunks(entries):
                taken: dict[str, tuple[CatalogEntry, Body]] = {}
                for entry in portion:
                    findings = _unready(entry, at, state, seen)
                    if findings and not leave_out:
                        raise _not_publishable(entry, findings)
                    if findings:
                        refused.append(Refused(entry.code, entry.name, findings))
                    else:
                        taken[entry.code] = entry, body_of(entry)
                        seen.add(entry.code)
                known = writer.known(list(taken))
                for code, (entry, body) in taken.items():
                    outcome = _kept(writer, known.get(code), entry, body, state, reason)
                    added, changed = added + (outcome == "added"), changed + (outcome == "changed")
                    unchanged += outcome == "unchanged"
                writer.flush()
        return Saved(added, changed, unchanged, tuple(refused))

    def advance(self, code: str, step: StepName, *, actor: str, reason: str = "") -> LifeCycle:
        """Take a resource one step on, or back; the state it is in then.

        Raises:
            CatalogRejected: catalog.unknown; catalog.step: it is not in the state that the step begins at;
                catalog.not_publishable; catalog.foreign.
            ValueError: there is no such step.
        """
        if step not in STEPS:
            raise ValueError(f"a step is one of {', '.join(STEPS)}, got {step!r}")
        before, after = STEPS[step]
        at = self.now()
        with self._store.write() as connection:
            writer = Writer(connection, at=at, actor=actor)
            known = _need(writer.known([code]), code)
            if known.origin:
                raise refuse("catalog.foreign", code=code, found=known.origin)
            withdrawn = step == "withdraw" and known.shown > 0
            if known.state is not before and not withdrawn:
                wanted = Text(step, ACTION_WORDS[step].zh)
                raise refuse("catalog.step", found=TITLES[known.state], expected=wanted)
            entry = _entry(connection, known.id, known.latest)
            findings = check_entry(entry, today=day_in_beijing(at)) if step in ("propose", "publish") else ()
            if findings:
                raise _not_publishable(entry, findings)
            writer.move(known, entry, step, after=after, reason=reason)
            writer.flush()
        return after

    def get(self, code: str, *, version: int | None = None) -> Stored:
        """A resource: the version asked for, or the one that is published, or else the latest.

        Raises:
            CatalogRejected: catalog.unknown, catalog.version_unknown.
        """
        with self._store.read() as connection:
            row = connection.execute(select(ENTRIES).where(ENTRIES.c.code == code)).mappings().one_or_none()
            if row is None:
                raise refuse("catalog.unknown", found=code)
            number = version if version is not None else (row["shown"] or row["latest"])
            if not 1 <= number <= row["latest"]:
                raise refuse("catalog.version_unknown", code=code, found=number)
            entry = _entry(connection, row["id"], number)
        state = LifeCycle(row["state"])
        return Stored(entry, number, row["latest"], state, row["origin"], row["changed_at"])

    def versions(self, code: str) -> tuple[Version, ...]:
        """All versions of a resource, the first one first.

        Raises:
            CatalogRejected: catalog.unknown.
        """
        asked = select(VERSIONS.c.number, VERSIONS.c.body, VERSIONS.c.made_at, VERSIONS.c.made_by)
        with self._store.read() as connection:
            mine = asked.where(VERSIONS.c.entry == _id(connection, code)).order_by(VERSIONS.c.number)
            rows = connection.execute(mine).all()
        return tuple(Version(row[0], read_body(row[1]), row[2], row[3]) for row in rows)

    def history(self, code: str) -> tuple[Change, ...]:
        """Everything that was done with a resource, the first first.

        Raises:
            CatalogRejected: catalog.unknown.
        """
        columns = [HISTORY.c[name] for name in ("number", "version", "action", "before", "after")]
        columns += [HISTORY.c[name] for name in ("actor", "reason", "at")]
        with self._store.read() as connection:
            mine = select(*columns).where(HISTORY.c.entry == _id(connection, code)).order_by(HISTORY.c.number)
            return tuple(Change(*row) for row in connection.execute(mine))

    def published(self) -> Iterator[CatalogEntry]:
        """Every published entry in its published version, by code; read in portions, each one state of the database."""
        shown = and_(VERSIONS.c.entry == ENTRIES.c.id, VERSIONS.c.number == ENTRIES.c.shown)
        asked = select(ENTRIES.c.code, VERSIONS.c.body).join(VERSIONS, shown).order_by(ENTRIES.c.code).limit(_FETCHED)
        after = ""
        while True:
            with self._store.read() as connection:
                rows = connection.execute(asked.where(ENTRIES.c.code > after)).all()
            for code, body in rows:
                after = code
                yield read_body(body)
            if len(rows) < _FETCHED:
                return

    def counts(self) -> dict[LifeCycle, int]:
        """How many resources are in each state."""
        asked = select(ENTRIES.c.state, func.count()).group_by(ENTRIES.c.state)
        with self._store.read() as connection:
            found = {row[0]: row[1] for row in connection.execute(asked)}
        return {state: found.get(state.value, 0) for state in LifeCycle}

    def search(
        self,
        text: str,
        *,
        resource_class: ResourceClass | None = None,
        prefix: str = "",
        provider: str = "",
        sharing: SharingType | None = None,
        drafts: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> SearchPage:
        """Find resources whose name or description holds every word; words in the name come first.

        Chinese needs no blanks: ``营业执照`` finds it wherever it stands, a single character as well. Full and half
        width are alike, capitals and small letters too. An empty text with a class, prefix, provider or sharing type
        lists all that has it, by code.

        Args:
            prefix: how the code begins, which is its class, item, catalogue and detail.
            provider: the unified social credit code of the provider, or its name where it has none.
            drafts: look at what is not published too, in its latest version.
            limit: 1 to 100.
        Raises:
            CatalogRejected: catalog.query_empty, catalog.query_long, catalog.query_characters.
            ValueError: limit or offset is out of range.
        """
        if not 1 <= limit <= _MOST_HITS or not 0 <= offset <= 10_000:
            raise ValueError(f"limit is 1 to {_MOST_HITS} and offset 0 to 10000, got {limit} and {offset}")
        prefixes = (_CLASS_DIGIT[resource_class] if resource_class else "", prefix)
        kept = tuple(one for one in prefixes if one)
        filters = Filters(prefixes=kept, provider=provider, sharing=sharing, drafts=drafts)
        with self._store.read() as connection:
            return search(connection, text, filters, limit=limit, offset=offset)


_CLASS_DIGIT: Final = {kind: str(number) for number, kind in enumerate(ResourceClass, 1)}


def _unready(entry: CatalogEntry, at: datetime, state: LifeCycle, seen: set[str]) -> tuple[Finding, ...]:
    if state is not LifeCycle.PUBLISHED:
        if not entry.code:
            raise ValueError(f"an entry without a code cannot be kept: {entry.name[:40]!r}")
        if entry.code in seen:
            raise refuse("catalog.rule.code_twice", found=entry.code, first=entry.code)
        return ()
    findings = check_entry(entry, today=day_in_beijing(at))
    if entry.code in seen:
        findings += (finding("catalog.rule.code_twice", about="code", found=entry.code, first=entry.code),)
    return findings


def _not_publishable(entry: CatalogEntry, findings: Sequence[Finding]) -> Exception:
    facts = {"code": entry.code or entry.name, "found": len(findings), "first": findings[0].message.en}
    return refuse("catalog.not_publishable", **facts)


def _kept(writer: Writer, known: Known | None, entry: CatalogEntry, body: Body, state: LifeCycle, reason: str) -> str:
    if known is None:
        writer.add(entry, body, state=state, reason=reason)
        return "added"
    if known.origin:
        raise refuse("catalog.foreign", code=entry.code, found=known.origin)
    if known.digest == body.digest:
        is_there = known.state is LifeCycle.PUBLISHED or state is LifeCycle.DRAFT
        if is_there and known.state is not LifeCycle.WITHDRAWN:
            return "unchanged"
        writer.move(known, entry, "publish" if state is LifeCycle.PUBLISHED else "reopen", after=state, reason=reason)
        return "changed"
    writer.change(known, entry, body, state=state, reason=reason)
    return "changed"


def _need(known: Mapping[str, Known], code: str) -> Known:
    if code not in known:
        raise refuse("catalog.unknown", found=code)
    return known[code]


def _id(connection: Connection, code: str) -> int:
    found = connection.execute(select(ENTRIES.c.id).where(ENTRIES.c.code == code)).scalar_one_or_none()
    if found is None:
        raise refuse("catalog.unknown", found=code)
    return int(found)


def _entry(connection: Connection, entry: int, number: int) -> CatalogEntry:
    asked = select(VERSIONS.c.body).where(VERSIONS.c.entry == entry, VERSIONS.c.number == number)
    return read_body(connection.execute(asked).scalar_one())
