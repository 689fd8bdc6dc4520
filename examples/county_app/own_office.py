"""What a platform has and a new office of one's own has not: types of licences, people, a department to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from county_app.app import SERVICE, County
from egov_sdk.door.office import LocalOffice
from egov_sdk.exchange import Party
from egov_sdk.exchange.node import Arrived
from egov_sdk.identity.provider import QuietBrowser
from egov_sdk.license import Authority
from egov_sdk.platform.neighbour import Neighbour, secrets_beside
from egov_sdk.platform.seeding import MARKET, seed_office

__all__ = ["browser_of", "county_of", "furnished"]


@contextmanager
def furnished(office: LocalOffice, *, password: str, now: Callable[[], datetime]) -> Iterator[tuple[County, Neighbour]]:
    """The office with the types, the people and the two licences of a mock province, and a market department."""
    seed_office(office, password=password, at=now())
    secrets = secrets_beside(office.secrets, MARKET)
    with Neighbour(office, secrets=lambda: secrets, clock=now) as market:

        @market.node.handler(SERVICE)
        def file_it(connection: object, arrived: Arrived) -> None:
            """In service: write it into the department's own tables, through the connection."""

        yield county_of(office, market=market.party, now=now), market


def county_of(office: LocalOffice, *, market: Party, now: Callable[[], datetime]) -> County:
    """What the app needs to know of an office that is at hand."""
    return County(
        office=Authority(name=office.secrets.name, code=office.secrets.code),
        market=market,
        trust=office.trust,
        certificate=office.secrets.token[1],
        now=now,
    )


def browser_of(office: LocalOffice, *, login: str, password: str) -> Callable[[str], str]:
    """Somebody at a browser: goes to an address, signs in, and says where the browser was sent then."""
    return lambda url: QuietBrowser(office.provider).sign_in(url, login=login, password=password)
