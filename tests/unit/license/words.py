"""A licence in words, for the tests of metadata, catalogue and directory. Its holders are specimens."""

from __future__ import annotations

from datetime import UTC, date, datetime

from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, CopyNote, LicenseHolder, LicenseMetadata

__all__ = ["AT", "COMPANY", "ISSUER", "NOTE", "PERSON", "TYPE_CODE", "metadata"]

TYPE_CODE = "11100000000013338W011"
ISSUER = Authority(name="湖南省住房和城乡建设厅", code="11430000006122244L")
PERSON = LicenseHolder(
    name="样某",
    code=specimen_citizen_number(1, birth_date=date(1990, 1, 1)).number,
    type_code="111",
)
COMPANY = LicenseHolder(name="样例建设, 有限公司", code=specimen_credit_code(1).number, type_code="001")
AT = datetime(2026, 1, 1, tzinfo=UTC)
NOTE = CopyNote(
    made_at=AT, maker="样例市政务服务中心", cause="办理施工许可", valid_until=datetime(2026, 1, 2, tzinfo=UTC)
)


def metadata(**other: object) -> LicenseMetadata:
    """Metadata with nothing wrong, except for what is given."""
    values: dict[str, object] = {
        "identifier": LicenseIdentifier.build(type_code=TYPE_CODE, issuer_code=ISSUER.code, serial="20230000403"),
        "name": "建筑施工企业安全生产管理人员考核合格证书",
        "type_name": "建筑施工企业安全生产管理人员考核合格证书",
        "number": "湘建安A（2023）0000403",
        "issuer": ISSUER,
        "issued_on": date(2023, 1, 31),
        "holders": (PERSON,),
        "valid_from": date(2023, 2, 1),
        "valid_until": date(2026, 1, 31),
        "area_code": "430000",
        "item_name": "安管人员考核",
        "item_code": "000117021000",
        "fields": {"岗位": "A", "职务": "经理"},
    }
    return LicenseMetadata.model_validate(values | other)
