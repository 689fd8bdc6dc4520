"""The register of accounts (账号): people and organisations, how well they are known, and who acts for whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from egov_sdk.codes import CitizenNumber, CodeKind, Sex, check_code, normalize, parse_code
from egov_sdk.codes.residents import PermanentResidentCard, ResidencePermit
from egov_sdk.identity.model import AgentRole, HolderKind, IdDocument, IdentityLevel
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.account import (
    Account,
    AccountState,
    account_by_login,
    account_of,
    normal_login,
    read_account,
)
from egov_sdk.identity.provider.desk import Desk
from egov_sdk.identity.provider.endings import end_account, end_agency
from egov_sdk.identity.provider.passwords import check_password
from egov_sdk.identity.provider.tables import ACCOUNTS, AGENTS
from egov_sdk.storage.sql import (
    Connection,
    delete,
    func,
    insert_unless_there,
    select,
    update,
)

__all__ = ["AccountRegister"]

_OFFICE: Final = "office"
_TEXT_CHARS: Final = 256
_WITHOUT_DOCUMENT: Final = frozenset({IdentityLevel.NONE, IdentityLevel.UNKNOWN})


class AccountRegister:
    """The accounts of a provider, for the office that runs it. Every change is in the audit log with its reason."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_person(
        self,
        name: str,
        document: IdDocument | None = None,
        *,
        level: IdentityLevel = IdentityLevel.NONE,
        login: str | None = None,
        password: str | None = None,
        nation: str = "",
        mobile: str = "",
        email: str = "",
    ) -> Account:
        """Open an account for a natural person. Sex and date of birth come from the number where it states them.

        Raises:
            IdentityRejected: account_duplicate, login_taken, login_shape, document_missing, password_weak.
            ParseError: the number breaks a rule of its kind.
            ValueError: a text is too long, or the level is UNKNOWN.
        """
        document = None if document is None else _canonical(document, personal=True)
        sex, birth_date = _stated(document)
        values = {"nation": nation, "mobile": mobile, "email": email, "raw_type": ""}
        values |= {"sex": sex.value if sex else "", "birth_date": birth_date.isoformat() if birth_date else ""}
        return self._open(HolderKind.NATURAL, name, document, values, level=level, login=login, password=password)

    def add_organization(
        self,
        name: str,
        document: IdDocument,
        *,
        level: IdentityLevel = IdentityLevel.REAL_NAME,
        raw_type: str = "",
    ) -> Account:
        """Open an account for an organisation; people sign in for it, so it has no password.

        Raises:
            IdentityRejected: account_duplicate, document_missing.
            ParseError: the code breaks a rule of its kind.
            ValueError: a text is too long, or the level is UNKNOWN.
        """
        document = _canonical(document, personal=False)
        values = dict.fromkeys(("nation", "mobile", "email", "sex", "birth_date"), "") | {"raw_type": raw_type}
        return self._open(HolderKind.LEGAL, name, document, values, level=level, login=None, password=None)

    def _open(
        self,
        kind: HolderKind,
        name: str,
        document: IdDocument | None,
        values: Mapping[str, str],
        *,
        level: IdentityLevel,
        login: str | None,
        password: str | None,
    ) -> Account:
        for text in (name, *values.values()):
            if len(text) > _TEXT_CHARS:
                raise ValueError(f"a text has {len(text)} characters, at most {_TEXT_CHARS} are kept")
        _check_level(level, has_document=document is not None)
        login = None if login is None else normal_login(login)
        kept = None
        if password is not None:
            check_password(password, not_in_it=(login or "", document.number if document else ""))
            kept = self._desk.hasher.keep(password)
        at, new_id = self._desk.now(), self._desk.new_id()
        row = {
            "id": new_id,
            "kind": kind.value,
            "state": AccountState.ACTIVE.value,
            "level": level.value,
            "login": login,
            "password": kept,
            "name": name,
            "document_kind": document.kind.value if document and document.kind else None,
            "document_number": document.number if document else None,
            "created_at": at,
            "changed_at": at,
            **values,
        }
        with self._desk.store.write() as connection:
            if not insert_unless_there(connection, ACCOUNTS, row):
                taken = login is not None and account_by_login(connection, login) is not None
                raise refuse("login_taken" if taken else "account_duplicate")
            detail = {"kind": kind.value, "level": level.value}
            self._desk.note(connection, "account.opened", at=at, actor=_OFFICE, subject=new_id, detail=detail)
            return account_of(connection, new_id)

    def get(self, account: str) -> Account:
        """The account with that id.

        Raises:
            IdentityRejected: account_unknown.
        """
        with self._desk.store.read() as connection:
            return account_of(connection, account)

    def by_login(self, login: str) -> Account | None:
        """The account that is not closed of that login name, however it is written; None where there is none."""
        try:
            normal = normal_login(login)
        except IdentityRejected:
            return None
        with self._desk.store.read() as connection:
            found = account_by_login(connection, normal)
        return None if found is None else found[0]

    def find(self, document: IdDocument) -> Account | None:
        """The account that is not closed of whoever has that document."""
        canonical = _canonical(document, personal=document.kind is not None and document.kind.is_personal)
        wanted = select(ACCOUNTS).where(
            ACCOUNTS.c.document_kind == str(canonical.kind),
            ACCOUNTS.c.document_number == canonical.number,
            ACCOUNTS.c.state != AccountState.CLOSED.value,
        )
        with self._desk.store.read() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else read_account(row)

    def page(self, *, purpose: str, actor: str = _OFFICE, after: str = "", limit: int = 50) -> tuple[Account, ...]:
        """Accounts in the order of their ids, from behind ``after`` on, for the office; each page is in the audit log.

        Args:
            purpose: What for; it stands in the log.
        Raises:
            ValueError: no purpose.
        """
        if not purpose.strip():
            raise ValueError("say what the list is for: purpose")
        wanted = select(ACCOUNTS).where(ACCOUNTS.c.id > after).order_by(ACCOUNTS.c.id).limit(limit)
        with self._desk.store.write() as connection:
            found = tuple(read_account(row) for row in connection.execute(wanted).mappings())
            detail = {"purpose": purpose, "count": len(found)}
            at = self._desk.now()
            self._desk.note(connection, "account.listed", at=at, actor=actor, subject="accounts", detail=detail)
        return found

    def count(self) -> int:
        """How many accounts there are that are not closed."""
        wanted = select(func.count()).select_from(ACCOUNTS).where(ACCOUNTS.c.state != AccountState.CLOSED.value)
        with self._desk.store.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def set_level(self, account: str, level: IdentityLevel, *, reason: str) -> Account:
        """Say how well somebody is known from now on. A lower level counts at once, a higher one from the next sign-in.

        Raises:
            IdentityRejected: account_unknown, document_missing.
            ValueError: the level is UNKNOWN.
        """
        at = self._desk.now()
        with self._desk.store.write() as connection:
            before = account_of(connection, account, lock=True)
            _check_level(level, has_document=before.document is not None)
            _change(connection, account, at, level=level.value)
            detail = {"from": before.level.value, "to": level.value, "reason": reason}
            self._desk.note(connection, "account.level", at=at, actor=_OFFICE, subject=account, detail=detail)
            return account_of(connection, account)

    def set_password(self, account: str, password: str) -> None:
        """Give a person a new password; whoever is signed in stops being so.

        Raises:
            IdentityRejected: account_unknown, password_weak.
            ValueError: the account has no login name.
        """
        found = self.get(account)
        if found.login is None:
            raise ValueError("an account without a login name has no password")
        check_password(password, not_in_it=(found.login, found.document.number if found.document else ""))
        kept = self._desk.hasher.keep(password)
        at = self._desk.now()
        with self._desk.store.write() as connection:
            _change(connection, account, at, password=kept)
            end_account(connection, account, at=at)
            self._desk.note(connection, "account.password", at=at, actor=_OFFICE, subject=account)

    def set_state(self, account: str, state: AccountState, *, reason: str) -> Account:
        """Suspend, reopen or close an account. Whoever is signed in stops being so unless it is active.

        Raises:
            IdentityRejected: account_unknown; account_closed: it was closed for good.
        """
        at = self._desk.now()
        with self._desk.store.write() as connection:
            before = account_of(connection, account, lock=True)
            if before.state is AccountState.CLOSED:
                raise refuse("account_closed")
            _change(connection, account, at, state=state.value)
            if state is not AccountState.ACTIVE:
                end_account(connection, account, at=at)
            detail = {"from": before.state.value, "to": state.value, "reason": reason}
            self._desk.note(connection, "account.state", at=at, actor=_OFFICE, subject=account, detail=detail)
            return account_of(connection, account)

    def allow_agent(self, organization: str, person: str, *, role: AgentRole) -> None:
        """Let a person act for an organisation, in one role.

        Raises:
            IdentityRejected: account_unknown.
            ValueError: the first is no organisation, or the second no person.
        """
        at = self._desk.now()
        with self._desk.store.write() as connection:
            kinds = (account_of(connection, organization).kind, account_of(connection, person).kind)
            if kinds != (HolderKind.LEGAL, HolderKind.NATURAL):
                raise ValueError("a natural person acts for a legal person")
            connection.execute(_WITHDRAW.where(AGENTS.c.organization == organization, AGENTS.c.person == person))
            row = {"organization": organization, "person": person, "role": role.value, "since": at}
            insert_unless_there(connection, AGENTS, row)
            detail = {"person": person, "role": role.value}
            self._desk.note(connection, "agent.allowed", at=at, actor=_OFFICE, subject=organization, detail=detail)

    def withdraw_agent(self, organization: str, person: str) -> None:
        """Let a person no longer act for an organisation; if signed in for it, no more.

        Raises:
            IdentityRejected: agent_unknown.
        """
        at = self._desk.now()
        with self._desk.store.write() as connection:
            gone = _WITHDRAW.where(AGENTS.c.organization == organization, AGENTS.c.person == person)
            if connection.execute(gone.returning(AGENTS.c.person)).first() is None:
                raise refuse("agent_unknown")
            end_agency(connection, organization, person, at=at)
            self._desk.note(
                connection, "agent.withdrawn", at=at, actor=_OFFICE, subject=organization, detail={"person": person}
            )


