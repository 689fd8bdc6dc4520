"""Signing in, page by page, and everything that somebody else could try in between."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from egov_sdk.errors import EgovError
from egov_sdk.identity.model import AgentRole, AuthMethod, HolderKind, IdentityLevel, LegalPerson, SignIn, UserInfo
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider import AccountState, AttemptLimits, QuietBrowser
from egov_sdk.identity.provider.browser import QuietBrowser as Browser
from egov_sdk.identity.provider.steps import AskToAgree, AskToChoose, AskToSignIn, GoTo
from egov_sdk.report import Outcome
from egov_sdk.storage import verify_audit
from tests.unit.identity.provider.town import CALLBACK, NOW, PASSWORD, Town, citizen, company, query_of, refused


def enter(town: Town, browser: Browser | None = None, **wishes: object) -> UserInfo:
    """Sign Zhang in and say who it is."""
    service = town.service()
    sign_in = service.begin(**wishes)  # type: ignore[arg-type]  # each test gives what it names
    callback = (browser or town.browser()).sign_in(sign_in.url, login="zhang", password=PASSWORD)
    return service.userinfo(service.complete(sign_in, callback=callback))


def error_of(url: str) -> str:
    return query_of(url)["error"]


def page_of(browser: Browser, url: str) -> str:
    step = browser.open(url)
    assert isinstance(step, AskToSignIn)
    return step.page


def test_a_person_signs_in(town: Town) -> None:
    info = enter(town)
    assert info.holder == town.zhang.as_person()
    assert (info.assurance.level, info.assurance.method) == (IdentityLevel.REAL_NAME, AuthMethod.PASSWORD)
    assert info.assurance.authenticated_at == NOW
    assert town.actions()[-2:] == ["sign_in", "token.code"]
    with town.store.read() as connection:
        assert verify_audit(connection, "identity", at=NOW).outcome is Outcome.PASSED


def test_a_browser_that_is_signed_in_is_not_asked_again(town: Town) -> None:
    browser = town.browser()
    enter(town, browser)
    town.watch.wait(hours=1)
    step = browser.open(town.service().begin().url)
    assert isinstance(step, GoTo)
    assert enter(town, browser, prompt="none").assurance.authenticated_at == NOW


def test_a_session_ends_with_its_time_its_account_or_its_sign_out(town: Town) -> None:
    url = town.service().begin(prompt="none").url
    browser = town.browser()
    enter(town, browser)
    town.watch.wait(hours=8)
    assert error_of(step_url(browser, url)) == "login_required"
    enter(town, browser)
    assert "code" in query_of(step_url(browser, url))
    assert browser.session is not None
    town.provider.leaving.sign_out(browser.session)
    assert error_of(step_url(browser, url)) == "login_required"
    enter(town, browser)
    town.provider.accounts.set_password(town.zhang.id, "Another-Horse-8")
    assert error_of(step_url(browser, url)) == "login_required"


def step_url(browser: Browser, url: str) -> str:
    step = browser.open(url)
    assert isinstance(step, GoTo)
    return step.url


def test_nobody_is_signed_in_without_a_page_when_none_is_wanted(town: Town) -> None:
    assert error_of(step_url(town.browser(), town.service().begin(prompt="none").url)) == "login_required"


def test_prompt_login_asks_again_and_the_time_is_new(town: Town) -> None:
    browser = town.browser()
    enter(town, browser)
    town.watch.wait(minutes=5)
    assert enter(town, browser, prompt="login").assurance.authenticated_at == NOW + timedelta(minutes=5)


def test_a_sign_in_that_is_too_old_for_the_application_is_done_again(town: Town) -> None:
    browser = town.browser()
    enter(town, browser)
    town.watch.wait(seconds=61)
    url = town.service().begin().url
    assert isinstance(browser.open(url + "&max_age=61"), GoTo)
    assert isinstance(browser.open(url + "&max_age=60"), AskToSignIn)


# who is let in


WRONG = {
    "a wrong password": ("zhang", "Wrong-Horse-9"),
    "no such name": ("nobody", PASSWORD),
    "a name of odd characters": ("zh\0ang", PASSWORD),
    "an empty password": ("zhang", ""),
    "a huge password": ("zhang", PASSWORD + "x" * 10_000),
    "a name that has no password": ("helper", ""),
    "half a surrogate pair": ("zhang", "\ud800"),
}


@pytest.mark.parametrize("case", WRONG)
def test_who_is_wrong_is_not_let_in_and_is_not_told_why(town: Town, case: str) -> None:
    town.provider.accounts.add_person("", login="helper")
    login, password = WRONG[case]
    url = town.service().begin().url
    error = refused("sign_in_failed", lambda: town.browser().sign_in(url, login=login, password=password))
    assert error.message == "the name or the password is wrong"
    assert "sign_in.failed" in town.actions()


def test_a_suspended_account_is_not_told_to_those_without_its_password(town: Town) -> None:
    town.provider.accounts.set_state(town.zhang.id, AccountState.SUSPENDED, reason="x")
    url = town.service().begin().url
    refused("sign_in_failed", lambda: town.browser().sign_in(url, login="zhang", password="Wrong-Horse-9"))
    refused("account_suspended", lambda: town.browser().sign_in(url, login="zhang", password=PASSWORD))
    town.provider.accounts.set_state(town.zhang.id, AccountState.ACTIVE, reason="x")
    enter(town)


def test_a_right_password_in_other_letters_of_the_same_look_is_right(town: Town) -> None:
    url = town.service().begin().url
    wide = "".join(chr(ord(one) + 0xFEE0) if one.isalnum() else one for one in PASSWORD)
    assert "code" in query_of(town.browser().sign_in(url, login="ZHANG", password=wide))


def guess(town: Town, times: int, *, login: str = "zhang", source: str = "") -> list[str]:
    """What guesses are answered."""
    browser, problems = town.browser(source), []
    url = town.service().begin().url
    for _ in range(times):
        try:
            browser.sign_in(url, login=login, password="Wrong-Horse-9")
        except IdentityRejected as error:
            problems.append(error.problem)
    return problems


def test_guessing_is_stopped_also_for_the_right_password_until_the_time_is_over(town: Town) -> None:
    assert guess(town, 7) == ["sign_in_failed"] * 5 + ["too_many_attempts"] * 2
    error = refused("too_many_attempts", lambda: enter(town))
    assert error.detail["retry_after_s"] == 15 * 60 + 1
    town.watch.wait(minutes=14, seconds=59)
    refused("too_many_attempts", lambda: enter(town))
    town.watch.wait(seconds=1)
    enter(town)
    assert guess(town, 5) == ["sign_in_failed"] * 5


def test_names_that_nobody_has_are_counted_alike(town: Town) -> None:
    assert guess(town, 6, login="nobody") == ["sign_in_failed"] * 5 + ["too_many_attempts"]


def test_somebody_elses_guesses_do_not_lock_the_owner_out(town: Town) -> None:
    guess(town, 20, source="203.0.113.9")
    service = town.service()
    sign_in = service.begin()
    callback = town.browser("198.51.100.1").sign_in(sign_in.url, login="zhang", password=PASSWORD)
    assert service.complete(sign_in, callback=callback)


def test_guesses_from_everywhere_are_stopped_too(town: Town) -> None:
    limits = AttemptLimits(pair=3, name=6, source=100)
    town.provider = town.another_provider(attempts=limits)
    for number in range(6):
        assert guess(town, 1, source=f"203.0.113.{number}") == ["sign_in_failed"]
    assert guess(town, 1, source="203.0.113.99") == ["too_many_attempts"]


def test_one_place_that_tries_many_names_is_stopped(town: Town) -> None:
    town.provider = town.another_provider(attempts=AttemptLimits(pair=3, name=6, source=8))
    for number in range(8):
        assert guess(town, 1, login=f"name{number}", source="203.0.113.9") == ["sign_in_failed"]
    assert guess(town, 1, login="name9", source="203.0.113.9") == ["too_many_attempts"]
    assert guess(town, 1, login="name9", source="203.0.113.10") == ["sign_in_failed"]


def test_guesses_at_the_same_time_are_all_counted(busy_town: Town) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = [one for many in threads.map(lambda _: guess(busy_town, 1), range(12)) for one in many]
    assert sorted(answers) == ["sign_in_failed"] * 5 + ["too_many_attempts"] * 7


def test_a_sign_in_clears_what_was_counted(town: Town) -> None:
    for _ in range(3):
        guess(town, 4)
        enter(town)


def test_a_password_kept_at_an_old_cost_is_kept_anew(town: Town) -> None:
    from egov_sdk.identity.provider import ScryptCost

    def kept() -> str:
        with town.store.read() as connection:
            wanted = "SELECT password FROM identity_accounts WHERE login = 'zhang'"
            return str(connection.exec_driver_sql(wanted).scalar_one())

    before = kept()
    town.provider = town.another_provider(password_cost=ScryptCost(5, 8, 1))
    enter(town)
    assert before != kept()
    assert kept().startswith("$scrypt$ln=5,")
    enter(town)


# pages


def test_a_page_is_finished_in_the_browser_that_opened_it(town: Town) -> None:
    """Otherwise somebody could sign others in as himself, or finish what they began."""
    page = page_of(town.browser(), town.service().begin().url)
    for act in (
        lambda: town.provider.pages.sign_in(page, browser="another", login="zhang", password=PASSWORD),
        lambda: town.provider.pages.vouch(page, browser="another", account=town.zhang.id, method=AuthMethod.FACE),
        lambda: town.provider.pages.cancel(page, browser="another"),
        lambda: town.provider.pages.agree(page, browser="another", session=""),
        lambda: town.provider.pages.choose(page, browser="another", session="", organization=""),
        lambda: town.provider.pages.shown(page, browser="another"),
    ):
        refused("page_unknown", act)


def test_a_page_is_used_once(town: Town) -> None:
    page = page_of_browser(town, "a browser")
    pages = town.provider.pages
    assert isinstance(pages.sign_in(page, browser="a browser", login="zhang", password=PASSWORD).step, GoTo)
    refused("page_unknown", lambda: pages.sign_in(page, browser="a browser", login="zhang", password=PASSWORD))


def page_of_browser(town: Town, browser: str, **wishes: object) -> str:
    sign_in = town.service().begin(**wishes)  # type: ignore[arg-type]  # as above
    step = town.provider.pages.begin(list(query_of(sign_in.url).items()), browser=browser)
    assert isinstance(step, AskToSignIn)
    return step.page


def test_a_page_that_is_too_old_is_refused(town: Town) -> None:
    page = page_of_browser(town, "a browser")
    town.watch.wait(minutes=10)
    refused(
        "page_unknown",
        lambda: town.provider.pages.sign_in(page, browser="a browser", login="zhang", password=PASSWORD),
    )


def test_a_page_that_nobody_made_is_refused(town: Town) -> None:
    refused("page_unknown", lambda: town.provider.pages.sign_in("page", browser="b", login="zhang", password=PASSWORD))


def test_of_many_clicks_at_once_one_counts(busy_town: Town) -> None:
    page = page_of_browser(busy_town, "a browser")

    def click(_: int) -> str:
        try:
            busy_town.provider.pages.vouch(
                page, browser="a browser", account=busy_town.zhang.id, method=AuthMethod.FACE
            )
        except IdentityRejected as error:
            return error.problem
        return ""

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(click, range(6))) == ["", *["page_unknown"] * 5]


def test_who_cancels_is_sent_back_with_a_no(town: Town) -> None:
    service = town.service()
    sign_in = service.begin()
    step = town.provider.pages.begin(list(query_of(sign_in.url).items()), browser="a browser")
    assert isinstance(step, AskToSignIn)
    url = town.provider.pages.cancel(step.page, browser="a browser").url
    assert error_of(url) == "access_denied"
    error = refused("denied", lambda: service.complete(sign_in, callback=url))
    assert error.detail["error"] == "access_denied"


# levels and methods


def test_a_level_that_is_too_low_is_not_enough(town: Town) -> None:
    service = town.service()
    sign_in = service.begin(level=IdentityLevel.REAL_PERSON)
    url = town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD)
    assert error_of(url) == "unmet_authentication_requirements"
    refused("denied", lambda: service.complete(sign_in, callback=url))


def test_a_level_taken_out_of_the_address_on_the_way_is_noticed(town: Town) -> None:
    service = town.service()
    sign_in = service.begin(level=IdentityLevel.REAL_PERSON)
    weaker = "&".join(part for part in sign_in.url.split("&") if not part.startswith("acr_values"))
    callback = town.browser().sign_in(weaker, login="zhang", password=PASSWORD)
    error = refused("level_too_low", lambda: service.complete(sign_in, callback=callback))
    assert (error.detail["found"], error.detail["expected"]) == ("real_name", "real_person")


def test_a_level_never_rises_in_a_session_and_falls_at_once(town: Town) -> None:
    browser, service = town.browser(), town.service()
    sign_in = service.begin()
    session = service.complete(sign_in, callback=browser.sign_in(sign_in.url, login="zhang", password=PASSWORD))
    accounts = town.provider.accounts
    accounts.set_level(town.zhang.id, IdentityLevel.REAL_PERSON, reason="came to the office")
    assert service.userinfo(session).assurance.level is IdentityLevel.REAL_NAME
    again = service.begin(level=IdentityLevel.REAL_PERSON)
    assert isinstance(browser.open(again.url), AskToSignIn)
    assert "code" in query_of(browser.sign_in(again.url, login="zhang", password=PASSWORD))
    accounts.set_level(town.zhang.id, IdentityLevel.NONE, reason="was somebody else")
    assert service.userinfo(session).assurance.level is IdentityLevel.NONE
    renewed = service.refresh(session)
    assert renewed.assurance.level is IdentityLevel.NONE


@pytest.mark.parametrize("method", [one for one in AuthMethod if one is not AuthMethod.UNKNOWN])
def test_whom_other_code_has_recognised_is_signed_in_by_that_method(town: Town, method: AuthMethod) -> None:
    service = town.service()
    sign_in = service.begin(method=method)
    callback = town.browser().sign_in_as(sign_in.url, account=town.zhang.id, method=method)
    session = service.complete(sign_in, callback=callback)
    assert session.assurance.method is method
    assert service.userinfo(session).assurance.method is method


def test_a_method_that_was_asked_for_is_not_traded_for_another(town: Town) -> None:
    url = town.service().begin(method=AuthMethod.CERTIFICATE).url
    refused("method_unmet", lambda: town.browser().sign_in(url, login="zhang", password=PASSWORD))
    refused("method_unmet", lambda: town.browser().sign_in_as(url, account=town.zhang.id, method=AuthMethod.FACE))
    with pytest.raises(ValueError, match="recognised"):
        town.browser().sign_in_as(url, account=town.zhang.id, method=AuthMethod.UNKNOWN)


def test_a_session_of_another_method_will_not_do(town: Town) -> None:
    browser = town.browser()
    enter(town, browser)
    assert isinstance(browser.open(town.service().begin(method=AuthMethod.FACE).url), AskToSignIn)
    url = town.service().begin(method=AuthMethod.FACE, prompt="none").url
    assert error_of(step_url(browser, url)) == "login_required"


def test_an_organization_does_not_sign_in_by_itself(town: Town) -> None:
    url = town.service().begin().url
    refused(
        "account_suspended",
        lambda: town.browser().sign_in_as(url, account=town.mill.id, method=AuthMethod.CERTIFICATE),
    )


# organisations


def test_an_agent_signs_in_for_an_organization(town: Town) -> None:
    head = town.provider.accounts.add_person("王厂长", citizen(5), level=IdentityLevel.REAL_NAME)
    town.provider.accounts.allow_agent(town.mill.id, head.id, role=AgentRole.LEGAL_REPRESENTATIVE)
    info = enter(town, holder=HolderKind.LEGAL)
    assert isinstance(info.holder, LegalPerson)
    assert (info.subject, info.holder.name) == (town.mill.id, "面粉厂")
    assert info.holder.credit_code == company(1).number
    assert info.holder.agent is not None
    assert (info.holder.agent.person, info.holder.agent.role) == (town.zhang.as_person(), AgentRole.AUTHORIZED)
    assert info.holder.representative == head.as_person()


def bakery(town: Town) -> str:
    account = town.provider.accounts.add_organization("面包房", company(2))
    town.provider.accounts.allow_agent(account.id, town.zhang.id, role=AgentRole.LEGAL_REPRESENTATIVE)
    return account.id


def test_who_acts_for_several_organizations_chooses(town: Town) -> None:
    second = bakery(town)
    browser, service = town.browser(), town.service()
    sign_in = service.begin(holder=HolderKind.LEGAL)
    callback = browser.sign_in(sign_in.url, login="zhang", password=PASSWORD, organization=second)
    assert service.userinfo(service.complete(sign_in, callback=callback)).subject == second
    step = browser.open(sign_in.url)
    assert isinstance(step, AskToChoose)
    assert {name for _, name in step.organizations} == {"面粉厂", "面包房"}
    url = service.begin(holder=HolderKind.LEGAL, prompt="none").url
    assert error_of(step_url(browser, url)) == "interaction_required"


def test_nobody_acts_for_an_organization_that_did_not_allow_it(town: Town) -> None:
    bakery(town)
    stranger = town.provider.accounts.add_organization("银行", company(3))
    url = town.service().begin(holder=HolderKind.LEGAL).url
    for wanted in (stranger.id, "nobody", town.zhang.id):
        answer = town.browser().sign_in(url, login="zhang", password=PASSWORD, organization=wanted)
        assert error_of(answer) == "access_denied"


def test_who_acts_for_nobody_is_sent_back(town: Town) -> None:
    town.provider.accounts.withdraw_agent(town.mill.id, town.zhang.id)
    url = town.service().begin(holder=HolderKind.LEGAL).url
    assert error_of(town.browser().sign_in(url, login="zhang", password=PASSWORD)) == "access_denied"


def test_a_withdrawn_agent_is_out_at_once_for_the_organization_only(town: Town) -> None:
    service = town.service()
    sessions = []
    for holder in HolderKind:
        sign_in = service.begin(holder=holder)
        callback = town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD)
        sessions.append(service.complete(sign_in, callback=callback))
    town.provider.accounts.withdraw_agent(town.mill.id, town.zhang.id)
    assert service.userinfo(sessions[0]).subject == town.zhang.id
    refused("session_ended", lambda: service.userinfo(sessions[1]))


def test_an_organization_known_less_well_lowers_the_level(town: Town) -> None:
    town.provider.accounts.set_level(town.mill.id, IdentityLevel.NONE, reason="papers missing")
    url = town.service().begin(holder=HolderKind.LEGAL, level=IdentityLevel.REAL_NAME).url
    answer = town.browser().sign_in(url, login="zhang", password=PASSWORD)
    assert error_of(answer) == "unmet_authentication_requirements"
    assert enter(town, holder=HolderKind.LEGAL).assurance.level is IdentityLevel.NONE


def test_a_holder_changed_in_the_address_on_the_way_is_noticed(town: Town) -> None:
    service = town.service()
    sign_in = service.begin(holder=HolderKind.LEGAL)
    other = sign_in.url.replace("egov_holder=legal", "egov_holder=natural")
    callback = town.browser().sign_in(other, login="zhang", password=PASSWORD)
    refused("holder_mismatch", lambda: service.complete(sign_in, callback=callback))


# consent


@pytest.fixture
def asking(town: Town) -> str:
    """An application that must ask."""
    return town.provider.applications.add("商店", redirect_uris=[CALLBACK]).application.id


def test_a_person_is_asked_once_for_what_an_application_may_see(town: Town, asking: str) -> None:
    browser, service = town.browser(), town.service(asking)
    sign_in = service.begin()
    step = browser.open(sign_in.url)
    assert isinstance(step, AskToSignIn)
    enter(town, browser)
    assert error_of(step_url(browser, service.begin(prompt="none").url)) == "consent_required"
    step = browser.open(service.begin().url)
    assert isinstance(step, AskToAgree)
    assert (step.application, step.name) == ("商店", "*三丰")
    assert service.complete(sign_in, callback=browser.sign_in(sign_in.url, login="", password=""))
    assert isinstance(browser.open(service.begin().url), GoTo)


def test_more_than_was_agreed_to_is_asked_for_again(town: Town, asking: str) -> None:
    browser, service = town.browser(), town.service(asking)
    small = service.begin().url.replace("email+identity+offline_access+openid", "openid")
    browser.sign_in(small, login="zhang", password=PASSWORD)
    assert isinstance(browser.open(small), GoTo)
    assert isinstance(browser.open(service.begin().url), AskToAgree)
    before = town.provider.consents.of(town.zhang.id)
    assert isinstance(browser.open(small + "&prompt=consent"), AskToAgree)
    assert "code" in query_of(browser.sign_in(small + "&prompt=consent", login="", password=""))
    assert town.provider.consents.of(town.zhang.id) == before


def test_agreeing_without_being_signed_in_leads_back_to_the_sign_in(town: Town, asking: str) -> None:
    step = town.provider.pages.begin(list(query_of(town.service(asking).begin().url).items()), browser="b")
    assert isinstance(step, AskToSignIn)
    again = town.provider.pages.agree(step.page, browser="b", session="no session")
    assert isinstance(again, AskToSignIn)


def test_somebody_elses_session_agrees_for_nobody_but_its_owner(town: Town, asking: str) -> None:
    """Agreement is kept for whoever is signed in, and the code is that person's."""
    town.provider.accounts.add_person("李四", citizen(2), login="li", password=PASSWORD)
    li, service = town.browser(), town.service(asking)
    li.sign_in(service.begin().url, login="li", password=PASSWORD)
    zhang = town.browser()
    zhang.sign_in(town.service().begin().url, login="zhang", password=PASSWORD)
    assert isinstance(zhang.open(service.begin().url), AskToAgree)


