from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import pytest

from egov_sdk.identity.problems import IdentityRejected
from egov_sdk.identity.provider import ScryptCost
from egov_sdk.identity.provider.passwords import PasswordHasher, check_password
from tests.world import seeded

CHEAP = ScryptCost.unsafe_for_tests()


def hasher(cost: ScryptCost = CHEAP) -> PasswordHasher:
    return PasswordHasher(cost, random=seeded("salt"))


def test_a_password_matches_what_was_kept_of_it_and_no_other_does() -> None:
    ours = hasher()
    kept = ours.keep("correct horse")
    assert ours.matches("correct horse", kept)
    for other in ("Correct horse", "correct horse ", "", "correct hors", "correct horse\0"):
        assert not ours.matches(other, kept)


def test_what_is_kept_is_scrypt_in_the_usual_form() -> None:
    kept = hasher().keep("correct horse")
    found = re.fullmatch(r"\$scrypt\$ln=4,r=8,p=1\$([\w+/]+)\$([\w+/]+)", kept)
    assert found is not None
    salt, derived = (b64decode(text + "==") for text in found.groups())
    assert derived == hashlib.scrypt(b"correct horse", salt=salt, n=16, r=8, p=1, dklen=32)


def test_the_vector_of_the_standard() -> None:
    """RFC 7914, 12: N 16384, r 8, p 1; the first half of 64 bytes."""
    expected = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    assert ScryptCost(14, 8, 1).derive(b"pleaseletmein", b"SodiumChloride").hex() == expected


def test_one_password_is_kept_in_another_way_each_time() -> None:
    ours = hasher()
    assert ours.keep("correct horse") != ours.keep("correct horse")


def test_with_nothing_kept_nothing_matches() -> None:
    ours = hasher()
    for kept in (None, "", "plain", "$scrypt$", "$scrypt$ln=4,r=8,p=1$short$short"):
        assert not ours.matches("nobody has this password", kept)


def test_what_was_kept_at_another_cost_still_matches_and_is_outdated() -> None:
    old, new = hasher(), hasher(ScryptCost(5, 8, 1))
    kept = old.keep("correct horse")
    assert new.matches("correct horse", kept)
    assert new.is_outdated(kept)
    assert not old.is_outdated(kept)


def test_a_password_that_is_longer_than_any_is_not_cut_to_fit() -> None:
    ours = hasher()
    kept = ours.keep("x" * 256)
    assert ours.matches("x" * 256, kept)
    assert not ours.matches("x" * 257, kept)


def test_the_cost_by_default_is_what_is_recommended() -> None:
    cost = ScryptCost()
    assert (1 << cost.log_n) * 128 * cost.r == 32 << 20
    assert cost.p == 3


def test_many_at_once_take_turns() -> None:
    ours = PasswordHasher(CHEAP, random=seeded("salt"), at_once=1)
    kept = ours.keep("correct horse")
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: ours.matches("correct horse", kept), range(16)))


@pytest.mark.parametrize("password", ["密码马九号", "ﬁne", "\ud800"])
def test_any_text_can_be_a_password(password: str) -> None:
    ours = hasher()
    assert ours.matches(password, ours.keep(password))


@pytest.mark.parametrize(
    ("password", "zh"),
    [
        ("short", "密码有 5 个字符，要求 至少 8 个"),
        ("onlysmall", "密码有 1 类字符，要求 小写字母、大写字母、数字、符号中的三类，或不少于 15 个字符"),
        ("Zhang-san-1", "密码有 本人的姓名或号码，要求 与本人信息无关"),
    ],
)
def test_a_weak_password_is_refused_in_the_words_of_who_chose_it(password: str, zh: str) -> None:
    with pytest.raises(IdentityRejected) as caught:
        check_password(password, not_in_it=("zhang",))
    assert caught.value.text.zh == zh
