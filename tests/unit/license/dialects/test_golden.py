"""What goes over the line, against questions and answers that were written by hand after the platforms' names."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx

from egov_sdk.gateway import in_process
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.states import LicenseState
from egov_sdk.license.wire.national import CERT_SHARE, NATIONAL
from tests.license_world import COMPANY, ITEM, LicenseTown, company_draft, function_use
from tests.unit.license.dialects.world import (
    KEY,
    app_client,
    app_platform,
    golden,
    national_client,
    national_platform,
    posted,
)

IDENTIFIER = LicenseIdentifier.parse("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U")
OFD = b"PK\x03\x04 a file"


def clock() -> datetime:
    return datetime(2026, 6, 2, 8, tzinfo=UTC)


class Recorder(httpx.BaseTransport):
    """A platform that gives answers in turn and keeps what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[httpx.Request]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        answer = self.answers.pop(0)
        return httpx.Response(200, content=answer) if isinstance(answer, bytes) else httpx.Response(200, json=answer)


def parameter(request: httpx.Request) -> Any:
    form = parse_qs(request.content.decode(), strict_parsing=True)
    assert list(form) == ["parameter"]
    return json.loads(form["parameter"][0])


def test_a_national_search() -> None:
    line = Recorder(golden("national_search_answer"))
    (record,) = national_client(line, clock=clock).search(COMPANY.code, use=function_use()).records
    assert line.asked[0].url.path == "/elssp/v1/Retrieval"
    assert parameter(line.asked[0]) == golden("national_search_question")
    assert record.identifier == IDENTIFIER
    assert record.metadata.holders == (COMPANY,)
    assert (record.metadata.issued_on, record.metadata.valid_from) == (date(2023, 5, 4), date(2023, 5, 4))
    assert record.metadata.valid_until is None
    assert record.updated_at == clock()


def test_a_national_licence_with_its_file() -> None:
    file = {
        "head": {"status": 0},
        "data": {"total": "1", "dataList": [{"fileFormat": "OFD", "fileUrl": "/f?id=a%2Fb"}]},
    }
    line = Recorder(golden("national_data_answer"), file, OFD)
    found = national_client(line, clock=clock).get(IDENTIFIER, use=function_use())
    assert [one.url.path for one in line.asked[:2]] == [
        "/elssp/v1/GetCertificateDataByCertificateID",
        "/elssp/v1/GetCertificateFileByCertificateID",
    ]
    assert parameter(line.asked[0])["CertificateID"] == str(IDENTIFIER)
    assert (line.asked[2].method, line.asked[2].url.raw_path) == ("GET", b"/f?id=a%2Fb")
    assert found.metadata.fields == {"工种": "电工"}
    assert found.metadata.issued_on == date(2023, 5, 4)
    assert (found.file, found.state) == (OFD, LicenseState.VALID)


def test_a_file_at_an_address_that_was_named() -> None:
    file = {"head": {"status": 0}, "data": {"total": 1, "dataList": [{"fileUrl": "https://files.example/x/f?id=1"}]}}
    line = Recorder(golden("national_data_answer"), file, OFD)
    client = national_client(line, clock=clock, files_at=("https://files.example/x",))
    assert client.get(IDENTIFIER, use=function_use()).file == OFD
    assert line.asked[2].url.raw_path == b"/f?id=1"


def test_a_cert_share_licence_with_its_file() -> None:
    def sealed(data: object) -> dict[str, object]:
        plain = json.dumps(data, ensure_ascii=False).encode()
        return {"head": {"status": "0"}, "data": KEY.public_key().encrypt(plain, form="c1c3c2").hex().upper()}

    file = {"contentType": "url", "certIdentifier": str(IDENTIFIER), "content": "/zzgxpt/download?id=0f"}
    line = Recorder(sealed(golden("cert_share_data")), sealed(file), OFD)
    found = national_client(line, CERT_SHARE, clock=clock).get(IDENTIFIER, use=function_use())
    assert line.asked[0].url.path == "/CertShare/queryCertInfo"
    assert json.loads(line.asked[0].content) == golden("cert_share_question")
    assert found.metadata.fields == {"工种": "电工"}
    assert found.metadata.holders == (COMPANY,)


def test_a_use_without_a_service_item_is_another_category() -> None:
    told = json.loads(CERT_SHARE.told_use(function_use(item_code=""))["useCause"])
    assert told["certificateCallCategory"] == "1"


def test_a_search_at_a_licence_use_service() -> None:
    line = Recorder({"ack_code": "SUCCESS", "data": {"access_token": "t-1"}}, golden("license_app_auth_answer"))
    client = app_client(line, biz_num="B-1", clock=clock)
    (record,) = client.search(COMPANY.code, use=function_use()).records
    login, asked = line.asked
    assert (login.url.path, json.loads(login.content)) == (
        "/license-app/v1/security/login",
        golden("license_app_login"),
    )
    assert asked.url.raw_path == b"/license-app/v1/license/auth?access_token=t-1"
    assert json.loads(asked.content) == golden("license_app_auth_question")
    assert record.identifier == IDENTIFIER
    assert (record.metadata.name, record.metadata.number) == ("食品经营许可证", "JY14401000000001")
    assert record.metadata.holders == (COMPANY,)
    assert record.metadata.fields == {"主体业态": "食品销售经营者"}
    assert record.metadata.others == {}
    assert (record.state, record.metadata.area_code) == (LicenseState.VALID, "440100")


