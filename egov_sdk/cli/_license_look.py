"""``egov license show`` and ``id``: what a file, a register or an identifier says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    read_file,
    refuse_existing,
    write_result,
)
from egov_sdk.cli._license_inputs import Unmasked, read_code_text
from egov_sdk.cli._license_office import AskerName, AsOwner, ItemCode, Office, OfficeName, PurposeText, opened
from egov_sdk.cli._license_words import NEXT_VERIFY, WROTE, plain_metadata, plain_record, show_metadata
from egov_sdk.cli._options import Force
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError, message_of
from egov_sdk.errors import ParseError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.license.identifier import LicenseIdentifier
    from egov_sdk.license.model import LicenseRecord, Use
    from egov_sdk.license.reading import LicenseFile


__all__ = ["id_", "show"]

_MOST_BYTES: Final = 64 << 20
_UNVERIFIED: Final = Text("nothing of this was verified", "以上内容均未经验证")
_NO_METADATA: Final = Text("there is no metadata that can be read", "没有可解析的元数据")
_COPY: Final = Text("annotated copy for {whom}: {cause}, until {until}", "加注件：{whom}，{cause}，有效期至 {until}")
_PLACE: Final = Text("place in the status list  {place}", "状态列表位置  {place}")
_GOOD: Final = Text("every rule is kept", "各项规则均符合")
_LENIENT: Final = Text("accepted leniently: {what}", "宽松接受：{what}")
_TRY_LENIENT: Final = Text(
    "--lenient accepts and names what real identifiers get wrong", "--lenient 接受并指明实际标识的常见偏差"
)
_PARTS: Final = (
    ("root", Text("root", "电子证照根代码")),
    ("type_code", Text("type", "证照类型代码")),
    ("issuer_code", Text("issuing authority", "证照颁发机构代码")),
    ("serial", Text("serial", "流水号")),
    ("version", Text("version", "版本号")),
    ("check", Text("check character", "校验位")),
)  # fmt: skip


@command(
    groups.license_,
    "show",
    "Show what a licence file says, or what the register holds of an identifier; personal data masked.",
    "查看证照文件内容，或登记库中某一标识的证照；个人信息脱敏。",
)
def show(
    voice: Voice,
    what: Annotated[str, argument("FILE|IDENTIFIER", "A licence file, or an identifier.", "证照文件或证照标识。")],
    full: Unmasked = False,
    out: Annotated[
        Path | None,
        option(
            "--out",
            "Write the file of the identifier (OFD).",
            "写出该标识的证照文件（OFD）。",
            metavar="OUT",
            short="-o",
        ),
    ] = None,
    purpose: PurposeText = "查看",
    requester: AskerName = None,
    as_owner: AsOwner = False,
    item: ItemCode = "",
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Show a licence."""
    from egov_sdk.license.identifier import LicenseIdentifier

    path = Path(what)
    if path.is_file():
        if out is not None:
            raise UsageError(Text("--out goes with an identifier", "--out 须与证照标识同用"))
        return _show_file(voice, path, full=full)
    if "/" in what or what.lower().endswith(".ofd"):
        raise UsageError(Text(f"there is no file {what}", f"没有文件 {what}"))
    identifier = LicenseIdentifier.parse(what, lenient=True)
    if out is not None:
        refuse_existing(out, force=force)
    with opened(office) as there:
        use = there.use(purpose, requester, item=item, is_owner=as_owner)
        record, file = _of_register(there, identifier, use)
        place = there.register.shows.status_of(identifier) if there.gov.office is not None else None
    if out is not None:
        if file is None:
            from egov_sdk.license.problems import refuse

            raise refuse("file_missing")
        write_result(out, file, force=force)
    listed = "" if place is None else str(place)
    if voice.as_json:
        voice.document({**plain_record(record, full=full), "status_place": listed, "out": str(out) if out else None})
        return ExitCode.DONE
    show_metadata(voice, record.metadata, full=full, record=record)
    if listed and record.metadata.status is None:  # the file does not tell it
        voice.line(f"  {voice.say(_PLACE).format(place=listed)}", style="dim")
    if out is not None:
        voice.line(voice.say(WROTE).format(out=out))
        voice.note(voice.say(NEXT_VERIFY).format(file=out))
    return ExitCode.DONE


def _of_register(there: Office, identifier: LicenseIdentifier, use: Use) -> tuple[LicenseRecord, bytes | None]:
    """The record and the file; an imported licence that the office itself looks at may have none yet."""
    from egov_sdk.license.model import UseGround
    from egov_sdk.license.problems import LicenseRejected

    try:
        found = there.service.get(identifier, use=use)
    except LicenseRejected as error:
        record = there.register.find(identifier) if error.problem == "file_missing" and there.gov.office else None
        if record is None or use.ground is not UseGround.OWNER:
            raise
        return record, None
    return found, found.file


