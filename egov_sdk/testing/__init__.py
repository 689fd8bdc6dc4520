"""A province for test suites (测试用模拟省级平台): in this process, behaving and misbehaving, with a clock of its own.

With pytest there is nothing to import: the fixtures ``province``, ``province_server``, ``clock``, ``pki``,
``make_license``, ``make_seal`` and ``assert_verifies`` are there as soon as the package is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.platform.mock.calls import Call, Seen
    from egov_sdk.testing.clock import Clock
    from egov_sdk.testing.people import People, Person
    from egov_sdk.testing.pki import Pki
    from egov_sdk.testing.province import Province, UnknownRoute

__all__ = ["Call", "Clock", "People", "Person", "Pki", "Province", "Seen", "UnknownRoute"]

_HOMES = {
    "Call": "calls",
    "Clock": "clock",
    "People": "people",
    "Person": "people",
    "Pki": "pki",
    "Province": "province",
    "Seen": "calls",
    "UnknownRoute": "province",
}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load what is asked for: pytest looks at this package whenever it starts."""
        home = _HOMES.get(name)
        if home == "calls":
            from egov_sdk.platform.mock import calls as module
        elif home == "clock":
            from egov_sdk.testing import clock as module
        elif home == "people":
            from egov_sdk.testing import people as module
        elif home == "pki":
            from egov_sdk.testing import pki as module
        elif home == "province":
            from egov_sdk.testing import province as module
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(module, name)
