"""The words of the register: a draft, a licence, who uses one and why, and what is handed out of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, Field, StringConstraints

from egov_sdk.frozen import Frozen
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseHolder, LicenseMetadata
from egov_sdk.license.states import LicenseAction, LicenseState

__all__ = [
    "AnnotatedCopy",
    "BegunShowing",
    "DownloadTicket",
    "HolderChallenge",
    "License",
    "LicenseChange",
    "LicenseDraft",
    "LicenseEvent",
    "LicensePage",
    "LicenseRecord",
    "LicenseRef",
    "Presentation",
    "ShowingCode",
    "ShownLicense",
    "Standing",
    "TypeCount",
    "Use",
    "UseCode",
    "UseGround",
    "read_identifier",
]


class UseGround(enum.StrEnum):
    """On what ground a department may see a licence (用证方式)."""

    FUNCTION = "function"  # 依职能用证: its function needs it, as the access rules say
    HOLDER = "holder"  # 持证人用证: the holder agreed
    ENTRUST = "entrust"  # 委托用证: somebody whom the holder has entrusted
    OWNER = "owner"  # 持证人本人, or the issuer itself


class Standing(enum.StrEnum):
    """Whether a licence may be relied on at a moment: its state and its dates together (证照当前效力)."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"  # its term or the day of its issue is to come, or it is not activated
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ENDED = "ended"  # cancelled, revoked, withdrawn or superseded
    UNKNOWN = "unknown"


class Use(Frozen):
    """Who wants to see a licence, and what for (用证说明): kept in the audit log of the register.

    Attributes:
        requester: The department or person that asks.
        purpose: What for, in words (用途).
        legal_basis: The rule that allows it (依据).
        ground: On what ground.
        item_code: The service item that it is needed for (事项编码).
        credential: Of a holder's consent or a delegation; a secret, empty where none is needed.
        operator: The account of the clerk at work, an id and no name.
    """

    requester: Authority
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    legal_basis: str = Field(default="", max_length=500)
    ground: UseGround = UseGround.FUNCTION
    item_code: str = ""
    credential: str = Field(default="", repr=False)
    operator: str = ""


class LicenseDraft(Frozen):
    """What is to be issued (制证数据).

    Attributes:
        type_code: The type, 21 characters.
        number: The number that is printed on the face (证照编号).
        fields: The further items of the type, by name.
        pictures: PNG or JPEG bytes of the type's picture fields, such as a photo.
        issuer: None for the department whose register it is.
        serial: Of the identifier (流水号); empty to have one made.
        valid_until: The last day; None for a licence without an end.
        active: False for one that is not in force until it is activated (未激活).
    """

    type_code: str
    number: str
    holders: tuple[LicenseHolder, ...] = Field(min_length=1)
    issued_on: date
    valid_from: date | None = None
    valid_until: date | None = None
    area_code: str = ""
    item_name: str = ""
    item_code: str = ""
    fields: Mapping[str, str] = Field(default_factory=dict)
    pictures: Mapping[str, bytes] = Field(default_factory=dict, repr=False)
    issuer: Authority | None = None
    serial: str = ""
    active: bool = True


class LicenseChange(Frozen):
    """What of a licence becomes different (变更); None leaves an item as it is.

    ``fields`` and ``pictures`` are merged into what was there. ``without_end`` takes the last day away.
    """

    holders: tuple[LicenseHolder, ...] | None = None
    issued_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    without_end: bool = False
    area_code: str | None = None
    fields: Mapping[str, str] = Field(default_factory=dict)
    pictures: Mapping[str, bytes] = Field(default_factory=dict, repr=False)


