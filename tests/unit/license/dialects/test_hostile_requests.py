"""What servers of dialects say to callers who err or mean harm: a code of the dialect, and nothing of the inside."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import ConfigError
from egov_sdk.gateway import in_process
from egov_sdk.gateway.asgi import Received, Reply
from egov_sdk.gateway.remembered import Remembered
from egov_sdk.license.dialects.callers import Caller, authenticate_by
from egov_sdk.license.dialects.national_app import national_app
from egov_sdk.license.service import LicenseService
from egov_sdk.license.states import LicenseAction
from egov_sdk.license.wire.national import CERT_SHARE, NATIONAL
from tests.license_world import COMPANY, HALL, PERMIT, LicenseTown, Watch, company_draft, person_draft
from tests.unit.license.dialects.world import CALLERS, KEY, PASSWORD, TOKEN, app_platform, national_platform, posted

GOOD = {"AccountId": "hall", "AccessToken": TOKEN, "UseFor": "办理"}


@pytest.fixture
def town() -> Iterator[LicenseTown]:
    made = LicenseTown.at()
    yield made
    made.store.close()


def status(town: LicenseTown, service: str, question: Any, **more: Any) -> tuple[int, str]:
    app = national_platform(town, **more)
    answer = posted(app, f"/elssp/v1/{service}", data={"parameter": json.dumps(question)})
    assert answer.status_code == 200
    head = answer.json()["head"]
    return head["status"], head["message"]


# ---------------------------------------------------------------------- sharing services


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"UseFor": ""}, 12),
        ({"UseFor": "  "}, 12),
        ({"UseFor": None}, 12),
        ({"UseFor": ["办理"]}, 12),
        ({"UseFor": "办" * 201}, 99),
        ({"UseFor": "\ud800"}, 99),
        ({"AccessToken": "wrong"}, 11),
        ({"AccessToken": ""}, 11),
        ({"AccessToken": None}, 11),
        ({"AccessToken": TOKEN[:-1]}, 11),
        ({"AccessToken": "\ud800"}, 11),
        ({"AccountId": "nobody"}, 11),
        ({"AccountId": ["hall"]}, 11),
        ({"AccountId": "stranger"}, 11),
        ({"CertificateHolderCode": ""}, 12),
        ({"CertificateHolderCode": {"$ne": ""}}, 12),
        ({"CertificateHolderCode": True}, 12),
        ({"CertificateHolderCode": "91110302MA01NP925M"}, 10),
        ({"CertificateNumber": "N-0"}, 10),
        ({"CertificateTypeCode": "' OR 1=1 --"}, 10),
        ({"CertificateHolderType": "111"}, 10),
    ],
)
def test_a_question_that_lacks_something_is_told_its_code(
    town: LicenseTown, change: dict[str, Any], expected: int
) -> None:
    town.service.issue(company_draft())
    question = GOOD | {"CertificateHolderCode": COMPANY.code}
    assert status(town, "Retrieval", question)[0] == 0
    assert status(town, "Retrieval", question | change)[0] == expected


def test_who_may_not_see_it_learns_nothing_of_it(town: LicenseTown) -> None:
    there = str(town.service.issue(person_draft()).identifier)
    for service in ("GetCertificateDataByCertificateID", "GetCertificateFileByCertificateID"):
        assert status(town, service, GOOD | {"CertificateID": there}) == (11, "身份验证不通过")
        for identifier in ("", "x", there.lower(), "1.2.156.3005.2.%00"):
            assert status(town, service, GOOD | {"CertificateID": identifier})[0] in (10, 12)


@pytest.mark.parametrize(
    "given",
    [
        {"content": b""},
        {"content": b"{}"},
        {"json": {"parameter": GOOD}},
        {"data": {"parameter": "{"}},
        {"data": {"parameter": "[]"}},
        {"data": {"parameter": '{"UseFor":"a","UseFor":"b"}'}},
        {"data": {"parameter": "[" * 100_000}},
        {"data": {"parameter": ["{}", "{}"]}},
        {"data": {"other": "{}"}},
        {"content": b"parameter=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": "parameter=办".encode(), "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": urlencode([("a", "b")] * 99), "headers": {"content-type": "application/x-www-form-urlencoded"}},
    ],
)
def test_a_body_that_is_no_question_is_told_so(town: LicenseTown, given: dict[str, Any]) -> None:
    answer = posted(national_platform(town), "/elssp/v1/Retrieval", **given)
    assert answer.status_code == 200
    assert answer.json()["head"]["status"] in (12, 99)


def test_a_body_without_end_is_not_read_to_its_end(town: LicenseTown) -> None:
    app = national_platform(town, max_body_bytes=1_000)
    assert posted(app, "/elssp/v1/Retrieval", content=b"x" * 1_001).status_code == 413
    assert posted(app, "/elssp/v1/Retrieval", content=b"x", headers={"content-length": "1e3"}).status_code == 413


def test_only_what_is_there_is_answered(town: LicenseTown) -> None:
    app = national_platform(town)
    for path in ("/", "/elssp/v1", "/elssp/v1/", "/elssp/v1/retrieval", "/elssp/v1/Retrieval/x", "/elssp/v1/../x"):
        assert posted(app, path).status_code == 404
    assert posted(app, "/elssp/v1/download?id=x").status_code == 405
    assert posted(app, "/elssp/v1/Retrieval?" + "&".join("ab"), data={}).status_code == 200
    assert posted(app, "/elssp/v1/Retrieval?a=1&a=2", data={}).status_code == 400


def test_a_download_happens_once_and_to_nobody_else(town: LicenseTown) -> None:
    import httpx

    issued = town.service.issue(company_draft())
    app = national_platform(town)
    question = GOOD | {"CertificateID": str(issued.identifier)}
    asked = posted(app, "/elssp/v1/GetCertificateFileByCertificateID", data={"parameter": json.dumps(question)}).json()
    url = asked["data"]["dataList"][0]["fileUrl"]
    with httpx.Client(transport=in_process.transport(app), base_url="https://licences.example") as client:
        assert client.get(url[:-1]).json()["head"]["status"] == 99
        first, second = client.get(url), client.get(url)
        assert (first.content, first.headers["content-type"]) == (issued.file, "application/octet-stream")
        assert first.headers["cache-control"] == "no-store"
        assert second.json()["head"] == {"status": 99, "message": "下载凭证已使用，只能下载一次"}
        for path in ("/elssp/v1/download", "/elssp/v1/download?id=", "/elssp/v1/download?id=%00"):
            assert client.get(path).json()["head"]["status"] == 99


def cert_share(town: LicenseTown, path: str, data: Any, account: str = "hall", token: str = TOKEN) -> Any:
    body = {"head": {"accessId": account, "accessToken": token}, "data": data}
    return posted(national_platform(town, CERT_SHARE), f"/CertShare/{path}", json=body).json()


def opened(answer: Any) -> Any:
    return json.loads(KEY.decrypt(bytes.fromhex(answer["data"]), form="c1c3c2"))


CAUSE = json.dumps({"certificateCopyCause": "办理", "certificateEventCode": "000164001000"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"useCause": ""}, 12),
        ({"useCause": "办理"}, 99),
        ({"useCause": "{}"}, 12),
        ({"useCause": {"certificateCopyCause": "办理"}}, 12),
        ({"useCause": json.dumps({"certificateCopyCause": "办理", "certificateEventCode": "other"})}, 100),
        ({"certTypeCode": ""}, 12),
        ({"holderTypeCode": ""}, 12),
    ],
)
def test_cert_share_tells_its_own_codes(town: LicenseTown, change: dict[str, Any], expected: int) -> None:
    town.service.issue(company_draft())
    question = {
        "holderCode": COMPANY.code,
        "holderTypeCode": "001",
        "certTypeCode": PERMIT.code,
        "useCause": CAUSE,
    }
    good = cert_share(town, "queryCertInfoByHolderCode", question)
    assert good["head"]["status"] == 0
    assert [row["holderCode"] for row in opened(good)] == [COMPANY.code]
    assert COMPANY.code not in json.dumps(good)
    told = cert_share(town, "queryCertInfoByHolderCode", question | change)
    assert (told["head"]["status"], told["data"]) == (expected, None)


def test_cert_share_checks_data_and_files(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    data = {"holderCode": COMPANY.code, "holder": COMPANY.name, "certNo": issued.metadata.number}

    def result(path: str, **question: Any) -> Any:
        return opened(cert_share(town, path, {"certTypeCode": PERMIT.code, "useCause": CAUSE, **question}))["result"]

    assert result("verifyCertInfo", certData=data) == "0"
    assert result("verifyCertInfo", certData=data | {"zzyxqjzrq": "2031年5月31日"}) == "0"
    assert result("verifyCertInfo", certData=data | {"holder": "别的公司"}) == "7"
    assert result("verifyCertInfo", certData={}) == "6"
    assert result("verifyCertInfo", certData={"certNo": "x"}) == "4"
    assert result("verifyCertInfo", certData=data | {"certNo": "N-0"}) == "5"
    content = base64.b64encode(issued.file).decode()
    assert result("verifyFile", contentType="base64", content=content) == "0"
    assert result("verifyFile", contentType="base64", content="*") == "2"
    assert result("verifyFile", contentType="base64", content=base64.b64encode(b"x").decode()) == "2"
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    assert result("verifyCertInfo", certData=data) == "3"
    assert result("verifyFile", contentType="base64", content=content) == "2"
    wrong = {"certTypeCode": PERMIT.code, "useCause": CAUSE, "contentType": "url", "content": "http://x"}
    assert cert_share(town, "verifyFile", wrong)["head"]["status"] == 102


def test_nothing_goes_to_a_caller_without_a_key_in_the_clear(town: LicenseTown) -> None:
    issued = town.service.issue(company_draft())
    keyless = authenticate_by({"hall": (TOKEN, Caller(requester=HALL, item_code="000164001000"))})
    app = national_app(town.service, authenticate=keyless, clock=town.watch, profile=CERT_SHARE)
    data = {"certIdentifier": str(issued.identifier), "useCause": CAUSE}
    body = {"head": {"accessId": "hall", "accessToken": TOKEN}, "data": data}
    answer = posted(app, "/CertShare/queryCertInfo", json=body)
    assert (answer.json()["head"]["status"], answer.json()["data"]) == (99, None)


class Broken:
    """A service whose inside must not be seen."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        def fail(*given: object, **named: object) -> object:
            raise self.error

        return fail


