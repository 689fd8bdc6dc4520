from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from egov_sdk.codes import CitizenNumber, CodeKind, Sex
from egov_sdk.errors import ParseError
from egov_sdk.identity.model import AgentRole, IdDocument, IdentityLevel
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider import AccountState
from egov_sdk.identity.provider.tables import IDENTITY
from egov_sdk.storage import AuditLog
from egov_sdk.storage.migrations import schema_differences
from tests.unit.identity.provider.town import PASSWORD, Town, citizen, company, refused


def test_a_person_is_registered_with_what_the_number_says(town: Town) -> None:
    account = town.provider.accounts.get(town.zhang.id)
    assert account == town.zhang
    assert (account.sex, account.birth_date) == (Sex.FEMALE, CitizenNumber(citizen(1).number).birth_date)
    assert (account.login, account.level, account.state) == ("zhang", IdentityLevel.REAL_NAME, AccountState.ACTIVE)
    assert town.provider.accounts.find(citizen(1)) == account
    assert town.provider.accounts.find(citizen(2)) is None


def test_an_account_is_found_by_its_login_name_until_it_is_closed(town: Town) -> None:
    accounts = town.provider.accounts
    assert accounts.by_login("ＺＨＡＮＧ") == town.zhang
    assert accounts.by_login("nobody") is None
    assert accounts.by_login("zhang'; --") is None
    accounts.set_state(town.zhang.id, AccountState.CLOSED, reason="moved away")
    assert accounts.by_login("zhang") is None


def test_the_office_lists_accounts_page_by_page_and_each_page_is_in_the_log(town: Town) -> None:
    accounts, seen = town.provider.accounts, list[str]()
    while page := accounts.page(purpose="a count", actor="clerk", after=seen[-1] if seen else "", limit=1):
        seen += [one.id for one in page]
    assert town.zhang.id in seen
    assert seen == sorted(set(seen))
    assert len(seen) == accounts.count()
    accounts.set_state(town.zhang.id, AccountState.CLOSED, reason="moved away")
    assert accounts.count() == len(seen) - 1
    with town.store.read() as connection:
        listed = AuditLog("identity").newest(connection, like={"action": "account.listed"})
    assert [one.actor for one in listed] == ["clerk"] * (len(seen) + 1)
    with pytest.raises(ValueError, match="purpose"):
        accounts.page(purpose=" ")


def test_the_tables_are_those_that_the_code_believes_in(busy_town: Town) -> None:
    assert schema_differences(busy_town.store, IDENTITY) == ()


def test_the_steps_of_released_tables_never_change() -> None:
    assert [step.checksum[:16] for step in IDENTITY.migrations] == ["ccffcaa7512e8375"]


def short_form(number: str) -> str:
    return number[:6] + number[8:17]


def test_one_person_has_one_account_whatever_the_number_looks_like(town: Town) -> None:
    add = town.provider.accounts.add_person
    number = citizen(1).number
    for text in (number, number.lower(), f" {number[:6]} {number[6:]} ", short_form(number)):
        document = IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=text)
        refused("account_duplicate", lambda document=document: add("另一人", document))  # type: ignore[misc]
        assert town.provider.accounts.find(document) == town.zhang


def test_one_organization_has_one_account(town: Town) -> None:
    refused("account_duplicate", lambda: town.provider.accounts.add_organization("分厂", company(1)))


def test_of_many_at_once_one_opens_the_account(busy_town: Town) -> None:
    def add(_: int) -> str:
        try:
            busy_town.provider.accounts.add_person("李四", citizen(7))
        except IdentityRejected as error:
            return error.problem
        return ""

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(add, range(6))) == ["", *["account_duplicate"] * 5]


@pytest.mark.parametrize("login", ["zhang", "Zhang", "ＺＨＡＮＧ"])
def test_login_names_that_look_the_same_are_the_same(town: Town, login: str) -> None:
    refused("login_taken", lambda: town.provider.accounts.add_person("王五", citizen(2), login=login))


@pytest.mark.parametrize("login", ["", "a b", "a\0b", "x" * 65, "a/b", "<a>", "\u202eabc"])
def test_a_login_name_of_odd_characters_is_refused(town: Town, login: str) -> None:
    refused("login_shape", lambda: town.provider.accounts.add_person("王五", citizen(2), login=login))


def test_a_number_that_breaks_its_rules_is_refused_and_not_shown(town: Town) -> None:
    number = citizen(2).number
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    with pytest.raises(ParseError) as caught:
        town.provider.accounts.add_person("王五", IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=wrong))
    assert caught.value.code == "egov.codes.check_digit"
    assert wrong not in str(caught.value.to_dict())


def test_documents_name_those_whom_they_can_name(town: Town) -> None:
    accounts = town.provider.accounts
    wrong: list[Callable[[], object]] = [
        lambda: accounts.add_person("王五", company(2)),
        lambda: accounts.add_organization("厂", citizen(2)),
        lambda: accounts.add_person("王五", IdDocument(kind=None, number="1", raw_type="?")),
        lambda: accounts.add_organization("厂", IdDocument(kind=CodeKind.DIVISION_CODE, number="110000")),
    ]
    for act in wrong:
        with pytest.raises(ValueError, match="does not name"):
            act()


