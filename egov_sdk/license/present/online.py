"""Showing a licence online (在线亮证): a verifier begins, the holder confirms, the verifier fetches once.

1. The holder's device shows a code that lives a minute (``new_holder_code``).
2. The verifier scans it and begins, naming what it wants to see and why (``begin``); it gets a transaction id.
3. The holder sees who asks for what, and confirms with a choice of it, or refuses (``confirm``, ``refuse_showing``).
4. The verifier asks how it stands (``status_for``), and fetches what was granted, once (``fetch``).

Everything here is a rule over records: who keeps them must put a record in the place of the one it was made from, and
nothing else (compare and set), or two verifiers can use one code and fetch twice. The codes and transaction ids are
secrets; records hold only their digests.

Source:
    The verification flow of the Shandong platform (begin/verify, current/status, queryCertInfosByVerifyTrx).
"""

from __future__ import annotations

import base64
import enum
import hmac
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import AwareDatetime, Field, model_validator

from egov_sdk.crypto import sm3
from egov_sdk.crypto.keys import Random
from egov_sdk.frozen import Frozen
from egov_sdk.license.problems import refuse
from egov_sdk.times import aware

__all__ = [
    "VERIFY_STATUS",
    "Grant",
    "HolderCode",
    "OnlineShowing",
    "ShowingState",
    "begin",
    "confirm",
    "digest_of",
    "fetch",
    "new_holder_code",
    "refuse_showing",
    "status_for",
]

CODE_LIFE: Final = timedelta(seconds=60)
WAITING_LIFE: Final = timedelta(minutes=3)
GRANT_LIFE: Final = timedelta(minutes=5)
_SECRET_BYTES: Final = 20
_MOST_LIFE: Final = timedelta(hours=1)

_Word = Annotated[str, Field(min_length=1, max_length=200)]


class ShowingState(enum.StrEnum):
    """How a request to see a licence stands (核验状态). The values are stable and may be stored."""

    WAITING = "waiting"  # 待持证人确认
    CONFIRMED = "confirmed"  # 已授权
    REFUSED = "refused"  # 已拒绝
    FETCHED = "fetched"  # 已取用
    EXPIRED = "expired"  # 已过期


#: 核验状态 as the Shandong platform writes it: 1 waits, 2 agreed, and any other means that there is nothing to fetch.
VERIFY_STATUS: Final[Mapping[ShowingState, str]] = MappingProxyType(
    {
        ShowingState.WAITING: "1",
        ShowingState.CONFIRMED: "2",
        ShowingState.REFUSED: "3",
        ShowingState.FETCHED: "3",
        ShowingState.EXPIRED: "3",
    }
)


class HolderCode(Frozen):
    """A holder's code, as it is stored (亮证动态码): good for one ``begin``."""

    digest: str
    holder: str
    expires_at: AwareDatetime
    used_at: AwareDatetime | None = None


class Grant(Frozen):
    """What the holder lets the verifier see of one licence: named items, or with None all of them."""

    identifier: _Word
    type_code: _Word
    items: tuple[str, ...] | None = None


class OnlineShowing(Frozen):
    """One request to see licences, as it is stored (在线核验事务).

    Attributes:
        digest: Of the transaction id that the verifier got.
        holder: Who was asked: an id of the platform, no personal number.
        verifier: Who asks, and the only one that may fetch.
        verifier_name: How the verifier is called; shown to the holder.
        type_codes: Which types it wants to see.
        purpose: What for (用途); shown to the holder.
        state: As it was stored; ask ``state_at`` what it is now.
        expires_at: Until when the holder may decide; once confirmed, until when the verifier may fetch.
    """

    digest: str
    holder: _Word
    verifier: _Word
    verifier_name: str = Field(default="", max_length=200)
    type_codes: Annotated[tuple[_Word, ...], Field(min_length=1, max_length=16)]
    purpose: _Word
    state: ShowingState = ShowingState.WAITING
    begun_at: AwareDatetime
    expires_at: AwareDatetime
    decided_at: AwareDatetime | None = None
    fetched_at: AwareDatetime | None = None
    granted: tuple[Grant, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.granted) != (self.state in (ShowingState.CONFIRMED, ShowingState.FETCHED)):
            raise ValueError("what is granted and the state contradict each other")
        return self

    def state_at(self, at: datetime) -> ShowingState:
        """How it stands at a moment: what waits, or was not fetched, expires by itself."""
        if self.state in (ShowingState.WAITING, ShowingState.CONFIRMED) and at >= self.expires_at:
            return ShowingState.EXPIRED
        return self.state


def digest_of(secret: str) -> str:
    """By what a code or a transaction id is found: the SM3 of it in hexadecimal."""
    return sm3(secret.encode("utf-8", "surrogatepass")).hex()


