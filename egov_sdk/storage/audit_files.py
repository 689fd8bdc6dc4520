"""Audit logs in files (审计日志导出): lines of JSON, verified anywhere.

First the head of a chain: ``chain``, ``head`` (the number of its last entry), ``digest``, and where there are any,
``stamps``, how many time stamps follow. Then each entry, and behind the entry that it is over each time stamp:
``stamp`` (the number of that entry), ``digest`` and ``token``, a token of RFC 3161. Octets are hexadecimal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NoReturn, TypeAlias

from egov_sdk.errors import ParseError
from egov_sdk.report import Outcome, Report
from egov_sdk.storage.audit import CHECKS, COLUMNS, AuditHead, AuditLog, Row, audit_rows, verify_rows
from egov_sdk.storage.sql import Connection
from egov_sdk.strict_json import names_once

__all__ = ["AuditFile", "AuditStamp", "TakeStamp", "export_audit", "verify_export"]

_STAMP: Final = frozenset({"stamp", "digest", "token"})
_WHOLE: Final = "coverage.audit_file"
_OCTETS: Final = ("previous", "digest")
#: A room may keep a whole message in an entry; those of the exchange have 16 MiB at most.
_MOST_LINE: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class AuditStamp:
    """A time stamp of a log: the number of the entry that it is over, that entry's digest, and the token (DER)."""

    number: int
    digest: bytes
    token: bytes = field(repr=False)


#: Takes each time stamp of a file, with the digest of the entry before it if that has its number, else None.
TakeStamp: TypeAlias = Callable[[AuditStamp, bytes | None], None]


def export_audit(connection: Connection, chain: str, *, stamps: Sequence[AuditStamp] = ()) -> Iterator[bytes]:
    """The lines of a file: the head of the chain, every entry as it lies in the database, and time stamps.

    Times are microseconds since 1970. What is damaged is written as it is.

    Args:
        stamps: of this chain, by their numbers.
    """
    head = AuditLog(chain).head(connection)
    first: dict[str, object] = {"chain": head.chain, "head": head.number, "digest": head.digest.hex()}
    yield _line(first | {"stamps": len(stamps)} if stamps else first)
    left, taken = list(reversed(stamps)), 0
    for row in audit_rows(connection, chain):
        taken = row[0] if isinstance(row[0], int) else taken
        while left and left[-1].number < taken:  # its entry is not there
            yield _stamp_line(left.pop())
        yield _line({name: _plain(value) for name, value in zip(COLUMNS, row, strict=True)})
        while left and left[-1].number == taken:
            yield _stamp_line(left.pop())
    yield from map(_stamp_line, reversed(left))


def _stamp_line(stamp: AuditStamp) -> bytes:
    return _line({"stamp": stamp.number, "digest": stamp.digest.hex(), "token": stamp.token.hex()})


def verify_export(lines: Iterable[bytes], *, at: datetime, expected_head: AuditHead | None = None) -> Report:
    """As verify_audit, of the lines of a file; they are judged as they come, so that a long log needs no room.

    That no time stamp of the file is missing belongs to it; whether they hold is for ``verify_stamped_export`` of the
    exchange.

    Raises:
        ParseError: a line is none of an export.
        ValueError: ``at`` has no time zone, or the head is one of another chain.
    """
    return AuditFile(lines).verify(at=at, expected_head=expected_head)


class AuditFile:
    """An export whose first line is read: ``head`` is the chain's, ``stamps`` the number of time stamps in it.

    Raises:
        ParseError: it is no head of a chain.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = enumerate(lines, start=1)
        number, first = next(self._lines, (1, b""))
        self.head, self.stamps = _head(_object(first, number), number)
        self._found = 0

    def verify(self, *, at: datetime, expected_head: AuditHead | None = None, take: TakeStamp | None = None) -> Report:
        """As verify_export; once.

        Args:
            take: is given every time stamp as it comes.
        """
        report = verify_rows(self._rows(take), self.head.chain, head=self.head, at=at, expected_head=expected_head)
        if not self.stamps and not self._found:
            return report
        whole = self._found == self.stamps
        outcome, reason = (Outcome.PASSED, "whole") if whole else (Outcome.FAILED, "stamps")
        check = CHECKS.check(_WHOLE, outcome, reason, found=self._found, expected=self.stamps)
        return replace(report, checks=(*report.checks, check), required=report.required | {_WHOLE})

    def _rows(self, take: TakeStamp | None) -> Iterator[Row]:
        """The entries; time stamps are counted and handed on."""
        last: Row = ()
        for number, line in self._lines:
            value = _object(line, number)
            if value.keys() != _STAMP:
                last = _row(value, number)
                yield last
                continue
            self._found += 1
            stamp = _stamp(value, number)
            if take is not None:
                take(stamp, last[-1] if last and last[0] == stamp.number else None)


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
        value = json.loads(line, object_pairs_hook=names_once)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        _wrong(number, "an object of JSON", "something else")
    return value


def _head(value: dict[str, object], number: int) -> tuple[AuditHead, int]:
    chain, last, digest = value.get("chain"), value.get("head"), _octets(value.get("digest"))
    stamps = value.get("stamps", 0)
    if not isinstance(chain, str) or not isinstance(last, int) or digest is None or not isinstance(stamps, int):
        _wrong(number, "the head of a chain: chain, head, digest", ", ".join(map(str, sorted(value)[:8])))
    return AuditHead(chain, last, digest), stamps


def _stamp(value: dict[str, object], number: int) -> AuditStamp:
    of, digest, token = value["stamp"], _octets(value["digest"]), _octets(value["token"])
    if not isinstance(of, int) or digest is None or token is None:
        _wrong(number, "a time stamp: its entry's number, digest and token in hexadecimal", "something else")
    return AuditStamp(of, digest, token)


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
