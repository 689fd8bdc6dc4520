"""``egov verify --batch``: every OFD document of a folder tree, a result sheet, and going on where it broke off."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeVar

from egov_sdk.cli._inputs import refuse_existing
from egov_sdk.cli._output import SCHEMA_VERSION, ExitCode, Voice, followed, outcome_of, worst_exit
from egov_sdk.cli._problems import UsageError, as_known, file_problem, message_of
from egov_sdk.cli._report import STYLES, first_reason
from egov_sdk.cli._text import pad, width
from egov_sdk.cli._verified import SUMMARY, verified
from egov_sdk.parallel import cores, run_each
from egov_sdk.report import Lang, Outcome, Report, Text
from egov_sdk.report_words import CONCLUSIONS

if TYPE_CHECKING:
    from egov_sdk.seal import Policy

__all__ = ["BatchJob", "documents_under", "verify_batch"]

_T = TypeVar("_T")
_CHUNK: Final = 8
#: Files for which another process is worth its start.
_WORTH_A_PROCESS: Final = 32
_COLUMNS: Final = (
    Text("file", "文件"),
    Text("conclusion", "结论"),
    Text("code", "代码"),
    Text("reason", "原因"),
    Text("SM3", "SM3"),
    Text("bytes", "字节数"),
)
_BROKEN_OFF: Final = Text(
    "broken off; the same command with --resume goes on from here", "已中断；同一命令加 --resume 可从此处继续"
)
_GOES_ON: Final = Text("{done} of {total} files were done before", "此前已完成 {done} 个，共 {total} 个文件")


@dataclass(frozen=True, slots=True)
class BatchJob:
    """What ``--batch`` was asked to do; ``settings`` tells whether two runs ask the same of each document."""

    folder: Path
    sheet: Path | None
    resume: bool
    force: bool
    jobs: int | None
    settings: str
    at_given: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """One document with its conclusion: what the journal keeps, and the sheet shows."""

    path: str
    size: int
    changed: int
    exit: int
    code: str
    reason: str
    sm3: str
    full: Mapping[str, object] | None = None

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode(self.exit)

    def kept(self) -> str:
        values = {name: getattr(self, name) for name in ("path", "size", "changed", "exit", "code", "reason", "sm3")}
        return json.dumps(values) + "\n"


def verify_batch(voice: Voice, job: BatchJob, rules: Policy) -> ExitCode:
    """Verify all documents under a folder; the exit code is that of the worst of them."""
    files = documents_under(job.folder)
    if not files:
        raise UsageError(
            Text(f"{job.folder}: there is no OFD document in this folder", f"{job.folder}：该文件夹中没有 OFD 文件")
        )
    with ExitStack() as stack:
        journal = None if job.sheet is None else stack.enter_context(closing(_Journal(job, rules.at)))
        if journal is not None:
            rules = replace(rules, at=journal.at)
        done = {} if journal is None else journal.done
        left = [name for name in files if name not in done or _stamp(job.folder, name) != done[name]]
        if len(left) < len(files):
            voice.note(voice.say(_GOES_ON).format(done=len(files) - len(left), total=len(files)))
        try:
            told = _work(voice, job, rules, left, journal)
        except KeyboardInterrupt:
            voice.note(_BROKEN_OFF if journal is not None else Text("broken off", "已中断"))
            return ExitCode.UNDECIDED
        if journal is not None and job.sheet is not None:
            told = Counter(row.exit_code for row in journal.rows(frozenset(files)))
            journal.write_sheet(job.sheet, frozenset(files), voice)
    return _conclude(voice, told)


def documents_under(folder: Path) -> list[str]:
    """The OFD documents of a folder tree, in the order of their names; links to folders are not followed."""
    found = []
    for place, folders, names in os.walk(folder, onerror=lambda error: file_problem(error.filename, error)):
        folders.sort()
        here = Path(place).relative_to(folder)
        found += [(here / name).as_posix() for name in names if name.lower().endswith(".ofd")]
    return sorted(found)


def _stamp(folder: Path, name: str) -> tuple[int, int] | None:
    """What tells that a file is not what it was."""
    try:
        state = (folder / name).stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def _work(voice: Voice, job: BatchJob, rules: Policy, names: list[str], journal: _Journal | None) -> Counter[ExitCode]:
    told: Counter[ExitCode] = Counter()
    one = partial(_verify_one, job.folder, rules, voice.lang, voice.as_json)
    jobs = min(job.jobs or cores(), 1 + len(names) // _WORTH_A_PROCESS)
    results = run_each(one, names, jobs=jobs, chunk=_CHUNK if jobs > 1 else 1)
    for done in followed(results, total=len(names)):
        row = done.value
        if row is None:
            row = _lost(job.folder, names[done.index], done.error, voice)
        if journal is not None:
            journal.add(row)
        told[row.exit_code] += 1
        _tell(voice, row)
    return told


def _verify_one(folder: Path, rules: Policy, lang: Lang, full: bool, name: str) -> _Row:
    """What a worker does with one document."""
    from egov_sdk.crypto.hashes import sm3_file

    path = folder / name
    size, changed = _stamp(folder, name) or (0, 0)
    found = verified(path, rules)
    voice = Voice(lang, as_json=full)
    if isinstance(found.found, Report):
        blocking = found.found.blocking
        code, reason = (blocking[0].id if blocking else ""), first_reason(voice, found.found)
    else:
        code, reason = found.found.code, f"{found.found.code}: {message_of(found.found, lang)}"
    try:
        digest = sm3_file(path).hex()
    except OSError:
        digest = ""
    told = json.loads(json.dumps(found.to_dict(voice), default=str)) | {"subject": name} if full else None
    return _Row(name, size, changed, int(found.code), code, reason, digest, told)


def _lost(folder: Path, name: str, error: Exception | None, voice: Voice) -> _Row:
    """A document with which a worker was lost: nothing is decided about it."""
    known = as_known(error or RuntimeError("no result"))
    size, changed = _stamp(folder, name) or (0, 0)
    reason = f"{known.code}: {message_of(known, voice.lang)}"
    told = {"schema_version": SCHEMA_VERSION, "subject": name, "outcome": "unknown", "error": known.to_dict()}
    return _Row(name, size, changed, int(ExitCode.UNDECIDED), known.code, reason, "", told)


def _tell(voice: Voice, row: _Row) -> None:
    outcome = outcome_of(row.exit_code)
    if voice.as_json:
        print(json.dumps(row.full))
        return
    word = pad(voice.say(CONCLUSIONS[outcome]), max(width(voice.say(each)) for each in CONCLUSIONS.values()))
    voice.line(f"{word}  {row.path}" + (f"  {row.reason}" if row.reason else ""), style=STYLES[outcome])


def _conclude(voice: Voice, told: Counter[ExitCode]) -> ExitCode:
    code = worst_exit(told.elements())
    outcome = outcome_of(code)
    count: Counter[Outcome] = Counter()
    for each, number in told.items():
        count[outcome_of(each)] += number
    numbers = {
        "total": told.total(),
        "passed": count[Outcome.PASSED],
        "rejected": count[Outcome.FAILED],
        "undecided": count[Outcome.UNKNOWN],
    }
    if voice.as_json:
        print(json.dumps({"schema_version": SCHEMA_VERSION, "outcome": outcome.value, **numbers}))
    else:
        voice.line()
        voice.line(voice.say(SUMMARY).format(**numbers), style=STYLES[outcome])
    return code


class _Journal:
    """What was done so far, a line for each document, beside the sheet that is made of it in the end.

    Raises:
        FileProblem: the sheet is there already, or the journal cannot be written.
        UsageError: the run to be resumed asked for something else.
    """

    def __init__(self, job: BatchJob, at: datetime) -> None:
        assert job.sheet is not None
        self.path = job.sheet.with_name(job.sheet.name + ".progress")
        self.at = at
        self.done: dict[str, tuple[int, int]] = {}
        going_on = job.resume and self.path.exists()
        if not going_on:
            refuse_existing(job.sheet, force=job.force)
        if not job.resume and self.path.exists() and not job.force:
            raise UsageError(
                Text(f"{self.path}: there is an unfinished run", f"{self.path}：有未完成的批次"),
                hint=Text("go on with --resume, or --force anew", "用 --resume 继续，或用 --force 重新开始"),
            )
        try:
            self._file: IO[str] = self.path.open("r+" if going_on else "w+", encoding="utf-8", newline="\n")
        except OSError as error:
            file_problem(self.path, error)
        if going_on:
            self._go_on(job)
        else:
            head = {"schema_version": SCHEMA_VERSION, "settings": job.settings, "at": at.isoformat()}
            self._file.write(json.dumps(head) + "\n")
            self._file.flush()

    def _go_on(self, job: BatchJob) -> None:
        lines = self._lines()
        head = next(lines, {})
        try:
            before = datetime.fromisoformat(str(head["at"]))
        except (KeyError, ValueError):
            self._file.close()
            raise UsageError(
                Text(
                    f"{self.path} is no journal of a run; begin anew with --force",
                    f"{self.path} 不是批次进度文件；可用 --force 重新开始",
                )
            ) from None
        if head.get("settings") != job.settings or (job.at_given and before != self.at):
            self._file.close()
            raise UsageError(
                Text("the run to be resumed was begun with other settings", "要继续的批次与本次参数不一致"),
                hint=Text("give the same ones, or begin anew with --force", "请给出相同参数，或用 --force 重新开始"),
            )
        self.at = before
        for row in map(_row_of, lines):
            if row is not None:
                self.done[row.path] = row.size, row.changed

    def _lines(self) -> Iterator[Mapping[str, object]]:
        """The whole lines; one that was cut off is taken away, and what was in it is done again."""
        self._file.seek(0)
        while True:
            start = self._file.tell()
            line = self._file.readline()
            try:
                value = json.loads(line) if line.endswith("\n") else None
            except ValueError:
                value = None
            if not isinstance(value, dict):
                self._file.seek(start)
                self._file.truncate()
                return
            yield value

    def add(self, row: _Row) -> None:
        """Keep one result."""
        self._file.write(row.kept())
        self._file.flush()

    def rows(self, names: frozenset[str]) -> Iterator[_Row]:
        """The latest result of each document that is still there, in the order of their names."""
        latest: dict[str, int] = {}
        for number, line in enumerate(self._lines()):
            if line.get("path") in names:
                latest[str(line["path"])] = number
        kept = frozenset(latest.values())
        for number, line in enumerate(self._lines()):
            row = _row_of(line) if number in kept else None
            if row is not None:
                yield row

    def write_sheet(self, path: Path, names: frozenset[str], voice: Voice) -> None:
        """Make the sheet, and take the journal away: it has done its work."""
        from egov_sdk.sheets import write_sheet

        try:
            with write_sheet(path) as writer:
                writer.row([voice.say(each) for each in _COLUMNS])
                for row in self.rows(names):
                    word = voice.say(CONCLUSIONS[outcome_of(row.exit_code)])
                    writer.row([row.path, word, row.code, row.reason, row.sm3, str(row.size)])
        except OSError as error:
            file_problem(path, error)
        self._file.close()
        self.path.unlink()

    def close(self) -> None:
        self._file.close()


def _row_of(line: Mapping[str, object]) -> _Row | None:
    try:
        return _Row(**line)  # type: ignore[arg-type]  # what does not fit is left out
    except TypeError:
        return None
