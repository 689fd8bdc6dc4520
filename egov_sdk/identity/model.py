"""The words of the trade: who someone is, who acts for whom, how sure a platform is of it, and one sign-in.

Level and method are two facts: how well a person was proven when the account was made, and how that person signed in
today. What a platform said is kept as it said it; a word that is not known stays unknown and never counts for more.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

from egov_sdk.codes import CodeKind, Sex
from egov_sdk.codes.masking import mask_name, mask_number
from egov_sdk.frozen import first_misfit
from egov_sdk.identity.problems import unreadable
from egov_sdk.times import aware

__all__ = [
    "Agent",
    "AgentRole",
    "Assurance",
    "AuthMethod",
    "Holder",
    "HolderKind",
    "IdDocument",
    "IdentityLevel",
    "LegalPerson",
    "NaturalPerson",
    "Session",
    "SignIn",
    "Ticket",
    "UserInfo",
]


class IdentityLevel(enum.StrEnum):
    """How well it was proven who someone is (实名等级). The values are stable and may be stored."""

    UNKNOWN = "unknown"
    NONE = "none"
    REAL_NAME = "real_name"
    REAL_PERSON = "real_person"

    def reaches(self, required: IdentityLevel) -> bool:
        """Whether it is as good as what is required. UNKNOWN is as good as nothing, and cannot be required.

        Raises:
            ValueError: UNKNOWN is required.
        """
        if required is IdentityLevel.UNKNOWN:
            raise ValueError("a level that is required must be a known one")
        return _RANK[self] >= _RANK[required]

    def at_most(self, other: IdentityLevel) -> IdentityLevel:
        """The lower of two levels; UNKNOWN is the lowest."""
        order = list(IdentityLevel)
        return min(self, other, key=order.index)


_RANK = {
    IdentityLevel.UNKNOWN: 0,
    IdentityLevel.NONE: 0,
    IdentityLevel.REAL_NAME: 1,
    IdentityLevel.REAL_PERSON: 2,
}


class AuthMethod(enum.StrEnum):
    """How someone signed in (认证方式). R01 to R04 are modes of the national network identity (国家网络身份认证)."""

    UNKNOWN = "unknown"
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    CERTIFICATE = "certificate"
    ELECTRONIC_LICENCE = "electronic_licence"
    FACE = "face"
    NETWORK_ID_R01 = "network_id_r01"  # the network number alone
    NETWORK_ID_R02 = "network_id_r02"  # and a password
    NETWORK_ID_R03 = "network_id_r03"  # and a face
    NETWORK_ID_R04 = "network_id_r04"  # and both


class HolderKind(enum.StrEnum):
    """As whom someone signs in: as himself or herself (自然人), or for an organisation (法人)."""

    NATURAL = "natural"
    LEGAL = "legal"


class AgentRole(enum.StrEnum):
    """Why someone may act for an organisation: as its legal representative (法定代表人) or on its behalf (经办人)."""

    UNKNOWN = "unknown"
    LEGAL_REPRESENTATIVE = "legal_representative"
    AUTHORIZED = "authorized"


class _Frozen(Mapping[str, object]):
    """A mapping that cannot be changed, and that can be hashed and sent to another process."""

    __slots__ = ("_held",)

    def __init__(self, held: Mapping[str, object]) -> None:
        self._held = {name: _frozen(value) for name, value in held.items()}

    def __getitem__(self, name: str) -> object:
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __hash__(self) -> int:
        return hash(frozenset(self._held.items()))

    def __repr__(self) -> str:
        return repr(self._held)


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return _Frozen(value)
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value


def _thawed(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _thawed(inner) for name, inner in value.items()}
    return list(map(_thawed, value)) if isinstance(value, tuple) else value


_RawWords = Annotated[Mapping[str, str], AfterValidator(_frozen), PlainSerializer(_thawed)]
_RawReply = Annotated[Mapping[str, object], AfterValidator(_frozen), PlainSerializer(_thawed)]
_Text = Annotated[str, Field(max_length=512)]
_Secret = Annotated[str, Field(max_length=65_536, repr=False)]


class _Word(BaseModel):
    """A value that cannot be changed, and whose errors do not repeat what was wrong: it may be personal."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    def to_json(self) -> str:
        """The value as JSON, secrets and personal numbers included: for the program's own store, not for a log."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what to_json wrote.

        Raises:
            ParseError: it is something else.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = first_misfit(error)
            raise unreadable("kept", where=first.place, name=cls.__name__, found=first.kind) from None


class IdDocument(_Word):
    """A document that names a person or organisation (证件): its kind, its number, and the platform's own type.

    ``kind`` is None when the platform's type is not known here. The number is as the platform gave it: ask
    ``egov_sdk.codes.check_code`` whether it keeps its own rules.
    """

    kind: CodeKind | None
    number: _Text
    raw_type: _Text = ""

    @property
    def masked(self) -> str:
        """The number as it may be shown."""
        return self.number if self.kind is not None and not self.kind.is_personal else mask_number(self.number)

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        yield from (("kind", self.kind), ("number", self.masked))


class NaturalPerson(_Word):
    """A natural person (自然人) as one platform knows them. ``subject`` is the platform's own lasting id."""

    kind: Literal[HolderKind.NATURAL] = HolderKind.NATURAL
    subject: _Text
    name: _Text = ""
    document: IdDocument | None = None
    sex: Sex | None = None
    birth_date: date | None = None
    nation: _Text = ""  # as the platform writes it: a name, or a code of GB/T 3304
    mobile: _Text = ""
    email: _Text = ""

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        yield from (("subject", self.subject), ("name", mask_name(self.name)), ("document", self.document))


