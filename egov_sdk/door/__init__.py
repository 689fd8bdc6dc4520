"""The one door (统一入口): four services behind one name, at a platform, in this process, or in memory."""

from __future__ import annotations

from egov_sdk.door.connecting import connect, connect_async
from egov_sdk.door.facade import AsyncGov, Gov

__all__ = ["AsyncGov", "Gov", "connect", "connect_async"]
