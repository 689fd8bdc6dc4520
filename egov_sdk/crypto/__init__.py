"""SM2, SM3 and SM4, keys and signers: bytes in, bytes out."""

from __future__ import annotations

from egov_sdk.crypto._backend.select import BackendStatus, available_backends, backend, set_backend
from egov_sdk.crypto.hashes import SM3, hmac_sm3, sm3, sm3_many
from egov_sdk.crypto.keyfiles import load_private_key, load_public_key
from egov_sdk.crypto.keys import DEFAULT_SIGNER_ID, SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.signature import InvalidSignature
from egov_sdk.crypto.signer import Signer, open_signer, register_key_scheme, sign_message

__all__ = [
    "DEFAULT_SIGNER_ID",
    "SM3",
    "BackendStatus",
    "InvalidSignature",
    "SM2PrivateKey",
    "SM2PublicKey",
    "Signer",
    "available_backends",
    "backend",
    "hmac_sm3",
    "load_private_key",
    "load_public_key",
    "open_signer",
    "register_key_scheme",
    "set_backend",
    "sign_message",
    "sm3",
    "sm3_many",
]
