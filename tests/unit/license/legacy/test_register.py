"""Old licences in the register of the house: stored, found, given their files, verified."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.legacy import GENERAL, Importer, ImportPlan, RowState, complete_imported
from egov_sdk.license.states import LicenseState
from egov_sdk.report import Outcome
from tests.license_world import CERTIFICATE, COUNTY, PERSON, LicenseTown, owner_use, person_draft, photo
from tests.unit.license.legacy.world import write_csv

HEADER = (
    "证照编号", "证照颁发日期", "持证主体", "持证主体代码", "证照有效期截止日期", "证照颁发机构",
    "性别", "资格名称", "级别",
)  # fmt: skip


def row(number: int, **cells: str) -> tuple[str, ...]:
    good = (
        f"ZG{number:06d}",
        "2026-05-04",
        PERSON.name,
        PERSON.code,
        "2029-05-03",
        "",
        "女",
        "安全生产管理人员",
        "二级",
    )
    return tuple((dict(zip(HEADER, good, strict=True)) | cells).values())


PLAN = ImportPlan(mapping=GENERAL, type_codes=(CERTIFICATE.code,))


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LicenseTown]:
    is_file = request.param == "sqlite"
    place = tmp_path / "register.db" if is_file else request.getfixturevalue("postgres").place()
    made = LicenseTown.at(place)
    yield made
    made.store.close()


def test_the_service_brings_sheets_and_rows_in(town: LicenseTown, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "old.csv", [row(1), row(2)], header=HEADER)
    told: list[tuple[int, int | None]] = []
    batch = town.service.register.import_legacy(path, PLAN, progress=lambda done, total: told.append((done, total)))
    assert (batch.stored, told) == (2, [(2, 3)])
    rows = [dict(zip(HEADER, row(number), strict=True)) for number in (2, 3)]
    again = town.service.register.import_legacy(rows, PLAN)
    assert (again.stored, again.skipped) == (1, 1)
    assert sum(one.count for one in town.service.statistics()) == 3


def test_a_row_that_says_something_else_of_a_licence_that_is_there_is_told(town: LicenseTown, tmp_path: Path) -> None:
    until, level = HEADER.index("证照有效期截止日期"), HEADER.index("级别")
    later, open_ended, upgraded = list(row(1)), list(row(1)), list(row(2))
    later[until], open_ended[until], open_ended[level], upgraded[level] = "2030-05-03", "", "", "一级"
    path = write_csv(tmp_path / "a.csv", [row(1), row(2), later, open_ended], header=HEADER)
    importer = Importer(town.service.register.imports, clock=town.watch)
    first = importer.import_file(path, PLAN)
    again = importer.import_file(write_csv(tmp_path / "b.csv", [upgraded, row(2), later], header=HEADER), PLAN)
    told = {
        (batch.id == first.id, one.number): (one.state.value, one.problems[0].finding.message.zh)
        for batch in (first, again)
        for one in importer.ledger.rows(batch.id)
        if one.problems
    }
    assert told == {
        (True, 4): ("failed", "已有该证照，但下列各项不同：证照有效期截止日期"),
        (True, 5): ("skipped", "与第 2 行为同一证照"),
        (False, 2): ("failed", "已有该证照，但下列各项不同：级别"),
        (False, 3): ("skipped", "登记库中已有该证照"),
        (False, 4): ("failed", "已有该证照，但下列各项不同：证照有效期截止日期"),
    }


def test_a_mapping_alone_takes_rows_of_every_published_type(town: LicenseTown) -> None:
    rows = [dict(zip(HEADER, row(number), strict=True)) | {"证照类型代码": CERTIFICATE.code} for number in (1, 2)]
    batch = town.service.register.import_legacy([*rows, rows[0] | {"证照类型代码": "?"}], GENERAL)
    assert (batch.stored, batch.failed) == (2, 1)


def test_imported_licences_are_found_completed_and_verified(town: LicenseTown, tmp_path: Path) -> None:
    register = town.service.register
    importer = Importer(register.imports, clock=town.watch, rows_at_once=4)
    rows = [*(row(number) for number in range(9)), row(9, 性别="?"), row(3), row(10, 证照颁发机构=COUNTY.name)]
    path = write_csv(tmp_path / "old.csv", rows, header=HEADER)
    batch = importer.import_file(path, PLAN)
    assert (batch.stored, batch.failed, batch.skipped) == (10, 1, 1)
    found = town.service.search(PERSON.code, use=owner_use(PERSON.code, name=PERSON.name))
    assert len(found.records) == 10
    assert {one.state for one in found.records} == {LicenseState.VALID}
    assert {one.file_digest for one in found.records} == {""}
    assert importer.import_file(path, PLAN) == batch

    completion = complete_imported(
        lambda identifier: register.make_file(identifier, pictures={"照片": photo()}),
        ledger=importer.ledger,
        batch=batch.id,
        jobs=2,
    )
    assert (completion.completed, completion.failed) == (10, 0)
    first = next(importer.ledger.rows(batch.id, RowState.SEALED))
    license_ = town.service.get(LicenseIdentifier.parse(first.identifier), use=owner_use())
    assert town.service.verify(license_.file).outcome is Outcome.PASSED
    town.assert_audit_holds()


def test_a_number_that_was_issued_is_known_however_it_is_written(town: LicenseTown, tmp_path: Path) -> None:
    issued = town.service.issue(person_draft("ZG000001"))
    importer = Importer(town.service.register.imports, clock=town.watch)
    rows = [
        row(1, 证照编号="ＺＧ000001", 证照颁发日期="2026-06-01", 证照有效期截止日期="2029-05-31"),
        row(1, 持证主体代码="11010519491231002X"),
        row(2, 证照编号="zg-2"),
        row(3, 证照编号="ZG-2"),
    ]
    batch = importer.import_file(write_csv(tmp_path / "old.csv", rows, header=HEADER), PLAN)
    states = {one.number: one for one in importer.ledger.rows(batch.id)}
    assert [one.state for one in states.values()] == [
        RowState.SKIPPED, RowState.FAILED, RowState.STORED, RowState.SKIPPED,
    ]  # fmt: skip
    assert states[2].identifier == str(issued.identifier)
    assert batch.stored == 1


def test_a_licence_without_its_photo_waits_for_it(town: LicenseTown, tmp_path: Path) -> None:
    importer = Importer(town.service.register.imports, clock=town.watch)
    batch = importer.import_file(write_csv(tmp_path / "old.csv", [row(1)], header=HEADER), PLAN)
    failed = complete_imported(town.service.register.make_file, ledger=importer.ledger, batch=batch.id)
    assert (failed.completed, failed.failed) == (0, 1)
    assert getattr(failed.failures[0].error, "code", "") == "egov.license.draft_element"
    (left,) = importer.ledger.rows(batch.id)
    assert left.state is RowState.STORED
