from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.folder import FolderTransport
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.exchange.node.wrap import box_of, unwrap, wrap
from tests.unit.exchange.node.carried import MARKET, TAX, Hours, Remembering, parcel


class Town:
    """Two parties and the folder between them."""

    def __init__(self, root: Path) -> None:
        self.root, self.clock = root, Hours()
        self.tax, self.market = self.of(TAX), self.of(MARKET)
        self.tax.prepare()
        self.market.prepare()

    def of(self, party: Party) -> FolderTransport:
        return FolderTransport(self.root, party, clock=self.clock, most_bytes=10_000, attempts=3)

    def names(self, party: Party, shelf: str = "parcels") -> list[str]:
        return sorted(path.name for path in (self.root / box_of(party) / shelf).iterdir())

    def inbox(self, name: str) -> Path:
        return self.root / box_of(MARKET) / "parcels" / name


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_a_parcel_goes_and_its_answer_comes_back(town: Town) -> None:
    node, home = Remembering(), Remembering()
    town.tax.deliver(parcel(1))
    town.tax.deliver(parcel(2))
    assert town.market.collect(node).parcels == 2
    assert sorted(node.parcels) == [parcel(1).data, parcel(2).data]
    assert town.tax.collect(home).answers == 2
    assert sorted(home.answers) == [b"answer to " + parcel(1).data, b"answer to " + parcel(2).data]
    for party in (TAX, MARKET):
        for shelf in ("parcels", "answers", "refused"):
            assert town.names(party, shelf) == []
    assert town.market.collect(node).parcels == town.tax.collect(home).answers == 0


def test_files_are_for_owner_and_group_less_the_umask(town: Town) -> None:
    before = os.umask(0o007)
    try:
        town.tax.deliver(parcel())
        assert town.inbox("p1.parcel").stat().st_mode & 0o777 == 0o660
        os.umask(0o077)
        town.tax.deliver(parcel(2))
        assert town.inbox("p2.parcel").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_what_waits_longest_is_taken_first(town: Town) -> None:
    for number, age in ((1, 10), (2, 30), (3, 20)):
        town.tax.deliver(parcel(number))
        os.utime(town.inbox(f"p{number}.parcel"), (1_000_000 - age, 1_000_000 - age))
    node = Remembering()
    assert town.market.collect(node, most=2).parcels == 2
    assert node.parcels == [parcel(2).data, parcel(3).data]


def test_a_receiver_without_a_box_is_told_of(town: Town) -> None:
    with pytest.raises(NodeRejected) as caught:
        town.tax.deliver(parcel(receiver=Party(code=TAX.code, system="other")))
    assert (caught.value.problem, caught.value.origin) == ("node.folder", "node")


def test_what_the_node_could_not_take_is_tried_again_later(town: Town) -> None:
    node = Remembering(failures=1)
    town.tax.deliver(parcel())
    with pytest.raises(ConnectionError):
        town.market.collect(node)
    assert town.market.collect(node).parcels == 0, "not at once"
    town.clock.pass_by(seconds=31)
    assert town.market.collect(node).parcels == 1
    assert town.names(MARKET) == []


def test_a_parcel_that_always_fails_lets_others_pass_and_is_put_aside_in_the_end(town: Town) -> None:
    class Picky(Remembering):
        def accept(self, data: bytes) -> bytes:
            if data == parcel(1).data:
                raise ConnectionError
            return super().accept(data)

    node = Picky()
    town.tax.deliver(parcel(1))
    os.utime(town.inbox("p1.parcel"), (1, 1))
    town.tax.deliver(parcel(2))
    for _ in range(3):
        with pytest.raises(ConnectionError):
            town.market.collect(node)
        town.market.collect(node)
        town.clock.pass_by(seconds=31)
    (gone,) = town.market.collect(node).refused
    assert (gone.code, gone.name, gone.origin) == ("egov.exchange.node.attempts", "p1.parcel", "node")
    assert node.parcels == [parcel(2).data]
    kept = town.root / box_of(MARKET) / "refused" / gone.kept_as
    assert unwrap(kept.read_bytes(), us=MARKET, kind="parcel").data == parcel(1).data


