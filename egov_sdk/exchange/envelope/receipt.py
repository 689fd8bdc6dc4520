"""Receipts (回执) that are signed: one by one, or thousands under one signature, each of which can be shown alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from egov_sdk.crypto import Signer
from egov_sdk.crypto.hashes import sm3_many
from egov_sdk.crypto.jose import to_base64url
from egov_sdk.crypto.keys import Random
from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.envelope.canonical import an_object, canonical, only, read_json, require
from egov_sdk.exchange.envelope.headers import (
    BATCH_FORMAT,
    Batch,
    decode_batch,
    decode_receipt,
    encode_batch,
)
from egov_sdk.exchange.envelope.json_form import octets, signature_members, signed_part
from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS, EnvelopeLimits
from egov_sdk.exchange.envelope.model import Receipt
from egov_sdk.exchange.envelope.problems import HEX_DIGITS, unreadable
from egov_sdk.exchange.envelope.signature import Signature, Stamper, check_signature, sign_headers
from egov_sdk.exchange.envelope.tree import LEAF, all_paths, path_lengths
from egov_sdk.pki import Certificate
from egov_sdk.report import Text
from egov_sdk.times import aware

__all__ = [
    "BATCH_FORMAT",
    "BatchPlace",
    "ReceiptReader",
    "SignedBatch",
    "SignedReceipt",
    "read_receipt",
    "sign_receipt",
    "sign_receipts",
]

RECEIPT_TYPE: Final = "egov-receipt+jws"
BATCH_TYPE: Final = "egov-receipt-batch+jws"


@dataclass(frozen=True, slots=True)
class SignedBatch:
    """One signature over the root of a hash tree of receipts."""

    batch: Batch
    headers: bytes = field(repr=False)
    signature: Signature


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """Where in a batch a receipt stands: counted from 0, and the digests beside its way to the root."""

    index: int
    path: tuple[bytes, ...] = field(repr=False)
    batch: SignedBatch


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt under a signature of its own, or under that of its batch; ``verify_receipt`` says whether it holds."""

    receipt_unverified: Receipt
    signed_by: Signature | BatchPlace

    @property
    def signature(self) -> Signature:
        """The signature that it is under."""
        return self.signed_by.batch.signature if isinstance(self.signed_by, BatchPlace) else self.signed_by

    def to_members(self) -> dict[str, object]:
        """The receipt as a JSON value."""
        payload = to_base64url(self.receipt_unverified.headers)
        if isinstance(self.signed_by, Signature):
            return {"payload": payload, "signatures": [signature_members(self.signed_by)]}
        return {
            "payload": payload,
            "proof": {
                "index": self.signed_by.index,
                "path": [one.hex() for one in self.signed_by.path],
                "batch": _batch_members(self.signed_by.batch),
            },
        }

    def to_json(self) -> bytes:
        """The receipt in JSON: a JWS, or for one of a batch its payload with the proof beside it."""
        if isinstance(self.signed_by, Signature):
            return canonical(self.to_members())
        # nothing here needs an escape: what canonical would write, with the batch written once for all that are in it
        place, payload = self.signed_by, to_base64url(self.receipt_unverified.headers)
        path = ",".join(f'"{one.hex()}"' for one in place.path)
        proof = f'{{"batch":{_batch_text(place.batch)},"index":{place.index},"path":[{path}]}}'
        return f'{{"payload":"{payload}","proof":{proof}}}'.encode("ascii")

    def to_xml(self) -> bytes:
        """The same receipt in canonical XML."""
        from egov_sdk.exchange.envelope.receipt_xml import write_receipt

        return write_receipt(self)


def _batch_members(batch: SignedBatch) -> dict[str, object]:
    return {"payload": to_base64url(batch.headers), "signatures": [signature_members(batch.signature)]}


@lru_cache(maxsize=16)
def _batch_text(batch: SignedBatch) -> str:
    return canonical(_batch_members(batch)).decode("ascii")


def sign_receipt(
    receipt: Receipt,
    *,
    signer: Signer,
    certificate: Certificate,
    certificates: Iterable[Certificate] = (),
    time_stamp: Stamper | None = None,
    random: Random = os.urandom,
) -> SignedReceipt:
    """Sign one receipt as its receiver.

    Args:
        certificates: the CAs between the certificate and an anchor.
        time_stamp: asks an authority to stamp the signature, so that its time is proven for good.
    Raises:
        ValueError: the certificate is not the signer's.
    """
    signature = sign_headers(
        receipt.headers,
        kind=RECEIPT_TYPE,
        signer=signer,
        certificate=certificate,
        certificates=certificates,
        time_stamp=time_stamp,
        random=random,
    )
    return SignedReceipt(receipt, signature)


