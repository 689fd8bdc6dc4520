"""The clients of a platform of sharing: one for threads, one for tasks. Both run the same flows over the gateway."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from egov_sdk.exchange.sharing import wire
from egov_sdk.exchange.sharing.model import (
    CaseState,
    Served,
    SharingCase,
    SharingNotice,
    SharingReminder,
    SharingStatistics,
)
from egov_sdk.exchange.sharing.signing import SignedStep, SignedUse
from egov_sdk.gateway import AsyncGatewayClient, Flow, GatewayClient
from egov_sdk.gateway.errors import AnswerMalformed
from egov_sdk.gateway.operations import Nothing, Operation, Question, perform
from egov_sdk.times import aware

__all__ = ["AsyncSharingClient", "SharingClient"]

A = TypeVar("A")


class _Flows:
    """The operations of SharingService, each as a flow."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def _ask(self, operation: Operation[Any, A], question: Question) -> Flow[A]:
        return perform(operation, question, refusals=wire.REFUSALS, prefix=self._prefix)

    def take(self, step: SignedStep) -> Flow[SharingCase]:
        found = yield from self._ask(wire.TAKE, wire.Take(step=step))
        _as_asked(found.case_id == step.read().case_id)
        return found

    def use(self, use: SignedUse) -> Flow[Served]:
        found = yield from self._ask(wire.USE, wire.Use(use=use))
        _as_asked(found.case_id == use.read().case_id)
        return found

    def case(self, case_id: str) -> Flow[SharingCase]:
        found = yield from self._ask(wire.CASE, wire.OfCase(case_id=case_id))
        _as_asked(found.case_id == case_id)
        return found

    def cases(
        self, party: str, resource: str, state: CaseState | None, after: str, limit: int
    ) -> Flow[tuple[SharingCase, ...]]:
        question = wire.Cases(party=party, resource=resource, state=state, after=after, limit=limit)
        found = yield from self._ask(wire.CASES, question)
        _as_asked(
            len(found) <= limit
            and all(
                one.case_id > after
                and party in ("", one.requester, one.provider)
                and resource in ("", one.request.resource)
                and state in (None, one.state)
                for one in found
            )
        )
        return found

    def overdue(self, at: datetime | None, soon: int) -> Flow[tuple[SharingReminder, ...]]:
        moment = aware(at) if at is not None else None
        return self._ask(wire.OVERDUE, wire.Overdue(at=moment, soon=soon))

    def notices(self, party: str) -> Flow[tuple[SharingNotice, ...]]:
        return self._ask(wire.NOTICES, wire.OfParty(party=party))

    def statistics(self) -> Flow[SharingStatistics]:
        return self._ask(wire.STATISTICS, Nothing())

    def evidence(self, case_id: str) -> Flow[bytes]:
        return self._ask(wire.EVIDENCE, wire.OfCase(case_id=case_id))


def _as_asked(fits: bool) -> None:
    """Return if an answer is about the case, or the cases, that were asked for."""
    if not fits:
        raise AnswerMalformed.not_asked("it has another case")


class SharingClient:
    """A SharingService at a platform (数据共享平台). Threads may share one.

    Args:
        gateway: How the platform is reached. Close it where it was made.
        prefix: Where the platform has the interface.
    """

    def __init__(self, gateway: GatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    def take(self, step: SignedStep) -> SharingCase:
        """As SharingService.take."""
        return self._gateway.run(self._flows.take(step))

    def use(self, use: SignedUse) -> Served:
        """As SharingService.use."""
        return self._gateway.run(self._flows.use(use))

    def case(self, case_id: str) -> SharingCase:
        """As SharingService.case."""
        return self._gateway.run(self._flows.case(case_id))

    def cases(
        self, *, party: str = "", resource: str = "", state: CaseState | None = None, after: str = "", limit: int = 100
    ) -> tuple[SharingCase, ...]:
        """As SharingService.cases."""
        return self._gateway.run(self._flows.cases(party, resource, state, after, limit))

    def overdue(self, *, at: datetime | None = None, soon: int = 2) -> tuple[SharingReminder, ...]:
        """As SharingService.overdue."""
        return self._gateway.run(self._flows.overdue(at, soon))

    def notices(self, party: str) -> tuple[SharingNotice, ...]:
        """As SharingService.notices."""
        return self._gateway.run(self._flows.notices(party))

    def statistics(self) -> SharingStatistics:
        """As SharingService.statistics."""
        return self._gateway.run(self._flows.statistics())

    def evidence(self, case_id: str) -> bytes:
        """As SharingService.evidence."""
        return self._gateway.run(self._flows.evidence(case_id))


class AsyncSharingClient:
    """As SharingClient, awaited. Tasks of one asyncio loop may share one."""

    def __init__(self, gateway: AsyncGatewayClient, *, prefix: str = "") -> None:
        self._gateway, self._flows = gateway, _Flows(prefix)

    async def take(self, step: SignedStep) -> SharingCase:
        """As SharingService.take."""
        return await self._gateway.run(self._flows.take(step))

    async def use(self, use: SignedUse) -> Served:
        """As SharingService.use."""
        return await self._gateway.run(self._flows.use(use))

    async def case(self, case_id: str) -> SharingCase:
        """As SharingService.case."""
        return await self._gateway.run(self._flows.case(case_id))

    async def cases(
        self, *, party: str = "", resource: str = "", state: CaseState | None = None, after: str = "", limit: int = 100
    ) -> tuple[SharingCase, ...]:
        """As SharingService.cases."""
        return await self._gateway.run(self._flows.cases(party, resource, state, after, limit))

    async def overdue(self, *, at: datetime | None = None, soon: int = 2) -> tuple[SharingReminder, ...]:
        """As SharingService.overdue."""
        return await self._gateway.run(self._flows.overdue(at, soon))

    async def notices(self, party: str) -> tuple[SharingNotice, ...]:
        """As SharingService.notices."""
        return await self._gateway.run(self._flows.notices(party))

    async def statistics(self) -> SharingStatistics:
        """As SharingService.statistics."""
        return await self._gateway.run(self._flows.statistics())

    async def evidence(self, case_id: str) -> bytes:
        """As SharingService.evidence."""
        return await self._gateway.run(self._flows.evidence(case_id))
