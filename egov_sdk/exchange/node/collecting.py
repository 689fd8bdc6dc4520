"""Collecting what a folder or a broker holds for a node, as something that worker threads do over and over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from egov_sdk.exchange.node.wrap import Collected, Receiver, RefusedParcel

__all__ = ["Collecting", "Collector"]

_log = logging.getLogger("egov_sdk.exchange")


class Collector(Protocol):
    """A transport that parcels and answers are collected from."""

    def collect(self, node: Receiver, *, most: int = 100) -> Collected:
        """Hand what is there to the node."""


def _logged(refused: RefusedParcel) -> None:
    _log.warning("put aside %s as %s: %s", refused.name, refused.kept_as, refused.code)


@dataclass(frozen=True, slots=True)
class Collecting:
    """The work of collecting, for ``Workers`` or ``work``; it waits where the transport does.

    Attributes:
        told: is told of everything that is put aside; without it the log is.
    """

    transport: Collector
    node: Receiver
    told: Callable[[RefusedParcel], object] = _logged

    def run_once(self) -> int:
        """One round; how many parcels and answers there were.

        Raises:
            NodeRejected: as ``collect``; and whatever the node raised.
        """
        done = self.transport.collect(self.node)
        for one in done.refused:
            self.told(one)
        return done.parcels + done.answers + len(done.refused)
