"""A small town for the provider's tests: people, a company, applications, a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from egov_sdk.codes import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.errors import EgovError
from egov_sdk.identity.local import LocalIdentityService
from egov_sdk.identity.model import AgentRole, IdDocument, IdentityLevel
from egov_sdk.identity.provider import (
    Account,
    IdentityProvider,
    ProviderKeys,
    ProviderSettings,
    QuietBrowser,
    ScryptCost,
)
from egov_sdk.identity.provider.applications import NewApplication
from egov_sdk.storage import AuditLog, Store, open_store
from tests.world import seeded

__all__ = ["CALLBACK", "ISSUER", "NOW", "PASSWORD", "Town", "Watch", "citizen", "company", "query_of", "refused"]

ISSUER = "https://id.town.example"
CALLBACK = "https://app.town.example/back"
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
PASSWORD = "Correct-Horse-9"
KEYS = ProviderKeys.generate(random=seeded("the provider's keys"))


@dataclass
class Watch:
    """A clock that stands until somebody moves it."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **span: float) -> None:
        self.at += timedelta(**span)


def citizen(index: int) -> IdDocument:
    return IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=specimen_citizen_number(index).number)


def company(index: int) -> IdDocument:
    return IdDocument(kind=CodeKind.CREDIT_CODE, number=specimen_credit_code(index).number)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def refused(problem: str, act: Callable[[], object]) -> EgovError:
    with pytest.raises(EgovError) as caught:
        act()
    assert caught.value.code == f"egov.identity.{problem}", repr(caught.value)
    return caught.value


@dataclass
class Town:
    """One provider with a few who use it."""

    store: Store
    watch: Watch = field(default_factory=Watch)
    provider: IdentityProvider = field(init=False)
    zhang: Account = field(init=False)
    mill: Account = field(init=False)
    county: NewApplication = field(init=False)

    def __post_init__(self) -> None:
        self.provider = self.another_provider()
        self.zhang = self.provider.accounts.add_person(
            "张三丰", citizen(1), level=IdentityLevel.REAL_NAME, login="zhang", password=PASSWORD, mobile="13800000000"
        )
        self.mill = self.provider.accounts.add_organization("面粉厂", company(1))
        self.provider.accounts.allow_agent(self.mill.id, self.zhang.id, role=AgentRole.AUTHORIZED)
        self.county = self.provider.applications.add(
            "县政务服务", redirect_uris=[CALLBACK], logout_uris=["https://app.town.example/bye"], consent="implied"
        )

    @classmethod
    def at(cls, place: Path | str = "sqlite://") -> Town:
        return cls(open_store(place, busy_s=5))

    def another_provider(self, **changes: object) -> IdentityProvider:
        """A second program on the same database."""
        given: dict[str, object] = {"issuer": ISSUER, "password_cost": ScryptCost.unsafe_for_tests()}
        settings = ProviderSettings(**(given | changes))  # type: ignore[arg-type]  # each test gives what it names
        return IdentityProvider(self.store, settings, keys=KEYS, clock=self.watch)

    @property
    def app(self) -> str:
        return self.county.application.id

    def service(self, application: str = "") -> LocalIdentityService:
        return LocalIdentityService(self.provider, application=application or self.app)

    def browser(self, source: str = "") -> QuietBrowser:
        return QuietBrowser(self.provider, source=source)

    def actions(self) -> list[str]:
        """What the audit log says has happened."""
        with self.store.read() as connection:
            return [entry.action for entry in AuditLog("identity").entries(connection, limit=10_000)]