def test_what_was_agreed_to_can_be_seen_and_taken_back(town: Town, asking: str) -> None:
    service, browser = town.service(asking), town.browser()
    sign_in = service.begin()
    kept = service.complete(sign_in, callback=browser.sign_in(sign_in.url, login="zhang", password=PASSWORD))
    other = enter(town)
    given = town.provider.consents.of(town.zhang.id)
    assert {one.application for one in given} == {asking}
    assert {one.scope for one in given} == kept.scopes
    assert town.actions().count("consent.given") == 1
    town.provider.consents.withdraw(town.zhang.id, asking)
    assert town.provider.consents.of(town.zhang.id) == ()
    refused("session_ended", lambda: service.userinfo(kept))
    assert other.subject == town.zhang.id
    assert isinstance(browser.open(service.begin().url), AskToAgree)
    refused("consent_unknown", lambda: town.provider.consents.withdraw(town.zhang.id, asking))


def two_people(town: Town) -> tuple[str, str]:
    """A session of Zhang, and one of Li, as one browser may hold them one after the other."""
    town.provider.accounts.add_person("李四", citizen(2), login="li", password=PASSWORD)
    sessions = []
    for login in ("zhang", "li"):
        page = page_of_browser(town, "b")
        sessions.append(town.provider.pages.sign_in(page, browser="b", login=login, password=PASSWORD).session)
    return sessions[0], sessions[1]


