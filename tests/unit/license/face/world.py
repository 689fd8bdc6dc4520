"""A bureau, its three sample types, and a licence of each: for the tests of faces and files, and for the docs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from PIL import Image

from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.elements import Naming
from egov_sdk.license.face.samples import SampleName
from egov_sdk.license.file import make_license_file, seal_license_file
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseHolder, LicenseMetadata
from egov_sdk.license.model import LicenseRecord
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.samples import sample_type
from egov_sdk.license.sealing import LocalSealer
from egov_sdk.license.states import LicenseState
from tests.world import NOW, Office, world

__all__ = ["BUREAU", "LATER", "REQUESTER", "Made", "Register", "made", "metadata_of", "photo", "policy", "sealer"]

#: The name that the certificate of the test office bears.
BUREAU = Authority(name="Province Bureau", code="11220000013544541J")
DEFINER = Authority(name="某部", code="11110000000021135M")
REQUESTER = Authority(name="某某市行政审批局", code="11330105002500287C")
LATER = NOW + timedelta(hours=1)

COMPANY = LicenseHolder(name="某某市样例食品有限公司", code="91110000600037341L", type_code="001")
PERSON = LicenseHolder(name="张三", code="11010519491231002X", type_code="111")

FIELDS: Mapping[SampleName, Mapping[str, str]] = {
    "business_permit": {
        "法定代表人": "李四",
        "住所": "某某省某某市某某区某某路一百二十三号某某大厦二十一层",
        "经营场所": "某某省某某市某某区某某路一百二十三号一层",
        "主体业态": "食品销售经营者",
        "经营项目": "预包装食品销售；散装食品销售（不含熟食）；特殊食品销售（保健食品、婴幼儿配方乳粉）",
    },
    "person_certificate": {"性别": "男", "资格名称": "样例工程施工安全生产管理人员", "级别": "二级"},
    "multi_page_permit": {
        "地址": "某某省某某市某某区工业园三路八号",
        "许可内容": "".join(f"（{n}）第{n}类样例设施的安装、改造、修理和维护保养；" for n in range(1, 41)),
        "设备清单": "\n".join(f"{n}^样例检测设备{n}号^YL-{1000 + n}^{n % 4 + 1}^" for n in range(1, 61)),
    },
}


@lru_cache
def photo() -> bytes:
    """A grey silhouette, 90 by 120 pixels."""
    picture = Image.new("RGB", (90, 120), (226, 232, 240))
    picture.paste((120, 132, 150), (28, 24, 62, 64))
    picture.paste((120, 132, 150), (12, 72, 78, 120))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def type_of(name: SampleName) -> LicenseType:
    return sample_type(name, defined_by=DEFINER)


def metadata_of(name: SampleName = "business_permit", **changes: Any) -> LicenseMetadata:
    """The metadata of the licence of a sample type, with changes."""
    type_ = type_of(name)
    serial, version = changes.pop("serial", "20260601000001"), changes.pop("version", 1)
    given: dict[str, Any] = {
        "identifier": LicenseIdentifier.build(
            type_code=type_.code, issuer_code=BUREAU.code, serial=serial, version=version
        ),
        "name": type_.name,
        "type_name": type_.name,
        "number": "JY12200000000017",
        "issuer": BUREAU,
        "issued_on": date(2026, 6, 1),
        "holders": (PERSON if name == "person_certificate" else COMPANY,),
        "valid_from": date(2026, 6, 1),
        "valid_until": date(2031, 5, 31),
        "fields": FIELDS[name],
    }
    return LicenseMetadata(**given | changes)


def sealer(office: Office | None = None) -> LocalSealer:
    who = office or world().office
    return LocalSealer(who.seal, who.signer, who.certificate)


def policy(**changes: Any) -> LicensePolicy:
    """What a verifier without a register demands, an hour after sealing."""
    at: datetime = changes.pop("at", LATER)
    return replace(LicensePolicy.offline(world().policy(at=at)), **changes)


@dataclass(frozen=True)
class Made:
    """One licence: its type, its metadata, its file before and after sealing."""

    type_: LicenseType
    metadata: LicenseMetadata
    unsealed: bytes
    file: bytes

    def record(self, **changes: Any) -> LicenseRecord:
        from egov_sdk.crypto import sm3

        given: dict[str, Any] = {
            "metadata": self.metadata,
            "state": LicenseState.VALID,
            "updated_at": NOW,
            "file_digest": sm3(self.file).hex(),
            "latest_version": self.metadata.version,
        }
        return LicenseRecord(**given | changes)


@lru_cache
def made(name: SampleName = "business_permit", naming: Naming = Naming.PINYIN) -> Made:
    """The licence of a sample type, sealed by the office."""
    return make(name, metadata_of(name), naming=naming)


def make(
    name: SampleName, metadata: LicenseMetadata, *, naming: Naming = Naming.PINYIN, office: Office | None = None
) -> Made:
    type_ = type_of(name)
    pictures = {"照片": photo()} if name == "person_certificate" else {}
    unsealed = make_license_file(type_, metadata, pictures=pictures, naming=naming)
    assert type_.template is not None
    file = seal_license_file(unsealed, template=type_.template, sealers={"issuer": sealer(office)}, signed_at=NOW)
    return Made(type_, metadata, unsealed, file)


class Register:
    """A register of one record, or of none."""

    def __init__(self, *records: LicenseRecord) -> None:
        self.records = {record.identifier: record for record in records}

    def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
        return self.records.get(identifier)
