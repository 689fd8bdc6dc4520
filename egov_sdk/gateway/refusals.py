"""Why a signed request is refused: the words, the status, the one error."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.errors import VerificationError
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "RequestRefused", "refuse"]

#: Why the server side refuses a request. The full code is ``egov.gateway.`` and the key.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "refused.unsigned": Text("the request is not signed", "请求未签名"),
        "refused.malformed": Text("a signing field is missing, doubled or misshapen", "签名字段缺失、重复或格式错误"),
        "refused.caller_unknown": Text("nobody is registered under this id", "该标识未登记"),
        "refused.signature_mismatch": Text(
            "the signature does not belong to this request and this caller", "签名与请求或调用方不符"
        ),
        "refused.time_outside_window": Text(
            "the time of the request is too far from the time here", "请求时间与服务器时间相差过大"
        ),
        "refused.replayed": Text("this request was made before", "重复请求"),
        "refused.service_mismatch": Text(
            "the request is for another service, or this service is not granted", "请求的服务不符或未获授权"
        ),
        "refused.rate_exceeded": Text("too many requests", "请求过于频繁"),
        "refused.body_too_large": Text("the body is larger than allowed", "请求体超过限制"),
        "refused.body_altered": Text("the body is not the one that was signed", "请求体与签名时不一致"),
        "refused.busy": Text("too many requests are being remembered; try later", "服务繁忙，请稍后重试"),
    }
)

_STATUS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "refused.malformed": 400,
        "refused.body_altered": 400,
        "refused.service_mismatch": 403,
        "refused.body_too_large": 413,
        "refused.rate_exceeded": 429,
        "refused.busy": 503,
    }
)


class RequestRefused(VerificationError):
    """A request that is not let in; ``status`` is the HTTP status for it, ``caller`` the id that it claimed."""

    code = "egov.gateway.refused"
    problem: str = ""
    status: int = 401
    caller: str = ""
    retry_after_s: float | None = None

    @property
    def text(self) -> Text:
        """The reason in both languages."""
        return PROBLEMS[self.problem]

    def public(self) -> RequestRefused:
        """What the caller is told: that an id is not registered is nobody's business."""
        return refuse("refused.signature_mismatch") if self.problem == "refused.caller_unknown" else self


def refuse(problem: str, *, found: str = "", caller: str = "", retry_after_s: float | None = None) -> RequestRefused:
    """The error for one of PROBLEMS. ``found`` is for the log of this side, not for the caller."""
    words = str(PROBLEMS[problem])
    error = RequestRefused(f"{words}: {found}" if found else words, code=f"egov.gateway.{problem}", found=found)
    error.problem, error.caller, error.retry_after_s = problem, caller, retry_after_s
    error.status = _STATUS.get(problem, 401)
    return error
