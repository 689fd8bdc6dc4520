"""The page where anybody verifies a document (公众验证页面): nothing is kept, and nobody has to sign in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from egov_sdk.errors import EgovError, InputError
from egov_sdk.gateway.asgi import headers_of, http_only
from egov_sdk.identity.provider.web import Answer, BadRequest, Receive, Request, Scope, Send, read_request, send_answer
from egov_sdk.platform.console.judging import judge_code, judge_file
from egov_sdk.platform.console.languages import lang_cookie, language_choice, language_of
from egov_sdk.platform.console.multipart import read_multipart
from egov_sdk.platform.console.problems import ConsoleRejected, failed, refuse
from egov_sdk.platform.console.rendering import Pages
from egov_sdk.report import Lang
from egov_sdk.report_words import message_of
from egov_sdk.storage import StorageError

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice

__all__ = ["VerifyApp", "VerifyLimits"]

_MIB: Final = 1 << 20
_FILE, _CODE = "file", "code"
_OVERHEAD: Final = 16 << 10  # of a form around its file
_DRAINED: Final = 4  # times the limit: a browser shows our answer only once it has sent everything
_NAME_CHARS: Final = 120
_STATUS: Final = {
    "console.too_large": 413,
    "console.too_slow": 408,
    "console.too_long": 503,
    "console.busy": 503,
    "console.not_found": 404,
    "console.method": 405,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyLimits:
    """What strangers may ask of the page.

    Attributes:
        file_bytes: How large a file may be.
        upload_s, work_s: How long sending it and verifying it may take, in seconds.
        at_once: How many files are verified at a time, and ``waiting`` how many more may wait.
        uploads: How many may be on their way at a time; they lie in memory.
    """

    file_bytes: int = 16 * _MIB
    upload_s: float = 60.0
    work_s: float = 20.0
    at_once: int = 2
    waiting: int = 8
    uploads: int = 16


class VerifyApp:
    """An ASGI application with one page; its root path is where it is."""

    def __init__(
        self, office: LocalOffice, *, pages: Pages, clock: Callable[[], datetime], limits: VerifyLimits
    ) -> None:
        self._office, self._pages, self._clock, self._limits = office, pages, clock, limits
        self._workers = ThreadPoolExecutor(limits.at_once, thread_name_prefix="verify")
        self._pending = self._arriving = 0
        self._secure = urlsplit(office.provider.settings.issuer).scheme == "https"

    @http_only
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if (answer := await self._answer(scope, receive)) is not None:
            await send_answer(answer, send, head_only=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        lang: Lang = "zh"
        try:
            kind = headers_of(scope).get("content-type", "")
            if scope["method"] == "POST" and kind.lower().startswith("multipart/"):
                lang = language_of(await read_request({**scope, "method": "GET", "headers": _cookies(scope)}, _empty))
                body = await self._received(receive)
                return None if body is None else await self._uploaded(body, kind, lang)
            request = await read_request(scope, receive)
            lang = language_of(request)
            if (chosen := language_choice(request)) is not None:
                return self._pages.go(self._pages.verify + chosen[0], lang_cookie(chosen[1], secure=self._secure))
            return await self._plain(request, lang)
        except BadRequest as bad:
            return self._form(lang, refuse("console.request", found=bad.reason), status=bad.status)
        except ConsoleRejected as no:
            return self._form(lang, no, status=_STATUS.get(no.problem, 400))
        except Exception:  # noqa: BLE001 - nothing internal may reach the visitor
            return self._form(lang, failed(), status=500)

    async def _plain(self, request: Request, lang: Lang) -> Answer:
        if request.path not in ("", "/"):
            raise refuse("console.not_found")
        if request.method in ("GET", "HEAD"):
            return self._form(lang)
        if request.method != "POST":
            raise refuse("console.method")
        code = request.fields.get(_CODE, "").strip()
        if not code:
            raise refuse("console.no_file")
        facts = await self._worked(lambda: judge_code(self._office, code, at=self._clock(), lang=lang))
        return self._found(lang, facts)

    async def _uploaded(self, body: bytes, kind: str, lang: Lang) -> Answer:
        part = next((one for one in read_multipart(body, kind) if one.name == _FILE), None)
        if part is None or not part.content:
            raise refuse("console.no_file")
        if len(part.content) > self._limits.file_bytes:
            raise self._too_large()
        name = (part.file_name or "")[-_NAME_CHARS:]
        facts = await self._worked(
            lambda: judge_file(self._office, part.content, name=name, at=self._clock(), lang=lang)
        )
        return self._found(lang, facts)

    async def _received(self, receive: Receive) -> bytes | None:
        if self._arriving >= self._limits.uploads:
            raise refuse("console.busy")
        self._arriving += 1
        try:
            return await self._body(receive)
        finally:
            self._arriving -= 1

    async def _body(self, receive: Receive) -> bytes | None:
        """The form, whole; what is too large is read to its end, as far as that goes, and forgotten."""
        limit, pieces, size = self._limits.file_bytes + _OVERHEAD, list[bytes](), 0
        try:
            async with asyncio.timeout(self._limits.upload_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    piece = message.get("body", b"")
                    assert isinstance(piece, bytes)
                    size += len(piece)
                    if size <= limit:
                        pieces.append(piece)
                    elif size > _DRAINED * limit:
                        raise self._too_large()
                    else:
                        pieces.clear()
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            raise refuse("console.too_slow", expected=f"{self._limits.upload_s:.0f}") from None
        if size > limit:
            raise self._too_large()
        return b"".join(pieces)

    def _too_large(self) -> ConsoleRejected:
        return refuse("console.too_large", expected=self._limits.file_bytes // _MIB)

    async def _worked(self, work: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
        """What is found, in time; what takes longer keeps its place among the workers until it ends."""
        limits = self._limits
        if self._pending >= limits.at_once + limits.waiting:
            raise refuse("console.busy")
        self._pending += 1
        loop = asyncio.get_running_loop()

        def ended(_: Future[Mapping[str, object]]) -> None:
            loop.call_soon_threadsafe(self._ended)

        running = self._workers.submit(work)
        running.add_done_callback(ended)
        try:
            async with asyncio.timeout(limits.work_s):
                return await asyncio.shield(asyncio.wrap_future(running))
        except TimeoutError:
            running.cancel()
            raise refuse("console.too_long", expected=f"{limits.work_s:.0f}") from None

    def _ended(self) -> None:
        self._pending -= 1

    def _form(self, lang: Lang, problem: EgovError | None = None, *, status: int = 200) -> Answer:
        told = "" if problem is None else message_of(problem, lang)
        code = "" if problem is None else problem.code
        return self._page("verify.html", lang, {"problem": told, "code": code, "found": None}, status=status)

    def _found(self, lang: Lang, facts: Mapping[str, object]) -> Answer:
        problem = facts.get("problem")
        if isinstance(problem, StorageError):
            return self._form(lang, problem, status=503)
        if isinstance(problem, InputError):
            about = refuse("console.not_ofd") if facts.get("no_zip") else problem
            return self._form(lang, about, status=400)
        return self._page("verify.html", lang, {"problem": "", "code": "", "found": facts})

    def _page(self, template: str, lang: Lang, facts: Mapping[str, object], *, status: int = 200) -> Answer:
        title = "验证文件" if lang == "zh" else "Verify a document"
        own: dict[str, object] = {
            "title": title,
            "office": self._office.secrets.name,
            "session": None,
            "route": "verify",
            "menu": (),
            "here": self._pages.verify,
            "lang_link": f"?lang={'en' if lang == 'zh' else 'zh'}",
            "most_bytes": self._limits.file_bytes,
        }
        return self._pages.answer(template, own | dict(facts), lang=lang, status=status)


def _cookies(scope: Scope) -> list[tuple[bytes, bytes]]:
    headers = scope["headers"]
    assert isinstance(headers, Iterable)
    return [(name, value) for name, value in headers if name == b"cookie"]


async def _empty() -> dict[str, object]:
    return {"type": "http.request", "body": b"", "more_body": False}