def test_codes_that_stand_beside_the_data_are_read() -> None:
    line = Recorder({"ack_code": "SUCCESS", "data": {"access_token": "t-1"}}, golden("license_app_auth_answer"))
    (entry,) = app_client(line, clock=clock).entries(COMPANY.code, use=function_use())
    assert (entry.auth_code, entry.license_code) == ("20201223161845547AA0112031", "4401002020000011QW")


# ---------------------------------------------------------------------- the servers


def national_answer(town: LicenseTown, service: str, question: dict[str, Any]) -> Any:
    asked = {"AccountId": "hall", "AccessToken": "token-of-the-hall", "UseFor": "办理"} | question
    answer = posted(national_platform(town), f"/elssp/v1/{service}", data={"parameter": json.dumps(asked)})
    assert answer.status_code == 200
    return answer.json()


def test_the_national_server_answers_in_the_national_words() -> None:
    town = LicenseTown.at()
    issued = town.service.issue(company_draft())
    assert national_answer(town, "Retrieval", {"CertificateHolderCode": COMPANY.code})["data"]["total"] == 1
    found = national_answer(town, "GetCertificateDataByCertificateID", {"CertificateID": str(issued.identifier)})
    assert found["head"] == {"status": 0, "message": "接口调用成功"}
    (row,) = found["data"]["dataList"]
    surface = row.pop("surface")
    assert row == {
        "certificateID": str(issued.identifier),
        "certificateName": issued.metadata.name,
        "certificateType": issued.metadata.type_name,
        "certificateTypeCode": issued.metadata.type_code,
        "certificateNumber": "JY12200000000017",
        "certificateHolder": COMPANY.name,
        "certificateHolderCode": COMPANY.code,
        "certificateHolderType": "001",
        "issueDept": "Province Bureau",
        "issueDeptCode": "11220000013544541J",
        "issueDate": "2026-06-01",
        "certificateValidateStart": "2026-06-01",
        "certificateValidateEnd": "2031-05-31",
    }
    assert {"name": "法定代表人", "value": "李四", "valueType": "string", "columnName": "法定代表人"} in surface
    by_holder = {"CertificateHolderCode": COMPANY.code, "CertificateNumber": "JY12200000000017"}
    file = national_answer(town, "GetCertificateFileByHolder", by_holder)["data"]["dataList"][0]
    assert set(file) == {"certificateType", "issueDept", "certificateNumber", "issueDate", "fileFormat", "fileUrl"}
    checked = national_answer(
        town, "VerifyCertificate", {"CertificateData": row, "CertificateID": str(issued.identifier)}
    )
    assert checked["data"]["dataList"] == [{"result": "0", "message": "信息正确且有效"}]
    text = {"CertificateData": json.dumps(row), "CertificateID": str(issued.identifier)}
    assert national_answer(town, "VerifyCertificate", text)["data"]["dataList"][0]["result"] == "0"
    assert national_answer(town, "VerifyCertificate", {"CertificateData": "{"})["head"]["status"] == 24
    some = {"CertificateData": {"certificateNumber": "JY12200000000017"}}
    assert national_answer(town, "VerifyCertificate", some)["data"]["dataList"][0]["result"] == "4"
    town.store.close()


def test_a_profile_of_one_s_own_puts_the_parameter_into_json() -> None:
    town = LicenseTown.at()
    issued = town.service.issue(company_draft())
    own = NATIONAL.model_copy(update={"name": "own", "parameter_in": "json", "base": "/share"})

    client = national_client(in_process.transport(national_platform(town, own)), own, clock=town.watch)
    assert client.get(issued.identifier, use=function_use()).file == issued.file
    town.store.close()


def test_the_licence_use_server_answers_in_its_words() -> None:
    town = LicenseTown.at()
    town.service.issue(company_draft())
    app = app_platform(town)
    token = posted(app, "/license-app/v1/security/login", json=golden("license_app_login")).json()["data"]
    path = f"/license-app/v1/license/auth?access_token={token['access_token']}"
    answer = posted(app, path, json=golden("license_app_auth_question")).json()
    assert set(golden("license_app_auth_answer")) == set(answer)
    (row,) = answer["data"]
    assert answer["auth_codes"] == [row["auth_code"]]
    assert set(row) <= {*golden("license_app_auth_answer")["data"][0], "auth_code", "license_status_name"}
    assert json.loads(row["data_fields"])["CYRSFZJLX"] == "70"
    assert ITEM not in row["license_code"]
    town.store.close()
