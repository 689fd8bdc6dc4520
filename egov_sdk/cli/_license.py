"""``egov license``: types, issuing, changing, the life of a licence, finding it."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import read_file, refuse_existing, write_result
from egov_sdk.cli._license_inputs import (
    AskerName,
    OfficeName,
    PurposeText,
    authority,
    holders,
    made,
    merged_draft,
    opened,
    pairs,
    parse_day,
    pictures,
    today,
    type_code_of,
    until,
)
from egov_sdk.cli._license_words import ACTIONS, plain_record, record_rows, state_word
from egov_sdk.cli._options import Force
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.report import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.model import License
    from egov_sdk.license.register import LicenseRegister

__all__ = ["cancel", "change", "copy", "history", "issue", "new_type", "renew", "resume", "revoke", "search", "suspend",
           "types"]  # fmt: skip


class _Sample(enum.StrEnum):
    BUSINESS = "business_permit"
    PERSON = "person_certificate"
    PAGES = "multi_page_permit"


_ADDED: Final = Text("{name}  {code}", "{name}  {code}")
_NO_TYPES: Final = Text("there are no types yet", "尚无证照类型")
_NEXT_TYPE: Final = Text(
    "next: egov license new-type --sample business_permit", "下一步：egov license new-type --sample business_permit"
)
_NEXT_ISSUE: Final = Text(
    "next: egov license issue --type {code} --number … --holder NAME,CODE",
    "下一步：egov license issue --type {code} --number … --holder 名称,代码",
)
_ISSUED: Final = Text("issued  {identifier}", "已签发  {identifier}")
_RENEWED: Final = Text("new version  {identifier}", "新版本  {identifier}")
_WROTE: Final = Text("written to {out}", "已写入 {out}")
_NEXT_VERIFY: Final = Text("next: egov license verify {out}", "下一步：egov license verify {out}")
_NEXT_FILE: Final = Text(
    "next: egov license show {identifier} --out FILE writes the file",
    "下一步：egov license show {identifier} --out 文件，可写出证照文件",
)
_NOW: Final = Text("{identifier} is now: {state}", "{identifier} 当前状态：{state}")
_NOTHING: Final = Text("nothing found", "没有找到")
_MORE: Final = Text("there is more: --page {page}", "还有更多：--page {page}")
_COPIED: Final = Text("copy {copy} good until {until}", "加注件 {copy}，有效期至 {until}")

_Identifier = Annotated[str, argument("IDENTIFIER", "The identifier of a licence.", "证照标识。")]
_Reason = Annotated[str, option("--reason", "Why; it stays in the history.", "原因，记入证照历史。", metavar="TEXT")]
_Actor = Annotated[
    str, option("--actor", "The account of the clerk at work: an id and no name.", "经办账号（编号，非姓名）。")
]
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
    "new-type",
    "Bring types of licences into the register: samples, or a catalogue in TOML or JSON. Opens the office if there "
    "is none.",
    "向登记库加入证照类型：示例类型，或 TOML、JSON 目录；尚无登记库时一并开设。",
)
def new_type(
    voice: Voice,
    file: Annotated[
        Path | None, argument("FILE", "A catalogue of types, TOML or JSON.", "证照目录（TOML 或 JSON）。")
    ] = None,
    sample: Annotated[
        list[_Sample] | None,
        option(
            "--sample",
            "A sample type, whose face is marked 样证 (may be repeated).",
            "示例类型（照面标“样证”，可重复）。",
        ),
    ] = None,
    replace: Annotated[bool, option("--replace", "Revise a type that is there already.", "修订已有的类型。")] = False,
    department: Annotated[
        str,
        option("--department", "Whose office it is, when it is opened for the first time.", "首次开设时的机构名称。"),
    ] = "",
    code: Annotated[
        str, option("--code", "Its unified social credit code, likewise.", "首次开设时的机构统一社会信用代码。")
    ] = "",
    office: OfficeName = None,
) -> ExitCode:
    """Bring types in."""
    from egov_sdk.license.samples import sample_type

    if (file is None) == (not sample):
        raise UsageError("give a catalogue, or --sample")
    brought = _types_in(file) if file is not None else ()
    with opened(office, make=True, department=department, code=code) as there:
        register = there.register
        wanted = brought or tuple(sample_type(one.value, defined_by=register.authority) for one in sample or ())
        known = register.types.known()
        _bring(register, wanted, replace=replace, known=frozenset(known))
    if voice.as_json:
        voice.document({"types": [{"code": one.code, "name": one.name} for one in wanted]})
        return ExitCode.DONE
    for one in wanted:
        voice.line(voice.say(_ADDED).format(name=one.name, code=one.code))
    voice.note(voice.say(_NEXT_ISSUE).format(code=wanted[0].code))
    return ExitCode.DONE


def _types_in(path: Path) -> tuple[LicenseType, ...]:
    from egov_sdk.license.catalogue_files import CATALOGUE_BYTES, load_license_types

    data = read_file(path, max_bytes=CATALOGUE_BYTES)
    found = load_license_types(data, form="json" if path.suffix.lower() == ".json" else "toml")
    if not found:
        raise UsageError(f"{path}: there is no type in it")
    return found


def _bring(register: LicenseRegister, wanted: Sequence[LicenseType], *, replace: bool, known: frozenset[str]) -> None:
    """All of them or, as far as can be told beforehand, none."""
    from egov_sdk.license.problems import refuse

    there = [one.code for one in wanted if one.code in known]
    if there and not replace:
        raise refuse("type_exists", found=there[0])
    for one in wanted:
        if one.code in known:
            register.types.replace(one)
        else:
            register.types.add(one)


@command(
    groups.license_,
    "types",
    "List the types of licences, or show one with its items.",
    "列出证照类型，或查看其中一个。",
)
def types(
    voice: Voice,
    name: Annotated[str | None, argument("TYPE", "A type: its code or its name.", "类型代码或名称。")] = None,
    office: OfficeName = None,
) -> ExitCode:
    """List types."""
    with opened(office) as there:
        found = there.service.types()
    if name is not None:
        code = type_code_of(found, name)
        found = tuple(one for one in found if one.code == code)
    if voice.as_json:
        voice.document({"types": [one.model_dump(mode="json", exclude={"template"}) for one in found]})
        return ExitCode.DONE
    if not found:
        voice.line(_NO_TYPES)
        voice.note(_NEXT_TYPE)
    elif name is None:
        voice.table([(one.code, one.name, one.defined_by.name) for one in found], indent="", styles=("", "bold", "dim"))
    else:
        voice.line(voice.say(_ADDED).format(name=found[0].name, code=found[0].code), style="bold")
        voice.table([(one.name, one.kind.value, _demands(voice, one.required)) for one in found[0].fields])
    return ExitCode.DONE


def _demands(voice: Voice, required: bool) -> str:
    return voice.say(Text("required", "必填")) if required else ""


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
        issued = there.service.issue(made(LicenseDraft, held, str(draft or "")), request_id=request)
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
        voice.line(voice.say(_WROTE).format(out=out))
        voice.note(voice.say(_NEXT_VERIFY).format(out=out))
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
    identifier: _Identifier,
    reason: _Reason,
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
        raise UsageError("nothing was given that becomes different")
    if out is not None:
        refuse_existing(out, force=force)
    with opened(office) as there:
        found = there.service.change(identifier, made(LicenseChange, held, str(draft or "")), reason=reason)
    return _told(voice, found, _RENEWED, out=out, force=force)


@command(groups.license_, "renew", "Make a new version with a later last day.", "延续：生成有效期更长的新版本。")
def renew(
    voice: Voice,
    identifier: _Identifier,
    valid_until: Annotated[
        str | None, option("--valid-until", "The new last day.", "新的有效期截止日期。", metavar="DAY")
    ] = None,
    without_end: Annotated[bool, option("--without-end", "It has no end from now on.", "改为长期有效。")] = False,
    reason: Annotated[str, option("--reason", "Why; it stays in the history.", "原因，记入证照历史。")] = "",
    out: _Out = None,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Renew a licence."""
    if (valid_until is None) != without_end:
        raise UsageError("give --valid-until or --without-end")
    if out is not None:
        refuse_existing(out, force=force)
    last = parse_day(valid_until, "--valid-until")
    with opened(office) as there:
        found = there.service.renew(identifier, valid_until=last, reason=reason)
    return _told(voice, found, _RENEWED, out=out, force=force)


