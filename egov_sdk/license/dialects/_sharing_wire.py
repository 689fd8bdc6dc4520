"""Questions and answers of the sharing services: envelopes, statuses, encrypted data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import InputError, NotOffered, Origin, PlatformRejected
from egov_sdk.gateway.asgi import read_json
from egov_sdk.gateway.messages import Answer, Request
from egov_sdk.license.dialects._rows import malformed
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.wire.national import ServiceName, SharingProfile
from egov_sdk.problems import shown

__all__ = ["Line", "rows_of", "status_of"]

_ORIGINS: Final[Mapping[str, Origin]] = {"1": "provider", "11": "caller", "12": "caller", "14": "caller"}
_GOOD: Final = frozenset({"0"})
_NOT_HERE: Final = "2"


@dataclass(frozen=True, slots=True)
class Line:
    """One account at one platform: how its questions are put, and how answers to it are read."""

    profile: SharingProfile
    account_id: str
    token: str = field(repr=False)
    key: SM2PrivateKey | None = field(default=None, repr=False)
    prefix: str = ""

    def request(self, service: ServiceName, question: Mapping[str, object]) -> Request:
        """The request for a service.

        Raises:
            NotOffered: the platform does not have it.
        """
        path = self.profile.path(service, prefix=self.prefix)
        if not path:
            raise NotOffered(service, platform=self.profile.name)
        account = dict(zip(self.profile.account, (self.account_id, self.token), strict=True))
        if self.profile.envelope == "head":
            return Request("POST", path, json={"head": account, "data": dict(question)})
        parameter = {**account, **question}
        if self.profile.parameter_in == "json":
            return Request("POST", path, json={"parameter": parameter})
        return Request("POST", path, form={"parameter": json.dumps(parameter, ensure_ascii=False)})

    def data(self, answer: Answer, facts: Mapping[str, object], *, good: frozenset[str] = _GOOD) -> object:
        """What an answer gives.

        Args:
            facts: What a refusal may tell.
            good: The statuses that are none.
        Raises:
            LicenseRejected: its status is a refusal that this library knows.
            NotOffered: the source of the licence does not have the service.
            PlatformRejected: any other status.
            AnswerMalformed: it is not as agreed, or cannot be decrypted.
        """
        value = answer.json()
        if not isinstance(value, dict):
            malformed("the answer is no object")
        status, message = status_of(value)
        if status not in good:
            raise self._no(status, message, facts, value)
        data = value.get("data")
        return self._opened(data) if self.profile.encrypted else data

    def _no(self, status: str, message: str, facts: Mapping[str, object], value: object) -> Exception:
        profile = self.profile
        if problem := profile.problems.get(status):
            given = {"found": "-", "expected": "-", "requester": "-", "item": "-", **facts}
            if standing := profile.standings.get(status):
                given["standing"] = standing.value
            return _told(refuse(problem, **given), status)
        if status == _NOT_HERE:
            return NotOffered("this service for this licence", platform=profile.name)
        said = shown(message) or profile.text_of(status) or "no reason given"
        error = PlatformRejected(
            f"status {shown(status)}: {said}",
            status=200,
            platform_code=shown(status),
            origin=_ORIGINS.get(status, "platform"),
        )
        error.said = value
        return error

    def _opened(self, data: object) -> object:
        if data is None or data == "":
            return None
        if self.key is None:
            malformed("the answer is encrypted, and no key was given to decrypt it with")
        try:
            octets = bytes.fromhex(data if isinstance(data, str) else "")
            return read_json(self.key.decrypt(octets, form=self.profile.cipher_form))
        except (ValueError, InputError):
            malformed("the answer's data cannot be decrypted with the key of this account")


def _told(error: LicenseRejected, status: str) -> LicenseRejected:
    error.detail["platform_code"] = status
    return error


def status_of(value: Mapping[str, object]) -> tuple[str, str]:
    """The status of an answer, which may be a number or a text, and its message.

    Raises:
        AnswerMalformed: there is none.
    """
    head = value.get("head")
    status = head.get("status") if isinstance(head, dict) else None
    if not isinstance(head, dict) or isinstance(status, bool) or not isinstance(status, (int, str)) or status == "":
        malformed("the answer has no head.status")
    text = str(status).strip()
    message = head.get("message")
    is_number = text.isascii() and text.isdecimal()
    return (str(int(text[:9])) if is_number else text), message if isinstance(message, str) else ""


def rows_of(profile: SharingProfile, data: object) -> tuple[Mapping[str, object], ...]:
    """The rows that an answer gives.

    Raises:
        AnswerMalformed: they are not as agreed, too many, or not as many as the answer says.
    """
    found: object = data
    if profile.envelope == "parameter":
        if not isinstance(data, dict):
            malformed("the answer has no data")
        found, total = data.get("dataList"), data.get("total")
        if found is None and str(total) == "0":
            found = []
        if isinstance(found, list) and (isinstance(total, bool) or str(total) != str(len(found))):
            malformed(f"the answer announces {shown(total)} rows and has {len(found)}")
    elif isinstance(data, dict):
        held = data.get("certData", data)
        found = held if isinstance(held, list) else [held]
    if not isinstance(found, list) or any(not isinstance(row, dict) for row in found):
        malformed("the answer has no list of rows")
    if len(found) > profile.max_rows:
        malformed(f"the answer has {len(found)} rows; at most {profile.max_rows} are read")
    return tuple(found)
