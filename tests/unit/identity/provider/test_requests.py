"""What applications ask for in a browser's address, which anybody can write."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider.requests import OAUTH_ERRORS, AuthorizationRequest, answer_address
from egov_sdk.identity.provider.steps import AskToSignIn, GoTo, Step
from tests.unit.identity.provider.town import CALLBACK, ISSUER, Town, query_of, refused

Pairs = list[tuple[str, str]]


def asked(town: Town, **changes: str | None) -> Pairs:
    """A good request, with parameters changed, added, or (None) left out."""
    good = dict(parse_qsl(urlsplit(town.service().begin().url).query)) | changes
    return [(name, value) for name, value in good.items() if value is not None]


def begin(town: Town, parameters: Pairs) -> Step:
    return town.provider.pages.begin(parameters, browser="a browser")


def test_a_good_request_shows_the_page(town: Town) -> None:
    step = begin(town, asked(town))
    assert isinstance(step, AskToSignIn)
    assert (step.application, step.redirect_uri) == ("县政务服务", CALLBACK)


TO_THE_PERSON: dict[str, tuple[dict[str, str | None], str]] = {
    "no application": ({"client_id": None}, "request"),
    "an unknown application": ({"client_id": "somebody"}, "application_unknown"),
    "no address": ({"redirect_uri": None}, "request"),
    "another host": ({"redirect_uri": "https://evil.example/back"}, "redirect_uri"),
    "a longer path": ({"redirect_uri": CALLBACK + "/more"}, "redirect_uri"),
    "a query added": ({"redirect_uri": CALLBACK + "?next=https://evil.example"}, "redirect_uri"),
    "a fragment added": ({"redirect_uri": CALLBACK + "#x"}, "redirect_uri"),
    "another case": ({"redirect_uri": CALLBACK.upper()}, "redirect_uri"),
    "another scheme": ({"redirect_uri": CALLBACK.replace("https", "http")}, "redirect_uri"),
    "a script": ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
    "a user name": ({"redirect_uri": "https://app.town.example@evil.example/back"}, "redirect_uri"),
    "a subdomain": ({"redirect_uri": "https://app.town.example.evil.example/back"}, "redirect_uri"),
    "a way up": ({"redirect_uri": "https://app.town.example/x/../back"}, "redirect_uri"),
    "a line break": ({"redirect_uri": CALLBACK + "\r\nLocation: https://evil.example"}, "redirect_uri"),
}


@pytest.mark.parametrize("case", TO_THE_PERSON)
def test_a_browser_is_never_sent_where_nobody_registered(town: Town, case: str) -> None:
    changes, problem = TO_THE_PERSON[case]
    error = refused(problem, lambda: begin(town, asked(town, **changes)))
    assert "\r" not in str(error)


@pytest.mark.parametrize("odd", ["\0", "\ud800", "号"])
def test_an_id_that_no_database_may_hold_is_unknown_on_each(busy_town: Town, odd: str) -> None:
    tokens, leaving = busy_town.provider.tokens, busy_town.provider.leaving
    refused("application_unknown", lambda: begin(busy_town, asked(busy_town, client_id=odd)))
    refused("application_unknown", lambda: leaving.way_out(application=odd, return_to=CALLBACK))
    refused("application_proof", lambda: tokens.answer({"client_id": odd, "grant_type": "refresh_token"}))


@pytest.mark.parametrize("odd", ["\0", "\n", "\x7f", "\ud800"])
def test_a_nonce_that_no_database_may_hold_is_refused_before_anybody_signs_in(busy_town: Town, odd: str) -> None:
    step = begin(busy_town, asked(busy_town, nonce=f"n{odd}"))
    assert isinstance(step, GoTo)
    assert query_of(step.url)["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_what_says_whom_to_answer_stands_once(town: Town, name: str) -> None:
    pairs = asked(town)
    refused("request", lambda: begin(town, [*pairs, (name, dict(pairs)[name])]))


TO_THE_APPLICATION: dict[str, tuple[dict[str, str | None], str]] = {
    "another answer": ({"response_type": "token"}, "unsupported_response_type"),
    "a hybrid answer": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "no answer": ({"response_type": None}, "unsupported_response_type"),
    "an answer in the fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "no challenge": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "a plain challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "a challenge without a method, which means plain": ({"code_challenge_method": None}, "invalid_request"),
    "a method in small letters": ({"code_challenge_method": "s256"}, "invalid_request"),
    "a short challenge": ({"code_challenge": "abc"}, "invalid_request"),
    "a challenge of odd characters": ({"code_challenge": "!" * 43}, "invalid_request"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "no openid": ({"scope": "profile"}, "invalid_scope"),
    "a request as a token": ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    "a request elsewhere": ({"request_uri": "https://evil.example/r"}, "request_not_supported"),
    "an unknown prompt": ({"prompt": "beg"}, "invalid_request"),
    "none and more": ({"prompt": "none login"}, "invalid_request"),
    "an odd age": ({"max_age": "-1"}, "invalid_request"),
    "an age in other digits": ({"max_age": "１０"}, "invalid_request"),
    "a huge age": ({"max_age": "9" * 10}, "invalid_request"),
    "an unknown method": ({"egov_method": "horoscope"}, "invalid_request"),
    "the unknown method": ({"egov_method": "unknown"}, "invalid_request"),
    "an unknown holder": ({"egov_holder": "robot"}, "invalid_request"),
    "a long nonce": ({"nonce": "n" * 513}, "invalid_request"),
}


@pytest.mark.parametrize("case", TO_THE_APPLICATION)
def test_other_mistakes_are_told_to_the_application(town: Town, case: str) -> None:
    changes, error = TO_THE_APPLICATION[case]
    pairs = asked(town, **changes)
    step = begin(town, pairs)
    assert isinstance(step, GoTo)
    assert step.url.startswith(CALLBACK + "?")
    answer = query_of(step.url)
    assert (answer["error"], answer["state"], answer["iss"]) == (error, dict(pairs)["state"], ISSUER)
    assert answer["error_description"].isascii()


@pytest.mark.parametrize("name", ["state", "scope", "code_challenge", "prompt"])
def test_a_parameter_that_stands_twice_is_refused(town: Town, name: str) -> None:
    pairs = [*asked(town, prompt="login"), (name, "login")]
    step = begin(town, pairs)
    assert isinstance(step, GoTo)
    assert query_of(step.url)["error"] == "invalid_request"
    assert ("state" in query_of(step.url)) is (name != "state")


def test_a_long_state_is_refused_and_not_repeated(town: Town) -> None:
    step = begin(town, asked(town, state="s" * 2_049))
    assert isinstance(step, GoTo)
    assert "state" not in query_of(step.url)


def test_a_scope_that_was_not_allowed_is_refused_and_one_that_nobody_knows_is_passed_over(town: Town) -> None:
    small = town.provider.applications.add("小应用", redirect_uris=[CALLBACK], scopes=["profile"]).application
    step = begin(town, asked(town, client_id=small.id, scope="openid profile address"))
    assert isinstance(step, AskToSignIn)
    step = begin(town, asked(town, client_id=small.id, scope="openid identity"))
    assert isinstance(step, GoTo)
    assert query_of(step.url)["error"] == "invalid_scope"


def test_a_closed_application_is_unknown(town: Town) -> None:
    pairs = asked(town)
    town.provider.applications.close(town.app)
    refused("application_unknown", lambda: begin(town, pairs))


def test_contexts_of_others_are_passed_over_and_the_lowest_of_ours_will_do(town: Town) -> None:
    acr = "urn:mace:other urn:egov-sdk:identity-level:real_person urn:egov-sdk:identity-level:real_name"
    step = begin(town, asked(town, acr_values=acr))
    assert isinstance(step, AskToSignIn)
    assert step.level.value == "real_name"


def test_every_problem_of_the_provider_has_an_error_of_the_standards() -> None:
    standard = {
        "access_denied",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_grant",
        "invalid_scope",
        "invalid_token",
        "login_required",
        "request_not_supported",
        "temporarily_unavailable",
        "unauthorized_client",
        "unmet_authentication_requirements",
        "unsupported_grant_type",
        "unsupported_response_type",
    }
    assert set(OAUTH_ERRORS.values()) == standard


def test_a_request_is_kept_whole(town: Town) -> None:
    from egov_sdk.identity.provider.requests import read_request

    pairs = asked(town, egov_method="face", egov_holder="legal", max_age="60", prompt="login consent")
    with town.store.read() as connection:
        request, application = read_request(connection, pairs)
    assert application.id == town.app
    assert AuthorizationRequest.from_object(request.to_object()) == request


def test_an_answer_joins_the_query_that_is_there() -> None:
    assert answer_address("https://a.example/b?c=d", {"code": "x y", "state": ""}) == "https://a.example/b?c=d&code=x+y"


names = st.sampled_from(
    [
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "acr_values",
        "request",
        "egov_method",
        "x",
    ]
)


@given(changes=st.lists(st.tuples(names, st.text(max_size=60)), max_size=6), drop=st.sets(names))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_there_is_a_page_an_answer_or_a_refusal(town: Town, changes: Pairs, drop: set[str]) -> None:
    pairs = [pair for pair in asked(town) if pair[0] not in drop] + changes
    try:
        step = begin(town, pairs)
    except IdentityRejected:
        return
    assert not isinstance(step, GoTo) or step.url.startswith(CALLBACK + "?")
