"""One request at the console, what the pages work with, and the table of pages: who may ask for which."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.identity.provider.web import Answer, Request
from egov_sdk.platform.console.languages import language_link
from egov_sdk.platform.console.problems import refuse
from egov_sdk.platform.console.rendering import Pages
from egov_sdk.platform.console.sessions import Session, SignIns
from egov_sdk.platform.console.staff import StaffRegister
from egov_sdk.platform.powers import Power
from egov_sdk.report import Lang

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.platform.mock.switches import Switchboard

__all__ = ["EVERYBODY", "Desk", "Route", "View", "Visit", "find_route", "page_of"]

#: A page for all members of staff.
EVERYBODY: Final = frozenset(Power)
_HOLE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Desk:
    """What all pages work with."""

    office: LocalOffice
    staff: StaffRegister
    sign_ins: SignIns
    pages: Pages
    clock: Callable[[], datetime]
    switches: Switchboard | None

    def note(self, visit: Visit, action: str, *, subject: str = "", detail: Mapping[str, object] | None = None) -> None:
        """Write what somebody did to the audit log of the console."""
        at, actor = self.clock(), visit.who.staff.id
        with self.staff.store.write() as connection:
            self.staff.note(connection, action, at=at, actor=actor, subject=subject, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request: who asks, in which language, for what."""

    desk: Desk
    request: Request
    lang: Lang
    session: Session | None = None
    place: Mapping[str, str] = field(default_factory=dict)
    route: str = ""

    @property
    def who(self) -> Session:
        """Who is signed in.

        Raises:
            ConsoleRejected: console.signed_out.
        """
        if self.session is None:
            raise refuse("console.signed_out")
        return self.session

    @property
    def query(self) -> Mapping[str, str]:
        return dict(self.request.query)

    @property
    def form(self) -> Mapping[str, str]:
        return self.request.fields

    def show(self, template: str, *, status: int = 200, title: tuple[str, str], **facts: object) -> Answer:
        """A page of the console; ``title`` is Chinese and English."""
        return self.desk.pages.answer(template, self.facts(title, facts), lang=self.lang, status=status)

    def facts(self, title: tuple[str, str], facts: Mapping[str, object]) -> MutableMapping[str, object]:
        """What every page of the console knows, and what this one does."""
        return {
            "title": title[0] if self.lang == "zh" else title[1],
            "office": self.desk.office.secrets.name,
            "session": self.session,
            "route": self.route,
            "menu": menu(self.session, mock=self.desk.switches is not None),
            "here": self.desk.pages.at + self.request.path,
            "lang_link": language_link(self.request, self.lang),
            **facts,
        }


View = Callable[[Visit], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One page or act: by which method and path, and who may ask for it."""

    name: str
    method: str
    path: str
    powers: frozenset[Power]
    view: View
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = _HOLE.split(self.path)
        texts = (re.escape(part) if index % 2 == 0 else f"(?P<{part}>[^/]+)" for index, part in enumerate(parts))
        object.__setattr__(self, "pattern", re.compile("".join(texts)))


def find_route(routes: tuple[Route, ...], method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The route for a request, with what stands in the holes of its path.

    Raises:
        ConsoleRejected: console.not_found, console.method.
    """
    wanted, there = "GET" if method == "HEAD" else method, False
    for route in routes:
        found = route.pattern.fullmatch(path)
        if found is not None:
            if route.method == wanted:
                return route, found.groupdict()
            there = True
    raise refuse("console.method" if there else "console.not_found")


def page_of(routes: tuple[Route, ...], path: str) -> str:
    """The page with the form of an act, for who asks for the act's own address as for a page; empty for others."""
    methods = {route.method for route in routes if route.pattern.fullmatch(path)}
    return path.rpartition("/")[0] if methods == {"POST"} else ""


#: The menu: path, Chinese, English, who sees it.
_MENU: Final[tuple[tuple[str, str, str, frozenset[Power]], ...]] = (
    ("/", "概览", "Overview", EVERYBODY),
    ("/people", "人员", "People", frozenset({Power.OPERATOR})),
    ("/seals", "印章", "Seals", frozenset({Power.OPERATOR})),
    ("/licenses", "证照", "Licences", frozenset({Power.OPERATOR})),
    ("/exchange", "数据交换", "Exchange", frozenset({Power.OPERATOR, Power.AUDITOR})),
    ("/faults", "故障开关", "Faults", frozenset({Power.OPERATOR})),
    ("/audit", "审计日志", "Audit log", frozenset({Power.AUDITOR})),
    ("/staff", "工作人员", "Staff", frozenset({Power.ADMIN})),
)


def menu(session: Session | None, *, mock: bool) -> tuple[tuple[str, str, str], ...]:
    """What somebody can go to."""
    if session is None or session.staff.must_change:
        return ()
    power = session.staff.power
    return tuple(one[:3] for one in _MENU if power in one[3] and (mock or one[0] != "/faults"))
