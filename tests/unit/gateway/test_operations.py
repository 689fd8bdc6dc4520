"""Operations of our own interface: asked by the client, offered by the server, with the room's own refusals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, MutableMapping
from datetime import UTC, date, datetime
from types import MappingProxyType

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import EgovError, LimitExceeded, ParseError, PlatformRejected, VerificationError
from egov_sdk.gateway import AsyncGatewayClient, GatewayClient, in_process
from egov_sdk.gateway.errors import AnswerMalformed, GatewayUnavailable, ServiceFailed
from egov_sdk.gateway.operations import Operation, Question, perform, refusals_of
from egov_sdk.gateway.policies import Retry
from egov_sdk.gateway.serving import Asking, Offer, OperationApp
from egov_sdk.problems import ProblemTable, Rejected
from egov_sdk.report import Text
from egov_sdk.report_words import message_of
from egov_sdk.storage import StorageBusy


class BookRejected(Rejected):
    """A library that says no."""

    code = "egov.books.rejected"


BOOKS = ProblemTable(
    "books",
    MappingProxyType(
        {
            "book_unknown": Text("there is no book {found}", "没有图书 {found}"),
            "lent": Text("it is lent until {until}", "已借出至 {until}"),
            "use_refused": Text("not for you", "无权"),
            "wet": Text("is wet", "受潮"),
        }
    ),
    BookRejected,
)


class Lend(Question):
    book: str
    until: date
    reader: str = ""
    cover: bytes = b""


class Find(Question):
    title: str = ""
    tags: tuple[str, ...] = ()
    at_most: int = 10


class Loan(Question):
    book: str
    until: date
    cover: bytes
    at: datetime


class Scan(Question):
    page: bytes
    at: datetime | None = None


WORDS = Text("a summary", "摘要")
LEND = Operation(
    name="books.lend", method="POST", path="/books/{book}/loans", question=Lend, answer=Loan, summary=WORDS
)
FIND = Operation(name="books.find", method="GET", path="/books", question=Find, answer=tuple[str, ...], summary=WORDS)
READ = Operation(
    name="books.read", method="GET", path="/books/{title}/text", question=Find, answer=bytes, summary=WORDS
)
SCAN = Operation(
    name="books.scan", method="POST", path="/scans", question=Scan, answer=Scan, summary=WORDS, as_body="page"
)
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
ASKED: list[Asking] = []


def lend(question: Lend, asking: Asking) -> Loan:
    ASKED.append(asking)
    failures: dict[str, Callable[[], Exception]] = {
        "none": lambda: BOOKS.refuse("book_unknown", found=question.book),
        "lent": lambda: BOOKS.refuse("lent", until="2026-04-01"),
        "secret": lambda: BOOKS.refuse("use_refused"),
        "torn": lambda: ParseError("is torn", where="page 3", code="egov.books.torn", expected="a page", found="half"),
        "wet": lambda: BOOKS.unreadable("wet", where=Text("page 4", "第 4 页")),
        "branch": lambda: VerificationError("sealed", code="egov.stamped.closed", number=4, message_zh="已封存"),
        "bug": lambda: RuntimeError("an internal secret"),
        "busy": lambda: StorageBusy("somebody is writing"),
        "config": lambda: StorageBusy("password of the database", code="egov.storage.failed"),
    }
    if question.book in failures:
        raise failures[question.book]()
    return Loan(book=question.book, until=question.until, cover=question.cover, at=AT)


def find(question: Find, asking: Asking) -> tuple[str, ...]:
    return (question.title, *question.tags)[: question.at_most]


APP = OperationApp(
    [
        Offer(LEND, lend),
        Offer(FIND, find),
        Offer(READ, lambda question, asking: question.title.encode()),
        Offer(SCAN, lambda question, asking: question),
    ],
    prefix="/v1",
    max_body_bytes=10_000,
)
REFUSALS = refusals_of(BOOKS, branches={"egov.stamped.": VerificationError})
UNTIL = date(2026, 4, 1)


@pytest.fixture
def client() -> GatewayClient:
    return GatewayClient("https://books.example", transport=in_process.transport(APP), retry=Retry(attempts=1))


def ask(client: GatewayClient, book: str, **more: object) -> Loan:
    question = Lend.model_validate({"book": book, "until": UNTIL, **more})
    return client.run(perform(LEND, question, refusals=REFUSALS, prefix="/v1", key="k-1"))


def test_a_question_with_octets_and_dates_arrives_and_so_does_the_answer(client: GatewayClient) -> None:
    loan = ask(client, "红楼梦/1 %2F", cover=bytes(range(256)))
    assert (loan.book, loan.until, loan.cover, loan.at) == ("红楼梦/1 %2F", UNTIL, bytes(range(256)), AT)
    assert ASKED[-1].key == "k-1"


@given(st.text(min_size=1, max_size=20).filter(lambda text: text not in {".", ".."} and text.isprintable()))
def test_any_name_in_the_path_arrives_as_it_was(name: str) -> None:
    answer = httpx.Client(transport=in_process.transport(APP))
    request = READ.request(Find(title=name), prefix="/v1")
    assert answer.get("https://books.example" + request.path).content == name.encode()


def test_parameters_may_stand_several_times(client: GatewayClient) -> None:
    found = client.run(perform(FIND, Find(title="a", tags=("x", "y")), refusals=REFUSALS, prefix="/v1"))
    assert found == ("a", "x", "y")
    assert client.run(perform(FIND, Find(title="a", tags=("x",), at_most=1), refusals=REFUSALS, prefix="/v1")) == ("a",)


def test_tasks_ask_the_same() -> None:
    async def go() -> Loan:
        transport = httpx.ASGITransport(APP)
        async with AsyncGatewayClient("https://books.example", transport=transport) as client:
            return await client.run(perform(LEND, Lend(book="b", until=UNTIL), refusals=REFUSALS, prefix="/v1"))

    assert asyncio.run(go()).book == "b"


@pytest.mark.parametrize(
    ("book", "problem", "detail"),
    [
        ("none", "book_unknown", {"found": "none"}),
        ("lent", "lent", {"until": "2026-04-01"}),
        ("secret", "use_refused", {}),
    ],
)
def test_a_refusal_of_the_room_is_the_rooms_own_error_on_both_sides(
    client: GatewayClient, book: str, problem: str, detail: dict[str, str]
) -> None:
    with pytest.raises(BookRejected) as caught:
        ask(client, book)
    assert caught.value.problem == problem
    assert caught.value.code == f"egov.books.{problem}"
    assert detail.items() <= caught.value.detail.items()


def test_a_file_that_the_platform_cannot_read_is_the_same_error_with_its_place(client: GatewayClient) -> None:
    with pytest.raises(ParseError, match=r"^page 3: is torn$") as caught:
        ask(client, "torn")
    assert (caught.value.where, caught.value.code) == ("page 3", "egov.books.torn")
    assert caught.value.detail["expected"] == "a page"


def test_other_refusals_come_by_the_beginning_of_their_code(client: GatewayClient) -> None:
    with pytest.raises(VerificationError) as caught:
        ask(client, "branch")
    assert (caught.value.code, caught.value.detail["number"]) == ("egov.stamped.closed", "4")


@pytest.mark.parametrize(
    ("book", "zh"),
    [("none", "没有图书 none"), ("wet", "第 4 页：受潮"), ("branch", "已封存"), ("torn", "page 3: is torn")],
)
def test_a_no_is_told_in_both_languages_on_this_side_as_well(client: GatewayClient, book: str, zh: str) -> None:
    with pytest.raises(EgovError) as caught:
        ask(client, book)
    assert message_of(caught.value, "zh") == zh
    assert message_of(caught.value, "en") == caught.value.message


def test_a_refusal_of_another_room_stays_a_no_of_the_platform(client: GatewayClient) -> None:
    question = Lend(book="none", until=UNTIL)
    with pytest.raises(PlatformRejected) as caught:
        client.run(perform(LEND, question, refusals=refusals_of(), prefix="/v1"))
    assert (caught.value.status, caught.value.platform_code) == (404, "egov.books.book_unknown")


@pytest.mark.parametrize(("book", "word"), [("bug", "internal"), ("config", "password")])
def test_what_failed_inside_is_not_told(
    client: GatewayClient, book: str, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ServiceFailed) as caught:
        ask(client, book)
    assert word not in str(caught.value)
    assert word in caplog.text


def test_a_busy_platform_says_when_to_come_again(client: GatewayClient) -> None:
    with pytest.raises(GatewayUnavailable) as caught:
        ask(client, "busy")
    assert caught.value.detail["retry_after_s"] == 1


def call(method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(transport=in_process.transport(APP)) as client:
        return client.request(method, "https://books.example" + path, content=body, headers=given)


JSON = "application/json"


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status"),
    [
        ("GET", "/v1/nothing", b"", "", 404),
        ("GET", "/books", b"", "", 404),
        ("PUT", "/v1/books", b"", "", 405),
        ("GET", "/v1/books?at_most=many", b"", "", 400),
        ("GET", "/v1/books?color=red", b"", "", 400),
        ("GET", "/v1/books?title=%ff", b"", "", 400),
        ("GET", "/v1/books?title=a&title=b", b"", "", 400),
        ("GET", "/v1/books?title", b"", "", 400),
        ("GET", "/v1/books/a/text?title=b", b"", "", 400),
        ("POST", "/v1/books/b/loans", b"", "", 400),
        ("POST", "/v1/books/b/loans", b"{}", JSON, 400),
        ("POST", "/v1/books/b/loans", b'{"until":"2026-04-01"}', "text/plain", 400),
        ("POST", "/v1/books/b/loans", b'{"until":"2026-04-01","until":"2026-04-02"}', JSON, 400),
        ("POST", "/v1/books/b/loans", b'{"until":"2026-04-01","more":1}', JSON, 400),
        ("POST", "/v1/books/b/loans", b'{"until":"2026-04-01","book":"c"}', JSON, 400),
        ("POST", "/v1/books/b/loans", b'{"until":"2026-04-01","cover":"\xe4"}', JSON, 400),
        ("POST", "/v1/books/b/loans", b'["until"]', JSON, 400),
        ("POST", "/v1/books/b/loans", b"<html>", JSON, 400),
        ("POST", "/v1/books/b/loans", b"[" * 9_000, JSON, 400),
        ("POST", "/v1/books/b/loans", b"1" * 10_001, JSON, 413),
        ("POST", "/v1/books/b/loans", b'{"until":"2026-04-01"}', "application/octet-stream", 400),
        ("POST", "/v1/scans", b"octets", "", 400),
        ("POST", "/v1/scans", b"octets", "text/plain", 400),
        ("POST", "/v1/scans", b"octets", "application/octet-stream-x", 400),
        ("POST", "/v1/scans", b"octets", JSON, 400),
        ("POST", "/v1/scans", b"\0" * 10_001, "application/octet-stream", 413),
    ],
)
def test_a_question_that_is_none_is_refused_with_a_code(
    method: str, path: str, body: bytes, kind: str, status: int
) -> None:
    answer = call(method, path, body, **({"content_type": kind} if kind else {}))
    assert answer.status_code == status
    if status != 405:
        assert answer.json()["code"].startswith("egov.")
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("page", [b"", bytes(range(256)), b'{"page":"AAAA"}'])
def test_a_document_alone_is_sent_as_it_is_and_is_the_same_question(page: bytes) -> None:
    plain, packed = SCAN.request(Scan(page=page), prefix="/v1"), SCAN.request(Scan(page=page, at=AT), prefix="/v1")
    assert (plain.content_type, plain.body, packed.content_type) == ("application/octet-stream", page, JSON)
    for request, at in ((plain, None), (packed, AT)):
        assert isinstance(request.body, bytes)
        answer = call("POST", "/v1/scans", request.body, content_type=request.content_type)
        assert SCAN.adapter.validate_json(answer.content) == Scan(page=page, at=at)


def test_what_is_a_document_cannot_bring_more_with_it() -> None:
    answer = call("POST", "/v1/scans?at=2026-03-02T08:00:00Z", b"octets", content_type="application/octet-stream")
    assert answer.json()["at"] is None


def test_a_document_that_ends_too_early_is_refused() -> None:
    sent: list[MutableMapping[str, object]] = []
    left = iter((("http.request", b"half"), ("http.disconnect", b"")))

    async def receive() -> MutableMapping[str, object]:
        kind, body = next(left)
        return {"type": kind, "body": body, "more_body": True}

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/octet-stream"), (b"content-length", b"8")]
    scope: MutableMapping[str, object] = {"type": "http", "method": "POST", "path": "/v1/scans", "headers": headers}
    asyncio.run(APP(scope, receive, send))
    assert sent[0]["status"] == 400


def test_a_document_is_a_field_of_its_question() -> None:
    with pytest.raises(ValueError, match="leaf"):
        Operation(
            name="books.bad", method="POST", path="/x", question=Scan, answer=bytes, summary=WORDS, as_body="leaf"
        )


def test_a_request_id_of_the_caller_comes_back_unless_it_is_none() -> None:
    assert call("GET", "/v1/books?title=a", x_request_id="r-7").headers["x-request-id"] == "r-7"
    assert call("GET", "/v1/books?title=a", x_request_id="r 7").headers["x-request-id"] != "r 7"


def test_a_body_that_grows_beyond_the_limit_is_not_read_to_its_end() -> None:
    read = 0

    async def endless() -> MutableMapping[str, object]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 4_000, "more_body": True}

    sent: list[MutableMapping[str, object]] = []

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message)

    scope: MutableMapping[str, object] = {
        "type": "http",
        "method": "POST",
        "path": "/v1/books/b/loans",
        "headers": [(b"content-type", b"application/json")],
    }
    asyncio.run(APP(scope, endless, send))
    assert (sent[0]["status"], read) == (413, 3)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html></html>", b'{"book":"b"}', b'["b"]'])
def test_an_answer_of_another_form_is_malformed(body: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    client = GatewayClient("https://books.example", transport=transport)
    with pytest.raises(AnswerMalformed):
        client.run(perform(LEND, Lend(book="b", until=UNTIL), refusals=REFUSALS))


@pytest.mark.parametrize(
    "said",
    [
        {"code": "egov.books.nothing_like_that"},
        {"code": "egov.other.lent"},
        {"code": 5},
        {"code": ["egov.books.lent"]},
        {"kind": "rejected"},
        [],
        "lent",
    ],
)
def test_a_no_in_other_words_is_a_no_of_the_platform(said: object) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(409, content=json.dumps(said)))
    client = GatewayClient("https://books.example", transport=transport)
    with pytest.raises(PlatformRejected):
        client.run(perform(LEND, Lend(book="b", until=UNTIL), refusals=REFUSALS))


def test_strange_facts_of_a_no_are_shown_on_one_line() -> None:
    said = {"code": "egov.books.lent", "kind": "rejected", "message": "no\nway", "detail": {"until": "x\x1b[31m" * 99}}
    transport = httpx.MockTransport(lambda request: httpx.Response(409, content=json.dumps(said)))
    client = GatewayClient("https://books.example", transport=transport)
    with pytest.raises(BookRejected) as caught:
        client.run(perform(LEND, Lend(book="b", until=UNTIL), refusals=REFUSALS))
    assert str(caught.value) == r"no\nway"
    assert str(caught.value.detail["until"]).isprintable()


def test_an_operation_whose_path_names_no_field_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="page"):
        Operation(name="x", method="GET", path="/books/{page}", question=Find, answer=bytes, summary=WORDS)
    with pytest.raises(ValueError, match="offered twice"):
        OperationApp([Offer(FIND, find), Offer(FIND, find)])


def test_a_body_that_is_announced_too_large_is_not_read() -> None:
    with pytest.raises(LimitExceeded) as caught:
        ask(GatewayClient("https://books.example", transport=in_process.transport(APP)), "b", cover=b"x" * 20_000)
    assert caught.value.limit == "max_body_bytes"
