"""``egov platform caller``: whose programs may call a province, with which keys, and for what."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._identity_inputs import clock
from egov_sdk.cli._inputs import read_file
from egov_sdk.cli._output import Voice
from egov_sdk.cli._platform_inputs import FOLDER, DatabaseUrl, FolderThere, OfficerName, open_province
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PublicKey
    from egov_sdk.platform.callers import Role
    from egov_sdk.platform.register import CallerRecord, NewCredential

__all__ = ["add", "disable", "enable", "grant", "list_", "rotate"]

_ADDED = Text(
    "{id} is let in; it may ask for nothing until somebody else grants it", "已登记 {id}，须由他人授权后方可调用"
)
_GRANTED = Text("{id} may ask for: {roles}", "{id} 的权限：{roles}")
_NOTHING = Text("nothing", "无")
_ROTATED = Text(
    "{id} has one more key or secret; the others end in {days:g} days", "{id} 已新增密钥，原有的将在 {days:g} 天后失效"
)
_OUT, _IN = Text("{id} is locked out", "{id} 已停用"), Text("{id} is let in again", "{id} 已恢复")
_SOON = Text("it takes effect within two seconds where a province is served", "正在运行的平台将在两秒内生效")
_SECRET = Text("its secret", "共享密钥")
_ONCE = Text(
    "the secret is told this once: hand it to the caller and keep no copy",
    "共享密钥仅显示这一次，请交给接入方，不要留存",
)
_STATES = {"active": Text("let in", "正常"), "disabled": Text("locked out", "停用")}

CallerName = Annotated[str, argument("CALLER", "What it calls itself in its requests.", "接入方标识。")]
KeyFile = Annotated[
    Path | None,
    option(
        "--public-key",
        "Its SM2 public key, PEM or DER; without one a secret is made for it.",
        "其 SM2 公钥（PEM 或 DER）；不给出时为其生成共享密钥。",
        metavar="FILE",
    ),
]
Days = Annotated[
    int,
    option("--days", "How long its key or secret is good; 0 for no end.", "密钥有效天数，0 为不限。", metavar="NUMBER"),
]


@command(
    groups.caller,
    "add",
    "Let a department's program in; what it may ask for is granted by somebody else.",
    "登记部门的接入程序，权限由他人授予。",
)
def add(
    voice: Voice,
    caller: CallerName,
    department: Annotated[str, option("--department", "The name of the department.", "部门名称。", metavar="NAME")],
    code: Annotated[str, option("--code", "Its unified social credit code.", "部门统一社会信用代码。", metavar="CODE")],
    by: OfficerName,
    public_key: KeyFile = None,
    also_for: Annotated[
        list[str] | None,
        option(
            "--also-for",
            "The code of one more department for which it speaks (may be repeated).",
            "另可代表的部门代码（可重复）。",
            metavar="CODE",
        ),
    ] = None,
    days: Days = 365,
    folder: FolderThere = FOLDER,
    database: DatabaseUrl = "",
) -> None:
    """As an administrator."""
    from egov_sdk.license.metadata import Authority
    from egov_sdk.platform.powers import Power

    _check_codes([code, *(also_for or ())])
    key, whose = _key(public_key), Authority(name=department, code=code)
    with open_province(folder, database) as province:
        officer, until = province.officer(by, Power.ADMIN), _until(days)
        made = province.register.add(caller, whose, by=officer, also_for=also_for or (), public_key=key, until=until)
    _tell(voice, voice.say(_ADDED).format(id=caller), made)


@command(groups.caller, "grant", "Decide what a caller may ask for.", "授予接入方权限。")
def grant(
    voice: Voice,
    caller: CallerName,
    by: OfficerName,
    role: Annotated[
        list[str] | None,
        option(
            "--role",
            "use, issue, seal, exchange or audit (may be repeated); none takes all of them away.",
            "use、issue、seal、exchange 或 audit（可重复）；不给出则全部收回。",
            metavar="ROLE",
        ),
    ] = None,
    folder: FolderThere = FOLDER,
    database: DatabaseUrl = "",
) -> None:
    """As an operator, who is not the administrator that let it in."""
    from egov_sdk.platform.powers import Power

    roles = [_role(one) for one in role or ()]
    with open_province(folder, database) as province:
        province.register.grant(caller, roles, by=province.officer(by, Power.OPERATOR))
    names = sorted(one.value for one in roles)
    words = voice.say(_GRANTED).format(id=caller, roles=", ".join(names) or voice.say(_NOTHING))
    _say(voice, words, {"caller": caller, "roles": names})


@command(
    groups.caller,
    "list",
    "The callers, what they may ask for, and when their keys end.",
    "列出接入方、权限和密钥有效期。",
)
def list_(voice: Voice, folder: FolderThere = FOLDER, database: DatabaseUrl = "") -> None:
    """No secret is shown."""
    with open_province(folder, database) as province:
        records = province.register.records()
    if voice.as_json:
        voice.document({"callers": [_members(one) for one in records]})
        return
    voice.table([_row(voice, one) for one in records])


@command(
    groups.caller,
    "rotate",
    "Give a caller one more key or secret; the others end after some days.",
    "为接入方更换密钥，原有的在若干天后失效。",
)
def rotate(
    voice: Voice,
    caller: CallerName,
    by: OfficerName,
    public_key: KeyFile = None,
    overlap_days: Annotated[
        int,
        option(
            "--overlap-days",
            "For so long the others count as well; 0 ends them at once.",
            "原有密钥继续有效的天数，0 为立即失效。",
            metavar="NUMBER",
        ),
    ] = 7,
    days: Days = 365,
    folder: FolderThere = FOLDER,
    database: DatabaseUrl = "",
) -> None:
    """As an administrator."""
    from egov_sdk.platform.powers import Power

    key, overlap = _key(public_key), timedelta(days=overlap_days)
    with open_province(folder, database) as province:
        officer, until = province.officer(by, Power.ADMIN), _until(days)
        made = province.register.rotate(caller, by=officer, public_key=key, overlap=overlap, until=until)
    _tell(voice, voice.say(_ROTATED).format(id=caller, days=overlap_days), made)


@command(groups.caller, "disable", "Lock a caller out.", "停用接入方。")
def disable(
    voice: Voice, caller: CallerName, by: OfficerName, folder: FolderThere = FOLDER, database: DatabaseUrl = ""
) -> None:
    """As an administrator."""
    from egov_sdk.platform.powers import Power

    with open_province(folder, database) as province:
        province.register.disable(caller, by=province.officer(by, Power.ADMIN))
    _say(voice, voice.say(_OUT).format(id=caller), {"caller": caller, "state": "disabled"})


@command(groups.caller, "enable", "Let a caller in again.", "恢复接入方。")
def enable(
    voice: Voice, caller: CallerName, by: OfficerName, folder: FolderThere = FOLDER, database: DatabaseUrl = ""
) -> None:
    """As an operator."""
    from egov_sdk.platform.powers import Power

    with open_province(folder, database) as province:
        province.register.enable(caller, by=province.officer(by, Power.OPERATOR))
    _say(voice, voice.say(_IN).format(id=caller), {"caller": caller, "state": "active"})


def _check_codes(codes: list[str]) -> None:
    from egov_sdk.codes import CodeKind, check_code

    for code in codes:
        if not check_code(code, CodeKind.CREDIT_CODE).ok:
            raise UsageError(Text(f"{code} is no unified social credit code", f"{code} 不是统一社会信用代码"))


def _role(name: str) -> Role:
    from egov_sdk.platform.callers import Role

    try:
        return Role(name)
    except ValueError:
        raise UsageError(
            Text(
                f"--role is one of {', '.join(one.value for one in Role)}",
                f"--role 可选：{'、'.join(one.value for one in Role)}",
            )
        ) from None


def _key(path: Path | None) -> SM2PublicKey | None:
    from egov_sdk.crypto import load_public_key

    return None if path is None else load_public_key(read_file(path))


def _until(days: int) -> datetime | None:
    if days < 0:
        raise UsageError(Text("--days is not negative", "--days 不得为负"))
    return clock() + timedelta(days=days) if days else None


def _tell(voice: Voice, words: str, made: NewCredential) -> None:
    secret = {"secret": made.secret} if made.secret else {}
    _say(voice, words, {"caller": made.caller, "number": made.number, **secret})
    if not made.secret:
        return
    if not voice.as_json:
        voice.facts([(_SECRET, made.secret)])
    voice.note(_ONCE)


def _say(voice: Voice, words: str, members: dict[str, object]) -> None:
    if voice.as_json:
        voice.document(members)
    else:
        voice.line(words)
    voice.note(_SOON)


def _members(record: CallerRecord) -> dict[str, object]:
    return {
        "id": record.id,
        "department": {"name": record.department.name, "code": record.department.code},
        "also_for": sorted(record.also_for),
        "roles": sorted(one.value for one in record.roles),
        "state": record.state,
        "added_by": record.added_by,
        "credentials": [
            {"number": one.number, "kind": "sm2" if one.mark else "secret", "mark": one.mark, "until": _day(one.until)}
            for one in record.credentials
        ],
    }


def _row(voice: Voice, record: CallerRecord) -> list[str]:
    keys = ", ".join(f"{one.mark or '***'} -{_day(one.until)[:10]}" for one in record.credentials)
    roles = ", ".join(sorted(one.value for one in record.roles)) or voice.say(_NOTHING)
    return [record.id, record.department.name, voice.say(_STATES[record.state]), roles, keys]


def _day(until: datetime | None) -> str:
    return "" if until is None else until.isoformat()
