"""What is to go wrong in a province that is a mock: switched on and off here."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.problems import refuse
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.mock.plan import When
from egov_sdk.platform.mock.switches import FAULTS, Switchboard, fault_row, make_fault
from egov_sdk.platform.powers import Power

__all__ = ["ROUTES"]

_OPERATORS: Final = frozenset({Power.OPERATOR})
_LAST: Final = 30


def show(visit: Visit) -> Answer:
    """What is planned, and what was asked last."""
    return _shown(visit)


def switch_on(visit: Visit) -> Answer:
    """Plan one fault."""
    board, form = _board(visit), visit.form
    operation, word = form.get("operation", ""), form.get("fault", "")
    try:
        known = {one.name for one in fields(FAULTS[word])} if word in FAULTS else set()  # type: ignore[arg-type]
        number, times = form.get("number", "").strip(), form.get("times", "").strip()
        first = next((name for name in ("status", "seconds", "retry_after_s") if name in known), "")
        fault = make_fault(word, {first: float(number)} if first and number else {})
        when = When(times=int(times) if times else None)
        planned = board.switch_on(operation, fault, when=when)
    except (ValueError, OverflowError) as error:
        return _shown(visit, problem=str(error))
    visit.desk.note(visit, "fault.planned", subject=operation, detail={"fault": repr(fault), "number": planned})
    return visit.desk.pages.go(f"{visit.desk.pages.at}/faults")


def switch_off(visit: Visit) -> Answer:
    """End one fault, or all."""
    board, number = _board(visit), visit.form.get("number", "")
    if number == "all":
        board.plan.clear()
    elif number.isascii() and number.isdigit():
        board.plan.remove(int(number[:9]))
    visit.desk.note(visit, "fault.ended", subject=number[:9])
    return visit.desk.pages.go(f"{visit.desk.pages.at}/faults")


def _board(visit: Visit) -> Switchboard:
    if visit.desk.switches is None:
        raise refuse("console.not_found")
    return visit.desk.switches


def _shown(visit: Visit, *, problem: str = "") -> Answer:
    board = _board(visit)
    return visit.show(
        "faults.html",
        status=400 if problem else 200,
        title=("故障开关", "Faults"),
        planned=[fault_row(one) for one in board.plan.all()],
        operations=board.operations,
        faults=tuple(FAULTS),
        calls=board.log.all()[-_LAST:][::-1],
        problem=problem,
        form=visit.form if problem else {},
    )


ROUTES = (
    Route("faults", "GET", "/faults", _OPERATORS, show),
    Route("fault_on", "POST", "/faults/on", _OPERATORS, switch_on),
    Route("fault_off", "POST", "/faults/off", _OPERATORS, switch_off),
)
