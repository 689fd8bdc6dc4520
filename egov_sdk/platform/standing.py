"""A province that stays: its database, keys and callers in one folder that only its owner can read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey, load_private_key
from egov_sdk.door.office import Application, LocalOffice
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.errors import InputError, ParseError
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.callers import CallerBook, PlatformCaller, Role
from egov_sdk.platform.seeding import HALL, seed_office

if TYPE_CHECKING:
    from egov_sdk.gateway.asgi import App

__all__ = ["Standing"]

_NAME: Final = "样例市行政审批局"
_DATABASE, _OFFICE, _CALLERS, _PASSWORD = "province.db", "office.json", "callers.json", "people.password"
_FILE_BYTES: Final = 1 << 20
_SECRET_BYTES: Final = 24

Random = Callable[[int], bytes]


class Standing:
    """An office and its callers in a folder. Close it.

    Attributes:
        folder: ``province.db``, ``office.json`` and ``callers.json``; for each caller's program ``ID.key.pem`` with its
            SM2 key; ``people.password`` once it was seeded.
        callers: who may call.
    """

    def __init__(
        self, folder: Path, office: LocalOffice, callers: CallerBook, *, clock: Callable[[], datetime], random: Random
    ) -> None:
        self.folder, self.office, self.callers = folder, office, callers
        self._clock, self._random = clock, random

    @classmethod
    def open(cls, folder: Path, *, url: str, clock: Callable[[], datetime], random: Random = os.urandom) -> Self:
        """The one in a folder; a new one where there is none.

        Args:
            url: where it will be reached, such as ``http://127.0.0.1:8080``.
        Raises:
            ParseError: a file in the folder is something else.
            OSError: the folder cannot be used.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        code = specimen_credit_code(1, prefix="11").number
        secrets = OfficeSecrets.at(folder / _OFFICE, name=_NAME, code=code, now=clock(), random=random)
        office = LocalOffice(
            folder / _DATABASE,
            secrets=lambda: secrets,
            clock=clock,
            application=Application(issuer=f"{url}/identity"),
            random=random,
        )
        callers = _callers(folder, Authority(name=secrets.name, code=secrets.code), random)
        return cls(folder, office, callers, clock=clock, random=random)

    def seed(self) -> None:
        """Put types, licences, seals and people in, as far as they are not there."""
        path = self.folder / _PASSWORD
        if not path.exists():
            _write(path, f"Aa1-{self._random(12).hex()}\n".encode())
        seed_office(self.office, password=path.read_text("ascii").strip(), at=self._clock())

    def app(self, *, profile: str) -> App:
        """It as an application; see ``province_app``."""
        from egov_sdk.platform.app import province_app

        _ = self.office.identity  # the office's own application can sign people in
        return province_app(self.office, callers=self.callers, clock=self._clock, profile=profile)

    def secrets(self) -> Mapping[str, str]:
        """What callers share with it, by their ids, and ``people``: the password of the seeded ones."""
        found = {one.id: secret for one in self.callers.all() for secret in one.secrets}
        path = self.folder / _PASSWORD
        return found | ({"people": path.read_text("ascii").strip()} if path.exists() else {})

    def close(self) -> None:
        """Close its database."""
        self.office.close()


def _callers(folder: Path, office: Authority, random: Random) -> CallerBook:
    path = folder / _CALLERS
    if not path.exists():
        made = [
            _new_caller(folder, "office", office, frozenset(Role), random),
            _new_caller(folder, "hall", HALL, frozenset({Role.USE}), random),
        ]
        _write(path, json.dumps(made, ensure_ascii=False, indent=1).encode())
    with path.open("rb") as file:
        octets = file.read(_FILE_BYTES)
    try:
        kept = json.loads(octets)
        if not isinstance(kept, list):
            raise TypeError("no list")
        return CallerBook(_caller(one) for one in kept)
    except (ValueError, KeyError, TypeError, InputError) as error:
        raise ParseError(
            "these are not the callers of a province",
            where=path.name,
            code="egov.platform.callers",
            found=type(error).__name__,
        ) from None


def _new_caller(
    folder: Path, name: str, department: Authority, roles: frozenset[Role], random: Random
) -> dict[str, object]:
    """A caller as it is kept. Its private key is put beside it: that is for its program."""
    path = folder / f"{name}.key.pem"
    if path.exists():  # from a beginning that was cut short
        key = load_private_key(path.read_bytes())
    else:
        key = SM2PrivateKey.generate(random=random)
        _write(path, key.to_pem())
    return {
        "id": name,
        "department": department.name,
        "code": department.code,
        "roles": sorted(role.value for role in roles),
        "secret": random(_SECRET_BYTES).hex(),
        "public_key": key.public_key().to_pem().decode("ascii"),
    }


def _caller(kept: Mapping[str, object]) -> PlatformCaller:
    from egov_sdk.crypto import load_public_key

    roles = kept["roles"]
    if not isinstance(roles, list):
        raise TypeError("roles")
    return PlatformCaller(
        id=str(kept["id"]),
        department=Authority(name=str(kept["department"]), code=str(kept["code"])),
        roles=frozenset(Role(one) for one in roles),
        secrets=(str(kept["secret"]),),
        public_keys=(load_public_key(str(kept["public_key"]).encode("ascii")),),
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, readable by its owner alone from the first moment on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
