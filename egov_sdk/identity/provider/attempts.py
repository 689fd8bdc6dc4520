"""Limits against guessing passwords: counted before a password is looked at, so that many at once do not slip by."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final

from egov_sdk.crypto import sm3
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.settings import AttemptLimits
from egov_sdk.identity.provider.tables import ATTEMPTS
from egov_sdk.storage.sql import Connection, Executable, bindparam, case, delete, upsert

__all__ = ["count_attempt", "forgive"]

_SEPARATOR: Final = "\0"


def _keys(login: str, source: str, limits: AttemptLimits) -> dict[bytes, int]:
    """What is counted, by digest, with its limit. An unknown source is no source that all would share."""
    counted = {f"name{_SEPARATOR}{login}": limits.name}
    pair = f"pair{_SEPARATOR}{login}{_SEPARATOR}{source}"
    counted |= {pair: limits.pair}
    if source:
        counted[f"source{_SEPARATOR}{source}"] = limits.source
    return {sm3(key.encode("utf-8", "surrogatepass")): limit for key, limit in counted.items()}


def count_attempt(
    connection: Connection, login: str, source: str, *, at: datetime, limits: AttemptLimits
) -> IdentityRejected | None:
    """Count one attempt, under the name, the place, and both together.

    Returns:
        None, or the refusal too_many_attempts with the seconds to wait; to be raised after the count is committed.
    """
    wait = 0.0
    for key, limit in sorted(_keys(login, source, limits).items()):
        values = {"key": key, "since": at, "count": 1, "begun": at - limits.window}
        since, count = connection.execute(_count(connection.dialect.name), values).one()
        if count > limit:
            wait = max(wait, (since + limits.window - at).total_seconds())
    if not wait:
        return None
    error = refuse("too_many_attempts", found=int(wait) + 1)
    error.detail["retry_after_s"] = int(wait) + 1
    return error


@cache
def _count(dialect: str) -> Executable:
    """One more within the window, or the first one of a new window."""
    wanted = upsert(dialect, ATTEMPTS)
    over = ATTEMPTS.c.since <= bindparam("begun")
    again = wanted.on_conflict_do_update(
        index_elements=[ATTEMPTS.c.key],
        set_={
            "since": case((over, wanted.excluded.since), else_=ATTEMPTS.c.since),
            "count": case((over, wanted.excluded.count), else_=ATTEMPTS.c.count + 1),
        },
    )
    return again.returning(ATTEMPTS.c.since, ATTEMPTS.c.count)


def forgive(connection: Connection, login: str, source: str, *, limits: AttemptLimits) -> None:
    """Forget the attempts of somebody who has signed in; those of the place for other names stay."""
    of_the_name = list(_keys(login, source, limits))[:2]
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.key.in_(of_the_name)))
