"""Platforms that answer wrongly: what they say is refused as malformed, or stays their own no; nothing else escapes."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import EgovError, NotOffered, PlatformRejected
from egov_sdk.gateway import in_process
from egov_sdk.gateway.errors import AnswerMalformed, AnswerTooLarge, GatewayUnavailable
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.problems import TABLE
from egov_sdk.license.wire.license_app import LICENSE_APP
from egov_sdk.license.wire.national import CERT_SHARE, NATIONAL, STATUS_TEXTS
from egov_sdk.report import Outcome
from tests.license_world import COMPANY, HALL, PERSON, LicenseTown, company_draft, function_use, refused
from tests.unit.license.dialects.world import (
    KEY,
    answering,
    app_client,
    golden,
    national_client,
    national_platform,
)

IDENTIFIER = LicenseIdentifier.parse("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U")
OTHER = LicenseIdentifier.parse("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S")
LOGIN = {"ack_code": "SUCCESS", "data": {"access_token": "t"}}


def searched(answer: Any) -> Any:
    return national_client(answering(answer)).search(COMPANY.code, use=function_use())


def changed(**row: Any) -> dict[str, Any]:
    answer: dict[str, Any] = golden("national_search_answer")
    answer["data"]["dataList"][0] |= row
    return answer


# ---------------------------------------------------------------------- sharing services


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<html><body>登录</body></html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b'{"head":{"status":0},"head":{"status":0}}'),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, content=b'{"head":{"status":NaN}}'),
        httpx.Response(200, json=None),
        httpx.Response(200, json=[]),
        {},
        {"head": None},
        {"head": {}},
        {"head": {"status": None}},
        {"head": {"status": True}},
        {"head": {"status": ""}},
        {"head": {"status": 0.0}},
        {"head": {"status": 0}},
        {"head": {"status": 0}, "data": []},
        {"head": {"status": 0}, "data": {}},
        {"head": {"status": 0}, "data": {"total": 1}},
        {"head": {"status": 0}, "data": {"total": 1, "dataList": []}},
        {"head": {"status": 0}, "data": {"total": 0, "dataList": [{}]}},
        {"head": {"status": 0}, "data": {"total": True, "dataList": [{}]}},
        {"head": {"status": 0}, "data": {"total": 1, "dataList": ["x"]}},
        {"head": {"status": 0}, "data": {"total": 1, "dataList": [{}]}},
        {"head": {"status": 0}, "data": {"total": 1_001, "dataList": [{}] * 1_001}},
        changed(certificateID="1.2.156.3005.2.x"),
        changed(certificateID=None),
        changed(issueDate="02/03/04"),
        changed(certificateHolder=["张三"]),
        changed(certificateHolderCode=PERSON.code, certificateHolderType="111"),
        changed(certificateHolder="甲^乙"),
    ],
)
def test_an_answer_that_is_not_as_agreed_is_malformed(answer: Any) -> None:
    with pytest.raises(AnswerMalformed) as caught:
        searched(answer)
    assert PERSON.code not in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"certificateType": "许可证"},
        {"certificateType": "许可证", "certificateTypeCode": "11100000000013338W011", "validityRange": "soon"},
        {"certificateType": "许可证", "certificateTypeCode": "11100000000013338W011", "certificateHolderCategory": "7"},
    ],
)
def test_a_type_that_cannot_be_read_is_malformed(row: dict[str, str]) -> None:
    client = national_client(answering({"head": {"status": 0}, "data": {"total": 1, "dataList": [row]}}))
    with pytest.raises(AnswerMalformed):
        client.types()


@pytest.mark.parametrize("rows", [[], [golden("national_data_answer")["data"]["dataList"][0]] * 2])
def test_one_licence_is_one_licence(rows: list[dict[str, str]]) -> None:
    client = national_client(answering({"head": {"status": 0}, "data": {"total": len(rows), "dataList": rows}}))
    if rows:
        with pytest.raises(AnswerMalformed):
            client.get(IDENTIFIER, use=function_use())
    else:
        refused("license_unknown", lambda: client.get(IDENTIFIER, use=function_use()))


def test_a_licence_with_another_number_was_not_asked_for() -> None:
    client = national_client(answering(golden("national_data_answer")))
    for holder, number in ((COMPANY.code, "N-0"), (PERSON.code, "湘建安C(2023)0000403")):
        with pytest.raises(AnswerMalformed, match="not asked for"):
            client.get_by_holder(holder, type_name="", number=number, use=function_use())


def test_a_file_verifies_only_where_it_was_said_how() -> None:
    with pytest.raises(NotOffered, match="verify"):
        national_client(answering({}), checking=None).verify(b"PK")


def test_a_licence_of_another_type_was_not_asked_for() -> None:
    client = national_client(answering(golden("national_search_answer")))
    with pytest.raises(AnswerMalformed, match="not asked for"):
        client.search(COMPANY.code, use=function_use(), type_code="11100000000013338W032")


def test_nobody_but_the_one_who_was_asked_for_is_given() -> None:
    with pytest.raises(AnswerMalformed, match="not asked for"):
        national_client(answering(golden("national_data_answer"))).get(OTHER, use=function_use())


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(AnswerTooLarge):
        searched(httpx.Response(200, content=b"x" * (17 << 20)))


@pytest.mark.parametrize("status", ["1", "11", "12", "14", "24", "99", "77", "-1", "ERR", 11, 404])
def test_a_status_that_is_no_refusal_of_this_library_stays_the_platform_s(status: Any) -> None:
    with pytest.raises(PlatformRejected) as caught:
        searched({"head": {"status": status, "message": "不行"}, "data": None})
    assert caught.value.platform_code == str(status)
    assert "不行" in caught.value.message
    assert caught.value.said == {"head": {"status": status, "message": "不行"}, "data": None}


@pytest.mark.parametrize(
    ("status", "problem"),
    [("13", "type_unknown"), (13, "type_unknown"), ("013", "type_unknown"), (21, "not_in_force"), (22, "not_in_force")],
)
def test_a_status_is_the_same_as_number_and_as_text(status: Any, problem: str) -> None:
    error = refused(problem, lambda: searched({"head": {"status": status}}))
    assert error.detail["platform_code"] == str(int(status))


def test_a_source_that_lacks_a_service_is_said_so() -> None:
    with pytest.raises(NotOffered, match="national"):
        searched({"head": {"status": "2"}})


def test_a_no_of_the_gateway_is_the_gateway_s() -> None:
    with pytest.raises(GatewayUnavailable):
        searched(httpx.Response(503, json={"head": {"status": 0}}))


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/f?id=1",
        "//elsewhere.example/f",
        "f?id=1",
        "",
        None,
        "file:///etc/passwd",
        "https://licences.example.elsewhere.example/f",
        " /f",
    ],
)
def test_a_file_is_fetched_from_nowhere_else(address: Any) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(
            200, json={"head": {"status": 0}, "data": {"total": 1, "dataList": [{"fileUrl": address}]}}
        )

    client = national_client(httpx.MockTransport(answer))
    with pytest.raises(AnswerMalformed):
        client.download_ticket(IDENTIFIER, use=function_use())
    with pytest.raises(AnswerMalformed):
        client.download(address or "", requester=HALL.code)
    assert asked == ["https://licences.example/elssp/v1/GetCertificateFileByCertificateID"]


@pytest.mark.parametrize(
    "row", [{"fileUrl": "/f", "fileFormat": "pdf"}, {"fileUrl": "/f", "certificateID": str(OTHER)}]
)
def test_a_file_of_another_kind_or_licence_is_not_waited_for(row: dict[str, str]) -> None:
    client = national_client(answering({"head": {"status": 0}, "data": {"total": 1, "dataList": [row]}}))
    with pytest.raises(AnswerMalformed):
        client.download_ticket(IDENTIFIER, use=function_use())


def test_what_comes_in_place_of_a_file_is_no_file() -> None:
    for body in (b"%PDF-1.7", b"<html></html>", b"", b"{}"):
        with pytest.raises(AnswerMalformed):
            national_client(answering(httpx.Response(200, content=body))).download("/f", requester=HALL.code)
    with pytest.raises(AnswerMalformed):
        national_client(answering({"head": {"status": 0}, "data": None})).download("/f", requester=HALL.code)
    with pytest.raises(PlatformRejected):
        national_client(answering({"head": {"status": 99, "message": "此id的文件已经被下载"}})).download(
            "/f", requester=HALL.code
        )


def test_the_wrong_file_is_found_by_verifying_it() -> None:
    """The data of one licence, the file of another: what was downloaded does not hold against what was asked."""
    town = LicenseTown.at()
    right, wrong = town.service.issue(company_draft("N1")), town.service.issue(company_draft("N2"))
    honest = in_process.transport(national_platform(town))

    class Swapping(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = honest.handle_request(request)
            is_file = answer.content.startswith(b"PK")
            return httpx.Response(200, content=wrong.file) if is_file else answer

    client = national_client(Swapping(), clock=town.watch)
    with pytest.raises(AnswerMalformed, match="not that of the licence"):
        client.get(right.identifier, use=function_use())
    report = client.verify(right.file, at=town.watch.at)
    assert report.outcome is Outcome.FAILED
    assert [check.reason for check in report.of("trust.record_file")] == ["another"]
    damaged = bytearray(right.file)
    damaged[len(damaged) // 2] ^= 1
    with contextlib.suppress(EgovError):
        assert client.verify(bytes(damaged), at=town.watch.at).outcome is not Outcome.PASSED
    town.store.close()


@pytest.mark.parametrize("result", ["1", "2", "3", "4", "5", "6", "7", "99", "yes", None])
def test_no_answer_but_the_right_one_makes_a_file_valid(result: Any) -> None:
    town = LicenseTown.at()
    issued = town.service.issue(company_draft())
    honest = in_process.transport(national_platform(town))

    class Lying(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if not request.url.path.endswith("/VerifyCertificate"):
                return honest.handle_request(request)
            data = {"total": 1, "dataList": [{"result": result}]}
            return httpx.Response(200, json={"head": {"status": 0}, "data": data})

    client = national_client(Lying(), clock=town.watch)
    if result is None:
        with pytest.raises(AnswerMalformed):
            client.verify(issued.file, at=town.watch.at)
    else:
        assert client.verify(issued.file, at=town.watch.at).outcome is not Outcome.PASSED
    town.store.close()


@pytest.mark.parametrize(
    "data",
    ["", None, "zz", "00", "04" + "00" * 96, {"certData": {}}, 7, KEY.public_key().encrypt(b"{", form="c1c3c2").hex()],
)
def test_what_cannot_be_decrypted_is_malformed(data: Any) -> None:
    client = national_client(answering({"head": {"status": 0}, "data": data}), CERT_SHARE)
    with pytest.raises(AnswerMalformed):
        client.get(IDENTIFIER, use=function_use())
    blind = national_client(answering({"head": {"status": 0}, "data": "04ff"}), CERT_SHARE, key=None)
    with pytest.raises(AnswerMalformed, match="no key"):
        blind.get(IDENTIFIER, use=function_use())


# ---------------------------------------------------------------------- licence-use services


def row(**changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = golden("license_app_auth_answer")
    answer["data"][0] |= changes
    return answer


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<html></html>"),
        httpx.Response(200, json=[]),
        {},
        {"ack_code": "success"},
        {"ack_code": True},
        {"ack_code": "SUCCESS", "data": {}},
        {"ack_code": "SUCCESS", "data": [1]},
        {"ack_code": "SUCCESS", "data": [{}]},
        {"ack_code": "SUCCESS", "data": [], "auth_codes": ["x"]},
        {"ack_code": "SUCCESS", "data": [{}] * 1_001},
        row(license_code=""),
        row(holder_identity_num=PERSON.code),
        row(data_fields="{"),
        row(data_fields="[]"),
        row(data_fields=7),
        row(data_fields='{"ZZBS":"1.2"}'),
        row(issue_date="soon"),
        row(id_code=""),
    ],
)
def test_a_list_that_is_not_as_agreed_is_malformed(answer: Any) -> None:
    with pytest.raises(AnswerMalformed):
        app_client(answering(httpx.Response(200, json=LOGIN), answer)).search(COMPANY.code, use=function_use())


@pytest.mark.parametrize("login", [{}, {"ack_code": "SUCCESS"}, {"ack_code": "SUCCESS", "data": {"access_token": ""}}])
def test_a_login_without_a_token_is_malformed(login: dict[str, Any]) -> None:
    with pytest.raises(AnswerMalformed):
        app_client(answering(login)).search(COMPANY.code, use=function_use())


@pytest.mark.parametrize("errors", [None, [], ["不行"], [{"code": "E1", "message": "不行"}], [None], "不行", {}])
def test_an_error_that_is_not_known_stays_the_platform_s(errors: Any) -> None:
    answer = {"ack_code": "FAILURE", "errors": errors, "data": row()["data"]}
    with pytest.raises(PlatformRejected):
        app_client(answering(httpx.Response(200, json=LOGIN), answer)).search(COMPANY.code, use=function_use())


def test_a_token_that_is_always_refused_is_not_asked_for_without_end() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2])
        if asked[-1] == "login":
            return httpx.Response(200, json=LOGIN)
        error = {"code": "token_invalid", "message": ""}
        return httpx.Response(401, json={"ack_code": "FAILURE", "errors": [error]})

    client = app_client(httpx.MockTransport(answer))
    for _ in range(2):
        with pytest.raises(PlatformRejected):
            client.search(COMPANY.code, use=function_use())
    assert asked == ["login", "auth", "auth", "login", "auth"]


def test_data_without_an_identifier_gives_codes_and_no_records() -> None:
    client = app_client(answering(httpx.Response(200, json=LOGIN), row(data_fields='{"ZZMC":"许可证"}')))
    with pytest.raises(NotOffered, match="identifiers"):
        client.search(COMPANY.code, use=function_use())
    assert len(client.entries(COMPANY.code, use=function_use())) == 1


def test_a_state_that_is_not_known_counts_for_nothing() -> None:
    client = app_client(answering(httpx.Response(200, json=LOGIN), row(license_status="7")))
    (record,) = client.search(COMPANY.code, use=function_use()).records
    assert record.state.value == "unknown"


def test_the_file_of_another_licence_is_not_taken() -> None:
    town = LicenseTown.at()
    right, wrong = town.service.issue(company_draft("N1")), town.service.issue(company_draft("N2"))
    data = {"id_code": right.metadata.number, "holder_identity_num": COMPANY.code, "license_status": "issued"}
    licence = {"ack_code": "SUCCESS", "data": data}
    for content, problem in (
        (base64.b64encode(wrong.file).decode(), "not that of the licence"),
        (base64.b64encode(b"PK").decode(), "no OFD"),
        ("*", "Base64"),
        (None, "Base64"),
    ):
        archive = {"ack_code": "SUCCESS", "data": {"file_data": content}}
        answers = answering(httpx.Response(200, json=LOGIN), httpx.Response(200, json=licence), archive)
        with pytest.raises(AnswerMalformed, match=problem):
            app_client(answers).redeem("code", requester=HALL.code)
    archive = {"ack_code": "SUCCESS", "data": {"file_data": base64.b64encode(b"%PDF-1.7").decode()}}
    with pytest.raises(NotOffered):
        app_client(answering(httpx.Response(200, json=LOGIN), httpx.Response(200, json=licence), archive)).redeem(
            "code", requester=HALL.code
        )
    town.store.close()


# ---------------------------------------------------------------------- whatever comes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["head", "status", "data", "total", "dataList", "certificateID", "ack_code", "errors", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(["national", "cert_share", "app"]))
def test_whatever_a_platform_says_only_errors_of_this_library_come_out(value: Any, kind: str) -> None:
    answer = httpx.Response(200, content=json.dumps(value).encode(), headers={"content-type": "application/json"})
    client = (
        app_client(answering(answer))
        if kind == "app"
        else national_client(answering(answer), NATIONAL if kind == "national" else CERT_SHARE)
    )
    asked: tuple[Callable[[], object], ...] = (
        lambda: client.search(COMPANY.code, use=function_use(), type_code=IDENTIFIER.type_code),
        lambda: client.get(IDENTIFIER, use=function_use()),
        lambda: client.redeem("x", requester=HALL.code),
        lambda: client.types(),
    )
    for ask in asked:
        with contextlib.suppress(EgovError):
            ask()


def test_every_refusal_of_a_profile_is_one_of_this_library() -> None:
    for profile in (NATIONAL, CERT_SHARE):
        problems = {*profile.problems.values(), *profile.written, *profile.ticket_texts.values()}
        assert problems <= TABLE.rows.keys()
        assert {*profile.written.values()} <= {*STATUS_TEXTS, *profile.texts}
    assert set(LICENSE_APP.problems.values()) <= TABLE.rows.keys()
