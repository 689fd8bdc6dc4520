"""How partners are reached: at an address, through a folder that both share, or through a broker where both meet."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from egov_sdk.exchange.node import ExchangeNode, HttpTransport, NodeRejected, Parcel
from egov_sdk.exchange.node.nats import BrokerAccess, NatsTransport
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.exchange.node.collecting import Collector
    from egov_sdk.exchange.node.wrap import Collected, Receiver

__all__ = ["Accounts", "broker_accounts", "misplaced", "open_way", "tls_with"]

_log = logging.getLogger("egov_sdk.exchange")

#: The user and the password at each server of a broker.
Accounts = Mapping[str, tuple[str, str]]

_FOLDER: Final = "folder:"
_HTTP: Final = frozenset({"https", "http"})
_BROKER: Final = frozenset({"tls", "nats"})
_BROKER_PORT: Final = 4222
_COLLECT_S: Final = 1.0


_NO_ROOT: Final = Text("behind folder: stands a path from the root on", "folder: 之后应为绝对路径")
_NO_PLACE: Final = Text(
    "it is https://host, http://host, folder:/path, or tls://host or nats://host of a broker",
    "应为 https://主机、http://主机、folder:/路径，或消息服务器的 tls://主机、nats://主机",
)


def misplaced(where: str) -> Text | None:
    """Why this is no place of a node; None if it is one."""
    if where.startswith(_FOLDER):
        is_there = Path(where.removeprefix(_FOLDER)).is_absolute()
        return None if is_there else _NO_ROOT
    parts = _address(where, _HTTP)
    if (parts is not None and parts.username is None) or _servers(where):
        return None
    return _NO_PLACE


def broker_accounts(said: str) -> Accounts:
    """The office's own accounts at brokers, from addresses such as ``tls://user:password@host:4222``, commas between.

    Raises:
        ValueError: one of them is something else; nothing of it is shown.
    """
    found = {}
    for number, one in enumerate(filter(None, map(str.strip, said.split(","))), 1):
        parts = _address(one, _BROKER)
        if parts is None or not parts.username or not parts.password:
            raise ValueError(f"{number}: it is tls://user:password@host:port")
        found[_server(parts)] = unquote(parts.username), unquote(parts.password)
    return found


def tls_with(roots: str) -> ssl.SSLContext:
    """Connections to servers whose certificates these roots vouch for, and to no others."""
    return ssl.create_default_context(cadata=roots)


def open_way(
    node: ExchangeNode,
    where: str,
    *,
    tls_roots: str,
    accounts: Accounts,
    clock: Callable[[], datetime],
    closing: ExitStack,
) -> None:
    """Let a node deliver to a place, and collect from it where it is one that keeps what is sent, until ``closing``.

    Args:
        tls_roots: in PEM; the system's where it is empty.
        accounts: only the servers that they name are told a password: places are what others say.
    Raises:
        NodeRejected: a folder that cannot be used. A broker may be away, and is tried again.
        MissingExtra: the library for brokers is not installed.
        ValueError: there are accounts for some servers of a broker, and not for all.
    """
    tls = tls_with(tls_roots) if tls_roots else None
    if where.startswith(_FOLDER):
        from egov_sdk.exchange.node.folder import FolderTransport

        folder = FolderTransport(Path(where.removeprefix(_FOLDER)), node.desk.identity.party, clock=clock)
        folder.prepare()
        node.connect(where, folder)
        _collect(folder, node, closing)
    elif servers := _servers(where):
        broker = _Broker(_access(servers, accounts, tls), node.desk.identity.party)
        closing.callback(broker.close)
        try:
            broker.prepare()
        except NodeRejected as error:
            _log.warning("%s; it is tried again", error.message)
        node.connect(where, broker)
        _collect(broker, node, closing)
    else:
        from egov_sdk.gateway import GatewayClient
        from egov_sdk.gateway.policies import Retry

        # the node itself tries again
        gateway = closing.enter_context(GatewayClient(where, retry=Retry(attempts=1), breaker=None, tls=tls))
        node.connect(where, HttpTransport(gateway))


def _collect(collector: Collector, node: ExchangeNode, closing: ExitStack) -> None:
    from egov_sdk.exchange.node.collecting import Collecting
    from egov_sdk.exchange.node.workers import Workers

    crew = Workers(Collecting(collector, node), count=1, idle_s=_COLLECT_S)
    crew.start()
    closing.callback(crew.stop)


class _Broker(NatsTransport):
    """One that may be away when a province starts: what we need there is made as soon as it is there."""

    _is_prepared = False

    def prepare(self) -> None:
        if not self._is_prepared:
            super().prepare()
            self._is_prepared = True

    def deliver(self, parcel: Parcel) -> None:
        self.prepare()
        super().deliver(parcel)

    def collect(self, node: Receiver, *, most: int = 100, wait_s: float = _COLLECT_S) -> Collected:
        self.prepare()
        return super().collect(node, most=most, wait_s=wait_s)


def _access(servers: tuple[str, ...], accounts: Accounts, tls: ssl.SSLContext | None) -> BrokerAccess:
    found = {accounts.get(server) for server in servers}
    if len(found) > 1:
        raise ValueError("its servers have not all the same account")
    account = found.pop()
    if account is None:
        return BrokerAccess(servers=servers, tls=tls)
    user, password = account
    return BrokerAccess(servers=servers, user=user, password=lambda: password, tls=tls)


def _servers(where: str) -> tuple[str, ...]:
    """The servers of a broker, none of which says a user; none where it is no broker."""
    found = [_address(one, _BROKER) for one in where.split(",")]
    servers = tuple(_server(one) for one in found if one is not None and one.username is None)
    return servers if len(servers) == len(found) else ()


def _server(parts: SplitResult) -> str:
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or _BROKER_PORT}"


def _address(text: str, schemes: frozenset[str]) -> SplitResult | None:
    """An address of a server, taken apart; None where it is none."""
    try:
        parts = urlsplit(text)
        is_server = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and "," not in parts.netloc
    except ValueError:  # its port is none
        return None
    is_more = parts.query or parts.fragment or (schemes is _BROKER and parts.path)
    return None if not is_server or is_more else parts
