"""The clients of a platform of seals: one for threads, one for tasks. Both run the same flows over the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from egov_sdk.errors import InputError
from egov_sdk.gateway import AsyncGatewayClient, Flow, GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.operations import Operation, Question, perform
from egov_sdk.gateway.removed import are_removed
from egov_sdk.report import Report
from egov_sdk.report_wire import load_report
from egov_sdk.seal import wire
from egov_sdk.seal._stamped import misfit
from egov_sdk.seal.placement import Placement, Seam
from egov_sdk.seal.records import SealAction, SealRecord, SealRequest, SealUse
from egov_sdk.times import aware

__all__ = ["AsyncSealClient", "SealClient"]

A = TypeVar("A")


class _Flows:
    """The operations of SealService, each as a flow."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def _ask(self, operation: Operation[Any, A], question: Question) -> Flow[A]:
        return perform(operation, question, refusals=wire.REFUSALS, prefix=self._prefix)

    def make(self, request: SealRequest) -> Flow[SealRecord]:
        found = yield from self._ask(wire.MAKE, wire.Make(request=request))
        asked = (request.name, request.owner, request.seal_id or found.seal_id)
        _as_asked((found.name, found.owner, found.seal_id) == asked)
        return found

    def find(self, seal_id: str) -> Flow[SealRecord]:
        found = yield from self._ask(wire.FIND, wire.OfSeal(seal_id=seal_id))
        _as_asked(found.seal_id == seal_id)
        return found

    def seals(self, owner_code: str) -> Flow[tuple[SealRecord, ...]]:
        found = yield from self._ask(wire.LIST, wire.OfOwner(owner_code=owner_code))
        _as_asked(not owner_code or all(one.owner.code == owner_code for one in found))
        return found

    def act(self, seal_id: str, action: SealAction, reason: str, actor: str) -> Flow[SealRecord]:
        if action in (SealAction.MAKE, SealAction.STAMP):
            raise ValueError(f"action is one of resume, revoke, suspend, got {action}")
        found = yield from self._ask(wire.ACT, wire.Act(seal_id=seal_id, action=action, reason=reason, actor=actor))
        _as_asked(found.seal_id == seal_id)
        return found

    def stamp(
        self, document: bytes, seal_id: str, at: Sequence[Placement | Seam], reason: str, actor: str
    ) -> Flow[bytes]:
        if not at:
            raise ValueError("give at least one place for the seal")
        question = wire.Stamp(seal_id=seal_id, document=document, at=tuple(at), reason=reason, actor=actor)
        found = yield from self._ask(wire.STAMP, question)
        if are_removed(found):  # out of a recording, which has no documents
            return found
        try:
            wrong = misfit(found, document, seal_id=seal_id, at=at)
        except InputError as error:
            wrong = f"it cannot be read: {error}"
        if wrong:
            raise AnswerMalformed.not_asked(wrong)
        return found

    def uses(self, seal_id: str, after: int, limit: int) -> Flow[tuple[SealUse, ...]]:
        if after < 0 or limit < 0:
            raise ValueError("after and limit are not negative")
        found = yield from self._ask(wire.USES, wire.UsesOf(seal_id=seal_id, after=after, limit=limit))
        _as_asked(len(found) <= limit and all(one.seal_id == seal_id for one in found))
        return found

    def verify(self, document: bytes, at: datetime | None) -> Flow[Report]:
        moment = None if at is None else aware(at)
        value = yield from self._ask(wire.VERIFY, wire.Verify(document=document, at=moment))
        try:
            report = load_report(value)
        except InputError as error:
            raise AnswerMalformed(f"the platform's report is none: {error}", origin="platform") from None
        if moment is not None and report.verified_at != moment:
            raise AnswerMalformed("the platform's report is as of another time", origin="platform")
        return report


def _as_asked(fits: bool) -> None:
    """Return if an answer is about the seal that was asked for."""
    if not fits:
        raise AnswerMalformed.not_asked("it has another seal")


class SealClient:
    """A SealService at a platform (电子印章平台). Threads may share one.

    Args:
        gateway: How the platform is reached. Close it where it was made.
        prefix: Where the platform has the interface.
    """

    def __init__(self, gateway: GatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    def make(self, request: SealRequest) -> SealRecord:
        """As SealService.make."""
        return self._gateway.run(self._flows.make(request))

    def find(self, seal_id: str) -> SealRecord:
        """As SealService.find."""
        return self._gateway.run(self._flows.find(seal_id))

    def seals(self, *, owner_code: str = "") -> tuple[SealRecord, ...]:
        """As SealService.seals."""
        return self._gateway.run(self._flows.seals(owner_code))

    def act(self, seal_id: str, action: SealAction, *, reason: str, actor: str = "") -> SealRecord:
        """As SealService.act."""
        return self._gateway.run(self._flows.act(seal_id, action, reason, actor))

    def stamp(
        self, document: bytes, seal_id: str, *, at: Sequence[Placement | Seam], reason: str = "", actor: str = ""
    ) -> bytes:
        """As SealService.stamp."""
        return self._gateway.run(self._flows.stamp(document, seal_id, at, reason, actor))

    def uses(self, seal_id: str, *, after: int = 0, limit: int = 100) -> tuple[SealUse, ...]:
        """As SealService.uses."""
        return self._gateway.run(self._flows.uses(seal_id, after, limit))

    def verify(self, document: bytes, *, at: datetime | None = None) -> Report:
        """As SealService.verify."""
        return self._gateway.run(self._flows.verify(document, at))


class AsyncSealClient:
    """As SealClient, awaited. Tasks of one asyncio loop may share one."""

    def __init__(self, gateway: AsyncGatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    async def make(self, request: SealRequest) -> SealRecord:
        """As SealService.make."""
        return await self._gateway.run(self._flows.make(request))

    async def find(self, seal_id: str) -> SealRecord:
        """As SealService.find."""
        return await self._gateway.run(self._flows.find(seal_id))

    async def seals(self, *, owner_code: str = "") -> tuple[SealRecord, ...]:
        """As SealService.seals."""
        return await self._gateway.run(self._flows.seals(owner_code))

    async def act(self, seal_id: str, action: SealAction, *, reason: str, actor: str = "") -> SealRecord:
        """As SealService.act."""
        return await self._gateway.run(self._flows.act(seal_id, action, reason, actor))

    async def stamp(
        self, document: bytes, seal_id: str, *, at: Sequence[Placement | Seam], reason: str = "", actor: str = ""
    ) -> bytes:
        """As SealService.stamp."""
        return await self._gateway.run(self._flows.stamp(document, seal_id, at, reason, actor))

    async def uses(self, seal_id: str, *, after: int = 0, limit: int = 100) -> tuple[SealUse, ...]:
        """As SealService.uses."""
        return await self._gateway.run(self._flows.uses(seal_id, after, limit))

    async def verify(self, document: bytes, *, at: datetime | None = None) -> Report:
        """As SealService.verify."""
        return await self._gateway.run(self._flows.verify(document, at))
