"""Encrypted tokens: opened by hand, opened in every form that is met, and refused with one code whatever is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.jose import (
    ContentAlgorithm,
    DecryptedToken,
    JoseLimits,
    KeyAlgorithm,
    KeySet,
    TokenKey,
    TokenRejected,
    decrypt_token,
    encrypt_token,
    sign_token,
)
from egov_sdk.crypto.sm4 import SM4CCM, SM4GCM
from egov_sdk.errors import EgovError, InputError, LimitExceeded
from tests.unit.crypto.tokens import CLAIMS, KEY, OTHER, PRIVATE, PUBLIC, b64, unb64, verified

KEYS: tuple[KeyAlgorithm, ...] = ("SGD_SM2_3", "dir")
CONTENTS: tuple[ContentAlgorithm, ...] = ("SGD_SM4_GCM", "SGD_SM4_CCM")
SECRET = bytes(range(16))
SHARED = TokenKey.secret(SECRET, key_id="d1")
CIPHERS: dict[str, type[SM4GCM] | type[SM4CCM]] = {"SGD_SM4_GCM": SM4GCM, "SGD_SM4_CCM": SM4CCM}


def opened(token: str | bytes, keys: TokenKey | KeySet = KEY, **changes: object) -> DecryptedToken:
    arguments: dict[str, object] = {"algorithms": KEYS, "content_algorithms": CONTENTS} | changes
    return decrypt_token(token, keys, **arguments)  # type: ignore[arg-type]  # the tests give what they name


def handmade(
    header: object,
    plaintext: bytes = b"hello",
    *,
    wrapped: bytes | None = None,
    cek: bytes = SECRET,
    cipher: type[SM4GCM] | type[SM4CCM] = SM4GCM,
    nonce: bytes = bytes(12),
) -> str:
    """An encrypted token put together without the library's own hand."""
    aad = b64(header)
    sealed = cipher(cek).encrypt(nonce, plaintext, aad.encode())
    key = PRIVATE.public_key().encrypt(cek) if wrapped is None else wrapped
    return f"{aad}.{b64(key)}.{b64(nonce)}.{b64(sealed[:-16])}.{b64(sealed[-16:])}"


HEADER = {"alg": "SGD_SM2_3", "enc": "SGD_SM4_GCM", "kid": "k1"}


@pytest.mark.parametrize("content", CONTENTS)
def test_an_encrypted_token_is_what_an_independent_reader_expects(content: ContentAlgorithm) -> None:
    token = encrypt_token("张三", PUBLIC, content_algorithm=content, content_type="JWT", header={"apu": "x"})
    header, wrapped, nonce, ciphertext, tag = token.split(".")
    assert json.loads(unb64(header)) == {
        "alg": "SGD_SM2_3",
        "enc": content,
        "kid": "k1",
        "cty": "JWT",
        "apu": "x",
    }
    assert (len(unb64(nonce)), len(unb64(tag)), unb64(wrapped)[0]) == (12, 16, 0x30)
    cek = PRIVATE.decrypt(unb64(wrapped))
    assert len(cek) == 16
    sealed = unb64(ciphertext) + unb64(tag)
    assert CIPHERS[content](cek).decrypt(unb64(nonce), sealed, header.encode()).decode() == "张三"


@pytest.mark.parametrize("content", CONTENTS)
def test_a_token_of_another_program_is_opened(content: str) -> None:
    token = opened(handmade(HEADER | {"enc": content, "cty": "text/plain"}, cipher=CIPHERS[content]))
    assert (token.plaintext, token.algorithm, token.content_algorithm) == (b"hello", "SGD_SM2_3", content)
    assert (token.content_type, token.key, token.notes) == ("text/plain", KEY, ())
    assert "hello" not in repr(token)


def test_the_raw_form_of_the_encrypted_key_is_read_and_named() -> None:
    raw = PRIVATE.public_key().encrypt(SECRET, form="c1c3c2")
    assert opened(handmade(HEADER, wrapped=raw)).notes == ("token_wrapped_key_raw",)


