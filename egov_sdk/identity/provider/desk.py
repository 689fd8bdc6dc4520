"""What every part of the provider works with: its settings, its database, its clock, its randomness, its log."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.crypto import sm3
from egov_sdk.identity.callbacks import Random, new_secret
from egov_sdk.identity.provider.passwords import PasswordHasher
from egov_sdk.times import aware

if TYPE_CHECKING:
    from egov_sdk.identity.provider.settings import ProviderSettings
    from egov_sdk.storage import AuditLog, Store
    from egov_sdk.storage.sql import Connection

__all__ = ["Clock", "Desk", "digest_of"]

#: Says what time it is, with its time zone.
Clock = Callable[[], datetime]

_SYSTEM: Final = "provider"


def digest_of(secret: str) -> bytes:
    """Under what a code, a token or a session is kept."""
    return sm3(secret.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Desk:
    """Settings, database, clock, randomness and audit log of one provider."""

    settings: ProviderSettings
    store: Store = field(repr=False)
    clock: Clock = field(repr=False)
    log: AuditLog = field(repr=False)
    hasher: PasswordHasher = field(repr=False)
    random: Random = field(repr=False, default=os.urandom)

    def now(self) -> datetime:
        """The time.

        Raises:
            ValueError: the clock gives one without a time zone.
        """
        return aware(self.clock(), "what the clock gives")

    def secret(self) -> str:
        """A new code, token or session."""
        return new_secret(self.random)

    def new_id(self) -> str:
        """A new id: 120 random bits, small letters and digits, nothing of what it is the id of."""
        return base64.b32encode(self.random(15)).decode("ascii").lower()

    def note(
        self,
        connection: Connection,
        action: str,
        *,
        at: datetime,
        subject: str,
        actor: str = _SYSTEM,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Write to the audit log: ids only."""
        self.log.append(connection, at=at, actor=actor, action=action, subject=subject, detail=detail)


def words(scope: Iterable[str]) -> str:
    """Scopes in one text, in order."""
    return " ".join(sorted(scope))
