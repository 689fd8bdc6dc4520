"""Signatures between certificates, remembered: the one costly step that never changes its answer."""

from __future__ import annotations

from egov_sdk.caches import BoundedCache
from egov_sdk.pki._signature import Verdict, check_signature
from egov_sdk.pki.certificate import Certificate

Signatures = BoundedCache[tuple[bytes, bytes], Verdict]


class Edges:
    """Answers whether a key signed something, asking the cache first."""

    __slots__ = ("_cache",)

    def __init__(self, cache: Signatures) -> None:
        self._cache = cache

    def of_certificate(self, public_key_info: bytes, certificate: Certificate) -> Verdict:
        return self.of(
            public_key_info,
            certificate.raw,
            algorithm=certificate.signature_algorithm,
            signature=certificate.signature,
            signed=certificate.tbs,
        )

    def of(self, public_key_info: bytes, raw: bytes, *, algorithm: str, signature: bytes, signed: bytes) -> Verdict:
        """The verdict on the signature of the object whose whole octets are ``raw``."""
        key = (public_key_info, raw)
        found = self._cache.get(key)
        if found is not None:
            return found
        verdict = check_signature(public_key_info, algorithm=algorithm, signature=signature, signed=signed)
        return self._cache.put(key, verdict, weight=len(public_key_info) + len(raw))
