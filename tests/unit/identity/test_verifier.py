"""Element checks: a yes only for what is right, and not being able to ask is never a no."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import replace
from datetime import date

import httpx
import pytest

from egov_sdk.codes import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.errors import ConfigError, ParseError, PlatformError, PlatformRejected
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.policies import Retry
from egov_sdk.identity.model import IdentityLevel
from egov_sdk.identity.verifier import Element, Elements, FaceScore, IdentityRegister, IdentityVerifier, Match, Verdict
from egov_sdk.identity.verifier_client import AsyncVerifierClient, VerifierClient, VerifierProfile

NUMBER = specimen_citizen_number(7).number
OTHER = specimen_citizen_number(8).number
PERSON = Elements(
    name="阿卜杜拉·买买提",
    number=NUMBER,
    mobile="13800001234",
    bank_card="6222020000000000000",
    valid_from=date(2020, 1, 1),
    valid_to=date.max,
)


@pytest.fixture
def register() -> IdentityRegister:
    made = IdentityRegister()
    made.add(PERSON)
    return made


RIGHT = [
    Elements(name="阿卜杜拉·买买提", number=NUMBER),
    Elements(name="阿卜杜拉•买买提", number=NUMBER.lower()),
    Elements(name=" 阿卜杜拉・买买提 ", number=f" {NUMBER} "),
    Elements(name="阿卜杜拉·买买提", number=NUMBER, mobile="13800001234"),
    Elements(name="阿卜杜拉·买买提", number=NUMBER, mobile="13800001234", bank_card="6222020000000000000"),
    Elements(name="阿卜杜拉·买买提", number=NUMBER, valid_from=date(2020, 1, 1), valid_to=date.max),
]
WRONG = [
    (Elements(name="阿卜杜拉", number=NUMBER), Match.NOT_MATCHED),
    (Elements(name="阿卜杜拉·买买提", number=OTHER), Match.NOT_FOUND),
    (replace(PERSON, mobile="13800001235"), Match.NOT_MATCHED),
    (replace(PERSON, bank_card="6222020000000000001"), Match.NOT_MATCHED),
    (replace(PERSON, valid_from=date(2020, 1, 2)), Match.NOT_MATCHED),
    (replace(PERSON, valid_to=date(2040, 1, 1)), Match.NOT_MATCHED),
]


@pytest.mark.parametrize("stated", RIGHT, ids=lambda one: "+".join(sorted(one.asked)))
def test_what_is_right_matches(register: IdentityRegister, stated: Elements) -> None:
    verdict = register.verify(stated)
    assert verdict.match is Match.MATCHED
    assert verdict.level is IdentityLevel.REAL_NAME


@pytest.mark.parametrize(("stated", "found"), WRONG)
def test_what_is_wrong_does_not(register: IdentityRegister, stated: Elements, found: Match) -> None:
    verdict = register.verify(stated, face=FaceScore(0.99, 0.8))
    assert verdict.match is found
    assert verdict.level is IdentityLevel.NONE


def test_an_element_that_the_register_does_not_hold_is_neither_yes_nor_no(register: IdentityRegister) -> None:
    register.add(Elements(name="李四", number=OTHER))
    assert register.verify(Elements(name="李四", number=OTHER, mobile="13800001234")).match is Match.UNKNOWN
    assert register.verify(Elements(name="李五", number=OTHER, mobile="13800001234")).match is Match.NOT_MATCHED


def test_somebody_struck_off_is_not_found(register: IdentityRegister) -> None:
    assert len(register) == 1
    register.remove(NUMBER)
    register.remove(NUMBER)
    assert register.verify(PERSON).match is Match.NOT_FOUND
    assert len(register) == 0


def test_the_register_is_a_verifier(register: IdentityRegister) -> None:
    verifier: IdentityVerifier = register
    assert verifier.verify(PERSON).asked == frozenset(Element)


def test_a_face_raises_the_level_and_a_wrong_one_takes_it_all(register: IdentityRegister) -> None:
    assert register.verify(PERSON, face=FaceScore(0.8, 0.8)).level is IdentityLevel.REAL_PERSON
    verdict = register.verify(PERSON, face=FaceScore(0.79, 0.8))
    assert (verdict.elements, verdict.match) == (Match.MATCHED, Match.NOT_MATCHED)
    assert verdict.level is IdentityLevel.NONE


def test_a_good_face_does_not_decide_what_is_unknown() -> None:
    verdict = Verdict(elements=Match.UNKNOWN, asked=frozenset(Element), face=FaceScore(1, 0.8))
    assert (verdict.match, verdict.level) == (Match.UNKNOWN, IdentityLevel.NONE)


def test_a_verdict_is_no_truth_value(register: IdentityRegister) -> None:
    with pytest.raises(TypeError):
        bool(register.verify(PERSON))


@pytest.mark.parametrize("score", [(1.1, 0.8), (-0.1, 0.8), (math.nan, 0.8), (0.9, 0), (0.9, math.inf), (True, 0.5)])
def test_scores_that_cannot_be_are_refused(score: tuple[float, float]) -> None:
    with pytest.raises(ValueError):
        FaceScore(*score)


def test_a_number_that_breaks_its_rules_is_not_asked_about() -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    with pytest.raises(ParseError) as caught:
        Elements(name="张三", number=wrong)
    assert wrong not in str(caught.value)


def test_elements_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        Elements(name="  ", number=NUMBER)
    with pytest.raises(ValueError, match="person"):
        Elements(name="张三", number="91000000000000000X", kind=CodeKind.CREDIT_CODE)
    with pytest.raises(ValueError, match="before"):
        Elements(name="张三", number=NUMBER, valid_from=date(2030, 1, 1), valid_to=date(2020, 1, 1))


def test_what_is_printed_is_masked() -> None:
    text = repr(PERSON)
    assert NUMBER not in text
    assert "13800001234" not in text
    assert "阿卜" not in text


# ---------------------------------------------------------------- over HTTP

PROFILE = VerifierProfile(
    name="test-hall",
    path="/verify",
    fields={
        "xm": "{name}",
        "zjhm": "{number}",
        "zjlx": "{type}",
        "sjh": "{mobile}",
        "yxq": "{valid_to}",
    },
    kinds={CodeKind.CITIZEN_NUMBER: "111"},
    result="data.result",
    results={"1": Match.MATCHED, "2": Match.NOT_MATCHED, "3": Match.NOT_FOUND},
    codes={"E404": Match.NOT_FOUND},
    reference="data.id",
)


def client(answer: object, *, status: int = 200, seen: list[httpx.Request] | None = None) -> VerifierClient:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, str):
            return httpx.Response(status, text=answer)
        return httpx.Response(status, json=answer)

    gateway = GatewayClient(
        "https://verify.example.gov.cn", transport=httpx.MockTransport(handle), retry=Retry(attempts=1), breaker=None
    )
    return VerifierClient(gateway, profile=PROFILE)


TWO = Elements(name="张三", number=NUMBER)


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ("1", Match.MATCHED),
        (1, Match.MATCHED),
        ("2", Match.NOT_MATCHED),
        (3, Match.NOT_FOUND),
        ("9", Match.UNKNOWN),
        (True, Match.UNKNOWN),
        ("", Match.UNKNOWN),
        ([1], Match.UNKNOWN),
    ],
)
def test_only_the_platform_s_word_for_yes_is_a_yes(said: object, match: Match) -> None:
    verdict = client({"data": {"result": said, "id": "c-7"}}).verify(TWO)
    assert (verdict.match, verdict.reference) == (match, "c-7")


def test_what_is_sent_is_what_was_stated_and_no_more() -> None:
    seen: list[httpx.Request] = []
    client({"data": {"result": "1"}}, seen=seen).verify(TWO)
    assert json.loads(seen[0].content) == {"xm": "张三", "zjhm": NUMBER, "zjlx": "111"}
    assert seen[0].method == "POST"
    assert NUMBER not in str(seen[0].url)
    client({"data": {"result": "1"}}, seen=seen).verify(replace(TWO, mobile="13800001234", valid_to=date.max))
    assert json.loads(seen[1].content)["yxq"] == "长期"
    client({"data": {"result": "1"}}, seen=seen).verify(replace(TWO, valid_to=date(2040, 2, 1)))
    assert json.loads(seen[2].content)["yxq"] == "20400201"


def test_a_form_is_sent_where_the_profile_says_so() -> None:
    seen: list[httpx.Request] = []
    made = client({"data": {"result": "1"}}, seen=seen)
    made._profile = PROFILE.model_copy(update={"body": "form"})
    made.verify(TWO)
    assert b"zjlx=111" in seen[0].content


def test_the_tasks_client_checks_over_the_same_flow() -> None:
    gateway = AsyncGatewayClient(
        "https://verify.example.gov.cn",
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"data": {"result": "2"}})),
    )
    verdict = asyncio.run(AsyncVerifierClient(gateway, profile=PROFILE).verify(TWO, face=FaceScore(1, 0.5)))
    assert verdict.match is Match.NOT_MATCHED


def test_an_element_that_the_platform_does_not_check_is_not_left_out_silently() -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(ConfigError) as caught:
        client({"data": {"result": "1"}}, seen=seen).verify(replace(TWO, bank_card="6222020000000000000"))
    assert caught.value.code == "egov.identity.elements"
    with pytest.raises(ConfigError) as caught:
        client({}, seen=seen).verify(Elements(name="张三", number="E12345678", kind=CodeKind.PASSPORT))
    assert caught.value.code == "egov.identity.document_kind"
    assert seen == []


@pytest.mark.parametrize("answer", [{}, {"data": {}}, ["1"], "<html>", '{"data":{"result":'])
def test_an_answer_that_does_not_say_it_is_malformed(answer: object) -> None:
    with pytest.raises(AnswerMalformed):
        client(answer).verify(TWO)


def test_a_failure_is_an_error_unless_the_profile_knows_it_as_an_answer() -> None:
    assert client({"code": "E404"}, status=404).verify(TWO).match is Match.NOT_FOUND
    with pytest.raises(PlatformRejected):
        client({"code": "E500"}, status=500).verify(TWO)
    with pytest.raises(PlatformError) as caught:
        client({"code": "E1", "message": f"no such {NUMBER}"}, status=400).verify(TWO)
    assert NUMBER not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"fields": {"a": "{name}"}},
        {"fields": {"a": "{name}{number}{secret}"}},
        {"path": "verify"},
        {"results": {"1": "perhaps"}},
        {"colour": "red"},
    ],
)
def test_profiles_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        VerifierProfile.model_validate(dict(PROFILE) | change)
