"""Platforms as profiles of data: what each is sent, what its words mean, and what its codes mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.codes import CodeKind, Sex
from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.errors import ConfigError, ParseError, PlatformRejected
from egov_sdk.gateway import Credentials, GatewayClient
from egov_sdk.gateway.errors import AccessDenied, AnswerMalformed, SignatureRejected
from egov_sdk.gateway.policies import Retry
from egov_sdk.identity import IdentityRejected, Session
from egov_sdk.identity.client import ClientSettings, IdentityClient
from egov_sdk.identity.loading import load_identity_profile, parse_identity_profile
from egov_sdk.identity.mapping import mask_reply, read_user, text_at
from egov_sdk.identity.model import AuthMethod, HolderKind, IdentityLevel, LegalPerson, NaturalPerson, SignIn
from egov_sdk.identity.profile import IdentityProfile
from egov_sdk.identity.profiles import PROFILES, gateway_of, identity_profile
from tests.unit.identity.fake_oidc import CALLBACK, Ticking, query_of
from tests.world import seeded

NUMBER = specimen_citizen_number(7).number
CREDIT = specimen_credit_code(7).number
HALL = "https://sso.example.gov.cn"

Answers = Mapping[str, object]


class FakePlatform:
    """Answers calls by their path, or by the ``method`` in their form; ``status`` for all of them."""

    def __init__(self, profile: IdentityProfile, answers: Answers, *, status: int = 200) -> None:
        self.profile, self.answers, self.status = profile, dict(answers), status
        self.asked: list[tuple[httpx.Request, dict[str, str]]] = []
        self.clock = Ticking()

    def handle(self, request: httpx.Request) -> httpx.Response:
        kind = request.headers.get("content-type", "")
        body = request.content.decode()
        form = json.loads(body) if "json" in kind else dict(parse_qsl(body))
        self.asked.append((request, form))
        answer = self.answers[form.get("method") or request.url.path.rpartition("/")[2]]
        if isinstance(answer, str):
            return httpx.Response(self.status, text=answer)
        return httpx.Response(self.status, json=answer)

    def client(self, **changes: str) -> IdentityClient:
        signed = gateway_of(self.profile)
        gateway = GatewayClient(
            HALL,
            profile=signed,
            credentials=Credentials("svc-1", secret="pwd-1") if signed else None,
            transport=httpx.MockTransport(self.handle),
            retry=Retry(attempts=1),
            breaker=None,
            clock=lambda: self.clock.at.timestamp(),
        )
        given = {"client_id": "svc-1", "redirect_uri": CALLBACK, "secret": "pwd-1"} | changes
        settings = ClientSettings(**given)  # type: ignore[arg-type]  # all texts
        return IdentityClient(gateway, settings=settings, profile=self.profile, clock=self.clock, random=seeded("x"))


def refused(problem: str, act: Callable[[], object]) -> None:
    with pytest.raises(IdentityRejected) as caught:
        act()
    assert caught.value.code == f"egov.identity.{problem}"


# ---------------------------------------------------------------- Zhejiang

PERSON = {
    "result": "0",
    "userid": "u-1",
    "authlevel": "2",
    "idtype": "1",
    "username": "张三",
    "idnum": NUMBER,
    "sex": "2",
    "nation": "01",
    "birthday": "19900101",
    "mobile": "13800001234",
    "email": "zhangsan@example.cn",
    "useable": "1",
}
TICKET = {"result": "0", "errmsg": "", "token": "tk-1", "userid": "u-1", "loginname": "zs"}


def zhejiang(**answers: object) -> FakePlatform:
    return FakePlatform(PROFILES["zhejiang"], {"ticketValidation": TICKET, "getUserInfo": PERSON} | answers)


def ticket_back(sign_in: SignIn, **changes: str) -> str:
    return f"{CALLBACK}?{urlencode({'ticket': 'st-1', 'sp': sign_in.state} | changes)}"


def test_zhejiang_is_sent_its_ticket_with_its_own_signature() -> None:
    platform = zhejiang()
    client = platform.client()
    sign_in = client.begin(level=IdentityLevel.REAL_NAME)
    assert sign_in.url.startswith("https://puser.zjzwfw.gov.cn/sso/usp.do?")
    assert query_of(sign_in.url) == {"action": "ssoLogin", "servicecode": "svc-1", "goto": sign_in.state}
    session = client.complete(sign_in, callback=ticket_back(sign_in))
    assert (session.subject, session.issuer, session.access_token) == ("u-1", "zhejiang", "tk-1")
    assert session.assurance.level is IdentityLevel.REAL_NAME
    request, form = platform.asked[0]
    assert request.url.path == "/sso/servlet/simpleauth"
    assert form == {"method": "ticketValidation", "st": "st-1", "datatype": "json"}
    time = request.url.params["time"]
    assert time == "20260601173000"
    assert request.url.params["sign"] == hashlib.md5(f"svc-1pwd-1{time}".encode()).hexdigest()
    assert platform.asked[1][1] == {"method": "getUserInfo", "token": "tk-1", "datatype": "json"}
    user = client.userinfo(session)
    assert isinstance(user.holder, NaturalPerson)
    assert user.holder.document is not None
    assert (user.holder.document.kind, user.holder.document.number) == (CodeKind.CITIZEN_NUMBER, NUMBER)
    assert (user.holder.sex, str(user.holder.birth_date)) == (Sex.FEMALE, "1990-01-01")


LEVELS = {
    "1": "none",
    "2": "real_name",
    "3": "real_person",
    "4": "unknown",
    "": "unknown",
    "03": "unknown",
    "三": "unknown",
}


@pytest.mark.parametrize("told", LEVELS)
def test_a_level_that_is_not_known_is_never_taken_for_a_higher_one(told: str) -> None:
    fields = PROFILES["zhejiang"].user
    assert fields is not None
    user = read_user(PERSON | {"authlevel": told}, fields)
    assert user.assurance.level.value == LEVELS[told]
    assert user.assurance.raw.get("authlevel", "") == told


@pytest.mark.parametrize("told", ["1", "4", ""])
def test_what_was_never_proven_is_not_told_as_a_name(told: str) -> None:
    fields = PROFILES["zhejiang"].user
    assert fields is not None
    holder = read_user(PERSON | {"authlevel": told}, fields).holder
    assert isinstance(holder, NaturalPerson)
    assert (holder.name, holder.document, holder.birth_date) == ("", None, None)


def test_a_level_too_low_and_the_wrong_kind_are_refused() -> None:
    client = zhejiang().client()
    sign_in = client.begin(level=IdentityLevel.REAL_PERSON)
    refused("level_too_low", lambda: client.complete(sign_in, callback=ticket_back(sign_in)))
    refused("not_offered", lambda: client.begin(holder=HolderKind.LEGAL))
    refused("not_offered", lambda: client.begin(method=AuthMethod.FACE))
    refused("not_offered", lambda: client.begin(prompt="login"))


TYPES = {
    "2": ("passport", "E12345678", CodeKind.PASSPORT),
    "3": ("officerlicense", "某字第1234567号", CodeKind.MILITARY_ID),
    "4": ("permitlicense", "H12345678", CodeKind.HK_MACAO_TRAVEL_PERMIT),
    "5": ("taiwanlicense", "12345678", CodeKind.TAIWAN_TRAVEL_PERMIT),
    "6": ("greencard", "X1", CodeKind.PERMANENT_RESIDENT_CARD),
}


@pytest.mark.parametrize("told", TYPES)
def test_each_type_of_document_has_its_own_field(told: str) -> None:
    field, number, kind = TYPES[told]
    fields = PROFILES["zhejiang"].user
    assert fields is not None
    holder = read_user(PERSON | {"idtype": told, field: number}, fields).holder
    assert isinstance(holder, NaturalPerson)
    assert holder.document is not None
    assert (holder.document.kind, holder.document.number, holder.document.raw_type) == (kind, number, told)


def test_an_unknown_type_of_document_stays_unknown() -> None:
    fields = PROFILES["zhejiang"].user
    assert fields is not None
    holder = read_user(PERSON | {"idtype": "9"}, fields).holder
    assert isinstance(holder, NaturalPerson)
    assert holder.document is not None
    assert (holder.document.kind, holder.document.raw_type) == (None, "9")


ERRORS = {
    "6001": "ticket_expired",
    "6002": "ticket_unknown",
    "6003": "ticket_audience",
    "6004": "ticket_malformed",
    "6099": "ticket_rejected",
}


@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("as_number", [False, True])
def test_every_code_for_a_ticket_is_told_in_our_words(code: str, as_number: bool) -> None:
    told = {"result": int(code) if as_number else code, "errmsg": "…"}
    client = zhejiang(ticketValidation=told).client()
    sign_in = client.begin()
    refused(ERRORS[code], lambda: client.complete(sign_in, callback=ticket_back(sign_in)))
    refused(ERRORS[code], lambda: client.redeem_ticket("st-9"))


@pytest.mark.parametrize("code", ["6501", "6502", "6503", "6504", "6505"])
def test_every_code_for_a_session_is_told_in_our_words(code: str) -> None:
    platform = zhejiang()
    client = platform.client()
    sign_in = client.begin()
    session = client.complete(sign_in, callback=ticket_back(sign_in))
    platform.answers["getUserInfo"] = {"result": code}
    refused("token_audience" if code == "6504" else "session_ended", lambda: client.userinfo(session))


@pytest.mark.parametrize(
    ("code", "kind"), [("9901", SignatureRejected), ("9903", AccessDenied), ("6599", PlatformRejected)]
)
def test_codes_about_the_application_blame_no_person(code: str, kind: type[PlatformRejected]) -> None:
    client = zhejiang(getUserInfo={"result": code, "errmsg": f"no {NUMBER}"}).client()
    sign_in = client.begin()
    with pytest.raises(kind) as caught:
        client.complete(sign_in, callback=ticket_back(sign_in))
    assert caught.value.platform_code == code
    assert NUMBER not in str(caught.value)


def test_a_ticket_for_somebody_else_s_user_is_noticed() -> None:
    client = zhejiang(getUserInfo=PERSON | {"userid": "u-2"}).client()
    sign_in = client.begin()
    refused("subject_mismatch", lambda: client.complete(sign_in, callback=ticket_back(sign_in)))


def test_a_ticket_in_another_browser_s_name_is_refused() -> None:
    platform = zhejiang()
    client = platform.client()
    sign_in = client.begin()
    refused("state_mismatch", lambda: client.complete(sign_in, callback=ticket_back(sign_in, sp="another")))
    refused("denied", lambda: client.complete(sign_in, callback=f"{CALLBACK}?sp={sign_in.state}"))
    assert platform.asked == []


def test_what_zhejiang_does_not_offer_is_said() -> None:
    platform = zhejiang()
    client = platform.client()
    session = client.redeem_ticket("st-2")
    refused("not_offered", lambda: client.refresh(session))
    refused("not_offered", lambda: client.issue_ticket(session, audience="svc-2"))
    assert client.logout(session) == ""
    refused("issuer_mismatch", lambda: client.userinfo(session.model_copy(update={"issuer": "guangdong"})))


@pytest.mark.parametrize("answer", [{"result": "0"}, {"result": "0", "token": ""}, [], "<html>", {"token": "a b"}])
def test_an_answer_without_a_token_is_malformed(answer: object) -> None:
    client = zhejiang(ticketValidation=answer).client()
    with pytest.raises(AnswerMalformed):
        client.redeem_ticket("st-1")


@pytest.mark.parametrize(
    "changes", [{"userid": ""}, {"userid": None}, {"userid": ["u-1"]}, {"username": "x" * 600}, {"userid": 1.5}]
)
def test_a_reply_that_says_of_nobody_is_malformed(changes: dict[str, object]) -> None:
    client = zhejiang(getUserInfo=PERSON | changes).client()
    with pytest.raises(AnswerMalformed):
        client.redeem_ticket("st-1")


def test_fields_are_masked_by_the_platform_s_own_rules() -> None:
    fields = PROFILES["zhejiang"].user
    assert fields is not None
    shown = mask_reply(PERSON | {"homeaddress": "某省某市某区某路1号"}, fields)
    assert shown["idnum"] == NUMBER[0] + "*" * 16 + NUMBER[-1]
    assert shown["mobile"] == "138****1234"
    assert shown["username"] == "*三"
    assert shown["email"] == "zha***"
    assert shown["homeaddress"] == "某省某****1号"[:3] + "*" * 4 + "路1号"
    assert shown["authlevel"] == "2"


def test_the_older_national_line_needs_to_be_told_its_login_address() -> None:
    platform = FakePlatform(PROFILES["national-older"], {"ticketValidation": TICKET, "getUserInfo": PERSON})
    with pytest.raises(ValueError, match="login_url"):
        platform.client().begin()
    client = platform.client(login_url="https://user.example.gov.cn/login")
    sign_in = client.begin()
    assert query_of(sign_in.url) == {"servicecode": "svc-1", "gourl": sign_in.state}
    assert client.complete(sign_in, callback=ticket_back(sign_in)).issuer == "national-older"


# ---------------------------------------------------------------- Guangdong

HUMAN = {
    "uid": "g-1",
    "account_type": "human",
    "name": "李四",
    "cid": NUMBER,
    "ctype": "10",
    "mobile": "13800001234",
    "level": "L2",
    "login_type": "3",
    "sex": "1",
}
CORP = {
    "uid": "g-2",
    "account_type": "corp",
    "name": "某公司",
    "cid": CREDIT,
    "ctype": "49",
    "level": "L3",
    "legal_person": "王五",
    "legal_person_cid": NUMBER,
    "legal_person_ctype": "10",
    "link_person_name": "赵六",
    "link_person_cid": "E12345678",
    "link_person_ctype": "20",
}


def guangdong(user: Mapping[str, object], **answers: object) -> FakePlatform:
    token = {"access_token": "gd-1", "expires_in": "3600"}
    return FakePlatform(PROFILES["guangdong"], {"access_token": token, "tokeninfo": dict(user)} | answers)


def code_back(sign_in: SignIn) -> str:
    return f"{query_of(sign_in.url)['redirect_uri']}&code=c-1"


def test_guangdong_is_asked_with_a_code_and_the_state_travels_in_the_address() -> None:
    platform = guangdong(HUMAN)
    client = platform.client()
    sign_in = client.begin()
    asked = query_of(sign_in.url)
    assert asked["redirect_uri"] == f"{CALLBACK}?state={sign_in.state}"
    assert (asked["service"], asked["response_type"], asked["scope"]) == ("initService", "code", "all")
    session = client.complete(sign_in, callback=code_back(sign_in))
    _, form = platform.asked[0]
    assert (form["code"], form["client_secret"], form["redirect_uri"]) == ("c-1", "pwd-1", asked["redirect_uri"])
    assert (session.expires_at is not None, session.assurance.level) == (True, IdentityLevel.REAL_NAME)
    user = client.userinfo(session)
    assert isinstance(user.holder, NaturalPerson)
    assert (user.holder.sex, user.assurance.method) == (Sex.MALE, AuthMethod.UNKNOWN)
    assert user.assurance.raw["login_type"] == "3"
    refused("not_offered", lambda: client.redeem_ticket("t"))


def test_a_company_of_guangdong_comes_with_who_acts_for_it() -> None:
    client = guangdong(CORP).client()
    sign_in = client.begin(holder=HolderKind.LEGAL)
    user = client.userinfo(client.complete(sign_in, callback=code_back(sign_in)))
    company = user.holder
    assert isinstance(company, LegalPerson)
    assert (company.name, company.credit_code) == ("某公司", CREDIT)
    assert company.representative is not None
    assert company.representative.name == "王五"
    assert company.agent is not None
    assert company.agent.person.document is not None
    assert (company.agent.person.name, company.agent.person.document.kind) == ("赵六", None)
    natural = client.begin()
    refused("holder_mismatch", lambda: client.complete(natural, callback=code_back(natural)))


@pytest.mark.parametrize(("told", "level"), [("L1", "none"), ("L4", "real_name"), ("L9", "unknown"), ("2", "unknown")])
def test_levels_of_guangdong_are_not_promoted(told: str, level: str) -> None:
    fields = PROFILES["guangdong"].user
    assert fields is not None
    assert read_user(HUMAN | {"level": told}, fields).assurance.level.value == level


def test_an_unknown_kind_of_account_is_nobody() -> None:
    client = guangdong(HUMAN | {"account_type": "robot"}).client()
    sign_in = client.begin()
    with pytest.raises(AnswerMalformed):
        client.complete(sign_in, callback=code_back(sign_in))


def test_a_refused_code_and_an_ended_session_are_told() -> None:
    platform = guangdong(HUMAN)
    client = platform.client()
    sign_in = client.begin()
    session = client.complete(sign_in, callback=code_back(sign_in))
    platform.status, platform.answers = 400, {"access_token": {}, "tokeninfo": {}}
    again = client.begin()
    refused("code_refused", lambda: client.complete(again, callback=code_back(again)))
    platform.status = 401
    refused("session_ended", lambda: client.userinfo(session))


# ---------------------------------------------------------------- Zhejiang through the IRS gateway

IRS_PERSON = {
    "success": True,
    "errorCode": None,
    "data": {
        "userType": "PERSON",
        "personInfo": {
            "userId": "i-1",
            "userName": "张三",
            "idType": "ID_CARD",
            "idNo": NUMBER,
            "gender": "1",
            "birthday": "1990-01-01",
        },
    },
}
IRS_LEGAL = {
    "success": True,
    "data": {
        "userType": "LEGAL_PERSON",
        "legalPersonInfo": {
            "corpId": "i-2",
            "name": "某公司",
            "unifiedSocialId": CREDIT,
            "orgType": "1",
            "attnName": "赵六",
            "attnIdNo": NUMBER,
            "attnIdType": "GANG_AO_TAI_RESIDENCE_CART",
            "attnUserType": "经办人",
        },
    },
}


def irs(user: object, token: object = None) -> FakePlatform:
    good = {"success": True, "errorCode": "", "data": {"accessToken": "irs-1"}}
    given = good if token is None else token
    return FakePlatform(PROFILES["zhejiang-irs"], {"access_token": given, "getUserInfo": user})


def irs_session(platform: FakePlatform, holder: HolderKind = HolderKind.NATURAL) -> tuple[IdentityClient, Session]:
    client = platform.client()
    sign_in = client.begin(holder=holder)
    callback = f"{query_of(sign_in.url)['sp']}&ticketId=t-1"
    return client, client.complete(sign_in, callback=callback)


def test_the_irs_gateway_signs_and_its_people_and_companies_are_read() -> None:
    platform = irs(IRS_PERSON)
    client, session = irs_session(platform)
    request, form = platform.asked[0]
    assert form == {"ticketId": "t-1", "appId": "svc-1"}
    assert request.headers["x-bg-hmac-access-key"] == "svc-1"
    assert request.headers["x-bg-hmac-signature"]
    assert session.assurance.level is IdentityLevel.UNKNOWN
    person = client.userinfo(session).holder
    assert isinstance(person, NaturalPerson)
    assert person.document is not None
    assert person.document.kind is CodeKind.CITIZEN_NUMBER
    client, session = irs_session(irs(IRS_LEGAL), HolderKind.LEGAL)
    company = client.userinfo(session).holder
    assert isinstance(company, LegalPerson)
    assert company.agent is not None
    assert company.agent.raw_role == "经办人"
    assert company.agent.person.document is not None
    assert company.agent.person.document.kind is CodeKind.RESIDENCE_PERMIT
    assert client.logout(session) == "https://portal.zjzwfw.gov.cn/uc/unifiedLogout"


def test_a_no_inside_a_good_answer_is_a_no() -> None:
    no = {"success": False, "errorCode": "C-USER-SSO-TICKET-INVALID", "errorMsg": f"no {NUMBER}"}
    refused("ticket_rejected", lambda: irs_session(irs(IRS_PERSON, no)))
    for strange in ({"success": False, "errorCode": "C-9"}, {"success": "yes"}, {}):
        with pytest.raises(PlatformRejected) as caught:
            irs_session(irs(IRS_PERSON, strange))
        assert caught.value.status == 200
    platform = irs(IRS_PERSON)
    client, session = irs_session(platform)
    platform.answers["getUserInfo"] = {"success": False, "errorCode": "C-USER-SSO-TOKEN-INVALID"}
    refused("session_ended", lambda: client.userinfo(session))


# ---------------------------------------------------------------- profiles of one's own

TEN_LINES = """
name = "test-city"
shape = "code"
login = { url = "https://id.example.gov.cn/in", fields = { app = "{client_id}", state = "{state}", type = "{holder}" } }
token = { path = "/token", body = "json", fields = { code = "{code}", secret = "{client_secret}" } }
token_fields = { token = "data.token", life_s = "data.seconds" }
userinfo = { path = "/user", method = "GET", body = "", bearer = true }
holders = { natural = "1" }
errors = { E1 = "code_refused" }
[user]
person = { subject = ["id"], name = ["xm", "name"], number = ["zjhm"], usual_type = "111" }
document_types = { 111 = { kind = "citizen_number" } }
level = "grade"
levels = { A = "real_person" }
"""


def test_a_platform_of_one_s_own_is_ten_lines_of_toml(tmp_path: Path) -> None:
    (tmp_path / "city.toml").write_text(TEN_LINES, "utf-8")
    profile = load_identity_profile(tmp_path / "city.toml")
    answers = {
        "token": {"data": {"token": "t-1", "seconds": 60}},
        "user": {"id": 7, "name": "张三", "zjhm": NUMBER, "grade": "A"},
    }
    platform = FakePlatform(profile, answers)
    client = platform.client()
    sign_in = client.begin(level=IdentityLevel.REAL_PERSON)
    assert query_of(sign_in.url)["type"] == "1"
    session = client.complete(sign_in, callback=f"?code=c&state={sign_in.state}")
    assert (session.subject, session.assurance.level) == ("7", IdentityLevel.REAL_PERSON)
    request, _ = platform.asked[1]
    assert (request.method, request.headers["authorization"]) == ("GET", "Bearer t-1")
    holder = client.userinfo(session).holder
    assert isinstance(holder, NaturalPerson)
    assert (holder.name, holder.document and holder.document.number) == ("张三", NUMBER)
    platform.status, platform.answers["token"] = 400, {"code": "E1"}
    again = client.begin()
    refused("code_refused", lambda: client.complete(again, callback=f"?code=c&state={again.state}"))


def test_a_profile_can_start_from_a_built_in() -> None:
    like = parse_identity_profile('name = "test-hall"\nlike = "zhejiang"\ncallback = "st"')
    assert (like.callback, like.state, like.errors["6001"]) == ("st", "sp", "ticket_expired")


BAD = {
    "not TOML": "name = ",
    "no name": 'shape = "oidc"',
    "a name that cannot be": 'name = "A b"\nshape = "oidc"',
    "no such shape": 'name = "a"\nshape = "saml"',
    "no such setting": 'name = "a"\nshape = "oidc"\ncolour = "red"',
    "no such built-in": 'name = "a"\nlike = "atlantis"',
    "like a number": 'name = "a"\nlike = 7',
    "nothing to do": 'name = "a"\nshape = "code"',
    "no state": TEN_LINES.replace('state = "{state}", ', ""),
    "an unknown hole": TEN_LINES.replace("{client_id}", "{password}"),
    "an unknown hole in a call": TEN_LINES.replace("{client_secret}", "{password}"),
    "an unknown problem": TEN_LINES.replace('"code_refused"', '"bad_luck"'),
    "an unknown level": TEN_LINES.replace('"real_person"', '"platinum"'),
    "an unknown kind of document": TEN_LINES.replace('"citizen_number"', '"library_card"'),
    "a body of a GET": TEN_LINES.replace('method = "GET", body = ""', 'method = "GET", body = "json"'),
    "a path that is none": TEN_LINES.replace('"/token"', '"token"'),
}


@pytest.mark.parametrize("case", BAD)
def test_a_profile_that_cannot_be_is_refused_and_names_the_setting(case: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_identity_profile(BAD[case])
    assert caught.value.code in ("egov.identity.profile", "egov.identity.unknown_profile")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large.toml").write_text("#" * 300_000, "utf-8")
    (tmp_path / "other.toml").write_bytes(b"\xff\xfe")
    for name in ("missing.toml", "large.toml", "other.toml"):
        with pytest.raises(ConfigError) as caught:
            load_identity_profile(tmp_path / name)
        assert caught.value.code == "egov.identity.profile"


@pytest.mark.parametrize("name", PROFILES)
def test_every_built_in_says_what_is_not_certain_and_where_it_comes_from(name: str) -> None:
    profile = identity_profile(name)
    assert profile.name == name
    assert profile.unverified
    assert profile.source
    assert profile.title.zh
    gateway_of(profile)


def test_a_gateway_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError):
        gateway_of(parse_identity_profile('name = "a"\nlike = "zhejiang"\ngateway = "atlantis"'))


WHOLE = (
    TEN_LINES.replace('state = "{state}", ', 'state = "{state}", n = "{nonce}", c = "{code_challenge}", ').replace(
        "[user]",
        """
