"""Recordings of a platform's traffic as files: JSON lines, without secrets and people (流量录制文件).

The first line is ``{"egov_recording": 1, "platform": NAME}``; each one after it an exchange, with ``request``
(``method``, ``path``, ``query`` as pairs, ``kind``, ``body``) and ``answer`` (``status``, ``headers`` as pairs,
``body``). ``kind`` is ``none``, ``json``, ``form`` (pairs) or ``removed``, which says how many octets there were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.gateway.asgi import read_json
from egov_sdk.problems import shown

__all__ = ["HEADERS", "Body", "Recorded", "as_json", "read_recording", "write_recording"]

BodyKind = Literal["none", "json", "form", "removed"]
Pairs = tuple[tuple[str, str], ...]

#: The headers of answers that are kept: none of them can hold anybody's secret.
HEADERS: Final = frozenset({"content-type", "retry-after"})
_VERSION: Final = 1
_FILE_BYTES: Final = 256 << 20
_LINE_BYTES: Final = 16 << 20
_LINES: Final = 100_000
_PAIRS: Final = 1_000
_HALVES: Final = re.compile("[\ud800-\udfff]")
_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request or an answer: a JSON value, pairs of a form, or the number of octets that there were."""

    kind: BodyKind = "none"
    value: object = field(default=None, repr=False)

    @property
    def pairs(self) -> Pairs:
        """Those of a form; none of another body."""
        return self.value if self.kind == "form" and isinstance(self.value, tuple) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One request and its answer."""

    method: str
    path: str
    query: Pairs = field(default=(), repr=False)
    body: Body = Body()
    status: int
    headers: Pairs = ()
    answer: Body = Body()


def write_recording(exchanges: Iterable[Recorded], *, platform: str) -> str:
    """A recording as the text of its file."""
    lines: list[object] = [{"egov_recording": _VERSION, "platform": platform}]
    for one in exchanges:
        request = {"method": one.method, "path": one.path, "query": one.query, **_written(one.body)}
        lines.append(
            {
                "request": request,
                "answer": {"status": one.status, "headers": one.headers, **_written(one.answer)},
            }
        )
    return "".join(as_json(line) + "\n" for line in lines)


def as_json(value: object) -> str:
    """A value as JSON that can be written as UTF-8: halves of characters, which strangers send, stay escapes."""
    text = json.dumps(value, ensure_ascii=False)
    return text if _HALVES.search(text) is None else json.dumps(value)


def _written(body: Body) -> dict[str, object]:
    return {"kind": body.kind} | ({} if body.kind == "none" else {"body": body.value})


def read_recording(source: bytes | Path) -> tuple[Recorded, ...]:
    """The exchanges of a file, in order. A stranger's file is read under limits, and nothing in it names a file.

    Raises:
        ParseError: it is no recording, or one of a later version; ``where`` is the line.
        LimitExceeded: it is too large.
        OSError: it cannot be read.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            source = file.read(_FILE_BYTES + 1)
    if len(source) > _FILE_BYTES:
        raise LimitExceeded("recording_bytes", allowed=_FILE_BYTES, found=len(source), where="file")
    lines = source.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    if len(lines) > _LINES:
        raise LimitExceeded("recording_lines", allowed=_LINES, found=len(lines), where="file")
    if not lines:
        raise _bad(1, "an empty file")
    head = _object(lines[0], 1)
    if head.get("egov_recording") != _VERSION:
        raise _bad(1, f"version {shown(head.get('egov_recording'))}", expected=f"version {_VERSION}")
    return tuple(_exchange(_object(line, number), number) for number, line in enumerate(lines[1:], 2))


def _object(line: bytes, number: int) -> dict[str, Any]:
    if len(line) > _LINE_BYTES:
        raise LimitExceeded("recording_line_bytes", allowed=_LINE_BYTES, found=len(line), where=f"line {number}")
    try:
        value = read_json(line)
    except ValueError:
        raise _bad(number, "no JSON") from None
    if not isinstance(value, dict):
        raise _bad(number, "no object")
    return value


def _exchange(value: dict[str, Any], number: int) -> Recorded:
    request, answer = value.get("request"), value.get("answer")
    if not isinstance(request, dict) or not isinstance(answer, dict):
        raise _bad(number, "no request or no answer")
    method, path, status = request.get("method"), request.get("path"), answer.get("status")
    if method not in _METHODS or not isinstance(path, str) or not path.startswith("/") or not path.isprintable():
        raise _bad(number, "a method or path that is none")
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise _bad(number, f"status {shown(status)}", expected="200 to 599")
    headers = _pairs(answer.get("headers", []), number)
    if any(name not in HEADERS or not text.isascii() or not text.isprintable() for name, text in headers):
        raise _bad(number, "a header that is not kept", expected=" or ".join(sorted(HEADERS)))
    return Recorded(
        method=method,
        path=path,
        query=_pairs(request.get("query", []), number),
        body=_body(request, number),
        status=status,
        headers=headers,
        answer=_body(answer, number),
    )


def _pairs(value: object, number: int) -> Pairs:
    if not isinstance(value, list) or len(value) > _PAIRS:
        raise _bad(number, "pairs that are none")
    found = []
    for one in value:
        if not isinstance(one, list) or len(one) != 2 or not all(isinstance(text, str) for text in one):
            raise _bad(number, "pairs that are none")
        found.append((one[0], one[1]))
    return tuple(found)


def _body(value: dict[str, Any], number: int) -> Body:
    kind, body = value.get("kind"), value.get("body")
    if kind == "form":
        return Body("form", _pairs(body, number))
    if kind == "removed" and isinstance(body, int) and not isinstance(body, bool) and 0 <= body <= _FILE_BYTES:
        return Body("removed", body)
    if kind == "none" and body is None:
        return Body()
    if kind == "json" and "body" in value:
        return Body("json", body)
    raise _bad(number, "a body that is none")


def _bad(number: int, found: str, *, expected: str = "") -> ParseError:
    return ParseError(
        "this is no recording", where=f"line {number}", code="egov.platform.recording", found=found, expected=expected
    )