def test_one_persons_password_does_not_renew_anothers_sign_in(town: Town, asking: str) -> None:
    """Who holds an old session of Zhang must not pass a new sign-in off as his with a password of Li."""
    zhang, _ = two_people(town)
    town.watch.wait(hours=1)
    sign_in = town.service(asking).begin(prompt="login")
    step = town.provider.pages.begin(list(query_of(sign_in.url).items()), browser="b", session=zhang)
    assert isinstance(step, AskToSignIn)
    signed_in = town.provider.pages.sign_in(step.page, browser="b", login="li", password=PASSWORD)
    assert isinstance(signed_in.step, AskToAgree)
    assert isinstance(town.provider.pages.agree(step.page, browser="b", session=zhang), AskToSignIn)


def test_what_one_person_agreed_to_does_not_count_for_the_next(town: Town, asking: str) -> None:
    step = town.provider.pages.begin(list(query_of(town.service(asking).begin().url).items()), browser="b")
    assert isinstance(step, AskToSignIn)
    assert isinstance(town.provider.pages.agree(step.page, browser="b", session=""), AskToSignIn)
    signed_in = town.provider.pages.sign_in(step.page, browser="b", login="zhang", password=PASSWORD)
    assert isinstance(signed_in.step, AskToAgree)
    assert town.provider.consents.of(town.zhang.id) == ()


