"""Attachments through two nodes: every byte is what was signed, a cut goes on where it was, nothing half is taken."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from egov_sdk.exchange.envelope.evidence import verify_evidence
from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.envelope.problems import EnvelopeRejected
from egov_sdk.exchange.envelope.sealed import encrypt, stream_secret
from egov_sdk.exchange.envelope.stream import measure
from egov_sdk.exchange.node.attaching import windows
from egov_sdk.exchange.node.files import OWN, file_key
from egov_sdk.exchange.node.folder import FolderTransport
from egov_sdk.exchange.node.model import Direction, MessageRecord, MessageState
from egov_sdk.exchange.node.nats import BrokerAccess, NatsTransport
from egov_sdk.exchange.node.node import ExchangeNode
from egov_sdk.exchange.node.pieces import Pieces, is_pieces, progress_of, sealed_chunks, sealed_manifest
from egov_sdk.exchange.node.tables import CHUNKS, FILES
from egov_sdk.exchange.node.transport import Parcel
from egov_sdk.report import Outcome
from egov_sdk.storage.sql import delete, func, select, update
from tests.exchange_world import Town, draft, refused
from tests.nats import running_broker
from tests.unit.exchange.envelope.offices import offices
from tests.unit.exchange.node.test_accepting import final, refusal

Make = Callable[..., Town]
CONTENT = bytes(range(256)) * 4 + b"the end"
CHUNK = 100


def keep(node: ExchangeNode, content: bytes = CONTENT, *, name: str = "附件 1.pdf", chunk: int = CHUNK) -> Attachment:
    """A file at a node, in chunks so small that there are some."""
    source = io.BytesIO(content)
    measured = measure(source, chunk_bytes=chunk)
    found = measured.attachment(name, content_type="application/pdf")
    for first, part in windows(source, found, node.attachments.offer(found, measured.manifest)):
        node.attachments.bring(found, first, part)
    return found


def send(town: Town, *contents: bytes, **more: Any) -> MessageRecord:
    listed = contents or (CONTENT,)
    names = [f"file {number}" for number in range(len(listed))]
    found = tuple(keep(town.tax, one, name=name) for one, name in zip(listed, names, strict=True))
    return town.send(1, attachments=found, **more)


def taken(node: ExchangeNode, number: int = 1, name: str = "file 0") -> bytes:
    sink = io.BytesIO()
    length = node.attachments.save(number, name, sink)
    assert length == len(sink.getvalue())
    return sink.getvalue()


def count(node: ExchangeNode, table: Any) -> int:
    with node.desk.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def small(make: Make) -> Town:
    """Pieces of three chunks at most go at once."""
    return make(sender={"piece_bytes": 3 * (CHUNK + 16)})


def test_attachments_come_with_the_message_and_both_prove_them(town: Town) -> None:
    sent = send(town, CONTENT, b"", b"x" * CHUNK)
    town.settle_down()
    assert town.tax.find(sent.number).state is MessageState.DONE
    for node, number in ((town.market, 1), (town.tax, sent.number)):
        assert [taken(node, number, f"file {at}") for at in range(3)] == [CONTENT, b"", b"x" * CHUNK]
        files: dict[str, bytes | Path] = {f"file {at}": taken(node, number, f"file {at}") for at in range(3)}
        report = verify_evidence(node.evidence(number), policy=offices().policy(), at=town.watch.at, attachments=files)
        assert report.outcome is Outcome.PASSED
        wrong = files | {"file 0": CONTENT[:-1] + b"!"}
        report = verify_evidence(node.evidence(number), policy=offices().policy(), at=town.watch.at, attachments=wrong)
        assert report.outcome is Outcome.FAILED


def test_a_handler_reads_attachments_in_its_transaction(town: Town) -> None:
    read: list[bytes] = []

    @town.market.handler("other")
    def handle(_connection: Any, arrived: Any) -> None:
        read.append(b"".join(arrived.attachment("file 0")))
        read.append(b"".join(arrived.attachment("file 0", offset=250)))
        with pytest.raises(KeyError):
            arrived.attachment("file 9")

    send(town, service="other")
    town.settle_down()
    assert read == [CONTENT, CONTENT[250:]]


def test_what_is_on_the_way_is_sealed(town: Town) -> None:
    send(town, b"a secret of the tax office" * 20)
    town.settle_down()
    assert any(is_pieces(parcel.data) for parcel in town.way.sent)
    assert not any(b"secret" in parcel.data for parcel in town.way.sent)


def test_a_transfer_that_is_cut_goes_on_where_it_was(small: Town) -> None:
    left = [4]

    def cut(parcel: Parcel, accept: Callable[[bytes], bytes]) -> bytes:
        left[0] -= 1
        if left[0] < 0:
            raise ConnectionError
        return accept(parcel.data)

    small.way.fate = cut
    sent = send(small)
    small.tax.run_once()
    assert small.tax.find(sent.number).state is MessageState.QUEUED
    before = count(small.market, CHUNKS)
    assert 0 < before < 11
    small.way.fate = None
    begun = len(small.way.sent)
    small.settle_down()
    firsts = [Pieces.parse(one.data).first for one in small.way.sent[begun:] if is_pieces(one.data)]
    assert firsts == [before, before + 3]
    assert taken(small.market) == CONTENT


def test_cuts_without_end_do_not_use_up_the_attempts_while_it_gets_on(make: Make) -> None:
    town = make(sender={"piece_bytes": CHUNK})

    def cut(parcel: Parcel, accept: Callable[[bytes], bytes]) -> bytes:
        if is_pieces(parcel.data) and Pieces.parse(parcel.data).first in range(1, 11):
            town.way.fate = cut_next
        return accept(parcel.data)

    def cut_next(_parcel: Parcel, _accept: Callable[[bytes], bytes]) -> bytes:
        town.way.fate = cut
        raise ConnectionError

    town.way.fate = cut
    sent = send(town)
    town.settle_down()
    assert town.tax.find(sent.number).state is MessageState.DONE
    assert taken(town.market) == CONTENT


def test_without_progress_the_attempts_end(town: Town) -> None:
    def lost(parcel: Parcel, accept: Callable[[bytes], bytes]) -> bytes:
        if is_pieces(parcel.data):
            raise ConnectionError
        return accept(parcel.data)

    town.way.fate = lost
    sent = send(town)
    for _ in range(10):
        town.tax.run_once()
        town.watch.forward(seconds=61)
    found = town.tax.find(sent.number)
    assert (found.state, found.problem) == (MessageState.DEAD, "egov.exchange.node.transport")
    town.way.fate = None
    town.tax.replay(sent.number, reason="the line is repaired")
    town.settle_down()
    assert taken(town.market) == CONTENT


def test_answers_may_come_later(town: Town) -> None:
    answers: list[bytes] = []
    town.way.fate = lambda parcel, accept: answers.append(accept(parcel.data))
    sent = send(town)
    for _ in range(4):
        town.tax.run_once()
        while answers:
            town.tax.settle(answers.pop(0))
    assert town.tax.find(sent.number).state is MessageState.DONE
    town.settle_down()
    assert taken(town.market) == CONTENT


def test_other_messages_of_the_parcel_do_not_wait(small: Town) -> None:
    def cut(parcel: Parcel, accept: Callable[[bytes], bytes]) -> bytes:
        if is_pieces(parcel.data):
            raise ConnectionError
        return accept(parcel.data)

    small.way.fate = cut
    heavy, light = send(small), small.send(2)
    small.tax.run_once()
    assert small.tax.find(light.number).state is MessageState.DONE
    assert small.tax.find(heavy.number).state is MessageState.QUEUED


def test_an_ordered_partner_gets_them_in_order(make: Make) -> None:
    town = make(of_market={"ordered": True}, of_tax={"ordered": True})
    send(town)
    town.send(2)
    town.settle_down()
    assert town.applied == ['{"n":1}', '{"n":2}']


def test_a_message_that_comes_twice_needs_its_files_once(town: Town) -> None:
    send(town)
    town.settle_down()
    [first, *_, last] = town.way.sent
    assert town.market.accept(first.data) == town.market.accept(last.data) == town.way.answers[-1]
    assert count(town.market, FILES) == 1


def test_the_same_file_is_kept_once_for_each_owner(town: Town) -> None:
    first, second = keep(town.tax), keep(town.tax, name="again.pdf")
    assert first.digest == second.digest
    assert count(town.tax, FILES) == 1
    town.send(1, attachments=(first, second))
    town.send(2, attachments=(second,))
    town.settle_down()
    assert (count(town.market, FILES), taken(town.market, 1, "again.pdf")) == (1, CONTENT)


# ---------------------------------------------------------------------- giving files


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 3_000_000])
def test_a_file_of_any_size_is_attached(town: Town, size: int) -> None:
    content = (b"%d" % size).ljust(7, b".") * (size // 7 + 1)
    found = town.tax.attachments.attach("a.bin", io.BytesIO(content[:size]))
    town.send(1, attachments=(found,))
    town.settle_down()
    assert taken(town.market, 1, "a.bin") == content[:size]


def test_attaching_goes_on_where_it_was_cut(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    content, brought = b"x" * 3_000_000, list[int]()
    real = town.tax.attachments.bring

    def bring(attachment: Attachment, first: int, part: bytes) -> int:
        brought.append(first)
        if brought == [0, 4]:
            raise KeyboardInterrupt
        return real(attachment, first, part)

    monkeypatch.setattr(town.tax.attachments, "bring", bring)
    with pytest.raises(KeyboardInterrupt):
        town.tax.attachments.attach("a", io.BytesIO(content))
    town.tax.attachments.attach("a", io.BytesIO(content))
    assert brought == [0, 4, 4, 8]


def test_a_file_that_is_not_whole_is_not_sent(town: Town) -> None:
    whole = keep(town.tax)
    measured = measure(io.BytesIO(b"y" * 250), chunk_bytes=CHUNK)
    half = measured.attachment("half")
    refused("node.attachment_unknown", lambda: town.send(1, attachments=(half,)))
    town.tax.attachments.offer(half, measured.manifest)
    town.tax.attachments.bring(half, 0, b"y" * 200)
    assert town.tax.attachments.offer(half, measured.manifest) == 2
    refused("node.attachment_unknown", lambda: town.send(1, attachments=(whole, half)))
    assert town.tax.messages() == ()


def test_another_file_than_was_offered_is_refused(town: Town) -> None:
    measured = measure(io.BytesIO(CONTENT), chunk_bytes=CHUNK)
    found = measured.attachment("a")
    with pytest.raises(EnvelopeRejected):
        town.tax.attachments.offer(found, measured.manifest[:-1] + b"\0")
    refused("node.attachment_unknown", lambda: town.tax.attachments.bring(found, 0, CONTENT[:CHUNK]))
    town.tax.attachments.offer(found, measured.manifest)
    for first, part in (
        (0, b"z" * CHUNK),
        (1, CONTENT[:CHUNK]),
        (0, CONTENT[: CHUNK - 1]),
        (10, CONTENT[1000:] + b"."),
    ):
        with pytest.raises(EnvelopeRejected):
            town.tax.attachments.bring(found, first, part)
    for first in (-1, 11, 1 << 40):
        with pytest.raises(Exception, match="chunks"):
            town.tax.attachments.bring(found, first, CONTENT[:CHUNK])
    assert count(town.tax, CHUNKS) == 0


def test_forms_and_sizes_that_a_node_does_not_carry(make: Make) -> None:
    town = make(sender={"most_attachment_bytes": 300})
    refused("node.attachment_size", lambda: keep(town.tax))
    refused("node.attachment_form", lambda: town.send(1, attachments=(Attachment.of("plain", b"1"),)))
    many = measure(io.BytesIO(b"1"), chunk_bytes=1).attachment("a").model_copy(update={"length": 1 << 18})
    refused("node.attachment_form", lambda: town.tax.attachments.offer(many, b""))


@pytest.mark.parametrize("name", ["../a", "a/b", "a\\b", "C:a", "..", "", "a\0b", "a\nb", "a\u202eb"])
def test_a_name_that_leads_elsewhere_is_no_name(town: Town, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        town.tax.attachments.attach(name, io.BytesIO(b"1"))


def test_so_many_bytes_wait_for_a_partner_and_no_more(make: Make) -> None:
    town = make(of_market={"most_file_bytes": 1_500})
    send(town)
    assert refused("node.files_full", lambda: send(town, CONTENT[::-1])).detail["expected"] == "1500"
    town.settle_down()
    send(town, CONTENT[::-1])


# ---------------------------------------------------------------------- what a receiver does not take


class Sender:
    """A sender that does as it likes with a message that has one attachment."""

    def __init__(self, town: Town, content: bytes = CONTENT, **more: Any) -> None:
        self.town, self.content = town, content
        self.attachment = keep(town.tax, content, name="a")
        self.record = town.send(1, attachments=(self.attachment,), **more)
        with town.tax.desk.store.read() as connection:
            self.message = town.tax._outbox.read(connection, self.record.number)
            self.manifest = town.tax._files.manifest(connection, file_key(OWN, self.attachment))
        self.key = bytes(range(16))

    def offer(self, key: bytes | None = None) -> bytes:
        keys = [offices().market.decrypter.public_key()]
        return self.town.market.accept(encrypt(self.message, keys, secret=key or self.key).sealed.to_json())

    @property
    def chunks(self) -> list[bytes]:
        return [self.content[at : at + CHUNK] for at in range(0, len(self.content), CHUNK)]

    def pieces(self, first: int, sealed: bytes, *, count: int = 1, **more: Any) -> bytes:
        given: dict[str, Any] = {
            "message": self.record.id,
            "sender": offices().tax.party,
            "receiver": offices().market.party,
            "attachment": self.attachment.digest,
            **more,
        }
        return self.town.market.accept(Pieces(first=first, count=count, sealed=sealed, **given).to_bytes())

    def bring_manifest(self, key: bytes | None = None) -> bytes:
        return self.pieces(-1, sealed_manifest(stream_secret(key or self.key), self.attachment, self.manifest))

    def sealed(self, first: int, *chunks: bytes, key: bytes | None = None) -> bytes:
        return sealed_chunks(stream_secret(key or self.key), self.attachment, first, chunks)

    def bring(self, first: int, *chunks: bytes, **more: Any) -> bytes:
        return self.pieces(first, self.sealed(first, *chunks), count=len(chunks), **more)


@pytest.fixture
def sender(town: Town) -> Sender:
    return Sender(town)


def no(answer: bytes) -> str:
    return refusal(answer)[0]


def test_a_good_sender_is_heard_in_any_order_and_twice(sender: Sender) -> None:
    assert no(sender.offer()) == "node.attachments_awaited"
    assert progress_of(sender.bring_manifest()) == 0
    for first in (9, 3, 0, 6, 3, 0):
        chunks = sender.chunks[first : first + 3]
        assert progress_of(sender.bring(first, *chunks)) == first + len(chunks)
    assert b'"outcome"' not in sender.offer()
    assert sender.town.market.find(1).state is MessageState.QUEUED
    assert taken(sender.town.market, 1, "a") == CONTENT


def test_chunks_before_the_manifest_are_not_taken(sender: Sender) -> None:
    sender.offer()
    assert no(sender.bring(0, sender.chunks[0])) == "node.attachment_unknown"


def test_nothing_is_taken_that_no_message_waits_for(sender: Sender) -> None:
    assert no(sender.bring_manifest()) == "node.not_awaited"
    sender.offer()
    other = "f" * 64
    others = (
        {"message": "another-message-0001"},
        {"sender": offices().housing.party},
        {"receiver": offices().housing.party},
        {"attachment": other},
    )
    for changed in others:
        assert no(sender.bring(0, sender.chunks[0], **changed)) == "node.not_awaited"
    assert no(sender.bring(0, sender.chunks[0], sender=offices().market.party)) == "node.partner_unknown"
    assert count(sender.town.market, CHUNKS) == 0


def test_a_stranger_without_the_key_brings_nothing(sender: Sender) -> None:
    sender.offer()
    sealed = sealed_manifest(stream_secret(b"k" * 16), sender.attachment, sender.manifest)
    assert no(sender.pieces(-1, sealed)) == "stream.decryption"
    sender.bring_manifest()
    sealed = sender.sealed(0, sender.chunks[0], key=b"k" * 16)
    assert no(sender.pieces(0, sealed)) == "stream.decryption"
    assert count(sender.town.market, CHUNKS) == 0


def test_swapped_changed_cut_and_doubled_pieces_are_refused(sender: Sender) -> None:
    sender.offer()
    sender.bring_manifest()
    first, second = sender.chunks[:2]
    sealed = sender.sealed(0, first, second)
    size = CHUNK + 16
    swapped = sealed[size:] + sealed[:size]
    assert no(sender.pieces(0, swapped, count=2)) == "stream.decryption"
    assert no(sender.pieces(0, sealed[:-1], count=2)) == "stream.length"
    assert no(sender.pieces(0, sealed + b"\0", count=2)) == "stream.length"
    assert no(sender.pieces(0, sealed, count=1)) == "stream.length"
    assert no(sender.pieces(1, sealed, count=2)) == "stream.decryption"
    assert no(sender.pieces(0, bytes([sealed[0] ^ 1]) + sealed[1:], count=2)) == "stream.decryption"
    assert no(sender.pieces(10, sealed, count=2)) == "node.piece"
    assert no(sender.pieces(1 << 40, sealed, count=2)) == "node.piece"
    assert count(sender.town.market, CHUNKS) == 0


def test_a_sender_who_signs_one_thing_and_brings_another_is_refused(sender: Sender) -> None:
    sender.offer()
    wrong = bytearray(sender.manifest)
    wrong[5] ^= 1
    sealed = sealed_manifest(stream_secret(sender.key), sender.attachment, bytes(wrong))
    assert no(sender.pieces(-1, sealed)) == "stream.manifest"
    assert no(sender.pieces(-1, sealed[:-32])) == "stream.length"
    sender.bring_manifest()
    assert no(sender.bring(0, b"?" * CHUNK)) == "stream.chunk"
    assert no(sender.bring(0, sender.chunks[0], b"?" * CHUNK)) == "stream.chunk"
    assert count(sender.town.market, CHUNKS) == 0
    assert no(sender.offer()) == "node.attachments_awaited"


def test_the_manifest_cannot_be_brought_as_a_chunk(sender: Sender) -> None:
    sender.offer()
    sender.bring_manifest()
    sealed = sealed_manifest(stream_secret(sender.key), sender.attachment, sender.manifest)
    assert no(sender.pieces(0, sealed)) == "stream.decryption"


@pytest.mark.parametrize(
    "line",
    [
        b"egov-pieces/1 ",
        b"egov-pieces/1 \n",
        b"egov-pieces/1 {}\n",
        b"egov-pieces/1 []\nx",
        b'egov-pieces/1 {"first":0,"first":1}\n',
        b'egov-pieces/1 {"attachment":"../../a","count":1,"first":0,"message":"a","receiver":"b","sender":"c"}\n',
        b"egov-pieces/1 " + b" " * 5_000 + b"\n",
    ],
)
def test_what_is_no_piece_is_refused(town: Town, line: bytes) -> None:
    assert no(town.market.accept(line)) == "node.piece"


def test_numbers_that_are_none_are_refused(sender: Sender) -> None:
    good = Pieces(
        message=sender.record.id,
        sender=offices().tax.party,
        receiver=offices().market.party,
        attachment=sender.attachment.digest,
        first=0,
        count=1,
        sealed=b"",
    )
    line = good.to_bytes()
    for old, new in (
        (b'"first":0', b'"first":true'),
        (b'"first":0', b'"first":-2'),
        (b'"first":0', b'"first":1e3'),
        (b'"count":1', b'"count":0'),
        (b'"count":1', b'"count":"1"'),
        (b'"count":1', b'"count":1,"more":1'),
    ):
        assert no(sender.town.market.accept(line.replace(old, new))) == "node.piece"
    assert no(sender.town.market.accept(replace(good, first=-1, count=2).to_bytes())) == "node.piece"


@given(data=st.binary(max_size=400))
@hypothesis_settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_comes_as_pieces_is_answered(town: Town, data: bytes) -> None:
    assert town.market.accept(b"egov-pieces/1 " + data)


def test_what_a_receiver_takes_is_limited(make: Make) -> None:
    town = make(receiver={"most_attachment_bytes": 500})
    assert final(Sender(town).offer()) == "node.attachment_size"
    assert count(town.market, FILES) == 0
    town = make(of_tax={"most_file_bytes": 1_500})
    one = Sender(town)
    assert no(one.offer()) == no(one.offer()) == "node.attachments_awaited"
    assert no(Sender(town, CONTENT[::-1]).offer()) == "node.files_full"
    assert count(town.market, FILES) == 1


def test_what_never_came_takes_no_room_once_its_message_ran_out(make: Make) -> None:
    town = make(of_tax={"most_file_bytes": 1_500})
    assert no(Sender(town, life_s=60).offer()) == "node.attachments_awaited"
    assert no(Sender(town, CONTENT[::-1]).offer()) == "node.files_full"
    town.watch.forward(seconds=61)
    assert no(Sender(town, CONTENT[1:]).offer()) == "node.attachments_awaited"


def test_another_s_file_is_not_one_s_own(town: Town) -> None:
    """Who knows the digest of a file has not got the file: it must be brought by each sender."""
    keep(town.market)
    town.market.desk.store.prepare(at=town.watch.at)
    assert no(Sender(town).offer()) == "node.attachments_awaited"


def test_a_replayed_message_under_another_key_does_not_stop_the_sender(town: Town) -> None:
    sender = Sender(town)
    sender.offer()
    sender.bring_manifest()
    sender.bring(0, sender.chunks[0])
    sender.offer(b"other key 16 oct")
    assert no(sender.bring(1, sender.chunks[1])) == "stream.decryption"
    town.settle_down()
    assert town.tax.find(sender.record.number).state is MessageState.DONE
    assert taken(town.market, 1, "a") == CONTENT


def test_a_message_that_ran_out_is_waited_for_no_longer(town: Town) -> None:
    sender = Sender(town, life_s=60)
    sender.offer()
    sender.bring_manifest()
    town.watch.forward(seconds=61)
    assert no(sender.bring(0, sender.chunks[0])) == "node.not_awaited"


# ---------------------------------------------------------------------- the end, and damage


def test_what_is_finished_is_forgotten_with_its_files(town: Town) -> None:
    sent = send(town)
    unsent = keep(town.tax, b"never sent", name="b")
    town.settle_down()
    town.watch.forward(days=1)
    later = keep(town.tax, b"sent later", name="c")
    for node in (town.tax, town.market):
        node.purge(before=town.watch.at)
    assert (count(town.market, FILES), count(town.market, CHUNKS)) == (0, 0)
    assert (count(town.tax, FILES), count(town.tax, CHUNKS)) == (1, 1)
    refused("node.no_content", lambda: taken(town.tax, sent.number))
    refused("node.attachment_unknown", lambda: town.send(2, attachments=(unsent,)))
    town.send(3, attachments=(later,))
    town.settle_down()
    assert taken(town.market, 2, "c") == b"sent later"


def test_what_waits_is_not_forgotten(town: Town) -> None:
    sent = send(town)
    receiving = Sender(town, CONTENT[::-1])
    receiving.offer()
    town.watch.forward(days=1)
    for node in (town.tax, town.market):
        node.purge(before=town.watch.at)
    town.settle_down()
    assert town.tax.find(sent.number).state is MessageState.DONE
    assert taken(town.market, 1) in (CONTENT, CONTENT[::-1])


def test_a_damaged_chunk_is_never_given_out_or_sent(town: Town) -> None:
    sent = send(town)
    town.settle_down()
    for node, number in ((town.market, 1), (town.tax, sent.number)):
        with node.desk.store.write() as connection:
            connection.execute(update(CHUNKS).where(CHUNKS.c.position == 3).values(content=b"\0" + b"!" * CHUNK))
        with pytest.raises(EnvelopeRejected):
            taken(node, number)
        with node.desk.store.write() as connection:
            connection.execute(delete(CHUNKS).where(CHUNKS.c.position == 3))
        refused("node.no_content", partial(taken, node, number))


def test_a_sender_that_lost_a_chunk_gives_up_with_the_reason(town: Town) -> None:
    sent = send(town)
    with town.tax.desk.store.write() as connection:
        connection.execute(delete(CHUNKS))
    town.tax.run_once()
    found = town.tax.find(sent.number)
    assert (found.state, found.problem) == (MessageState.DEAD, "egov.exchange.node.no_content")


def test_at_rest_files_and_keys_are_encrypted(make: Make) -> None:
    key = {"at_rest": b"k" * 16}
    town = make(sender=key, receiver=key)
    send(town, b"plain words " * 50)
    town.settle_down()
    assert taken(town.market) == b"plain words " * 50
    for node in (town.tax, town.market):
        with node.desk.store.read() as connection:
            assert not any(b"plain" in one for one in connection.execute(select(CHUNKS.c.content)).scalars())
        node.desk._gcm = None
    refused("node.content_damaged", lambda: taken(town.market))


def test_what_has_no_such_attachment_says_so(town: Town) -> None:
    sent = send(town)
    refused("node.no_content", lambda: taken(town.tax, sent.number, "../file 0"))
    refused("node.message_unknown", lambda: taken(town.tax, 99))


# ---------------------------------------------------------------------- databases and transports


def test_on_every_database(make: Make, places: tuple[Path | str, Path | str]) -> None:
    town = make(*places)
    sent = send(town, CONTENT, b"second" * 100)
    town.settle_down()
    assert town.tax.find(sent.number).state is MessageState.DONE
    assert [taken(town.market, 1, name) for name in ("file 0", "file 1")] == [CONTENT, b"second" * 100]
    town.watch.forward(days=1)
    assert town.market.purge(before=town.watch.at) == 1
    assert count(town.market, CHUNKS) == 0


def test_through_a_folder(town: Town, tmp_path: Path) -> None:
    boxes = [FolderTransport(tmp_path, office.party, clock=town.watch) for office in (offices().tax, offices().market)]
    for node, box in zip((town.tax, town.market), boxes, strict=True):
        box.prepare()
        node.connect("direct", box)
    sent = send(town)
    for _ in range(6):
        town.tax.run_once()
        boxes[1].collect(town.market)
        boxes[0].collect(town.tax)
    assert town.tax.find(sent.number).state is MessageState.DONE
    assert taken(town.market) == CONTENT


@pytest.fixture
def brokers(town: Town) -> Iterator[list[NatsTransport]]:
    with running_broker() as server:
        made = [
            NatsTransport(BrokerAccess(servers=(server.url,)), office.party, stream="FILES", ack_wait_s=3.0)
            for office in (offices().tax, offices().market)
        ]
        for node, one in zip((town.tax, town.market), made, strict=True):
            one.prepare()
            node.connect("direct", one)
        yield made
        for one in made:
            one.close()


def until(town: Town, brokers: list[NatsTransport], reached: Callable[[], bool]) -> None:
    """Let both work until something is so; what a broker gave out too late for who asked comes again."""
    end = time.monotonic() + 90
    while not reached():
        assert time.monotonic() < end, "it never came to that"
        town.tax.run_once()
        brokers[1].collect(town.market, wait_s=0.2)
        brokers[0].collect(town.tax, wait_s=0.2)


def test_through_a_broker(town: Town, brokers: list[NatsTransport]) -> None:
    content = b"0123456789abcdef" * 50_000
    found = town.tax.attachments.attach("a.bin", io.BytesIO(content))
    sent = town.send(1, attachments=(found,))
    until(town, brokers, lambda: town.tax.find(sent.number).state is MessageState.DONE)
    assert taken(town.market, 1, "a.bin") == content


def test_messages_that_a_broker_does_not_carry_together_go_in_several_parcels(
    town: Town, brokers: list[NatsTransport]
) -> None:
    for number in range(20):
        town.send(number, content=b"%02d" % number * 40_000)
    until(town, brokers, lambda: {one.state for one in town.tax.messages()} == {MessageState.DONE})


def test_chunks_that_a_broker_does_not_carry_are_refused_for_good(town: Town, brokers: list[NatsTransport]) -> None:
    large = keep(town.tax, b"x" * (1 << 20), name="a", chunk=1 << 20)
    sent = town.send(1, attachments=(large,))
    until(town, brokers, lambda: town.tax.find(sent.number).state is MessageState.DEAD)
    found = town.tax.find(sent.number)
    assert (found.state, found.problem) == (MessageState.DEAD, "egov.exchange.node.piece_size")


class Forgetting:
    """A way that keeps nothing of what went over it."""

    def __init__(self, node: ExchangeNode) -> None:
        self.node = node

    def deliver(self, parcel: Parcel) -> bytes:
        return self.node.accept(parcel.data)


def test_memory_does_not_grow_with_the_file(town: Town, tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(48 << 20)
    with closing(Town.at(tmp_path / "tax.db", tmp_path / "market.db")) as big:
        big.listen()
        big.tax.connect("direct", Forgetting(big.market))
        tracemalloc.start()
        with path.open("rb") as file:
            found = big.tax.attachments.attach("zeros", file)
        sent = big.tax.send(draft(1, attachments=(found,)))
        big.tax.run_once()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert big.tax.find(sent.number).state is MessageState.DONE
        assert big.market.messages(direction=Direction.IN)[0].state is MessageState.QUEUED
        assert peak < 32 << 20
