"""The contract of licence services, kept by the one in this process, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.license import ContractTown, LicenseContract
from tests.license_world import LicenseTown
from tests.postgres import Server


class TestOnSqlite(LicenseContract):
    @pytest.fixture
    def town(self, tmp_path: Path) -> Iterator[ContractTown]:
        made = LicenseTown.at(tmp_path / "licenses.db")
        yield ContractTown(made.service, made)
        made.assert_audit_holds()
        made.store.close()


class TestOnPostgresql(LicenseContract):
    @pytest.fixture
    def town(self, postgres: Server) -> Iterator[ContractTown]:
        made = LicenseTown.at(postgres.place())
        yield ContractTown(made.service, made)
        made.assert_audit_holds()
        made.store.close()
