"""Signing in at the provider, page by page: who it is, for whom, and whether the application may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hmac import compare_digest
from itertools import count
from typing import Final

from egov_sdk.codes.masking import mask_name
from egov_sdk.identity.model import AuthMethod, HolderKind
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.account import (
    Account,
    AccountState,
    account_by_login,
    account_of,
    normal_login,
    organizations_of,
)
from egov_sdk.identity.provider.applications import Application, active_application
from egov_sdk.identity.provider.attempts import count_attempt, forgive
from egov_sdk.identity.provider.consents import consented, keep_consent
from egov_sdk.identity.provider.desk import Desk, digest_of, words
from egov_sdk.identity.provider.endings import sweep
from egov_sdk.identity.provider.grants import Browsing, issue_code, open_grant
from egov_sdk.identity.provider.requests import (
    AnsweredWithError,
    AuthorizationRequest,
    Parameters,
    answer_address,
    read_request,
)
from egov_sdk.identity.provider.sessions import browsing_of, open_session
from egov_sdk.identity.provider.steps import AskToAgree, AskToChoose, AskToSignIn, GoTo, Progress, SignedIn, Step
from egov_sdk.identity.provider.tables import ACCOUNTS
from egov_sdk.storage import KeyStore
from egov_sdk.storage.sql import Connection, update

__all__ = ["SignInDesk"]

_PAGES: Final = KeyStore("identity.pages", capacity=200_000)
_SWEEP_EVERY: Final = 1_000  # sign-ins
_Change = Callable[[Progress], Progress]


class SignInDesk:
    """The provider's side of a sign-in. Each call takes one step and says which page comes next.

    ``browser`` is a secret that the browser keeps from the first page to the last: a page that was opened in one
    browser cannot be finished in another. ``session`` is the secret of a session that ``sign_in`` has given.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk, self._turns = desk, count()

    def begin(self, parameters: Parameters, *, browser: str, session: str | None = None) -> Step:
        """Take up what an application asks for.

        Raises:
            IdentityRejected: application_unknown, redirect_uri, request: to be shown, and the browser goes nowhere.
        """
        at = self._desk.now()
        try:
            with self._desk.store.write(durable=False) as connection:
                request, application = read_request(connection, parameters)
                until = at + self._desk.settings.page_time
                progress = Progress(request=request, browser=digest_of(browser).hex(), until=until)
                browsing = browsing_of(connection, session, at=at)
                return self._next(connection, self._desk.secret(), progress, application, browsing, at)
        except AnsweredWithError as refused:
            return GoTo(refused.address(self._desk.settings))

    def shown(self, page: str, *, browser: str) -> AskToSignIn:
        """The page of a sign-in once more, such as after a wrong password.

        Raises:
            IdentityRejected: page_unknown.
        """
        at = self._desk.now()
        with self._desk.store.read() as connection:
            request = self._progress(connection, page, browser, at).request
            application, _ = active_application(connection, request.application)
        return _ask(page, request, application)

    def sign_in(self, page: str, *, browser: str, login: str, password: str, source: str = "") -> SignedIn:
        """Sign in with a name and a password.

        Args:
            source: from where, such as a network address; attempts are counted by it as well.
        Raises:
            IdentityRejected: page_unknown, method_unmet, sign_in_failed, too_many_attempts, account_suspended. The page
                stays good.
        """
        at, limits = self._desk.now(), self._desk.settings.attempts
        try:
            login = normal_login(login)
        except IdentityRejected:
            login = ""  # nobody's, and counted like any other
        with self._desk.store.write(durable=False) as connection:
            self._check_method(self._progress(connection, page, browser, at), AuthMethod.PASSWORD)
            blocked = count_attempt(connection, login, source, at=at, limits=limits)
            found = None if blocked else account_by_login(connection, login)
        if blocked is not None:
            raise blocked
        account = self._recognized(found, password, at)
        with self._desk.store.write(durable=False) as connection:
            forgive(connection, login, source, limits=limits)
            return self._signed_in(connection, page, browser, account.id, AuthMethod.PASSWORD, at)

    def vouch(self, page: str, *, browser: str, account: str, method: AuthMethod) -> SignedIn:
        """Sign in somebody whom other code has recognised, by certificate, face or network identity.

        Raises:
            IdentityRejected: page_unknown, method_unmet, account_unknown, account_suspended.
            ValueError: the method is UNKNOWN.
        """
        if method is AuthMethod.UNKNOWN:
            raise ValueError("say how somebody was recognised")
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            self._check_method(self._progress(connection, page, browser, at), method)
            return self._signed_in(connection, page, browser, account, method, at)

    def choose(self, page: str, *, browser: str, session: str, organization: str) -> Step:
        """Choose the organisation to act for.

        Raises:
            IdentityRejected: page_unknown.
        """
        return self._go_on(page, browser, session, lambda progress: replace(progress, organization=organization))

    def agree(self, page: str, *, browser: str, session: str) -> Step:
        """Agree to what the application asks to see.

        Raises:
            IdentityRejected: page_unknown.
        """
        return self._go_on(page, browser, session, lambda progress: replace(progress, agreed=True))

    def cancel(self, page: str, *, browser: str) -> GoTo:
        """Do not go on; the application is told.

        Raises:
            IdentityRejected: page_unknown.
        """
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            request = self._progress(connection, page, browser, at).request
            _use_up(connection, page, at)
        return GoTo(request.refused(refuse("cancelled")).address(self._desk.settings))

    def _progress(self, connection: Connection, page: str, browser: str, at: datetime) -> Progress:
        kept = _PAGES.get(connection, page, at=at)
        if kept is None:
            raise refuse("page_unknown")
        progress = Progress.from_object(kept)
        if not compare_digest(progress.browser, digest_of(browser).hex()):
            raise refuse("page_unknown")
        return progress

    def _check_method(self, progress: Progress, method: AuthMethod) -> None:
        wanted = progress.request.method
        if wanted not in (None, method):
            raise refuse("method_unmet", found=method.value, expected=wanted)

    def _recognized(self, found: tuple[Account, str | None] | None, password: str, at: datetime) -> Account:
        """The account, if the password is right. A wrong name takes as long as a wrong password, and reads the same."""
        account, kept = found or (None, None)
        if not self._desk.hasher.matches(password, kept) or account is None:
            with self._desk.store.write(durable=False) as connection:
                subject = account.id if account else ""
                self._desk.note(connection, "sign_in.failed", at=at, subject=subject)
            raise refuse("sign_in_failed")
        if kept is not None and self._desk.hasher.is_outdated(kept):
            renewed = self._desk.hasher.keep(password)
            with self._desk.store.write() as connection:
                row = update(ACCOUNTS).where(ACCOUNTS.c.id == account.id, ACCOUNTS.c.password == kept)
                connection.execute(row.values(password=renewed))
        return account

    def _signed_in(
        self, connection: Connection, page: str, browser: str, account: str, method: AuthMethod, at: datetime
    ) -> SignedIn:
        progress = self._progress(connection, page, browser, at)
        found = account_of(connection, account)
        if found.state is not AccountState.ACTIVE or found.kind is not HolderKind.NATURAL:
            raise refuse("account_suspended")
        session, browsing = open_session(connection, self._desk, found, method=method, at=at)
        # what somebody else has chosen or agreed to on this page does not count
        progress = replace(progress, signed_in=browsing.id, organization=None, agreed=False)
        step = self._answer(connection, page, progress, browsing, at)
        detail = {"method": method.value, "application": progress.request.application}
        self._desk.note(connection, "sign_in", at=at, actor=account, subject=account, detail=detail)
        if next(self._turns) % _SWEEP_EVERY == _SWEEP_EVERY - 1:
            sweep(connection, self._desk.settings.attempts, at=at)
        return SignedIn(session, browsing.until, step)

    def _go_on(self, page: str, browser: str, session: str, change: _Change) -> Step:
        at = self._desk.now()
        with self._desk.store.write(durable=False) as connection:
            progress = self._progress(connection, page, browser, at)
            browsing = browsing_of(connection, session, at=at)
            return self._answer(connection, page, change(progress), browsing, at)

    def _answer(
        self, connection: Connection, page: str, progress: Progress, browsing: Browsing | None, at: datetime
    ) -> Step:
        """The next step of a page that has been shown; what is refused is told to the application."""
        _use_up(connection, page, at)
        try:
            application, _ = active_application(connection, progress.request.application)
            _check_still(progress.request, application)
            return self._next(connection, page, progress, application, browsing, at)
        except AnsweredWithError as refused:
            return GoTo(refused.address(self._desk.settings))

    def _next(
        self,
        connection: Connection,
        page: str,
        progress: Progress,
        application: Application,
        browsing: Browsing | None,
        at: datetime,
    ) -> Step:
        request = progress.request
        if browsing is None or _must_sign_in(progress, browsing, at):
            self._show(connection, page, progress, at, unless="login_required")
            return _ask(page, request, application)
        if not browsing.level.reaches(request.level):
            problem = refuse("level_unmet", found=browsing.level.value, expected=request.level.value)
            raise request.refused(problem)
        if request.holder is HolderKind.LEGAL:
            progress, choices = _with_organization(connection, progress, browsing)
            if choices:
                self._show(connection, page, progress, at, unless="interaction_required")
                return AskToChoose(
                    page=page, application=application.name, redirect_uri=request.redirect_uri, organizations=choices
                )
        if not _has_agreed(connection, self._desk, progress, application, browsing, at):
            self._show(connection, page, progress, at, unless="consent_required")
            name = mask_name(account_of(connection, browsing.account).name)
            return AskToAgree(
                page=page,
                application=application.name,
                redirect_uri=request.redirect_uri,
                name=name,
                scopes=request.scopes,
            )
        return self._code(connection, progress, browsing, at)

    def _show(self, connection: Connection, page: str, progress: Progress, at: datetime, *, unless: str) -> None:
        """Keep a page that is about to be shown; an application that wants none is told why one was needed."""
        if "none" in progress.request.prompt:
            raise progress.request.refused(refuse(unless))
        _PAGES.put(connection, page, progress.to_object(), at=at, until=progress.until)

    def _code(self, connection: Connection, progress: Progress, browsing: Browsing, at: datetime) -> GoTo:
        request = progress.request
        grant = open_grant(
            connection,
            self._desk,
            browsing,
            application=request.application,
            organization=progress.organization,
            scopes=request.scopes,
            at=at,
        )
        code = issue_code(
            connection,
            self._desk,
            grant,
            kind="code",
            until=at + self._desk.settings.code_time,
            redirect_uri=request.redirect_uri,
            challenge=request.challenge,
            nonce=request.nonce,
        )
        answer = {"code": code, "state": request.state, "iss": self._desk.settings.issuer_for(request.algorithm)}
        return GoTo(answer_address(request.redirect_uri, answer))