_WITHDRAW: Final = delete(AGENTS)


def _canonical(document: IdDocument, *, personal: bool) -> IdDocument:
    """A document whose number keeps its rules, written in one way: who comes with an old number is no new person."""
    if document.kind is None or document.kind is CodeKind.DIVISION_CODE or document.kind.is_personal is not personal:
        who = "a natural person" if personal else "an organisation"
        raise ValueError(f"{document.kind or 'a document of unknown kind'} does not name {who}")
    number = normalize(document.number)
    check_code(number, document.kind).require()
    parsed = parse_code(number, document.kind)
    if isinstance(parsed, CitizenNumber):
        number = parsed.to_18().number
    return IdDocument(kind=document.kind, number=number)


def _stated(document: IdDocument | None) -> tuple[Sex | None, date | None]:
    parsed = None if document is None else parse_code(document.number, document.kind)
    if isinstance(parsed, (CitizenNumber, ResidencePermit, PermanentResidentCard)):
        return parsed.sex, parsed.birth_date
    return None, None


def _check_level(level: IdentityLevel, *, has_document: bool) -> None:
    if level is IdentityLevel.UNKNOWN:
        raise ValueError("a level that is given must be a known one")
    if level not in _WITHOUT_DOCUMENT and not has_document:
        raise refuse("document_missing", expected=level.value)


def _change(connection: Connection, account: str, at: datetime, **values: object) -> None:
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(changed_at=at, **values))
