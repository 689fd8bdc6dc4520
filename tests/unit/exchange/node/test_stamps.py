"""Time stamps go with a log into a file, and hold there as they do in the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import ParseError
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.exchange.node.settings import AuditSettings
from egov_sdk.exchange.node.stamps import stamps_of, verify_stamped_export
from egov_sdk.pki import TrustStore
from egov_sdk.pki.local_ca import Revoked
from egov_sdk.report import Outcome, Report
from egov_sdk.storage import open_store
from egov_sdk.storage.audit import AuditHead
from egov_sdk.storage.audit_files import AuditFile, AuditStamp, export_audit, verify_export
from tests.exchange_world import Town
from tests.unit.exchange.envelope.offices import AT, offices
from tests.unit.exchange.node.test_watching import stamped

Make = Callable[..., Town]
Lines = list[bytes]
LATER = AT + timedelta(days=3650)


def exported(town: Town) -> Lines:
    """Head, then three entries with a stamp behind each, and one without."""
    town.send(9)
    return lines_of(town.tax)


def lines_of(node: ExchangeNode) -> Lines:
    chain = node.desk.journal.chain
    with node.desk.store.read() as connection:
        return list(export_audit(connection, chain, stamps=stamps_of(connection, chain)))


def verified(lines: Lines, *, trust: TrustStore | None = None, crls: tuple[bytes, ...] = ()) -> tuple[Report, Report]:
    anchors = offices().trust if trust is None else trust
    return verify_stamped_export(AuditFile(lines), trust=anchors, at=LATER, crls=crls)


def outcomes(lines: Lines) -> list[Outcome]:
    return [one.outcome for one in verified(lines)]


def kinds(lines: Lines) -> str:
    """One letter for each line: head, entry or stamp."""
    return "".join("h" if b'"head"' in one else "s" if b'"stamp"' in one else "e" for one in lines)


def edited(line: int, **changes: object) -> Callable[[Lines], Lines]:
    def edit(lines: Lines) -> Lines:
        return [*lines[:line], json.dumps(json.loads(lines[line]) | changes).encode(), *lines[line + 1 :]]

    return edit


def moved(line: int, to: int) -> Callable[[Lines], Lines]:
    def edit(lines: Lines) -> Lines:
        left = [*lines[:line], *lines[line + 1 :]]
        return [*left[:to], lines[line], *left[to:]]

    return edit


def test_the_stamps_of_a_log_hold_in_its_file_years_later_and_without_the_database(make: Make) -> None:
    lines = exported(stamped(make))
    assert kinds(lines) == "hesesese"
    assert json.loads(lines[0])["stamps"] == 3
    log, stamps = verified(lines)
    assert (log.outcome, stamps.outcome) == (Outcome.PASSED, Outcome.PASSED)
    assert log.of("coverage.audit_file")[0].message.en == "all 3 time stamps are there"
    assert stamps.of("coverage.audit_stamp")[0].message.en.startswith("up to entry 3 of 4, at 2026-06-01T09:32:")


def test_without_anchors_only_the_entries_are_verified(make: Make) -> None:
    lines = exported(stamped(make))
    assert verify_export(lines, at=LATER).outcome is Outcome.PASSED
    assert [one.outcome for one in verified(lines, trust=TrustStore([]))] == [Outcome.PASSED, Outcome.UNKNOWN]


def test_a_file_without_stamps_is_verified_as_before_and_its_stamps_are_undecided(make: Make) -> None:
    town = make()
    town.send()
    lines = exported(town)
    assert "stamps" not in json.loads(lines[0])
    log, stamps = verified(lines)
    assert (log.outcome, stamps.outcome) == (Outcome.PASSED, Outcome.UNKNOWN)
    assert log.of("coverage.audit_file") == ()
    assert {one.reason for one in stamps.blocking} == {"none", "never_ran"}


def test_the_stamps_of_another_chain_are_over_nothing_here(make: Make) -> None:
    town = make(audit=AuditSettings(time_stamp=lambda digest: offices().tsa.stamp(digest, at=AT)))
    town.send()
    for node in (town.tax, town.market):
        node.run_once()
        assert node.stamp_due() or node.status().stamped_at
    lines, other = exported(stamped(make)), lines_of(town.market)
    assert (kinds(other)[:1], b'"stamp"' in other[2]) == ("h", True)
    mixed = [*lines[:2], other[2], *lines[3:]]
    log, stamps = verified(mixed)
    assert (log.outcome, stamps.outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert [(one.id, one.reason, one.subject) for one in stamps.blocking] == [
        ("binding.audit_stamp", "other", "entry 1")
    ]
    digest = json.loads(lines[2])["digest"]  # the line says that it is over this entry; the token does not
    [wrong] = verified([*mixed[:2], *edited(2, digest=digest)(mixed)[2:]])[1].blocking
    assert (wrong.id, wrong.subject) == ("integrity.audit_stamp", "entry 1")


def flipped(lines: Lines) -> Lines:
    """The last octet of a token, in its signature, is another one."""
    token = json.loads(lines[4])["token"]
    return edited(4, token=token[:-2] + f"{int(token[-2:], 16) ^ 1:02x}")(lines)


def bare(lines: Lines) -> Lines:
    return [one for one in lines if b'"stamp"' in one or b'"head"' in one]


@pytest.mark.parametrize(
    ("edit", "log", "stamps", "check"),
    [
        # a stamp that is changed, put at another entry, or out of its place
        (flipped, "passed", "failed", "integrity.audit_stamp"),
        (edited(4, token="3000"), "passed", "failed", "integrity.audit_stamp"),
        (edited(4, token=""), "passed", "failed", "integrity.audit_stamp"),
        (edited(4, digest="00" * 32), "passed", "failed", "binding.audit_stamp"),
        (edited(4, digest=""), "passed", "failed", "binding.audit_stamp"),
        (edited(4, stamp=3), "passed", "failed", "binding.audit_stamp"),
        (edited(4, stamp=99), "passed", "failed", "binding.audit_stamp"),
        (moved(4, 2), "passed", "failed", "binding.audit_stamp"),
        (moved(2, 7), "passed", "failed", "binding.audit_stamp"),
        (moved(2, 1), "passed", "failed", "binding.audit_stamp"),
        # a stamp that is missing, or stands there twice
        (lambda lines: [*lines[:4], *lines[5:]], "failed", "passed", None),
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], "failed", "passed", None),
        (edited(0, stamps=2), "failed", "passed", None),
        (edited(0, stamps=0), "failed", "passed", None),
        (edited(0, stamps=-1), "failed", "passed", None),
        # the log beneath
        (edited(3, actor="somebody else"), "failed", "passed", None),
        (edited(3, digest="00" * 32), "failed", "failed", "binding.audit_stamp"),
        (edited(3, digest="zz"), "failed", "failed", "binding.audit_stamp"),
        (lambda lines: [*lines[:3], *lines[4:]], "failed", "failed", "binding.audit_stamp"),
        (bare, "failed", "failed", "binding.audit_stamp"),
    ],
)  # fmt: skip
def test_what_was_done_to_a_stamped_file_is_found(
    make: Make, edit: Callable[[Lines], Lines], log: str, stamps: str, check: str | None
) -> None:
    found = verified(edit(exported(stamped(make))))
    assert [one.outcome.value for one in found] == [log, stamps]
    assert check is None or check in {one.id for one in found[1].blocking}


def test_without_its_last_stamps_a_log_is_stamped_less_far(make: Make) -> None:
    lines = exported(stamped(make))
    cut = edited(0, stamps=1)([one for place, one in enumerate(lines) if place not in (4, 6)])
    log, stamps = verified(cut)
    assert (log.outcome, stamps.outcome) == (Outcome.PASSED, Outcome.PASSED)
    assert stamps.of("coverage.audit_stamp")[0].message.en.startswith("up to entry 1 of 4")
    none = edited(0, stamps=0)([one for one in lines if b'"token"' not in one])
    assert outcomes(none) == [Outcome.PASSED, Outcome.UNKNOWN]


def test_a_log_written_anew_cannot_take_the_stamps_of_the_old_one(make: Make) -> None:
    old = exported(stamped(make))
    town = make()
    for number in range(4):
        town.send(number, purpose="其他")
    new = exported(town)
    with_old = [new[0], new[1], old[2], new[2], old[4], new[3], old[6], *new[4:]]
    log, stamps = verified(edited(0, stamps=3)(with_old))
    assert (log.outcome, stamps.outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert len(stamps.of("binding.audit_stamp")) == 3


def test_an_authority_that_was_revoked_since_proves_nothing_in_a_file_either(make: Make) -> None:
    world = offices()
    gone = Revoked(world.tsa.certificate.serial_number, AT + timedelta(days=1), "keyCompromise")
    crls = (world.ca.crl(at=AT + timedelta(days=1), revoked=[gone]),)
    assert verified(exported(stamped(make)), crls=crls)[1].outcome is Outcome.UNKNOWN
    assert (
        verified(exported(stamped(make)), trust=TrustStore([world.other.certificate]))[1].outcome is not Outcome.PASSED
    )


@pytest.mark.parametrize(
    "change",
    [
        {"stamp": "2"}, {"stamp": None}, {"token": 1}, {"token": "zz"}, {"token": None}, {"digest": "z"},
        {"digest": ["00"]}, {"at": 1},
    ],
)  # fmt: skip
def test_what_is_no_stamp_is_refused_with_its_line(make: Make, change: dict[str, object]) -> None:
    lines = edited(4, **change)(exported(stamped(make)))
    for read in (verified, lambda lines: verify_export(lines, at=AT)):
        with pytest.raises(ParseError) as caught:
            read(lines)
        assert (caught.value.code, caught.value.where) == ("egov.storage.audit_file", "line 5")


@pytest.mark.parametrize("stamps", ["3", None, 3.0, [3]])
def test_a_head_whose_number_of_stamps_is_none_is_refused(make: Make, stamps: object) -> None:
    lines = edited(0, stamps=stamps)(exported(stamped(make)))
    with pytest.raises(ParseError, match="line 1"):
        verified(lines)


def test_a_kept_head_and_a_time_are_asked_of_a_stamped_file_as_of_any(make: Make) -> None:
    lines = exported(stamped(make))
    file = AuditFile(lines)
    wrong = AuditHead(file.head.chain, 4, b"x" * 32)
    found = verify_stamped_export(file, trust=offices().trust, at=AT, expected_head=wrong)
    assert [one.outcome for one in found] == [Outcome.FAILED, Outcome.PASSED]
    with pytest.raises(ValueError, match="aware"):
        verify_stamped_export(AuditFile(lines), trust=offices().trust, at=AT.replace(tzinfo=None))
    with pytest.raises(ValueError, match="chain"):
        verify_stamped_export(AuditFile(lines), trust=offices().trust, at=AT, expected_head=AuditHead("o", 4, b""))


def test_stamps_whose_entries_are_gone_from_the_database_are_in_the_file_and_found(tmp_path: Path, make: Make) -> None:
    town = stamped(Town.at, tmp_path / "tax.db", tmp_path / "market.db")
    with town.tax.desk.store.write() as connection:
        for name in ("storage_audit_no_update", "storage_audit_no_delete"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DELETE FROM storage_audit WHERE number IN (1, 3)")
        connection.exec_driver_sql("DELETE FROM node_messages")
    lines = lines_of(town.tax)
    town.close()
    assert kinds(lines) == "hsess"
    found = verified(lines)
    assert [one.outcome for one in found] == [Outcome.FAILED, Outcome.FAILED]
    assert {one.subject for one in found[1].of("binding.audit_stamp")} == {"entry 1", "entry 3"}


def test_where_no_node_is_there_are_no_stamps() -> None:
    with open_store("sqlite://") as store:
        store.prepare(at=AT)
        with store.read() as connection:
            assert stamps_of(connection, "exchange/91890000MT00000140") == ()


def test_a_stamp_shows_nothing_of_its_token() -> None:
    assert "token" not in repr(AuditStamp(1, b"d", b"secretless"))


_STAMPED: list[Lines] = []


@settings(max_examples=120, deadline=None)
@given(place=st.integers(0, 20_000), octet=st.integers(0, 255), cut=st.booleans())
def test_whatever_is_changed_in_a_file_ends_in_reports_or_in_our_words(place: int, octet: int, cut: bool) -> None:
    if not _STAMPED:
        town = stamped(Town.at)
        _STAMPED.append(exported(town))
        town.close()
    whole = b"".join(_STAMPED[0])
    at = place % len(whole)
    changed = whole[:at] + (b"" if cut else bytes([octet])) + whole[at + 1 :]
    try:
        log, stamps = verified(changed.splitlines(keepends=True))
    except ParseError:
        return
    if log.outcome is stamps.outcome is Outcome.PASSED:  # then it says the same, or only of tokens what nobody signs
        assert [json.loads(one) for one in whole.splitlines() if b'"token"' not in one] == [
            json.loads(one) for one in changed.splitlines() if b'"token"' not in one
        ]
