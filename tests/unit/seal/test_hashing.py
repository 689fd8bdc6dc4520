"""What is remembered of digests never answers for other octets."""

from __future__ import annotations

import pytest

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.seal._hashing import digests_of, signed_digest

SIZES = (0, 1, 8_191, 8_192, 8_193, 70_000, 2 << 20)


@pytest.mark.parametrize("size", SIZES)
def test_files_that_differ_in_one_octet_have_digests_of_their_own(size: int) -> None:
    one = bytes(size)
    others = [one[:at] + b"\1" + one[at + 1 :] for at in (0, size // 2, size - 1)] if size else []
    for _ in range(2):
        assert digests_of([one, *others, b"small", one]) == [sm3(each) for each in (one, *others, b"small", one)]


@pytest.mark.parametrize("size", SIZES)
def test_a_signed_message_is_hashed_whole_wherever_it_differs(size: int) -> None:
    key, other = (SM2PrivateKey.generate().public_key() for _ in range(2))
    one = bytes(size)
    messages = [one, *(one[:at] + b"\1" + one[at + 1 :] for at in range(0, size, max(1, size // 5))), one + b"\1"]
    for _ in range(2):
        for message in messages:
            assert signed_digest(key, message) == sm3(key.z() + message)
            assert signed_digest(other, message) == sm3(other.z() + message)
