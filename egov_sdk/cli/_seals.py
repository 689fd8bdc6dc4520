"""``egov seal show``: what a seal says, alone in its file or inside a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import read_certificates, read_file, refuse_existing, time_or_now, write_result
from egov_sdk.cli._options import AtTime, Force, TrustFiles
from egov_sdk.cli._output import ExitCode, Voice, exit_code, worst_exit
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._report import conclude, show_checks
from egov_sdk.errors import InputError, ParseError
from egov_sdk.limits import DEFAULT_OFD_LIMITS
from egov_sdk.report import Outcome, Report, Text
from egov_sdk.report_words import moment

if TYPE_CHECKING:
    from egov_sdk.seal import ElectronicSeal, Policy

__all__ = ["show"]

_SIGNATURE = Text("signature", "签名")
_NUMBER = Text("number", "编号")
_LAYOUT = Text("layout", "格式标准")
_VENDOR = Text("vendor", "厂商")
_KIND = Text("kind", "类型")
_CREATED = Text("made", "制作时间")
_VALID = Text("valid", "有效期")
_PICTURE = Text("picture", "印章图像")
_HOLDER = Text("holder", "持有者")
_BY_DIGEST = Text("named by digest {value}", "以证书杂凑列出 {value}")
_MAKER = Text("maker", "制章者")
_LENIENCIES = Text("deviations", "编码偏差")
_WHO = Text(
    "Whether the maker is to be trusted was not asked: give the certificates that you trust with --trust.",
    "未判断制章者是否可信：请用 --trust 指定您信任的证书。",
)
_SAVED = Text("picture written to {out}", "图像已写入 {out}")


@dataclass(frozen=True, slots=True)
class _Found:
    """A seal, the signature that it was found in (empty for a file of its own), and what was found of it."""

    signature: str
    seal: ElectronicSeal
    holders: tuple[str, ...]
    maker: str
    report: Report

    def code(self, *, trusting: bool) -> ExitCode:
        """Without anchors a seal is looked at and not judged: only what is wrong in itself counts."""
        if trusting:
            return exit_code(self.report.outcome)
        return ExitCode.REJECTED if self.report.outcome is Outcome.FAILED else ExitCode.DONE

    def to_dict(self, voice: Voice) -> dict[str, object]:
        seal, picture = self.seal, self.seal.picture
        return {
            "signature": self.signature,
            "name": seal.name,
            "seal_id": seal.seal_id,
            "standard": seal.version.standard,
            "declared_version": seal.declared_version,
            "vendor": seal.vendor,
            "kind": seal.kind,
            "created_at": seal.created_at,
            "valid_from": seal.valid_from,
            "valid_to": seal.valid_to,
            "picture": {
                "format": picture.format,
                "width_mm": picture.width_mm,
                "height_mm": picture.height_mm,
                "bytes": len(picture.data),
            },
            "holders": list(self.holders),
            "holder_digests": [{"algorithm": one.algorithm, "value": one.value} for one in seal.holder_digests],
            "maker": self.maker,
            "leniencies": [str(leniency) for leniency in seal.leniencies],
            "report": self.report.to_dict(voice.lang),
        }


@command(groups.seal, "show", "Show a seal and verify it.", "查看并验证印章。")
def show(
    voice: Voice,
    file: Annotated[
        Path,
        argument("FILE", "A seal (.esl) or a sealed OFD document.", "印章文件（.esl）或盖章的 OFD 文档。"),
    ],
    signature: Annotated[
        str | None,
        option("--signature", "Only the seal of this signature.", "只看该签名的印章。", metavar="ID"),
    ] = None,
    trust: TrustFiles = None,
    at: AtTime = None,
    picture: Annotated[
        Path | None, option("--picture", "Write the picture to this file.", "把印章图像写入该文件。", metavar="OUT")
    ] = None,
    force: Force = False,
) -> ExitCode:
    """Show seals."""
    if picture is not None:
        refuse_existing(picture, force=force)
    policy = _policy(trust or (), at)
    seals = [one for one in _seals(file, policy) if signature in (None, one.signature)]
    if not seals:
        raise UsageError(Text(f"{file} holds no such seal", f"{file} 中没有该印章"))
    if picture is not None:
        _save(seals, picture, force=force, file=file)
    if voice.as_json:
        voice.document({"file": str(file), "seals": [one.to_dict(voice) for one in seals]})
    else:
        _tell(voice, seals, picture=picture, trusting=bool(trust))
    return worst_exit(one.code(trusting=bool(trust)) for one in seals)


def _policy(trust: Sequence[Path], at: str | None) -> Policy:
    from egov_sdk.seal import Policy

    return Policy.standard(trust=read_certificates(trust), at=time_or_now(at))


def _save(seals: list[_Found], out: Path, *, force: bool, file: Path) -> None:
    if len(seals) > 1:
        names = ", ".join(one.signature for one in seals)
        raise UsageError(
            Text(f"{file} holds {len(seals)} seals", f"{file} 中有 {len(seals)} 枚印章"),
            hint=Text(f"--signature chooses one: {names}", f"可用 --signature 选择：{names}"),
        )
    write_result(out, seals[0].seal.picture.data, force=force)


def _seals(file: Path, policy: Policy) -> Iterator[_Found]:
    from egov_sdk.ofd import open_ofd
    from egov_sdk.seal import parse_seal
    from egov_sdk.seal.shown import shown_signatures

    content = read_file(file, max_bytes=DEFAULT_OFD_LIMITS.file_bytes)
    if content[:1] == b"\x30":  # a SEQUENCE
        yield _found("", parse_seal(content, where=file.name), policy)
        return
    for one in shown_signatures(open_ofd(content)):
        if one.value is not None:
            yield _found(one.subject, one.value.seal, policy)
        elif one.problems:
            raise ParseError("this signature's seal cannot be read", where=one.subject, code=one.problems[0])


def _found(signature: str, seal: ElectronicSeal, policy: Policy) -> _Found:
    from egov_sdk.seal import verify_seal

    holders = tuple(_name(raw) for raw in seal.holder_certificates)
    return _Found(signature, seal, holders, _name(seal.maker_certificate), verify_seal(seal, policy=policy))


def _name(certificate: bytes) -> str:
    from egov_sdk.pki import Certificate

    try:
        return Certificate.parse(certificate).subject.text
    except InputError as error:
        return f"? ({error.message})"


def _tell(voice: Voice, seals: list[_Found], *, picture: Path | None, trusting: bool) -> None:
    for number, one in enumerate(seals):
        if number:
            voice.line()
        _one(voice, one)
        voice.line()
        checks = [check for check in one.report.checks if trusting or check.answer != "trust"]
        show_checks(voice, checks, report=one.report)
        if trusting or one.report.outcome is Outcome.FAILED:
            conclude(voice, one.report)
    if picture is not None:
        voice.line(voice.say(_SAVED).format(out=picture))
    if not trusting:
        voice.note(_WHO)


def _one(voice: Voice, one: _Found) -> None:
    seal = one.seal
    voice.line(seal.name, style="bold")
    voice.facts(
        [
            (_SIGNATURE, one.signature),
            (_NUMBER, seal.seal_id),
            (_LAYOUT, seal.version.standard),
            (_VENDOR, seal.vendor),
            (_KIND, seal.kind),
            (_CREATED, moment(seal.created_at)),
            (_VALID, f"{moment(seal.valid_from)} – {moment(seal.valid_to)}"),
            (
                _PICTURE,
                f"{seal.picture.format}, {seal.picture.width_mm} x {seal.picture.height_mm} mm, "
                f"{len(seal.picture.data)} bytes",
            ),
            *((_HOLDER, holder) for holder in one.holders),
            *((_HOLDER, voice.say(_BY_DIGEST).format(value=digest.value.hex())) for digest in seal.holder_digests),
            (_MAKER, one.maker),
            (_LENIENCIES, tuple(str(leniency) for leniency in seal.leniencies)),
        ]
    )