class LicenseRecord(Frozen):
    """What the register holds of one version, without its file.

    ``file_digest`` is the SM3 of the file in hexadecimal; empty while an imported licence has no file yet.
    """

    metadata: LicenseMetadata
    state: LicenseState
    updated_at: AwareDatetime
    file_digest: str = ""
    latest_version: int

    @property
    def identifier(self) -> LicenseIdentifier:
        return self.metadata.identifier

    def standing(self, on: date) -> Standing:
        """Whether the licence may be relied on at that day."""
        if self.state is LicenseState.UNKNOWN:
            return Standing.UNKNOWN
        if self.state is LicenseState.INACTIVE:
            return Standing.NOT_YET
        if self.state is LicenseState.SUSPENDED:
            return Standing.SUSPENDED
        if self.state is LicenseState.LAPSED:
            return Standing.EXPIRED
        if self.state is not LicenseState.VALID:
            return Standing.ENDED
        if on < self.metadata.begins:
            return Standing.NOT_YET
        return Standing.IN_FORCE if self.metadata.in_term(on) else Standing.EXPIRED


class License(LicenseRecord):
    """One version of a licence with its file, a sealed OFD document."""

    file: bytes = Field(repr=False)


#: Which licence is meant: its identifier, parsed or as text, or the licence or its record itself.
LicenseRef: TypeAlias = LicenseIdentifier | LicenseRecord | str


def read_identifier(named: LicenseRef) -> LicenseIdentifier:
    """The identifier of the licence that is meant; a text may deviate as real ones do.

    Raises:
        ParseError: the text is no identifier.
    """
    if isinstance(named, LicenseRecord):
        return named.identifier
    return LicenseIdentifier.parse(named, lenient=True) if isinstance(named, str) else named


class LicenseEvent(Frozen):
    """One step in the life of a licence."""

    identifier: LicenseIdentifier
    action: LicenseAction
    at: AwareDatetime
    state: LicenseState
    actor: str = ""
    reason: str = ""


class LicensePage(Frozen):
    """Some of what was found; ``next_page`` asks for more, empty at the end."""

    records: tuple[LicenseRecord, ...]
    next_page: str = ""


class AnnotatedCopy(Frozen):
    """A copy made for one use (加注件), with what it is for on its face and in its metadata."""

    copy_id: str
    identifier: LicenseIdentifier
    purpose: str
    requester: Authority
    made_at: AwareDatetime
    valid_until: AwareDatetime
    file: bytes = Field(repr=False)


class DownloadTicket(Frozen):
    """Good for one download (一次性下载凭证); a secret."""

    value: str = Field(repr=False)
    expires_at: AwareDatetime


class Presentation(Frozen):
    """What a holder shows (亮证): the text of a QR code, which can be checked without a network until it expires."""

    token: str = Field(repr=False)
    expires_at: AwareDatetime
    audience: str = ""


class HolderChallenge(Frozen):
    """What a holder's device proves with that it has its key (挑战值): of one licence and holder, for a few minutes."""

    value: bytes
    expires_at: AwareDatetime


class UseCode(Frozen):
    """Lets one verifier read one licence once (用证码)."""

    value: str = Field(repr=False)
    identifier: LicenseIdentifier
    expires_at: AwareDatetime


class ShowingCode(Frozen):
    """What the holder's screen shows for a verifier online (亮证动态码): good for one verification; a secret."""

    value: str = Field(repr=False)
    expires_at: AwareDatetime


class BegunShowing(Frozen):
    """The transaction that a verifier began (核验事务), a secret; until when the holder may decide."""

    transaction: str = Field(repr=False)
    expires_at: AwareDatetime


class ShownLicense(Frozen):
    """What a holder lets a verifier see of one licence that is in force.

    ``items`` are those that were granted, by the names of ``present.items_of``. ``license`` is the whole of it with its
    file, and there only if the holder granted all.
    """

    identifier: LicenseIdentifier
    type_code: str
    items: Mapping[str, str] = Field(repr=False)
    license: License | None = None


class TypeCount(Frozen):
    """How many licences of one type are in one state."""

    type_code: str
    state: LicenseState
    count: int
