"""Make an electronic seal (制章): put picture, holders and dates together, and let the maker sign them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from egov_sdk.crypto import DEFAULT_SIGNER_ID, Signer, sm3
from egov_sdk.crypto.signer import sign_message
from egov_sdk.errors import InputError, VerificationError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS
from egov_sdk.pki import Certificate
from egov_sdk.report import Outcome
from egov_sdk.seal._gbt38540 import encode_seal, encode_seal_info, parse_seal
from egov_sdk.seal._verify.stamps import read_seal_stamp
from egov_sdk.seal.model import CertificateDigest, ElectronicSeal, SealPicture, SealVersion
from egov_sdk.seal.picture import inspect_picture
from egov_sdk.times import aware

__all__ = ["VENDOR", "TimeStamper", "is_of_key", "make_seal"]

#: What stands in the header of our seals as the maker of the software (Vid).
VENDOR = "egov_sdk"

#: Given the bytes to stamp, returns a time-stamp token in DER.
TimeStamper = Callable[[bytes], bytes]


def make_seal(
    *,
    name: str,
    seal_id: str,
    picture: SealPicture,
    holders: Sequence[Certificate],
    maker: Signer,
    maker_certificate: Certificate,
    created_at: datetime,
    valid_from: datetime,
    valid_to: datetime,
    version: SealVersion = SealVersion.V4,
    kind: int = 1,
    holders_by_digest: bool = False,
    time_stamper: TimeStamper | None = None,
) -> ElectronicSeal:
    """Make and sign a seal.

    Args:
        name: As filed with the authority (印章名称).
        seal_id: The seal's number (esID), ASCII; taken as it is.
        picture: Checked for size, format and harmlessness before it goes in.
        holders: Certificates that may sign with this seal, at least one.
        maker, maker_certificate: The seal maker (制章者) and its certificate, valid at ``created_at``.
        created_at, valid_from, valid_to: Aware; whole seconds are kept.
        version: V4 or V5; a time stamp needs V5.
        kind: What kind of seal (type), a number of the maker's choice from 0 on.
        holders_by_digest: List SM3 digests of the holders in place of their certificates.
    Raises:
        ValueError: contradictory arguments, or a version that is only read (v1).
        ParseError, LimitExceeded: the picture is refused.
        VerificationError: the maker's certificate is another's or not valid at ``created_at``, or the finished
            seal or its time stamp did not verify.
    Source:
        GB/T 38540-2020; for v5 public descriptions of GM/T 0031-2025.
    """
    _check_arguments(version, kind, holders, (created_at, valid_from, valid_to), time_stamper)
    created_at, valid_from, valid_to = (moment.replace(microsecond=0) for moment in (created_at, valid_from, valid_to))
    inspect_picture(picture.data, declared=picture.format, width_mm=picture.width_mm, height_mm=picture.height_mm)
    _check_maker(maker, maker_certificate, created_at)
    digests = [CertificateDigest("SM3", sm3(holder.raw)) for holder in holders]
    info = encode_seal_info(
        version=version,
        vendor=VENDOR,
        seal_id=seal_id,
        kind=kind,
        name=name,
        holders=digests if holders_by_digest else [holder.raw for holder in holders],
        created_at=created_at,
        valid_from=valid_from,
        valid_to=valid_to,
        picture=picture,
    )
    signature = sign_message(maker, info, signer_id=DEFAULT_SIGNER_ID)
    token = time_stamper(signature) if time_stamper else None
    raw = encode_seal(info, maker_certificate=maker_certificate.raw, signature=signature, time_stamp=token)
    seal = parse_seal(raw, limits=DEFAULT_ASN1_LIMITS)
    # a token or device may have signed something else than it was asked to
    maker.public_key().verify(seal.maker_signature, seal.signed_bytes)
    _check_stamp(seal)
    return seal


def is_of_key(certificate: Certificate, signer: Signer) -> bool:
    """Whether a certificate is the signer's; one of another kind than SM2 is nobody's here."""
    try:
        return certificate.public_key == signer.public_key()
    except InputError:
        return False


def _check_arguments(
    version: SealVersion,
    kind: int,
    holders: Sequence[Certificate],
    times: tuple[datetime, datetime, datetime],
    time_stamper: TimeStamper | None,
) -> None:
    if version is SealVersion.V1:
        raise ValueError("seals of GM/T 0031-2014 (v1) are read, not made: choose V4 or V5")
    if time_stamper is not None and version is not SealVersion.V5:
        raise ValueError("only a v5 seal has room for a time stamp")
    if not 0 <= kind <= 1 << 31:
        raise ValueError(f"kind must be from 0 to 2147483648, got {kind}")
    if not holders:
        raise ValueError("a seal needs at least one holder certificate")
    for moment, name in zip(times, ("created_at", "valid_from", "valid_to"), strict=True):
        aware(moment, name)
    if not times[1].replace(microsecond=0) < times[2].replace(microsecond=0):
        raise ValueError("valid_from must be before valid_to, by a second at least")


def _check_maker(maker: Signer, certificate: Certificate, created_at: datetime) -> None:
    if not is_of_key(certificate, maker):
        raise VerificationError(
            f"the certificate of {certificate.subject.text} does not belong to the maker's key",
            code="egov.seal.make.wrong_certificate",
        )
    if not certificate.not_before <= created_at <= certificate.not_after:
        raise VerificationError(
            f"the maker's certificate is valid {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}, "
            f"the seal is made at {created_at:%Y-%m-%d}",
            code="egov.seal.make.certificate_not_valid",
        )


def _check_stamp(seal: ElectronicSeal) -> None:
    """What a time-stamp service answered may be about something else."""
    try:
        stamp = read_seal_stamp(seal)
        problem = stamp.detail.en if stamp is not None and stamp.outcome is not Outcome.PASSED else ""
    except InputError as error:
        problem = error.message
    if problem:
        raise VerificationError(
            f"the time stamp of the seal does not hold: {problem}", code="egov.seal.make.time_stamp"
        )
