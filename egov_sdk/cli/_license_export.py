"""``egov license export``: what a register holds, in files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import check_ending, now, refuse_existing, write_result
from egov_sdk.cli._license_inputs import OnlyType, type_code_of
from egov_sdk.cli._license_office import Office, OfficeName, PurposeText, opened
from egov_sdk.cli._options import Force
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError, file_problem
from egov_sdk.files import new_file
from egov_sdk.license.states import LicenseState
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.model import LicenseRecord


__all__ = ["export"]

_What = Literal["directory", "metadata", "files", "types", "status-list", "trust"]
_DIRECTORY_PURPOSE: Final = "目录上报"
_NEXT_COMPLETE: Final = Text(
    "next: egov license complete makes and seals their files", "下一步：egov license complete 为其制作并盖章"
)
_EXPORTED: Final = Text("{count} written to {out}", "已写出 {count} 条至 {out}")
_UNFIT: Final = Text(
    "{count} of these rows lack something that the next level demands, or have too much of it; the first: {first}",
    "其中 {count} 行不符合上级目录要求，首个问题：{first}",
)
_WITHOUT_FILE: Final = Text("{count} have no file yet", "{count} 个证照尚无文件")
_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "directory": (".csv", ".xlsx", ".json"),
    "metadata": (".json",),
    "types": (".toml", ".json"),
}


@command(
    groups.license_,
    "export",
    "Write what the register holds: directory rows, metadata, files, types, a status list, the office's root.",
    "导出登记库内容：目录数据、元数据、证照文件、类型、状态列表、本机构根证书。",
)
def export(
    voice: Voice,
    out: Annotated[Path, argument("OUT", "A file; a folder for files.", "输出文件；导出证照文件时为文件夹。")],
    what: Annotated[
        _What,
        option(
            "--what",
            "directory: rows for the next level, .csv, .xlsx or .json; metadata: .json; files: a folder; types: .toml "
            "or .json, with templates; status-list: of one type; trust: what verifiers need, PEM.",
            "directory 为上报目录（.csv、.xlsx、.json）；metadata 为元数据（.json）；files 为证照文件夹；"
            "types 为含模板的类型（.toml、.json）；status-list 为某类型的状态列表；trust 为供验证方使用的根证书。",
        ),
    ] = "directory",
    type_name: OnlyType = None,
    state: Annotated[
        list[LicenseState] | None,
        option("--state", "Only in these states (may be repeated).", "仅此状态（可重复）。"),
    ] = None,
    purpose: PurposeText = "导出",
    source: Annotated[
        str,
        option(
            "--data-source",
            "Of directory rows: where the data come from, as agreed.",
            "目录数据的数据来源代码。",
            metavar="CODE",
        ),
    ] = "",
    number: Annotated[
        str, option("--batch", "Of directory rows: number of the batch.", "目录数据的同步批次。", metavar="TEXT")
    ] = "",
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Export."""
    if what != "files":
        refuse_existing(out, force=force)
        _check_ending(out, what)
    elif out.exists() and not out.is_dir():
        raise UsageError(Text(f"{out} is no folder", f"{out} 不是文件夹"))
    with opened(office) as there:
        known = tuple(there.register.types.known().values())
        code = type_code_of(known, type_name) if type_name is not None else ""
        job = _Export(there, voice, out, code, frozenset(state) if state else None, force)
        if what == "directory":
            return job.directory(at=now(), batch=number, source=source)
        if what == "metadata":
            return job.metadata(purpose)
        if what == "files":
            return job.files(purpose)
        if what == "types":
            return job.types(known)
        return job.status_list() if what == "status-list" else job.trust()


def _check_ending(out: Path, what: str) -> None:
    endings = _ENDINGS.get(what)
    if endings is not None:
        check_ending(out, endings)


