"""What the path validator gets to see of a certificate.

asn1crypto, which it reads with, stumbles over some real certificates: names with an octet or a type
that it does not expect, or a malformed extension that is about nothing. For those a stand-in is
written: the same serial number, dates, key, rights and constraints, with the name that cannot be
read replaced by one made from its octets, and the extension left out. Signatures are never checked
over a stand-in, and a certificate that cannot be read even so is left to its caller as unreadable.
"""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import x509  # type: ignore[import-untyped]  # it has no types

from egov_sdk.crypto.der import bit_string, boolean, context, integer, octet_string, oid, sequence
from egov_sdk.crypto.hashes import sm3
from egov_sdk.pki._attributes import x509_time
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.name import Name

#: What asn1crypto and the validator throw at octets they did not expect; they promise no one class.
LIBRARY_ERRORS = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    AssertionError,
)

#: Extensions that decide whether a path is good: without them, a stand-in would claim more than was signed.
_DECISIVE = frozenset(
    (
        "2.5.29.15",  # keyUsage
        "2.5.29.19",  # basicConstraints
        "2.5.29.30",  # nameConstraints
        "2.5.29.32",  # certificatePolicies
        "2.5.29.33",  # policyMappings
        "2.5.29.36",  # policyConstraints
        "2.5.29.37",  # extKeyUsage
        "2.5.29.54",  # inhibitAnyPolicy
    )
)


#: Names too: limits on names hold for them.
_ALTERNATIVE_NAMES = "2.5.29.17"

#: The library's names for the extensions that it reads, wherever they stand and whether it needs them or not.
_READ_BY_LIBRARY = tuple(name for name in dir(x509.Certificate) if name.endswith("_value") and name[0] != "_")


@dataclass(frozen=True, slots=True, eq=False)
class Standin:
    """A certificate beside the object that the path validator works on.

    ``constrains`` says that it limits names; ``renamed`` that names of it were replaced, so that
    limits on names cannot be checked against it; names left out count as replaced.
    """

    certificate: Certificate
    seen: x509.Certificate
    renamed: bool

    @property
    def constrains(self) -> bool:
        return self.seen.name_constraints_value is not None


def stand_in(certificate: Certificate) -> Standin | str:
    """What the validator gets, or why it cannot get anything."""
    seen = x509.Certificate.load(certificate.raw)
    try:
        _touch(seen)
    except LIBRARY_ERRORS as error:
        return _replacement(certificate, _first_line(error))
    return Standin(certificate, seen, renamed=False)


def _replacement(certificate: Certificate, reason: str) -> Standin | str:
    extensions = []
    for extension in certificate.extensions:
        encoded = sequence(
            oid(extension.oid), boolean(True) if extension.critical else b"", octet_string(extension.value)
        )
        if _reads(encoded):
            extensions.append(encoded)
        elif extension.critical or extension.oid in _DECISIVE:
            return f"extension {extension.oid}: {reason}"
    issuer, subject = _readable_name(certificate.issuer), _readable_name(certificate.subject)
    algorithm = sequence(oid(certificate.signature_algorithm))
    tbs = sequence(
        context(0, integer(2)),
        integer(certificate.serial_number),
        algorithm,
        issuer.raw,
        sequence(x509_time(certificate.not_before), x509_time(certificate.not_after)),
        subject.raw,
        certificate.public_key_info,
        context(3, sequence(*extensions)) if extensions else b"",
    )
    try:
        seen = x509.Certificate.load(sequence(tbs, algorithm, bit_string(certificate.signature)))
        _touch(seen)
    except LIBRARY_ERRORS as error:
        return _first_line(error)
    left_out = certificate.extension(_ALTERNATIVE_NAMES) is not None and seen.subject_alt_name_value is None
    renamed = left_out or (issuer.raw, subject.raw) != (certificate.issuer.raw, certificate.subject.raw)
    return Standin(certificate, seen, renamed=renamed)


def _touch(seen: x509.Certificate) -> None:
    """Read, once and here, everything that the path validator reads later."""
    for name in (seen.subject, seen.issuer):
        _ = name.hashable, name.human_friendly
    _ = seen.issuer_serial, seen.public_key.dump(), seen.public_key.algorithm
    _ = seen["tbs_certificate"].dump(), seen["signature_value"].native
    _ = seen["signature_algorithm"]["algorithm"].native
    validity = seen["tbs_certificate"]["validity"]
    _ = validity["not_before"].native, validity["not_after"].native
    _ = seen.critical_extensions, seen.self_issued, seen.ca, seen.max_path_length
    for kind in _READ_BY_LIBRARY:
        value = getattr(seen, kind)
        _ = value.native if value is not None else None


def _reads(encoded: bytes) -> bool:
    """Whether the library can read an extension, or does not try to."""
    try:
        extension = x509.Extension.load(encoded)
        if f"{extension['extn_id'].native}_value" in _READ_BY_LIBRARY:
            _ = extension["extn_value"].parsed.native
    except LIBRARY_ERRORS:
        return False
    return True


def _readable_name(name: Name) -> Name:
    try:
        seen = x509.Name.load(name.raw)
        _ = seen.hashable, seen.human_friendly
    except LIBRARY_ERRORS:
        return Name.build([("CN", f"octets {sm3(name.raw).hex()}")])
    return name


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
