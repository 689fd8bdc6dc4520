"""``egov demo``: the main job from nothing, a sign-in, the life of a licence, and its way to another department."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._inputs import now, write_private, write_result
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import file_problem
from egov_sdk.cli._report import conclude, show_answers
from egov_sdk.report import Outcome, Report, Text
from egov_sdk.times import BEIJING

if TYPE_CHECKING:
    from egov_sdk.cli.demo import Demo
    from egov_sdk.cli.demo_exchange import ExchangeDemo
    from egov_sdk.cli.demo_identity import IdentityDemo
    from egov_sdk.cli.demo_license import LicenseDemo

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
_SIGNED_IN = Text("Somebody signs in for a company: {name}", "有人代表企业登录：{name}")
_SIGNED_IN_WHY = Text(
    "{person}, {level}, by {method}. The same answer a second time is refused: {code}.",
    "{person}，实名等级 {level}，方式 {method}；同一应答再次使用即被拒绝：{code}。",
)
_LICENCE = Text("A licence issued: {number}", "签发证照：{number}")
_LICENCE_WHY = Text(
    "Identifier, face, index and seal; kept in a register. The register verifies it.",
    "含证照标识、照面、数据标引和印章，存入登记库，由登记库查验。",
)
_SHOWN = Text("Shown at {audience}, scanned without a network", "向 {audience} 亮证，离线扫码核验")
_SHOWN_WHY = Text(
    "A QR code for two minutes; the gate has root.pem and a signed list of states.",
    "二维码两分钟内有效；验证方只有 root.pem 和已签名的状态列表。",
)
_SENT = Text("Sent to another department: {other}", "发送至另一部门：{other}")
_SENT_WHY = Text(
    "Signed, sealed for its receiver, answered. Each side keeps the other's receipt as evidence.",
    "经签名并为接收方加密，对方已答复；双方各自留存对方的回执作为存证。",
)
_RECEIPT_OF = Text("the receipt for {what}:", "{what}的回执：")
_MESSAGE = Text("the message", "报文")
_ANSWER = Text("the answer", "答复")
_REVOKED = Text("Revoked: from now on both say no", "吊销之后，两处均予拒绝")
_FILE_SAYS = Text("the file, asked of the register:", "证照文件（对照登记库）：")
_CODE_SAYS = Text("the code, with the next list:", "亮证码（使用新的状态列表）：")
_SECONDS = Text("Done in {seconds:.1f} s. Now try:", "用时 {seconds:.1f} 秒。接下来可以试试：")
_NEXT = (
    ("egov verify {folder}/sealed.ofd --trust {folder}/root.pem", Text("every check", "逐项检查")),
    ("egov verify {folder}/sealed.ofd", Text("undecided", "无法判定")),
    ("egov verify {folder}/tampered.ofd --trust {folder}/root.pem", Text("rejected", "拒绝")),
    ("egov seal show {folder}/bureau.esl", Text("the seal", "查看印章")),
    ("egov ofd show {folder}/sealed.ofd", Text("the document", "查看文档")),
    ("egov license show {folder}/license.ofd", Text("the licence, masked", "查看证照（脱敏）")),
    (
        "egov license verify {folder}/license.ofd --trust {folder}/root.pem",
        Text("good by itself: only the register knows", "文件本身完好，吊销只有登记库知道"),
    ),
)
_THEN = (
    (
        Text("egov platform serve", "egov platform serve"),
        Text("a province for your program", "为您的程序运行模拟省级平台"),
    ),
    (Text("egov self-test", "egov self-test"), Text("every algorithm against its standard", "按标准逐项自检算法")),
    (
        Text("docs/en/tutorial.md", "docs/zh/tutorial.md"),
        Text("a county app in fifteen minutes", "十五分钟写出一个县级应用"),
    ),
)
_PROVEN = Text("message and receipt, years later:", "报文与回执，多年后仍可核验：")
_PROVE = (
    "egov exchange verify {folder}/evidence.json --trust {folder}/root.pem --party {sender}={folder}/bureau.pem"
    " --party {receiver}={folder}/other.pem"
)
_KEYS_OPEN = Text("The keys in {folder} have no password: they are for play.", "{folder} 中的密钥没有口令，仅供演示。")
_UNEXPECTED = Text("this is not what should have happened: run egov self-test", "结果不符合预期：请运行 egov self-test")


@command(groups.root, "demo", "Show the main job from nothing; the files stay.", "从零演示全部流程，文件保留。")
def demo(
    voice: Voice,
    folder: Annotated[Path, option("--folder", "Where the files go.", "文件的存放位置。", metavar="FOLDER")] = _FOLDER,
) -> ExitCode:
    """Show the main job."""
    import secrets

    from egov_sdk.cli.demo import play
    from egov_sdk.cli.demo_exchange import play_exchange
    from egov_sdk.cli.demo_identity import play_identity
    from egov_sdk.cli.demo_license import play_license

    began = time.perf_counter()
    at = now().astimezone(BEIJING)
    done = play(at=at)
    signed_in = play_identity(at=at, password=secrets.token_urlsafe(18))
    license_ = play_license(done.people, done.seal, at=at)
    sent = play_exchange(done.people, license_.license.file, at=at)
    _write(folder, done, license_, sent)
    seconds = time.perf_counter() - began
    passed = (
        done.sealed_report,
        license_.register_report,
        license_.scan_report,
        sent.report,
        sent.answer_report,
    )
    failed = (done.tampered_report, license_.revoked_report, license_.rescan_report)
    good = all(one.outcome is Outcome.PASSED for one in passed) and all(one.outcome is Outcome.FAILED for one in failed)
    if voice.as_json:
        voice.document(_plain(folder, done, signed_in, license_, sent, seconds=seconds, voice=voice))
    else:
        _tell(voice, folder, done, signed_in, license_, sent, seconds=seconds)
        if not good:
            voice.note(_UNEXPECTED, style="bold red")
    return ExitCode.DONE if good else ExitCode.REJECTED


def _files(done: Demo, license_: LicenseDemo, sent: ExchangeDemo) -> dict[str, bytes]:
    people = done.people
    return {
        "evidence.json": sent.evidence,
        "answer-evidence.json": sent.answer_evidence,
        "other.pem": sent.other.to_pem(),
        "license.ofd": license_.license.file,
        "shown.svg": license_.picture,
        "shown.txt": license_.shown.token.encode() + b"\n",
        "states.egsl": license_.list_after,
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


def _write(folder: Path, done: Demo, license_: LicenseDemo, sent: ExchangeDemo) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        file_problem(folder, error)
    for name, content in _files(done, license_, sent).items():
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


def _tell(
    voice: Voice,
    folder: Path,
    done: Demo,
    signed_in: IdentityDemo,
    license_: LicenseDemo,
    sent: ExchangeDemo,
    *,
    seconds: float,
) -> None:
    from egov_sdk.cli.demo import FORGED_HOLDER, HOLDER

    counter = _Counter(voice, folder)
    voice.line(voice.say(_TITLE).format(folder=folder), style="bold")
    for title, says, files in _STEPS:
        counter.step(voice.say(title), says=says, files=files)
    counter.step(voice.say(_VERIFIED))
    _judgement(voice, done.sealed_report)
    counter.step(voice.say(_CHANGED).format(old=HOLDER, new=FORGED_HOLDER), files=("tampered.ofd",))
    _judgement(voice, done.tampered_report)
    _tell_sign_in(counter, signed_in)
    _tell_license(counter, license_)
    _tell_exchange(counter, sent)
    _tell_end(counter, license_)
    voice.line()
    voice.line(voice.say(_SECONDS).format(seconds=seconds), style="bold")
    quoted = shlex.quote(str(folder))
    for line, what in _NEXT:  # below one another: beside a command there is little room on a terminal
        voice.line(f"  {line.format(folder=quoted)}", style="green")
        voice.line(f"      {voice.say(what)}", style="dim")
    voice.line(f"  {voice.say(_PROVEN)}", style="dim")
    proof = _PROVE.format(folder=quoted, sender=sent.sender.code, receiver=sent.receiver.code)
    voice.line(f"  {proof}", style="green")
    voice.table([(voice.say(line), voice.say(what)) for line, what in _THEN], styles=("cyan", "dim"))
    voice.note(voice.say(_KEYS_OPEN).format(folder=folder))


def _tell_sign_in(counter: _Counter, signed_in: IdentityDemo) -> None:
    from egov_sdk.cli.demo_identity import PERSON
    from egov_sdk.identity.words import LEVEL_WORDS, METHOD_WORDS

    sure = signed_in.assurance
    facts = {"person": PERSON, "level": sure.level.value, "method": sure.method.value, "code": signed_in.refused_again}
    chinese = facts | {"level": LEVEL_WORDS[sure.level].zh, "method": METHOD_WORDS[sure.method].zh}
    title = counter.voice.say(_SIGNED_IN).format(name=signed_in.company.name)
    counter.step(title, says=Text(_SIGNED_IN_WHY.en.format(**facts), _SIGNED_IN_WHY.zh.format(**chinese)))


def _tell_license(counter: _Counter, license_: LicenseDemo) -> None:
    voice = counter.voice
    title = voice.say(_LICENCE).format(number=license_.license.metadata.number)
    counter.step(title, says=_LICENCE_WHY, files=("license.ofd",))
    _judgement(voice, license_.register_report)
    title = voice.say(_SHOWN).format(audience=license_.shown.audience)
    counter.step(title, says=_SHOWN_WHY, files=("shown.svg", "shown.txt"))
    _judgement(voice, license_.scan_report)


def _tell_exchange(counter: _Counter, sent: ExchangeDemo) -> None:
    from egov_sdk.cli.demo_exchange import OTHER

    voice = counter.voice
    counter.step(voice.say(_SENT).format(other=OTHER), says=_SENT_WHY, files=("evidence.json", "answer-evidence.json"))
    for what, report in ((_MESSAGE, sent.report), (_ANSWER, sent.answer_report)):
        voice.line(f"   {voice.say(_RECEIPT_OF).format(what=voice.say(what))}")
        conclude(voice, report, indent="   ")


def _tell_end(counter: _Counter, license_: LicenseDemo) -> None:
    voice = counter.voice
    counter.step(voice.say(_REVOKED), files=("states.egsl",))
    for who, report in ((_FILE_SAYS, license_.revoked_report), (_CODE_SAYS, license_.rescan_report)):
        voice.line(f"   {voice.say(who)}")
        conclude(voice, report, indent="   ")


def _judgement(voice: Voice, report: Report) -> None:
    show_answers(voice, report, indent="   ")
    conclude(voice, report, indent="   ")


def _plain(
    folder: Path,
    done: Demo,
    signed_in: IdentityDemo,
    license_: LicenseDemo,
    sent: ExchangeDemo,
    *,
    seconds: float,
    voice: Voice,
) -> dict[str, object]:
    return {
        "folder": str(folder),
        "files": sorted((*_files(done, license_, sent), *_keys(done))),
        "seconds": round(seconds, 3),
        "sealed": done.sealed_report.to_dict(voice.lang),
        "tampered": done.tampered_report.to_dict(voice.lang),
        "signed_in": {
            "company": signed_in.company.name,
            "level": signed_in.assurance.level.value,
            "method": signed_in.assurance.method.value,
            "refused_again": signed_in.refused_again,
        },
        "license": license_.register_report.to_dict(voice.lang),
        "scanned": license_.scan_report.to_dict(voice.lang),
        "sent": sent.report.to_dict(voice.lang),
        "answered": sent.answer_report.to_dict(voice.lang),
        "revoked": license_.revoked_report.to_dict(voice.lang),
        "scanned_after": license_.rescan_report.to_dict(voice.lang),
    }
