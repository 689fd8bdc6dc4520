"""Who somebody is, in the words of a platform: what ``mapping.read_user`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from egov_sdk.identity.model import IdDocument, IdentityLevel, LegalPerson, NaturalPerson, UserInfo
from egov_sdk.identity.profile import LegalFields, PersonFields, UserFields

__all__ = ["put", "user_reply"]

V = TypeVar("V")


def put(reply: dict[str, object], path: str, value: object) -> None:
    """Put a member where a dotted path leads; nothing where the path is empty."""
    first, _, rest = path.partition(".")
    if not rest:
        if first:
            reply[first] = value
        return
    inner = reply.setdefault(first, {})
    assert isinstance(inner, dict)
    put(inner, rest, value)


def user_reply(user: UserInfo, fields: UserFields) -> dict[str, object]:
    """The reply that tells of somebody; what the platform has no word for is left out."""
    reply: dict[str, object] = {}
    holder = user.holder
    put(reply, fields.kind, _word(fields.kinds, holder.kind) or "")
    put(reply, fields.level, _level(fields.levels, user.assurance.level))
    put(reply, fields.method, _word(fields.methods, user.assurance.method) or "")
    if user.assurance.authenticated_at is not None:
        put(reply, fields.authenticated_at, int(user.assurance.authenticated_at.timestamp()))
    if isinstance(holder, NaturalPerson):
        _person(reply, holder, fields.person, fields)
    elif fields.legal is not None:
        _organization(reply, holder, fields.legal, fields)
    return reply


def _person(reply: dict[str, object], person: NaturalPerson, where: PersonFields, fields: UserFields) -> None:
    told = {
        where.subject: person.subject,
        where.name: person.name,
        where.sex: _word(fields.sexes, person.sex) or "",
        where.birth_date: person.birth_date.isoformat() if person.birth_date else "",
        where.nation: person.nation,
        where.mobile: person.mobile,
        where.email: person.email,
    }
    for paths, text in told.items():
        if paths and text:
            put(reply, paths[0], text)
    if person.document is not None:
        _document(reply, person.document, where, fields)


def _document(reply: dict[str, object], document: IdDocument, where: PersonFields, fields: UserFields) -> None:
    kinds = {rule.kind: (word, rule.number) for word, rule in reversed(tuple(fields.document_types.items()))}
    word, place = kinds.get(document.kind, ("", ""))
    put(reply, where.type, word)
    put(reply, place or (where.number[0] if where.number else ""), document.number)


def _organization(reply: dict[str, object], legal: LegalPerson, where: LegalFields, fields: UserFields) -> None:
    put(reply, where.subject[0], legal.subject)
    put(reply, where.name[0], legal.name)
    put(reply, where.raw_type, legal.raw_type)
    for path, kind in where.documents.items():
        number = next((one.number for one in legal.documents if one.kind is kind), "")
        if number:
            put(reply, path, number)
    if legal.representative is not None and where.representative is not None:
        _person(reply, legal.representative, where.representative, fields)
    if legal.agent is not None and where.agent is not None:
        _person(reply, legal.agent.person, where.agent, fields)
        put(reply, where.role, _word(where.roles, legal.agent.role) or legal.agent.raw_role)


def _word(words: Mapping[str, V], value: object) -> str | None:
    return next((word for word, meant in words.items() if meant == value), None)


def _level(levels: Mapping[str, IdentityLevel], level: IdentityLevel) -> str:
    """The platform's word for a level; for one above all that it knows, its highest."""
    order = [IdentityLevel.NONE, IdentityLevel.REAL_NAME, IdentityLevel.REAL_PERSON]
    if level not in order:
        return ""
    below = order[: order.index(level) + 1]
    return next((word for one in reversed(below) if (word := _word(levels, one))), "")
