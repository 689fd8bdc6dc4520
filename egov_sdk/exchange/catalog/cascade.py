"""Catalogues of two levels kept in step (级联): a city sends up, a province sends down, and one owner wins.

A batch holds what the other side does not have yet, which is known from what it last confirmed, not from a clock. Each
resource in it says which of its changes it is, by the sender's count, so that what comes late is known as old. It is
data: an envelope signs and carries it.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from pydantic import ValidationError

from egov_sdk.crypto.hashes import sm3
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog._writing import Known, Writer, body_of, digest_of, read_body
from egov_sdk.exchange.catalog.jsonform import load_json
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry
from egov_sdk.exchange.catalog.problems import A_LIST, AN_OBJECT, Place, json_kind, refuse, unreadable
from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.exchange.catalog.tables import ENTRIES, HISTORY, SYNC, VERSIONS
from egov_sdk.exchange.catalog.terms import LifeCycle
from egov_sdk.frozen import first_misfit
from egov_sdk.report import Text
from egov_sdk.storage.sql import Connection, and_, func, json_text, select, update, upsert

__all__ = [
    "Batch", "BatchItem", "Conflict", "ConflictRule", "Direction", "Received", "acknowledge", "count_anew",
    "make_batch", "parse_batch", "receive_batch",
]  # fmt: skip

#: Up is towards the province or the nation, down towards the city or the district.
Direction = Literal["up", "down"]
_FORMAT: Final = "egov-sdk-cascade-1"
_NAME_CHARS: Final = 64
_CHUNK: Final = 500
_Action = Literal["publish", "withdraw"]
ConflictKind = Literal["code_taken", "theirs_changed", "both_changed", "not_theirs"]


class ConflictRule(enum.StrEnum):
    """Who wins when both sides have something else under one code.

    OWNER: whoever the resource belongs to. HIGHER: the upper level, also about what is the lower one's. MANUAL: nobody;
    what is here stays until a person has looked.
    """

    OWNER = "owner"
    HIGHER = "higher"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One resource in a batch: published as it stands here, or withdrawn.

    Attributes:
        owner: whose it is.
        change: the number of its last change at the sender; 0 where the sender counts none, as a harvested source.
    """

    code: str
    owner: str
    digest: bytes
    entry: CatalogEntry | None
    change: int = 0

    @property
    def action(self) -> _Action:
        """What happened with it."""
        return "publish" if self.entry is not None else "withdraw"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one catalogue tells another (级联批次). ``to_bytes`` is what travels."""

    source: str
    target: str
    direction: Direction
    made_at: datetime
    items: tuple[BatchItem, ...]

    def to_bytes(self) -> bytes:
        """The batch as JSON with its SM3 digest, the same for the same batch."""
        plain = self._plain()
        return json_text({**plain, "digest": sm3(json_text(plain).encode()).hex()}).encode()

    def _plain(self) -> dict[str, object]:
        items = [
            {
                "code": item.code,
                "owner": item.owner,
                "change": item.change,
                "digest": item.digest.hex(),
                "entry": None if item.entry is None else json.loads(body_of(item.entry).text),
            }
            for item in self.items
        ]
        heads = {"format": _FORMAT, "source": self.source, "target": self.target, "direction": self.direction}
        return {**heads, "made_at": self.made_at.isoformat(), "items": items}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A code under which both sides have something else, and which of the two stays here.

    ``kind`` is ``code_taken`` (two owners use one code), ``theirs_changed`` (the other side changed what is ours),
    ``both_changed``, or ``not_theirs`` (it is a third catalogue's, which this side does not speak for).
    """

    code: str
    kind: ConflictKind
    kept: Literal["mine", "theirs"]


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a batch.

    Attributes:
        agreed: goes back to the sender, for ``acknowledge``.
        older: the codes of which a later change came before; what is here stays.
    """

    added: int
    changed: int
    withdrawn: int
    unchanged: int
    conflicts: tuple[Conflict, ...]
    agreed: Mapping[str, bytes]
    older: tuple[str, ...] = ()


def make_batch(catalog: LocalCatalog, *, me: str, peer: str, direction: Direction) -> Batch:
    """What the other side has not confirmed yet: resources published or changed since, and those withdrawn.

    What belongs to the other side is not sent back to it.

    Args:
        me, peer: the names of the two catalogues, division codes for example; they must never change.
    """
    _check_names(me, peer)
    shown = and_(VERSIONS.c.entry == ENTRIES.c.id, VERSIONS.c.number == ENTRIES.c.shown)
    with catalog.store.read() as connection:
        agreed = {code: digest for code, digest, _ in _synced(connection, peer)}
        asked = select(ENTRIES.c.code, ENTRIES.c.origin, VERSIONS.c.digest, VERSIONS.c.body).join(VERSIONS, shown)
        items, there = [], set()
        for code, origin, digest, body in connection.execute(asked.order_by(ENTRIES.c.code)):
            there.add(code)
            if origin != peer and agreed.get(code) != digest:
                items.append(BatchItem(code, origin or me, digest, read_body(body)))
        gone = sorted(code for code, digest in agreed.items() if digest and code not in there)
        owners = dict(tuple(row) for row in connection.execute(select(ENTRIES.c.code, ENTRIES.c.origin)))
        items += [BatchItem(code, owners[code] or me, b"", None) for code in gone if owners.get(code, peer) != peer]
        changes = _changes(connection, [item.code for item in items])
    counted = tuple(replace(item, change=changes[item.code]) for item in items)
    return Batch(me, peer, direction, catalog.now(), counted)


def _changes(connection: Connection, codes: Sequence[str]) -> dict[str, int]:
    """How often each resource was changed here."""
    found: dict[str, int] = {}
    count = select(ENTRIES.c.code, func.max(HISTORY.c.number)).join(HISTORY, HISTORY.c.entry == ENTRIES.c.id)
    for start in range(0, len(codes), _CHUNK):
        mine = count.where(ENTRIES.c.code.in_(codes[start : start + _CHUNK])).group_by(ENTRIES.c.code)
        found.update(tuple(row) for row in connection.execute(mine))
    return found


def receive_batch(
    catalog: LocalCatalog, batch: Batch, *, me: str, rule: ConflictRule = ConflictRule.OWNER, actor: str
) -> Received:
    """Take in what another catalogue tells; all of it or none. Receiving it again changes nothing.

    What a third catalogue owns is changed only by itself, or by the one through which it came here. Batches of one
    source may come in any order: of each resource its last change counts.

    Raises:
        CatalogRejected: catalog.batch: it is for somebody else.
    """
    with catalog.store.write() as connection:
        return take_in(connection, batch, me=me, rule=rule, actor=actor, at=catalog.now())


def _meant_for(target: str) -> Text:
    return Text(f"for {target}", f"发往 {target}")


def take_in(connection: Connection, batch: Batch, *, me: str, rule: ConflictRule, actor: str, at: datetime) -> Received:
    """As receive_batch, in a transaction of the caller's."""
    _check_names(me, batch.source)
    if batch.target != me:
        raise refuse("catalog.batch", found=_meant_for(batch.target), expected=_meant_for(me))
    writer = Writer(connection, at=at, actor=actor)
    receiver = _Receiver(writer, batch, me, rule)
    for start in range(0, len(batch.items), _CHUNK):
        portion = batch.items[start : start + _CHUNK]
        known = writer.known([item.code for item in portion])
        for item in portion:
            receiver.take(item, known.get(item.code))
        writer.flush()
    _agree(connection, batch.source, receiver.agreed, receiver.changes)
    return receiver.result()


