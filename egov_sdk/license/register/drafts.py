"""From a draft to metadata: what a type asks for, and what a change makes of a licence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.findings import Finding
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseMetadata, check_metadata
from egov_sdk.license.model import LicenseChange, LicenseDraft
from egov_sdk.license.problems import LicenseRejected, refuse

__all__ = ["changed_metadata", "check_draft", "metadata_of", "refused_draft"]

#: Of the findings after the first.
_MOST_TOLD: Final = 5


def metadata_of(
    draft: LicenseDraft, license_type: LicenseType, *, identifier: LicenseIdentifier, issuer: Authority
) -> LicenseMetadata:
    """The metadata of a licence that is to be issued."""
    return LicenseMetadata(
        identifier=identifier,
        name=license_type.face_name,
        type_name=license_type.name,
        number=draft.number,
        issuer=issuer,
        issued_on=draft.issued_on,
        holders=draft.holders,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        area_code=draft.area_code,
        item_name=draft.item_name,
        item_code=draft.item_code,
        fields=dict(draft.fields),
    )


def changed_metadata(before: LicenseMetadata, change: LicenseChange) -> LicenseMetadata:
    """The metadata of the version that a change leads to.

    Raises:
        LicenseRejected: version_exhausted; change_empty: there is nothing to change.
    """
    values: dict[str, object] = {
        name: value
        for name in ("holders", "issued_on", "valid_from", "valid_until", "area_code")
        if (value := getattr(change, name)) is not None
    }
    if change.without_end:
        values["valid_until"] = None
    if change.fields:
        values["fields"] = dict(before.fields) | dict(change.fields)
    same = all(getattr(before, name) == value for name, value in values.items())
    if same and not change.pictures:
        raise refuse("change_empty")
    return before.model_copy(update=values | {"identifier": before.identifier.next_version()})


def check_draft(metadata: LicenseMetadata, license_type: LicenseType, *, pictures: Mapping[str, bytes]) -> None:
    """Return if a type allows a licence with this metadata and these pictures.

    Raises:
        LicenseRejected: draft_element, with every item that breaks a rule.
    """
    holders = (license_type.check_holder_type(one.type_code) for one in metadata.holders)
    found = (
        *check_metadata(metadata),
        *license_type.check_fields(metadata.fields, pictures=frozenset(name for name in pictures if pictures[name])),
        *(one for one in holders if one is not None),
    )
    if found:
        raise refused_draft(*dict.fromkeys(found))


def refused_draft(found: Finding, *others: Finding) -> LicenseRejected:
    """The refusal for what was found: the code of the first is in the detail as ``rule``, words tell of the rest."""
    told = [one.text for one in others[:_MOST_TOLD]]
    reason = "; ".join([found.message.en, *(one.en for one in told)])
    error = refuse("draft_element", element=found.element, reason=reason, rule=found.code)
    error.detail["message_zh"] = "；".join([found.text.zh, *(one.zh for one in told)])
    return error
