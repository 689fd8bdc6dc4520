"""People and organisations with accounts; their numbers are masked."""

from __future__ import annotations

from typing import Final

from egov_sdk.codes.masking import mask_number
from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.powers import Power

__all__ = ["ROUTES"]

_PAGE: Final = 50
_OPERATORS: Final = frozenset({Power.OPERATOR})


def show(visit: Visit) -> Answer:
    """Some accounts, by id."""
    register, who = visit.desk.office.provider.accounts, visit.who.staff.id
    found = register.page(purpose="console", actor=who, after=visit.query.get("after", "")[:64], limit=_PAGE + 1)
    rows = [(one, mask_number(one.document.number) if one.document is not None else "") for one in found[:_PAGE]]
    more = found[_PAGE - 1].id if len(found) > _PAGE else ""
    return visit.show("people.html", title=("人员", "People"), rows=rows, more=more)


ROUTES = (Route("people", "GET", "/people", _OPERATORS, show),)
