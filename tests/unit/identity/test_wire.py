from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.codes import CodeKind
from egov_sdk.errors import ParseError
from egov_sdk.identity.model import (
    AgentRole,
    Assurance,
    AuthMethod,
    IdentityLevel,
    LegalPerson,
    NaturalPerson,
    UserInfo,
)
from egov_sdk.identity.wire import (
    LEVEL_OF_ACR,
    SCOPES,
    acr_of,
    assurance_claims,
    narrowed,
    parse_assurance,
    parse_userinfo,
    userinfo_claims,
)
from tests.unit.identity.test_model import COMPANY, NOW, PERSON

ALL = frozenset(SCOPES)


RAW = COMPANY.model_copy(update={"raw_type": "1 企业法人"})


@pytest.mark.parametrize("holder", [PERSON, COMPANY, RAW, NaturalPerson(subject="x"), LegalPerson(subject="x")])
def test_who_somebody_is_comes_back_from_claims(holder: NaturalPerson | LegalPerson) -> None:
    assurance = Assurance(
        level=IdentityLevel.REAL_PERSON, method=AuthMethod.FACE, authenticated_at=NOW.replace(microsecond=0)
    )
    info = UserInfo(holder=holder, assurance=assurance, issuer="https://id.example")
    read = parse_userinfo(userinfo_claims(info), issuer="https://id.example")
    assert read.holder == holder
    assert (read.assurance.level, read.assurance.method) == (assurance.level, assurance.method)
    assert read.assurance.authenticated_at == assurance.authenticated_at
    assert read.issuer == info.issuer


def test_level_and_method_are_two_claims_each() -> None:
    claims = assurance_claims(Assurance(level=IdentityLevel.REAL_NAME, method=AuthMethod.PASSWORD))
    assert claims == {
        "acr": "urn:egov-sdk:identity-level:real_name",
        "amr": ["pwd"],
        "egov_level": "real_name",
        "egov_method": "password",
    }
    assert assurance_claims(Assurance(method=AuthMethod.CERTIFICATE))["amr"] == ["certificate"]


@pytest.mark.parametrize(
    ("claims", "level", "method"),
    [
        ({}, IdentityLevel.UNKNOWN, AuthMethod.UNKNOWN),
        ({"acr": acr_of(IdentityLevel.REAL_NAME)}, IdentityLevel.REAL_NAME, AuthMethod.UNKNOWN),
        ({"acr": "https://other.example/high"}, IdentityLevel.UNKNOWN, AuthMethod.UNKNOWN),
        ({"acr": "urn:egov-sdk:identity-level:unknown"}, IdentityLevel.UNKNOWN, AuthMethod.UNKNOWN),
        ({"egov_level": "superhuman", "egov_method": "telepathy"}, IdentityLevel.UNKNOWN, AuthMethod.UNKNOWN),
        ({"egov_level": "", "acr": acr_of(IdentityLevel.REAL_PERSON)}, IdentityLevel.UNKNOWN, AuthMethod.UNKNOWN),
        ({"egov_level": "REAL_NAME"}, IdentityLevel.UNKNOWN, AuthMethod.UNKNOWN),
        ({"amr": ["pwd"]}, IdentityLevel.UNKNOWN, AuthMethod.UNKNOWN),
    ],
)
def test_a_word_that_is_not_known_is_kept_and_counts_for_nothing(
    claims: dict[str, object], level: IdentityLevel, method: AuthMethod
) -> None:
    read = parse_assurance(claims)
    assert (read.level, read.method) == (level, method)
    assert dict(read.raw) == {name: value for name, value in claims.items() if name != "amr"}


def test_every_known_level_has_a_context() -> None:
    assert set(LEVEL_OF_ACR.values()) == set(IdentityLevel) - {IdentityLevel.UNKNOWN}


def test_claims_of_a_stock_provider_are_read_as_far_as_they_go() -> None:
    info = parse_userinfo(
        {"sub": "1", "name": "Ann", "gender": "diverse", "birthdate": "0000-05-01", "email": "a@b.example", "x": [1]}
    )
    assert info.holder == NaturalPerson(subject="1", name="Ann", email="a@b.example")
    assert info.raw["x"] == (1,)