def _check_still(request: AuthorizationRequest, application: Application) -> None:
    """Return if what was asked for may be answered now too: the application may have been changed since."""
    if request.redirect_uri not in application.redirect_uris:
        raise refuse("redirect_uri", found=request.redirect_uri)
    if refused := request.scopes - application.scopes:
        raise request.refused(refuse("scope", found=words(refused)))


def _use_up(connection: Connection, page: str, at: datetime) -> None:
    """Take a page away: of two clicks at once, the second finds it gone."""
    if _PAGES.take(connection, page, at=at) is None:
        raise refuse("page_unknown")


def _ask(page: str, request: AuthorizationRequest, application: Application) -> AskToSignIn:
    return AskToSignIn(
        page=page,
        application=application.name,
        redirect_uri=request.redirect_uri,
        level=request.level,
        method=request.method,
        holder=request.holder,
        login_hint=request.login_hint,
    )


def _must_sign_in(progress: Progress, browsing: Browsing, at: datetime) -> bool:
    """Whether a session will not do for a request. Whoever has signed in for it is not asked twice.

    Only the session that was opened for it counts: otherwise one account's password would renew another's sign-in.
    """
    if progress.signed_in == browsing.id:
        return False
    request = progress.request
    if request.prompt & {"login", "select_account"} or request.method not in (None, browsing.method):
        return True
    if request.max_age_s is not None and at - browsing.authenticated_at > timedelta(seconds=request.max_age_s):
        return True
    return not browsing.level.reaches(request.level) and "none" not in request.prompt


