"""Why somebody is not signed in, or not let on: every reason with its words, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.errors import ParseError, VerificationError
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "IdentityRejected", "refuse", "shown", "unreadable"]

_SHOWN_CHARS = 120

#: The full code is ``egov.identity.`` and the key. Nothing personal and no secret is ever among the facts.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        # at the application
        "kept": Text("not a {name} that this library wrote: {found}", "不是本库写出的 {name}：{found}"),
        "return_to": Text(
            "the way back leads out of the application: {found}; give a path of its own that begins with one /",
            "返回地址 {found} 指向应用之外；请给出以单个 / 开头的本应用路径",
        ),
        "callback": Text(
            "the address that the browser came back with holds {found}, expected {expected}",
            "浏览器带回的地址含有 {found}，应为 {expected}",
        ),
        "state_mismatch": Text(
            "the answer belongs to another sign-in: its state is not the one that was sent",
            "返回结果属于另一次登录：state 与发出的不一致",
        ),
        "issuer_mismatch": Text(
            "the answer comes from {found}, the sign-in was begun at {expected}",
            "返回结果来自 {found}，登录是向 {expected} 发起的",
        ),
        "sign_in_expired": Text(
            "the sign-in was begun too long ago: it could be completed until {expected}, it is {found}",
            "登录发起过久：应在 {expected} 前完成，当前为 {found}",
        ),
        "denied": Text("the platform did not sign anybody in: {found}", "平台未完成登录：{found}"),
        "level_too_low": Text(
            "the person's identity is known at the level {found}, {expected} is required",
            "该用户的实名等级为 {found}，要求 {expected}",
        ),
        "holder_mismatch": Text("signed in as {found}, expected {expected}", "登录主体类型为 {found}，应为 {expected}"),
        "session_ended": Text("the session has ended: sign in again", "会话已结束，请重新登录"),
    }
)


class IdentityRejected(VerificationError):
    """Somebody is not signed in, or may not do this; ``problem`` is the key of the reason in PROBLEMS."""

    code = "egov.identity.rejected"
    problem: str = ""


def refuse(problem: str, /, **facts: object) -> IdentityRejected:
    """The error for one row of PROBLEMS; the caller raises it."""
    detail = {name: shown(value) for name, value in facts.items()}
    error = IdentityRejected(PROBLEMS[problem].en.format_map(detail), code=f"egov.identity.{problem}")
    error.detail.update(detail)
    error.problem = problem
    return error


def unreadable(problem: str, /, *, where: str = "", **facts: object) -> ParseError:
    """The error for something that is not what it should be; the caller raises it."""
    detail = {name: shown(value) for name, value in facts.items()}
    text = PROBLEMS[problem].en.format_map(detail)
    return ParseError(text, where=shown(where), code=f"egov.identity.{problem}", **detail)


def shown(value: object) -> str:
    """A stranger's value made safe to show: one line, no control characters, not too long."""
    text = str(value)
    if len(text) > _SHOWN_CHARS:
        text = text[: _SHOWN_CHARS - 1] + "…"
    return text if text.isprintable() else text.encode("unicode_escape", "backslashreplace").decode("ascii")
