"""What a province says of itself: whether it is well, what it did, and the document of its interface."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from egov_sdk.gateway.openapi import describe
from egov_sdk.gateway.operations import AnyOperation
from egov_sdk.platform.metrics import CONTENT_TYPE, Metrics
from egov_sdk.storage import StorageError

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice

__all__ = ["Document", "front", "health", "metrics"]

_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Document:
    """The document of the interface, made when it is first asked for: that takes longer than all the rest."""

    def __init__(self, operations: Iterable[AnyOperation], prefix: str) -> None:
        self._operations, self._prefix = tuple(operations), prefix

    @cached_property
    def _octets(self) -> bytes:
        value = describe(self._operations, title="egov_sdk", version="1", prefix=self._prefix)
        return json.dumps(value, ensure_ascii=False).encode()

    async def answer(self, request: Request) -> Response:
        """The document, to anybody."""
        octets = await asyncio.to_thread(lambda: self._octets)
        return Response(octets, media_type="application/json", headers=_HEADERS)


async def front(request: Request, *, path: str) -> Response:
    """Where people who come to the province itself find something."""
    return Response(status_code=303, headers=_HEADERS | {"location": path})


def health(office: LocalOffice) -> Callable[[Request], object]:
    """Whether the office's database answers: 200 or 503; and by its code what should be mended although it does."""

    def look() -> tuple[int, dict[str, object]]:
        try:
            with office.store.read():
                pass
        except StorageError:
            return 503, {"status": "failing"}
        try:
            office.store.require_durable()
        except StorageError as error:
            return 200, {"status": "ok", "problems": [error.code]}
        return 200, {"status": "ok"}

    async def answer(request: Request) -> Response:
        status, told = await asyncio.to_thread(look)
        return Response(json.dumps(told), status_code=status, media_type="application/json", headers=_HEADERS)

    return answer


def metrics(counted: Metrics, token: str) -> Callable[[Request], object]:
    """The counters, to whoever gives the token; to anybody where it is empty."""

    async def answer(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if token and not compare_digest(given.encode("utf-8", "replace"), f"Bearer {token}".encode()):
            return Response(status_code=401, headers=_HEADERS | {"www-authenticate": "Bearer"})
        return Response(counted.text(), headers=_HEADERS | {"content-type": CONTENT_TYPE})

    return answer
