"""``egov seal show``: what a seal says, alone in its file or inside a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import read_file, refuse_existing, write_result
from egov_sdk.cli._options import Force
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._text import moment
from egov_sdk.errors import InputError
from egov_sdk.limits import DEFAULT_OFD_LIMITS
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.ofd import OfdPackage
    from egov_sdk.seal import ElectronicSeal

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
_MAKER_SIGNATURE = Text("maker's signature", "制章者签名")
_LENIENCIES = Text("deviations", "编码偏差")
_GOOD = Text("good", "正确")
_WRONG = Text("WRONG", "错误")
_WHO = Text(
    "Whether the maker is to be trusted is another question: egov verify --trust asks it of a sealed document.",
    "制章者是否可信需另行判断：请对盖章文档使用 egov verify --trust。",
)
_SAVED = Text("picture written to {out}", "图像已写入 {out}")


@dataclass(frozen=True, slots=True)
class _Found:
    """A seal, the signature that it was found in (empty for a file of its own), and what its maker's signature is."""

    signature: str
    seal: ElectronicSeal
    holders: tuple[str, ...]
    maker: str
    problem: str

    def to_dict(self) -> dict[str, object]:
        seal = self.seal
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
                "format": seal.picture.format,
                "width_mm": seal.picture.width_mm,
                "height_mm": seal.picture.height_mm,
                "bytes": len(seal.picture.data),
            },
            "holders": list(self.holders),
            "holder_digests": [{"algorithm": one.algorithm, "value": one.value} for one in seal.holder_digests],
            "maker": self.maker,
            "maker_signature": "failed" if self.problem else "passed",
            "problem": self.problem,
            "leniencies": [str(leniency) for leniency in seal.leniencies],
        }


@command(groups.seal, "show", "Show a seal and check its maker's signature.", "查看印章，并验证制章者的签名。")
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
    picture: Annotated[
        Path | None,
        option("--picture", "Write the picture to this file.", "把印章图像写入该文件。", metavar="OUT"),
    ] = None,
    force: Force = False,
) -> ExitCode:
    """Show seals."""
    if picture is not None:
        refuse_existing(picture, force=force)
    seals = [one for one in _seals(file) if signature in (None, one.signature)]
    if not seals:
        raise UsageError(f"{file} holds no such seal")
    if picture is not None:
        if len(seals) > 1:
            raise UsageError(
                f"{file} holds {len(seals)} seals",
                hint="--signature chooses one: " + ", ".join(one.signature for one in seals),
            )
        write_result(picture, seals[0].seal.picture.data, force=force)
    if voice.as_json:
        voice.document({"file": str(file), "seals": [one.to_dict() for one in seals]})
    else:
        _tell(voice, seals, picture)
    return ExitCode.REJECTED if any(one.problem for one in seals) else ExitCode.DONE


def _seals(file: Path) -> Iterator[_Found]:
    from egov_sdk.ofd import open_ofd
    from egov_sdk.seal import parse_seal

    content = read_file(file, max_bytes=DEFAULT_OFD_LIMITS.file_bytes)
    if content[:1] == b"\x30":  # a SEQUENCE
        yield _judged("", parse_seal(content, where=file.name))
    else:
        yield from _in_document(open_ofd(content))


def _in_document(package: OfdPackage) -> Iterator[_Found]:
    from egov_sdk.ofd import parse_signature_file, parse_signature_list
    from egov_sdk.seal import parse_seal

    for document in package.documents:
        if document.signatures_name is None:
            continue
        prefix = f"{document.index + 1}/" if len(package.documents) > 1 else ""
        for entry in parse_signature_list(package, document).entries:
            found = parse_signature_file(package, entry.base_name)
            if found.seal_name is not None and found.seal_name in package:
                yield _judged(f"{prefix}{entry.id}", parse_seal(package.read(found.seal_name), where=found.seal_name))
            elif (raw := _inside(package.read(found.value_name))) is not None:
                yield _judged(f"{prefix}{entry.id}", parse_seal(raw, where=found.value_name))


def _inside(value: bytes) -> bytes | None:
    """The seal inside a signature value; None for a value that uses no seal."""
    from egov_sdk.crypto.der import children, read_tlv

    # SES_Signature begins with toSign, and that with a number and the seal
    outer = children(read_tlv(value))
    if not outer or outer[0].tag != 0x30:
        return None
    parts = children(outer[0])
    return parts[1].raw if len(parts) > 1 and parts[1].tag == 0x30 else None


def _judged(signature: str, seal: ElectronicSeal) -> _Found:
    from egov_sdk.crypto import InvalidSignature
    from egov_sdk.pki import Certificate

    maker = problem = ""
    try:
        certificate = Certificate.parse(seal.maker_certificate)
        maker = certificate.subject.text
        form: Literal["der", "raw"] = "raw" if len(seal.maker_signature) == 64 else "der"
        certificate.public_key.verify(seal.maker_signature, seal.signed_bytes, form=form)
    except (InputError, InvalidSignature) as error:
        problem = error.message
    return _Found(signature, seal, tuple(_holder(raw) for raw in seal.holder_certificates), maker, problem)


def _holder(raw: bytes) -> str:
    from egov_sdk.pki import Certificate

    try:
        return Certificate.parse(raw).subject.text
    except InputError as error:
        return f"? ({error.message})"


def _tell(voice: Voice, seals: list[_Found], picture: Path | None) -> None:
    for number, one in enumerate(seals):
        if number:
            voice.line()
        _one(voice, one)
    if picture is not None:
        voice.line(voice.say(_SAVED).format(out=picture))
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
            (_MAKER_SIGNATURE, f"{voice.say(_WRONG)}: {one.problem}" if one.problem else voice.say(_GOOD)),
            (_LENIENCIES, tuple(str(leniency) for leniency in seal.leniencies)),
        ]
    )
