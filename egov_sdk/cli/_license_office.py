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
from egov_sdk.cli._problems import UsageError
from egov_sdk.door.homes import DATABASES, elsewhere
from egov_sdk.errors import KeyAccessError

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
                f"{self.gov.name} is a platform: this is done by the office that runs it",
                hint="give --office local:FOLDER",
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
            raise UsageError(f"--purpose takes 1 to {_MOST_PURPOSE} characters")
        if requester is not None:
            ground = UseGround.OWNER if is_owner else UseGround.FUNCTION
            who = authority(requester, "--requester")
            return Use(requester=who, purpose=purpose, ground=ground, item_code=item)
        if self.gov.office is None:
            raise UsageError(
                "a platform wants to know who asks",
                hint="give --requester CODE=NAME, and --as-owner for what that department issued or holds",
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
            f"there is no office at {_where(where)}", hint="egov license new-type makes one; --office says where"
        )
    try:
        with connect(_where(where), department=department, code=code, clock=now) as gov:
            office = Office(gov)
            if department or code:
                _same_department(office, department, code)
            yield office
    except KeyAccessError as error:
        if error.code == "egov.door.secret":
            error.hint = "put the secret of the office into the environment variable EGOV_SECRET"
        raise


def _same_department(office: Office, department: str, code: str) -> None:
    secrets = office.local.secrets
    if (department and department != secrets.name) or (code and code != secrets.code):
        raise UsageError(
            f"the office is that of {secrets.name} ({secrets.code})",
            hint="leave --department and --code out, or open another folder with --office",
        )
