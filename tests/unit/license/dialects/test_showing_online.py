"""Showing online in the Shandong form (亮证): a verifier begins, the holder confirms, each type is fetched once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import NotOffered, PlatformRejected
from egov_sdk.gateway import in_process
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.license.metadata import LicenseHolder
from egov_sdk.license.model import UseGround
from egov_sdk.license.present.online import Grant, ShowingState
from egov_sdk.license.states import LicenseAction
from egov_sdk.license.wire.national import CERT_SHARE, NATIONAL
from tests.license_world import (
    CERTIFICATE,
    COMPANY,
    HALL,
    PERMIT,
    STRANGER,
    LicenseTown,
    company_draft,
    function_use,
    owner_use,
    refused,
)
from tests.unit.license.dialects.world import (
    KEY,
    answering,
    awaited_national,
    national_client,
    national_platform,
    posted,
)

USE = function_use(ground=UseGround.HOLDER, purpose="现场核验", item_code="")
BEGIN, STATUS, FETCH = (
    "/ChannelVerify/begin/verify",
    "/ChannelVerify/current/status",
    "/CertShare/queryCertInfosByVerifyTrx",
)
Asking = Callable[..., Any]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[LicenseTown]:
    made = LicenseTown.at(tmp_path / "licenses.db")
    yield made
    made.assert_audit_holds()
    made.store.close()


@pytest.fixture(params=["threads", "tasks"])
def client_of(town: LicenseTown, request: pytest.FixtureRequest) -> Asking:
    app = national_platform(town, CERT_SHARE)

    def made(**more: Any) -> Any:
        if request.param == "tasks":
            return awaited_national(app, CERT_SHARE, clock=town.watch, **more)
        return national_client(in_process.transport(app), CERT_SHARE, clock=town.watch, **more)

    return made


def _begun(town: LicenseTown, client: Any, *types: str) -> str:
    code = town.service.showing_code(COMPANY.code).value
    begun = client.begin_showing(code, type_codes=types or (PERMIT.code,), use=USE)
    return str(begun.transaction)


def _confirmed(town: LicenseTown, *identifiers: object, items: tuple[str, ...] | None = None) -> None:
    (asked,) = town.service.waiting_showings(COMPANY.code)
    granted = tuple(Grant(identifier=str(one), type_code=PERMIT.code, items=items) for one in identifiers)
    town.service.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=granted)


def test_a_verifier_fetches_what_the_holder_granted_once(town: LicenseTown, client_of: Asking) -> None:
    issued, client = town.service.issue(company_draft()), client_of()
    transaction = _begun(town, client)
    assert client.showing_status(transaction, verifier=HALL.code) is ShowingState.WAITING
    _confirmed(town, issued.identifier)
    assert client.showing_status(transaction, verifier=HALL.code) is ShowingState.CONFIRMED
    (shown,) = client.fetch_showing(transaction, verifier=HALL.code)
    assert (shown.identifier, shown.type_code, shown.license) == (issued.identifier, PERMIT.code, None)
    assert shown.items["number"] == issued.metadata.number
    assert shown.items["holder_name"] == COMPANY.name
    assert shown.items["holder_type"] == COMPANY.type_code
    assert shown.items["valid_until"] == "2031-05-31"
    assert shown.items["KZ_主体业态"] == "食品销售经营者"
    with pytest.raises(PlatformRejected, match="只能取用一次"):
        client.fetch_showing(transaction, verifier=HALL.code)
    assert client.showing_status(transaction, verifier=HALL.code) is ShowingState.REFUSED  # nothing is left to fetch


def test_only_what_was_granted_is_told(town: LicenseTown, client_of: Asking) -> None:
    both = (COMPANY, LicenseHolder(name="乙公司", code="91110302MA01NP925M", type_code="001"))
    issued, client = town.service.issue(company_draft(holders=both)), client_of()
    transaction = _begun(town, client)
    _confirmed(town, issued.identifier, items=("number", "holder_name", "holder2_name"))
    (shown,) = client.fetch_showing(transaction, verifier=HALL.code)
    assert dict(shown.items) == {
        "identifier": str(issued.identifier),
        "number": issued.metadata.number,
        "holder_name": COMPANY.name,
        "holder2_name": "乙公司",
    }


def test_of_two_types_the_one_that_was_granted_comes(town: LicenseTown, client_of: Asking) -> None:
    issued, client = town.service.issue(company_draft()), client_of()
    transaction = _begun(town, client, CERTIFICATE.code, PERMIT.code)
    _confirmed(town, issued.identifier)
    assert [one.identifier for one in client.fetch_showing(transaction, verifier=HALL.code)] == [issued.identifier]


def test_nothing_comes_before_the_holder_agrees_or_after_a_no(town: LicenseTown, client_of: Asking) -> None:
    town.service.issue(company_draft())
    client = client_of()
    transaction = _begun(town, client)
    with pytest.raises(PlatformRejected, match="尚未确认"):
        client.fetch_showing(transaction, verifier=HALL.code)
    (asked,) = town.service.waiting_showings(COMPANY.code)
    town.service.refuse_showing(asked.digest, holder_code=COMPANY.code)
    assert client.showing_status(transaction, verifier=HALL.code) is ShowingState.REFUSED
    with pytest.raises(PlatformRejected, match="已拒绝"):
        client.fetch_showing(transaction, verifier=HALL.code)


def test_what_expired_or_was_revoked_does_not_come(town: LicenseTown, client_of: Asking) -> None:
    issued, client = town.service.issue(company_draft()), client_of()
    late = _begun(town, client)
    town.watch.wait(minutes=3)
    with pytest.raises(PlatformRejected, match="已过期"):
        client.fetch_showing(late, verifier=HALL.code)
    transaction = _begun(town, client)
    _confirmed(town, issued.identifier)
    town.service.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
    refused("not_in_force", lambda: client.fetch_showing(transaction, verifier=HALL.code))


def test_a_code_begins_once_and_for_whom_it_is(town: LicenseTown, client_of: Asking) -> None:
    client = client_of()
    code = town.service.showing_code(COMPANY.code).value
    client.begin_showing(code, type_codes=(PERMIT.code,), use=USE)
    for again in (code, "x"):
        with pytest.raises(PlatformRejected, match="亮证码"):
            client.begin_showing(again, type_codes=(PERMIT.code,), use=USE)
    refused("showing_code_unknown", lambda: client.begin_showing("", type_codes=(PERMIT.code,), use=USE))
    refused("type_unknown", lambda: client.begin_showing(
        town.service.showing_code(COMPANY.code).value, type_codes=(PERMIT.code[:18] + "999",), use=USE
    ))  # fmt: skip


@pytest.mark.parametrize(
    "use",
    [function_use(), owner_use(), USE.model_copy(update={"credential": "x"})],
    ids=["function", "owner", "consent"],
)
def test_only_the_holder_s_confirmation_is_a_ground_here(town: LicenseTown, client_of: Asking, use: Any) -> None:
    code = town.service.showing_code(COMPANY.code).value
    refused("use_refused", lambda: client_of().begin_showing(code, type_codes=(PERMIT.code,), use=use))


def test_what_another_verifier_began_is_not_fetched(town: LicenseTown, client_of: Asking) -> None:
    issued, client = town.service.issue(company_draft()), client_of()
    transaction = _begun(town, client)
    _confirmed(town, issued.identifier)
    refused("showing_verifier", lambda: client.fetch_showing(transaction, verifier=STRANGER.code))
    refused("showing_verifier", lambda: client.showing_status(transaction, verifier=STRANGER.code))
    # the same account may say so of itself; the platform knows whose account it is
    trx, types, _, told = json.loads(base64.urlsafe_b64decode(transaction))
    stolen = base64.urlsafe_b64encode(json.dumps([trx, types, STRANGER.code, told]).encode()).decode()
    thief = client_of(account_id="stranger", token="other")
    for ask in (thief.fetch_showing, thief.showing_status):
        with pytest.raises(PlatformRejected, match="其他验证方"):
            ask(stolen, verifier=STRANGER.code)
    assert len(client.fetch_showing(transaction, verifier=HALL.code)) == 1
    with pytest.raises(PlatformRejected, match="其他验证方"):
        thief.fetch_showing(stolen, verifier=STRANGER.code)  # nor when it was fetched


@pytest.mark.parametrize("wrong", ["", "x", "e30=", "W10=", "WzEsMl0=", "é", "bnVsbA=="])
def test_a_transaction_of_nobody_s_is_unknown(town: LicenseTown, client_of: Asking, wrong: str) -> None:
    refused("showing_unknown", lambda: client_of().fetch_showing(wrong, verifier=HALL.code))
    refused("showing_unknown", lambda: client_of().showing_status(wrong, verifier=HALL.code))


def test_the_national_form_does_not_show_online(town: LicenseTown) -> None:
    client = national_client(in_process.transport(national_platform(town, NATIONAL)), clock=town.watch)
    asked: tuple[Callable[[], object], ...] = (
        lambda: client.begin_showing("x", type_codes=(PERMIT.code,), use=USE),
        lambda: client.showing_status("x", verifier=HALL.code),
        lambda: client.fetch_showing("x", verifier=HALL.code),
    )
    for ask in asked:
        with pytest.raises(NotOffered):
            ask()


# ---------------------------------------------------------------------- on the wire


def _sealed(value: object) -> str:
    plain = json.dumps(value, ensure_ascii=False).encode()
    return KEY.public_key().encrypt(plain, form=CERT_SHARE.cipher_form).hex()


def _answer(status: int, value: object) -> dict[str, object]:
    return {"head": {"status": status, "message": "m"}, "data": _sealed(value)}


def test_questions_are_put_as_the_platform_s_callers_put_them() -> None:
    seen: list[tuple[str, Any]] = []

    def platform(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path, json.loads(request.content)))
        answers: dict[str, object] = {
            BEGIN: _answer(60001, {"trxId": "T-1"}),
            STATUS: _answer(0, {"verifyStatus": "2"}),
            FETCH: _answer(0, {"certData": {"certIdentifier": IDENTIFIER, "certNo": "N1"}}),
        }
        return httpx.Response(200, json=answers[request.url.path])

    client = national_client(httpx.MockTransport(platform), CERT_SHARE)
    transaction = client.begin_showing("4642087996", type_codes=(TYPE,), use=USE).transaction
    assert client.showing_status(transaction, verifier=HALL.code) is ShowingState.CONFIRMED
    (shown,) = client.fetch_showing(transaction, verifier=HALL.code)
    assert dict(shown.items) == {"identifier": IDENTIFIER, "number": "N1"}
    assert [path for path, _ in seen] == [BEGIN, STATUS, FETCH]
    head = {"accessId": "hall", "accessToken": "token-of-the-hall"}
    assert seen[0][1] == {"head": head, "data": {"qrcode": "4642087996", "certCodes": [TYPE]}}
    assert seen[1][1] == {"head": head, "data": {"trxId": "T-1"}}
    told = seen[2][1]["data"]
    assert {name: told[name] for name in ("trxId", "certTypeCode")} == {"trxId": "T-1", "certTypeCode": TYPE}
    assert json.loads(told["useCause"])["certificateCopyCause"] == "现场核验"


TYPE = "11100000000013338W011"
IDENTIFIER = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"head": {"status": 0}, "data": None},
        {"head": {"status": 0}, "data": "00"},
        {"head": {"status": 0}, "data": {"trxId": "T-1"}},  # not encrypted
        _answer(0, {}),
        _answer(0, {"trxId": ""}),
        _answer(0, ["T-1"]),
    ],
)
def test_a_beginning_without_an_id_is_malformed(answer: dict[str, object]) -> None:
    client = national_client(answering(answer), CERT_SHARE)
    with pytest.raises(AnswerMalformed):
        client.begin_showing("1", type_codes=(TYPE,), use=USE)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"certNo": "N1"},
        {"certIdentifier": "x"},
        {"certIdentifier": IDENTIFIER, "certTypeCode": TYPE[:-1] + "2"},
        {"certIdentifier": IDENTIFIER.replace("W011", "W012")},
    ],
)
def test_a_licence_that_was_not_asked_for_is_malformed(row: dict[str, str]) -> None:
    answers = (_answer(0, {"trxId": "T-1"}), _answer(0, {"certData": row}))
    client = national_client(answering(*answers), CERT_SHARE)
    transaction = client.begin_showing("1", type_codes=(TYPE,), use=USE).transaction
    with pytest.raises(AnswerMalformed):
        client.fetch_showing(transaction, verifier=HALL.code)


@pytest.mark.parametrize("state", [None, "", {"verifyStatus": None}, {"verifyStatus": {}}, {}])
def test_a_state_that_is_none_is_malformed_and_an_unknown_one_is_a_no(state: object) -> None:
    client = national_client(answering(_answer(0, {"trxId": "T-1"}), _answer(0, state)), CERT_SHARE)
    transaction = client.begin_showing("1", type_codes=(TYPE,), use=USE).transaction
    with pytest.raises(AnswerMalformed):
        client.showing_status(transaction, verifier=HALL.code)
    other = national_client(answering(_answer(0, {"trxId": "T-1"}), _answer(0, {"verifyStatus": 7})), CERT_SHARE)
    transaction = other.begin_showing("1", type_codes=(TYPE,), use=USE).transaction
    assert other.showing_status(transaction, verifier=HALL.code) is ShowingState.REFUSED


def test_60001_is_no_success_of_any_other_question() -> None:
    client = national_client(
        answering(_answer(60001, {"trxId": "T-1"}), _answer(60001, {"verifyStatus": "2"})), CERT_SHARE
    )
    transaction = client.begin_showing("1", type_codes=(TYPE,), use=USE).transaction
    with pytest.raises(PlatformRejected):
        client.showing_status(transaction, verifier=HALL.code)


@pytest.mark.parametrize(
    "data",
    [
        {"qrcode": "1"},
        {"qrcode": "1", "certCodes": []},
        {"qrcode": "1", "certCodes": "x"},
        {"qrcode": "1", "certCodes": [1]},
        {"qrcode": "1", "certCodes": [PERMIT.code] * 17},
        {"certCodes": [PERMIT.code]},
        {"qrcode": {}, "certCodes": [PERMIT.code]},
    ],
)
def test_a_question_that_lacks_something_is_refused(town: LicenseTown, data: dict[str, object]) -> None:
    head = {"accessId": "hall", "accessToken": "token-of-the-hall"}
    answer = posted(national_platform(town, CERT_SHARE), BEGIN, json={"head": head, "data": data}).json()
    assert answer["head"]["status"] == 12
    assert answer.get("data") is None


def test_a_stranger_begins_nothing(town: LicenseTown) -> None:
    code = town.service.showing_code(COMPANY.code).value
    data = {"qrcode": code, "certCodes": [PERMIT.code]}
    for head in ({}, {"accessId": "hall", "accessToken": "wrong"}, {"accessId": "nobody", "accessToken": ""}):
        answer = posted(national_platform(town, CERT_SHARE), BEGIN, json={"head": head, "data": data}).json()
        assert answer["head"]["status"] == 11
    assert town.service.waiting_showings(COMPANY.code) == ()


def test_an_answer_for_another_key_opens_nothing() -> None:
    other = SM2PrivateKey.from_int(5)
    client = national_client(answering(_answer(0, {"trxId": "T-1"})), CERT_SHARE, key=other)
    with pytest.raises(AnswerMalformed):
        client.begin_showing("1", type_codes=(TYPE,), use=USE)
