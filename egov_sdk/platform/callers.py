"""Whose programs call a platform (接入方): how they are made sure of, for whom they speak, what they may ask for."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType
from typing import Final, Protocol

from egov_sdk.crypto import SM2PublicKey
from egov_sdk.gateway.verifier import CallerKey
from egov_sdk.license.metadata import Authority

__all__ = ["OFFICE_ROLES", "ROLE_OPERATIONS", "CallerBook", "Callers", "PlatformCaller", "Role"]


class Role(enum.Enum):
    """What a program may ask for."""

    USE = "use"
    """See and verify licences, as far as the register's rules let its department."""
    ISSUE = "issue"
    """Issue licences of the office, and everything in their lives."""
    SEAL = "seal"
    """Have seals made, and stamp with those of the owners for whom it speaks."""
    EXCHANGE = "exchange"
    """Send messages in the name of the office, and read those that come for it."""
    AUDIT = "audit"
    """See what was done, and do nothing."""


#: Only for programs that speak for the office.
OFFICE_ROLES: Final = frozenset({Role.ISSUE, Role.EXCHANGE})
_ALL: Final = frozenset({"license.types", "license.type_of", "license.verify", "license.status_list", "seal.verify"})
_USES: Final = ("get", "search", "annotated_copy", "download_ticket", "download", "use_code", "redeem")
_VERIFIES: Final = ("begin_showing", "showing_status", "fetch_showing")
_ISSUES: Final = ("issue", "change", "renew", "act", "present", "history", "statistics")
_SENDS: Final = ("send", "receipt", "evidence", "replay", "cancel", "health", "metrics")
_LOOKS: Final = ("messages", "find", "status")
_HOLDS: Final = (
    *("holder_challenge", "attest"),
    *("showing_code", "waiting_showings", "confirm_showing", "refuse_showing"),
)

#: The operations of each role. What stands in none of them, nobody may ask for.
ROLE_OPERATIONS: Final[Mapping[Role, frozenset[str]]] = MappingProxyType(
    {
        Role.USE: _ALL | {f"license.{name}" for name in (*_USES, *_VERIFIES)},
        Role.ISSUE: _ALL | {f"license.{name}" for name in (*_USES, *_VERIFIES, *_ISSUES, *_HOLDS)},
        Role.SEAL: _ALL | {f"seal.{name}" for name in ("make", "list", "find", "act", "stamp", "uses")},
        Role.EXCHANGE: frozenset(f"exchange.{name}" for name in (*_SENDS, *_LOOKS)),
        Role.AUDIT: _ALL
        | {"license.history", "license.statistics", "seal.list", "seal.find", "seal.uses"}
        | {f"exchange.{name}" for name in _LOOKS},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCaller:
    """One program of one department.

    Args:
        id: What it calls itself in each request.
        department: Whose program it is.
        secrets: Shared with it, for profiles that sign with one. Several count while one follows another.
        public_keys: Its SM2 keys, for profiles that sign with one.
        also_for: Codes of further departments for which it speaks.
    """

    id: str
    department: Authority
    roles: frozenset[Role]
    secrets: tuple[str, ...] = field(default=(), repr=False)
    public_keys: tuple[SM2PublicKey, ...] = ()
    also_for: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.id or not self.roles:
            raise ValueError("a caller has an id and at least one role")
        if not self.public_keys and not (self.secrets and all(self.secrets)):
            raise ValueError(f"{self.id} has neither a key nor a secret: nobody could make sure of it")

    @property
    def speaks_for(self) -> frozenset[str]:
        """The codes of the departments for which it speaks."""
        return self.also_for | {self.department.code}

    def may(self, operation: str) -> bool:
        """Whether one of its roles lets it ask for this operation."""
        return any(operation in ROLE_OPERATIONS[role] for role in self.roles)


class Callers(Protocol):
    """Where a platform looks its callers up: a CallerBook in memory, or the register of a database."""

    def get(self, caller: str, /) -> CallerKey | None:
        """With what requests of this one are checked; None for a stranger."""

    def find(self, caller: str) -> PlatformCaller | None:
        """The caller with this id, if it may ask for something."""

    def all(self) -> tuple[PlatformCaller, ...]:
        """Everybody who may ask for something, by id."""

    def speaks_for(self, caller: str) -> frozenset[str]:
        """The codes of the departments for which this one speaks; none for a stranger."""

    def may(self, caller: str, operation: str) -> bool:
        """Whether this one may ask for this operation."""


class CallerBook:
    """The callers of a platform, in memory; threads may share it."""

    def __init__(self, callers: Iterable[PlatformCaller] = ()) -> None:
        self._lock, self._callers = Lock(), dict[str, PlatformCaller]()
        for caller in callers:
            self.add(caller)

    def add(self, caller: PlatformCaller) -> None:
        """Let one more in.

        Raises:
            ValueError: another one has this id.
        """
        with self._lock:
            if caller.id in self._callers:
                raise ValueError(f"there is a caller {caller.id} already")
            self._callers[caller.id] = caller

    def remove(self, caller: str) -> None:
        """Let one in no longer; nothing happens where there is none."""
        with self._lock:
            self._callers.pop(caller, None)

    def get(self, caller: str, /) -> CallerKey | None:
        """With what requests of this one are checked."""
        known = self._callers.get(caller)
        return None if known is None else CallerKey(secrets=known.secrets, public_keys=known.public_keys)

    def find(self, caller: str) -> PlatformCaller | None:
        """The caller with this id."""
        return self._callers.get(caller)

    def all(self) -> tuple[PlatformCaller, ...]:
        """Everybody, by id."""
        with self._lock:
            return tuple(self._callers[name] for name in sorted(self._callers))

    def speaks_for(self, caller: str) -> frozenset[str]:
        """The codes of the departments for which this one speaks; none for a stranger."""
        known = self._callers.get(caller)
        return frozenset() if known is None else known.speaks_for

    def may(self, caller: str, operation: str) -> bool:
        """Whether this one may ask for this operation."""
        known = self._callers.get(caller)
        return known is not None and known.may(operation)
