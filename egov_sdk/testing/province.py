"""A province for one test: an office behind the platform's application, with no socket between it and the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from egov_sdk.door.over import async_gov_over, gov_over
from egov_sdk.door.platforms import PLATFORMS, Account
from egov_sdk.gateway import AsyncGatewayClient, Credentials, GatewayClient, in_process
from egov_sdk.gateway.policies import Retry
from egov_sdk.gateway.profiles import built_in
from egov_sdk.identity.dialect_app import HOLDER_PARAMETER
from egov_sdk.identity.model import HolderKind
from egov_sdk.identity.profiles import identity_profile
from egov_sdk.identity.provider import QuietBrowser
from egov_sdk.license.model import LicenseRef, read_identifier
from egov_sdk.license.states import LicenseAction
from egov_sdk.platform.app import PREFIX, province_app, province_names
from egov_sdk.platform.callers import CallerBook, Role
from egov_sdk.platform.dialects import form_app, form_names
from egov_sdk.platform.mock.app import MOCK_PROFILES
from egov_sdk.platform.mock.attended import Attended
from egov_sdk.platform.mock.calls import Call, CallLog, Seen
from egov_sdk.platform.mock.faults import SKEW_S, Fault, Site, Status
from egov_sdk.platform.mock.plan import FaultPlan, Happenings, When
from egov_sdk.platform.mock.switches import Switchboard
from egov_sdk.platform.names import OperationNames
from egov_sdk.platform.neighbour import Neighbour
from egov_sdk.testing.browsing import sent_on
from egov_sdk.testing.clock import START, Clock
from egov_sdk.testing.people import People, Person
from egov_sdk.testing.world import SeededCaller, neighbour_secrets, new_caller, seeded_callers, seeded_office

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from egov_sdk.door import AsyncGov, Gov
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.gateway.asgi import App, Receive, Scope, Send
    from egov_sdk.gateway.in_process import AsyncTransport, Transport
    from egov_sdk.gateway.policies import BreakerPolicy
    from egov_sdk.identity.model import Session
    from egov_sdk.license.metadata import Authority
    from egov_sdk.seal.records import SealAction

__all__ = ["ADDRESS", "Province", "UnknownRoute"]

#: Where a province in this process is.
ADDRESS = "http://localhost"
_RETRY = Retry()


def _checked(clock: Clock) -> Clock:
    if not isinstance(clock, Clock):
        raise TypeError(f"the clock of a province is an egov_sdk.testing.Clock, and not {clock!r}")
    if clock() < START:
        raise ValueError(f"a province begins at {START.isoformat()}: its clock says {clock().isoformat()}")
    return clock


class UnknownRoute(AssertionError):
    """A program asked for something that a province has not."""


class Province:
    """A province in this process (测试省). Close it, or use it in a ``with``.

    It begins with an office, its seals, three types of licences, two licences, six people and three callers:
    ``office`` may do everything, ``hall`` may see licences for the service item of ``seeding.ITEM_CODE``, ``other``
    may ask, and no rule lets it see anything.

    Args:
        profile: How its callers sign: one of ``platform.app.PROFILES``; or the name of a platform with interfaces of
            its own, of ``door.platforms.PLATFORMS``: then the province has these, and nothing else.
        address: Where it is served; in this process by default.
    Raises:
        TypeError: the clock is another one, such as a fixture of one's own that is named ``clock``.
        ValueError: it says a time at which nothing of this was there; or there is no such profile.
    Attributes:
        office: What stands behind it; asked directly it is neither recorded nor broken.
        clock: Its time, and that of its clients.
        people: To open accounts.
        app: The ASGI application, for clients of another kind.
        switches: What is planned to go wrong, as the switches of a served province have it.
    """

    def __init__(self, *, clock: Clock | None = None, profile: str = "egov-sm2", address: str = ADDRESS) -> None:
        if profile not in MOCK_PROFILES:
            raise ValueError(f"a province has no profile {profile!r}; it has {', '.join(MOCK_PROFILES)}")
        self.clock = _checked(clock) if clock is not None else Clock()
        self.profile, self.address, self.form = profile, address, PLATFORMS.get(profile)
        self._signed = self.form.gateway if self.form is not None else profile
        self.office: LocalOffice = seeded_office(self.clock, issuer=f"{address}/identity")
        self.people = People(self.office.provider)
        self._callers = dict(seeded_callers())
        self._book = CallerBook(one.caller for one in self._callers.values())
        self._unknown, self._happenings = list[str](), Happenings(self.clock)
        signed = built_in(self._signed) if self._signed else None
        self.switches = Switchboard(self._names(), FaultPlan(self.clock), CallLog(), signed)
        self._govs: list[Gov] = []
        self._closed = False
        self.app: App = self._while_open(self._attended())

    # ------------------------------------------------------------------ reaching it

    def connect(
        self,
        caller: str = "office",
        *,
        retry: Retry = _RETRY,
        breaker: BreakerPolicy | None = None,
        transport: Transport | None = None,
    ) -> Gov:
        """Its services as a program of that caller sees them, through the clients that a real platform is asked with.

        Args:
            retry, breaker: As for GatewayClient; pauses pass on the province's clock.
            transport: In place of the way to this province, such as one that counts.
        Raises:
            ValueError: there is no such caller; or the province is closed.
        """
        self._check_open()
        gateway = GatewayClient(
            self.address,
            profile=self._signed or None,
            credentials=self.credentials(caller) if self._signed else None,
            services=self.form.services if self.form is not None else None,
            retry=retry,
            clock=self.clock.seconds,
            timer=self.clock.seconds,
            sleep=self.clock.sleep,
            breaker=breaker,
            transport=transport or self.transport(),
        )
        gov = gov_over(gateway, **self._over(caller))
        self._govs.append(gov)
        return gov

    def connect_async(
        self,
        caller: str = "office",
        *,
        retry: Retry = _RETRY,
        breaker: BreakerPolicy | None = None,
        transport: AsyncTransport | None = None,
    ) -> AsyncGov:
        """As connect, awaited; close it yourself: ``async with province.connect_async() as gov``."""
        self._check_open()
        gateway = AsyncGatewayClient(
            self.address,
            profile=self._signed or None,
            credentials=self.credentials(caller) if self._signed else None,
            services=self.form.services if self.form is not None else None,
            retry=retry,
            clock=self.clock.seconds,
            timer=self.clock.seconds,
            sleep=self.clock.sleep_async,
            breaker=breaker,
            transport=transport or self.async_transport(),
        )
        return async_gov_over(gateway, **self._over(caller))

    def _over(self, caller: str) -> dict[str, Any]:
        """What services over a client are made with."""
        given = {"name": self.address, "prefix": PREFIX, "clock": self.clock, "form": self.form}
        settings = self.office.client_settings()
        if self.form is not None:
            settings = replace(settings, client_id=caller, secret=self._callers[caller].secret)
            if self.form.identity:
                login = urlsplit(identity_profile(self.form.identity).login.url).path
                settings = replace(settings, authentication=None, login_url=f"{self.address}{login}")
        return {**given, "identity": settings, "account": self.account(caller)}

    def account(self, caller: str = "office") -> Account:
        """What a caller tells the services of a platform with interfaces of its own."""
        secret = self._callers[caller].secret
        return Account(id=caller, secret=secret, app_key=caller, app_secret=secret, key=self._callers[caller].key)

    def transport(self) -> Transport | None:
        """For a GatewayClient of one's own: the way to this province. None where it is reached over sockets."""
        return in_process.transport(self.app)

    def async_transport(self) -> AsyncTransport | None:
        """For an AsyncGatewayClient of one's own."""
        return in_process.async_transport(self.app)

    def credentials(self, caller: str = "office") -> Credentials:
        """With what a caller signs.

        Raises:
            ValueError: there is no such caller.
        """
        if caller not in self._callers:
            raise ValueError(f"there is no caller {caller!r}: {', '.join(sorted(self._callers))}")
        known = self._callers[caller]
        signed = built_in(self._signed).signing_string.replace("[{service}]", "")
        service = "egov" if "{service}" in signed else ""
        return Credentials(caller, secret=known.secret, signer=known.key, service=service)

    def add_caller(self, name: str, department: Authority, *, roles: frozenset[Role]) -> SeededCaller:
        """Let one more program in.

        Raises:
            ValueError: there is one of that name.
        """
        made = new_caller(name, department, roles)
        self._book.add(made.caller)
        self._callers[name] = made
        return made

    def sign_in(self, person: Person, *, gov: Gov | None = None, organization: str = "") -> Session:
        """Sign somebody in at the provider's pages, as a browser would.

        Args:
            gov: The program's connection; one of the office by default.
            organization: The account of the organisation to act for; empty for oneself.
        Raises:
            IdentityRejected: the provider does not sign this person in.
            TypeError: it is nobody who was added to ``people``.
        """
        if not isinstance(person, Person):
            raise TypeError(f"province.people.add(…) gives somebody who can sign in; this is {person!r}")
        identity = (gov or self.connect()).identity
        begun = identity.begin(holder=HolderKind.LEGAL if organization else HolderKind.NATURAL)
        at_pages = begun.url
        if self.form is not None:
            kind = f"&{HOLDER_PARAMETER}={HolderKind.LEGAL}" if organization else ""
            at_pages = sent_on(self.app, begun.url + kind)
        callback = QuietBrowser(self.office.provider).sign_in(
            at_pages, login=person.login, password=person.password, organization=organization
        )
        return identity.complete(begun, callback=callback if self.form is None else sent_on(self.app, callback))

    @cached_property
    def neighbour(self) -> Neighbour:
        """Another department, with a node that the office's exchanges messages with; ``settle`` brings them."""
        return Neighbour(self.office, secrets=neighbour_secrets, clock=self.clock)

    def settle(self) -> int:
        """Let the office's node and the neighbour's do what is due until nothing is; how much there was."""
        return self.neighbour.settle()

    # ------------------------------------------------------------------ what goes wrong

    def fail(
        self,
        operation: str,
        fault: Fault | None = None,
        *,
        status: int = 0,
        after: int = 0,
        wait: timedelta = timedelta(0),
        lasting: timedelta | None = None,
        times: int | None = None,
        chance: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Let something go wrong: ``fail("license.verify", status=503, after=2, times=3)``, ``fail("*", Cut())``.

        Args:
            operation: Its name; ``*`` for all of them.
            fault: One of ``egov_sdk.testing.faults``; or give a ``status``.
            after, wait: So many calls go well first; and nothing goes wrong before so much of the clock's time is past.
            lasting: All is well again so long after ``wait``; None for no end.
            times: So often; None for always.
            chance: How probable it is each time; ``seed`` decides which times they are.
        Raises:
            ValueError: there is no such operation, or nothing would go wrong, as with the token of what needs none.
            TypeError: it is no fault, such as ``Cut`` in place of ``Cut()``.
        """
        if (fault is None) == (status == 0):
            raise ValueError("give a fault or a status")
        chosen = fault if fault is not None else Status(status)
        when = When(after=after, wait=wait, lasting=lasting, times=times, chance=chance, seed=seed)
        self.switches.switch_on(operation, chosen, when=when)

    def heal(self, operation: str = "") -> None:
        """Let nothing go wrong any more, or nothing of one operation."""
        self.switches.plan.clear(operation)

    # ------------------------------------------------------------------ what happens

    def becomes(
        self,
        thing: LicenseRef,
        action: LicenseAction | SealAction,
        *,
        polls: int = 0,
        wait: timedelta = timedelta(0),
        reason: str = "as the test wants it",
    ) -> None:
        """Let a licence or a seal change its state: ``becomes(issued.identifier, LicenseAction.REVOKE, polls=2)``.

        It does from the next request on, once it was asked for ``polls`` times and ``wait`` is past. Those count that
        name it; what brings a file, as verifying does, counts with ``happens(…, after="license.verify")``.

        Args:
            thing: A licence or its identifier, or the id of a seal.
            action: What the office does with it.
        Raises:
            TypeError: it is no action.
            LicenseRejected, SealRejected, ParseError: there is no such licence, or no such seal.
        """
        from egov_sdk.seal.records import SealAction

        if not isinstance(action, LicenseAction | SealAction):
            raise TypeError(f"an action is a LicenseAction or a SealAction, and not {action!r}")
        if isinstance(action, LicenseAction):
            name = str(read_identifier(thing))
            self.office.license.history(name)
        else:
            name = self.office.seal.find(str(thing)).seal_id

        def act() -> object:
            if isinstance(action, LicenseAction):
                return self.office.license.act(name, action, reason=reason)
            return self.office.seal.act(name, action, reason=reason)

        self._happenings.add(act, fits=lambda call: call.mentions(name), calls=polls, wait=wait)

    def happens(
        self, what: Callable[[], object], *, after: str = "*", polls: int = 0, wait: timedelta = timedelta(0)
    ) -> None:
        """Let anything happen, once: ``happens(confirm, after="license.showing_status", polls=2)``.

        It does before the next request is answered, once the operation was asked for ``polls`` times and ``wait`` is
        past: so a job that programs poll for is ready at the third poll.

        Args:
            after: The operation; ``*`` for all of them.
        Raises:
            ValueError: there is no such operation.
            TypeError: nothing that can be called.
        """
        if not callable(what):
            raise TypeError(f"what happens is called, and {what!r} cannot be")
        self.switches.check(after)
        self._happenings.add(what, fits=lambda call: after in (call.operation, "*"), calls=polls, wait=wait)

    # ------------------------------------------------------------------ what was asked

    def saw(self, operation: str) -> Seen:
        """The calls of one operation, or of all: ``saw("license.issue").once()``, ``saw("*").never()``.

        Raises:
            ValueError: there is no such operation.
        """
        self.switches.check(operation)
        return Seen(operation, self.switches.log.all)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call, in order."""
        return self.switches.log.all()

    @property
    def operations(self) -> frozenset[str]:
        """The names of everything that can be asked."""
        return self.switches.names.all

    def forget(self) -> None:
        """Forget the calls so far, those of unknown routes as well."""
        self.switches.log.clear()
        self._unknown.clear()

    def assert_known_routes(self) -> None:
        """Nothing was asked for that there is not.

        Raises:
            UnknownRoute: something was.
        """
        if self._unknown:
            raise UnknownRoute("the province has nothing at " + ", ".join(self._unknown))

    # ------------------------------------------------------------------ and the rest

    def _names(self) -> OperationNames:
        return province_names(self.office) if self.form is None else form_names(self.office, self.form)

    def _attended(self) -> App:
        """What is served, with faults before it and a record of everything."""
        around = partial(
            Attended,
            names=self.switches.names,
            faults=self.switches.plan,
            calls=self.switches.log,
            site=Site(self.clock, self._pause, self.switches.profile),
            happenings=self._happenings,
            unknown=self._note_unknown,
        )
        if self.form is None:
            return around(province_app(self.office, callers=self._book, clock=self._server_clock, profile=self.profile))
        return form_app(self.office, form=self.form, callers=self._book, clock=self._server_clock, around=around)

    def close(self) -> None:
        """Close its connections and its database."""
        self._closed = True
        for gov in self._govs:
            gov.close()
        if "neighbour" in self.__dict__:
            self.neighbour.close()
        self.office.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Province {self.address} {self.clock().isoformat()}>"

    def _while_open(self, app: App) -> App:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            self._check_open()
            await app(scope, receive, send)

        return answer

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("this province is closed: the fixture's is each test's own, so make one for more of them")

    def _server_clock(self) -> datetime:
        return self.clock() + timedelta(seconds=SKEW_S.get())

    async def _pause(self, seconds: float) -> None:
        await self.clock.sleep_async(seconds)

    def _note_unknown(self, method: str, path: str) -> UnknownRoute:
        self._unknown.append(f"{method} {path}")
        return UnknownRoute(f"the province has nothing at {method} {path}")
