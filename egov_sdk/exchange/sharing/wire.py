"""The service of sharing in this library's own REST interface: its operations, which client and server share."""

from __future__ import annotations

from typing import Final

from pydantic import AwareDatetime, Field

from egov_sdk.exchange.sharing.model import (
    CaseState,
    Served,
    SharingCase,
    SharingNotice,
    SharingReminder,
    SharingStatistics,
)
from egov_sdk.exchange.sharing.problems import TABLE
from egov_sdk.exchange.sharing.signing import SignedStep, SignedUse
from egov_sdk.gateway.operations import Nothing, Operation, Question, refusals_of
from egov_sdk.report import Text

__all__ = ["CASE", "CASES", "EVIDENCE", "NOTICES", "OPERATIONS", "OVERDUE", "STATISTICS", "TAKE", "USE"]


class Take(Question):
    """A signed step."""

    step: SignedStep


class Use(Question):
    """A signed use."""

    use: SignedUse


class OfCase(Question):
    """One case."""

    case_id: str


class Cases(Question):
    """Some cases."""

    party: str = ""
    resource: str = ""
    state: CaseState | None = None
    after: str = ""
    limit: int = Field(default=100, ge=1, le=1_000)


class Overdue(Question):
    """What is late at a time, now by default."""

    at: AwareDatetime | None = None
    soon: int = Field(default=2, ge=0, le=100)


class OfParty(Question):
    """One department."""

    party: str


TAKE: Final = Operation(
    name="sharing.take",
    method="POST",
    path="/sharing-steps",
    question=Take,
    answer=SharingCase,
    summary=Text("Take a step of a case", "办理共享案卷步骤"),
)
USE: Final = Operation(
    name="sharing.use",
    method="POST",
    path="/sharing-uses",
    question=Use,
    answer=Served,
    summary=Text("Use a grant", "使用共享数据"),
)
CASE: Final = Operation(
    name="sharing.case",
    method="GET",
    path="/sharing-cases/{case_id}",
    question=OfCase,
    answer=SharingCase,
    summary=Text("One case", "查询案卷"),
)
CASES: Final = Operation(
    name="sharing.cases",
    method="GET",
    path="/sharing-cases",
    question=Cases,
    answer=tuple[SharingCase, ...],
    summary=Text("Cases of a department, of a resource, in a state", "按部门、资源、状态查询案卷"),
)
OVERDUE: Final = Operation(
    name="sharing.overdue",
    method="GET",
    path="/sharing-reminders",
    question=Overdue,
    answer=tuple[SharingReminder, ...],
    summary=Text("What is late or due soon", "超期与临期提醒"),
)
NOTICES: Final = Operation(
    name="sharing.notices",
    method="GET",
    path="/sharing-notices/{party}",
    question=OfParty,
    answer=tuple[SharingNotice, ...],
    summary=Text("Notices of corrected records", "更正通知"),
)
STATISTICS: Final = Operation(
    name="sharing.statistics",
    method="GET",
    path="/sharing-statistics",
    question=Nothing,
    answer=SharingStatistics,
    summary=Text("Numbers about all cases", "共享统计"),
)
EVIDENCE: Final = Operation(
    name="sharing.evidence",
    method="GET",
    path="/sharing-cases/{case_id}/evidence",
    question=OfCase,
    answer=bytes,
    summary=Text("One case as evidence", "导出案卷证据"),
)
OPERATIONS: Final = (TAKE, USE, CASE, CASES, OVERDUE, NOTICES, STATISTICS, EVIDENCE)

#: The errors of this room, as the client raises them.
REFUSALS: Final = refusals_of(TABLE)
