"""The switches of a province that misbehaves when it is told to: for its console, and for programs in any language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from difflib import get_close_matches
from hmac import compare_digest
from types import MappingProxyType
from typing import Final

from egov_sdk.gateway.asgi import Received, Reply, ThreadedApp, read_json
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.platform.mock import faults
from egov_sdk.platform.mock.calls import Call, CallLog
from egov_sdk.platform.mock.faults import Fault
from egov_sdk.platform.mock.plan import FaultPlan, PlannedFault, When
from egov_sdk.platform.names import OperationNames
from egov_sdk.problems import shown

__all__ = ["FAULTS", "SWITCHES", "Switchboard", "fault_row", "make_fault", "switch_app"]

#: Where a served province has its switches.
SWITCHES: Final = "/switches"
#: Every fault by the word for it.
FAULTS: Final[Mapping[str, type[Fault]]] = MappingProxyType(
    {
        "status": faults.Status,
        "rate_limit": faults.RateLimit,
        "unreachable": faults.Unreachable,
        "no_answer": faults.NoAnswer,
        "cut": faults.Cut,
        "corrupt": faults.Corrupt,
        "delay": faults.Delay,
        "slow_body": faults.SlowBody,
        "wrong_signature": faults.WrongSignature,
        "expired_token": faults.ExpiredToken,
        "skew": faults.Skew,
        "duplicate": faults.Duplicate,
    }
)
_WORDS: Final = MappingProxyType({made: word for word, made in FAULTS.items()})
_SIGN_INS: Final = "identity."
_MOST_S: Final = 3_600.0  # of a number of seconds
_MOST_RULES: Final = 200
_LAST: Final = 200
_BODY_BYTES: Final = 64 << 10
_ONE: Final = re.compile(r"/faults/([1-9][0-9]{0,8})")


def make_fault(word: str, values: Mapping[str, float]) -> Fault:
    """A fault by its word: ``make_fault("status", {"status": 503})``.

    Raises:
        ValueError: there is no such fault, it has no such number, or one that is missing.
    """
    if word not in FAULTS:
        raise ValueError(f"there is no fault {shown(word)!r}: {', '.join(FAULTS)}")
    made = FAULTS[word]
    known = {one.name: one for one in fields(made)}  # type: ignore[arg-type]  # every one of them is a dataclass
    if unknown := values.keys() - known.keys():
        raise ValueError(f"{word} has no {shown(sorted(unknown)[0])}; it has {', '.join(known) or 'no numbers'}")
    missing = [name for name, one in known.items() if one.default is MISSING and name not in values]
    if missing:
        raise ValueError(f"{word} needs {', '.join(missing)}")
    whole = {"status", "seed"}
    given = {name: int(value) if name in whole else float(value) for name, value in values.items()}
    if not all(abs(value) <= _MOST_S for name, value in given.items() if name not in whole):
        raise ValueError(f"seconds are at most {_MOST_S:.0f}")
    return made(**given)


@dataclass(frozen=True, slots=True)
class Switchboard:
    """What is planned to go wrong in a province, and what it was asked. Threads may share it.

    Attributes:
        profile: How callers sign; None where they do not.
    """

    names: OperationNames
    plan: FaultPlan
    log: CallLog
    profile: GatewayProfile | None

    @property
    def operations(self) -> tuple[str, ...]:
        """What a fault can be planned for."""
        return ("*", *sorted(self.names.all))

    def switch_on(self, operation: str, fault: Fault, *, when: When) -> int:
        """Plan a fault; its number.

        Raises:
            ValueError: there is no such operation, nothing of it could go wrong so, or too much is planned already.
            TypeError: it is no fault, such as a class of faults.
        """
        self.check(operation)
        if isinstance(fault, type) or not callable(getattr(fault, "around", None)):
            raise TypeError(
                f"a fault is one of egov_sdk.testing.faults, such as Cut(), or a status=503, and not {shown(fault)}"
            )
        self._check_fits(operation, fault)
        if len(self.plan.all()) >= _MOST_RULES:
            raise ValueError(f"no more than {_MOST_RULES} faults at a time")
        return self.plan.add(operation, fault, when=when)

    def _check_fits(self, operation: str, fault: Fault) -> None:
        signed, asked_with = self.profile, operation == "*" or operation.startswith(_SIGN_INS)
        if isinstance(fault, faults.WrongSignature) and signed is None:
            raise ValueError("nobody signs anything here, so that no signature can be wrong")
        if isinstance(fault, faults.ExpiredToken) and not asked_with and (signed is None or signed.token is None):
            raise ValueError(f"{operation} is asked without an access token, so that none can expire")

    def check(self, operation: str) -> None:
        """Return if there is such an operation, or it is ``*``.

        Raises:
            ValueError: there is none; the message names what is near.
        """
        if operation == "*" or operation in self.names.all:
            return
        near = get_close_matches(operation, self.names.all, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(self.names.all))}"
        raise ValueError(f"the province has no operation {shown(operation)!r}; {hint}")


def fault_row(planned: PlannedFault) -> dict[str, object]:
    """A planned fault as it is told to programs."""
    when, fault = planned.when, planned.fault
    values = {one.name: getattr(fault, one.name) for one in fields(fault)}  # type: ignore[arg-type]  # a dataclass
    return {
        "number": planned.number,
        "operation": planned.operation,
        "fault": _WORDS[type(fault)],
        **{name: value for name, value in values.items() if value is not None},
        "after": when.after,
        "wait_s": when.wait.total_seconds(),
        "lasting_s": None if when.lasting is None else when.lasting.total_seconds(),
        "times": when.times,
        "chance": when.chance,
        "seed_of_chance": when.seed,
        "asked": planned.asked,
        "happened": planned.happened,
    }


def switch_app(board: Switchboard, *, token: str) -> ThreadedApp:
    """The switches over HTTP, for whoever has the token: ``Authorization: Bearer …``.

    ``GET /faults`` lists what is planned, ``POST /faults`` plans one, ``DELETE /faults`` and ``/faults/NUMBER`` end
    all and one; ``GET /calls`` tells what was asked last; ``GET /operations`` what a fault can be planned for.

    Raises:
        ValueError: the token is empty.
    """
    if not token:
        raise ValueError("without a token everybody could break the province")

    def answer(received: Received) -> Reply:
        given = received.headers.get("authorization", "")
        if not compare_digest(given.encode("utf-8", "replace"), f"Bearer {token}".encode()):
            return Reply(401, headers=(("www-authenticate", "Bearer"),))
        try:
            return _switched(board, received, received.path)
        except (ValueError, OverflowError) as error:
            return _json({"message": shown(error)}, status=400)

    return ThreadedApp(answer, max_body_bytes=_BODY_BYTES)


def _switched(board: Switchboard, received: Received, path: str) -> Reply:
    one = _ONE.fullmatch(path)
    match received.method, path:
        case "GET", "/faults":
            return _json({"faults": [fault_row(planned) for planned in board.plan.all()]})
        case "GET", "/operations":
            return _json({"operations": board.operations, "faults": list(FAULTS)})
        case "GET", "/calls":
            return _json({"calls": [_call_row(call) for call in board.log.all()[-_LAST:]]})
        case "POST", "/faults":
            return _json({"number": _planned(board, received)}, status=201)
        case "DELETE", "/faults":
            board.plan.clear()
            return Reply(204)
    if one is not None and received.method == "DELETE":
        return Reply(204 if board.plan.remove(int(one[1])) else 404)
    return Reply(404)


def _planned(board: Switchboard, received: Received) -> int:
    try:
        asked = read_json(received.body)
    except ValueError:
        raise ValueError("the body is no JSON") from None
    if not isinstance(asked, dict):
        raise ValueError("the body is no object")
    operation, word = asked.pop("operation", ""), asked.pop("fault", "")
    if not isinstance(operation, str) or not isinstance(word, str):
        raise ValueError("operation and fault are texts")
    numbers: dict[str, float] = {}
    for name, value in asked.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{shown(name)} is no number")
        numbers[name] = value
    return board.switch_on(operation, fault=make_fault(word, _left(numbers)), when=_when(numbers))


_TIMES: Final = frozenset({"after", "wait_s", "lasting_s", "times", "chance", "seed_of_chance"})


def _left(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in numbers.items() if name not in _TIMES}


def _when(numbers: Mapping[str, float]) -> When:
    lasting, times = numbers.get("lasting_s"), numbers.get("times")
    return When(
        after=int(numbers.get("after", 0)),
        wait=timedelta(seconds=numbers.get("wait_s", 0)),
        lasting=None if lasting is None else timedelta(seconds=lasting),
        times=None if times is None else int(times),
        chance=numbers.get("chance", 1.0),
        seed=int(numbers.get("seed_of_chance", 0)),
    )


def _call_row(call: Call) -> dict[str, object]:
    """A call as it is told to programs: without its question, which may be personal."""
    return {
        "operation": call.operation,
        "method": call.method,
        "path": call.path,
        "caller": call.caller,
        "status": call.status,
        "at": call.at.isoformat(),
        "faults": list(call.faults),
    }


def _json(value: object, *, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value, ensure_ascii=False).encode())
