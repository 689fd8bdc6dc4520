"""Offer operations to others: an ASGI application without a framework, mounted behind ``SignedRequests`` or alike."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from egov_sdk.errors import EgovError, InputError, LimitExceeded, NotOffered, ParseError, VerificationError
from egov_sdk.frozen import first_misfit
from egov_sdk.gateway._json import parse_json
from egov_sdk.gateway.asgi import (
    SCOPE_KEY,
    BodyTooLarge,
    Receive,
    Reply,
    Scope,
    Send,
    headers_of,
    http_only,
    media_type,
    read_body,
    send_reply,
    sent_path,
)
from egov_sdk.gateway.operations import OCTETS, Operation, path_pattern
from egov_sdk.gateway.refusals import RequestRefused
from egov_sdk.gateway.turns import in_turn
from egov_sdk.gateway.verifier import VerifiedRequest
from egov_sdk.problems import Rejected, shown
from egov_sdk.report import Text
from egov_sdk.report_words import message_of

__all__ = ["Asking", "Offer", "OperationApp", "Reply", "acting"]

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A")

_log = logging.getLogger("egov_sdk.gateway")

_BODY_BYTES: Final = 64 << 20
_PARAMETERS: Final = 64
#: Whose questions stand in the query.
_BY_QUERY: Final = frozenset({"GET", "DELETE"})
_WAIT_S: Final = "1"
_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")


def acting(caller: str, actor: str) -> str:
    """Who acts, for a log: the caller that was made sure of, before what the caller says of its own people."""
    return f"{caller}/{actor}" if caller and actor and actor != caller else caller or actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, and under which ids. ``caller`` is empty where nobody was made sure of."""

    caller: str = ""
    request_id: str
    key: str = ""

    def named(self, actor: str) -> str:
        """Who acts, for a log; see ``acting``."""
        return acting(self.caller, actor)


@dataclass(frozen=True, slots=True)
class Offer(Generic[Q, A]):
    """One operation and what does the work."""

    operation: Operation[Q, A]
    handler: Callable[[Q, Asking], A]


#: An offer whatever its question and answer.
AnyOffer: TypeAlias = Offer[Any, Any]
#: What a room offers.
Offers: TypeAlias = tuple[AnyOffer, ...]


@dataclass(frozen=True, slots=True)
class _Route:
    pattern: re.Pattern[str]
    by_method: dict[str, Offer[Any, Any]]


class OperationApp:
    """An ASGI application with these operations. Handlers run in threads, in turn.

    Args:
        prefix: Where they begin, such as ``/egov/v1``.
        max_body_bytes: Larger questions are refused while they are read.
        status_of: The HTTP status for a refusal of a room, by the key of its reason; others are 409.
    """

    def __init__(
        self,
        offers: Iterable[AnyOffer],
        *,
        prefix: str = "",
        max_body_bytes: int = _BODY_BYTES,
        status_of: Callable[[str], int] | None = None,
    ) -> None:
        self._max_body_bytes, self._status_of = max_body_bytes, status_of or _status_of
        self._routes: dict[str, _Route] = {}
        for offer in offers:
            path = prefix + offer.operation.path
            route = self._routes.setdefault(path, _Route(path_pattern(path), {}))
            if route.by_method.setdefault(offer.operation.method, offer) is not offer:
                raise ValueError(f"{offer.operation.method} {path} is offered twice")

    @http_only
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send_reply(await self._answer(scope, receive), send)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        headers = headers_of(scope)
        given = headers.get("x-request-id", "")
        verified = scope.get(SCOPE_KEY)
        asking = Asking(
            caller=verified.caller if isinstance(verified, VerifiedRequest) else "",
            request_id=given if _ID.fullmatch(given) else uuid4().hex,
            key=headers.get("idempotency-key", "")[:128],
        )
        try:
            found = self._find(scope)
            if isinstance(found, Reply):
                return found
            offer, in_path = found
            body = await self._read(receive, headers)
            question = _question(offer.operation, in_path, scope, body, headers)
            return await in_turn(_done, offer, question, asking)
        except EgovError as error:
            return self._refused(error, asking)
        except ValueError as error:
            # a caller's mistake that the form of the question does not show
            _log.warning("request %s was a mistake of its caller: %s", asking.request_id, shown(error))
            return _no(400, "egov.gateway.question", "caller", Text(shown(error), shown(error)), asking)
        except Exception:  # noqa: BLE001 - nothing internal may reach the caller
            _log.exception("request %s failed", asking.request_id)
            return _no(500, "egov.platform", "failure", _FAILED, asking)

    def _find(self, scope: Scope) -> tuple[Offer[Any, Any], Mapping[str, str]] | Reply:
        path, method = sent_path(scope), str(scope["method"])
        allowed: set[str] = set()
        for route in self._routes.values():
            if match := route.pattern.fullmatch(path):
                if offer := route.by_method.get("GET" if method == "HEAD" else method):
                    return offer, {name: unquote(text) for name, text in match.groupdict().items()}
                allowed |= route.by_method.keys()
        if allowed:
            return Reply(405, headers=(("allow", ", ".join(sorted(allowed))),))
        raise NotOffered(f"{method} {shown(path)}", platform="this platform")

    async def _read(self, receive: Receive, headers: Mapping[str, str]) -> bytes:
        limit = self._max_body_bytes
        try:
            body = await read_body(receive, announced=headers.get("content-length"), limit=limit)
        except BodyTooLarge as error:
            raise LimitExceeded("max_body_bytes", allowed=limit, found=error, where="body") from None
        if body is None:
            raise _bad("body", "ends too early")
        return body

    def _refused(self, error: EgovError, asking: Asking) -> Reply:
        detail = {name: shown(value) for name, value in error.detail.items()}
        text = Text(error.message, message_of(error, "zh"))
        if isinstance(error, Rejected):
            return _no(self._status_of(error.problem), error.code, "rejected", text, asking, detail)
        if isinstance(error, RequestRefused):
            return _no(error.status, error.code, "request", error.text, asking)
        if isinstance(error, InputError):
            status = 413 if isinstance(error, LimitExceeded) else 400
            return _no(status, error.code, "input", text, asking, detail, where=getattr(error, "where", ""))
        if isinstance(error, VerificationError):
            # refusals that are no room's table, such as of a document that may not be stamped
            return _no(422, error.code, "rejected", text, asking, detail)
        if isinstance(error, NotOffered):
            return _no(404, error.code, "not_offered", text, asking, detail)
        # what failed on this side is told by its code alone: its words may name what is nobody's business
        _log.error("request %s failed: %s", asking.request_id, error)
        busy = error.code == "egov.storage.busy"
        return _no(503 if busy else 500, error.code, "failure", _BUSY if busy else _FAILED, asking)


