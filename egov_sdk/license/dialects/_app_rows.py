"""Licences as a licence-use service shows them, and drafts as it is given them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Final

from egov_sdk.crypto import sm3
from egov_sdk.license.dates import parse_date, parse_end
from egov_sdk.license.dialects._rows import metadata_row, row_values
from egov_sdk.license.elements import ELEMENTS, Naming
from egov_sdk.license.field_names import holder_type_from, holder_type_to
from egov_sdk.license.metadata import Authority, LicenseHolder, LicenseMetadata
from egov_sdk.license.model import LicenseDraft, LicenseRecord
from egov_sdk.license.pairs import metadata_pairs
from egov_sdk.license.problems import refuse
from egov_sdk.license.state_codes import STATE_CODES
from egov_sdk.license.wire.license_app import AppProfile

__all__ = ["app_draft", "app_row", "license_code"]

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NO_DIVISION: Final = "000000"
_BETWEEN: Final = re.compile("[,，^]")


def license_code(metadata: LicenseMetadata) -> str:
    """The service's own code of a licence, the same in all its versions: division, year, eight characters of a digest.

    Source:
        Three real codes; the rule itself is not published.
    """
    one = metadata.identifier
    number = int.from_bytes(sm3(f"{one.type_code}.{one.issuer_code}.{one.serial}".encode())[:8], "big")
    serial = ""
    for _ in range(8):
        number, place = divmod(number, len(_DIGITS))
        serial = _DIGITS[place] + serial
    return f"{(metadata.area_code or _NO_DIVISION)[:6]:0<6}{metadata.issued_on.year:04d}{serial}"


def app_row(record: LicenseRecord, *, profile: AppProfile, item_code: str, auth_code: str) -> dict[str, object]:
    """A licence in a list, with the code that reads it."""
    metadata = record.metadata
    states = STATE_CODES[profile.states]
    status = states.code_of(record.state) or ""
    row: dict[str, object] = {}
    row.update(metadata_row(metadata, platform=profile.fields))
    return row | {
        "license_code": license_code(metadata),
        "license_item_code": item_code,
        "license_status": status,
        "license_status_name": states.read(status).text,
        "data_fields": json.dumps(_data_fields(metadata, profile), ensure_ascii=False),
        "auth_code": auth_code,
    }


def _data_fields(metadata: LicenseMetadata, profile: AppProfile) -> dict[str, str]:
    english = dict(metadata_pairs(metadata, naming=Naming.ENGLISH))
    values = {key: english.get(ELEMENTS[key].name_in(Naming.ENGLISH), "") for key in profile.data_fields}
    kinds = [holder_type_to(one.type_code, platform=profile.fields) or "" for one in metadata.holders]
    values["holder_type_code"] = ",".join(kinds)
    return {profile.data_fields[key]: value for key, value in values.items() if value} | dict(metadata.fields)


def app_draft(data: Mapping[str, object], *, profile: AppProfile, type_code: str, active: bool) -> LicenseDraft:
    """A draft out of the data of a request.

    Raises:
        LicenseRejected: an item is missing, or is no text.
        ParseError: a date cannot be read.
    """
    held = data.get("data_fields")
    if not isinstance(held, dict):
        raise refuse("missing")
    texts, names = row_values(held), profile.data_fields
    get = {key: texts.get(name, "").strip() for key, name in names.items()}
    known = frozenset(names.values())
    issuer = Authority(name=get["issuer_name"], code=get["issuer_code"]) if get["issuer_code"] else None
    if not (get["number"] and get["issued_on"]):
        raise refuse("missing")
    return LicenseDraft(
        type_code=type_code,
        number=get["number"],
        holders=_holders(get["holder_name"], get["holder_code"], get["holder_type_code"], profile),
        issued_on=parse_date(get["issued_on"], where=names["issued_on"]),
        valid_from=parse_date(get["valid_from"], where=names["valid_from"]) if get["valid_from"] else None,
        valid_until=parse_end(get["valid_until"], where=names["valid_until"]),
        area_code=get["area_code"],
        fields={name: value for name, value in texts.items() if name not in known},
        pictures=_pictures(data.get("attachments")),
        issuer=issuer,
        active=active,
    )


def _holders(names: str, codes: str, kinds: str, profile: AppProfile) -> tuple[LicenseHolder, ...]:
    each = [_BETWEEN.split(text) for text in (names, codes, kinds)]
    if not (names and codes and kinds) or len({len(one) for one in each}) != 1:
        raise refuse("holders_uneven", found=len(each[0]), expected=len(each[1]))
    return tuple(
        LicenseHolder(name=name, code=code, type_code=holder_type_from(kind, platform=profile.fields))
        for name, code, kind in zip(*each, strict=True)
    )


def _pictures(attachments: object) -> dict[str, bytes]:
    pictures: dict[str, bytes] = {}
    for one in attachments if isinstance(attachments, list) else ():
        held = row_values(one) if isinstance(one, dict) else {}
        try:
            pictures[held.get("name", "")] = base64.b64decode(held.get("file_data", "*"), validate=True)
        except ValueError:
            raise refuse("missing") from None
    return pictures
