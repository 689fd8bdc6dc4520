"""An account (账号): what is known of whose it is, and how it is read from the register's tables."""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from egov_sdk.codes import CodeKind, Sex
from egov_sdk.identity.model import AgentRole, HolderKind, IdDocument, IdentityLevel, LegalPerson, NaturalPerson
from egov_sdk.identity.problems import refuse
from egov_sdk.identity.provider.tables import ACCOUNTS, AGENTS
from egov_sdk.storage.sql import Connection, RowMapping, bindparam, select

__all__ = [
    "Account",
    "AccountState",
    "account_by_login",
    "account_of",
    "agent_roles",
    "normal_login",
    "organizations_of",
    "read_account",
]

_LOGIN_CHARS: Final = 64


class AccountState(enum.StrEnum):
    """Whether an account can be used: ``suspended`` may be opened again, ``closed`` never."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account. ``repr`` shows its id and no more of whose it is."""

    id: str
    kind: HolderKind
    state: AccountState
    level: IdentityLevel
    login: str | None = field(repr=False)
    name: str = field(repr=False)
    document: IdDocument | None = field(repr=False)
    sex: Sex | None = field(repr=False, default=None)
    birth_date: date | None = field(repr=False, default=None)
    nation: str = field(repr=False, default="")
    raw_type: str = ""
    mobile: str = field(repr=False, default="")
    email: str = field(repr=False, default="")

    def as_person(self) -> NaturalPerson:
        """The person whose account it is."""
        return NaturalPerson(
            subject=self.id,
            name=self.name,
            document=self.document,
            sex=self.sex,
            birth_date=self.birth_date,
            nation=self.nation,
            mobile=self.mobile,
            email=self.email,
        )

    def as_organization(self) -> LegalPerson:
        """The organisation whose account it is; nobody acts for it yet."""
        documents = () if self.document is None else (self.document,)
        return LegalPerson(subject=self.id, name=self.name, documents=documents, raw_type=self.raw_type)


def normal_login(login: str) -> str:
    """A login name as it is kept: what looks the same is the same.

    Raises:
        IdentityRejected: login_shape.
    """
    made = unicodedata.normalize("NFKC", login).casefold()
    if not 0 < len(made) <= _LOGIN_CHARS or not all(one.isalnum() or one in "._-@+" for one in made):
        raise refuse("login_shape", expected=f"1 to {_LOGIN_CHARS} letters, digits and . _ - @ +")
    return made


_OF_ID: Final = select(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("account"))
_LOCKED: Final = _OF_ID.with_for_update()
_OF_LOGIN: Final = select(ACCOUNTS).where(
    ACCOUNTS.c.login == bindparam("of_login"), ACCOUNTS.c.state != AccountState.CLOSED.value
)


def account_by_login(connection: Connection, login: str) -> tuple[Account, str | None] | None:
    """The account of a login name, with what is kept of its password."""
    row = connection.execute(_OF_LOGIN, {"of_login": login}).mappings().one_or_none()
    return None if row is None else (read_account(row), row["password"])


def account_of(connection: Connection, account: str, *, lock: bool = False) -> Account:
    """The account with an id, locked until the transaction ends if that is asked for."""
    row = connection.execute(_LOCKED if lock else _OF_ID, {"account": account}).mappings().one_or_none()
    if row is None:
        raise refuse("account_unknown")
    return read_account(row)


def read_account(row: RowMapping) -> Account:
    """The account of a row."""
    number = row["document_number"]
    return Account(
        id=row["id"],
        kind=HolderKind(row["kind"]),
        state=AccountState(row["state"]),
        level=IdentityLevel(row["level"]),
        login=row["login"],
        name=row["name"],
        document=None if number is None else IdDocument(kind=CodeKind(row["document_kind"]), number=number),
        sex=Sex(row["sex"]) if row["sex"] else None,
        birth_date=date.fromisoformat(row["birth_date"]) if row["birth_date"] else None,
        nation=row["nation"],
        raw_type=row["raw_type"],
        mobile=row["mobile"],
        email=row["email"],
    )


def agent_roles(connection: Connection, organization: str) -> dict[str, AgentRole]:
    """Who may act for an organisation, by account."""
    wanted = select(AGENTS.c.person, AGENTS.c.role).where(AGENTS.c.organization == organization)
    return {person: AgentRole(role) for person, role in connection.execute(wanted.order_by(AGENTS.c.since))}


def organizations_of(connection: Connection, person: str) -> tuple[Account, ...]:
    """The organisations, active ones, for which a person may act."""
    wanted = (
        select(ACCOUNTS)
        .join(AGENTS, AGENTS.c.organization == ACCOUNTS.c.id)
        .where(AGENTS.c.person == person, ACCOUNTS.c.state == AccountState.ACTIVE.value)
    )
    return tuple(read_account(row) for row in connection.execute(wanted.order_by(ACCOUNTS.c.name)).mappings())
