"""What is demanded of messages and receipts: whom to trust, and whose certificates are whose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Literal, get_args

from egov_sdk.exchange.envelope.model import Party
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.pki.chain import Fetch, RevocationMode

__all__ = ["ClaimedTime", "ExchangePolicy"]

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
