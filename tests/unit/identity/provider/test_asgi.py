"""The provider on the web: what a browser sees, what programs are answered, and what strangers try."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import MutableMapping
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egov_sdk.identity.model import AuthMethod, HolderKind
from egov_sdk.identity.provider.asgi import ProviderApp
from tests.unit.identity.provider.town import CALLBACK, ISSUER, PASSWORD, Town, citizen, query_of
from tests.unit.identity.provider.web import Reply, WebBrowser, call

FORM = ("content-type", "application/x-www-form-urlencoded")


@pytest.fixture
def app(town: Town) -> ProviderApp:
    return ProviderApp(town.provider)


def wrong_password(browser: WebBrowser) -> Reply:
    return browser.post("/step", browser.hidden() | {"action": "sign_in", "login": "zhang", "password": "no"})


def test_a_person_signs_in_on_the_pages(town: Town, app: ProviderApp) -> None:
    service, browser = town.service(), WebBrowser(app)
    sign_in = service.begin()
    page = browser.get(sign_in.url)
    assert (page.status, page.header("content-type")) == (200, "text/html; charset=utf-8")
    for part in ('lang="zh-CN"', "县政务服务", 'autocomplete="current-password"', "<label>"):
        assert part in page.text
    again = wrong_password(browser)
    assert again.status == 400
    assert 'role="alert">用户名或密码错误' in again.text
    callback = browser.sign_in(sign_in.url, login="zhang", password=PASSWORD)
    assert service.complete(sign_in, callback=callback).subject == town.zhang.id
    assert browser.get(service.begin().url).status == 303


def test_pages_speak_english_when_asked(town: Town, app: ProviderApp) -> None:
    url = town.service().begin().url
    assert ">Sign in</h1>" in WebBrowser(app, language="fr, en-GB;q=0.9, zh;q=0.5").get(url).text
    assert ">登录</h1>" in WebBrowser(app, language="fr").get(url).text
    browser = WebBrowser(app)
    assert ">Sign in</h1>" in browser.get(url + "&ui_locales=fr+en").text
    assert "is wrong" in wrong_password(browser).text


def test_a_person_agrees_on_a_page(town: Town, app: ProviderApp) -> None:
    asking = town.provider.applications.add("商店 <b>", redirect_uris=[CALLBACK]).application.id
    service, browser = town.service(asking), WebBrowser(app)
    sign_in = service.begin()
    browser.get(sign_in.url)
    page = browser.post("/step", browser.hidden() | {"action": "sign_in", "login": "zhang", "password": PASSWORD})
    assert "您的证件号码" in page.text
    assert "*三丰" in page.text
    assert "张三丰" not in page.text
    assert "<b>" not in page.text
    done = browser.post("/step", browser.hidden() | {"action": "agree"})
    assert service.complete(sign_in, callback=done.header("location"))


def test_a_person_chooses_an_organization_on_a_page(town: Town, app: ProviderApp) -> None:
    from egov_sdk.identity.model import AgentRole
    from tests.unit.identity.provider.town import company

    second = town.provider.accounts.add_organization("面包房", company(2))
    town.provider.accounts.allow_agent(second.id, town.zhang.id, role=AgentRole.AUTHORIZED)
    service, browser = town.service(), WebBrowser(app)
    sign_in = service.begin(holder=HolderKind.LEGAL)
    assert "您将代表单位办事" in browser.get(sign_in.url).text
    page = browser.post("/step", browser.hidden() | {"action": "sign_in", "login": "zhang", "password": PASSWORD})
    assert f'<option value="{second.id}">面包房</option>' in page.text
    done = browser.post("/step", browser.hidden() | {"action": "choose", "organization": second.id})
    assert service.complete(sign_in, callback=done.header("location")).subject == second.id


def test_a_page_for_another_way_to_sign_in_asks_for_no_password(town: Town, app: ProviderApp) -> None:
    page = WebBrowser(app).get(town.service().begin(method=AuthMethod.CERTIFICATE).url)
    assert "该应用要求以数字证书方式登录" in page.text
    assert "password" not in page.text.partition("</style>")[2]


def test_every_method_and_every_scope_has_its_words() -> None:
    from egov_sdk.identity.provider import pages
    from egov_sdk.identity.wire import SCOPES
    from egov_sdk.identity.words import METHOD_WORDS

    assert set(METHOD_WORDS) == set(AuthMethod)
    assert set(pages._SCOPES) == set(SCOPES)
    for text in (*METHOD_WORDS.values(), *pages._SCOPES.values(), *pages._WORDS.values()):
        assert text.en
        assert text.zh


def test_a_person_cancels_on_a_page(town: Town, app: ProviderApp) -> None:
    browser = WebBrowser(app)
    browser.get(town.service().begin().url)
    done = browser.post("/step", browser.hidden() | {"action": "cancel"})
    assert query_of(done.header("location"))["error"] == "access_denied"


def test_pages_are_safe_from_frames_scripts_and_eyes(town: Town, app: ProviderApp) -> None:
    page = WebBrowser(app).get(town.service().begin().url)
    policy = page.header("content-security-policy")
    for part in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self' https://app.town.example;",
    ):
        assert part in policy
    style = re.search(r"<style>(.*?)</style>", page.text, re.S)
    assert style is not None
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() in policy
    assert page.header("x-frame-options") == "DENY"
    assert page.header("referrer-policy") == "no-referrer"
    assert page.header("cache-control") == "no-store"
    assert page.header("x-content-type-options") == "nosniff"
    assert page.header("strict-transport-security")
    assert "<script" not in page.text


def test_cookies_cannot_be_read_sent_along_or_set_by_others(town: Town, app: ProviderApp) -> None:
    browser = WebBrowser(app)
    first = browser.get(town.service().begin().url)
    second = browser.post("/step", browser.hidden() | {"action": "sign_in", "login": "zhang", "password": PASSWORD})
    cookies = first.cookies() + second.cookies()
    assert len(cookies) == 2
    for text in cookies:
        assert text.startswith("__Host-egov_idp_")
        assert text.partition("; ")[2] == "Path=/; HttpOnly; SameSite=Lax; Secure"


def test_on_a_laptop_cookies_work_without_tls(town: Town) -> None:
    provider = town.another_provider(issuer="http://localhost:8080/idp")
    page = call(
        ProviderApp(provider),
        "GET",
        "/authorize",
        root="/idp",
        query=urlsplit(town.service().begin().url).query.encode(),
    )
    assert page.status == 200
    assert page.cookies()[0].startswith("egov_idp_browser=")
    assert page.cookies()[0].endswith("; Path=/idp; HttpOnly; SameSite=Lax")
    assert not page.header("strict-transport-security")


def test_a_page_is_finished_in_the_browser_that_opened_it(town: Town, app: ProviderApp) -> None:
    """A form that another site makes the victim's browser send (login CSRF), or without its cookies."""
    attacker, victim = WebBrowser(app), WebBrowser(app)
    url = town.service().begin().url
    attacker.get(url)
    stolen = attacker.hidden() | {"action": "sign_in", "login": "zhang", "password": PASSWORD}
    assert victim.post("/step", stolen).status == 400
    victim.get(url)
    assert victim.post("/step", stolen).status == 400
    assert not any("session" in name for name in victim.jar)


