"""Who works at the console: the administrator lets people in, one power each, and lets them go."""

from __future__ import annotations

from typing import Final

from egov_sdk.errors import EgovError
from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider.web import Answer, BadRequest
from egov_sdk.platform.console.problems import ConsoleRejected
from egov_sdk.platform.console.staff import NewStaff
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.powers import Power
from egov_sdk.report_words import message_of

__all__ = ["ROUTES"]

_ADMINS: Final = frozenset({Power.ADMIN})


def show(visit: Visit) -> Answer:
    """Everybody who works here."""
    return _shown(visit)


def add(visit: Visit) -> Answer:
    """Let somebody in; the page tells the password, once."""
    form = visit.form
    if form.get("power") not in {one.value for one in Power}:
        raise BadRequest(400, "power")
    try:
        new = visit.desk.staff.add(form.get("login", ""), Power(form["power"]), by=visit.who.staff.id)
    except (ConsoleRejected, IdentityRejected) as no:
        return _shown(visit, problem=no)
    return _shown(visit, new=new)


def renew(visit: Visit) -> Answer:
    """Give somebody a new password; the page tells it, once."""
    return _shown(visit, new=visit.desk.staff.renew(visit.form.get("staff", ""), by=visit.who.staff.id))


def remove(visit: Visit) -> Answer:
    """Let somebody go."""
    try:
        visit.desk.staff.remove(visit.form.get("staff", ""), by=visit.who.staff.id)
    except ConsoleRejected as no:
        return _shown(visit, problem=no)
    return visit.desk.pages.go(f"{visit.desk.pages.at}/staff")


def _shown(visit: Visit, *, new: NewStaff | None = None, problem: EgovError | None = None) -> Answer:
    return visit.show(
        "staff.html",
        status=200 if problem is None else 400,
        title=("工作人员", "Staff"),
        members=visit.desk.staff.all(),
        powers=tuple(Power),
        new=new,
        problem="" if problem is None else message_of(problem, visit.lang),
    )


ROUTES = (
    Route("staff", "GET", "/staff", _ADMINS, show),
    Route("staff_add", "POST", "/staff/add", _ADMINS, add),
    Route("staff_renew", "POST", "/staff/renew", _ADMINS, renew),
    Route("staff_remove", "POST", "/staff/remove", _ADMINS, remove),
)
