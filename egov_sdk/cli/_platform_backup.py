"""``egov platform backup``, ``restore`` and ``upgrade``: a province's data, kept and brought back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._identity_inputs import clock, first_password
from egov_sdk.cli._inputs import asker, check_folder_of, read_file, refuse_existing
from egov_sdk.cli._output import Voice
from egov_sdk.cli._platform_inputs import FOLDER, DatabaseUrl, FolderThere, database_url, office_secret
from egov_sdk.cli._problems import FileProblem, UsageError
from egov_sdk.door.homes import DATABASES, KEYS, database_in, database_lost
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.door.secrets import OfficeSecrets
    from egov_sdk.platform.backup import Manifest

__all__ = ["backup", "restore", "upgrade_"]

_MADE = Text("backed up in {file}", "备份已写入 {file}")
_BACK = Text("restored in {folder}", "已恢复到 {folder}")
_NO_KEYS = Text(
    "the keys are not in it: keep {keys} elsewhere, without it the backup cannot be restored",
    "备份中不含密钥：请另行保存 {keys}，否则无法恢复",
)
_TAKES_PART = Text(
    "whoever serves this exchanges messages with the partners: for a trial, move partners.toml away",
    "以此目录启动服务即与交换对象收发消息：仅作演练时请移走 partners.toml",
)
_MOVED = Text("what was there lies in {moved}", "原有内容已移至 {moved}")
_AT, _OFFICE, _TABLES, _LOGS, _PARTNERS = (
    Text("as at", "备份时间"),
    Text("office", "机构"),
    Text("tables", "数据表"),
    Text("logs", "审计日志"),
    Text("partners", "交换对象"),
)
_UPGRADED, _CURRENT = Text("brought up to date", "已升级"), Text("all tables are up to date", "数据表均为最新版本")
_TOOL_S = 24 * 3600

PassphraseEnv = Annotated[
    str | None,
    option(
        "--passphrase-env",
        "Take the passphrase of the keys from this environment variable; asked for on a terminal otherwise.",
        "从该环境变量读取密钥的口令；否则在终端询问。",
        metavar="VAR",
    ),
]
KeysFile = Annotated[
    Path | None,
    option(
        "--keys",
        "The keys of the office, where they are not in the folder.",
        "机构密钥文件，不在目录中时给出。",
        metavar="FILE",
    ),
]


@command(
    groups.platform,
    "backup",
    "Back a province up while it works: its database at one moment, digests, a signature, its keys encrypted.",
    "在线备份：某一时刻的数据库、杂凑清单与签名，以及加密的密钥。",
)
def backup(
    voice: Voice,
    out: Annotated[Path, argument("FILE", "The backup; it must not be there yet.", "备份文件，不得已存在。")],
    folder: FolderThere = FOLDER,
    database: DatabaseUrl = "",
    passphrase_env: PassphraseEnv = None,
    keys: KeysFile = None,
    without_keys: Annotated[
        bool, option("--without-keys", "Leave the keys out: you keep them elsewhere.", "不含密钥，由您另行保存。")
    ] = False,
) -> None:
    """Nobody needs to stop."""
    from egov_sdk.platform.backup import make_backup
    from egov_sdk.platform.partners import FILE

    refuse_existing(out, force=False, hint=None)
    place, keys = _database(folder, database), keys or folder / KEYS
    secrets = _secrets(keys)
    passphrase = "" if without_keys else first_password(passphrase_env, what="the backup")
    made = make_backup(
        out,
        database=place,
        secrets=secrets,
        at=clock(),
        passphrase=passphrase,
        partners=folder / FILE,
        dump=None if isinstance(place, Path) else lambda snapshot, file: _dump(place, snapshot, file),
    )
    _tell(voice, _MADE, made, {"file": str(out), "keys": not without_keys})
    if without_keys:
        voice.note(voice.say(_NO_KEYS).format(keys=keys))


@command(
    groups.platform,
    "restore",
    "Restore a backup where nothing is: checked, verified, whole or not at all, and brought up to date.",
    "将备份恢复到空目录：先核验，再一次性就位，并升级到当前版本。",
)
def restore(
    voice: Voice,
    file: Annotated[Path, argument("FILE", "The backup.", "备份文件。")],
    folder: FolderThere = FOLDER,
    database: DatabaseUrl = "",
    passphrase_env: PassphraseEnv = None,
    keys: Annotated[
        Path | None,
        option(
            "--keys", "The keys of the office, where they are not in it.", "另行保存的机构密钥文件。", metavar="FILE"
        ),
    ] = None,
    replace: Annotated[
        bool,
        option("--replace", "Move what is in the folder aside; nothing is deleted.", "将目录原有内容移走，不删除。"),
    ] = False,
) -> None:
    """Nothing is overwritten."""
    from egov_sdk.platform.backup import restore_backup

    if not file.is_file():
        raise FileProblem(Text(f"{file}: no such file", f"{file}：没有该文件"))
    check_folder_of(folder)
    url = database_url(database)
    passphrase = "" if keys is not None else str(asker(passphrase_env, what="the backup")())
    restored = restore_backup(
        file,
        folder,
        at=clock(),
        passphrase=passphrase,
        keys=keys,
        secret=office_secret(),
        url=url,
        load=(lambda dumped: _load(url, dumped)) if url else None,
        replace=replace,
    )
    more = {"folder": str(folder), "moved": str(restored.moved or ""), "upgraded": _versions(restored.upgraded)}
    _tell(voice, _BACK, restored.manifest, more)
    if restored.moved is not None:
        voice.note(voice.say(_MOVED).format(moved=restored.moved))
    if _partner_files(restored.manifest):
        voice.note(_TAKES_PART)


@command(
    groups.platform,
    "upgrade",
    "Bring the tables of a database up to date; opening it does so as well, room by room.",
    "将数据表升级到当前版本（打开时也会逐项升级）。",
)
def upgrade_(voice: Voice, folder: FolderThere = FOLDER, database: DatabaseUrl = "", keys: KeysFile = None) -> None:
    """All steps or none."""
    from egov_sdk.door.belonging import is_own
    from egov_sdk.platform.schemas import upgrade
    from egov_sdk.storage import open_store

    place, keys = _database(folder, database), keys or folder / KEYS
    with open_store(place) as store:
        is_own(store, place, keys=keys, secrets=partial(_secrets, keys))
        changed = _versions(upgrade(store, at=clock()))
    if voice.as_json:
        voice.document({"upgraded": changed})
    elif changed:
        voice.facts([(_UPGRADED, ", ".join(f"{name} {steps}" for name, steps in changed.items()))], indent="")
    else:
        voice.line(_CURRENT)


def _secrets(keys: Path) -> OfficeSecrets:
    from egov_sdk.door.secrets import OfficeSecrets

    return OfficeSecrets.from_json(read_file(keys), secret=office_secret(), where=keys.name)


def _versions(changed: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    return {prefix: f"{before} → {after}" for prefix, (before, after) in sorted(changed.items())}


def _database(folder: Path, given: str) -> Path | str:
    if url := database_url(given):
        return url
    place = database_in(folder, new=DATABASES[0])
    if place.is_file():
        return place
    if (folder / KEYS).exists():
        raise database_lost(folder)
    raise UsageError(Text(f"there is no office in {folder}", f"{folder} 中没有机构的数据"))


def _tell(voice: Voice, words: Text, manifest: Manifest, more: Mapping[str, object]) -> None:
    if voice.as_json:
        voice.document({**more, "manifest": manifest.model_dump(mode="json")})
        return
    voice.line(voice.say(words).format(**more))
    tables = ", ".join(f"{prefix} {number}" for prefix, number in sorted(manifest.versions.items()))
    logs = ", ".join(f"{one.chain} {one.number}" for one in manifest.heads)
    facts = [(_AT, manifest.made_at.isoformat()), (_OFFICE, manifest.office), (_TABLES, tables), (_LOGS, logs)]
    if partners := _partner_files(manifest):
        facts.append((_PARTNERS, ", ".join(partners)))
    voice.facts(facts)


def _partner_files(manifest: Manifest) -> list[str]:
    from egov_sdk.platform.backup.manifest import PARTNERS

    return sorted(name.removeprefix(PARTNERS) for name in manifest.parts if name.startswith(PARTNERS))


def _dump(url: str, snapshot: str, file: Path) -> None:
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}")


def _load(url: str, file: Path) -> None:
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(file))


def _run(program: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; a password goes to it through its environment, where no list of processes has it."""
    from urllib.parse import unquote, urlsplit, urlunsplit

    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    plain = urlunsplit(("postgresql", user + host, parts.path, parts.query, ""))
    environment = dict(os.environ) | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing in it is a stranger's
            [program, f"--dbname={plain}", *arguments],
            env=environment,
            capture_output=True,
            timeout=_TOOL_S,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError(
            Text(f"{program} is not installed", f"未安装 {program}"),
            hint=Text("install PostgreSQL's own client programs", "请安装 PostgreSQL 自带的客户端程序"),
        ) from None
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise FileProblem(
            Text(
                f"{program} ended with {done.returncode}: {''.join(last)}",
                f"{program} 以 {done.returncode} 结束：{''.join(last)}",
            ),
            device=True,
        )
