"""One contract, three ways: in this process, over HTTP with threads, over HTTP with tasks. Nothing else differs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import pytest

from egov_sdk.gateway import AsyncGatewayClient, GatewayClient, in_process
from egov_sdk.identity import IdentityRejected, IdentityService, Session
from egov_sdk.identity.client import AsyncIdentityClient, ClientSettings, IdentityClient
from egov_sdk.identity.local import LocalIdentityService
from egov_sdk.identity.model import (
    AuthMethod,
    HolderKind,
    IdentityLevel,
    LegalPerson,
    NaturalPerson,
    SignIn,
    Ticket,
    UserInfo,
)
from egov_sdk.identity.provider import AccountState
from egov_sdk.identity.provider.applications import NewApplication
from egov_sdk.identity.provider.asgi import ProviderApp
from egov_sdk.identity.service import Prompt
from tests.unit.identity.provider.town import CALLBACK, ISSUER, PASSWORD, Town

T = TypeVar("T")
SCOPES = frozenset({"openid", "profile", "identity", "organization", "offline_access"})


def _now(awaited: Coroutine[object, object, T]) -> T:
    return asyncio.run(awaited)


@dataclass
class Awaited:
    """The tasks' client, each of its operations awaited on the spot."""

    make: Callable[[], AsyncIdentityClient]

    def begin(
        self,
        *,
        return_to: str = "/",
        level: IdentityLevel = IdentityLevel.NONE,
        method: AuthMethod | None = None,
        holder: HolderKind = HolderKind.NATURAL,
        prompt: Prompt | None = None,
    ) -> SignIn:
        return _now(self.make().begin(return_to=return_to, level=level, method=method, holder=holder, prompt=prompt))

    def complete(self, sign_in: SignIn, *, callback: str) -> Session:
        return _now(self.make().complete(sign_in, callback=callback))

    def userinfo(self, session: Session) -> UserInfo:
        return _now(self.make().userinfo(session))

    def refresh(self, session: Session) -> Session:
        return _now(self.make().refresh(session))

    def logout(self, session: Session, *, return_to: str = "") -> str:
        return _now(self.make().logout(session, return_to=return_to))

    def issue_ticket(self, session: Session, *, audience: str) -> Ticket:
        return _now(self.make().issue_ticket(session, audience=audience))

    def redeem_ticket(self, ticket: str) -> Session:
        return _now(self.make().redeem_ticket(ticket))


@dataclass
class Hall:
    """Two applications of one provider, each as a service of one kind."""

    town: Town
    here: IdentityService
    there: IdentityService
    third: IdentityService
    there_id: str

    def signed_in(self, **wishes: object) -> Session:
        sign_in = self.here.begin(**wishes)  # type: ignore[arg-type]  # each test gives what it names
        return self.here.complete(sign_in, callback=self.back(sign_in))

    def back(self, sign_in: SignIn, *, login: str = "zhang") -> str:
        return self.town.browser().sign_in(sign_in.url, login=login, password=PASSWORD)


def _local(town: Town, new: NewApplication) -> IdentityService:
    return LocalIdentityService(town.provider, application=new.application.id)


def _settings(new: NewApplication) -> ClientSettings:
    return ClientSettings(
        client_id=new.application.id, redirect_uri=CALLBACK, secret=new.secret, issuer=ISSUER, scopes=SCOPES
    )


def _threads(town: Town, new: NewApplication) -> IdentityService:
    gateway = GatewayClient(ISSUER, transport=in_process.transport(ProviderApp(town.provider)), breaker=None)
    return IdentityClient(gateway, settings=_settings(new), clock=town.watch)


def _tasks(town: Town, new: NewApplication) -> IdentityService:
    def make() -> AsyncIdentityClient:
        app = httpx.ASGITransport(ProviderApp(town.provider))
        gateway = AsyncGatewayClient(ISSUER, transport=app, breaker=None)
        return AsyncIdentityClient(gateway, settings=_settings(new), clock=town.watch)

    return Awaited(make)


KINDS = {"local": _local, "threads": _threads, "tasks": _tasks}


@pytest.fixture(params=KINDS)
def hall(request: pytest.FixtureRequest) -> Iterator[Hall]:
    town, kind = Town.at(), KINDS[request.param]
    add = town.provider.applications.add
    there = add("某市档案", redirect_uris=[CALLBACK], consent="implied")
    third = add("某市税务", redirect_uris=[CALLBACK], consent="implied")
    here = add("某市大厅", redirect_uris=[CALLBACK], consent="implied", may_enter=[there.application.id])
    yield Hall(town, kind(town, here), kind(town, there), kind(town, third), there.application.id)
    town.store.close()


