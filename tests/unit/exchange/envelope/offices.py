"""Two departments, a third, a stranger and a time-stamping authority, all made from fixed numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.exchange.envelope.model import Attachment, Envelope, Party
from egov_sdk.exchange.envelope.policy import ClaimedTime, ExchangePolicy
from egov_sdk.exchange.envelope.receipt import SignedReceipt, sign_receipts
from egov_sdk.exchange.envelope.sealed import OpenedSeal, seal
from egov_sdk.exchange.envelope.signature import Stamper
from egov_sdk.exchange.envelope.signed import SignedMessage, sign_envelope
from egov_sdk.pki import Certificate, LocalCA, TrustStore
from egov_sdk.pki.timestamp import LocalTSA
from egov_sdk.report import Outcome, Report
from tests.world import seeded

__all__ = ["AT", "Office", "Offices", "assert_passes", "found", "offices"]

AT = datetime(2026, 6, 1, 9, 30, 0, 123000, tzinfo=UTC)
_MADE = AT - timedelta(days=100)


@dataclass(frozen=True)
class Office:
    """A department with a key to sign and a key to be encrypted to (双证书)."""

    party: Party
    signer: SM2PrivateKey
    certificate: Certificate
    decrypter: SM2PrivateKey
    encryption: Certificate

    @classmethod
    def of(cls, ca: LocalCA, number: int, name: str, *, days: int = 365) -> Office:
        signer, decrypter = SM2PrivateKey.from_int(1000 + number), SM2PrivateKey.from_int(2000 + number)
        return cls(
            Party(code=specimen_credit_code(number).number),
            signer,
            ca.issue("signer", name, signer.public_key(), at=_MADE, days=days),
            decrypter,
            ca.issue("encryption", f"{name} encryption", decrypter.public_key(), at=_MADE, days=days),
        )


@dataclass(frozen=True)
class Offices:
    ca: LocalCA
    tax: Office
    market: Office
    housing: Office
    stranger: Office
    tsa: LocalTSA
    other: LocalCA = field(repr=False)

    @property
    def trust(self) -> TrustStore:
        return TrustStore([self.ca.certificate])

    def policy(
        self,
        *,
        receiver: Party | None = None,
        crls: tuple[bytes, ...] = (),
        claimed_time: ClaimedTime = "if_still_valid",
        trust: TrustStore | None = None,
    ) -> ExchangePolicy:
        return ExchangePolicy(
            trust=self.trust if trust is None else trust,
            parties={one.party.id: [one.certificate] for one in (self.tax, self.market, self.housing)},
            receiver=receiver,
            crls=crls,
            claimed_time=claimed_time,
        )

    def envelope(
        self,
        content: bytes = b'{"name":"..."}',
        *,
        to: tuple[Office, ...] | None = None,
        seed: str = "message",
        at: datetime = AT,
        attachments: tuple[Attachment, ...] = (),
        life: timedelta = timedelta(days=7),
    ) -> Envelope:
        return Envelope.new(
            content,
            sender=self.tax.party,
            receivers=tuple(one.party for one in to or (self.market,)),
            service="s_11000000000001_0001",
            resource="307011024701/000001",
            purpose="企业开办联办核验",
            basis=("政务数据共享条例", "优化营商环境条例"),
            at=at,
            content_type="application/json",
            attachments=attachments,
            properties={"matter": "11330000MB1234567", "item": "<&>\"'"},
            life=life,
            random=seeded(seed),
        )

    def signed(self, envelope: Envelope | None = None, *, time_stamp: Stamper | None = None) -> SignedMessage:
        return sign_envelope(
            envelope or self.envelope(),
            signer=self.tax.signer,
            certificate=self.tax.certificate,
            time_stamp=time_stamp,
            random=seeded("sign"),
        )

    def sealed(
        self, envelope: Envelope | None = None, *, to: tuple[Office, ...] | None = None, compress: bool = False
    ) -> OpenedSeal:
        to = to or (self.market,)
        return seal(
            envelope or self.envelope(to=to),
            to={one.party: one.encryption for one in to},
            signer=self.tax.signer,
            certificate=self.tax.certificate,
            compress=compress,
            random=seeded("seal"),
        )

    def batch(
        self, message: SignedMessage, *, others: int = 4, at: datetime = AT, time_stamp: Stamper | None = None
    ) -> tuple[SignedReceipt, ...]:
        """Receipts of the market office: the first is for the message, the rest for others."""
        random = seeded("batch")
        receipts = [message.receipt(receiver=self.market.party, at=at, random=random)]
        for number in range(others):
            other = self.signed(self.envelope(b"%d" % number, seed=f"other {number}"))
            receipts.append(other.receipt(receiver=self.market.party, at=at, random=random))
        return sign_receipts(
            receipts,
            signer=self.market.signer,
            certificate=self.market.certificate,
            at=at,
            time_stamp=time_stamp,
            random=random,
        )

    def stamper(self, at: datetime = AT) -> Stamper:
        return lambda octets: self.tsa.stamp(octets, at=at)


@cache
def offices() -> Offices:
    ca, other = (
        LocalCA.create_root(
            f"Exchange Root {number}",
            at=_MADE,
            days=3650,
            key=SM2PrivateKey.from_int(100 + number),
            random=seeded(f"root {number}"),
        )
        for number in (1, 2)
    )
    tsa = SM2PrivateKey.from_int(300)
    return Offices(
        ca=ca,
        tax=Office.of(ca, 1, "Tax Office"),
        market=Office.of(ca, 2, "Market Office"),
        housing=Office.of(ca, 3, "Housing Office"),
        stranger=Office.of(other, 1, "Tax Office"),
        tsa=LocalTSA(tsa, ca.issue("tsa", "TSA", tsa.public_key(), at=_MADE, days=3650), random=seeded("tsa")),
        other=other,
    )


def assert_passes(report: Report) -> None:
    """Everything required has passed, with what had not in the failure."""
    assert [(check.id, check.reason) for check in report.blocking] == []
    assert report.outcome is Outcome.PASSED


def found(report: Report, outcome: Outcome = Outcome.FAILED) -> set[tuple[str, str]]:
    """What has failed, by id and reason."""
    return {(check.id, check.reason) for check in report.checks if check.outcome is outcome}
