"""The console of a province (管理控制台): pages for its staff, each with the powers that it takes."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from egov_sdk.errors import EgovError
from egov_sdk.gateway.asgi import http_only
from egov_sdk.gateway.turns import in_turn
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider.web import (
    Answer,
    BadRequest,
    Receive,
    Request,
    Scope,
    Send,
    cookie,
    read_request,
    send_answer,
)
from egov_sdk.platform.console.languages import lang_cookie, language_choice, language_of
from egov_sdk.platform.console.problems import ConsoleRejected, failed, refuse
from egov_sdk.platform.console.rendering import STATIC, Pages
from egov_sdk.platform.console.sessions import Session, SignIns, form_mark, new_token
from egov_sdk.platform.console.verifying import VerifyApp, VerifyLimits
from egov_sdk.platform.console.views import ROUTES
from egov_sdk.platform.console.visits import Desk, Visit, find_route, page_of
from egov_sdk.platform.console.words import word
from egov_sdk.platform.parts import Part
from egov_sdk.platform.powers import Power
from egov_sdk.report_words import message_of
from egov_sdk.storage import StorageError

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.platform.console.staff import StaffRegister
    from egov_sdk.platform.mock.switches import Switchboard

__all__ = ["CONSOLE_PATH", "VERIFY_PATH", "ConsoleApp", "console_parts"]

#: Where the console and the public page are, unless they are told otherwise.
CONSOLE_PATH: Final = "/console"
VERIFY_PATH: Final = "/verify"

_SESSION, _VISIT = "egov_console", "egov_console_visit"
_SIGN_IN, _SIGN_OUT, _PASSWORD = "/sign-in", "/sign-out", "/password"
_STATUS: Final = {
    "console.signed_out": 401,
    "console.power": 403,
    "console.form": 403,
    "console.not_found": 404,
    "console.method": 405,
    "too_many_attempts": 429,
}

Source = Callable[[Mapping[str, str], str], str]


def console_parts(
    office: LocalOffice,
    *,
    staff: StaffRegister,
    clock: Callable[[], datetime],
    switches: Switchboard | None = None,
    at: str = CONSOLE_PATH,
    verify_at: str = VERIFY_PATH,
    trusted_source: Source = lambda headers, peer: peer,
    verify_limits: VerifyLimits | None = None,
) -> tuple[Part, Part]:
    """The console for staff and the page where anybody verifies documents, for ``province_app(parts=…)``.

    Args:
        switches: Of a province that is a mock: what is to go wrong in it can be chosen then.
        trusted_source: Gives the address that sign-ins are counted by, as for ProviderApp.
    Raises:
        MissingExtra: the templates' library is not installed.
    """
    secure = urlsplit(office.provider.settings.issuer).scheme == "https"
    pages = Pages(at=at, verify=verify_at, secure=secure)
    desk = Desk(office, staff, SignIns(staff), pages, clock, switches)
    console = ConsoleApp(desk, secure=secure, trusted_source=trusted_source)
    verify = VerifyApp(office, pages=pages, clock=clock, limits=verify_limits or VerifyLimits())
    return Part(name="console", path=at, app=console), Part(name="verify", path=verify_at, app=verify, front=True)


class ConsoleApp:
    """An ASGI application with the pages for staff; its root path is where the console is."""

    def __init__(self, desk: Desk, *, secure: bool, trusted_source: Source) -> None:
        self._desk, self._secure, self._source = desk, secure, trusted_source
        prefix = "__Secure-" if secure else ""
        self._session, self._visit = prefix + _SESSION, prefix + _VISIT

    @http_only
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            request = await read_request(scope, receive)
        except BadRequest as bad:
            answer = self._refused(Visit(desk=self._desk, request=_NONE, lang="zh"), bad.status, bad.reason)
        else:
            answer = await in_turn(self._answer, replace(request, path=request.path or "/"))
        await send_answer(answer, send, head_only=scope["method"] == "HEAD")

    def _answer(self, request: Request) -> Answer:
        if request.path.startswith(STATIC):
            asset = self._desk.pages.assets.get(request.path.removeprefix(STATIC))
            if asset is not None and request.method in ("GET", "HEAD"):
                return asset.answer()
        visit = Visit(desk=self._desk, request=request, lang=language_of(request))
        try:
            visit = replace(visit, session=self._desk.sign_ins.of(request.cookies.get(self._session, "")))
            return self._visited(visit)
        except BadRequest as bad:
            return self._refused(visit, bad.status, bad.reason)
        except StorageError as error:
            return self._failed(visit, error, status=503)
        except (ConsoleRejected, IdentityRejected) as no:
            return self._failed(visit, no, status=_STATUS.get(no.problem, 400))
        except EgovError as error:
            return self._failed(visit, error, status=400)
        except Exception:  # noqa: BLE001 - nothing internal may reach the visitor
            return self._failed(visit, failed(), status=500)

    def _visited(self, visit: Visit) -> Answer:
        request = visit.request
        if request.path in (_SIGN_IN, _SIGN_OUT, _PASSWORD):
            found = _BY_PATH.get((request.path, "GET" if request.method == "HEAD" else request.method))
            if found is None:
                raise refuse("console.method")
            return found(self, visit)
        if (chosen := language_choice(request)) is not None:
            return self._desk.pages.go(self._desk.pages.at + chosen[0], lang_cookie(chosen[1], secure=self._secure))
        if request.method in ("GET", "HEAD") and (page := page_of(ROUTES, request.path)):
            return self._desk.pages.go(self._desk.pages.at + page)
        route, place = find_route(ROUTES, request.method, request.path)
        if visit.session is None and route.method == "GET":
            return self._desk.pages.go(self._desk.pages.at + _SIGN_IN)
        staff = visit.who.staff
        if staff.must_change:
            return self._desk.pages.go(self._desk.pages.at + _PASSWORD)
        if staff.power not in route.powers:
            raise self._powerless(visit, route.powers)
        if route.method != "GET":
            _check_form(visit, visit.who.mark)
        return route.view(replace(visit, place=place, route=route.name))

    def _powerless(self, visit: Visit, powers: frozenset[Power]) -> ConsoleRejected:
        self._desk.note(visit, "staff.power_refused", subject=visit.request.path[:100])
        return refuse("console.power", expected=" / ".join(sorted(word(one, visit.lang) for one in powers)))

    # ---- signing in and out

    def _show_sign_in(self, visit: Visit, *, status: int = 200, problem: EgovError | None = None) -> Answer:
        if visit.session is not None and problem is None:
            return self._desk.pages.go(f"{self._desk.pages.at}/")
        if (chosen := language_choice(visit.request)) is not None:
            return self._desk.pages.go(self._desk.pages.at + chosen[0], lang_cookie(chosen[1], secure=self._secure))
        token = visit.request.cookies.get(self._visit) or new_token(self._desk.staff.random)
        told = None if problem is None else message_of(problem, visit.lang)
        page = visit.show(
            "sign_in.html",
            status=status,
            title=("登录", "Sign in"),
            mark=form_mark(token),
            problem=told,
            login=visit.form.get("login", "")[:64] if visit.request.method == "POST" else "",
        )
        return replace(page, headers=(*page.headers, self._cookie(self._visit, token)))

    def _sign_in(self, visit: Visit) -> Answer:
        before = visit.request.cookies.get(self._visit, "")
        form = visit.form
        if not before:
            raise refuse("console.form")
        _check_form(visit, form_mark(before))
        source = self._source(visit.request.headers, visit.request.client)
        old = visit.request.cookies.get(self._session, "")
        try:
            session = self._desk.sign_ins.sign_in(
                form.get("login", ""), form.get("password", ""), source=source, before=old
            )
        except (ConsoleRejected, IdentityRejected) as no:
            shown = self._show_sign_in(replace(visit, session=None), status=_STATUS.get(no.problem, 400), problem=no)
            wait = no.detail.get("retry_after_s")
            return replace(shown, headers=(*shown.headers, *((("retry-after", str(wait)),) if wait else ())))
        return self._entered(session)

    def _entered(self, session: Session) -> Answer:
        path = _PASSWORD if session.staff.must_change else "/"
        cookies = (self._cookie(self._session, session.token), self._cookie(self._visit, ""))
        return self._desk.pages.go(self._desk.pages.at + path, *cookies)

    def _sign_out(self, visit: Visit) -> Answer:
        _check_form(visit, visit.who.mark)
        self._desk.sign_ins.sign_out(visit.who)
        return self._desk.pages.go(self._desk.pages.at + _SIGN_IN, self._cookie(self._session, ""))

    def _show_password(self, visit: Visit, *, status: int = 200, problem: EgovError | None = None) -> Answer:
        if visit.session is None:
            return self._desk.pages.go(self._desk.pages.at + _SIGN_IN)
        told = None if problem is None else message_of(problem, visit.lang)
        return visit.show("password.html", status=status, title=("修改密码", "Change password"), problem=told)

    def _change_password(self, visit: Visit) -> Answer:
        session, form = visit.who, visit.form
        _check_form(visit, session.mark)
        source = self._source(visit.request.headers, visit.request.client)
        try:
            if form.get("new", "") != form.get("again", ""):
                raise refuse("console.password_differs")
            renewed = self._desk.sign_ins.change_password(
                session, old=form.get("old", ""), new=form.get("new", ""), source=source
            )
        except (ConsoleRejected, IdentityRejected) as no:
            return self._show_password(visit, status=_STATUS.get(no.problem, 400), problem=no)
        return self._entered(renewed)

    # ---- what is said when something is not done

    def _failed(self, visit: Visit, error: EgovError, *, status: int) -> Answer:
        return self._told(visit, message_of(error, visit.lang), error.code, status)

    def _refused(self, visit: Visit, status: int, reason: str) -> Answer:
        error = refuse("console.request", found=reason)
        return self._told(visit, message_of(error, visit.lang), error.code, status)

    def _told(self, visit: Visit, message: str, code: str, status: int) -> Answer:
        title = ("无法继续", "This does not work")
        return visit.show("error.html", status=status, title=title, message=message, code=code)

    def _cookie(self, name: str, value: str) -> tuple[str, str]:
        key, made = cookie(name, value, path=self._desk.pages.at, secure=self._secure)
        return key, made.replace("SameSite=Lax", "SameSite=Strict")


_BY_PATH: Final[Mapping[tuple[str, str], Callable[[ConsoleApp, Visit], Answer]]] = {
    (_SIGN_IN, "GET"): ConsoleApp._show_sign_in,
    (_SIGN_IN, "POST"): ConsoleApp._sign_in,
    (_SIGN_OUT, "POST"): ConsoleApp._sign_out,
    (_PASSWORD, "GET"): ConsoleApp._show_password,
    (_PASSWORD, "POST"): ConsoleApp._change_password,
}
_NONE: Final = Request(method="GET", path="/", query=(), form=(), headers={}, cookies={}, client="")


def _check_form(visit: Visit, mark: str) -> None:
    """Whether a form was sent from a page of this session, by this site."""
    site = visit.request.headers.get("sec-fetch-site", "same-origin")
    given = visit.form.get("mark", "")
    if site not in ("same-origin", "none") or not hmac.compare_digest(given.encode(), mark.encode()):
        raise refuse("console.form")
