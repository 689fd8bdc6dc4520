"""Time stamps of a seal value: what each kind must be about."""

from __future__ import annotations

from egov_sdk.pki.timestamp import TimeStampToken, verify_token
from egov_sdk.seal.model import SealValue

__all__ = ["check_token"]


def check_token(token: TimeStampToken, value: SealValue) -> None:
    """Raise InvalidSignature unless the token is right and about this value.

    A token behind the value is over the signature's octets; a token in the time field of v1 can only be
    over what existed before the signature: the hash of the document.

    Source:
        GB/T 38540-2020; GM/T 0031-2014.
    """
    verify_token(token, imprint_of=value.signature if value.time_stamp is not None else value.data_hash)