def _act(voice: Voice, identifier: str, action: LicenseAction, *, how: tuple[str, str, str | None]) -> ExitCode:
    reason, actor, office = how
    with opened(office) as there:
        found = there.service.act(identifier, action, reason=reason, actor=actor)
    if voice.as_json:
        voice.document(plain_record(found, full=False))
        return ExitCode.DONE
    state = state_word(voice, found.state.value)
    voice.line(voice.say(_NOW).format(identifier=found.identifier, state=state), style="bold")
    return ExitCode.DONE


@command(groups.license_, "suspend", "Hold a licence for a while.", "暂扣证照。")
def suspend(
    voice: Voice, identifier: _Identifier, reason: _Reason, actor: _Actor = "", office: OfficeName = None
) -> ExitCode:
    """Suspend a licence."""
    return _act(voice, identifier, LicenseAction.SUSPEND, how=(reason, actor, office))


@command(
    groups.license_, "resume", "Give a held licence back, or activate one.", "发还暂扣的证照，或激活未激活的证照。"
)
def resume(
    voice: Voice,
    identifier: _Identifier,
    reason: _Reason,
    activate: Annotated[bool, option("--activate", "It was issued inactive.", "激活签发时未激活的证照。")] = False,
    actor: _Actor = "",
    office: OfficeName = None,
) -> ExitCode:
    """Resume a licence."""
    action = LicenseAction.ACTIVATE if activate else LicenseAction.RESUME
    return _act(voice, identifier, action, how=(reason, actor, office))


