"""Every error of the HTTP library is mapped to one of ours."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import httpx
import pytest

from egov_sdk.errors import PlatformError
from egov_sdk.gateway._failures import error_of
from egov_sdk.gateway._http import NETWORK_ERRORS, failure_of


def _classes(root: type[Exception]) -> list[type[Exception]]:
    return [root, *(found for child in root.__subclasses__() for found in _classes(child))]


#: Raised by parts of the library that this room does not use, or by the caller's own mistakes.
NOT_OURS = {httpx.HTTPStatusError, httpx.CookieConflict}
EVERY = [
    kind
    for name in httpx.__all__
    if isinstance(kind := getattr(httpx, name), type) and issubclass(kind, Exception) and kind not in NOT_OURS
]


def test_the_library_has_many_errors() -> None:
    assert len(EVERY) > 20


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_an_error_of_the_library_becomes_ours(kind: type[Exception]) -> None:
    assert issubclass(kind, NETWORK_ERRORS)
    raised = _made(kind)
    failure = failure_of(raised)
    error = error_of(failure, attempts=2, elapsed_s=1.5, request_id="R")
    assert isinstance(error, PlatformError)
    assert error.request_id == "R"
    assert error.__cause__ is raised
    assert "words" not in str(error)


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError])
def test_tls_is_found_behind_an_error(kind: type[Exception]) -> None:
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed")
    outer = kind("words")
    outer.__context__ = inner
    failure = failure_of(outer)
    assert failure.cause == "tls"
    assert failure.sent is not (kind is httpx.ConnectError)


def test_a_circle_of_causes_ends() -> None:
    one, other = httpx.ReadError("a"), httpx.ReadError("b")
    one.__cause__, other.__cause__ = other, one
    assert failure_of(one).cause == "cut"


def test_only_what_was_never_sent_counts_as_not_sent() -> None:
    never = [kind for kind in EVERY if not failure_of(_made(kind)).sent]
    assert set(never) == {
        *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError),
        *(httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL),
    }


def _made(kind: Callable[..., Exception]) -> Exception:
    try:
        return kind("words")
    except TypeError:
        return kind()