@pytest.mark.parametrize("error", [RuntimeError("secret-path"), ConfigError("secret-path"), KeyError("secret-path")])
def test_what_fails_inside_stays_inside(error: Exception) -> None:
    service = cast("LicenseService", Broken(error))
    app = national_app(service, authenticate=authenticate_by(CALLERS), clock=Watch())
    question = GOOD | {"CertificateHolderCode": COMPANY.code}
    answer = posted(app, "/elssp/v1/Retrieval", data={"parameter": json.dumps(question)})
    assert answer.json() == {"head": {"status": 99, "message": "其他异常"}, "data": None}


def test_an_account_without_a_token_is_not_set_up() -> None:
    with pytest.raises(ValueError, match="without a token"):
        authenticate_by({"hall": ("", Caller(requester=HALL))})


def test_nobody_is_let_in_by_an_empty_name_or_token() -> None:
    found = authenticate_by(CALLERS)
    assert found("hall", TOKEN) is not None
    for pair in (("", ""), ("hall", ""), ("nobody", TOKEN), ("stranger", TOKEN), ("hall", TOKEN.upper())):
        assert found(*pair) is None


# ---------------------------------------------------------------------- licence-use services


BASE = "/license-app/v1"


def token(app: Any, account: str = "hall") -> str:
    login = {"app_key": "k", "app_secret": "s", "account": account, "password": PASSWORD}
    return str(posted(app, f"{BASE}/security/login", json=login).json()["data"]["access_token"])