def test_a_shared_key_encrypts_directly() -> None:
    token = encrypt_token(b"hello", SHARED)
    header, wrapped, nonce, ciphertext, tag = token.split(".")
    assert (wrapped, json.loads(unb64(header))["alg"]) == ("", "dir")
    assert SM4GCM(SECRET).decrypt(unb64(nonce), unb64(ciphertext) + unb64(tag), header.encode()) == b"hello"
    assert opened(token, SHARED).plaintext == b"hello"
    by_hand = handmade({"alg": "dir", "enc": "SGD_SM4_CCM"}, wrapped=b"", cipher=SM4CCM)
    assert opened(by_hand, SHARED).plaintext == b"hello"


def test_an_algorithm_may_be_named_and_a_key_needs_no_id() -> None:
    token = encrypt_token(b"x", TokenKey.sm2(PRIVATE.public_key()), algorithm="SGD_SM2_3")
    assert "kid" not in json.loads(unb64(token.split(".")[0]))
    assert opened(token).plaintext == b"x"


def test_a_signed_token_travels_inside() -> None:
    inner = sign_token(CLAIMS, KEY)
    token = opened(encrypt_token(inner, PUBLIC, content_type="JWT"))
    assert token.content_type == "JWT"
    assert verified(token.plaintext).subject == "u-1"


def test_a_fixed_random_source_gives_a_fixed_token_and_no_two_tokens_are_alike_otherwise() -> None:
    first, second = (encrypt_token(b"x", PUBLIC, random=lambda size: b"\x05" * size) for _ in range(2))
    assert first == second
    tokens = [encrypt_token(b"x", PUBLIC).split(".") for _ in range(4)]
    assert all(len({token[part] for token in tokens}) == 4 for part in (1, 2, 4))


def test_the_key_is_chosen_by_its_id_and_use() -> None:
    keys = KeySet.of(
        [
            TokenKey.sm2(OTHER, key_id="k1", use="sig"),
            TokenKey.sm2(PRIVATE.public_key(), key_id="k1"),
            KEY,
            SHARED,
        ]
    )
    assert opened(encrypt_token(b"x", PUBLIC), keys).key is KEY
    assert opened(encrypt_token(b"x", SHARED), keys).key is SHARED


SEALED = handmade(HEADER)
H, W, N, C, T = SEALED.split(".")


def with_header(**changes: object) -> str:
    return handmade({name: value for name, value in (HEADER | changes).items() if value is not ...})


