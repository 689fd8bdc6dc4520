"""No test reaches a network: in a test process a connection to anything but this machine fails at once."""

from __future__ import annotations

import ipaddress
import socket

__all__ = ["NetworkForbidden", "forbid", "is_local"]

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class NetworkForbidden(RuntimeError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    """Whether a host is this machine, by number or as ``localhost``."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check(host: object) -> None:
    if not is_local(host):
        raise NetworkForbidden(f"a test tried to reach {host!r}; give it the answer as an argument")


def _host(family: int, address: object) -> object:
    """The host of an address; None for a family that stays on this machine."""
    internet = family in (socket.AF_INET, socket.AF_INET6)
    return address[0] if internet and isinstance(address, tuple) else None


def _guarded_connect(self: socket.socket, address: object) -> None:
    _check(_host(self.family, address))
    _connect(self, address)  # type: ignore[arg-type]  # whatever shape it has, it is handed on


def _guarded_connect_ex(self: socket.socket, address: object) -> int:
    _check(_host(self.family, address))
    return _connect_ex(self, address)  # type: ignore[arg-type]  # as above


def _guarded_getaddrinfo(host: object, *arguments: object, **named: object) -> object:
    _check(host)
    return _getaddrinfo(host, *arguments, **named)  # type: ignore[arg-type]  # as above


def forbid() -> None:
    """Close the way out of this process, for good."""
    socket.socket.connect = _guarded_connect  # type: ignore[method-assign,assignment]  # this is the guard
    socket.socket.connect_ex = _guarded_connect_ex  # type: ignore[method-assign,assignment]  # this is the guard
    socket.getaddrinfo = _guarded_getaddrinfo  # type: ignore[assignment]  # this is the guard
