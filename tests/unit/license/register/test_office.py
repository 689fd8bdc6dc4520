"""What the office does: types, old licences, presentations, status lists; and what it does without."""

from __future__ import annotations

import inspect
from datetime import date, timedelta

import pytest

from egov_sdk.license.catalogue import CatalogueState
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.legacy.target import ImportTarget, Known
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import LicenseChange
from egov_sdk.license.present.status_list import read_status_list
from egov_sdk.license.present.token import read_presentation
from egov_sdk.license.register.desk import RegisterSettings
from egov_sdk.license.register.importing import ImportDesk
from egov_sdk.license.register.tables import TYPES, VERSIONS
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.storage import StorageConflict, StorageError
from egov_sdk.storage.sql import Table
from tests.license_world import (
    BUREAU,
    CERTIFICATE,
    COMPANY,
    HALL,
    PERMIT,
    PERSON,
    LicenseTown,
    Watch,
    company_draft,
    function_use,
    owner_use,
    person_draft,
    photo,
    refused,
)

# types


def test_a_type_is_brought_in_once_and_published_before_licences_are_issued(town: LicenseTown) -> None:
    types = town.service.register.types
    new = PERMIT.model_copy(update={"code": PERMIT.code[:18] + "950", "state": CatalogueState.DRAFT})
    types.add(new)
    refused("type_exists", lambda: types.add(new))
    refused("type_unknown", lambda: town.service.type_of(new.code))
    refused("type_state", lambda: town.service.issue(company_draft(type_code=new.code)))
    types.publish(new.code)
    assert town.service.type_of(new.code) == new.model_copy(update={"state": CatalogueState.PUBLISHED})
    town.service.issue(company_draft(type_code=new.code))
    refused("type_state", lambda: types.publish(new.code))
    types.disable(new.code)
    refused("type_state", lambda: types.disable(new.code))
    assert town.service.type_of(new.code).state is CatalogueState.DISABLED
    for act in (types.publish, types.disable, types.get):
        refused("type_unknown", lambda act=act: act(PERMIT.code[:18] + "998"))  # type: ignore[misc]  # bound here


def test_types_at_hand_are_those_that_are_known(town: LicenseTown) -> None:
    types = town.service.register.types
    known = types.known()
    assert known
    with town.store.read() as connection:
        at_hand = types.at_hand(connection)
        assert dict(at_hand) == known
        assert len(at_hand) == len(known)
        assert at_hand.get("11100000000099999999") is None
        for code in known:
            assert at_hand[code] is at_hand[code]


def test_a_type_whose_definition_is_wrong_is_refused(town: LicenseTown) -> None:
    types = town.service.register.types
    for update in ({"code": "1"}, {"name": " ", "code": PERMIT.code[:18] + "951"}, {"fields": PERMIT.fields * 2}):
        wrong = PERMIT.model_copy(update=update)
        refused("draft_element", lambda wrong=wrong: types.add(wrong))  # type: ignore[misc]  # bound here
    refused("draft_element", lambda: types.replace(PERMIT.model_copy(update={"name": " "})))


def test_a_definition_is_replaced_and_keeps_what_was_issued(town: LicenseTown) -> None:
    types = town.service.register.types
    fewer = PERMIT.model_copy(update={"fields": PERMIT.fields[:-1], "template": None})
    types.replace(fewer)
    types.replace(PERMIT.model_copy(update={"state": CatalogueState.DRAFT}))
    town.service.issue(company_draft())
    refused("type_in_use", lambda: types.replace(fewer))
    refused("type_unknown", lambda: types.replace(PERMIT.model_copy(update={"code": PERMIT.code[:18] + "997"})))
    types.replace(PERMIT.model_copy(update={"name": "新名称"}))
    assert town.service.type_of(PERMIT.code).name == "新名称"


# old licences


def old(number: str, *, serial: str = "", holder: str = "") -> LicenseMetadata:
    draft = company_draft(number)
    return LicenseMetadata(
        identifier=LicenseIdentifier.build(
            type_code=PERMIT.code, issuer_code=BUREAU.code, serial=serial or f"OLD{number}"
        ),
        name=PERMIT.name,
        type_name=PERMIT.name,
        number=number,
        issuer=BUREAU,
        issued_on=date(2019, 1, 1),
        holders=(COMPANY if not holder else COMPANY.model_copy(update={"code": holder}),),
        fields=draft.fields,
    )


