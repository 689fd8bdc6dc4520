from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from egov_sdk.codes import CodeKind, Sex
from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.errors import ParseError
from egov_sdk.identity.model import (
    Agent,
    AgentRole,
    Assurance,
    AuthMethod,
    HolderKind,
    IdDocument,
    IdentityLevel,
    LegalPerson,
    NaturalPerson,
    Session,
    SignIn,
    Ticket,
    UserInfo,
)

NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
NUMBER = specimen_citizen_number(1).number
PERSON = NaturalPerson(
    subject="p-1",
    name="张三丰",
    document=IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=NUMBER),
    sex=Sex.FEMALE,
    birth_date=date(1990, 1, 1),
    nation="汉",
    mobile="13800000000",
    email="zhang@example.com",
)
COMPANY = LegalPerson(
    subject="c-1",
    name="面粉厂",
    documents=(IdDocument(kind=CodeKind.CREDIT_CODE, number=specimen_credit_code(1).number),),
    representative=PERSON,
    agent=Agent(person=PERSON, role=AgentRole.AUTHORIZED, raw_role="经办人"),
)
VALUES = [
    UserInfo(holder=PERSON, assurance=Assurance(raw={"authlevel": "2"}), raw={"a": [1, {"b": None}], "c": "d"}),
    UserInfo(holder=COMPANY, assurance=Assurance(level=IdentityLevel.REAL_NAME, authenticated_at=NOW)),
    SignIn(
        url="https://id.example/?state=s1",
        state="s1",
        nonce="n1",
        code_verifier="v1",
        redirect_uri="https://app.example/",
        begun_at=NOW,
        expires_at=NOW,
    ),
    Session(access_token="a1", refresh_token="r1", id_token="i1", expires_at=NOW, scopes=frozenset({"openid"})),
    Ticket(value="t1", audience="hall", expires_at=NOW),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_from_json_and_from_another_process(value: UserInfo) -> None:
    assert type(value).from_json(value.to_json()) == value
    assert pickle.loads(pickle.dumps(value)) == value
    assert hash(value) == hash(type(value).from_json(value.to_json()))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_does_not_change(value: UserInfo) -> None:
    with pytest.raises(ValidationError):
        setattr(value, next(iter(type(value).model_fields)), "other")


def test_what_a_platform_said_does_not_change_either() -> None:
    reply: dict[str, object] = {"list": [1], "inner": {"a": "b"}}
    info = UserInfo(holder=PERSON, assurance=Assurance(raw={"authlevel": "2"}), raw=reply)
    reply["more"] = 1
    assert dict(info.raw) == {"list": (1,), "inner": info.raw["inner"]}
    for mapping in (info.raw, info.assurance.raw, info.raw["inner"]):
        with pytest.raises(TypeError):
            mapping["x"] = 1  # type: ignore[index]  # the mistake tried here
    assert repr(info.assurance.raw) == "{'authlevel': '2'}"
    assert len(info.raw) == 2


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_nothing_secret_or_personal_shows(value: UserInfo) -> None:
    shown = repr(value) + str(value)
    for secret in ("s1", "n1", "v1", "a1", "r1", "i1", "t1", NUMBER, "张三丰", "13800000000", "zhang@", "authlevel=2"):
        assert secret not in shown, shown


def test_numbers_of_organizations_show() -> None:
    assert specimen_credit_code(1).number in repr(COMPANY)
    assert COMPANY.credit_code == specimen_credit_code(1).number
    assert LegalPerson(subject="x").credit_code == ""
    assert IdDocument(kind=None, number="AB12345", raw_type="9").masked == "A*****5"


@pytest.mark.parametrize(
    ("level", "required", "enough"),
    [
        (IdentityLevel.REAL_PERSON, IdentityLevel.REAL_NAME, True),
        (IdentityLevel.REAL_NAME, IdentityLevel.REAL_NAME, True),
        (IdentityLevel.REAL_NAME, IdentityLevel.REAL_PERSON, False),
        (IdentityLevel.NONE, IdentityLevel.REAL_NAME, False),
        (IdentityLevel.NONE, IdentityLevel.NONE, True),
        (IdentityLevel.UNKNOWN, IdentityLevel.NONE, True),
        (IdentityLevel.UNKNOWN, IdentityLevel.REAL_NAME, False),
        (IdentityLevel.UNKNOWN, IdentityLevel.REAL_PERSON, False),
    ],
)
def test_a_level_is_enough_or_not_and_the_unknown_is_never(
    level: IdentityLevel, required: IdentityLevel, enough: bool
) -> None:
    assert level.reaches(required) is enough


def test_the_unknown_cannot_be_required() -> None:
    with pytest.raises(ValueError, match="known one"):
        IdentityLevel.REAL_PERSON.reaches(IdentityLevel.UNKNOWN)


@given(first=st.sampled_from(IdentityLevel), second=st.sampled_from(IdentityLevel))
def test_the_lower_of_two_levels_reaches_nothing_that_one_of_them_does_not(
    first: IdentityLevel, second: IdentityLevel
) -> None:
    lower = first.at_most(second)
    assert lower in (first, second)
    assert lower is second.at_most(first)
    for required in (one for one in IdentityLevel if one is not IdentityLevel.UNKNOWN):
        assert lower.reaches(required) is (first.reaches(required) and second.reaches(required))


@pytest.mark.parametrize(
    "text", ["", "null", "{}", "[]", '{"holder":1}', '{"subject":"x","more":1}', "\ud800", "1e999"]
)
def test_what_was_not_kept_here_is_refused_without_being_repeated(text: str) -> None:
    for kind in (UserInfo, SignIn, Session, Ticket):
        with pytest.raises(ParseError) as caught:
            kind.from_json(text.encode("utf-8", "surrogatepass"))
        assert caught.value.code == "egov.identity.kept"


def test_errors_do_not_repeat_what_is_personal() -> None:
    with pytest.raises(ValidationError) as caught:
        NaturalPerson(subject="x", birth_date=NUMBER)  # type: ignore[arg-type]  # the mistake tried here
    assert NUMBER not in str(caught.value)


def test_times_have_zones() -> None:
    with pytest.raises(ValidationError):
        Session(access_token="a", expires_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake tried here
    with pytest.raises(ValueError, match="aware"):
        Session(access_token="a").is_expired(datetime(2026, 1, 1))  # noqa: DTZ001 - as above


def test_a_session_knows_when_it_has_run_out() -> None:
    session = Session(access_token="a", expires_at=NOW)
    assert session.is_expired(NOW)
    assert not session.is_expired(NOW - timedelta(microseconds=1))
    assert not Session(access_token="a").is_expired(NOW)


def test_the_words_are_stable() -> None:
    """They are stored and sent: changing one is a breaking change."""
    assert [level.value for level in IdentityLevel] == ["unknown", "none", "real_name", "real_person"]
    assert [kind.value for kind in HolderKind] == ["natural", "legal"]
    assert [role.value for role in AgentRole] == ["unknown", "legal_representative", "authorized"]
    assert [method.value for method in AuthMethod] == [
        "unknown",
        "password",
        "certificate",
        "electronic_licence",
        "face",
        "network_id_r01",
        "network_id_r02",
        "network_id_r03",
        "network_id_r04",
    ]