def test_too_many_guesses_are_told_to_wait(town: Town, app: ProviderApp) -> None:
    browser = WebBrowser(app)
    browser.get(town.service().begin().url)
    for _ in range(5):
        assert wrong_password(browser).status == 400
    blocked = wrong_password(browser)
    assert (blocked.status, blocked.header("retry-after")) == (429, "901")
    assert "请等待 901 秒" in blocked.text
    assert "password" in blocked.text


def test_guesses_are_counted_by_the_address_that_a_proxy_vouches_for(town: Town) -> None:
    app = ProviderApp(town.provider, trusted_source=lambda headers, peer: headers.get("x-real-ip", peer))
    url = town.service().begin().url
    for number in range(6):
        browser = WebBrowser(app)
        browser.get(url)
        headers = [
            FORM,
            ("cookie", "; ".join(f"{k}={v}" for k, v in browser.jar.items())),
            ("x-real-ip", f"10.0.0.{number}"),
        ]
        fields = browser.hidden() | {"action": "sign_in", "login": "zhang", "password": "no"}
        assert call(app, "POST", "/step", headers=headers, body=urlencode(fields).encode()).status == 400


@pytest.mark.parametrize("hint", ['"><script>alert(1)</script>', "' onfocus='alert(1)", "<!--", "\u202e\u0000"])
def test_what_strangers_write_is_text_on_the_page(town: Town, app: ProviderApp, hint: str) -> None:
    page = WebBrowser(app).get(town.service().begin().url + "&" + urlencode({"login_hint": hint}))
    assert page.status == 200
    assert hint not in page.text or hint == "\u202e\u0000"
    assert "<script" not in page.text


