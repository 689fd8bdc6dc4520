"""``egov license online``: a licence shown online (在线亮证), from the holder's code to the verifier's one fetch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import check_ending, refuse_existing, write_result
from egov_sdk.cli._license_inputs import HolderText, authority, read_code_text, type_code_of
from egov_sdk.cli._license_office import AskerName, ItemCode, Office, OfficeName, opened
from egov_sdk.cli._license_words import WROTE, item_label
from egov_sdk.cli._options import Force
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from datetime import datetime

    from egov_sdk.license.model import ShownLicense
    from egov_sdk.license.present.online import OnlineShowing, ShowingState

__all__ = ["begin", "code", "confirm", "fetch", "refuse", "status", "waiting"]

_UNTIL: Final = Text("good until {until}", "有效至 {until}")
_NEXT_BEGIN: Final = Text(
    "next, at the verifier: egov license online begin CODE --type TYPE --purpose TEXT",
    "下一步（验证方）：egov license online begin 码 --type 类型 --purpose 用途",
)
_NEXT_DECIDE: Final = Text(
    "next, at the holder: egov license online waiting HOLDER, then confirm or refuse",
    "下一步（持证人）：egov license online waiting 持证主体代码，然后 confirm 或 refuse",
)
_NEXT_FETCH: Final = Text(
    "next, at the verifier: egov license online fetch TRANSACTION",
    "下一步（验证方）：egov license online fetch 核验事务",
)
_NOTHING: Final = Text("nothing waits for a decision", "没有待确认的核验")
_ASKS: Final = Text("{who} asks for {types}: {purpose}", "{who} 请求核验 {types}，用途：{purpose}")
_STATES: Final = {
    "waiting": Text("waits for the holder", "待持证人确认"),
    "confirmed": Text("the holder agreed", "持证人已授权"),
    "refused": Text("the holder does not agree", "持证人已拒绝"),
    "fetched": Text("fetched", "已取用"),
    "expired": Text("too late", "已过期"),
}
_CODES: Final = {
    "waiting": ExitCode.UNDECIDED,
    "confirmed": ExitCode.DONE,
    "fetched": ExitCode.DONE,
    "refused": ExitCode.REJECTED,
    "expired": ExitCode.REJECTED,
}

_Id = Annotated[str, argument("ID", "Of the request, as ``waiting`` prints it.", "核验请求编号，见 waiting。")]
_Decider = Annotated[
    str,
    option(
        "--holder",
        "The number of the holder who decides; - reads standard input.",
        "作出决定的持证主体代码，- 表示标准输入。",
        metavar="NUMBER",
    ),
]
_Transaction = Annotated[
    str,
    argument(
        "TRANSACTION|@FILE",
        "What ``begin`` gave, or a file with it; - reads standard input.",
        "begin 所给的核验事务，或含该文本的 @文件；- 表示标准输入。",
    ),
]


@command(
    groups.online, "code", "A code for the holder's screen; it lives a minute.", "生成持证人的亮证动态码（一分钟）。"
)
def code(
    voice: Voice,
    holder: HolderText,
    out: Annotated[
        Path | None,
        option(
            "--out", "Draw it as a QR code (.svg or .png).", "绘制为二维码（.svg、.png）。", metavar="OUT", short="-o"
        ),
    ] = None,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Make a code."""
    if out is not None:
        check_ending(out, (".svg", ".png"))
        refuse_existing(out, force=force)
    with opened(office) as there:
        made = there.service.showing_code(read_code_text(holder))
    if out is not None:
        from egov_sdk.license.present.qr import draw_qr

        write_result(
            out, draw_qr(made.value, form="png" if out.suffix.lower() == ".png" else "svg").octets, force=force
        )
    if voice.as_json:
        facts = {"code": made.value, "expires_at": made.expires_at.isoformat(), "out": str(out) if out else None}
        voice.document(facts)
        return ExitCode.DONE
    voice.line(voice.say(WROTE).format(out=out) if out is not None else made.value)
    _tell_until(voice, made.expires_at)
    voice.note(_NEXT_BEGIN)
    return ExitCode.DONE