@command(groups.license_, "revoke", "Take a licence away as a sanction; for ever.", "吊销证照，不可恢复。")
def revoke(
    voice: Voice,
    identifier: _Identifier,
    reason: _Reason,
    withdraw: Annotated[
        bool, option("--withdraw", "It should not have been issued at all.", "撤销：本不应签发。")
    ] = False,
    actor: _Actor = "",
    office: OfficeName = None,
) -> ExitCode:
    """Revoke a licence."""
    action = LicenseAction.WITHDRAW if withdraw else LicenseAction.REVOKE
    return _act(voice, identifier, action, how=(reason, actor, office))


@command(groups.license_, "cancel", "End a licence in the ordinary course; for ever.", "注销证照，不可恢复。")
def cancel(
    voice: Voice, identifier: _Identifier, reason: _Reason, actor: _Actor = "", office: OfficeName = None
) -> ExitCode:
    """Cancel a licence."""
    return _act(voice, identifier, LicenseAction.CANCEL, how=(reason, actor, office))


@command(groups.license_, "history", "Show the life of a licence over all its versions.", "查看证照各版本的历史。")
def history(voice: Voice, identifier: _Identifier, office: OfficeName = None) -> ExitCode:
    """Show the history."""
    with opened(office) as there:
        events = there.service.history(identifier)
    if voice.as_json:
        voice.document({"events": [one.model_dump(mode="json") for one in events]})
        return ExitCode.DONE
    rows = []
    for one in events:
        what = voice.say(ACTIONS[one.action.value])
        at = f"{one.at:%Y-%m-%d %H:%M:%S}"
        rows.append((at, f"{one.identifier.version:03d}", what, state_word(voice, one.state.value), one.reason))
    voice.table(rows, indent="", styles=("dim", "", "bold", "", "dim"))
    return ExitCode.DONE