def test_a_claim_of_a_process_that_died_is_taken_over_after_the_lease_and_not_before(town: Town) -> None:
    town.tax.deliver(parcel())
    _die_at(lambda: town.market.collect(Remembering()), step=("rename", 0), after=True)
    (claimed,) = town.names(MARKET)
    assert claimed.startswith("p1.parcel.")
    node = Remembering()
    town.clock.pass_by(minutes=4, seconds=59)
    assert town.market.collect(node).parcels == 0
    town.clock.pass_by(seconds=2)
    assert town.market.collect(node).parcels == 1


def test_a_claim_from_a_clock_that_ran_ahead_does_not_last(town: Town) -> None:
    ahead = Hours()
    ahead.pass_by(days=400)
    other = FolderTransport(town.root, MARKET, clock=ahead)
    town.tax.deliver(parcel())
    _die_at(lambda: other.collect(Remembering()), step=("rename", 0), after=True)
    assert town.market.collect(Remembering()).parcels == 1


def test_only_one_of_two_takes_a_parcel(town: Town) -> None:
    other, second = town.of(MARKET), Remembering()

    class Meanwhile(Remembering):
        def accept(self, data: bytes) -> bytes:
            assert other.collect(second).parcels == 0
            return super().accept(data)

    node = Meanwhile()
    town.tax.deliver(parcel())
    assert town.market.collect(node).parcels == 1
    assert (len(node.parcels), len(second.parcels)) == (1, 0)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _half(path: Path) -> None:
    _write(path, wrap(parcel())[:-3])


def _renamed(path: Path) -> None:
    _write(path, wrap(parcel(2)))


def _foreign(path: Path) -> None:
    _write(path, b"%PDF-1.7\n")


def _empty(path: Path) -> None:
    _write(path, b"")


def _oversize(path: Path) -> None:
    _write(path, wrap(parcel(data=b"x" * 20_000)))


def _for_another(path: Path) -> None:
    _write(path, wrap(parcel(receiver=TAX)))


def _link(path: Path) -> None:
    outside = path.parents[2] / "outside"
    _write(outside, wrap(parcel()))
    path.symlink_to(outside)


def _dangling_link(path: Path) -> None:
    path.symlink_to("/nowhere/at/all")


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (_half, "wrap_half"),
        (_renamed, "wrap_name"),
        (_foreign, "wrap"),
        (_empty, "wrap"),
        (_oversize, "wrap_size"),
        (_for_another, "wrap_receiver"),
        (_link, "wrap_kind"),
        (_dangling_link, "wrap_kind"),
        (_folder, "wrap_kind"),
        (_pipe, "wrap_kind"),
    ],
)
def test_what_is_no_parcel_is_put_aside_with_a_code_and_others_go_on(
    town: Town, make: Callable[[Path], None], problem: str
) -> None:
    make(town.inbox("p1.parcel"))
    town.tax.deliver(parcel(7))
    node = Remembering()
    done = town.market.collect(node)
    (gone,) = done.refused
    assert (gone.code, gone.name, gone.origin) == (f"egov.exchange.node.{problem}", "p1.parcel", "sender")
    assert node.parcels == [parcel(7).data]
    assert town.names(MARKET) == []
    assert town.names(MARKET, "refused") == [gone.kept_as]


def test_a_file_of_another_name_is_put_aside_and_hidden_ones_are_left(town: Town) -> None:
    for name in ("report.xlsx", "a b.parcel", "p1.answer.bak", ".nfs0001", ".DS_Store"):
        _write(town.inbox(name), wrap(parcel()))
    node = Remembering()
    gone = town.market.collect(node).refused
    assert sorted(one.name for one in gone) == ["a b.parcel", "p1.answer.bak", "report.xlsx"]
    assert {one.code for one in gone} == {"egov.exchange.node.wrap_name"}
    assert node.parcels == []
    assert town.names(MARKET) == [".DS_Store", ".nfs0001"]


def test_a_box_that_is_a_link_is_not_used(town: Town) -> None:
    box = town.root / box_of(MARKET)
    box.rename(town.root / "elsewhere")
    box.symlink_to(town.root / "elsewhere")
    with pytest.raises(NodeRejected, match="is a link"):
        town.tax.deliver(parcel())
    with pytest.raises(NodeRejected, match="is a link"):
        town.market.collect(Remembering())


