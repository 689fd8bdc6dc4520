"""Messages that are signed and not encrypted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from egov_sdk.crypto import Signer
from egov_sdk.crypto.keys import Random
from egov_sdk.exchange.envelope.headers import ReadHeaders, decode_envelope, own_headers, routing_members
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Envelope, Party, Receipt, ReceiptOutcome
from egov_sdk.exchange.envelope.signature import Signature, Stamper, check_signature, sign_headers
from egov_sdk.pki import Certificate

__all__ = ["KeptMessage", "SignedMessage", "sign_envelope"]

SIGNED_TYPE: Final = "egov-envelope+jws"


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A message with its sender's signature (已签名报文); it holds only once ``verify_envelope`` has passed."""

    read: ReadHeaders
    signature: Signature

    @property
    def envelope_unverified(self) -> Envelope:
        """What it says."""
        return self.read.envelope

    @property
    def digest(self) -> bytes:
        """What a receipt names it by: of the headers, and of the content that they state."""
        return self.read.message_digest

    @property
    def routing(self) -> dict[str, object]:
        """The headers that may be seen outside an encryption."""
        return routing_members(self.read.members)

    def receipt(
        self,
        *,
        receiver: Party,
        at: datetime,
        outcome: ReceiptOutcome = ReceiptOutcome.ACCEPTED,
        reason: str = "",
        response: Envelope | None = None,
        random: Random = os.urandom,
    ) -> Receipt:
        """The receipt for this message and for the signature that came with it, not signed yet; as ``Receipt.of``.

        Raises:
            ValueError: the time is naive, or the message is not for this receiver.
        """
        return Receipt.of(
            self.envelope_unverified,
            receiver=receiver,
            at=at,
            outcome=outcome,
            reason=reason,
            response=response,
            signature=self.signature.value,
            digest=self.digest,
            random=random,
        )

    def to_json(self) -> bytes:
        """The message in JSON: a JWS with its payload and, beside it, the content."""
        from egov_sdk.exchange.envelope.json_form import write_signed

        return write_signed(self)

    def to_xml(self) -> bytes:
        """The same message in canonical XML."""
        from egov_sdk.exchange.envelope.xml_form import write_signed

        return write_signed(self)


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A signed message as it was kept by whoever signed or verified it (留存报文).

    What it says is not read anew: that it is the same message, its digest shows.

    Attributes:
        octets: the message in JSON.
        digest: of its headers and of its content, as they are there.
        members: its headers.
    """

    octets: bytes = field(repr=False)
    digest: bytes
    members: Mapping[str, object] = field(repr=False)
    signature: Signature

    @property
    def routing(self) -> dict[str, object]:
        """As SignedMessage.routing."""
        return routing_members(self.members)

    def to_json(self) -> bytes:
        """The message as it was kept."""
        return self.octets

    def read(self, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> SignedMessage:
        """The message, with all that it says.

        Raises:
            InputError: it is none.
        """
        from egov_sdk.exchange.envelope.json_form import read_signed

        return read_signed(self.octets, limits=limits)


def sign_envelope(
    envelope: Envelope,
    *,
    signer: Signer,
    certificate: Certificate,
    certificates: Iterable[Certificate] = (),
    time_stamp: Stamper | None = None,
    random: Random = os.urandom,
) -> SignedMessage:
    """Sign a message: every header, the receivers among them, and through their digests the content and attachments.

    Args:
        certificates: the CAs between the certificate and an anchor.
        time_stamp: asks an authority to stamp the signature, such as ``LocalTSA(...).stamp`` with a time.
    Raises:
        ValueError: the certificate is not the signer's.
    """
    read = own_headers(envelope)
    signature = sign_headers(
        read.headers,
        kind=SIGNED_TYPE,
        signer=signer,
        certificate=certificate,
        certificates=certificates,
        time_stamp=time_stamp,
        random=random,
    )
    return SignedMessage(read, signature)


def signed_message(
    headers: bytes, content: bytes, signature: Signature, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS
) -> SignedMessage:
    """A message of its parts as they came.

    Raises:
        ParseError, LimitExceeded: they are none.
    """
    check_signature(signature, kind=SIGNED_TYPE, limits=limits, where="signature")
    return SignedMessage(decode_envelope(headers, content=content, limits=limits), signature)
