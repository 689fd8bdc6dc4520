"""People and companies of a province, with numbers that can belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Final

from egov_sdk.codes import CodeKind
from egov_sdk.codes.kinds import Sex
from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.identity import IdentityLevel
from egov_sdk.identity.model import AgentRole, IdDocument

if TYPE_CHECKING:
    from egov_sdk.identity.provider import IdentityProvider

__all__ = ["PASSWORD", "Company", "People", "Person"]

#: Of everybody in a province for tests who was given no other.
PASSWORD: Final = "Correct-Horse-9"  # noqa: S105 - of nobody
_FIRST: Final = 10_000  # the numbers before are those of seeded people


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in."""

    account: str
    name: str
    number: str = field(repr=False)
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """An organisation; people sign in for it."""

    account: str
    name: str
    code: str


class People:
    """The accounts at the province's provider."""

    def __init__(self, provider: IdentityProvider) -> None:
        self._provider, self._lock, self._numbers = provider, Lock(), count(_FIRST)

    def add(
        self,
        name: str = "",
        *,
        level: IdentityLevel | str = IdentityLevel.REAL_NAME,
        login: str = "",
        password: str = PASSWORD,
        number: str = "",
        sex: Sex = Sex.FEMALE,
        mobile: str = "",
    ) -> Person:
        """Open an account.

        Args:
            level: Such as ``real_person``.
            number: A citizen number; by default one that nobody can have.
        Raises:
            IdentityRejected: login_taken, account_duplicate, password_weak.
            ValueError: there is no such level.
        """
        if level not in tuple(IdentityLevel):
            raise ValueError(f"there is no level {level!r}: {', '.join(IdentityLevel)}")
        index = self._next()
        number = number or specimen_citizen_number(index, sex=sex).number
        login, name = login or f"person{index}", name or f"测试{index}"
        document = IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=number)
        opened = self._provider.accounts.add_person(
            name, document, level=IdentityLevel(level), login=login, password=password, mobile=mobile
        )
        return Person(account=opened.id, name=name, number=number, login=login, password=password)

    def add_company(
        self, name: str = "", *, agent: Person | None = None, role: AgentRole = AgentRole.AUTHORIZED, code: str = ""
    ) -> Company:
        """Open an account for an organisation.

        Args:
            agent: Who may sign in for it, as ``role``.
            code: A unified social credit code; by default one that nobody can have.
        """
        index = self._next()
        code, name = code or specimen_credit_code(index).number, name or f"样例公司{index}"
        opened = self._provider.accounts.add_organization(name, IdDocument(kind=CodeKind.CREDIT_CODE, number=code))
        if agent is not None:
            self._provider.accounts.allow_agent(opened.id, agent.account, role=role)
        return Company(account=opened.id, name=name, code=code)

    def _next(self) -> int:
        with self._lock:
            return next(self._numbers)