@command(
    groups.online,
    "begin",
    "Begin to verify: ask the holder whose code was scanned.",
    "发起核验：扫码后请求持证人授权。",
)
def begin(
    voice: Voice,
    scanned: Annotated[
        str,
        argument("CODE|@FILE", "What the scanner read; - reads standard input.", "扫码所得文本，- 表示标准输入。"),
    ],
    type_name: Annotated[
        list[str],
        option(
            "--type", "A type to be shown: code or name (may be repeated).", "请求的证照类型：代码或名称（可重复）。"
        ),
    ],
    purpose: Annotated[str, option("--purpose", "What for; the holder sees it.", "用途，持证人可见。", metavar="TEXT")],
    requester: AskerName = None,
    item: ItemCode = "",
    by_function: Annotated[
        bool,
        option(
            "--by-function",
            "On the ground of the requester's function, which a rule must allow; else the holder's yes is the ground.",
            "依职能用证（须有用证规则）；默认以持证人确认为依据。",
        ),
    ] = False,
    office: OfficeName = None,
) -> ExitCode:
    """Begin a verification."""
    from egov_sdk.license.model import Use, UseGround

    with opened(office) as there:
        types = there.service.types()
        ground = UseGround.FUNCTION if by_function else UseGround.HOLDER
        who = there.register.authority if requester is None else authority(requester, "--requester")
        begun = there.service.begin_showing(
            read_code_text(scanned),
            type_codes=tuple(type_code_of(types, one) for one in type_name),
            use=Use(requester=who, purpose=purpose, ground=ground, item_code=item),
        )
    if voice.as_json:
        voice.document({"transaction": begun.transaction, "expires_at": begun.expires_at.isoformat()})
        return ExitCode.DONE
    voice.line(begun.transaction)
    _tell_until(voice, begun.expires_at)
    voice.note(_NEXT_DECIDE)
    return ExitCode.DONE


@command(groups.online, "waiting", "What waits for a holder's decision.", "待持证人确认的核验。")
def waiting(voice: Voice, holder: HolderText, office: OfficeName = None) -> ExitCode:
    """List what waits."""
    with opened(office) as there:
        found = there.service.waiting_showings(read_code_text(holder))
        names = {one.code: one.name for one in there.service.types()}
    if voice.as_json:
        voice.document({"waiting": [_plain(one) for one in found]})
        return ExitCode.DONE
    if not found:
        voice.line(_NOTHING)
    for one in found:
        types = ", ".join(names.get(each, each) for each in one.type_codes)
        voice.line(one.digest, style="bold")
        voice.line(
            "  " + voice.say(_ASKS).format(who=one.verifier_name or one.verifier, types=types, purpose=one.purpose)
        )
        _tell_until(voice, one.expires_at)
    return ExitCode.DONE


@command(
    groups.online,
    "confirm",
    "The holder agrees to show licences, whole or in part.",
    "持证人确认，可出示整证或部分数据项。",
)
def confirm(
    voice: Voice,
    request: _Id,
    holder: _Decider,
    license_: Annotated[
        list[str],
        option("--license", "The identifier of a licence to show (may be repeated).", "要出示的证照标识（可重复）。"),
    ],
    field: Annotated[
        list[str] | None,
        option(
            "--field",
            "Only this item of each (may be repeated); everything and the file by default.",
            "仅出示此数据项（可重复），默认出示全部及文件。",
            metavar="NAME",
        ),
    ] = None,
    office: OfficeName = None,
) -> ExitCode:
    """Confirm."""
    from egov_sdk.license.identifier import LicenseIdentifier
    from egov_sdk.license.present.online import Grant

    items = tuple(field) if field else None
    asked = [LicenseIdentifier.parse(one) for one in license_]
    granted = tuple(Grant(identifier=str(one), type_code=one.type_code, items=items) for one in asked)
    with opened(office) as there:
        agreed = there.service.confirm_showing(request, holder_code=read_code_text(holder), granted=granted)
    _decided(voice, agreed)
    if not voice.as_json:
        voice.note(_NEXT_FETCH)
    return ExitCode.DONE


