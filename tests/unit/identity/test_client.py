"""OpenID Connect over the client: what is sent, and every lie that is noticed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from egov_sdk.crypto.jose import ExpectedClaims, KeySet, TokenKey, TokenRejected, sign_token, verify_token
from egov_sdk.errors import ConfigError, EgovError, PlatformError, PlatformRejected
from egov_sdk.gateway import GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed, AnswerTooLarge, Redirected
from egov_sdk.identity import IdentityRejected, Session
from egov_sdk.identity.callbacks import code_challenge
from egov_sdk.identity.client import ClientSettings, IdentityClient
from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel, NaturalPerson
from egov_sdk.identity.profile import PersonFields, UserFields
from egov_sdk.identity.profiles import identity_profile
from tests.unit.identity.fake_oidc import CALLBACK, ISSUER, KEY, NEXT_KEY, NOW, FakeOidc, page, query_of, says
from tests.world import seeded


def signed_in(platform: FakeOidc, **changes: object) -> tuple[IdentityClient, Session]:
    client = platform.client(**changes)  # type: ignore[arg-type]  # settings
    sign_in = client.begin()
    return client, client.complete(sign_in, callback=platform.back(sign_in))


def refused(problem: str, act: Callable[[], object]) -> None:
    with pytest.raises(IdentityRejected) as caught:
        act()
    assert caught.value.code == f"egov.identity.{problem}"


def test_a_sign_in_begins_with_state_nonce_and_a_challenge_that_belongs_to_its_verifier() -> None:
    sign_in = FakeOidc().client().begin(return_to="/apply?step=2", level=IdentityLevel.REAL_PERSON)
    asked = query_of(sign_in.url)
    assert sign_in.url.startswith(f"{ISSUER}/authorize?")
    assert asked["state"] == sign_in.state
    assert asked["nonce"] == sign_in.nonce
    assert asked["code_challenge"] == code_challenge(sign_in.code_verifier)
    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == CALLBACK
    assert asked["scope"] == "openid profile"
    assert asked["acr_values"].endswith("real_person")
    assert "prompt" not in asked
    assert len({sign_in.state, sign_in.nonce, sign_in.code_verifier}) == 3
    assert sign_in.expires_at == NOW + timedelta(minutes=10)


def test_wishes_that_the_profile_has_words_for_are_sent() -> None:
    sign_in = FakeOidc().client().begin(method=AuthMethod.FACE, holder=HolderKind.LEGAL, prompt="login")
    asked = query_of(sign_in.url)
    assert (asked["egov_method"], asked["egov_holder"], asked["prompt"]) == ("face", "legal", "login")


def test_a_whole_sign_in_gives_a_session_and_the_person() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    assert session.subject == "p-1"
    assert session.issuer == ISSUER
    assert session.assurance.level is IdentityLevel.REAL_NAME
    assert session.assurance.method is AuthMethod.PASSWORD
    assert session.expires_at == NOW + timedelta(minutes=15)
    _, form, headers = platform.saw("token")[0]
    assert form["grant_type"] == "authorization_code"
    assert form["code"] == "code-1"
    assert form["redirect_uri"] == CALLBACK
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"app-1:s3cret"
    assert "s3cret" not in json.dumps(form)
    user = client.userinfo(session)
    assert isinstance(user.holder, NaturalPerson)
    assert user.holder.name == "张三"
    assert platform.saw("userinfo")[0][2]["authorization"] == "Bearer at-1"


def test_the_tasks_client_signs_in_over_the_same_flow() -> None:
    platform = FakeOidc()
    client = platform.async_client()

    async def whole() -> tuple[Session, str, Session, str]:
        sign_in = await client.begin()
        session = await client.complete(sign_in, callback=platform.back(sign_in))
        user = await client.userinfo(session)
        again = await client.refresh(session)
        ticket = await client.issue_ticket(session, audience="app-2")
        await client.redeem_ticket("ticket-9")
        await client.logout(session)
        return session, user.subject, again, ticket.value

    session, subject, again, ticket = asyncio.run(whole())
    assert (session.subject, subject, again.subject, ticket) == ("p-1", "p-1", "p-1", "ticket-1")


def test_an_application_proves_itself_with_a_signed_assertion_that_lives_a_minute() -> None:
    platform = FakeOidc()
    key = TokenKey.generate("SGD_SM3_SM2", key_id="app-key", random=seeded("app"))
    signed_in(platform, key=key, secret="")
    form, headers = platform.saw("token")[0][1:]
    assert "authorization" not in headers
    expected = ExpectedClaims(issuer="app-1", audience=ISSUER, required=frozenset({"exp", "jti", "sub"}))
    verified = verify_token(
        form["client_assertion"], key.public(), algorithms={"SGD_SM3_SM2"}, expected=expected, at=NOW
    )
    assert verified.expires_at == NOW + timedelta(minutes=1)


def test_a_secret_can_stand_in_the_form_and_a_public_client_has_none() -> None:
    platform = FakeOidc()
    signed_in(platform, authentication="client_secret_post")
    assert platform.saw("token")[0][1]["client_secret"] == "s3cret"
    platform = FakeOidc()
    signed_in(platform, secret="")
    assert platform.saw("token")[0][1]["client_id"] == "app-1"
    assert "client_secret" not in platform.saw("token")[0][1]


# ---------------------------------------------------------------- the browser comes back


CALLBACKS: dict[str, dict[str, str | None]] = {
    "state_mismatch": {"state": "another"},
    "issuer_mismatch": {"iss": "https://other.example"},
    "denied": {"code": None, "error": "access_denied"},
}


@pytest.mark.parametrize("problem", CALLBACKS)
def test_a_callback_that_does_not_answer_the_sign_in_sends_no_code_anywhere(problem: str) -> None:
    platform = FakeOidc()
    client = platform.client()
    sign_in = client.begin()
    callback = platform.back(sign_in, **CALLBACKS[problem])
    refused(problem, lambda: client.complete(sign_in, callback=callback))
    assert platform.saw("token") == []


def test_a_callback_without_a_code_is_a_no() -> None:
    platform = FakeOidc()
    client = platform.client()
    sign_in = client.begin()
    refused("denied", lambda: client.complete(sign_in, callback=platform.back(sign_in, code=None)))
    refused("denied", lambda: client.complete(sign_in, callback=platform.back(sign_in, code="")))


def test_a_platform_that_always_names_itself_must_do_so() -> None:
    platform = FakeOidc(metadata={"authorization_response_iss_parameter_supported": True})
    client = platform.client()
    sign_in = client.begin()
    refused("issuer_mismatch", lambda: client.complete(sign_in, callback=platform.back(sign_in, iss=None)))
    assert platform.saw("token") == []


def test_a_sign_in_that_took_too_long_is_refused() -> None:
    platform = FakeOidc()
    client = platform.client()
    sign_in = client.begin()
    platform.clock.wait(minutes=10)
    refused("sign_in_expired", lambda: client.complete(sign_in, callback=platform.back(sign_in)))


def test_a_sign_in_begun_elsewhere_is_not_finished_here() -> None:
    platform = FakeOidc()
    client = platform.client()
    sign_in = client.begin().model_copy(update={"issuer": "https://other.example"})
    refused("issuer_mismatch", lambda: client.complete(sign_in, callback=platform.back(sign_in)))
    other = client.begin().model_copy(update={"redirect_uri": "https://evil.example/back"})
    refused("issuer_mismatch", lambda: client.complete(other, callback=platform.back(other)))
    bare = client.begin().model_copy(update={"nonce": ""})
    refused("state_mismatch", lambda: client.complete(bare, callback=platform.back(bare)))
    assert platform.saw("token") == []


def test_the_way_back_stays_in_the_application() -> None:
    client = FakeOidc().client()
    for path in ("https://evil.example", "//evil.example", "/\\evil.example", "apply"):
        refused("return_to", lambda path=path: client.begin(return_to=path))  # type: ignore[misc]  # bound here


def test_a_level_below_the_one_asked_for_is_refused_and_an_unknown_word_is_none() -> None:
    for told, wanted in (("real_name", "real_person"), ("platinum", "real_name"), (None, "real_name")):
        platform = FakeOidc(claims={"egov_level": told})
        client = platform.client()
        sign_in = client.begin(level=IdentityLevel(wanted))
        refused("level_too_low", lambda c=client, s=sign_in, p=platform: c.complete(s, callback=p.back(s)))  # type: ignore[misc]
        assert platform.saw("revoke")[0][1]["token"] == "rt-1"


def test_a_person_does_not_come_back_where_an_organisation_was_asked_for() -> None:
    platform = FakeOidc()
    client = platform.client()
    sign_in = client.begin(holder=HolderKind.LEGAL)
    refused("holder_mismatch", lambda: client.complete(sign_in, callback=platform.back(sign_in)))


def test_a_used_code_is_refused_in_words_that_say_so() -> None:
    platform = FakeOidc(instead={"token": says({"error": "invalid_grant"}, 400)})
    client = platform.client()
    sign_in = client.begin()
    refused("code_refused", lambda: client.complete(sign_in, callback=platform.back(sign_in)))


def test_a_code_of_this_library_s_own_provider_keeps_its_reason() -> None:
    platform = FakeOidc(instead={"token": says({"error": "invalid_grant", "code": "egov.identity.code_replayed"}, 400)})
    client = platform.client()
    sign_in = client.begin()
    refused("code_replayed", lambda: client.complete(sign_in, callback=platform.back(sign_in)))


def test_an_application_that_the_platform_does_not_believe_is_told_so_and_no_person_blamed() -> None:
    platform = FakeOidc(instead={"token": says({"error": "invalid_client"}, 401)})
    client = platform.client()
    sign_in = client.begin()
    with pytest.raises(PlatformRejected) as caught:
        client.complete(sign_in, callback=platform.back(sign_in))
    assert caught.value.status == 401


# ---------------------------------------------------------------- tokens


def other(**claims: object) -> Callable[[FakeOidc], None]:
    return lambda platform: platform.claims.update(claims)


def with_key(key: TokenKey) -> Callable[[FakeOidc], None]:
    return lambda platform: setattr(platform, "key", key)


def raw(token: str) -> Callable[[FakeOidc], None]:
    return lambda platform: platform.tokens.update({"id_token": token})


def _none() -> str:
    return "eyJhbGciOiJub25lIn0." + base64.urlsafe_b64encode(b'{"sub":"p-1"}').rstrip(b"=").decode() + "."


_CONFUSED = TokenKey.secret(KEY.sm2_public_key.point, key_id="k1")  # type: ignore[union-attr]  # it is an SM2 key

BAD_TOKENS: dict[str, tuple[Callable[[FakeOidc], None], str]] = {
    "alg none": (raw(_none()), "token.unsigned"),
    "alg confusion": (with_key(_CONFUSED), "token.algorithm"),
    "kid path": (
        with_key(TokenKey.generate("SGD_SM3_SM2", key_id="../../dev/null", random=seeded("kid"))),
        "token.unknown_key",
    ),
    "unknown key": (with_key(NEXT_KEY), "token.unknown_key"),
    "another key of that name": (
        with_key(TokenKey.generate("SGD_SM3_SM2", key_id="k1", random=seeded("evil"))),
        "token.signature",
    ),
    "expired": (other(exp=NOW - timedelta(hours=1)), "token.expired"),
    "of the future": (other(iat=NOW + timedelta(hours=1)), "token.issued_in_future"),
    "not yet": (other(nbf=NOW + timedelta(hours=1)), "token.not_yet_valid"),
    "wrong audience": (other(aud="app-2"), "token.audience"),
    "no audience": (other(aud=None), "token.claim_missing"),
    "wrong issuer": (other(iss="https://other.example"), "token.issuer"),
    "wrong nonce": (other(nonce="another"), "token.nonce"),
    "no nonce": (other(nonce=None), "token.claim_missing"),
    "nobody": (other(sub=None), "token.claim_missing"),
    "no end": (other(exp=None), "token.claim_missing"),
}


@pytest.mark.parametrize("case", BAD_TOKENS)
def test_a_bad_id_token_signs_nobody_in(case: str) -> None:
    spoil, code = BAD_TOKENS[case]
    platform = FakeOidc()
    spoil(platform)
    client = platform.client()
    sign_in = client.begin()
    with pytest.raises(TokenRejected) as caught:
        client.complete(sign_in, callback=platform.back(sign_in))
    assert caught.value.code == f"egov.crypto.{code}"


@pytest.mark.parametrize("claims", [{"azp": "app-2"}, {"aud": ["app-1", "app-2"]}, {"aud": ["app-1", "x"], "azp": "x"}])
def test_a_token_made_for_another_party_is_refused(claims: dict[str, object]) -> None:
    platform = FakeOidc(claims=claims)
    client = platform.client()
    sign_in = client.begin()
    refused("authorized_party", lambda: client.complete(sign_in, callback=platform.back(sign_in)))


def test_a_token_for_several_parties_made_for_us_is_taken() -> None:
    _, session = signed_in(FakeOidc(claims={"aud": ["app-1", "app-2"], "azp": "app-1"}))
    assert session.subject == "p-1"


@pytest.mark.parametrize(
    "tokens",
    [
        {"id_token": None},
        {"access_token": None},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "a b"},
        {"access_token": "a" * 9_000},
        {"access_token": 7.5},
        {"token_type": "mac"},
        {"token_type": None},
        {"expires_in": -1},
        {"expires_in": "soon"},
        {"expires_in": True},
        {"refresh_token": "中"},
        {"id_token": "not.a.token"},
    ],
)
def test_an_answer_without_proper_tokens_is_malformed(tokens: dict[str, object]) -> None:
    platform = FakeOidc(tokens=tokens)
    client = platform.client()
    sign_in = client.begin()
    with pytest.raises((AnswerMalformed, TokenRejected)) as caught:
        client.complete(sign_in, callback=platform.back(sign_in))
    assert "X-Evil" not in str(caught.value)


@pytest.mark.parametrize("place", ["token", "userinfo", "jwks", ".well-known/openid-configuration"])
def test_a_web_page_or_a_list_instead_of_an_answer_is_malformed(place: str) -> None:
    for answer in (page, says(["not", "an", "object"]), lambda _: httpx.Response(200, text='{"sub": "p-')):
        platform = FakeOidc(instead={place: answer})

        def whole(platform: FakeOidc = platform) -> None:
            client, session = signed_in(platform)
            client.userinfo(session)

        with pytest.raises(AnswerMalformed):
            whole()


# ---------------------------------------------------------------- keys and description


def test_description_and_keys_are_fetched_once_and_again_when_they_are_old() -> None:
    platform = FakeOidc()
    client, _ = signed_in(platform)
    for _ in range(3):
        sign_in = client.begin()
        client.complete(sign_in, callback=platform.back(sign_in))
    assert len(platform.saw("jwks")) == 1
    assert len(platform.saw(".well-known/openid-configuration")) == 1
    platform.clock.wait(hours=1)
    sign_in = client.begin()
    client.complete(sign_in, callback=platform.back(sign_in))
    assert len(platform.saw("jwks")) == 2


def test_a_new_key_is_learned_without_waiting() -> None:
    platform = FakeOidc()
    client, _ = signed_in(platform)
    platform.published, platform.key = KeySet.of([KEY, NEXT_KEY]), NEXT_KEY
    sign_in = client.begin()
    assert client.complete(sign_in, callback=platform.back(sign_in)).subject == "p-1"
    assert len(platform.saw("jwks")) == 2


def test_invented_keys_do_not_make_us_fetch_again_and_again() -> None:
    platform = FakeOidc()
    client, _ = signed_in(platform)
    platform.key = NEXT_KEY
    for _ in range(5):
        sign_in = client.begin()
        with pytest.raises(TokenRejected):
            client.complete(sign_in, callback=platform.back(sign_in))
    assert len(platform.saw("jwks")) == 2
    platform.clock.wait(seconds=31)
    sign_in = client.begin()
    with pytest.raises(TokenRejected):
        client.complete(sign_in, callback=platform.back(sign_in))
    assert len(platform.saw("jwks")) == 3


def test_a_strange_key_in_the_set_spoils_nothing() -> None:
    platform = FakeOidc()
    keys = [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq"}, {"kty": "EC", "crv": "sm9curve"}]
    platform.instead["jwks"] = says({"keys": [*keys, *platform.published.to_jwks()["keys"]]})
    assert signed_in(platform)[1].subject == "p-1"


def test_a_key_set_of_ten_megabytes_is_not_read_to_its_end() -> None:
    platform = FakeOidc(instead={"jwks": lambda _: httpx.Response(200, content=b'{"keys":[' + b" " * (10 << 20))})
    client = platform.client()
    sign_in = client.begin()
    with pytest.raises(AnswerTooLarge):
        client.complete(sign_in, callback=platform.back(sign_in))


LIES: dict[str, dict[str, object]] = {
    "another issuer": {"issuer": "https://other.example"},
    "no issuer": {"issuer": None},
    "a token endpoint elsewhere": {"token_endpoint": "https://evil.example/token"},
    "keys elsewhere": {"jwks_uri": "https://evil.example/jwks"},
    "another port": {"token_endpoint": "https://id.example.gov.cn:8443/idp/token"},
    "keys without TLS": {"jwks_uri": "http://id.example.gov.cn/idp/jwks"},
    "a user name in it": {"userinfo_endpoint": "https://a@id.example.gov.cn/idp/userinfo"},
    "a script as the page": {"authorization_endpoint": "javascript:alert(1)"},
    "a page without TLS": {"authorization_endpoint": "http://id.example.gov.cn/idp/authorize"},
    "no page": {"authorization_endpoint": None},
    "no token endpoint": {"token_endpoint": None},
    "a number": {"jwks_uri": 7},
    "grants that are no list": {"grant_types_supported": "authorization_code"},
    "a line break": {"end_session_endpoint": "https://id.example.gov.cn/\nX: 1"},
    "no port at all": {"jwks_uri": "https://id.example.gov.cn:port/"},
    "a fragment": {"authorization_endpoint": f"{ISSUER}/authorize#top"},
}


@pytest.mark.parametrize("case", LIES)
def test_a_description_that_leads_astray_is_refused(case: str) -> None:
    platform = FakeOidc(metadata=LIES[case])
    with pytest.raises(AnswerMalformed):
        platform.client().begin()
    assert [path for path, _, _ in platform.asked] == [".well-known/openid-configuration"]


def test_redirects_are_not_followed() -> None:
    platform = FakeOidc(
        instead={"token": lambda _: httpx.Response(302, headers={"location": "https://evil.example/token"})}
    )
    client = platform.client()
    sign_in = client.begin()
    with pytest.raises(Redirected):
        client.complete(sign_in, callback=platform.back(sign_in))


# ---------------------------------------------------------------- the session


def test_the_user_s_reply_must_be_about_the_one_who_signed_in() -> None:
    platform = FakeOidc(userinfo={"sub": "p-2"})
    client, session = signed_in(platform)
    refused("subject_mismatch", lambda: client.userinfo(session))


def test_a_signed_user_s_reply_is_verified() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)

    def signed(key: TokenKey, **claims: object) -> None:
        token = sign_token({"iss": ISSUER, "aud": "app-1", "sub": "p-1", "name": "李四"} | claims, key)
        platform.instead["userinfo"] = lambda _: httpx.Response(
            200, text=token, headers={"content-type": "application/jwt"}
        )

    signed(KEY)
    user = client.userinfo(session)
    assert isinstance(user.holder, NaturalPerson)
    assert user.holder.name == "李四"
    signed(TokenKey.generate("SGD_SM3_SM2", key_id="k1", random=seeded("evil")))
    with pytest.raises(TokenRejected):
        client.userinfo(session)
    signed(KEY, aud="app-2")
    with pytest.raises(TokenRejected):
        client.userinfo(session)


def test_a_session_that_ran_out_asks_nothing_and_one_that_the_platform_ended_says_so() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    platform.clock.wait(minutes=15)
    refused("session_ended", lambda: client.userinfo(session))
    refused("session_ended", lambda: client.issue_ticket(session, audience="app-2"))
    assert platform.saw("userinfo") == []
    platform.clock.at = NOW
    platform.instead["userinfo"] = says({"error": "invalid_token"}, 401)
    refused("session_ended", lambda: client.userinfo(session))


def test_a_session_of_another_platform_is_never_sent_here() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    foreign = session.model_copy(update={"issuer": "https://other.example"})
    before = len(platform.asked)
    refused("issuer_mismatch", lambda: client.userinfo(foreign))
    refused("issuer_mismatch", lambda: client.refresh(foreign))
    refused("issuer_mismatch", lambda: client.logout(foreign))
    refused("issuer_mismatch", lambda: client.issue_ticket(foreign, audience="x"))
    assert len(platform.asked) == before


def test_a_refresh_gives_new_tokens_and_keeps_the_person() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    platform.tokens = {"access_token": "at-2", "refresh_token": "rt-2", "id_token": None}
    renewed = client.refresh(session)
    assert (renewed.access_token, renewed.refresh_token, renewed.subject) == ("at-2", "rt-2", "p-1")
    assert renewed.assurance == session.assurance
    assert platform.saw("token")[1][1]["refresh_token"] == "rt-1"
    platform.tokens = {"refresh_token": None}
    platform.nonce = ""
    assert client.refresh(renewed).refresh_token == "rt-2"


def test_a_refresh_that_turns_into_another_person_is_refused() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    platform.claims = {"sub": "p-2"}
    refused("subject_mismatch", lambda: client.refresh(session))


def test_a_refresh_of_an_ended_session_says_so() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    refused("refresh_unknown", lambda: client.refresh(session.model_copy(update={"refresh_token": ""})))
    platform.instead["token"] = says({"error": "invalid_grant"}, 400)
    refused("session_ended", lambda: client.refresh(session))


def test_logging_out_revokes_and_says_where_the_browser_goes() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    address = client.logout(session, return_to="https://app.example.gov.cn/bye?x=1&y=2")
    assert platform.saw("revoke")[0][1]["token"] == "rt-1"
    assert query_of(address) == {
        "client_id": "app-1",
        "post_logout_redirect_uri": "https://app.example.gov.cn/bye?x=1&y=2",
    }
    assert session.id_token not in address
    platform = FakeOidc(metadata={"revocation_endpoint": None, "end_session_endpoint": None})
    client, session = signed_in(platform)
    assert client.logout(session) == ""


def test_a_ticket_for_another_application_is_made_and_taken() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    ticket = client.issue_ticket(session, audience="app-2")
    assert (ticket.value, ticket.audience) == ("ticket-1", "app-2")
    assert ticket.expires_at == NOW + timedelta(seconds=60)
    form = platform.saw("token")[1][1]
    assert (form["audience"], form["subject_token"]) == ("app-2", "at-1")
    assert platform.saw("token")[1][2]["authorization"].startswith("Basic ")
    platform.claims = {"nonce": None}
    taken = client.redeem_ticket("ticket-7")
    assert taken.subject == "p-1"
    assert platform.saw("token")[2][1]["ticket"] == "ticket-7"


def test_a_ticket_for_another_service_is_refused() -> None:
    platform = FakeOidc()
    client = platform.client()
    platform.instead["token"] = says({"error": "invalid_grant", "code": "egov.identity.ticket_audience"}, 400)
    refused("ticket_audience", lambda: client.redeem_ticket("ticket-7"))
    platform.instead["token"] = says({"error": "invalid_grant"}, 400)
    refused("ticket_rejected", lambda: client.redeem_ticket("ticket-7"))


def test_what_comes_instead_of_a_ticket_is_not_handed_on() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    for tokens in ({"issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}, {"access_token": None}):
        platform.tokens = dict(tokens)
        with pytest.raises(AnswerMalformed):
            client.issue_ticket(session, audience="app-2")
    with pytest.raises(ValueError, match="audience"):
        client.issue_ticket(session, audience="")
    platform.instead["token"] = says({"error": "access_denied"}, 403)
    refused("ticket_refused", lambda: client.issue_ticket(session, audience="app-2"))
    platform.instead["token"] = says({"error": "invalid_grant"}, 400)
    refused("session_ended", lambda: client.issue_ticket(session, audience="app-2"))
    platform = FakeOidc(metadata={"grant_types_supported": ["authorization_code"]})
    client, session = signed_in(platform)
    refused("not_offered", lambda: client.issue_ticket(session, audience="app-2"))


def test_no_secret_shows_in_what_is_printed_or_raised() -> None:
    platform = FakeOidc(instead={"userinfo": says({"message": "token=at-1"}, 500)})
    client, session = signed_in(platform)
    with pytest.raises(PlatformError) as caught:
        client.userinfo(session)
    for text in (repr(session), repr(platform.settings()), str(caught.value), repr(client)):
        assert "at-1" not in text
        assert "s3cret" not in text


# ---------------------------------------------------------------- what a caller must give


BAD_SETTINGS: list[dict[str, object]] = [
    {"client_id": ""},
    {"redirect_uri": "http://app.example.gov.cn/back"},
    {"redirect_uri": "/back"},
    {"redirect_uri": "https://app.example.gov.cn/back#x"},
    {"redirect_uri": "https://[broken"},
    {"issuer": "http://id.example.gov.cn"},
    {"issuer": f"{ISSUER}?x=1"},
    {"algorithms": frozenset()},
    {"algorithms": frozenset({"SGD_SM3_HMAC"})},
    {"authentication": "client_secret_post", "secret": ""},
    {"authentication": "private_key_jwt"},
    {"authentication": "private_key_jwt", "key": KEY.public()},
    {"authentication": "guess"},
]


@pytest.mark.parametrize("settings", BAD_SETTINGS)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        FakeOidc().settings(**settings)


def test_one_text_is_no_collection_of_names() -> None:
    with pytest.raises(TypeError):
        FakeOidc().settings(scopes="openid")


def test_openid_connect_needs_an_issuer_and_a_clock_with_a_zone() -> None:
    with pytest.raises(ValueError, match="issuer"):
        FakeOidc().client(issuer="")
    platform = FakeOidc()
    platform.clock.at = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        platform.client().begin()


def test_unknown_is_nothing_to_ask_for() -> None:
    client = FakeOidc().client()
    with pytest.raises(ValueError, match="known"):
        client.begin(level=IdentityLevel.UNKNOWN)
    with pytest.raises(ValueError, match="known"):
        client.begin(method=AuthMethod.UNKNOWN)


def test_a_profile_whose_calls_are_signed_needs_a_gateway_that_signs() -> None:
    settings = ClientSettings(client_id="a", redirect_uri=CALLBACK)
    gateway = GatewayClient("https://id.example.gov.cn")
    with pytest.raises(ConfigError) as caught:
        IdentityClient(gateway, settings=settings, profile="zhejiang", clock=lambda: NOW)
    assert caught.value.code == "egov.identity.gateway_missing"
    with pytest.raises(ConfigError) as caught:
        IdentityClient(gateway, settings=settings, profile="atlantis", clock=lambda: NOW)
    assert caught.value.code == "egov.identity.unknown_profile"
    assert isinstance(caught.value, EgovError)


def test_claims_of_the_wrong_type_are_malformed_and_nobody_is_told() -> None:
    platform = FakeOidc(userinfo={"name": ["张三"]})
    client, session = signed_in(platform)
    with pytest.raises(AnswerMalformed):
        client.userinfo(session)
    platform = FakeOidc(claims={"egov_level": 3})
    with pytest.raises(AnswerMalformed):
        signed_in(platform)
    platform = FakeOidc(claims={"sub": ""})
    with pytest.raises(AnswerMalformed):
        signed_in(platform)


def test_a_platform_without_a_place_for_users_says_so() -> None:
    client, session = signed_in(FakeOidc(metadata={"userinfo_endpoint": None}))
    refused("not_offered", lambda: client.userinfo(session))


def test_a_provider_with_claims_of_its_own_is_a_profile() -> None:
    fields = UserFields(
        person=PersonFields(subject=("sub",), name=("real_name",)),
        level="loa",
        levels={"high": IdentityLevel.REAL_PERSON},
    )
    profile = identity_profile("oidc").model_copy(update={"user": fields, "name": "city"})
    platform = FakeOidc(userinfo={"real_name": "张三", "loa": "high"})
    client = platform.client(profile=profile)
    sign_in = client.begin(level=IdentityLevel.REAL_PERSON)
    session = client.complete(sign_in, callback=platform.back(sign_in))
    assert session.assurance.level is IdentityLevel.REAL_PERSON
    platform.nonce = ""
    assert client.refresh(session).assurance == session.assurance
    user = client.userinfo(session)
    assert isinstance(user.holder, NaturalPerson)
    assert user.holder.name == "张三"
    platform.userinfo = {"real_name": "张三", "loa": "higher"}
    assert client.userinfo(session).assurance.level is IdentityLevel.UNKNOWN


def test_a_level_that_sank_shows_after_a_refresh() -> None:
    platform = FakeOidc()
    client, session = signed_in(platform)
    platform.claims = {"egov_level": "none"}
    assert client.refresh(session).assurance.level is IdentityLevel.NONE


def test_the_clients_are_at_the_door_of_the_room() -> None:
    import egov_sdk.identity as room

    assert (room.IdentityClient, room.ClientSettings) == (IdentityClient, ClientSettings)
    with pytest.raises(AttributeError, match="no attribute 'IdentityClientt'"):
        _ = room.IdentityClientt  # type: ignore[attr-defined]  # that is the mistake
