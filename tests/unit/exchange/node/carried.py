"""What the tests of transports send: parcels of two parties, and a receiver that remembers what it was given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from egov_sdk.exchange.envelope.model import Party
from egov_sdk.exchange.node.transport import Parcel

TAX = Party(code="91890000MT00000140")
MARKET = Party(code="91890000MT0000022T", system="reg.1")
BEGIN = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)


def parcel(number: int = 1, *, data: bytes = b"", sender: Party = TAX, receiver: Party = MARKET) -> Parcel:
    return Parcel(id=f"p{number}", sender=sender, receiver=receiver, count=1, data=data or b"sealed %d\n\0" % number)


@dataclass
class Hours:
    """A clock that is turned by hand."""

    at: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@dataclass
class Remembering:
    """A node that writes down what it is given; it fails as often as it is told to."""

    parcels: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    failures: int = 0

    def accept(self, data: bytes) -> bytes:
        self._fail()
        self.parcels.append(data)
        return b"answer to " + data

    def settle(self, answer: bytes) -> None:
        self._fail()
        self.answers.append(answer)

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
