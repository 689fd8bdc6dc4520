"""From what a platform tells of somebody, in its own fields and words, to the words of the trade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final, NoReturn

from pydantic import ValidationError

from egov_sdk.codes.masking import mask_bank_card, mask_email, mask_mobile, mask_name, mask_number, mask_other
from egov_sdk.frozen import first_misfit
from egov_sdk.gateway.errors import AnswerMalformed
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
from egov_sdk.identity.problems import shown
from egov_sdk.identity.profile import LegalFields, MaskRule, PersonFields, UserFields

__all__ = ["mask_reply", "member", "read_user", "text_at"]

_LAST_MOMENT: Final = 253_402_300_799


def malformed(problem: str, *, request_id: str = "") -> NoReturn:
    """Refuse a platform's answer that breaks its own rules; what it held is not repeated."""
    raise AnswerMalformed(shown(problem), origin="platform", request_id=request_id)


def member(value: object, path: str) -> object:
    """The member that a dotted path leads to; None if it leads nowhere, or if there is no path."""
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text_at(reply: object, *paths: str) -> str:
    """The first text that one of these paths leads to; numbers count as their digits."""
    for path in paths:
        found = member(reply, path)
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, int) and abs(found) < 10**18:
            return str(found)
        if isinstance(found, str) and found.strip():
            return found
    return ""


def read_user(reply: Mapping[str, object], fields: UserFields, *, issuer: str = "") -> UserInfo:
    """Who somebody is, by a profile's fields. A word that the profile does not know stays unknown; ``raw`` keeps it.

    Raises:
        AnswerMalformed: the platform's own id is missing, or a field is far too long.
    """
    assurance = _assurance(reply, fields)
    kind = HolderKind.NATURAL
    if fields.kind:
        said = text_at(reply, fields.kind)
        if said not in fields.kinds:
            malformed(f"{fields.kind} is no kind of holder that the profile knows")
        kind = fields.kinds[said]
    hidden = fields.proven_only and not assurance.level.reaches(IdentityLevel.REAL_NAME)
    try:
        holder: Holder
        if kind is HolderKind.LEGAL and fields.legal is not None:
            holder = _organization(reply, fields, fields.legal)
        else:
            holder = _person(reply, fields.person, fields, hidden=hidden)
        if not holder.subject or kind is not holder.kind:
            malformed("the reply does not say who it is about")
        return UserInfo(holder=holder, assurance=assurance, issuer=issuer, raw=reply)
    except ValidationError as error:
        first = first_misfit(error)
        malformed(f"the reply's {first.place} cannot be: {first.kind}")


def _assurance(reply: Mapping[str, object], fields: UserFields) -> Assurance:
    paths = dict.fromkeys(path for path in (fields.level, fields.method, *fields.raw) if path)
    raw = {path: text for path in paths if (text := text_at(reply, path)[:512])}
    return Assurance(
        level=fields.levels.get(raw.get(fields.level, ""), IdentityLevel.UNKNOWN),
        method=fields.methods.get(raw.get(fields.method, ""), AuthMethod.UNKNOWN),
        authenticated_at=_moment(member(reply, fields.authenticated_at)),
        raw=raw,
    )


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LAST_MOMENT:
        return None
    return datetime.fromtimestamp(value, UTC)


def _person(
    reply: Mapping[str, object], person: PersonFields, fields: UserFields, *, hidden: bool = False
) -> NaturalPerson:
    born = _date(text_at(reply, *person.birth_date))
    return NaturalPerson(
        subject=text_at(reply, *person.subject),
        name="" if hidden else text_at(reply, *person.name),
        document=None if hidden else _document(reply, person, fields),
        sex=None if hidden else fields.sexes.get(text_at(reply, *person.sex)),
        birth_date=None if hidden else born,
        nation="" if hidden else text_at(reply, *person.nation),
        mobile=text_at(reply, *person.mobile),
        email=text_at(reply, *person.email),
    )


def _document(reply: Mapping[str, object], person: PersonFields, fields: UserFields) -> IdDocument | None:
    said = text_at(reply, person.type) or person.usual_type
    rule = fields.document_types.get(said)
    number = text_at(reply, rule.number) if rule is not None and rule.number else text_at(reply, *person.number)
    return IdDocument(kind=rule.kind if rule else None, number=number, raw_type=said) if number else None


def _organization(reply: Mapping[str, object], fields: UserFields, legal: LegalFields) -> LegalPerson:
    documents = tuple(
        IdDocument(kind=kind, number=number, raw_type=path.rpartition(".")[2])
        for path, kind in legal.documents.items()
        if (number := text_at(reply, path))
    )
    agent, role = None, text_at(reply, legal.role)
    if legal.agent is not None:
        person = _person(reply, legal.agent, fields)
        if person.name or person.document is not None:
            agent = Agent(person=person, role=legal.roles.get(role, AgentRole.UNKNOWN), raw_role=role)
    representative = _person(reply, legal.representative, fields) if legal.representative is not None else None
    if representative is not None and not representative.name and representative.document is None:
        representative = None
    return LegalPerson(
        subject=text_at(reply, *legal.subject),
        name=text_at(reply, *legal.name),
        documents=documents,
        raw_type=text_at(reply, legal.raw_type),
        representative=representative,
        agent=agent,
    )


def _date(text: str) -> date | None:
    digits = text[:10].replace("-", "").replace("/", "").replace(".", "")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


_MASKS: Final[Mapping[MaskRule, Callable[[str], str]]] = MappingProxyType(
    {
        "number": mask_number,
        "bank_card": mask_bank_card,
        "mobile": mask_mobile,
        "name": mask_name,
        "email": mask_email,
        "other": mask_other,
        "shown": str,
    }
)


def mask_reply(reply: Mapping[str, object], fields: UserFields) -> Mapping[str, str]:
    """A flat reply as the platform's rules let a page show it (脱敏); a field without a rule shows its two ends.

    Source:
        SSO接口规范 usp 4.12 of Zhejiang (2019), masking rules.
    """
    return {name: _MASKS[fields.masks.get(name, "other")](text_at(reply, name)) for name in reply}