def test_what_has_ended_is_swept_away_as_people_sign_in(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("egov_sdk.identity.provider.signing._SWEEP_EVERY", 2)
    enter(town)
    town.watch.wait(hours=13)
    enter(town)
    with town.store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM identity_grants").scalar_one() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM identity_sessions").scalar_one() == 1


# coming back


def signed(town: Town) -> tuple[SignIn, str]:
    sign_in = town.service().begin()
    return sign_in, town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD)


MIXED: dict[str, tuple[Callable[[SignIn, str], tuple[SignIn, str]], str]] = {
    "another state": (lambda sign_in, url: (sign_in, url.replace("state=", "state=x")), "state_mismatch"),
    "no state": (lambda sign_in, url: (sign_in, url.replace("state=", "other=")), "state_mismatch"),
    "an empty state": (
        lambda sign_in, url: (sign_in, url.replace(f"state={sign_in.state}", "state=")),
        "state_mismatch",
    ),
    "another provider": (
        lambda sign_in, url: (sign_in, url.replace("id.town.example", "id.evil.example")),
        "issuer_mismatch",
    ),
    "no provider": (lambda sign_in, url: (sign_in, url.partition("&iss=")[0]), "issuer_mismatch"),
    "a parameter twice": (lambda sign_in, url: (sign_in, url + "&code=x"), "callback"),
    "no code": (lambda sign_in, url: (sign_in, url.replace("code=", "other=")), "denied"),
    "an error and a code": (lambda sign_in, url: (sign_in, url + "&error=oops"), "denied"),
    "bytes that are no text": (lambda sign_in, url: (sign_in, url + "&x=%ff"), "callback"),
    "a very long address": (lambda sign_in, url: (sign_in, url + "&x=" + "y" * 20_000), "callback"),
    "very many parameters": (lambda sign_in, url: (sign_in, url + "&x=y" * 100), "callback"),
    "another verifier": (
        lambda sign_in, url: (sign_in.model_copy(update={"code_verifier": "v" * 43}), url),
        "pkce_mismatch",
    ),
    "no verifier": (lambda sign_in, url: (sign_in.model_copy(update={"code_verifier": ""}), url), "pkce_mismatch"),
    "a verifier of other characters": (
        lambda sign_in, url: (sign_in.model_copy(update={"code_verifier": "验" * 43}), url),
        "pkce_mismatch",
    ),
    "another address": (
        lambda sign_in, url: (sign_in.model_copy(update={"redirect_uri": "https://evil.example/"}), url),
        "code_redirect",
    ),
    "too late": (
        lambda sign_in, url: (sign_in.model_copy(update={"expires_at": NOW}), url),
        "sign_in_expired",
    ),
}