def test_a_wrong_address_is_shown_and_goes_nowhere(town: Town, app: ProviderApp) -> None:
    url = town.service().begin().url.replace("app.town.example", "evil.example%22%3E%3Cscript%3E")
    page = WebBrowser(app).get(url)
    assert (page.status, page.header("location")) == (400, "")
    assert "该应用未登记回调地址" in page.text
    assert "<script" not in page.text


# signing out


def signed_in(town: Town, app: ProviderApp, *, login: str = "zhang") -> tuple[WebBrowser, str]:
    browser, service = WebBrowser(app), town.service()
    sign_in = service.begin()
    kept = service.complete(sign_in, callback=browser.sign_in(sign_in.url, login=login, password=PASSWORD))
    return browser, kept.id_token


def is_signed_in(town: Town, browser: WebBrowser) -> bool:
    return "code" in query_of(browser.get(town.service().begin(prompt="none").url).header("location"))


def test_an_application_that_holds_the_id_token_signs_out_at_once(town: Town, app: ProviderApp) -> None:
    browser, token = signed_in(town, app)
    town.watch.wait(hours=1)
    asked = {"id_token_hint": token, "post_logout_redirect_uri": "https://app.town.example/bye", "state": "s 1"}
    reply = browser.get(f"{ISSUER}/logout?{urlencode(asked)}")
    assert (reply.status, reply.header("location")) == (303, "https://app.town.example/bye?state=s+1")
    assert not any("session" in name for name in browser.jar)
    assert not is_signed_in(town, browser)


def test_whoever_else_sends_the_browser_there_has_the_person_asked(town: Town, app: ProviderApp) -> None:
    browser, _ = signed_in(town, app)
    asked = {"client_id": town.app, "post_logout_redirect_uri": "https://app.town.example/bye"}
    page = browser.get(f"{ISSUER}/logout?{urlencode(asked)}")
    assert page.status == 200
    assert "确认退出" in page.text
    fields = browser.hidden()
    assert is_signed_in(town, browser)
    forged = browser.post("/logout", fields | {"sure": "0" * 64})
    assert "确认退出" in forged.text
    done = browser.post("/logout", fields)
    assert done.header("location") == "https://app.town.example/bye"
    assert not is_signed_in(town, browser)


def test_somebody_elses_id_token_does_not_sign_out(town: Town, app: ProviderApp) -> None:
    town.provider.accounts.add_person("李四", citizen(2), login="li", password=PASSWORD)
    browser, _ = signed_in(town, app)
    _, of_another = signed_in(town, app, login="li")
    assert "确认退出" in browser.get(f"{ISSUER}/logout?{urlencode({'id_token_hint': of_another})}").text
    assert is_signed_in(town, browser)


def test_a_session_that_has_ended_is_not_asked_about(town: Town, app: ProviderApp) -> None:
    browser, token = signed_in(town, app)
    town.watch.wait(hours=9)
    page = browser.get(f"{ISSUER}/logout?{urlencode({'id_token_hint': token})}")
    assert "确认退出" in page.text
    town.provider.leaving.sign_out("no session")
    town.provider.leaving.sign_out(browser.jar["__Host-egov_idp_session"])
    assert town.actions().count("sign_out") == 0


def test_who_is_not_signed_in_is_told_so(town: Town, app: ProviderApp) -> None:
    assert "您已退出登录" in WebBrowser(app).get(f"{ISSUER}/logout").text


BAD_LOGOUTS = {
    "another address": {"client_id": "{app}", "post_logout_redirect_uri": "https://evil.example/"},
    "no application": {"post_logout_redirect_uri": "https://app.town.example/bye"},
    "a forged token": {
        "id_token_hint": "eyJhbGciOiJub25lIn0.e30.",
        "post_logout_redirect_uri": "https://app.town.example/bye",
    },
    "no token": {"id_token_hint": "x", "client_id": "{app}"},
    "another application": {
        "id_token_hint": "{token}",
        "client_id": "other",
        "post_logout_redirect_uri": "https://app.town.example/bye",
    },
}


