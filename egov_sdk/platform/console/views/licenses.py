"""Types of licences, the licences of the register, and one licence with its face and its life."""

from __future__ import annotations

from collections import Counter
from typing import Final

from egov_sdk.caches import BoundedCache
from egov_sdk.codes.masking import mask_number
from egov_sdk.identity.provider.web import Answer
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import License, Use, UseGround
from egov_sdk.license.problems import LicenseRejected
from egov_sdk.ofd import open_ofd
from egov_sdk.platform.console.pictures import page_pictures
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.powers import Power
from egov_sdk.seal.shown import shown_signatures
from egov_sdk.seal.shown_pages import ShownPages, shown_pages
from egov_sdk.times import day_in_beijing

__all__ = ["ROUTES"]

_PAGE: Final = 25
_FACES: Final = 4
_OPERATORS: Final = frozenset({Power.OPERATOR})
_PURPOSE: Final = "管理控制台查阅"
#: Drawn pages by the digests of their files.
_DRAWN: Final[BoundedCache[str, ShownPages]] = BoundedCache(64 << 20)


def show(visit: Visit) -> Answer:
    """The types, and some licences of one type or of all."""
    service, type_code = visit.desk.office.license, visit.query.get("type", "")
    types, counts = service.types(), Counter[str]()
    for one in service.statistics():
        counts[one.type_code] += one.count
    page = service.register.lists.page(
        purpose=f"{_PURPOSE} {visit.who.staff.id}",
        type_code=type_code,
        page=visit.query.get("page", ""),
        page_size=_PAGE,
    )
    names = {one.code: one.name for one in types}
    today = day_in_beijing(visit.desk.clock())
    rows = [(one, _holders(one.metadata), one.standing(today)) for one in page.records]
    return visit.show(
        "licenses.html",
        title=("证照", "Licences"),
        types=[(one, counts[one.code]) for one in types],
        chosen=type_code,
        names=names,
        rows=rows,
        more=page.next_page,
    )


def show_one(visit: Visit) -> Answer:
    """One licence. That it was looked at stands in the register's own audit log."""
    service, identifier = visit.desk.office.license, visit.place["identifier"]
    use = Use(
        requester=service.register.authority,
        purpose=_PURPOSE,
        ground=UseGround.OWNER,
        operator=visit.who.staff.id,
    )
    history = service.history(identifier)
    shown, problem, record = ShownPages((), 0), None, None
    try:
        record = service.get(identifier, use=use)
        shown = _face(record)
    except LicenseRejected as no:
        if no.problem != "file_missing":
            raise
        problem = no.text.in_(visit.lang)
    return visit.show(
        "license.html",
        title=("证照详情", "Licence"),
        identifier=identifier,
        record=record,
        standing=record.standing(day_in_beijing(visit.desk.clock())) if record else None,
        holders=_holders(record.metadata) if record else (),
        history=history,
        pages=page_pictures(shown.pages, lang=visit.lang),
        left_out=shown.left_out,
        problem=problem,
    )


def _face(record: License) -> ShownPages:
    """The first pages, drawn once for each file: that takes longer than all the rest."""
    known = _DRAWN.get(record.file_digest)
    if known is not None:
        return known
    package = open_ofd(record.file)
    shown = shown_pages(package, shown_signatures(package), most=_FACES)
    return _DRAWN.put(record.file_digest, shown, weight=sum(len(page.svg) for page in shown.pages))


def _holders(metadata: LicenseMetadata) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, mask_number(one.code)) for one in metadata.holders)


ROUTES = (
    Route("licenses", "GET", "/licenses", _OPERATORS, show),
    Route("license", "GET", "/licenses/{identifier}", _OPERATORS, show_one),
)
