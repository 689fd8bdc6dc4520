"""Licences in this library's own REST interface, which offers everything: operations that client and server share."""

from __future__ import annotations

from functools import cache
from typing import Final

from egov_sdk.gateway.operations import Nothing, Operation, Refusals, refusals_of
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.model import (
    AnnotatedCopy,
    BegunShowing,
    DownloadTicket,
    HolderChallenge,
    License,
    LicenseEvent,
    LicensePage,
    LicenseRecord,
    Presentation,
    ShowingCode,
    ShownLicense,
    TypeCount,
    UseCode,
)
from egov_sdk.license.present.online import OnlineShowing, ShowingState
from egov_sdk.license.problems import TABLE
from egov_sdk.license.wire.questions import (
    Act,
    Attest,
    BeginShowing,
    Challenge,
    Change,
    Code,
    ConfirmShowing,
    Copy,
    Issue,
    Of,
    OfHolder,
    OfType,
    Present,
    RefuseShowing,
    Renew,
    Search,
    Ticket,
    Used,
    Verify,
    Verifying,
)
from egov_sdk.report import Text

__all__ = ["OPERATIONS"]

_SHOWING: Final = "/license-showings/{showing_id}"
_LICENCE: Final = "/licenses/{identifier}"

TYPES: Final = Operation(
    name="license.types",
    method="GET",
    path="/license-types",
    question=Nothing,
    answer=tuple[LicenseType, ...],
    summary=Text("The types of licences", "证照类型清单"),
)
TYPE_OF: Final = Operation(
    name="license.type_of",
    method="GET",
    path="/license-types/{type_code}",
    question=OfType,
    answer=LicenseType,
    summary=Text("One type", "查询证照类型"),
)
ISSUE: Final = Operation(
    name="license.issue",
    method="POST",
    path="/licenses",
    question=Issue,
    answer=License,
    summary=Text("Issue a licence", "签发证照"),
    repeatable=True,
)
CHANGE: Final = Operation(
    name="license.change",
    method="POST",
    path=f"{_LICENCE}/changes",
    question=Change,
    answer=License,
    summary=Text("A new version with other contents", "变更证照"),
)
RENEW: Final = Operation(
    name="license.renew",
    method="POST",
    path=f"{_LICENCE}/renewals",
    question=Renew,
    answer=License,
    summary=Text("A new version with another last day", "延续证照"),
)
ACT: Final = Operation(
    name="license.act",
    method="POST",
    path=f"{_LICENCE}/actions",
    question=Act,
    answer=LicenseRecord,
    summary=Text("Suspend, resume, cancel, revoke, withdraw or activate", "暂扣、发还、注销、吊销、撤销或激活"),
)
GET: Final = Operation(
    name="license.get",
    method="POST",
    path=f"{_LICENCE}/readings",
    question=Used,
    answer=License,
    summary=Text("A licence with its file, for a use that is kept in the log", "获取证照（记录用途）"),
)
SEARCH: Final = Operation(
    name="license.search",
    method="POST",
    path="/license-searches",
    question=Search,
    answer=LicensePage,
    summary=Text("The licences of a holder", "按持证主体检索"),
)
HISTORY: Final = Operation(
    name="license.history",
    method="GET",
    path=f"{_LICENCE}/history",
    question=Of,
    answer=tuple[LicenseEvent, ...],
    summary=Text("The life of a licence", "证照履历"),
)
VERIFY: Final = Operation(
    name="license.verify",
    method="POST",
    path="/license-verifications",
    question=Verify,
    answer=dict[str, object],
    repeatable=True,
    as_body="file",
    summary=Text("Verify a licence's file", "证照查验"),
)
COPY: Final = Operation(
    name="license.annotated_copy",
    method="POST",
    path=f"{_LICENCE}/copies",
    question=Copy,
    answer=AnnotatedCopy,
    summary=Text("A copy for one use", "制作加注件"),
)
TICKET: Final = Operation(
    name="license.download_ticket",
    method="POST",
    path=f"{_LICENCE}/tickets",
    question=Used,
    answer=DownloadTicket,
    summary=Text("A ticket for one download", "获取一次性下载凭证"),
)
DOWNLOAD: Final = Operation(
    name="license.download",
    method="POST",
    path="/license-downloads",
    question=Ticket,
    answer=bytes,
    summary=Text("The file of a ticket", "凭证下载"),
)
PRESENT: Final = Operation(
    name="license.present",
    method="POST",
    path=f"{_LICENCE}/presentations",
    question=Present,
    answer=Presentation,
    summary=Text("Show a licence", "亮证"),
)
STATUS_LIST: Final = Operation(
    name="license.status_list",
    method="GET",
    path="/license-types/{type_code}/status-list",
    question=OfType,
    answer=bytes,
    summary=Text("The signed list of states of a type", "证照状态列表"),
)
USE_CODE: Final = Operation(
    name="license.use_code",
    method="POST",
    path=f"{_LICENCE}/use-codes",
    question=Used,
    answer=UseCode,
    summary=Text("A code to read a licence once", "获取用证码"),
)
REDEEM: Final = Operation(
    name="license.redeem",
    method="POST",
    path="/license-use-codes",
    question=Code,
    answer=License,
    summary=Text("Read a licence with a code", "凭用证码读取证照"),
)
CHALLENGE: Final = Operation(
    name="license.holder_challenge",
    method="POST",
    path=f"{_LICENCE}/credential-challenges",
    question=Challenge,
    answer=HolderChallenge,
    summary=Text("What a holder's device is to sign", "获取证照凭据挑战值"),
)
ATTEST: Final = Operation(
    name="license.attest",
    method="POST",
    path=f"{_LICENCE}/credentials",
    question=Attest,
    answer=bytes,
    summary=Text("A credential for a key on the holder's device", "签发证照凭据"),
)
STATISTICS: Final = Operation(
    name="license.statistics",
    method="GET",
    path="/license-statistics",
    question=Nothing,
    answer=tuple[TypeCount, ...],
    summary=Text("How many licences of each type are in each state", "证照统计"),
)
SHOWING_CODE: Final = Operation(
    name="license.showing_code",
    method="POST",
    path="/license-showing-codes",
    question=OfHolder,
    answer=ShowingCode,
    summary=Text("A code for the holder's screen", "获取亮证动态码"),
)
BEGIN_SHOWING: Final = Operation(
    name="license.begin_showing",
    method="POST",
    path="/license-showings",
    question=BeginShowing,
    answer=BegunShowing,
    summary=Text("Begin to verify online", "发起在线核验"),
)
WAITING_SHOWINGS: Final = Operation(
    name="license.waiting_showings",
    method="POST",
    path="/license-showing-searches",
    question=OfHolder,
    answer=tuple[OnlineShowing, ...],
    summary=Text("What waits for the decision of a holder", "查询待持证人确认的核验"),
)
CONFIRM_SHOWING: Final = Operation(
    name="license.confirm_showing",
    method="POST",
    path=f"{_SHOWING}/confirmations",
    question=ConfirmShowing,
    answer=OnlineShowing,
    summary=Text("The holder agrees", "持证人确认"),
)
REFUSE_SHOWING: Final = Operation(
    name="license.refuse_showing",
    method="POST",
    path=f"{_SHOWING}/refusals",
    question=RefuseShowing,
    answer=OnlineShowing,
    summary=Text("The holder does not agree", "持证人拒绝"),
)
SHOWING_STATUS: Final = Operation(
    name="license.showing_status",
    method="POST",
    path="/license-showing-states",
    question=Verifying,
    answer=ShowingState,
    summary=Text("How a verification online stands", "查询核验状态"),
)
FETCH_SHOWING: Final = Operation(
    name="license.fetch_showing",
    method="POST",
    path="/license-showing-fetches",
    question=Verifying,
    answer=tuple[ShownLicense, ...],
    summary=Text("Take what the holder granted, once", "取用已授权的证照"),
)
OPERATIONS: Final = (
    *(TYPES, TYPE_OF, ISSUE, CHANGE, RENEW, ACT, GET, SEARCH, HISTORY),
    *(VERIFY, COPY, TICKET, DOWNLOAD, PRESENT, STATUS_LIST, USE_CODE, REDEEM, CHALLENGE, ATTEST, STATISTICS),
    *(SHOWING_CODE, BEGIN_SHOWING, WAITING_SHOWINGS, CONFIRM_SHOWING, REFUSE_SHOWING, SHOWING_STATUS, FETCH_SHOWING),
)


@cache
def refusals() -> Refusals:
    """The errors of this room and of the seals on its files, as the client raises them."""
    from egov_sdk.seal.stamp import StampRefused

    return refusals_of(TABLE, branches={"egov.seal.stamp.": StampRefused})