@pytest.mark.parametrize("case", BAD_LOGOUTS)
def test_signing_out_sends_nobody_astray(town: Town, app: ProviderApp, case: str) -> None:
    browser, token = signed_in(town, app)
    asked = {name: value.format(app=town.app, token=token) for name, value in BAD_LOGOUTS[case].items()}
    reply = browser.get(f"{ISSUER}/logout?{urlencode(asked)}")
    assert (reply.status, reply.header("location")) == (400, "")
    assert is_signed_in(town, browser)


# programs


def basic(town: Town) -> tuple[str, str]:
    pair = f"{town.app}:{town.county.secret}"
    return "authorization", "Basic " + base64.b64encode(pair.encode()).decode()


def coded(town: Town) -> dict[str, str]:
    sign_in = town.service().begin()
    url = town.browser().sign_in(sign_in.url, login="zhang", password=PASSWORD)
    return {
        "grant_type": "authorization_code",
        "code": query_of(url)["code"],
        "redirect_uri": CALLBACK,
        "code_verifier": sign_in.code_verifier,
    }


def post(app: ProviderApp, path: str, fields: dict[str, str], *headers: tuple[str, str]) -> Reply:
    return call(app, "POST", path, headers=[FORM, *headers], body=urlencode(fields).encode())


def test_the_endpoints_serve_programs(town: Town, app: ProviderApp) -> None:
    tokens = post(app, "/token", coded(town), basic(town))
    assert (tokens.status, tokens.header("content-type"), tokens.header("cache-control")) == (
        200,
        "application/json",
        "no-store",
    )
    access = json.loads(tokens.body)["access_token"]
    for method in ("GET", "POST"):
        info = call(app, method, "/userinfo", headers=[("authorization", f"Bearer {access}")])
        assert json.loads(info.body)["sub"] == town.zhang.id
    assert post(app, "/revoke", {"token": access}, basic(town)).status == 200
    gone = call(app, "GET", "/userinfo", headers=[("authorization", f"Bearer {access}")])
    assert (gone.status, gone.header("www-authenticate")) == (401, 'Bearer error="invalid_token"')
    assert json.loads(gone.body)["code"] == "egov.identity.session_ended"


def test_refusals_are_those_of_the_standards(town: Town, app: ProviderApp) -> None:
    given = coded(town)
    unproven = post(app, "/token", given, ("authorization", "Basic eDp5"))
    assert (unproven.status, json.loads(unproven.body)["error"]) == (401, "invalid_client")
    assert unproven.header("www-authenticate").startswith("Basic ")
    silent = post(app, "/token", given)
    assert (silent.status, silent.header("www-authenticate")) == (401, "")
    used = [post(app, "/token", given, basic(town)) for _ in range(2)][1]
    assert (used.status, json.loads(used.body)["error"]) == (400, "invalid_grant")
    assert json.loads(used.body)["code"] == "egov.identity.code_replayed"
    assert call(app, "GET", "/userinfo").header("www-authenticate") == "Bearer"
    assert call(app, "GET", "/userinfo?access_token=x").status == 404


def test_the_provider_says_what_it_is(town: Town, app: ProviderApp) -> None:
    for path, issuer, keys in (("", ISSUER, 2), ("/stock", ISSUER + "/stock", 1)):
        reply = call(app, "GET", path + "/.well-known/openid-configuration")
        said = json.loads(reply.body)
        assert said["issuer"] == issuer
        assert reply.header("access-control-allow-origin") == "*"
        published = call(app, "GET", urlsplit(said["jwks_uri"]).path)
        assert len(json.loads(published.body)["keys"]) == keys
        assert not {"d", "p", "q"} & {name for key in json.loads(published.body)["keys"] for name in key}
        for name, value in said.items():
            if name.endswith("_endpoint"):
                assert call(app, "PATCH", urlsplit(value).path).status == 405


