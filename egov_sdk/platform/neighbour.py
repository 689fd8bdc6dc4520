"""A department beside an office, in the same process: somebody to exchange messages with where nobody else is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.exchange import Party
from egov_sdk.exchange.node import ExchangeNode, HandToHand, NodeIdentity, Partner
from egov_sdk.storage import open_store

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.license.metadata import Authority

__all__ = ["Neighbour"]

_DAYS: Final = 3_650
_MOST_ROUNDS: Final = 100


class Neighbour:
    """A department whose node is met by an office's, from hand to hand (相邻部门). Close it, or use it in a ``with``.

    Its certificate is from the office's own authority; its database is in memory. What it does with messages is said by
    ``node.handler``; what no handler is for waits.

    Attributes:
        party: How messages to it are addressed.
        node: Its node.
    """

    def __init__(
        self,
        office: LocalOffice,
        department: Authority,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        signer, decrypter = (SM2PrivateKey.generate(random=random) for _ in range(2))
        begin = clock() - timedelta(days=1)
        name = f"O={department.name},CN={department.name}"
        certificate = office.secrets.root.issue("signer", name, signer.public_key(), at=begin, days=_DAYS)
        self.party, way = Party(code=department.code), f"neighbour {department.code}"
        identity = NodeIdentity(party=self.party, signer=signer, certificate=certificate, decrypter=decrypter)
        self._office, self._store = office.node, open_store("sqlite://")
        self.node = ExchangeNode(
            self._store,
            identity=identity,
            partners=[office.as_partner(transport=way)],
            trust=office.trust,
            clock=clock,
            random=random,
        )
        self.node.prepare()
        self.node.connect(way, HandToHand(self._office.accept))
        met = Partner(party=self.party, encryption=decrypter.public_key(), certificates=(certificate,), transport=way)
        self._office.meet([*self._office.desk.partners.values(), met])
        self._office.connect(way, HandToHand(self.node.accept))

    def work(self) -> int:
        """Deliver and handle on both sides until nothing is due; how much there was."""
        done = 0
        for _ in range(_MOST_ROUNDS):
            round_ = self._office.run_once() + self.node.run_once()
            if not round_:
                break
            done += round_
        return done

    @contextmanager
    def at_work(self) -> Iterator[Self]:
        """Threads that deliver and handle on both sides until the block ends."""
        with self._office.workers(), self.node.workers():
            yield self

    def close(self) -> None:
        """Close its database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
