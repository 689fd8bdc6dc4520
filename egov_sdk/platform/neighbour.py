"""A department beside an office, in the same process: somebody to exchange messages with where nobody else is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from egov_sdk.door.office import LocalOffice
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.exchange.node import HandToHand

if TYPE_CHECKING:
    from egov_sdk.exchange import Party
    from egov_sdk.exchange.node import ExchangeNode
    from egov_sdk.license.metadata import Authority

__all__ = ["Neighbour", "secrets_beside"]

_DAYS: Final = 3_650
_MOST_ROUNDS: Final = 100


def secrets_beside(
    own: OfficeSecrets, department: Authority, *, random: Callable[[int], bytes] = os.urandom
) -> OfficeSecrets:
    """The keys of another department, certified by the authority that certifies an office's."""
    begin = own.token[1].not_before
    made = OfficeSecrets.generate(name=department.name, code=department.code, at=begin, random=random)
    signer, name = made.token[0], f"O={department.name},CN={department.name}"
    certificate = own.root.issue("signer", name, signer.public_key(), at=begin, days=_DAYS)
    return replace(made, root=own.root, token=(signer, certificate))


class Neighbour:
    """A department whose node is met by an office's, from hand to hand (相邻部门). Close it, or use it in a ``with``.

    Args:
        secrets: its keys, such as those of ``secrets_beside``.
    Attributes:
        office: its own, with a database in memory: ``office.exchange`` sends in its name.
    """

    def __init__(
        self, office: LocalOffice, *, secrets: Callable[[], OfficeSecrets], clock: Callable[[], datetime]
    ) -> None:
        self._other = office
        self.office = LocalOffice("sqlite://", secrets=secrets, clock=clock)
        for one, another in ((self.office, office), (office, self.office)):
            way = another.secrets.code  # an office may have several neighbours
            one.node.meet([*one.node.desk.partners.values(), another.as_partner(transport=way)])
            one.node.connect(way, HandToHand(another.node.accept))

    @property
    def party(self) -> Party:
        """How messages are addressed to it."""
        return self.node.desk.identity.party

    @property
    def node(self) -> ExchangeNode:
        """Its node: ``@neighbour.node.handler("service")`` says what it does with messages."""
        return self.office.node

    def settle(self) -> int:
        """Let both nodes do what is due until nothing is; how much there was."""
        done = 0
        for _ in range(_MOST_ROUNDS):
            now = self._other.node.run_once() + self.node.run_once()
            if not now:
                break
            done += now
        return done

    @contextmanager
    def at_work(self) -> Iterator[Self]:
        """Threads that deliver and handle on both sides until the block ends."""
        with self._other.node.workers(), self.node.workers():
            yield self

    def close(self) -> None:
        """Part from the office, and close its database."""
        partners = self._other.node.desk.partners
        self._other.node.meet([one for one in partners.values() if one.party != self.party])
        self.office.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