def acknowledge(catalog: LocalCatalog, agreed: Mapping[str, bytes], *, peer: str) -> None:
    """Keep what the other side has confirmed, so that it is not sent again."""
    with catalog.store.write() as connection:
        _agree(connection, peer, agreed)


def count_anew(catalog: LocalCatalog, *, peer: str) -> None:
    """Forget how far another catalogue has counted, after that was restored from an older copy and counts anew.

    Until then what it changes is ``older`` here; afterwards batches that it made before must not come any more.
    """
    with catalog.store.write() as connection:
        connection.execute(update(SYNC).where(SYNC.c.peer == peer, SYNC.c.change > 1).values(change=1))


class _Receiver:
    def __init__(self, writer: Writer, batch: Batch, me: str, rule: ConflictRule) -> None:
        self.writer, self.batch, self.me, self.rule = writer, batch, me, rule
        rows = _synced(writer.connection, batch.source)
        self.before = {code: digest for code, digest, _ in rows}
        self.changes = {code: change for code, _, change in rows if change}
        self.agreed: dict[str, bytes] = {}
        self.older: list[str] = []
        self.conflicts: list[Conflict] = []
        self.added = self.changed = self.withdrawn = self.unchanged = 0

    def result(self) -> Received:
        counts = (self.added, self.changed, self.withdrawn, self.unchanged)
        return Received(*counts, tuple(self.conflicts), dict(self.agreed), tuple(self.older))

    def take(self, item: BatchItem, mine: Known | None) -> None:
        shown = mine is not None and mine.shown > 0
        if (not shown and item.entry is None) or (mine is not None and shown and self._is_same(mine, item)):
            self.unchanged += 1
            # who says of another's what is here already has not brought it
            self._agree_on(item, brought=item.owner == self.batch.source or item.code in self.changes)
            return
        if 0 < item.change < self.changes.get(item.code, 0):
            self.older.append(item.code)
            return
        if (kind := self._conflict(mine, item)) is not None:
            theirs = self.rule is ConflictRule.HIGHER and self.batch.direction == "down" and kind != "code_taken"
            self.conflicts.append(Conflict(item.code, kind, "theirs" if theirs else "mine"))
            if not theirs:
                return
        self._apply(item, mine)
        self._agree_on(item, brought=True)

    def _agree_on(self, item: BatchItem, *, brought: bool) -> None:
        self.agreed[item.code] = item.digest
        if brought:
            self.changes[item.code] = max(item.change, self.changes.get(item.code, 1))

    @staticmethod
    def _is_same(mine: Known, item: BatchItem) -> bool:
        return mine.state is LifeCycle.PUBLISHED and mine.digest == item.digest

    def _conflict(self, mine: Known | None, item: BatchItem) -> ConflictKind | None:
        if mine is None:
            return "theirs_changed" if item.owner == self.me else None  # nobody is told what is their own
        owner = mine.origin or self.me
        if owner != item.owner:
            return "code_taken"
        if owner == self.me:
            return "theirs_changed" if self.before.get(item.code) == mine.digest else "both_changed"
        return None if owner == self.batch.source or self._comes_through_them(owner, item.code) else "not_theirs"

    def _comes_through_them(self, owner: str, code: str) -> bool:
        """Whether what a third catalogue owns came from this source before, and never from its owner itself."""
        direct = select(SYNC.c.code).where(SYNC.c.peer == owner, SYNC.c.code == code)
        return code in self.changes and self.writer.connection.execute(direct).first() is None

    def _apply(self, item: BatchItem, mine: Known | None) -> None:
        reason = f"{self.batch.direction} from {self.batch.source}"
        if item.entry is None:
            if mine is not None:
                entry = _latest(self.writer.connection, mine)
                self.writer.move(mine, entry, "withdraw", after=LifeCycle.WITHDRAWN, reason=reason)
                self.withdrawn += 1
            return
        body = body_of(item.entry)
        if mine is None:
            origin = "" if item.owner == self.me else item.owner
            self.writer.add(item.entry, body, state=LifeCycle.PUBLISHED, origin=origin, reason=reason)
            self.added += 1
        else:
            self.writer.change(mine, item.entry, body, state=LifeCycle.PUBLISHED, reason=reason)
            self.changed += 1