class Agent(_Word):
    """Who acts for an organisation, and in what role. ``raw_role`` is the platform's own word."""

    person: NaturalPerson
    role: AgentRole = AgentRole.UNKNOWN
    raw_role: _Text = ""


class LegalPerson(_Word):
    """An organisation (法人或其他组织) as one platform knows it, and the person who signed in for it.

    ``documents`` holds what names it, its unified social credit code (统一社会信用代码) first where it has one.
    """

    kind: Literal[HolderKind.LEGAL] = HolderKind.LEGAL
    subject: _Text
    name: _Text = ""
    documents: tuple[IdDocument, ...] = ()
    raw_type: _Text = ""
    representative: NaturalPerson | None = None
    agent: Agent | None = None

    @property
    def credit_code(self) -> str:
        """The unified social credit code; empty when the platform gave none."""
        return next((one.number for one in self.documents if one.kind is CodeKind.CREDIT_CODE), "")


#: Who signed in.
Holder = NaturalPerson | LegalPerson


class Assurance(_Word):
    """How sure the platform is, in two facts that are kept apart, with its own words in ``raw``."""

    level: IdentityLevel = IdentityLevel.UNKNOWN
    method: AuthMethod = AuthMethod.UNKNOWN
    authenticated_at: AwareDatetime | None = None
    raw: _RawWords = Field(default={}, validate_default=True)


class UserInfo(_Word):
    """Who is signed in. ``raw`` is the whole reply of the platform."""

    holder: Annotated[Holder, Field(discriminator="kind")]
    assurance: Assurance
    issuer: _Text = ""
    raw: _RawReply = Field(default={}, validate_default=True, repr=False)

    @property
    def kind(self) -> HolderKind:
        return self.holder.kind

    @property
    def subject(self) -> str:
        return self.holder.subject


class SignIn(_Word):
    """A sign-in that has begun: where to send the browser, and what to keep until it comes back.

    Keep it on the server under the browser's own session, never in the address: whoever holds it can finish the
    sign-in. ``return_to`` is a path of the application itself.
    """

    url: Annotated[str, Field(max_length=8_192, repr=False)]
    state: _Secret
    nonce: _Secret = ""
    code_verifier: _Secret = ""
    redirect_uri: Annotated[str, Field(max_length=2_048)]
    issuer: _Text = ""
    level: IdentityLevel = IdentityLevel.NONE
    holder: HolderKind = HolderKind.NATURAL
    return_to: Annotated[str, Field(max_length=2_048)] = "/"
    begun_at: AwareDatetime
    expires_at: AwareDatetime


class Session(_Word):
    """A finished sign-in: the tokens of one user at one platform. They are secrets and do not show in ``repr``."""

    issuer: _Text = ""
    subject: _Text = ""
    assurance: Assurance = Assurance()
    access_token: _Secret
    expires_at: AwareDatetime | None = None
    refresh_token: _Secret = ""
    refresh_expires_at: AwareDatetime | None = None
    id_token: _Secret = ""
    scopes: frozenset[str] = frozenset()

    def is_expired(self, at: datetime) -> bool:
        """Whether the access token has run out.

        Raises:
            ValueError: ``at`` has no time zone.
        """
        aware(at)
        return self.expires_at is not None and at >= self.expires_at


class Ticket(_Word):
    """A one-time ticket (票据) with which another application takes over the sign-in (单点登录)."""

    value: _Secret
    audience: _Text
    expires_at: AwareDatetime
