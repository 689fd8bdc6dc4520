"""Who calls a server that speaks a dialect: accounts and what they stand for."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from egov_sdk.crypto import SM2PublicKey, sm3
from egov_sdk.gateway.serving import acting
from egov_sdk.license.metadata import Authority

__all__ = ["Authenticate", "Caller", "authenticate_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whom an account stands for.

    Attributes:
        requester: The department; it is the ``requester`` of every use.
        item_code: The service item, where questions do not name one.
        operator: The account in the audit log, before the one that a question names.
        issues: The types that it may have issued and abolished.
        public_key: What answers are encrypted for, where the dialect encrypts them.
    """

    requester: Authority
    item_code: str = ""
    operator: str = ""
    issues: frozenset[str] = frozenset()
    public_key: SM2PublicKey | None = field(default=None, repr=False)

    def named(self, account: str) -> str:
        """Who acts, for the audit log: this caller, before the account that it names."""
        return acting(self.operator, account)


#: Given an account's id and its token, whom it stands for; None for nobody.
Authenticate = Callable[[str, str], Caller | None]


def authenticate_by(accounts: Mapping[str, tuple[str, Caller]]) -> Authenticate:
    """Accounts that are known beforehand: by id, the token and the caller. Tokens are compared in constant time.

    Raises:
        ValueError: a token is empty.
    """
    known = {name: (sm3(token.encode()), caller) for name, (token, caller) in accounts.items()}
    if not all(token for token, _ in accounts.values()):
        raise ValueError("an account without a token would let everyone in")

    def found(account_id: str, token: str) -> Caller | None:
        digest, caller = known.get(account_id, (b"", None))
        right = hmac.compare_digest(digest, sm3(token.encode("utf-8", "surrogatepass")))
        return caller if right else None

    return found
