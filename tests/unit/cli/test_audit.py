"""``egov audit``: chains are listed, taken out and verified."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.exchange.node.settings import AuditSettings
from egov_sdk.storage import AuditLog, open_store
from tests.exchange_world import Town
from tests.unit.cli.calling import Egov
from tests.unit.exchange.envelope.offices import AT, offices
from tests.world import NOW


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "office.db"
    with open_store(path) as store:
        store.prepare(at=NOW)
        with store.write() as connection:
            for number in range(5):
                AuditLog("seal").append(connection, at=NOW, actor="clerk", action="stamp", subject=f"s{number}")
    return path


def _head(egov: Egov, database: Path) -> str:
    ran = egov("audit", "chains", database, "--json")
    return str(json.loads(ran.out)["chains"][0]["head"])


def test_a_log_is_listed_taken_out_and_verified(egov: Egov, database: Path, tmp_path: Path) -> None:
    head = _head(egov, database)
    out = tmp_path / "seal.jsonl"
    assert egov("audit", "export", database, "seal", "--out", out).code == 0
    for source in (database, out):
        assert egov("audit", "verify", source).code == 0
        assert egov("audit", "verify", source, "--head", head).code == 0
        assert egov("audit", "verify", source, "--head", f"5:{'0' * 64}").code == 1
    assert json.loads(egov("audit", "verify", out, "--json").out)["reports"][0]["outcome"] == "passed"


def test_whoever_waits_for_a_long_log_sees_how_far_it_has_come(
    egov: Egov, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals: list[int | None] = []

    def followed(items: Iterable[Any], *, total: int | None = None) -> Iterable[Any]:
        totals.append(total)
        return items

    monkeypatch.setattr("egov_sdk.cli._audit.followed", followed)
    assert egov("audit", "export", database, "seal", "--out", tmp_path / "seal.jsonl").code == 0
    for source in (database, tmp_path / "seal.jsonl"):
        assert egov("audit", "verify", source).code == 0
    assert totals == [None, 5, None]


def test_a_log_need_not_fit_into_memory_to_be_taken_out(egov: Egov, database: Path, tmp_path: Path) -> None:
    with open_store(database) as store, store.write() as connection:
        entries = [("clerk", "stamp", f"s{number}", {"note": "x" * 2_000}) for number in range(10_000)]
        AuditLog("long").append_all(connection, at=NOW, entries=entries)
    tracemalloc.start()
    try:
        assert egov("audit", "export", database, "long", "--out", tmp_path / "long.jsonl").code == 0
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (tmp_path / "long.jsonl").stat().st_size > 20_000_000 > 12_000_000 > peak


def test_a_change_is_found_in_both(egov: Egov, database: Path, tmp_path: Path) -> None:
    with sqlite3.connect(database) as meddler:
        meddler.execute("DROP TRIGGER storage_audit_no_update")
        meddler.execute("UPDATE storage_audit SET actor = 'other' WHERE number = 2")
    meddler.close()
    out = tmp_path / "seal.jsonl"
    assert egov("audit", "export", database, "seal", "--out", out).code == 0
    for source in (database, out):
        ran = egov("audit", "verify", source)
        assert ran.code == 1
        assert "REJECTED: integrity.audit_entry (entry 2)" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("chains", "nothing.db"),
        ("export", "{}", "nothing", "--out", "x.jsonl"),
        ("verify", "nothing.db"),
        ("verify", "{}", "--head", "5"),
        ("verify", "{}", "--head", "x:y"),
        ("verify", "{}", "--head", f"5:{'z' * 64}"),
    ],
)
def test_what_cannot_be_asked_is_told(egov: Egov, database: Path, arguments: tuple[str, ...]) -> None:
    assert egov("audit", *(text.format(database) if text == "{}" else text for text in arguments)).code == 2


def test_a_file_that_is_none_is_rejected_and_nothing_is_overwritten(egov: Egov, database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text("no export")
    assert egov("audit", "verify", other).code == 1
    assert egov("audit", "export", database, "seal", "--out", other).code == 2
    assert other.read_text() == "no export"


def test_a_file_of_another_chain_is_not_taken_for_the_one_that_is_named(
    egov: Egov, database: Path, tmp_path: Path
) -> None:
    out = tmp_path / "seal.jsonl"
    assert egov("audit", "export", database, "seal", "--out", out).code == 0
    assert egov("audit", "verify", out, "seal").code == 0
    ran = egov("audit", "verify", out, "people")
    assert (ran.code, "'seal', not 'people'" in ran.err) == (2, True)


def test_the_time_stamps_of_a_node_are_verified_with_its_log(egov: Egov, database: Path, tmp_path: Path) -> None:
    settings = AuditSettings(time_stamp=lambda digest: offices().tsa.stamp(digest, at=AT))
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db", audit=settings)
    town.send()
    assert town.tax.stamp_due()
    town.close()
    (tmp_path / "root.pem").write_bytes(offices().ca.certificate.to_pem())
    (tmp_path / "other.pem").write_bytes(offices().other.certificate.to_pem())
    told = ("audit", "verify", tmp_path / "tax.db", "--at", AT.isoformat(), "--trust")
    ran = egov(*told, tmp_path / "root.pem")
    assert (ran.code, "up to entry 1 of 1" in ran.out) == (0, True)
    assert egov(*told, tmp_path / "other.pem").code != 0
    assert egov("audit", "verify", database, "--trust", tmp_path / "root.pem").code == 2


def test_an_exported_log_of_a_node_carries_its_time_stamps_and_is_verified_without_the_database(
    egov: Egov, tmp_path: Path
) -> None:
    settings = AuditSettings(time_stamp=lambda digest: offices().tsa.stamp(digest, at=AT))
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db", audit=settings)
    town.send()
    assert town.tax.stamp_due()
    town.close()
    file, root = tmp_path / "log.jsonl", tmp_path / "root.pem"
    root.write_bytes(offices().ca.certificate.to_pem())
    chain = f"exchange/{offices().tax.party.id}"
    made = egov("audit", "export", tmp_path / "tax.db", chain, "--out", file)
    assert (made.code, "1 entries and 1 time stamps" in made.out) == (0, True)
    (tmp_path / "tax.db").unlink()
    told = ("audit", "verify", file, "--at", "2036-01-01")
    ran = egov(*told, "--trust", root)
    assert (ran.code, "up to entry 1 of 1" in ran.out) == (0, True)
    plain = egov(*told)
    assert (plain.code, "1 time stamps: --trust" in plain.err) == (0, True)
    reports = egov(*told, "--trust", root, "--json").json["reports"]
    assert [one["outcome"] for one in reports] == ["passed", "passed"]
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    for words in (told, (*told, "--trust", root)):
        ran = egov(*words)
        assert (ran.code, "coverage.audit_file" in ran.out) == (1, True)
    file.write_bytes(b"".join([lines[0], lines[2], lines[1]]))
    assert egov(*told, "--trust", root).code == 1


def test_a_log_of_which_only_the_time_stamps_are_left_is_missed(egov: Egov, tmp_path: Path) -> None:
    settings = AuditSettings(time_stamp=lambda digest: offices().tsa.stamp(digest, at=AT))
    town = Town.at(tmp_path / "tax.db", tmp_path / "market.db", audit=settings)
    town.send()
    assert town.tax.stamp_due()
    with town.tax.desk.store.write() as connection:
        AuditLog("other").append(connection, at=AT, actor="clerk", action="stamp", subject="s")
    town.close()
    assert egov("audit", "verify", tmp_path / "tax.db").code == 0
    with sqlite3.connect(tmp_path / "tax.db") as meddler:
        meddler.execute("DROP TRIGGER storage_audit_no_delete")
        meddler.execute("DELETE FROM storage_audit WHERE chain <> 'other'")
        meddler.execute("DELETE FROM storage_audit_heads WHERE chain <> 'other'")
    meddler.close()
    ran = egov("audit", "verify", tmp_path / "tax.db")
    assert (ran.code, "the log is empty, or all of it was removed" in ran.out) == (3, True)


def test_the_file_of_a_log_that_nobody_stamps_is_undecided_where_stamps_are_asked_for(
    egov: Egov, database: Path, tmp_path: Path
) -> None:
    file, root = tmp_path / "seal.jsonl", tmp_path / "root.pem"
    root.write_bytes(offices().ca.certificate.to_pem())
    assert egov("audit", "export", database, "seal", "--out", file, "--json").json["stamps"] == 0
    ran = egov("audit", "verify", file, "--trust", root)
    assert (ran.code, "there is no time stamp" in ran.out) == (3, True)
    assert egov("audit", "verify", file, "--trust", tmp_path / "none.pem").code == 2
