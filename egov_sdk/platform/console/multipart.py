"""A form with a file in it (multipart/form-data), read from memory as strictly as browsers write it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from egov_sdk.identity.provider.web import BadRequest

__all__ = ["FormPart", "read_multipart"]

_PARTS: Final = 8
_HEADER_BYTES: Final = 4_096
_BOUNDARY: Final = re.compile(r"multipart/form-data\s*;\s*boundary=(?:\"([^\"]{1,70})\"|([^\s;,\"]{1,70}))\s*", re.I)
_NAMED: Final = re.compile(r'form-data; name="([^"\r\n]*)"(?:; filename="([^"\r\n]*)")?')


@dataclass(frozen=True, slots=True)
class FormPart:
    """One field; ``file_name`` is None where it is no file."""

    name: str
    content: bytes = field(repr=False)
    file_name: str | None = None


def read_multipart(body: bytes, content_type: str) -> tuple[FormPart, ...]:
    """The fields of a form.

    Raises:
        BadRequest: it is none, or has more fields than any form here.
    Source:
        RFC 7578; HTML Living Standard, multipart form data: names have no quotes, which browsers write as %22.
    """
    found = _BOUNDARY.fullmatch(content_type)
    if found is None:
        raise BadRequest(415, "only multipart/form-data is read")
    mark = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
    first, *rest = (b"\r\n" + body).split(mark, _PARTS + 1)
    if first or not rest or rest[-1] not in (b"--\r\n", b"--"):
        raise BadRequest(400, "a form that cannot be read, or with too many fields")
    return tuple(_part(piece) for piece in rest[:-1])


def _part(piece: bytes) -> FormPart:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank or not head.startswith(b"\r\n") or len(head) > _HEADER_BYTES:
        raise BadRequest(400, "a field that cannot be read")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    named = _NAMED.fullmatch(headers.get("content-disposition", ""))
    if named is None:
        raise BadRequest(400, "a field without a name")
    return FormPart(named[1], content, named[2])