def test_nobody_is_known_better_than_a_document_says(town: Town) -> None:
    accounts = town.provider.accounts
    guest = accounts.add_person("", login="guest", password=PASSWORD)
    assert guest.level is IdentityLevel.NONE
    for level in (IdentityLevel.REAL_NAME, IdentityLevel.REAL_PERSON):
        refused("document_missing", lambda level=level: accounts.set_level(guest.id, level, reason="x"))  # type: ignore[misc]
        refused("document_missing", lambda level=level: accounts.add_person("", level=level))  # type: ignore[misc]
    with pytest.raises(ValueError, match="known one"):
        accounts.add_person("", level=IdentityLevel.UNKNOWN)


@pytest.mark.parametrize(
    "password",
    [
        "short1A",
        "alllowercase",
        "12345678901",
        "aaaaaaaaaaaaaaaa",
        "Zhang2-is-it",
        "x" * 257,
        "Aa1Aa1Aa",
        "Correct-Horse-9\0",
    ],
)
def test_a_weak_password_is_refused(town: Town, password: str) -> None:
    error = refused(
        "password_weak",
        lambda: town.provider.accounts.add_person("王五", citizen(2), login="zhang2", password=password),
    )
    assert password not in str(error.to_dict())


def test_a_password_of_the_owners_number_is_refused(town: Town) -> None:
    number = citizen(2).number
    refused(
        "password_weak",
        lambda: town.provider.accounts.add_person("王五", citizen(2), login="wang", password=f"My-{number}"),
    )


@pytest.mark.parametrize("password", ["Correct-Horse-9", "a long sentence of small letters", "四川辣椒-Hot-1"])
def test_a_password_that_will_do(town: Town, password: str) -> None:
    town.provider.accounts.add_person("王五", citizen(2), login="wang", password=password)
    service = town.service()
    sign_in = service.begin()
    assert service.complete(sign_in, callback=town.browser().sign_in(sign_in.url, login="wang", password=password))


def test_passwords_are_not_kept(town: Town) -> None:
    with town.store.read() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM identity_accounts").all())
    assert PASSWORD not in kept
    assert "$scrypt$" in kept


def test_neither_account_nor_log_shows_whose_it_is(town: Town) -> None:
    town.provider.accounts.set_state(town.zhang.id, AccountState.SUSPENDED, reason="lost phone")
    with town.store.read() as connection:
        log = str(AuditLog("identity").entries(connection))
    for secret in ("张三丰", "三丰", citizen(1).number, "zhang", "13800000000", PASSWORD):
        assert secret not in log
        assert secret not in repr(town.zhang)
    assert "lost phone" in log
    assert {"account.opened", "agent.allowed", "application.added", "account.state"} <= set(town.actions())


def test_a_closed_account_stays_closed_and_its_owner_may_open_another(town: Town) -> None:
    accounts = town.provider.accounts
    accounts.set_state(town.zhang.id, AccountState.CLOSED, reason="moved away")
    for state in AccountState:
        refused("account_closed", lambda state=state: accounts.set_state(town.zhang.id, state, reason=""))  # type: ignore[misc]
    again = accounts.add_person("张三丰", citizen(1), login="zhang", password=PASSWORD)
    assert again.id != town.zhang.id
    assert accounts.find(citizen(1)) == again


def test_agents_are_people_who_act_for_organizations(town: Town) -> None:
    accounts = town.provider.accounts
    with pytest.raises(ValueError, match="acts for a legal person"):
        accounts.allow_agent(town.zhang.id, town.mill.id, role=AgentRole.AUTHORIZED)
    accounts.withdraw_agent(town.mill.id, town.zhang.id)
    refused("agent_unknown", lambda: accounts.withdraw_agent(town.mill.id, town.zhang.id))


def test_an_account_that_is_not_there_is_told(town: Town) -> None:
    accounts = town.provider.accounts
    acts: list[Callable[[], object]] = [
        lambda: accounts.get("nobody"),
        lambda: accounts.set_level("nobody", IdentityLevel.NONE, reason=""),
        lambda: accounts.set_state("nobody", AccountState.CLOSED, reason=""),
        lambda: accounts.set_password("nobody", PASSWORD),
        lambda: accounts.allow_agent("nobody", town.zhang.id, role=AgentRole.AUTHORIZED),
    ]
    for act in acts:
        refused("account_unknown", act)


def test_who_has_no_login_name_has_no_password(town: Town) -> None:
    with pytest.raises(ValueError, match="login name"):
        town.provider.accounts.set_password(town.mill.id, PASSWORD)


def test_a_text_that_is_too_long_is_refused(town: Town) -> None:
    with pytest.raises(ValueError, match="257 characters"):
        town.provider.accounts.add_person("长" * 257)


def test_a_clock_without_a_zone_is_refused(town: Town) -> None:
    town.watch.at = town.watch.at.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        town.provider.accounts.add_person("李四", citizen(3))
