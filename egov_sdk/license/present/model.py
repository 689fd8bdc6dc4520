"""What stands in a presentation (亮证), as values; nothing here is verified by being read."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from egov_sdk.crypto import SM2PublicKey
from egov_sdk.license.states import StatusEntry

__all__ = ["AttestedLicense", "PresentationKind", "ReadPresentation", "SignedPresentation", "StatusEntry"]


class PresentationKind(enum.StrEnum):
    """Who signed what is shown."""

    ISSUER = "issuer"  # 平台代持: the issuer signed this very presentation
    HOLDER = "holder"  # 持证人持有: the holder's key signed it, over what the issuer attested before


@dataclass(frozen=True, slots=True)
class SignedPresentation:
    """The text of a QR code, and until when it may be shown."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedLicense:
    """What an issuer attested once for a holder's key (证照凭据): no item itself, only one commitment to all of them.

    ``body`` and ``signature`` are as received; ``root`` is the commitment to ``count`` items.
    """

    issuer_key_id: bytes
    type_code: str
    status: StatusEntry
    valid_from: datetime
    valid_until: datetime
    holder_key: SM2PublicKey
    count: int
    root: bytes
    body: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPresentation:
    """What a presentation says, not verified.

    Attributes:
        issuer_key_id: The first 8 bytes of the SM3 of the issuer's public key.
        fields: The items that are shown, by their names (see ``fields.ITEM_NUMBERS``).
        nonce: The verifier's challenge, or random.
        audience: The only verifier that may accept it; empty for anyone.
        attested: What the holder's key was attested for; None where the issuer signed the presentation.
        body: What was signed, as received.
        proven: Whether the items shown belong to the attested commitment; None where there is none.
    """

    kind: PresentationKind
    issuer_key_id: bytes
    type_code: str
    status: StatusEntry
    issued_at: datetime
    expires_at: datetime
    nonce: bytes
    audience: str
    fields: Mapping[str, str] = field(repr=False)
    attested: AttestedLicense | None = None
    proven: bool | None = None
    body: bytes = field(repr=False)
    signature: bytes = field(repr=False)
