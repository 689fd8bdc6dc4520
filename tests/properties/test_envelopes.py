"""Whatever is done to a message, a receipt or a stream: it never passes as another, and only InputErrors are raised."""

from __future__ import annotations

import contextlib
import io
import json
from datetime import datetime, timedelta, timezone
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import EgovError, InputError
from egov_sdk.exchange.envelope.evidence import Evidence
from egov_sdk.exchange.envelope.files import read_file, verify_file
from egov_sdk.exchange.envelope.forms import read_message
from egov_sdk.exchange.envelope.headers import decode_envelope, decode_receipt
from egov_sdk.exchange.envelope.json_form import read_signed
from egov_sdk.exchange.envelope.model import Attachment, Envelope, Party
from egov_sdk.exchange.envelope.sealed import SealedMessage, decrypt
from egov_sdk.exchange.envelope.stream import measure
from egov_sdk.exchange.envelope.stream_sealed import decrypt_stream, encrypt_stream
from egov_sdk.exchange.envelope.xml_form import read_signed as read_signed_xml
from egov_sdk.report import Outcome
from tests.unit.exchange.envelope.offices import AT, offices
from tests.world import seeded

WORLD = offices()
POLICY = WORLD.policy()


@cache
def _files(*, stamped: bool = True) -> dict[str, bytes]:
    stamper = WORLD.stamper() if stamped else None
    message = WORLD.signed(time_stamp=stamper)
    receipts = WORLD.batch(message, time_stamp=stamper)
    sealed = WORLD.sealed().sealed
    return {
        "signed.json": message.to_json(),
        "signed.xml": message.to_xml(),
        "sealed.json": sealed.to_json(),
        "sealed.xml": sealed.to_xml(),
        "receipt.json": receipts[1].to_json(),
        "receipt.xml": receipts[1].to_xml(),
        "evidence.json": Evidence.of(message, receipts[:1]).to_json(),
    }


_lines = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\u202a\u202b\u202c\u202d\u202e\ufffe\uffff"
    ),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() == text and not any(0x2066 <= ord(one) <= 0x2069 for one in text))
_moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001 - as above
    timezones=st.sampled_from([timezone(timedelta(hours=hours)) for hours in (-7, 0, 8)]),
)
_parties = st.builds(
    Party,
    code=st.sampled_from([one.party.code for one in (WORLD.tax, WORLD.market, WORLD.housing)]),
    system=st.sampled_from(["", "hall", "hall.2-x"]),
)
_attachments = st.builds(
    Attachment,
    name=_lines.filter(lambda text: not set(text) & set("/\\:") and text not in (".", "..")),
    length=st.integers(0, (1 << 53) - 1),
    digest=st.binary(min_size=32, max_size=32).map(bytes.hex),
    chunk_bytes=st.sampled_from([0, 1, 4 << 20]),
)


@st.composite
def _envelopes(draw: st.DrawFn) -> Envelope:
    return Envelope.new(
        draw(st.binary(max_size=200)),
        sender=draw(_parties),
        receivers=draw(st.lists(_parties, min_size=1, max_size=3, unique=True)),
        purpose=draw(_lines),
        basis=draw(st.lists(_lines, min_size=1, max_size=3)),
        at=draw(_moments),
        service=draw(_lines),
        resource=draw(st.one_of(st.just(""), _lines)),
        attachments=draw(st.lists(_attachments, max_size=2, unique_by=lambda one: one.name)),
        properties=draw(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_.-]{0,9}", fullmatch=True), _lines, max_size=3)),
        life=timedelta(milliseconds=draw(st.integers(1, 10**10))),
    )