@pytest.mark.parametrize("case", MIXED)
def test_an_answer_that_does_not_belong_here_is_refused(town: Town, case: str) -> None:
    change, problem = MIXED[case]
    sign_in, callback = change(*signed(town))
    refused(problem, lambda: town.service().complete(sign_in, callback=callback))


def test_another_nonce_is_refused(town: Town) -> None:
    sign_in, callback = signed(town)
    other = sign_in.model_copy(update={"nonce": "n"})
    with pytest.raises(EgovError) as caught:
        town.service().complete(other, callback=callback)
    assert caught.value.code == "egov.crypto.token.nonce"


def test_the_sign_in_of_one_browser_is_not_completed_with_the_answer_to_another(town: Town) -> None:
    """Somebody sends a victim the address that his own browser came back with (login CSRF)."""
    _, of_the_attacker = signed(town)
    refused("state_mismatch", lambda: town.service().complete(town.service().begin(), callback=of_the_attacker))


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "evil",
        "",
        "/a\nb",
        "/" + "x" * 3_000,
    ],
)
def test_the_way_back_stays_inside_the_application(town: Town, path: str) -> None:
    refused("return_to", lambda: town.service().begin(return_to=path))


@pytest.mark.parametrize("path", ["/", "/apply?step=2&next=//x", "/申请#top", "/a/../b"])
def test_a_path_of_the_application_will_do(town: Town, path: str) -> None:
    assert town.service().begin(return_to=path).return_to == path


