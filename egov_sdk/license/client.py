"""The clients of a platform of licences: one for threads, one for tasks. Both ask the same over the gateway."""

from __future__ import annotations

from egov_sdk.gateway import AsyncGatewayClient, GatewayClient
from egov_sdk.license._flows import Flows
from egov_sdk.license.dialects.base import AsyncDialectClient, DialectClient

__all__ = ["AsyncLicenseClient", "LicenseClient"]


class LicenseClient(DialectClient):
    """A LicenseService at a platform (电子证照平台) that has this library's own interface. Threads may share one.

    Args:
        gateway: How the platform is reached. Close it where it was made.
        prefix: Where the platform has the interface.
    """

    def __init__(self, gateway: GatewayClient, *, prefix: str = "") -> None:
        super().__init__(gateway, Flows(prefix))


class AsyncLicenseClient(AsyncDialectClient):
    """As LicenseClient, awaited. Tasks of one asyncio loop may share one."""

    def __init__(self, gateway: AsyncGatewayClient, *, prefix: str = "") -> None:
        super().__init__(gateway, Flows(prefix))
