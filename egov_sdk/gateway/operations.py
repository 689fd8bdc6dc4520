"""Operations of this library's own REST interface: each is described once, and client, server and document follow it.

The form: JSON in UTF-8 whose members are the fields of the question, those in the path apart; octets in base64url;
times with an offset. A question that is a document and nothing else may be sent as its octets. A no is an object with
``code``, ``kind``, ``message``, ``message_zh``, ``where``, ``detail`` and ``request_id``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from egov_sdk.errors import EgovError, InputError, LimitExceeded, ParseError, PlatformRejected, VerificationError
from egov_sdk.frozen import Frozen, first_misfit
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.messages import Answer, Flow, Request, ask
from egov_sdk.problems import ProblemTable, Rejected, shown
from egov_sdk.report import Text

__all__ = ["OCTETS", "Nothing", "Operation", "Question", "Refusals", "Said", "path_pattern", "perform", "refusals_of"]

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A")

#: A table of any room's refusals.
AnyTable: TypeAlias = ProblemTable[Any]

#: The content type of answers that are a document and no JSON.
OCTETS: Final = "application/octet-stream"

_HOLE: Final = re.compile(r"\{(\w+)\}")
_ANSWER_BYTES: Final = 64 << 20


class Question(Frozen):
    """What an operation is asked with; base of the models of questions."""


class Nothing(Question):
    """The question of an operation that needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Q, A]):
    """One operation: where it is, what it is asked with, and what it answers.

    Attributes:
        name: Of the room and the method, such as ``license.issue``; it stands in logs and the document.
        path: Begins with a slash; ``{name}`` takes a field of the question.
        answer: A model, any type that pydantic reads, or ``bytes`` for a document.
        as_body: The field of octets that may be the whole body as it is, where nothing else is asked.
        repeatable: Whether the same request, sent again with its key, takes effect once.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    question: type[Q]
    answer: type[A]
    summary: Text
    repeatable: bool = False
    as_body: str = ""
    adapter: TypeAdapter[A] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        unknown = {*self.path_fields, *filter(None, [self.as_body])} - set(self.question.model_fields)
        if not self.path.startswith("/") or unknown:
            raise ValueError(f"{self.name}: the path {self.path} names {', '.join(sorted(unknown)) or 'no root'}")
        object.__setattr__(self, "adapter", TypeAdapter(self.answer))

    @property
    def path_fields(self) -> tuple[str, ...]:
        """The fields of the question that stand in the path."""
        return tuple(_HOLE.findall(self.path))

    @property
    def is_document(self) -> bool:
        """Whether the answer is octets and no JSON."""
        return self.answer is bytes

    def request(self, question: Q, *, prefix: str = "", key: str = "") -> Request:
        """The request that asks this question."""
        in_path = {name: quote(str(getattr(question, name)), safe="") for name in self.path_fields}
        path = prefix + _HOLE.sub(lambda hole: in_path[hole.group(1)], self.path)
        if self.method in ("GET", "DELETE"):
            given = question.model_dump(mode="json", exclude=set(self.path_fields))
            return Request(self.method, path, query=_pairs(given), max_answer_bytes=_ANSWER_BYTES)
        body, kind = self._body(question)
        return Request(
            self.method,
            path,
            body=body,
            content_type=kind,
            idempotency_key=key,
            writes_safely=self.repeatable,
            max_answer_bytes=_ANSWER_BYTES,
        )

    def _body(self, question: Q) -> tuple[bytes, str]:
        """A question as it is sent, and its content type."""
        in_path = set(self.path_fields)
        if self.as_body and {*question.model_dump(exclude=in_path, exclude_defaults=True)} == {self.as_body}:
            return getattr(question, self.as_body), OCTETS
        return question.model_dump_json(exclude=in_path).encode(), "application/json"

    def read(self, answer: Answer) -> A:
        """What was answered.

        Raises:
            AnswerMalformed: it is not of this operation's form.
        """
        if self.is_document:
            return self.adapter.validate_python(answer.body)
        try:
            return self.adapter.validate_json(answer.body)
        except (ValidationError, InputError) as error:
            place = first_misfit(error).place if isinstance(error, ValidationError) else ""
            raise AnswerMalformed(
                f"the answer to {self.name} is not as agreed at {shown(place) or 'its root'}",
                origin="platform",
                request_id=answer.request_id,
                size=len(answer.body),
            ) from None


@dataclass(frozen=True, slots=True)
class Said:
    """What a platform said with its no, in this library's own form."""

    code: str
    kind: str
    message: str
    detail: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    message_zh: str = ""