def new_holder_code(
    holder: str, *, at: datetime, lifetime: timedelta = CODE_LIFE, random: Random = os.urandom
) -> tuple[str, HolderCode]:
    """A code for the holder's screen, and the record to store.

    Raises:
        ValueError: ``at`` has no time zone, or the lifetime is not a second to an hour.
    """
    aware(at)
    secret = _secret(random)
    return secret, HolderCode(digest=digest_of(secret), holder=holder, expires_at=at + _life(lifetime))


def begin(
    code: HolderCode,
    *,
    verifier: str,
    type_codes: tuple[str, ...],
    purpose: str,
    at: datetime,
    verifier_name: str = "",
    lifetime: timedelta = WAITING_LIFE,
    random: Random = os.urandom,
) -> tuple[str, HolderCode, OnlineShowing]:
    """Begin to verify (发起核验): the transaction id for the verifier, the used code, and the new record.

    Raises:
        LicenseRejected: showing_code_used, showing_code_expired.
        ValueError: as new_holder_code; pydantic's ValidationError is one too.
    """
    aware(at)
    if code.used_at is not None:
        raise refuse("showing_code_used")
    if at >= code.expires_at:
        raise refuse("showing_code_expired")
    transaction = _secret(random)
    showing = OnlineShowing(
        digest=digest_of(transaction),
        holder=code.holder,
        verifier=verifier,
        verifier_name=verifier_name,
        type_codes=type_codes,
        purpose=purpose,
        begun_at=at,
        expires_at=at + _life(lifetime),
    )
    return transaction, code.model_copy(update={"used_at": at}), showing


def confirm(
    showing: OnlineShowing,
    *,
    holder: str,
    granted: tuple[Grant, ...],
    at: datetime,
    lifetime: timedelta = GRANT_LIFE,
) -> OnlineShowing:
    """The holder agrees to some of what was asked for (持证人确认).

    Raises:
        LicenseRejected: showing_holder: somebody else was asked; showing_decided, showing_expired; showing_granted:
            nothing is granted, or something that was not asked for.
        ValueError: as new_holder_code.
    """
    _decidable(showing, holder, at)
    if not granted or any(grant.type_code not in showing.type_codes for grant in granted):
        raise refuse("showing_granted")
    update = {
        "state": ShowingState.CONFIRMED,
        "granted": tuple(granted),
        "decided_at": at,
        "expires_at": at + _life(lifetime),
    }
    return showing.model_copy(update=update)


def refuse_showing(showing: OnlineShowing, *, holder: str, at: datetime) -> OnlineShowing:
    """The holder does not agree (持证人拒绝).

    Raises:
        LicenseRejected: showing_holder, showing_decided, showing_expired.
        ValueError: ``at`` has no time zone.
    """
    _decidable(showing, holder, at)
    return showing.model_copy(update={"state": ShowingState.REFUSED, "decided_at": at})


def status_for(showing: OnlineShowing, *, verifier: str, at: datetime) -> ShowingState:
    """How it stands, for the verifier that began it.

    Raises:
        LicenseRejected: showing_verifier: another one asks.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    _same_verifier(showing, verifier)
    return showing.state_at(at)


def fetch(showing: OnlineShowing, *, verifier: str, at: datetime) -> OnlineShowing:
    """Take what was granted, once (取用): only after the record is stored may ``granted`` be handed out.

    Raises:
        LicenseRejected: showing_verifier, showing_waiting, showing_refused, showing_expired, showing_fetched.
        ValueError: ``at`` has no time zone.
    """
    aware(at)
    _same_verifier(showing, verifier)
    state = showing.state_at(at)
    if state is not ShowingState.CONFIRMED:
        raise refuse(f"showing_{state.value}")
    return showing.model_copy(update={"state": ShowingState.FETCHED, "fetched_at": at})


def _decidable(showing: OnlineShowing, holder: str, at: datetime) -> None:
    aware(at)
    if not hmac.compare_digest(showing.holder.encode(), holder.encode("utf-8", "surrogatepass")):
        raise refuse("showing_holder")
    state = showing.state_at(at)
    if state is ShowingState.EXPIRED:
        raise refuse("showing_expired")
    if state is not ShowingState.WAITING:
        raise refuse("showing_decided", state=state.value)


def _same_verifier(showing: OnlineShowing, verifier: str) -> None:
    if not hmac.compare_digest(showing.verifier.encode(), verifier.encode("utf-8", "surrogatepass")):
        raise refuse("showing_verifier")


def _secret(random: Random) -> str:
    """160 random bits, capitals and digits: short in a QR code, and no option where it stands in a command."""
    return base64.b32encode(random(_SECRET_BYTES)).decode("ascii")


def _life(lifetime: timedelta) -> timedelta:
    if not timedelta(seconds=1) <= lifetime <= _MOST_LIFE:
        raise ValueError("a lifetime is a second to an hour")
    return lifetime
