"""What the arguments of ``egov identity`` stand for: databases, key sets, numbers, passwords; none of them shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

from egov_sdk.cli._command import option
from egov_sdk.cli._inputs import asker, read_file
from egov_sdk.cli._problems import FileProblem, UsageError
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.crypto.jose import KeySet
    from egov_sdk.identity import IdentityLevel
    from egov_sdk.identity.model import IdDocument
    from egov_sdk.identity.provider import IdentityProvider
    from egov_sdk.storage import Store

__all__ = [
    "ISSUER",
    "UNVERIFIED",
    "KeySetFile",
    "LevelName",
    "NumberKind",
    "StoreFile",
    "clock",
    "first_password",
    "level_of",
    "make_document",
    "open_database",
    "open_register",
    "read_keys",
    "read_number",
    "read_token",
    "somebody_is_there",
]

#: Whom a provider on this machine calls itself, unless it is told otherwise.
ISSUER = "http://127.0.0.1:8700"
#: Said of what people may look at but must not rely on.
UNVERIFIED = Text(
    "nothing of this was verified: `egov identity token verify` does that",
    "以上内容均未验证：请使用 egov identity token verify",
)
_MOST_CHARS = 1_000
_TOKEN_BYTES = 1 << 20

LevelName = Literal["none", "real_name", "real_person"]
StoreFile = Annotated[
    Path,
    option(
        "--store",
        "The database of the provider, a SQLite file; it is made where it is not there.",
        "认证服务的数据库（SQLite 文件），不存在时新建。",
        metavar="FILE",
    ),
]
KeySetFile = Annotated[
    Path | None,
    option("--jwks", "The key set of the issuer (JWKS).", "签发者的密钥集（JWKS）。", metavar="FILE"),
]
NumberKind = Annotated[CodeKind, option("--kind", "What kind of number it is.", "号码的种类。")]


def clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


@contextmanager
def open_database(store: Path) -> Iterator[Store]:
    """A database, closed at the end."""
    from egov_sdk.storage import open_store

    if not store.parent.is_dir():
        raise UsageError(Text(f"there is no folder {store.parent}", f"没有文件夹 {store.parent}"))
    with open_store(store) as opened:
        yield opened


@contextmanager
def open_register(store: Path, *, existing: bool = False) -> Iterator[IdentityProvider]:
    """The registers of a provider; nothing is signed here, so its keys stay where they are.

    Args:
        existing: whether the database must be there already.
    """
    from egov_sdk.identity.provider import IdentityProvider, ProviderKeys, ProviderSettings

    if existing and not store.is_file():
        raise FileProblem(
            Text(f"{store}: there is no such database", f"{store}：没有该数据库"),
            hint=Text("`egov identity account add` makes one", "可用 egov identity account add 建立"),
        )
    with open_database(store) as opened:
        settings = ProviderSettings(issuer=ISSUER)
        yield IdentityProvider(opened, settings, keys=ProviderKeys.generate(), clock=clock)


def read_number(number: str) -> str:
    """The number, or the first line of standard input for ``-``."""
    from egov_sdk.codes import normalize

    return normalize(sys.stdin.readline(_MOST_CHARS) if number == "-" else number)


def make_document(number: str | None, kind: CodeKind) -> IdDocument | None:
    """The document of that number, which keeps the rules of its kind.

    Raises:
        ParseError: the number breaks one; the code names the rule.
    """
    from egov_sdk.codes import check_code
    from egov_sdk.identity.model import IdDocument

    if number is None:
        return None
    found = read_number(number)
    check_code(found, kind).require()
    return IdDocument(kind=kind, number=found)


def level_of(name: LevelName) -> IdentityLevel:
    """The level of that name."""
    from egov_sdk.identity import IdentityLevel

    return IdentityLevel(name)


def first_password(password_env: str | None, *, what: str) -> str:
    """A new password: from the environment, or asked for twice on a terminal.

    Raises:
        UsageError: there is nobody to ask, it is empty, or the two entries differ.
    """
    if password_env is not None:
        return cast("str", asker(password_env, what=what)())
    if not somebody_is_there():
        raise UsageError(
            Text(
                f"{what} needs a password, and there is nobody to ask", f"{what} 需要口令，而当前不是交互终端，无法输入"
            ),
            hint=Text(
                "put it into an environment variable and name that with --password-env",
                "请将其放入环境变量，并用 --password-env 指定变量名",
            ),
        )
    first = getpass(f"password for {what}: ")
    if not first:
        raise UsageError(Text("the password is empty", "口令为空"))
    if getpass("once more: ") != first:
        raise UsageError(Text("the two passwords differ", "两次输入的口令不一致"))
    return first


def somebody_is_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()


def read_keys(path: Path) -> KeySet:
    """A key set of public keys."""
    from egov_sdk.crypto.jose import load_jwks

    return load_jwks(read_file(path))


def read_token(file: str) -> bytes:
    """The content of a file, or a line of standard input for ``-``; of a text without white space around it."""
    if file != "-":
        content = read_file(Path(file), max_bytes=_TOKEN_BYTES)
        return content if content[:1] == b"0" else content.strip()  # DER begins like that, and no token does
    return sys.stdin.readline(_TOKEN_BYTES).strip().encode("utf-8", "surrogateescape")
