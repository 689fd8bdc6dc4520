"""Signed receipts in canonical XML."""

from __future__ import annotations

from egov_sdk.exchange.envelope.canonical import an_object, canonical, only, require
from egov_sdk.exchange.envelope.limits import EnvelopeLimits
from egov_sdk.exchange.envelope.receipt import SignedReceipt, placed, signed_batch, single
from egov_sdk.exchange.envelope.signature import Signature
from egov_sdk.exchange.envelope.xml_form import (
    expect,
    headers_of,
    read_signature,
    signature_members,
    write_document,
)

__all__ = ["read_receipt", "receipt_of", "write_receipt"]


def write_receipt(receipt: SignedReceipt) -> bytes:
    """A signed receipt in XML."""
    members: dict[str, object] = {"headers": headers_of(receipt.receipt_unverified.headers)}
    place = receipt.signed_by
    if isinstance(place, Signature):
        members["signature"] = signature_members(place)
    else:
        members["proof"] = {
            "index": place.index,
            "path": [one.hex() for one in place.path],
            "batch": {
                "headers": headers_of(place.batch.headers),
                "signature": signature_members(place.batch.signature),
            },
        }
    return write_document("receipt", members)


def read_receipt(data: bytes, *, limits: EnvelopeLimits) -> SignedReceipt:
    """Read what write_receipt wrote.

    Raises:
        ParseError: it is something else.
        LimitExceeded: larger than the limits allow.
    """
    return receipt_of(expect(data, "receipt", limits=limits), limits=limits)


def receipt_of(members: dict[str, object], *, limits: EnvelopeLimits) -> SignedReceipt:
    """As read_receipt, of what was read as XML already."""
    payload = canonical(an_object(members.get("headers"), "headers"))
    if "proof" not in members:
        only(members, {"headers", "signature"}, where="receipt")
        return single(payload, read_signature(members.get("signature")), limits=limits)
    only(members, {"headers", "proof"}, where="receipt")
    proof = an_object(members["proof"], "proof")
    only(proof, {"index", "path", "batch"}, where="proof")
    batch = an_object(proof.get("batch"), "batch")
    only(batch, {"headers", "signature"}, where="batch")
    headers = canonical(an_object(batch.get("headers"), "headers"))
    signed = signed_batch(headers, read_signature(batch.get("signature")), limits=limits)
    path = [] if proof.get("path") == "" else require(proof, "path", list, where="proof")
    return placed(payload, index=require(proof, "index", int, where="proof"), path=path, batch=signed, limits=limits)
