"""SM4 (分组密码算法) and its modes. For new formats take SM4GCM; the others are for formats that prescribe them."""

from __future__ import annotations

from egov_sdk.crypto._sm4_aead import SM4CCM, SM4GCM, InvalidTag
from egov_sdk.crypto._sm4_modes import (
    XtsStandard,
    sm4_cbc_decrypt,
    sm4_cbc_encrypt,
    sm4_cfb8_decrypt,
    sm4_cfb8_encrypt,
    sm4_cfb_decrypt,
    sm4_cfb_encrypt,
    sm4_ctr,
    sm4_ecb_decrypt,
    sm4_ecb_encrypt,
    sm4_ofb,
    sm4_xts_decrypt,
    sm4_xts_encrypt,
)
from egov_sdk.crypto._sm4_stream import (
    SM4CBCDecryptor,
    SM4CBCEncryptor,
    SM4CTRStream,
    SM4GCMDecryptor,
    SM4GCMEncryptor,
)

__all__ = [
    "SM4CCM",
    "SM4GCM",
    "InvalidTag",
    "SM4CBCDecryptor",
    "SM4CBCEncryptor",
    "SM4CTRStream",
    "SM4GCMDecryptor",
    "SM4GCMEncryptor",
    "XtsStandard",
    "sm4_cbc_decrypt",
    "sm4_cbc_encrypt",
    "sm4_cfb8_decrypt",
    "sm4_cfb8_encrypt",
    "sm4_cfb_decrypt",
    "sm4_cfb_encrypt",
    "sm4_ctr",
    "sm4_ecb_decrypt",
    "sm4_ecb_encrypt",
    "sm4_ofb",
    "sm4_xts_decrypt",
    "sm4_xts_encrypt",
]
