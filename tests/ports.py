"""A port of this machine that nobody listens at."""

from __future__ import annotations

import socket

__all__ = ["free_port"]


def free_port() -> int:
    """One that is free now; another program may take it before it is used."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
