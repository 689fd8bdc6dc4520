"""Permits for food businesses, as a county's approval office gives them (县行政审批局食品经营许可).

A company signs in, the office looks up what it knows of it already instead of asking for copies, issues the permit,
lets it be shown as a QR code, and tells the market supervision department. Where the four services live is not said
here: ``gov`` may be an office in this process, one in memory, or a platform behind its gateway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from egov_sdk.door import Gov
from egov_sdk.exchange import Party
from egov_sdk.exchange.node import Draft, MessageRecord
from egov_sdk.identity import HolderKind, IdentityLevel, LegalPerson, NaturalPerson, SignIn
from egov_sdk.identity.model import AgentRole
from egov_sdk.license import Authority, License, LicenseDraft, LicenseHolder, Use
from egov_sdk.license.model import LicenseRecord, Presentation, Standing, UseGround
from egov_sdk.license.present import Expected, PresentationPolicy, check_presentation, read_status_list
from egov_sdk.license.states import LicenseAction
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.report import Report
from egov_sdk.times import day_in_beijing

__all__ = ["Application", "County", "FoodPermits", "NotAllowed"]

PERMIT, QUALIFICATION = "营业许可证", "人员资格证书"
BASIS = "食品经营许可和备案管理办法"
SERVICE = "food.permit.issued"
CREDIT_CODE = "001"  # the kind of a holder's number: unified social credit code


class NotAllowed(Exception):
    """The office does not give this permit; the text says why, for the applicant."""


@dataclass(frozen=True)
class County:
    """What is peculiar to one county."""

    office: Authority  # in whose name permits are issued
    market: Party  # the department that is told of every permit
    trust: TrustStore  # the roots that the county believes
    certificate: Certificate  # of the key with which its office signs what is shown
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True)
class Application:
    """What a company applies for; ``case`` is the number under which the office files it."""

    case: str
    company: LegalPerson
    agent: NaturalPerson
    address: str
    products: str


class FoodPermits:
    """The app."""

    def __init__(self, gov: Gov, county: County) -> None:
        self.gov, self.county = gov, county

    # ------------------------------------------------------------ who is it?

    def sign_in(self) -> SignIn:
        """Send the browser to ``url``, and keep the value in the browser's session until it comes back."""
        return self.gov.identity.begin(return_to="/apply", level=IdentityLevel.REAL_NAME, holder=HolderKind.LEGAL)

    def welcome(self, begun: SignIn, *, callback: str) -> tuple[LegalPerson, NaturalPerson]:
        """The company that has signed in, and the person who acts for it."""
        session = self.gov.identity.complete(begun, callback=callback)
        company = self.gov.identity.userinfo(session).holder
        if not isinstance(company, LegalPerson) or company.agent is None:
            raise NotAllowed("请以企业身份登录")
        if company.agent.role is not AgentRole.LEGAL_REPRESENTATIVE:
            raise NotAllowed("请由法定代表人办理")
        return company, company.agent.person

    # ------------------------------------------------------------ what is known already?

    def qualifications(self, person: NaturalPerson) -> tuple[LicenseRecord, ...]:
        """The certificates of a person that are in force: nobody has to bring a copy.

        On a platform the question goes through its gateway, signed by this program; who asked what for stands in the
        register's log.
        """
        if person.document is None:
            return ()
        use = Use(requester=self.county.office, purpose="核验人员资格", legal_basis=BASIS, ground=UseGround.OWNER)
        wanted = self._type_code(QUALIFICATION)
        page = self.gov.license.search(person.document.number, use=use, type_code=wanted)
        return tuple(one for one in page.records if one.standing(self._today()) is Standing.IN_FORCE)

    # ------------------------------------------------------------ the permit

    def issue(self, application: Application) -> License:
        """Issue the permit. The same case again gives the same permit, also after a lost answer."""
        company = application.company
        if not self.qualifications(application.agent):
            raise NotAllowed("经办人没有有效的人员资格证书")
        today = self._today()
        draft = LicenseDraft(
            type_code=self._type_code(PERMIT),
            number=application.case,
            holders=(LicenseHolder(name=company.name, code=company.credit_code, type_code=CREDIT_CODE),),
            issued_on=today,
            valid_from=today,
            valid_until=today + timedelta(days=5 * 365),
            fields={
                "法定代表人": application.agent.name,
                "住所": application.address,
                "主体业态": "食品销售经营者",
                "经营项目": application.products,
            },
        )
        return self.gov.license.issue(draft, request_id=application.case)

    def revoke(self, permit: License, *, reason: str) -> None:
        """End the permit: from now on its file and its codes are refused."""
        self.gov.license.act(permit.identifier, LicenseAction.REVOKE, reason=reason)

    # ------------------------------------------------------------ shown and checked

    def show(self, permit: License, *, to: str) -> Presentation:
        """What the holder shows as a QR code for two minutes; only the verifier named ``to`` accepts it."""
        return self.gov.license.present(permit.identifier, audience=to)

    def scanned(self, text: str, *, by: str) -> Report:
        """What the verifier ``by`` says to a code; it could keep the list of states and need no network."""
        type_code = self._type_code(PERMIT)
        policy = PresentationPolicy.of(self.county.certificate, type_codes=[type_code], trust=self.county.trust)
        return check_presentation(
            text,
            policy=policy,
            at=self.county.now(),
            status_lists=[read_status_list(self.gov.license.status_list(type_code))],
            expected=Expected(audience=by, type_code=type_code),
        ).report

    def verify(self, file: bytes) -> Report:
        """What the office's register says to a permit's file."""
        return self.gov.license.verify(file)

    # ------------------------------------------------------------ the other department

    def tell_market(self, permit: License) -> MessageRecord:
        """Send the permit to the market supervision department. What is queued arrives, or says why not."""
        draft = Draft(
            to=self.county.market,
            content=permit.file,
            content_type="application/ofd",
            service=SERVICE,
            purpose="证后监管",
            basis=(BASIS,),
        )
        return self.gov.exchange.send(draft)

    def proof(self, message: MessageRecord) -> bytes | None:
        """The message with the signed receipt of its receiver, for the file; None while there is no receipt."""
        if not self.gov.exchange.find(message.number).receipted:
            return None
        return self.gov.exchange.evidence(message.number)

    # ------------------------------------------------------------

    def _type_code(self, name: str) -> str:
        return next(one.code for one in self.gov.license.types() if one.name == name)

    def _today(self) -> date:
        return day_in_beijing(self.county.now())