def test_what_is_unknown_cannot_be_asked_for(town: Town) -> None:
    for wishes in ({"level": IdentityLevel.UNKNOWN}, {"method": AuthMethod.UNKNOWN}):
        with pytest.raises(ValueError, match="known"):
            town.service().begin(**wishes)


def test_each_sign_in_has_secrets_of_its_own_that_do_not_show(town: Town) -> None:
    first, second = town.service().begin(), town.service().begin()
    secrets = {first.state, first.nonce, first.code_verifier, second.state, second.nonce, second.code_verifier}
    assert len(secrets) == 6
    assert not any(secret in repr(first) for secret in (first.nonce, first.code_verifier))


def test_a_walk_that_would_need_a_page_more_is_refused(town: Town, asking: str) -> None:
    """The session that the quiet browser holds ends between two pages."""
    browser, service = town.browser(), town.service(asking)
    browser.sign_in(town.service().begin().url, login="zhang", password=PASSWORD)
    step = browser.open(service.begin().url)
    assert isinstance(step, AskToAgree)
    assert browser.session is not None
    town.provider.leaving.sign_out(browser.session)
    refused("login_required", lambda: browser._walk(step, ""))


def test_a_quiet_browser_that_is_signed_in_walks_straight_through(town: Town) -> None:
    browser = town.browser()
    enter(town, browser)
    url = town.service().begin().url
    assert "code" in query_of(browser.sign_in_as(url, account=town.zhang.id, method=AuthMethod.FACE))


def test_two_browsers_have_secrets_of_their_own(town: Town) -> None:
    first, second = QuietBrowser(town.provider), QuietBrowser(town.provider)
    page = page_of(first, town.service().begin().url)
    refused("page_unknown", lambda: town.provider.pages.shown(page, browser=second._browser))
    assert town.provider.pages.shown(page, browser=first._browser).page == page
