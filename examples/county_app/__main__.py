"""One permit from beginning to end: ``python -m county_app [mock: | local:FOLDER | egov-province/office.toml]``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import egov_sdk
from county_app.app import Application, County, FoodPermits
from county_app.own_office import browser_of, furnished
from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.door import Gov
from egov_sdk.exchange import Party
from egov_sdk.license import Authority
from egov_sdk.license.present.qr import draw_qr
from egov_sdk.pki import TrustStore, load_certificates
from egov_sdk.platform.seeding import MARKET

GATE = "gate-7"
PASSWORD = "Correct-Horse-9"  # of people who can be nobody
OUT = Path("county-permit")


def main(where: str) -> None:
    """Sign in, issue, show, check, tell, revoke; the files stay in ``county-permit``."""
    config = Path(where) if where.endswith(".toml") else None
    with egov_sdk.connect("" if config else where, config=config) as gov, place(gov, config) as (county, browser):
        app = FoodPermits(gov, county)
        begun = app.sign_in()
        company, agent = app.welcome(begun, callback=browser(begun.url))
        print("signed in  ", company.name, "by", agent.name)

        case = f"YB{county.now():%Y%m%d%H%M%S}"
        permit = app.issue(
            Application(case, company, agent, address="样例市样例区样例路1号", products="预包装食品销售")
        )
        print("issued     ", permit.identifier)

        shown = app.show(permit, to=GATE)
        print("scanned    ", app.scanned(shown.token, by=GATE).outcome.value)
        print("verified   ", app.verify(permit.file).outcome.value)

        sent = app.tell_market(permit)
        while (proof := app.proof(sent)) is None:
            time.sleep(0.1)
        print("sent       ", sent.id, "received and signed for")

        OUT.mkdir(exist_ok=True)
        (OUT / "permit.ofd").write_bytes(permit.file)
        (OUT / "code.svg").write_bytes(draw_qr(shown.token).octets)
        (OUT / "proof.json").write_bytes(proof)
        app.revoke(permit, reason="演示")
        print("revoked    ", app.verify(permit.file).outcome.value, app.scanned(shown.token, by=GATE).outcome.value)
        print("see        ", *sorted(OUT.iterdir()))


@contextmanager
def place(gov: Gov, config: Path | None) -> Iterator[tuple[County, Callable[[str], str]]]:
    """What the app needs to know of the place where its services live, and somebody who signs in."""
    if gov.office is not None:
        furnishing = furnished(gov.office, password=PASSWORD, now=lambda: datetime.now(UTC))
        with furnishing as (county, market), market.at_work():
            yield county, browser_of(gov.office, login="test1", password=PASSWORD)
        return
    folder = config.parent if config else Path()
    (root,) = load_certificates((folder / "root.pem").read_bytes())
    (signer,) = load_certificates((folder / "signer.pem").read_bytes())
    office = Authority(name=signer.subject.common_name, code=specimen_credit_code(1, prefix="11").number)
    county = County(office=office, market=Party(code=MARKET.code), trust=TrustStore([root]), certificate=signer)
    yield county, lambda url: input(f"sign in at\n{url}\nand paste the address that the browser is sent to: ")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "mock:")
