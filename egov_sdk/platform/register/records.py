"""Callers as a register shows them: everything but their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from egov_sdk.crypto import sm3
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.callers import Role
from egov_sdk.storage.sql import RowMapping

__all__ = ["CallerRecord", "Credential", "NewCredential", "State", "credential_of", "record_of"]

State = Literal["active", "disabled"]
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A key or a secret of a caller, as it may be shown.

    Attributes:
        mark: The beginning of a public key's SM3 digest; empty for a secret, of which nothing is shown.
        until: When it ends; None for never.
    """

    number: int
    mark: str
    made_at: datetime
    until: datetime | None

    def counts(self, at: datetime) -> bool:
        """Whether it is good at that time."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerRecord:
    """A caller as the register has it."""

    id: str
    department: Authority
    also_for: frozenset[str]
    roles: frozenset[Role]
    state: State
    added_by: str
    added_at: datetime
    changed_at: datetime
    credentials: tuple[Credential, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What was made for a caller. The secret is told this once; empty where it signs with a key of its own."""

    caller: str
    number: int
    secret: str = field(repr=False)


def credential_of(row: RowMapping) -> Credential:
    """A credential from its row."""
    mark = "" if row["public_key"] is None else sm3(row["public_key"]).hex()[:_SHOWN]
    return Credential(number=row["number"], mark=mark, made_at=row["made_at"], until=row["until"])


def record_of(row: RowMapping, credentials: tuple[Credential, ...]) -> CallerRecord:
    """A caller from its row."""
    settings = row["settings"]
    return CallerRecord(
        id=row["id"],
        department=Authority(name=row["department_name"], code=row["department_code"]),
        also_for=frozenset(settings["also_for"]),
        roles=frozenset(Role(one) for one in settings["roles"]),
        state=row["state"],
        added_by=row["added_by"],
        added_at=row["added_at"],
        changed_at=row["changed_at"],
        credentials=credentials,
    )
