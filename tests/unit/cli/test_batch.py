"""``egov verify --batch``: the same verdicts as one by one, a result sheet, and going on after an interruption."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import egov_sdk.cli._batch as batch_module
from egov_sdk.cli._verified import Verified, verified
from egov_sdk.parallel import Done, WorkerLost
from egov_sdk.seal import Policy
from egov_sdk.sheets import open_sheet
from tests.unit.cli.calling import Egov

NAMES = ("sealed", "tampered", "plain", "broken", "garbage", "empty")
CODES = {"sealed": 0, "tampered": 1, "plain": 1, "broken": 1, "garbage": 1, "empty": 1}


@pytest.fixture
def tree(world: Path) -> Path:
    """A tree of documents, some in folders, with files that are none of our business."""
    folder = world / "tree"
    for place, name in enumerate(NAMES):
        at = folder / ("" if place % 2 else f"年度{place}")
        at.mkdir(parents=True, exist_ok=True)
        shutil.copy(world / f"{name}.ofd", at / (f"{name}.OFD" if place == 1 else f"{name}.ofd"))
    (folder / "notes.txt").write_text("none of our business", "utf-8")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_verdicts_and_words_are_those_of_single_runs(egov: Egov, tree: Path) -> None:
    ran = egov("verify", "--batch", "tree", "--trust", "root.pem")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert len(lines) == len(NAMES) + 2
    for name in NAMES:
        path = next(tree.rglob(f"{name}.*"))
        alone = egov("verify", path, "sealed.ofd", "--trust", "root.pem").out.splitlines()[0]
        assert alone.replace(str(path), path.relative_to(tree).as_posix()) in lines
    assert lines[-1] == "6 files: 1 passed, 5 rejected, 0 undecided"


@pytest.mark.parametrize(
    ("keep", "trusting", "code"), [(("sealed",), True, 0), (("sealed",), False, 3), (NAMES, True, 1)]
)
def test_the_exit_code_is_that_of_the_worst(
    egov: Egov, tree: Path, keep: tuple[str, ...], trusting: bool, code: int
) -> None:
    for path in tree.rglob("*.[oO][fF][dD]"):
        if path.stem not in keep:
            path.unlink()
    assert egov("verify", "--batch", tree, *(("--trust", "root.pem") if trusting else ())).code == code


def test_json_is_a_line_for_each_document_and_one_for_all(egov: Egov, tree: Path) -> None:
    asked = ("--trust", "root.pem", "--at", "2024-06-01", "--json")
    ran = egov("verify", "--batch", "tree", *asked)
    *each, last = map(json.loads, ran.out.splitlines())
    assert {Path(one["subject"]).stem: one["outcome"] for one in each} == {
        name: "failed" if code else "passed" for name, code in CODES.items()
    }
    for one in each:
        alone = egov("verify", tree / one["subject"], *asked).json
        drop = {"subject", "verified_at"}
        assert {key: value for key, value in one.items() if key not in drop} == {
            key: value for key, value in alone.items() if key not in drop
        }
    assert last == {
        "schema_version": 1, "outcome": "failed", "total": 6, "passed": 1, "rejected": 5, "undecided": 0,
    }  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sheet_has_a_row_for_each_document(egov: Egov, tree: Path, suffix: str, lang: str) -> None:
    sheet = Path(f"result{suffix}")
    egov("verify", "--batch", "tree", "--trust", "root.pem", "--sheet", sheet, "--lang", lang)
    header, *rows = [row.cells for row in open_sheet(sheet).rows()]
    assert header[0] == ("file" if lang == "en" else "文件")
    found = {Path(row[0]).stem: row for row in rows}
    assert set(found) == set(NAMES)
    assert found["sealed"][1] == ("PASSED" if lang == "en" else "通过")
    assert found["tampered"][2] == "integrity.references"
    assert all(len(row[4]) == 64 for row in rows)
    assert not Path(f"result{suffix}.progress").exists()


def test_in_processes_it_is_the_same(egov: Egov, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_module, "_WORTH_A_PROCESS", 1)
    arguments = ("verify", "--batch", "tree", "--trust", "root.pem", "--at", "2024-06-01")
    assert egov(*arguments, "--jobs", 2) == egov(*arguments, "--jobs", 1)


class _Interrupted:
    """Stands in for the verification, and is interrupted after some documents."""

    def __init__(self, after: int) -> None:
        self.left, self.seen = after, list[str]()

    def __call__(self, path: Path, rules: Policy) -> Verified:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.seen.append(path.stem)
        return verified(path, rules)


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> _Interrupted:
    made = _Interrupted(3)
    monkeypatch.setattr(batch_module, "verified", made)
    return made


ASK = ("verify", "--batch", "tree", "--trust", "root.pem", "--sheet", "out.csv", "--jobs", 1)


def test_what_was_interrupted_goes_on_without_doing_anything_twice(
    egov: Egov, tree: Path, interrupted: _Interrupted
) -> None:
    first = egov(*ASK)
    assert first.code == 3
    assert "--resume" in first.err
    assert not Path("out.csv").exists()
    interrupted.left = 99
    second = egov(*ASK, "--resume")
    assert second.code == 1
    assert "3 of 6 files were done before" in second.err
    assert sorted(interrupted.seen) == sorted(NAMES)
    assert second.out.splitlines()[-1] == "6 files: 1 passed, 5 rejected, 0 undecided"
    whole = egov(*ASK[:-3], "all.csv")
    assert whole.code == 1
    assert rows_of(Path("out.csv")) == rows_of(Path("all.csv"))


def test_a_line_that_was_cut_off_is_done_again(egov: Egov, tree: Path, interrupted: _Interrupted) -> None:
    egov(*ASK)
    journal = Path("out.csv.progress")
    journal.write_bytes(journal.read_bytes()[:-7])
    interrupted.left = 99
    assert "2 of 6 files" in egov(*ASK, "--resume").err
    assert len(rows_of(Path("out.csv"))) == 6


def test_a_file_that_changed_meanwhile_is_done_again(egov: Egov, tree: Path, interrupted: _Interrupted) -> None:
    egov(*ASK)
    first = next(tree.rglob(f"{interrupted.seen[0]}.*"))
    first.write_bytes(b"another")
    os.utime(first, (1, 1))
    interrupted.left = 99
    assert "2 of 6 files" in egov(*ASK, "--resume").err
    rows = {Path(row["file"]).stem: row for row in rows_of(Path("out.csv"))}
    assert rows[first.stem]["bytes"] == "7"
    assert len(rows) == 6


@pytest.mark.parametrize("more", [("--policy", "strict"), ("--at", "2024-06-01"), ("--trust", "maker.pem")])
def test_another_question_is_not_the_same_run(
    egov: Egov, tree: Path, interrupted: _Interrupted, more: tuple[str, str]
) -> None:
    egov(*ASK)
    ran = egov(*ASK, "--resume", *more)
    assert ran.code == 2
    assert "other settings" in ran.err
    assert egov(*ASK).code == 2  # nor is it overwritten unasked


def test_resuming_nothing_begins_anew(egov: Egov, tree: Path) -> None:
    assert egov(*ASK, "--resume").code == 1
    assert egov(*ASK, "--resume").code == 2  # the sheet is there
    assert egov(*ASK, "--force").code == 1


def test_a_journal_that_is_none_is_refused(egov: Egov, tree: Path) -> None:
    Path("out.csv.progress").write_text("something else\n", "utf-8")
    ran = egov(*ASK, "--resume")
    assert ran.code == 2
    assert "no journal" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--batch", "tree", "sealed.ofd"),
        ("--batch", "tree", "--html", "a.html"),
        ("--batch", "sealed.ofd"),
        ("--batch", "missing"),
        ("--batch", "tree", "--resume"),
        ("--batch", "tree", "--jobs", "0"),
        ("sealed.ofd", "--jobs", "2"),
        ("sealed.ofd", "--sheet", "a.csv"),
        ("sealed.ofd", "--resume"),
        ("--batch", "tree/empty-folder"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(egov: Egov, tree: Path, arguments: tuple[str, ...]) -> None:
    (tree / "empty-folder").mkdir()
    ran = egov("verify", *arguments)
    assert ran.code == 2
    assert ran.err.startswith("egov: ")


def test_a_document_that_cannot_be_read_hides_no_other(egov: Egov, tree: Path) -> None:
    (tree / "lost.ofd").symlink_to("nowhere")
    ran = egov("verify", "--batch", "tree", "--trust", "root.pem", "--sheet", "out.csv")
    rows = {Path(row["file"]).stem: row for row in rows_of(Path("out.csv"))}
    assert rows["lost"]["code"] == "egov.file"
    assert rows["sealed"]["conclusion"] == "PASSED"
    assert ran.code == 1


def test_a_document_that_takes_its_process_along_is_undecided(
    egov: Egov, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise MemoryError("too much")

    monkeypatch.setattr(batch_module, "verified", fail)
    ran = egov("verify", "--batch", "tree", "--jobs", 1)
    assert ran.code == 3
    assert ran.out.splitlines()[-1] == "6 files: 0 passed, 0 rejected, 6 undecided"


def test_names_steer_no_terminal_and_become_no_formula(egov: Egov, tree: Path) -> None:
    shutil.copy("sealed.ofd", tree / "=cmd\x1b[2J.ofd")
    ran = egov("verify", "--batch", "tree", "--sheet", "out.csv")
    assert "\x1b" not in ran.out
    assert "\n'=cmd" in Path("out.csv").read_text("utf-8-sig").replace("\r\n", "\n")


def test_a_worker_that_is_lost_with_a_document_leaves_it_undecided(
    egov: Egov, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def losing(function: Callable[[str], object], items: Sequence[str], **_: object) -> Iterator[Done[object]]:
        yield Done(0, None, WorkerLost("lost"))
        for index, item in enumerate(items[1:], 1):
            yield Done(index, function(item))

    monkeypatch.setattr(batch_module, "run_each", losing)
    ran = egov("verify", "--batch", "tree", "--trust", "root.pem", "--json", "--sheet", "out.csv")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert lines[0]["error"]["code"] == "egov.parallel.worker_lost"
    assert lines[-1]["undecided"] == 1
    assert rows_of(Path("out.csv"))[0]["code"] == "egov.parallel.worker_lost"


def test_lines_of_a_journal_that_say_nothing_known_are_left_out(
    egov: Egov, tree: Path, interrupted: _Interrupted
) -> None:
    egov(*ASK)
    with Path("out.csv.progress").open("a", encoding="utf-8") as journal:
        journal.write('{"path": "sealed.ofd", "mood": "good"}\n')
    interrupted.left = 99
    assert "3 of 6 files" in egov(*ASK, "--resume").err
    assert len(rows_of(Path("out.csv"))) == 6


def test_a_sheet_that_cannot_be_written_is_a_problem_of_files(egov: Egov, tree: Path) -> None:
    ran = egov("verify", "--batch", "tree", "--sheet", "missing/out.csv")
    assert ran.code == 2
    assert "missing" in ran.err
