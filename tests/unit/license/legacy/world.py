"""Sheets of old licences, and a register of one table that takes them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from egov_sdk.license.catalogue import FieldDef, FieldKind, HolderCategory, LicenseType
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.legacy.importing import ImportPlan
from egov_sdk.license.legacy.mapping import EPOINT, GENERAL
from egov_sdk.license.legacy.target import Known
from egov_sdk.license.metadata import Authority, LicenseMetadata
from egov_sdk.license.problems import refuse
from egov_sdk.storage import Migration, Schema, Store, open_store
from egov_sdk.storage.sql import Column, Connection, MetaData, Table, Text, insert, select

NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
OFFICE: Final = Authority(name="示例市住房和城乡建设局", code="11430000006122244L")
OTHER_OFFICE: Final = Authority(name="示例县住房和城乡建设局", code="11220000013544541J")
TYPE: Final = LicenseType(
    code="11100000000013338W011",
    name="安全生产考核合格证书",
    defined_by=Authority(name="住房和城乡建设部", code="11100000000013338W"),
    holder_category=HolderCategory.PERSON,
    fields=(
        FieldDef(name="gzdw", label="工作单位"),
        FieldDef(name="csrq", label="出生日期", kind=FieldKind.DATE, required=False),
        FieldDef(name="lb", label="类别", kind=FieldKind.CHOICE, choices=("A", "B", "C"), required=False),
        FieldDef(name="xs", label="学时", kind=FieldKind.NUMBER, required=False),
        FieldDef(name="zp", label="照片", kind=FieldKind.PICTURE),
    ),
)
COMPANY_TYPE: Final = LicenseType(
    code="11100000000013338W050",
    name="安全生产许可证",
    defined_by=Authority(name="住房和城乡建设部", code="11100000000013338W"),
    holder_category=HolderCategory.ORGANIZATION,
)
PERSONS: Final = ("11010519491231002X", "440524188001010014", "34052419800101001X")
COMPANY: Final = "91110000600037341L"

HEADER: Final = (
    "证照名称", "证照编号", "证照颁发机构", "证照颁发日期", "持证主体", "面向持证主体类别", "持证主体代码类型",
    "持证主体代码", "证照有效期起始日期", "证照有效期截止日期", "工作单位",
)  # fmt: skip
GOOD: Final = (
    TYPE.name, "湘建安A(2023)0000403", OFFICE.name, "2023-05-04", "张三", "自然人", "公民身份号码", PERSONS[0],
    "2023-05-04", "2026-05-03", "示例建筑公司",
)  # fmt: skip


def row(number: str = GOOD[1], **cells: str) -> tuple[str, ...]:
    """The good row with another number and some cells otherwise, by their headers."""
    values = dict(zip(HEADER, GOOD, strict=True)) | {"证照编号": number}
    assert cells.keys() <= values.keys()
    return tuple((values | cells).values())


def many(count: int, *, first: int = 1) -> list[tuple[str, ...]]:
    """Good rows with numbers of their own."""
    return [row(f"湘建安A(2023){number:07d}") for number in range(first, first + count)]


def csv_bytes(
    rows: Iterable[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",", header: Sequence[str] = HEADER
) -> bytes:
    """A sheet as CSV."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([header, *rows])
    return written.getvalue().encode(encoding)


def write_csv(path: Path, rows: Iterable[Sequence[str]], *, header: Sequence[str] = HEADER) -> Path:
    path.write_bytes(csv_bytes(rows, header=header))
    return path


def plan(**changes: object) -> ImportPlan:
    """The plan of the Epoint sheet."""
    values: dict[str, object] = {"mapping": EPOINT, "type_codes": (TYPE.code,), "issuers": (OFFICE,)}
    return ImportPlan(**values | changes)  # type: ignore[arg-type]  # whichever are given


GENERAL_PLAN: Final = ImportPlan(mapping=GENERAL, type_codes=(TYPE.code,), issuers=(OFFICE, OTHER_OFFICE))

_TABLES: Final = MetaData()
LICENCES: Final = Table(
    "simple_licences",
    _TABLES,
    Column("identifier", Text, primary_key=True),
    Column("type_code", Text, nullable=False),
    Column("issuer_code", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("holders", Text, nullable=False),
    Column("content", Text, nullable=False),
)
_SCHEMA: Final = Schema(
    "simple",
    _TABLES,
    (
        Migration(
            1,
            "licences",
            (
                "CREATE TABLE simple_licences (identifier TEXT NOT NULL PRIMARY KEY, type_code TEXT NOT NULL, "
                "issuer_code TEXT NOT NULL, number TEXT NOT NULL, serial TEXT NOT NULL, holders TEXT NOT NULL, "
                "content TEXT NOT NULL, UNIQUE (type_code, issuer_code, number), "
                "UNIQUE (type_code, issuer_code, serial))",
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class SimpleTarget:
    """A register of one table."""

    store: Store
    types: tuple[LicenseType, ...] = (TYPE, COMPANY_TYPE)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, place: Path) -> SimpleTarget:
        store = open_store(place)
        store.prepare(_SCHEMA, at=NOW)
        return cls(store)

    def issuers(self) -> tuple[Authority, ...]:
        return (OFFICE,)

    def type_of(self, type_code: str) -> LicenseType:
        for one in self.types:
            if one.code == type_code:
                return one
        raise refuse("type_unknown", found=type_code)

    def known(self, connection: Connection, licenses: Sequence[LicenseMetadata]) -> Sequence[Known | None]:
        return [self._known(connection, one) for one in licenses]

    def _known(self, connection: Connection, one: LicenseMetadata) -> Known | None:
        alike = select(LICENCES).where(LICENCES.c.type_code == one.type_code, LICENCES.c.issuer_code == one.issuer.code)
        found = connection.execute(alike.where(LICENCES.c.number == one.number)).mappings().first()
        if found is not None:
            same = found["holders"] == _holders(one)
            return Known(LicenseIdentifier.parse(found["identifier"]), same)
        found = connection.execute(alike.where(LICENCES.c.serial == one.identifier.serial)).mappings().first()
        return None if found is None else Known(LicenseIdentifier.parse(found["identifier"]), False, "serial")

    def insert(self, connection: Connection, licenses: Sequence[LicenseMetadata], *, at: datetime) -> None:
        rows = [
            {
                "identifier": str(one.identifier), "type_code": one.type_code, "issuer_code": one.issuer.code,
                "number": one.number, "serial": one.identifier.serial, "holders": _holders(one),
                "content": one.model_dump_json(exclude={"identifier"}),
            }
            for one in licenses
        ]  # fmt: skip
        connection.execute(insert(LICENCES), rows)

    def numbers(self) -> list[str]:
        """The numbers of all licences, in the order of storing."""
        with self.store.read() as connection:
            return [number for (number,) in connection.execute(select(LICENCES.c.number))]


def _holders(one: LicenseMetadata) -> str:
    return "^".join(sorted(holder.code for holder in one.holders))