@command(
    groups.license_, "search", "Find the licences of one holder, newest first.", "检索某一持证主体的证照（新者在前）。"
)
def search(
    voice: Voice,
    holder: Annotated[
        str,
        argument("HOLDER", "The holder's number; - reads standard input.", "持证主体代码，- 表示标准输入。"),
    ],
    type_name: Annotated[
        str | None,
        option("--type", "Only this type: its code or its name.", "仅此类型（代码或名称）。", metavar="TYPE"),
    ] = None,
    state: Annotated[
        list[LicenseState] | None, option("--state", "Only in these states.", "仅此状态（可重复）。")
    ] = None,
    purpose: PurposeText = "查询",
    requester: AskerName = None,
    item: Annotated[str, option("--item", "The service item that it is for.", "事项编码。", metavar="CODE")] = "",
    limit: Annotated[int, option("--limit", "At most so many.", "最多条数。", metavar="NUMBER")] = 50,
    page: Annotated[str, option("--page", "Go on where an earlier answer ended.", "接续上一页。")] = "",
    full: Annotated[bool, option("--full", "Mask nothing.", "不脱敏。")] = False,
    office: OfficeName = None,
) -> ExitCode:
    """Search."""
    from egov_sdk.cli._license_inputs import read_code_text

    number = read_code_text(holder)
    states = frozenset(state) if state else None
    with opened(office) as there:
        code = type_code_of(there.service.types(), type_name) if type_name is not None else ""
        use = there.use(purpose, requester, item=item)
        found = there.service.search(number, use=use, type_code=code, states=states, page=page, page_size=limit)
    if voice.as_json:
        records = [plain_record(one, full=full) for one in found.records]
        voice.document({"records": records, "next_page": found.next_page})
        return ExitCode.DONE
    if not found.records:
        voice.line(_NOTHING)
        return ExitCode.DONE
    voice.table(record_rows(voice, found.records, full=full), indent="", styles=("", "bold", "", "", "", "dim"))
    if found.next_page:
        voice.note(voice.say(_MORE).format(page=found.next_page))
    return ExitCode.DONE


@command(
    groups.license_,
    "copy",
    "Make an annotated copy for one use; the original stays as it is.",
    "制作加注件（一事一用），原件不变。",
)
def copy(
    voice: Voice,
    identifier: _Identifier,
    purpose: PurposeText,
    recipient: Annotated[
        str,
        option("--for", "For whom: code=name of a department.", "用证单位：“信用代码=名称”。", metavar="CODE=NAME"),
    ],
    out: Annotated[Path, option("--out", "The copy (OFD).", "加注件（OFD）。", metavar="OUT", short="-o")],
    until_: Annotated[
        str | None,
        option("--until", "Good until; in place of --days.", "有效期截止时间，代替 --days。", metavar="TIME"),
    ] = None,
    days: Annotated[int, option("--days", "How long it is good.", "有效天数。")] = 30,
    requester: AskerName = None,
    item: Annotated[str, option("--item", "The service item that it is for.", "事项编码。", metavar="CODE")] = "",
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Make an annotated copy."""
    refuse_existing(out, force=force)
    whom, last = authority(recipient, "--for"), until(until_, days)
    with opened(office) as there:
        use = there.use(purpose, requester, item=item)
        made_copy = there.service.annotated_copy(identifier, use=use, requester=whom, valid_until=last)
    write_result(out, made_copy.file, force=force)
    if voice.as_json:
        voice.document(made_copy.model_dump(mode="json", exclude={"file"}) | {"out": str(out)})
        return ExitCode.DONE
    voice.line(
        voice.say(_COPIED).format(copy=made_copy.copy_id, until=f"{made_copy.valid_until:%Y-%m-%d %H:%M:%S}"),
        style="green",
    )
    voice.line(voice.say(_WROTE).format(out=out))
    return ExitCode.DONE