def _latest(connection: Connection, known: Known) -> CatalogEntry:
    asked = select(VERSIONS.c.body).where(VERSIONS.c.entry == known.id, VERSIONS.c.number == known.latest)
    return read_body(connection.execute(asked).scalar_one())


def _synced(connection: Connection, peer: str) -> list[tuple[str, bytes, int]]:
    asked = select(SYNC.c.code, SYNC.c.digest, SYNC.c.change).where(SYNC.c.peer == peer)
    return [(row[0], bytes(row[1]), row[2]) for row in connection.execute(asked)]


def _agree(
    connection: Connection, peer: str, agreed: Mapping[str, bytes], changes: Mapping[str, int] | None = None
) -> None:
    """Keep what was agreed on, and the changes that came; None where the other side only confirms what went there."""
    rows = [
        {"peer": peer, "code": code, "digest": digest, "change": (changes or {}).get(code, 0)}
        for code, digest in agreed.items()
    ]
    if rows:
        wanted = upsert(connection.dialect.name, SYNC)
        changed = {"digest": wanted.excluded.digest}
        if changes is not None:
            changed["change"] = wanted.excluded.change
        connection.execute(wanted.on_conflict_do_update(index_elements=[SYNC.c.peer, SYNC.c.code], set_=changed), rows)