def test_head_is_answered_like_get_without_a_body(town: Town, app: ProviderApp) -> None:
    reply = call(app, "HEAD", "/jwks")
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.header("content-length")) > 100


BROKEN: dict[str, tuple[dict[str, object], int]] = {
    "nothing there": ({"method": "GET", "path": "/admin"}, 404),
    "a way up": ({"method": "GET", "path": "/../jwks"}, 404),
    "two slashes": ({"method": "GET", "path": "//jwks"}, 404),
    "another method": ({"method": "DELETE", "path": "/token"}, 405),
    "a large body": ({"method": "POST", "path": "/token", "headers": [FORM], "body": b"x" * 70_000}, 413),
    "a large body announced": (
        {"method": "POST", "path": "/token", "headers": [FORM, ("content-length", "9" * 30)]},
        413,
    ),
    "a length that is none": ({"method": "POST", "path": "/token", "headers": [FORM, ("content-length", "-1")]}, 413),
    "json": (
        {"method": "POST", "path": "/token", "headers": [("content-type", "application/json")], "body": b"{}"},
        415,
    ),
    "no type": ({"method": "POST", "path": "/token", "body": b"a=b"}, 415),
    "bytes that are no text": ({"method": "POST", "path": "/token", "headers": [FORM], "body": b"a=%ff"}, 400),
    "raw bytes": ({"method": "POST", "path": "/token", "headers": [FORM], "body": b"a=\xff"}, 400),
    "very many fields": ({"method": "POST", "path": "/token", "headers": [FORM], "body": b"a=b&" * 100}, 400),
    "a field twice": ({"method": "POST", "path": "/token", "headers": [FORM], "body": b"code=a&code=b"}, 400),
    "two authorizations": (
        {
            "method": "GET",
            "path": "/userinfo",
            "headers": [("authorization", "Bearer a"), ("authorization", "Bearer b")],
        },
        400,
    ),
    "a query that is no text": ({"method": "GET", "path": "/authorize", "query": b"a=%ff"}, 400),
    "who hangs up": ({"method": "POST", "path": "/token", "gone": True}, 400),
    "no action": ({"method": "POST", "path": "/step", "headers": [FORM], "body": b"page=x"}, 400),
    "a page that nobody made": (
        {"method": "POST", "path": "/step", "headers": [FORM], "body": b"action=agree&page=x"},
        400,
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_request_that_is_none_is_refused(app: ProviderApp, case: str) -> None:
    given, status = BROKEN[case]
    assert call(app, **given).status == status  # type: ignore[arg-type]  # as the table says


def test_a_database_that_is_gone_is_told_as_a_pause(town: Town, app: ProviderApp) -> None:
    with town.store.write() as connection:
        connection.exec_driver_sql("DROP TABLE identity_tokens")
    reply = call(app, "GET", "/userinfo", headers=[("authorization", "Bearer x")])
    assert (reply.status, json.loads(reply.body)) == (503, {"error": "temporarily_unavailable"})


def test_the_application_takes_part_in_the_servers_life(app: ProviderApp) -> None:
    messages: list[MutableMapping[str, object]] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[object] = []

    async def receive() -> MutableMapping[str, object]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message["type"])

    asyncio.run(app({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_what_is_no_request_of_the_web_is_closed(app: ProviderApp) -> None:
    sent: list[MutableMapping[str, object]] = []

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message)

    asyncio.run(app({"type": "websocket"}, None, send))  # type: ignore[arg-type]  # nothing is received
    assert sent == [{"type": "websocket.close", "code": 1008}]


fields = st.dictionaries(
    st.sampled_from(
        ["page", "action", "login", "password", "organization", "lang", "grant_type", "code", "token", "sure"]
    ),
    st.text(max_size=40),
    max_size=6,
)


@given(
    path=st.sampled_from(["/step", "/token", "/revoke", "/logout", "/authorize", "/userinfo"]),
    fields=fields,
    cookie=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_posted_the_answer_is_no_accident(
    app: ProviderApp, path: str, fields: dict[str, str], cookie: str
) -> None:
    body = urlencode({name: value.encode("utf-8", "replace") for name, value in fields.items()}).encode()
    reply = call(app, "POST", path, headers=[FORM, ("cookie", cookie)], body=body)
    assert reply.status in (200, 303, 400, 401, 405, 429)