def code_of(answer: Any) -> str:
    value = answer.json()
    assert value["ack_code"] == "FAILURE"
    assert value["data"] is None
    return str(value["errors"][0]["code"])


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ({}, "missing"),
        ({"app_key": "k", "app_secret": "s", "account": "hall"}, "missing"),
        ({"app_key": "k", "app_secret": "s", "account": "hall", "password": "wrong"}, "login_refused"),
        ({"app_key": "k", "app_secret": "s", "account": "hall", "password": {"$ne": 1}}, "missing"),
        ({"app_key": "k", "app_secret": "s", "account": "nobody", "password": PASSWORD}, "login_refused"),
    ],
)
def test_a_wrong_login_gives_no_token(town: LicenseTown, login: dict[str, Any], expected: str) -> None:
    assert code_of(posted(app_platform(town), f"{BASE}/security/login", json=login)) == expected


@pytest.mark.parametrize("given", ["", "?access_token=", "?access_token=x", "?access_token=%00", "?token=x"])
def test_nothing_is_answered_without_a_token(town: LicenseTown, given: str) -> None:
    app = app_platform(town)
    token(app)
    for path in ("/license/auth", "/license/holder", "/license/x/issue", "/license/x/abolish"):
        answer = posted(app, f"{BASE}{path}{given}", json={})
        assert (answer.status_code, code_of(answer)) == (401, "token_invalid")


