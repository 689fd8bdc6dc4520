"""What a verifier demands: whom to trust, as at when, and which checks must pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.pki.chain import Fetch
from egov_sdk.seal.checks import CHECKS, REQUIRED
from egov_sdk.times import aware

__all__ = ["ClaimedTime", "Policy"]

#: What to do with a signing time that no time stamp proves.
ClaimedTime = Literal["if_still_valid", "accept", "ignore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The verifier's demands (验证策略). Nothing in it has a default that trusts anyone.

    Attributes:
        name: Stands in the report.
        trust: The anchors. Empty means that no trust check can be decided.
        seal_makers: Anchors of those who may make seals, where these are not the same. Nothing in a certificate
            tells a maker from a signer: without this, every signer under the anchors could make a seal for others.
        at: The time of verification, aware.
        required: Ids of the checks that must pass.
        claimed_time: ``if_still_valid`` believes an unproven signing time only while the certificates are
            good at ``at`` too; ``accept`` takes the signer's word; ``ignore`` judges everything as at ``at``.
        intermediates, crls, ocsps: What is needed to build chains and to ask about revocation, as bytes.
        certificates: Signer certificates for values that hold none.
        fetch: Called with a URL for certificates or revocation lists; None means no network.
        refused_leniencies: Codes of encoding deviations that are not accepted; ``*`` means all. BER is read but not
            accepted by default: it lets one content be written in many ways.
        tolerance: How far clocks may differ.
    """

    name: str
    trust: TrustStore
    at: datetime
    required: frozenset[str]
    claimed_time: ClaimedTime = "if_still_valid"
    intermediates: tuple[Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    seal_makers: TrustStore | None = None
    fetch: Fetch | None = None
    refused_leniencies: frozenset[str] = frozenset({"ber_encoding", "ber"})
    tolerance: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        aware(self.at)
        if not self.required:
            raise ValueError("a policy that requires nothing would decide nothing")
        if self.claimed_time not in get_args(ClaimedTime):
            raise ValueError(
                f"claimed_time must be one of {', '.join(get_args(ClaimedTime))}, got {self.claimed_time!r}"
            )
        unknown = self.required - CHECKS.rows.keys()
        if unknown:
            raise ValueError(f"no such check: {', '.join(sorted(unknown))}")

    @classmethod
    def standard(
        cls,
        *,
        trust: TrustStore | Iterable[Certificate] | None,
        at: datetime,
        claimed_time: ClaimedTime = "if_still_valid",
        intermediates: Iterable[Certificate] = (),
        crls: Iterable[bytes] = (),
        ocsps: Iterable[bytes] = (),
        certificates: Iterable[Certificate] = (),
        seal_makers: TrustStore | Iterable[Certificate] | None = None,
        fetch: Fetch | None = None,
    ) -> Policy:
        """All four answers, with revocation looked at where information was given and a time stamp where there is one.

        Raises:
            ValueError: ``at`` is naive.
        """
        return cls(
            name="standard/1",
            trust=_store(trust),
            at=at,
            required=REQUIRED,
            claimed_time=claimed_time,
            intermediates=tuple(intermediates),
            crls=tuple(crls),
            ocsps=tuple(ocsps),
            certificates=tuple(certificates),
            seal_makers=None if seal_makers is None else _store(seal_makers),
            fetch=fetch,
        )

    @classmethod
    def strict(
        cls,
        *,
        trust: TrustStore | Iterable[Certificate],
        at: datetime,
        intermediates: Iterable[Certificate] = (),
        crls: Iterable[bytes] = (),
        ocsps: Iterable[bytes] = (),
        seal_makers: TrustStore | Iterable[Certificate] | None = None,
        fetch: Fetch | None = None,
    ) -> Policy:
        """As standard, and: no deviation in the encoding, nobody's word for the time, revocation known for sure.

        Raises:
            ValueError: ``at`` is naive.
        """
        return cls(
            name="strict/1",
            trust=_store(trust),
            at=at,
            required=REQUIRED | {"trust.signer_revocation", "trust.seal_maker_revocation", "coverage.later_additions"},
            claimed_time="ignore",
            intermediates=tuple(intermediates),
            crls=tuple(crls),
            ocsps=tuple(ocsps),
            seal_makers=None if seal_makers is None else _store(seal_makers),
            fetch=fetch,
            refused_leniencies=frozenset({"*"}),
        )

    def refuses(self, leniency: str) -> bool:
        return "*" in self.refused_leniencies or leniency in self.refused_leniencies


def _store(trust: TrustStore | Iterable[Certificate] | None) -> TrustStore:
    if isinstance(trust, TrustStore):
        return trust
    return TrustStore(trust or ())