def sign_receipts(
    receipts: Iterable[Receipt],
    *,
    signer: Signer,
    certificate: Certificate,
    at: datetime,
    certificates: Iterable[Certificate] = (),
    time_stamp: Stamper | None = None,
    random: Random = os.urandom,
) -> tuple[SignedReceipt, ...]:
    """Sign many receipts of one receiver at once; each can be handed out and verified without the others.

    Args:
        at: when the batch is signed, aware.
        certificates, time_stamp: as for sign_receipt; one time stamp serves all.
    Raises:
        ValueError: there is none, they are of several receivers, or ``at`` is naive.
    """
    listed = tuple(receipts)
    if not listed or len({one.receiver for one in listed}) != 1:
        raise ValueError("a batch holds the receipts of one receiver, at least one")
    leaves = sm3_many(LEAF + one.headers for one in listed)
    root, paths = all_paths(leaves)
    batch = Batch(root=root, size=len(listed), signer=listed[0].receiver, created_at=aware(at))
    headers = encode_batch(batch)
    signature = sign_headers(
        headers,
        kind=BATCH_TYPE,
        signer=signer,
        certificate=certificate,
        certificates=certificates,
        time_stamp=time_stamp,
        random=random,
    )
    signed = SignedBatch(batch, headers, signature)
    return tuple(
        SignedReceipt(one, BatchPlace(index, path, signed))
        for index, (one, path) in enumerate(zip(listed, paths, strict=True))
    )


def read_receipt(data: bytes, *, limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS) -> SignedReceipt:
    """Read a signed receipt in JSON or XML.

    Raises:
        ParseError: it is none.
        LimitExceeded: larger than the limits allow.
    """
    from egov_sdk.exchange.envelope.forms import begins_with, check_size

    check_size(data, limits)
    if begins_with(data) == b"<":
        from egov_sdk.exchange.envelope.receipt_xml import read_receipt as read_xml

        return read_xml(data, limits=limits)
    return receipt_of(read_json(data, depth=limits.depth), limits=limits)


def receipt_of(members: Mapping[str, object], *, limits: EnvelopeLimits) -> SignedReceipt:
    """As read_receipt, of what was read as JSON already."""
    return ReceiptReader(limits).read(members)


@dataclass(slots=True)
class ReceiptReader:
    """Reads receipts one after the other; the batch that those of one answer are in is read once."""

    limits: EnvelopeLimits = DEFAULT_ENVELOPE_LIMITS
    _met: tuple[Mapping[str, object], SignedBatch] | None = field(default=None, init=False, repr=False)

    def read(self, members: Mapping[str, object]) -> SignedReceipt:
        """As read_receipt, of what was read as JSON already."""
        if "proof" not in members:
            only(members, {"payload", "signatures"}, where="receipt")
            payload, signature = signed_part(members)
            return single(payload, signature, limits=self.limits)
        only(members, {"payload", "proof"}, where="receipt")
        proof = an_object(members["proof"], "proof")
        only(proof, {"index", "path", "batch"}, where="proof")
        return placed(
            octets(members, "payload"),
            index=require(proof, "index", int, where="proof"),
            path=require(proof, "path", list, where="proof"),
            batch=self._batch(an_object(proof.get("batch"), "batch")),
            limits=self.limits,
        )

    def _batch(self, members: Mapping[str, object]) -> SignedBatch:
        if self._met is not None and self._met[0] == members:
            return self._met[1]
        only(members, {"payload", "signatures"}, where="batch")
        headers, signature = signed_part(members)
        made = signed_batch(headers, signature, limits=self.limits)
        self._met = members, made
        return made


def single(payload: bytes, signature: Signature, *, limits: EnvelopeLimits) -> SignedReceipt:
    """A receipt of its parts, under its own signature."""
    check_signature(signature, kind=RECEIPT_TYPE, limits=limits, where="receipt")
    return SignedReceipt(decode_receipt(payload, limits=limits), signature)


def signed_batch(headers: bytes, signature: Signature, *, limits: EnvelopeLimits) -> SignedBatch:
    """A batch of its parts."""
    check_signature(signature, kind=BATCH_TYPE, limits=limits, where="batch")
    return SignedBatch(decode_batch(headers, limits=limits), headers, signature)


def placed(payload: bytes, *, index: object, path: object, batch: SignedBatch, limits: EnvelopeLimits) -> SignedReceipt:
    """A receipt of its parts, in a batch."""
    place, size = cast("int", index), batch.batch.size
    if not 0 <= place < size:
        raise unreadable(
            "receipt.proof",
            found=Text(f"leaf {place} of {size}", f"叶 {place}（共 {size}）"),
            expected=Text("a leaf that there is", "存在的叶"),
        )
    steps = _digests(cast("list[object]", path), limits)
    if len(steps) != (wanted := path_lengths(place, size)):
        raise unreadable(
            "receipt.proof",
            found=Text(f"a path of {len(steps)}", f"{len(steps)} 步路径"),
            expected=Text(f"{wanted} digests", f"{wanted} 个摘要"),
        )
    return SignedReceipt(decode_receipt(payload, limits=limits), BatchPlace(place, steps, batch))


def _digests(listed: list[object], limits: EnvelopeLimits) -> tuple[bytes, ...]:
    from egov_sdk.exchange.envelope.canonical import HEX_DIGEST

    if len(listed) > limits.proof_steps:
        raise LimitExceeded("proof_steps", allowed=limits.proof_steps, found=len(listed), where="proof")
    for one in listed:
        if not isinstance(one, str) or not HEX_DIGEST.fullmatch(one):
            raise unreadable(
                "receipt.proof", found=Text("something else in the path", "路径中有其他内容"), expected=HEX_DIGITS
            )
    return tuple(bytes.fromhex(cast("str", one)) for one in listed)
