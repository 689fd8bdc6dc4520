"""The fixtures. Nothing of the province is loaded before a test asks for it: pytest loads this at every start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from egov_sdk.license.model import License
    from egov_sdk.report import Report
    from egov_sdk.seal.records import SealRecord
    from egov_sdk.testing.clock import Clock
    from egov_sdk.testing.pki import Pki
    from egov_sdk.testing.province import Province
    from egov_sdk.testing.server import ServedProvince

__all__ = [
    "MakeLicense",
    "MakeSeal",
    "assert_verifies",
    "clock",
    "make_license",
    "make_seal",
    "pki",
    "province",
    "province_profile",
    "province_server",
]

_FAILED = pytest.StashKey[bool]()


class MakeLicense(Protocol):
    """Issues a licence of the office, not over the line."""

    def __call__(self, kind: str = "business_permit", *, holder: str = "", code: str = "", number: str = "") -> License:
        """A licence of that sample type, for a holder with that code; what is not given is made up."""


class MakeSeal(Protocol):
    """Has a seal made, not over the line."""

    def __call__(self, name: str = "", *, owner: str = "", code: str = "") -> SealRecord:
        """A seal of that owner; the office's by default."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:  # the wrapper protocol of pluggy
    """Keep whether the test itself failed, so that its province does not complain of the same again."""
    report: pytest.TestReport = yield  # type: ignore[assignment]  # pluggy sends the result in
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report  # type: ignore[return-value]


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved: ``clock.tick(hours=3)``."""
    from egov_sdk.testing.clock import Clock

    return Clock()


@pytest.fixture(scope="session")
def pki() -> Pki:
    """The authority that the province's office trusts: ``key, certificate = pki.issue("某局")``."""
    from egov_sdk.testing.clock import START
    from egov_sdk.testing.pki import Pki
    from egov_sdk.testing.world import seeded_secrets

    return Pki(seeded_secrets().root, START)


@pytest.fixture(scope="session")
def province_profile() -> str:
    """How the callers of the province sign; override it in a conftest for another profile."""
    return "egov-sm2"


@pytest.fixture
def province(clock: Clock, province_profile: str, request: pytest.FixtureRequest) -> Iterator[Province]:
    """A province in this process, for this test alone."""
    from egov_sdk.testing.province import Province

    with Province(clock=clock, profile=province_profile) as made:
        yield made
        if not request.node.stash.get(_FAILED, False):
            made.assert_known_routes()


@pytest.fixture
def province_server(clock: Clock, province_profile: str, request: pytest.FixtureRequest) -> Iterator[ServedProvince]:
    """A province at ``province_server.url``, served over a socket of this machine, for this test alone."""
    from egov_sdk.testing.server import ServedProvince

    with ServedProvince(clock=clock, profile=province_profile) as made:
        yield made
        if not request.node.stash.get(_FAILED, False):
            made.assert_known_routes()


@pytest.fixture
def make_license(province: Province) -> MakeLicense:
    """Issue licences at the province's office: ``make_license("person_certificate", holder="…")``."""
    from egov_sdk.testing.makers import LicenseMaker

    return LicenseMaker(province)


@pytest.fixture
def make_seal(province: Province) -> MakeSeal:
    """Have seals made at the province's office: ``make_seal("某局").seal_id``."""
    from egov_sdk.testing.makers import SealMaker

    return SealMaker(province)


@pytest.fixture
def assert_verifies(province: Province) -> Callable[[License | bytes], Report]:
    """Assert that the province accepts a licence, or a document with seals; the failed checks stand in the message."""
    from egov_sdk.testing.makers import Verifier

    return Verifier(province)
