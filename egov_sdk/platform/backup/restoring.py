"""Put a backup back: whole or not at all, and never over something that is there."""

from __future__ import annotations

import errno
import lzma
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from egov_sdk.door.homes import remember
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.errors import KeyAccessError
from egov_sdk.files import sync
from egov_sdk.platform.backup.manifest import (
    DATABASE,
    KEYS,
    LIST,
    PARTNERS,
    SIGNATURE,
    Manifest,
    digest_of,
    read_signed,
)
from egov_sdk.platform.problems import refuse
from egov_sdk.platform.register.callers import AUDIT_CHAIN
from egov_sdk.platform.schemas import check_known, upgrade
from egov_sdk.report import Outcome, Text
from egov_sdk.storage import AuditLog, Store, open_store, verify_audit
from egov_sdk.storage.copies import check_file
from egov_sdk.storage.migrations import recorded_versions

__all__ = ["Load", "Restored", "restore_backup"]

#: Reads a file of ``pg_dump`` into the PostgreSQL database, in one transaction: ``pg_restore --single-transaction``.
Load = Callable[[Path], None]

_OTHER_TABLES: Final = Text("tables of other versions than were listed", "数据表版本与清单不符")
_WHICH: Final = Text("give the one with which the backup was made", "请给出备份时所用的口令")
_SMALL: Final = 1 << 20
#: What ``pg_dump`` wrote, until it is loaded.
_DUMPED: Final = ".dump"
#: A folder or a file on the way to a part, and no way elsewhere.
_STEP: Final = re.compile(r"[^/\\:\x00]+")
#: What reading a zip file raises of one that was changed; RuntimeError is of a member that says to be encrypted.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    UnicodeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back.

    Attributes:
        upgraded: The versions before and after of the tables that are newer now than in the backup.
        moved: Where what was there before lies now; None where there was nothing.
    """

    manifest: Manifest
    upgraded: Mapping[str, tuple[int, int]]
    moved: Path | None


def restore_backup(
    backup: Path,
    folder: Path,
    *,
    at: datetime,
    passphrase: str = "",
    keys: Path | None = None,
    secret: str = "",
    url: str = "",
    load: Load | None = None,
    replace: bool = False,
) -> Restored:
    """Restore a backup: everything is read, checked against the signed list, and verified before it is put in place.

    Args:
        folder: Where the office will be: it is not there, or empty.
        passphrase: Opens the keys in the backup.
        keys: The file of the office's keys, where they were kept apart; ``secret`` opens it.
        secret: The keys are kept under it in the folder; in the clear, for their owner alone, where it is empty.
        url, load: The PostgreSQL database, which is empty, for a backup of one.
        replace: Move a folder that is not empty out of the way; nothing of it is deleted.
    Raises:
        ProvinceRejected: backup_damaged, backup_foreign, backup_newer, backup_keys, backup_audit, restore_target.
        KeyAccessError: the passphrase or the secret is another one.
        StorageError: the database cannot be written.
        ValueError: a database was given and the backup is of SQLite, or it is of PostgreSQL and none was.
    """
    if not replace and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refuse("restore_target", found=folder)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.restoring-"))
    try:
        manifest, secrets = _unpack(backup, made, passphrase=passphrase, keys=keys, secret=secret)
        check_known(manifest.versions)
        (made / KEYS).write_bytes(secrets.to_json(secret=secret))
        if manifest.kind == "sqlite":
            if url:
                raise ValueError("it is a backup of SQLite: it is restored into the folder, and into no other database")
            upgraded = _checked(made / manifest.file, manifest, at)
        else:
            upgraded = _load(made / _DUMPED, manifest, url=url, load=load, at=at)
            (made / _DUMPED).unlink()
            remember(made, url)
        for path in made.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
            sync(path)
        sync(made)
        moved = _put(made, folder, at=at)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return Restored(manifest=manifest, upgraded=upgraded, moved=moved)


def _unpack(
    backup: Path, made: Path, *, passphrase: str, keys: Path | None, secret: str
) -> tuple[Manifest, OfficeSecrets]:
    try:
        with zipfile.ZipFile(backup) as packed:
            if keys is not None:
                secrets = OfficeSecrets.from_json(keys.read_bytes(), secret=secret, where=keys.name)
            elif KEYS in packed.namelist():
                secrets = _keys(_small(packed, KEYS), passphrase)
            else:
                raise refuse("backup_keys")
            manifest = read_signed(_small(packed, LIST), _small(packed, SIGNATURE), secrets=secrets)
            if bool(manifest.file) != (manifest.kind == "sqlite") or manifest.file == KEYS:
                raise refuse("backup_damaged", found=Text(f"a database {manifest.file!r}", f"数据库 {manifest.file!r}"))
            for name, part in manifest.parts.items():
                place = _place(made, name, manifest)
                place.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(name) as source, place.open("xb") as sink:
                    found = digest_of(source, into=sink, most=part.length)  # type: ignore[arg-type]  # only read
                if found != part:
                    found_other = Text(f"{name} is not the one that was listed", f"{name} 与清单不符")
                    raise refuse("backup_damaged", found=found_other)
            if DATABASE not in manifest.parts:
                raise refuse("backup_damaged", found=Text("no database", "没有数据库"))
    except _DAMAGED as error:
        raise refuse(
            "backup_damaged", found=Text(type(error).__name__, f"内容不可读（{type(error).__name__}）")
        ) from None
    except OSError as error:
        # of a place that there is none of, or two of, or of another kind of compression, and not of the disk
        if error.errno not in (errno.EINVAL, errno.EEXIST, errno.ENOTDIR, None):
            raise
        raise refuse(
            "backup_damaged", found=Text(type(error).__name__, f"内容不可读（{type(error).__name__}）")
        ) from None
    return manifest, secrets


def _keys(octets: bytes, passphrase: str) -> OfficeSecrets:
    try:
        return OfficeSecrets.from_json(octets, secret=passphrase, where=KEYS)
    except KeyAccessError as error:
        text = Text("this passphrase does not open the keys in the backup", "该口令不能打开备份中的密钥")
        told = KeyAccessError(text.en, code=error.code, hint=_WHICH)
        told.text = text
        raise told from None


def _place(made: Path, name: str, manifest: Manifest) -> Path:
    """Where a part of a backup lies while it is restored."""
    if name == DATABASE:
        return made / (manifest.file or _DUMPED)
    if name == KEYS:
        return made / KEYS
    below = name.removeprefix(PARTNERS)
    if below == name or not all(_STEP.fullmatch(step) and step.strip(".") for step in below.split("/")):
        raise refuse("backup_damaged", found=Text(f"a part {name}", f"部件 {name}"))
    return made / below


def _small(packed: zipfile.ZipFile, name: str) -> bytes:
    with packed.open(name) as source:
        octets = source.read(_SMALL + 1)
    if len(octets) > _SMALL:
        raise refuse("backup_damaged", found=Text(f"{name} is too large", f"{name} 过大"))
    return octets


def _checked(path: Path, manifest: Manifest, at: datetime) -> Mapping[str, tuple[int, int]]:
    check_file(path)
    with open_store(path) as store:
        return _verified(store, manifest, at)


def _load(
    dumped: Path, manifest: Manifest, *, url: str, load: Load | None, at: datetime
) -> Mapping[str, tuple[int, int]]:
    if not url or load is None:
        raise ValueError("it is a backup of PostgreSQL: give an empty database (url and load, or --database)")
    with open_store(url) as store:
        with store.read() as connection:
            if connection.exec_driver_sql(_ANY_TABLE).first() is not None:
                raise refuse("restore_target", found=store.place)
        load(dumped)
        return _verified(store, manifest, at)


_ANY_TABLE: Final = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = ANY (current_schemas(false)) LIMIT 1"


def _verified(store: Store, manifest: Manifest, at: datetime) -> Mapping[str, tuple[int, int]]:
    """Hold every log against where it ended, bring the tables up to date, and note that later entries are gone."""
    with store.read() as connection:
        if recorded_versions(connection) != manifest.versions:
            raise refuse("backup_damaged", found=_OTHER_TABLES)
        for one in manifest.heads:
            report = verify_audit(connection, one.chain, at=at, expected_head=one.head())
            if report.outcome is not Outcome.PASSED:
                raise refuse("backup_audit", found=one.chain)
    upgraded = upgrade(store, at=at)
    with store.write() as connection:
        ended = {one.chain: one.number for one in manifest.heads}
        detail = {"made_at": manifest.made_at.isoformat(), "ended": ended}
        AuditLog(AUDIT_CHAIN).append(
            connection, at=at, actor="-", action="office.restored", subject=manifest.office, detail=detail
        )
    return upgraded


def _put(made: Path, folder: Path, *, at: datetime) -> Path | None:
    """Put the folder in its place in one step; what is there is moved aside, and kept."""
    moved = None
    if folder.exists() and any(folder.iterdir()):
        moved = folder.with_name(f"{folder.name}.before-{at:%Y%m%dT%H%M%SZ}")
        os.rename(folder, moved)
    os.rename(made, folder)
    sync(folder.parent)
    return moved
