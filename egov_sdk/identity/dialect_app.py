"""A provider of one's own behind the interface of a platform (统一身份认证), as an ASGI application."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from egov_sdk.crypto import sm3
from egov_sdk.errors import EgovError
from egov_sdk.gateway.asgi import Received, Reply, ThreadedApp, read_json
from egov_sdk.gateway.remembered import Remembered
from egov_sdk.identity._reply import put, user_reply
from egov_sdk.identity.model import HolderKind, SignIn, UserInfo
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.profile import HOLE, Call, IdentityProfile
from egov_sdk.identity.service import IdentityService

__all__ = ["HOLDER_PARAMETER", "KnownApplication", "identity_app", "identity_paths"]

#: A parameter of the login page: ``legal`` where an organisation shall sign in.
HOLDER_PARAMETER: Final = "egov_holder"
_log = logging.getLogger("egov_sdk.identity")

_BODY_BYTES: Final = 64 << 10
_RETURNED: Final = "/returned"
_TOKEN_LIFE: Final = timedelta(hours=2)
_SIGN_IN: Final = timedelta(minutes=10)
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownApplication:
    """What the platform knows of an application: where its browsers may come back to, and its secrets."""

    redirect_uris: frozenset[str]
    secrets: tuple[str, ...] = field(default=(), repr=False)


#: The application with an id; None for a stranger.
Applications = Callable[[str], KnownApplication | None]
#: The provider's own service, for sign-ins that come back to an address.
ServiceAt = Callable[[str], IdentityService]


@dataclass(frozen=True, slots=True)
class _Begun:
    sign_in: SignIn
    client_id: str
    back: str
    state: str


@dataclass(frozen=True, slots=True)
class _Entered:
    client_id: str
    user: UserInfo


def identity_paths(profile: IdentityProfile) -> dict[str, str]:
    """Where an application of this profile answers, and what is done there; pages of browsers are the first two."""
    login = urlsplit(profile.login.url).path
    calls = {} if profile.token is None else {profile.token.path: "identity.token"}
    if profile.userinfo is not None:
        calls.setdefault(profile.userinfo.path, "identity.userinfo")
    return {login: "identity.authorize", login + _RETURNED: "identity.returned", **calls}


def identity_app(
    service_at: ServiceAt,
    *,
    profile: IdentityProfile,
    applications: Applications,
    clock: Callable[[], datetime],
    address: str,
    random: Callable[[int], bytes] = os.urandom,
) -> ThreadedApp:
    """An application that answers as a platform with this profile does.

    Sign-ins, tickets and tokens are remembered in this process: one process serves one platform.

    The login page takes one parameter more than the platform's, HOLDER_PARAMETER.

    Args:
        profile: One of the shapes ``code`` and ``ticket``.
        address: Where it is reached: scheme and host. The service's sign-ins come back to the login page's path and
            ``/returned`` there.
    Raises:
        ValueError: the profile is of another shape, or has no login address.
    """
    if profile.shape == "oidc" or profile.token is None or profile.userinfo is None or not profile.login.url:
        raise ValueError(f"the profile {profile.name!r} is served by the provider itself")
    return ThreadedApp(
        _Server(service_at, profile, applications, clock, address, random).reply, max_body_bytes=_BODY_BYTES
    )


class _Server:
    def __init__(
        self,
        service_at: ServiceAt,
        profile: IdentityProfile,
        applications: Applications,
        clock: Callable[[], datetime],
        address: str,
        random: Callable[[int], bytes],
    ) -> None:
        self._profile, self._applications, self._random = profile, applications, random
        self._login = urlsplit(profile.login.url).path
        self._service_at, self._back = service_at, f"{address}{self._login}{_RETURNED}"
        ticket_life = timedelta(seconds=profile.ticket_life_s)
        self._begun = Remembered[_Begun](clock, lasts=_SIGN_IN, most=_MOST)
        self._tickets = Remembered[_Entered](clock, lasts=ticket_life, most=_MOST)
        self._tokens = Remembered[_Entered](clock, lasts=_TOKEN_LIFE, most=_MOST)

    # ------------------------------------------------------------------ in and out

    def reply(self, received: Received) -> Reply:
        try:
            if received.path in (self._login, self._login + _RETURNED):
                if received.method != "GET":
                    return Reply(405, headers=(("allow", "GET"),))
                return self._begin(received) if received.path == self._login else self._returned(received)
            return self._called(received)
        except IdentityRejected as error:
            return self._no(error.problem, str(error.text.zh))
        except EgovError as error:
            _log.error("a question failed: %s", error)
        except Exception:  # noqa: BLE001 - nothing internal may reach the caller
            _log.exception("a question failed")
        return Reply(500)

    def _no(self, problem: str, text: str) -> Reply:
        codes = {known: code for code, known in reversed(tuple(self._profile.errors.items()))}
        code, rule = codes.get(problem, ""), self._profile.answer
        answer: dict[str, object] = {}
        if rule is not None:
            put(answer, rule.success, False)
            put(answer, rule.code, code or problem)
            answer["errorMsg"] = text
            return _json(answer)
        if code:
            return _json({"result": code, "errmsg": text})
        return _json({"error": "invalid_grant", "error_description": text}, status=400)

    def _yes(self, answer: dict[str, object]) -> Reply:
        rule = self._profile.answer
        if rule is not None:
            put(answer, rule.success, True)
        elif self._profile.errors:
            answer.setdefault("result", "0")
        return _json(answer)

    # ------------------------------------------------------------------ pages

    def _begin(self, received: Received) -> Reply:
        """A browser that an application sends; it goes on to the provider's own pages."""
        asked = _holes(self._profile.login.fields, received.query)
        client_id = asked.get("client_id", "")
        known = self._applications(client_id) if client_id else None
        if known is None:
            return _page(400, "应用未登记")
        back = asked.get("redirect_uri_with_state") or asked.get("redirect_uri", "")
        if not back and len(known.redirect_uris) == 1:
            back = next(iter(known.redirect_uris))
        if urlsplit(back)._replace(query="").geturl() not in known.redirect_uris and back not in known.redirect_uris:
            return _page(400, "回调地址未登记")
        # the platforms have pages apart for organisations; here one parameter more says which of them it is
        holder = HolderKind.LEGAL if received.query.get(HOLDER_PARAMETER) == HolderKind.LEGAL else HolderKind.NATURAL
        begun = self._service_at(self._back).begin(holder=holder)
        self._begun.put(begun.state, _Begun(begun, client_id, back, asked.get("state", "")))
        return Reply(302, headers=(("location", begun.url), ("cache-control", "no-store")))

    def _returned(self, received: Received) -> Reply:
        """The browser is back from the provider's pages; it goes on to the application, with a ticket."""
        begun = self._begun.take(received.query.get("state", ""))
        if begun is None:
            return _page(400, "登录已失效，请重新登录")
        service = self._service_at(self._back)
        try:
            session = service.complete(begun.sign_in, callback="?" + urlencode(received.query))
            user = service.userinfo(session)
        except IdentityRejected:
            return _page(403, "登录未完成")
        ticket = self._random(24).hex()
        self._tickets.put(_key(ticket), _Entered(begun.client_id, user))
        query = [*parse_qsl(urlsplit(begun.back).query), (self._profile.callback, ticket)]
        if begun.state:
            query.append((self._profile.state, begun.state))
        url = urlsplit(begun.back)._replace(query=urlencode(query)).geturl()
        return Reply(302, headers=(("location", url), ("cache-control", "no-store")))

    # ------------------------------------------------------------------ calls

    def _called(self, received: Received) -> Reply:
        profile = self._profile
        assert profile.token is not None
        assert profile.userinfo is not None
        for call, answer in ((profile.token, self._token), (profile.userinfo, self._user)):
            if received.path != call.path:
                continue
            if received.method != call.method:
                return Reply(405, headers=(("allow", call.method),))
            given = _given(received, call)
            if given is None:
                return Reply(400)
            if all(given.get(name) == text for name, text in call.fields.items() if not HOLE.search(text)):
                return answer(_holes(call.fields, given), received)
        return Reply(404)

    def _token(self, asked: Mapping[str, str], received: Received) -> Reply:
        key = _key(asked.get("code", ""))
        entered = self._tickets.take(key)
        if entered is None:
            return self._refused("ticket_unknown", "票据无效")
        if "client_id" in asked and not self._is(entered.client_id, asked):
            return self._refused("ticket_audience", "票据不属于该应用")
        token = self._random(24).hex()
        self._tokens.put(_key(token), entered)
        fields = self._profile.token_fields
        answer: dict[str, object] = {}
        put(answer, fields.token, token)
        put(answer, fields.life_s, int(_TOKEN_LIFE.total_seconds()))
        put(answer, fields.subject, entered.user.subject)
        return self._yes(answer)

    def _is(self, client_id: str, asked: Mapping[str, str]) -> bool:
        if asked["client_id"] != client_id:
            return False
        if "client_secret" not in asked:
            return True
        known, given = self._applications(client_id), asked["client_secret"].encode("utf-8", "surrogatepass")
        return known is not None and any(compare_digest(one.encode(), given) for one in known.secrets)

    def _user(self, asked: Mapping[str, str], received: Received) -> Reply:
        token = asked.get("token") or received.headers.get("authorization", "").removeprefix("Bearer ")
        entered = self._tokens.get(_key(token))
        if entered is None:
            return self._refused("session_ended", "令牌无效或已过期")
        assert self._profile.user is not None
        return self._yes(user_reply(entered.user, self._profile.user))

    def _refused(self, problem: str, text: str) -> Reply:
        known = set(self._profile.errors.values())
        if problem.startswith("ticket_") and problem not in known and "ticket_rejected" in known:
            problem = "ticket_rejected"
        return self._no(problem, text)


def _holes(fields: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What fills the holes of fields that are one hole each."""
    found = {}
    for name, text in fields.items():
        hole = HOLE.fullmatch(text)
        if hole is not None and name in given:
            found[hole[1]] = given[name]
    return found


def _given(received: Received, call: Call) -> dict[str, str] | None:
    """What a call sends beside its path, where the profile puts it."""
    if not call.body:
        return dict(received.query)
    try:
        if call.body == "form":
            return dict(parse_qsl(received.body.decode(), keep_blank_values=True, max_num_fields=64))
        value = read_json(received.body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    return {name: text for name, text in value.items() if isinstance(text, str)}


def _key(secret: str) -> str:
    return sm3(secret.encode("utf-8", "surrogatepass")).hex()


def _json(value: object, *, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value, ensure_ascii=False).encode(), headers=(("cache-control", "no-store"),))


def _page(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), "text/plain; charset=utf-8")
