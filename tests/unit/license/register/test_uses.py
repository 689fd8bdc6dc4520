"""Who may see what, what is written down of it, and what lies in the database."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import Use, UseGround
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.register.access import ANY, AccessRule
from egov_sdk.license.register.vault import RegisterKeys, Vault
from egov_sdk.license.states import LicenseAction
from egov_sdk.storage import StorageError
from egov_sdk.storage.migrations import schema_differences
from tests.license_world import (
    BUREAU,
    CERTIFICATE,
    COMPANY,
    COUNTY,
    HALL,
    ITEM,
    KEYS,
    PERMIT,
    PERSON,
    STRANGER,
    LicenseTown,
    company_draft,
    function_use,
    owner_use,
    person_draft,
    refused,
)
from tests.world import seeded


def test_the_tables_are_those_that_the_code_believes_in(place: Path | str) -> None:
    from egov_sdk.license.register.tables import LICENSE

    town = LicenseTown.at(place)
    assert schema_differences(town.store, LICENSE) == ()
    town.store.close()


# rules


def test_a_rule_holds_in_its_time_and_until_it_is_taken_away(town: LicenseTown) -> None:
    one = town.service.issue(company_draft()).identifier
    access, use = town.service.register.access, function_use(requester=STRANGER, item_code="x")
    rule = AccessRule(
        requester=STRANGER.code,
        type_code=ANY,
        legal_basis="税收征收管理法",
        since=town.watch.at + timedelta(hours=1),
        until=town.watch.at + timedelta(hours=2),
    )
    made = access.add(rule)
    refused("use_refused", lambda: town.service.get(one, use=use))
    town.watch.wait(hours=1)
    town.service.get(one, use=use)
    town.watch.wait(hours=1)
    refused("use_refused", lambda: town.service.get(one, use=use))
    lasting = access.add(rule.model_copy(update={"since": None, "until": None}))
    town.service.get(one, use=use)
    access.remove(lasting.id)
    refused("use_refused", lambda: town.service.get(one, use=use))
    refused("rule_unknown", lambda: access.remove(lasting.id))
    assert [one.id for one in access.rules() if one.requester == STRANGER.code] == [made.id]


def test_rules_that_the_register_was_opened_with_hold_as_well() -> None:
    from egov_sdk.license.register.access import AccessRegister

    town = LicenseTown.at()
    one = town.service.issue(company_draft()).identifier
    fixed = AccessRule(requester=ANY, item_code="open", type_code=PERMIT.code, legal_basis="政府信息公开条例")
    desk = town.service.register._desk
    town.service.register.uses._access = AccessRegister(desk, [fixed])
    assert town.service.get(one, use=function_use(requester=STRANGER, item_code="open")).file
    refused("use_refused", lambda: town.service.get(one, use=function_use(requester=STRANGER, item_code="shut")))
    town.store.close()


@pytest.mark.parametrize("empty", ["requester", "type_code", "item_code", "legal_basis"])
def test_a_rule_without_a_basis_or_with_an_empty_name_is_none(empty: str) -> None:
    given = {"requester": ANY, "type_code": ANY, "item_code": ANY, "legal_basis": "法"}
    with pytest.raises(ValueError, match=empty):
        AccessRule.model_validate(given | {empty: ""})


@pytest.mark.parametrize("purpose", ["", "   ", "甲" * 201])
def test_a_use_says_what_it_is_for(purpose: str) -> None:
    with pytest.raises(ValueError, match="purpose"):
        Use(requester=HALL, purpose=purpose)


def test_an_issuer_sees_what_it_issued_and_nothing_of_others(town: LicenseTown) -> None:
    ours = town.service.issue(company_draft("N1")).identifier
    theirs = town.service.issue(company_draft("N2", issuer=COUNTY)).identifier
    county = owner_use(COUNTY.code)
    assert town.service.get(theirs, use=county).identifier == theirs
    refused("use_refused", lambda: town.service.get(ours, use=county))
    assert [one.identifier for one in town.service.search(COMPANY.code, use=county).records] == [theirs]


# permissions


def test_a_delegation_is_the_agent_s_until_it_ends_or_is_taken_back(town: LicenseTown) -> None:
    certificate = town.service.issue(person_draft())
    permissions = town.service.register.permissions
    given = permissions.delegate(
        PERSON.code, agent_code=COMPANY.code, until=town.watch.at + timedelta(days=30), type_codes=[]
    )
    use = function_use(ground=UseGround.ENTRUST, credential=given.credential, requester=STRANGER, item_code="")
    assert town.service.get(certificate.identifier, use=use) == certificate
    refused("permission_unknown", lambda: town.service.get(certificate.identifier, use=_as_consent(use)))
    assert [one.id for one in permissions.given_to(COMPANY.code)] == [given.id]
    assert [one.id for one in permissions.given_by(PERSON.code)] == [given.id]
    assert permissions.given_to(PERSON.code) == permissions.given_by(COMPANY.code) == ()
    assert permissions.given_by(PERSON.code)[0].credential == ""
    permissions.withdraw(given.id)
    refused("permission_withdrawn", lambda: town.service.get(certificate.identifier, use=use))
    refused("permission_unknown", lambda: permissions.withdraw(given.id))
    later = permissions.delegate(PERSON.code, agent_code=COMPANY.code, until=town.watch.at + timedelta(days=1))
    town.watch.wait(days=1)
    late = use.model_copy(update={"credential": later.credential})
    refused("permission_expired", lambda: town.service.get(certificate.identifier, use=late))
    refused("permission_expired", lambda: town.service.search(PERSON.code, use=late))


def _as_consent(use: Use) -> Use:
    return use.model_copy(update={"ground": UseGround.HOLDER})


def test_a_consent_for_one_licence_opens_no_other(town: LicenseTown) -> None:
    first, second = (town.service.issue(person_draft(f"ZG{number}")) for number in range(2))
    company = town.service.issue(company_draft())
    consent = partial(
        town.service.register.permissions.consent,
        PERSON.code,
        requester=HALL.code,
        purpose="资格核验",
        until=town.watch.at + timedelta(hours=1),
    )
    refused("permission_scope", lambda: consent(identifier=company.identifier))
    refused("license_unknown", lambda: consent(identifier=first.identifier.next_version()))
    use = function_use(ground=UseGround.HOLDER, credential=consent(identifier=first.identifier).credential)
    assert town.service.get(first.identifier, use=use) == first
    refused("permission_scope", lambda: town.service.get(second.identifier, use=use))
    refused("permission_scope", lambda: town.service.get(company.identifier, use=use))
    refused("permission_scope", lambda: town.service.search(COMPANY.code, use=use))
    assert [one.identifier for one in town.service.search(PERSON.code, use=use).records] == [first.identifier]
    other_type = use.model_copy(update={"credential": consent(type_codes=[PERMIT.code]).credential})
    refused("permission_scope", lambda: town.service.get(first.identifier, use=other_type))


def test_a_permission_has_an_end_a_requester_and_a_purpose(town: LicenseTown) -> None:
    consent = partial(town.service.register.permissions.consent, PERSON.code)
    now = town.watch.at
    for until in (now, now - timedelta(1), now + timedelta(days=3000)):
        refused("permission_term", partial(consent, requester=HALL.code, purpose="x", until=until))
    later = now + timedelta(days=1)
    for requester, purpose in (("", "x"), ("x", " ")):
        with pytest.raises(ValueError, match="names"):
            consent(until=later, requester=requester, purpose=purpose)
    with pytest.raises(ValueError, match="uses"):
        consent(requester="x", purpose="x", until=later, uses=0)
    delegate = town.service.register.permissions.delegate
    refused("holder_code", lambda: delegate(PERSON.code, agent_code=" ", until=later))


def test_a_permission_for_one_use_is_used_by_one_of_many(place: Path | str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    town = LicenseTown.at(place)
    certificate = town.service.issue(person_draft())
    permissions, until = town.service.register.permissions, town.watch.at + timedelta(hours=1)
    given = permissions.consent(PERSON.code, requester=HALL.code, purpose="核验", until=until, uses=1)
    use = function_use(ground=UseGround.HOLDER, credential=given.credential)
    ticket = town.service.download_ticket(certificate.identifier, use=owner_use()).value

    def attempt(act: partial[object]) -> bool:
        try:
            act()
        except LicenseRejected as error:
            assert error.problem in ("permission_used", "ticket_used")  # noqa: PT017 - one of them
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        reads = [partial(town.service.get, certificate.identifier, use=use)] * 6
        assert sum(pool.map(attempt, reads)) == 1
        assert sum(pool.map(attempt, [partial(town.service.download, ticket, requester=BUREAU.code)] * 6)) == 1
    town.store.close()


def test_a_code_is_for_whom_it_was_made(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    tickets = town.service.register.tickets
    code = town.service.use_code(issued.identifier, use=function_use())
    refused("code_requester", lambda: tickets.redeem(code.value, requester=STRANGER.code))
    assert tickets.redeem(code.value, requester=HALL.code) == issued
    mine = town.service.issue(person_draft())
    own = town.service.use_code(mine.identifier, use=owner_use(PERSON.code))
    assert tickets.redeem(own.value, requester=PERSON.code) == mine


def test_a_ticket_and_a_code_do_not_outlive_the_consent_that_they_were_made_on(town: LicenseTown) -> None:
    permissions, service = town.service.register.permissions, town.service
    issued = service.issue(company_draft())

    def made(**until: float) -> tuple[str, str, str]:
        given = permissions.consent(
            COMPANY.code, requester=HALL.code, purpose="x", until=town.watch() + timedelta(**until), uses=2
        )
        use = function_use(ground=UseGround.HOLDER, credential=given.credential)
        code, ticket = service.use_code(issued.identifier, use=use), service.download_ticket(issued.identifier, use=use)
        return given.id, code.value, ticket.value

    taken_back, code, ticket = made(days=1)
    permissions.withdraw(taken_back)
    for _ in range(2):
        refused("permission_withdrawn", lambda: service.redeem(code, requester=HALL.code))
        refused("permission_withdrawn", lambda: service.download(ticket, requester=HALL.code))
    assert [one for one in town.audited() if one[0] == "use.refused"][-1][2]["problem"] == "permission_withdrawn"
    _, late, late_ticket = made(minutes=1)
    _, good, good_ticket = made(minutes=5)
    town.watch.wait(minutes=1)
    refused("permission_expired", lambda: service.redeem(late, requester=HALL.code))
    refused("permission_expired", lambda: service.download(late_ticket, requester=HALL.code))
    assert service.redeem(good, requester=HALL.code).file == service.download(good_ticket, requester=HALL.code)


def test_a_ticket_and_a_code_do_not_outlive_the_rule_that_they_were_made_on(town: LicenseTown) -> None:
    service = town.service
    issued = service.issue(company_draft())
    code = service.use_code(issued.identifier, use=function_use()).value
    ticket = service.download_ticket(issued.identifier, use=function_use()).value
    (rule,) = service.register.access.rules()
    service.register.access.remove(rule.id)
    refused("use_refused", lambda: service.redeem(code, requester=HALL.code))
    service.register.access.add(rule.model_copy(update={"type_code": CERTIFICATE.code}))
    refused("use_refused", lambda: service.download(ticket, requester=HALL.code))
    service.register.access.add(rule)
    assert service.redeem(code, requester=HALL.code).file == service.download(ticket, requester=HALL.code)


@pytest.mark.parametrize("types", [[""], [" "], ["", "11110000000021135M901"], ["A B"]])
def test_an_empty_type_does_not_make_a_consent_for_all_types(town: LicenseTown, types: list[str]) -> None:
    with pytest.raises(ValueError, match="a type is named by its code"):
        town.service.register.permissions.consent(
            COMPANY.code, requester=HALL.code, purpose="x", until=town.watch() + timedelta(days=1), type_codes=types
        )


def test_the_log_tells_for_whom_a_copy_was_made(town: LicenseTown) -> None:
    issued, until = town.service.issue(company_draft()), town.watch() + timedelta(days=1)
    for whom in (STRANGER, Authority(name=PERSON.name, code=PERSON.code)):
        town.service.annotated_copy(issued.identifier, use=owner_use(), requester=whom, valid_until=until)
    company, person = [detail["for"] for action, _, detail in town.audited() if action == "copy.made"]
    assert company == STRANGER.code
    assert str(person).startswith("key:")


def test_used_tickets_are_remembered_for_a_while_and_then_unknown(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    first = town.service.download_ticket(issued.identifier, use=function_use())
    town.service.download(first.value, requester=HALL.code)
    town.watch.wait(days=31)
    refused("ticket_used", lambda: town.service.download(first.value, requester=HALL.code))
    town.service.download_ticket(issued.identifier, use=function_use())
    refused("ticket_unknown", lambda: town.service.download(first.value, requester=HALL.code))


# audit


def test_every_use_is_written_down_with_its_purpose_and_basis(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    before = len(town.audited())
    town.service.get(issued.identifier, use=function_use())
    town.service.search(COMPANY.code, use=function_use(legal_basis="某条例第三条"))
    ticket = town.service.download_ticket(issued.identifier, use=function_use())
    town.service.download(ticket.value, requester=HALL.code)
    town.service.redeem(town.service.use_code(issued.identifier, use=function_use()).value, requester=HALL.code)
    until = town.watch.at + timedelta(days=1)
    town.service.annotated_copy(issued.identifier, use=function_use(), requester=HALL, valid_until=until)
    entries = town.audited()[before:]
    assert [action for action, _, _ in entries] == [
        "use.read",
        "use.search",
        "use.ticket",
        "ticket.used",
        "use.code",
        "code.used",
        "use.copy",
        "copy.made",
    ]
    for action, _, detail in entries[:-1]:
        assert detail["purpose"] == function_use().purpose
        assert detail["requester"] == HALL.code
        assert detail["basis"] == ("某条例第三条" if action == "use.search" else "食品经营许可管理办法")


def test_what_is_refused_is_written_down_too(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    refused("use_refused", lambda: town.service.get(issued.identifier, use=function_use(requester=STRANGER)))
    action, subject, detail = town.audited()[-1]
    assert (action, subject) == ("use.refused", str(issued.identifier))
    assert detail["problem"] == "use_refused"
    assert detail["requester"] == STRANGER.code


def test_the_audit_log_holds_no_name_and_no_number_of_a_person(town: LicenseTown) -> None:
    certificate = town.service.issue(person_draft("ZG-SECRET-1"))
    mine = owner_use(PERSON.code, name=PERSON.name)
    town.service.get(certificate.identifier, use=mine)
    town.service.search(PERSON.code, use=mine)
    refused("use_refused", lambda: town.service.search(PERSON.code, use=function_use(requester=STRANGER)))
    refused("use_refused", lambda: town.service.get(certificate, use=function_use(requester=STRANGER)))
    refused("use_refused", lambda: town.service.use_code(certificate, use=function_use(requester=STRANGER)))
    assert town.audited()[-1][1] == str(certificate.identifier)
    given = town.service.register.permissions.delegate(
        PERSON.code, agent_code=PERSON.code, until=town.watch.at + timedelta(days=1)
    )
    town.service.register.permissions.withdraw(given.id)
    town.service.act(certificate.identifier, LicenseAction.SUSPEND, reason="整改")
    text = str(town.audited())
    for secret in (PERSON.code, PERSON.name, "ZG-SECRET-1", given.credential):
        assert secret not in text


# at rest


def test_the_database_shows_neither_names_nor_numbers_nor_secrets(tmp_path: Path) -> None:
    town = LicenseTown.at(tmp_path / "a.db")
    certificate = town.service.issue(person_draft("ZG-SECRET-1"), request_id="request-1")
    town.service.act(certificate.identifier, LicenseAction.SUSPEND, reason="整改之理由")
    given = town.service.register.permissions.delegate(
        PERSON.code, agent_code=COMPANY.code, until=town.watch.at + timedelta(days=1)
    )
    ticket = town.service.download_ticket(certificate.identifier, use=owner_use())
    town.store.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for secret in (PERSON.code, PERSON.name, "ZG-SECRET-1", given.credential, ticket.value, "request-1", "整改之理由"):
        assert secret.encode() not in raw
    assert certificate.file[:64] not in raw


def test_without_a_data_key_contents_are_kept_as_they_are(tmp_path: Path) -> None:
    town = LicenseTown.at(tmp_path / "a.db", keys=RegisterKeys(search=bytes(32)))
    certificate = town.service.issue(person_draft())
    assert town.service.get(certificate.identifier, use=owner_use()) == certificate
    with sqlite3.connect(tmp_path / "a.db") as raw:
        (metadata,) = raw.execute("SELECT metadata FROM license_versions").fetchone()
    assert PERSON.name.encode() in metadata
    town.store.close()


def test_a_key_is_changed_and_what_the_old_one_encrypted_is_still_read(tmp_path: Path) -> None:
    town = LicenseTown.at(tmp_path / "a.db")
    first = town.service.issue(company_draft("N1"))
    town.store.close()
    both = RegisterKeys(search=KEYS.search, data=dict(KEYS.data) | {2: bytes(16)})
    town = LicenseTown.at(tmp_path / "a.db", keys=both, random=seeded("later"))
    second = town.service.issue(company_draft("N2"))
    assert town.service.get(first.identifier, use=owner_use()) == first
    town.store.close()
    new = LicenseTown.at(tmp_path / "a.db", keys=RegisterKeys(search=KEYS.search, data={2: bytes(16)}))
    assert new.service.get(second.identifier, use=owner_use()) == second
    with pytest.raises(StorageError) as caught:
        new.service.get(first.identifier, use=owner_use())
    assert caught.value.code == "egov.license.vault"
    new.store.close()


@pytest.mark.parametrize(
    "meddle",
    [
        "UPDATE license_versions SET metadata = (SELECT v.metadata FROM license_versions v WHERE v.series = 2)",
        "UPDATE license_versions SET metadata = CAST(x'00' || metadata AS BLOB) WHERE series = 1",
        "UPDATE license_versions SET metadata = x'' WHERE series = 1",
        "UPDATE license_files SET file = x'01' WHERE series = 1",
        "UPDATE license_files SET file = (SELECT file FROM license_files WHERE series = 2) WHERE series = 1",
    ],
)
def test_what_somebody_changed_or_moved_in_the_database_is_told(tmp_path: Path, meddle: str) -> None:
    town = LicenseTown.at(tmp_path / "a.db")
    one = town.service.issue(company_draft("N1")).identifier
    town.service.issue(company_draft("N2"))
    with sqlite3.connect(tmp_path / "a.db") as raw:
        raw.execute(meddle)
    with pytest.raises(StorageError) as caught:
        town.service.get(one, use=owner_use())
    assert caught.value.code == "egov.license.vault"
    town.store.close()


@pytest.mark.parametrize(
    ("search", "data"),
    [
        (b"", {}),
        (bytes(31), {}),
        (bytes(32), {0: bytes(16)}),
        (bytes(32), {256: bytes(16)}),
        (bytes(32), {1: bytes(15)}),
    ],
)
def test_keys_have_their_lengths_and_numbers(search: bytes, data: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        RegisterKeys(search=search, data=data)


def test_keys_are_never_shown() -> None:
    keys = RegisterKeys.generate(random=seeded("keys"))
    assert keys.search.hex() not in repr(keys)
    assert repr(keys) == "RegisterKeys()"
    vault = Vault(keys, random=seeded("nonces"))
    assert vault.unpack(vault.pack(b"content", place="here"), place="here") == b"content"
    with pytest.raises(StorageError):
        vault.unpack(vault.pack(b"content", place="here"), place="there")


def test_an_old_citizen_number_finds_what_the_new_one_holds(town: LicenseTown) -> None:
    vault = town.service.register._desk.vault
    assert vault.holder("110105491231002") == vault.holder("11010519491231002x")
    assert vault.holder("110105491231003") != vault.holder("11010519491231002X")


def test_an_item_code_other_than_the_rule_s_is_not_enough(town: LicenseTown) -> None:
    town.service.issue(company_draft())
    refused("use_refused", lambda: town.service.search(COMPANY.code, use=function_use(item_code=ITEM + "0")))