def _check_names(*names: str) -> None:
    for name in names:
        if not (0 < len(name) <= _NAME_CHARS and name.isprintable()):
            raise ValueError(f"the name of a catalogue has 1 to {_NAME_CHARS} printing characters, got {name[:80]!r}")


def parse_batch(data: bytes, *, limits: CatalogLimits = DEFAULT_CATALOG_LIMITS) -> Batch:
    """Read a batch, and make sure that nothing in it was changed by accident. Who sent it is for an envelope to say.

    Raises:
        ParseError: not such a batch, or a digest in it is not that of what it is with.
        LimitExceeded: too large.
    """
    value = load_json(data, limits=limits)
    if not isinstance(value, dict) or value.get("format") != _FORMAT:
        found = value.get("format") if isinstance(value, dict) else json_kind(value)
        raise unreadable("catalog.batch", found=found, expected=_FORMAT)
    stated = value.pop("digest", None)
    try:
        actual = sm3(json_text(value).encode()).hex()
    except UnicodeEncodeError:
        raise unreadable("catalog.characters", found=Text("half a surrogate pair", "不成对的代理字符")) from None
    except ValueError:
        raise unreadable("catalog.batch", found=Text("a number too large", "过大的数值"), expected=_FORMAT) from None
    if stated != actual:
        raise unreadable("catalog.batch_digest", found=actual, expected=stated)
    items = value.get("items")
    if not isinstance(items, list):
        raise unreadable(
            "catalog.batch", place=Place(path="$.items"), found=Text("no list", "非列表内容"), expected=A_LIST
        )
    if len(items) > limits.entries:
        raise LimitExceeded("entries", allowed=limits.entries, found=len(items))
    direction = value.get("direction")
    if direction not in ("up", "down"):
        raise unreadable(
            "catalog.batch", place=Place(path="$.direction"), found=direction, expected=Text("up, down", "up 或 down")
        )
    source, target = _name(value, "source"), _name(value, "target")
    return Batch(source, target, direction, _moment(value.get("made_at")), tuple(_items(items)))


def _name(value: Mapping[str, object], member: str) -> str:
    name = value.get(member)
    if not isinstance(name, str) or not 0 < len(name) <= _NAME_CHARS or not name.isprintable():
        place = Place(path=f"$.{member}")
        raise unreadable(
            "catalog.batch",
            place=place,
            found=name,
            expected=Text(f"1 to {_NAME_CHARS} characters", f"1 至 {_NAME_CHARS} 个字符"),
        )
    return name


def _moment(value: object) -> datetime:
    try:
        made = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        made = None
    if made is None or made.tzinfo is None:
        raise unreadable(
            "catalog.batch",
            place=Place(path="$.made_at"),
            found=value,
            expected=Text("a time with its zone", "带时区的时间"),
        )
    return made


def _items(values: Iterable[object]) -> list[BatchItem]:
    made: list[BatchItem] = []
    seen: set[str] = set()
    for number, value in enumerate(values):
        item = _item(value, Place(path=f"$.items[{number}]"))
        if item.code in seen:
            raise unreadable(
                "catalog.rule.code_twice", place=Place(path=f"$.items[{number}]"), found=item.code, first="$"
            )
        seen.add(item.code)
        made.append(item)
    return made


def _item(value: object, place: Place) -> BatchItem:
    if not isinstance(value, dict):
        raise unreadable("catalog.batch", place=place, found=json_kind(value), expected=AN_OBJECT)
    try:
        entry = None if value.get("entry") is None else CatalogEntry.model_validate_json(json.dumps(value["entry"]))
    except ValidationError as exc:
        first = first_misfit(exc)
        raise unreadable(
            "catalog.batch", place=place, found=first.place or Text("entry", "条目"), expected=first.text
        ) from None
    code, owner = value.get("code"), _name(value, "owner")
    if not isinstance(code, str) or not code or (entry is not None and entry.code != code):
        raise unreadable(
            "catalog.batch", place=place, found=code, expected=Text("the code of the entry", "该条目的代码")
        )
    digest = b"" if entry is None else digest_of(entry)
    if value.get("digest") != digest.hex():
        raise unreadable("catalog.batch_digest", place=place, found=digest.hex(), expected=value.get("digest"))
    change = value.get("change")
    if type(change) is not int or not 0 < change < 1 << 63:
        raise unreadable(
            "catalog.batch", place=place, found=change, expected=Text("the number of a change", "变更序号")
        )
    return BatchItem(code, owner, digest, entry, change)