#: Makes the error of a room from what a platform said; None where the code is not one of the room's.
Refusals = Callable[[Said], EgovError | None]


def refusals_of(*tables: AnyTable, branches: Mapping[str, type[VerificationError]] = MappingProxyType({})) -> Refusals:
    """The errors that rooms with these tables raise themselves, made again on this side of the line.

    Args:
        branches: Beginnings of further codes, each with the class that carries them.
    """

    def remade(said: Said) -> EgovError | None:
        for table in tables:
            problem = said.code.removeprefix(f"egov.{table.room}.")
            if problem != said.code and problem in table.rows:
                return _rejected(table, problem, said)
        for beginning, branch in branches.items():
            if said.code.startswith(beginning):
                error = branch(said.message, code=said.code)
                error.detail.update(said.detail)
                return error
        return None

    return remade


#: An operation whatever its question and answer.
AnyOperation: TypeAlias = Operation[Any, Any]


def path_pattern(path: str) -> re.Pattern[str]:
    """What the path of an operation takes: each ``{name}`` is one segment, a group of that name."""
    parts = _HOLE.split(path)
    texts = (re.escape(part) if index % 2 == 0 else f"(?P<{part}>[^/]+)" for index, part in enumerate(parts))
    return re.compile("".join(texts))


def perform(operation: Operation[Q, A], question: Q, *, refusals: Refusals, prefix: str = "", key: str = "") -> Flow[A]:
    """Ask one question, as a flow; a no of the room is raised as the room's own error.

    Args:
        refusals: See refusals_of.
        prefix: Where the platform has the interface, such as ``/egov/v1``.
        key: The idempotency key; made if empty.
    """
    try:
        answer = yield from ask(operation.request(question, prefix=prefix, key=key))
    except PlatformRejected as error:
        said = _said(error)
        raise (_told(said, refusals) if said else None) or error from error.__cause__
    return operation.read(answer)


def _said(error: PlatformRejected) -> Said | None:
    value = error.said
    if not isinstance(value, Mapping) or not str(value.get("code", "")).startswith("egov."):
        return None
    detail = value.get("detail")
    facts = {shown(name): shown(fact) for name, fact in detail.items()} if isinstance(detail, Mapping) else {}
    names = ("code", "kind", "message", "where", "message_zh")
    code, kind, message, where, message_zh = (shown(value.get(name, "")) for name in names)
    return Said(code, kind, message, facts, where, message_zh)


def _told(said: Said, refusals: Refusals) -> Exception | None:
    """The error that the work itself would have raised, had it been done here."""
    if said.kind == "caller":
        return ValueError(said.message)
    error = _unreadable(said) if said.kind == "input" else refusals(said)
    if said.message_zh and isinstance(error, (Rejected, ParseError)):
        error.text = Text(error.message, said.message_zh)
    elif said.message_zh and error is not None:
        error.detail.setdefault("message_zh", said.message_zh)
    return error


def _unreadable(said: Said) -> InputError:
    """A no about what we sent, such as a document that is none."""
    limit, allowed = said.detail.get("limit", ""), said.detail.get("allowed", "")
    if said.code == LimitExceeded.code and allowed.isdecimal() and len(allowed) < 16:
        return LimitExceeded(limit, allowed=int(allowed), found=said.detail.get("found", ""), where=said.where)
    error = ParseError(said.message.removeprefix(f"{said.where}: "), where=said.where, code=said.code)
    error.detail.update(said.detail)
    return error


def _rejected(table: ProblemTable[Any], problem: str, said: Said) -> Rejected:
    error: Rejected = table.rejected(said.message or str(table.rows[problem]), code=said.code)
    error.problem = problem
    error.detail.update(said.detail)
    return error


def _pairs(given: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Fields as parameters: what is None or empty is left out, a list stands several times."""
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        pairs += [(name, _text(one)) for one in values if one is not None and one != ""]
    return tuple(pairs)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise TypeError("a parameter is a text or a number")
    return str(value)
