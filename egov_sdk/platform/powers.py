"""Three powers over a province (三员分立), each with somebody else: who runs it, who grants, and who watches both."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from egov_sdk.platform.problems import refuse

__all__ = ["Officer", "Power"]


class Power(enum.Enum):
    """What an officer of the province may do. Nobody has two of them."""

    ADMIN = "admin"
    """Run it (系统管理员): let callers in with their keys, lock them out, make backups. Grants nothing."""
    OPERATOR = "operator"
    """Grant (安全管理员): decide what callers may ask for. Lets nobody in."""
    AUDITOR = "auditor"
    """Watch (安全审计员): see everything that was done. Changes nothing."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who works at the province, under the name that stands in its audit log."""

    name: str
    power: Power

    def __post_init__(self) -> None:
        if not self.name or not self.name.isprintable():
            raise ValueError("an officer has a name of printable characters")

    def need(self, *powers: Power) -> None:
        """Return if this officer has one of these powers.

        Raises:
            ProvinceRejected: power_missing.
        """
        if self.power not in powers:
            wanted = " or ".join(one.value for one in powers)
            raise refuse("power_missing", found=f"{self.name} ({self.power.value})", expected=wanted)
