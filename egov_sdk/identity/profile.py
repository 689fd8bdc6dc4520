"""Identity profiles: how one platform signs people in, and in which words it tells who they are. A profile is data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from egov_sdk.codes import CodeKind, Sex
from egov_sdk.identity.model import AgentRole, AuthMethod, HolderKind, IdentityLevel
from egov_sdk.report import Text

__all__ = [
    "AnswerFields",
    "Call",
    "DocumentRule",
    "IdentityProfile",
    "LegalFields",
    "MaskRule",
    "Page",
    "PersonFields",
    "Shape",
    "TokenFields",
    "UserFields",
]

#: oidc: OpenID Connect (GM/T 0069); code: OAuth 2.0 code, then token, then user; ticket: the same with a ticket (票据).
Shape = Literal["oidc", "code", "ticket"]
#: How a field is masked (脱敏) for a page: see egov_sdk.codes.masking.
MaskRule = Literal["number", "bank_card", "mobile", "name", "email", "other", "shown"]

HOLE: Final = re.compile(r"\{([a-z_]+)\}")
_NAME: Final = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_PAGE_HOLES: Final = frozenset(
    {
        *("client_id", "redirect_uri", "redirect_uri_with_state", "state", "nonce", "scope", "code_challenge"),
        *("level", "method", "holder", "prompt", "return_to"),
    }
)
_CALL_HOLES: Final = frozenset(
    {
        *("client_id", "client_secret", "redirect_uri", "redirect_uri_with_state", "code", "code_verifier"),
        *("token", "refresh_token", "audience"),
    }
)

_Texts = Annotated[Mapping[str, str], AfterValidator(MappingProxyType)]
_Path = Annotated[str, Field(max_length=200)]
_EMPTY: Final[Any] = Field(default_factory=lambda: MappingProxyType({}))
#: Dotted member names of which the first that is there counts.
_Paths = tuple[_Path, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def _unknown_holes(texts: Mapping[str, str], allowed: frozenset[str]) -> list[str]:
    return sorted({hole for text in texts.values() for hole in HOLE.findall(text)} - allowed)


class Page(_Part):
    """A page that the browser is sent to. A parameter whose text is empty once it is filled is left out.

    Holes: ``{client_id}`` ``{redirect_uri}`` ``{redirect_uri_with_state}`` ``{state}`` ``{nonce}`` ``{scope}``
    ``{code_challenge}`` ``{level}`` ``{method}`` ``{holder}`` ``{prompt}``; on the way out ``{return_to}``.
    """

    url: Annotated[str, Field(max_length=2_048)] = ""
    fields: _Texts = _EMPTY

    @model_validator(mode="after")
    def _check(self) -> Self:
        if unknown := _unknown_holes(self.fields, _PAGE_HOLES):
            raise ValueError(f"nothing fills {', '.join(unknown)} on a page")
        return self


class Call(_Part):
    """One request of the application to the platform.

    Holes: ``{client_id}`` ``{client_secret}`` ``{redirect_uri}`` ``{redirect_uri_with_state}`` ``{code}`` (the code or
    ticket) ``{code_verifier}`` ``{token}`` ``{refresh_token}`` ``{audience}``. ``bearer`` sends the token in its own
    header.
    """

    path: Annotated[str, Field(pattern=r"^/", max_length=2_048)]
    method: Literal["GET", "POST"] = "POST"
    body: Literal["", "form", "json"] = "form"
    fields: _Texts = _EMPTY
    bearer: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if unknown := _unknown_holes(self.fields, _CALL_HOLES):
            raise ValueError(f"nothing fills {', '.join(unknown)} in a call")
        if self.method == "GET" and self.body:
            raise ValueError("a GET has no body: body is ''")
        return self


class AnswerFields(_Part):
    """How the answers to calls say in themselves whether all went well, where the gateway's profile does not look.

    ``good`` are the texts of the member ``success`` that mean a yes; ``code`` leads to the platform's own code.
    """

    success: _Path
    good: frozenset[str] = frozenset({"true"})
    code: _Path = ""


class TokenFields(_Part):
    """Where the answer to a token call holds what, as dotted member names."""

    token: _Path = "access_token"  # noqa: S105 - a member's name
    life_s: _Path = "expires_in"
    refresh_token: _Path = "refresh_token"  # noqa: S105 - a member's name
    refresh_life_s: _Path = "refresh_expires_in"
    subject: _Path = ""


class DocumentRule(_Part):
    """What one type of document (证件类型) is here, and where its number stands if not in the usual member."""

    kind: CodeKind | None
    number: _Path = ""


class PersonFields(_Part):
    """Where a reply tells of one natural person."""

    subject: _Paths = ()
    name: _Paths = ()
    number: _Paths = ()
    type: _Path = ""
    usual_type: str = ""  # when the reply does not say the type
    sex: _Paths = ()
    birth_date: _Paths = ()
    nation: _Paths = ()
    mobile: _Paths = ()
    email: _Paths = ()


class LegalFields(_Part):
    """Where a reply tells of an organisation. ``documents`` maps the member of a number to its kind."""

    subject: _Paths
    name: _Paths
    documents: Annotated[Mapping[str, CodeKind | None], AfterValidator(MappingProxyType)]
    raw_type: _Path = ""
    representative: PersonFields | None = None
    agent: PersonFields | None = None
    role: _Path = ""
    roles: Annotated[Mapping[str, AgentRole], AfterValidator(MappingProxyType)] = _EMPTY


class UserFields(_Part):
    """Where a reply tells who somebody is, and what its words mean. A word that is not listed stays unknown.

    Args:
        kind: the member that says whether it is an organisation, by ``kinds``; empty where all are natural persons.
        proven_only: the platform's name and numbers count only for levels above none.
        raw: what is kept of the platform's own words on level and method, by dotted member names.
        masks: how the platform masks its fields on a page; the others show their first and last third.
    """

    person: PersonFields
    legal: LegalFields | None = None
    kind: _Path = ""
    kinds: Annotated[Mapping[str, HolderKind], AfterValidator(MappingProxyType)] = _EMPTY
    document_types: Annotated[Mapping[str, DocumentRule], AfterValidator(MappingProxyType)] = _EMPTY
    sexes: Annotated[Mapping[str, Sex], AfterValidator(MappingProxyType)] = _EMPTY
    level: _Path = ""
    levels: Annotated[Mapping[str, IdentityLevel], AfterValidator(MappingProxyType)] = _EMPTY
    method: _Path = ""
    methods: Annotated[Mapping[str, AuthMethod], AfterValidator(MappingProxyType)] = _EMPTY
    authenticated_at: _Path = ""
    raw: _Paths = ()
    proven_only: bool = False
    masks: Annotated[Mapping[str, MaskRule], AfterValidator(MappingProxyType)] = _EMPTY


class IdentityProfile(_Part):
    """How one identity platform (统一身份认证平台) is spoken to.

    ``gateway`` names the gateway profile that its calls are signed with (``gateway_of``); empty for none. Without
    ``user``, a profile of the shape oidc reads the claims of OpenID Connect and of this library. ``errors`` maps the
    platform's codes to keys of this room's problems. ``levels``, ``methods``, ``holders`` and ``prompts`` are the words
    in which a sign-in is asked for; a method, holder or prompt without a word there cannot be asked for.
    """

    name: str
    title: Text = Text("", "")
    shape: Shape
    login: Page = Field(default_factory=Page)
    callback: str = "code"
    state: str = "state"
    token: Call | None = None
    token_fields: TokenFields = TokenFields()
    userinfo: Call | None = None
    user: UserFields | None = None
    refresh: Call | None = None
    issue_ticket: Call | None = None
    ticket_fields: TokenFields | None = None
    redeem_ticket: Call | None = None
    logout: Page | None = None
    levels: Annotated[Mapping[IdentityLevel, str], AfterValidator(MappingProxyType)] = _EMPTY
    methods: Annotated[Mapping[AuthMethod, str], AfterValidator(MappingProxyType)] = _EMPTY
    holders: Annotated[Mapping[HolderKind, str], AfterValidator(MappingProxyType)] = Field(
        default_factory=lambda: MappingProxyType({HolderKind.NATURAL: ""})
    )
    prompts: Annotated[Mapping[Literal["login", "none"], str], AfterValidator(MappingProxyType)] = _EMPTY
    answer: AnswerFields | None = None
    errors: _Texts = _EMPTY
    ticket_life_s: float = Field(default=60, gt=0, le=86_400)
    gateway: str = ""
    unverified: tuple[Text, ...] = ()
    source: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError("name: small letters and digits, joined by - _ or .")
        if self.shape != "oidc":
            if self.token is None or self.userinfo is None or self.user is None:
                raise ValueError(f"shape {self.shape} needs `token`, `userinfo` and `user`")
            if not self._carries_state():
                raise ValueError("login: `state` must go with the browser, or sign-ins could be mixed up")
        from egov_sdk.identity._client_problems import problem_named

        for code, problem in self.errors.items():
            if problem_named(problem) is None:
                raise ValueError(f"errors.{code}: there is no problem {problem!r}")
        return self

    def _carries_state(self) -> bool:
        return any(
            hole in ("state", "redirect_uri_with_state")
            for text in self.login.fields.values()
            for hole in HOLE.findall(text)
        )
