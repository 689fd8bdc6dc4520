"""Provinces with interfaces of their own: what each offers works over its own gateway, and nothing else is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.door.platforms import PLATFORMS
from egov_sdk.errors import NotOffered, PlatformRejected
from egov_sdk.gateway import Request
from egov_sdk.gateway.errors import SecretRefreshFailed, SignatureRejected
from egov_sdk.gateway.policies import Retry
from egov_sdk.identity import IdentityRejected
from egov_sdk.license.dialects.client import LicenseAppClient
from egov_sdk.license.model import Use
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.license.states import LicenseAction
from egov_sdk.platform.seeding import HALL, ITEM_CODE
from egov_sdk.testing.faults import Cut, Duplicate, ExpiredToken, WrongSignature
from egov_sdk.testing.makers import LicenseMaker
from egov_sdk.testing.province import Province, UnknownRoute
from egov_sdk.testing.server import ServedProvince

COMPANY = specimen_credit_code(77).number
USE = Use(requester=HALL, purpose="办理业务", item_code=ITEM_CODE)
WITH_IDENTITY = [name for name, form in PLATFORMS.items() if form.identity]
WITH_LICENSES = [name for name, form in PLATFORMS.items() if form.license]
SHARING = [name for name in WITH_LICENSES if PLATFORMS[name].license != "license_app"]
SERVICES = ("identity", "seal", "license", "exchange")


@pytest.mark.parametrize("name", PLATFORMS)
def test_what_a_platform_lacks_is_not_offered_and_says_whose_it_is(name: str) -> None:
    form = PLATFORMS[name]
    with Province(profile=name) as province:
        gov = province.connect()
        for service in SERVICES:
            if getattr(form, service, ""):
                assert getattr(gov, service) is not None
                continue
            with pytest.raises(NotOffered) as caught:
                getattr(gov, service)
            assert caught.value.detail["platform"] == f"http://localhost ({name})"
            assert "give connect" not in str(caught.value)


@pytest.mark.parametrize("name", PLATFORMS)
def test_tasks_are_told_the_same(name: str) -> None:
    form = PLATFORMS[name]

    async def offered(province: Province) -> list[str]:
        async with province.connect_async() as gov:
            found = []
            for service in SERVICES:
                try:
                    getattr(gov, service)
                except NotOffered:
                    continue
                found.append(service)
            return found

    with Province(profile=name) as province:
        assert asyncio.run(offered(province)) == [one for one in SERVICES if getattr(form, one, "")]


@pytest.mark.parametrize("name", SHARING)
@pytest.mark.parametrize("make", [Province, ServedProvince])
def test_a_sharing_service_gives_licences_behind_its_gateway(name: str, make: Callable[..., Province]) -> None:
    with make(profile=name) as province:
        issued = LicenseMaker(province)(code=COMPANY)
        hall = province.connect("hall").license
        code = issued.metadata.holders[0].code
        (found,) = hall.search(code, use=USE, type_code=issued.metadata.type_code).records
        assert found.identifier == issued.identifier
        if name == "national":
            assert hall.get(issued.identifier, use=USE).file == issued.file
            assert len(hall.types()) == 3
        province.saw("license.search").once()
        with pytest.raises(NotOffered):
            hall.issue(None)  # type: ignore[arg-type]  # nobody looks at it


def test_a_use_code_reads_a_licence_in_guangdong() -> None:
    with Province(profile="guangdong") as province:
        issued = LicenseMaker(province)(code=COMPANY)
        hall = province.connect("hall").license
        assert isinstance(hall, LicenseAppClient)
        (entry,) = hall.entries(issued.metadata.holders[0].code, use=USE)
        assert hall.redeem(entry.auth_code, requester=HALL.code).file == issued.file
        assert province.saw("license.log_in").once()
        assert province.saw("license.redeem").by("hall").once()


def test_a_revoked_licence_is_not_in_force_at_any_sharing_service() -> None:
    with Province(profile="national") as province:
        issued = LicenseMaker(province)(code=COMPANY)
        hall = province.connect("hall").license
        province.becomes(issued.identifier, LicenseAction.REVOKE, wait=timedelta(hours=2))
        assert hall.get(issued.identifier, use=USE).identifier == issued.identifier
        province.clock.tick(hours=2)
        with pytest.raises(LicenseRejected) as caught:
            hall.get(issued.identifier, use=USE)
        assert caught.value.problem == "not_in_force"


@pytest.mark.parametrize("name", WITH_IDENTITY)
@pytest.mark.parametrize("make", [Province, ServedProvince])
def test_people_sign_in_over_the_platform_s_own_interface(name: str, make: Callable[..., Province]) -> None:
    with make(profile=name) as province:
        person = province.people.add("王测试", level="real_person")
        gov = province.connect("hall")
        session = province.sign_in(person, gov=gov)
        user = gov.identity.userinfo(session)
        assert (user.holder.name, user.subject) == ("王测试", person.account)
        assert user.holder.document is not None  # type: ignore[union-attr]  # a natural person
        assert user.holder.document.number == person.number  # type: ignore[union-attr]
        assert province.saw("identity.token").once()


@pytest.mark.parametrize("name", WITH_IDENTITY)
def test_people_sign_in_for_their_company(name: str) -> None:
    with Province(profile=name) as province:
        person = province.people.add("王测试", level="real_person")
        company = province.people.add_company("样例公司", agent=person)
        gov = province.connect("hall")
        user = gov.identity.userinfo(province.sign_in(person, gov=gov, organization=company.account))
        assert (user.holder.name, user.holder.documents[0].number) == ("样例公司", company.code)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", WITH_IDENTITY)
def test_a_ticket_is_good_once_for_one_application_and_not_for_long(name: str) -> None:
    from egov_sdk.testing.browsing import sent_on

    with Province(profile=name) as province:
        person, gov, other = province.people.add(), province.connect("hall"), province.connect("other")

        def callback(begun_url: str) -> str:
            from egov_sdk.identity.provider import QuietBrowser

            pages = sent_on(province.app, begun_url)
            browser = QuietBrowser(province.office.provider)
            back = browser.sign_in(pages, login=person.login, password=person.password)
            return sent_on(province.app, back)

        refused = pytest.raises((IdentityRejected, PlatformRejected))
        begun = gov.identity.begin()
        back = callback(begun.url)
        assert gov.identity.complete(begun, callback=back)
        with refused:
            gov.identity.complete(begun, callback=back)
        begun = gov.identity.begin()
        back = callback(begun.url)
        province.clock.tick(seconds=120)
        with refused:
            gov.identity.complete(begun, callback=back)
        begun, theirs = gov.identity.begin(), other.identity.begin()
        stolen = callback(begun.url).replace(begun.state, theirs.state)
        with refused:
            other.identity.complete(theirs, callback=stolen)


@pytest.mark.parametrize("name", WITH_IDENTITY)
@pytest.mark.parametrize("back", ["https://evil.example/callback", "http://localhost/callback/x", ""])
def test_browsers_are_sent_to_registered_addresses_only(name: str, back: str) -> None:
    from egov_sdk.testing.browsing import sent_on

    with Province(profile=name) as province:
        begun = province.connect("hall").identity.begin()
        from urllib.parse import parse_qsl, urlencode, urlsplit

        parts = urlsplit(begun.url)
        query = [(key, back if "callback" in value else value) for key, value in parse_qsl(parts.query)]
        forged = parts._replace(query=urlencode(query)).geturl()
        if back:
            with pytest.raises(IdentityRejected):
                sent_on(province.app, forged)
        with pytest.raises(IdentityRejected):
            sent_on(province.app, begun.url.replace("hall", "nobody"))


# ---------------------------------------------------------------------- the national gateway


def test_a_session_secret_is_fetched_for_each_service_and_renewed_when_it_ends() -> None:
    with Province(profile="national") as province:
        hall = province.connect("hall").license
        hall.types()
        hall.types()
        assert province.saw("gateway.token").once()
        province.clock.tick(hours=2)
        hall.types()
        assert province.saw("gateway.token").times(2)


def test_a_secret_that_is_not_good_any_more_is_replaced() -> None:
    with Province(profile="national") as province:
        hall = province.connect("hall").license
        hall.types()
        province.clock.tick(minutes=5)
        province.fail("license.types", ExpiredToken(), times=1)
        assert len(hall.types()) == 3
        assert province.saw("gateway.token").times(2)
        assert province.saw("license.types").answered(401).once()


def test_nobody_gets_a_secret_with_a_wrong_one() -> None:
    with Province(profile="national") as province:
        province.fail("gateway.token", WrongSignature())
        with pytest.raises(SecretRefreshFailed):
            province.connect("hall", retry=Retry(attempts=1)).license.types()
        assert province.saw("license.types").never()


def test_the_secret_of_one_service_opens_no_other_and_no_service_is_reached_around_the_gateway() -> None:
    with Province(profile="national") as province:
        gov = province.connect("hall", retry=Retry(attempts=1))
        gov.license.types()
        assert gov.gateway is not None
        for path in ("/elssp/v1/Retrieval", "/elssp/v1/GetCertificateType"):
            from egov_sdk.gateway import GatewayClient

            with (
                GatewayClient(province.address, transport=province.transport()) as bare,
                pytest.raises((PlatformRejected, UnknownRoute)),
            ):
                bare.request(Request("POST", path, form={"parameter": "{}"}))
        assert province.saw("license.search").never()
        province.forget()


def test_a_service_that_there_is_none_of_is_an_unknown_route() -> None:
    with Province(profile="national") as province:
        gateway = province.connect("hall").gateway
        assert gateway is not None
        with pytest.raises((UnknownRoute, SecretRefreshFailed, SignatureRejected)):
            gateway.request(Request("POST", service="mock-elssp-Nothing", json={}))
        province.forget()


@pytest.mark.parametrize("fault", [Cut(), Duplicate()], ids=repr)
def test_faults_happen_behind_every_gateway(fault: Cut | Duplicate) -> None:
    with Province(profile="national") as province:
        hall = province.connect("hall", retry=Retry(attempts=1)).license
        hall.types()
        province.fail("license.types", fault, times=1)
        if isinstance(fault, Cut):
            with pytest.raises(Exception, match="answer"):
                hall.types()
        else:
            assert len(hall.types()) == 3
        assert len(hall.types()) == 3