@command(groups.online, "refuse", "The holder does not agree.", "持证人拒绝。")
def refuse(voice: Voice, request: _Id, holder: _Decider, office: OfficeName = None) -> ExitCode:
    """Refuse."""
    with opened(office) as there:
        denied = there.service.refuse_showing(request, holder_code=read_code_text(holder))
    _decided(voice, denied)
    return ExitCode.DONE


@command(groups.online, "status", "How a verification stands.", "查询核验状态。")
def status(voice: Voice, transaction: _Transaction, requester: AskerName = None, office: OfficeName = None) -> ExitCode:
    """Tell the state."""
    with opened(office) as there:
        state = there.service.showing_status(read_code_text(transaction), verifier=_verifier(there, requester))
    if voice.as_json:
        voice.document({"state": state.value})
    else:
        _tell_state(voice, state)
    return _CODES[state.value]


@command(groups.online, "fetch", "Take what the holder granted; once.", "取用持证人授权的证照（仅一次）。")
def fetch(
    voice: Voice,
    transaction: _Transaction,
    requester: AskerName = None,
    out: Annotated[
        Path | None,
        option(
            "--out", "A folder for the files of whole licences.", "存放整证文件的文件夹。", metavar="FOLDER", short="-o"
        ),
    ] = None,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Fetch."""
    if out is not None and not out.is_dir():
        raise UsageError(Text(f"there is no folder {out}", f"没有文件夹 {out}"))
    with opened(office) as there:
        found = there.service.fetch_showing(read_code_text(transaction), verifier=_verifier(there, requester))
    told = [(one, _written(one, out, force=force)) for one in found]
    if voice.as_json:
        rows = [
            {"identifier": str(one.identifier), "type_code": one.type_code, "items": dict(one.items), "out": place}
            for one, place in told
        ]
        voice.document({"licenses": rows})
        return ExitCode.DONE
    for one, place in told:
        voice.line(str(one.identifier), style="bold")
        voice.facts([(item_label(name), value) for name, value in one.items.items()])
        if place:
            voice.line("  " + voice.say(WROTE).format(out=place))
    return ExitCode.DONE


def _written(one: ShownLicense, folder: Path | None, *, force: bool) -> str | None:
    """Where the file was put; it can be fetched once, so that a name that is taken does not lose it."""
    if folder is None or one.license is None:
        return None
    place = folder / one.identifier.file_name
    number = 1
    while place.exists() and not force:
        number += 1
        place = folder / f"{one.identifier}-{number}.ofd"
    write_result(place, one.license.file, force=force)
    return str(place)


def _verifier(there: Office, requester: str | None) -> str:
    """The code of the department that verifies; the office itself by default."""
    return there.register.authority.code if requester is None else authority(requester, "--requester").code


def _decided(voice: Voice, showing: OnlineShowing) -> None:
    if voice.as_json:
        voice.document(_plain(showing))
    else:
        _tell_state(voice, showing.state)


def _plain(showing: OnlineShowing) -> dict[str, object]:
    """A request without the register's own name of the holder."""
    return {"id": showing.digest, **showing.model_dump(mode="json", exclude={"digest", "holder"})}


def _tell_state(voice: Voice, state: ShowingState) -> None:
    good = _CODES[state.value] is ExitCode.DONE
    voice.line(voice.say(_STATES[state.value]), style="green" if good else "yellow")


def _tell_until(voice: Voice, until: datetime) -> None:
    voice.note(voice.say(_UNTIL).format(until=f"{until.astimezone():%Y-%m-%d %H:%M:%S %z}"))
