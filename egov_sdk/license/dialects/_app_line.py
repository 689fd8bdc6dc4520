"""Questions and answers of a licence-use service: its login, its token, its envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from egov_sdk.errors import PlatformRejected
from egov_sdk.gateway.errors import SignatureRejected
from egov_sdk.gateway.messages import Answer, Flow, Request, ask
from egov_sdk.license.dialects._rows import malformed, row_values
from egov_sdk.license.problems import refuse
from egov_sdk.license.wire.license_app import AppProfile
from egov_sdk.problems import shown

__all__ = ["AppAccount", "AppLine"]

_ANSWER_BYTES: Final = 96 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AppAccount:
    """What a licence-use service issued: for the system, and for whoever works with it."""

    app_key: str
    app_secret: str = field(repr=False)
    account: str
    password: str = field(repr=False)
    org_code: str = ""


class AppLine:
    """One account at one service. Its token is kept, and fetched anew once the service refuses it."""

    def __init__(self, account: AppAccount, *, profile: AppProfile, prefix: str) -> None:
        self.account, self.profile, self._base = account, profile, prefix + profile.base
        self._token = ""

    def log_in(self) -> Flow[str]:
        account = self.account
        given = {name: getattr(account, name) for name in ("app_key", "app_secret", "account", "password")}
        if account.org_code:
            given["org_code"] = account.org_code
        answer = yield from ask(Request("POST", f"{self._base}/security/login", json=given))
        data = self._envelope(answer, {}).get("data")
        token = row_values(data).get("access_token", "") if isinstance(data, dict) else ""
        if not token:
            malformed("the answer to the login has no access_token")
        self._token = token
        return token

    def ask(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Flow[Mapping[str, object]]:
        """One question; with a new token, once, if the one at hand is none any more."""
        held = self._token
        token = held or (yield from self.log_in())
        while True:
            asked: dict[str, Any] = {"query": {"access_token": token, **(query or {})}}
            if method == "POST":
                asked["json"] = body
            try:
                answer = yield from ask(Request(method, f"{self._base}{path}", max_answer_bytes=_ANSWER_BYTES, **asked))
                return self._envelope(answer, facts or {})
            except PlatformRejected as error:
                told = isinstance(error, SignatureRejected) or error.platform_code in self.profile.token_codes
                if not told or not held:
                    raise
            held, token = "", (yield from self.log_in())

    def _envelope(self, answer: Answer, facts: Mapping[str, object]) -> Mapping[str, object]:
        """What an answer says, if it is a yes.

        Raises:
            LicenseRejected: its error is a refusal that this library knows.
            PlatformRejected: any other error.
            AnswerMalformed: it is not as agreed.
        """
        value = answer.json()
        if not isinstance(value, dict) or value.get("ack_code") not in ("SUCCESS", "FAILURE"):
            malformed("the answer has no ack_code")
        if value["ack_code"] == "SUCCESS":
            return value
        code, message = self._error(value.get("errors"))
        if problem := self.profile.problems.get(code):
            blank = dict.fromkeys(("found", "expected", "requester", "item", "standing", "element", "state"), "-")
            error = refuse(problem, **blank | {"reason": message or "-", "action": "-"} | dict(facts))
            error.detail["platform_code"] = code
            raise error
        no = PlatformRejected(shown(message) or "no reason given", status=answer.status, platform_code=shown(code))
        no.said = value
        raise no

    def _error(self, errors: object) -> tuple[str, str]:
        first = errors[0] if isinstance(errors, list) and errors else ""
        if isinstance(first, dict):
            texts = row_values(first)
            return texts.get(self.profile.error_code, ""), shown(texts.get(self.profile.error_message, ""))
        return "", shown(first) if isinstance(first, str) else ""
