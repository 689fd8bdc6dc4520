"""What is asked of a platform and what it answers, and flows that ask several times."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from egov_sdk.gateway._json import parse_json
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.policies import Timeouts

if TYPE_CHECKING:
    from egov_sdk.gateway.uploads import Upload

__all__ = ["Answer", "Flow", "Pause", "Query", "Request", "ask", "pause"]

T = TypeVar("T")

#: Names with values, in an order that is kept; a name may stand more than once.
Query: TypeAlias = Mapping[str, str] | Sequence[tuple[str, str]]

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class _Unset:
    """No body, which is not the same as a body ``null``."""

    def __repr__(self) -> str:
        return "no JSON"


NO_JSON: Final = _Unset()


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a platform. Time, nonce, signature, token and retries are the client's work.

    Args:
        path: Text that begins with one slash; empty for the profile's ``call_path``.
        json: Any JSON value; or ``form``, or ``body`` with its ``content_type``, or ``upload``: one of the four.
        service: Overrides the service of the credentials.
        values: Override the profile's values for this request.
        idempotency_key: One key for all attempts; made if not given.
        writes_safely: The platform honours the key, so that this write may be repeated after an answer was lost.
        check_answer: Whether the profile's answer rule applies; if not, only the HTTP status counts.
        max_answer_bytes: Overrides the client's limit.
    """

    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
    path: str = ""
    _: KW_ONLY
    query: Query = field(default=(), repr=False)
    json: object = field(default=NO_JSON, repr=False)
    form: Query | None = field(default=None, repr=False)
    body: bytes = field(default=b"", repr=False)
    upload: Upload | None = None
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    service: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    idempotency_key: str = ""
    request_id: str = ""
    writes_safely: bool = False
    check_answer: bool = True
    timeouts: Timeouts | None = None
    max_answer_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.method not in _METHODS:
            raise ValueError(f"method is one of {', '.join(sorted(_METHODS))}, found {self.method!r}")
        bodies = (self.json is not NO_JSON) + (self.form is not None) + bool(self.body)
        bodies += self.upload is not None
        if bodies > 1:
            raise ValueError("give one of json, form, body and upload")
        if self.max_answer_bytes is not None and self.max_answer_bytes < 0:
            raise ValueError("max_answer_bytes is not negative")

    @property
    def is_safe(self) -> bool:
        """Whether it only reads, so that repeating it changes nothing."""
        return self.method in {"GET", "HEAD", "OPTIONS"}

    __hash__ = None  # type: ignore[assignment]  # it holds mappings


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform answered, when it said yes."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    request_id: str = ""
    attempts: int = 1

    def header(self, name: str) -> str:
        """The first header of that name, in any case; empty if there is none."""
        wanted = name.lower()
        return next((value for found, value in self.headers if found.lower() == wanted), "")

    def json(self) -> object:
        """The body as JSON.

        Raises:
            AnswerMalformed: it is something else, such as a web page or the first half of an answer.
        """
        try:
            return parse_json(self.body)
        except ValueError:
            raise not_json(self) from None

    @property
    def text(self) -> str:
        """The body as text, in the charset of its content type or UTF-8; what cannot be read becomes U+FFFD."""
        charset = self.header("content-type").lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
        try:
            return self.body.decode(charset or "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


def not_json(answer: Answer) -> AnswerMalformed:
    """The error for an answer that should be JSON; its body is not repeated, as it may hold anything."""
    kind = answer.header("content-type").partition(";")[0].strip()[:80] or "no content type"
    page = answer.body.lstrip()[:1] == b"<"
    what = "a web page or XML" if page else "no complete JSON"
    return AnswerMalformed(
        f"expected JSON, found {what} ({kind}, {len(answer.body)} bytes, status {answer.status})",
        origin="gateway" if page else "platform",
        request_id=answer.request_id,
        status=answer.status,
        content_type=kind,
        size=len(answer.body),
    )


@dataclass(frozen=True, slots=True)
class Pause:
    """A flow's wish to wait before it goes on."""

    seconds: float


#: An operation as a generator: it yields requests and pauses, gets answers, and returns a value. Errors of a request
#: are raised inside it, at the yield. Both clients run it: ``client.run(flow)``, ``await client.run(flow)``.
Flow: TypeAlias = Generator[Request | Pause, Answer | None, T]


def ask(request: Request) -> Flow[Answer]:
    """One request inside a flow: ``answer = yield from ask(request)``."""
    answer = yield request
    if answer is None:
        raise RuntimeError("a driver must answer a request")
    return answer


def pause(seconds: float) -> Flow[None]:
    """A wait inside a flow: ``yield from pause(2)``."""
    yield Pause(seconds)