def test_old_licences_come_in_without_a_file_and_get_one_later(town: LicenseTown) -> None:
    target: ImportTarget = town.service.register.imports
    assert target.store is town.store
    assert target.issuers()[0] == BUREAU
    assert target.type_of(PERMIT.code) == PERMIT
    licenses = [old("1"), old("2")]
    with town.store.write() as connection:
        assert list(target.known(connection, licenses)) == [None, None]
        target.insert(connection, licenses, at=town.watch.at)
        target.insert(connection, [], at=town.watch.at)
    one = licenses[0].identifier
    found = town.service.search(COMPANY.code, use=owner_use()).records
    assert [record.identifier for record in found] == [licenses[1].identifier, one]
    assert [record.file_digest for record in found] == ["", ""]
    refused("file_missing", lambda: town.service.get(one, use=owner_use()))
    refused("file_missing", lambda: town.service.download_ticket(one, use=owner_use()))
    assert [event.action for event in town.service.history(one)] == [LicenseAction.IMPORT]
    register = town.service.register
    assert register.imports.without_file() == tuple(each.identifier for each in licenses)
    made = register.make_file(one)
    assert register.make_file(one) == made
    assert town.service.get(one, use=owner_use()) == made
    assert register.imports.without_file(type_code=PERMIT.code) == (licenses[1].identifier,)
    assert register.imports.without_file(type_code=CERTIFICATE.code) == ()
    assert town.service.verify(made.file).outcome.value == "passed"
    refused("license_unknown", lambda: register.make_file(one.next_version()))
    assert [action for action, _, _ in town.audited()].count("license.imported") == 1


@pytest.mark.parametrize("gone", [TYPES, VERSIONS], ids=lambda table: table.name)
def test_a_register_that_breaks_while_a_file_is_verified_gives_no_report(town: LicenseTown, gone: Table) -> None:
    file = town.service.issue(company_draft()).file
    with town.store.write() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {gone.name} RENAME TO elsewhere")
    with pytest.raises(StorageError):
        town.service.verify(file)
    with town.store.write() as connection:
        connection.exec_driver_sql(f"ALTER TABLE elsewhere RENAME TO {gone.name}")
    assert town.service.verify(file).outcome.value == "passed"


def test_what_is_there_already_is_known_by_number_or_serial(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft("1", serial="S1"))
    target = town.service.register.imports
    asked = [old("1"), old("1", holder="91110302MA01NP925M"), old("9", serial="S1"), old("7")]
    with town.store.write() as connection:
        assert list(target.known(connection, asked)) == [
            Known(issued.identifier, same=True, differs=("证照颁发日期",)),
            Known(issued.identifier, same=False),
            Known(issued.identifier, same=False, by="serial"),
            None,
        ]
    for twice in ([old("1")], [old("3"), old("3", serial="X")], [old("4", serial="S1")]):
        with pytest.raises(StorageConflict), town.store.write() as connection:
            target.insert(connection, twice, at=town.watch.at)
    assert sum(row.count for row in town.service.statistics()) == 1


def test_an_old_licence_with_a_photo_needs_the_photo_for_its_file(town: LicenseTown) -> None:
    draft = person_draft()
    metadata = old("1").model_copy(
        update={
            "identifier": LicenseIdentifier.build(type_code=CERTIFICATE.code, issuer_code=BUREAU.code, serial="OLD1"),
            "name": CERTIFICATE.name,
            "type_name": CERTIFICATE.name,
            "holders": (PERSON,),
            "fields": draft.fields,
        }
    )
    register = town.service.register
    with town.store.write() as connection:
        register.imports.insert(connection, [metadata], at=town.watch.at)
    refused("draft_element", lambda: register.make_file(metadata.identifier))
    made = register.make_file(metadata.identifier, pictures={"照片": photo()})
    # the photo was kept: a change needs no other
    changed = town.service.change(made.identifier, LicenseChange(fields={"级别": "一级"}), reason="x")
    assert changed.identifier.version == 2


def test_the_importer_takes_nothing_of_a_type_that_is_not_published(town: LicenseTown) -> None:
    town.service.register.types.disable(PERMIT.code)
    refused("type_state", lambda: town.service.register.imports.type_of(PERMIT.code))
    refused("type_unknown", lambda: town.service.register.imports.type_of("x"))


def test_the_import_desk_is_what_imports_ask_for() -> None:
    wanted = {name for name in vars(ImportTarget) if not name.startswith("_")}
    assert wanted <= {name for name, _ in inspect.getmembers(ImportDesk)}


# presentations and status lists


