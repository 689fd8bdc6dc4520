"""A province on a socket."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from egov_sdk.errors import MissingExtra

if TYPE_CHECKING:
    import uvicorn

    from egov_sdk.gateway.asgi import App

__all__ = ["make_server", "serve"]


def make_server(app: App, *, log_level: str = "warning", date_header: bool = False) -> uvicorn.Server:
    """A server that does not run yet.

    Args:
        date_header: Whether it says what time it is; not where the application does.
    Raises:
        MissingExtra: there is no server installed.
    """
    try:
        import uvicorn
    except ImportError as error:  # pragma: no cover - an environment without the extra
        raise MissingExtra("platform", needed_for="serving over HTTP") from error
    config = uvicorn.Config(
        app,
        log_level=log_level,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # whoever stands before it could claim any address
        server_header=False,
        date_header=date_header,
        interface="asgi3",
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def serve(app: App, *, host: str = "127.0.0.1", port: int) -> None:
    """Serve until somebody ends it.

    Raises:
        OSError: the port cannot be had.
    """
    with socket.create_server((host, port)) as listening:
        make_server(app, date_header=True).run(sockets=[listening])
