"""What is remembered of digests never answers for other octets."""

from __future__ import annotations

import pytest

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.seal._hashing import digests_of, signed_digest

SIZES = (0, 1, 8_191, 8_192, 8_193, 70_000, 1 << 20)


@pytest.mark.parametrize("size", SIZES)
def test_files_that_differ_in_one_octet_have_digests_of_their_own(size: int) -> None:
    one = bytes(size)
    others = [one[:at] + b"\1" + one[at + 1 :] for at in (0, size // 2, size - 1)] if size else []
    for _ in range(2):
        assert digests_of([one, *others, b"small", one]) == [sm3(each) for each in (one, *others, b"small", one)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("start", [0, 1, 9, 15, 16])
def test_a_signed_message_is_hashed_whole_wherever_its_seal_stands(size: int, start: int) -> None:
    key, other = (SM2PrivateKey.generate().public_key() for _ in range(2))
    seal = b"\x30" + bytes(size)
    whole = b"\x02" * start + seal + b"time and hash"
    messages = [whole, seal, b"", *(whole[:at] + b"\1" + whole[at + 1 :] for at in (0, start, size, size + start, -1))]
    for _ in range(2):
        for message in messages:
            for wanted in (seal, b"", seal[:-1]):
                assert signed_digest(key, message, seal=wanted) == sm3(key.z() + message)
                assert signed_digest(other, message, seal=wanted) == sm3(other.z() + message)


def test_a_file_that_is_like_a_seal_is_hashed_as_it_is() -> None:
    seal = bytes(70_000)
    files = [seal, seal[:-1] + b"\1", seal[:-1]]
    assert digests_of(files, seals=[seal, b"another"]) == [sm3(file) for file in files]
