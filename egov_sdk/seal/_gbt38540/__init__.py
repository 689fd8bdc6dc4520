"""SES structures: GB/T 38540-2020 (v4), and with it GM/T 0031 of 2014 (v1) and 2025 (v5), read and written."""

from __future__ import annotations

from egov_sdk.seal._gbt38540.encode import (
    encode_seal,
    encode_seal_info,
    encode_to_sign,
    encode_value,
)
from egov_sdk.seal._gbt38540.parse import parse_seal, parse_value

__all__ = ["encode_seal", "encode_seal_info", "encode_to_sign", "encode_value", "parse_seal", "parse_value"]
