"""The world that every province for tests begins with: made once in a process, then copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.door.office import Application, LocalOffice
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.callers import PlatformCaller, Role
from egov_sdk.platform.neighbour import secrets_beside
from egov_sdk.platform.seeding import HALL, seed_office
from egov_sdk.storage.images import open_image, take_image
from egov_sdk.testing.clock import START
from egov_sdk.testing.people import PASSWORD
from egov_sdk.testing.pki import unsafe_seeded

if TYPE_CHECKING:
    from egov_sdk.testing.clock import Clock

__all__ = [
    "CALLERS",
    "OFFICE",
    "OTHER",
    "SeededCaller",
    "neighbour_secrets",
    "seeded_callers",
    "seeded_office",
    "seeded_secrets",
]

#: The office of the province.
OFFICE: Final = Authority(name="样例市行政审批局", code=specimen_credit_code(1, prefix="11").number)
#: Another department.
OTHER: Final = Authority(name="样例市税务局", code=specimen_credit_code(3, prefix="11").number)
_USES: Final = frozenset({Role.USE})
#: Who calls: programs of the office, of the hall that a rule lets see licences, and of a department without a rule.
CALLERS: Final = {
    "office": (OFFICE, frozenset(Role)),
    "hall": (HALL, _USES),
    "other": (OTHER, _USES),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededCaller:
    """A caller with both sides of what it signs with."""

    caller: PlatformCaller
    secret: str = field(repr=False)
    key: SM2PrivateKey = field(repr=False)


def new_caller(name: str, department: Authority, roles: frozenset[Role]) -> SeededCaller:
    """A caller with a key and a secret that its name determines."""
    key = SM2PrivateKey.generate(random=unsafe_seeded(f"caller {name}"))
    secret = unsafe_seeded(f"secret {name}")(16).hex()
    caller = PlatformCaller(
        id=name, department=department, roles=roles, secrets=(secret,), public_keys=(key.public_key(),)
    )
    return SeededCaller(caller=caller, secret=secret, key=key)


@cache
def seeded_callers() -> dict[str, SeededCaller]:
    """The callers that every province knows, by id."""
    return {name: new_caller(name, *given) for name, given in CALLERS.items()}


@cache
def seeded_secrets() -> OfficeSecrets:
    """The keys of the office, the same in every process."""
    return OfficeSecrets.generate(
        name=OFFICE.name, code=OFFICE.code, at=START, random=unsafe_seeded("province for tests")
    )


@cache
def neighbour_secrets() -> OfficeSecrets:
    """The keys of another department, whose certificates come from the same authority."""
    return secrets_beside(seeded_secrets(), OTHER, random=unsafe_seeded("neighbour"))


def seeded_office(clock: Clock, *, issuer: str = "") -> LocalOffice:
    """An office with everything of the seed in a database of its own, in memory.

    Args:
        issuer: Where its provider is reached; in this process by default.
    """
    return _office(open_image(_image()), clock, issuer)


def _office(place: object, clock: Clock, issuer: str) -> LocalOffice:
    application = Application(issuer=issuer) if issuer else Application()
    return LocalOffice(
        place,  # type: ignore[arg-type]  # a place or an open database
        secrets=seeded_secrets,
        clock=clock,
        application=application,
        fast_passwords=True,
    )


@cache
def _image() -> bytes:
    from egov_sdk.testing.clock import Clock

    office = _office("sqlite://", Clock(), "")
    try:
        seed_office(office, password=PASSWORD, at=START)
        _ = office.identity, office.node
        return take_image(office.store)
    finally:
        office.close()
