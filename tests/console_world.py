"""A seeded province with its console and its public page, one member of staff for each power, and clients for both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Self

import httpx

from egov_sdk.gateway import in_process
from egov_sdk.identity.provider import ScryptCost
from egov_sdk.license.model import Use, UseGround
from egov_sdk.platform.app import province_app, province_names
from egov_sdk.platform.callers import CallerBook
from egov_sdk.platform.console import StaffRegister, console_parts
from egov_sdk.platform.console.verifying import VerifyLimits
from egov_sdk.platform.mock.calls import CallLog
from egov_sdk.platform.mock.plan import FaultPlan
from egov_sdk.platform.mock.switches import Switchboard
from egov_sdk.platform.powers import Power
from egov_sdk.testing.clock import Clock
from egov_sdk.testing.world import seeded_callers, seeded_office

__all__ = ["PASSWORD", "ConsoleWorld", "mark_of"]

#: Of all members of staff.
PASSWORD: Final = "Correct-horse-7"
_MARK: Final = re.compile(r'name="mark" value="([0-9a-f]{64})"')


def mark_of(page: httpx.Response) -> str:
    """What the forms of a page carry."""
    found = _MARK.search(page.text)
    assert found is not None, page.text[:400]
    return found[1]


class ConsoleWorld:
    """Close it. ``mock`` gives it switches for faults."""

    def __init__(self, *, mock: bool = True, limits: VerifyLimits | None = None, issuer: str = "") -> None:
        self.clock = Clock()
        self.office = seeded_office(self.clock, **({"issuer": issuer} if issuer else {}))
        self.staff = StaffRegister(self.office.store, clock=self.clock, cost=ScryptCost.unsafe_for_tests())
        self.members = {power: self.staff.add(power.value, power, password=PASSWORD).staff for power in Power}
        names = province_names(self.office)
        self.switches = Switchboard(names, FaultPlan(self.clock), CallLog(), None) if mock else None
        self.app = province_app(
            self.office,
            callers=CallerBook(one.caller for one in seeded_callers().values()),
            clock=self.clock,
            hosts=("localhost", "127.0.0.1"),
            parts=console_parts(
                self.office, staff=self.staff, clock=self.clock, switches=self.switches, verify_limits=limits
            ),
        )

    def client(self) -> httpx.Client:
        """Somebody who is not signed in."""
        return httpx.Client(transport=in_process.transport(self.app), base_url="http://localhost")

    def signed_in(self, power: Power, *, password: str = PASSWORD) -> httpx.Client:
        """Somebody who is."""
        client = self.client()
        answer = self.sign_in(client, power.value, password)
        assert answer.headers["location"] == "/console/", answer.text
        return client

    def sign_in(self, client: httpx.Client, login: str, password: str) -> httpx.Response:
        """Send the form of the sign-in page."""
        mark = mark_of(client.get("/console/sign-in"))
        return client.post("/console/sign-in", data={"mark": mark, "login": login, "password": password})

    def send(self, client: httpx.Client, page: str, path: str, form: Mapping[str, str]) -> httpx.Response:
        """Send a form with the mark of the page that it stands on."""
        return client.post(f"/console{path}", data={**form, "mark": mark_of(client.get(f"/console{page}"))})

    def license_file(self, place: int = 0) -> bytes:
        """The file of one of the licences that are there."""
        service = self.office.license
        record = service.register.lists.page(purpose="a test").records[place]
        use = Use(requester=service.register.authority, purpose="a test", ground=UseGround.OWNER)
        return service.get(record.identifier, use=use).file

    def identifier(self, place: int = 0) -> str:
        """The identifier of one of them."""
        return str(self.office.license.register.lists.page(purpose="a test").records[place].identifier)

    def acts(self) -> list[tuple[str, str]]:
        """Who did what, as the console's audit log has it."""
        with self.office.store.read() as connection:
            names = {one.id: power.value for power, one in self.members.items()}
            return [
                (names.get(one.actor, one.actor), one.action) for one in self.staff.log.entries(connection, limit=1_000)
            ]

    def close(self) -> None:
        self.office.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
