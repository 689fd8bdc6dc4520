"""The directory: a row for the next level, and types as catalogues list them."""

from __future__ import annotations

from datetime import datetime

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.license.catalogue import AuthorityLevel, HolderCategory, LicenseType
from egov_sdk.license.dates import ValidityRange
from egov_sdk.license.directory import (
    COLUMNS,
    SyncOperation,
    directory_row,
    license_type_pairs,
    parse_license_type_pairs,
)
from egov_sdk.license.elements import Naming
from egov_sdk.license.metadata import Authority, LicenseMetadata
from tests.unit.license.words import AT, COMPANY, PERSON, TYPE_CODE, metadata

TYPE = LicenseType(
    code=TYPE_CODE,
    name="建筑施工企业安全生产管理人员考核合格证书",
    defined_by=Authority(name="住房和城乡建设部", code="11100000000013338W"),
    defined_level=AuthorityLevel.NATIONAL,
    issued_level=AuthorityLevel.PROVINCIAL,
    issued_by="省级住房城乡建设主管部门",
    holder_category=HolderCategory.PERSON,
    item_names=("初领", "延续"),
    item_codes=("000117021000", "000117021001"),
    validity_ranges=(ValidityRange.parse("3年"), ValidityRange.parse("长期")),
)


def _row(licence: LicenseMetadata, batch: str = "20260101001", source: str = "1") -> tuple[str, ...]:
    row = directory_row(licence, operation=SyncOperation.UPDATE, at=AT, batch=batch, data_source=source)
    assert row.operation is SyncOperation.UPDATE
    assert list(row.values) == [column.name for column in COLUMNS]
    return tuple(found.element for found in row.findings())


def test_a_row_holds_what_the_next_level_asks_for() -> None:
    licence = metadata(holders=(PERSON, COMPANY))
    values = directory_row(licence, operation=SyncOperation.INSERT, at=AT, batch="1", data_source="1").values
    assert values["certificate_source_id"] == str(licence.identifier)
    assert values["certificate_holder_code"] == f"{PERSON.code}^{COMPANY.code}"
    assert values["certificate_holder_type"] == "公民身份号码^统一社会信用代码"
    assert (values["issue_date"], values["cd_time"]) == ("20230131", "2026-01-01 08:00:00")
    assert (values["cd_operation"], SyncOperation.DELETE.value) == ("I", "D")
    assert _row(licence) == ()


@pytest.mark.parametrize(
    ("other", "elements"),
    [
        ({"area_code": ""}, ("证照所属管辖属地编码",)),
        ({"name": "证" * 513, "number": "1" * 129}, ("证照名称", "证照编号")),
        ({"type_name": "证" * 257}, ("证照类型名称",)),
        ({"issuer": Authority(name="", code="")}, ("证照颁发机构", "证照颁发机构代码")),
    ],
)
def test_what_the_next_level_would_refuse_is_told(other: dict[str, object], elements: tuple[str, ...]) -> None:
    assert _row(metadata(**other)) == elements


def test_a_batch_and_a_source_have_their_width() -> None:
    assert _row(metadata(), batch="", source="1234") == ("同步批次", "数据来源")
    assert _row(metadata(), batch="1" * 33) == ("同步批次",)


def test_no_naive_time_is_pushed() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - naive on purpose
    with pytest.raises(ValueError, match="zone"):
        directory_row(metadata(), operation=SyncOperation.INSERT, at=naive, batch="1", data_source="1")


@pytest.mark.parametrize("naming", [Naming.CHINESE, Naming.ENGLISH])
def test_a_type_is_read_as_it_was_listed(naming: Naming) -> None:
    assert parse_license_type_pairs(dict(license_type_pairs(TYPE, naming=naming))) == TYPE


def test_types_are_listed_in_the_words_of_catalogues() -> None:
    pairs = dict(license_type_pairs(TYPE, naming=Naming.CHINESE))
    assert pairs["有效期限范围"] == "3年^长期"
    assert pairs["持证主体类别"] == "自然人"
    assert pairs["证照颁发机构级别"] == "省(部)级"
    assert pairs["关联事项名称"] == "初领^延续"
    with pytest.raises(ValueError, match="Chinese or English"):
        license_type_pairs(TYPE, naming=Naming.PINYIN)


@pytest.mark.parametrize(
    ("other", "where", "code"),
    [
        ({"CertificateTypeCode": ""}, "证照类型代码", "missing"),
        ({"CertificateTypeName": " "}, "证照类型名称", "missing"),
        ({"CertificateDefineAuthorityCode": ""}, "证照定义机构代码", "missing"),
        ({"CertificateHolderCategory": ""}, "持证主体类别", "missing"),
        ({"CertificateHolderCategory": "个人"}, "持证主体类别", "word"),
        ({"CertificateDefineAuthorityLevel": "1"}, "证照定义机构级别", "word"),
        ({"CertificateIssuingAuthorityLevel": "村级"}, "证照颁发机构级别", "word"),
        ({"ValidityRange": "3年^不定"}, "有效期限范围", "range"),
    ],
)
def test_a_word_that_no_catalogue_has_is_refused(other: dict[str, str], where: str, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_license_type_pairs({**dict(license_type_pairs(TYPE)), **other})
    assert (caught.value.where, caught.value.code) == (where, f"egov.license.{code}")


def test_levels_that_are_not_told_are_other() -> None:
    pairs = dict(license_type_pairs(TYPE))
    del pairs["CertificateDefineAuthorityLevel"], pairs["ValidityRange"]
    made = parse_license_type_pairs({**pairs, "foo": "bar"})
    assert (made.defined_level, made.validity_ranges) == (AuthorityLevel.OTHER, ())
