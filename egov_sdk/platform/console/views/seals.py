"""The seals of the register, with their pictures."""

from __future__ import annotations

from typing import Final

from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.pictures import seal_picture
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.powers import Power

__all__ = ["ROUTES"]

_PAGE: Final = 12
_OPERATORS: Final = frozenset({Power.OPERATOR})


def show(visit: Visit) -> Answer:
    """Some seals, by number."""
    after = visit.query.get("after", "")
    found = [one for one in visit.desk.office.seal.seals() if one.seal_id > after]
    rows = [(one, seal_picture(one.file)) for one in found[:_PAGE]]
    more = found[_PAGE - 1].seal_id if len(found) > _PAGE else ""
    return visit.show("seals.html", title=("印章", "Seals"), rows=rows, more=more)


ROUTES = (Route("seals", "GET", "/seals", _OPERATORS, show),)
