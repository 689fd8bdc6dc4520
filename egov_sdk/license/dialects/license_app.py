"""A service of licences behind the interface ``license-app/v1`` (用证服务端), as an ASGI application."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import unquote

from egov_sdk.errors import EgovError, InputError, NotOffered
from egov_sdk.gateway.asgi import Received, Reply, ThreadedApp, read_json
from egov_sdk.gateway.remembered import Remembered
from egov_sdk.license.dialects._app_rows import app_draft, app_row, license_code
from egov_sdk.license.dialects._rows import row_values
from egov_sdk.license.dialects.callers import Caller
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import License, LicenseRecord, Use, UseGround
from egov_sdk.license.present.online import digest_of
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.service import LicenseService
from egov_sdk.license.states import LicenseAction
from egov_sdk.license.wire.license_app import LICENSE_APP, AppProfile

__all__ = ["AppLogin", "HolderOf", "LogIn", "license_app"]

_log = logging.getLogger("egov_sdk.license")

_BODY_BYTES: Final = 96 << 20
_PAGE: Final = 200
_MOST: Final = 500
_NUMBERS: Final = 20
_DAY: Final = timedelta(days=1)
_OPENED: Final = timedelta(minutes=2)
_STEP: Final = re.compile(r"/license/([^/]+)/(create|issue|abolish)")
_GETS: Final = frozenset({"/security/logout", "/license/get_license", "/license/archive"})
_VIEWS: Final = frozenset({"get_license", "archive"})
_POSTS: Final = frozenset({"/security/login", "/license/auth", "/license/holder", "/license/entrust"})
_GROUNDS: Final = {"/license/holder": UseGround.HOLDER, "/license/entrust": UseGround.ENTRUST}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppLogin:
    """What somebody logs in with."""

    app_key: str
    app_secret: str = field(repr=False)
    account: str
    password: str = field(repr=False)
    org_code: str = ""


#: Whom a login stands for; None for nobody.
LogIn = Callable[[AppLogin], Caller | None]
#: Whose licences a holder's credential opens: a holder's code; None where it is none.
HolderOf = Callable[[str], str | None]


class _Refusal(Exception):
    """An error of the dialect that is no refusal of the service."""

    def __init__(self, code: str, message: str, *, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(slots=True)
class _Opened:
    """A licence whose code was used up, and how it may still be looked at."""

    licence: License
    left: set[str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What a license_code stands for."""

    identifier: LicenseIdentifier
    number: str
    item_code: str


def license_app(
    service: LicenseService,
    *,
    log_in: LogIn,
    clock: Callable[[], datetime],
    holder_of: HolderOf | None = None,
    items: Mapping[str, str] | None = None,
    profile: AppProfile = LICENSE_APP,
    prefix: str = "",
    token_life: timedelta = timedelta(hours=2),
    max_body_bytes: int = _BODY_BYTES,
    random: Callable[[int], bytes] = os.urandom,
) -> ThreadedApp:
    """An application that answers as a licence-use service does, out of any service of licences.

    Access tokens, codes that wait and the service's own codes of licences are remembered in this process: one process
    serves one platform.

    Args:
        log_in: Whom a login stands for.
        holder_of: Whose licences a credential opens; without it, holder and entrust are refused.
        items: The codes of types in the service's own catalogue, by type code; a type without one has its type code.
        prefix: Where it is mounted, before the profile's ``base``.
    """
    server = _Server(service, log_in, clock, holder_of, dict(items or {}), profile, prefix, token_life, random)
    return ThreadedApp(server.reply, max_body_bytes=max_body_bytes)


