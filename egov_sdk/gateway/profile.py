"""Gateway profiles: how one platform wants requests signed, and how it answers. A profile is data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Final, Literal, get_args

from egov_sdk.gateway._digests import Digest, Encoding
from egov_sdk.gateway._profile_rules import check_profile
from egov_sdk.gateway._template import Template
from egov_sdk.gateway._times import TimeFormat
from egov_sdk.gateway.errors import ProfileError
from egov_sdk.report import Text

__all__ = [
    "AnswerRule",
    "Digest",
    "Encoding",
    "FailureKind",
    "GatewayProfile",
    "NonceFormat",
    "Place",
    "QueryForm",
    "TimeFormat",
    "TokenCall",
    "TokenFlow",
]

#: Where the signing fields stand: HTTP headers, query parameters, or members of the JSON body.
Place = Literal["header", "query", "json"]
#: hex: 32 hexadecimal digits; uuid; seconds-000-4: seconds since 1970, 000 and four random digits; "": none.
NonceFormat = Literal["", "hex", "uuid", "seconds-000-4"]
#: sent: the query as it is sent; sorted: its pairs sorted by ``key=value``, then percent-encoded.
QueryForm = Literal["sent", "sorted"]
#: What a platform's code means for the caller.
FailureKind = Literal["signature", "denied", "skew", "rate", "request", "service", "unavailable"]

_NO_TEXT: Final[Mapping[str, str]] = MappingProxyType({})
_NO_KINDS: Final[Mapping[str, FailureKind]] = MappingProxyType({})


def _frozen(instance: object, **changes: object) -> None:
    for name, value in changes.items():
        object.__setattr__(instance, name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRule:
    """How a platform says in its JSON whether a call went well (返回码).

    Paths are dotted member names. A code may come as text or as a number. Codes and message texts that are listed
    say what kind of failure they are; texts match as parts of the message.
    """

    code: str = ""
    success: frozenset[str] = frozenset()
    message: tuple[str, ...] = ("message", "msg", "errorMsg", "errMsg", "errmsg")
    request_id: tuple[str, ...] = ("requestId", "request_id")
    codes: Mapping[str, FailureKind] = field(default_factory=lambda: _NO_KINDS)
    texts: Mapping[str, FailureKind] = field(default_factory=lambda: _NO_KINDS)

    def __post_init__(self) -> None:
        _frozen(self, success=frozenset(self.success), message=tuple(self.message), request_id=tuple(self.request_id))
        _frozen(self, codes=MappingProxyType(dict(self.codes)), texts=MappingProxyType(dict(self.texts)))
        for kind in (*self.codes.values(), *self.texts.values()):
            if kind not in get_args(FailureKind):
                raise ProfileError(
                    f"answer: {kind!r} is no kind of failure; there are {', '.join(get_args(FailureKind))}",
                    setting="answer.codes",
                )
        if bool(self.code) is not bool(self.success):
            raise ProfileError("answer: `code` and `success` belong together", setting="answer.success")

    __hash__ = None  # type: ignore[assignment]  # it holds mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCall:
    """One request for a session secret. It is signed as any other, with the secret that is at hand.

    ``fields`` are further parameters, with ``{id}`` and ``{secret}`` filled in; ``body`` says how they are sent, and
    ``repeat_fields`` puts the signing fields there as well.
    """

    path: str
    method: Literal["GET", "POST"] = "POST"
    fields: Mapping[str, str] = field(default_factory=lambda: _NO_TEXT)
    body: Literal["", "json", "form"] = ""
    repeat_fields: bool = False

    def __post_init__(self) -> None:
        _frozen(self, fields=MappingProxyType(dict(self.fields)))
        if self.method not in {"GET", "POST"} or self.body not in {"", "json", "form"}:
            raise ProfileError(
                f"token call {self.path}: method is GET or POST, body is '', 'json' or 'form'", setting="token.body"
            )
        if not self.path.startswith("/"):
            raise ProfileError(f"token call: a path begins with /, found {self.path!r}", setting="token.path")
        if (self.fields or self.repeat_fields) and not self.body:
            raise ProfileError(f"token call {self.path}: fields need a body", setting="token.fields")
        for text in self.fields.values():
            if unknown := _template(text, "token.fields").names - {"id", "secret", "service"}:
                raise ProfileError(f"token call {self.path}: nothing fills {sorted(unknown)}", setting="token.fields")

    __hash__ = None  # type: ignore[assignment]  # it holds mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFlow:
    """How the short-lived session secret (会话密钥) is had and renewed.

    ``login`` is made with the long-lived secret of the credentials; ``renew``, if the platform has it, with the refresh
    secret (刷新密钥) of the answer before. ``member`` and ``renewal_member`` lead to the two in the answer by dotted
    paths, the others to their ends of life, of which the first that is there counts.
    """

    login: TokenCall
    renew: TokenCall | None = None
    member: str
    ends: tuple[str, ...] = ()
    renewal_member: str = ""
    renewal_ends: tuple[str, ...] = ()
    life_s: float = 900.0  # when the answer does not say
    refresh_at: float = 0.8
    gives: Literal["secret", "token"] = "secret"
    parameter: str = ""
    per_service: bool = False
    decrypt: Literal["", "national"] = ""

    def __post_init__(self) -> None:
        _frozen(self, ends=tuple(self.ends), renewal_ends=tuple(self.renewal_ends))
        if self.gives not in {"secret", "token"} or self.decrypt not in {"", "national"}:
            raise ProfileError("token: gives is 'secret' or 'token', decrypt is '' or 'national'", setting="token")
        if not self.member:
            raise ProfileError("token: `member` must lead to the secret in the answer", setting="token.member")
        if self.life_s <= 0 or not 0 < self.refresh_at < 1:
            raise ProfileError("token: life_s is positive, refresh_at between 0 and 1", setting="token.refresh_at")
        if (self.renew is None) is bool(self.renewal_member):
            raise ProfileError("token: `renew` and `renewal_member` belong together", setting="token.renew")

    __hash__ = None  # type: ignore[assignment]  # it holds mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayProfile:
    """How one platform's gateway (网关) is spoken to.

    ``fields`` maps wire names (behind ``prefix``) to texts with holes; ``signing_string`` is what the signature covers.
    Holes: ``{id}`` ``{secret}`` ``{token}`` ``{service}`` ``{time}`` ``{nonce}`` ``{method}`` ``{path}`` ``{query}``
    (in ``query_form``) ``{params}`` (query and form, sorted, unescaped) ``{body}`` ``{body_sm3}`` ``{body_sha256}``
    ``{envelope}`` and the names in ``values``, which carry defaults; in ``fields`` also ``{signature}``. A part in
    ``[...]`` stands only when its holes are not empty.

    Raises:
        ProfileError: the parts contradict each other; the message names the setting.
    """

    name: str
    title: Text = field(default=Text("", ""))
    fields: Mapping[str, str]
    signing_string: str
    digest: Digest
    encoding: Encoding = "base64"
    place: Place = "header"
    prefix: str = ""
    time: TimeFormat = "ms"
    nonce: NonceFormat = ""
    skew_s: float = 300.0
    query_form: QueryForm = "sent"
    values: Mapping[str, str] = field(default_factory=lambda: _NO_TEXT)
    call_path: str = ""
    answer: AnswerRule = field(default_factory=AnswerRule)
    token: TokenFlow | None = None
    envelope: Literal["", "nhsa", "nhsa-plain"] = ""
    unverified: tuple[Text, ...] = ()
    source: str = ""
    _string: Template = field(init=False, repr=False, compare=False)
    _fields: tuple[tuple[str, str, Template], ...] = field(init=False, repr=False, compare=False)
    _needs: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _frozen(self, fields=MappingProxyType(dict(self.fields)), values=MappingProxyType(dict(self.values)))
        _frozen(self, unverified=tuple(self.unverified))
        string = _template(self.signing_string, "signing_string", self.name)
        placed = tuple(
            (self.prefix + name, text, _template(text, f"fields.{name}", self.name))
            for name, text in self.fields.items()
        )
        needs = string.names | frozenset(name for _, _, template in placed for name in template.names)
        _frozen(self, _string=string, _fields=placed, _needs=needs)
        check_profile(self)

    @property
    def covers_body(self) -> bool:
        """Whether the signature covers what is sent in the body."""
        return bool(self._string.names & {"body", "body_sm3", "body_sha256", "envelope"})

    def __hash__(self) -> int:
        return hash(self.name)


def _template(text: str, setting: str, profile: str = "") -> Template:
    try:
        return Template(text)
    except ValueError as error:
        raise ProfileError(f"profile {profile!r}: {setting}: {error}", profile=profile, setting=setting) from None


#: The settings of a profile that a caller may give, in their order.
SETTINGS: Final[tuple[str, ...]] = tuple(one.name for one in fields(GatewayProfile) if one.init)
