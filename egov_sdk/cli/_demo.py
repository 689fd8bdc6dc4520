"""``egov demo``: the main job from nothing, in seven steps, with the files left to look at."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._inputs import BEIJING, now, write_private, write_result
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import file_problem
from egov_sdk.cli._report import conclude, show_answers
from egov_sdk.report import Outcome, Report, Text

if TYPE_CHECKING:
    from egov_sdk.cli.demo import Demo

__all__ = ["demo"]

_FOLDER = Path("egov-demo")

_TITLE = Text("From nothing to a forgery caught, in {folder}", "从零开始，直到识破伪造：{folder}")
_STEPS = (
    (
        Text("A local authority", "本地根机构"),
        Text(
            "It vouches for the others. Its certificate is all that a verifier needs.",
            "由它为其他各方担保；验证者只需要它的证书。",
        ),
        ("root.pem",),
    ),
    (
        Text("Certificates for a seal maker and a bureau", "制章单位和数据局的证书"),
        Text("Each has a key of its own and a certificate from the authority.", "各自持有密钥，证书由根机构签发。"),
        ("maker.pem", "bureau.pem"),
    ),
    (
        Text("The bureau's seal", "数据局的印章"),
        Text(
            "Drawn with a star, marked 样章, signed by the maker, bound to the bureau's certificate.",
            "五角星、带“样章”字样，由制章单位签署，并绑定数据局的证书。",
        ),
        ("bureau.esl", "seal.png"),
    ),
    (
        Text("A certificate of one page", "一页证书"),
        Text("An OFD document, not yet sealed.", "尚未盖章的 OFD 文档。"),
        ("certificate.ofd",),
    ),
    (
        Text("Sealed by the bureau", "数据局盖章"),
        Text("The signature protects every file of the document.", "签名保护文档中的每一个文件。"),
        ("sealed.ofd",),
    ),
)
_VERIFIED = Text("Verified by a stranger who trusts root.pem", "由只信任 root.pem 的第三方验证")
_CHANGED = Text("One character changed: {old} becomes {new}", "改动一个字：{old} 改为 {new}")
_SECONDS = Text("Done in {seconds:.1f} s. Now try:", "用时 {seconds:.1f} 秒。接下来可以试试：")
_NEXT = (
    ("egov verify {folder}/sealed.ofd --trust {folder}/root.pem", Text("every check", "逐项检查")),
    ("egov verify {folder}/sealed.ofd", Text("undecided", "无法判定")),
    ("egov verify {folder}/tampered.ofd --trust {folder}/root.pem", Text("rejected", "拒绝")),
    ("egov seal show {folder}/bureau.esl", Text("the seal", "查看印章")),
    ("egov ofd show {folder}/sealed.ofd", Text("the document", "查看文档")),
)
_KEYS_OPEN = Text("The keys in {folder} have no password: they are for play.", "{folder} 中的密钥没有口令，仅供演示。")
_UNEXPECTED = Text("this is not what should have happened: run egov self-test", "结果不符合预期：请运行 egov self-test")


@command(groups.root, "demo", "Show the main job from nothing; the files stay.", "从零演示全部流程，文件保留。")
def demo(
    voice: Voice,
    folder: Annotated[Path, option("--folder", "Where the files go.", "文件的存放位置。", metavar="FOLDER")] = _FOLDER,
) -> ExitCode:
    """Show the main job."""
    from egov_sdk.cli.demo import play

    began = time.perf_counter()
    done = play(at=now().astimezone(BEIJING))
    _write(folder, done)
    seconds = time.perf_counter() - began
    good = done.sealed_report.outcome is Outcome.PASSED and done.tampered_report.outcome is Outcome.FAILED
    if voice.as_json:
        voice.document(_plain(folder, done, seconds=seconds, voice=voice))
    else:
        _tell(voice, folder, done, seconds=seconds)
        if not good:
            voice.note(_UNEXPECTED, style="bold red")
    return ExitCode.DONE if good else ExitCode.REJECTED


def _files(done: Demo) -> dict[str, bytes]:
    people = done.people
    return {
        "root.pem": people.root.certificate.to_pem(),
        "maker.pem": people.maker.to_pem(),
        "bureau.pem": people.bureau.to_pem(),
        "bureau.esl": done.seal.raw,
        "seal.png": done.seal.picture.data,
        "certificate.ofd": done.certificate,
        "sealed.ofd": done.sealed,
        "tampered.ofd": done.tampered,
    }


def _keys(done: Demo) -> dict[str, bytes]:
    people = done.people
    return {
        "root.key.pem": people.root_key.to_pem(),
        "maker.key.pem": people.maker_key.to_pem(),
        "bureau.key.pem": people.bureau_key.to_pem(),
    }


def _write(folder: Path, done: Demo) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        file_problem(folder, error)
    for name, content in _files(done).items():
        write_result(folder / name, content, force=True)
    for name, content in _keys(done).items():
        write_private(folder / name, content, force=True)


@dataclass(slots=True)
class _Counter:
    """Numbers the steps."""

    voice: Voice
    folder: Path
    number: int = 0

    def step(self, title: str, *, says: Text | None = None, files: tuple[str, ...] = ()) -> None:
        self.number += 1
        self.voice.line()
        self.voice.line(f"{self.number}  {title}", style="bold cyan")
        if says is not None:
            self.voice.line(f"   {self.voice.say(says)}")
        if files:
            self.voice.line("   " + "  ".join(str(self.folder / name) for name in files), style="dim")


def _tell(voice: Voice, folder: Path, done: Demo, *, seconds: float) -> None:
    from egov_sdk.cli.demo import FORGED_HOLDER, HOLDER

    counter = _Counter(voice, folder)
    voice.line(voice.say(_TITLE).format(folder=folder), style="bold")
    for title, says, files in _STEPS:
        counter.step(voice.say(title), says=says, files=files)
    counter.step(voice.say(_VERIFIED))
    _judgement(voice, done.sealed_report)
    counter.step(voice.say(_CHANGED).format(old=HOLDER, new=FORGED_HOLDER), files=("tampered.ofd",))
    _judgement(voice, done.tampered_report)
    voice.line()
    voice.line(voice.say(_SECONDS).format(seconds=seconds), style="bold")
    voice.table(
        [(line.format(folder=shlex.quote(str(folder))), voice.say(what)) for line, what in _NEXT],
        styles=("green", "dim"),
    )
    voice.note(voice.say(_KEYS_OPEN).format(folder=folder))


def _judgement(voice: Voice, report: Report) -> None:
    show_answers(voice, report, indent="   ")
    conclude(voice, report, indent="   ")


def _plain(folder: Path, done: Demo, *, seconds: float, voice: Voice) -> dict[str, object]:
    return {
        "folder": str(folder),
        "files": sorted((*_files(done), *_keys(done))),
        "seconds": round(seconds, 3),
        "sealed": done.sealed_report.to_dict(voice.lang),
        "tampered": done.tampered_report.to_dict(voice.lang),
    }
