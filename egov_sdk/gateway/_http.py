"""httpx, kept in one place: transports, requests, and what its errors mean."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

import httpx

import egov_sdk
from egov_sdk.errors import ConfigError
from egov_sdk.gateway._body import BodyReader
from egov_sdk.gateway._wire import Failure, FailureCause, Send
from egov_sdk.gateway.policies import ClientCertificate

__all__ = [
    "NETWORK_ERRORS",
    "body_reader",
    "failure_of",
    "keyword_arguments",
    "make_request",
    "plain_headers",
    "reads_whole",
]

#: Everything that a transport raises on purpose, and what slips through it.
NETWORK_ERRORS: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError)

_USER_AGENT: Final = f"egov-sdk/{egov_sdk.__version__}"
_SMALL_JSON: Final = 64 << 10
_ENDED: Final = ("disconnected", "closed connection", "incomplete", "without sending")

# the most specific class first
_CAUSES: Final[tuple[tuple[type[Exception], FailureCause, bool, str], ...]] = (
    (httpx.ConnectTimeout, "timeout", False, "connect"),
    (httpx.PoolTimeout, "timeout", False, "pool"),
    (httpx.WriteTimeout, "timeout", True, "write"),
    (httpx.ReadTimeout, "timeout", True, "read"),
    (httpx.TimeoutException, "timeout", True, ""),
    (httpx.ConnectError, "connect", False, ""),
    (httpx.ProxyError, "connect", False, "proxy"),
    (httpx.UnsupportedProtocol, "connect", False, ""),
    (httpx.NetworkError, "cut", True, ""),
    (httpx.LocalProtocolError, "malformed", False, ""),
    (httpx.RemoteProtocolError, "malformed", True, ""),
    (httpx.HTTPError, "malformed", True, ""),
    (httpx.InvalidURL, "malformed", False, ""),
    (httpx.StreamError, "cut", True, ""),
    (OSError, "cut", True, ""),
)
_WORDS: Final = {
    "timeout": "no answer in time",
    "connect": "no connection",
    "cut": "the connection ended before the answer did",
    "malformed": "what came is not HTTP",
    "tls": "TLS failed",
}


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    todo: BaseException | None = error
    while todo is not None and todo not in seen:
        seen.append(todo)
        yield todo
        todo = todo.__cause__ or todo.__context__


def failure_of(error: Exception) -> Failure:
    """What an error of the HTTP library means for the caller."""
    tls = next((inner for inner in _chain(error) if isinstance(inner, ssl.SSLError)), None)
    cause, sent, phase = next((cause, sent, phase) for kind, cause, sent, phase in _CAUSES if isinstance(error, kind))
    if tls is not None and cause in {"connect", "cut", "malformed"}:
        reason = getattr(tls, "verify_message", "") or getattr(tls, "reason", "") or type(tls).__name__
        failure = Failure("tls", f"{_WORDS['tls']}: {str(reason)[:120]}", sent=sent)
    else:
        if cause == "malformed" and sent and any(word in str(error).lower() for word in _ENDED):
            cause = "cut"
        words = _WORDS[cause] + (f" ({phase})" if phase else "")
        failure = Failure(cause, words, sent=sent, phase=phase)
    failure.__cause__ = error
    return failure


def make_request(host: str, step: Send, *, timer: Callable[[], float], is_async: bool = False) -> httpx.Request:
    """The request of a step."""
    timeouts = step.timeouts
    headers = [("User-Agent", _USER_AGENT), ("Accept", "*/*"), *step.headers]
    phases = {
        "connect": timeouts.connect_s,
        "read": timeouts.read_s,
        "write": timeouts.write_s,
        "pool": timeouts.pool_s,
    }
    content: bytes | Iterator[bytes] | AsyncIterator[bytes] | None = step.body or None
    if step.upload is not None:

        def check() -> None:
            if timer() > step.deadline_s:
                raise Failure("timeout", "the body took longer than allowed in all", sent=True, phase="total")

        headers.append(("Content-Length", str(step.upload.size)))
        content = step.upload.pieces_async(check) if is_async else step.upload.pieces(check)
    return httpx.Request(
        step.method, host + step.target, headers=headers, content=content, extensions={"timeout": phases}
    )


def plain_headers(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers as texts, their names in small letters."""
    return tuple((name.lower().decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)


def body_reader(step: Send, headers: tuple[tuple[str, str], ...], *, timer: Callable[[], float]) -> BodyReader:
    """The reader for the body of a step's answer; raises Failure if it is announced to be too large."""
    if step.method == "HEAD":
        headers = ()  # they tell of a body that does not come
    return BodyReader(headers, limit=step.max_bytes, deadline_s=step.deadline_s, timer=timer)


def reads_whole(step: Send, status: int, headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether a body is read here: always, but for a good one of a stream that is no short JSON."""
    if not step.stream or status >= 300:
        return True
    found = dict(headers)
    length = found.get("content-length", "")
    return "json" in found.get("content-type", "") and length.isdecimal() and int(length[:12]) <= _SMALL_JSON


def _context(tls: ssl.SSLContext | None, certificate: ClientCertificate | None, *, secure: bool) -> ssl.SSLContext:
    if tls is not None and not isinstance(tls, ssl.SSLContext):
        raise TypeError("tls is an ssl.SSLContext: verification cannot be turned off by a bool")
    if tls is not None and certificate is not None:
        raise ValueError("load the client certificate into the SSLContext, or give no context")
    if not secure:
        # no anchors at all: should TLS be spoken nevertheless, it fails
        return tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = tls or httpx.create_ssl_context(trust_env=False)
    if certificate is not None:
        try:
            context.load_cert_chain(certificate.certificate, certificate.key, certificate.secret)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"the client certificate {certificate.certificate} or its key cannot be used: {type(error).__name__}",
                code="egov.gateway.client_certificate",
                setting="client_certificate",
            ) from error
    return context


def keyword_arguments(
    host: str,
    *,
    tls: ssl.SSLContext | None,
    certificate: ClientCertificate | None,
    proxy: str | None,
    connections: int,
) -> dict[str, object]:
    """What both kinds of HTTP transport are made with. Nothing comes from the environment."""
    return {
        "verify": _context(tls, certificate, secure=host.startswith("https:") or (proxy or "").startswith("https:")),
        "trust_env": False,
        "proxy": _proxy(proxy) if proxy else None,
        "limits": httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        "retries": 0,
    }


def _proxy(address: str) -> httpx.Proxy:
    try:
        proxy = httpx.Proxy(address)
        good = proxy.url.scheme in {"http", "https"} and bool(proxy.url.host)
    except (httpx.InvalidURL, ValueError):
        good = False
    if not good:
        # the address may hold a password: it is not repeated
        raise ConfigError(
            "the proxy's address must begin with http:// or https:// and a host",
            code="egov.gateway.address",
            setting="proxy",
        )
    return proxy
