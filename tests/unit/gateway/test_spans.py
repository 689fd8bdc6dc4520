"""Spans where OpenTelemetry is, and nothing where it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest

from egov_sdk.gateway import Credentials, Request
from egov_sdk.gateway._spans import _api, start_span
from egov_sdk.gateway.errors import ServiceFailed
from tests.unit.gateway.world import Caller, Kind, Platform, both, ok


class FakeSpan:
    """Writes down what happens to it."""

    def __init__(self, name: str, attributes: Mapping[str, Any]) -> None:
        self.name, self.attributes, self.status, self.ended = name, dict(attributes), "", 0

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self.attributes |= attributes

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_status(self, status: str) -> None:
        self.status = status

    def end(self) -> None:
        self.ended += 1


class FakeApi:
    """The part of OpenTelemetry's API that is used."""

    def __init__(self) -> None:
        self.spans: list[FakeSpan] = []

    def start_span(self, name: str, *, kind: str, attributes: Mapping[str, Any]) -> FakeSpan:
        assert kind == "client"
        self.spans.append(FakeSpan(name, attributes))
        return self.spans[-1]

    def modules(self) -> dict[str, Any]:
        trace = ModuleType("opentelemetry.trace")
        trace.get_tracer = lambda name: self  # type: ignore[attr-defined]  # a module made up here
        trace.SpanKind = SimpleNamespace(CLIENT="client")  # type: ignore[attr-defined]  # as above
        trace.StatusCode = SimpleNamespace(ERROR="error")  # type: ignore[attr-defined]  # as above
        trace.set_span_in_context = lambda span: span  # type: ignore[attr-defined]  # as above
        propagate = ModuleType("opentelemetry.propagate")
        propagate.inject = self._inject  # type: ignore[attr-defined]  # as above
        return {"opentelemetry": ModuleType("opentelemetry"), trace.__name__: trace, propagate.__name__: propagate}

    def _inject(self, carrier: dict[str, str], *, context: FakeSpan) -> None:
        carrier["traceparent"] = f"00-{self.spans.index(context):032}-01"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    fake = FakeApi()
    for name, module in fake.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    _api.cache_clear()
    yield fake
    _api.cache_clear()


TIF: dict[str, Any] = {"profile": "tif", "credentials": Credentials("paas", secret="s" * 16, service="svc")}


@both
def test_a_call_is_one_span_with_all_its_attempts(kind: Kind, api: FakeApi) -> None:
    platform = Platform(httpx.Response(503), ok())
    answer = Caller(kind, platform, **TIF).request(Request("GET", "/person/11010519491231002X", query={"a": "b"}))
    [span] = api.spans
    assert (span.name, span.ended, span.status) == ("GET", 1, "")
    assert span.attributes == {
        "http.request.method": "GET",
        "server.address": "gateway.example",
        "egov.gateway.profile": "tif",
        "egov.gateway.service": "svc",
        "egov.request_id": answer.request_id,
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
    }
    assert {request.headers["traceparent"] for request in platform.saw} == {f"00-{0:032}-01"}


@both
def test_an_error_ends_its_span_and_is_named(kind: Kind, api: FakeApi) -> None:
    with pytest.raises(ServiceFailed):
        Caller(kind, Platform(httpx.Response(500)), **TIF).request(Request("GET", "/x"))
    [span] = api.spans
    assert (span.ended, span.status) == (1, "error")
    assert span.attributes["error.type"] == "egov.gateway.service_failed"
    assert span.attributes["http.response.status_code"] == 500


def test_without_the_library_a_span_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    _api.cache_clear()
    span = start_span("GET", {})
    assert span.headers() == ()
    span.finish({}, error=ValueError("x"))
    _api.cache_clear()
