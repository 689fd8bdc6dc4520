"""Presentations signed for the holder by the issuer (平台代持的亮证码): the whole short-lived text in one step.

The format is in the documentation, precise enough for a second implementation.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from egov_sdk.crypto import Signer
from egov_sdk.crypto.keys import Random
from egov_sdk.license.present import _cbor
from egov_sdk.license.present._shapes import TYPE_CODE, key_id, seconds, sign
from egov_sdk.license.present._wire import (
    BY_ISSUER,
    FOR_ISSUED,
    MOST_AUDIENCE,
    MOST_INDEX,
    MOST_LIFE,
    MOST_VALUE,
    NONCE_BYTES,
    read_presentation,
    written,
)
from egov_sdk.license.present.fields import MOST_ITEMS, packed_item
from egov_sdk.license.present.model import SignedPresentation, StatusEntry
from egov_sdk.license.problems import refuse

__all__ = ["DEFAULT_LIFE", "read_presentation", "sign_presentation"]

DEFAULT_LIFE: Final = timedelta(seconds=120)
_DRAWN_NONCE: Final = 8


def sign_presentation(
    type_code: str,
    fields: Mapping[str, str],
    *,
    status: StatusEntry,
    signer: Signer,
    at: datetime,
    lifetime: timedelta = DEFAULT_LIFE,
    not_after: datetime | None = None,
    audience: str = "",
    nonce: bytes | None = None,
    random: Random = os.urandom,
) -> SignedPresentation:
    """Show a licence whose items the platform holds (亮证, 平台代持): the issuer signs what is shown, and no more.

    Args:
        type_code: the licence's type, 21 characters; always shown.
        fields: the items to show, as ``items_of`` names them; empty shows "in force and of this type" only.
        status: where the issuer's status list speaks of this licence.
        signer: the issuer's key, whose certificate the verifier trusts for this type.
        lifetime: a second to a day, whole seconds.
        not_after: the end of the licence's term, where it has one: the presentation does not outlive it.
        audience: the only verifier who may accept it; empty for anyone.
        nonce: the verifier's challenge, 8 to 32 bytes; None draws one.
    Raises:
        LicenseRejected: items_too_many, item_too_long; qr_too_large: no QR code holds it all.
        ValueError: one of these is not so, or nothing is left of the licence's term.
    """
    body = (
        key_id(signer.public_key()),
        checked_type(type_code),
        checked_index(status.list_id, "list_id"),
        checked_index(status.index, "index"),
        *(times := checked_times(at, lifetime, not_after)),
        checked_nonce(nonce, random),
        checked_audience(audience),
        packed_items(fields, type_code),
    )
    octets = _cbor.encode(body)
    text = written((BY_ISSUER, octets, sign(signer, FOR_ISSUED, octets)))
    return SignedPresentation(text, datetime.fromtimestamp(sum(times), UTC))


def checked_type(code: str) -> str:
    if TYPE_CODE.fullmatch(code) is None:
        raise ValueError(f"type_code must have 18 digits or capitals and 3 digits, got {code!r}")
    return code


def checked_index(number: int, name: str) -> int:
    if not 0 <= number <= MOST_INDEX:
        raise ValueError(f"{name} must be 0 to {MOST_INDEX}, got {number}")
    return number


def checked_times(at: datetime, lifetime: timedelta, not_after: datetime | None) -> tuple[int, int]:
    """When it begins, and how many seconds it lives."""
    if not timedelta(seconds=1) <= lifetime <= MOST_LIFE:
        raise ValueError("a presentation lives for a second to a day")
    begin = seconds(at, "at")
    life = int(lifetime.total_seconds())
    if not_after is not None:
        life = min(life, seconds(not_after, "not_after") - begin)
        if life < 1:
            raise ValueError("nothing is left of the licence's term")
    return begin, life


def checked_nonce(nonce: bytes | None, random: Random) -> bytes:
    if nonce is None:
        return random(_DRAWN_NONCE)
    if len(nonce) not in NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES[0]} to {NONCE_BYTES[-1]} bytes, got {len(nonce)}")
    return nonce


def checked_audience(audience: str) -> str:
    if len(audience) > MOST_AUDIENCE:
        raise ValueError(f"an audience has at most {MOST_AUDIENCE} characters, got {len(audience)}")
    return audience


def packed_items(fields: Mapping[str, str], type_code: str) -> dict[_cbor.Key, str]:
    """The items as they stand in a QR code.

    Raises:
        LicenseRejected: items_too_many, item_too_long.
        ValueError: a name that no item has.
    """
    if len(fields) > MOST_ITEMS:
        raise refuse("items_too_many", found=len(fields), expected=MOST_ITEMS)
    for name, value in fields.items():
        if len(value) > MOST_VALUE:
            raise refuse("item_too_long", element=name, found=len(value), expected=MOST_VALUE)
    return dict(packed_item(name, value, type_code=type_code) for name, value in fields.items())
