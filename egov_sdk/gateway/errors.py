"""What goes wrong between us and a platform, and whose office to call about it."""

from __future__ import annotations

from typing import Self

from egov_sdk.errors import ConfigError, InputError, PlatformError, PlatformRejected, PlatformUnreachable
from egov_sdk.report import Text

__all__ = [
    "AccessDenied",
    "AnswerCutOff",
    "AnswerMalformed",
    "AnswerTooLarge",
    "AnswerUnsigned",
    "BodyChanged",
    "CircuitOpen",
    "ClockSkewRejected",
    "ConnectFailed",
    "CredentialsMissing",
    "GatewayUnavailable",
    "ProfileError",
    "RateLimited",
    "Redirected",
    "RequestRejected",
    "SecretRefreshFailed",
    "ServiceFailed",
    "SignatureRejected",
    "TimedOut",
    "TlsFailed",
    "UnsafeValue",
]


class ProfileError(ConfigError):
    """A gateway profile contradicts itself or cannot be read; ``detail`` names the profile and the setting."""

    code = "egov.gateway.profile"


class CredentialsMissing(ConfigError):
    """The profile needs something that the credentials or the call do not give: a secret, a service, an SM2 key."""

    code = "egov.gateway.credentials_missing"


class UnsafeValue(InputError, ValueError):
    """A value would change the request around it: a line break, a control character, a way out of the path."""

    code = "egov.gateway.unsafe_value"


class BodyChanged(InputError):
    """A body that is sent piece by piece is not the one that was announced; the request was broken off."""

    code = "egov.gateway.body_changed"
    default_hint = Text(
        "send a copy that nobody writes to; size and digest must be those of what is sent",
        "请发送不会被改写的副本；大小和杂凑值须与所发内容一致",
    )


class SignatureRejected(PlatformRejected):
    """The gateway does not accept our id, secret or signature, also after a refresh."""

    code = "egov.gateway.signature_rejected"
    default_hint = Text(
        "compare id, secret and service with the approval; `explain` shows what was signed",
        "请对照审批结果核对标识、密钥和服务；`explain` 可显示被签名的内容",
    )


class AccessDenied(PlatformRejected):
    """The gateway knows us and does not let us use this service."""

    code = "egov.gateway.access_denied"
    default_hint = Text(
        "the service must be granted to this id: ask the office that runs the gateway",
        "该标识须获得此服务的授权：请联系网关的运行单位",
    )


class ClockSkewRejected(PlatformRejected):
    """The gateway says that our time is wrong, also after its own clock was taken over."""

    code = "egov.gateway.clock_skew"
    default_hint = Text("set this machine's clock", "请校准本机时钟")


class RateLimited(PlatformRejected):
    """Too many requests; ``retry_after_s`` is what the gateway asks for, None if it does not say."""

    code = "egov.gateway.rate_limited"
    retry_after_s: float | None = None


class RequestRejected(PlatformRejected):
    """The request itself is wrong: a parameter is missing or of the wrong type, or the address does not exist."""

    code = "egov.gateway.request_rejected"


class ServiceFailed(PlatformRejected):
    """The service behind the gateway failed."""

    code = "egov.gateway.service_failed"


class GatewayUnavailable(PlatformRejected):
    """The gateway answered that it cannot reach the service now (502, 503, 504)."""

    code = "egov.gateway.unavailable"


class Redirected(PlatformRejected):
    """The answer leads elsewhere; redirects are not followed, since a signature is for one place only."""

    code = "egov.gateway.redirected"
    default_hint = Text("give the final address, or check the proxy in between", "请使用最终地址，或检查中间的代理")


class AnswerMalformed(PlatformError):
    """The answer is not what it should be: a web page, JSON that ends too early, an unreadable encoding."""

    code = "egov.gateway.answer_malformed"

    @classmethod
    def not_asked(cls, what: str) -> Self:
        """For an answer of the right form about something else; ``what`` goes on: "it has another seal"."""
        return cls(f"the answer is not what was asked for: {what}", origin="platform")


class AnswerTooLarge(PlatformError):
    """The answer is larger than allowed; reading stopped there."""

    code = "egov.gateway.answer_too_large"
    default_hint = Text(
        "pass a larger `max_answer_bytes`, or use `stream`", "请调大 `max_answer_bytes`，或使用 `stream`"
    )


class AnswerUnsigned(PlatformError):
    """The answer is not signed with the platform's key, as it should be: do not use it."""

    code = "egov.gateway.answer_unsigned"


class ConnectFailed(PlatformUnreachable):
    """No connection came about: the request was never sent."""

    code = "egov.gateway.connect_failed"


class TlsFailed(PlatformUnreachable):
    """The TLS handshake failed or the certificate is not trusted: nothing was sent."""

    code = "egov.gateway.tls_failed"
    default_hint = Text(
        "give an ssl.SSLContext that trusts the platform's CA; do not turn verification off",
        "请提供信任该平台 CA 的 ssl.SSLContext；不要关闭证书验证",
    )


class TimedOut(PlatformUnreachable):
    """A phase took longer than allowed; ``detail["phase"]`` names it."""

    code = "egov.gateway.timed_out"


class AnswerCutOff(PlatformUnreachable):
    """The connection ended before the answer did."""

    code = "egov.gateway.answer_cut_off"


class CircuitOpen(PlatformUnreachable):
    """The platform failed so often that no request is sent for a while; ``because`` is the code of the last failure."""

    code = "egov.gateway.circuit_open"

    def __init__(
        self, message: str, *, attempts: int, elapsed_s: float, request_id: str = "", because: str = ""
    ) -> None:
        super().__init__(message, attempts=attempts, elapsed_s=elapsed_s, request_id=request_id)
        self.because = self.detail["because"] = because


class SecretRefreshFailed(PlatformError):
    """No session secret could be had; the cause says why."""

    code = "egov.gateway.secret_refresh_failed"
