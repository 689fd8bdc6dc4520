"""A licence file says where its issuer's status list speaks of it: whoever has the list needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.license.file import make_license_file, seal_license_file
from egov_sdk.license.listed import StatusLists
from egov_sdk.license.metadata import LicenseMetadata, check_metadata
from egov_sdk.license.model import License, LicenseChange
from egov_sdk.license.pairs import metadata_pairs, read_metadata_pairs
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.present.status_list import read_status_list, sign_status_list
from egov_sdk.license.present.token import read_presentation
from egov_sdk.license.reading import read_license_file
from egov_sdk.license.states import LicenseAction, LicenseState, StatusEntry
from egov_sdk.license.verify import verify
from egov_sdk.report import Outcome, Report
from tests.license_world import (
    CERTIFICATE,
    HALL,
    PERMIT,
    LicenseTown,
    company_draft,
    function_use,
    person_draft,
    sealer,
    token_key,
)
from tests.world import entries_of, world, zipped

PASSED, FAILED, UNKNOWN, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.SKIPPED


@pytest.fixture
def town() -> Iterator[LicenseTown]:
    made = LicenseTown.at()
    yield made
    made.assert_audit_holds()
    made.store.close()


def _lists(town: LicenseTown, *type_codes: str, **more: Any) -> StatusLists:
    found = [read_status_list(town.service.status_list(one)) for one in type_codes or (PERMIT.code,)]
    return StatusLists(lists=tuple(found), **more)


def _verified(town: LicenseTown, file: bytes, lists: StatusLists | None) -> Report:
    policy = LicensePolicy.with_status(world().policy(at=town.watch()))
    return verify(file, policy=policy, types=(PERMIT, CERTIFICATE), status=lists)


def _said(report: Report) -> list[tuple[Outcome, str]]:
    return [(check.outcome, check.reason) for name in ("trust.status_list", "trust.state") for check in report.of(name)]


def _refused(town: LicenseTown, file: bytes, lists: StatusLists | None) -> list[tuple[Outcome, str]]:
    report = _verified(town, file, lists)
    assert report.outcome is not PASSED
    return _said(report)


def _place(issued: License) -> StatusEntry:
    assert issued.metadata.status is not None
    return issued.metadata.status


# ---------------------------------------------------------------------- the place in the file


def test_the_file_says_where_the_list_speaks_of_it(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    metadata = read_license_file(issued.file).metadata
    assert metadata == issued.metadata
    assert _place(issued) == town.service.register.shows.status_of(issued.identifier)
    assert _place(issued) == read_presentation(town.service.present(issued.identifier).token).status
    assert dict(read_license_file(issued.file).document.custom_datas)["KZ_ZTLBWZ"] == str(_place(issued))
    assert town.service.verify(issued.file).outcome is PASSED


def test_every_licence_of_a_batch_has_a_place_of_its_own(town: LicenseTown) -> None:
    issued = town.service.register.issue_many([company_draft(f"N{number}") for number in range(12)])
    assert len({_place(one) for one in issued}) == 12
    assert len({_place(one).list_id for one in issued}) == 1


def test_a_new_version_has_a_new_place_and_the_old_one_says_that_it_is_superseded(town: LicenseTown) -> None:
    first = town.service.issue(company_draft())
    second = town.service.change(first.identifier, LicenseChange(area_code="430000"), reason="迁址")
    third = town.service.renew(second.identifier, valid_until=None)
    assert len({_place(first), _place(second), _place(third)}) == 3
    lists = _lists(town)
    assert _verified(town, third.file, lists).outcome is PASSED
    for old in (first, second):
        assert _refused(town, old.file, lists) == [(PASSED, "ok"), (FAILED, "superseded")]


def test_a_copy_keeps_the_place_of_its_original(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    until = town.watch() + timedelta(days=1)
    copy = town.service.annotated_copy(issued.identifier, use=function_use(), requester=HALL, valid_until=until)
    assert _verified(town, copy.file, _lists(town)).outcome is PASSED
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    assert _refused(town, copy.file, _lists(town)) == [(PASSED, "ok"), (FAILED, "revoked")]


def test_an_issue_that_fails_leaves_no_place_taken(town: LicenseTown) -> None:
    class Broken:
        def seal(self, document: bytes, **_: object) -> bytes:
            raise OSError("the device is gone")

    kept, town.desk.sealer = town.desk.sealer, Broken()
    with pytest.raises(OSError, match="gone"):
        town.service.issue(company_draft(serial="2026"))
    town.desk.sealer = kept
    issued = town.service.issue(company_draft(serial="2026"))
    assert _verified(town, issued.file, _lists(town)).outcome is PASSED


def test_a_register_that_signs_no_lists_says_no_place() -> None:
    town = LicenseTown.at(signs=False)
    issued = town.service.issue(company_draft())
    assert issued.metadata.status is None
    assert town.service.verify(issued.file).outcome is PASSED
    town.store.close()


# ---------------------------------------------------------------------- with a list at hand


def test_a_list_at_hand_is_enough(town: LicenseTown) -> None:
    permit, certificate = town.service.issue(company_draft()), town.service.issue(person_draft())
    lists = _lists(town, PERMIT.code, CERTIFICATE.code)
    for one in (permit, certificate):
        report = _verified(town, one.file, lists)
        assert report.outcome is PASSED, report.blocking
        assert _said(report) == [(PASSED, "ok"), (PASSED, "ok")]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (LicenseAction.REVOKE, "revoked"),
        (LicenseAction.SUSPEND, "suspended"),
        (LicenseAction.CANCEL, "cancelled"),
        (LicenseAction.WITHDRAW, "withdrawn"),
    ],
)
def test_what_is_not_in_force_is_refused_without_being_told_the_place(
    town: LicenseTown, action: LicenseAction, reason: str
) -> None:
    issued = town.service.issue(company_draft())
    town.service.act(issued.identifier, action, reason="违法")
    assert _refused(town, issued.file, _lists(town)) == [(PASSED, "ok"), (FAILED, reason)]


def test_a_file_without_a_place_is_undecided_unless_the_issuer_says_the_place(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    bare = _resealed(town, issued.metadata.model_copy(update={"status": None}))
    assert _refused(town, bare, _lists(town)) == [(UNKNOWN, "no_place"), (UNKNOWN, "no_place")]
    assert _verified(town, bare, _lists(town, place=_place(issued))).outcome is PASSED
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    assert _refused(town, bare, _lists(town, place=_place(issued))) == [(PASSED, "ok"), (FAILED, "revoked")]


def test_without_a_list_nothing_is_decided(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    assert _refused(town, issued.file, None) == [(SKIPPED, "not_asked"), (UNKNOWN, "no_registry")]
    assert _refused(town, issued.file, StatusLists(lists=())) == [(UNKNOWN, "no_list"), (UNKNOWN, "no_list")]
    others = _lists(town, CERTIFICATE.code)
    assert _refused(town, issued.file, others) == [(UNKNOWN, "other_list"), (UNKNOWN, "no_list")]


def _resealed(town: LicenseTown, metadata: LicenseMetadata) -> bytes:
    """A file with other metadata, sealed by the bureau."""
    assert PERMIT.template is not None
    made = make_license_file(PERMIT, metadata)
    return seal_license_file(made, template=PERMIT.template, sealers={"issuer": sealer()}, signed_at=town.watch())


def test_an_edited_place_breaks_the_seal(town: LicenseTown) -> None:
    issued, other = (town.service.issue(company_draft(number)) for number in ("N1", "N2"))
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    parts = entries_of(issued.file)
    told, wanted = str(_place(issued)).encode(), str(_place(other)).encode()
    assert parts["OFD.xml"].count(told) == 1
    for head in (parts["OFD.xml"].replace(told, wanted), parts["OFD.xml"].replace(b"KZ_ZTLBWZ", b"KZ_ZTLBWX")):
        report = _verified(town, zipped({**parts, "OFD.xml": head}), _lists(town))
        assert report.outcome is FAILED
        assert report.answer("integrity") is FAILED


def test_the_place_of_another_licence_does_not_agree_with_the_register(town: LicenseTown) -> None:
    issued, other = (town.service.issue(company_draft(number)) for number in ("N1", "N2"))
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    # somebody who can use the bureau's seal, and writes the place of a licence that is in force
    forged = _resealed(town, issued.metadata.model_copy(update={"status": _place(other)}))
    report = town.service.verify(forged)
    assert {check.reason for check in report.of("trust.record")} == {"differs"}
    assert {check.reason for check in report.of("trust.state")} == {"revoked"}


def test_a_list_of_another_issuer_does_not_count(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    place = _place(issued)
    signer, known = SM2PrivateKey.from_int(21), town.watch() - timedelta(days=1)
    # under the same root, as the authorities of one province are
    certificate = world().office.ca.issue("signer", "Rival Bureau", signer.public_key(), at=known, days=500)
    theirs = sign_status_list(
        {}, list_id=place.list_id, sequence=9, signer=signer, certificate=certificate, at=town.watch()
    )
    lists = StatusLists(lists=(read_status_list(theirs),))
    assert _refused(town, issued.file, lists) == [(UNKNOWN, "list_issuer"), (UNKNOWN, "no_list")]
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    both = StatusLists(lists=(*lists.lists, *_lists(town).lists))
    assert _refused(town, issued.file, both) == [(PASSED, "ok"), (FAILED, "revoked")]


def test_a_list_that_is_too_old_says_only_what_can_never_change(town: LicenseTown) -> None:
    good, revoked, suspended = (town.service.issue(company_draft(number)) for number in ("N1", "N2", "N3"))
    town.service.act(revoked.identifier, LicenseAction.REVOKE, reason="违法")
    town.service.act(suspended.identifier, LicenseAction.SUSPEND, reason="整改")
    lists = _lists(town, max_age=timedelta(hours=2))
    town.watch.wait(hours=3)
    assert _refused(town, good.file, lists) == [(UNKNOWN, "stale"), (UNKNOWN, "no_list")]
    assert _refused(town, suspended.file, lists) == [(UNKNOWN, "stale"), (UNKNOWN, "no_list")]
    assert _refused(town, revoked.file, lists) == [(UNKNOWN, "stale"), (FAILED, "revoked")]
    assert _verified(town, good.file, _lists(town)).outcome is PASSED


def test_a_list_that_was_rolled_back_is_refused(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    before = _lists(town)
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    other = town.service.issue(company_draft("N2"))
    now = _lists(town)
    met = now.met(_verified(town, other.file, now))
    assert met == {now.lists[0].key: now.lists[0].sequence}
    assert _verified(town, issued.file, before).outcome is PASSED  # who never met a newer one cannot know
    rolled = StatusLists(lists=before.lists, remembered=met)
    assert _refused(town, issued.file, rolled) == [(FAILED, "rolled_back"), (UNKNOWN, "no_list")]
    assert rolled.met(_verified(town, issued.file, rolled)) == {}


def test_a_list_that_was_not_signed_as_it_says_or_is_of_the_future_is_refused(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    key, certificate = token_key()
    place = _place(issued)
    given: dict[str, Any] = {"list_id": place.list_id, "sequence": 9, "signer": key, "certificate": certificate}
    late = sign_status_list({}, at=town.watch() + timedelta(hours=1), **given)
    assert _refused(town, issued.file, StatusLists(lists=(read_status_list(late),)))[0] == (FAILED, "of_the_future")
    right = sign_status_list({place.index: LicenseState.REVOKED}, at=town.watch(), **given)
    forged = right.replace(read_status_list(right)._signature, bytes(63) + b"\x01")
    assert _refused(town, issued.file, StatusLists(lists=(read_status_list(forged),)))[0] == (FAILED, "signature")


def test_a_list_under_no_anchor_is_refused(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    nobody = world().policy(at=town.watch())
    policy = LicensePolicy.with_status(nobody)
    lists = _lists(town)
    empty = type(policy)(
        name="x", seal=type(nobody).standard(trust=type(world().trust)(()), at=town.watch()), required=policy.required
    )
    report = verify(issued.file, policy=empty, types=(PERMIT,), status=lists)
    assert report.outcome is not PASSED
    assert _said(report) == [(UNKNOWN, "undecided"), (UNKNOWN, "no_list")]


def test_a_place_outside_the_list_is_refused(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    outside = StatusEntry(_place(issued).list_id, (1 << 32) - 1)
    assert _refused(town, issued.file, _lists(town, place=outside)) == [(PASSED, "ok"), (FAILED, "outside")]


def test_what_a_register_answers_comes_before_any_list(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    before = _lists(town)
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    policy = LicensePolicy.standard(world().policy(at=town.watch()))
    report = verify(issued.file, policy=policy, types=(PERMIT,), status=before, registry=town.service.register)
    assert _said(report) == [(SKIPPED, "not_asked"), (FAILED, "revoked")]


# ---------------------------------------------------------------------- the words


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1:",
        ":1",
        "1:2:3",
        "-1:2",
        "01:2",
        "1:02",
        "1: 2",
        "１:2",
        "1:²",
        "4294967296:0",
        "0:4294967296",
        "a:b",
    ],
)
def test_a_place_is_written_in_one_way(town: LicenseTown, text: str) -> None:
    with pytest.raises(ValueError, match="LIST:INDEX"):
        StatusEntry.parse(text)
    metadata = town.service.issue(company_draft()).metadata
    pairs = [*metadata_pairs(metadata.model_copy(update={"status": None})), ("KZ_ZTLBWZ", text)]
    reading = read_metadata_pairs(pairs)
    assert reading.metadata is not None
    assert reading.metadata.status is None
    assert [one.code for one in reading.findings] == ["egov.license.status_place"]


def test_a_place_is_read_as_it_was_written() -> None:
    for place in (StatusEntry(0, 0), StatusEntry((1 << 32) - 1, 7)):
        assert StatusEntry.parse(str(place)) == place


def test_no_item_of_a_type_may_bear_the_name_of_the_place(town: LicenseTown) -> None:
    metadata = town.service.issue(company_draft()).metadata
    taken = metadata.model_copy(update={"fields": {"ZTLBWZ": "1:2"}})
    assert [one.code for one in check_metadata(taken)] == ["egov.license.field_name"]
