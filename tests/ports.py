"""A port of this machine that nobody listens at."""

from __future__ import annotations

import os
import re
import socket
from itertools import count
from random import SystemRandom

__all__ = ["free_port"]

#: Below what systems give to connections that go out, so that none of them takes it before it is used.
_PORTS = range(19_968, 32_768)
#: Each worker of pytest draws from a share of its own, and the same port never twice.
_SHARES = 64
_numbers = count(SystemRandom().randrange(len(_PORTS)))  # not the seeded one: other runs are beside this one


def free_port() -> int:
    """One that is free now; another program may take it before it is used."""
    share = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0) % _SHARES
    for number in _numbers:
        port = _PORTS[(number * _SHARES + share) % len(_PORTS)]
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("numbers do not end")