@pytest.mark.parametrize("birthdate", ["1990", "2026-02-30", "01.05.1990", "0000-01-01", "x" * 10, "20260101x"])
def test_what_is_no_whole_date_is_no_date_of_birth(birthdate: str) -> None:
    info = parse_userinfo({"sub": "1", "birthdate": birthdate})
    assert isinstance(info.holder, NaturalPerson)
    assert info.holder.birth_date is None


def test_a_document_of_an_unknown_kind_is_kept_as_it_is() -> None:
    info = parse_userinfo({"sub": "1", "egov_document": {"kind": "library_card", "number": "7"}})
    assert isinstance(info.holder, NaturalPerson)
    assert info.holder.document is not None
    assert (info.holder.document.kind, info.holder.document.raw_type) == (None, "library_card")


def test_an_unknown_role_is_unknown() -> None:
    claims = {"sub": "1", "egov_holder": "legal", "act": {"sub": "2", "egov_role": "king", "egov_raw_role": "王"}}
    info = parse_userinfo(claims)
    assert isinstance(info.holder, LegalPerson)
    assert info.holder.agent is not None
    assert (info.holder.agent.role, info.holder.agent.raw_role) == (AgentRole.UNKNOWN, "王")


@pytest.mark.parametrize(
    ("claims", "where"),
    [
        ({}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 1}, "sub"),
        ({"sub": ["1"]}, "sub"),
        ({"sub": "x" * 513}, "sub"),
        ({"sub": "1", "name": True}, "name"),
        ({"sub": "1", "name": {}}, "name"),
        ({"sub": "1", "auth_time": "now"}, "auth_time"),
        ({"sub": "1", "auth_time": True}, "auth_time"),
        ({"sub": "1", "auth_time": 10**30}, "auth_time"),
        ({"sub": "1", "acr": 1}, "acr"),
        ({"sub": "1", "egov_document": "x"}, "egov_document"),
        ({"sub": "1", "egov_document": {"kind": 1}}, "egov_document.kind"),
        ({"sub": "1", "egov_holder": "legal", "egov_documents": {}}, "egov_documents"),
        ({"sub": "1", "egov_holder": "legal", "egov_documents": ["x"]}, "egov_documents"),
        ({"sub": "1", "egov_holder": "legal", "act": []}, "act"),
        ({"sub": "1", "egov_holder": "legal", "act": {"sub": 1}}, "act.sub"),
        ({"sub": "1", "egov_holder": "legal", "egov_representative": 1}, "egov_representative"),
    ],
)
def test_claims_of_the_wrong_kind_are_refused_with_their_place(claims: dict[str, object], where: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_userinfo(claims)
    assert (caught.value.code, caught.value.where) == ("egov.identity.claims", where)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    ["sub", "name", "egov_holder", "egov_document", "egov_documents", "act", "egov_representative", "auth_time", "acr"]
)


@given(st.dictionaries(names, json | st.just("legal"), max_size=7))
def test_whatever_claims_say_they_are_read_or_refused(claims: dict[str, Any]) -> None:
    try:
        info = parse_userinfo(claims)
    except ParseError:
        return
    assert info.subject == claims["sub"]


def test_an_application_sees_of_people_what_its_scopes_say() -> None:
    claims = userinfo_claims(UserInfo(holder=COMPANY, assurance=Assurance()))
    assert narrowed(claims, ALL) == claims
    few = narrowed(claims, frozenset({"openid", "organization"}))
    assert "name" not in few
    assert few["act"] == {"sub": "p-1", "egov_role": "authorized", "egov_raw_role": "经办人"}
    assert few["egov_representative"] == {"sub": "p-1"}
    assert "egov_representative" not in narrowed(claims, frozenset({"openid", "profile"}))


@given(st.sets(st.sampled_from(sorted(SCOPES))))
def test_fewer_scopes_never_show_more(scopes: set[str]) -> None:
    for holder in (PERSON, COMPANY):
        claims = userinfo_claims(UserInfo(holder=holder, assurance=Assurance()))
        shown = narrowed(claims, frozenset(scopes))
        assert shown.keys() <= claims.keys()
        hidden = set().union(*(SCOPES[scope] for scope in SCOPES.keys() - scopes))
        assert not shown.keys() & hidden
        assert CodeKind.CITIZEN_NUMBER.value not in str(shown) or "identity" in scopes