def refused(problem: str, act: Callable[[], object]) -> None:
    with pytest.raises(IdentityRejected) as caught:
        act()
    assert caught.value.code == f"egov.identity.{problem}"


def test_a_person_signs_in_and_is_who_the_register_says(hall: Hall) -> None:
    session = hall.signed_in(level=IdentityLevel.REAL_NAME)
    assert session.subject == hall.town.zhang.id
    assert session.issuer == ISSUER
    assert session.assurance.level is IdentityLevel.REAL_NAME
    assert session.assurance.method is AuthMethod.PASSWORD
    assert session.expires_at is not None
    assert session.expires_at > hall.town.watch.at
    user = hall.here.userinfo(session)
    assert isinstance(user.holder, NaturalPerson)
    assert user.holder.name == "张三丰"
    assert user.holder.document == hall.town.zhang.document
    assert user.subject == session.subject


def test_somebody_signs_in_for_an_organisation(hall: Hall) -> None:
    sign_in = hall.here.begin(holder=HolderKind.LEGAL)
    callback = hall.town.browser().sign_in(
        sign_in.url, login="zhang", password=PASSWORD, organization=hall.town.mill.id
    )
    user = hall.here.userinfo(hall.here.complete(sign_in, callback=callback))
    assert isinstance(user.holder, LegalPerson)
    assert user.holder.credit_code
    assert user.holder.agent is not None
    assert user.holder.agent.person.subject == hall.town.zhang.id


def test_a_level_above_the_account_s_is_refused_at_the_platform(hall: Hall) -> None:
    sign_in = hall.here.begin(level=IdentityLevel.REAL_PERSON)
    refused("denied", lambda: hall.here.complete(sign_in, callback=hall.back(sign_in)))


def test_a_wish_rewritten_on_the_way_is_noticed(hall: Hall) -> None:
    sign_in = hall.here.begin(level=IdentityLevel.REAL_PERSON)
    lowered = sign_in.url.replace("real_person", "real_name")
    assert lowered != sign_in.url
    callback = hall.town.browser().sign_in(lowered, login="zhang", password=PASSWORD)
    refused("level_too_low", lambda: hall.here.complete(sign_in, callback=callback))


def test_the_answer_to_one_sign_in_does_not_finish_another(hall: Hall) -> None:
    first, second = hall.here.begin(), hall.here.begin()
    callback = hall.back(first)
    refused("state_mismatch", lambda: hall.here.complete(second, callback=callback))
    stolen = callback.replace(first.state, second.state)
    refused("pkce_mismatch", lambda: hall.here.complete(second, callback=stolen))


def test_a_code_is_good_once_and_its_second_use_ends_the_first(hall: Hall) -> None:
    sign_in = hall.here.begin()
    callback = hall.back(sign_in)
    session = hall.here.complete(sign_in, callback=callback)
    refused("code_replayed", lambda: hall.here.complete(sign_in, callback=callback))
    refused("session_ended", lambda: hall.here.userinfo(session))


def test_a_code_of_another_application_is_refused(hall: Hall) -> None:
    sign_in = hall.here.begin()
    refused("code_application", lambda: hall.there.complete(sign_in, callback=hall.back(sign_in)))


def test_a_code_and_a_sign_in_that_took_too_long_are_refused(hall: Hall) -> None:
    sign_in = hall.here.begin()
    callback = hall.back(sign_in)
    hall.town.watch.wait(seconds=61)
    refused("code_expired", lambda: hall.here.complete(sign_in, callback=callback))
    late = hall.here.begin()
    callback = hall.back(late)
    hall.town.watch.wait(hours=1)
    refused("sign_in_expired", lambda: hall.here.complete(late, callback=callback))


def test_the_way_back_stays_in_the_application(hall: Hall) -> None:
    assert hall.here.begin(return_to="/apply?step=2").return_to == "/apply?step=2"
    for path in ("https://evil.example/", "//evil.example", "/\\evil.example", ""):
        refused("return_to", lambda path=path: hall.here.begin(return_to=path))  # type: ignore[misc]  # bound here


