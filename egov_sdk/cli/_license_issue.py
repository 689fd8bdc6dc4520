"""``egov license issue``, ``change`` and ``renew``: licences come about, and new versions of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import refuse_existing, write_result
from egov_sdk.cli._license_inputs import (
    ActorText,
    IdentifierText,
    ReasonText,
    holders,
    made,
    merged_draft,
    pairs,
    parse_day,
    pictures,
    today,
    type_code_of,
)
from egov_sdk.cli._license_office import OfficeName, opened
from egov_sdk.cli._license_words import NEXT_VERIFY, WROTE, plain_record
from egov_sdk.cli._options import Force
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.license.model import License


__all__ = ["change", "issue", "renew"]

_ISSUED: Final = Text("issued  {identifier}", "已签发  {identifier}")
_RENEWED: Final = Text("new version  {identifier}", "新版本  {identifier}")
_NEXT_FILE: Final = Text(
    "next: egov license show {identifier} --out FILE writes the file",
    "下一步：egov license show {identifier} --out 文件，可写出证照文件",
)
_Draft = Annotated[
    Path | None,
    argument(
        "DRAFT",
        "A draft in JSON or TOML, with the names of the options; - reads standard input.",
        "制证数据（JSON 或 TOML，名称同各选项），- 表示标准输入。",
    ),
]
_Holders = Annotated[
    list[str] | None,
    option(
        "--holder",
        "A holder: name, code and, where the code leaves doubt, the code of its type (may be repeated).",
        "持证主体：名称、代码及其代码类型代码（代码可自明时可省，可重复）。",
        metavar="NAME,CODE[,TYPE]",
    ),
]
_Fields = Annotated[
    list[str] | None,
    option("--field", "A further item of the type (may be repeated).", "扩展项（可重复）。", metavar="NAME=VALUE"),
]
_Pictures = Annotated[
    list[str] | None,
    option(
        "--picture",
        "A picture item, PNG or JPEG (may be repeated).",
        "图片项（PNG 或 JPEG，可重复）。",
        metavar="NAME=FILE",
    ),
]
_IssuedOn = Annotated[
    str | None, option("--issued-on", "Day of issue; today by default.", "颁发日期，默认为当天。", metavar="DAY")
]
_ValidFrom = Annotated[str | None, option("--valid-from", "First day of the term.", "有效期起始日期。", metavar="DAY")]
_ValidUntil = Annotated[str | None, option("--valid-until", "Last day of the term.", "有效期截止日期。", metavar="DAY")]
_Area = Annotated[str | None, option("--area", "Code of the area.", "所属管辖属地编码。", metavar="CODE")]
_Out = Annotated[
    Path | None,
    option(
        "--out",
        "Write the licence file (OFD) to this file.",
        "将证照文件（OFD）写入该文件。",
        metavar="OUT",
        short="-o",
    ),
]


@command(
    groups.license_,
    "issue",
    "Issue a licence: from a draft, from options, or both.",
    "签发证照：制证数据文件、选项，或两者并用。",
)
def issue(
    voice: Voice,
    draft: _Draft = None,
    type_name: Annotated[
        str | None, option("--type", "The type: its code or its name.", "类型代码或名称。", metavar="TYPE")
    ] = None,
    number: Annotated[str | None, option("--number", "The number on the face.", "证照编号。")] = None,
    holder: _Holders = None,
    field: _Fields = None,
    picture: _Pictures = None,
    issued_on: _IssuedOn = None,
    valid_from: _ValidFrom = None,
    valid_until: _ValidUntil = None,
    area: _Area = None,
    serial: Annotated[
        str | None, option("--serial", "Of the identifier; made by default.", "流水号，默认自动生成。")
    ] = None,
    inactive: Annotated[bool, option("--inactive", "Not in force until it is activated.", "签发后暂不激活。")] = False,
    request: Annotated[
        str,
        option(
            "--request",
            "The same request, sent again, gives the licence that it gave before.",
            "请求号：同一请求重发时返回已签发的证照。",
            metavar="ID",
        ),
    ] = "",
    actor: ActorText = "",
    out: _Out = None,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Issue a licence."""
    from egov_sdk.license.model import LicenseDraft

    given = {
        "type_code": type_name, "number": number, "holders": holders(holder), "fields": pairs(field, "--field"),
        "pictures": pictures(picture), "issued_on": parse_day(issued_on, "--issued-on"),
        "valid_from": parse_day(valid_from, "--valid-from"), "valid_until": parse_day(valid_until, "--valid-until"),
        "area_code": area, "serial": serial, "active": False if inactive else None,
    }  # fmt: skip
    held = merged_draft(draft, given)
    held.setdefault("issued_on", today())
    if out is not None:
        refuse_existing(out, force=force)
    with opened(office) as there:
        if isinstance(held.get("type_code"), str):
            held["type_code"] = type_code_of(there.service.types(), str(held["type_code"]))
        issued = there.service.issue(made(LicenseDraft, held, str(draft or "")), request_id=request, actor=actor)
    return _told(voice, issued, _ISSUED, out=out, force=force)