_FAILED: Final = Text("the platform failed; give its operator the request id", "平台处理失败，请将请求编号告知运维人员")
_BUSY: Final = Text("the platform is busy; try again", "平台繁忙，请稍后重试")


def _status_of(problem: str) -> int:
    """The status that the key of a reason suggests."""
    if problem.endswith("_unknown"):
        return 404
    return 403 if problem.endswith("_refused") else 409


def _done(offer: Offer[Any, Any], question: BaseModel, asking: Asking) -> Reply:
    answer = offer.handler(question, asking)
    ids = (("x-request-id", asking.request_id),)
    if offer.operation.is_document:
        return Reply(200, answer, OCTETS, ids)
    return Reply(200, offer.operation.adapter.dump_json(answer), headers=ids)


def _question(
    operation: Operation[Q, A], in_path: Mapping[str, str], scope: Scope, body: bytes, headers: Mapping[str, str]
) -> Q:
    try:
        if operation.as_body and media_type(headers) == OCTETS:
            return operation.question.model_validate({operation.as_body: body, **in_path})
        return operation.question.model_validate_json(_json(operation, in_path, scope, body, headers))
    except ValidationError as error:
        first = first_misfit(error)
        raise _bad(first.place, first.text) from None


def _json(
    operation: Operation[Q, A], in_path: Mapping[str, str], scope: Scope, body: bytes, headers: Mapping[str, str]
) -> bytes | str:
    """A question as JSON: its body, and what stands in its address."""
    by_query = operation.method in _BY_QUERY
    given = _parameters(scope, operation) if by_query else _members(operation, body, headers)
    if twice := given.keys() & in_path.keys():
        raise _bad(shown(sorted(twice)[0]), "stands in the path as well")
    # what stands in a body alone is read as it came: files are large
    return body if body and not in_path and not by_query else json.dumps({**given, **in_path})


def _parameters(scope: Scope, operation: Operation[Q, A]) -> dict[str, object]:
    raw = scope.get("query_string", b"")
    assert isinstance(raw, bytes)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_PARAMETERS,
            strict_parsing=bool(raw),
        )
    except ValueError:
        raise _bad("query", "cannot be read") from None
    given: dict[str, object] = {}
    for name in dict(pairs):
        values = [value for key, value in pairs if key == name]
        one = len(values) == 1 and not _takes_many(operation, name)
        given[name] = values[0] if one else values
    return given


def _takes_many(operation: Operation[Q, A], name: str) -> bool:
    field_info = operation.question.model_fields.get(name)
    return (
        field_info is not None and re.search(r"\b(tuple|frozenset|list|set)\[", str(field_info.annotation)) is not None
    )


def _members(operation: Operation[Q, A], body: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    if not body:
        return {}
    kind, expected = media_type(headers), "application/json"
    if kind != expected:
        expected = f"{expected} or {OCTETS}" if operation.as_body else expected
        raise _bad("content-type", f"is {shown(kind) or 'missing'}, expected {expected}")
    try:
        value = parse_json(body)
    except ValueError:
        raise _bad("body", "is no JSON, or a member stands twice") from None
    if not isinstance(value, dict):
        raise _bad("body", "is no object")
    return value


def _bad(where: str, what: str) -> InputError:
    return ParseError(shown(what), where=shown(where), code="egov.gateway.question")


def _no(
    status: int,
    code: str,
    kind: str,
    text: Text,
    asking: Asking,
    detail: Mapping[str, str] | None = None,
    *,
    where: str = "",
) -> Reply:
    value = {
        "code": code,
        "kind": kind,
        "message": text.en,
        "message_zh": text.zh,
        "where": where,
        "detail": dict(detail or {}),
        "request_id": asking.request_id,
    }
    headers: tuple[tuple[str, str], ...] = (("x-request-id", asking.request_id),)
    if status == 503:
        headers += (("retry-after", _WAIT_S),)
    return Reply(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers)
