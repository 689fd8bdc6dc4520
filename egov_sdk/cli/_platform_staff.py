"""``egov platform staff``: who may work at a province's console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._output import Voice
from egov_sdk.cli._platform_inputs import FOLDER, DatabaseUrl, FolderThere, open_province
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text
from egov_sdk.report_words import moment

if TYPE_CHECKING:
    from egov_sdk.platform.console.staff import NewStaff, StaffRegister
    from egov_sdk.platform.powers import Power

__all__ = ["add", "list_", "remove", "renew"]

_ADDED = Text("{login} may sign in at the console", "{login} 可登录管理控制台")
_REMOVED = Text("{login} may sign in no longer", "{login} 已移除，不能再登录")
_PASSWORD = Text("one-time password", "一次性密码")
_ONCE = Text(
    "it is told this once, and is to be changed at the first sign-in", "密码仅显示这一次，首次登录后须立即修改"
)
_NOBODY = Text("nobody works here yet", "尚无工作人员")

Login = Annotated[str, argument("NAME", "The name to sign in with.", "用户名。")]


@command(
    groups.staff, "add", "Let somebody in, with one power and a one-time password.", "添加工作人员（一次性密码）。"
)
def add(
    voice: Voice,
    login: Login,
    power: Annotated[
        str,
        option(
            "--power",
            "admin lets people in, operator does the work, auditor watches; nobody has two of them.",
            "admin 管理人员，operator 办理业务，auditor 审计；一人只有一种权限。",
            metavar="POWER",
        ),
    ],
    folder: FolderThere = FOLDER,
    database: DatabaseUrl = "",
) -> None:
    """At the server, so that the first administrator can come in."""
    chosen = _power(power)
    with open_province(folder, database) as province:
        made = province.staff.add(login, chosen)
    _tell(voice, made)


@command(groups.staff, "renew", "Give somebody a new one-time password.", "为工作人员重置一次性密码。")
def renew(voice: Voice, login: Login, folder: FolderThere = FOLDER, database: DatabaseUrl = "") -> None:
    """Whoever is signed in under this name is so no more."""
    with open_province(folder, database) as province:
        made = province.staff.renew(_id_of(province.staff, login))
    _tell(voice, made)


@command(groups.staff, "remove", "Let somebody in no longer.", "移除工作人员。")
def remove(voice: Voice, login: Login, folder: FolderThere = FOLDER, database: DatabaseUrl = "") -> None:
    """Whoever is signed in under this name is so no more."""
    with open_province(folder, database) as province:
        province.staff.remove(_id_of(province.staff, login))
    if voice.as_json:
        voice.document({"removed": login})
    else:
        voice.line(voice.say(_REMOVED).format(login=login))


@command(groups.staff, "list", "Who works at the console.", "列出工作人员。")
def list_(voice: Voice, folder: FolderThere = FOLDER, database: DatabaseUrl = "") -> None:
    """By name; passwords cannot be shown."""
    with open_province(folder, database) as province:
        found = province.staff.all()
    if voice.as_json:
        members = [
            {"login": one.login, "power": one.power.value, "added_at": one.added_at.isoformat()} for one in found
        ]
        voice.document({"staff": members})
    elif not found:
        voice.line(voice.say(_NOBODY))
    else:
        voice.table([(one.login, one.power.value, moment(one.added_at)) for one in found])


def _tell(voice: Voice, made: NewStaff) -> None:
    if voice.as_json:
        power = made.staff.power.value
        voice.document({"login": made.staff.login, "power": power, "one_time_password": made.password})
        return
    voice.line(voice.say(_ADDED).format(login=made.staff.login))
    voice.facts([(_PASSWORD, made.password)])
    voice.note(voice.say(_ONCE))


def _power(text: str) -> Power:
    from egov_sdk.platform.powers import Power

    try:
        return Power(text)
    except ValueError:
        raise UsageError(
            Text(
                f"--power is one of {', '.join(one.value for one in Power)}",
                f"--power 可选：{'、'.join(one.value for one in Power)}",
            )
        ) from None


def _id_of(register: StaffRegister, login: str) -> str:
    from egov_sdk.identity.provider.account import normal_login
    from egov_sdk.platform.console.problems import refuse

    normal = normal_login(login)
    found = next((one.id for one in register.all() if one.login == normal), None)
    if found is None:
        raise refuse("console.staff_unknown")
    return found
