"""Make a backup of an office whose programs go on working."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import egov_sdk
from egov_sdk.door.belonging import check_owner
from egov_sdk.door.secrets import OfficeSecrets
from egov_sdk.files import new_file
from egov_sdk.platform.backup.manifest import (
    DATABASE,
    KEYS,
    LIST,
    PARTNERS,
    SIGNATURE,
    LoggedTo,
    Manifest,
    Part,
    digest_of,
    part_of,
    stamp,
)
from egov_sdk.platform.partners import FILE, read_partners
from egov_sdk.platform.problems import refuse
from egov_sdk.report import Text
from egov_sdk.storage import open_store
from egov_sdk.storage.audit import audit_chains
from egov_sdk.storage.copies import check_file, copy_file
from egov_sdk.storage.migrations import recorded_versions

__all__ = ["Dump", "make_backup"]

#: Writes a PostgreSQL database, as the snapshot of that name shows it, to a file: ``pg_dump --snapshot``.
Dump = Callable[[str, Path], None]


def make_backup(
    target: Path,
    *,
    database: Path | str,
    secrets: OfficeSecrets,
    at: datetime,
    passphrase: str = "",
    dump: Dump | None = None,
    partners: Path | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> Manifest:
    """Back an office up: its database as it is at one moment, and its keys if there is a passphrase for them.

    Args:
        target: The file, which only its owner can read. It appears when it is whole.
        database: The path of a SQLite file, or the URL of a PostgreSQL database.
        passphrase: The keys go along, encrypted under it; without one they do not, and are to be kept elsewhere.
        dump: Needed for PostgreSQL.
        partners: Its ``partners.toml``, which goes along with the files that it names, if it is there.
    Raises:
        FileExistsError: the target is there already.
        ProvinceRejected: backup_damaged: the database itself is.
        WrongDatabase: it is that of another office.
        ConfigError: the file of partners cannot be used.
        StorageError: the database cannot be read, or there is no room.
    """
    if target.exists():
        raise FileExistsError(f"{target} is there already")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".egov-backup-") as name:
        folder = Path(name)
        copied = folder / DATABASE
        if isinstance(database, Path):
            copy_file(database, copied)
            check_file(copied)
            manifest = _described(copied, copied, secrets, at, file=database.name)
        else:
            if dump is None:
                raise ValueError("PostgreSQL is backed up by a program: give dump")
            manifest = _described(database, copied, secrets, at, dump=dump)
        parts = {DATABASE: part_of(copied)}
        if passphrase:
            (folder / KEYS).write_bytes(secrets.to_json(secret=passphrase, random=random))
            parts[KEYS] = part_of(folder / KEYS)
        if partners is not None and partners.exists():
            parts |= _with_partners(partners, folder)
        manifest = manifest.model_copy(update={"parts": parts})
        with new_file(target, replace=False, private=True) as file:
            _pack(file, folder, manifest, secrets)
    return manifest


def _with_partners(file: Path, folder: Path) -> dict[str, Part]:
    """Lay a file of partners, and those that it names, beside the database."""
    parts = {}
    for name in (*read_partners(file).files, FILE):
        laid = folder / PARTNERS / name
        laid.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.parent / name if name != FILE else file, laid)
        parts[PARTNERS + name] = part_of(laid)
    return parts


def _described(
    place: Path | str,
    copied: Path,
    secrets: OfficeSecrets,
    at: datetime,
    *,
    file: str = "",
    dump: Dump | None = None,
) -> Manifest:
    """What the list says of a database; where it is to be dumped, that is done in the same state of it."""
    with open_store(place) as store, store.read() as connection:
        versions = recorded_versions(connection)
        if not versions:
            raise refuse(
                "backup_damaged", found=Text("the database holds no tables of an office", "数据库中没有机构的数据表")
            )
        check_owner(connection, secrets, place=store.place)
        heads = audit_chains(connection)
        if dump is not None:
            snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            dump(str(snapshot), copied)
    return Manifest(
        made_at=at,
        made_by=f"egov-sdk {egov_sdk.__version__}",
        office=secrets.code,
        kind="sqlite" if dump is None else "postgresql",
        file=file,
        versions=versions,
        heads=tuple(map(LoggedTo.of, heads)),
        parts={},
    )


def _pack(packed: BinaryIO, folder: Path, manifest: Manifest, secrets: OfficeSecrets) -> None:
    octets, signature = manifest.signed(secrets)
    date = stamp(manifest.made_at)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in ((LIST, octets), (SIGNATURE, signature)):
            made.writestr(zipfile.ZipInfo(name, date), content)
        for name in manifest.parts:
            member = zipfile.ZipInfo(name, date)
            member.compress_type = zipfile.ZIP_DEFLATED
            with (folder / name).open("rb") as source, made.open(member, "w", force_zip64=True) as sink:
                digest_of(source, into=sink)  # type: ignore[arg-type]  # it is written to alone
