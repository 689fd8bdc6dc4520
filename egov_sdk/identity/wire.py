"""People and assurance as claims: OpenID Connect's own names where it has one, and names with ``egov_`` beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, TypeVar, cast

from egov_sdk.codes import CodeKind, Sex
from egov_sdk.identity.model import (
    Agent,
    AgentRole,
    Assurance,
    AuthMethod,
    Holder,
    HolderKind,
    IdDocument,
    IdentityLevel,
    LegalPerson,
    NaturalPerson,
    UserInfo,
)
from egov_sdk.identity.problems import unreadable

__all__ = [
    "LEVEL_OF_ACR",
    "SCOPES",
    "acr_of",
    "assurance_claims",
    "narrowed",
    "parse_assurance",
    "parse_userinfo",
    "userinfo_claims",
]

#: What each scope lets an application see.
SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "openid": frozenset(),
    "profile": frozenset({"name", "gender", "birthdate", "egov_nation"}),
    "identity": frozenset({"egov_document", "egov_documents"}),
    "phone": frozenset({"phone_number"}),
    "email": frozenset({"email"}),
    "organization": frozenset({"egov_type", "egov_representative"}),
    "offline_access": frozenset(),
}
_ACR: Final = "urn:egov-sdk:identity-level:"
#: The authentication context that a request can ask for and a token states, by the level that it stands for.
LEVEL_OF_ACR: Final[Mapping[str, IdentityLevel]] = {
    _ACR + level.value: level for level in IdentityLevel if level is not IdentityLevel.UNKNOWN
}
#: RFC 8176 where it has a word; the value of the method itself where it has none.
_AMR: Final = {AuthMethod.PASSWORD: "pwd", AuthMethod.FACE: "face"}
_TEXT_CHARS: Final = 512
_Word = TypeVar("_Word", bound=StrEnum)
_Kind = TypeVar("_Kind")


def acr_of(level: IdentityLevel) -> str:
    """The authentication context that stands for a level."""
    return _ACR + level.value


def assurance_claims(assurance: Assurance) -> dict[str, object]:
    """Level and method, each in a claim of its own, and as ``acr`` and ``amr`` for stock clients."""
    claims: dict[str, object] = {
        "acr": acr_of(assurance.level),
        "amr": [_AMR.get(assurance.method, assurance.method.value)],
        "egov_level": assurance.level.value,
        "egov_method": assurance.method.value,
    }
    if assurance.authenticated_at is not None:
        claims["auth_time"] = int(assurance.authenticated_at.timestamp())
    return claims


def parse_assurance(claims: Mapping[str, object]) -> Assurance:
    """Level and method from claims. A word that is not known is UNKNOWN; the words themselves are in ``raw``.

    Raises:
        ParseError: a claim is of the wrong type.
    """
    raw = {name: _text(claims, name) for name in ("acr", "egov_level", "egov_method") if name in claims}
    level = _word(IdentityLevel, raw["egov_level"]) if "egov_level" in raw else LEVEL_OF_ACR.get(raw.get("acr", ""))
    return Assurance(
        level=level or IdentityLevel.UNKNOWN,
        method=_word(AuthMethod, raw.get("egov_method", "")) or AuthMethod.UNKNOWN,
        authenticated_at=_moment(claims, "auth_time"),
        raw=raw,
    )


def userinfo_claims(info: UserInfo) -> dict[str, object]:
    """Who is signed in, as claims. What is not known is left out."""
    claims = {"sub": info.subject, "egov_holder": info.kind.value, **assurance_claims(info.assurance)}
    holder = info.holder
    if isinstance(holder, NaturalPerson):
        return claims | _person_claims(holder)
    if holder.name:
        claims["name"] = holder.name
    if holder.documents:
        claims["egov_documents"] = [_document_claims(document) for document in holder.documents]
    if holder.raw_type:
        claims["egov_type"] = holder.raw_type
    if holder.representative is not None:
        representative = holder.representative
        claims["egov_representative"] = {"sub": representative.subject, **_person_claims(representative)}
    if holder.agent is not None:
        agent = holder.agent
        # RFC 8693, 4.1: who acts, beside on whose behalf
        claims["act"] = {"sub": agent.person.subject, "egov_role": agent.role.value} | _person_claims(agent.person)
        if agent.raw_role:
            cast("dict[str, object]", claims["act"])["egov_raw_role"] = agent.raw_role
    return claims


def narrowed(claims: Mapping[str, object], scopes: frozenset[str]) -> dict[str, object]:
    """What of claims an application may see that was granted these scopes; of people within them as well."""
    hidden = frozenset().union(*(names for scope, names in SCOPES.items() if scope not in scopes))
    shown = {name: value for name, value in claims.items() if name not in hidden}
    for name in ("act", "egov_representative"):
        if isinstance(inner := shown.get(name), Mapping):
            shown[name] = narrowed(inner, scopes)
    return shown


def _person_claims(person: NaturalPerson) -> dict[str, object]:
    claims: dict[str, object] = {
        "name": person.name,
        "gender": person.sex.value if person.sex else "",
        "birthdate": person.birth_date.isoformat() if person.birth_date else "",
        "egov_nation": person.nation,
        "phone_number": person.mobile,
        "email": person.email,
    }
    if person.document is not None:
        claims["egov_document"] = _document_claims(person.document)
    return {name: value for name, value in claims.items() if value}


def _document_claims(document: IdDocument) -> dict[str, object]:
    claims: dict[str, object] = {"kind": document.kind.value if document.kind else "", "number": document.number}
    return claims | ({"raw_type": document.raw_type} if document.raw_type else {})


def parse_userinfo(claims: Mapping[str, object], *, issuer: str = "") -> UserInfo:
    """Who is signed in, from claims; of any OpenID provider as far as they go.

    Raises:
        ParseError: a claim is of the wrong type, or ``sub`` is missing.
    """
    if not _text(claims, "sub"):
        raise unreadable("claims", where="sub", found="nothing", expected="a text")
    is_legal = _word(HolderKind, _text(claims, "egov_holder")) is HolderKind.LEGAL
    holder: Holder = _organization(claims) if is_legal else _person(claims)
    return UserInfo(holder=holder, assurance=parse_assurance(claims), issuer=issuer, raw=claims)


def _person(claims: Mapping[str, object], *, where: str = "") -> NaturalPerson:
    document = _object(claims, "egov_document", where=where)
    gender = _text(claims, "gender", where=where)
    return NaturalPerson(
        subject=_text(claims, "sub", where=where),
        name=_text(claims, "name", where=where),
        document=None if document is None else _document(document),
        sex=_word(Sex, gender),
        birth_date=_date(_text(claims, "birthdate", where=where)),
        nation=_text(claims, "egov_nation", where=where),
        mobile=_text(claims, "phone_number", where=where),
        email=_text(claims, "email", where=where),
    )


def _organization(claims: Mapping[str, object]) -> LegalPerson:
    representative, act = _object(claims, "egov_representative"), _object(claims, "act")
    documents = claims.get("egov_documents", ())
    if not isinstance(documents, (list, tuple)) or not all(isinstance(one, Mapping) for one in documents):
        raise unreadable("claims", where="egov_documents", found="something else", expected="a list of objects")
    agent = None
    if act is not None:
        role = _text(act, "egov_role", where="act")
        agent = Agent(
            person=_person(act, where="act"),
            role=_word(AgentRole, role) or AgentRole.UNKNOWN,
            raw_role=_text(act, "egov_raw_role", where="act"),
        )
    return LegalPerson(
        subject=_text(claims, "sub"),
        name=_text(claims, "name"),
        documents=tuple(map(_document, documents)),
        raw_type=_text(claims, "egov_type"),
        representative=None if representative is None else _person(representative, where="egov_representative"),
        agent=agent,
    )


def _document(claims: Mapping[str, object]) -> IdDocument:
    kind, where = _text(claims, "kind", where="egov_document"), "egov_document"
    known = _word(CodeKind, kind)
    raw_type = _text(claims, "raw_type", where=where) or ("" if known else kind)
    return IdDocument(kind=known, number=_text(claims, "number", where=where), raw_type=raw_type)


def _word(words: type[_Word], text: str) -> _Word | None:
    return cast("dict[str, _Word]", words._value2member_map_).get(text)


def _typed(claims: Mapping[str, object], name: str, kind: type[_Kind], expected: str, where: str) -> _Kind | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or isinstance(value, bool):
        place = f"{where}.{name}" if where else name
        raise unreadable("claims", where=place, found=type(value).__name__, expected=expected)
    return value


def _text(claims: Mapping[str, object], name: str, *, where: str = "") -> str:
    value = _typed(claims, name, str, "a text", where) or ""
    if len(value) > _TEXT_CHARS:
        place = f"{where}.{name}" if where else name
        raise unreadable("claims", where=place, found=f"{len(value)} characters", expected=f"at most {_TEXT_CHARS}")
    return value


def _object(claims: Mapping[str, object], name: str, *, where: str = "") -> Mapping[str, object] | None:
    value: Mapping[str, object] | None = _typed(claims, name, Mapping, "an object", where)  # type: ignore[type-abstract]  # isinstance takes it
    return value


def _date(text: str) -> date | None:
    """A whole date; OpenID Connect lets a provider hide the year or give it alone, which is no date of birth."""
    parse: Callable[[str], date] = date.fromisoformat
    try:
        return parse(text) if len(text) == len("2026-01-31") and not text.startswith("0000") else None
    except ValueError:
        return None


def _moment(claims: Mapping[str, object], name: str) -> datetime | None:
    value = _typed(claims, name, (int), "seconds since 1970", "")
    try:
        return None if value is None else datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise unreadable("claims", where=name, found=value, expected="seconds since 1970") from None