logout = { url = "https://id.example.gov.cn/out?x=1", fields = { back = "{return_to}", app = "{client_id}" } }
refresh = { path = "/refresh", fields = { r = "{refresh_token}" } }
issue_ticket = { path = "/give", fields = { t = "{token}", to = "{audience}" } }
redeem_ticket = { path = "/take", fields = { st = "{code}" } }
ticket_fields = { token = "ticket", life_s = "seconds" }
[user]""",
    )
).replace('life_s = "data.seconds"', 'life_s = "data.seconds", refresh_token = "data.again"')


def test_whatever_a_platform_offers_can_be_told_in_its_profile() -> None:
    given = {"data": {"token": "t-1", "seconds": "60", "again": "r-1"}}
    answers = {
        "token": given,
        "refresh": {"data": {"token": "t-2"}},
        "give": {"ticket": "st-1"},
        "take": given,
        "user": {"id": "u-1", "name": "张三", "zjhm": NUMBER, "grade": "A"},
    }
    platform = FakePlatform(parse_identity_profile(WHOLE), answers)
    client = platform.client()
    sign_in = client.begin()
    assert query_of(sign_in.url)["n"] == sign_in.nonce != ""
    assert sign_in.code_verifier
    session = client.complete(sign_in, callback=f"?code=c&state={sign_in.state}")
    renewed = client.refresh(session)
    assert (renewed.access_token, renewed.refresh_token, renewed.subject) == ("t-2", "r-1", "u-1")
    assert platform.asked[-1][1] == {"r": "r-1"}
    refused("refresh_unknown", lambda: client.refresh(session.model_copy(update={"refresh_token": ""})))
    ticket = client.issue_ticket(renewed, audience="app-2")
    assert (ticket.value, platform.asked[-1][1]) == ("st-1", {"t": "t-2", "to": "app-2"})
    assert (ticket.expires_at - platform.clock.at).total_seconds() == 60
    assert client.redeem_ticket("st-9").subject == "u-1"
    with pytest.raises(ValueError, match="audience"):
        client.issue_ticket(renewed, audience="x" * 600)
    out = client.logout(renewed, return_to="https://app.example.gov.cn/bye")
    assert query_of(out) == {"x": "1", "back": "https://app.example.gov.cn/bye", "app": "svc-1"}
    platform.answers["user"] = {"id": "u-2"}
    refused("subject_mismatch", lambda: client.userinfo(renewed))
    platform.status, platform.answers["take"] = 400, {}
    refused("ticket_rejected", lambda: client.redeem_ticket("st-9"))
    platform.answers["refresh"] = {}
    refused("session_ended", lambda: client.refresh(renewed))


def test_a_callback_that_is_none_is_unreadable() -> None:
    platform = zhejiang()
    client = platform.client()
    sign_in = client.begin()
    for callback in (ticket_back(sign_in) + "&ticket=two", "?x=%ff", "?" + "a=1&" * 100, "x" * 20_000):
        with pytest.raises(ParseError) as caught:
            client.complete(sign_in, callback=callback)
        assert caught.value.code == "egov.identity.callback"


@pytest.mark.parametrize("born", ["19900101", "1990-01-01", "1990/01/01", "1990.01.01 00:00", "1990-13-01", "soon", ""])
def test_days_are_read_as_platforms_write_them(born: str) -> None:
    fields = PROFILES["zhejiang"].user
    assert fields is not None
    holder = read_user(PERSON | {"birthday": born}, fields).holder
    assert isinstance(holder, NaturalPerson)
    expected = "1990-01-01" if born.startswith("1990") and "13" not in born else "None"
    assert str(holder.birth_date) == expected


def test_flags_and_huge_numbers_are_read_as_what_they_are() -> None:
    assert text_at({"a": True, "b": 10**30, "c": {"d": 7}, "e": [1]}, "b", "e", "c.d") == "7"
    assert text_at({"a": True}, "a") == "true"
    assert text_at({"a": False}, "a") == "false"
    assert text_at([], "a.b") == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=10,
    ),
    st.sampled_from(["userid", "authlevel", "idtype", "idnum", "username", "birthday", "sex"]),
)
def test_any_reply_gives_a_user_or_is_malformed_and_never_a_level_unheard_of(value: object, field: str) -> None:
    fields = PROFILES["zhejiang"].user
    assert fields is not None
    try:
        user = read_user(PERSON | {field: value}, fields)
    except AnswerMalformed:
        return
    known = {"1": "none", "2": "real_name", "3": "real_person"}
    told = str(value) if field == "authlevel" and isinstance(value, str | int) else PERSON["authlevel"]
    if field != "authlevel" or isinstance(value, str | int):
        assert user.assurance.level.value == known.get(told, "unknown")
    else:
        assert user.assurance.level is IdentityLevel.UNKNOWN
