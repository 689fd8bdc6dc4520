"""The service of seals in this library's own REST interface: its operations, which client and server share."""

from __future__ import annotations

from typing import Final

from pydantic import AwareDatetime, Field

from egov_sdk.gateway.operations import Operation, Question, refusals_of
from egov_sdk.report import Text
from egov_sdk.seal.placement import Placement, Seam
from egov_sdk.seal.problems import TABLE
from egov_sdk.seal.records import SealAction, SealRecord, SealRequest, SealUse
from egov_sdk.seal.stamp import StampRefused

__all__ = ["ACT", "FIND", "LIST", "MAKE", "OPERATIONS", "STAMP", "USES", "VERIFY"]


class OfSeal(Question):
    """One seal."""

    seal_id: str


class OfOwner(Question):
    """The seals of one owner; of all where it is empty."""

    owner_code: str = ""


class Act(Question):
    """A step in the life of a seal."""

    seal_id: str
    action: SealAction
    reason: str
    actor: str = ""


class Make(Question):
    """A seal that is applied for."""

    request: SealRequest


class Stamp(Question):
    """A document to be stamped, in base64url."""

    seal_id: str
    document: bytes = Field(repr=False)
    at: tuple[Placement | Seam, ...]
    reason: str = ""
    actor: str = ""


class UsesOf(Question):
    """Some of the steps of a seal."""

    seal_id: str
    after: int = Field(default=0, ge=0)
    limit: int = Field(default=100, ge=0, le=1_000)


class Verify(Question):
    """A document to be verified, in base64url."""

    document: bytes = Field(repr=False)
    at: AwareDatetime | None = None


MAKE: Final = Operation(
    name="seal.make",
    method="POST",
    path="/seals",
    question=Make,
    answer=SealRecord,
    summary=Text("Have a seal made and filed", "制章并备案"),
)
LIST: Final = Operation(
    name="seal.list",
    method="GET",
    path="/seals",
    question=OfOwner,
    answer=tuple[SealRecord, ...],
    summary=Text("All seals, or those of one owner", "全部印章或某一所有者的印章"),
)
FIND: Final = Operation(
    name="seal.find",
    method="GET",
    path="/seals/{seal_id}",
    question=OfSeal,
    answer=SealRecord,
    summary=Text("One seal", "查询印章"),
)
ACT: Final = Operation(
    name="seal.act",
    method="POST",
    path="/seals/{seal_id}/actions",
    question=Act,
    answer=SealRecord,
    summary=Text("Suspend, resume or revoke a seal", "暂停、恢复或注销印章"),
)
STAMP: Final = Operation(
    name="seal.stamp",
    method="POST",
    path="/seals/{seal_id}/stamps",
    question=Stamp,
    answer=bytes,
    summary=Text("Stamp a document", "用印"),
)
USES: Final = Operation(
    name="seal.uses",
    method="GET",
    path="/seals/{seal_id}/uses",
    question=UsesOf,
    answer=tuple[SealUse, ...],
    summary=Text("What was done with a seal", "印章使用记录"),
)
VERIFY: Final = Operation(
    name="seal.verify",
    method="POST",
    path="/seal-verifications",
    question=Verify,
    answer=dict[str, object],
    repeatable=True,
    summary=Text("Verify a sealed document", "验章"),
)
OPERATIONS: Final = (MAKE, LIST, FIND, ACT, STAMP, USES, VERIFY)

#: The errors of this room, as the client raises them.
REFUSALS: Final = refusals_of(TABLE, branches={"egov.seal.stamp.": StampRefused})
