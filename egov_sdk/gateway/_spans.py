"""OpenTelemetry spans, where its API is installed."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Span", "start_span"]


class Span(Protocol):
    """What this room asks of a span."""

    def finish(self, attributes: Mapping[str, str | int], *, error: BaseException | None) -> None:
        """End it, with what came out."""

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What tells the other side which trace this belongs to."""


class _NoSpan:
    def finish(self, attributes: Mapping[str, str | int], *, error: BaseException | None) -> None:
        pass

    def headers(self) -> tuple[tuple[str, str], ...]:
        return ()


_NO_SPAN = _NoSpan()


@functools.cache
def _api() -> Any:
    try:
        return importlib.import_module("opentelemetry.trace"), importlib.import_module("opentelemetry.propagate")
    except ImportError:
        return None


class _OpenTelemetrySpan:
    """Not made the current span: flows of many tasks take turns, and the current span belongs to the caller."""

    def __init__(self, api: Any, name: str, attributes: Mapping[str, str | int]) -> None:
        self._trace, self._propagate = api
        tracer = self._trace.get_tracer("egov_sdk.gateway")
        self._span = tracer.start_span(name, kind=self._trace.SpanKind.CLIENT, attributes=dict(attributes))

    def finish(self, attributes: Mapping[str, str | int], *, error: BaseException | None) -> None:
        self._span.set_attributes(dict(attributes))
        if error is not None:
            self._span.set_attribute("error.type", getattr(error, "code", type(error).__name__))
            self._span.set_status(self._trace.StatusCode.ERROR)
        self._span.end()

    def headers(self) -> tuple[tuple[str, str], ...]:
        carrier: dict[str, str] = {}
        self._propagate.inject(carrier, context=self._trace.set_span_in_context(self._span))
        return tuple(carrier.items())


def start_span(name: str, attributes: Mapping[str, str | int]) -> Span:
    """A client span under the current one; nothing where OpenTelemetry is not installed."""
    api = _api()
    return _NO_SPAN if api is None else _OpenTelemetrySpan(api, name, attributes)
