"""Licence files (证照文件): make one from a type's template, seal it, and read what one says.

Source:
    GB/T 36905-2018, as files and systems in use have it: metadata in DocInfo/CustomDatas of an OFD document, and an
    index of what stands where (数据标引) in the custom tags of the type ``cert``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.elements import Naming
from egov_sdk.license.face.draw import FaceNote, draw_face
from egov_sdk.license.face.parts import license_parts
from egov_sdk.license.face.template import FaceTemplate
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.pairs import metadata_pairs
from egov_sdk.license.problems import refuse
from egov_sdk.license.reading import LicenseFile, read_license_file
from egov_sdk.license.sealing import LocalSealer, Sealer
from egov_sdk.ofd import OfdPackage, open_ofd
from egov_sdk.ofd.builder.assembly import package_of
from egov_sdk.seal import Placement, Seam
from egov_sdk.times import aware

__all__ = [
    "ComposedLicense",
    "LicenseFile",
    "compose_license_file",
    "make_license_file",
    "read_license_file",
    "seal_license_file",
]


@dataclass(frozen=True, slots=True)
class ComposedLicense:
    """A licence file before any seal, how many pages it has, and what its maker should know about its face."""

    package: OfdPackage = field(repr=False)
    pages: int
    notes: tuple[FaceNote, ...] = ()

    @property
    def file(self) -> bytes:
        """The bytes of the file."""
        return self.package.archive


def make_license_file(
    type_: LicenseType,
    metadata: LicenseMetadata,
    *,
    pictures: Mapping[str, bytes] | None = None,
    naming: Naming = Naming.PINYIN,
) -> bytes:
    """The file of one licence before any seal, the same bytes for the same licence; as compose_license_file."""
    return compose_license_file(type_, metadata, pictures=pictures, naming=naming).file


def compose_license_file(
    type_: LicenseType,
    metadata: LicenseMetadata,
    *,
    pictures: Mapping[str, bytes] | None = None,
    naming: Naming = Naming.PINYIN,
) -> ComposedLicense:
    """Make the file of one licence before any seal (制证).

    Args:
        type_: Its type, with a template.
        metadata: What the licence says; printed where the template says so, and written into the head.
        pictures: PNG or JPEG bytes by the names that the template gives them.
        naming: Which names the items have in the file.
    Raises:
        LicenseRejected: face_no_template; and as draw_face when the face cannot be drawn.
    """
    if type_.template is None:
        raise refuse("face_no_template", found=type_.code)
    face = draw_face(type_.template, metadata, pictures=pictures)
    parts = license_parts(face, metadata, pairs=metadata_pairs(metadata, naming=naming), naming=naming)
    return ComposedLicense(package_of(parts, prepared=face.prepared), len(face.pages), face.notes)


def seal_license_file(
    file: bytes | OfdPackage, *, template: FaceTemplate, sealers: Mapping[str, Sealer], signed_at: datetime
) -> bytes:
    """Seal a licence (签章): each role at its places in the template, in the order of the template.

    Args:
        file: A licence file, or one that is open; sealed ones may be sealed again by further roles.
        sealers: Who seals, by role; roles of the template that are not given are left for later.
        signed_at: The time of signing, aware.
    Raises:
        LicenseRejected: face_role: the template has no place for a role.
        StampRefused: a seal or the document does not allow it.
        ValueError: no sealer, or a naive time.
    """
    if not sealers:
        raise ValueError("give the sealer of one role at least")
    aware(signed_at, "signed_at")
    unknown = sealers.keys() - set(template.roles)
    if unknown:
        raise refuse("face_role", found=min(unknown), expected=", ".join(template.roles) or "none")
    pages = _pages(file) if template.seams or any(seal.page < 0 for seal in template.seals) else 1
    for role in template.roles:
        if role in sealers:
            places = template.placements(role, pages=pages)
            if places:
                file = _sealed(file, sealers[role], at=places, signed_at=signed_at)
    return _octets(file)


def _sealed(
    document: bytes | OfdPackage, sealer: Sealer, *, at: Sequence[Placement | Seam], signed_at: datetime
) -> bytes:
    """Only who seals in this process takes a package as it is: others are sent bytes."""
    if isinstance(sealer, LocalSealer):
        return sealer.seal(document, at=at, signed_at=signed_at)
    return sealer.seal(_octets(document), at=at, signed_at=signed_at)


def _octets(document: bytes | OfdPackage) -> bytes:
    return document.archive if isinstance(document, OfdPackage) else document


def _pages(file: bytes | OfdPackage) -> int:
    package = file if isinstance(file, OfdPackage) else open_ofd(file)
    return len(package.documents[0].pages)
