"""The contract of licence services, kept by the clients of a platform: for threads and for tasks."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.errors import PlatformRejected
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient, in_process
from egov_sdk.gateway.asgi import SCOPE_KEY, Receive, Scope, Send
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.serving import OperationApp
from egov_sdk.gateway.verifier import VerifiedRequest
from egov_sdk.license.client import AsyncLicenseClient, LicenseClient
from egov_sdk.license.model import LicenseChange, UseGround
from egov_sdk.license.present.attestation import prove_holder_key
from egov_sdk.license.present.online import Grant
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.service import LicenseService
from egov_sdk.license.serving import offers
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report_wire import dump_report
from tests.contracts.license import DEVICE, ContractTown, LicenseContract
from tests.license_world import (
    BUREAU,
    COMPANY,
    HALL,
    PERMIT,
    STRANGER,
    LicenseTown,
    company_draft,
    function_use,
    refused,
)

PREFIX = "/egov/v1"
ADDRESS = "https://licences.example"


class Awaited:
    """The asynchronous client, each call in a loop of its own."""

    def __init__(self, app: OperationApp) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Callable[..., object]:
        async def call(*given: object, **named: object) -> object:
            transport = httpx.ASGITransport(self._app)
            async with AsyncGatewayClient(ADDRESS, transport=transport) as gateway:
                return await getattr(AsyncLicenseClient(gateway, prefix=PREFIX), name)(*given, **named)

        return lambda *given, **named: asyncio.run(call(*given, **named))


def over_http(made: LicenseTown) -> LicenseClient:
    app = OperationApp(offers(made.service), prefix=PREFIX)
    return LicenseClient(GatewayClient(ADDRESS, transport=in_process.transport(app)), prefix=PREFIX)


class TestForThreads(LicenseContract):
    @pytest.fixture
    def town(self, tmp_path: Path) -> Iterator[ContractTown]:
        made = LicenseTown.at(tmp_path / "licenses.db")
        yield ContractTown(over_http(made), made)
        made.assert_audit_holds()
        made.store.close()


class TestForTasks(LicenseContract):
    @pytest.fixture
    def town(self, tmp_path: Path) -> Iterator[ContractTown]:
        made = LicenseTown.at(tmp_path / "licenses.db")
        app = OperationApp(offers(made.service), prefix=PREFIX)
        yield ContractTown(cast("LicenseService", Awaited(app)), made)
        made.assert_audit_holds()
        made.store.close()


@pytest.fixture
def made(tmp_path: Path) -> Iterator[LicenseTown]:
    town = LicenseTown.at(tmp_path / "licenses.db")
    yield town
    town.store.close()


def test_the_log_names_the_caller_that_was_made_sure_of_whatever_it_says_of_itself(made: LicenseTown) -> None:
    app = OperationApp(offers(made.service), prefix=PREFIX)

    async def known(scope: Scope, receive: Receive, send: Send) -> None:
        scope[SCOPE_KEY] = VerifiedRequest(caller="window", service="", signed_at=made.watch())
        await app(scope, receive, send)

    client = LicenseClient(GatewayClient(ADDRESS, transport=in_process.transport(known)), prefix=PREFIX)
    first = client.issue(company_draft())
    second = client.change(first, LicenseChange(area_code="430100"), reason="x", actor="office")
    third = client.renew(second, valid_until=None, actor="clerk-1")
    client.revoke(third, reason="x", actor="window")
    use = function_use(operator="portal")
    client.redeem(client.use_code(third, use=use).value, requester=use.requester.code)
    with pytest.raises(LicenseRejected):
        client.get(third, use=function_use(item_code="no such item"))
    assert made.actors()[-7:] == [
        ("license.issued", "window"),
        ("license.changed", "window/office"),
        ("license.changed", "window/clerk-1"),
        ("license.revoke", "window"),
        ("use.code", "window/portal"),
        ("code.used", "window/portal"),
        ("use.refused", "window/clerk-7"),
    ]
    assert [event.actor for event in client.history(third)][:2] == ["window", "window/office"]


def test_a_caller_speaks_for_no_other_department(made: LicenseTown) -> None:
    app = OperationApp(offers(made.service, speaks_for=lambda caller: {"nobody"}), prefix=PREFIX)
    client = LicenseClient(GatewayClient(ADDRESS, transport=in_process.transport(app)), prefix=PREFIX)
    identifier = made.service.issue(company_draft()).identifier
    for ask in (
        lambda: client.issue(company_draft("N2")),
        lambda: client.issue(company_draft("N2", issuer=BUREAU)),
        lambda: client.change(identifier, LicenseChange(area_code="430000"), reason="x"),
        lambda: client.renew(identifier, valid_until=None),
        lambda: client.act(identifier, LicenseAction.REVOKE, reason="x"),
        lambda: client.history(identifier),
        lambda: client.present(identifier),
        lambda: client.get(identifier, use=function_use()),
        lambda: client.search("91110000600037341L", use=function_use()),
        lambda: client.download_ticket(identifier, use=function_use()),
        lambda: client.use_code(identifier, use=function_use()),
        lambda: client.download("x", requester=HALL.code),
        lambda: client.redeem("x", requester=HALL.code),
        lambda: client.holder_challenge(identifier, holder_code=COMPANY.code),
        lambda: client.attest(
            identifier, holder_code=COMPANY.code, holder_key=DEVICE.public_key(), challenge=b"", proof=b""
        ),
        lambda: client.showing_code(COMPANY.code),
        lambda: client.waiting_showings(COMPANY.code),
        lambda: client.confirm_showing("x", holder_code=COMPANY.code, granted=()),
        lambda: client.refuse_showing("x", holder_code=COMPANY.code),
        lambda: client.begin_showing("x", type_codes=(PERMIT.code,), use=function_use()),
        lambda: client.showing_status("x", verifier=HALL.code),
        lambda: client.fetch_showing("x", verifier=HALL.code),
    ):
        refused("requester_refused", ask)


def test_who_speaks_for_the_issuer_does_its_work(made: LicenseTown) -> None:
    app = OperationApp(
        offers(made.service, authority=BUREAU.code, speaks_for=lambda caller: {BUREAU.code}), prefix=PREFIX
    )
    client = LicenseClient(GatewayClient(ADDRESS, transport=in_process.transport(app)), prefix=PREFIX)
    identifier = client.issue(company_draft()).identifier
    assert client.present(identifier).token
    assert client.act(identifier, LicenseAction.REVOKE, reason="x").state is LicenseState.REVOKED
    assert len(client.history(identifier)) == 2
    refused("requester_refused", lambda: client.get(identifier, use=function_use()))


def _speaking(made: LicenseTown, code: str) -> LicenseClient:
    """A program that speaks for one department."""
    offered = offers(made.service, authority=BUREAU.code, speaks_for=lambda caller: {code})
    transport = in_process.transport(OperationApp(offered, prefix=PREFIX))
    return LicenseClient(GatewayClient(ADDRESS, transport=transport), prefix=PREFIX)


def test_the_bureau_brings_what_holders_decide_and_a_verifier_what_is_its_own(made: LicenseTown) -> None:
    bureau, hall = _speaking(made, BUREAU.code), _speaking(made, HALL.code)
    use = function_use(ground=UseGround.HOLDER)
    issued = bureau.issue(company_draft())
    refused("requester_refused", lambda: hall.showing_code(COMPANY.code))
    code = bureau.showing_code(COMPANY.code).value
    refused("requester_refused", lambda: bureau.begin_showing(code, type_codes=(PERMIT.code,), use=use))
    transaction = hall.begin_showing(code, type_codes=(PERMIT.code,), use=use).transaction
    (asked,) = bureau.waiting_showings(COMPANY.code)
    grant = Grant(identifier=str(issued.identifier), type_code=PERMIT.code)
    for refusing in (
        lambda: hall.waiting_showings(COMPANY.code),
        lambda: hall.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=(grant,)),
        lambda: hall.refuse_showing(asked.digest, holder_code=COMPANY.code),
    ):
        refused("requester_refused", refusing)
    bureau.confirm_showing(asked.digest, holder_code=COMPANY.code, granted=(grant,))
    refused("requester_refused", lambda: bureau.fetch_showing(transaction, verifier=HALL.code))
    refused("showing_verifier", lambda: bureau.fetch_showing(transaction, verifier=BUREAU.code))
    assert hall.fetch_showing(transaction, verifier=HALL.code)[0].license == issued


def test_a_ticket_that_was_stolen_is_of_no_use(made: LicenseTown) -> None:
    departments = {"hall": HALL.code, "thief": STRANGER.code, "bureau": BUREAU.code}
    ask = {name: _speaking(made, code) for name, code in departments.items()}
    identifier = ask["bureau"].issue(company_draft()).identifier
    ticket = ask["hall"].download_ticket(identifier, use=function_use()).value
    code = ask["hall"].use_code(identifier, use=function_use()).value
    for thief, own in (("thief", STRANGER.code), ("bureau", BUREAU.code)):
        client = ask[thief]
        # in its own name it was not made for it; in the name of the department that it was made for it does not speak
        refused("ticket_requester", partial(client.download, ticket, requester=own))
        refused("requester_refused", partial(client.download, ticket, requester=HALL.code))
        refused("code_requester", partial(client.redeem, code, requester=own))
        refused("requester_refused", partial(client.redeem, code, requester=HALL.code))
    assert ask["hall"].download(ticket, requester=HALL.code) == ask["hall"].redeem(code, requester=HALL.code).file


def test_a_credential_is_the_issuer_s_to_bring(made: LicenseTown) -> None:
    bureau, hall = _speaking(made, BUREAU.code), _speaking(made, HALL.code)
    identifier = bureau.issue(company_draft()).identifier
    refused("requester_refused", lambda: hall.holder_challenge(identifier, holder_code=COMPANY.code))
    challenge = bureau.holder_challenge(identifier, holder_code=COMPANY.code).value
    given: dict[str, Any] = {"holder_code": COMPANY.code, "holder_key": DEVICE.public_key(), "challenge": challenge}
    given["proof"] = prove_holder_key(DEVICE, challenge=challenge)
    refused("requester_refused", lambda: hall.attest(identifier, **given))
    assert bureau.attest(identifier, **given).attested.holder_key == DEVICE.public_key()


def test_a_credential_for_another_key_is_no_answer(made: LicenseTown) -> None:
    issued = made.service.issue(company_draft())
    challenge = made.service.holder_challenge(issued.identifier, holder_code=COMPANY.code).value
    proof = prove_holder_key(DEVICE, challenge=challenge)
    given: dict[str, Any] = {"holder_code": COMPANY.code, "challenge": challenge, "proof": proof}
    credential = made.service.attest(issued.identifier, holder_key=DEVICE.public_key(), **given).to_bytes()
    other = SM2PrivateKey.from_int(12).public_key()
    for content in (credential, credential[:-1], b"", b"{}"):
        transport = httpx.MockTransport(partial(_octets, content))
        client = LicenseClient(GatewayClient(ADDRESS, transport=transport))
        with pytest.raises(AnswerMalformed):
            client.attest(issued.identifier, holder_key=other, **given)


def _octets(content: bytes, request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"content-type": "application/octet-stream"})


def test_a_lost_answer_is_asked_for_again_and_nothing_is_issued_twice(made: LicenseTown) -> None:
    inner, lost = in_process.transport(OperationApp(offers(made.service), prefix=PREFIX)), list[str]()

    class Losing(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            if not lost:
                lost.append(request.url.path)
                raise httpx.ReadError("cut")
            return answer

    client = LicenseClient(GatewayClient(ADDRESS, transport=Losing(), sleep=lambda seconds: None), prefix=PREFIX)
    licence = client.issue(company_draft())
    assert lost == [f"{PREFIX}/licenses"]
    assert sum(row.count for row in made.service.statistics()) == 1
    assert licence.file == made.service.get(licence.identifier, use=function_use()).file


def test_a_file_has_the_same_report_whether_it_comes_as_it_is_or_in_json(made: LicenseTown) -> None:
    file = made.service.issue(company_draft()).file
    app, path = OperationApp(offers(made.service), prefix=PREFIX), f"{ADDRESS}{PREFIX}/license-verifications"
    spoilt = file.replace(b"PK\x01\x02", b"PK\x01\x03", 1)
    with httpx.Client(transport=in_process.transport(app), headers={"x-request-id": "r-1"}) as web:
        answers = []
        for sent in (file, file + b"\0", file[:-1], spoilt, b""):
            whole = web.post(path, content=sent, headers={"content-type": "application/octet-stream"})
            packed = web.post(path, json={"file": base64.urlsafe_b64encode(sent).decode()})
            assert (whole.status_code, whole.json()) == (packed.status_code, packed.json())
            answers.append(whole)
    assert [answer.status_code for answer in answers] == [200, 400, 400, 400, 400]
    assert answers[0].json() == dump_report(made.service.verify(file))


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("types", ()),
        ("type_of", (PERMIT.code,)),
        ("statistics", ()),
        ("history", ("1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",)),
    ],
)
@pytest.mark.parametrize("body", [b"", b"[1]", b"{}", b'[{"code":1}]', b"<html></html>", b"null"])
def test_a_platform_that_answers_otherwise_is_malformed(method: str, given: tuple[Any, ...], body: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    client = LicenseClient(GatewayClient(ADDRESS, transport=transport))
    with pytest.raises(AnswerMalformed):
        getattr(client, method)(*given)


def test_a_refusal_that_this_library_does_not_know_stays_the_platform_s(made: LicenseTown) -> None:
    transport = httpx.MockTransport(
        lambda request: httpx.Response(409, json={"code": "egov.license.of_a_later_version", "message": "no"})
    )
    client = LicenseClient(GatewayClient(ADDRESS, transport=transport))
    with pytest.raises(PlatformRejected) as caught:
        client.issue(company_draft())
    assert caught.value.platform_code == "egov.license.of_a_later_version"
