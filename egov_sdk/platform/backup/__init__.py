"""Backups of an office (备份): its database as it was at one moment, listed with digests and signed by the office."""

from __future__ import annotations

from egov_sdk.platform.backup.making import Dump, make_backup
from egov_sdk.platform.backup.manifest import Manifest
from egov_sdk.platform.backup.restoring import Restored, restore_backup

__all__ = ["Dump", "Manifest", "Restored", "make_backup", "restore_backup"]
