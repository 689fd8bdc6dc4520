"""Audit logs in files (审计日志导出): the head of a chain, then each entry on a line of JSON, verified anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NoReturn

from egov_sdk.errors import ParseError
from egov_sdk.report import Report
from egov_sdk.storage.audit import COLUMNS, AuditHead, AuditLog, Row, audit_rows, verify_rows
from egov_sdk.storage.sql import Connection

__all__ = ["export_audit", "verify_export"]

_OCTETS: Final = ("previous", "digest")
#: A room may keep a whole message in an entry; those of the exchange have 16 MiB at most.
_MOST_LINE: Final = 32 << 20


def export_audit(connection: Connection, chain: str) -> Iterator[bytes]:
    """The lines of a file: the head of the chain, then every entry as it lies in the database.

    Times are microseconds since 1970, digests are hexadecimal. What is damaged is written as it is.
    """
    head = AuditLog(chain).head(connection)
    yield _line({"chain": head.chain, "head": head.number, "digest": head.digest.hex()})
    for row in audit_rows(connection, chain):
        yield _line({name: _plain(value) for name, value in zip(COLUMNS, row, strict=True)})


def verify_export(lines: Iterable[bytes], *, at: datetime, expected_head: AuditHead | None = None) -> Report:
    """As verify_audit, of the lines of a file; they are judged as they come, so that a long log needs no room.

    Raises:
        ParseError: a line is none of an export.
        ValueError: ``at`` has no time zone, or the head is one of another chain.
    """
    numbered = enumerate(lines, start=1)
    number, first = next(numbered, (1, b""))
    head = _head(_object(first, number), number)
    rows = (_row(_object(line, number), number) for number, line in numbered)
    return verify_rows(rows, head.chain, head=head, at=at, expected_head=expected_head)


def _line(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _object(line: bytes, number: int) -> dict[str, object]:
    if len(line) > _MOST_LINE:
        _wrong(number, f"at most {_MOST_LINE} octets", f"{len(line)}")
    try:
        value = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        _wrong(number, "an object of JSON", "something else")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object in which no name stands twice: readers differ about which of both counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _head(value: dict[str, object], number: int) -> AuditHead:
    chain, last, digest = value.get("chain"), value.get("head"), _octets(value.get("digest"))
    if not isinstance(chain, str) or not isinstance(last, int) or digest is None:
        _wrong(number, "the head of a chain: chain, head, digest", ", ".join(map(str, sorted(value)[:8])))
    return AuditHead(chain, last, digest)


def _row(value: dict[str, object], number: int) -> Row:
    if value.keys() != set(COLUMNS) or not isinstance(value["number"], int):
        _wrong(number, f"an entry: {', '.join(COLUMNS)}", ", ".join(map(str, sorted(value)[:8])))
    # a digest that is none fails as an entry that was changed, as in the database
    return tuple(_octets(value[name]) if name in _OCTETS else value[name] for name in COLUMNS)


def _octets(value: object) -> bytes | None:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _wrong(number: int, expected: str, found: str) -> NoReturn:
    raise ParseError(
        f"expected {expected}, found {found[:80]}",
        where=f"line {number}",
        code="egov.storage.audit_file",
        expected=expected,
        found=found[:80],
    )
