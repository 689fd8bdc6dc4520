"""A province that stays: its keys in one folder that only its owner can read, and a database in it or elsewhere."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey, load_private_key
from egov_sdk.door.homes import KEYS, database_in
from egov_sdk.door.office import Application, LocalOffice
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.files import put_file
from egov_sdk.license.metadata import Authority
from egov_sdk.platform.callers import Role
from egov_sdk.platform.powers import Officer, Power
from egov_sdk.platform.problems import ProvinceRejected
from egov_sdk.platform.seeding import HALL, MARKET, seed_office

if TYPE_CHECKING:
    from egov_sdk.gateway.asgi import App
    from egov_sdk.gateway.policies import RateLimit
    from egov_sdk.pki import Certificate
    from egov_sdk.platform.console.staff import NewStaff, StaffRegister
    from egov_sdk.platform.metrics import Metrics
    from egov_sdk.platform.mock.switches import Switchboard
    from egov_sdk.platform.neighbour import Neighbour
    from egov_sdk.platform.parts import Part
    from egov_sdk.platform.register import CallerKeys, CallerRegister, StoredCallers

__all__ = ["DATABASE", "Standing"]

_NAME: Final = "样例市行政审批局"
#: The database in the folder, unless there is one elsewhere.
DATABASE: Final = "province.db"
_PASSWORD: Final = "people.password"  # noqa: S105 - a file
_SEEDER: Final = {power: Officer(f"seed-{power.value}", power) for power in (Power.ADMIN, Power.OPERATOR)}

Random = Callable[[int], bytes]


def may_seed(folder: Path) -> bool:
    """Whether people and callers for tests belong into a folder: it is new, or they were put in before."""
    return not (folder / KEYS).exists() or (folder / _PASSWORD).exists()


class Standing:
    """An office and its callers in a folder. Close it.

    Attributes:
        folder: ``office.json`` with the office's keys and ``province.db``, or ``database.txt``, which says where the
            database is instead; ``partners.toml``, where it has partners. Once it was seeded: for each caller's program
            ``ID.key.pem`` with its SM2 key and ``ID.secret``, and ``people.password``; with what others verify it by,
            ``root.pem`` and ``signer.pem``. For programs that use this library ``lay_settings`` puts ``ID.toml`` there.
    """

    def __init__(self, folder: Path, office: LocalOffice, *, clock: Callable[[], datetime], random: Random) -> None:
        self.folder, self.office = folder, office
        self._clock, self._random = clock, random

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        url: str,
        clock: Callable[[], datetime],
        database: str = "",
        secret: str = "",
        department: Authority | None = None,
        partner_roots: Iterable[Certificate] = (),
        random: Random = os.urandom,
    ) -> Self:
        """The one in a folder; a new one where there is none.

        Args:
            url: where it will be reached, such as ``http://127.0.0.1:8080``.
            database: the URL of a PostgreSQL database; a SQLite file in the folder where it is empty.
            secret: opens the office's keys.
            department: whose office it is, when it is opened for the first time; one that can be none by default.
            partner_roots: of those whose messages it believes; see ``Partners``.
        Raises:
            ParseError: a file in the folder is something else.
            KeyAccessError: the keys need another secret.
            WrongDatabase: the office's database is another one; the folder remembers which.
            StorageError: the database cannot be used, or was made by a later version.
            OSError: the folder cannot be used.
        """
        from egov_sdk.door.belonging import open_own

        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        whose = department or Authority(name=_NAME, code=specimen_credit_code(1, prefix="11").number)

        @cache
        def secrets() -> OfficeSecrets:
            return OfficeSecrets.at(
                folder / KEYS, name=whose.name, code=whose.code, now=clock(), secret=secret, random=random
            )

        place = database or database_in(folder, new=DATABASE)
        office = LocalOffice(
            open_own(place, keys=folder / KEYS, secrets=secrets, at=clock()),
            secrets=secrets,
            clock=clock,
            application=Application(issuer=f"{url}/identity"),
            partner_roots=partner_roots,
            random=random,
        )
        return cls(folder, office, clock=clock, random=random)

    @cached_property
    def register(self) -> CallerRegister:
        """Its callers, for those who run it."""
        from egov_sdk.platform.register import CallerRegister

        return CallerRegister(
            self.office.store,
            keys=self._caller_keys,
            office=self.office.secrets.code,
            clock=self._clock,
            random=self._random,
        )

    @cached_property
    def callers(self) -> StoredCallers:
        """Its callers, for the verifier of requests."""
        from egov_sdk.platform.register import StoredCallers

        return StoredCallers(self.office.store, keys=self._caller_keys, clock=self._clock)

    @cached_property
    def staff(self) -> StaffRegister:
        """Who may work at its console."""
        from egov_sdk.platform.console.staff import StaffRegister

        return StaffRegister(self.office.store, clock=self._clock, random=self._random)

    def officer(self, name: str, power: Power) -> Officer:
        """Whoever acts under a name: with the power that a member of staff of that name has, else with this one."""
        login = unicodedata.normalize("NFKC", name).casefold()
        known = (one.power for one in self.staff.all() if one.login == login)
        return Officer(name, next(known, power))

    @cached_property
    def _caller_keys(self) -> CallerKeys:
        from egov_sdk.platform.register import CallerKeys

        return CallerKeys(self.office.secrets.data_key, random=self._random)

    def seed(self) -> None:
        """Put types, licences, seals, people and two callers in, as far as they are not there."""
        path = self.folder / _PASSWORD
        if not path.exists():
            put_file(path, f"Aa1-{self._random(12).hex()}\n".encode(), replace=False, private=True)
        seed_office(self.office, password=path.read_text("ascii").strip(), at=self._clock())
        secrets = self.office.secrets
        self._seed_caller("office", Authority(name=secrets.name, code=secrets.code), frozenset(Role))
        self._seed_caller("hall", HALL, frozenset({Role.USE}))
        for name, certificate in (("root.pem", secrets.root.certificate), ("signer.pem", secrets.token[1])):
            if not (self.folder / name).exists():
                put_file(self.folder / name, certificate.to_pem(), replace=False, private=True)

    def seed_staff(self, *, password: str = "") -> tuple[NewStaff, ...]:
        """Let one member of staff in for each power, under its name, where nobody works yet; who was let in.

        Args:
            password: of all of them; empty for one-time passwords.
        Raises:
            IdentityRejected: password_weak.
        """
        if self.staff.all():
            return ()
        return tuple(self.staff.add(power.value, power, password=password) for power in Power)

    def lay_settings(self, *, url: str, profile: str) -> None:
        """Put a file for ``connect(config=…)`` into the folder for each seeded caller, in place of an older one.

        Args:
            url: where it is reached.
            profile: how requests are signed.
        """
        from egov_sdk.platform.program_settings import program_settings

        application = self.office.client_settings()
        for path in self.folder.glob("*.secret"):
            settings = program_settings(
                path.stem,
                url=url,
                profile=profile,
                key=path.with_suffix(".key.pem").absolute(),
                secret=path.read_text("ascii").strip(),
                application=application,
            )
            put_file(path.with_suffix(".toml"), settings, replace=True, private=True)

    def neighbour(self) -> Neighbour:
        """Another department beside it, which takes whatever it is sent; its keys and what it took go with it."""
        from egov_sdk.exchange.node.hands import ANY_SERVICE
        from egov_sdk.platform.neighbour import Neighbour, secrets_beside

        secrets = secrets_beside(self.office.secrets, MARKET, random=self._random)
        made = Neighbour(self.office, secrets=lambda: secrets, clock=self._clock)
        made.node.handler(ANY_SERVICE)(lambda connection, arrived: None)
        return made

    def app(
        self,
        *,
        profile: str,
        hosts: Iterable[str] = ("localhost", "127.0.0.1"),
        rate: RateLimit | None = None,
        metrics: Metrics | None = None,
        metrics_token: str = "",
        parts: Iterable[Part] = (),
    ) -> App:
        """It as an application; see ``province_app``. Several processes may serve the same one."""
        from egov_sdk.platform.app import province_app
        from egov_sdk.platform.register import SharedAdmissions

        _ = self.office.identity  # the office's own application can sign people in
        return province_app(
            self.office,
            callers=self.callers,
            clock=self._clock,
            profile=profile,
            hosts=hosts,
            admissions=SharedAdmissions(self.office.store, rate),
            metrics=metrics,
            metrics_token=metrics_token,
            parts=parts,
        )

    def console(self, *, switches: Switchboard | None = None) -> tuple[Part, Part]:
        """Its console and its page for verifying, as parts of the application; see ``console_parts``.

        Args:
            switches: what can be made to go wrong in it, where it is a mock.
        """
        from egov_sdk.platform.console import console_parts

        return console_parts(self.office, staff=self.staff, clock=self._clock, switches=switches)

    def secrets(self) -> Mapping[str, str]:
        """What was laid into the folder when it was seeded: the callers' secrets by their ids, and ``people``: the
        password of the seeded ones."""
        found = {path.stem: path for path in sorted(self.folder.glob("*.secret"))}
        password = self.folder / _PASSWORD
        found |= {"people": password} if password.exists() else {}
        return {name: path.read_text("ascii").strip() for name, path in found.items()}

    def close(self) -> None:
        """Close its database."""
        self.office.close()

    def _seed_caller(self, name: str, department: Authority, roles: frozenset[Role]) -> None:
        """A caller with a key and a secret, both of which are put beside: they are for its program."""
        path, secret = self.folder / f"{name}.key.pem", self.folder / f"{name}.secret"
        if fresh := not path.exists():
            put_file(path, SM2PrivateKey.generate(random=self._random).to_pem(), replace=False, private=True)
        key = load_private_key(path.read_bytes()).public_key()
        try:
            self.register.add(name, department, by=_SEEDER[Power.ADMIN], public_key=key)
        except ProvinceRejected as refused:
            if refused.problem != "caller_taken":
                raise
            if fresh:  # the file of its key was lost
                self.register.rotate(name, by=_SEEDER[Power.ADMIN], public_key=key, overlap=timedelta(0))
        if secret.exists():
            return
        made = self.register.rotate(name, by=_SEEDER[Power.ADMIN], overlap=timedelta(0))
        self.register.grant(name, roles, by=_SEEDER[Power.OPERATOR])
        put_file(secret, f"{made.secret}\n".encode(), replace=False, private=True)
