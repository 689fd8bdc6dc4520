"""Who may see what (用证权限), as data: by function, by the holder's consent, by delegation.

What no rule allows is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import AwareDatetime, Field

from egov_sdk.frozen import Frozen
from egov_sdk.license.model import Use, UseGround
from egov_sdk.license.problems import refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.permissions import PermissionKind, check_in_force, permission_at
from egov_sdk.license.register.tables import RULES
from egov_sdk.storage.sql import Connection, RowMapping, and_, bindparam, delete, insert, or_, select

__all__ = ["ANY", "Access", "AccessRegister", "AccessRule"]

#: Stands for every requester, every item or every type in a rule.
ANY: Final = "*"


class AccessRule(Frozen):
    """A department may see licences of a type for a service item, since its function needs it (依职能用证).

    ``requester``, ``item_code`` and ``type_code`` may be ANY. ``legal_basis`` goes into the audit log with every use.
    """

    requester: str = Field(min_length=1)
    type_code: str = Field(min_length=1)
    item_code: str = Field(default=ANY, min_length=1)
    legal_basis: str = Field(min_length=1, max_length=500)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    id: str = ""

    def applies(self, use: Use, at: datetime) -> bool:
        """Whether it is a rule for this requester and item at that time."""
        in_time = (self.since is None or self.since <= at) and (self.until is None or at < self.until)
        return in_time and self.requester in (use.requester.code, ANY) and self.item_code in (use.item_code, ANY)


@dataclass(frozen=True, slots=True)
class Access:
    """What a use may see: licences of these types (None for all), of this holder or issuer, or only one."""

    types: frozenset[str] | None = None
    holder: bytes | None = None
    issuer: str | None = None
    series: int | None = None
    basis: str = ""
    permission: str = ""

    def admits(self, series: RowMapping, holders: Iterable[bytes]) -> bool:
        """Whether a licence is among them."""
        if self.types is not None and series["type_code"] not in self.types:
            return False
        if self.series is not None and series["id"] != self.series:
            return False
        if self.holder is None and self.issuer is None:
            return True
        return series["issuer_code"] == self.issuer or any(one == self.holder for one in holders)


_FOR: Final = select(RULES).where(
    and_(
        RULES.c.requester.in_((bindparam("of_requester"), ANY)),
        RULES.c.item_code.in_((bindparam("of_item"), ANY)),
        RULES.c.since <= bindparam("now"),
        or_(RULES.c.until.is_(None), RULES.c.until > bindparam("now")),
    )
)


class AccessRegister:
    """The rules by which departments see licences, for the office that runs the register."""

    def __init__(self, desk: Desk, fixed: Iterable[AccessRule] = ()) -> None:
        self._desk, self._fixed = desk, tuple(fixed)

    def add(self, rule: AccessRule) -> AccessRule:
        """Put a rule in force; it has an id then."""
        at = self._desk.now()
        made = rule.model_copy(update={"id": self._desk.new_id(), "since": rule.since or at})
        with self._desk.store.write() as connection:
            connection.execute(insert(RULES).values(made.model_dump()))
            detail = made.model_dump(include={"requester", "item_code", "type_code", "legal_basis"})
            self._desk.note(connection, "rule.added", at=at, subject=made.id, detail=detail)
        return made

    def remove(self, rule_id: str) -> None:
        """Put a rule out of force.

        Raises:
            LicenseRejected: rule_unknown.
        """
        at = self._desk.now()
        with self._desk.store.write() as connection:
            gone = delete(RULES).where(RULES.c.id == rule_id).returning(RULES.c.id)
            if connection.execute(gone).first() is None:
                raise refuse("rule_unknown")
            self._desk.note(connection, "rule.removed", at=at, subject=rule_id)

    def rules(self) -> tuple[AccessRule, ...]:
        """All rules: those that the register was opened with, then those in its database."""
        with self._desk.store.read() as connection:
            rows = connection.execute(select(RULES).order_by(RULES.c.since, RULES.c.id)).mappings()
            return (*self._fixed, *(AccessRule.model_validate(dict(row)) for row in rows))

    def decide(self, connection: Connection, use: Use, *, at: datetime) -> Access:
        """What a use may see.

        Raises:
            LicenseRejected: use_refused; permission_unknown, permission_expired, permission_withdrawn,
                permission_used, permission_requester, permission_item.
        """
        if use.ground is UseGround.FUNCTION:
            return self._by_function(connection, use, at)
        if use.ground is UseGround.HOLDER:
            return _by_permission(connection, use, PermissionKind.CONSENT, at)
        if use.ground is UseGround.ENTRUST:
            return _by_permission(connection, use, PermissionKind.DELEGATION, at)
        code = use.requester.code
        return Access(holder=self._desk.vault.holder(code), issuer=code, basis=use.legal_basis)

    def check_in_force(
        self, connection: Connection, use: Use, type_code: str, permission: str, *, at: datetime
    ) -> None:
        """Return if what a use was allowed on, when it was handed a ticket or a code, still holds.

        Raises:
            LicenseRejected: use_refused; permission_withdrawn, permission_expired.
        """
        if permission:
            check_in_force(connection, permission, at=at)
        if use.ground is UseGround.FUNCTION:
            types = self._by_function(connection, use, at).types
            if types is not None and type_code not in types:
                raise not_allowed(use)

    def _by_function(self, connection: Connection, use: Use, at: datetime) -> Access:
        asked = {"of_requester": use.requester.code, "of_item": use.item_code, "now": at}
        found = [(row["type_code"], row["legal_basis"]) for row in connection.execute(_FOR, asked).mappings()]
        found += [(rule.type_code, rule.legal_basis) for rule in self._fixed if rule.applies(use, at)]
        if not found:
            raise not_allowed(use)
        types = frozenset(type_code for type_code, _ in found)
        basis = use.legal_basis or "; ".join(sorted({basis for _, basis in found}))
        return Access(types=None if ANY in types else types, basis=basis)


def not_allowed(use: Use) -> Exception:
    """The refusal of a use that nothing allows."""
    requester = use.requester.code if use.ground is UseGround.FUNCTION else use.ground.value
    return refuse("use_refused", requester=requester, item=use.item_code or "-")


def _by_permission(connection: Connection, use: Use, kind: PermissionKind, at: datetime) -> Access:
    row = permission_at(connection, use.credential)
    if row["kind"] != kind.value:
        raise refuse("permission_unknown")
    if row["withdrawn_at"] is not None:
        raise refuse("permission_withdrawn")
    if row["until"] <= at:
        raise refuse("permission_expired")
    if row["uses_left"] == 0:
        raise refuse("permission_used")
    if row["requester"] not in ("", use.requester.code):
        raise refuse("permission_requester")
    if row["item_code"] not in ("", use.item_code):
        raise refuse("permission_item", item=use.item_code or "-")
    types = frozenset(row["type_codes"].split()) or None
    basis = use.legal_basis or f"{kind.value} {row['id']}"
    return Access(types=types, holder=row["holder"], series=row["series"], basis=basis, permission=row["id"])
