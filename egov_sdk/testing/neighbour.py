"""Another department beside the province's office, so that there is somebody to exchange messages with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.door.office import LocalOffice
from egov_sdk.testing.world import neighbour_secrets

if TYPE_CHECKING:
    from egov_sdk.exchange import Party
    from egov_sdk.exchange.node import ExchangeNode, Parcel

__all__ = ["Neighbour"]

_BETWEEN: Final = "between"
_ROUNDS: Final = 100


@dataclass(frozen=True, slots=True)
class _HandToHand:
    """A transport without a network."""

    node: ExchangeNode

    def deliver(self, parcel: Parcel) -> bytes:
        return self.node.accept(parcel.data)


class Neighbour:
    """A department with a node of its own. The office's node knows it, and it knows the office's.

    Args:
        office: The province's.
    Attributes:
        office: Its own, where ``office.exchange`` sends in its name.
        party: How messages are addressed to it.
    """

    def __init__(self, office: LocalOffice, *, clock: Callable[[], datetime]) -> None:
        self._other = office
        self.office = LocalOffice("sqlite://", secrets=neighbour_secrets, clock=clock, fast_passwords=True)
        for one, another in ((self.office, office), (office, self.office)):
            one.node.meet([another.as_partner(transport=_BETWEEN)])
            one.node.connect(_BETWEEN, _HandToHand(another.node))

    @property
    def party(self) -> Party:
        """Its address."""
        return self.node.desk.identity.party

    @property
    def node(self) -> ExchangeNode:
        """Its node: ``@province.neighbour.node.handler("service")`` says what it does with messages."""
        return self.office.node

    def settle(self) -> int:
        """Let both nodes do what is due until nothing is; how much there was."""
        done = 0
        for _ in range(_ROUNDS):
            now = self._other.node.run_once() + self.node.run_once()
            done += now
            if not now:
                break
        return done

    def close(self) -> None:
        """Close its database."""
        self.office.close()
