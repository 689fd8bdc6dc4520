"""What a sealed document shows: where its seals lie, with their pictures, and the certificates behind each.

Nothing is verified here; ``verify`` does that, and names signatures alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, DEFAULT_OFD_LIMITS, Asn1Limits
from egov_sdk.ofd import OfdDocument, OfdPackage, open_ofd
from egov_sdk.ofd.render import DEFAULT_RENDER_LIMITS, Picture, RenderLimits, StampPicture, render_page
from egov_sdk.ofd.signfiles import SignatureFile, parse_signature_file, parse_signature_list
from egov_sdk.pki import Certificate
from egov_sdk.pki.cms import parse_signed_data
from egov_sdk.seal._gbt38540 import parse_value
from egov_sdk.seal._verify.facts import subject_of
from egov_sdk.seal.model import SealPicture, SealValue
from egov_sdk.seal.picture import inspect_picture

__all__ = ["ShownSignature", "picture_for_page", "shown_signatures"]

_SVG_BYTES_MAX = 512 << 10
_SVG_ELEMENTS_MAX = 3_000
_SVG_LAYERS = (b"opacity", b"clip-path", b"mask", b"url(")
_SVG_LAYERS_MAX = 200


@dataclass(frozen=True, slots=True)
class ShownSignature:
    """One signature as a reader sees it.

    ``subject`` is what a report calls it. ``stamps`` are its seals on the pages of the document with that index;
    ``value`` is the seal value, None for a signature without one; ``certificates`` the signer's first, then those that
    came along. ``problems`` are the codes of what could not be read.
    """

    subject: str
    document: int
    stamps: tuple[StampPicture, ...] = ()
    value: SealValue | None = field(default=None, repr=False)
    certificates: tuple[Certificate, ...] = ()
    problems: tuple[str, ...] = ()


def shown_signatures(
    package: OfdPackage,
    *,
    asn1_limits: Asn1Limits = DEFAULT_ASN1_LIMITS,
    render_limits: RenderLimits = DEFAULT_RENDER_LIMITS,
) -> tuple[ShownSignature, ...]:
    """Every signature of a package with its seals on the pages, in the order of the lists; broken ones too.

    Hand the ``stamps`` of those of one document to ``render_page``. The picture is the one inside the signed value.
    """
    return tuple(
        signature
        for document in package.documents
        for signature in _of_document(package, document, asn1_limits, render_limits)
    )


def _of_document(
    package: OfdPackage, document: OfdDocument, limits: Asn1Limits, render_limits: RenderLimits
) -> Iterator[ShownSignature]:
    if document.signatures_name is None:
        return
    try:
        entries = parse_signature_list(package, document).entries
    except InputError:
        return
    for entry in entries:
        yield _signature(document, entry.base_name, subject_of(document, entry.id), limits, render_limits)


def _signature(
    document: OfdDocument, base_name: str, subject: str, limits: Asn1Limits, render_limits: RenderLimits
) -> ShownSignature:
    package, problems = document.package, list[str]()
    try:
        file = parse_signature_file(package, base_name)
    except InputError as error:
        return ShownSignature(subject, document.index, problems=(error.code,))
    value: SealValue | None = None
    certificates: tuple[Certificate, ...] = ()
    try:
        raw = package.read(file.value_name)
        if file.stamps or file.seal_name is not None:
            value = parse_value(raw, where=file.value_name, limits=limits)
            certificates = (Certificate.parse(value.signer_certificate),)
        else:
            certificates = tuple(parse_signed_data(raw, limits=limits).certificates)
    except InputError as error:
        problems.append(error.code)
    picture: Picture | None = None
    try:
        picture = None if value is None else picture_for_page(value.seal.picture, limits=render_limits)
    except InputError as error:
        problems.append(error.code)
    stamps = tuple(_stamps(document, file, picture, subject))
    return ShownSignature(subject, document.index, stamps, value, certificates, tuple(problems))


def _stamps(
    document: OfdDocument, file: SignatureFile, picture: Picture | None, subject: str
) -> Iterator[StampPicture]:
    for stamp in file.stamps:
        page = document.page_by_id(stamp.page_ref)
        if page is not None:
            yield StampPicture(page.index, stamp.boundary, picture, clip=stamp.clip, name=subject)


def picture_for_page(picture: SealPicture, *, limits: RenderLimits = DEFAULT_RENDER_LIMITS) -> Picture:
    """The picture of a seal in a form that a page can take in: a raster picture, a drawn OFD page, or SVG text.

    Raises:
        InputError: it is damaged, does harm, or asks for too much.
    """
    found = inspect_picture(
        picture.data, declared=picture.format, width_mm=picture.width_mm, height_mm=picture.height_mm
    )
    if found.format == "OFD":
        document = open_ofd(picture.data, limits=DEFAULT_OFD_LIMITS).documents[0]
        if not document.pages:
            raise ParseError("an OFD picture without a page", where="picture", code="egov.seal.picture.malformed")
        return render_page(document, ground=None, limits=limits)
    if found.format == "SVG":
        _check_effort(picture.data)
        return picture.data.decode("utf-8-sig")
    return picture.data


def _check_effort(svg: bytes) -> None:
    """SVG that is harmless to read may still take hours to draw."""
    layers = sum(svg.count(word) for word in _SVG_LAYERS)
    for limit, allowed, spent in (
        ("svg_bytes", _SVG_BYTES_MAX, len(svg)),
        ("svg_elements", _SVG_ELEMENTS_MAX, svg.count(b"<")),
        ("svg_layers", _SVG_LAYERS_MAX, layers),
    ):
        if spent > allowed:
            raise LimitExceeded(limit, allowed=allowed, found=spent, where="picture")
