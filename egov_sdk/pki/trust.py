"""Trust anchors: always given, never taken from the system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from egov_sdk.caches import BoundedCache
from egov_sdk.pki._signature import Verdict
from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.load import load_certificates

if TYPE_CHECKING:
    from egov_sdk.pki._search import PathSearch
    from egov_sdk.pki._standin import Standin
    from egov_sdk.pki.crl import RevocationList
    from egov_sdk.pki.ocsp import OcspResponse

__all__ = ["TrustStore"]

_PATHS_BYTES: Final = 16 << 20
_SIGNATURES_BYTES: Final = 16 << 20
_STANDINS_BYTES: Final = 32 << 20
_REVOCATION_BYTES: Final = 64 << 20


class TrustStore:
    """The certificates that are trusted as they are (信任锚): roots, or CAs at any level.

    An anchor that is no CA is trusted for itself alone. An empty store is allowed; every chain is
    then undecided. A store remembers which signatures and chains were found good: these follow from
    the certificates alone, so no answer depends on what was asked before. It may be shared between
    threads and sent to other processes.
    """

    __slots__ = ("_anchors", "_lists", "_paths", "_responses", "_signatures", "_standins")

    def __init__(self, anchors: Iterable[Certificate] = ()) -> None:
        self._anchors = tuple(dict.fromkeys(anchors))
        if any(not isinstance(anchor, Certificate) for anchor in self._anchors):
            raise TypeError("anchors must be Certificates; read files with load_certificates")
        self._paths: BoundedCache[tuple[Certificate, tuple[Certificate, ...]], PathSearch] = BoundedCache(_PATHS_BYTES)
        self._standins: BoundedCache[Certificate, Standin | str] = BoundedCache(_STANDINS_BYTES)
        self._signatures: BoundedCache[tuple[bytes, bytes], Verdict] = BoundedCache(_SIGNATURES_BYTES)
        self._lists: BoundedCache[bytes, RevocationList] = BoundedCache(_REVOCATION_BYTES)
        self._responses: BoundedCache[bytes, OcspResponse] = BoundedCache(_REVOCATION_BYTES)

    @classmethod
    def from_pem(cls, data: bytes) -> TrustStore:
        """The store of all certificates in a PEM bundle; DER and P7B are read too.

        Raises:
            ParseError: there is no certificate, or one is malformed.
        """
        return cls(load_certificates(data))

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        """The anchors, each once, in the order given."""
        return self._anchors

    def __len__(self) -> int:
        return len(self._anchors)

    def __iter__(self) -> Iterator[Certificate]:
        return iter(self._anchors)

    def __contains__(self, certificate: object) -> bool:
        return certificate in self._anchors

    def __repr__(self) -> str:
        return f"<TrustStore of {len(self._anchors)}>"

    def __reduce__(self) -> tuple[Callable[[tuple[Certificate, ...]], TrustStore], tuple[tuple[Certificate, ...]]]:
        return TrustStore, (self._anchors,)
