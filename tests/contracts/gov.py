"""What the four services do together, wherever they live: here, in memory, at a province of any profile, for tasks.

A module of tests makes a fixture ``place`` and has a class below ``GovContract``. A place is used by all tests of it in
any order: each makes what it asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.door.office import LocalOffice
from egov_sdk.errors import InputError
from egov_sdk.exchange import ExchangePolicy
from egov_sdk.exchange.envelope.evidence import verify_evidence
from egov_sdk.exchange.node import Draft
from egov_sdk.exchange.node.model import MessageState
from egov_sdk.exchange.node.problems import NodeRejected
from egov_sdk.identity import IdentityRejected
from egov_sdk.identity.model import HolderKind, IdentityLevel
from egov_sdk.identity.provider import QuietBrowser
from egov_sdk.license.metadata import Authority
from egov_sdk.license.model import License, LicenseChange, Use, UseGround
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.platform.neighbour import Neighbour
from egov_sdk.platform.seeding import HALL, ITEM_CODE, company_draft, person_draft
from egov_sdk.report import Outcome
from egov_sdk.seal import Placement
from egov_sdk.seal.problems import SealRejected
from egov_sdk.seal.records import SealAction, SealOwner, SealRequest, SealState
from egov_sdk.testing.people import People
from tests.world import world

__all__ = ["Awaited", "GovContract", "Place"]

_NUMBERS = count(1)
FUNCTION = Use(requester=HALL, purpose="办理业务", item_code=ITEM_CODE)
AT = [Placement(page=1, x_mm=140, y_mm=230)]


class _Service:
    """One of the four, each of its operations awaited on the spot."""

    def __init__(self, service: object, runner: asyncio.Runner) -> None:
        self._service, self._runner = service, runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._service, name)

        async def call(*given: object, **named: object) -> object:
            return await method(*given, **named)

        return lambda *given, **named: self._runner.run(call(*given, **named))


class Awaited:
    """An AsyncGov that is called as if it were none."""

    def __init__(self, gov: object, runner: asyncio.Runner) -> None:
        self._gov, self._runner = gov, runner

    def __getattr__(self, name: str) -> _Service:
        return _Service(getattr(self._gov, name), self._runner)


@dataclass
class Place:
    """Where four services live.

    Attributes:
        gov: As programs of the office have them; ``hall``: as those of the hall.
        office: What is behind them, for what only the office does.
    """

    gov: Any
    hall: Any
    office: LocalOffice
    clock: Callable[[], datetime]
    neighbour: Neighbour
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.office.provider)
        self.neighbour.node.handler()(lambda _connection, _arrived: None)

    @property
    def own(self) -> Use:
        secrets = self.office.secrets
        requester = Authority(name=secrets.name, code=secrets.code)
        return Use(requester=requester, purpose="核对", ground=UseGround.OWNER)

    def company(self) -> str:
        """A company that has no licence yet."""
        return specimen_credit_code(5_000 + next(_NUMBERS)).number

    def issued(self, company: str = "") -> License:
        number, kind = f"HT{next(_NUMBERS):06d}", self.office.license.types()[0]
        kind = next(one for one in self.office.license.types() if one.name == "营业许可证") or kind
        draft = company_draft(kind, number=number, at=self.clock(), code=company or self.company())
        found: License = self.gov.license.issue(draft)
        return found

    def sealed(self) -> str:
        """A new seal of the office."""
        secrets = self.office.secrets
        owner = SealOwner(name=secrets.name, code=secrets.code)
        seal_id = f"{secrets.code}{100 + next(_NUMBERS)}"
        found: str = self.gov.seal.make(SealRequest(name=secrets.name, owner=owner, seal_id=seal_id)).seal_id
        return seal_id if found == seal_id else found

    def refused(self, error: type[Any], problem: str, act: Callable[[], object]) -> None:
        with pytest.raises(error) as caught:
            act()
        assert caught.value.problem == problem, caught.value


class GovContract:
    """Subclass it in a module of tests."""

    # identity

    def test_somebody_signs_in_is_told_of_stays_and_leaves(self, place: Place) -> None:
        person, identity = place.people.add("王测试", level="real_person"), place.gov.identity
        begun = identity.begin(level=IdentityLevel.REAL_NAME)
        browser = QuietBrowser(place.office.provider)
        back = browser.sign_in(begun.url, login=person.login, password=person.password)
        session = identity.complete(begun, callback=back)
        assert (session.subject, identity.userinfo(session).holder.name) == (person.account, "王测试")
        with pytest.raises(IdentityRejected):
            identity.complete(begun, callback=back)

    def test_whoever_is_less_sure_than_asked_for_does_not_get_in(self, place: Place) -> None:
        person, identity = place.people.add(level="none"), place.gov.identity
        begun, browser = identity.begin(level=IdentityLevel.REAL_PERSON), QuietBrowser(place.office.provider)

        def sign_in() -> None:
            back = browser.sign_in(begun.url, login=person.login, password=person.password)
            identity.complete(begun, callback=back)

        with pytest.raises(IdentityRejected):
            sign_in()

    def test_somebody_signs_in_for_a_company(self, place: Place) -> None:
        person, identity = place.people.add(), place.gov.identity
        company = place.people.add_company("样例公司", agent=person)
        begun = identity.begin(holder=HolderKind.LEGAL)
        browser = QuietBrowser(place.office.provider)
        back = browser.sign_in(begun.url, login=person.login, password=person.password, organization=company.account)
        assert identity.userinfo(identity.complete(begun, callback=back)).holder.name == "样例公司"

    # seals

    def test_a_seal_is_made_stamps_and_is_suspended(self, place: Place) -> None:
        seal_id, seal, document = place.sealed(), place.gov.seal, world().document
        stamped = seal.stamp(document, seal_id, at=AT, reason="盖章")
        assert seal.verify(stamped).outcome is Outcome.PASSED
        assert [one.action for one in seal.uses(seal_id)] == [SealAction.MAKE, SealAction.STAMP]
        assert seal.act(seal_id, SealAction.SUSPEND, reason="核查").state is SealState.SUSPENDED
        place.refused(SealRejected, "seal_not_valid", lambda: seal.stamp(document, seal_id, at=AT))
        assert seal_id in {one.seal_id for one in seal.seals()}

    def test_what_is_no_seal_and_no_document_is_told_alike(self, place: Place) -> None:
        place.refused(SealRejected, "seal_unknown", lambda: place.gov.seal.find("none"))
        with pytest.raises(InputError):
            place.gov.seal.verify(b"no document")

    # licences

    def test_a_licence_is_issued_found_verified_and_revoked(self, place: Place) -> None:
        company = place.company()
        issued = place.issued(company)
        assert place.gov.license.verify(issued.file).outcome is Outcome.PASSED
        assert place.gov.license.get(issued.identifier, use=place.own).file == issued.file
        (found,) = place.hall.license.search(company, use=FUNCTION).records
        assert found.identifier == issued.identifier
        record = place.gov.license.act(issued.identifier, LicenseAction.REVOKE, reason="违法")
        assert record.state is LicenseState.REVOKED
        assert place.gov.license.verify(issued.file).outcome is Outcome.FAILED
        assert [one.action for one in place.gov.license.history(issued.identifier)][-1] is LicenseAction.REVOKE

    def test_a_request_that_is_made_again_issues_nothing_twice(self, place: Place) -> None:
        kind = next(one for one in place.office.license.types() if one.name == "营业许可证")
        draft = company_draft(kind, number=f"HT{next(_NUMBERS):06d}", at=place.clock(), code=place.company())
        key = f"request-{next(_NUMBERS)}"
        first = place.gov.license.issue(draft, request_id=key)
        assert place.gov.license.issue(draft, request_id=key).identifier == first.identifier
        place.refused(LicenseRejected, "number_taken", lambda: place.gov.license.issue(draft))

    def test_a_licence_changes_into_a_new_version(self, place: Place) -> None:
        issued = place.issued()
        changed = place.gov.license.change(
            issued.identifier, LicenseChange(fields={"住所": "样例路9号"}), reason="迁址"
        )
        assert changed.metadata.fields["住所"] == "样例路9号"
        assert changed.identifier != issued.identifier

    def test_pictures_go_through_as_they_are(self, place: Place) -> None:
        kind = next(one for one in place.office.license.types() if one.name != "营业许可证" and "照片" in str(one))
        number = specimen_citizen_number(30_000 + next(_NUMBERS)).number
        draft = person_draft(kind, number=f"HT{next(_NUMBERS):06d}", at=place.clock(), name="王测试", code=number)
        issued = place.gov.license.issue(draft)
        assert place.gov.license.verify(issued.file).outcome is Outcome.PASSED

    def test_a_code_reads_a_licence_once(self, place: Place) -> None:
        issued = place.issued()
        code = place.hall.license.use_code(issued.identifier, use=FUNCTION).value
        assert place.hall.license.redeem(code, requester=HALL.code).file == issued.file
        place.refused(LicenseRejected, "code_used", lambda: place.hall.license.redeem(code, requester=HALL.code))

    def test_what_no_rule_allows_is_refused_alike(self, place: Place) -> None:
        issued = place.issued()
        wrong = FUNCTION.model_copy(update={"item_code": "other"})
        place.refused(LicenseRejected, "use_refused", lambda: place.hall.license.get(issued.identifier, use=wrong))
        other = issued.identifier.next_version()
        place.refused(LicenseRejected, "license_unknown", lambda: place.gov.license.get(other, use=place.own))

    def test_a_page_is_followed_by_the_next(self, place: Place) -> None:
        company = place.company()
        issued = {place.issued(company).identifier for _ in range(3)}
        first = place.hall.license.search(company, use=FUNCTION, page_size=2)
        second = place.hall.license.search(company, use=FUNCTION, page_size=2, page=first.next_page)
        assert {one.identifier for one in (*first.records, *second.records)} == issued
        assert (len(first.records), second.next_page) == (2, "")

    # exchange

    def test_a_message_goes_out_and_its_receipt_comes_back(self, place: Place) -> None:
        draft = self._draft(place)
        record = place.gov.exchange.send(draft)
        assert place.gov.exchange.receipt(record.number) is None
        place.neighbour.settle()
        assert place.gov.exchange.find(record.number).state is MessageState.DONE
        assert place.gov.exchange.receipt(record.number)
        offices = (place.office.as_partner(), place.neighbour.office.as_partner())
        policy = ExchangePolicy(trust=place.office.trust, parties={one.party.id: one.certificates for one in offices})
        evidence = place.gov.exchange.evidence(record.number)
        assert verify_evidence(evidence, policy=policy, at=place.clock()).outcome is Outcome.PASSED

    def test_what_is_not_there_cannot_be_found_or_cancelled(self, place: Place) -> None:
        for act in (place.gov.exchange.find, lambda number: place.gov.exchange.cancel(number, reason="x")):
            place.refused(NodeRejected, "node.message_unknown", lambda act=act: act(999_999))  # type: ignore[misc]

    def _draft(self, place: Place) -> Draft:
        return Draft(
            to=place.neighbour.party,
            content=b'{"n":1}',
            content_type="application/json",
            service="share",
            purpose="核验",
            basis=("政务数据共享条例",),
            id=f"message-{next(_NUMBERS):08d}",
        )
