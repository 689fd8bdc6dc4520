"""The audit log: its chains, page after page from the newest entry back, and whether a chain holds."""

from __future__ import annotations

from typing import Final

from egov_sdk.identity.provider.web import Answer
from egov_sdk.platform.console.judging import shown_report
from egov_sdk.platform.console.problems import refuse
from egov_sdk.platform.console.sessions import NOBODY
from egov_sdk.platform.console.staff import AUDIT_CHAIN, COMMAND_LINE
from egov_sdk.platform.console.visits import Route, Visit
from egov_sdk.platform.powers import Power
from egov_sdk.report import Report, Text
from egov_sdk.storage import AuditLog
from egov_sdk.storage.audit import AuditEntry, AuditHead, audit_chains, verify_audit
from egov_sdk.storage.sql import Connection

__all__ = ["ROUTES"]

_PAGE: Final = 50
_VERIFIED: Final = "audit.verified"
_AUDITORS: Final = frozenset({Power.AUDITOR})
_FILTERS: Final = ("actor", "action", "subject")
_DIGITS: Final = 18
#: Who acts and has no account at the console.
_ACTORS: Final = {COMMAND_LINE: Text("command line", "命令行"), NOBODY: Text("nobody", "未登录者")}


def show(visit: Visit) -> Answer:
    """Some entries of one chain."""
    return _shown(visit, visit.query.get("chain", ""), None)


def verify(visit: Visit) -> Answer:
    """Go through a whole chain, and say whether it is as it was written."""
    chain, desk = visit.form.get("chain", ""), visit.desk
    with desk.staff.store.read() as connection:
        heads = {head.chain: head for head in audit_chains(connection)}
        if chain not in heads:
            raise refuse("console.chain_unknown", found=chain)
        report = verify_audit(connection, chain, at=desk.clock())
    detail = {"outcome": report.outcome.value, "number": heads[chain].number}
    desk.note(visit, _VERIFIED, subject=chain, detail=detail)
    return _shown(visit, chain, report)


def _shown(visit: Visit, chain: str, report: Report | None) -> Answer:
    desk, query = visit.desk, visit.query if report is None else {}
    asked = {name: query.get(name, "").strip()[:200] for name in _FILTERS}
    before = query.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) <= _DIGITS else 0
    with desk.staff.store.read() as connection:
        chains = audit_chains(connection)
        chosen = chain or next((head.chain for head in chains if head.chain == AUDIT_CHAIN), "")
        if chosen not in {head.chain for head in chains}:
            raise refuse("console.chain_unknown", found=chosen)
        entries = AuditLog(chosen).newest(connection, before=number, like=asked, limit=_PAGE + 1)
        states = [(head, _last_verified(connection, head)) for head in chains]
    return visit.show(
        "audit.html",
        title=("审计日志", "Audit log"),
        chains=states,
        chosen=chosen,
        asked=asked,
        entries=entries[:_PAGE],
        more=entries[_PAGE - 1].number if len(entries) > _PAGE else 0,
        names=desk.staff.names(),
        actors={actor: text.in_(visit.lang) for actor, text in _ACTORS.items()},
        report=None if report is None else shown_report(report, lang=visit.lang),
    )


def _last_verified(connection: Connection, head: AuditHead) -> AuditEntry | None:
    like = {"action": _VERIFIED, "subject": head.chain}
    return next(iter(AuditLog(AUDIT_CHAIN).newest(connection, like=like, limit=1)), None)


ROUTES = (
    Route("audit", "GET", "/audit", _AUDITORS, show),
    Route("audit_verify", "POST", "/audit/verify", _AUDITORS, verify),
)