class _Server:
    def __init__(
        self,
        service: LicenseService,
        log_in: LogIn,
        clock: Callable[[], datetime],
        holder_of: HolderOf | None,
        items: Mapping[str, str],
        profile: AppProfile,
        prefix: str,
        token_life: timedelta,
        random: Callable[[int], bytes],
    ) -> None:
        self._service, self._log_in, self._holder_of, self._random = service, log_in, holder_of, random
        self._items, self._types = items, {item: code for code, item in items.items()}
        self._profile, self._base = profile, prefix + profile.base
        self._tokens = Remembered[Caller](clock, lasts=token_life, most=10_000)
        self._codes = Remembered[str](clock, lasts=_DAY, most=100_000)
        self._known = Remembered[_Known](clock, lasts=_DAY, most=100_000)
        self._opened = Remembered[_Opened](clock, lasts=_OPENED, most=64)
        self._opening = Lock()
        self._problems = {problem: code for code, problem in profile.problems.items()}

    # ------------------------------------------------------------------ in and out

    def reply(self, received: Received) -> Reply:
        path = received.path.removeprefix(self._base) if received.path.startswith(self._base) else ""
        step = _STEP.fullmatch(path)
        method = "GET" if path in _GETS else "POST" if path in _POSTS or step else ""
        if not method:
            return Reply(404)
        if received.method != method:
            return Reply(405, headers=(("allow", method),))
        try:
            body = _object(received) if method == "POST" else {}
            return self._said(self._done(path, step, body, received.query))
        except _Refusal as error:
            return self._said(None, error.code, error.message, status=error.status)
        except LicenseRejected as error:
            return self._said(None, self._problems.get(error.problem, "rejected"), error.text.zh)
        except InputError as error:
            problem = error.code.removeprefix("egov.license.")
            return self._said(None, self._problems.get(problem, "request"), "请求内容无法识别")
        except NotOffered:
            return self._said(None, "not_offered", "未提供此服务")
        except EgovError as error:
            _log.error("a question failed: %s", error)
        except Exception:  # noqa: BLE001 - nothing internal may reach the caller
            _log.exception("a question failed")
        return self._said(None, "failed", "服务处理失败")

    def _said(self, value: object, code: str = "", message: str = "", *, status: int = 200) -> Reply:
        profile = self._profile
        error = {profile.error_code: code, profile.error_message: message}
        answer: dict[str, object] = {
            "ack_code": "FAILURE" if code else "SUCCESS",
            "errors": [error] if code else [],
            **dict.fromkeys(("sign", "sign_method", "timestamp", "correlation_id", "response_id")),
        }
        answer |= value if isinstance(value, dict) and "auth_codes" in value else {"data": value}
        return Reply(status, json.dumps(answer, ensure_ascii=False).encode())

    def _done(
        self, path: str, step: re.Match[str] | None, body: Mapping[str, object], query: Mapping[str, str]
    ) -> object:
        if path == "/security/login":
            return self._logged_in(body)
        token = query.get("access_token", "")
        caller = self._tokens.get(digest_of(token))
        if caller is None:
            raise _Refusal("token_invalid", "access_token 无效或已过期", status=401)
        if path == "/security/logout":
            self._tokens.take(digest_of(token))
            return None
        if step is not None:
            return self._stepped(unquote(step[1]), step[2], body, caller)
        if path in ("/license/get_license", "/license/archive"):
            return self._viewed(query.get("auth_code", ""), path.rpartition("/")[2], caller)
        return self._listed(path, body, caller)

    def _logged_in(self, body: Mapping[str, object]) -> object:
        texts = row_values(body)
        try:
            asked = AppLogin(**{name: texts[name] for name in ("app_key", "app_secret", "account", "password")})
        except KeyError as error:
            raise _Refusal("missing", f"缺少 {error.args[0]}") from None
        if org_code := texts.get("org_code"):
            asked = AppLogin(
                app_key=asked.app_key,
                app_secret=asked.app_secret,
                account=asked.account,
                password=asked.password,
                org_code=org_code,
            )
        caller = self._log_in(asked)
        if caller is None:
            raise _Refusal("login_refused", "登录信息不正确")
        token = self._random(24).hex()
        self._tokens.put(digest_of(token), caller)
        return {"access_token": token}

    # ------------------------------------------------------------------ finding

    def _use(self, body: Mapping[str, object], caller: Caller, ground: UseGround, credential: str = "") -> Use:
        texts = row_values(body)
        purpose = texts.get("service_item_name", "").strip()
        if not purpose:
            raise _Refusal("missing", "缺少 service_item_name")
        operator = body.get("operator")
        account = row_values(operator).get("account", "") if isinstance(operator, dict) else ""
        try:
            return Use(
                requester=caller.requester,
                purpose=purpose,
                ground=ground,
                item_code=texts.get("service_item_code", "").strip() or caller.item_code,
                credential=credential,
                operator=caller.named(account),
            )
        except ValueError:
            raise _Refusal("request", "事项名称过长或含有无法识别的字符") from None

    def _listed(self, path: str, body: Mapping[str, object], caller: Caller) -> object:
        texts = row_values(body)
        if path == "/license/auth":
            use = self._use(body, caller, UseGround.FUNCTION)
            numbers = [one.strip() for one in texts.get("identity_number", "").split(",") if one.strip()]
            if not 1 <= len(numbers) <= _NUMBERS:
                raise _Refusal("missing", f"identity_number 应为 1 至 {_NUMBERS} 个")
            size = _count(texts, "page_size", _MOST)
            start = (_count(texts, "page_index", 1_000_000) - self._profile.first_page) * size
        else:
            credential = texts.get("credential", "")
            holder = self._holder_of(credential) if credential and self._holder_of is not None else None
            if holder is None:
                raise refuse("permission_unknown")
            use = self._use(body, caller, _GROUNDS[path], credential)
            numbers, start, size = [holder], 0, self._profile.max_rows
        found = [record for number in numbers for record in self._found(number, use)]
        rows = [self._row(record, use) for record in found[max(start, 0) : max(start, 0) + size]]
        return {"auth_codes": [row["auth_code"] for row in rows], "data": rows}

    def _found(self, number: str, use: Use) -> list[LicenseRecord]:
        found: list[LicenseRecord] = []
        page = ""
        while True:
            part = self._service.search(number, use=use, page=page, page_size=_PAGE)
            found += part.records
            page = part.next_page
            if not page:
                return found
            if len(found) >= self._profile.max_rows:
                raise _Refusal("too_many", "结果过多")

    def _row(self, record: LicenseRecord, use: Use) -> dict[str, object]:
        code = self._service.use_code(record.identifier, use=use).value
        self._codes.put(digest_of(code), use.requester.code)
        return app_row(record, profile=self._profile, item_code=self._remember(record), auth_code=code)

    def _remember(self, record: LicenseRecord) -> str:
        metadata = record.metadata
        item_code = self._items.get(metadata.type_code, metadata.type_code)
        self._known.put(license_code(metadata), _Known(metadata.identifier, metadata.number, item_code))
        return item_code

    # ------------------------------------------------------------------ reading

    def _viewed(self, code: str, view: str, caller: Caller) -> object:
        """The data or the file of a code: each once, the second for a short while after the first."""
        key = digest_of(code)
        owner = self._codes.get(key)
        if owner is None:
            raise refuse("code_unknown")
        if owner != caller.requester.code:
            raise refuse("code_requester")
        with self._opening:
            opened = self._opened.get(key)
            if opened is None:
                opened = _Opened(self._service.redeem(code, requester=owner), set(_VIEWS))
                self._opened.put(key, opened)
            if view not in opened.left:
                raise refuse("code_used")
            opened.left.discard(view)
        licence = opened.licence
        if view == "archive":
            return {"file_name": f"{licence.identifier}.ofd", "file_data": base64.b64encode(licence.file).decode()}
        return app_row(licence, profile=self._profile, item_code=self._remember(licence), auth_code=code)

    # ------------------------------------------------------------------ issuing

    def _stepped(self, item_code: str, step: str, body: Mapping[str, object], caller: Caller) -> object:
        data = body.get("data")
        if not isinstance(data, dict):
            raise _Refusal("missing", "缺少 data")
        type_code = self._types.get(item_code, item_code)
        if type_code not in caller.issues:
            raise refuse("use_refused", requester=caller.requester.code, item=item_code)
        if step == "abolish":
            return self._abolished(item_code, data, caller)
        draft = app_draft(data, profile=self._profile, type_code=type_code, active=step == "issue")
        licence = self._service.issue(draft, actor=caller.operator)
        use = Use(requester=caller.requester, purpose="制证", ground=UseGround.OWNER, operator=caller.operator)
        code = self._service.use_code(licence.identifier, use=use).value
        self._codes.put(digest_of(code), use.requester.code)
        self._remember(licence)
        return {"license_code": license_code(licence.metadata), "auth_code": code}

    def _abolished(self, item_code: str, data: Mapping[str, object], caller: Caller) -> object:
        texts = row_values(data)
        use = self._use(data, caller, UseGround.OWNER)
        known = self._known.get(texts.get("license_code", ""))
        if known is None or known.item_code != item_code or known.number != texts.get("id_code"):
            raise refuse("license_unknown")
        self._service.act(known.identifier, LicenseAction.CANCEL, reason=use.purpose, actor=use.operator)
        return None


def _count(texts: Mapping[str, str], name: str, most: int) -> int:
    text = texts.get(name, "1" if name == "page_index" else str(most))
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= most):
        raise refuse("page_size", expected=most, found=text)
    return int(text)


def _object(received: Received) -> Mapping[str, object]:
    if received.media_type != "application/json":
        raise _Refusal("request", "Content-Type 应为 application/json", status=415)
    try:
        value = read_json(received.body)
    except ValueError:
        raise _Refusal("request", "请求不是有效的 JSON", status=400) from None
    if not isinstance(value, dict):
        raise _Refusal("request", "请求不是 JSON 对象", status=400)
    return value