def test_a_shelf_that_is_a_link_is_not_used(town: Town) -> None:
    shelf = town.root / box_of(MARKET) / "parcels"
    shelf.rename(town.root / "elsewhere")
    shelf.symlink_to(town.root / "elsewhere")
    with pytest.raises(NodeRejected) as caught:
        town.tax.deliver(parcel())
    assert caught.value.problem == "node.folder"


def test_a_full_disk_leaves_nothing_half_there_and_says_so(town: Town) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(NodeRejected) as caught:
            town.tax.deliver(parcel(data=b"x" * 5_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (caught.value.problem, caught.value.origin) == ("node.folder", "node")
    assert town.names(MARKET) == []


def test_when_there_is_no_room_for_an_answer_the_parcel_stays(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.tax.deliver(parcel())
    write = os.write

    def full(file: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NodeRejected, match="No space left"):
        town.market.collect(Remembering())
    monkeypatch.setattr(os, "write", write)
    assert town.names(TAX, "answers") == []
    town.clock.pass_by(seconds=31)
    assert town.market.collect(Remembering()).parcels == 1
    assert town.names(TAX, "answers") == ["p1.answer"]


class _Died(BaseException):
    """Stands for a process that ends: nothing of what it would have cleaned up is cleaned up."""


_CALLS = ("open", "write", "fsync", "rename", "unlink")


def _die_at(work: Callable[[], object], *, step: tuple[str, int], after: bool) -> bool:
    """Run something and let it die at the n-th call of its kind; whether it came so far."""
    name, number = step
    dead, seen = False, 0
    patch = pytest.MonkeyPatch()

    def dying(call: str, real: Callable[..., object]) -> Callable[..., object]:
        def instead(*args: object, **named: object) -> object:
            nonlocal dead, seen
            if dead:
                raise _Died
            if call == name:
                seen += 1
                if seen == number + 1:
                    dead = True
                    if after:
                        real(*args, **named)
                    raise _Died
            return real(*args, **named)

        return instead

    for call in _CALLS:
        patch.setattr(os, call, dying(call, getattr(os, call)))
    try:
        work()
    except _Died:
        pass
    finally:
        patch.undo()
    return dead


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", _CALLS)
@pytest.mark.parametrize("who", ["sender", "receiver", "settling"])
def test_whoever_dies_at_any_step_nothing_is_lost_and_nothing_half_is_seen(
    tmp_path: Path, who: str, call: str, after: bool
) -> None:
    reached, number = True, 0
    while reached:
        town = Town(tmp_path / f"{number}")
        node, home = Remembering(), Remembering()
        if who == "sender":
            reached = _die_at(partial(town.tax.deliver, parcel()), step=(call, number), after=after)
            town.tax.deliver(parcel())  # it does not know, and so sends again
        else:
            town.tax.deliver(parcel())
            if who == "receiver":
                reached = _die_at(partial(town.market.collect, node), step=(call, number), after=after)
            else:
                town.market.collect(node)
                reached = _die_at(partial(town.tax.collect, home), step=(call, number), after=after)
        for _ in range(2):
            town.clock.pass_by(minutes=6)
            assert town.market.collect(node).refused == ()
            assert town.tax.collect(home).refused == ()
        assert set(node.parcels) == {parcel().data}
        assert set(home.answers) == {b"answer to " + parcel().data}
        left = [
            name for party in (TAX, MARKET) for shelf in ("parcels", "answers") for name in town.names(party, shelf)
        ]
        assert all(name.endswith(".part") for name in left), left
        number += 1


def test_what_a_dead_writer_left_is_swept_after_a_day(town: Town) -> None:
    _die_at(lambda: town.tax.deliver(parcel()), step=("rename", 0), after=False)
    (part,) = town.names(MARKET)
    assert part.startswith(".p1.parcel.")
    written = town.clock().timestamp()
    os.utime(town.inbox(part), (written, written))
    town.clock.pass_by(hours=23)
    town.market.collect(Remembering())
    assert town.names(MARKET) == [part]
    town.clock.pass_by(hours=2)
    town.market.collect(Remembering())
    assert town.names(MARKET) == []


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"most_bytes": 0}, {"retry": timedelta(0)}])
def test_settings_that_cannot_work_are_the_callers_mistake(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        FolderTransport(tmp_path, TAX, clock=Hours(), **wrong)  # type: ignore[arg-type]  # wrong on purpose