def _with_organization(
    connection: Connection, progress: Progress, browsing: Browsing
) -> tuple[Progress, tuple[tuple[str, str], ...]]:
    """The progress with its organisation; or those to choose from, by id and name."""
    request = progress.request
    able = {one.id: one for one in organizations_of(connection, browsing.account)}
    chosen = progress.organization or (next(iter(able)) if len(able) == 1 else None)
    if chosen is None and able:
        return progress, tuple((one.id, one.name) for one in able.values())
    if chosen is None or chosen not in able:
        raise request.refused(refuse("organization_none"))
    if not able[chosen].level.reaches(request.level):
        problem = refuse("level_unmet", found=able[chosen].level.value, expected=request.level.value)
        raise request.refused(problem)
    return replace(progress, organization=chosen), ()


def _has_agreed(
    connection: Connection,
    desk: Desk,
    progress: Progress,
    application: Application,
    browsing: Browsing,
    at: datetime,
) -> bool:
    """Whether the person has agreed, now or before, to all that is asked for; what is agreed to now is kept."""
    if application.consent == "implied":
        return True
    request = progress.request
    if progress.agreed:
        keep_consent(connection, desk, browsing.account, application.id, scopes=request.scopes, at=at)
        return True
    if "consent" in request.prompt:
        return False
    return request.scopes <= consented(connection, browsing.account, application.id)