@settings(max_examples=60, deadline=None)
@given(_envelopes())
def test_every_envelope_goes_through_every_form_without_loss(envelope: Envelope) -> None:
    assert decode_envelope(envelope.headers, content=envelope.content).envelope == envelope
    message = WORLD.signed(envelope)
    as_json, as_xml = message.to_json(), message.to_xml()
    assert read_signed(as_json) == message == read_signed_xml(as_xml)
    assert read_signed(as_json).envelope_unverified == envelope
    assert read_signed_xml(as_xml).to_json() == as_json
    assert read_signed(as_json).to_xml() == as_xml
    receipt = message.receipt(receiver=envelope.receivers[0], at=AT)
    assert decode_receipt(receipt.headers) == receipt


@pytest.mark.parametrize("name", ["signed.json", "signed.xml", "receipt.json", "receipt.xml", "evidence.json"])
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_makes_another_file_that_passes(name: str, data: st.DataObject) -> None:
    good = _files(stamped=False)[name]  # a token has octets that nothing in it signs
    place = data.draw(st.integers(0, len(good) * 8 - 1))
    changed = bytearray(good)
    changed[place // 8] ^= 1 << place % 8
    # a receipt alone is held against a message: another one here
    other = WORLD.signed(WORLD.envelope(b"0", seed="other 0")).to_json() if name.startswith("receipt") else None
    with contextlib.suppress(InputError):
        found = read_file(bytes(changed))
        report = verify_file(bytes(changed), policy=POLICY, at=AT, message=other)
        assert report.outcome is not Outcome.PASSED or found == read_file(good)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_no_flipped_bit_in_a_sealed_message_opens(data: st.DataObject) -> None:
    good = _files()[data.draw(st.sampled_from(["sealed.json", "sealed.xml"]))]
    place = data.draw(st.integers(0, len(good) * 8 - 1))
    changed = bytearray(good)
    changed[place // 8] ^= 1 << place % 8
    with contextlib.suppress(EgovError):
        sealed = read_message(bytes(changed))
        assert isinstance(sealed, SealedMessage)
        decrypt(sealed, WORLD.market.decrypter)
        assert sealed == read_message(good)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.floats()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["payload", "signatures", "content", "proof", "header", "format", "message", "recipients"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), _JSON.map(lambda value: json.dumps(value).encode())))
def test_whatever_comes_only_input_errors_are_raised(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read_file(data)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_is_cut_out_or_put_in_only_input_errors_are_raised(data: st.DataObject) -> None:
    good = _files()[data.draw(st.sampled_from(sorted(_files())))]
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 50)))
    put_in = data.draw(st.sampled_from([b"", b"{", b'"', b"<", b"null", b"1", b"&a;", b'{"a":1}', b"\xff"]))
    with contextlib.suppress(InputError):
        read_file(good[:start] + put_in + good[end:])


@settings(max_examples=150, deadline=None)
@given(
    size=st.integers(0, 700),
    chunk=st.sampled_from([1, 64, 100, 1000]),
    place=st.integers(0, 1 << 16),
    cut=st.sampled_from(["flip", "drop", "double"]),
)
def test_no_change_of_an_encrypted_stream_gives_other_content(size: int, chunk: int, place: int, cut: str) -> None:
    content, secret = seeded(f"{size}")(size), bytes(16)
    measured = measure(io.BytesIO(content), chunk_bytes=chunk)
    attachment, sealed, opened = measured.attachment("a"), io.BytesIO(), io.BytesIO()
    encrypt_stream(
        io.BytesIO(content),
        sealed,
        attachment=attachment,
        manifest=measured.manifest,
        secret=secret,
        random=seeded("x"),
    )
    good = sealed.getvalue()
    at = place % len(good)
    changed = {
        "flip": good[:at] + bytes([good[at] ^ 1 << place % 8]) + good[at + 1 :],
        "drop": good[:at] + good[at + 1 :],
        "double": good[: at + 1] + good[at:],
    }[cut]
    with pytest.raises(EgovError) as caught:
        decrypt_stream(io.BytesIO(changed), opened, attachment=attachment, secret=secret)
    assert caught.value.code.startswith("egov.exchange.stream.")
    assert content.startswith(opened.getvalue())
