"""The one TLV walker of the project: strict DER in, DER out, and BER turned into DER where a format allows it."""

from __future__ import annotations

from egov_sdk.crypto._der_read import Tlv, ber_to_der, children, expect, read_one, read_tlv
from egov_sdk.crypto._der_values import (
    decode_bit_string,
    decode_boolean,
    decode_integer,
    decode_oid,
    decode_string,
    decode_time,
)
from egov_sdk.crypto._der_write import (
    bit_string,
    boolean,
    context,
    encode_tlv,
    generalized_time,
    ia5_string,
    integer,
    null,
    octet_string,
    oid,
    printable_string,
    sequence,
    set_of,
    utc_time,
    utf8_string,
)

__all__ = [
    "Tlv",
    "ber_to_der",
    "bit_string",
    "boolean",
    "children",
    "context",
    "decode_bit_string",
    "decode_boolean",
    "decode_integer",
    "decode_oid",
    "decode_string",
    "decode_time",
    "encode_tlv",
    "expect",
    "generalized_time",
    "ia5_string",
    "integer",
    "null",
    "octet_string",
    "oid",
    "printable_string",
    "read_one",
    "read_tlv",
    "sequence",
    "set_of",
    "utc_time",
    "utf8_string",
]
