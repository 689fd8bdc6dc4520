"""The provider on the web: an ASGI application with the endpoints of OpenID Connect and the pages of a sign-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast
from urllib.parse import urlsplit

from egov_sdk.gateway.asgi import http_only
from egov_sdk.gateway.turns import in_turn
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.discovery import PATHS
from egov_sdk.identity.provider.pages import Page, error_page, sign_out_page, signed_out_page, step_page
from egov_sdk.identity.provider.provider import IdentityProvider
from egov_sdk.identity.provider.requests import OAUTH_ERRORS, answer_address
from egov_sdk.identity.provider.steps import GoTo, Step
from egov_sdk.identity.provider.web import (
    Answer,
    BadRequest,
    Receive,
    Request,
    Scope,
    Send,
    cookie,
    json_answer,
    read_request,
    send_answer,
)
from egov_sdk.report import Lang
from egov_sdk.storage import StorageError

__all__ = ["ProviderApp"]

_BROWSER, _SESSION = "egov_idp_browser", "egov_idp_session"
_NO_STORE: Final = (("cache-control", "no-store"), ("pragma", "no-cache"))
_ALWAYS: Final = (("x-content-type-options", "nosniff"),)
_PUBLIC: Final = (("cache-control", "public, max-age=300"), ("access-control-allow-origin", "*"))
_CLIENT_ERRORS: Final = {"invalid_client": 401, "invalid_token": 401, "access_denied": 403}


class ProviderApp:
    """An ASGI application for one provider; mount it where the issuer says.

    Args:
        trusted_source: gives the address that attempts are counted by, from the headers and the peer's address; by
            default the peer's. Behind a proxy, give what that proxy vouches for.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        *,
        trusted_source: Callable[[Mapping[str, str], str], str] = lambda headers, peer: peer,
    ) -> None:
        self._provider, self._source = provider, trusted_source
        issuer = urlsplit(provider.settings.issuer)
        self._secure, self._cookie_path = issuer.scheme == "https", issuer.path or "/"
        # a name with this prefix is one that no other host of the domain can have set
        prefix = "__Host-" if self._secure and self._cookie_path == "/" else ""
        self._browser, self._session = prefix + _BROWSER, prefix + _SESSION
        self._routes: dict[str, dict[str, Callable[[Request], Answer]]] = {
            PATHS["discovery"]: {"GET": self._discovery},
            PATHS["keys"]: {"GET": self._keys},
            PATHS["stock_discovery"]: {"GET": self._discovery},
            PATHS["stock_keys"]: {"GET": self._keys},
            PATHS["authorize"]: {"GET": self._authorize, "POST": self._authorize},
            "step": {"POST": self._step},
            PATHS["token"]: {"POST": self._token},
            PATHS["userinfo"]: {"GET": self._userinfo, "POST": self._userinfo},
            PATHS["revoke"]: {"POST": self._revoke},
            PATHS["logout"]: {"GET": self._logout, "POST": self._logout},
        }

    @http_only
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            request = await read_request(scope, receive)
            answer = await in_turn(self._answer, request)
        except BadRequest as refused:
            answer = json_answer(
                {"error": "invalid_request", "error_description": refused.reason}, status=refused.status
            )
        answer = replace(answer, headers=(*answer.headers, *_ALWAYS, *self._strict_transport()))
        await send_answer(answer, send, head_only=scope["method"] == "HEAD")

    def _strict_transport(self) -> tuple[tuple[str, str], ...]:
        return (("strict-transport-security", "max-age=31536000"),) if self._secure else ()

    def _answer(self, request: Request) -> Answer:
        methods = self._routes.get(request.path.removeprefix("/"))
        if methods is None:
            raise BadRequest(404, "there is nothing here")
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            allowed = ", ".join(methods)
            return json_answer({"error": "invalid_request"}, status=405, headers=(("allow", allowed), *_NO_STORE))
        try:
            return handler(request)
        except StorageError:
            return json_answer({"error": "temporarily_unavailable"}, status=503, headers=_NO_STORE)

    def _discovery(self, request: Request) -> Answer:
        return json_answer(self._provider.discovery(stock=_is_stock(request)), headers=_PUBLIC)

    def _keys(self, request: Request) -> Answer:
        return json_answer(self._provider.jwks(stock=_is_stock(request)), headers=_PUBLIC)

    # pages

    def _authorize(self, request: Request) -> Answer:
        parameters = request.form if request.method == "POST" else request.query
        browser = request.cookies.get(self._browser) or self._provider.new_secret()
        lang = _language(request, dict(parameters).get("ui_locales", ""))
        try:
            step = self._provider.pages.begin(parameters, browser=browser, session=request.cookies.get(self._session))
        except IdentityRejected as problem:
            return self._page(error_page(self._provider.settings, problem, lang=lang), status=400)
        return self._shown(step, lang, self._cookie(self._browser, browser))

    def _step(self, request: Request) -> Answer:
        given = request.fields
        lang: Lang = "en" if given.get("lang") == "en" else "zh"
        browser, session = request.cookies.get(self._browser, ""), request.cookies.get(self._session, "")
        page, action, pages = given.get("page", ""), given.get("action", ""), self._provider.pages
        try:
            if action == "sign_in":
                return self._sign_in(request, given, browser, lang)
            if action == "choose":
                organization = given.get("organization", "")
                step = pages.choose(page, browser=browser, session=session, organization=organization)
            elif action == "agree":
                step = pages.agree(page, browser=browser, session=session)
            elif action == "cancel":
                step = pages.cancel(page, browser=browser)
            else:
                raise BadRequest(400, "no such action")
        except IdentityRejected as problem:
            return self._page(error_page(self._provider.settings, problem, lang=lang), status=400)
        return self._shown(step, lang)

    def _sign_in(self, request: Request, given: Mapping[str, str], browser: str, lang: Lang) -> Answer:
        page, pages = given.get("page", ""), self._provider.pages
        try:
            signed_in = pages.sign_in(
                page,
                browser=browser,
                login=given.get("login", ""),
                password=given.get("password", ""),
                source=self._source(request.headers, request.client),
            )
        except IdentityRejected as problem:
            again = pages.shown(page, browser=browser)
            status = 429 if problem.problem == "too_many_attempts" else 400
            waiting = problem.detail.get("retry_after_s")
            wait = (("retry-after", str(waiting)),) if waiting else ()
            shown = step_page(self._provider.settings, again, lang=lang, problem=problem)
            return self._page(shown, wait, status=status)
        return self._shown(signed_in.step, lang, self._cookie(self._session, signed_in.session))

    def _shown(self, step: Step, lang: Lang, *cookies: tuple[str, str]) -> Answer:
        if isinstance(step, GoTo):
            return Answer(
                303, headers=(("location", step.url), ("referrer-policy", "no-referrer"), *cookies, *_NO_STORE)
            )
        return self._page(step_page(self._provider.settings, step, lang=lang), cookies)

    def _page(self, page: Page, headers: tuple[tuple[str, str], ...] = (), *, status: int = 200) -> Answer:
        return Answer(status, page.body, (*page.headers, *headers, *_NO_STORE))

    def _cookie(self, name: str, value: str) -> tuple[str, str]:
        return cookie(name, value, path=self._cookie_path, secure=self._secure)

    def _logout(self, request: Request) -> Answer:
        """Sign the browser out (OpenID Connect RP-Initiated Logout 1.0): at once for an application that shows whose
        token it holds, after a question for everybody else."""
        given = dict(request.form if request.method == "POST" else request.query)
        lang = _language(request, given.get("ui_locales", ""))
        settings, session = self._provider.settings, request.cookies.get(self._session, "")
        leaving, browser = self._provider.leaving, request.cookies.get(self._browser, "")
        try:
            hint = given.get("id_token_hint", "")
            address = leaving.way_out(
                id_token_hint=hint,
                application=given.get("client_id", ""),
                return_to=given.get("post_logout_redirect_uri", ""),
            )
            hinted = leaving.is_of_session(hint, session=session)
        except IdentityRejected as problem:
            return self._page(error_page(settings, problem, lang=lang), status=400)
        mark = leaving.mark(browser)
        if session and not hinted and (not browser or given.get("sure", "") != mark):
            again = {name: given.get(name, "") for name in ("client_id", "post_logout_redirect_uri", "state")}
            return self._page(sign_out_page(settings, again | {"sure": mark}, lang=lang, goes_to=address))
        if session:
            leaving.sign_out(session)
        gone = self._cookie(self._session, "")
        if not address:
            return self._page(signed_out_page(settings, lang=lang), (gone,))
        return Answer(
            303, headers=(("location", answer_address(address, {"state": given.get("state", "")})), gone, *_NO_STORE)
        )

    # what programs ask for

    def _token(self, request: Request) -> Answer:
        try:
            answer = self._provider.tokens.answer(request.fields, authorization=request.headers.get("authorization"))
        except IdentityRejected as problem:
            return _refused(problem, request)
        return json_answer(answer, headers=_NO_STORE)

    def _userinfo(self, request: Request) -> Answer:
        try:
            claims = self._provider.tokens.userinfo(_token_of(request))
        except IdentityRejected as problem:
            return _refused(problem, request)
        return json_answer(claims, headers=_NO_STORE)

    def _revoke(self, request: Request) -> Answer:
        try:
            self._provider.tokens.revoke_for(request.fields, authorization=request.headers.get("authorization"))
        except IdentityRejected as problem:
            return _refused(problem, request)
        return Answer(200, headers=_NO_STORE)


