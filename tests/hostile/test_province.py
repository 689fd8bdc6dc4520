"""What strangers and callers with little say try at a province: nobody gets in where they do not belong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from egov_sdk.gateway import in_process
from egov_sdk.gateway.in_process import transport
from egov_sdk.platform.app import PREFIX, operations_of
from egov_sdk.testing.province import Province


class Keeping(httpx.BaseTransport):
    """Sends on, and keeps what was sent."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner, self.sent = inner, list[httpx.Request]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@pytest.fixture
def province() -> Iterator[Province]:
    with Province() as made:
        yield made
        made.forget()


def raw(province: Province, scope: Mapping[str, Any]) -> int:
    """The status for a scope that no client would send."""
    return answered(province, scope)[0]


def answered(province: Province, scope: Mapping[str, Any]) -> tuple[int, dict[bytes, bytes]]:
    """Status and headers."""
    import asyncio

    starts: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)

    given: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "query_string": b"",
        "root_path": "",
        "client": ("10.0.0.1", 1),
        "server": ("localhost", 80),
        "headers": [(b"host", b"localhost")],
    }
    given |= scope
    given.setdefault("raw_path", str(given["path"]).encode())
    try:
        asyncio.run(province.app(given, receive, send))  # type: ignore[arg-type]
    except AssertionError as unknown:
        assert "the province has nothing at" in str(unknown)  # noqa: PT017 - the answer is what counts
    return starts[0]["status"], dict(starts[0]["headers"])


def signed(province: Province, caller: str = "office") -> tuple[Keeping, httpx.Request]:
    """One good request, as it went over the line."""
    keeping = Keeping(transport(province.app))
    province.connect(caller, transport=keeping).license.types()
    return keeping, keeping.sent[-1]


def test_nothing_of_the_interface_answers_to_who_is_not_known(province: Province) -> None:
    with httpx.Client(transport=in_process.transport(province.app), base_url="http://localhost") as web:
        for one in operations_of(province.office):
            path = PREFIX + one.path.replace("{", "").replace("}", "")
            assert web.request(one.method, path, json={}).status_code == 401, one.name


@pytest.mark.parametrize(
    "path",
    [
        "/egov/v1/openapi.json/../license-types",
        "/health/../egov/v1/license-types",
        "/identity/../egov/v1/license-types",
        "/identity/%2e%2e/egov/v1/license-types",
        "//egov/v1/license-types",
        "/egov//v1/license-types",
        "/egov/v1/license-types/",
        "/EGOV/v1/license-types",
        "/egov/v1/license-types;x=/health",
        "/egov/v1/license-types%00",
        "/egov/v1/license%2Dtypes",
        "/metrics/../../egov/v1/license-types",
        "/health%2f..%2fegov%2fv1%2flicense-types",
    ],
)
def test_no_way_of_writing_a_path_leads_past_the_signature(province: Province, path: str) -> None:
    from urllib.parse import unquote

    status = raw(province, {"path": unquote(path), "raw_path": path.encode()})
    assert status in (400, 401, 404, 405)
    assert province.saw("license.types").answered(200).never()


@pytest.mark.parametrize("told", [b"/health", b"/metrics", b"/identity/jwks"])
def test_two_paths_in_one_request_are_not_two_chances(province: Province, told: bytes) -> None:
    """Whoever routes by one path and answers by the other lets people in: the mounts see what was checked."""
    path = f"{PREFIX}/license-types"
    assert raw(province, {"path": path, "raw_path": told}) == 401
    assert raw(province, {"path": told.decode(), "raw_path": path.encode()}) in (200, 404)
    assert province.connect().license.types()


@pytest.mark.parametrize(
    "host", [b"", b"evil.example", b"localhost.evil.example", b"evil.example:80", b"localhost@evil"]
)
def test_under_another_name_it_does_not_answer(province: Province, host: bytes) -> None:
    for path in ("/health", "/egov/v1/openapi.json", "/identity/authorize", "/egov/v1/license-types"):
        assert raw(province, {"path": path, "headers": [(b"host", host)]}) == 400


@pytest.mark.parametrize("path", ["/health/", "/identity", "/metrics/", "//evil.example/health", "/egov/v1"])
def test_nobody_is_sent_on_to_a_host(province: Province, path: str) -> None:
    status, headers = answered(province, {"path": path})
    assert status in (401, 404)
    assert b"location" not in headers


def test_what_was_sent_once_is_not_taken_twice(province: Province) -> None:
    keeping, request = signed(province)
    answer = keeping.handle_request(request)
    assert (answer.status_code, answer.json()["code"]) == (401, "egov.gateway.refused.replayed")


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_was_signed_at_another_time_is_not_taken(province: Province, hours: int) -> None:
    keeping, request = signed(province)
    headers = httpx.Headers(request.headers)
    headers["Egov-Nonce"] = "0" * 32
    headers["Egov-Time"] = str(int(request.headers["Egov-Time"]) + hours * 3_600_000)
    again = httpx.Request(request.method, request.url, headers=headers)
    assert keeping.handle_request(again).json()["code"] == "egov.gateway.refused.time_outside_window"


@pytest.mark.parametrize("name", ["Egov-Caller", "Egov-Nonce", "Egov-Signature", "Egov-Body-SM3"])
def test_no_part_of_a_signed_request_can_be_another(province: Province, name: str) -> None:
    keeping, request = signed(province)
    headers = httpx.Headers(request.headers)
    headers[name] = {"Egov-Caller": "hall", "Egov-Signature": "AAAA"}.get(name, "0" * 64)
    assert keeping.handle_request(httpx.Request(request.method, request.url, headers=headers)).status_code in (400, 401)
    other = httpx.Request(request.method, f"{request.url}?type_code=x", headers=request.headers)
    assert keeping.handle_request(other).status_code == 401
    assert province.saw("license.types").answered(200).once()


def test_who_is_removed_is_not_known_any_more(province: Province) -> None:
    gov = province.connect("hall")
    assert gov.license.types()
    province._book.remove("hall")
    from egov_sdk.errors import PlatformRejected

    with pytest.raises(PlatformRejected) as caught:
        gov.license.types()
    assert caught.value.status == 401


def test_what_is_too_large_is_not_read(province: Province) -> None:
    status = raw(
        province,
        {
            "path": f"{PREFIX}/licenses",
            "method": "POST",
            "headers": [(b"host", b"localhost"), (b"content-length", b"5000000000")],
        },
    )
    assert status in (401, 413)


@pytest.mark.parametrize("kind", ["websocket"])
def test_it_speaks_no_other_protocol(province: Province, kind: str) -> None:
    import asyncio

    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": kind, "path": f"{PREFIX}/licenses", "headers": [(b"host", b"localhost")], "query_string": b""}
    asyncio.run(province.app(scope, receive, send))  # type: ignore[arg-type]
    assert sent in (["websocket.close"], [])