def test_a_token_ends_with_its_time_and_with_a_logout(town: LicenseTown) -> None:
    import httpx

    app = app_platform(town)
    one, other = token(app), token(app)
    assert one != other
    with httpx.Client(transport=in_process.transport(app), base_url="https://licences.example") as client:
        assert client.get(f"{BASE}/security/logout?access_token={one}").json()["ack_code"] == "SUCCESS"
        assert client.get(f"{BASE}/security/logout?access_token={one}").status_code == 401
        town.watch.wait(hours=2)
        assert client.get(f"{BASE}/security/logout?access_token={other}").status_code == 401


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"identity_number": ""}, "missing"),
        ({"identity_number": ","}, "missing"),
        ({"identity_number": ",".join(["1"] * 21)}, "missing"),
        ({"identity_number": ["1"]}, "missing"),
        ({"service_item_name": ""}, "missing"),
        ({"service_item_name": "办" * 201}, "request"),
        ({"service_item_code": "other"}, "use_refused"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": 501}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"page_index": 0}, "page_size"),
        ({"page_index": "-1"}, "page_size"),
    ],
)
def test_a_question_of_a_department_is_looked_at_closely(
    town: LicenseTown, change: dict[str, Any], expected: str
) -> None:
    town.service.issue(company_draft())
    app = app_platform(town)
    question = {"identity_number": COMPANY.code, "service_item_code": "000164001000", "service_item_name": "办理"}
    path = f"{BASE}/license/auth?access_token={token(app)}"
    assert len(posted(app, path, json=question).json()["data"]) == 1
    assert code_of(posted(app, path, json=question | change)) == expected


def test_a_code_of_another_department_and_a_used_one_open_nothing(town: LicenseTown) -> None:
    import httpx

    town.service.issue(company_draft())
    app = app_platform(town)
    question = {"identity_number": COMPANY.code, "service_item_code": "000164001000", "service_item_name": "办理"}
    mine = token(app)
    (code,) = posted(app, f"{BASE}/license/auth?access_token={mine}", json=question).json()["auth_codes"]
    with httpx.Client(transport=in_process.transport(app), base_url="https://licences.example") as client:

        def read(view: str, auth_code: str, by: str) -> Any:
            return client.get(f"{BASE}/license/{view}", params={"access_token": by, "auth_code": auth_code})

        assert code_of(read("get_license", code, token(app, "stranger"))) == "code_requester"
        assert code_of(read("archive", code, token(app, "stranger"))) == "code_requester"
        assert read("archive", code, mine).json()["ack_code"] == "SUCCESS"
        assert code_of(read("archive", code, mine)) == "code_used"
        town.watch.wait(minutes=3)
        assert code_of(read("get_license", code, mine)) == "code_used"
        assert code_of(read("get_license", code + "x", mine)) == "code_unknown"
        assert code_of(read("get_license", "", mine)) == "code_unknown"


def test_of_many_who_come_with_one_code_at_once_one_is_served(tmp_path: Path) -> None:
    town = LicenseTown.at(tmp_path / "licenses.db")
    town.service.issue(company_draft())
    app = app_platform(town)
    question = {"identity_number": COMPANY.code, "service_item_code": "000164001000", "service_item_name": "办理"}
    mine = token(app)
    (code,) = posted(app, f"{BASE}/license/auth?access_token={mine}", json=question).json()["auth_codes"]

    def read(number: int) -> str:
        query = {"access_token": mine, "auth_code": code}
        view = "archive" if number % 2 else "get_license"
        handle = cast("Any", app)._handle
        reply = handle(Received(method="GET", path=f"{BASE}/license/{view}", query=query, headers={}, body=b""))
        value = json.loads(reply.body)
        return view if value["ack_code"] == "SUCCESS" else str(value["errors"][0]["code"])

    with ThreadPoolExecutor(8) as pool:
        said = sorted(pool.map(read, range(16)))
    assert said == ["archive", *["code_used"] * 14, "get_license"]
    town.store.close()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, "missing"),
        ([], "missing"),
        ({}, "missing"),
        ({"data_fields": "x"}, "missing"),
        ({"data_fields": {}}, "missing"),
        ({"data_fields": {"ZZHM": "1", "FZRQ": "soon", "CYRMC": "a", "CYRSFZJHM": "b", "CYRSFZJLX": "10"}}, "date"),
        ({"data_fields": {"ZZHM": "1", "FZRQ": "2026-01-01", "CYRMC": "a,b", "CYRSFZJHM": "b"}}, "rejected"),
        (
            {
                "data_fields": {
                    "ZZHM": "1",
                    "FZRQ": "2026-01-01",
                    "CYRMC": "a",
                    "CYRSFZJHM": "b",
                    "CYRSFZJLX": "10",
                    "FZJGMC": "某市",
                    "FZJGZZJGDM": "11330105002500287C",
                }
            },
            "issuer_refused",
        ),
    ],
)
def test_what_cannot_be_issued_is_not_issued(town: LicenseTown, data: Any, expected: str) -> None:
    app = app_platform(town)
    path = f"{BASE}/license/ML001/issue?access_token={token(app, 'bureau')}"
    assert code_of(posted(app, path, json={"data": data})) == expected
    assert town.service.statistics() == ()


