"""An office with a register, as the command line opens one."""

from __future__ import annotations

from pathlib import Path

from egov_sdk.codes.specimens import specimen_citizen_number
from tests.unit.cli.calling import Egov, Ran

__all__ = ["COMPANY", "COMPANY_CODE", "FIELDS", "PERSON_CODE", "field_options", "issue", "issued", "open_office"]

COMPANY = "示例食品有限公司"
COMPANY_CODE = "91110000600037341L"
PERSON_CODE = specimen_citizen_number(3).number
FIELDS = {"法定代表人": "李四四", "住所": "某市某区某路一号", "主体业态": "食品销售", "经营项目": "预包装食品"}


def field_options(**changes: str) -> list[str]:
    """The further items of the sample type as options."""
    return [word for name, value in {**FIELDS, **changes}.items() for word in ("--field", f"{name}={value}")]


def issued(egov: Egov, number: str = "A-1", *more: object) -> str:
    """Issue a licence; its identifier."""
    ran = issue(egov, number, *more)
    assert ran.code == 0, ran.out + ran.err
    return str(ran.json["metadata"]["identifier"])


def issue(egov: Egov, number: str = "A-1", *more: object) -> Ran:
    """Try to issue one."""
    who = ("--holder", f"{COMPANY},{COMPANY_CODE}")
    return egov("license", "issue", "--type", "营业许可证", "--number", number, *who, *field_options(), *more, "--json")


def open_office(folder: Path) -> Path:
    """Open an office with one type in a folder."""
    ran = Egov()(
        "license", "new-type", "--sample", "business_permit", "--department", "样例市数据局",
        "--office", f"local:{folder / 'egov-data'}",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return folder / "egov-data"
