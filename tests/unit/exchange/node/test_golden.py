"""What goes between nodes is written as ever, and read by a second implementation that shares no code."""

from __future__ import annotations

import json

import pytest
from cryptography.exceptions import InvalidTag

from egov_sdk.exchange.envelope.limits import DEFAULT_ENVELOPE_LIMITS
from egov_sdk.exchange.node.parcels import Refusal, read_answer
from egov_sdk.exchange.node.pieces import Pieces, progress_of
from egov_sdk.exchange.node.wrap import unwrap, wrap
from tests.independent import sm3
from tests.unit.exchange.envelope.second import Refused, open_pieces
from tests.unit.exchange.node.carried import MARKET, TAX
from tests.unit.exchange.node.golden import ATTACHMENT, CONTENT, FOLDER, SECRET, golden_files

NAMES = sorted(path.name for path in FOLDER.iterdir())
NAMED = {"length": len(CONTENT), "tree": {"chunk": 1024, "root": ATTACHMENT.digest}}


def _golden(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def test_every_golden_file_is_made_again_to_the_octet() -> None:
    assert {name: _golden(name) for name in NAMES} == golden_files()


def test_what_is_read_is_written_the_same() -> None:
    for name in ("manifest.pieces", "chunks.pieces"):
        assert Pieces.parse(_golden(name)).to_bytes() == _golden(name)
    for name in ("refusal.json", "refusal-awaits.json"):
        found = read_answer(_golden(name), limits=DEFAULT_ENVELOPE_LIMITS)
        assert isinstance(found, Refusal)
        assert found.to_json() == _golden(name)
    assert progress_of(_golden("progress.json")) == 3
    assert wrap(unwrap(_golden("wrapped.parcel"), us=MARKET, kind="parcel")) == _golden("wrapped.parcel")
    assert wrap(unwrap(_golden("wrapped.answer"), us=TAX, kind="answer")) == _golden("wrapped.answer")


def test_a_second_implementation_opens_the_pieces() -> None:
    (manifest,) = open_pieces(_golden("manifest.pieces"), NAMED, SECRET)
    chunks = open_pieces(_golden("chunks.pieces"), NAMED, SECRET)
    assert [sm3(b"\0" + one) for one in chunks] == [manifest[32:64], manifest[64:]]
    assert b"".join(chunks) == CONTENT[1024:]


def test_a_second_implementation_refuses_what_was_changed() -> None:
    data = _golden("chunks.pieces")
    line, _, sealed = data.partition(b"\n")
    moved = line.replace(b'"first":1', b'"first":0') + b"\n" + sealed
    for wrong in (data[:-1] + bytes([data[-1] ^ 1]), moved):
        with pytest.raises(InvalidTag):
            open_pieces(wrong, NAMED, SECRET)
    for wrong in (data[:-1], data + b"\0"):
        with pytest.raises((Refused, InvalidTag)):
            open_pieces(wrong, NAMED, SECRET)
    with pytest.raises(InvalidTag):
        open_pieces(data, NAMED, bytes(16))


def test_json_is_canonical() -> None:
    for name in ("progress.json", "refusal.json", "refusal-awaits.json"):
        value = json.loads(_golden(name))
        assert json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() == _golden(name)