@dataclass(frozen=True, slots=True)
class _Export:
    """One export: where it goes, and of what."""

    there: Office
    voice: Voice
    out: Path
    type_code: str
    states: frozenset[LicenseState] | None
    force: bool

    def records(self, purpose: str) -> Iterator[LicenseRecord]:
        """The latest version of each licence that is wanted; some at a time, so that memory stays flat."""
        page = ""
        while True:
            found = self.there.register.lists.page(
                purpose=purpose, type_code=self.type_code, states=self.states, page=page
            )
            yield from found.records
            if not found.next_page:
                return
            page = found.next_page

    def directory(self, *, at: datetime, batch: str, source: str) -> ExitCode:
        """Rows for the next level; what that one would refuse is counted."""
        from egov_sdk.license.directory import COLUMNS, SyncOperation, directory_row
        from egov_sdk.sheets.writing import write_sheet

        count, unfit, first = 0, 0, ""

        def rows() -> Iterator[Mapping[str, str]]:
            nonlocal count, unfit, first
            for record in self.records(_DIRECTORY_PURPOSE):
                row = directory_row(
                    record.metadata, operation=SyncOperation.UPDATE, at=at, batch=batch, data_source=source
                )
                if found := row.findings():
                    unfit += 1
                    first = first or found[0].to_dict(self.voice.lang)["message"] + f" ({found[0].element})"
                count += 1
                yield row.values

        if self.out.suffix.lower() == ".json":
            self._json("rows", rows())
        else:
            with _told_of(self.out), write_sheet(self.out) as writer:
                writer.row([column.name for column in COLUMNS])
                for values in rows():
                    writer.row([values[column.name] for column in COLUMNS])
        if unfit:
            self.voice.note(self.voice.say(_UNFIT).format(count=unfit, first=first), style="yellow")
        return self._done(count, unfit=unfit)

    def metadata(self, purpose: str) -> ExitCode:
        """Everything that is known of each licence, unmasked."""
        count = 0

        def rows() -> Iterator[Mapping[str, object]]:
            nonlocal count
            for record in self.records(purpose):
                count += 1
                yield record.model_dump(mode="json")

        self._json("licenses", rows())
        return self._done(count)

    def files(self, purpose: str) -> ExitCode:
        """Each file under the name that it is published under; those that are there already stay."""
        from egov_sdk.license.problems import LicenseRejected

        use = self.there.use(purpose)
        with _told_of(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
        count = without = kept = 0
        for record in self.records(purpose):
            place = self.out / record.identifier.file_name
            if place.exists() and not self.force:
                kept += 1
                continue
            try:
                found = self.there.service.get(record.identifier, use=use)
            except LicenseRejected as error:
                if error.problem != "file_missing":
                    raise
                without += 1
                continue
            write_result(place, found.file, force=self.force)
            count += 1
        if without:
            self.voice.note(self.voice.say(_WITHOUT_FILE).format(count=without), style="yellow")
            self.voice.note(_NEXT_COMPLETE)
        return self._done(count, without_file=without, kept=kept)

    def types(self, known: Sequence[LicenseType]) -> ExitCode:
        """Types with their templates: what a verifier needs to compare whole faces."""
        from egov_sdk.license.catalogue_files import dump_license_types

        chosen = [one for one in known if self.type_code in ("", one.code)]
        form: Literal["json", "toml"] = "json" if self.out.suffix.lower() == ".json" else "toml"
        write_result(self.out, dump_license_types(chosen, form=form), force=self.force)
        return self._done(len(chosen))

    def status_list(self) -> ExitCode:
        """The signed list of states of one type."""
        if not self.type_code:
            raise UsageError(
                Text("a status list is of one type", "一份状态列表只含一个证照类型"),
                hint=Text("give --type", "请给出 --type"),
            )
        write_result(self.out, self.there.service.status_list(self.type_code), force=self.force)
        return self._done(1)

    def trust(self) -> ExitCode:
        """The office's root certificate."""
        write_result(self.out, self.there.local.secrets.root.certificate.to_pem(), force=self.force)
        return self._done(1)

    def _json(self, name: str, rows: Iterator[Mapping[str, object]]) -> None:
        """One document with many rows, written row by row, whole or not at all."""
        with _whole(self.out) as file:
            file.write('{"schema_version": 1, "' + name + '": [')
            for number, row in enumerate(rows):
                file.write(",\n" if number else "\n")
                file.write(json.dumps(dict(row), ensure_ascii=False))
            file.write("\n]}\n")

    def _done(self, count: int, **more: int) -> ExitCode:
        if self.voice.as_json:
            self.voice.document({"out": str(self.out), "written": count, **more})
        else:
            self.voice.line(self.voice.say(_EXPORTED).format(count=count, out=self.out))
        return ExitCode.DONE


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        file_problem(path, error)


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A text file that is there whole or not at all."""
    with _told_of(path), new_file(path, replace=True, private=True) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="\n")
        yield text
        text.detach()