def test_who_may_not_issue_does_not(town: LicenseTown) -> None:
    app = app_platform(town)
    for item in ("ML001", "ML999", "..%2Fx", PERMIT.code):
        path = f"{BASE}/license/{item}/issue?access_token={token(app)}"
        assert code_of(posted(app, path, json={"data": {}})) == "use_refused"


def test_only_requests_in_json_are_read(town: LicenseTown) -> None:
    app = app_platform(town)
    assert posted(app, f"{BASE}/security/login", data={"account": "hall"}).status_code == 415
    for body in (b"", b"{", b"[]", b'{"a":1,"a":2}', b"\xff", b"[" * 100_000):
        answer = posted(app, f"{BASE}/security/login", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, code_of(answer)) == (400, "request")
    for path in ("/license", "/license/", "/license/x/destroy", "/license/a/b/issue", "/security/get_current_user"):
        assert posted(app, f"{BASE}{path}", json={}).status_code == 404
    assert posted(app, f"{BASE}/license/archive", json={}).status_code == 405


# ---------------------------------------------------------------------- whatever comes


@pytest.fixture(scope="module")
def standing() -> Iterator[LicenseTown]:
    made = LicenseTown.at()
    made.service.issue(company_draft())
    yield made
    made.store.close()


NAMES = ["UseFor", "CertificateID", "CertificateData", "CertificateHolderCode", "useCause", "certData", "certTypeCode"]
SERVICES = ["Retrieval", "VerifyCertificate", "verifyCertInfo"]
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=120, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), VALUE),
    st.sampled_from(["Retrieval", "VerifyCertificate", "verifyCertInfo"]),
)
def test_whatever_is_asked_is_answered_in_the_dialect(
    standing: LicenseTown, question: dict[str, Any], service: str
) -> None:
    if service == "verifyCertInfo":
        handle, path = handler(standing, CERT_SHARE), f"/CertShare/{service}"
        body = json.dumps({"head": {"accessId": "hall", "accessToken": TOKEN}, "data": question}).encode()
        kind = "application/json"
    else:
        handle, path = handler(standing, NATIONAL), f"/elssp/v1/{service}"
        body, kind = urlencode({"parameter": json.dumps(GOOD | question)}).encode(), "application/x-www-form-urlencoded"
    reply = handle(Received(method="POST", path=path, query={}, headers={"content-type": kind}, body=body))
    head = json.loads(reply.body)["head"]
    assert reply.status == 200
    assert isinstance(head["status"], int)
    assert "Traceback" not in head["message"]


def handler(town: LicenseTown, profile: Any) -> Any:
    handle = national_platform(town, profile)._handle  # type: ignore[attr-defined]  # without the asynchronous shell
    return cast("Any", handle)


def test_what_is_remembered_is_bounded_and_ends_in_time() -> None:
    from datetime import timedelta

    watch = Watch()
    kept = Remembered[int](watch, lasts=timedelta(seconds=10), most=2)
    for number in range(3):
        kept.put(str(number), number)
    assert [kept.get(str(number)) for number in range(3)] == [None, 1, 2]
    assert (kept.take("1"), kept.take("1")) == (1, None)
    watch.wait(seconds=10)
    assert kept.get("2") is None


def test_a_reply_shows_nothing_of_its_body() -> None:
    assert "secret" not in repr(Reply(200, b"secret"))