def test_a_no_of_the_person_is_a_no(hall: Hall) -> None:
    sign_in = hall.here.begin()
    callback = f"{CALLBACK}?error=access_denied&state={sign_in.state}&iss={ISSUER}"
    refused("denied", lambda: hall.here.complete(sign_in, callback=callback))
    mixed = f"{CALLBACK}?code=x&state={sign_in.state}&iss=https://other.example"
    refused("issuer_mismatch", lambda: hall.here.complete(sign_in, callback=mixed))


def test_nobody_is_asked_where_no_page_may_be_shown(hall: Hall) -> None:
    sign_in = hall.here.begin(prompt="none")
    step = hall.town.browser().open(sign_in.url)
    url = getattr(step, "url", "")
    assert urlsplit(url).path == urlsplit(CALLBACK).path
    refused("denied", lambda: hall.here.complete(sign_in, callback=url))


def test_a_refresh_gives_new_tokens_and_the_old_one_is_good_no_more(hall: Hall) -> None:
    session = hall.signed_in()
    renewed = hall.here.refresh(session)
    assert renewed.subject == session.subject
    assert renewed.access_token != session.access_token
    assert hall.here.userinfo(renewed).subject == session.subject
    refused("refresh_reused", lambda: hall.here.refresh(session))
    refused("session_ended", lambda: hall.here.userinfo(renewed))
    refused("refresh_unknown", lambda: hall.here.refresh(session.model_copy(update={"refresh_token": ""})))


def test_a_session_ends_by_itself_and_by_leaving(hall: Hall) -> None:
    session = hall.signed_in()
    hall.here.logout(session)
    refused("session_ended", lambda: hall.here.userinfo(session))
    other = hall.signed_in()
    hall.town.watch.wait(minutes=16)
    refused("session_ended", lambda: hall.here.userinfo(other))


def test_a_ticket_carries_a_person_to_the_application_that_it_is_for_once(hall: Hall) -> None:
    session = hall.signed_in(level=IdentityLevel.REAL_NAME)
    ticket = hall.here.issue_ticket(session, audience=hall.there_id)
    assert ticket.audience == hall.there_id
    taken = hall.there.redeem_ticket(ticket.value)
    assert taken.subject == session.subject
    assert taken.assurance.level is IdentityLevel.REAL_NAME
    assert hall.there.userinfo(taken).subject == session.subject
    refused("ticket_replayed", lambda: hall.there.redeem_ticket(ticket.value))
    refused("session_ended", lambda: hall.there.userinfo(taken))


def test_a_ticket_for_another_service_is_refused(hall: Hall) -> None:
    session = hall.signed_in()
    ticket = hall.here.issue_ticket(session, audience=hall.there_id)
    refused("ticket_audience", lambda: hall.third.redeem_ticket(ticket.value))
    refused("ticket_refused", lambda: hall.here.issue_ticket(session, audience="nobody"))
    refused("ticket_unknown", lambda: hall.there.redeem_ticket("made-up"))
    late = hall.here.issue_ticket(session, audience=hall.there_id)
    hall.town.watch.wait(seconds=61)
    refused("ticket_expired", lambda: hall.there.redeem_ticket(late.value))


def test_an_account_that_was_suspended_is_signed_in_nowhere(hall: Hall) -> None:
    session = hall.signed_in()
    hall.town.provider.accounts.set_state(hall.town.zhang.id, AccountState.SUSPENDED, reason="test")
    refused("session_ended", lambda: hall.here.userinfo(session))
    with pytest.raises(IdentityRejected):
        hall.here.refresh(session)


def test_an_account_whose_level_was_lowered_is_known_less_well_at_once(hall: Hall) -> None:
    session = hall.signed_in(level=IdentityLevel.REAL_NAME)
    hall.town.provider.accounts.set_level(hall.town.zhang.id, IdentityLevel.NONE, reason="test")
    assert hall.here.userinfo(session).assurance.level is IdentityLevel.NONE
    session = hall.here.refresh(session)
    assert session.assurance.level is IdentityLevel.NONE
    hall.town.provider.accounts.set_level(hall.town.zhang.id, IdentityLevel.REAL_PERSON, reason="test")
    assert hall.here.userinfo(session).assurance.level is IdentityLevel.REAL_NAME


def test_unknown_is_nothing_to_ask_for(hall: Hall) -> None:
    with pytest.raises(ValueError, match="known"):
        hall.here.begin(level=IdentityLevel.UNKNOWN)
    with pytest.raises(ValueError, match="known"):
        hall.here.begin(method=AuthMethod.UNKNOWN)
