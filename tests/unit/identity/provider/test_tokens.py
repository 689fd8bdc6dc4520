"""Codes, tokens, tickets: each is used once, by whom it was made for, in time; otherwise what came of it ends."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote

import pytest

from egov_sdk.crypto.jose import ExpectedClaims, KeySet, TokenKey, load_jwks, sign_token, verify_token
from egov_sdk.identity.model import IdentityLevel, Session, Ticket
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider import AccountState
from egov_sdk.identity.provider.applications import Application, NewApplication
from egov_sdk.identity.provider.tokens import EXCHANGE_GRANT, TICKET_GRANT, TICKET_TYPE
from tests.unit.identity.provider.town import CALLBACK, ISSUER, NOW, PASSWORD, Town, query_of, refused
from tests.world import seeded

VERIFIER = "v" * 43


def coded(town: Town, application: str = "") -> tuple[str, str]:
    """A code and the verifier that belongs to it."""
    sign_in = town.service(application).begin()
    url = town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD)
    return query_of(url)["code"], sign_in.code_verifier


def redeem(town: Town, code: str, verifier: str, application: Application | None = None) -> object:
    app = application or town.county.application
    return town.provider.tokens.redeem_code(app, code, redirect_uri=CALLBACK, verifier=verifier)


def session(town: Town, application: str = "") -> Session:
    service = town.service(application)
    sign_in = service.begin()
    return service.complete(sign_in, callback=town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD))


def test_a_code_is_used_once_and_what_came_of_it_ends_when_it_comes_again(town: Town) -> None:
    service = town.service()
    sign_in = service.begin()
    callback = town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD)
    first = service.complete(sign_in, callback=callback)
    assert service.userinfo(first)
    refused("code_replayed", lambda: service.complete(sign_in, callback=callback))
    refused("session_ended", lambda: service.userinfo(first))
    refused("session_ended", lambda: service.refresh(first))
    assert town.actions()[-1] == "grant.stolen"


def test_of_many_who_use_a_code_at_once_at_most_one_gets_tokens(busy_town: Town) -> None:
    code, verifier = coded(busy_town)

    def use(_: int) -> str:
        try:
            redeem(busy_town, code, verifier)
        except IdentityRejected as error:
            return error.problem
        return ""

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(use, range(6))) == ["", *["code_replayed"] * 5]


def test_a_code_runs_out(town: Town) -> None:
    code, verifier = coded(town)
    town.watch.wait(seconds=60)
    refused("code_expired", lambda: redeem(town, code, verifier))
    refused("code_replayed", lambda: redeem(town, code, verifier))


def other(town: Town, **changes: object) -> NewApplication:
    given: dict[str, object] = {"redirect_uris": [CALLBACK], "consent": "implied"}
    return town.provider.applications.add("别的应用", **(given | changes))  # type: ignore[arg-type]  # as named


def test_a_code_for_another_application_is_refused_and_used_up(town: Town) -> None:
    code, verifier = coded(town)
    refused("code_application", lambda: redeem(town, code, verifier, other(town).application))
    refused("code_replayed", lambda: redeem(town, code, verifier))


BAD_CODES: dict[str, tuple[Callable[[Town, str, str], object], str]] = {
    "another code": (lambda town, code, verifier: redeem(town, code[:-1], verifier), "code_unknown"),
    "an empty code": (lambda town, code, verifier: redeem(town, "", verifier), "code_unknown"),
    "half a surrogate pair": (lambda town, code, verifier: redeem(town, "\udc00", verifier), "code_unknown"),
    "another verifier": (lambda town, code, verifier: redeem(town, code, VERIFIER), "pkce_mismatch"),
    "the challenge as verifier": (lambda town, code, verifier: redeem(town, code, ""), "pkce_mismatch"),
    "another address": (
        lambda town, code, verifier: town.provider.tokens.redeem_code(
            town.county.application, code, redirect_uri=CALLBACK + "/x", verifier=verifier
        ),
        "code_redirect",
    ),
    "a code as a ticket": (
        lambda town, code, verifier: town.provider.tokens.redeem_ticket(town.county.application, code),
        "ticket_unknown",
    ),
    "a code as a refresh token": (
        lambda town, code, verifier: town.provider.tokens.refresh(town.county.application, code),
        "refresh_unknown",
    ),
    "a code as an access token": (lambda town, code, verifier: town.provider.tokens.userinfo(code), "session_ended"),
}


@pytest.mark.parametrize("case", BAD_CODES)
def test_a_code_that_does_not_fit_is_refused(town: Town, case: str) -> None:
    act, problem = BAD_CODES[case]
    code, verifier = coded(town)
    refused(problem, lambda: act(town, code, verifier))


def test_a_code_of_an_account_that_has_been_suspended_is_void(town: Town) -> None:
    code, verifier = coded(town)
    town.provider.accounts.set_state(town.zhang.id, AccountState.SUSPENDED, reason="x")
    refused("session_ended", lambda: redeem(town, code, verifier))


def test_a_code_of_an_application_that_has_been_closed_is_void(town: Town) -> None:
    code, verifier = coded(town)
    town.provider.applications.close(town.app)
    with pytest.raises(IdentityRejected):
        redeem(town, code, verifier)


# staying signed in


def test_a_session_is_refreshed_and_the_tokens_before_are_void(town: Town) -> None:
    service = town.service()
    first = session(town)
    town.watch.wait(minutes=10)
    second = service.refresh(first)
    assert second.subject == first.subject
    assert second.expires_at == NOW + timedelta(minutes=25)
    assert second.refresh_expires_at == first.refresh_expires_at
    assert second.assurance.authenticated_at == NOW
    refused("session_ended", lambda: service.userinfo(first))
    assert service.userinfo(second).subject == town.zhang.id


def test_a_refresh_token_that_comes_twice_ends_everything(town: Town) -> None:
    service = town.service()
    first = session(town)
    second = service.refresh(first)
    refused("refresh_reused", lambda: service.refresh(first))
    refused("session_ended", lambda: service.userinfo(second))
    refused("session_ended", lambda: service.refresh(second))
    assert "grant.stolen" in town.actions()


def test_of_many_who_refresh_at_once_one_gets_tokens(busy_town: Town) -> None:
    first, service = session(busy_town), busy_town.service()

    def use(_: int) -> str:
        try:
            service.refresh(first)
        except IdentityRejected as error:
            return error.problem
        return ""

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(use, range(6))) == ["", *["refresh_reused"] * 5]


def test_refreshing_ends_with_the_time_of_the_sign_in(town: Town) -> None:
    service = town.service()
    kept = session(town)
    for _ in range(11):
        town.watch.wait(hours=1)
        kept = service.refresh(kept)
    town.watch.wait(minutes=50)
    kept = service.refresh(kept)
    assert kept.expires_at == NOW + timedelta(hours=12)
    town.watch.wait(minutes=10)
    refused("refresh_unknown", lambda: service.refresh(kept))
    refused("session_ended", lambda: service.userinfo(kept))


def test_another_application_cannot_refresh(town: Town) -> None:
    kept = session(town)
    thief = other(town).application
    refused("refresh_unknown", lambda: town.provider.tokens.refresh(thief, kept.refresh_token))
    refused("session_ended", lambda: town.service().userinfo(kept))


def test_without_the_scope_for_it_nobody_stays_signed_in(town: Town) -> None:
    small = other(town, scopes=["profile"]).application.id
    kept = session(town, small)
    assert kept.refresh_token == ""
    made = other(town, scopes=["profile"])
    code, verifier = coded(town, made.application.id)
    answer = town.provider.tokens.answer(
        {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier},
        authorization=basic(made.application.id, made.secret),
    )
    assert "refresh_token" not in answer
    refused("refresh_unknown", lambda: town.service(small).refresh(kept))


def test_an_access_token_runs_out(town: Town) -> None:
    service = town.service()
    kept = session(town)
    assert not kept.is_expired(town.watch.at)
    town.watch.wait(minutes=15)
    assert kept.is_expired(town.watch.at)
    refused("session_ended", lambda: service.userinfo(kept))
    assert service.refresh(kept)


ENDS: dict[str, Callable[[Town, Session], object]] = {
    "signing out": lambda town, kept: town.service().logout(kept),
    "revoking": lambda town, kept: town.provider.tokens.revoke(town.county.application, kept.access_token),
    "revoking by the refresh token": lambda town, kept: town.provider.tokens.revoke(
        town.county.application, kept.refresh_token
    ),
    "suspending": lambda town, kept: town.provider.accounts.set_state(
        town.zhang.id, AccountState.SUSPENDED, reason="x"
    ),
    "closing the account": lambda town, kept: town.provider.accounts.set_state(
        town.zhang.id, AccountState.CLOSED, reason="x"
    ),
    "a new password": lambda town, kept: town.provider.accounts.set_password(town.zhang.id, "Another-Horse-8"),
    "closing the application": lambda town, kept: town.provider.applications.close(town.app),
}


@pytest.mark.parametrize("case", ENDS)
def test_what_ends_a_session_ends_it_at_once(town: Town, case: str) -> None:
    kept, service = session(town), town.service()
    ENDS[case](town, kept)
    refused("session_ended", lambda: service.userinfo(kept))
    with pytest.raises(IdentityRejected):
        service.refresh(kept)


def test_signing_out_ends_every_application_that_was_entered_from_that_browser_and_no_other(town: Town) -> None:
    second = other(town).application.id
    here, elsewhere = town.browser(), town.browser()
    kept = []
    for browser, application in ((here, town.app), (here, second), (elsewhere, second)):
        service = town.service(application)
        sign_in = service.begin()
        kept.append(service.complete(sign_in, callback=browser.sign_in(sign_in.url, login="zhang", password=PASSWORD)))
    town.service().logout(kept[0])
    refused("session_ended", lambda: town.service(second).userinfo(kept[1]))
    assert town.service(second).userinfo(kept[2])


def test_signing_out_leads_only_where_the_application_said(town: Town) -> None:
    kept, service = session(town), town.service()
    refused("logout_uri", lambda: service.logout(kept, return_to="https://evil.example/"))
    assert service.userinfo(kept)
    assert service.logout(kept, return_to="https://app.town.example/bye") == "https://app.town.example/bye"
    assert service.logout(kept) == ""


def test_another_application_revokes_nothing(town: Town) -> None:
    kept = session(town)
    town.provider.tokens.revoke(other(town).application, kept.access_token)
    town.provider.tokens.revoke(town.county.application, "no token")
    assert town.service().userinfo(kept)


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_an_account_that_is_not_open_is_served_nothing_whatever_tokens_say(town: Town, state: str) -> None:
    """Suspending ends all tokens; one that was made at the very same moment is of no use either."""
    kept = session(town)
    with town.store.write() as connection:
        connection.exec_driver_sql(f"UPDATE identity_accounts SET state = '{state}'")
    refused("session_ended", lambda: town.service().userinfo(kept))
    refused("session_ended", lambda: town.service().refresh(kept))


def test_signing_out_with_a_token_that_nobody_knows_changes_nothing(town: Town) -> None:
    kept = session(town)
    town.provider.tokens.sign_out("no token")
    assert town.service().userinfo(kept)


def test_only_digests_of_secrets_are_kept(town: Town) -> None:
    kept = session(town)
    code, _ = coded(town)
    with town.store.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        everything = str([connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables])
    for secret in (kept.access_token, kept.refresh_token, kept.id_token, code, town.county.secret):
        assert secret not in everything
        assert secret not in repr((kept, town.county))


def test_what_has_ended_is_swept_away(town: Town) -> None:
    kept = session(town)
    assert town.provider.sweep() == 0
    assert town.service().userinfo(kept)
    town.watch.wait(hours=12)
    assert town.provider.sweep() == 2
    with town.store.read() as connection:
        for name in ("sessions", "grants", "codes", "tokens", "attempts"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM identity_{name}").scalar_one() == 0
    refused("session_ended", lambda: town.service().userinfo(kept))


# what tokens say


def test_an_id_token_says_who_for_whom_and_how_and_nothing_more(town: Town) -> None:
    kept = session(town)
    keys = load_jwks(town.provider.jwks())
    expected = ExpectedClaims(issuer=ISSUER, audience=town.app)
    verified = verify_token(kept.id_token, keys, algorithms=["SGD_SM3_SM2"], expected=expected, at=NOW)
    assert set(verified.claims) == {
        "sub", "acr", "amr", "auth_time", "egov_level", "egov_method", "egov_holder",
        "iss", "aud", "iat", "exp", "at_hash", "nonce",
    }  # fmt: skip
    assert verified.claims["amr"] == ["pwd"]
    assert verified.expires_at == NOW + timedelta(minutes=5)


def test_stock_applications_get_es256_from_an_issuer_of_their_own(town: Town) -> None:
    stock = other(town, algorithm="ES256").application.id
    kept = session(town, stock)
    assert kept.issuer == ISSUER + "/stock"
    keys = load_jwks(town.provider.jwks(stock=True))
    assert [key.kind for key in keys] == ["p256"]
    expected = ExpectedClaims(issuer=ISSUER + "/stock", audience=stock)
    assert verify_token(kept.id_token, keys, algorithms=["ES256"], expected=expected, at=NOW).subject == town.zhang.id


def test_an_application_sees_what_its_scopes_say(town: Town) -> None:
    seen = {
        "openid": set(),
        "profile": {"name", "gender", "birthdate"},
        "phone": {"phone_number"},
        "identity": {"egov_document"},
        "organization": set(),
    }
    always = {"sub", "egov_holder", "acr", "amr", "auth_time", "egov_level", "egov_method"}
    for scope, names in seen.items():
        small = other(town, scopes=[scope]).application.id
        claims = town.provider.tokens.userinfo(session(town, small).access_token)
        assert set(claims) == always | names, scope


# tickets


@pytest.fixture
def hall(town: Town) -> Application:
    """Another application, into which the county may hand people over."""
    made = other(town).application
    town.provider.applications.change(
        Application(
            id=town.app,
            name="县政务服务",
            redirect_uris=frozenset({CALLBACK}),
            consent="implied",
            may_enter=frozenset({made.id}),
        )
    )
    return made


def ticket(town: Town, hall: Application) -> Ticket:
    return town.service().issue_ticket(session(town), audience=hall.id)


def test_a_ticket_takes_a_person_into_another_application(town: Town, hall: Application) -> None:
    made = ticket(town, hall)
    assert made.value not in repr(made)
    service = town.service(hall.id)
    kept = service.redeem_ticket(made.value)
    info = service.userinfo(kept)
    assert info.subject == town.zhang.id
    assert info.assurance.authenticated_at == NOW
    assert info.assurance.level is IdentityLevel.REAL_NAME


def test_a_ticket_is_used_once_and_what_came_of_it_ends_when_it_comes_again(town: Town, hall: Application) -> None:
    made, service = ticket(town, hall), town.service(hall.id)
    kept = service.redeem_ticket(made.value)
    refused("ticket_replayed", lambda: service.redeem_ticket(made.value))
    refused("session_ended", lambda: service.userinfo(kept))


def test_a_ticket_for_another_application_is_refused_and_used_up(town: Town, hall: Application) -> None:
    made, third = ticket(town, hall), other(town).application.id
    refused("ticket_audience", lambda: town.service(third).redeem_ticket(made.value))
    refused("ticket_replayed", lambda: town.service(hall.id).redeem_ticket(made.value))


def test_a_ticket_runs_out(town: Town, hall: Application) -> None:
    made = ticket(town, hall)
    town.watch.wait(seconds=60)
    refused("ticket_expired", lambda: town.service(hall.id).redeem_ticket(made.value))


def test_a_ticket_is_no_longer_good_when_the_session_behind_it_has_ended(town: Town, hall: Application) -> None:
    kept = session(town)
    made = town.service().issue_ticket(kept, audience=hall.id)
    town.service().logout(kept)
    refused("session_ended", lambda: town.service(hall.id).redeem_ticket(made.value))
    refused("session_ended", lambda: town.service().issue_ticket(kept, audience=hall.id))


def test_nobody_is_handed_over_where_that_was_not_allowed(town: Town, hall: Application) -> None:
    kept = session(town)
    for audience in (other(town).application.id, "nobody", town.app, ""):
        refused("ticket_refused", lambda audience=audience: town.service().issue_ticket(kept, audience=audience))  # type: ignore[misc]
    there = town.service(hall.id).redeem_ticket(ticket(town, hall).value)
    refused("ticket_refused", lambda: town.service(hall.id).issue_ticket(there, audience=town.app))


def test_nobody_is_handed_over_to_an_application_that_was_closed(town: Town, hall: Application) -> None:
    kept = session(town)
    town.provider.applications.close(hall.id)
    refused("ticket_refused", lambda: town.service().issue_ticket(kept, audience=hall.id))


def test_an_application_that_must_ask_is_entered_only_by_those_who_have_agreed(town: Town, hall: Application) -> None:
    asking = other(town, consent="ask").application
    application = town.provider.applications.get(town.app)
    town.provider.applications.change(
        Application(
            id=application.id,
            name=application.name,
            redirect_uris=application.redirect_uris,
            consent="implied",
            may_enter=frozenset({asking.id}),
        )
    )
    refused("ticket_refused", lambda: ticket(town, asking))
    session(town, asking.id)
    assert town.service(asking.id).redeem_ticket(ticket(town, asking).value).subject == town.zhang.id


def test_a_session_entered_by_ticket_does_not_outlast_the_one_before(town: Town, hall: Application) -> None:
    kept = session(town)
    town.watch.wait(minutes=10)
    there = town.service(hall.id).redeem_ticket(town.service().issue_ticket(kept, audience=hall.id).value)
    assert there.refresh_expires_at == kept.refresh_expires_at


def test_an_application_makes_tickets_of_its_own_tokens_only(town: Town, hall: Application) -> None:
    kept = session(town, hall.id)
    refused("session_ended", lambda: town.service().issue_ticket(kept, audience=hall.id))


# the endpoint


def form(town: Town, **changes: str | None) -> dict[str, str]:
    code, verifier = coded(town)
    good: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()).decode()


def test_the_endpoint_answers_as_the_standard_says(town: Town) -> None:
    header = basic(town.app, town.county.secret)
    answer = town.provider.tokens.answer(form(town), authorization=header)
    assert set(answer) == {
        "access_token", "token_type", "expires_in", "scope", "id_token", "refresh_token", "refresh_expires_in",
    }  # fmt: skip
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 900)
    again = {"grant_type": "refresh_token", "refresh_token": str(answer["refresh_token"])}
    assert town.provider.tokens.answer(again, authorization=header)["access_token"] != answer["access_token"]


def test_the_endpoint_gives_tickets_and_takes_them(town: Town) -> None:
    there = other(town, authentication="client_secret_post")
    here = other(town, may_enter=[there.application.id])
    kept = session(town, here.application.id)
    asked = {
        "grant_type": EXCHANGE_GRANT,
        "subject_token": kept.access_token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "requested_token_type": TICKET_TYPE,
        "audience": there.application.id,
    }
    answer = town.provider.tokens.answer(asked, authorization=basic(here.application.id, here.secret))
    assert (answer["issued_token_type"], answer["token_type"], answer["expires_in"]) == (TICKET_TYPE, "N_A", 60)
    proof = {"client_id": there.application.id, "client_secret": there.secret}
    handed = {"grant_type": TICKET_GRANT, "ticket": str(answer["access_token"])}
    assert "access_token" in town.provider.tokens.answer(handed | proof)
    for name in ("subject_token_type", "requested_token_type"):
        refused(
            "request",
            lambda name=name: town.provider.tokens.answer(  # type: ignore[misc]
                asked | {name: "other"}, authorization=basic(here.application.id, here.secret)
            ),
        )


INCOMPLETE: dict[str, tuple[dict[str, str | None], str]] = {
    "no grant type": ({"grant_type": None}, "grant_type"),
    "a password": ({"grant_type": "password", "username": "zhang"}, "grant_type"),
    "no code": ({"code": None}, "request"),
    "no address": ({"redirect_uri": None}, "request"),
    "no verifier": ({"code_verifier": None}, "request"),
    "an empty verifier": ({"code_verifier": ""}, "request"),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_an_incomplete_request_is_refused(town: Town, case: str) -> None:
    changes, problem = INCOMPLETE[case]
    header = basic(town.app, town.county.secret)
    refused(problem, lambda: town.provider.tokens.answer(form(town, **changes), authorization=header))


def good_header(town: Town) -> str:
    return basic(town.app, town.county.secret)


def closed(town: Town) -> str:
    town.provider.applications.close(town.app)
    return good_header(town)


def renewed(town: Town) -> str:
    old = good_header(town)
    town.provider.applications.renew_secret(town.app)
    return old


UNPROVEN: dict[str, Callable[[Town], tuple[dict[str, str], str | None]]] = {
    "nothing": lambda town: ({}, None),
    "the name alone": lambda town: ({"client_id": town.app}, None),
    "another secret": lambda town: ({}, basic(town.app, "x" * 43)),
    "an empty secret": lambda town: ({}, basic(town.app, "")),
    "another name": lambda town: ({}, basic("nobody", town.county.secret)),
    "two names": lambda town: ({"client_id": "other"}, good_header(town)),
    "two proofs": lambda town: ({"client_id": town.app, "client_secret": town.county.secret}, good_header(town)),
    "the secret in the form": lambda town: ({"client_id": town.app, "client_secret": town.county.secret}, None),
    "no colon": lambda town: ({}, "Basic " + base64.b64encode(b"abc").decode()),
    "no base64": lambda town: ({}, "Basic ???"),
    "no text": lambda town: ({}, "Basic " + base64.b64encode(b"\xff:\xff").decode()),
    "another scheme": lambda town: ({}, "Digest abc"),
    "an empty header": lambda town: ({}, ""),
    "a closed application": lambda town: ({}, closed(town)),
    "an old secret": lambda town: ({}, renewed(town)),
}


@pytest.mark.parametrize("case", UNPROVEN)
def test_an_application_that_does_not_prove_itself_gets_nothing_and_learns_nothing(town: Town, case: str) -> None:
    given = form(town)
    proof, header = UNPROVEN[case](town)
    error = refused("application_proof", lambda: town.provider.tokens.answer(given | proof, authorization=header))
    assert town.county.secret not in str(error.to_dict())


def test_a_renewed_secret_is_good(town: Town) -> None:
    new = town.provider.applications.renew_secret(town.app)
    assert new.secret != town.county.secret
    assert town.provider.tokens.answer(form(town), authorization=basic(town.app, new.secret))


def test_a_program_without_a_secret_proves_itself_by_the_verifier_alone(town: Town) -> None:
    public = other(town, authentication="none")
    assert public.secret == ""
    code, verifier = coded(town, public.application.id)
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
        "client_id": public.application.id,
    }
    refused(
        "application_proof", lambda: town.provider.tokens.answer(given | {"client_secret": "x"}, authorization=None)
    )
    assert town.provider.tokens.answer(given)["access_token"]


# proof by the application's own key

KEY = TokenKey.generate("SGD_SM3_SM2", key_id="app", random=seeded("the application's key"))
STRANGER = TokenKey.generate("SGD_SM3_SM2", key_id="app", random=seeded("another key"))
P256 = TokenKey.generate("ES256", key_id="p256", random=seeded("a P-256 key"))


@pytest.fixture
def proven(town: Town) -> Application:
    """An application that proves itself with its key."""
    keys = KeySet.of([KEY.public(), P256.public()])
    return other(town, authentication="private_key_jwt", keys=keys).application


def assertion(proven: Application, key: TokenKey = KEY, **changes: object) -> dict[str, str]:
    claims: dict[str, object] = {
        "iss": proven.id,
        "sub": proven.id,
        "aud": ISSUER,
        "iat": NOW,
        "exp": NOW + timedelta(minutes=1),
        "jti": "1",
    }
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": sign_token(claims, key),
    }


def proven_form(town: Town, proven: Application) -> dict[str, str]:
    code, verifier = coded(town, proven.id)
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}


@pytest.mark.parametrize("key", [KEY, P256], ids=["sm2", "p256"])
@pytest.mark.parametrize("audience", [ISSUER, ISSUER + "/token", [ISSUER + "/token", "https://other.example"]])
def test_an_application_proves_itself_with_its_key(
    town: Town, proven: Application, key: TokenKey, audience: object
) -> None:
    given = proven_form(town, proven) | assertion(proven, key, aud=audience)
    assert town.provider.tokens.answer(given)["access_token"]


BAD_ASSERTIONS: dict[str, Callable[[Application], dict[str, str]]] = {
    "another key": lambda app: assertion(app, STRANGER),
    "another audience": lambda app: assertion(app, aud="https://id.evil.example"),
    "no audience": lambda app: assertion(app, aud=None),
    "another issuer": lambda app: assertion(app, iss="somebody"),
    "another subject": lambda app: assertion(app, sub="somebody"),
    "no subject": lambda app: assertion(app, sub=None),
    "run out": lambda app: assertion(app, exp=NOW - timedelta(minutes=2)),
    "from tomorrow": lambda app: assertion(app, iat=NOW + timedelta(days=1), exp=NOW + timedelta(days=2)),
    "from yesterday": lambda app: assertion(app, iat=NOW - timedelta(days=1), exp=NOW + timedelta(days=2)),
    "no end": lambda app: assertion(app, exp=None),
    "no id": lambda app: assertion(app, jti=None),
    "no token": lambda app: assertion(app) | {"client_assertion": "x.y.z"},
    "nothing signed": lambda app: assertion(app) | {"client_assertion": "eyJhbGciOiJub25lIn0.e30."},
    "another type": lambda app: assertion(app) | {"client_assertion_type": "urn:other"},
    "another name beside it": lambda app: assertion(app) | {"client_id": "somebody"},
}


@pytest.mark.parametrize("case", BAD_ASSERTIONS)
def test_a_proof_that_is_not_right_is_refused(town: Town, proven: Application, case: str) -> None:
    given = proven_form(town, proven) | BAD_ASSERTIONS[case](proven)
    refused("application_proof", lambda: town.provider.tokens.answer(given))


def test_a_proof_is_used_once(town: Town, proven: Application) -> None:
    proof = assertion(proven)
    assert town.provider.tokens.answer(proven_form(town, proven) | proof)
    refused("application_proof", lambda: town.provider.tokens.answer(proven_form(town, proven) | proof))
    assert town.provider.tokens.answer(proven_form(town, proven) | assertion(proven, jti="2"))


def test_a_key_does_not_stand_in_for_a_secret_nor_a_secret_for_a_key(town: Town, proven: Application) -> None:
    given = proven_form(town, proven)
    for proof in ({"client_id": proven.id}, {"client_id": proven.id, "client_secret": ""}):
        refused("application_proof", lambda proof=proof: town.provider.tokens.answer(given | proof))  # type: ignore[misc]
    mine = assertion(town.county.application)
    refused("application_proof", lambda: town.provider.tokens.answer(form(town) | mine))


def test_an_application_revokes_through_the_endpoint(town: Town) -> None:
    kept = session(town)
    refused("application_proof", lambda: town.provider.tokens.revoke_for({"token": kept.access_token}))
    refused("request", lambda: town.provider.tokens.revoke_for({}, authorization=good_header(town)))
    town.provider.tokens.revoke_for({"token": kept.access_token}, authorization=good_header(town))
    refused("session_ended", lambda: town.service().userinfo(kept))
