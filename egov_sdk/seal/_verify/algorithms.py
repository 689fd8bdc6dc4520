"""Which algorithms a seal or a signature may name, and the deviations met in real files."""

from __future__ import annotations

from typing import Final

from egov_sdk.crypto import oids

__all__ = ["SM2_NAMES", "SM3_NAMES", "SM3_WITH_Z", "USUAL_SM2_NAMES", "WEAK_DIGESTS", "is_unsupported"]

#: SM2 with SM3, and SM2 signing, which GB/T 35275 writes.
USUAL_SM2_NAMES: Final = frozenset({oids.SM2_SM3_SIGNATURE, oids.SM2_SIGNING})
#: Some makers name the message type where the signature algorithm belongs.
SM2_NAMES: Final = USUAL_SM2_NAMES | {oids.GM_SIGNED_DATA}
SM3_NAMES: Final = frozenset({oids.SM3, "sm3"})
#: The OID of keyed SM3, met where SM3(Z || file) was meant.
SM3_WITH_Z: Final = oids.HMAC_SM3
#: Absent means MD5 by the schema of GB/T 33190.
WEAK_DIGESTS: Final = frozenset({"", "md5", "sha1", "sha-1", "1.2.840.113549.2.5", "1.3.14.3.2.26"})


def is_unsupported(algorithm: str) -> bool:
    """RSA: allowed by GM/T 0031-2014 and not verified here, so never a yes and never a no."""
    return algorithm.startswith("1.2.840.113549.1.1.") or algorithm == oids.RSA_SM3_SIGNATURE
