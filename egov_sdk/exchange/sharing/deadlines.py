"""Time limits (办理时限) as data: how many working days each matter has, and how sure it is that this is so."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.report import Text

__all__ = ["DEFAULT_DEADLINES", "DeadlinePolicy", "DeadlineTable", "Matter"]

#: How sure it is: read in the text itself, told by somebody who read it, or simply chosen here.
Confidence = Literal["primary", "secondary", "own"]


class Matter(enum.StrEnum):
    """What has to be done in time."""

    REPLY_UNCONDITIONAL = "reply_unconditional"
    REPLY_CONDITIONAL = "reply_conditional"
    DELIVERY = "delivery"
    OBJECTION = "objection"


@dataclass(frozen=True, slots=True)
class DeadlinePolicy:
    """One time limit: the matter (``name``), its working days, and where the number comes from."""

    name: Matter
    working_days: int
    confidence: Confidence
    source: Text

    def __post_init__(self) -> None:
        if not 0 <= self.working_days <= 1_000:
            raise ValueError("working_days is between 0 and 1,000")


@dataclass(frozen=True, slots=True)
class DeadlineTable:
    """All time limits of a platform, one for each matter."""

    policies: tuple[DeadlinePolicy, ...]

    def __post_init__(self) -> None:
        names = [one.name for one in self.policies]
        if sorted(names) != sorted(Matter):
            raise ValueError(f"give one limit for each of {', '.join(Matter)}")

    def of(self, matter: Matter) -> DeadlinePolicy:
        """The limit of one matter."""
        return next(one for one in self.policies if one.name is matter)

    def reply(self, sharing: SharingType) -> DeadlinePolicy:
        """The limit for answering a request for a resource of this type."""
        unconditional = sharing is SharingType.UNCONDITIONAL
        return self.of(Matter.REPLY_UNCONDITIONAL if unconditional else Matter.REPLY_CONDITIONAL)

    def replaced(self, policies: Iterable[DeadlinePolicy]) -> DeadlineTable:
        """The same with other limits for some matters."""
        new = {one.name: one for one in policies}
        return DeadlineTable(tuple(new.get(one.name, one) for one in self.policies))


_DECREE: Final = Text(
    "a secondary summary of the Regulation on Government Data Sharing (State Council Decree 809, in force 2025-08-01); "
    "neither the wording nor the article was read",
    "取自《政务数据共享条例》（国务院令第809号，2025年8月1日起施行）的二手摘要，未核对原文及条号",
)
_OWN: Final = Text(
    "chosen by this library; the Regulation's own limit could not be verified", "由本库设定；条例规定的期限未能核实"
)

#: 1, 10 and 20 working days by a secondary summary; the limit for objections is this library's own.
DEFAULT_DEADLINES: Final = DeadlineTable(
    (
        DeadlinePolicy(Matter.REPLY_UNCONDITIONAL, 1, "secondary", _DECREE),
        DeadlinePolicy(Matter.REPLY_CONDITIONAL, 10, "secondary", _DECREE),
        DeadlinePolicy(Matter.DELIVERY, 20, "secondary", _DECREE),
        DeadlinePolicy(Matter.OBJECTION, 10, "own", _OWN),
    )
)
