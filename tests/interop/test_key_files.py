"""Key files that GmSSL, Tongsuo and others wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from egov_sdk.crypto import SM2PrivateKey, load_private_key, load_public_key, open_signer, sign_message
from egov_sdk.crypto.pem import read_pem
from egov_sdk.errors import InputError, KeyAccessError
from tests.interop_data import interop

ROOT = interop("pki")
LABELS = frozenset({"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY", "SM2 PRIVATE KEY", "PUBLIC KEY"})


def files(*wanted: str) -> list[Path]:
    found = []
    for path in sorted([*ROOT.rglob("*.key"), *ROOT.rglob("*.pem")]):
        labels = {block.label for block in read_pem(path.read_bytes())}
        if labels & set(wanted):
            found.append(path)
    assert found
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def load(path: str) -> SM2PrivateKey:
    return load_private_key((ROOT / path).read_bytes(), password="123456")


@pytest.mark.parametrize("path", files("PRIVATE KEY", "EC PRIVATE KEY", "SM2 PRIVATE KEY"), ids=name)
def test_private_keys_of_others_are_read_and_sign(path: Path) -> None:
    signer = open_signer(f"file:{path}")
    signer.public_key().verify(sign_message(signer, b"message"), b"message")


@pytest.mark.parametrize("path", files("ENCRYPTED PRIVATE KEY"), ids=name)
def test_encrypted_private_keys_of_others_need_their_password(path: Path) -> None:
    key = open_signer(f"file:{path}", secret=lambda: "123456")
    key.public_key().verify(sign_message(key, b"message"), b"message")
    with pytest.raises(KeyAccessError) as caught:
        open_signer(f"file:{path}", secret=lambda: "1234567")
    assert caught.value.code == "egov.key.wrong_password"
    with pytest.raises(KeyAccessError) as caught:
        open_signer(f"file:{path}")
    assert caught.value.code == "egov.key.password_needed"


@pytest.mark.parametrize("path", files("PUBLIC KEY"), ids=name)
def test_public_keys_of_others_are_read(path: Path) -> None:
    public = load_public_key(path.read_bytes())
    assert load_public_key(public.to_der()) == public


def test_the_same_key_in_different_files_is_the_same() -> None:
    assert load("generated/tongsuo/p8_sm.pem").public_key() == load("generated/tongsuo/sign.key").public_key()
    gmssl = load("generated/gmssl/pkcs8_sm4cbc_hmacsm3.pem").public_key()
    assert gmssl == load_public_key((ROOT / "generated/gmssl/pkcs8_pub.pem").read_bytes())
    assert load("generated/gmssl/key.pem").public_key() == load_public_key(
        (ROOT / "generated/gmssl/pub.pem").read_bytes()
    )
    assert load("tongsuo/sm2.key").public_key() == load_public_key((ROOT / "tongsuo/sm2pub.key").read_bytes())


def test_what_gmssl_signed_and_encrypted() -> None:
    folder = ROOT / "generated/gmssl"
    key, content = load("generated/gmssl/key.pem"), (folder / "content.bin").read_bytes()
    key.public_key().verify((folder / "sm2sign.der").read_bytes(), content)
    assert key.decrypt((folder / "sm2cipher.der").read_bytes()) == content


def test_what_is_no_key_is_an_input_error() -> None:
    for path in sorted(ROOT.rglob("*.pem")):
        if not LABELS & {block.label for block in read_pem(path.read_bytes())}:
            with pytest.raises(InputError):
                load_private_key(path.read_bytes())
            with pytest.raises(InputError):
                load_public_key(path.read_bytes())
