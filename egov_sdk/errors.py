"""What this library raises on purpose, branched by what the caller should do next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from egov_sdk.report import Report, Text

__all__ = [
    "ConfigError",
    "EgovError",
    "InputError",
    "KeyAccessError",
    "LimitExceeded",
    "MissingExtra",
    "NotOffered",
    "Origin",
    "ParseError",
    "PlatformError",
    "PlatformRejected",
    "PlatformUnreachable",
    "VerificationError",
]

Origin = Literal["caller", "gateway", "platform", "provider"]


class EgovError(Exception):
    """Root of everything that egov_sdk raises on purpose.

    Each error has a stable ``code``, a ``message`` that says what was found, what was expected and
    where, a ``hint`` that says what to do next (may be empty; tracebacks show it), and its facts in ``detail``.
    ``hint_text`` is the hint in both languages where whoever raised the error has both.
    """

    code: str = "egov.error"
    default_hint: ClassVar[str | Text] = ""

    def __init__(self, message: str, *, code: str = "", hint: str | Text = "", **detail: object) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.message = message
        given = hint or self.default_hint
        self.hint, self.hint_text = str(given), None if isinstance(given, str) else given
        if self.hint:
            self.add_note(f"hint: {self.hint}")  # in tracebacks, and where tests fail
        self.detail = detail

    def __reduce__(
        self,
    ) -> tuple[Callable[..., EgovError], tuple[type[EgovError], tuple[object, ...]], dict[str, object]]:
        """Errors cross process pools whole, whatever their constructors ask for."""
        return _rebuild, (type(self), self.args), self.__dict__

    def to_dict(self) -> dict[str, object]:
        """The error as plain values, for ``--json`` and for logs."""
        detail = {
            key: value if isinstance(value, (int, float, bool)) else str(value) for key, value in self.detail.items()
        }
        return {"code": self.code, "message": self.message, "hint": self.hint, "detail": detail}


def _rebuild(kind: type[EgovError], args: tuple[object, ...]) -> EgovError:
    error = kind.__new__(kind)
    error.args = args
    return error


class InputError(EgovError):
    """The bytes are not what they claim to be: ask for another file."""

    code = "egov.input"


class ParseError(InputError):
    """A structure could not be read; ``where`` names the offset, the package entry or the XPath.

    ``text`` is the message in both languages where the room that raised it has a table of its problems.
    """

    code = "egov.input.malformed"
    text: Text | None = None

    def __init__(
        self, message: str, *, where: str = "", code: str = "", hint: str | Text = "", **detail: object
    ) -> None:
        super().__init__(f"{where}: {message}" if where else message, code=code, hint=hint, **detail)
        self.where = where


class LimitExceeded(InputError):
    """The input is larger, deeper or more numerous than the limits given allow.

    ``limit`` names the field of the limits object, ``allowed`` its value and ``found`` what was met.
    """

    code = "egov.input.limit_exceeded"

    def __init__(self, limit: str, *, allowed: float, found: object, where: str = "") -> None:
        from egov_sdk.report import Text

        place = f"{where}: " if where else ""
        super().__init__(
            f"{place}{limit} is limited to {_plain(allowed)}, found {found}",
            hint=Text(
                f"pass limits with a larger `{limit}` if this file is known to be good",
                f"确知该文件无误时，可调大 limits 的 `{limit}`",
            ),
            limit=limit,
            allowed=allowed,
            found=found,
        )
        self.limit, self.allowed, self.found, self.where = limit, allowed, found, where

    @property
    def text(self) -> Text:
        """The message in both languages."""
        from egov_sdk.report import Text

        place = f"{self.where}：" if self.where else ""
        return Text(self.message, f"{place}{self.limit} 上限为 {_plain(self.allowed)}，实际为 {self.found}")


def _plain(number: float) -> str:
    return f"{number:g}" if isinstance(number, float) and not number.is_integer() else str(int(number))


class VerificationError(EgovError):
    """The input was read and understood, and it is not acceptable: refuse it.

    ``report`` holds every check where a whole document was verified, and None for a bare signature.
    """

    code = "egov.verify.rejected"

    def __init__(
        self, message: str, *, report: Report | None = None, code: str = "", hint: str | Text = "", **detail: object
    ) -> None:
        super().__init__(message, code=code, hint=hint, **detail)
        self.report = report


class KeyAccessError(EgovError):
    """The key file, token or device did not answer: check token, password, driver.

    ``text`` is the message in both languages where whoever raised it has both.
    """

    code = "egov.key.access"
    text: Text | None = None


class ConfigError(EgovError):
    """Settings contradict each other, or one is missing; the message names it and its source.

    ``text`` is the message in both languages where whoever raised it has both.
    """

    code = "egov.config"
    text: Text | None = None


class MissingExtra(ConfigError):
    """An optional part of egov_sdk is not installed; the hint is the command that installs it."""

    code = "egov.config.missing_extra"

    def __init__(self, extra: str, *, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs the optional part '{extra}', which is not installed",
            hint=f"pip install 'egov-sdk[{extra}]'",
            extra=extra,
        )
        self.extra = extra


class PlatformError(EgovError):
    """The other side of a connection failed; ``origin`` says whose office to call."""

    code = "egov.platform"

    def __init__(
        self,
        message: str,
        *,
        origin: Origin,
        request_id: str = "",
        code: str = "",
        hint: str | Text = "",
        **detail: object,
    ) -> None:
        super().__init__(f"[{request_id}] {message}" if request_id else message, code=code, hint=hint, **detail)
        self.origin, self.request_id = origin, request_id


class PlatformRejected(PlatformError):
    """The platform understood the request and said no.

    ``said`` is the JSON that came with it, if any: a stranger's words, not for logs.
    """

    code = "egov.platform.rejected"
    said: object = None

    def __init__(
        self, message: str, *, status: int, platform_code: str = "", origin: Origin = "platform", request_id: str = ""
    ) -> None:
        super().__init__(message, origin=origin, request_id=request_id, status=status, platform_code=platform_code)
        self.status, self.platform_code = status, platform_code


class PlatformUnreachable(PlatformError):
    """The platform never answered in time."""

    code = "egov.platform.unreachable"

    def __init__(
        self, message: str, *, attempts: int, elapsed_s: float, origin: Origin = "gateway", request_id: str = ""
    ) -> None:
        super().__init__(message, origin=origin, request_id=request_id, attempts=attempts, elapsed_s=elapsed_s)
        self.attempts, self.elapsed_s = attempts, elapsed_s


class NotOffered(PlatformError):
    """The platform, or this way to reach it, does not have what was asked for; nothing was sent."""

    code = "egov.platform.not_offered"

    def __init__(self, capability: str, *, platform: str, hint: str | Text = "") -> None:
        super().__init__(
            f"{platform} does not offer {capability}",
            origin="caller",
            hint=hint,
            capability=capability,
            platform=platform,
        )
        self.capability, self.platform = capability, platform