def test_a_list_grows_before_it_is_full_and_every_place_is_one_licence_s() -> None:
    town = LicenseTown.at()
    from egov_sdk.license.register import places

    first = places._FIRST_SIZE
    try:
        places._FIRST_SIZE = 4  # type: ignore[misc]  # a small list grows soon
        issued = town.service.register.issue_many([company_draft(f"N{number}") for number in range(9)])
        shown = [read_presentation(town.service.present(one.identifier).token).status for one in issued]
    finally:
        places._FIRST_SIZE = first  # type: ignore[misc]
    assert len({(one.list_id, one.index) for one in shown}) == 9
    assert len({one.list_id for one in shown}) == 1
    town.service.act(issued[8].identifier, LicenseAction.SUSPEND, reason="x")
    read = read_status_list(town.service.status_list(PERMIT.code))
    assert read.size == 32
    assert [read.state_at(one.index) for one in shown] == [LicenseState.VALID] * 8 + [LicenseState.SUSPENDED]
    town.store.close()


def test_a_version_that_was_superseded_is_so_in_the_list(town: LicenseTown) -> None:
    first = town.service.issue(company_draft())
    entry = read_presentation(town.service.present(first.identifier).token).status
    second = town.service.change(first.identifier, LicenseChange(without_end=True), reason="x")
    refused("not_in_force", lambda: town.service.present(first.identifier))
    assert town.service.register.shows.status_of(second.identifier) != entry
    assert town.service.register.shows.status_of(first.identifier) == entry
    read = read_status_list(town.service.status_list(PERMIT.code))
    assert read.state_at(entry.index) is LicenseState.SUPERSEDED
    refused("license_unknown", lambda: town.service.register.shows.status_of(second.identifier.next_version()))


def test_a_presentation_does_not_outlive_the_licence(town: LicenseTown) -> None:
    town.watch.at = town.watch.at.replace(hour=15, minute=59, second=30)  # half a minute to midnight in China
    issued = town.service.issue(company_draft(valid_until=date(2026, 6, 1)))
    shown = town.service.present(issued.identifier)
    assert shown.expires_at == town.watch.at + timedelta(seconds=30)
    town.watch.wait(seconds=30)
    refused("not_in_force", lambda: town.service.present(issued.identifier))


def test_a_register_without_a_signing_key_shows_nothing() -> None:
    town = LicenseTown.at(signs=False)
    issued = town.service.issue(company_draft())
    refused("key_missing", lambda: town.service.present(issued.identifier))
    refused("key_missing", lambda: town.service.status_list(PERMIT.code))
    town.store.close()


def test_a_register_without_any_sealer_makes_no_copies() -> None:
    town = LicenseTown.at(sealers={})
    refused("sealer_missing", lambda: town.service.issue(company_draft()))
    one = LicenseIdentifier.build(type_code=PERMIT.code, issuer_code=BUREAU.code, serial="1")
    until = town.watch.at + timedelta(days=1)
    refused(
        "key_missing",
        lambda: town.service.annotated_copy(one, use=function_use(), requester=HALL, valid_until=until),
    )
    town.store.close()


# its settings and its clock


@pytest.mark.parametrize(
    "wrong",
    [{"lease": timedelta(-1)}, {"ticket_time": timedelta()}, {"longest_copy": timedelta(-1)}, {"page_size": 0}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_spans_of_time_are_more_than_nothing(wrong: dict[str, timedelta | int]) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        RegisterSettings(**wrong)  # type: ignore[arg-type]  # one setting of either kind


def test_a_clock_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="aware"):
        LicenseTown.at(watch=Watch(Watch().at.replace(tzinfo=None)))


def test_an_action_that_makes_a_version_is_no_action_by_itself(town: LicenseTown) -> None:
    one = town.service.issue(company_draft()).identifier
    for action in (LicenseAction.CHANGE, LicenseAction.RENEW, LicenseAction.ISSUE, LicenseAction.SUPERSEDE):
        with pytest.raises(ValueError, match="new version"):
            town.service.act(one, action, reason="x")


def test_the_room_s_names_are_there_whatever_was_loaded_before() -> None:
    import egov_sdk.license.verify

    for name in egov_sdk.license.__all__:
        assert callable(getattr(egov_sdk.license, name))
    assert inspect.isfunction(egov_sdk.license.verify)
    with pytest.raises(AttributeError):
        egov_sdk.license.nothing  # type: ignore[attr-defined]  # noqa: B018 - asked for on purpose
    import egov_sdk.license.register as register

    assert all(getattr(register, name) for name in register.__all__)
    with pytest.raises(AttributeError):
        register.nothing  # type: ignore[attr-defined]  # noqa: B018 - asked for on purpose
