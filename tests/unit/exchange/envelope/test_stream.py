from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from egov_sdk.errors import EgovError, LimitExceeded
from egov_sdk.exchange.envelope.attachments import matches
from egov_sdk.exchange.envelope.limits import EnvelopeLimits
from egov_sdk.exchange.envelope.model import Attachment
from egov_sdk.exchange.envelope.problems import EnvelopeRejected
from egov_sdk.exchange.envelope.stream import copy_verified, measure, resume_point, verified_chunks
from egov_sdk.exchange.envelope.stream_sealed import (
    decrypt_stream,
    encrypt_stream,
    opened_chunks,
    read_manifest,
    sealed_length,
)
from egov_sdk.exchange.envelope.tree import leaf, root_of
from tests.world import seeded

CHUNK = 100
SECRET = bytes(range(16))
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 16 * CHUNK, 16 * CHUNK + 1, 33 * CHUNK, 40 * CHUNK + 7]


class _Slow(io.BytesIO):
    """A file that gives seven bytes at a time, as a network does."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 7) if size is not None and size >= 0 else size)


def _file(size: int) -> bytes:
    return seeded(f"file of {size}")(size)


def _measured(content: bytes) -> tuple[Attachment, bytes]:
    measured = measure(io.BytesIO(content), chunk_bytes=CHUNK)
    return measured.attachment("a.bin"), measured.manifest


def _sealed(content: bytes, *, secret: bytes = SECRET, seed: str = "salt") -> tuple[Attachment, bytes]:
    attachment, manifest = _measured(content)
    sink = io.BytesIO()
    written = encrypt_stream(
        io.BytesIO(content), sink, attachment=attachment, manifest=manifest, secret=secret, random=seeded(seed)
    )
    assert written == len(sink.getvalue()) == sealed_length(attachment)
    return attachment, sink.getvalue()


def _copied(content: bytes, attachment: Attachment, manifest: bytes, *, first: int = 0) -> bytes:
    sink = io.BytesIO()
    copy_verified(_Slow(content), sink, attachment=attachment, manifest=manifest, first_chunk=first)
    return sink.getvalue()


def _opened(sealed: bytes, attachment: Attachment, *, first: int = 0, secret: bytes = SECRET) -> bytes:
    sink = io.BytesIO()
    decrypt_stream(_Slow(sealed), sink, attachment=attachment, secret=secret, first_chunk=first)
    return sink.getvalue()


@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_measured_as_the_definition_says(size: int) -> None:
    content = _file(size)
    measured = measure(_Slow(content), chunk_bytes=CHUNK)
    pieces = [content[i : i + CHUNK] for i in range(0, size, CHUNK)] or [b""]
    assert measured.length == size
    assert measured.root == root_of([leaf(one) for one in pieces])


@pytest.mark.parametrize("size", SIZES)
def test_what_was_measured_is_copied_and_what_was_encrypted_is_opened(size: int) -> None:
    content = _file(size)
    attachment, manifest = _measured(content)
    assert _copied(content, attachment, manifest) == content
    assert _opened(_sealed(content)[1], attachment) == content


@pytest.mark.parametrize("size", [0, CHUNK, 2 * CHUNK + 5, 20 * CHUNK])
def test_a_copy_goes_on_where_it_stopped(size: int) -> None:
    content = _file(size)
    attachment, manifest = _measured(content)
    sealed = _sealed(content)[1]
    for stopped in {0, 1, CHUNK, CHUNK + 3, size} - set(range(size + 1, 10_000)):
        sink = io.BytesIO(content[:stopped])
        first = resume_point(sink, attachment)
        rest = io.BytesIO(content)
        rest.seek(first * CHUNK)
        copy_verified(rest, sink, attachment=attachment, manifest=manifest, first_chunk=first)
        assert sink.getvalue() == content
        again = io.BytesIO(content[:stopped])
        first = resume_point(again, attachment)
        ahead = io.BytesIO(b"before" + sealed)
        ahead.seek(6)
        decrypt_stream(ahead, again, attachment=attachment, secret=SECRET, first_chunk=first)
        assert again.getvalue() == content


@pytest.mark.parametrize("size", [CHUNK, 2 * CHUNK + 5, 40 * CHUNK])
@pytest.mark.parametrize("place", [0, CHUNK - 1, CHUNK, 33 * CHUNK])
def test_what_an_earlier_attempt_left_is_held_against_the_manifest(size: int, place: int) -> None:
    content = _file(size)
    attachment, _ = _measured(content)
    sealed = _sealed(content)[1]
    left = bytearray(content)
    if wrong := place < size:
        left[place] ^= 1
    sink, source = io.BytesIO(left), io.BytesIO(sealed)
    manifest = read_manifest(source, attachment=attachment, secret=SECRET)
    first = resume_point(sink, attachment, manifest=manifest)
    assert first == (place if wrong else size) // CHUNK
    assert sink.getvalue() == content[: first * CHUNK]
    source.seek(0)
    decrypt_stream(source, sink, attachment=attachment, secret=SECRET, first_chunk=first)
    assert sink.getvalue() == content


def test_another_manifest_says_nothing_of_what_is_there() -> None:
    attachment, manifest = _measured(_file(2 * CHUNK))
    for wrong in (manifest[:-32], manifest[:-1] + bytes([manifest[-1] ^ 1]), b""):
        with pytest.raises(EnvelopeRejected, match="list of"):
            resume_point(io.BytesIO(_file(2 * CHUNK)), attachment, manifest=wrong)


def test_nothing_is_given_out_before_it_was_checked() -> None:
    content = _file(5 * CHUNK)
    attachment, manifest = _measured(content)
    changed = bytearray(content)
    changed[3 * CHUNK] ^= 1
    got: list[bytes] = []
    with pytest.raises(EgovError) as caught:
        got.extend(verified_chunks(io.BytesIO(changed), attachment=attachment, manifest=manifest))
    assert caught.value.code == "egov.exchange.stream.chunk"
    assert b"".join(got) == content[: 3 * CHUNK]


def _swap(one: int, other: int) -> Callable[[list[bytes]], list[bytes]]:
    def change(chunks: list[bytes]) -> list[bytes]:
        chunks[one], chunks[other] = chunks[other], chunks[one]
        return chunks

    return change


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "swapped": _swap(1, 2),
    "first and last swapped": _swap(0, 4),
    "last cut off": lambda chunks: chunks[:-1],
    "middle cut out": lambda chunks: chunks[:2] + chunks[3:],
    "one twice": lambda chunks: [*chunks[:2], chunks[1], *chunks[3:]],
    "one too many": lambda chunks: [*chunks, chunks[-1]],
    "last cut short": lambda chunks: [*chunks[:-1], chunks[-1][:-1]],
    "one octet changed": lambda chunks: [chunks[0][:-1] + bytes([chunks[0][-1] ^ 1]), *chunks[1:]],
    "nothing left": lambda chunks: [],
}
CODES = {f"egov.exchange.stream.{name}" for name in ("chunk", "length", "decryption")}


@pytest.mark.parametrize("change", CHANGES)
def test_chunks_that_were_moved_cut_or_repeated_are_refused(change: str) -> None:
    content = _file(5 * CHUNK)
    attachment, manifest = _measured(content)
    chunks = [content[i : i + CHUNK] for i in range(0, len(content), CHUNK)]
    with pytest.raises(EgovError) as caught:
        _copied(b"".join(CHANGES[change](chunks)), attachment, manifest)
    assert caught.value.code in CODES


@pytest.mark.parametrize("change", CHANGES)
def test_encrypted_chunks_that_were_moved_cut_or_repeated_are_refused(change: str) -> None:
    content = _file(5 * CHUNK)
    attachment, sealed = _sealed(content)
    head = sealed_length(attachment) - 5 * (CHUNK + 16)
    chunks = [sealed[i : i + CHUNK + 16] for i in range(head, len(sealed), CHUNK + 16)]
    with pytest.raises(EgovError) as caught:
        _opened(sealed[:head] + b"".join(CHANGES[change](chunks)), attachment)
    assert caught.value.code in CODES


def test_a_chunk_of_another_stream_under_the_same_secret_is_refused() -> None:
    content = _file(5 * CHUNK)
    attachment, sealed = _sealed(content, seed="one")
    other = _sealed(content, seed="two")[1]
    mixed = sealed[: -(CHUNK + 16)] + other[-(CHUNK + 16) :]
    with pytest.raises(EgovError) as caught:
        _opened(mixed, attachment)
    assert caught.value.code == "egov.exchange.stream.decryption"


def test_another_secret_and_another_attachment_open_nothing() -> None:
    attachment, sealed = _sealed(_file(300))
    other = _measured(_file(301))[0]
    longer = attachment.model_copy(update={"length": 299})
    for wrong, secret in ((attachment, bytes(16)), (other, SECRET), (longer, SECRET)):
        with pytest.raises(EgovError) as caught:
            _opened(sealed, wrong, secret=secret)
        assert caught.value.code == "egov.exchange.stream.decryption"


@pytest.mark.parametrize("manifest", [b"", bytes(31), bytes(96), bytes(128)])
def test_a_manifest_of_something_else_is_refused(manifest: bytes) -> None:
    content = _file(3 * CHUNK)
    attachment, _ = _measured(content)
    with pytest.raises(EgovError) as caught:
        _copied(content, attachment, manifest)
    assert caught.value.code == "egov.exchange.stream.manifest"


@pytest.mark.parametrize("sealed", [b"", b"EGOVSTR1", b"EGOVSTR2" + bytes(200), bytes(500)])
def test_what_is_no_encrypted_attachment_is_refused(sealed: bytes) -> None:
    attachment, _ = _measured(_file(3 * CHUNK))
    with pytest.raises(EgovError) as caught:
        _opened(sealed, attachment)
    assert caught.value.code == "egov.exchange.stream.header"


def test_a_file_that_changed_while_it_was_encrypted_is_refused() -> None:
    attachment, manifest = _measured(_file(3 * CHUNK))
    with pytest.raises(EgovError) as caught:
        encrypt_stream(
            io.BytesIO(bytes(3 * CHUNK)), io.BytesIO(), attachment=attachment, manifest=manifest, secret=SECRET
        )
    assert caught.value.code == "egov.exchange.stream.chunk"


def test_limits_bound_the_list_of_digests() -> None:
    content = _file(3 * CHUNK)
    attachment, manifest = _measured(content)
    limits = EnvelopeLimits(attachment_chunks=2)
    with pytest.raises(LimitExceeded):
        verified_chunks(io.BytesIO(content), attachment=attachment, manifest=manifest, limits=limits)
    with pytest.raises(LimitExceeded):
        opened_chunks(io.BytesIO(_sealed(content)[1]), attachment=attachment, secret=SECRET, limits=limits)


def test_mistakes_of_the_caller_are_told_before_any_work() -> None:
    content = _file(3 * CHUNK)
    attachment, manifest = _measured(content)
    for first in (-1, 4):
        with pytest.raises(ValueError, match="first_chunk"):
            verified_chunks(io.BytesIO(content), attachment=attachment, manifest=manifest, first_chunk=first)
        with pytest.raises(ValueError, match="first_chunk"):
            opened_chunks(io.BytesIO(), attachment=attachment, secret=SECRET, first_chunk=first)
    for size in (0, (4 << 20) + 1):
        with pytest.raises(ValueError, match="a chunk has"):
            measure(io.BytesIO(), chunk_bytes=size)
    with pytest.raises(ValueError, match="16 bytes"):
        _opened(_sealed(content)[1], attachment, secret=bytes(15))
    with pytest.raises(EgovError) as caught:
        _copied(b"x", Attachment.of("small", b"x"), b"")
    assert caught.value.code == "egov.exchange.stream.plain"
    with pytest.raises(EgovError) as caught:
        resume_point(io.BytesIO(), Attachment.of("small", b"x"))
    assert caught.value.code == "egov.exchange.stream.plain"


def test_two_encryptions_of_one_file_have_nothing_in_common() -> None:
    content = _file(300)
    one, other = _sealed(content, seed="1")[1], _sealed(content, seed="2")[1]
    assert one[:8] == other[:8]
    assert all(one[i : i + 16] != other[i : i + 16] for i in range(8, len(one) - 16, 16))


def test_a_file_matches_its_attachment_whole_or_by_chunks() -> None:
    content = _file(250)
    for attachment in (Attachment.of("a", content), _measured(content)[0]):
        assert matches(attachment, content)
        assert not matches(attachment, content[:-1])
        assert not matches(attachment, bytes(250))


def test_large_chunks_and_long_manifests_go_in_parts() -> None:
    content = _file(2100)
    measured = measure(io.BytesIO(content), chunk_bytes=1)
    attachment, sink = measured.attachment("a"), io.BytesIO()
    encrypt_stream(
        io.BytesIO(content), sink, attachment=attachment, manifest=measured.manifest, secret=SECRET, random=seeded("x")
    )
    assert len(sink.getvalue()) == sealed_length(attachment)
    assert _opened(sink.getvalue(), attachment) == content
    assert _opened(sink.getvalue(), attachment, first=2099) == content[-1:]
    large = bytes(9 << 20)
    measured = measure(io.BytesIO(large), chunk_bytes=4 << 20)
    assert len(measured.manifest) == 3 * 32
    out = io.BytesIO()
    copy_verified(io.BytesIO(large), out, attachment=measured.attachment("a"), manifest=measured.manifest)
    assert out.getvalue() == large
