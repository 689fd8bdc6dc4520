"""The words of sharing: what is asked for, what is granted, the steps of a case, and the case that they make."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from egov_sdk.codes import CodeKind, check_code
from egov_sdk.exchange.catalog.terms import SharingType
from egov_sdk.exchange.envelope.model import in_milliseconds
from egov_sdk.exchange.sharing.conditions import Condition, FieldName
from egov_sdk.exchange.sharing.fields import FieldRule, Given

__all__ = [
    "MOST_STEPS", "Acceptance", "Acknowledgement", "Approval", "Body", "CaseState", "Correction", "Delivery",
    "Dismissal", "GrantTerms", "Notice", "Objection", "ObjectionState", "Quota", "Refusal", "Relinquishment",
    "Resource", "Return", "Revocation", "Role", "Served", "ServedRecord", "SharingCase", "SharingNotice",
    "SharingReminder", "SharingRequest", "SharingStatistics", "Step", "Supplement", "Told", "UseRequest", "Withdrawal",
]  # fmt: skip

#: As many steps as a case may have.
MOST_STEPS: Final = 2_000
_PERSONAL: Final = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")


def _line(text: str) -> str:
    if not text.isprintable() or text.strip() != text:
        raise ValueError("control characters, or blanks at an end")
    if any(check_code(match[0].upper(), CodeKind.CITIZEN_NUMBER).ok for match in _PERSONAL.finditer(text)):
        raise ValueError("a text holds a citizen number; name records by their references")
    return text


def _credit_code(text: str) -> str:
    if not check_code(text, CodeKind.CREDIT_CODE).ok:
        raise ValueError("no unified social credit code")
    return text


def _distinct(texts: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(texts)) != len(texts):
        raise ValueError("one stands twice")
    return texts


def _distinct_rules(rules: tuple[FieldRule, ...]) -> tuple[FieldRule, ...]:
    _distinct(tuple(rule.name for rule in rules))
    return rules


#: One line of words: no personal number, nothing that breaks the line.
Line = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(_line)]
_Optional = Annotated[str, Field(max_length=512), AfterValidator(_line)]
_Code = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[0-9A-Za-z/_.-]+$")]
_Party = Annotated[str, AfterValidator(_credit_code)]
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_CaseId = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{15,63}$")]
#: A moment as it is signed: in UTC, to the millisecond.
Moment = Annotated[AwareDatetime, AfterValidator(in_milliseconds)]
_Names = Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=500), AfterValidator(_distinct)]
_Purposes = Annotated[tuple[Line, ...], Field(min_length=1, max_length=20), AfterValidator(_distinct)]
_Number = Annotated[int, Field(ge=1, le=MOST_STEPS)]


class _Word(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Quota(_Word):
    """How much may be asked (调用频率): calls in a span of seconds, and records in one call."""

    calls: Annotated[int, Field(ge=1, le=100_000)] = 60
    per_s: Annotated[int, Field(ge=1, le=86_400)] = 60
    records: Annotated[int, Field(ge=1, le=10_000)] = 100


class Resource(_Word):
    """What the catalogue said of the resource when the request was taken."""

    code: _Code
    version: Annotated[int, Field(ge=1)]
    provider: _Party
    sharing: SharingType
    condition: Annotated[str, Field(max_length=4_000)] = ""
    basis: Annotated[str, Field(max_length=4_000)] = ""
    items: Annotated[tuple[str, ...], Field(min_length=1, max_length=2_000)]


# ---------------------------------------------------------------- steps


class SharingRequest(_Word):
    """A request for a resource (共享申请): for what, on which legal basis, which fields and rows, how often."""

    kind: Literal["request"] = "request"
    resource: _Code
    purposes: _Purposes
    basis: Line
    fields: _Names
    rows: Condition | None = None
    quota: Quota = Quota()
    until: Moment


class Acceptance(_Word):
    """The platform has taken the request (受理) and tells what the catalogue says."""

    kind: Literal["acceptance"] = "acceptance"
    resource: Resource


class Return(_Word):
    """More is needed before it can be reviewed (退回补正)."""

    kind: Literal["return"] = "return"
    reason: Line


class Supplement(_Word):
    """The request again, as it shall be reviewed now (补正)."""

    kind: Literal["supplement"] = "supplement"
    request: SharingRequest


class GrantTerms(_Word):
    """What is granted (授权): never more than what was asked for."""

    purposes: _Purposes
    fields: Annotated[tuple[FieldRule, ...], Field(min_length=1, max_length=500), AfterValidator(_distinct_rules)]
    rows: Condition | None = None
    quota: Quota = Quota()
    valid_from: Moment
    until: Moment


class Approval(_Word):
    """Consent (同意共享). ``is_ready``: it can be used at once, and nothing has to be delivered first."""

    kind: Literal["approval"] = "approval"
    terms: GrantTerms
    is_ready: bool = True


class Refusal(_Word):
    """A no, with its reason (不同意), and the law where one forbids it."""

    kind: Literal["refusal"] = "refusal"
    reason: Line
    basis: Annotated[str, Field(max_length=4_000)] = ""


class Withdrawal(_Word):
    """The request is taken back (撤回)."""

    kind: Literal["withdrawal"] = "withdrawal"
    reason: _Optional = ""


class Delivery(_Word):
    """It can be used from now on (提供数据)."""

    kind: Literal["delivery"] = "delivery"
    note: _Optional = ""


class Revocation(_Word):
    """The provider ends the grant (收回授权)."""

    kind: Literal["revocation"] = "revocation"
    reason: Line


class Relinquishment(_Word):
    """The user gives the grant up (停止使用)."""

    kind: Literal["relinquishment"] = "relinquishment"
    reason: _Optional = ""


class Objection(_Word):
    """A record is said to be wrong (数据异议). It is named by the reference that came with it."""

    kind: Literal["objection"] = "objection"
    record: _Digest
    fields: _Names
    claim: Line


class Correction(_Word):
    """The provider has put the record right (更正)."""

    kind: Literal["correction"] = "correction"
    objection: _Number
    fields: _Names
    note: Line


class Dismissal(_Word):
    """The provider has looked, and the record is right (异议不成立)."""

    kind: Literal["dismissal"] = "dismissal"
    objection: _Number
    reason: Line


class Notice(_Word):
    """The platform tells a user of a record that it was corrected (更正通知)."""

    kind: Literal["notice"] = "notice"
    record: _Digest
    fields: _Names
    note: Line


class Acknowledgement(_Word):
    """The user has seen a notice (签收); ``notice`` is the number of its step."""

    kind: Literal["acknowledgement"] = "acknowledgement"
    notice: _Number


Body: TypeAlias = Annotated[
    SharingRequest | Acceptance | Return | Supplement | Approval | Refusal | Withdrawal | Delivery | Revocation
    | Relinquishment | Objection | Correction | Dismissal | Notice | Acknowledgement,
    Field(discriminator="kind"),
]  # fmt: skip


class Step(_Word):
    """One step of a case: at which platform, its number, the digest of the step before it, who takes it, when, and what
    it says.
    """

    platform: _Party
    case_id: _CaseId
    number: _Number
    previous: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
    actor: _Party
    at: Moment
    body: Body


class UseRequest(_Word):
    """One use of a grant: at which platform, for what, which fields and rows. No fields are all that are granted."""

    platform: _Party
    case_id: _CaseId
    actor: _Party
    at: Moment
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    purpose: Line
    fields: Annotated[tuple[FieldName, ...], Field(max_length=500), AfterValidator(_distinct)] = ()
    where: Condition | None = None
    records: Annotated[int, Field(ge=1, le=10_000)] | None = None


# ---------------------------------------------------------------- the case


class Role(enum.StrEnum):
    """Whose step it is."""

    REQUESTER = "requester"
    PROVIDER = "provider"
    PLATFORM = "platform"


class CaseState(enum.StrEnum):
    """Where a case stands."""

    FILED = "filed"
    REVIEW = "review"
    RETURNED = "returned"
    GRANTED = "granted"
    ACTIVE = "active"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    RELINQUISHED = "relinquished"


class ObjectionState(_Word):
    """An objection and what came of it. ``number`` is that of its step."""

    number: int
    record: str
    fields: tuple[str, ...]
    claim: str
    at: AwareDatetime
    outcome: Literal["open", "corrected", "dismissed"] = "open"
    answer: str = ""
    answered_at: AwareDatetime | None = None


class SharingNotice(_Word):
    """A notice that a record was corrected, as one user has it. ``number`` is that of its step."""

    case_id: str
    number: int
    record: str
    fields: tuple[str, ...]
    note: str
    at: AwareDatetime
    is_acknowledged: bool = False


class SharingCase(_Word):
    """A case (案卷) as its steps have made it."""

    case_id: str
    platform: str
    requester: str
    request: SharingRequest
    resource: Resource | None = None
    state: CaseState
    terms: GrantTerms | None = None
    steps: int
    head: str
    opened_at: AwareDatetime
    changed_at: AwareDatetime
    review_since: AwareDatetime | None = None
    answered_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None
    reason: str = ""
    basis: str = ""
    objections: tuple[ObjectionState, ...] = ()
    notices: tuple[SharingNotice, ...] = ()

    @property
    def provider(self) -> str:
        """Whose resource it is; empty until the platform has taken the case."""
        return self.resource.provider if self.resource is not None else ""

    @property
    def open_objections(self) -> tuple[ObjectionState, ...]:
        """The objections that nobody has answered."""
        return tuple(one for one in self.objections if one.outcome == "open")


# ---------------------------------------------------------------- answers


class ServedRecord(_Word):
    """What is given of a record, and the reference by which it can be objected to."""

    reference: str
    values: Mapping[str, Given]


class Served(_Word):
    """The answer to one use."""

    case_id: str
    number: int
    at: AwareDatetime
    records: tuple[ServedRecord, ...]


class Told(enum.StrEnum):
    """How urgent a reminder is."""

    LATE = "late"
    SOON = "soon"


class SharingReminder(_Word):
    """Something that is late or due soon (超期提醒): who has to do what. ``working_days`` late, or left."""

    case_id: str
    party: str
    matter: str
    about: int = 0
    since: AwareDatetime
    due: AwareDatetime
    told: Told
    working_days: int
    is_provisional: bool


class SharingStatistics(_Word):
    """Numbers about all cases. ``answered_late`` counts answers that came after their limit."""

    cases: Mapping[CaseState, int]
    answered: int
    answered_late: int
    working_days_to_answer: int
    objections: Mapping[str, int]
    notices: int
    notices_open: int
    uses: int
    records: int
