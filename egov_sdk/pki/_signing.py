"""Signing, with the random source handed down where the signer takes one."""

from __future__ import annotations

import os

from egov_sdk.crypto.keys import Random, SM2PrivateKey
from egov_sdk.crypto.signer import Signer, sign_message


def sign(signer: Signer, data: bytes, *, random: Random = os.urandom) -> bytes:
    """The signature over data, in DER."""
    if isinstance(signer, SM2PrivateKey):
        return signer.sign(data, random=random)
    return sign_message(signer, data)
