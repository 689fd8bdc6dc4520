"""What goes wrong between an application and an identity platform, beside what every application meets."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.identity import problems as common
from egov_sdk.identity.problems import IdentityRejected, shown
from egov_sdk.report import Text

__all__ = ["PROBLEMS", "problem_named", "refused"]

#: The full code is ``egov.identity.`` and the key.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "not_offered": Text("{platform} does not offer this: {found}", "{platform} 不提供此功能：{found}"),
        "code_refused": Text(
            "the platform does not accept the code: it is unknown, used before, or too old",
            "平台不接受该授权码：未知、已使用或已过期",
        ),
        "ticket_malformed": Text("this is no ticket of the platform", "票据格式错误"),
        "token_audience": Text("the token is for another application", "令牌不是签发给本应用的"),
        "ticket_rejected": Text("the platform does not accept the ticket", "平台不接受该票据"),
        "subject_mismatch": Text(
            "the platform tells of another person than the one who signed in", "平台返回的用户与登录用户不一致"
        ),
        "authorized_party": Text(
            "the token was made for another application: {found}", "令牌是签发给其他应用的：{found}"
        ),
    }
)


def problem_named(problem: str) -> Text | None:
    """The words of a problem of this room, here or in the common table; None when there is none."""
    return PROBLEMS.get(problem) or common.PROBLEMS.get(problem)


def refused(problem: str, /, **facts: object) -> IdentityRejected:
    """The error for a row of either table; the caller raises it. A fact that nobody gave is ``-``."""
    text = problem_named(problem)
    if text is None:
        raise KeyError(problem)
    detail = {name: shown(value) for name, value in facts.items()}
    error = IdentityRejected(text.en.format_map(_Given(detail)), code=f"egov.identity.{problem}")
    error.detail.update(detail)
    error.problem = problem
    return error


class _Given(dict[str, object]):
    """Facts in which a missing one is a dash: a platform seldom says why."""

    def __missing__(self, name: str) -> str:
        return "-"
