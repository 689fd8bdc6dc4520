"""What arguments stand for: files, times, certificates, keys; and files that are written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from egov_sdk.cli._problems import FileProblem, UsageError, file_problem
from egov_sdk.errors import KeyAccessError, LimitExceeded
from egov_sdk.files import new_file
from egov_sdk.limits import DEFAULT_ASN1_LIMITS
from egov_sdk.report import Text
from egov_sdk.times import BEIJING

_FORCE = Text("--force overwrites it", "--force 可覆盖")

if TYPE_CHECKING:
    from egov_sdk.crypto import Signer
    from egov_sdk.crypto.signer import Secret
    from egov_sdk.pki import Certificate
    from egov_sdk.storage import Store

__all__ = [
    "asker",
    "check_ending",
    "check_folder_of",
    "check_jobs",
    "check_port",
    "new_password",
    "now",
    "one_certificate",
    "open_database",
    "open_key",
    "parse_time",
    "read_certificates",
    "read_file",
    "read_parties",
    "read_revocations",
    "refuse_existing",
    "split_numbers",
    "split_pair",
    "time_or_now",
    "write_parts",
    "write_private",
    "write_result",
]


def now() -> datetime:
    """This second: files keep whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def parse_time(text: str, *, end_of_day: bool = False) -> datetime:
    """A time as ISO 8601; without a zone Beijing time, and a date alone is its first or last second.

    Raises:
        UsageError: not such a text.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            Text(f"{text!r} is not a time", f"“{text}”不是时间"),
            hint=Text(
                "write it as 2026-03-01, 2026-03-01T12:00:00 or 2026-03-01T12:00:00+08:00",
                "写作 2026-03-01、2026-03-01T12:00:00 或 2026-03-01T12:00:00+08:00",
            ),
        ) from None
    if end_of_day and len(text) <= len("2026-03-01"):
        moment += timedelta(days=1, seconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def time_or_now(text: str | None) -> datetime:
    """The time that was given, or this moment."""
    return now() if text is None else parse_time(text)


def read_file(path: Path, *, max_bytes: int = DEFAULT_ASN1_LIMITS.total_bytes) -> bytes:
    """The content of a file.

    Raises:
        FileProblem: it cannot be read.
        LimitExceeded: it is larger than ``max_bytes``.
    """
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        file_problem(path, error)
    if len(content) > max_bytes:
        raise LimitExceeded("total_bytes", allowed=max_bytes, found=f"more than {max_bytes}", where=str(path))
    return content


def read_certificates(paths: Iterable[Path]) -> tuple[Certificate, ...]:
    """Every certificate of some files: PEM bundles, DER or P7B."""
    from egov_sdk.pki import load_certificates

    return tuple(certificate for path in paths for certificate in load_certificates(read_file(path)))


def one_certificate(path: Path) -> Certificate:
    """The first certificate of a file: in a bundle the owner's stands before its issuers."""
    return read_certificates([path])[0]


def split_pair(text: str, name: str) -> tuple[str, Path]:
    """A name and a file, with = between.

    Raises:
        UsageError: they are not.
    """
    left, equals, right = text.partition("=")
    if not left or not equals or not right:
        raise UsageError(
            Text(
                f"{name} takes two things with = between, got {text!r}", f"{name} 的写法为两项以 = 相连，实际为“{text}”"
            )
        )
    return left, Path(right)


def read_parties(given: Sequence[str]) -> dict[str, tuple[Certificate, ...]]:
    """Certificates by whose they are, of texts such as ``CODE=FILE``.

    Raises:
        UsageError: one is something else.
    """
    from egov_sdk.exchange.envelope.model import Party

    found: dict[str, tuple[Certificate, ...]] = {}
    for text in given:
        name, path = split_pair(text, "--party")
        try:
            name = Party.parse(name).id
        except ValueError:
            raise UsageError(
                Text(f"--party: {name!r} is not the code of an organisation", f"--party：“{name}”不是机构代码"),
                hint=Text(
                    "write the 18 characters of its unified social credit code, and perhaps /system",
                    "应为 18 位统一社会信用代码，其后可加 /系统",
                ),
            ) from None
        # a bundle holds the party's own certificate first, then its issuers
        found[name] = (*found.get(name, ()), read_certificates([path])[0])
    return found


def read_revocations(paths: Iterable[Path]) -> tuple[bytes, ...]:
    """Revocation lists or OCSP answers as DER, whether they came as DER or PEM."""
    from egov_sdk.crypto.pem import looks_like_pem, read_pem

    found: list[bytes] = []
    for path in paths:
        content = read_file(path)
        if looks_like_pem(content):
            found += [block.der for block in read_pem(content, where=str(path))]
        else:
            found.append(content)
    return tuple(found)


def asker(password_env: str | None, *, what: str) -> Secret:
    """Where a password comes from once a key asks for it: an environment variable, or the person at the terminal."""

    def secret() -> str:
        if password_env is not None:
            return _from_environment(password_env)
        if not sys.stdin.isatty():
            raise _nobody_to_ask(what)
        return getpass(f"password of {what}: ")

    return secret


def _nobody_to_ask(what: str) -> KeyAccessError:
    text = Text(
        f"{what} is encrypted and there is nobody to ask for its password",
        f"{what} 已加密，而当前不是交互终端，无法输入口令",
    )
    hint = Text(
        "put the password into an environment variable and name that with --password-env",
        "请将口令放入环境变量，并用 --password-env 指定变量名",
    )
    error = KeyAccessError(text.en, code="egov.key.password_needed", hint=hint)
    error.text = text
    return error


