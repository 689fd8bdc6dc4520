"""Whom to trust when certificates sign, and what came of it as checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.pki import Certificate, TrustStore, validate_chain
from egov_sdk.pki.chain import Fetch, RevocationMode
from egov_sdk.report import Check, CheckTable, Outcome

if TYPE_CHECKING:
    from egov_sdk.storage import Store

__all__ = ["CertificateTrust", "StoredReplay", "check_certificate"]

#: GM/T 0015-2012: who signs for a person or a system has a signing certificate.
_SIGNING: Final = frozenset({"digitalSignature"})
TRUST_CHECKS: Final = ("trust.certificate", "trust.validity", "trust.revocation", "trust.usage")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateTrust:
    """Whom to trust (信任设置), as for ``egov_sdk.pki.validate_chain``. Without an anchor nothing can be decided.

    Attributes:
        revocation: ``required`` makes missing information undecided, ``if_available`` lets it pass, ``off`` does not
            look.
    """

    trust: TrustStore
    intermediates: tuple[Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    fetch: Fetch | None = None
    revocation: RevocationMode = "if_available"


def check_certificate(
    certificate: Certificate | None,
    trusting: CertificateTrust,
    *,
    table: CheckTable,
    at: datetime,
    intermediates: Iterable[Certificate] = (),
) -> Iterator[Check]:
    """The four checks of trust in one certificate."""
    if certificate is None:
        yield table.check("trust.certificate", Outcome.UNKNOWN, "unreadable")
        for name in TRUST_CHECKS[1:]:
            yield table.check(name, Outcome.UNKNOWN, "not_reached")
        return
    chain = validate_chain(
        certificate,
        trust=trusting.trust,
        at=at,
        intermediates=(*trusting.intermediates, *intermediates),
        crls=trusting.crls,
        ocsps=trusting.ocsps,
        fetch=trusting.fetch,
        usage=_SIGNING,
        revocation=trusting.revocation,
    )
    reasons = {Outcome.PASSED: "ok", Outcome.FAILED: "untrusted", Outcome.UNKNOWN: "undecided"}
    found = chain.anchored
    yield table.check("trust.certificate", found.outcome, reasons[found.outcome], found=found.message)
    found = chain.validity
    reason = "ok" if found.outcome is Outcome.PASSED else "out_of_dates"
    yield table.check("trust.validity", found.outcome, reason, found=found.message)
    found = chain.revocation
    outcome, reason = found.outcome, {**reasons, Outcome.FAILED: "revoked"}.get(found.outcome, "not_looked_at")
    if trusting.revocation == "if_available" and found.reason == "no_information":
        outcome, reason = Outcome.SKIPPED, "no_information"
    yield table.check("trust.revocation", outcome, reason, found=found.message)
    if certificate.is_ca:
        yield table.check("trust.usage", Outcome.FAILED, "is_ca")
        return
    found = chain.usage
    reason = "ok" if found.outcome is Outcome.PASSED else "key_usage"
    yield table.check("trust.usage", found.outcome, reason, found=found.message)


class StoredReplay:
    """What was used already, in a database: the ReplayStore for several processes.

    Args:
        store: prepared, as ``Store.prepare`` does it.
        realm: keeps the keys of one purpose apart from those of others.
    """

    def __init__(self, store: Store, *, realm: str) -> None:
        from egov_sdk.storage import KeyStore

        self._store, self._keys = store, KeyStore(realm)

    def first_use(self, key: str, *, until_s: float, now_s: float) -> bool:
        """Whether the key is new; remembers it until then.

        Raises:
            StorageError: the database failed, or holds as many keys as it may.
        """
        from datetime import UTC

        at, until = (datetime.fromtimestamp(moment, UTC) for moment in (now_s, until_s))
        with self._store.write() as connection:
            return self._keys.use_once(connection, key, at=at, until=until)
