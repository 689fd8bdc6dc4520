"""The usual actions on a licence under names of their own, for every service that can ``act``."""

from __future__ import annotations

from abc import ABC, abstractmethod

from egov_sdk.license.model import LicenseRecord, LicenseRef
from egov_sdk.license.states import LicenseAction

__all__ = ["AsyncByName", "ByName"]


class ByName(ABC):
    """Of a service."""

    @abstractmethod
    def act(self, identifier: LicenseRef, action: LicenseAction, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.act."""

    def suspend(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.suspend."""
        return self.act(identifier, LicenseAction.SUSPEND, reason=reason, actor=actor)

    def resume(self, identifier: LicenseRef, *, reason: str = "", actor: str = "") -> LicenseRecord:
        """As LicenseService.resume."""
        return self.act(identifier, LicenseAction.RESUME, reason=reason, actor=actor)

    def cancel(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.cancel."""
        return self.act(identifier, LicenseAction.CANCEL, reason=reason, actor=actor)

    def revoke(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.revoke."""
        return self.act(identifier, LicenseAction.REVOKE, reason=reason, actor=actor)


class AsyncByName(ABC):
    """Of a service that is awaited."""

    @abstractmethod
    async def act(
        self, identifier: LicenseRef, action: LicenseAction, *, reason: str, actor: str = ""
    ) -> LicenseRecord:
        """As LicenseService.act."""

    async def suspend(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.suspend."""
        return await self.act(identifier, LicenseAction.SUSPEND, reason=reason, actor=actor)

    async def resume(self, identifier: LicenseRef, *, reason: str = "", actor: str = "") -> LicenseRecord:
        """As LicenseService.resume."""
        return await self.act(identifier, LicenseAction.RESUME, reason=reason, actor=actor)

    async def cancel(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.cancel."""
        return await self.act(identifier, LicenseAction.CANCEL, reason=reason, actor=actor)

    async def revoke(self, identifier: LicenseRef, *, reason: str, actor: str = "") -> LicenseRecord:
        """As LicenseService.revoke."""
        return await self.act(identifier, LicenseAction.REVOKE, reason=reason, actor=actor)