def _told(voice: Voice, found: License, text: Text, *, out: Path | None, force: bool) -> ExitCode:
    """A licence that came about: its identifier, its file if that was wanted, and what to do next."""
    if out is not None:
        write_result(out, found.file, force=force)
    if voice.as_json:
        voice.document({**plain_record(found, full=False), "out": str(out) if out is not None else None})
        return ExitCode.DONE
    voice.line(voice.say(text).format(identifier=found.identifier), style="green")
    if out is not None:
        voice.line(voice.say(WROTE).format(out=out))
        voice.note(voice.say(NEXT_VERIFY).format(file=out))
    else:
        voice.note(voice.say(_NEXT_FILE).format(identifier=found.identifier))
    return ExitCode.DONE


@command(
    groups.license_,
    "change",
    "Make a new version with other contents; the number stays.",
    "变更：生成新版本，编号不变。",
)
def change(
    voice: Voice,
    identifier: IdentifierText,
    reason: ReasonText,
    draft: Annotated[
        Path | None,
        option("--from", "What becomes different, in JSON or TOML.", "变更内容（JSON 或 TOML）。", metavar="FILE"),
    ] = None,
    holder: _Holders = None,
    field: _Fields = None,
    picture: _Pictures = None,
    issued_on: Annotated[str | None, option("--issued-on", "Day of issue.", "颁发日期。", metavar="DAY")] = None,
    valid_from: _ValidFrom = None,
    valid_until: _ValidUntil = None,
    area: _Area = None,
    actor: ActorText = "",
    out: _Out = None,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Change a licence."""
    from egov_sdk.license.model import LicenseChange

    given = {
        "holders": holders(holder), "fields": pairs(field, "--field"), "pictures": pictures(picture),
        "issued_on": parse_day(issued_on, "--issued-on"), "valid_from": parse_day(valid_from, "--valid-from"),
        "valid_until": parse_day(valid_until, "--valid-until"), "area_code": area,
    }  # fmt: skip
    held = merged_draft(draft, given)
    if not held:
        raise UsageError(Text("nothing was given that becomes different", "没有给出任何变更内容"))
    if out is not None:
        refuse_existing(out, force=force)
    with opened(office) as there:
        wanted = made(LicenseChange, held, str(draft or ""))
        found = there.service.change(identifier, wanted, reason=reason, actor=actor)
    return _told(voice, found, _RENEWED, out=out, force=force)


@command(groups.license_, "renew", "Make a new version with a later last day.", "延续：生成有效期更长的新版本。")
def renew(
    voice: Voice,
    identifier: IdentifierText,
    valid_until: Annotated[
        str | None, option("--valid-until", "The new last day.", "新的有效期截止日期。", metavar="DAY")
    ] = None,
    without_end: Annotated[bool, option("--without-end", "It has no end from now on.", "改为长期有效。")] = False,
    reason: ReasonText = "",
    actor: ActorText = "",
    out: _Out = None,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Renew a licence."""
    if (valid_until is None) != without_end:
        raise UsageError(Text("give --valid-until or --without-end", "请给出 --valid-until 或 --without-end"))
    if out is not None:
        refuse_existing(out, force=force)
    last = parse_day(valid_until, "--valid-until")
    with opened(office) as there:
        found = there.service.renew(identifier, valid_until=last, reason=reason, actor=actor)
    return _told(voice, found, _RENEWED, out=out, force=force)
