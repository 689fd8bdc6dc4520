"""A province of one's own (模拟省级平台): what ``egov_sdk`` offers, served to programs in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egov_sdk.platform.callers import CallerBook, PlatformCaller, Role
from egov_sdk.platform.parts import Part

if TYPE_CHECKING:
    from egov_sdk.platform.app import province_app
    from egov_sdk.platform.metrics import Metrics

__all__ = ["CallerBook", "Metrics", "Part", "PlatformCaller", "Role", "province_app"]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load Starlette when it is asked for: it is optional."""
        if name == "province_app":
            from egov_sdk.platform.app import province_app

            return province_app
        if name == "Metrics":
            from egov_sdk.platform.metrics import Metrics

            return Metrics
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
