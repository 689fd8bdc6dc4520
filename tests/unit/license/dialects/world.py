"""Platforms that speak dialects, in this process: a register behind them, accounts, and clients of both kinds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient, in_process
from egov_sdk.gateway.asgi import App
from egov_sdk.license.dialects.callers import Caller, authenticate_by
from egov_sdk.license.dialects.client import (
    AppAccount,
    AppItem,
    AsyncLicenseAppClient,
    AsyncNationalLicenseClient,
    Checking,
    LicenseAppClient,
    NationalLicenseClient,
)
from egov_sdk.license.dialects.license_app import AppLogin, license_app
from egov_sdk.license.dialects.national_app import national_app
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import LicenseRecord
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.wire.national import CERT_SHARE, NATIONAL, SharingProfile
from egov_sdk.seal.policy import Policy
from tests.license_world import BUREAU, CERTIFICATE, HALL, ITEM, PERMIT, STRANGER, LicenseTown, Watch
from tests.world import seeded, world

ADDRESS = "https://licences.example"
TOKEN = "token-of-the-hall"
KEY = SM2PrivateKey.generate(random=seeded("the hall"))
PROFILES = {"national": NATIONAL, "cert_share": CERT_SHARE}
CALLERS = {
    "hall": (TOKEN, Caller(requester=HALL, item_code=ITEM, operator="clerk-7", public_key=KEY.public_key())),
    "stranger": ("other", Caller(requester=STRANGER, item_code=ITEM, public_key=KEY.public_key())),
}


def told(issued: LicenseRecord) -> LicenseMetadata:
    """What platforms of others tell of a licence: all but its place in the status list of our register."""
    return issued.metadata.model_copy(update={"status": None})


def policy(at: datetime) -> LicensePolicy:
    return LicensePolicy.standard(Policy.standard(trust=world().trust, at=at))


def checking() -> Checking:
    return Checking(policy, (PERMIT, CERTIFICATE))


def national_platform(town: LicenseTown, profile: SharingProfile = NATIONAL, **more: Any) -> App:
    return national_app(town.service, authenticate=authenticate_by(CALLERS), clock=town.watch, profile=profile, **more)


def national_given(profile: SharingProfile = NATIONAL, **more: Any) -> dict[str, Any]:
    given = {"account_id": "hall", "token": TOKEN, "profile": profile, "key": KEY, "checking": checking()}
    return given | {"system": "综合受理系统", "clock": Watch()} | more


def national_client(transport: httpx.BaseTransport, profile: SharingProfile = NATIONAL, **more: Any) -> Any:
    gateway = GatewayClient(ADDRESS, transport=transport)
    return NationalLicenseClient(gateway, **national_given(profile, **more))


class Awaited:
    """An asynchronous client, each call in a loop of its own."""

    def __init__(self, app: App, make: Callable[[AsyncGatewayClient], object]) -> None:
        self._app, self._make = app, make

    def __getattr__(self, name: str) -> Callable[..., object]:
        async def call(*given: object, **named: object) -> object:
            async with AsyncGatewayClient(ADDRESS, transport=httpx.ASGITransport(self._app)) as gateway:
                return await getattr(self._make(gateway), name)(*given, **named)

        return lambda *given, **named: asyncio.run(call(*given, **named))


def awaited_national(app: App, profile: SharingProfile, **more: Any) -> Any:
    return Awaited(app, lambda gateway: AsyncNationalLicenseClient(gateway, **national_given(profile, **more)))


def answering(*answers: httpx.Response | Mapping[str, object]) -> httpx.MockTransport:
    """A platform that gives these answers, the last one again and again."""
    waiting = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=dict(found))

    return httpx.MockTransport(answer)


def posted(app: App, path: str, **given: Any) -> Any:
    """What an application says to a request that no client of ours would make."""
    with httpx.Client(transport=in_process.transport(app), base_url=ADDRESS) as client:
        return client.post(path, **given)


def golden(name: str) -> Any:
    """A question or an answer, written by hand after the standards' names."""
    return json.loads((Path(__file__).parent / "golden" / f"{name}.json").read_text("utf-8"))


# ---------------------------------------------------------------------- license-app/v1

PASSWORD = "a password"
ITEMS = {PERMIT.code: AppItem(item_code="ML001", name=PERMIT.name), CERTIFICATE.code: AppItem(item_code="ML002")}
STAFF = {
    "hall": Caller(requester=HALL, item_code=ITEM, operator="clerk-7"),
    "stranger": Caller(requester=STRANGER, item_code=ITEM),
    "bureau": Caller(requester=BUREAU, operator="app-9", issues=frozenset({PERMIT.code, CERTIFICATE.code})),
}


def app_platform(town: LicenseTown, **more: Any) -> App:
    def log_in(login: AppLogin) -> Caller | None:
        return STAFF.get(login.account) if login.password == PASSWORD else None

    items = {code: item.item_code for code, item in ITEMS.items()}
    return license_app(town.service, log_in=log_in, clock=town.watch, items=items, **more)


def app_given(account: str = "hall", **more: Any) -> dict[str, Any]:
    who = AppAccount(app_key="k", app_secret="s", account=account, password=PASSWORD)
    return {"account": who, "items": ITEMS, "clock": Watch()} | more


def app_client(transport: httpx.BaseTransport, account: str = "hall", **more: Any) -> Any:
    return LicenseAppClient(GatewayClient(ADDRESS, transport=transport), **app_given(account, **more))


def awaited_app(app: App, account: str = "hall", **more: Any) -> Any:
    return Awaited(app, lambda gateway: AsyncLicenseAppClient(gateway, **app_given(account, **more)))