def _from_environment(name: str) -> str:
    password = os.environ.get(name, "")
    if not password:
        raise UsageError(Text(f"the environment variable {name} is not set or empty", f"环境变量 {name} 未设置或为空"))
    return password


def new_password(password_env: str | None, *, without: bool) -> str | None:
    """The password for a new key file; None only where that was asked for.

    Raises:
        UsageError: contradictory options, nobody to ask, or the two entries differ.
    """
    if without and password_env is not None:
        raise UsageError(
            Text("--no-password and --password-env exclude each other", "--no-password 与 --password-env 不可同用")
        )
    if without:
        return None
    if password_env is not None:
        return _from_environment(password_env)
    if not sys.stdin.isatty():
        raise UsageError(
            Text(
                "a new key file needs a password, and there is nobody to ask",
                "新密钥文件需要口令，而当前不是交互终端，无法输入",
            ),
            hint=Text("give --password-env or --no-password", "请给出 --password-env 或 --no-password"),
        )
    first = getpass("password for the new key: ")
    if not first:
        raise UsageError(
            Text("the password is empty", "口令为空"),
            hint=Text("--no-password makes a key file without one", "--no-password 可生成不设口令的密钥文件"),
        )
    if getpass("once more: ") != first:
        raise UsageError(Text("the two passwords differ", "两次输入的口令不一致"))
    return first


def open_key(key: str, *, password_env: str | None = None) -> Signer:
    """The signer behind a key URI such as ``file:key.pem``, or behind a path."""
    from urllib.parse import quote

    from egov_sdk.crypto import open_signer
    from egov_sdk.crypto.signer import key_schemes

    secret = asker(password_env, what=key)
    scheme, colon, _ = key.partition(":")
    if colon and scheme.lower() in key_schemes():
        return open_signer(key, secret=secret)
    path = Path(key)
    if not path.is_file():
        raise FileProblem(
            Text(f"{key}: there is no such key file", f"{key}：没有该密钥文件"),
            hint=Text(
                "--key takes a path or a key URI such as file:key.pem", "--key 为文件路径或密钥 URI，如 file:key.pem"
            ),
        )
    return open_signer(f"file:{quote(str(path))}", secret=secret)


def refuse_existing(path: Path, *, force: bool, hint: Text | None = _FORCE) -> None:
    """Stop before the work is done if its result would overwrite something, or has nowhere to go."""
    if path.is_dir():
        raise UsageError(Text(f"{path} is a folder", f"{path} 是文件夹"))
    if path.exists() and not force:
        raise UsageError(Text(f"{path} exists already", f"{path} 已存在"), hint=hint)
    check_folder_of(path)


def check_folder_of(path: Path) -> None:
    """Stop if there is no folder for what is to be made there."""
    if not path.parent.is_dir():
        raise UsageError(Text(f"there is no folder {path.parent}", f"没有文件夹 {path.parent}"))


def check_ending(path: Path, endings: Sequence[str]) -> None:
    """Stop if the name of a file that is to be made has none of these endings."""
    if path.suffix.lower() not in endings:
        raise UsageError(
            Text(f"{path} should end in {' or '.join(endings)}", f"{path} 的扩展名应为 {' 或 '.join(endings)}")
        )


def check_port(port: int) -> None:
    """Stop if nothing can be served there."""
    if not 0 < port < 1 << 16:
        raise UsageError(Text("--port is from 1 to 65535", "--port 须在 1 至 65535 之间"))


def check_jobs(jobs: int | None) -> None:
    """Stop if that many processes could do nothing; None leaves the number open."""
    if jobs is not None and jobs < 1:
        raise UsageError(Text("--jobs is at least 1", "--jobs 至少为 1"))


def open_database(place: str) -> Store:
    """A database that is there already: a SQLite file, or a URL.

    Raises:
        UsageError: there is no such file.
    """
    from egov_sdk.storage import open_store

    if "://" in place:
        return open_store(place)
    if not Path(place).is_file():
        raise UsageError(Text(f"there is no file {place}", f"没有文件 {place}"))
    return open_store(Path(place))


def write_result(path: Path, content: bytes, *, force: bool) -> None:
    """Put a result in place in one step."""
    _put(path, (content,), force=force, private=False)


def write_parts(path: Path, parts: Iterable[bytes], *, force: bool) -> None:
    """As write_result, of a result that comes in parts and may be larger than memory."""
    _put(path, parts, force=force, private=False)


def write_private(path: Path, content: bytes, *, force: bool) -> None:
    """Put a private key in place: readable by its owner alone from the first moment on, whole or not at all."""
    _put(path, (content,), force=force, private=True)


def _put(path: Path, parts: Iterable[bytes], *, force: bool, private: bool) -> None:
    refuse_existing(path, force=force)
    try:
        with new_file(path, replace=force, private=private) as file:
            file.writelines(parts)
    except FileExistsError as error:
        raise UsageError(Text(f"{path} exists already", f"{path} 已存在"), hint=_FORCE) from error
    except OSError as error:
        file_problem(path, error)


def split_numbers(text: str, *, names: Sequence[str]) -> list[float]:
    """Numbers with commas between them, as many as there are names.

    Raises:
        UsageError: too few, too many, or one that is no number.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != len(names):
        raise UsageError(Text(f"{text!r} should be {','.join(names)}", f"“{text}”应写作 {','.join(names)}"))
    return numbers
