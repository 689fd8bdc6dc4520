"""The golden files of what goes between nodes, made from fixed numbers. ``python -m tests.unit.exchange.node.golden``
writes them anew, which only a new version of a format should ever need.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from egov_sdk.exchange.envelope.canonical import canonical
from egov_sdk.exchange.envelope.stream import measure
from egov_sdk.exchange.node.parcels import Refusal
from egov_sdk.exchange.node.pieces import PROGRESS_FORMAT, Pieces, sealed_chunks, sealed_manifest
from egov_sdk.exchange.node.problems import refuse
from egov_sdk.exchange.node.wrap import answer_to, unwrap, wrap
from tests.unit.exchange.envelope.offices import offices
from tests.unit.exchange.node.carried import MARKET, parcel

__all__ = ["ATTACHMENT", "CONTENT", "FOLDER", "MESSAGE", "SECRET", "golden_files"]

FOLDER = Path(__file__).parents[3] / "vectors" / "exchange-node"
#: Two whole chunks and a part of one.
CONTENT = bytes(range(256)) * 10
MEASURED = measure(io.BytesIO(CONTENT), chunk_bytes=1024)
ATTACHMENT = MEASURED.attachment("名单.csv", content_type="text/csv")
MESSAGE = "message-of-the-golden-files"
#: The secret of the attachments of that message.
SECRET = bytes(range(16))


def _pieces(first: int, count: int, sealed: bytes) -> bytes:
    return Pieces(
        message=MESSAGE,
        sender=offices().tax.party,
        receiver=offices().market.party,
        attachment=ATTACHMENT.digest,
        first=first,
        count=count,
        sealed=sealed,
    ).to_bytes()


def golden_files() -> Mapping[str, bytes]:
    """Every golden file by its name."""
    chunks = [CONTENT[at : at + 1024] for at in range(1024, len(CONTENT), 1024)]
    too_many = refuse("node.rate", partner="a", expected=60)
    awaited = refuse("node.attachments_awaited", found=1)
    wrapped = wrap(parcel(1))
    answer = answer_to(unwrap(wrapped, us=MARKET, kind="parcel"), b"an answer")
    progress = {
        "attachment": ATTACHMENT.digest,
        "format": PROGRESS_FORMAT,
        "message": MESSAGE,
        "next": 3,
        "receiver": offices().market.party.id,
    }
    return {
        "manifest.pieces": _pieces(-1, 1, sealed_manifest(SECRET, ATTACHMENT, MEASURED.manifest)),
        "chunks.pieces": _pieces(1, 2, sealed_chunks(SECRET, ATTACHMENT, 1, chunks)),
        "progress.json": canonical(progress),
        "refusal.json": Refusal.of(too_many, message=MESSAGE, after_s=60).to_json(),
        "refusal-awaits.json": Refusal.of(
            awaited, message=MESSAGE, receiver=offices().market.party.id, awaits={ATTACHMENT.digest: 1}
        ).to_json(),
        "wrapped.parcel": wrapped,
        "wrapped.answer": wrap(answer),
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, content in golden_files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