REFUSED = {
    "empty": ("", "parts"),
    "three parts": (sign_token(CLAIMS, KEY), "parts"),
    "six parts": (f"{SEALED}.{T}", "parts"),
    "not ASCII": (f"{SEALED[:-1]}é", "base64"),
    "header not Base64url": (f"{H}=.{W}.{N}.{C}.{T}", "base64"),
    "header not JSON": (handmade(b"x"), "json"),
    "header with alg twice": (handmade(b'{"alg":"dir","alg":"SGD_SM2_3","enc":"SGD_SM4_GCM"}'), "json"),
    "alg missing": (with_header(alg=...), "header"),
    "alg a list": (with_header(alg=["SGD_SM2_3"]), "header"),
    "enc a number": (with_header(enc=1), "header"),
    "enc missing": (with_header(enc=...), "algorithm"),
    "enc of AES": (with_header(enc="A128GCM"), "algorithm"),
    "alg of RSA": (with_header(alg="RSA1_5"), "algorithm"),
    "alg of SM9": (with_header(alg="SGD_SM9_3"), "algorithm"),
    "alg none": (with_header(alg="none"), "algorithm"),
    "alg and enc exchanged": (with_header(alg="SGD_SM4_GCM", enc="SGD_SM2_3"), "algorithm"),
    "zip": (with_header(zip="DEF"), "compressed"),
    "crit": (with_header(crit=["x"], x=1), "critical"),
    "kid of nobody": (with_header(kid="k2"), "unknown_key"),
    "kid a path": (with_header(kid="../k1"), "unknown_key"),
    "dir with an SM2 key": (handmade({"alg": "dir", "enc": "SGD_SM4_GCM", "kid": "k1"}, wrapped=b""), "unfit_key"),
    "another header": (f"{b64(HEADER | {'x': 1})}.{W}.{N}.{C}.{T}", "decryption"),
    "another enc": (f"{b64(HEADER | {'enc': 'SGD_SM4_CCM'})}.{W}.{N}.{C}.{T}", "decryption"),
    "key to another": (handmade(HEADER, wrapped=OTHER.public_key().encrypt(SECRET)), "decryption"),
    "key missing": (f"{H}..{N}.{C}.{T}", "decryption"),
    "key not DER": (handmade(HEADER, wrapped=bytes(100)), "decryption"),
    "key with a byte behind": (handmade(HEADER, wrapped=PRIVATE.public_key().encrypt(SECRET) + b"0"), "decryption"),
    "key in the old order": (
        handmade(HEADER, wrapped=PRIVATE.public_key().encrypt(SECRET, form="c1c2c3")),
        "decryption",
    ),
    "key of 15 bytes": (handmade(HEADER, wrapped=PRIVATE.public_key().encrypt(bytes(15))), "decryption"),
    "key of 32 bytes": (handmade(HEADER, wrapped=PRIVATE.public_key().encrypt(bytes(32))), "decryption"),
    "key of 2,000 bytes": (handmade(HEADER, wrapped=bytes([0x30]) * 2000), "decryption"),
    "key not Base64url": (f"{H}.{W}=.{N}.{C}.{T}", "decryption"),
    "nonce of 11 bytes": (handmade(HEADER, nonce=bytes(11)), "decryption"),
    "nonce of 16 bytes": (handmade(HEADER, nonce=bytes(16)), "decryption"),
    "nonce missing": (f"{H}.{W}..{C}.{T}", "decryption"),
    "nonce changed": (f"{H}.{W}.{b64(bytes([1]) * 12)}.{C}.{T}", "decryption"),
    "content changed": (f"{H}.{W}.{N}.{b64(b'hullo')}.{T}", "decryption"),
    "content missing": (f"{H}.{W}.{N}..{T}", "decryption"),
    "content not Base64url": (f"{H}.{W}.{N}.{C}*.{T}", "decryption"),
    "tag cut to 12 bytes": (f"{H}.{W}.{N}.{C}.{b64(unb64(T)[:12])}", "decryption"),
    "tag of 0 bytes": (f"{H}.{W}.{N}.{C}.", "decryption"),
    "tag moved into the content": (f"{H}.{W}.{N}.{b64(unb64(C) + unb64(T))}.", "decryption"),
    "tag changed": (f"{H}.{W}.{N}.{C}.{b64(bytes(16))}", "decryption"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_attack_is_refused_with_its_code(case: str) -> None:
    token, problem = REFUSED[case]
    with pytest.raises(EgovError) as caught:
        opened(token)
    assert caught.value.code == f"egov.crypto.token.{problem}"
    assert caught.value.__cause__ is None


def test_the_token_that_the_attacks_are_made_of_is_good() -> None:
    assert opened(SEALED).plaintext == b"hello"


@pytest.mark.parametrize(
    "token",
    [
        handmade({"alg": "dir", "enc": "SGD_SM4_GCM"}, wrapped=b"0"),
        handmade({"alg": "dir", "enc": "SGD_SM4_GCM"}, wrapped=b"", cek=bytes(16)),
        handmade({"alg": "dir", "enc": "SGD_SM4_CCM"}, wrapped=b""),
    ],
)
def test_an_attack_on_a_shared_key_is_refused(token: str) -> None:
    with pytest.raises(TokenRejected) as caught:
        opened(token, SHARED)
    assert caught.value.code == "egov.crypto.token.decryption"


def test_a_public_key_and_a_device_open_nothing() -> None:
    class Device:
        public_key = staticmethod(PRIVATE.public_key)
        sign_digest = staticmethod(PRIVATE.sign_digest)

    for key in (PUBLIC, TokenKey.sm2(Device(), key_id="k1"), TokenKey.sm2(PRIVATE, key_id="k1", use="sig")):
        with pytest.raises(TokenRejected) as caught:
            opened(SEALED, key)
        assert caught.value.code == "egov.crypto.token.unfit_key"


def test_the_lists_of_algorithms_are_kept_to() -> None:
    for name, other in (("algorithms", "dir"), ("content_algorithms", "SGD_SM4_CCM")):
        with pytest.raises(TokenRejected) as caught:
            opened(SEALED, KEY, **{name: [other]})
        assert caught.value.code == "egov.crypto.token.algorithm"


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithms": []},
        {"content_algorithms": ()},
        {"algorithms": ["RSA1_5"]},
        {"content_algorithms": ["A128GCM"]},
        {"algorithms": ["SGD_SM4_GCM"]},
    ],
)
def test_the_algorithms_must_be_named_and_known(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be some of"):
        opened(SEALED, KEY, **changes)


def test_one_text_is_no_list_of_algorithms() -> None:
    for name, text in (("algorithms", "dir"), ("content_algorithms", "SGD_SM4_GCM")):
        with pytest.raises(TypeError, match="collection"):
            opened(SEALED, KEY, **{name: text})


def test_keys_that_cannot_encrypt_are_a_mistake_of_the_caller() -> None:
    for key in (TokenKey.secret(bytes(32)), TokenKey.generate("ES256"), TokenKey.sm2(PRIVATE, use="sig")):
        with pytest.raises(ValueError, match="cannot encrypt"):
            encrypt_token(b"x", key)
    with pytest.raises(ValueError, match="cannot encrypt with dir"):
        encrypt_token(b"x", PUBLIC, algorithm="dir")
    with pytest.raises(ValueError, match="content_algorithm"):
        encrypt_token(b"x", PUBLIC, content_algorithm="A128GCM")  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize("name", ["alg", "enc", "kid", "cty", "crit", "b64", "zip"])
def test_what_decides_how_a_token_is_read_cannot_be_given(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        encrypt_token(b"x", PUBLIC, header={name: "x"})


def test_long_tokens_are_refused_before_they_are_read() -> None:
    with pytest.raises(LimitExceeded):
        opened("a" * 70_000)
    with pytest.raises(LimitExceeded):
        opened(SEALED, limits=JoseLimits(token_bytes=len(SEALED) - 1))
    with pytest.raises(LimitExceeded):
        opened(SEALED, limits=JoseLimits(header_bytes=10))
    long = encrypt_token(b"x" * 40_000, PUBLIC)
    assert len(opened(long).plaintext) == 40_000


def test_a_key_in_the_header_is_named_and_not_looked_at() -> None:
    assert opened(with_header(jku="https://evil.example")).notes == ("token_key_in_header",)


@settings(max_examples=20, deadline=None)
@given(plaintext=st.binary(max_size=300), content=st.sampled_from(CONTENTS), number=st.integers(1, 2**255))
def test_any_bytes_come_back(plaintext: bytes, content: ContentAlgorithm, number: int) -> None:
    for key in (TokenKey.sm2(SM2PrivateKey.from_int(number), key_id="k"), SHARED):
        token = opened(encrypt_token(plaintext, key, content_algorithm=content), key)
        assert token.plaintext == plaintext
        assert token.content_algorithm == content


@settings(max_examples=40, deadline=None)
@given(place=st.integers(0, len(SEALED) - 1), other=st.sampled_from("ABab01-_.=~"))
def test_no_changed_token_is_opened(place: int, other: str) -> None:
    changed = SEALED[:place] + other + SEALED[place + 1 :]
    if changed != SEALED:
        with pytest.raises((InputError, TokenRejected)):
            opened(changed)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.binary(max_size=60),
        st.lists(st.binary(max_size=40).map(b64) | st.sampled_from([H, W, N, C, T]), min_size=4, max_size=6).map(
            ".".join
        ),
    )
)
def test_nothing_but_our_errors_comes_out(token: str | bytes) -> None:
    if token != SEALED:
        with pytest.raises((InputError, TokenRejected)):
            opened(token)
