"""How each process of a served province makes its application: from values that can be handed from one to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from egov_sdk.gateway.policies import RateLimit

if TYPE_CHECKING:
    from egov_sdk.exchange.node import Partner
    from egov_sdk.gateway.asgi import App
    from egov_sdk.license.metadata import Authority
    from egov_sdk.pki import Certificate
    from egov_sdk.platform.standing import Standing

__all__ = ["ServedProvince"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedProvince:
    """A province in a folder, as it is to be served; called, it opens it and gives its application.

    Args:
        url: Where it is reached from outside, such as ``https://zheng.example.cn``.
        database: The URL of a PostgreSQL database; a file in the folder where it is empty.
        secret: Opens the office's keys.
        hosts: The names under which it may be called.
        rate: How often each caller may come, over all processes.
        counters: A folder in which all processes lay their counters; None for one process alone.
        partners: With whom its node exchanges; the process that delivers what is queued knows the ways to them.
        partner_roots: Those of partners, whose messages it believes.
    """

    folder: Path
    url: str
    profile: str
    database: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    department: Authority | None = None
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    rate: RateLimit | None = None
    counters: Path | None = None
    partners: tuple[Partner, ...] = ()
    partner_roots: tuple[Certificate, ...] = ()
    metrics_token: str = field(default="", repr=False)

    def open(self) -> Standing:
        """The province. Close it."""
        from egov_sdk.platform.standing import Standing

        standing = Standing.open(
            self.folder,
            url=self.url,
            clock=_now,
            database=self.database,
            secret=self.secret,
            department=self.department,
            partner_roots=self.partner_roots,
        )
        if self.partners:
            standing.office.node.meet(self.partners)
        return standing

    def app(self, standing: Standing) -> App:
        """Its application, to be served in this process."""
        from egov_sdk.platform.counting import SharedMetrics

        return standing.app(
            profile=self.profile,
            hosts=self.hosts,
            rate=self.rate,
            metrics=None if self.counters is None else SharedMetrics(self.counters),
            metrics_token=self.metrics_token,
            parts=standing.console(),
        )

    def __call__(self) -> App:
        """The application of a process that serves nothing else: what it opens is closed when it ends."""
        return self.app(self.open())


def _now() -> datetime:
    return datetime.now(UTC)
