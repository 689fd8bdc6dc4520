"""What is demanded of messages and receipts: whom to trust, and whose certificates are whose."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal, get_args

from egov_sdk.caches import BoundedCache
from egov_sdk.exchange.envelope.model import Party
from egov_sdk.pki import Certificate, ChainResult, TrustStore, validate_chain
from egov_sdk.pki.chain import Fetch, RevocationMode
from egov_sdk.report import Check, Outcome

__all__ = ["ClaimedTime", "ExchangePolicy"]

_CHAINS_BYTES: Final = 4 << 20
#: GM/T 0015-2012: who signs for an organisation or a system has a signing certificate.
_SIGNING: Final = frozenset({"digitalSignature", "nonRepudiation"})
ClaimedTime = Literal["if_still_valid", "accept"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePolicy:
    """The verifier's demands (验证策略). Nothing in it has a default that trusts anyone.

    Attributes:
        trust: the anchors. Empty means that no trust can be decided.
        parties: whose certificates are whose: under ``code/system`` or ``code`` the certificates that speak for that
            party, or the texts of their subjects. A renewed certificate with the same subject and issuer is the same
            party's; by the text of a subject, one of any issuer under the anchors is.
        receiver: who we are, for what arrives now. None verifies for the record: then the receivers and the time of
            delivery are not looked at.
        claimed_time: ``if_still_valid`` believes an unproven time only while the certificate is good now too;
            ``accept`` takes the signer's word.
        intermediates, crls, ocsps, fetch, revocation: as for ``egov_sdk.pki.validate_chain``.
        leeway: how far clocks may be apart.
    """

    trust: TrustStore
    parties: Mapping[str, Iterable[Certificate | str]]
    receiver: Party | None = None
    claimed_time: ClaimedTime = "if_still_valid"
    intermediates: tuple[Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    fetch: Fetch | None = None
    revocation: RevocationMode = "if_available"
    leeway: timedelta = timedelta(minutes=5)
    _chains: BoundedCache[tuple[Certificate, tuple[Certificate, ...]], ChainResult] = field(
        default_factory=lambda: BoundedCache(_CHAINS_BYTES), init=False, repr=False, compare=False
    )

    #: What was said of who signed under a chain: good for as long as the chain is the very same.
    judged: BoundedCache[Hashable, tuple[ChainResult, tuple[Check, ...]]] = field(
        default_factory=lambda: BoundedCache(_CHAINS_BYTES), init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if self.claimed_time not in get_args(ClaimedTime):
            raise ValueError(f"claimed_time must be one of {', '.join(get_args(ClaimedTime))}")
        if self.leeway < timedelta(0):
            raise ValueError("leeway must not be negative")
        known: dict[str, frozenset[Certificate | str]] = {}
        for party, certificates in self.parties.items():
            if isinstance(certificates, (str, Certificate)):
                raise TypeError("each of `parties` has a collection of certificates or subjects, not one")
            known[Party.parse(party).id] = frozenset(certificates)
        object.__setattr__(self, "parties", MappingProxyType(known))

    def chain(self, own: Certificate, others: tuple[Certificate, ...], *, at: datetime) -> ChainResult:
        """The chain of one who signed, as at a moment.

        Where nothing is given that tells of revocation, moments differ by dates alone: the same sender's chain is
        looked at once.
        """
        timeless = not self.crls and not self.ocsps and self.fetch is None
        known = self._chains.get((own, others)) if timeless else None
        if known is not None and all(one.covers(at) for one in known.path):
            return known
        found = validate_chain(
            own,
            trust=self.trust,
            at=at,
            intermediates=(*self.intermediates, *others),
            crls=self.crls,
            ocsps=self.ocsps,
            fetch=self.fetch,
            usage=_SIGNING,
            revocation=self.revocation,
        )
        if timeless and found.validity.outcome is Outcome.PASSED:
            self._chains.put((own, others), found, weight=sum(len(one.raw) for one in (own, *others)))
        return found

    def speaks_for(self, certificate: Certificate, party: Party) -> bool | None:
        """Whether a certificate is a party's: its system's if that is listed, else its organisation's.

        None where nobody has said which certificates the party has.
        """
        listed = self.parties.get(party.id, self.parties.get(party.code))
        if listed is None:
            return None
        return any(
            one == certificate.subject.text if isinstance(one, str) else _named_alike(one, certificate)
            for one in listed
        )


def _named_alike(one: Certificate, other: Certificate) -> bool:
    return one.subject.text == other.subject.text and one.issuer.text == other.issuer.text
