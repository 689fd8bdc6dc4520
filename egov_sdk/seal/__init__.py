"""Electronic seals (电子印章) on OFD documents: verify, stamp, and make seals.

Source:
    GB/T 38540-2020, GM/T 0031 of 2014 and 2025, GB/T 33190-2016.
"""

from __future__ import annotations

from egov_sdk.seal._gbt38540 import parse_seal
from egov_sdk.seal.make import make_seal
from egov_sdk.seal.model import ElectronicSeal, SealPicture, SealVersion
from egov_sdk.seal.placement import Placement, Seam
from egov_sdk.seal.policy import Policy
from egov_sdk.seal.stamp import StampRefused, sign, stamp
from egov_sdk.seal.verify import verify, verify_seal

__all__ = [
    "ElectronicSeal",
    "Placement",
    "Policy",
    "SealPicture",
    "SealVersion",
    "Seam",
    "StampRefused",
    "make_seal",
    "parse_seal",
    "sign",
    "stamp",
    "verify",
    "verify_seal",
]
