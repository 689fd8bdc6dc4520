"""Certificate revocation lists (证书撤销列表): read; who may believe them is decided in ``revocation``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cryptography.hazmat import asn1

from egov_sdk.crypto.der import Tlv, decode_integer, decode_time, read_one
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS, Asn1Limits
from egov_sdk.pki import _x509 as x509
from egov_sdk.pki._reader import algorithm_of, reason_of
from egov_sdk.pki._revocation_shapes import EntryShape, ListShape, ListTbsShape, ScopeShape
from egov_sdk.pki.name import Name

__all__ = ["CAUSES", "ListScope", "RevocationList", "RevokedEntry"]

#: The reasons for a revocation, by their number in RFC 5280, 5.3.1.
CAUSES: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "unspecified",
        1: "keyCompromise",
        2: "cACompromise",
        3: "affiliationChanged",
        4: "superseded",
        5: "cessationOfOperation",
        6: "certificateHold",
        8: "removeFromCRL",
        9: "privilegeWithdrawn",
        10: "aACompromise",
    }
)

_CODE: Final = "egov.pki.list_malformed"
_NUMBER: Final = "2.5.29.20"
_REASON: Final = "2.5.29.21"
_INVALIDITY: Final = "2.5.29.24"
_DELTA: Final = "2.5.29.27"
_SCOPE: Final = "2.5.29.28"
_KNOWN: Final = frozenset((_NUMBER, _SCOPE, "2.5.29.35", "2.5.29.46", "2.5.29.60"))
_KNOWN_IN_ENTRY: Final = frozenset((_REASON, _INVALIDITY))
_EXPIRED_STAY: Final = "2.5.29.60"


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """One revoked certificate: when, why, since when its key is in doubt, and whether all of it was understood."""

    serial_number: int
    revoked_at: datetime
    cause: str
    invalid_since: datetime | None
    understood: bool

    @property
    def effective_at(self) -> datetime:
        """The earlier of the revocation and the moment since when the key is in doubt."""
        return min(self.revoked_at, self.invalid_since or self.revoked_at)


@dataclass(frozen=True, slots=True)
class ListScope:
    """Which certificates a list speaks about; ``points`` are whole GeneralName TLVs, None without limit."""

    points: frozenset[bytes] | None = None
    only_user: bool = False
    only_ca: bool = False
    only_attribute: bool = False
    some_reasons: bool = False
    indirect: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class RevocationList:
    """One revocation list as written; nothing about it is verified.

    ``understood`` is False when it has critical extensions that are not known here, or tells only
    what changed (a delta list). ``keeps_expired`` says that expired certificates stay on it.
    """

    raw: bytes
    tbs: bytes
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    number: int | None
    scope: ListScope
    understood: bool
    keeps_expired: bool
    signature_algorithm: str
    signature: bytes
    _entries: Mapping[int, EntryShape] = field(repr=False)

    @classmethod
    def parse(cls, der: bytes, *, limits: Asn1Limits = DEFAULT_ASN1_LIMITS) -> RevocationList:
        """Read a list in DER.

        Raises:
            ParseError: the octets are no revocation list.
            LimitExceeded: larger than ``limits.total_bytes``.
        Source:
            RFC 5280, 5.1.
        """
        if len(der) > limits.total_bytes:
            raise LimitExceeded("total_bytes", allowed=limits.total_bytes, found=len(der), where="revocation list")
        try:
            return cls._read(bytes(der))
        except ValueError as error:
            raise ParseError(f"not as DER should be: {reason_of(error)}", where="revocation list", code=_CODE) from None

    @classmethod
    def _read(cls, der: bytes) -> RevocationList:
        shape = asn1.decode_der(ListShape, der)
        tbs_raw = x509.raw_of(shape.tbs)
        tbs = asn1.decode_der(ListTbsShape, tbs_raw)
        algorithm, inner = x509.raw_of(shape.algorithm), x509.raw_of(tbs.algorithm)
        if algorithm_of(algorithm)[0] != algorithm_of(inner)[0]:
            raise ValueError("the two signature algorithms differ")
        values = {extension.oid.dotted_string: extension.value for extension in tbs.extensions or ()}
        if len(values) != len(tbs.extensions or ()):
            raise ValueError("an extension comes twice")
        critical = {extension.oid.dotted_string for extension in tbs.extensions or () if extension.critical}
        issuer = Name(x509.raw_of(tbs.issuer))
        _ = issuer.rdns
        return cls(
            raw=der,
            tbs=tbs_raw,
            issuer=issuer,
            this_update=tbs.this_update.as_datetime(),
            next_update=tbs.next_update.as_datetime() if tbs.next_update else None,
            number=decode_integer(read_one(values[_NUMBER])) if _NUMBER in values else None,
            scope=_scope(values[_SCOPE]) if _SCOPE in values else ListScope(),
            understood=critical <= _KNOWN and _DELTA not in values,
            keeps_expired=_EXPIRED_STAY in values,
            signature_algorithm=algorithm_of(algorithm)[0],
            signature=shape.signature.as_bytes(),
            _entries=_by_number(tbs.revoked or ()),
        )

    def find(self, serial_number: int) -> RevokedEntry | None:
        """The entry of a certificate, or None when it is not on the list."""
        entry = self._entries.get(serial_number)
        return _entry(entry) if entry is not None else None

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<RevocationList of {self.issuer.text!r}, {self.this_update:%Y-%m-%d}, {len(self)} entries>"


def _scope(value: bytes) -> ListScope:
    shape = asn1.decode_der(ScopeShape, value)
    points = None
    if shape.point is not None:
        # a relative name is not resolved, so the list is taken to speak about nobody
        points = frozenset(x509.raw_of(name) for name in shape.point.full or ())
    return ListScope(
        points=points,
        only_user=bool(shape.only_user),
        only_ca=bool(shape.only_ca),
        only_attribute=bool(shape.only_attribute),
        some_reasons=shape.some_reasons is not None,
        indirect=bool(shape.indirect),
    )


def _by_number(entries: Sequence[EntryShape]) -> Mapping[int, EntryShape]:
    """The entries by serial number; of two for one certificate that which counts from an earlier moment."""
    found = {entry.serial: entry for entry in entries}
    if len(found) != len(entries):
        for entry in entries:
            found[entry.serial] = min(found[entry.serial], entry, key=_weight)
    return found


def _weight(shape: EntryShape) -> tuple[bool, datetime]:
    entry = _entry(shape)
    return not entry.understood, entry.effective_at


def _entry(shape: EntryShape) -> RevokedEntry:
    values = {extension.oid.dotted_string: extension.value for extension in shape.extensions or ()}
    critical = {extension.oid.dotted_string for extension in shape.extensions or () if extension.critical}
    understood = critical <= _KNOWN_IN_ENTRY
    try:
        cause, invalid_since = cause_of(values.get(_REASON)), _moment(values.get(_INVALIDITY))
    except ParseError:
        cause, invalid_since, understood = "unspecified", None, False
    return RevokedEntry(shape.serial, shape.revoked_at.as_datetime(), cause, invalid_since, understood)


def cause_of(value: bytes | None) -> str:
    """The word for an encoded CRLReason; an unknown number is taken as no reason at all."""
    if value is None:
        return "unspecified"
    tlv = read_one(value)
    if tlv.tag != 0x0A:
        raise ParseError("a reason is an ENUMERATED", where="revocation reason", code=_CODE)
    return CAUSES.get(decode_integer(Tlv(0x02, tlv.header_len, tlv.raw, tlv.content, tlv.offset)), "unspecified")


def _moment(value: bytes | None) -> datetime | None:
    return decode_time(read_one(value)) if value is not None else None
