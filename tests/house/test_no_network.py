"""The way out of the test process is closed, and the way to this machine is open."""

from __future__ import annotations

import socket

import pytest

from tests.house.no_network import NetworkForbidden, is_local

# 192.0.2.0/24 and example.invalid belong to nobody; were the guard absent, the first assertion would stop the test
OUTSIDE = ["192.0.2.1", "2001:db8::1", "example.invalid", b"example.invalid", "10.0.0.1"]


@pytest.mark.parametrize("host", OUTSIDE)
def test_another_machine_is_out_of_reach(host: str | bytes) -> None:
    assert socket.getaddrinfo.__module__ == "tests.house.no_network"
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo(host, 443)
    if isinstance(host, str):
        with pytest.raises(NetworkForbidden):
            socket.create_connection((host, 443), timeout=0.01)


@pytest.mark.parametrize("way", ["connect", "connect_ex"])
def test_neither_way_to_connect_is_open(way: str) -> None:
    assert getattr(socket.socket, way).__module__ == "tests.house.no_network"
    with socket.socket() as one, pytest.raises(NetworkForbidden):
        getattr(one, way)(("192.0.2.1", 443))


def test_this_machine_can_be_reached() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            assert client.getpeername() == server.getsockname()


def test_what_counts_as_this_machine() -> None:
    assert all(map(is_local, ["localhost", "127.0.0.1", "127.1.2.3", "::1", None, ""]))
    assert not any(map(is_local, OUTSIDE))