def _show_file(voice: Voice, path: Path, *, full: bool) -> ExitCode:
    from egov_sdk.license.file import read_license_file

    found = read_license_file(read_file(path, max_bytes=_MOST_BYTES))
    if voice.as_json:
        voice.document(_plain_file(voice, path, found, full=full))
        return ExitCode.DONE if found.metadata is not None else ExitCode.REJECTED
    voice.line(str(path), style="bold")
    if found.metadata is None:
        voice.line(_NO_METADATA, style="bold red")
    else:
        show_metadata(voice, found.metadata, full=full)
    if found.copy is not None:
        note, whom = found.copy, found.requester
        words = {"whom": whom.name if whom else "-", "cause": note.cause, "until": f"{note.valid_until:%Y-%m-%d %H:%M}"}
        voice.line(f"  {voice.say(_COPY).format(**words)}", style="yellow")
    for one in found.findings:
        voice.line(f"  ! {one.to_dict(voice.lang)['message']}  {one.code}", style="yellow")
    for odd in found.notes:
        voice.line(f"  ! {voice.say(odd.message)}  {odd.code}", style="yellow")
    voice.note(_UNVERIFIED)
    voice.note(voice.say(NEXT_VERIFY).format(file=path))
    return ExitCode.DONE if found.metadata is not None else ExitCode.REJECTED


def _plain_file(voice: Voice, path: Path, found: LicenseFile, *, full: bool) -> dict[str, object]:
    return {
        "file": str(path),
        "verified": False,
        "metadata": plain_metadata(found.metadata, full=full) if found.metadata is not None else None,
        "copy": found.copy.model_dump(mode="json") if found.copy is not None else None,
        "requester": found.requester.model_dump() if found.requester is not None else None,
        "findings": [one.to_dict(voice.lang) for one in found.findings],
        "notes": [{"code": one.code, "message": voice.say(one.message)} for one in found.notes],
    }


@command(
    groups.license_,
    "id",
    "Take an identifier apart, and name the rule that it breaks.",
    "拆解证照标识，并指出所违反的规则。",
)
def id_(
    voice: Voice,
    text: Annotated[
        str,
        argument(
            "IDENTIFIER",
            "An identifier, or the name of a published file; - reads standard input.",
            "证照标识或已发布文件的文件名，- 表示标准输入。",
        ),
    ],
    lenient: Annotated[
        bool,
        option(
            "--lenient/--strict", "Accept, and name, what real identifiers get wrong.", "接受并指明实际标识的常见偏差。"
        ),
    ] = False,
) -> ExitCode:
    """Explain an identifier."""
    from egov_sdk.license.identifier import LENIENCIES, LicenseIdentifier

    given = read_code_text(text)
    try:
        name = given[:-4] if given.lower().endswith(".ofd") else given
        found = LicenseIdentifier.parse(name, lenient=lenient)
    except ParseError as error:
        return _refused(voice, given, error, lenient=lenient)
    wrong = found.findings()
    code = ExitCode.REJECTED if wrong and not lenient else ExitCode.DONE
    if voice.as_json:
        voice.document(_plain_identifier(voice, found, given, ok=code is ExitCode.DONE))
        return code
    voice.line(str(found), style="bold")
    voice.facts([(label, getattr(found, name) or None) for name, label in _PARTS])
    for leniency in found.leniencies:
        voice.line(voice.say(_LENIENT).format(what=voice.say(LENIENCIES[leniency])), style="yellow")
    for one in wrong:
        voice.line(f"{one.element}: {one.message.in_(voice.lang)}  {one.code}", style="yellow")
    if not wrong and not found.leniencies:
        voice.line(_GOOD, style="green")
    return code


def _refused(voice: Voice, given: str, error: ParseError, *, lenient: bool) -> ExitCode:
    if voice.as_json:
        voice.document({"identifier": given, "ok": False, "error": error.to_dict()})
        return ExitCode.REJECTED
    voice.line(message_of(error, voice.lang), style="bold red")
    voice.line(f"  {error.code}", style="dim")
    if not lenient and error.code == "egov.license.identifier_shape":
        voice.note(_TRY_LENIENT)
    return ExitCode.REJECTED


def _plain_identifier(voice: Voice, found: LicenseIdentifier, given: str, *, ok: bool) -> dict[str, object]:
    return {
        "identifier": given,
        "ok": ok,
        **{name: getattr(found, name) for name, _ in _PARTS},
        "leniencies": list(found.leniencies),
        "findings": [one.to_dict(voice.lang) for one in found.findings()],
    }
