"""Where ``egov license`` works: an office of one's own, or a platform; who asks there, and what for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli._command import option
from egov_sdk.cli._inputs import now
from egov_sdk.cli._license_inputs import authority
from egov_sdk.cli._problems import UsageError, set_hint
from egov_sdk.door.homes import DATABASES, elsewhere
from egov_sdk.errors import KeyAccessError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.door import Gov
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.license.model import Use
    from egov_sdk.license.register import LicenseRegister
    from egov_sdk.license.service import LicenseService

__all__ = ["AsOwner", "AskerName", "ItemCode", "Office", "OfficeName", "PurposeText", "office_there", "opened"]

OfficeName = Annotated[
    str | None,
    option(
        "--office",
        "Where the register is: local:FOLDER, local:postgresql://… or the address of a platform. EGOV_CONNECT by "
        "default, or else local:./egov-data.",
        "登记库所在：local:文件夹、local:postgresql://… 或平台地址；默认取 EGOV_CONNECT，否则为 local:./egov-data。",
        metavar="WHERE",
    ),
]
#: As Use has it.
_MOST_PURPOSE: Final = 200
PurposeText = Annotated[
    str,
    option("--purpose", "What for; it is written into the audit log.", "用途，记入审计日志。", metavar="TEXT"),
]
ItemCode = Annotated[str, option("--item", "The service item that it is for.", "事项编码。", metavar="CODE")]
AskerName = Annotated[
    str | None,
    option(
        "--requester",
        "Who asks: code=name of a department, which the access rules of the register must allow; the office itself "
        "by default.",
        "用证单位：“信用代码=名称”，须为登记库的用证规则所允许；默认为本机构。",
        metavar="CODE=NAME",
    ),
]
_SECRET: Final = Text(
    "put the secret of the office into the environment variable EGOV_SECRET",
    "请将该机构的口令放入环境变量 EGOV_SECRET",
)
AsOwner = Annotated[
    bool,
    option(
        "--as-owner",
        "The requester issued the licence or holds it, so that no access rule is needed.",
        "用证单位是颁发机构或持证主体本身，无须用证规则。",
    ),
]


@dataclass(frozen=True, slots=True)
class Office:
    """A register that is open: an office of one's own, or a platform."""

    gov: Gov

    @property
    def service(self) -> LicenseService:
        """What any platform offers."""
        return self.gov.license

    @property
    def local(self) -> LocalOffice:
        """The office in this process.

        Raises:
            UsageError: it is a platform, where this cannot be done from outside.
        """
        if self.gov.office is None:
            raise UsageError(
                Text(
                    f"{self.gov.name} is a platform: this is done by the office that runs it",
                    f"{self.gov.name} 是平台：此操作须由运行该平台的机构办理",
                ),
                hint=Text("give --office local:FOLDER", "请给出 --office local:文件夹"),
            )
        return self.gov.office

    @property
    def register(self) -> LicenseRegister:
        """What only the office does that runs the register."""
        return self.local.license.register

    def use(self, purpose: str, requester: str | None = None, *, item: str = "", is_owner: bool = False) -> Use:
        """Who asks and what for: the office itself, or a department by its function or for what is its own."""
        from egov_sdk.license.model import Use, UseGround

        if not 1 <= len(purpose.strip()) <= _MOST_PURPOSE:
            raise UsageError(
                Text(f"--purpose takes 1 to {_MOST_PURPOSE} characters", f"--purpose 须为 1 至 {_MOST_PURPOSE} 个字符")
            )
        if requester is not None:
            ground = UseGround.OWNER if is_owner else UseGround.FUNCTION
            who = authority(requester, "--requester")
            return Use(requester=who, purpose=purpose, ground=ground, item_code=item)
        if self.gov.office is None:
            raise UsageError(
                Text("a platform wants to know who asks", "平台要求说明请求方"),
                hint=Text(
                    "give --requester CODE=NAME, and --as-owner for what that department issued or holds",
                    "请给出 --requester 代码=名称；本部门颁发或持有的证照另加 --as-owner",
                ),
            )
        return Use(requester=self.register.authority, purpose=purpose, ground=UseGround.OWNER, item_code=item)


def office_there(where: str | None) -> bool:
    """Whether there is an office that could be asked: nothing is made by looking."""
    from egov_sdk.door.connecting import FOLDER

    scheme, _, place = _where(where).partition(":")
    if scheme != "local" or place.startswith("postgresql"):
        return True
    folder = Path(place or FOLDER)
    return bool(elsewhere(folder)) or any((folder / name).is_file() for name in DATABASES)


def _where(where: str | None) -> str:
    from egov_sdk.door.connecting import FOLDER

    return where or os.environ.get("EGOV_CONNECT") or f"local:{FOLDER}"


@contextmanager
def opened(where: str | None, *, make: bool = False, department: str = "", code: str = "") -> Iterator[Office]:
    """An office, open for one command.

    Raises:
        UsageError: it is not there and is not to be made, or it is another department's.
        KeyAccessError: its keys need a secret.
    """
    from egov_sdk.door import connect

    if not make and not office_there(where):
        raise UsageError(
            Text(f"there is no office at {_where(where)}", f"{_where(where)} 处没有机构的数据"),
            hint=Text(
                "egov license new-type makes one; --office says where",
                "可用 egov license new-type 建立；--office 指定位置",
            ),
        )
    try:
        with connect(_where(where), department=department, code=code, clock=now) as gov:
            office = Office(gov)
            if department or code:
                _same_department(office, department, code)
            yield office
    except KeyAccessError as error:
        if error.code == "egov.door.secret":
            set_hint(error, _SECRET)
        raise


def _same_department(office: Office, department: str, code: str) -> None:
    secrets = office.local.secrets
    if (department and department != secrets.name) or (code and code != secrets.code):
        raise UsageError(
            Text(
                f"the office is that of {secrets.name} ({secrets.code})",
                f"该处数据属于 {secrets.name}（{secrets.code}）",
            ),
            hint=Text(
                "leave --department and --code out, or open another folder with --office",
                "请勿给出 --department 和 --code，或用 --office 打开其他文件夹",
            ),
        )
