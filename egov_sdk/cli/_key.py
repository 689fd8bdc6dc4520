"""``egov key``: make SM2 private keys and look at key files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import asker, new_password, read_file, refuse_existing, write_private
from egov_sdk.cli._options import Force, PasswordEnv
from egov_sdk.cli._output import Voice
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.crypto import SM2PublicKey

__all__ = ["new", "read_public", "show"]


_FILE = Text("file", "文件")
_KIND = Text("kind", "类型")
_PUBLIC = Text("public key", "公钥")
_FINGERPRINT = Text("SM3 of it", "公钥 SM3")
_ENCRYPTED = Text("encrypted", "加密")
_YES, _NO = Text("yes", "是"), Text("no", "否")
_MADE = Text("made a private key", "已生成私钥")
_KINDS = {"private": Text("SM2 private key", "SM2 私钥"), "public": Text("SM2 public key", "SM2 公钥")}


@command(groups.key, "new", "Make an SM2 private key.", "生成 SM2 私钥。")
def new(
    voice: Voice,
    out: Annotated[Path, argument("OUT", "The key file to write (PEM).", "输出的密钥文件（PEM）。")],
    password_env: PasswordEnv = None,
    no_password: Annotated[
        bool, option("--no-password", "Leave the key file without a password.", "密钥文件不设口令。")
    ] = False,
    force: Force = False,
) -> None:
    """Make a private key."""
    from egov_sdk.crypto import SM2PrivateKey

    refuse_existing(out, force=force)
    password = new_password(password_env, without=no_password)
    key = SM2PrivateKey.generate()
    write_private(out, key.to_pem(password), force=force)
    _show(voice, out, key.public_key(), kind="private", encrypted=password is not None, headline=_MADE)


@command(groups.key, "show", "Show a key file; never the private number.", "查看密钥文件（不显示私钥）。")
def show(
    voice: Voice,
    file: Annotated[Path, argument("FILE", "A private or public key.", "私钥或公钥文件。")],
    password_env: PasswordEnv = None,
    pem: Annotated[bool, option("--pem", "Print the public key as PEM and nothing else.", "只输出公钥 PEM。")] = False,
) -> None:
    """Show whose key this is."""
    kind, encrypted, public = read_public(file, password_env=password_env)
    if pem and not voice.as_json:
        for text in public.to_pem().decode("ascii").splitlines():
            voice.line(text)
        return
    _show(voice, file, public, kind=kind, encrypted=encrypted, headline=_KINDS[kind])


def read_public(file: Path, *, password_env: str | None) -> tuple[str, bool, SM2PublicKey]:
    """What a key file holds, whether it is encrypted, and its public key."""
    from egov_sdk.crypto import load_private_key, load_public_key
    from egov_sdk.errors import KeyAccessError, ParseError

    content = read_file(file)
    try:
        return "private", False, load_private_key(content).public_key()
    except KeyAccessError:
        password = asker(password_env, what=str(file))()
        return "private", True, load_private_key(content, password=password).public_key()
    except ParseError as not_private:
        try:
            return "public", False, load_public_key(content)
        except ParseError:
            raise not_private from None


def _show(voice: Voice, path: Path, public: SM2PublicKey, *, kind: str, encrypted: bool, headline: Text) -> None:
    from egov_sdk.crypto import sm3

    fingerprint = sm3(public.to_der()).hex()
    if voice.as_json:
        voice.document(
            {
                "file": str(path),
                "kind": kind,
                "encrypted": encrypted,
                "public_key": public.point.hex(),
                "fingerprint": fingerprint,
            }
        )
        return
    voice.line(headline, style="bold")
    voice.facts(
        [
            (_FILE, path),
            (_ENCRYPTED, (_YES if encrypted else _NO).in_(voice.lang) if kind == "private" else None),
            (_PUBLIC, public.point.hex()),
            (_FINGERPRINT, fingerprint),
        ]
    )
