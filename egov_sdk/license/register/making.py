"""Making and sealing the file of one version: the slow part, done outside of every transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from egov_sdk.crypto import sm3
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.file import compose_license_file, seal_license_file
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.problems import refuse
from egov_sdk.license.sealing import Sealer

__all__ = ["Made", "make", "sealers_for"]


@dataclass(frozen=True, slots=True)
class Made:
    """A sealed file, and its SM3 in hexadecimal."""

    file: bytes = field(repr=False)
    digest: str


def sealers_for(license_type: LicenseType, sealers: Mapping[str, Sealer]) -> Mapping[str, Sealer]:
    """Those who seal licences of a type.

    Raises:
        LicenseRejected: face_no_template; sealer_missing: a role of its template has nobody.
    """
    if license_type.template is None:
        raise refuse("face_no_template", found=license_type.code)
    for role in license_type.template.roles:
        if role not in sealers:
            raise refuse("sealer_missing", role=role)
    return {role: sealers[role] for role in license_type.template.roles}


def make(
    license_type: LicenseType,
    metadata: LicenseMetadata,
    *,
    pictures: Mapping[str, bytes],
    sealers: Mapping[str, Sealer],
    signed_at: datetime,
) -> Made:
    """The file of one version, sealed by every role of the template.

    Raises:
        LicenseRejected: face_no_template, sealer_missing; what the face refuses.
    """
    chosen = sealers_for(license_type, sealers)
    package = compose_license_file(license_type, metadata, pictures=pictures).package
    if chosen and license_type.template is not None:
        file = seal_license_file(package, template=license_type.template, sealers=chosen, signed_at=signed_at)
        package.forget()
    else:
        file = package.archive
    return Made(file, sm3(file).hex())
