"""Questions as a sharing service is asked them: the account, the use, and what is asked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from egov_sdk.errors import InputError
from egov_sdk.gateway.asgi import Received, read_json
from egov_sdk.license.dialects.callers import Authenticate, Caller
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.model import Use
from egov_sdk.license.problems import refuse
from egov_sdk.license.wire.national import SharingProfile

__all__ = ["Asked", "Reader", "Refusal"]

_FORM: Final = "application/x-www-form-urlencoded"
_CALLER: Final = "11"
_MISSING: Final = "12"
_FAILED: Final = "99"


class Refusal(Exception):
    """A status of the dialect that is no refusal of the service."""

    def __init__(self, status: str, message: str = "") -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: who asks, under which names with what, and for which use."""

    caller: Caller
    values: Mapping[str, object]
    use: Use
    names: Mapping[str, str]

    def text(self, key: str) -> str:
        value = self.values.get(self.names.get(key, ""))
        return str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""

    def needed(self, key: str) -> str:
        if not (text := self.text(key)):
            raise Refusal(_MISSING, self.names.get(key, key))
        return text

    @property
    def identifier(self) -> LicenseIdentifier:
        try:
            return LicenseIdentifier.parse(self.needed("identifier"))
        except InputError:
            raise refuse("license_unknown") from None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the questions of one dialect."""

    profile: SharingProfile
    authenticate: Authenticate

    def read(self, received: Received, *, purpose: str = "") -> Asked:
        """What is asked, by whom.

        Args:
            purpose: What for, of a question that has no place for it.
        Raises:
            Refusal: it cannot be read, lacks something, or the account is none.
        """
        account, values = self._envelope(received)
        pair = [account.get(name) for name in self.profile.account]
        caller = self.authenticate(*(one if isinstance(one, str) else "" for one in pair))
        if caller is None:
            raise Refusal(_CALLER)
        told = self._untold(caller, purpose) if purpose else self._use(values, caller)
        return Asked(caller, values, told, self.profile.names)

    def _untold(self, caller: Caller, purpose: str) -> Use:
        return Use(requester=caller.requester, purpose=purpose, item_code=caller.item_code, operator=caller.operator)

    def _envelope(self, received: Received) -> tuple[Mapping[str, object], Mapping[str, object]]:
        """What names the account, and what is asked."""
        body = received.body
        if self.profile.envelope == "head":
            whole = _object(body)
            return _member(whole, "head"), _member(whole, "data")
        if self.profile.parameter_in == "json":
            held = _member(_object(body), "parameter")
            return held, held
        if received.media_type != _FORM:
            raise Refusal(_FAILED, f"Content-Type {received.media_type or '-'}")
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=64)
        except ValueError:
            raise Refusal(_FAILED, "parameter") from None
        found = [value for name, value in pairs if name == "parameter"]
        if len(found) != 1:
            raise Refusal(_MISSING, "parameter")
        held = _object(found[0].encode("utf-8", "surrogatepass"))
        return held, held

    def _use(self, values: Mapping[str, object], caller: Caller) -> Use:
        told: Mapping[str, object] = values
        if self.profile.use_text:
            text = values.get(self.profile.use_text)
            if not isinstance(text, str) or not text.strip():
                raise Refusal(_MISSING, self.profile.use_text)
            told = _object(text.encode("utf-8", "surrogatepass"))
        held: dict[str, str] = {}
        for name, template in self.profile.use.items():
            value = told.get(name)
            if template.startswith("{") and isinstance(value, str):
                held[template[1:-1]] = value.strip()
        if not held.get("purpose"):
            raise Refusal(_MISSING, next(name for name, text in self.profile.use.items() if text == "{purpose}"))
        try:
            return Use(
                requester=caller.requester,
                purpose=held["purpose"],
                legal_basis=held.get("legal_basis", ""),
                item_code=held.get("item_code", "") or caller.item_code,
                operator=caller.named(held.get("operator", "")),
            )
        except ValueError:
            raise Refusal(_FAILED, "用途过长或含有无法识别的字符") from None


def _object(octets: bytes) -> Mapping[str, object]:
    try:
        value = read_json(octets)
    except ValueError:
        raise Refusal(_FAILED, "请求不是有效的 JSON") from None
    if not isinstance(value, dict):
        raise Refusal(_FAILED, "请求不是 JSON 对象")
    return value


def _member(whole: Mapping[str, object], name: str) -> Mapping[str, object]:
    held = whole.get(name)
    if not isinstance(held, dict):
        raise Refusal(_MISSING, name)
    return held
