"""Handing requests on as they came, for whoever stands between a program and a platform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from egov_sdk.errors import ConfigError
from egov_sdk.gateway._core import parse_address
from egov_sdk.gateway.errors import AnswerTooLarge, ConnectFailed, TimedOut

if TYPE_CHECKING:
    import httpx

__all__ = ["Forwarded", "Forwarder"]

#: Headers of one connection, and those that the next one has of its own.
_OF_CONNECTION: Final = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "host", "content-length", "accept-encoding"),
    }
)
_ANSWER_BYTES: Final = 64 << 20
_READ_S: Final = 60.0

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What came back, unpacked."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)


class Forwarder:
    """Hands requests on to one platform, without a signature or a retry of its own. Threads may share one. Close it.

    Args:
        address: ``https://host[:port]``; requests keep their paths.
    Raises:
        ConfigError: the address cannot be used, or has a path.
    """

    def __init__(self, address: str, *, transport: httpx.BaseTransport | None = None) -> None:
        import httpx

        host, path = parse_address(address)
        if path:
            raise ConfigError(
                "requests keep their paths: the address has none", code="egov.gateway.address", setting="address"
            )
        self._host = host
        self._client = httpx.Client(
            transport=transport, timeout=_READ_S, follow_redirects=False, trust_env=False, headers={}
        )

    def send(self, method: str, target: str, *, headers: Sequence[tuple[str, str]], body: bytes) -> Forwarded:
        """Hand one on.

        Args:
            target: Path and query as they were sent.
        Raises:
            PlatformUnreachable: nobody answered.
            AnswerTooLarge: more than is kept.
        """
        import httpx

        passed = [(name, value) for name, value in headers if name.lower() not in _OF_CONNECTION]
        request = httpx.Request(
            method, self._host + target, headers=[*passed, ("accept-encoding", "gzip")], content=body
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                return self._read(response)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise TimedOut("the platform did not answer in time", attempts=1, elapsed_s=_READ_S) from None
        except httpx.HTTPError as error:
            raise ConnectFailed(
                f"the platform cannot be reached: {type(error).__name__}", attempts=1, elapsed_s=0.0
            ) from None

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _read(self, response: httpx.Response) -> Forwarded:
        pieces, size = [], 0
        for piece in response.iter_bytes():
            size += len(piece)
            if size > _ANSWER_BYTES:
                raise AnswerTooLarge(f"the answer has more than {_ANSWER_BYTES} bytes", origin="platform")
            pieces.append(piece)
        dropped = _OF_CONNECTION | {"content-encoding"}
        kept = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in dropped]
        return Forwarded(response.status_code, tuple(kept), b"".join(pieces))
