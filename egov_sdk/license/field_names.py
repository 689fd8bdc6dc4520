"""What single platforms call the items of a licence, and the types of its holders: their words, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.license.elements import ELEMENTS, Naming

__all__ = [
    "FIELD_NAMES",
    "HOLDER_TYPE_CODES",
    "UNVERIFIED_HOLDER_TYPES",
    "holder_type_from",
    "holder_type_to",
    "renamed",
]

#: Platform, then item, then what the platform calls it; the first name is written, each is read. An item that a
#: platform does not have, or uses for something else, is not in its list.
FIELD_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "national": MappingProxyType(
            {
                "identifier": ("certificateID", "CertificateID"),
                "name": ("certificateName",),
                "type_name": ("certificateType",),
                "type_code": ("certificateTypeCode",),
                "number": ("certificateNumber",),
                "holder_name": ("certificateHolder",),
                "holder_code": ("certificateHolderCode",),
                "holder_type_code": ("certificateHolderType",),
                "issuer_name": ("issueDept",),
                "issuer_code": ("issueDeptCode",),
                "issued_on": ("issueDate",),
                "valid_from": ("certificateValidateStart",),
                "valid_until": ("certificateValidateEnd",),
            }
        ),
        "cert_share": MappingProxyType(
            {
                "identifier": ("certIdentifier", "cert_identifier", "certificateIdentifier"),
                "type_code": ("certTypeCode",),
                "number": ("certNo",),
                "holder_name": ("holder",),
                "holder_code": ("holderCode",),
                "holder_type_code": ("holderTypeCode",),
                "valid_from": ("zzyxqqsrq",),
                "valid_until": ("zzyxqjzrq",),
            }
        ),
        # license_code is a number of its own there, 18 characters, and license_item_code one of its own catalogue
        "license_app": MappingProxyType(
            {
                "type_name": ("name",),
                "number": ("id_code",),
                "holder_name": ("holder_name",),
                "holder_code": ("holder_identity_num",),
                "holder_type_code": ("holder_identity_type",),
                "issuer_name": ("issue_org_name",),
                "issuer_code": ("issue_org_code",),
                "issued_on": ("issue_date",),
                "valid_from": ("begin_date",),
                "valid_until": ("expiry_date",),
                "area_code": ("division_code",),
            }
        ),
        "epoint": MappingProxyType(
            {
                "identifier": ("certificateidentifier",),
                "type_name": ("certname",),
                "type_code": ("certificatetypecode",),
                "number": ("certno",),
                "holder_name": ("certownername",),
                "holder_code": ("certownerno",),
                "holder_type_code": ("certownercerttype",),
                "issuer_name": ("certawarddept",),
                "issuer_code": ("certawarddeptorgcode",),
                "issued_on": ("awarddate",),
                "valid_from": ("expiredatefrom",),
                "valid_until": ("expiredateto",),
            }
        ),
        "mohurd": MappingProxyType(
            {
                "identifier": ("zzeCertID",),
                "number": ("certNum",),
                "holder_name": ("name", "companyName"),
                "holder_code": ("identityCard", "creditCode"),
                "holder_type_code": ("identityCardType",),
                "issuer_name": ("issuAuth",),
                "issuer_code": ("issuAuthCode",),
                "issued_on": ("issuDate",),
                "valid_from": ("effectiveDate",),
                "valid_until": ("expiringDate",),
            }
        ),
    }
)

#: Platform, then its code for a type of holders, then that of GB/T 36903-2018, annex A. The first is written.
HOLDER_TYPE_CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "license_app": MappingProxyType({"10": "111", "40": "999", "70": "001"}),
        "epoint": MappingProxyType({"22": "111", "16": "001"}),
        "fujian": MappingProxyType(
            {
                "01": "001", "02": "099", "03": "099", "09": "099",
                "51": "111", "52": "114", "53": "118", "54": "414",
                "55": "999", "56": "999", "57": "999", "58": "516", "59": "511", "99": "999",
            }
        ),
    }
)  # fmt: skip

#: Those of which no source says outright what the codes mean.
UNVERIFIED_HOLDER_TYPES: Final = frozenset({"license_app", "fujian"})


def renamed(pairs: Iterable[tuple[str, str]], *, platform: str) -> tuple[tuple[str, str], ...]:
    """What a platform sent, under the English names of the standard, so that read_metadata_pairs understands it.

    Names that the platform is not known to use stay as they are. Its codes of holder types are translated where their
    list is known.

    Raises:
        KeyError: no such platform in FIELD_NAMES.
    """
    keys = {name: key for key, names in FIELD_NAMES[platform].items() for name in names}
    translated = []
    for name, value in pairs:
        key = keys.get(name)
        if key == "holder_type_code":
            value = "^".join(holder_type_from(one, platform=platform) for one in value.split("^"))
        translated.append((ELEMENTS[key].name_in(Naming.ENGLISH) if key else name, value))
    return tuple(translated)


def holder_type_from(code: str, *, platform: str) -> str:
    """The code of the annex for a platform's code of a holder type; the same where it has no list or no such code."""
    return HOLDER_TYPE_CODES.get(platform, {}).get(code, code)


def holder_type_to(type_code: str, *, platform: str) -> str | None:
    """A platform's code for a holder type of the annex; None where its list has none.

    A platform without a list of its own uses the annex.
    """
    codes = HOLDER_TYPE_CODES.get(platform)
    if codes is None:
        return type_code
    return next((code for code, meaning in codes.items() if meaning == type_code), None)
