"""Audit logs that were taken out of a database are verified as they were in it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.report import Outcome
from egov_sdk.storage import AuditHead, Store
from egov_sdk.storage.audit import audit_chains
from egov_sdk.storage.audit_files import export_audit, verify_export
from tests.unit.storage.test_audit import found, tamper, write
from tests.unit.storage.times import AT

Lines = list[bytes]


def exported(store: Store) -> Lines:
    with store.read() as connection:
        return list(export_audit(connection, "people"))


def test_an_export_passes_with_the_head_of_the_chain(store: Store) -> None:
    head = write(store, 7)
    lines = exported(store)
    assert len(lines) == 8
    assert verify_export(lines, at=AT, expected_head=head).outcome is Outcome.PASSED
    with store.read() as connection:
        assert audit_chains(connection) == (head,)


def test_a_chain_that_nobody_wrote_to_is_empty(store: Store) -> None:
    assert verify_export(exported(store), at=AT).outcome is not Outcome.PASSED


def edited(line: int, **changes: object) -> Callable[[Lines], Lines]:
    def edit(lines: Lines) -> Lines:
        entry = json.loads(lines[line]) | changes
        return [*lines[:line], json.dumps(entry).encode(), *lines[line + 1 :]]

    return edit


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (edited(3, actor="other"), {("entry", "changed", "entry 3")}),
        (edited(3, detail='{"n":4}'), {("entry", "changed", "entry 3")}),
        (edited(3, at=5), {("entry", "changed", "entry 3")}),
        (edited(3, digest="zz"), {("entry", "changed", "entry 3")}),
        (edited(3, actor=None), {("entry", "changed", "entry 3")}),
        (edited(3, actor="\ud800"), {("entry", "changed", "entry 3")}),
        (edited(3, at=1 << 70), {("entry", "changed", "entry 3")}),
        (edited(3, number=True), {("entry", "changed", "entry True")}),
        (edited(3, number=1 << 70), {("entry", "changed", f"entry {1 << 70}")}),
        (lambda lines: lines[:3] + lines[4:], {("numbers", "missing", ""), ("chain", "broken", "entry 4")}),
        (lambda lines: lines[:-1], {("numbers", "head", "")}),
        (lambda lines: [*lines, lines[-1]], {("chain", "broken", "entry 7")}),
        (edited(0, chain="other"), None),
    ],
)
def test_what_was_done_to_the_file_is_found(
    store: Store, edit: Callable[[Lines], Lines], expected: set[tuple[str, str, str]] | None
) -> None:
    write(store, 7)
    report = verify_export(edit(exported(store)), at=AT)
    assert report.outcome is Outcome.FAILED
    if expected is not None:
        assert expected <= found(report)


def test_what_was_done_in_the_database_is_in_the_file_too(store: Store) -> None:
    write(store, 5)
    tamper(store, "UPDATE storage_audit SET actor = 'other' WHERE number = 2")
    assert found(verify_export(exported(store), at=AT)) == {("entry", "changed", "entry 2")}


def test_a_log_written_anew_is_not_the_one_whose_head_was_kept(store: Store) -> None:
    write(store, 5)
    other = AuditHead("people", 5, b"x" * 32)
    assert verify_export(exported(store), at=AT, expected_head=other).outcome is Outcome.FAILED
    with pytest.raises(ValueError, match="chain"):
        verify_export(exported(store), at=AT, expected_head=AuditHead("other", 5, b"x" * 32))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b""],
        [b"{}"],
        [b"[1]"],
        [b'{"chain":"people","head":"1","digest":"00"}'],
        [b'{"chain":"people","head":1,"digest":"0"}'],
        [b'{"chain":"people","head":1,"digest":"00"}', b"not json"],
        [b'{"chain":"people","head":1,"digest":"00"}', b'{"number":1}'],
        [b'{"chain":"people","head":1,"digest":"00"}', b"[" * 100_000],
        [b'{"chain":"people","head":1,"digest":"00"}', b" " * 2_000_000],
        [b'{"chain":"people","chain":"people","head":1,"digest":"00"}'],
    ],
)
def test_what_is_no_export_is_refused_with_its_line(lines: Lines) -> None:
    with pytest.raises(ParseError) as caught:
        verify_export(lines, at=AT)
    assert caught.value.code == "egov.storage.audit_file"
    assert caught.value.where == f"line {max(len(lines), 1)}"


def test_a_name_that_stands_twice_is_refused_whichever_of_both_is_right(store: Store) -> None:
    write(store, 3)
    lines = exported(store)
    for name in (b'"actor":"somebody else",', b'"number":2,'):
        wrong = [*lines[:2], lines[2].replace(b"{", b"{" + name, 1), *lines[3:]]
        with pytest.raises(ParseError) as caught:
            verify_export(wrong, at=AT)
        assert caught.value.where == "line 3"
