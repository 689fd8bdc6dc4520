"""The golden files: one of every form, made from fixed numbers. ``python -m tests.unit.exchange.envelope.golden``
writes them anew, which only a new version of the format should ever need.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from egov_sdk.exchange.envelope.evidence import Evidence
from egov_sdk.exchange.envelope.model import ReceiptOutcome
from egov_sdk.exchange.envelope.receipt import sign_receipt
from egov_sdk.exchange.envelope.stream import measure
from egov_sdk.exchange.envelope.stream_sealed import encrypt_stream
from tests.unit.exchange.envelope.offices import AT, offices
from tests.world import seeded

__all__ = ["FOLDER", "LARGE", "golden_files"]

FOLDER = Path(__file__).parents[3] / "vectors" / "exchange"
#: The attachment of the golden messages: two whole chunks and a part of one.
LARGE = bytes(range(256)) * 10


def golden_files() -> Mapping[str, bytes]:
    """Every golden file by its name."""
    world = offices()
    measured = measure(io.BytesIO(LARGE), chunk_bytes=1024)
    attachment = measured.attachment("名单.csv", content_type="text/csv")
    envelope = world.envelope(attachments=(attachment,), to=(world.market, world.housing))
    to = (world.market, world.housing)
    made, packed = world.sealed(envelope, to=to), world.sealed(envelope, to=to, compress=True)
    authority = replace(world.tsa, random=seeded("golden tsa"))  # serial numbers of its own
    receipt = made.message.receipt(
        receiver=world.market.party, at=AT, outcome=ReceiptOutcome.COMPLETED, random=seeded("receipt")
    )
    single = sign_receipt(
        receipt,
        signer=world.market.signer,
        certificate=world.market.certificate,
        time_stamp=lambda octets: authority.stamp(octets, at=AT),
        random=seeded("receipt signature"),
    )
    batch = world.batch(made.message)
    stream = io.BytesIO()
    encrypt_stream(
        io.BytesIO(LARGE),
        stream,
        attachment=attachment,
        manifest=measured.manifest,
        secret=made.stream_secret,
        random=seeded("stream"),
    )
    return {
        "root.pem": world.ca.certificate.to_pem(),
        "tax.pem": world.tax.certificate.to_pem(),
        "market.pem": world.market.certificate.to_pem(),
        "headers.json": envelope.headers,
        "signed.json": made.message.to_json(),
        "signed.xml": made.message.to_xml(),
        "sealed.json": made.sealed.to_json(),
        "sealed.xml": made.sealed.to_xml(),
        "sealed-deflated.json": packed.sealed.to_json(),
        "receipt.json": single.to_json(),
        "receipt.xml": single.to_xml(),
        "receipt-of-a-batch.json": batch[0].to_json(),
        "receipt-of-a-batch.xml": batch[0].to_xml(),
        "evidence.json": Evidence.of(made.message, (single, batch[0])).to_json(),
        "attachment.manifest": measured.manifest,
        "attachment.sealed": stream.getvalue(),
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, content in golden_files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
