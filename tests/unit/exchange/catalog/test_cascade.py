"""Catalogues of two levels in step: what is sent, taken, refused, and confirmed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from egov_sdk.crypto.hashes import sm3
from egov_sdk.errors import InputError
from egov_sdk.exchange.catalog._writing import digest_of
from egov_sdk.exchange.catalog.cascade import (
    Batch,
    BatchItem,
    ConflictRule,
    Direction,
    Received,
    acknowledge,
    count_anew,
    make_batch,
    parse_batch,
    receive_batch,
)
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.problems import CatalogRejected
from egov_sdk.exchange.catalog.store import LocalCatalog
from egov_sdk.exchange.catalog.terms import LifeCycle
from tests.unit.exchange.catalog.world import AT, code_of, entry, full_entry

CITY, PROVINCE = "330100", "330000"
Two = tuple[LocalCatalog, LocalCatalog]


def up(two: Two, rule: ConflictRule = ConflictRule.OWNER) -> Received:
    city, province = two
    batch = parse_batch(make_batch(city, me=CITY, peer=PROVINCE, direction="up").to_bytes())
    received = receive_batch(province, batch, me=PROVINCE, rule=rule, actor="省")
    acknowledge(city, received.agreed, peer=PROVINCE)
    return received


def down(two: Two, rule: ConflictRule = ConflictRule.OWNER) -> Received:
    city, province = two
    batch = parse_batch(make_batch(province, me=PROVINCE, peer=CITY, direction="down").to_bytes())
    received = receive_batch(city, batch, me=CITY, rule=rule, actor="市")
    acknowledge(province, received.agreed, peer=CITY)
    return received


def counts(received: Received) -> tuple[int, int, int, int]:
    return received.added, received.changed, received.withdrawn, received.unchanged


def test_what_a_city_publishes_reaches_the_province_once(two: Two) -> None:
    city, province = two
    city.publish([entry(), full_entry()], actor="市")
    city.save([entry(3)], actor="市")
    assert counts(up(two)) == (2, 0, 0, 0)
    assert list(province.published()) == list(city.published())
    assert province.get(entry().code).origin == CITY
    assert make_batch(city, me=CITY, peer=PROVINCE, direction="up").items == ()
    assert make_batch(province, me=PROVINCE, peer=CITY, direction="down").items == ()


def test_changes_and_withdrawals_follow(two: Two) -> None:
    city, province = two
    city.publish([entry(), entry(2)], actor="市")
    up(two)
    city.publish([entry(name="改名")], actor="市")
    city.advance(entry(2).code, "withdraw", actor="市")
    assert counts(up(two)) == (0, 1, 1, 0)
    assert [one.name for one in province.published()] == ["改名"]
    assert province.get(entry(2).code).state is LifeCycle.WITHDRAWN
    assert counts(up(two)) == (0, 0, 0, 0)
    city.publish([entry(2)], actor="市")
    assert counts(up(two)) == (0, 1, 0, 0)
    assert len(list(province.published())) == 2


def test_a_batch_that_comes_twice_or_was_never_confirmed_changes_nothing(two: Two) -> None:
    city, province = two
    city.publish([entry()], actor="市")
    batch = make_batch(city, me=CITY, peer=PROVINCE, direction="up")
    for expected in ((1, 0, 0, 0), (0, 0, 0, 1)):
        assert counts(receive_batch(province, batch, me=PROVINCE, actor="省")) == expected
    assert counts(up(two)) == (0, 0, 0, 1)
    assert len(province.versions(entry().code)) == 1


def sent(city: LocalCatalog) -> Batch:
    return parse_batch(make_batch(city, me=CITY, peer=PROVINCE, direction="up").to_bytes())


def taken(province: LocalCatalog, batch: Batch) -> Received:
    return receive_batch(province, batch, me=PROVINCE, actor="省")


def test_what_comes_late_brings_nothing_old_back(two: Two) -> None:
    city, province = two
    city.publish([entry(name="一"), entry(2)], actor="市")
    first = sent(city)
    city.publish([entry(name="二")], actor="市")
    second = sent(city)
    city.advance(entry(2).code, "withdraw", actor="市")
    city.publish([entry(name="三"), entry(3)], actor="市")
    third = sent(city)
    # the second is lost on its way and comes at the end
    acknowledge(city, taken(province, first).agreed, peer=PROVINCE)
    assert counts(taken(province, third)) == (1, 1, 0, 0)
    acknowledge(city, taken(province, sent(city)).agreed, peer=PROVINCE)
    assert [one.name for one in province.published()] == ["三", entry(3).name]
    for late in (first, second):
        received = taken(province, late)
        assert received.older == (entry().code, entry(2).code)
        assert (counts(received), received.conflicts, received.agreed) == ((0, 0, 0, 0), (), {})
    assert [one.name for one in province.published()] == ["三", entry(3).name]
    assert province.get(entry(2).code).state is LifeCycle.WITHDRAWN
    assert make_batch(city, me=CITY, peer=PROVINCE, direction="up").items == ()


def test_a_withdrawal_that_comes_late_does_not_undo_what_was_published_since(two: Two) -> None:
    city, province = two
    city.publish([entry()], actor="市")
    up(two)
    city.advance(entry().code, "withdraw", actor="市")
    late = sent(city)
    city.publish([entry()], actor="市")
    taken(
        province,
        Batch(CITY, PROVINCE, "up", AT, (replace(late.items[0], change=3, digest=digest_of(entry()), entry=entry()),)),
    )
    assert taken(province, late).older == (entry().code,)
    assert len(list(province.published())) == 1


def test_the_last_change_counts_although_an_older_one_with_the_same_words_came_again(two: Two) -> None:
    city, province = two
    names = ("一", "二", "一")
    batches = []
    for name in names:
        city.publish([entry(name=name)], actor="市")
        batches.append(sent(city))
    for batch in (batches[2], batches[0], batches[1]):
        taken(province, batch)
    assert [one.name for one in province.published()] == ["一"]


def test_a_catalogue_that_was_restored_is_heard_again_when_its_peer_says_so(two: Two) -> None:
    city, province = two
    for name in ("一", "二", "三"):
        city.publish([entry(name=name)], actor="市")
    up(two)
    changed = entry(name="四")
    restored = Batch(CITY, PROVINCE, "up", AT, (BatchItem(changed.code, CITY, digest_of(changed), changed, 2),))
    assert taken(province, restored).older == (changed.code,)
    count_anew(province, peer=CITY)
    assert counts(taken(province, restored)) == (0, 1, 0, 0)


def test_who_repeats_or_withdraws_what_a_third_one_owns_may_not_change_it_then(two: Two) -> None:
    _, province = two
    nothing = Batch("330200", PROVINCE, "up", AT, (BatchItem(entry().code, "330106", b"", None),))
    assert taken(province, nothing).unchanged == 1
    assert taken(province, told(CITY, "330106", "区的")).added == 1
    assert taken(province, told("330200", "330106", "区的")).unchanged == 1
    for batch in (told("330200", "330106", "他市改的"), nothing):
        assert [one.kind for one in taken(province, batch).conflicts] == ["not_theirs"]
    assert [one.name for one in province.published()] == ["区的"]


def test_what_came_through_another_and_was_withdrawn_comes_back_through_it(two: Two) -> None:
    _, province = two
    taken(province, told(CITY, "330106", "区的"))
    assert (
        taken(province, Batch(CITY, PROVINCE, "up", AT, (BatchItem(entry().code, "330106", b"", None),))).withdrawn == 1
    )
    assert taken(province, told(CITY, "330106", "区又发")).changed == 1


def test_the_receiver_does_not_change_what_belongs_to_another(two: Two) -> None:
    city, province = two
    city.publish([entry()], actor="市")
    up(two)
    for act in (province.save, province.publish):
        with pytest.raises(CatalogRejected) as caught:
            act([entry(name="改")], actor="省")
        assert caught.value.problem == "catalog.foreign"
    with pytest.raises(CatalogRejected):
        province.advance(entry().code, "withdraw", actor="省")


def test_two_owners_of_one_code_are_a_conflict_that_nobody_wins(two: Two) -> None:
    city, province = two
    city.publish([entry(name="市的")], actor="市")
    province.publish([entry(name="省的")], actor="省")
    for rule in ConflictRule:
        [conflict] = up(two, rule).conflicts
        assert (conflict.kind, conflict.kept) == ("code_taken", "mine")
        [conflict] = down(two, rule).conflicts
        assert (conflict.kind, conflict.kept) == ("code_taken", "mine")
    assert [one.name for one in province.published()] == ["省的"]
    assert [one.name for one in city.published()] == ["市的"]


def amended(two: Two, *, city_changes: bool) -> Batch:
    """The province sends down a change of what is the city's, as another system's catalogue may."""
    city, _ = two
    city.publish([entry(name="原名")], actor="市")
    up(two)
    # the province's word is agreed on by the same digest on both sides
    agreed = make_batch(city, me=CITY, peer="999999", direction="up").items[0]
    acknowledge(city, {agreed.code: agreed.digest}, peer=PROVINCE)
    if city_changes:
        city.publish([entry(name="市改")], actor="市")
    other = LocalCatalog(two[1].store, clock=city.now)
    changed = entry(name="省改")
    item = BatchItem(changed.code, CITY, digest_of(changed), changed)
    return Batch(PROVINCE, CITY, "down", other.now(), (item,))


@pytest.mark.parametrize(
    ("rule", "city_changes", "kind", "name"),
    [
        (ConflictRule.OWNER, False, "theirs_changed", "原名"),
        (ConflictRule.OWNER, True, "both_changed", "市改"),
        (ConflictRule.HIGHER, False, "theirs_changed", "省改"),
        (ConflictRule.HIGHER, True, "both_changed", "省改"),
        (ConflictRule.MANUAL, False, "theirs_changed", "原名"),
        (ConflictRule.MANUAL, True, "both_changed", "市改"),
    ],
)
def test_the_rule_says_who_wins_about_what_is_the_citys(
    two: Two, rule: ConflictRule, city_changes: bool, kind: str, name: str
) -> None:
    batch = amended(two, city_changes=city_changes)
    [conflict] = receive_batch(two[0], batch, me=CITY, rule=rule, actor="市").conflicts
    assert (conflict.kind, conflict.kept) == (kind, "theirs" if name == "省改" else "mine")
    assert [one.name for one in two[0].published()] == [name]


def test_the_lower_level_is_never_the_higher(two: Two) -> None:
    city, province = two
    province.publish([entry(name="省的")], actor="省")
    down(two)
    changed = entry(name="市改省的")
    item = BatchItem(changed.code, PROVINCE, digest_of(changed), changed)
    batch = Batch(CITY, PROVINCE, "up", city.now(), (item,))
    [conflict] = receive_batch(province, batch, me=PROVINCE, rule=ConflictRule.HIGHER, actor="省").conflicts
    assert conflict.kept == "mine"


def told(source: str, owner: str, name: str, *, target: str = PROVINCE) -> Batch:
    """What a catalogue that keeps to no rules says of a resource and its owner."""
    changed = entry(name=name)
    return Batch(source, target, "up", AT, (BatchItem(changed.code, owner, digest_of(changed), changed),))


def test_a_catalogue_does_not_change_what_another_one_told_here_itself(two: Two) -> None:
    city, province = two
    city.publish([entry(name="市的")], actor="市")
    up(two)
    for name in ("市的", "他市改的"):  # that it said the same before gives it no right
        received = receive_batch(province, told("330200", CITY, name), me=PROVINCE, actor="省")
    assert [(one.kind, one.kept) for one in received.conflicts] == [("not_theirs", "mine")]
    withdrawn = Batch("330200", PROVINCE, "up", AT, (BatchItem(entry().code, CITY, b"", None),))
    assert receive_batch(province, withdrawn, me=PROVINCE, actor="省").conflicts
    assert [one.name for one in province.published()] == ["市的"]
    city.publish([entry(name="市改的")], actor="市")
    assert up(two).changed == 1


def test_what_comes_through_another_is_changed_through_it_and_through_nobody_else(two: Two) -> None:
    _, province = two
    assert receive_batch(province, told(CITY, "330106", "区的"), me=PROVINCE, actor="省").added == 1
    other = receive_batch(province, told("330200", "330106", "他市改的"), me=PROVINCE, actor="省")
    assert [one.kind for one in other.conflicts] == ["not_theirs"]
    assert receive_batch(province, told(CITY, "330106", "区改的"), me=PROVINCE, actor="省").changed == 1
    assert receive_batch(province, told("330106", "330106", "区自报"), me=PROVINCE, actor="省").changed == 1
    assert receive_batch(province, told(CITY, "330106", "市又改"), me=PROVINCE, actor="省").conflicts
    assert [one.name for one in province.published()] == ["区自报"]


def test_nobody_is_told_by_others_what_is_its_own(two: Two) -> None:
    _, province = two
    received = receive_batch(province, told(CITY, PROVINCE, "冒充省的"), me=PROVINCE, actor="省")
    assert [(one.kind, one.kept) for one in received.conflicts] == [("theirs_changed", "mine")]
    assert (received.added, received.agreed, list(province.published())) == (0, {}, [])


def test_a_batch_for_somebody_else_is_refused(two: Two) -> None:
    batch = make_batch(two[0], me=CITY, peer=PROVINCE, direction="up")
    with pytest.raises(CatalogRejected) as caught:
        receive_batch(two[1], batch, me="110000", actor="x")
    assert caught.value.problem == "catalog.batch"
    with pytest.raises(ValueError, match="name"):
        make_batch(two[0], me="", peer=PROVINCE, direction="up")


def test_a_batch_is_the_same_after_its_way(two: Two) -> None:
    two[0].publish([entry(), full_entry()], actor="市")
    batch = make_batch(two[0], me=CITY, peer=PROVINCE, direction="up")
    assert parse_batch(batch.to_bytes()) == batch


def test_any_changed_byte_of_a_batch_is_found(two: Two) -> None:
    two[0].publish([entry()], actor="市")
    data = make_batch(two[0], me=CITY, peer=PROVINCE, direction="up").to_bytes()
    for place in range(0, len(data), 7):
        with pytest.raises(InputError):
            parse_batch(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def resigned(change: dict[str, object], *, item: dict[str, object] | None = None) -> bytes:
    """A batch that was changed and given a digest of its own."""
    body = json.loads(entry().model_dump_json(exclude_defaults=True))
    plain_item = {"code": entry().code, "owner": CITY, "change": 1, "digest": "", "entry": body}
    plain: dict[str, object] = {
        "format": "egov-sdk-cascade-1", "source": CITY, "target": PROVINCE, "direction": "up",
        "made_at": "2026-03-02T00:00:00+00:00", "items": [plain_item | (item or {})],
    }  # fmt: skip
    plain |= change
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return json.dumps({**plain, "digest": sm3(text.encode()).hex()}).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[]", "catalog.batch"),
        (b"{}", "catalog.batch"),
        (resigned({"items": {}}), "catalog.batch"),
        (resigned({"items": [1]}), "catalog.batch"),
        (resigned({"direction": "sideways"}), "catalog.batch"),
        (resigned({"source": ""}), "catalog.batch"),
        (resigned({"target": 5}), "catalog.batch"),
        (resigned({"made_at": "yesterday"}), "catalog.batch"),
        (resigned({"made_at": "2026-03-02T00:00:00"}), "catalog.batch"),
        (resigned({}), "catalog.batch_digest"),
        (resigned({}, item={"owner": ""}), "catalog.batch"),
        (resigned({}, item={"code": "x"}), "catalog.batch"),
        *(
            (resigned({}, item={"entry": None, "change": one}), "catalog.batch")
            for one in (0, -1, True, "1", None, 1 << 63)
        ),
        (resigned({}, item={"code": None}), "catalog.batch"),
        (resigned({}, item={"entry": {"name": "a", "price": 1}}), "catalog.batch"),
        (resigned({}, item={"entry": {"name": 1}}), "catalog.batch"),
        (resigned({}, item={"entry": None, "digest": "00"}), "catalog.batch_digest"),
        (
            resigned({"items": [{"code": "a", "owner": "b", "change": 1, "digest": "", "entry": None}] * 2}),
            "catalog.rule.code_twice",
        ),
        (b'{"format":"egov-sdk-cascade-1","source":1e999}', "catalog.batch"),
        (b'{"format":"egov-sdk-cascade-1","format":"x"}', "catalog.json.twice"),
        (b'{"format":"egov-sdk-cascade-1","source":"\\ud800"}', "catalog.characters"),
    ],
)
def test_a_wrong_batch_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: parse_batch(data)) == code


def test_limits_hold() -> None:
    data = resigned({"items": [{"code": "a", "owner": "b", "change": 1, "digest": "", "entry": None}]})
    assert code_of(lambda: parse_batch(data, limits=CatalogLimits(entries=0))) == "egov.input.limit_exceeded"


@pytest.mark.parametrize("direction", ["up", "down"])
def test_batches_work_on_every_database(catalog: LocalCatalog, direction: Direction) -> None:
    catalog.publish([entry()], actor="x")
    batch = make_batch(catalog, me="a", peer="b", direction=direction)
    assert len(batch.items) == 1
    theirs = Batch("b", "a", direction, batch.made_at, batch.items)
    assert counts(receive_batch(catalog, theirs, me="a", actor="x")) == (0, 0, 0, 1)
    assert make_batch(catalog, me="a", peer="b", direction=direction).items == ()
