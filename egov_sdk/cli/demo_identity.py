"""Between the two halves of the demo: the company that wants a licence signs in, by the person who acts for it.

As ``demo``, it uses what every program can import, keeps everything in memory, and touches no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from egov_sdk.cli.demo_license import COMPANY
from egov_sdk.codes import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.identity import HolderKind, IdentityLevel, IdentityRejected, LegalPerson
from egov_sdk.identity.local import LocalIdentityService
from egov_sdk.identity.model import AgentRole, Assurance, IdDocument
from egov_sdk.identity.provider import IdentityProvider, ProviderKeys, ProviderSettings, QuietBrowser
from egov_sdk.storage import open_store

__all__ = ["PERSON", "IdentityDemo", "play_identity"]

PERSON = "李四"
_BACK = "https://app.example/back"


@dataclass(frozen=True, slots=True)
class IdentityDemo:
    """Who signed in, how sure the provider is, and the code with which the same answer is refused a second time."""

    company: LegalPerson
    assurance: Assurance
    refused_again: str


def play_identity(*, at: datetime, password: str) -> IdentityDemo:
    """Do all of it, as at one moment.

    Args:
        password: of the person; any that a provider accepts.
    Raises:
        ValueError: ``at`` is naive.
    """
    with open_store("sqlite://") as store:
        provider = IdentityProvider(
            store, ProviderSettings(issuer="https://id.example"), keys=ProviderKeys.generate(), clock=lambda: at
        )
        application = provider.applications.add("大厅", redirect_uris=[_BACK], consent="implied").application
        accounts = provider.accounts
        number = IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=specimen_citizen_number(7).number)
        person = accounts.add_person(PERSON, number, level=IdentityLevel.REAL_NAME, login="lisi", password=password)
        code = IdDocument(kind=CodeKind.CREDIT_CODE, number=COMPANY.code)
        company = accounts.add_organization(COMPANY.name, code)
        accounts.allow_agent(company.id, person.id, role=AgentRole.LEGAL_REPRESENTATIVE)

        service = LocalIdentityService(provider, application=application.id)
        begun = service.begin(return_to="/apply", level=IdentityLevel.REAL_NAME, holder=HolderKind.LEGAL)
        callback = QuietBrowser(provider).sign_in(begun.url, login="lisi", password=password)
        user = service.userinfo(service.complete(begun, callback=callback))
        assert isinstance(user.holder, LegalPerson)
        try:
            service.complete(begun, callback=callback)
        except IdentityRejected as refused:
            return IdentityDemo(company=user.holder, assurance=user.assurance, refused_again=refused.code)
        raise AssertionError("an answer was good twice")