def _is_stock(request: Request) -> bool:
    return request.path.removeprefix("/") in (PATHS["stock_discovery"], PATHS["stock_keys"])


def _token_of(request: Request) -> str:
    if not (token := request.bearer):
        raise refuse("session_ended")
    return token


def _refused(problem: IdentityRejected, request: Request) -> Answer:
    """An error as RFC 6749, 5.2 and RFC 6750, 3 want it, with our own code beside it."""
    error = OAUTH_ERRORS.get(problem.problem, "invalid_request")
    value = {"error": error, "error_description": problem.message, "code": problem.code}
    status = _CLIENT_ERRORS.get(error, 400)
    headers: tuple[tuple[str, str], ...] = _NO_STORE
    if error == "invalid_client" and "authorization" in request.headers:
        headers += (("www-authenticate", 'Basic realm="token", charset="UTF-8"'),)
    if error == "invalid_token":
        headers += (("www-authenticate", 'Bearer error="invalid_token"' if request.bearer else "Bearer"),)
    return json_answer(value, status=status, headers=headers)


def _language(request: Request, asked: str) -> Lang:
    """Chinese, unless English is asked for first."""
    for text in (*asked.split(), *request.headers.get("accept-language", "").split(",")):
        word = text.strip().lower().partition(";")[0].partition("-")[0]
        if word in ("zh", "en"):
            return cast("Lang", word)
    return "zh"
